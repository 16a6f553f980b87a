"""The calendar of a site: its version, seasons, exceptions, holidays, terms of booking, spaces, closures, previews.

The rows of one site change together, under the version of its calendar (compare-and-set). The weekly hours stand in
`places`, beside the programmes that keep them.
"""

from chassis.definitions import INSTANT, one_of
from contracts.sites.calendars import CLOSURE_REASONS, PUBLIC_DAY_KINDS, TREATMENTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, UUID, ExcludeConstraint

from sites.tables.metadata import key, metadata

# Whoever makes or changes slots of a site holds this row; its version is what a change is compared with.
calendars = Table(
    "calendars",
    metadata,
    key("site_id"),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("changed_at", INSTANT),
    Column("changed_by", Text),
)

# One season a day for a site, or for a programme that keeps hours of its own; half-open.
seasons = Table(
    "seasons",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id")),
    Column("name", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date, nullable=False),
    CheckConstraint("active_from < active_until", name="active_until"),
    ExcludeConstraint(
        ("site_id", "="),
        (text("coalesce(programme_id, site_id)"), "="),
        (text("daterange(active_from, active_until)"), "&&"),
        using="gist",
        name="seasons_one_a_day",
    ),
)

# `hours` is a list of [opens_minute, closes_minute]; an empty one: closed.
special_days = Table(
    "special_days",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id")),
    Column("day", Date, nullable=False),
    Column("hours", JSONB, nullable=False),
    Column("note", Text),
    UniqueConstraint("site_id", "programme_id", "day", postgresql_nulls_not_distinct=True),
    CheckConstraint("jsonb_typeof(hours) = 'array'", name="hours"),
)

# The State Council's notices: a year without a row is not announced.
public_years = Table(
    "public_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("citation", Text, nullable=False),
    Column("announced_at", INSTANT, nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("job_id", UUID(as_uuid=True)),  # makes the slots of the year's days anew
    CheckConstraint("year BETWEEN 2000 AND 2199", name="year"),
)

public_days = Table(
    "public_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    CheckConstraint(one_of("kind", PUBLIC_DAY_KINDS), name="kind"),
)

holiday_rules = Table(
    "holiday_rules",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id")),
    Column("on_holiday", Text, nullable=False),
    Column("on_makeup_workday", Text, nullable=False),
    UniqueConstraint("site_id", "programme_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(one_of("on_holiday", TREATMENTS), name="on_holiday"),
    CheckConstraint(one_of("on_makeup_workday", TREATMENTS), name="on_makeup_workday"),
)

# A tree for each site; what has no space below it is a leaf.
spaces = Table(
    "spaces",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("parent_id", UUID(as_uuid=True)),
    Column("name", Text, nullable=False),
    UniqueConstraint("site_id", "name"),
    UniqueConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id", "parent_id"], ["spaces.site_id", "spaces.id"]),
    CheckConstraint("parent_id <> id", name="parent_id"),
)

# How a programme is booked, besides what its menu says; none of these rows: no notice, no window, no room.
booking_terms = Table(
    "booking_terms",
    metadata,
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id"), primary_key=True),
    Column("change_notice_minutes", Integer),
    Column("cancel_notice_minutes", Integer),
    Column("window_days", Integer),
    Column("groups_max", Integer),
    Column("before_minutes", Integer, nullable=False, server_default=text("0")),
    Column("after_minutes", Integer, nullable=False, server_default=text("0")),
    Column("space_id", UUID(as_uuid=True), ForeignKey("spaces.id")),
    Column("rank", Integer, nullable=False, server_default=text("100")),
    CheckConstraint("change_notice_minutes >= 0", name="change_notice_minutes"),
    CheckConstraint("cancel_notice_minutes >= 0", name="cancel_notice_minutes"),
    CheckConstraint("window_days BETWEEN 1 AND 366", name="window_days"),
    CheckConstraint("groups_max >= 1", name="groups_max"),
    CheckConstraint("before_minutes BETWEEN 0 AND 1440 AND after_minutes BETWEEN 0 AND 1440", name="buffers"),
)

# What is really occupied, leaf by leaf, buffers inside the range. The constraint is the referee of every overlap.
occupancies = Table(
    "occupancies",
    metadata,
    Column("slot_id", UUID(as_uuid=True), ForeignKey("slots.id"), primary_key=True),
    Column("space_id", UUID(as_uuid=True), primary_key=True),  # a leaf; outlives the space when that is removed
    Column("during", TSTZRANGE, nullable=False),
    ExcludeConstraint(("space_id", "="), ("during", "&&"), using="gist", name="occupancies_no_overlap"),
    CheckConstraint("NOT isempty(during)", name="during"),
)

# A time in which a site, a programme, a space or one slot is closed; `lifted_at`: it was taken back.
closures = Table(
    "closures",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id")),
    Column("space_id", UUID(as_uuid=True)),
    Column("slot_id", UUID(as_uuid=True)),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("is_sudden", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", UUID(as_uuid=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("lifted_at", INSTANT),
    Column("lifted_by", Text),
    CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    CheckConstraint(one_of("reason", CLOSURE_REASONS), name="reason"),
    Index("closures_site_idx", "site_id", "ends_at"),
)

# A change as somebody proposes it; applied, it is done. `draft` holds the sections that would change.
calendar_previews = Table(
    "calendar_previews",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("draft", JSONB, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", UUID(as_uuid=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("applied_at", INSTANT),
    Index("calendar_previews_site_idx", "site_id", "made_at"),
)

# What an order's people are told about its slot. It stands open as long as the order has not left the closed slot.
order_notices = Table(
    "order_notices",
    metadata,
    key(),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False),
    Column("slot_id", UUID(as_uuid=True), nullable=False),
    Column("closure_id", UUID(as_uuid=True), ForeignKey("closures.id"), nullable=False),
    Column("told_at", INSTANT, nullable=False),
    UniqueConstraint("order_id", "closure_id"),
    Index("order_notices_closure_idx", "closure_id"),
)
