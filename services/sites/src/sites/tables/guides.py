"""Guides with their rota, and who leads which slot. The database keeps a guide from being in two places.

`slots.needs_guide` and the triggers of the migration keep a slot that needs a guide and has none from taking orders.
"""

from chassis.definitions import INSTANT
from contracts.sites.programmes import SPOKEN
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, UUID, ExcludeConstraint

from sites.tables.metadata import key, metadata

guides = Table(
    "guides",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("visits_a_day_max", Integer, nullable=False),
    Column("party_max", Integer, nullable=False),
    Column("buffer_minutes", Integer, nullable=False),
    Column("active_from", Date),
    Column("active_until", Date),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(
        f"cardinality(languages) > 0 AND languages <@ ARRAY[{', '.join(map(repr, SPOKEN))}]", name="languages"
    ),
    CheckConstraint("visits_a_day_max BETWEEN 1 AND 20", name="visits_a_day_max"),
    CheckConstraint("party_max BETWEEN 1 AND 500", name="party_max"),
    CheckConstraint("buffer_minutes BETWEEN 0 AND 240", name="buffer_minutes"),
    CheckConstraint("active_from <= active_until", name="active_until"),
    Index("guides_site_idx", "site_id", "name", "id"),
)

guide_shifts = Table(
    "guide_shifts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("guide_id", UUID(as_uuid=True), ForeignKey("guides.id"), nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("from_minute", SmallInteger, nullable=False),
    Column("until_minute", SmallInteger, nullable=False),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint("0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440", name="minutes"),
    Index("guide_shifts_guide_idx", "guide_id"),
)

# What is worked on a day instead of the week's hours: [[from, until], …] in minutes; none: away.
guide_dates = Table(
    "guide_dates",
    metadata,
    Column("guide_id", UUID(as_uuid=True), ForeignKey("guides.id"), primary_key=True),
    Column("on", Date, primary_key=True),
    Column("hours", JSONB, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    CheckConstraint("jsonb_typeof(hours) = 'array'", name="hours"),
)

# Who leads a slot; `during` is the visit with the buffer after it.
guide_assignments = Table(
    "guide_assignments",
    metadata,
    Column("slot_id", UUID(as_uuid=True), ForeignKey("slots.id", ondelete="CASCADE"), primary_key=True),
    Column("guide_id", UUID(as_uuid=True), ForeignKey("guides.id"), nullable=False),
    Column("visit_on", Date, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("by_hand", Boolean, nullable=False, server_default=text("false")),
    Column("assigned_at", INSTANT, nullable=False),
    Column("assigned_by", Text, nullable=False),
    CheckConstraint("NOT isempty(during)", name="during"),
    ExcludeConstraint(("guide_id", "="), ("during", "&&"), name="guide_assignments_one_place", using="gist"),
)

# How many visits a guide leads on a day; written by the trigger of guide_assignments alone.
guide_loads = Table(
    "guide_loads",
    metadata,
    Column("guide_id", UUID(as_uuid=True), ForeignKey("guides.id"), primary_key=True),
    Column("visit_on", Date, primary_key=True),
    Column("visits", Integer, nullable=False),
    CheckConstraint("visits >= 0", name="visits"),
)
