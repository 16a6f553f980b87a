"""Lights of members: of a branch's, and one's own. One that is not frozen is read anew from the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.assessment.lights import (
    CheckName,
    LightMonthView,
    MemberLightsAsked,
    MemberLightsView,
    MemberLightView,
    MyLightAsked,
    MyLightView,
    ReadingView,
)
from contracts.envelope import load
from sqlalchemy import Connection, Row, exists, select

from assessment.domain.checks import EXEMPT, GREEN, SHOWN
from assessment.domain.facts import MemberFacts
from assessment.domain.member_checks import MemberCheck
from assessment.domain.months import Month
from assessment.queries.checks import Numbers, checks_of, numbers_in
from assessment.queries.facts import members_alike, members_of
from assessment.queries.lights import HISTORY_MONTHS, Seen, as_view, worst_of
from assessment.queries.organisations import organisation_named
from assessment.tables.lights import frozen_months, member_lights
from assessment.tables.rolls import members


@dataclass(frozen=True)
class Tried:
    """Members of whom the same is known, [(person, branch)], with their light by the checks in force and by others."""

    places: Sequence[tuple[UUID, UUID]]
    was: Seen
    would_be: Seen


@dataclass(frozen=True)
class Alike:
    """Members of whom the same is known, and so the same light: ids in two arrays, as PostgreSQL writes them."""

    persons: str
    branches: str
    seen: Seen


def lights_alike(db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime) -> list[Alike]:
    """Return what the members' checks in force read for everybody on the branches' rolls; of each what is not green.

    Nobody has a light in a month without such checks.
    """
    checks = _checks_in(db, month, at=at)
    if not checks:
        return []
    alike = members_alike(db, branch_ids, month=month, at=at)
    return [Alike(row.persons, row.branches, _seen(row, facts, checks, month=month)) for row, facts in alike]


def lights_tried(
    db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime, numbers: Numbers, others: Numbers
) -> list[Tried]:
    """Return for everybody on the branches' rolls what two rules read from the same facts; no check reads green."""
    checks, tried = checks_of(numbers)[1], checks_of(others)[1]
    return [
        Tried(_places(row), _seen(row, facts, checks, month=month), _seen(row, facts, tried, month=month))
        for row, facts in members_alike(db, branch_ids, month=month, at=at)
    ]


def _places(row: Row[Any]) -> list[tuple[UUID, UUID]]:
    persons, branches = (array.strip("{}").split(",") for array in (row.persons, row.branches))
    return [(UUID(person), UUID(branch)) for person, branch in zip(persons, branches, strict=True)]


def _checks_in(db: Connection, month: Month, *, at: datetime) -> list[MemberCheck]:
    return checks_of(numbers_in(db, month))[1] if month <= Month.at(at) else []


def _seen(row: Row[Any], facts: MemberFacts, checks: Sequence[MemberCheck], *, month: Month) -> Seen:
    if row.exempt_until is not None:
        return Seen(EXEMPT, [], row.exempt_until)
    told = [(check, check.measure(facts, month=month)) for check in checks]
    readings = [
        as_view(check, reading) for check, reading in told if reading.light != GREEN or reading.red_on is not None
    ]
    return Seen(worst_of(readings), readings)


def of_branch(db: Connection, *, asked: MemberLightsAsked, actor: Actor, at: datetime) -> MemberLightsView:
    """Return the lights of a branch's members. Raises NotFound, Forbidden."""
    month = Month.named(asked.month) if asked.month else Month.at(at)
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("read_member_lights", branch=branch.path)
    shown = _of_branch(db, branch.id, month=month, at=at)
    counts = {light: sum(one.light == light for one in shown) for light in SHOWN}
    return MemberLightsView(
        branch_id=branch.id,
        branch_name=branch.name,
        month=str(month),
        **counts,
        items=[one for one in shown if asked.light in (None, one.light)],
    )


def mine(db: Connection, *, asked: MyLightAsked, actor: Actor, at: datetime) -> MyLightView:
    """Return the actor's own light, and how the months before ended. Raises Forbidden."""
    actor.must("read_my_light", person=actor.person_id)
    month = Month.named(asked.month) if asked.month else Month.at(at)
    frozen = db.execute(_FROZEN.where(member_lights.c.person_id == actor.person_id)).all()
    this_month = next((row for row in frozen if row.month == str(month)), None)
    light = None
    if this_month is not None:
        light = _kept(this_month, actor.name)
    else:
        branch_id = db.scalar(select(members.c.branch_id).where(members.c.person_id == actor.person_id).limit(1))
        if branch_id is not None and not _is_frozen(db, month):
            shown = _live_of(db, branch_id, month=month, at=at)
            light = next((one for one in shown if one.person_id == actor.person_id), None)
    _, checks = checks_of(numbers_in(db, month))
    return MyLightView(
        month=str(month),
        light=light,
        checks=[CheckName(check.code(), check.title_zh, check.title_en()) for check in checks],
        months=[LightMonthView(row.month, row.light, row.correction_id is not None) for row in frozen],
    )


def _of_branch(db: Connection, branch_id: UUID, *, month: Month, at: datetime) -> list[MemberLightView]:
    if not _is_frozen(db, month):
        return _live_of(db, branch_id, month=month, at=at)
    rows = db.execute(
        select(member_lights, members.c.name)
        .outerjoin(members, members.c.person_id == member_lights.c.person_id)
        .where(member_lights.c.branch_id == branch_id, member_lights.c.month == str(month))
        .order_by(members.c.name, member_lights.c.person_id)
    )
    return list({row.person_id: _kept(row, row.name or "—") for row in rows}.values())


def _is_frozen(db: Connection, month: Month) -> bool:
    return bool(db.scalar(select(exists().where(frozen_months.c.month == str(month)))))


def _live_of(db: Connection, branch_id: UUID, *, month: Month, at: datetime) -> list[MemberLightView]:
    checks = _checks_in(db, month, at=at)
    if not checks:
        return []
    members_ = members_of(db, branch_id, month=month, at=at)
    return [_live(row, _seen(row, facts, checks, month=month), month) for row, facts in members_]


def _live(member: Row[Any], seen: Seen, month: Month) -> MemberLightView:
    days = [reading.red_on for reading in seen.readings if reading.red_on is not None]
    return MemberLightView(
        person_id=member.person_id,
        name=member.name,
        branch_id=member.branch_id,
        month=str(month),
        light=seen.light,
        readings=seen.readings,
        frozen=False,
        exempt_until=seen.exempt_until,
        red_on=min(days) if days and seen.light != "red" else None,
    )


def _kept(row: Row[Any], name: str) -> MemberLightView:
    return MemberLightView(
        person_id=row.person_id,
        name=name,
        branch_id=row.branch_id,
        month=row.month,
        light=row.light,
        readings=[load(ReadingView, reading) for reading in row.readings],
        frozen=True,
        corrected=row.correction_id is not None,
    )


_FROZEN = (
    select(member_lights)
    .where(member_lights.c.frozen_at.is_not(None))
    .order_by(member_lights.c.month.desc())
    .limit(HISTORY_MONTHS)
)
