"""The ballots of an election: counted one after the other until no seat is left, or the rest is left empty."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.roster.elections import CountBallots, ElectionView, SettleForFewer
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.elections import NoOneElected, Outcome, decide, faults_of_papers, votes_needed
from roster.operations.election_steps import keep, last_meeting, move, must_be_here, next_number, organisation_may, seen
from roster.queries.elections import election_row
from roster.queries.terms import rules_on
from roster.tables.elections import election_ballots, election_candidates, election_votes


def count(db: Connection, *, asked: CountBallots, actor: Actor, at: datetime) -> ElectionView:
    """Write down a ballot and decide it; while seats are left another one follows.

    Raises NotFound, Forbidden, StepNotDue, NotHere, InvalidInput.
    """
    row = organisation_may(db, asked.election_id, actor=actor)
    # The row is locked: who is elected and what is left stands still.
    db.execute(text("SELECT FROM elections WHERE id = :id FOR UPDATE"), {"id": row.id})
    row = election_row(db, row.id, actor=actor)
    meeting = last_meeting(db, row)
    move(db, row, "ballot", meeting.held_on, actor=actor, at=at, is_kept=False)
    votes = {each.person_id: each.votes for each in asked.votes}
    is_void = asked.returned > asked.handed_out
    if len(votes) < len(asked.votes):
        raise InvalidInput({"votes": ["One stands twice."]})
    tied = set(
        db.execute(
            text(
                "SELECT v.person_id FROM election_votes v WHERE v.election_id = :id AND v.is_tied"
                " AND v.ballot = (SELECT max(number) FROM election_ballots"
                " WHERE election_id = :id AND outcome <> 'invalid')"
            ),
            {"id": row.id},
        ).scalars()
    )
    _check_names(db, row, votes, tied=tied)
    faults = faults_of_papers(
        handed_out=asked.handed_out,
        returned=asked.returned,
        spoiled=asked.spoiled,
        votes=votes.values(),
        seats=row.seats_left,
        present=meeting.present,
    )
    if faults:
        raise InvalidInput(faults)
    # Between those who are tied, who all have more than half, the most votes decide.
    majority = votes_needed(meeting.present, **rules_on(db, meeting.held_on)["majority"].numbers)
    needed = 1 if tied else majority
    outcome: Outcome[UUID] = (
        Outcome((), (), row.seats_left) if is_void else decide(votes, seats=row.seats_left, needed=needed)
    )
    number = next_number(db, "election_ballots", row.id)
    db.execute(
        insert(election_ballots).values(
            election_id=row.id,
            number=number,
            meeting=meeting.number,
            seats=row.seats_left,
            is_runoff=bool(tied),
            handed_out=asked.handed_out,
            returned=asked.returned,
            spoiled=asked.spoiled,
            needed=needed,
            outcome="invalid" if is_void else outcome.word,
        )
    )
    _keep_votes(db, row.id, number, votes, outcome)
    db.execute(
        text("UPDATE elections SET seats_left = :left WHERE id = :id"), {"left": outcome.seats_left, "id": row.id}
    )
    if outcome.seats_left:
        keep(db, row.id, "ballot", meeting.held_on, actor=actor, at=at)
    else:
        move(db, row, "count", meeting.held_on, actor=actor, at=at)
    return seen(db, row.id, actor=actor, at=at)


def _check_names(db: Connection, row: Row[Any], votes: dict[UUID, int], *, tied: set[UUID]) -> None:
    """Raise unless votes are for candidates, or full members who were written in; in a run-off for the tied alone."""
    known = {
        each.person_id: each.elected_in
        for each in db.execute(
            text("SELECT person_id, elected_in FROM election_candidates WHERE election_id = :id"), {"id": row.id}
        )
    }
    if any(known.get(person) for person in votes):
        raise InvalidInput({"votes": ["Who is elected already is not voted on again."]})
    if tied and set(votes) != tied:
        raise InvalidInput({"votes": ["A run-off is between those who are tied, all of them and nobody else."]})
    written_in = [person for person in votes if person not in known]
    must_be_here(db, written_in, path=row.path)
    if written_in:
        db.execute(
            insert(election_candidates),
            [{"election_id": row.id, "person_id": person, "nominated": False} for person in written_in],
        )


def _keep_votes(db: Connection, election_id: UUID, number: int, votes: dict[UUID, int], outcome: Outcome[UUID]) -> None:
    if votes:
        db.execute(
            insert(election_votes),
            [
                {
                    "election_id": election_id,
                    "ballot": number,
                    "person_id": person,
                    "votes": got,
                    "is_elected": person in outcome.elected,
                    "is_tied": person in outcome.tied,
                }
                for person, got in votes.items()
            ],
        )
    if outcome.elected:
        db.execute(
            text(
                "UPDATE election_candidates SET elected_in = :ballot"
                " WHERE election_id = :id AND person_id = ANY(:elected)"
            ),
            {"ballot": number, "id": election_id, "elected": list(outcome.elected)},
        )


def settle(db: Connection, *, asked: SettleForFewer, actor: Actor, at: datetime) -> ElectionView:
    """Leave the seats empty that no ballot has filled. Raises NotFound, Forbidden, StepNotDue, NoOneElected."""
    row = organisation_may(db, asked.election_id, actor=actor)
    held_on = last_meeting(db, row).held_on
    move(db, row, "settle", held_on, actor=actor, at=at, note=asked.reason)
    settled = db.execute(
        text(
            "UPDATE elections SET seats = seats - seats_left, seats_left = 0"
            " WHERE id = :id AND seats_left > 0 AND seats_left < seats"
        ),
        {"id": row.id},
    )
    if settled.rowcount == 0:
        raise NoOneElected()
    return seen(db, row.id, actor=actor, at=at)
