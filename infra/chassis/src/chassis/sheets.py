"""Workbooks and text tables that people send, read row by row: XLSX, and CSV in UTF-8 or GB 18030.

A workbook of one kilobyte can name a cell at the far end of its sheet, or unpack to gigabytes. Its reader then asks
for more memory than there is and ends the process, which no `except` prevents. So each file is read by a process of
its own (`python -m chassis.sheets SECONDS`: the file comes in, a line of JSON for each row goes out) with bounded
memory and time, and with none of our secrets. The reader of those lines holds one row at a time.
"""

import csv
import io
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Final

import orjson

from chassis.refusals import Refusal

ROWS_MAX: Final = 100_000
COLUMNS_MAX: Final = 200
SHEETS_MAX: Final = 50
CELL_CHARACTERS_MAX: Final = 2_000
"""What is longer is cut: no column of ours takes as much, so the cell is refused by its length."""
UNPACKED_MAX_BYTES: Final = 512 * 1024 * 1024
MEMORY_MAX_BYTES: Final = 1024 * 1024 * 1024
READING_MAX_CPU_S: Final = 120
HEAD_ROWS: Final = 30
DELIMITERS: Final = ",\t;|"

TOO_LARGE: Final = 3
"""How the reading process ends when the file is larger than may be read."""

Cell = str | float | int | bool | date | None


class FileUnreadable(Refusal):
    """This file cannot be read: it must be an Excel workbook (.xlsx) or a table as CSV in UTF-8 or GBK."""


class FileTooLarge(Refusal):
    """This file holds more than can be read at once: {rows_max} rows, {columns_max} columns, {sheets_max} sheets."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows with their numbers as a spreadsheet shows them (1 is the first), empty rows left out.

    `merged` are the areas of merged cells as (first row, first column, last row, last column), columns from 0.
    `height` is the number of the last row.
    """

    name: str
    height: int
    merged: list[tuple[int, int, int, int]]
    rows: Iterator[tuple[int, list[Cell]]] = field(repr=False)


def read(
    file: BinaryIO, *, head_only: bool = False, cpu_max_s: int = READING_MAX_CPU_S
) -> Generator[Sheet, None, None]:
    """Yield the sheets of a file on disk; each one's rows are read before the next sheet is asked for.

    With `head_only` a sheet's first HEAD_ROWS rows. Who reads while somebody waits gives fewer seconds.
    Raises FileUnreadable, FileTooLarge.
    """
    command = [sys.executable, "-m", "chassis.sheets", str(cpu_max_s), *(["--head"] if head_only else [])]
    with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as process:
        assert process.stdout is not None
        lines = _Lines(process.stdout)
        try:
            while (said := lines.take()) is not None:
                sheet = Sheet(said["sheet"], said["height"], [tuple(area) for area in said["merged"]], lines.rows())
                yield sheet
                for _ in sheet.rows:
                    pass
            if code := process.wait():
                if code == TOO_LARGE:
                    raise FileTooLarge(rows_max=ROWS_MAX, columns_max=COLUMNS_MAX, sheets_max=SHEETS_MAX)
                raise FileUnreadable()
        finally:
            process.kill()


class _Lines:
    """The lines of the reading process, one looked at ahead: an object begins a sheet, a list is a row."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._lines = iter(stream)
        self._ahead: Any = None

    def take(self) -> Any:
        """Return the next line, or None at the end."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            return ahead
        line = next(self._lines, None)
        if line is None or not line.endswith(b"\n"):
            return None  # the process ended in the middle of a line; its exit says why
        return orjson.loads(line)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows up to the next sheet."""
        while (said := self.take()) is not None:
            if isinstance(said, dict):
                self._ahead = said
                return
            yield said[0], [date.fromisoformat(cell["d"]) if isinstance(cell, dict) else cell for cell in said[1]]


def letter_of(column: int) -> str:
    """Return the letters by which a spreadsheet calls a column, 0 being A."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# ---- the reading process -----------------------------------------------------------------------------------------


class _TooLarge(Exception):
    """More than may be read."""


