"""Seats kept for somebody until an instant: a waiting list's offer, a place drawn by lot."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

HOLD_STATES = ("live", "taken", "released", "expired")
HOLD_PURPOSES = ("offer", "allocation")

# live ──take──▶ taken      an order took the seats over
#   ├──release──▶ released  given back before its end
#   └──expire───▶ expired   given back by whoever took seats next, or by the timer
#
# A live hold's seats are part of its slot's `seats_taken` and `seats_held`, also past its end until it is given back.
holds = Table(
    "holds",
    metadata,
    key(server_default=text("gen_random_uuid()")),
    Column("slot_id", UUID(as_uuid=True), ForeignKey("slots.id"), nullable=False),
    Column("seats", Integer, nullable=False),
    Column("groups", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("for_id", UUID(as_uuid=True), nullable=False),  # the waiting entry or the request it is kept for
    Column("state", Text, nullable=False, server_default=text("'live'")),
    Column("held_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    CheckConstraint(one_of("purpose", HOLD_PURPOSES), name="purpose"),
    CheckConstraint(one_of("state", HOLD_STATES), name="state"),
    CheckConstraint("seats BETWEEN 1 AND 500", name="seats"),
    CheckConstraint("groups BETWEEN 0 AND 1", name="groups"),
    CheckConstraint("(state = 'live') = (ended_at IS NULL)", name="ended"),
    Index("holds_live_idx", "slot_id", "ends_at", postgresql_where=text("state = 'live'")),
    Index("holds_for_idx", "for_id"),
)
