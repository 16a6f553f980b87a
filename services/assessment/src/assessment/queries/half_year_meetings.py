"""Half-yearly meetings of secretaries and the figures of their paper: the round, problems, cards, lights.

The figures stand in the order of the tree; nobody is ranked by them.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.assessment.half_year_meetings import (
    HalfYearLine,
    HalfYearMeetingAsked,
    HalfYearMeetingsAsked,
    HalfYearMeetingsView,
    HalfYearMeetingView,
)
from sqlalchemy import Connection, Row, Select, select, text

from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.post_holders import secretaries_on
from assessment.tables.organisations import organisations
from assessment.tables.reviews import half_year_meetings

MEETINGS_MAX: Final = 50
MEETINGS: Select[Any] = select(
    half_year_meetings, organisations.c.name.label("organisation_name"), organisations.c.path
).join(organisations, organisations.c.id == half_year_meetings.c.organisation_id)

# One line for each organisation directly below, over all that lies below it; the half-year before beside it.
_LINES: Final = text(
    """
WITH parts AS (
    SELECT id, name, path FROM organisations
    WHERE parent_id = :id AND NOT is_external AND NOT dissolved
), nodes AS (
    SELECT p.id AS part_id, o.id, o.kind FROM parts p
    JOIN organisations o ON o.path = p.path OR (o.path >= (p.path || '.') COLLATE "C"
                                               AND o.path < (p.path || '/') COLLATE "C")
    WHERE NOT o.is_external
), scored AS (
    SELECT n.part_id, count(*) FILTER (WHERE s.finished_on >= :first) AS visited,
           round(avg(s.score) FILTER (WHERE s.finished_on >= :first), 1) AS score,
           round(avg(s.score) FILTER (WHERE s.finished_on < :first), 1) AS score_before
    FROM nodes n JOIN round_scores s ON s.organisation_id = n.id
    WHERE s.finished_on BETWEEN :before AND :last GROUP BY n.part_id
), found AS (
    SELECT n.part_id, count(*) FILTER (WHERE p.found_on >= :first) AS problems,
           count(*) FILTER (WHERE p.found_on < :first) AS problems_before,
           count(*) FILTER (WHERE p.found_on >= :first AND p.state IN ('open', 'mending')) AS problems_open
    FROM nodes n JOIN problems p ON p.organisation_id = n.id
    WHERE p.found_on BETWEEN :before AND :last AND p.state <> 'withdrawn' GROUP BY n.part_id
), carded AS (
    SELECT n.part_id, count(*) AS cards FROM nodes n JOIN cards c ON c.organisation_id = n.id
    WHERE c.given_on BETWEEN :first AND :last AND c.state <> 'lifted' GROUP BY n.part_id
), lit AS (
    SELECT n.part_id,
           count(*) FILTER (WHERE l.month >= :first_month) AS all_now,
           count(*) FILTER (WHERE l.month >= :first_month AND l.light = 'green') AS green_now,
           count(*) FILTER (WHERE l.month < :first_month) AS all_before,
           count(*) FILTER (WHERE l.month < :first_month AND l.light = 'green') AS green_before
    FROM nodes n JOIN lights l ON l.branch_id = n.id
    WHERE l.frozen_at IS NOT NULL AND l.month BETWEEN :before_month AND :last_month GROUP BY n.part_id
)
SELECT p.id AS organisation_id, p.name,
       (SELECT count(*) FROM nodes n WHERE n.part_id = p.id AND n.kind IN ('branch', 'joint_branch')) AS branches,
       coalesce(s.visited, 0) AS visited, s.score, s.score_before, coalesce(f.problems, 0) AS problems,
       coalesce(f.problems_open, 0) AS problems_open, coalesce(f.problems_before, 0) AS problems_before,
       coalesce(c.cards, 0) AS cards,
       CASE WHEN l.all_now > 0 THEN round(100.0 * l.green_now / l.all_now)::integer END AS green_percent,
       CASE WHEN l.all_before > 0 THEN round(100.0 * l.green_before / l.all_before)::integer END AS green_percent_before
FROM parts p LEFT JOIN scored s ON s.part_id = p.id LEFT JOIN found f ON f.part_id = p.id
LEFT JOIN carded c ON c.part_id = p.id LEFT JOIN lit l ON l.part_id = p.id
ORDER BY p.path"""
)


def meetings_asked(db: Connection, *, asked: HalfYearMeetingsAsked, actor: Actor) -> HalfYearMeetingsView:
    """Return the half-yearly meetings, the newest first. Raises NotFound, Forbidden."""
    if asked.organisation_id is None:
        paths = actor.paths_for("read_half_year_meetings")
        if not paths:
            raise Forbidden()
    else:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("read_half_year_meetings", organisation=organisation.path)
        paths = [organisation.path]
    of = half_year_meetings.c
    rows = db.execute(
        MEETINGS.where(is_below(paths))
        .order_by(of.year.desc(), of.half.desc(), organisations.c.path)
        .limit(MEETINGS_MAX)
    )
    return HalfYearMeetingsView(
        items=[view_of(row, [], actor=actor) for row in rows],
        may_plan=bool(actor.paths_for("hold_half_year_meeting")),
    )


def meeting(db: Connection, *, asked: HalfYearMeetingAsked, actor: Actor, at: datetime) -> HalfYearMeetingView:
    """Return one half-yearly meeting with its figures. Raises NotFound, Forbidden."""
    row = row_of(db, asked.meeting_id)
    actor.must("read_half_year_meetings", organisation=row.path)
    return view_of(row, lines_of(db, row, today=clock.today(at)), actor=actor)


def row_of(db: Connection, meeting_id: UUID) -> Row[Any]:
    """Return the meeting with its organisation. Raises NotFound."""
    row = db.execute(MEETINGS.where(half_year_meetings.c.id == meeting_id)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def days_of(year: int, half: int) -> tuple[date, date]:
    """Return the first and the last day of a half-year."""
    return (date(year, 1, 1), date(year, 6, 30)) if half == 1 else (date(year, 7, 1), date(year, 12, 31))


def lines_of(db: Connection, row: Row[Any], *, today: date) -> list[HalfYearLine]:
    """Return what the half-year gave each organisation directly below, in the order of the tree."""
    first, last = days_of(row.year, row.half)
    before, _ = days_of(row.year - (row.half == 1), 3 - row.half)
    days = {"id": row.organisation_id, "first": first, "last": last, "before": before}
    months = {f"{name}_month": day.strftime("%Y-%m") for name, day in days.items() if isinstance(day, date)}
    found = db.execute(_LINES, {**days, **months}).all()
    leaders = secretaries_on(db, [one.organisation_id for one in found], min(last, today))
    lines = []
    for one in found:
        kept = dict(one._mapping)
        for name in ("score", "score_before"):
            kept[name] = None if kept[name] is None else float(kept[name])
        leader = leaders.get(one.organisation_id)
        lines.append(HalfYearLine(secretary_name=leader.name if leader else None, **kept))
    return lines


def view_of(row: Row[Any], lines: list[HalfYearLine], *, actor: Actor) -> HalfYearMeetingView:
    """Return the view of a meeting that the actor may read."""
    first, last = days_of(row.year, row.half)
    told = ("from_day", "until_day", "lines", "may_hold")
    return HalfYearMeetingView(
        **{name: row._mapping[name] for name in HalfYearMeetingView.__dataclass_fields__ if name not in told},
        from_day=first,
        until_day=last,
        lines=lines,
        may_hold=row.held_on is None and actor.may("hold_half_year_meeting", organisation=row.path),
    )