def main() -> int:
    """Read the file on standard input; anything but 0 says that it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    cpu_max_s = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_max_s, cpu_max_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out, most = sys.stdout.buffer, HEAD_ROWS if "--head" in sys.argv else None
    file = sys.stdin.buffer
    try:
        file.seek(0)
        start = file.read(4)
        file.seek(0)
        sheets = _of_workbook(file) if start == b"PK\x03\x04" else _of_text(file)
        total = 0
        for number, (name, height, merged, rows) in enumerate(sheets):
            total += height
            if number >= SHEETS_MAX or total > ROWS_MAX:
                raise _TooLarge  # noqa: TRY301
            out.write(orjson.dumps({"sheet": name, "height": height, "merged": merged}) + b"\n")
            told = 0
            for row, cells in rows:
                said = [_said(cell) for cell in cells]
                while said and said[-1] is None:
                    said.pop()
                if not said:
                    continue
                if len(said) > COLUMNS_MAX:
                    raise _TooLarge  # noqa: TRY301
                out.write(orjson.dumps([row, said]) + b"\n")
                told += 1
                if told == most:
                    break
        out.flush()
    except _TooLarge:
        return TOO_LARGE
    except BrokenPipeError:
        sys.stdout = None
    return 0


_Read = tuple[str, int, list[tuple[int, int, int, int]], Iterator[tuple[int, list[Any]]]]


def _of_workbook(file: BinaryIO) -> Iterator[_Read]:
    from python_calamine import CalamineWorkbook  # here, for the service itself never reads a workbook

    with zipfile.ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED_MAX_BYTES:
            raise _TooLarge
    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
        except Exception:  # a sheet of charts alone is none of ours  # noqa: S112
            continue
        start, end = sheet.start, sheet.end
        if start is None or end is None:
            continue
        if end[1] >= COLUMNS_MAX + start[1]:
            raise _TooLarge
        merged = [(a + 1, b, c + 1, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
        yield name, end[0] + 1, merged[:ROWS_MAX], _numbered(sheet, start)


def _numbered(sheet: Any, start: tuple[int, int]) -> Iterator[tuple[int, list[Any]]]:
    before = [None] * start[1]
    # The reader begins its rows where the sheet's content begins, or at the top: their number tells which.
    first = start[0] + 1 if sheet.height == sheet.total_height - start[0] else 1
    for row, cells in enumerate(sheet.iter_rows(), first):
        yield row, [*before, *cells] if len(cells) == sheet.width else cells


def _of_text(file: BinaryIO) -> Iterator[_Read]:
    content = file.read()
    if b"\x00" in content[:4096]:
        raise ValueError("not a text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    del content
    delimiter, text = _delimiter_of(text)
    height = text.count("\n") + 1
    if height > 4 * ROWS_MAX:
        raise _TooLarge
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    yield "CSV", min(height, ROWS_MAX), [], _counted(rows)


def _counted(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise _TooLarge
        yield number, cells


def _delimiter_of(text: str) -> tuple[str, str]:
    """Return the delimiter that stands most often, and as often in most of the first lines; and the text after a line
    `sep=;` that Excel writes."""
    first, _, rest = text.partition("\n")
    if declared := re.fullmatch(r"sep=(.)\r?", first, re.IGNORECASE):
        return declared[1], rest
    lines = [line for line in text[: 64 * 1024].splitlines()[:HEAD_ROWS] if line.strip()]

    def weight(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        often = max(set(counts), key=lambda count: (count > 0, counts.count(count), count), default=0)
        return (counts.count(often) * often, often)

    return max(DELIMITERS, key=weight), text


def _said(cell: Any) -> Any:
    """Return a cell as it goes out: a text trimmed, a number, a day as {"d": …}; None for nothing."""
    if isinstance(cell, str):
        return cell.strip().replace("\x00", "")[:CELL_CHARACTERS_MAX] or None
    if cell is None or isinstance(cell, (bool, int)):
        return cell
    if isinstance(cell, float):
        return cell if cell == cell and abs(cell) != float("inf") else str(cell)  # noqa: PLR0124 - not a number
    if isinstance(cell, datetime):
        return {"d": cell.date().isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    return str(cell)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
