"""The payment file of an approved batch, as a table (XLSX, CSV) or as an ISO 20022 credit transfer (pain.001.001.09).

It is made when somebody fetches it and is the same each time, for an approved batch's lines never change. Who
fetched it is recorded, because all account numbers stand in it.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from xml.etree import ElementTree as ET

import xlsxwriter
from chassis import clock
from chassis.actors import Actor
from chassis.files import CSV, XLSX, XML, FileStore
from chassis.personal import unseal
from chassis.refusals import Refusal
from contracts.envelope import StoredFile
from contracts.sites.batches import PaymentFileAsked
from sqlalchemy import Connection, insert, text

from sites.domain.bank_results import yuan
from sites.domain.batches import APPROVED, PARTLY_SETTLED, SETTLED
from sites.queries.batches import batch_for
from sites.tables.money import payment_files

FILE_MAX_BYTES: Final = 64 * 1024 * 1024
PAIN_001: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
HEADINGS: Final = (
    "序号",
    "端到端标识",
    "明细编号",
    "收款人",
    "统一社会信用代码",
    "收款账号",
    "开户行",
    "行号",
    "金额",
    "用途",
)

_LINES: Final = text("""
SELECT l.id, l.number, l.end_to_end_id, l.amount_fen, p.name, p.account, p.bank, p.bank_code, p.credit_code,
       s.name AS site_name, c.visit_on
  FROM batch_lines l
  JOIN payees p ON p.id = l.payee_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE l.batch_id = :batch
 ORDER BY l.number
