"""Committees, terms and elections for tests: name only what the test is about."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from contracts.roster.elections import (
    ApproveElectionStep,
    CountBallots,
    DividePosts,
    ElectionView,
    HoldElectionMeeting,
    NominateCandidates,
    ReportElection,
    RequestElection,
    VotesFor,
)
from contracts.roster.terms import RecordTerm
from roster.operations import ballots, elections, terms
from sqlalchemy import Connection, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, path_of

TODAY = date(2026, 11, 10)


class Place:
    """A branch under its committee, with a clerk of its own and an officer of the superior."""

    def __init__(self, db: Connection, **branch: Any) -> None:
        self.superior = a_committee(db)
        self.branch = a_branch(db, parent=self.superior, **branch)
        self.clerk = an_actor(("administrator", path_of(db, self.branch)), name="干事")
        self.officer = an_actor(("officer", path_of(db, self.superior)), name="组织员")

    def members(self, db: Connection) -> list[UUID]:
        return list(
            db.execute(
                text("SELECT person_id FROM members WHERE branch_id = :id ORDER BY person_id"), {"id": self.branch}
            ).scalars()
        )


def a_term(db: Connection, place: Place, *, active_from: date = date(2024, 3, 1), seats: int = 3) -> None:
    asked = RecordTerm(place.branch, active_from, seats)
    terms.record(db, asked=asked, actor=place.officer, at=NOON)


def asked_for(
    db: Connection, place: Place, *, kind: str = "term", seats: int = 3, actor: Actor | None = None, at: datetime = NOON
) -> ElectionView:
    day = at.date() - timedelta(days=9)
    asked = RequestElection(place.branch, kind, seats, TODAY, "请示1号", day)
    return elections.request(db, asked=asked, actor=actor or place.clerk, at=at)


def approved(db: Connection, place: Place, election: UUID, step: str, *, day: date = TODAY) -> ElectionView:
    asked = ApproveElectionStep(election, step, "批复1号", day)
    return elections.approve(db, asked=asked, actor=place.officer, at=NOON)


def to_the_meeting(db: Connection, place: Place, *, kind: str = "term", seats: int = 3) -> tuple[UUID, list[UUID]]:
    """Bring an election to its meeting, where everybody is; return it and its candidates."""
    election = asked_for(db, place, kind=kind, seats=seats)
    approved(db, place, election.id, "reply", day=date(2026, 11, 2))
    candidates = place.members(db)[: election.candidates_least]
    asked = NominateCandidates(election.id, candidates, date(2026, 11, 4))
    elections.nominate(db, asked=asked, actor=place.clerk, at=NOON)
    approved(db, place, election.id, "candidates", day=date(2026, 11, 5))
    elections.meet(
        db,
        asked=HoldElectionMeeting(election.id, date(2026, 11, 8), len(place.members(db)), []),
        actor=place.clerk,
        at=NOON,
    )
    return election.id, candidates


def ballot(
    db: Connection, place: Place, election: UUID, votes: dict[UUID, int], *, papers: int, returned: int | None = None
) -> ElectionView:
    asked = CountBallots(
        election,
        papers,
        papers if returned is None else returned,
        0,
        [VotesFor(person, number) for person, number in votes.items()],
    )
    return ballots.count(db, asked=asked, actor=place.clerk, at=NOON)


def to_the_report(
    db: Connection, place: Place, *, kind: str = "term", seats: int = 3, secretary: bool = True
) -> tuple[UUID, list[UUID]]:
    """Bring an election to its report; return it and who is elected, the secretary first."""
    election, candidates = to_the_meeting(db, place, kind=kind, seats=seats)
    present = len(place.members(db))
    ballot(db, place, election, dict.fromkeys(candidates[:seats], present), papers=present)
    named = candidates[0] if secretary else None
    elections.divide(db, asked=DividePosts(election, date(2026, 11, 8), [], named), actor=place.clerk, at=NOON)
    asked = ReportElection(election, "报告1号", date(2026, 11, 9))
    elections.report(db, asked=asked, actor=place.clerk, at=NOON)
    return election, candidates[:seats]
