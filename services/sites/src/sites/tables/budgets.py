"""What a year's budget is beside its entries: how it ended, what it is compared with, how its vouchers look.

year_ends         what a year had left: proposed by one person, done by another
fiscal_growths    growth of fiscal revenue by year, with its source; the newest figure counts, none is changed
voucher_layouts   columns and codes of a fund's accounting vouchers; without a row those of `domain.accounting`
"""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from sites.domain.budgets import STATES, USES
from sites.tables.metadata import key, metadata

year_ends = Table(
    "year_ends",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("use", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("kept_fen", BigInteger, nullable=False, server_default=text("0")),  # stays, for appeals
    Column("document_number", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("checklist", JSONB, nullable=False),
    Column("proposed_at", INSTANT, nullable=False),
    Column("proposed_by_id", UUID(as_uuid=True), nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    CheckConstraint(one_of("use", USES), name="use"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("kept_fen >= 0", name="kept_fen"),
    CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("state <> 'done' OR decided_by_id <> proposed_by_id", name="two_persons"),
    Index("year_ends_open_key", "fund_id", "year", unique=True, postgresql_where=text("state = 'proposed'")),
    Index("year_ends_fund_idx", "fund_id", "year"),
)

fiscal_growths = Table(
    "fiscal_growths",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("growth_bp", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("growth_bp BETWEEN -10000 AND 100000", name="growth_bp"),
    Index("fiscal_growths_fund_idx", "fund_id", "year"),
)

voucher_layouts = Table(
    "voucher_layouts",
    metadata,
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), primary_key=True),
    Column("columns", JSONB, nullable=False),
    Column("codes", JSONB, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
)
