"""What keeps the books honest: seals, checkpoints, closed months, and the sums of days.

ledger_unsealed          entries that wait for their seal, written with them, removed by the sealer
ledger_seals             the chain of each fund, added by one sealer alone, never changed
ledger_days              what the sealed entries of a day add up to, on each account
ledger_checkpoints       head and balances at the end of a day, never changed
ledger_closings          until where a fund's books are closed; an entry reads it under its month's lock
ledger_periods           who closed which month, with its head and balances, never changed
appropriation_documents  the documents by which a fund has had money
"""

from chassis.definitions import INSTANT
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from sites.tables.metadata import metadata

appropriation_documents = Table(
    "appropriation_documents",
    metadata,
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("document_number", Text, nullable=False),
    Column("sequence", BigInteger),
    PrimaryKeyConstraint("fund_id", "document_number"),
)

ledger_unsealed = Table(
    "ledger_unsealed", metadata, Column("sequence", BigInteger, primary_key=True, autoincrement=False)
)

ledger_seals = Table(
    "ledger_seals",
    metadata,
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("fund_id", "number"),
    UniqueConstraint("sequence"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("length(hash) = 32", name="hash"),
)

ledger_days = Table(
    "ledger_days",
    metadata,
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("debits_fen", BigInteger, nullable=False),
    Column("credits_fen", BigInteger, nullable=False),
    PrimaryKeyConstraint("fund_id", "account", "year", "booked_on"),
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("balances", JSONB, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("fund_id", "day"),
)

ledger_closings = Table(
    "ledger_closings",
    metadata,
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), primary_key=True),
    Column("closed_until", Date, nullable=False),
    CheckConstraint("extract(day FROM closed_until) = 1", name="closed_until"),
)

ledger_periods = Table(
    "ledger_periods",
    metadata,
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("period", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary),
    Column("balances", JSONB, nullable=False),
    Column("checklist", JSONB, nullable=False),
    Column("closed_at", INSTANT, nullable=False),
    Column("closed_by_id", UUID(as_uuid=True), nullable=False),
    Column("closed_by", Text, nullable=False),
    PrimaryKeyConstraint("fund_id", "period"),
)
