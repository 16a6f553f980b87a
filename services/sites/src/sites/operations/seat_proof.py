"""The proof that no seat is lost: each slot's counters are the sums of its live orders and live holds (S5)."""

import logging
from typing import Any, Final

from prometheus_client import Gauge
from sqlalchemy import Connection, Row, text

log = logging.getLogger(__name__)

SHOWN_MAX: Final = 20

SLOTS_DIFFERING = Gauge("slots_differing", "Slots whose counters differ from their orders and holds, at the last proof")

# One statement, so one snapshot: what is being ordered meanwhile is in both sides or in neither.
_DIFFERING: Final = text("""
SELECT s.id, s.seats_taken, s.seats_held, s.groups_taken,
       coalesce(o.seats, 0) + coalesce(h.seats, 0) AS seats_found,
       coalesce(h.seats, 0) AS held_found,
       coalesce(o.groups, 0) + coalesce(h.groups, 0) AS groups_found
  FROM slots s
  LEFT JOIN (
      SELECT slot_id, sum(seats) AS seats, count(coalesce(branch_id::text, group_name)) AS groups
        FROM orders WHERE state IN ('placed', 'confirmed', 'used') GROUP BY slot_id
  ) o ON o.slot_id = s.id
  LEFT JOIN (
      SELECT slot_id, sum(seats) AS seats, sum(groups) AS groups FROM holds WHERE state = 'live' GROUP BY slot_id
  ) h ON h.slot_id = s.id
 WHERE (s.seats_taken, s.seats_held, s.groups_taken)
    IS DISTINCT FROM (coalesce(o.seats, 0) + coalesce(h.seats, 0), coalesce(h.seats, 0),
                      coalesce(o.groups, 0) + coalesce(h.groups, 0))
 ORDER BY s.id
""")


def slots_differing(db: Connection) -> list[Row[Any]]:
    """Return the slots whose counters are not what their orders and holds add up to."""
    return list(db.execute(_DIFFERING))


def prove(db: Connection) -> None:
    """Tell in the metrics how many slots differ, and raise the alarm for each (at most SHOWN_MAX by name)."""
    differing = slots_differing(db)
    SLOTS_DIFFERING.set(len(differing))
    for slot in differing[:SHOWN_MAX]:
        log.error(
            "The slot %s counts %s seats, %s held, %s groups; its orders and holds add up to %s, %s, %s.",
            *(slot.id, slot.seats_taken, slot.seats_held, slot.groups_taken),
            *(slot.seats_found, slot.held_found, slot.groups_found),
            extra={"alarm": True},
        )
