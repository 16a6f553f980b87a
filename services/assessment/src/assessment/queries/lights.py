"""Lights of branches. The day alone can change a light, so one that is not frozen is read anew from the facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from contracts.assessment.lights import (
    LightAsked,
    LightCorrectionView,
    LightHistoryAsked,
    LightHistoryView,
    LightMonthView,
    LightsAsked,
    LightView,
    ReadingView,
)
from contracts.envelope import Page, load
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select, tuple_

from assessment.domain.checks import EXEMPT, GREEN, Reading, Rule, worst
from assessment.domain.months import SHANGHAI, Month
from assessment.queries.checks import Numbers, checks_of, numbers_in
from assessment.queries.facts import exempt_in, facts_of
from assessment.queries.organisations import IS_ASSESSED, is_below, organisation_named
from assessment.tables.lights import light_corrections, lights
from assessment.tables.organisations import organisations

PAGE_MAX = 100
"""Reading and writing down more lights at once would hold up every other call of the process for over 20 ms."""

HISTORY_MONTHS = 24


@dataclass(frozen=True)
class Seen:
    """A light with what the checks read; an exempt branch or member has no readings, and says until when."""

    light: str
    readings: list[ReadingView]
    exempt_until: date | None = None


def light(db: Connection, *, asked: LightAsked, actor: Actor, at: datetime) -> LightView:
    """Return one branch's light. Raises NotFound for no branch, or a month for which none is known of it."""
    month = Month.named(asked.month) if asked.month else Month.at(at)
    row = db.execute(of_branches(month).where(organisations.c.id == asked.branch_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must("read_light", branch=row.path)
    shown = read(db, [row], month=month, at=at)
    if not shown:
        raise NotFound()
    return replace(shown[0], corrections=corrections_of(db, branch_id=row.id, person_id=None, month=month))


def history(db: Connection, *, asked: LightHistoryAsked, actor: Actor, at: datetime) -> LightHistoryView:
    """Return a branch's lights of the months that are frozen, newest first. Raises NotFound, Forbidden."""
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("read_light", branch=branch.path)
    rows = db.execute(
        select(lights.c.month, lights.c.light, lights.c.correction_id)
        .where(lights.c.branch_id == asked.branch_id, lights.c.frozen_at.is_not(None))
        .order_by(lights.c.month.desc())
        .limit(HISTORY_MONTHS)
    )
    months = [LightMonthView(row.month, row.light, row.correction_id is not None) for row in rows]
    return LightHistoryView(asked.branch_id, months)


def lights_below(db: Connection, *, asked: LightsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the lights of all branches below the actor's places, in the tree's order, PAGE_MAX at most.

    Raises NotFound for an unknown organisation, Forbidden.
    """
    paths = actor.paths_for("read_lights")
    if not paths:
        raise Forbidden()
    if asked.organisation_id:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("read_lights", organisation=organisation.path)
        paths = [organisation.path]
    month = Month.named(asked.month) if asked.month else Month.at(at)
    limit = min(asked.limit, PAGE_MAX)
    candidates = of_branches(month).where(is_below(paths)).order_by(organisations.c.path, organisations.c.id)
    if asked.field:
        candidates = candidates.where(organisations.c.field == asked.field)
    if asked.light:
        candidates = candidates.where(or_(lights.c.light == asked.light, is_stale(month, at)))
    after = key_in(asked.cursor, str, UUID) if asked.cursor else None
    found: list[LightView] = []
    while True:
        page = candidates.where(tuple_(organisations.c.path, organisations.c.id) > after) if after else candidates
        rows = db.execute(page.limit(limit + 1)).all()
        shown = {view.branch_id: view for view in read(db, rows, month=month, at=at)}
        for row in rows:
            view = shown.get(row.id)
            if view is not None and asked.light in (None, view.light):
                if len(found) == limit:
                    return Page(items=found, next=cursor_after(*after) if after else None)
                found.append(view)
            after = (row.path, row.id)
        if len(rows) <= limit:
            return Page(items=found)


def read(db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime) -> list[LightView]:
    """Return the lights of rows of `of_branches`: the frozen ones as they are, the others as the facts stand.

    Leaves out branches that nobody had told us of in that month, and all of them in a month to come.
    """
    thawed = [branch for branch in branches if branch.frozen_at is None]
    seen = seen_of(db, thawed, month=month, at=at)
    views = []
    for branch in branches:
        if branch.frozen_at:
            kept = [load(ReadingView, reading) for reading in branch.readings]
            views.append(_view(branch, month, Seen(branch.light, kept), at=branch.computed_at))
        elif branch.id in seen:
            views.append(_view(branch, month, seen[branch.id], at=at))
    return views


def seen_of(
    db: Connection,
    branches: Sequence[Row[Any]],
    *,
    month: Month,
    at: datetime,
    numbers: Numbers | None = None,
) -> dict[UUID, Seen]:
    """Return what the checks in force read for each branch (rows of `organisations`) from the facts at `at`.

    With `numbers` other checks than those in force. Leaves out branches that nobody had told us of in that month, and
    all of them in a month to come or without checks.
    """
    known = [branch for branch in branches if branch.known_since < month.ends_at] if month <= Month.at(at) else []
    checks, _ = checks_of(numbers_in(db, month) if numbers is None else numbers) if known else ([], [])
    if not checks:
        return {}
    facts = facts_of(db, known, month=month, at=at, checks=checks)
    exempt = exempt_in(db, [branch.id for branch in known], month=month)
    found = {}
    for branch in known:
        if branch.id in exempt:
            found[branch.id] = Seen(EXEMPT, [], exempt[branch.id].active_until)
        else:
            readings = [as_view(check, check.measure(facts[branch.id], month=month)) for check in checks]
            found[branch.id] = Seen(worst_of(readings), readings)
    return found


def worst_of(readings: list[ReadingView]) -> str:
    """Return the light that the readings make: the worst one decides; none is green."""
    return worst([reading.light for reading in readings]) if readings else GREEN


def is_stale(month: Month, at: datetime) -> ColumnElement[bool]:
    """The condition that a branch has no stored light in the month that is still right on the day of `at`."""
    day = min(clock.today(at), month.last)
    begins_at = datetime.combine(day, time(), tzinfo=SHANGHAI)
    return and_(lights.c.frozen_at.is_(None), or_(lights.c.computed_at.is_(None), lights.c.computed_at < begins_at))


def of_branches(month: Month) -> Select[Any]:
    """Select the assessed branches with what is stored of their light in the month."""
    return (
        select(
            organisations,
            lights.c.light,
            lights.c.readings,
            lights.c.computed_at,
            lights.c.frozen_at,
            lights.c.correction_id,
        )
        .outerjoin(lights, and_(lights.c.branch_id == organisations.c.id, lights.c.month == str(month)))
        .where(IS_ASSESSED)
    )


def corrections_of(
    db: Connection, *, branch_id: UUID, person_id: UUID | None, month: Month
) -> list[LightCorrectionView]:
    """Return how a frozen light was corrected, the oldest first."""
    of = light_corrections.c
    rows = db.execute(
        select(light_corrections)
        .where(of.branch_id == branch_id, of.person_id.is_not_distinct_from(person_id), of.month == str(month))
        .order_by(of.at, of.id)
    )
    return [LightCorrectionView(row.from_light, row.to_light, row.reason, row.at, row.by_name) for row in rows]


def as_view(check: Rule, reading: Reading) -> ReadingView:
    """Return the reading as it is told and kept."""
    return ReadingView(
        check=check.code(),
        title_zh=check.title_zh,
        title_en=check.title_en(),
        light=reading.light,
        why_zh=reading.why.zh,
        why_en=reading.why.en,
        mend_zh=reading.mend.zh,
        mend_en=reading.mend.en,
        yellow_on=reading.yellow_on,
        red_on=reading.red_on,
    )


def _view(branch: Row[Any], month: Month, seen: Seen, *, at: datetime) -> LightView:
    days = [reading.red_on for reading in seen.readings if reading.red_on is not None]
    return LightView(
        branch_id=branch.id,
        branch_name=branch.name,
        month=str(month),
        light=seen.light,
        readings=seen.readings,
        frozen=branch.frozen_at is not None,
        computed_at=at,
        exempt_until=seen.exempt_until,
        red_on=min(days) if days and branch.frozen_at is None and seen.light != "red" else None,
        corrected=branch.correction_id is not None,
    )
