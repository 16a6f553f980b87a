"""A file from the bank as rows of text: CSV, XLSX, pain.002 (its answer) or camt.053 (its statement).

What the rows say is judged in `domain.bank_results` and `domain.bank_statements`.

A workbook of one kilobyte can name a cell at the far end of its sheet, or unpack to gigabytes. Its reader then asks
for more memory than there is and ends the process, which no `except` prevents. So each file is read by a process of
its own (`python -m sites.operations.bank_files`: the file comes in, rows as JSON go out) with bounded memory and
time, and with none of our secrets.
"""

import csv
import io
import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Final

from chassis.patience import PATIENCE
from chassis.refusals import Refusal

ROWS_MAX: Final = 20_000
CELLS_MAX: Final = 1_000_000
CHARACTERS_MAX: Final = 10_000_000
"""What a text file of the largest size could hold; a workbook may say one long string in each of its cells."""
MEMORY_MAX_BYTES: Final = 512 * 1024 * 1024
READING_MAX_S: Final = 10


_CHINESE: Final = re.compile(
    rb"\s*<\?xml\b[^>]*?encoding\s*=\s*[\"'](?:gbk|gb2312|gb18030|cp936)[\"'][^>]*\?>", re.IGNORECASE
)

TABLE: Final = "table"
PAIN_002: Final = "pain.002"
CAMT_053: Final = "camt.053"


class BankFileUnreadable(Refusal):
    """The bank's file must be CSV (UTF-8 or GB 18030), XLSX or ISO 20022 XML with at most {rows_max} rows."""


class BankCellsMerged(Refusal):
    """Row {row}, column “{column}”: cells are merged there; every cell of the bank's file has to stand for itself."""


@dataclass(frozen=True)
class BankFile:
    """A file from the bank: its rows with the headings first, and what its head says."""

    kind: str
    rows: list[list[str]]
    head: dict[str, Any] = field(default_factory=dict)


def rows_of(stream: BinaryIO) -> list[list[str]]:
    """Return the file's rows, each cell trimmed; of a workbook the first sheet. Raises BankFileUnreadable."""
    return read(stream).rows


