"""Dues, in integer fen. What is entered is never changed; triggers of sql/dues.sql carry each entry into the balances.

dues_tables ── dues_rates        the rates, from a month on; of two from one month the later entered holds
dues_bases, dues_confirmations   what a member's dues are reckoned from, and that it was looked through for a year
dues_reliefs                     exempt (reduced to 0) or reduced, for months half-open
dues_obligations                 what a member owes for a month: once, by the key; `payment_id` is the standing payment
dues_corrections                 each change of an amount owed, with its reason
dues_receipts ── dues_payments   a receipt for each member who pays; a reversal is a row with a negative amount
dues_hand_ups                    what a branch handed to the committee above
dues_books                       a branch's purse: cash in hand, the months closed; every entry locks this row first
dues_months                      a branch's month counted, so that sums over the tree read a row a branch
dues_statements                  a closed month as it was when it was closed
dues_reminders, dues_notes       who was reminded of arrears; what the branch did about six months of them
"""

from chassis.definitions import INSTANT
from contracts.roster.dues_payments import DUES_METHODS
from contracts.roster.dues_tables import DUES_KINDS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from roster.tables.metadata import identifier, metadata, only


def _number() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _month(name: str = "month", *, nullable: bool = False) -> Column[object]:
    """A month: its first day."""
    return Column(name, Date, nullable=nullable)


def _first_day(column: str) -> CheckConstraint:
    return CheckConstraint(f"extract(day FROM {column}) = 1", name=f"{column}_first")


dues_tables = Table(
    "dues_tables",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    _month("active_from"),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
    identifier("set_by_id", nullable=True),
    Column("set_by", Text),
    _first_day("active_from"),
    Index(None, "active_from", "id"),
)

