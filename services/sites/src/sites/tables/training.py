"""Training cases in versions: what is published is frozen, by triggers of the migration too."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.training import CASE_KINDS, COLOURS, VERSION_STATES
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from sites.tables.metadata import key, metadata

training_cases = Table(
    "training_cases",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("created_at", INSTANT, nullable=False),
)

case_editors = Table(
    "case_editors",
    metadata,
    Column("case_id", UUID(as_uuid=True), ForeignKey("training_cases.id"), primary_key=True),
    Column("person_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("named_at", INSTANT, nullable=False),
    Column("named_by", Text, nullable=False),
)

# draft ──publish──▶ published; a case has at most one draft. `version` counts the writes of a draft.
case_versions = Table(
    "case_versions",
    metadata,
    key(),
    Column("case_id", UUID(as_uuid=True), ForeignKey("training_cases.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_en", Text, nullable=False, server_default=text("''")),
    Column("summary", Text, nullable=False, server_default=text("''")),
    Column("summary_en", Text, nullable=False, server_default=text("''")),
    Column("citation", Text, nullable=False, server_default=text("''")),
    Column("minutes", Integer, nullable=False, server_default=text("0")),
    Column("published_at", INSTANT),
    Column("published_by_id", UUID(as_uuid=True)),
    Column("published_by", Text),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    UniqueConstraint("case_id", "number"),
    CheckConstraint(one_of("state", VERSION_STATES), name="state"),
    CheckConstraint(one_of("kind", CASE_KINDS), name="kind"),
    CheckConstraint("minutes >= 0 AND number >= 1", name="minutes"),
    CheckConstraint(
        "(state = 'published') = (published_at IS NOT NULL AND published_by IS NOT NULL AND reason IS NOT NULL)",
        name="published",
    ),
    Index("case_versions_draft_idx", "case_id", unique=True, postgresql_where=text("state = 'draft'")),
)

case_roles = Table(
    "case_roles",
    metadata,
    Column("version_id", UUID(as_uuid=True), ForeignKey("case_versions.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("number", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=text("''")),
    Column("colour", Text, nullable=False),
    Column("duty", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("version_id", "number"),
    CheckConstraint(one_of("colour", COLOURS), name="colour"),
)

case_steps = Table(
    "case_steps",
    metadata,
    Column("version_id", UUID(as_uuid=True), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("role", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_en", Text, nullable=False, server_default=text("''")),
    Column("does", Text, nullable=False, server_default=text("''")),
    Column("says", Text, nullable=False, server_default=text("''")),
    Column("materials", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("minutes", SmallInteger, nullable=False),
    Column("key", Boolean, nullable=False, server_default=text("false")),
    Column("rule", Text, nullable=False, server_default=text("''")),
    ForeignKeyConstraint(["version_id", "role"], ["case_roles.version_id", "case_roles.code"]),
    CheckConstraint("minutes BETWEEN 1 AND 240", name="minutes"),
)

# Who plays what in an ordered visit: display names that the branch gives, nothing else of a person.
order_roles = Table(
    "order_roles",
    metadata,
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", SmallInteger, nullable=False),
    CheckConstraint("length(name) BETWEEN 1 AND 40", name="name"),
)

# Append-only: what was done with a programme, by whom, when, why.
programme_history = Table(
    "programme_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint("move IN ('add', 'edit', 'retire', 'offer')", name="move"),
    Index("programme_history_programme_idx", "programme_id", "id"),
)
