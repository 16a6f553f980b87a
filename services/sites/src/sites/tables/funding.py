"""Which funds bear a place's visits, what each has set aside for one beside the fund that pays, and what was passed on.

funding_rules ── funding_shares      a rule with its funds in sequence
contributions                        one fund's part of an order that another fund pays
fund_transfers                       what one fund's account paid to another's for such parts, never changed
"""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from sites.domain.funding import STATES
from sites.domain.ledger import ENCUMBRANCE_STATES
from sites.tables.metadata import key, metadata

funding_rules = Table(
    "funding_rules",
    metadata,
    key(),
    Column("path", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("citation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by_id", UUID(as_uuid=True), nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", INSTANT, nullable=False),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("state <> 'adopted' OR decided_by_id <> proposed_by_id", name="two_persons"),
    Index("funding_rules_day_key", "path", "active_from", unique=True, postgresql_where=text("state <> 'withdrawn'")),
)

funding_shares = Table(
    "funding_shares",
    metadata,
    Column("rule_id", UUID(as_uuid=True), ForeignKey("funding_rules.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("percent", Integer, nullable=False),
    PrimaryKeyConstraint("rule_id", "position"),
    UniqueConstraint("rule_id", "fund_id"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
)

contributions = Table(
    "contributions",
    metadata,
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("posted_fen", BigInteger),
    Column("state", Text, nullable=False),
    PrimaryKeyConstraint("order_id", "fund_id"),
    CheckConstraint(one_of("state", ENCUMBRANCE_STATES), name="state"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("posted_fen BETWEEN 0 AND amount_fen", name="posted_fen"),
    CheckConstraint("(state = 'posted') = (posted_fen IS NOT NULL)", name="posted_has_amount"),
    Index("contributions_fund_idx", "fund_id", "year", postgresql_where=text("state <> 'voided'")),
)

fund_transfers = Table(
    "fund_transfers",
    metadata,
    key(),
    Column("from_fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("to_fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("from_fund_id", "document_number"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("from_fund_id <> to_fund_id", name="two_funds"),
)
