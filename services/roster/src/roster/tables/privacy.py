"""Personal data over time: who saw whole lists, and the purge of those who left.

list_views    a register or an export of branches' members: whoever was in one of them that day was in the list
purge_rules   after how many months the data of those who left is purged; the row of the newest day that has come holds
purges        each purge: who asked for it, whom it took, how many values went
"""

from chassis.definitions import INSTANT
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from roster.tables.metadata import identifier, metadata, only

LIST_KINDS = ("register", "export")

list_views = Table(
    "list_views",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("branches", ARRAY(Uuid()), nullable=False),
    Column("held_on", Date, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Column("by_role", Text),
    Column("by_path", Text),
    Column("request_id", Text),
    only("kind", LIST_KINDS, "kind"),
    Index("list_views_branches_idx", "branches", postgresql_using="gin"),
)

purge_rules = Table(
    "purge_rules",
    metadata,
    Column("active_from", Date, primary_key=True),
    Column("left_months", Integer, nullable=False),
    Column("deceased_months", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
    identifier("set_by", nullable=True),
    CheckConstraint("left_months BETWEEN 12 AND 1200", name="left_months"),
    CheckConstraint("deceased_months BETWEEN 12 AND 1200", name="deceased_months"),
    CheckConstraint("length(citation) BETWEEN 1 AND 200", name="citation"),
)

purges = Table(
    "purges",
    metadata,
    identifier(key=True),
    Column("asked_at", INSTANT, nullable=False),
    identifier("asked_by"),
    Column("left_before", Date, nullable=False),
    Column("deceased_before", Date, nullable=False),
    Column("persons", Integer, nullable=False, server_default=text("0")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    Index("purges_asked_at_idx", "asked_at"),
)
