"""The proof that the caps count right: each order counts what is set aside or posted for it, each counter is their sum.

An order counts on every cap of its policy.
"""

import logging
from typing import Any, Final

from prometheus_client import Gauge
from sqlalchemy import Connection, Row, text

log = logging.getLogger(__name__)

SHOWN_MAX: Final = 20

CAPS_DIFFERING = Gauge("caps_differing", "Caps whose counters differ from their orders' money, at the last proof")

# One statement, so one snapshot: what is being ordered meanwhile is in all sides or in none.
# What is held for an order is what the fund that pays and those that help it hold together.
_DIFFERING: Final = text("""
WITH held AS (
    SELECT order_id, sum(CASE state WHEN 'pending' THEN amount_fen ELSE posted_fen END)::bigint AS fen
      FROM (SELECT order_id, state, amount_fen, posted_fen FROM encumbrances
             UNION ALL
            SELECT order_id, state, amount_fen, posted_fen FROM contributions) AS set_aside
     WHERE state <> 'voided' GROUP BY order_id
)
SELECT 'counter' AS what, kind || ' ' || subject_id || ' ' || period AS name, c.used_fen AS counted_fen,
       coalesce(sum(t.amount_fen), 0) AS found_fen
  FROM cap_counters c LEFT JOIN cap_takes t USING (kind, subject_id, period)
 GROUP BY kind, subject_id, period, c.used_fen
HAVING c.used_fen <> coalesce(sum(t.amount_fen), 0)
 UNION ALL
SELECT 'order', t.order_id || ' ' || t.kind, t.amount_fen, coalesce(held.fen, 0)
  FROM cap_takes t LEFT JOIN held USING (order_id)
 WHERE t.amount_fen IS DISTINCT FROM held.fen
 UNION ALL
SELECT 'order', o.id || ' ' || cap.kind, 0, held.fen
  FROM held JOIN orders o ON o.id = held.order_id,
       cap_counters_of(o.policy_id, o.site_id, o.branch_id, o.visit_on) cap
 WHERE NOT EXISTS (SELECT FROM cap_takes t
                    WHERE (t.order_id, t.kind, t.subject_id, t.period) = (o.id, cap.kind, cap.subject_id, cap.period))
 ORDER BY 1, 2
""")


def caps_differing(db: Connection) -> list[Row[Any]]:
    """Return the counters that are not the sum of their orders, and the orders that count something else."""
    return list(db.execute(_DIFFERING))


def prove(db: Connection) -> None:
    """Tell in the metrics how many caps differ, and raise the alarm for each (at most SHOWN_MAX by name)."""
    differing = caps_differing(db)
    CAPS_DIFFERING.set(len(differing))
    for row in differing[:SHOWN_MAX]:
        log.error(
            "The cap's %s %s counts %s fen; its money adds up to %s.",
            *(row.what, row.name, row.counted_fen, row.found_fen),
            extra={"alarm": True},
        )
