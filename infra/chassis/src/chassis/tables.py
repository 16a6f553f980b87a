"""The chassis' own tables, the same in every service's database: commands, outbox, inbox, jobs, timers.

They are made by `migrations.chassis_tables()`; the drift check compares these definitions with the database.
"""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

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
