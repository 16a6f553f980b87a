"""What happened at a site and what was done about it, append-only; and from when a site counts as crowded."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.incidents import INCIDENT_KINDS
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
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

incidents = Table(
    "incidents",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("happened_at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("space", Text),  # its name then: rooms come and go
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id")),
    Column("what", Text, nullable=False),
    Column("done", Text),
    Column("recorded_at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("kind", INCIDENT_KINDS), name="kind"),
    CheckConstraint("what <> ''", name="what"),
    CheckConstraint("happened_at <= recorded_at", name="happened_at"),
    Index("incidents_site_idx", "site_id", "happened_at", "id"),
)

incident_follow_ups = Table(
    "incident_follow_ups",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("incident_id", UUID(as_uuid=True), ForeignKey("incidents.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("closed_on", Date),
    CheckConstraint("note <> ''", name="note"),
    Index("incident_follow_ups_incident_idx", "incident_id", "id"),
    # A matter is closed once, however many try.
    Index("incident_follow_ups_closed_idx", "incident_id", unique=True, postgresql_where=text("closed_on IS NOT NULL")),
)

# From which share of a site's capacity the desk warns, and from which it sounds the alarm, from a day on.
capacity_alarms = Table(
    "capacity_alarms",
    metadata,
    Column("active_from", Date, primary_key=True),
    Column("warn_percent", Integer, nullable=False),
    Column("alarm_percent", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("0 < warn_percent AND warn_percent <= alarm_percent", name="percent"),
)
