"""On-site rounds for tests: a small district, a round of it with two teams, drawn; name only what matters."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from assessment.operations import round_visits, rounds
from assessment.queries.round_visits import visit_named
from assessment.queries.rounds import round_named, whole
from chassis.actors import Actor, Grant
from contracts.assessment.round_visits import (
    CloseRoundVisit,
    FinishVisit,
    GivenAnswer,
    GivenProblem,
    RoundVisitView,
    SyncVisit,
)
from contracts.assessment.rounds import (
    AnnounceOnSiteRound,
    MakeOnSiteRound,
    OnSiteRoundView,
    SetRoundTeams,
    Team,
    TeamMember,
)
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import Connection, text

from tests.assessment.articles import NOON, a_branch

DISTRICT = "3703.370302"
VERSION = uuid5(NAMESPACE_ZHENDI, "criteria:village:1")
DRAW_AT = NOON + timedelta(hours=1)
AFTER = NOON + timedelta(hours=2)
OFFICER = Actor(uuid4(), uuid4(), "李科长", (Grant("officer", DISTRICT),), NOON)
SECOND = Actor(uuid4(), uuid4(), "马科长", (Grant("officer", DISTRICT),), NOON)


@dataclass(frozen=True)
class Drawn:
    """A round that was drawn, with its teams' people: the leader first."""

    round: OnSiteRoundView
    people: list[list[Actor]]

    def team_of(self, db: Connection, visit_id: UUID) -> list[Actor]:
        """The people of the team that a visit was drawn for."""
        team_id = visit_named(db, visit_id, actor=OFFICER).team_id
        number = next(team.number for team in self.round.teams if team.id == team_id)
        return self.people[number - 1]


def an_assessor(name: str, person: UUID | None = None) -> Actor:
    return Actor(person or uuid4(), uuid4(), name, (Grant("assessor", DISTRICT),), NOON)


def a_district(db: Connection, *, towns: int = 2, villages: int = 4) -> dict[str, UUID]:
    """Towns with villages and a branch of organs; returns the ids by path."""
    ids = {DISTRICT: a_branch(db, path=DISTRICT, name="淄川区委", kind="committee", field="government")}
    for town in range(1, towns + 1):
        path = f"{DISTRICT}.t{town}"
        ids[path] = a_branch(db, path=path, name=f"第{town}镇党委", kind="committee", field="government")
        for village in range(1, villages + 1):
            below = f"{path}.v{village}"
            ids[below] = a_branch(db, path=below, name=f"{town}镇{village}村党支部")
    for number in (1, 2, 3):
        organ = f"{DISTRICT}.o{number}"
        ids[organ] = a_branch(db, path=organ, name=f"机关第{number}党支部", field="government")
    return ids


def a_round(db: Connection, **given: Any) -> OnSiteRoundView:
    """A planned round of the villages."""
    whole: dict[str, Any] = {
        "name": "2026年下半年现场评估",
        "period_kind": "half_year",
        "period": "2026H2",
        "organisation_id": uuid5(NAMESPACE_ZHENDI, DISTRICT),
        "version_id": VERSION,
        "fields": ["rural"],
        "kinds": ["branch"],
        "starts_on": date(2026, 11, 16),
        "ends_on": date(2026, 11, 27),
    }
    return rounds.make(db, asked=MakeOnSiteRound(**{**whole, **given}), actor=OFFICER, at=NOON)


def set_teams(db: Connection, round_id: UUID, homes: list[list[tuple[Actor, UUID]]]) -> OnSiteRoundView:
    teams = [
        Team(
            name=f"第{number}组",
            members=[
                TeamMember(person_id=who.person_id, name=who.name, organisation_id=home, is_leader=place == 0)
                for place, (who, home) in enumerate(team)
            ],
        )
        for number, team in enumerate(homes, start=1)
    ]
    return rounds.set_teams(db, asked=SetRoundTeams(round_id, teams), actor=OFFICER, at=NOON)


def announce(db: Connection, round_id: UUID, **given: Any) -> OnSiteRoundView:
    whole: dict[str, Any] = {"seed_on": date(2026, 11, 10), "seed_number": "川组发〔2026〕31号", "draw_at": DRAW_AT}
    asked = AnnounceOnSiteRound(round_id=round_id, **{**whole, **given})
    return rounds.announce(db, asked=asked, actor=OFFICER, at=NOON)


def a_drawn_round(
    db: Connection,
    *,
    teams: int = 2,
    people: list[list[Actor]] | None = None,
    homes: Any = None,
    drawn_at: datetime = AFTER,
    **given: Any,
) -> Drawn:
    """A round of teams of two from the organs' branches, announced and drawn."""
    planned = a_round(db, **given)
    people = people or [[an_assessor(f"组长{number}"), an_assessor(f"组员{number}")] for number in range(1, teams + 1)]
    home = uuid5(NAMESPACE_ZHENDI, f"{DISTRICT}.o1")
    set_teams(db, planned.id, homes or [[(who, home) for who in team] for team in people])
    announce(db, planned.id)
    assert rounds.draw_due(db, at=drawn_at) == 1
    return Drawn(whole(db, round_named(db, planned.id)), people)


def visit_ids(db: Connection, drawn: Drawn) -> list[UUID]:
    rows = db.execute(
        text("SELECT id FROM round_visits WHERE round_id = :round AND team_id IS NOT NULL ORDER BY name"),
        {"round": drawn.round.id},
    )
    return list(rows.scalars())


def answers_to(view: RoundVisitView, *, less: dict[int, float] | None = None, **given: Any) -> list[GivenAnswer]:
    """Full marks for every item, but `less` points for the items at these places."""
    items = [item for heading in view.criteria.headings for item in heading.items]
    return [
        GivenAnswer(
            id=uuid4(),
            item_id=item.id,
            points=item.full_marks - (less or {}).get(place, 0),
            **{"answered_at": AFTER, **given},
        )
        for place, item in enumerate(items)
    ]


def a_problem(view: RoundVisitView, **given: Any) -> GivenProblem:
    item = view.criteria.headings[1].items[0]
    whole: dict[str, Any] = {
        "id": uuid4(),
        "item_id": item.id,
        "kind": "regular_meetings",
        "text": "9月未召开支委会",
        "found_at": AFTER,
    }
    return GivenProblem(**{**whole, **given})


def sync(db: Connection, visit_id: UUID, who: Actor, **given: Any) -> RoundVisitView:
    return round_visits.sync(db, given=SyncVisit(visit_id=visit_id, **given), actor=who, at=AFTER)


def a_closed_visit(db: Connection, drawn: Drawn, visit_id: UUID, *, less: dict[int, float] | None = None) -> Any:
    """A visit whose leader wrote everything, finished and closed it."""
    leader = drawn.team_of(db, visit_id)[0]
    view = sync(db, visit_id, leader)
    sync(db, visit_id, leader, answers=answers_to(view, less=less), problems=[a_problem(view)])
    round_visits.finish(db, asked=FinishVisit(visit_id), actor=leader, at=AFTER)
    return round_visits.close(db, asked=CloseRoundVisit(visit_id, "总体规范"), actor=leader, at=AFTER)
