"""What placing an order reads before it locks anything: one round trip, sql/order_facts.sql."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.database import DirectCursor


@dataclass(frozen=True)
class OrderFacts:
    """A slot with its site, the ordering branch, the rules of the day, and what the same command did before."""

    site_id: UUID
    site_name: str
    programme_id: UUID
    programme: str
    theme: str
    starts_at: datetime
    ends_at: datetime
    visit_on: date
    bookable_from: datetime | None
    bookable_until: datetime
    cancel_until: datetime
    closed_reason: str | None
    round_id: UUID | None
    round_title: str | None
    round_draw_at: datetime | None
    seats: int
    seats_taken: int
    seats_held: int
    groups_max: int | None
    groups_taken: int
    confirmation: str
    branch_name: str | None
    branch_path: str | None
    branch_is_external: bool | None
    open_orders_max: int
    subsidised_a_month_max: int
    by_hand_until: datetime | None
    funding: list[dict[str, Any]] | None  # which funds bear it, the first to be asked first
    policy: dict[str, Any] | None
    public_days: dict[str, str] | None  # of orders confirmed by hand, by day
    done_body_hash: memoryview | None
    done_caller: UUID | None
    done_door: str | None
    done_answer: memoryview | None


_ASK = f"SELECT {', '.join(field.name for field in fields(OrderFacts))} FROM order_facts(%s, %s, %s, %s)"  # noqa: S608


def order_facts(
    cursor: DirectCursor, *, slot_id: UUID, branch_id: UUID | None, command_id: UUID, at: datetime
) -> OrderFacts | None:
    """Return the facts, or None when there is no such slot at an open site."""
    cursor.execute(_ASK, (slot_id, branch_id, command_id, at))
    row = cursor.fetchone()
    return OrderFacts(*row) if row else None
