"""Allocation rounds: what a round covers, what the branches ask, the turns of its draw; and the rule's numbers."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.allocation import REQUEST_STATES, ROUND_STATES
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, UUID, ExcludeConstraint

from sites.tables.metadata import key, metadata

# Seed and numbers are fixed when the round is announced.
allocation_rounds = Table(
    "allocation_rounds",
    metadata,
    key(),
    Column("title", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("opens_at", INSTANT, nullable=False),
    Column("closes_at", INSTANT, nullable=False),
    Column("draw_at", INSTANT, nullable=False),
    Column("seed", Text, nullable=False),
    Column("wishes_max", Integer, nullable=False),
    Column("visits_max", Integer, nullable=False),
    Column("unvisited_first", Boolean, nullable=False),
    Column("no_visit_days", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("announced_at", INSTANT, nullable=False),
    Column("announced_by_id", UUID(as_uuid=True), nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("drawn_at", INSTANT),  # when the draw began; all that it does is judged by this instant
    Column("slots_before", JSONB),  # each slot with what was free when the draw began
    Column("reason", Text),
    CheckConstraint(one_of("state", ROUND_STATES), name="state"),
    CheckConstraint("first_on <= last_on", name="days"),
    CheckConstraint("opens_at < closes_at AND closes_at <= draw_at", name="times"),
    CheckConstraint("wishes_max BETWEEN 1 AND 10 AND visits_max BETWEEN 1 AND 5 AND no_visit_days > 0", name="numbers"),
    CheckConstraint("(state IN ('drawing', 'drawn')) = (drawn_at IS NOT NULL)", name="drawn"),
    Index("allocation_rounds_newest_idx", "announced_at", "id"),
    Index("allocation_rounds_due_idx", "draw_at", postgresql_where=text("state IN ('announced', 'drawing')")),
)

# The site's programmes that the round gives out, all where none is named. A site is in one live round on a day.
allocation_places = Table(
    "allocation_places",
    metadata,
    Column("round_id", UUID(as_uuid=True), ForeignKey("allocation_rounds.id"), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), primary_key=True),
    Column("programme_ids", ARRAY(UUID(as_uuid=True))),
    Column("days", DATERANGE, nullable=False),
    Column("is_live", Boolean, nullable=False, server_default=text("true")),
    ExcludeConstraint(
        ("site_id", "="), ("days", "&&"), using="gist", where=text("is_live"), name="allocation_places_one_round"
    ),
)

# The id is made of round and branch (`domain.allocation.request_id`), so nobody can ask again for a better place.
#
# asked ──give──▶ given
#   ├────wait──▶ waiting
#   ├──refuse──▶ not_given
#   └─withdraw─▶ withdrawn ──ask──▶ asked
allocation_requests = Table(
    "allocation_requests",
    metadata,
    key(),
    Column("round_id", UUID(as_uuid=True), ForeignKey("allocation_rounds.id"), nullable=False),
    Column("branch_id", UUID(as_uuid=True), nullable=False),
    Column("party_size", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_phone", LargeBinary, nullable=False),  # sealed
    Column("asked_at", INSTANT, nullable=False),
    Column("asked_by_id", UUID(as_uuid=True), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("unvisited", Boolean),  # written when the draw begins, with digest and position
    Column("digest", Text),
    Column("position", Integer),
    Column("waiting_entry_id", UUID(as_uuid=True), ForeignKey("waiting_entries.id")),
    UniqueConstraint("round_id", "branch_id"),
    UniqueConstraint("round_id", "position"),
    CheckConstraint(one_of("state", REQUEST_STATES), name="state"),
    CheckConstraint("party_size BETWEEN 1 AND 500", name="party_size"),
    CheckConstraint("visits BETWEEN 1 AND 5", name="visits"),
    CheckConstraint("(position IS NULL) = (digest IS NULL)", name="position"),
    CheckConstraint("(state = 'waiting') = (waiting_entry_id IS NOT NULL)", name="waiting"),
    Index("allocation_requests_branch_idx", "branch_id", "asked_at"),
)

allocation_wishes = Table(
    "allocation_wishes",
    metadata,
    Column("request_id", UUID(as_uuid=True), ForeignKey("allocation_requests.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("slot_id", UUID(as_uuid=True), ForeignKey("slots.id"), nullable=False),
    UniqueConstraint("request_id", "slot_id"),
    CheckConstraint("number BETWEEN 1 AND 10", name="number"),
)

# Append-only: what became of a request in each of its turns. `tried`: [{slot_id, code, params}]; no code: given.
allocation_turns = Table(
    "allocation_turns",
    metadata,
    Column("request_id", UUID(as_uuid=True), ForeignKey("allocation_requests.id"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("tried", JSONB, nullable=False),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), unique=True),
    Column("done_at", INSTANT, nullable=False),
    CheckConstraint("turn BETWEEN 1 AND 5", name="turn"),
)

# Numbers of the rule of allocation, from a day on. A round keeps those of the day of its announcement.
allocation_rules = Table(
    "allocation_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("wishes_max", Integer, nullable=False),
    Column("visits_max", Integer, nullable=False),
    Column("unvisited_first", Boolean, nullable=False),  # branches without a visit ...
    Column("no_visit_days", Integer, nullable=False),  # ... in so many days before the end of the collection come first
    Column("citation", Text, nullable=False),
    CheckConstraint("wishes_max BETWEEN 1 AND 10 AND visits_max BETWEEN 1 AND 5 AND no_visit_days > 0", name="numbers"),
)
