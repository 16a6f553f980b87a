"""The tree, and each name, kind and place that an organisation had, added and never changed."""

from chassis.definitions import INSTANT
from contracts.roster.organisations import FIELDS, KINDS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from roster.tables.metadata import identifier, metadata, only

organisations = Table(
    "organisations",
    metadata,
    identifier(key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    # Compared byte by byte: what lies below a path lies between `path.` and `path/`, and an index finds it.
    Column("path", Text(collation="C"), nullable=False, unique=True),
    identifier("parent_id", ForeignKey("organisations.id"), nullable=True),
    # The Statistics Bureau (nbs) and the Ministry of Civil Affairs (mca) number the same town differently.
    Column("division_code", Text),
    Column("division_code_system", Text),
    Column("is_external", Boolean, nullable=False, server_default=text("false")),  # outside: never paid for
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    only("kind", KINDS, "kind"),
    only("field", FIELDS, "field"),
    CheckConstraint("code ~ '^[0-9A-Za-z_-]{1,40}$'", name="code"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("path = code OR right(path, length(code) + 1) = '.' || code", name="path"),
    CheckConstraint("(parent_id IS NULL) = (path = code)", name="root"),
    CheckConstraint(
        "(division_code IS NULL) = (division_code_system IS NULL) AND division_code_system IN ('nbs', 'mca')",
        name="division_code_system",
    ),
    Index(None, "parent_id"),
    # In the collation zh-x-icu, as the list is sorted; the database tells the drift check of the column alone.
    Index("organisations_listed_idx", "name", "id"),
    Index("organisations_name_trgm_idx", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
)

organisation_history = Table(
    "organisation_history",
    metadata,
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    identifier("parent_id", nullable=True),
    Column("path", Text, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    identifier("changed_by", nullable=True),
    PrimaryKeyConstraint("organisation_id", "version"),
)
