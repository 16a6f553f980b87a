"""The payment file of an approved batch, as a table (XLSX, CSV) or as an ISO 20022 credit transfer (pain.001.001.09).

A table looks as the fund's layout said when the batch was approved. What a site was paid too much before is kept back:
the bank is told what is left to pay, and nothing of a line with nothing left.

It is made when somebody fetches it and is the same each time, for an approved batch's lines never change. Who
fetched it is recorded, because all account numbers stand in it; and it takes a fresh token, as looking at one does.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from xml.etree import ElementTree as ET

from chassis import clock
from chassis.actors import Actor
from chassis.files import CSV, XLSX, XML, FileStore
from chassis.personal import unseal
from chassis.refusals import Refusal
from chassis.workbooks import inert, workbook
from contracts.envelope import StoredFile
from contracts.rights import lies_in
from contracts.sites.batches import PaymentFileAsked
from sqlalchemy import Connection, Row, insert, text

from sites.domain.amounts import yuan
from sites.domain.batches import WITH_FILE, PayerOnly
from sites.domain.file_layouts import DEFAULT_PAYMENT, Layout
from sites.operations import file_layouts
from sites.queries.batches import batch_for
from sites.tables.money import payment_files

FILE_MAX_BYTES: Final = 64 * 1024 * 1024
WIDTHS: Final = {
    **dict.fromkeys(("end_to_end_id", "line_id", "purpose"), 34),
    **dict.fromkeys(("payee_name", "credit_code", "account", "bank", "payer_name", "payer_account"), 24),
}
PAIN_001: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
HEADINGS: Final = tuple(column.heading for column in DEFAULT_PAYMENT.columns)

_LINES: Final = text("""
SELECT l.id, l.number, l.end_to_end_id, l.amount_fen - l.offset_fen AS amount_fen,
       p.name, p.account, p.bank, p.bank_code, p.credit_code,
       s.name AS site_name, c.visit_on
  FROM batch_lines l
  JOIN payees p ON p.id = l.payee_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE l.batch_id = :batch AND l.amount_fen > l.offset_fen AND l.state <> 'freed'
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
    visit_on: date


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
    actor.must_be_fresh(at)
    if batch.state not in WITH_FILE:
        raise BatchNotApproved(state=batch.state)
    if batch.separate_payer and not _is_payer(batch, actor):
        raise PayerOnly()
    write, media_type, ending = _FORMATS[asked.format]
    layout = file_layouts.layout_for(db, batch.fund_id, batch.layout_id)
    stored = files.put(
        io.BytesIO(write(_order_of(db, batch.id), layout)),
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


def _is_payer(batch: Row[Any], actor: Actor) -> bool:
    """Say whether the actor is the fund's payer and had no other part in the batch."""
    holds = any(grant.role == "payer" and lies_in(batch.fund_path, grant.path) for grant in actor.grants)
    return holds and actor.person_id not in (batch.prepared_by_id, batch.approved_by_id)


def as_csv(order: PaymentOrder, layout: Layout = DEFAULT_PAYMENT) -> bytes:
    """Return the transfers as CSV in the layout's encoding; UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow([inert(column.heading) for column in layout.columns])
    rows.writerows(map(inert, cells(order, transfer, layout)) for transfer in order.transfers)
    return out.getvalue().encode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding, errors="replace")


def as_xlsx(order: PaymentOrder, layout: Layout = DEFAULT_PAYMENT) -> bytes:
    """Return the transfers as a workbook; the last row gives count and control sum. All cells are text."""
    out = io.BytesIO()
    with workbook(out, row_by_row=False) as book:
        book.set_properties({"title": order.number, "created": order.approved_at.replace(tzinfo=None)})
        sheet = book.add_worksheet(order.number)
        bold = book.add_format({"bold": True})
        fields = [column.field for column in layout.columns]
        for place, column in enumerate(layout.columns):
            sheet.write_string(0, place, column.heading, bold)
        for row, transfer in enumerate(order.transfers, start=1):
            for place, cell in enumerate(cells(order, transfer, layout)):
                sheet.write_string(row, place, cell)
        last = len(order.transfers) + 1
        total = layout.amount(order.total_fen)
        if (amounts := fields.index("amount")) == 0:
            sheet.write_string(last, 0, total, bold)
        else:
            sheet.write_string(last, 0, f"合计 {len(order.transfers)} 笔", bold)
            sheet.write_string(last, amounts, total, bold)
        for place, field in enumerate(fields):
            sheet.set_column(place, place, WIDTHS.get(field, 12))
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def as_pain_001(order: PaymentOrder, _layout: Layout = DEFAULT_PAYMENT) -> bytes:
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


_FORMATS: Final[dict[str, tuple[Callable[[PaymentOrder, Layout], bytes], str, str]]] = {
    "csv": (as_csv, CSV, ".csv"),
    "xlsx": (as_xlsx, XLSX, ".xlsx"),
    "pain.001": (as_pain_001, XML, ".xml"),
}


def purpose_of(visit_on: date, site_name: str) -> str:
    """Return what the payee reads on its statement."""
    return f"{visit_on:%Y年%m月%d日} {site_name}活动补贴"


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
                purpose=purpose_of(line.visit_on, line.site_name),
                visit_on=line.visit_on,
            )
            for line in db.execute(_LINES, {"batch": batch_id})
        ],
    )


def cells(order: PaymentOrder, transfer: Transfer, layout: Layout) -> list[str]:
    """Return a transfer's line of the file."""
    payee = transfer.payee
    said = {
        "number": str(transfer.number),
        "end_to_end_id": transfer.end_to_end_id,
        "line_id": str(transfer.id),
        "payee_name": payee.name,
        "credit_code": payee.credit_code or "",
        "account": payee.number,
        "bank": payee.bank,
        "bank_code": payee.bank_code,
        "amount": layout.amount(transfer.amount_fen),
        "purpose": transfer.purpose,
        "visit_on": layout.day(transfer.visit_on),
        "batch_number": order.number,
        "payer_name": order.payer.name,
        "payer_account": order.payer.number,
        "currency": "CNY",
    }
    return [said[column.field] for column in layout.columns]


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
