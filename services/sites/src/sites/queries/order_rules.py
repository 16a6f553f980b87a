"""The numbers of the rules that orders follow, as they stand on a day (S6)."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from sites.domain.days import day_of
from sites.tables.waiting import order_rules


@dataclass(frozen=True)
class OrderRules:
    """One row of order_rules."""

    effective_from: date
    late_cancel_hours: int
    no_shows_max: int
    no_show_days: int
    by_hand_days: int
    offer_hours: int
    citation: str


_COLUMNS: Final = [order_rules.c[field.name] for field in fields(OrderRules)]


def order_rules_at(db: Connection, at: datetime) -> OrderRules:
    """Return the rules in force on the day of the instant."""
    in_force = select(*_COLUMNS).where(order_rules.c.effective_from <= day_of(at))
    return OrderRules(*db.execute(in_force.order_by(order_rules.c.effective_from.desc()).limit(1)).one())