dues_rates = Table(
    "dues_rates",
    metadata,
    Column("table_id", Integer, ForeignKey("dues_tables.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("above_fen", BigInteger, nullable=False),
    Column("rate_bp", Integer),
    Column("least_fen", BigInteger),
    Column("most_fen", BigInteger),
    PrimaryKeyConstraint("table_id", "kind", "above_fen"),
    only("kind", DUES_KINDS, "kind"),
    CheckConstraint("above_fen >= 0 AND rate_bp BETWEEN 0 AND 1000 AND least_fen >= 0", name="numbers"),
    CheckConstraint(
        "(rate_bp IS NULL) = (least_fen IS NOT NULL) AND (least_fen IS NULL) = (most_fen IS NULL)"
        " AND (most_fen IS NULL OR most_fen >= least_fen)",
        name="rate_or_amount",
    ),
)

dues_bases = Table(
    "dues_bases",
    metadata,
    _number(),
    identifier("person_id", ForeignKey("people.id")),
    Column("kind", Text, nullable=False),
    # NULL once the personal data was purged.
    Column("amount_fen", BigInteger),
    _month("active_from"),
    Column("ground", Text),
    Column("entered_at", INSTANT, nullable=False),
    identifier("entered_by_id", nullable=True),
    Column("entered_by", Text),
    only("kind", DUES_KINDS, "kind"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    _first_day("active_from"),
    Index(None, "person_id", "active_from", "id"),
)

dues_confirmations = Table(
    "dues_confirmations",
    metadata,
    identifier("person_id", ForeignKey("people.id")),
    Column("year", Integer, nullable=False),
    Column("base_id", BigInteger, ForeignKey("dues_bases.id"), nullable=False),
    Column("confirmed_at", INSTANT, nullable=False),
    identifier("confirmed_by_id"),
    Column("confirmed_by", Text, nullable=False),
    PrimaryKeyConstraint("person_id", "year"),
)

dues_reliefs = Table(
    "dues_reliefs",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("people.id")),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("reduced_to_fen", BigInteger, nullable=False),
    _month("active_from"),
    _month("active_until"),
    Column("decided_on", Date, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    identifier("recorded_by_id"),
    Column("recorded_by", Text, nullable=False),
    Column("ended_at", INSTANT),
    Column("ended_by", Text),
    Column("ended_because", Text),
    CheckConstraint("reduced_to_fen >= 0", name="reduced_to_fen"),
    CheckConstraint("active_until >= active_from", name="months"),
    _first_day("active_from"),
    _first_day("active_until"),
    CheckConstraint(
        "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_because IS NULL)", name="ended"
    ),
    ExcludeConstraint(
        (text("person_id"), "="),
        (func.daterange(text("active_from"), text("active_until")), "&&"),
        name="dues_reliefs_once",
    ),
)

dues_obligations = Table(
    "dues_obligations",
    metadata,
    identifier("person_id", ForeignKey("people.id")),
    _month(),
    # Where the member stood on the month's first day: that branch collects it, also after the member has moved.
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("base_id", BigInteger, ForeignKey("dues_bases.id"), nullable=False),
    Column("table_id", Integer, ForeignKey("dues_tables.id"), nullable=False),
    identifier("relief_id", ForeignKey("dues_reliefs.id"), nullable=True),
    Column("assessed_fen", BigInteger, nullable=False),
    Column("due_fen", BigInteger, nullable=False),
    Column("payment_id", BigInteger),
    Column("assessed_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("person_id", "month"),
    UniqueConstraint("payment_id"),
    CheckConstraint("assessed_fen >= 0 AND due_fen >= 0", name="amounts"),
    _first_day("month"),
    Index(None, "branch_id", "month"),
    Index(
        "dues_obligations_unpaid_idx",
        "branch_id",
        "month",
        postgresql_where=text("payment_id IS NULL AND due_fen > 0"),
    ),
)

dues_corrections = Table(
    "dues_corrections",
    metadata,
    _number(),
    identifier("person_id"),
    _month(),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("from_fen", BigInteger, nullable=False),
    Column("to_fen", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("corrected_on", Date, nullable=False),
    Column("corrected_at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    ForeignKeyConstraint(["person_id", "month"], ["dues_obligations.person_id", "dues_obligations.month"]),
    CheckConstraint("from_fen >= 0 AND to_fen >= 0 AND from_fen <> to_fen", name="amounts"),
    Index(None, "branch_id", "corrected_on"),
    Index(None, "person_id", "id"),
)

dues_receipts = Table(
    "dues_receipts",
    metadata,
    identifier(key=True),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    identifier("person_id", ForeignKey("people.id")),
    Column("method", Text, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    identifier("issued_by_id", nullable=True),
    Column("issued_by", Text, nullable=False),
    UniqueConstraint("branch_id", "year", "number"),
    only("method", DUES_METHODS, "method"),
    CheckConstraint("number >= 1 AND year BETWEEN 2000 AND 2199", name="number"),
    CheckConstraint("paid_on <= issued_on", name="days"),
    Index(None, "person_id", "issued_on"),
)

dues_payments = Table(
    "dues_payments",
    metadata,
    _number(),
    identifier("receipt_id", ForeignKey("dues_receipts.id")),
    identifier("person_id"),
    _month(),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("amount_fen", BigInteger, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("reverses", BigInteger, ForeignKey("dues_payments.id")),
    Column("reason", Text),
    Column("recorded_at", INSTANT, nullable=False),
    identifier("by_id", nullable=True),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("reverses"),
    ForeignKeyConstraint(["person_id", "month"], ["dues_obligations.person_id", "dues_obligations.month"]),
    CheckConstraint(
        "(reverses IS NULL) = (amount_fen > 0) AND amount_fen <> 0 AND (reverses IS NULL) = (reason IS NULL)",
        name="amount_fen",
    ),
    Index(None, "branch_id", "paid_on"),
    Index(None, "receipt_id"),
    Index(None, "person_id", "month"),
)

dues_hand_ups = Table(
    "dues_hand_ups",
    metadata,
    _number(),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("amount_fen", BigInteger, nullable=False),
    Column("handed_on", Date, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("branch_id", "document_number"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    Index(None, "branch_id", "handed_on"),
)

dues_books = Table(
    "dues_books",
    metadata,
    identifier("branch_id", ForeignKey("organisations.id"), key=True),
    Column("cash_fen", BigInteger, nullable=False, server_default=text("0")),
    # The first month that is still open, once one was closed.
    _month("open_from", nullable=True),
    # The first month that *work* has not reckoned yet.
    _month("assessed_until", nullable=True),
    CheckConstraint("cash_fen >= 0", name="cash_fen"),
    Index(None, "assessed_until"),
)

dues_months = Table(
    "dues_months",
    metadata,
    identifier("branch_id", ForeignKey("dues_books.branch_id")),
    _month(),
    Column("members", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("due_fen", BigInteger, nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    PrimaryKeyConstraint("branch_id", "month"),
    CheckConstraint(
        "settled BETWEEN 0 AND members AND paid_fen BETWEEN 0 AND due_fen"
        " AND (settled < members OR paid_fen = due_fen)",
        name="counts",
    ),
    Index("dues_months_unpaid_idx", "branch_id", "month", postgresql_where=text("paid_fen < due_fen")),
)

dues_statements = Table(
    "dues_statements",
    metadata,
    identifier("branch_id", ForeignKey("dues_books.branch_id")),
    _month(),
    *(
        Column(name, BigInteger, nullable=False)
        for name in (
            "brought_forward_fen",
            "due_fen",
            "corrected_fen",
            "received_fen",
            "arrears_fen",
            "advance_fen",
            "handed_up_fen",
            "cash_fen",
        )
    ),
    *(Column(name, Integer, nullable=False) for name in ("members_due", "members_paid", "members_in_arrears")),
    Column("closed_at", INSTANT, nullable=False),
    identifier("closed_by_id", nullable=True),
    Column("closed_by", Text, nullable=False),
    PrimaryKeyConstraint("branch_id", "month"),
    CheckConstraint(
        "brought_forward_fen + due_fen + corrected_fen - received_fen = arrears_fen - advance_fen", name="adds_up"
    ),
)

dues_reminders = Table(
    "dues_reminders",
    metadata,
    identifier("person_id", ForeignKey("people.id")),
    Column("reminded_on", Date, nullable=False),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("months", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    PrimaryKeyConstraint("person_id", "reminded_on"),
    CheckConstraint("months > 0 AND amount_fen > 0", name="amounts"),
)

dues_notes = Table(
    "dues_notes",
    metadata,
    _number(),
    identifier("person_id", ForeignKey("people.id")),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("has_reason", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("noted_on", Date, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Index(None, "person_id", "id"),
)
