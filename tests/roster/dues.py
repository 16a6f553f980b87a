"""Dues for tests: who pays, months reckoned, paid and closed by the branch's own administrator."""

from datetime import date
from uuid import UUID

from contracts.roster.dues import AssessDues, DuesMonthAsked
from contracts.roster.dues_bases import SetDuesBase
from contracts.roster.dues_payments import CloseDuesMonth, DuesPaid, PayDues
from contracts.roster.dues_tables import DuesRate
from roster.domain import dues as rules
from roster.operations import dues, dues_payments
from roster.queries import dues as asked_of
from sqlalchemy import Connection

from tests.articles import NOON
from tests.roster.registers import a_registered, an_administrator

NATIONAL = [
    *(DuesRate("wage", above, rate) for above, rate in ((0, 50), (300_000, 100), (500_000, 150), (1_000_000, 200))),
    *(DuesRate("pension", above, rate) for above, rate in ((0, 50), (500_000, 100))),
    DuesRate("farmer", 0, None, 20, 100),
    DuesRate("minimum", 0, None, 20, 20),
]


def a_payer(db: Connection, *, branch: UUID, kind: str = "wage", amount_fen: int = 400_000, **fields) -> UUID:
    """Somebody of the branch since 2010 whose base holds since June."""
    person = a_registered(db, branch=branch, **fields)
    form = SetDuesBase(person, kind, amount_fen, "2026-05")
    dues.set_base(db, asked=form, actor=an_administrator(db, branch), at=NOON)
    return person


def reckon(db: Connection, branch: UUID, *months: str, at=NOON):
    return [
        dues.assess(db, asked=AssessDues(branch, month), actor=an_administrator(db, branch, at=at), at=at)
        for month in months
    ]


def pay(db: Connection, branch: UUID, *lines: tuple[UUID, str, int], at=NOON, paid_on: date | None = None):
    asked = PayDues(branch, [DuesPaid(*line) for line in lines], "cash", paid_on)
    return dues_payments.pay(db, asked=asked, actor=an_administrator(db, branch, at=at), at=at)


def close(db: Connection, branch: UUID, month: str, *, at=NOON):
    now = asked_of.reckoned(db, branch, rules.first_of(month))
    asked = CloseDuesMonth(branch, month, now.due_fen, now.received_fen, now.arrears_fen)
    return dues_payments.close(db, asked=asked, actor=an_administrator(db, branch, at=at), at=at)


def month_of(db: Connection, branch: UUID, month: str, *, at=NOON):
    return asked_of.month(db, DuesMonthAsked(branch, month), actor=an_administrator(db, branch), at=at)
