"""What a branch's secretary signed for: the register of a year, counted and compared with the papers."""

from chassis.definitions import INSTANT
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from roster.tables.metadata import identifier, metadata

stocktakes = Table(
    "stocktakes",
    metadata,
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("year", Integer, nullable=False),
    # Signed anew after a correction: the highest number is the one that counts.
    Column("number", Integer, nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("members_full", Integer, nullable=False),
    Column("members_probationary", Integer, nullable=False),
    Column("floating", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("remarks", Text),
    Column("signed_at", INSTANT, nullable=False),
    identifier("signed_by_id"),
    Column("signed_by", Text, nullable=False),
    PrimaryKeyConstraint("branch_id", "year", "number"),
    CheckConstraint("year BETWEEN 2000 AND 2199 AND number >= 1", name="year"),
    CheckConstraint("members_full >= 0 AND members_probationary >= 0 AND floating >= 0 AND lost >= 0", name="counts"),
    CheckConstraint("length(digest) = 32", name="digest"),
)