def read(stream: BinaryIO) -> BankFile:
    """Return what is in the file. Raises BankFileUnreadable, BankCellsMerged."""
    try:
        done = subprocess.run(
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
    return file_of(json.loads(done.stdout))


def file_of(said: dict[str, Any]) -> BankFile:
    """Return what was said of a file. Raises BankCellsMerged."""
    if said["merged"]:
        row, column = said["merged"]
        raise BankCellsMerged(row=row, column=column)
    return BankFile(said["kind"], said["rows"], said["head"])


def main() -> int:
    """Read the file on standard input; anything but 0 says that it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (READING_MAX_S, READING_MAX_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said = said_in(sys.stdin.buffer.read())
    rows = said["rows"]
    if len(rows) > ROWS_MAX or sum(map(len, rows)) > CELLS_MAX:
        return 1
    if sum(len(cell) for row in rows for cell in row) > CHARACTERS_MAX:
        return 1
    if any("\x00" in cell for row in rows for cell in row):
        return 1
    sys.stdout.buffer.write(json.dumps(said, ensure_ascii=False).encode())
    return 0


def said_in(content: bytes) -> dict[str, Any]:
    """Return what a file says: {kind, head, rows, merged}; raises whatever its reader raises when it cannot be read."""
    said: dict[str, Any] = {"kind": TABLE, "head": {}, "merged": None}
    if content.startswith(b"PK\x03\x04"):
        said["rows"], said["merged"] = _of_workbook(content)
    elif content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        said["kind"], said["head"], said["rows"] = _of_xml(content)
    else:
        said["rows"] = _of_text(content)
    return said


def _of_workbook(content: bytes) -> tuple[list[list[str]], tuple[int, str] | None]:
    from python_calamine import CalamineWorkbook  # here, for the service itself never reads a workbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    merged = None
    for (row, column), _ in sheet.merged_cell_ranges or ():
        merged = (row + 1, chr(ord("A") + column) if column < 26 else str(column + 1))
        break
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)], merged


def _of_xml(content: bytes) -> tuple[str, dict[str, Any], list[list[str]]]:
    from defusedxml.ElementTree import fromstring  # no entities, no DTD

    if declared := _CHINESE.match(content):
        # The parser knows no encoding of several bytes but UTF-8 and UTF-16.
        content = content[declared.end() :].decode("gb18030").encode()
    root = fromstring(content, forbid_dtd=True)
    for element in root.iter():  # every version of a message says the same in its own namespace
        element.tag = element.tag.rpartition("}")[2]
    if (report := root.find("CstmrPmtStsRpt")) is not None:
        return PAIN_002, _head_of_report(report), list(_rows_of_report(report))
    if statements := root.findall("BkToCstmrStmt/Stmt"):
        head = _head_of_statement(statements[0]) | {"statements": len(statements)}
        return CAMT_053, head, list(_rows_of_statement(statements[0]))
    raise ValueError(root.tag)


def _head_of_report(report: Any) -> dict[str, Any]:
    group = report.find("OrgnlGrpInfAndSts")
    payment = report.find("OrgnlPmtInfAndSts")
    status = _in(group, "GrpSts") or (_in(payment, "PmtInfSts") if payment is not None else "")
    return {
        "message_id": _in(group, "OrgnlMsgId"),
        "status": status or None,
        "reason": _reason(group) or (_reason(payment) if payment is not None else "") or None,
        "totals": [
            [_in(part, "OrgnlNbOfTxs") or None, _in(part, "OrgnlCtrlSum") or None]
            for part in (group, *report.findall("OrgnlPmtInfAndSts"))
        ],
        "of_status": [
            [_in(part, "DtldSts"), _in(part, "DtldNbOfTxs") or None, _in(part, "DtldCtrlSum") or None]
            for path in ("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts")
            for part in report.findall(f"{path}/NbOfTxsPerSts")
        ],
        "statuses": [
            [_in(one, "OrgnlEndToEndId"), _in(one, "TxSts")] for one in report.findall("OrgnlPmtInfAndSts/TxInfAndSts")
        ],
    }


def _rows_of_report(report: Any) -> Iterator[list[str]]:
    from sites.domain.bank_results import STATUSES

    said = report.findall("OrgnlPmtInfAndSts/TxInfAndSts")
    if said:
        yield ["end_to_end_id", "result", "amount", "reference", "reason"]
    for one in said:
        status = _in(one, "TxSts")
        result = STATUSES.get(status, status)
        paid_by = _in(one, "AcctSvcrRef") or _in(report, "GrpHdr/MsgId")
        yield [
            _in(one, "OrgnlEndToEndId"),
            result,
            _in(one, "OrgnlTxRef/Amt/InstdAmt"),
            paid_by if result == "paid" else "",
            (_reason(one) or status) if result == "failed" else "",
        ]


def _reason(element: Any) -> str:
    """Return the code of the reason and what the bank adds: "AC04 the account is closed"."""
    code = _in(element, "StsRsnInf/Rsn/Cd") or _in(element, "StsRsnInf/Rsn/Prtry")
    return f"{code} {_in(element, 'StsRsnInf/AddtlInf')}".strip()[:300]


def _head_of_statement(statement: Any) -> dict[str, Any]:
    balances = {}
    for balance in statement.findall("Bal"):
        balances[_in(balance, "Tp/CdOrPrtry/Cd")] = _signed(balance)
    return {
        "first_on": _in(statement, "FrToDt/FrDtTm")[:10] or None,
        "last_on": _in(statement, "FrToDt/ToDtTm")[:10] or None,
        "opening": balances.get("OPBD") or balances.get("PRCD"),
        "closing": balances.get("CLBD"),
        "totals": list(_totals_of_statement(statement)),
    }


def _totals_of_statement(statement: Any) -> Iterator[list[Any]]:
    """Yield each count and sum that the statement says, with the amounts that it says them of."""
    entries = [_signed(entry) for entry in statement.findall("Ntry")]
    for path, kept in (
        ("TxsSummry/TtlNtries", entries),
        ("TxsSummry/TtlCdtNtries", [amount for amount in entries if not amount.startswith("-")]),
        ("TxsSummry/TtlDbtNtries", [amount for amount in entries if amount.startswith("-")]),
    ):
        if (told := statement.find(path)) is not None:
            yield [_in(told, "NbOfNtries") or None, _in(told, "Sum") or None, kept]
    for details in statement.findall("Ntry/NtryDtls"):
        parts = details.findall("TxDtls")
        if (told := details.find("Btch")) is not None and parts:
            amounts = [_in(part, "Amt") for part in parts]
            yield [_in(told, "NbOfTxs") or None, (all(amounts) and _in(told, "TtlAmt")) or None, amounts]


def _rows_of_statement(statement: Any) -> Iterator[list[str]]:
    yield ["booked_on", "amount", "reference", "end_to_end_id", "counterparty", "note"]
    for entry in statement.findall("Ntry"):
        day = _in(entry, "BookgDt/Dt") or _in(entry, "BookgDt/DtTm")[:10]
        reference = _in(entry, "AcctSvcrRef") or _in(entry, "NtryRef")
        parts = entry.findall("NtryDtls/TxDtls")
        if len(parts) > 1 and all(part.find("Amt") is not None for part in parts):
            sign = "-" if _in(entry, "CdtDbtInd") == "DBIT" else ""
            for part in parts:
                yield [day, sign + _in(part, "Amt"), _in(part, "Refs/AcctSvcrRef") or reference, *_told(part)]
        else:
            yield [day, _signed(entry), reference, *(_told(parts[0]) if len(parts) == 1 else ["", "", ""])]


def _told(part: Any) -> list[str]:
    party = _in(part, "RltdPties/Cdtr/Nm") or _in(part, "RltdPties/Cdtr/Pty/Nm") or _in(part, "RltdPties/Dbtr/Nm")
    return [_in(part, "Refs/EndToEndId"), party, _in(part, "RmtInf/Ustrd")]


def _signed(element: Any) -> str:
    return ("-" if _in(element, "CdtDbtInd") == "DBIT" else "") + _in(element, "Amt")


def _in(element: Any, path: str) -> str:
    return ((element.findtext(path) if element is not None else "") or "").strip()[:500]


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
