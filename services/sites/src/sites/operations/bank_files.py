"""A file from the bank, CSV or XLSX, as rows of text; what the rows say is judged in `domain.bank_results`.

A workbook of one kilobyte can name a cell at the far end of its sheet, or unpack to gigabytes. Its reader then asks
for more memory than there is and ends the process, which no `except` prevents. So each file is read by a process of
its own (`python -m sites.operations.bank_files`: the file comes in, rows as JSON go out) with bounded memory and
time, and with none of our secrets.
"""

import csv
import io
import json
import resource
import subprocess
import sys
from itertools import islice
from typing import BinaryIO, Final

from chassis.patience import PATIENCE
from chassis.refusals import Refusal

ROWS_MAX: Final = 20_000
CELLS_MAX: Final = 1_000_000
MEMORY_MAX_BYTES: Final = 512 * 1024 * 1024
READING_MAX_S: Final = 10


class BankFileUnreadable(Refusal):
    """The bank's file must be CSV (UTF-8 or GB 18030) or XLSX with at most {rows_max} rows."""


def rows_of(stream: BinaryIO) -> list[list[str]]:
    """Return the file's rows, each cell trimmed; of a workbook the first sheet. Raises BankFileUnreadable."""
    try:
        read = subprocess.run(
            [sys.executable, "-m", "sites.operations.bank_files"],
            input=stream.read(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=READING_MAX_S * PATIENCE,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise BankFileUnreadable(rows_max=ROWS_MAX) from None
    rows: list[list[str]] = json.loads(read.stdout)
    return rows


def main() -> int:
    """Read the file on standard input; anything but 0 says that it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (READING_MAX_S, READING_MAX_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    rows = _of_workbook(content) if content.startswith(b"PK\x03\x04") else _of_text(content)
    if len(rows) > ROWS_MAX or sum(map(len, rows)) > CELLS_MAX:
        return 1
    sys.stdout.write(json.dumps(rows))
    return 0


def _of_workbook(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineWorkbook  # here, for the service itself never reads a workbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _of_text(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [[cell.strip() for cell in row] for row in islice(rows, ROWS_MAX + 1)]


def _text(cell: object) -> str:
    # A workbook keeps numbers as floats: 380.0 is what the bank wrote as 380.00.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


if __name__ == "__main__":
    sys.exit(main())