""")


class BatchNotApproved(Refusal):
    """The batch is {state}; its payment file exists once it is approved."""


@dataclass(frozen=True)
class Account:
    """An account at a bank, unsealed."""

    name: str
    number: str
    bank: str
    bank_code: str
    credit_code: str | None = None


@dataclass(frozen=True)
class Transfer:
    """One line of the file."""

    id: UUID
    number: int
    end_to_end_id: str
    amount_fen: int
    payee: Account
    purpose: str


@dataclass(frozen=True)
class PaymentOrder:
    """What the bank is asked to do."""

    number: str
    approved_at: datetime
    payer: Account
    transfers: Sequence[Transfer]

    @property
    def total_fen(self) -> int:
        return sum(transfer.amount_fen for transfer in self.transfers)


def payment_file(
    db: Connection, files: FileStore, *, asked: PaymentFileAsked, actor: Actor, at: datetime
) -> StoredFile:
    """Write the batch's payment file into the file store and return the reference. Raises BatchNotApproved."""
    batch = batch_for(db, asked.batch_id, actor=actor, action="read_payment_file")
    if batch.state not in (APPROVED, SETTLED, PARTLY_SETTLED):
        raise BatchNotApproved(state=batch.state)
    write, media_type, ending = _FORMATS[asked.format]
    stored = files.put(
        io.BytesIO(write(_order_of(db, batch.id))),
        name=f"{batch.number}{ending}",
        media_types={media_type},
        max_bytes=FILE_MAX_BYTES,
    )
    db.execute(
        insert(payment_files).values(
            batch_id=batch.id,
            format=asked.format,
            sha256=stored.sha256,
            size=stored.size,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return stored


def as_csv(order: PaymentOrder) -> bytes:
    """Return the transfers as CSV, in UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADINGS)
    rows.writerows(map(inert, _cells(transfer)) for transfer in order.transfers)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(order: PaymentOrder) -> bytes:
    """Return the transfers as a workbook; the last row gives count and control sum. All cells are text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": order.number, "created": order.approved_at.replace(tzinfo=None)})
        sheet = workbook.add_worksheet(order.number)
        bold = workbook.add_format({"bold": True})
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(0, column, heading, bold)
        for row, transfer in enumerate(order.transfers, start=1):
            for column, cell in enumerate(_cells(transfer)):
                sheet.write_string(row, column, cell)
        last = len(order.transfers) + 1
        sheet.write_string(last, 0, f"合计 {len(order.transfers)} 笔", bold)
        sheet.write_string(last, HEADINGS.index("金额"), yuan(order.total_fen), bold)
        sheet.set_column(1, 2, 34)
        sheet.set_column(3, 6, 24)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def as_pain_001(order: PaymentOrder) -> bytes:
    """Return the transfers as one ISO 20022 pain.001.001.09 message with one payment information block."""
    document = ET.Element("Document", xmlns=PAIN_001)
    message = ET.SubElement(document, "CstmrCdtTrfInitn")
    header = _put(message, "GrpHdr")
    _put(header, "MsgId", order.number)
    _put(header, "CreDtTm", order.approved_at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds"))
    _put(header, "NbOfTxs", str(len(order.transfers)))
    _put(header, "CtrlSum", yuan(order.total_fen))
    _put(header, "InitgPty/Nm", order.payer.name)
    block = _put(message, "PmtInf")
    _put(block, "PmtInfId", order.number)
    _put(block, "PmtMtd", "TRF")
    _put(block, "NbOfTxs", str(len(order.transfers)))
    _put(block, "CtrlSum", yuan(order.total_fen))
    _put(block, "ReqdExctnDt/Dt", clock.today(order.approved_at).isoformat())
    _put(block, "Dbtr/Nm", order.payer.name)
    _put(block, "DbtrAcct/Id/Othr/Id", order.payer.number)
    _bank(block, "DbtrAgt", order.payer)
    for transfer in order.transfers:
        _transfer(block, transfer)
    ET.indent(document)
    return ET.tostring(document, encoding="UTF-8", xml_declaration=True)


_FORMATS: Final[dict[str, tuple[Callable[[PaymentOrder], bytes], str, str]]] = {
    "csv": (as_csv, CSV, ".csv"),
    "xlsx": (as_xlsx, XLSX, ".xlsx"),
    "pain.001": (as_pain_001, XML, ".xml"),
}


def _order_of(db: Connection, batch_id: UUID) -> PaymentOrder:
    batch = db.execute(
        text(
            "SELECT b.number, b.approved_at, f.payer_name, f.payer_account, f.payer_bank, f.payer_bank_code"
            "  FROM batches b JOIN funds f ON f.id = b.fund_id WHERE b.id = :batch"
        ),
        {"batch": batch_id},
    ).one()
    return PaymentOrder(
        number=batch.number,
        approved_at=batch.approved_at,
        payer=Account(batch.payer_name, unseal(batch.payer_account), batch.payer_bank, batch.payer_bank_code),
        transfers=[
            Transfer(
                id=line.id,
                number=line.number,
                end_to_end_id=line.end_to_end_id,
                amount_fen=line.amount_fen,
                payee=Account(line.name, unseal(line.account), line.bank, line.bank_code, line.credit_code),
                purpose=f"{line.visit_on:%Y年%m月%d日} {line.site_name}活动补贴",
            )
            for line in db.execute(_LINES, {"batch": batch_id})
        ],
    )


def _cells(transfer: Transfer) -> tuple[str, ...]:
    payee = transfer.payee
    return (
        str(transfer.number),
        transfer.end_to_end_id,
        str(transfer.id),
        payee.name,
        payee.credit_code or "",
        payee.number,
        payee.bank,
        payee.bank_code,
        yuan(transfer.amount_fen),
        transfer.purpose,
    )


def inert(cell: str) -> str:
    """Return the cell so that a spreadsheet that opens the CSV takes it for text, never for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _transfer(block: ET.Element, transfer: Transfer) -> None:
    one = _put(block, "CdtTrfTxInf")
    ids = _put(one, "PmtId")
    _put(ids, "InstrId", transfer.id.hex)
    _put(ids, "EndToEndId", transfer.end_to_end_id)
    _put(one, "Amt/InstdAmt", yuan(transfer.amount_fen)).set("Ccy", "CNY")
    _bank(one, "CdtrAgt", transfer.payee)
    creditor = _put(one, "Cdtr")
    _put(creditor, "Nm", transfer.payee.name[:140])
    if transfer.payee.credit_code:
        _put(creditor, "Id/OrgId/Othr/Id", transfer.payee.credit_code)
    _put(one, "CdtrAcct/Id/Othr/Id", transfer.payee.number)
    _put(one, "RmtInf/Ustrd", transfer.purpose[:140])


def _bank(parent: ET.Element, role: str, account: Account) -> None:
    # CNAPS is the external code of China's payment system; a member id is the bank's 12 digits in it.
    institution = _put(parent, f"{role}/FinInstnId")
    member = _put(institution, "ClrSysMmbId")
    _put(member, "ClrSysId/Cd", "CNAPS")
    _put(member, "MmbId", account.bank_code)
    _put(institution, "Nm", account.bank[:140])


def _put(parent: ET.Element, path: str, content: str | None = None) -> ET.Element:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = content
    return parent
