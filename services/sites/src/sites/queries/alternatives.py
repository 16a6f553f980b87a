"""Where an order could move when its slot is closed (S5): the nearest slots with enough seats.

Nearest in hours from the order's own start; another programme of the site counts as 12 hours farther, a site within
20 km as a day farther and an hour more for each kilometre.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts.envelope import plain
from contracts.sites.calendars import AlternativeView
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, text

OFFERED: Final = 3
NEAR_M: Final = 20_000

_NEAREST: Final = text("""
SELECT w.order_id, a.*
  FROM jsonb_to_recordset(CAST(:wishes AS jsonb)) AS w (
           order_id uuid, slot_id uuid, site_id uuid, programme_id uuid, starts_at timestamptz, party_size integer,
           branch_id uuid
       )
  JOIN sites own ON own.id = w.site_id
  JOIN programmes wished ON wished.id = w.programme_id
 CROSS JOIN LATERAL (
     SELECT s.id, p.name AS programme, s.starts_at, s.ends_at, s.site_id, site.name AS site_name,
            s.seats - s.seats_taken AS seats_left, near.distance_m
       FROM sites site
      CROSS JOIN LATERAL (
          SELECT round(ST_Distance(site.point::geography, own.point::geography))::integer AS distance_m
      ) near
       JOIN slots s ON s.site_id = site.id
       JOIN programmes p ON p.id = s.programme_id
      WHERE site.state = 'open'
        AND (site.id = own.id OR ST_DWithin(site.point::geography, own.point::geography, :near_m))
        AND (site.id = own.id OR p.theme = wished.theme)
        AND s.visit_on BETWEEN (w.starts_at - interval '14 days')::date AND (w.starts_at + interval '28 days')::date
        AND s.closed_reason IS NULL AND s.bookable_until > :at
        AND (s.bookable_from IS NULL OR s.bookable_from <= :at)
        AND s.seats - s.seats_taken >= w.party_size
        AND (w.branch_id IS NULL OR s.groups_max IS NULL OR s.groups_taken < s.groups_max)
        AND NOT EXISTS (SELECT FROM allocation_round_of(s.site_id, s.programme_id, s.visit_on))
        AND s.id <> w.slot_id AND s.id <> ALL(CAST(:without AS uuid[]))
      ORDER BY abs(extract(epoch FROM s.starts_at - w.starts_at)) / 3600
               + CASE WHEN p.id = w.programme_id THEN 0 WHEN site.id = own.id THEN 12
                      ELSE 24 + near.distance_m / 1000.0 END, s.id
      LIMIT :offered
 ) a
""")


def alternatives(
    db: Connection, orders: Sequence[Row[Any]], *, without: Iterable[UUID] = (), at: datetime
) -> dict[UUID, list[AlternativeView]]:
    """Return, by order, up to three slots that it could move to, the nearest first; none of `without`.

    `orders` are rows with id, slot_id, site_id, programme_id, starts_at, party_size and branch_id.
    """
    wishes = [
        {
            "order_id": order.id,
            "slot_id": order.slot_id,
            "site_id": order.site_id,
            "programme_id": order.programme_id,
            "starts_at": order.starts_at,
            "party_size": order.party_size,
            "branch_id": order.branch_id,
        }
        for order in orders
    ]
    found: dict[UUID, list[AlternativeView]] = defaultdict(list)
    given = {
        "wishes": json.dumps(plain(wishes)),
        "without": list(without),
        "at": at,
        "near_m": NEAR_M,
        "offered": OFFERED,
    }
    for row in db.execute(_NEAREST, given) if wishes else ():
        found[row.order_id].append(
            AlternativeView(
                slot=SlotRef(row.id, row.programme, row.starts_at, row.ends_at),
                site_id=row.site_id,
                site_name=row.site_name,
                seats_left=row.seats_left,
                distance_m=row.distance_m,
            )
        )
    return found
