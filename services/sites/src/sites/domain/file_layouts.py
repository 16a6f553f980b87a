"""How the files that go to and come from a bank look (S12): columns, encoding, dates, amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sites.domain.amounts import yuan
from sites.domain.bank_statements import DATE_FORMATS, DEFAULT_COLUMNS, NEEDED

PAYMENT_FIELDS: Final = frozenset(
    {
        *("number", "end_to_end_id", "line_id", "payee_name", "credit_code", "account", "bank", "bank_code", "amount"),
        *("purpose", "visit_on", "batch_number", "payer_name", "payer_account", "currency"),
    }
)
STATEMENT_FIELDS: Final = frozenset(name for name, _ in DEFAULT_COLUMNS)
PAYMENT_NEEDED: Final = ("payee_name", "account", "amount")


@dataclass(frozen=True)
class Column:
    """One column of a file: what stands in it, and its heading."""

    field: str
    heading: str


@dataclass(frozen=True)
class Layout:
    """How a file looks."""

    columns: Sequence[Column]
    encoding: str = "utf-8"
    date_format: str = "YYYY-MM-DD"
    amount_unit: str = "yuan"

    def amount(self, fen: int) -> str:
        """Return an amount as the bank wants it: 38000 fen are 380.00 or 38000."""
        return str(fen) if self.amount_unit == "fen" else yuan(fen)

    def day(self, day: date) -> str:
        """Return a day as the bank wants it."""
        return day.strftime(DATE_FORMATS[self.date_format])


DEFAULT_PAYMENT: Final = Layout(
    (
        Column("number", "序号"),
        Column("end_to_end_id", "端到端标识"),
        Column("line_id", "明细编号"),
        Column("payee_name", "收款人"),
        Column("credit_code", "统一社会信用代码"),
        Column("account", "收款账号"),
        Column("bank", "开户行"),
        Column("bank_code", "行号"),
        Column("amount", "金额"),
        Column("purpose", "用途"),
    )
)
DEFAULT_STATEMENT: Final = Layout(tuple(Column(name, heading) for name, heading in DEFAULT_COLUMNS))


def faults_of(layout: Layout, *, purpose: str) -> list[str]:
    """Return what is wrong with a layout, as sentences."""
    fields = [column.field for column in layout.columns]
    headings = [column.heading for column in layout.columns]
    known = PAYMENT_FIELDS if purpose == "payment" else STATEMENT_FIELDS
    needed = PAYMENT_NEEDED if purpose == "payment" else NEEDED
    wrong = []
    if len(set(fields)) < len(fields) or len(set(headings)) < len(headings):
        wrong.append("A field or a heading stands twice.")
    if set(fields) - known:
        wrong.append("One of the fields is not of this kind of file.")
    if set(needed) - set(fields):
        wrong.append("A field that the bank needs is missing.")
    return wrong
