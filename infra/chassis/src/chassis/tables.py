"""The chassis' own tables, the same in every service's database: commands, outbox, inbox, jobs, timers, audit.

They are made by `migrations.chassis_tables()` and `audit_tables()`; the drift check compares these definitions with
the database.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData()

INSTANT = DateTime(timezone=True)

commands = Table(
    "commands",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("door", Text, nullable=False),
    Column("caller", UUID(as_uuid=True)),
    Column("body_hash", LargeBinary, nullable=False),
    Column("answer", LargeBinary),
    Column("created_at", INSTANT, nullable=False),
    Index("commands_by_age", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID(as_uuid=True), nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("event", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("traceparent", Text),
    Column("sent_at", INSTANT),
    Index("outbox_waiting", "id", postgresql_where=text("sent_at IS NULL")),
    Index("outbox_sent", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("traceparent", Text),
    Column("received_at", INSTANT, nullable=False, server_default=text("now()")),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", INSTANT, nullable=False, server_default=text("now()")),
    Column("acted_at", INSTANT),
    Column("error", Text),
    Index("inbox_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),
    Index("inbox_acted", "acted_at", postgresql_where=text("state = 'acted'")),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("asked_by", UUID(as_uuid=True)),
    Column("asked_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", INSTANT, nullable=False, server_default=text("now()")),
    Column("lease", UUID(as_uuid=True)),
    Column("lease_until", INSTANT),
    Column("ended_at", INSTANT),
    Column("result", JSONB),
    Column("error", JSONB),
    Index("jobs_waiting", "next_try_at", postgresql_where=text("state IN ('waiting', 'running')")),
)

timers = Table(
    "timers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_ran_at", INSTANT, nullable=False),
)


# ---- the audit ---------------------------------------------------------------------------------------------------

audit_waiting = Table(
    "audit_waiting",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("record", JSONB, nullable=False),
)

audit_refusals = Table(
    "audit_refusals",
    metadata,
    Column("minute", INSTANT, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("record", JSONB, nullable=False),
    Column("times", Integer, nullable=False, server_default=text("1")),
)

audit_records = Table(
    "audit_records",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("door", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("person_id", UUID(as_uuid=True)),
    Column("session_id", UUID(as_uuid=True)),
    # The node of the tree below which all roles of the person lay: who oversees it may read of them.
    Column("place", Text),
    Column("address", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("command_id", UUID(as_uuid=True)),
    Column("targets", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("times", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("times > 0", name="audit_records_times"),
    CheckConstraint("length(hash) = 32", name="audit_records_hash"),
    Index("audit_records_at_idx", "at", "number"),
    Index("audit_records_person_idx", "person_id", "at", "number"),
    Index("audit_records_door_idx", "door", "at", "number"),
    Index("audit_records_outcome_idx", "outcome", "at", "number"),
    Index("audit_records_address_idx", "address", "at", "number"),
    Index("audit_records_request_idx", "request_id"),
    Index("audit_records_targets_idx", "targets", postgresql_using="gin"),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("made_at", INSTANT, nullable=False),
)

audit_rules = Table(
    "audit_rules",
    metadata,
    Column("active_from", Date, primary_key=True),
    Column("kept_months", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
    Column("set_by", UUID(as_uuid=True)),
    CheckConstraint("kept_months BETWEEN 6 AND 1200", name="audit_rules_kept_months"),
    CheckConstraint("length(citation) BETWEEN 1 AND 200", name="audit_rules_citation"),
)

audit_removals = Table(
    "audit_removals",
    metadata,
    Column("until_number", BigInteger, primary_key=True, autoincrement=False),
    Column("from_number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    Column("kept_months", Integer, nullable=False),
    Column("removed_at", INSTANT, nullable=False),
)
