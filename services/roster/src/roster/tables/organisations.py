"""The tree, and each name, kind and place that an organisation had, added and never changed.

organisations          as they stand; a dissolved one stays where it was
organisation_history   what each was called, was and stood under from which day on; the row of a day is its newest
                       version that was in effect then
joint_units            the units that a joint branch has members of, dated
division_crosswalk     the same town's code in both systems
structure_changes      each change of the tree with its ground; structure_change_parts names who took part
"""

from chassis.definitions import INSTANT
from contracts.roster.organisations import FIELDS, KINDS
from contracts.roster.structure import PARTS, VERBS
from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import JSONB

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
    Column("dissolved_on", Date),
    # A branch's own members, counted again whenever it is told of; the nightly check proves it.
    Column("members_full", Integer, nullable=False, server_default=text("0")),
    Column("members_probationary", Integer, nullable=False, server_default=text("0")),
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
    CheckConstraint("members_full >= 0 AND members_probationary >= 0", name="counts"),
    Index(None, "parent_id"),
    Index(None, "division_code"),
    Index("organisations_code_start_idx", "code", postgresql_ops={"code": "text_pattern_ops"}),
    # What lies below a node is counted from the index alone.
    Index("organisations_counted_idx", "path", postgresql_include=["members_full", "members_probationary"]),
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
    Column("path", Text(collation="C"), nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    identifier("changed_by", nullable=True),
    # The day from which it holds; never before that of the version before.
    Column("effective_on", Date, nullable=False),
    Column("field", Text, nullable=False),
    Column("dissolved", Boolean, nullable=False, server_default=text("false")),
    Column("formerly", Text),  # the name before, where this version brought another
    identifier("change_id", nullable=True),
    PrimaryKeyConstraint("organisation_id", "version"),
    Index("organisation_history_under_idx", "parent_id", "effective_on"),
    Index(
        "organisation_history_formerly_idx",
        "formerly",
        postgresql_using="gin",
        postgresql_ops={"formerly": "gin_trgm_ops"},
        postgresql_where=text("formerly IS NOT NULL"),
    ),
)

joint_units = Table(
    "joint_units",
    metadata,
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("name", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("recorded_by", Text),
    PrimaryKeyConstraint("organisation_id", "name", "active_from"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("active_until > active_from", name="dates"),
    Index(
        "joint_units_open_key",
        "organisation_id",
        "name",
        unique=True,
        postgresql_where=text("active_until IS NULL"),
    ),
)

division_crosswalk = Table(
    "division_crosswalk",
    metadata,
    Column("nbs_code", Text, primary_key=True),
    Column("mca_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("mca_code"),
    CheckConstraint("nbs_code ~ '^[0-9]{2,12}$' AND mca_code ~ '^[0-9]{2,12}$'", name="codes"),
)

structure_changes = Table(
    "structure_changes",
    metadata,
    identifier(key=True),
    Column("verb", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    only("verb", VERBS, "verb"),
)

structure_change_parts = Table(
    "structure_change_parts",
    metadata,
    identifier("change_id", ForeignKey("structure_changes.id")),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("part", Text, nullable=False),
    Column("name", Text, nullable=False),  # as it was called just before
    Column("kind", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    PrimaryKeyConstraint("change_id", "organisation_id", "part"),
    only("part", PARTS, "part"),
    Index("structure_change_parts_of_idx", "organisation_id", "at", "change_id"),
)
