"""Lights of branches. The day alone can change a light, so one that is not frozen is read anew from the facts."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from contracts.assessment.lights import LightAsked, LightsAsked, LightView, ReadingView
from contracts.envelope import Page
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select, tuple_

from assessment.domain.checks import Check, Reading, worst
from assessment.domain.months import SHANGHAI, Month
from assessment.queries.checks import checks_in
from assessment.queries.facts import facts_of
from assessment.queries.organisations import IS_ASSESSED, is_below
from assessment.tables.lights import lights
from assessment.tables.organisations import organisations

PAGE_MAX = 100
"""Reading and writing down more lights at once would hold up every other call of the process for over 20 ms."""


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
    return shown[0]


def lights_below(db: Connection, *, asked: LightsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the lights of all branches below the actor's places, in the tree's order, PAGE_MAX at most."""
    paths = actor.paths_for("read_lights")
    if not paths:
        raise Forbidden()
    month = Month.named(asked.month) if asked.month else Month.at(at)
    limit = min(asked.limit, PAGE_MAX)
    candidates = of_branches(month).where(is_below(paths)).order_by(organisations.c.path, organisations.c.id)
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
    readings = readings_of(db, thawed, month=month, at=at)
    views = []
    for branch in branches:
        if branch.frozen_at:
            views.append(_view(branch, month, [ReadingView(**kept) for kept in branch.readings], at=branch.computed_at))
        elif branch.id in readings:
            views.append(_view(branch, month, readings[branch.id], at=at))
    return views


def readings_of(
    db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime
) -> dict[UUID, list[ReadingView]]:
    """Return what the checks in force read for each branch (rows of `organisations`) from the facts at `at`.

    Leaves out branches that nobody had told us of in that month, and all of them in a month to come or without checks.
    """
    known = [branch for branch in branches if branch.known_since < month.ends_at] if month <= Month.at(at) else []
    checks = checks_in(db, month) if known else []
    if not checks:
        return {}
    facts = facts_of(db, known, month=month, at=at)
    return {
        branch.id: [_shown(check, check.measure(facts[branch.id], month=month)) for check in checks] for branch in known
    }


def worst_of(readings: list[ReadingView]) -> str:
    """Return the light that the readings make: the worst one decides."""
    return worst([reading.light for reading in readings])


def is_stale(month: Month, at: datetime) -> ColumnElement[bool]:
    """The condition that a branch has no stored light in the month that is still right on the day of `at`."""
    day = min(at.astimezone(SHANGHAI).date(), month.last)
    begins_at = datetime.combine(day, time(), tzinfo=SHANGHAI)
    return and_(lights.c.frozen_at.is_(None), or_(lights.c.computed_at.is_(None), lights.c.computed_at < begins_at))


def of_branches(month: Month) -> Select[Any]:
    """Select the assessed branches with what is stored of their light in the month."""
    return (
        select(organisations, lights.c.light, lights.c.readings, lights.c.computed_at, lights.c.frozen_at)
        .outerjoin(lights, and_(lights.c.branch_id == organisations.c.id, lights.c.month == str(month)))
        .where(IS_ASSESSED)
    )


def _shown(check: Check, reading: Reading) -> ReadingView:
    return ReadingView(
        check=check.code(),
        title_zh=check.title_zh,
        title_en=check.title_en(),
        light=reading.light,
        why_zh=reading.why.zh,
        why_en=reading.why.en,
        mend_zh=reading.mend.zh,
        mend_en=reading.mend.en,
    )


def _view(branch: Row[Any], month: Month, readings: list[ReadingView], *, at: datetime) -> LightView:
    return LightView(
        branch_id=branch.id,
        branch_name=branch.name,
        month=str(month),
        light=worst_of(readings),
        readings=readings,
        frozen=branch.frozen_at is not None,
        computed_at=at,
    )
