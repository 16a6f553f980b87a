"""Who waits for seats of a full slot, by the sequence of joining; and the numbers of the rules that orders follow."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.waiting import WAITING_STATES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

IS_OPEN = text("state IN ('waiting', 'offered')")

waiting_entries = Table(
    "waiting_entries",
    metadata,
    key(),
    Column("number", BigInteger, Identity(always=True), nullable=False),  # the sequence of joining
    Column("slot_id", UUID(as_uuid=True), ForeignKey("slots.id"), nullable=False),
    Column("site_id", UUID(as_uuid=True), nullable=False),
    Column("branch_id", UUID(as_uuid=True)),  # none: a member for themself
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("person_name", Text, nullable=False),
    Column("party_size", Integer, nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_phone", LargeBinary, nullable=False),  # sealed
    Column("joined_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False),
    Column("passed_over", Integer, nullable=False, server_default=text("0")),
    Column("hold_id", UUID(as_uuid=True), ForeignKey("holds.id")),
    Column("offer_ends_at", INSTANT),
    Column("order_id", UUID(as_uuid=True)),
    Column("ended_at", INSTANT),
    CheckConstraint(one_of("state", WAITING_STATES), name="state"),
    CheckConstraint("party_size BETWEEN 1 AND 500", name="party_size"),
    CheckConstraint("state <> 'offered' OR (hold_id IS NOT NULL AND offer_ends_at IS NOT NULL)", name="offered_held"),
    CheckConstraint("(state = 'ordered') = (order_id IS NOT NULL)", name="ordered"),
    CheckConstraint("(state IN ('waiting', 'offered')) = (ended_at IS NULL)", name="ended"),
    Index("waiting_entries_open_idx", "slot_id", "number", postgresql_where=IS_OPEN),
    # Nobody stands twice in the queue of a slot.
    Index(
        "waiting_entries_once_key",
        "slot_id",
        text("coalesce(branch_id, person_id)"),
        unique=True,
        postgresql_where=IS_OPEN,
    ),
    Index("waiting_entries_offered_idx", "branch_id", postgresql_where=text("state = 'offered'")),
    Index("waiting_entries_branch_idx", "branch_id", "number"),
    Index("waiting_entries_person_idx", "person_id", "number"),
    Index("waiting_entries_site_idx", "site_id", "number"),
)

# Numbers of the rules that orders follow, from a day on. The row of the day on which they are asked for counts.
order_rules = Table(
    "order_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("late_cancel_hours", Integer, nullable=False),  # before the start, where the slot says nothing else
    Column("no_shows_max", Integer, nullable=False),  # so many within no_show_days ...
    Column("no_show_days", Integer, nullable=False),
    Column("by_hand_days", Integer, nullable=False),  # ... and each order is confirmed by hand for so long
    Column("offer_hours", Integer, nullable=False),  # how long an offer of the waiting list is kept
    Column("citation", Text, nullable=False),
    CheckConstraint(
        "late_cancel_hours BETWEEN 0 AND 720 AND no_shows_max BETWEEN 1 AND 100 AND no_show_days BETWEEN 1 AND 366"
        " AND by_hand_days BETWEEN 0 AND 366 AND offer_hours BETWEEN 1 AND 720",
        name="numbers",
    ),
)
