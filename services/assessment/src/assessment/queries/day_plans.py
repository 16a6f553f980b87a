"""The days of a round's teams: the stops in order, where they are, how long the ways take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.ways import Degrees
from contracts.assessment.rounds import DayPlanAsked, DayPlanView, TeamDayView, VisitStopView
from sqlalchemy import Connection, Row, func, select

from assessment.domain.day_routes import Place, timed
from assessment.domain.round_visits import ASSIGNED
from assessment.queries.rounds import round_the_actor_sees
from assessment.tables.organisations import organisations
from assessment.tables.rounds import round_teams, round_visits, visit_places


@dataclass(frozen=True)
class Spot:
    """Where a visit is: its organisation's own point, or that of the nearest one above it."""

    point: Degrees
    name: str
    is_own: bool


def points_of(db: Connection, visits: Sequence[Row[Any]], *, below: str) -> dict[UUID, Spot]:
    """Return where the visits are, as far as it is known; a point at or above the node `below` says nothing."""
    wanted = {path for visit in visits for path in _up(visit.path) if len(path) > len(below) or path == visit.path}
    known = {
        row.path: row
        for row in db.execute(
            select(organisations.c.path, organisations.c.name, visit_places.c.lon, visit_places.c.lat)
            .join(visit_places, visit_places.c.organisation_id == organisations.c.id)
            .where(organisations.c.path.in_(wanted))
        )
    }
    spots = {}
    for visit in visits:
        found = next((known[path] for path in _up(visit.path) if path in known), None)
        if found is not None:
            spots[visit.id] = Spot((found.lon, found.lat), found.name, found.path == visit.path)
    return spots


def day_plan(db: Connection, *, asked: DayPlanAsked, actor: Actor, at: datetime) -> DayPlanView:
    """Return the days of a round's teams, to who reads the round or is of one. Raises NotFound, Forbidden."""
    found = round_the_actor_sees(db, asked.round_id, actor=actor)
    rows = (
        select(round_visits, round_teams.c.number.label("team_number"), round_teams.c.name.label("team_name"))
        .join(round_teams, round_teams.c.id == round_visits.c.team_id)
        .where(round_visits.c.round_id == found.id, round_visits.c.visit_on.is_not(None))
        .order_by(round_visits.c.visit_on, round_teams.c.number, round_visits.c.stop, round_visits.c.id)
    )
    days = select(round_visits.c.visit_on).where(
        round_visits.c.round_id == found.id, round_visits.c.visit_on.is_not(None)
    )
    if asked.team_id:
        rows, days = (one.where(round_visits.c.team_id == asked.team_id) for one in (rows, days))
    if asked.on:
        rows = rows.where(round_visits.c.visit_on == asked.on)
    visits = db.execute(rows).all()
    spots = points_of(db, visits, below=found.path)
    without = select(func.count()).where(
        round_visits.c.round_id == found.id, round_visits.c.state == ASSIGNED, round_visits.c.visit_on.is_(None)
    )
    return DayPlanView(
        round_id=found.id,
        days=[
            _day(list(stops), spots, found)
            for _, stops in groupby(visits, key=lambda row: (row.visit_on, row.team_number))
        ],
        without_day=db.execute(without).scalar_one(),
        all_days=list(db.execute(days.distinct().order_by(round_visits.c.visit_on)).scalars()),
    )


def _day(stops: list[Row[Any]], spots: dict[UUID, Spot], found: Row[Any]) -> TeamDayView:
    places = [Place(stop.id, spots[stop.id].point if stop.id in spots else None) for stop in stops]
    ways = timed(places, departs=found.departs_at, visit_minutes=found.visit_minutes)
    views = []
    for stop, way in zip(stops, ways, strict=True):
        spot = spots.get(stop.id)
        views.append(
            VisitStopView(
                visit_id=stop.id,
                organisation_id=stop.organisation_id,
                name=stop.name,
                town=stop.town,
                state=stop.state,
                stop=stop.stop,
                starts_at=stop.starts_at.strftime("%H:%M"),
                point=list(spot.point) if spot else None,
                place_of=spot.name if spot else None,
                is_own_point=spot is not None and spot.is_own,
                travel_minutes=way.travel_minutes,
                distance_m=way.distance_m,
            )
        )
    ends = min(ways[-1].starts + found.visit_minutes, 24 * 60 - 1)
    first = stops[0]
    return TeamDayView(
        team_id=first.team_id,
        team_number=first.team_number,
        team_name=first.team_name,
        on=first.visit_on,
        ends_at=f"{ends // 60:02}:{ends % 60:02}",
        distance_m=sum(way.distance_m or 0 for way in ways),
        stops=views,
    )


def _up(path: str) -> list[str]:
    """Return the path and those above it, the lowest first."""
    labels = path.split(".")
    return [".".join(labels[:count]) for count in range(len(labels), 0, -1)]
