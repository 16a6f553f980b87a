"""The days of a round's teams (A9): planned after the draw, changed by hand; and where organisations are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.rounds import DayPlanAsked, DayPlanView, MoveVisit, PlanDays, SetVisitPlace
from contracts.envelope import dump
from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.day_routes import Place, spread, timed, workdays
from assessment.domain.round_visits import ASSIGNED
from assessment.domain.rounds import DRAWN
from assessment.queries.day_plans import day_plan, points_of
from assessment.queries.organisations import organisation_named
from assessment.tables.rounds import round_visits, rounds, visit_places


class RoundNotPlannable(Refusal):
    """Days are planned between the draw of a round and its end."""


class VisitNotPlannable(Refusal):
    """This visit is {state}; its day is not changed any more."""


_TIMES = text("""
UPDATE round_visits v SET visit_on = d.visit_on, stop = d.stop, starts_at = d.starts_at, version = v.version + 1
  FROM jsonb_to_recordset(CAST(:planned AS jsonb)) AS d (id uuid, visit_on date, stop smallint, starts_at time)
 WHERE v.id = d.id AND (v.visit_on, v.stop, v.starts_at) IS DISTINCT FROM (d.visit_on, d.stop, d.starts_at)
""")


def plan(db: Connection, found: Row[Any]) -> None:
    """Give every visit that is not finished a day and a time, each team's along its way."""
    days = workdays(found.starts_on, found.ends_on)
    visits = db.execute(
        select(round_visits).where(round_visits.c.round_id == found.id, round_visits.c.state == ASSIGNED)
    ).all()
    points = points_of(db, visits, below=found.path)
    teams: dict[UUID, list[Place]] = defaultdict(list)
    for visit in visits:
        teams[visit.team_id].append(Place(visit.id, points[visit.id].point if visit.id in points else None))
    planned = []
    for places in teams.values():
        for day, stops in spread(places, days, a_day=found.visits_a_day):
            planned += _stops(stops, day, found)
    _keep(db, planned)


def ask_for_plan(db: Connection, *, asked: PlanDays, actor: Actor, at: datetime) -> DayPlanView:
    """Have the days planned anew by *work*; what was changed by hand is lost. Raises RoundNotPlannable, NotFound."""
    found = _locked(db, asked.round_id, actor=actor)
    db.execute(update(rounds).where(rounds.c.id == found.id).values(is_plan_due=True))
    return day_plan(db, asked=DayPlanAsked(asked.round_id), actor=actor, at=at)


def plan_due(db: Connection, *, at: datetime) -> int:
    """Plan the days of the rounds for which that was asked; returns how many."""
    due = select(rounds).where(rounds.c.is_plan_due).order_by(rounds.c.id).with_for_update(skip_locked=True)
    found = db.execute(due).all()
    for one in found:
        if one.state == DRAWN:
            plan(db, one)
        db.execute(update(rounds).where(rounds.c.id == one.id).values(is_plan_due=False))
    return len(found)


def move(db: Connection, *, asked: MoveVisit, actor: Actor, at: datetime) -> DayPlanView:
    """Put a visit on a day by hand; the times of both days follow.

    Raises RoundNotPlannable, VisitNotPlannable, NotFound, Forbidden, InvalidInput.
    """
    visit = db.execute(select(round_visits).where(round_visits.c.id == asked.visit_id)).one_or_none()
    if visit is None:
        raise NotFound()
    found = _locked(db, visit.round_id, actor=actor)
    visit = db.execute(select(round_visits).where(round_visits.c.id == asked.visit_id).with_for_update()).one()
    if visit.state != ASSIGNED:
        raise VisitNotPlannable(state=visit.state)
    if not found.starts_on <= asked.visit_on <= found.ends_on:
        raise InvalidInput({"visit_on": ["The day lies within the days of the round."]})
    planned = []
    for day in {visit.visit_on, asked.visit_on} - {None}:
        stops = db.execute(
            select(round_visits)
            .where(
                round_visits.c.team_id == visit.team_id,
                round_visits.c.visit_on == day,
                round_visits.c.id != visit.id,
            )
            .order_by(round_visits.c.stop)
        ).all()
        row = [*stops]
        if day == asked.visit_on:
            row.insert(asked.stop - 1, visit)
        points = points_of(db, row, below=found.path)
        places = [Place(one.id, points[one.id].point if one.id in points else None) for one in row]
        planned += _stops(places, day, found)
    _keep(db, planned)
    return day_plan(db, asked=DayPlanAsked(found.id, team_id=visit.team_id, on=asked.visit_on), actor=actor, at=at)


def set_place(db: Connection, *, asked: SetVisitPlace, actor: Actor, at: datetime) -> SetVisitPlace:
    """Say where an organisation is. Raises NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("keep_on_site_round", organisation=organisation.path)
    told = {"lon": asked.lon, "lat": asked.lat, "is_made_up": False, "at": at, "by_name": actor.name}
    new = insert(visit_places).values(organisation_id=organisation.id, **told)
    db.execute(new.on_conflict_do_update(index_elements=["organisation_id"], set_=told))
    return asked


def _stops(places: Sequence[Place], day: Any, found: Row[Any]) -> list[dict[str, Any]]:
    stops = timed(places, departs=found.departs_at, visit_minutes=found.visit_minutes)
    return [
        {
            "id": stop.id,
            "visit_on": day,
            "stop": number,
            "starts_at": time(stop.starts // 60, stop.starts % 60).isoformat(),
        }
        for number, stop in enumerate(stops, start=1)
    ]


def _keep(db: Connection, planned: list[dict[str, Any]]) -> None:
    db.execute(_TIMES, {"planned": dump(planned).decode()})


def _locked(db: Connection, round_id: UUID, *, actor: Actor) -> Row[Any]:
    found = db.execute(select(rounds).where(rounds.c.id == round_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound()
    actor.must("keep_on_site_round", organisation=found.path)
    if found.state != DRAWN:
        raise RoundNotPlannable()
    return found
