"""What took place and what it cost (S13), counted set-wise by one statement whatever the number of visits.

Every order of the three periods is read once, also where periods overlap, and added to those like it (`alike`): of one
site and hour, of one state. Grouping sets make of these the totals, the rows of the split and the hours. An order has
one site, one day and at most one claim and rating, so nothing is counted twice: the rows of each split add up to the
total. Branches and persons are counted once each, so theirs do not.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.statistics import (
    PERIOD_MAX_DAYS,
    FiguresView,
    HourView,
    StatisticsAsked,
    StatisticsRowView,
    StatisticsView,
    VisitedSiteView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.periods import before, year_before
from sites.queries.scopes import visible_to

KEYS: Final = {
    "site": "s.id::text",
    "town": "coalesce(s.town, s.district)",
    "category": "s.category",
    "kind": "s.kind",
    "month": "to_char({day}, 'YYYY-MM')",
    "quarter": "to_char({day}, 'YYYY\"-Q\"Q')",
    "year": "to_char({day}, 'YYYY')",
}
NOW, BEFORE, YEAR_BEFORE = "now", "before", "year_before"

_COUNTED: Final = """
WITH periods (period, first, last) AS (
    VALUES ('now', CAST(:first AS date), CAST(:last AS date)),
           ('before', CAST(:before_first AS date), CAST(:before_last AS date)),
           ('year_before', CAST(:year_before_first AS date), CAST(:year_before_last AS date))
), alike AS MATERIALIZED (
    SELECT o.site_id, o.visit_on, o.starts_at, o.state, o.no_show_excused, o.cancelled_late,
           o.branch_id IS NULL AND o.group_name IS NULL AS is_booking,
           count(*) AS orders, sum(o.headcount) AS heads,
           sum(o.headcount) FILTER (WHERE c.approved_fen IS NOT NULL) AS approved_heads,
           count(r.average) AS ratings, sum(r.average) AS rated,
           count(c.id) AS claims, sum(c.asked_fen) AS asked_fen, sum(c.approved_fen) AS approved_fen,
           sum(c.paid_fen) AS paid_fen
      FROM orders o
      JOIN sites s ON s.id = o.site_id
      LEFT JOIN organisations b ON b.id = o.branch_id
      LEFT JOIN claims c ON c.order_id = o.id
      LEFT JOIN ratings r ON r.order_id = o.id AND r.state = 'shown'
     WHERE {condition}
       AND (o.visit_on BETWEEN :first AND :last
            OR o.visit_on BETWEEN :before_first AND :before_last
            OR o.visit_on BETWEEN :year_before_first AND :year_before_last)
     GROUP BY 1, 2, 3, 4, 5, 6, 7
), facts AS (
    SELECT p.period, o.*, {key} AS key, o.state = 'used' AS is_used,
           o.state = 'no_show' AND NOT o.no_show_excused AS is_missed,
           o.state IN ('used', 'no_show', 'cancelled') AND NOT o.no_show_excused AS is_ended,
           extract(isodow FROM o.starts_at AT TIME ZONE 'Asia/Shanghai')::int AS weekday,
           extract(hour FROM o.starts_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
      FROM periods p
      JOIN alike o ON o.visit_on BETWEEN p.first AND p.last
      JOIN sites s ON s.id = o.site_id
)
SELECT f.period, f.key, f.weekday, f.hour, f.site_id,
       grouping(f.key) = 0 AS is_row, grouping(f.weekday) = 0 AS is_hour, grouping(f.site_id) = 0 AS is_site,
       coalesce(sum(orders) FILTER (WHERE is_used AND NOT is_booking), 0)::bigint AS visits,
       coalesce(sum(orders) FILTER (WHERE is_used AND is_booking), 0)::bigint AS bookings,
       coalesce(sum(heads) FILTER (WHERE is_used), 0)::bigint AS heads,
       coalesce(sum(orders) FILTER (WHERE is_missed), 0)::bigint AS no_shows,
       coalesce(sum(orders) FILTER (WHERE cancelled_late), 0)::bigint AS late_cancellations,
       coalesce(sum(orders) FILTER (WHERE is_ended), 0)::bigint AS ended,
       sum(ratings)::bigint AS ratings, round(sum(rated) / nullif(sum(ratings), 0), 2)::float AS rating,
       sum(claims)::bigint AS claims,
       coalesce(sum(asked_fen), 0)::bigint AS asked_fen,
       coalesce(sum(approved_fen), 0)::bigint AS approved_fen,
       coalesce(sum(paid_fen), 0)::bigint AS paid_fen,
       coalesce(sum(approved_heads), 0)::bigint AS approved_heads
  FROM facts f
 GROUP BY GROUPING SETS ((f.period), (f.period, f.key), (f.period, f.weekday, f.hour), (f.period, f.site_id))
"""

# Each branch once, each person once: a set of its own, reduced before it is counted.
_ONCE: Final = """
WITH periods (period, first, last) AS (
    VALUES ('now', CAST(:first AS date), CAST(:last AS date)),
           ('before', CAST(:before_first AS date), CAST(:before_last AS date)),
           ('year_before', CAST(:year_before_first AS date), CAST(:year_before_last AS date))
), used AS MATERIALIZED (
    SELECT p.period, {key} AS key, o.id, o.branch_id, b.is_external,
           CASE WHEN o.branch_id IS NULL AND o.group_name IS NULL THEN o.placed_by_id END AS booker_id
      FROM periods p
      JOIN orders o ON o.visit_on BETWEEN p.first AND p.last AND o.state = 'used'
      JOIN sites s ON s.id = o.site_id
      LEFT JOIN organisations b ON b.id = o.branch_id
     WHERE {condition}
), once AS MATERIALIZED (
    SELECT DISTINCT period, key, branch_id AS subject, CASE WHEN is_external THEN 'outside' ELSE 'inside' END AS what
      FROM used WHERE branch_id IS NOT NULL
    UNION
    SELECT period, key, booker_id, 'person' FROM used WHERE booker_id IS NOT NULL
    UNION
    SELECT u.period, u.key, m.member_id, 'person'
      FROM used u
      JOIN check_ins i ON i.order_id = u.id AND i.state = 'valid' AND i.member_ids IS NOT NULL
     CROSS JOIN LATERAL unnest(i.member_ids) AS m (member_id)
)
SELECT period, key, is_row,
       count(*) FILTER (WHERE what = 'inside') AS branches_inside,
       count(*) FILTER (WHERE what = 'outside') AS branches_outside,
       count(*) FILTER (WHERE what = 'person') AS persons
  FROM (SELECT period, key, what, true AS is_row FROM once
         UNION ALL
        SELECT period, NULL, what, false FROM (SELECT DISTINCT period, subject, what FROM once) AS whole) AS each
 GROUP BY period, key, is_row
"""

_SEATS: Final = """
WITH periods (period, first, last) AS (
    VALUES ('now', CAST(:first AS date), CAST(:last AS date)),
           ('before', CAST(:before_first AS date), CAST(:before_last AS date)),
           ('year_before', CAST(:year_before_first AS date), CAST(:year_before_last AS date))
)
SELECT p.period, {key} AS key, grouping({key}) = 0 AS is_row, sum(t.seats) AS seats
  FROM periods p
  JOIN slots t ON t.visit_on BETWEEN p.first AND p.last AND t.ends_at <= :at
  JOIN sites s ON s.id = t.site_id
 WHERE {condition} AND t.dropped_at IS NULL AND (t.closed_reason IS NULL OR t.seats_taken > 0)
 GROUP BY GROUPING SETS ((p.period), (p.period, {key}))
"""

_PLACES: Final = text(
    "SELECT id, name, ST_X(point) AS lon, ST_Y(point) AS lat FROM sites WHERE id = ANY(:ids) ORDER BY name"
)

Key = tuple[str, str | None]


def statistics(db: Connection, *, asked: StatisticsAsked, actor: Actor, at: datetime) -> StatisticsView:
    """Count the period that is asked for, and the two it is compared with. Raises Forbidden, InvalidInput."""
    first, last = period_of(asked, at=at)
    visible, given = visible_to(
        actor, "read_statistics", branch="b.path", site="s.managing_path", organisation="s.managing_path"
    )
    conditions, values = [visible], {**given, "at": at, "first": first, "last": last}
    values["before_first"], values["before_last"] = before(first, last)
    values["year_before_first"], values["year_before_last"] = year_before(first, last)
    of_year_before = YEAR_BEFORE
    if before(first, last) == year_before(first, last):  # of a whole year: counted once, as `before`
        of_year_before = BEFORE
        values["year_before_last"] = values["year_before_first"] - timedelta(days=1)
    of_places = {"site_id": "s.id", "town": "coalesce(s.town, s.district)", "category": "s.category", "kind": "s.kind"}
    of_orders = {"fund_id": "o.fund_id", "branch_id": "o.branch_id"}
    for name, column in {**of_places, **of_orders}.items():
        if (value := getattr(asked, name)) is not None:
            conditions.append(f"{column} = :{name}")
            values[name] = value
    # Keys and conditions are constants of this module and of `scopes`; every value is bound.
    condition, key = " AND ".join(conditions), KEYS[asked.by].format(day="o.visit_on")
    # Sums of a hundred thousand rows stay in memory, and compiling the statement takes longer than running it.
    db.execute(text("SET LOCAL work_mem = '64MB'"))
    db.execute(text("SET LOCAL jit = off"))
    counted = db.execute(text(_COUNTED.format(key=key, condition=condition)), values).all()
    once = db.execute(text(_ONCE.format(key=key, condition=condition)), values).all()
    seats = None if _is_of_orders(asked, visible) else _seats(db, asked, conditions, values)
    return _view(
        db,
        asked=asked,
        period=(first, last),
        of_year_before=of_year_before,
        counted=counted,
        once=once,
        seats=seats,
        at=at,
    )


def period_of(asked: StatisticsAsked, *, at: datetime) -> tuple[date, date]:
    """Return the first and the last day that are asked for. Raises InvalidInput."""
    last = asked.to_day or clock.today(at)
    first = asked.from_day or last.replace(month=1, day=1)
    if first > last:
        raise InvalidInput({"to_day": ["The interval ends before it begins."]})
    if (last - first).days >= PERIOD_MAX_DAYS:
        raise InvalidInput({"from_day": ["A period is at most ten years long."]})
    return first, last


def _is_of_orders(asked: StatisticsAsked, visible: str) -> bool:
    """Say whether only some orders of a slot count, so that its seats say nothing."""
    return asked.fund_id is not None or asked.branch_id is not None or "b.path" in visible


def _seats(
    db: Connection, asked: StatisticsAsked, conditions: Sequence[str], values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    key = KEYS[asked.by].format(day="t.visit_on")
    return db.execute(text(_SEATS.format(key=key, condition=" AND ".join(conditions))), values).all()


def _view(
    db: Connection,
    *,
    asked: StatisticsAsked,
    period: tuple[date, date],
    of_year_before: str,
    counted: Sequence[Row[Any]],
    once: Sequence[Row[Any]],
    seats: Sequence[Row[Any]] | None,
    at: datetime,
) -> StatisticsView:
    distinct = {(row.period, row.key if row.is_row else None): row for row in once}
    seated = None if seats is None else {(row.period, row.key if row.is_row else None): row.seats for row in seats}
    totals = {row.period: row for row in counted if not (row.is_row or row.is_hour or row.is_site)}
    of_sites = {row.site_id: row for row in counted if row.is_site and row.period == NOW}
    places = db.execute(_PLACES, {"ids": list(of_sites)}).all()
    names = {str(place.id): place.name for place in places}
    rows = [row for row in counted if row.is_row and row.period == NOW]
    return StatisticsView(
        from_day=period[0],
        to_day=period[1],
        by=asked.by,
        counted_at=at,
        total=_figures(totals.get(NOW), (NOW, None), distinct, seated),
        before=_figures(totals.get(BEFORE), (BEFORE, None), distinct, seated),
        year_before=_figures(totals.get(of_year_before), (of_year_before, None), distinct, seated),
        rows=[
            StatisticsRowView(row.key, names.get(row.key, row.key), _figures(row, (NOW, row.key), distinct, seated))
            for row in sorted(rows, key=lambda row: _place_of(row, asked.by))
        ],
        hours=[
            HourView(row.weekday, row.hour, row.visits + row.bookings, row.heads)
            for row in sorted((row for row in counted if row.is_hour), key=lambda row: (row.weekday, row.hour))
            if row.period == NOW and row.visits + row.bookings
        ],
        sites=[
            VisitedSiteView(
                place.id,
                place.name,
                place.lon,
                place.lat,
                of_sites[place.id].visits + of_sites[place.id].bookings,
                of_sites[place.id].heads,
            )
            for place in places
        ],
    )


def _place_of(row: Row[Any], by: str) -> tuple[int, str]:
    """Times run on; places are told by their visits, the most visited first."""
    return (0 if by in ("month", "quarter", "year") else -row.visits, row.key)


def _figures(
    row: Row[Any] | None, key: Key, distinct: Mapping[Key, Row[Any]], seated: Mapping[Key, int] | None
) -> FiguresView:
    once = distinct.get(key)
    counted = row._mapping if row is not None else {}
    heads = counted.get("approved_heads", 0)
    approved_fen = counted.get("approved_fen", 0)
    return FiguresView(
        **{name: counted.get(name, 0) for name in _SUMS},
        rating=counted.get("rating"),
        persons=once.persons if once else 0,
        branches_inside=once.branches_inside if once else 0,
        branches_outside=once.branches_outside if once else 0,
        seats=None if seated is None else seated.get(key, 0),
        cost_per_head_fen=(approved_fen + heads // 2) // heads if heads else None,
    )


_SUMS: Final = (
    *("visits", "bookings", "heads", "no_shows", "late_cancellations", "ended", "ratings", "claims"),
    *("asked_fen", "approved_fen", "paid_fen"),
)
