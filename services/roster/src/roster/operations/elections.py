"""An election goes its way: each step is one compare-and-set on its state, so of two that come together one is refused.

The organisation asks, nominates, meets, votes, divides the posts and reports; the superior replies, approves the
candidates and approves the result. With that approval the new committee is in office: one transaction ends the old
posts, begins the new ones, and begins the term anew (a by-election keeps the term's end).
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.roster.elections import (
    NO_VOTE,
    ApproveElectionStep,
    CancelElection,
    CountBallots,
    DividePosts,
    ElectionView,
    HoldElectionMeeting,
    NominateCandidates,
    ReportElection,
    RequestElection,
    SendBackElectionStep,
    SettleForFewer,
)
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.elections import (
    APPROVES,
    MOVES,
    SENDS_BACK,
    ElectionOpen,
    ElectionTooEarly,
    NoEmptySeat,
    NoOneElected,
    NotElected,
    Outcome,
    QuorumMissed,
    SecretaryNeeded,
    StepNotDue,
    StepTooEarly,
    TooFewCandidates,
    decide,
    faults_of_papers,
    quorum_of,
    votes_needed,
)
from roster.domain.members import check_day
from roster.domain.terms import NotByOneself, NotHere, shift_limits, term_rule
from roster.operations.organisations import tell_changed
from roster.operations.terms import give_posts, install, must_fit, standing, term_of
from roster.queries.elections import (
    OWN_STEPS,
    election_row,
    entitled_of,
    full_members,
    is_branch,
    least_of,
    view_of,
)
from roster.queries.terms import facts_of, organ, rules_on
from roster.tables.elections import (
    election_absences,
    election_ballots,
    election_candidates,
    election_meetings,
    election_steps,
    election_votes,
    elections,
)

# ---- the organisation asks, the superior answers ------------------------------------------------------------------


def request(db: Connection, *, asked: RequestElection, actor: Actor, at: datetime) -> ElectionView:
    """Ask the superior for an election; of two for one organisation the database refuses one.

    Raises NotFound, Forbidden, NoFixedTerm, NotYet, ElectionTooEarly, ElectionOpen; of a by-election NoTerm,
    NoEmptySeat.
    """
    found = standing(db, asked.organisation_id)
    actor.must("prepare_election", organisation=found.path)
    term_rule(kind=found.kind, field=found.field)
    today = clock.today(at)
    check_day(asked.happened_on, since=None, today=today)
    if asked.planned_on < asked.happened_on:
        raise InvalidInput({"planned_on": ["The election cannot be before it was asked for."]})
    if asked.kind == "by_election":
        term_of(db, found.id)
        empty = facts_of(db, [found.id], on=today)[found.id].vacant_seats
        if asked.seats > empty:
            raise NoEmptySeat(empty=empty, seats=asked.seats)
    else:
        _must_not_be_too_early(db, found.id, planned_on=asked.planned_on, today=today)
    election_id = uuid4()
    made = (
        insert(elections)
        .values(
            id=election_id,
            organisation_id=found.id,
            kind=asked.kind,
            state="requested",
            seats=asked.seats,
            seats_left=asked.seats,
            planned_on=asked.planned_on,
            last_on=asked.happened_on,
            asked_at=at,
            waits_since=at,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(made).rowcount == 0:
        raise ElectionOpen()
    _keep(db, election_id, "request", asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    return _seen(db, election_id, actor=actor, at=at)


def _must_not_be_too_early(db: Connection, organisation_id: UUID, *, planned_on: date, today: date) -> None:
    """Raise ElectionTooEarly more than a year before the term's end (article 3); how late it is stops nobody."""
    term = db.execute(
        text("SELECT ends_on, regular_ends_on FROM terms WHERE organisation_id = :id AND ended_on IS NULL"),
        {"id": organisation_id},
    ).one_or_none()
    if term is None:
        return
    earliest, _ = shift_limits(term.regular_ends_on, rules_on(db, today)["shift"].numbers["months"])
    if planned_on < earliest:
        raise ElectionTooEarly(ends_on=term.ends_on.isoformat(), earliest=earliest.isoformat())


def approve(db: Connection, *, asked: ApproveElectionStep, actor: Actor, at: datetime) -> ElectionView:
    """The superior approves the step that waits; with the result the new committee is in office from that day on.

    Raises NotFound, Forbidden, NotByOneself, StepNotDue, StepTooEarly, NotYet; with the result NotHere (somebody who
    was elected has left meanwhile), NoTerm, SeatsFull.
    """
    row = _superior_may(db, asked.election_id, actor=actor)
    own = db.execute(
        text("SELECT count(*) FROM election_steps WHERE election_id = :id AND by_id = :by AND step = ANY(:own)"),
        {"id": row.id, "by": actor.person_id, "own": sorted(OWN_STEPS)},
    ).scalar_one()
    stands = db.execute(
        text("SELECT EXISTS (SELECT FROM election_candidates WHERE election_id = :id AND person_id = :by)"),
        {"id": row.id, "by": actor.person_id},
    ).scalar_one()
    # Neither who took a step of it, nor who would come into office, or into rights, by it.
    if own or stands:
        raise NotByOneself()
    step = APPROVES[asked.step]
    _move(db, row, step, asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    if step == "approve_result":
        _take_office(db, row, on=asked.happened_on, document_number=asked.document_number, at=at)
    return _seen(db, row.id, actor=actor, at=at)


def send_back(db: Connection, *, asked: SendBackElectionStep, actor: Actor, at: datetime) -> ElectionView:
    """The superior refuses the election, or sends candidates or result back. Raises NotFound, Forbidden, StepNotDue."""
    row = _superior_may(db, asked.election_id, actor=actor)
    _move(db, row, SENDS_BACK[asked.step], None, actor=actor, at=at, note=asked.reason)
    return _seen(db, row.id, actor=actor, at=at)


def cancel(db: Connection, *, asked: CancelElection, actor: Actor, at: datetime) -> ElectionView:
    """End an election before it has a result. Raises NotFound, Forbidden, StepNotDue."""
    row = election_row(db, asked.election_id, actor=actor)
    if not (
        actor.may("prepare_election", organisation=row.path)
        or actor.may("decide_election", organisation=row.superior_path)
    ):
        raise Forbidden()
    _move(db, row, "cancel", None, actor=actor, at=at, note=asked.reason)
    return _seen(db, row.id, actor=actor, at=at)


# ---- candidates, meeting, ballots ---------------------------------------------------------------------------------


def nominate(db: Connection, *, asked: NominateCandidates, actor: Actor, at: datetime) -> ElectionView:
    """Name the candidates: full members, a fifth more than seats.

    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, TooFewCandidates, NotHere.
    """
    row = _own(db, asked.election_id, actor=actor)
    _move(db, row, "nominate", asked.happened_on, actor=actor, at=at)
    least = least_of(row, rules_on(db, clock.today(at))["candidates"].numbers)
    if len(asked.candidate_ids) < least:
        raise TooFewCandidates(seats=row.seats, least=least)
    _must_be_here(db, asked.candidate_ids, path=row.path)
    db.execute(text("DELETE FROM election_candidates WHERE election_id = :id"), {"id": row.id})
    db.execute(
        insert(election_candidates),
        [{"election_id": row.id, "person_id": person, "nominated": True} for person in asked.candidate_ids],
    )
    return _seen(db, row.id, actor=actor, at=at)


def meet(db: Connection, *, asked: HoldElectionMeeting, actor: Actor, at: datetime) -> ElectionView:
    """Open the meeting, if four fifths of those who ought to come are there.

    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, NotHere, QuorumMissed, InvalidInput.
    """
    row = _own(db, asked.election_id, actor=actor)
    _move(db, row, "meet", asked.happened_on, actor=actor, at=at)
    absent = {one.person_id: one.reason for one in asked.not_counted}
    if len(absent) < len(asked.not_counted):
        raise InvalidInput({"not_counted": ["One stands twice."]})
    if asked.delegates is not None:
        if is_branch(row) or absent:
            raise InvalidInput({"delegates": ["A branch elects in its assembly; delegates are all counted."]})
        entitled = counted = asked.delegates
    else:
        _must_be_here(db, list(absent), path=row.path)
        entitled = entitled_of(db, row.path) - sum(reason in NO_VOTE for reason in absent.values())
        counted = entitled - sum(reason not in NO_VOTE for reason in absent.values())
    quorum = quorum_of(counted, **rules_on(db, asked.happened_on)["quorum"].numbers)
    if asked.present < quorum:
        raise QuorumMissed(counted=counted, quorum=quorum, present=asked.present)
    if asked.present > entitled:
        raise InvalidInput({"present": ["More are there than may vote."]})
    number = _next(db, "election_meetings", row.id)
    db.execute(
        insert(election_meetings).values(
            election_id=row.id,
            number=number,
            held_on=asked.happened_on,
            entitled=entitled,
            counted=counted,
            quorum=quorum,
            present=asked.present,
            by_delegates=asked.delegates is not None,
        )
    )
    if absent:
        db.execute(
            insert(election_absences),
            [
                {"election_id": row.id, "meeting": number, "person_id": person, "reason": reason}
                for person, reason in absent.items()
            ],
        )
    return _seen(db, row.id, actor=actor, at=at)


def count(db: Connection, *, asked: CountBallots, actor: Actor, at: datetime) -> ElectionView:
    """Write down a ballot and decide it; while seats are left another one follows.

    Raises NotFound, Forbidden, StepNotDue, NotHere, InvalidInput.
    """
    row = _own(db, asked.election_id, actor=actor)
    # The row is locked: who is elected and what is left stands still.
    db.execute(text("SELECT FROM elections WHERE id = :id FOR UPDATE"), {"id": row.id})
    row = election_row(db, row.id, actor=actor)
    meeting = _last_meeting(db, row)
    _move(db, row, "ballot", meeting.held_on, actor=actor, at=at, is_kept=False)
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
    number = _next(db, "election_ballots", row.id)
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
        _keep(db, row.id, "ballot", meeting.held_on, actor=actor, at=at)
    else:
        _move(db, row, "count", meeting.held_on, actor=actor, at=at)
    return _seen(db, row.id, actor=actor, at=at)


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
    _must_be_here(db, written_in, path=row.path)
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
    row = _own(db, asked.election_id, actor=actor)
    held_on = _last_meeting(db, row).held_on
    _move(db, row, "settle", held_on, actor=actor, at=at, note=asked.reason)
    settled = db.execute(
        text(
            "UPDATE elections SET seats = seats - seats_left, seats_left = 0"
            " WHERE id = :id AND seats_left > 0 AND seats_left < seats"
        ),
        {"id": row.id},
    )
    if settled.rowcount == 0:
        raise NoOneElected()
    return _seen(db, row.id, actor=actor, at=at)


# ---- posts, report, office ----------------------------------------------------------------------------------------


def divide(db: Connection, *, asked: DividePosts, actor: Actor, at: datetime) -> ElectionView:
    """Write down whom the committee elected secretary and deputies.

    A new committee names its secretary. A by-election needs one where nobody leads; otherwise it may name none, and
    whoever it names follows the one before.
    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, SecretaryNeeded, NotElected.
    """
    row = _own(db, asked.election_id, actor=actor)
    _move(db, row, "divide", asked.happened_on, actor=actor, at=at)
    if asked.secretary_id is None:
        led = db.execute(
            text(
                "SELECT EXISTS (SELECT FROM posts WHERE organisation_id = :id AND post = 'secretary'"
                " AND held_until IS NULL)"
            ),
            {"id": row.organisation_id},
        ).scalar_one()
        if row.kind == "term" or not led:
            raise SecretaryNeeded()
    if asked.secretary_id in asked.deputy_ids:
        raise InvalidInput({"deputy_ids": ["One stands twice."]})
    elected = set(
        db.execute(
            text("SELECT person_id FROM election_candidates WHERE election_id = :id AND elected_in IS NOT NULL"),
            {"id": row.id},
        ).scalars()
    )
    named = dict.fromkeys(asked.deputy_ids, "deputy_secretary")
    if asked.secretary_id is not None:
        named[asked.secretary_id] = "secretary"
    for person in named:
        if person not in elected:
            name = db.execute(_NAME_HERE, {"id": person, "path": row.path}).scalar()
            raise NotElected(name=name or "—")
    # The one before gives the place up first: two secretaries never stand in one election.
    db.execute(text("UPDATE election_candidates SET post = NULL WHERE election_id = :id"), {"id": row.id})
    posts = {**dict.fromkeys(elected, "committee_member"), **named}
    db.execute(
        text(
            "UPDATE election_candidates c SET post = n.post"
            " FROM unnest(CAST(:persons AS uuid[]), CAST(:posts AS text[])) AS n(person_id, post)"
            " WHERE c.election_id = :id AND c.person_id = n.person_id"
        ),
        {"id": row.id, "persons": list(posts), "posts": list(posts.values())},
    )
    return _seen(db, row.id, actor=actor, at=at)


def report(db: Connection, *, asked: ReportElection, actor: Actor, at: datetime) -> ElectionView:
    """Report the result to the superior. Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet."""
    row = _own(db, asked.election_id, actor=actor)
    _move(db, row, "report", asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    return _seen(db, row.id, actor=actor, at=at)


def _take_office(db: Connection, row: Row[Any], *, on: date, document_number: str, at: datetime) -> None:
    """Put those who were elected into office on one day."""
    found = organ(db, row.organisation_id)
    holders = {
        each.person_id: each.post
        for each in db.execute(
            text(
                "SELECT person_id, post FROM election_candidates WHERE election_id = :id AND post IS NOT NULL"
                " ORDER BY person_id"
            ),
            {"id": row.id},
        )
    }
    if row.kind == "by_election":
        term = term_of(db, found.id)
        _must_be_here(db, list(holders), path=found.path, lock=True)
        give_posts(
            db,
            found.id,
            holders,
            on=on,
            made_by="elected",
            document_number=document_number,
            election_id=row.id,
        )
        must_fit(db, found.id, seats=term.seats)
    else:
        _must_be_here(db, list(holders), path=found.path, lock=True)
        install(
            db,
            found,
            holders,
            on=on,
            seats=row.seats,
            made_by="elected",
            document_number=document_number,
            election_id=row.id,
            at=at,
        )
    tell_changed(db, [found.id], at=at)


# ---- how ----------------------------------------------------------------------------------------------------------


def _own(db: Connection, election_id: UUID, *, actor: Actor) -> Row[Any]:
    row = election_row(db, election_id, actor=actor)
    actor.must("prepare_election", organisation=row.path)
    return row


def _superior_may(db: Connection, election_id: UUID, *, actor: Actor) -> Row[Any]:
    row = election_row(db, election_id, actor=actor)
    actor.must("decide_election", organisation=row.superior_path)
    return row


_MOVE: Final = text(
    "UPDATE elections SET state = :target, last_on = greatest(last_on, :day), waits_since = :at, version = version + 1"
    " WHERE id = :id AND state = ANY(:sources) AND last_on <= :day"
)


def _move(
    db: Connection,
    row: Row[Any],
    step: str,
    happened_on: date | None,
    *,
    actor: Actor,
    at: datetime,
    document_number: str | None = None,
    note: str | None = None,
    is_kept: bool = True,
) -> None:
    """Take a step, once, on its day (today), not before the one before; raises StepNotDue, StepTooEarly, NotYet."""
    sources, target = MOVES[step]
    day = happened_on or clock.today(at)
    check_day(day, since=None, today=clock.today(at))
    moved = db.execute(_MOVE, {"target": target, "day": day, "at": at, "id": row.id, "sources": sorted(sources)})
    if moved.rowcount == 0:
        now = db.execute(text("SELECT state, last_on FROM elections WHERE id = :id"), {"id": row.id}).one()
        if now.state in sources:
            raise StepTooEarly(day=now.last_on.isoformat())
        raise StepNotDue(state=now.state)
    if is_kept:
        _keep(db, row.id, step, day, actor=actor, at=at, document_number=document_number, note=note)


def _keep(
    db: Connection,
    election_id: UUID,
    step: str,
    day: date,
    *,
    actor: Actor,
    at: datetime,
    document_number: str | None = None,
    note: str | None = None,
) -> None:
    db.execute(
        insert(election_steps).values(
            election_id=election_id,
            step=step,
            happened_on=day,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            document_number=document_number,
            note=note,
        )
    )


def _next(db: Connection, table: str, election_id: UUID) -> int:
    """Return the number of the next meeting or ballot; the election's row is locked, so nobody else takes it."""
    last = db.execute(
        text(f"SELECT coalesce(max(number), 0) FROM {table} WHERE election_id = :id"),  # noqa: S608 - one of two names
        {"id": election_id},
    ).scalar_one()
    return int(last) + 1


def _last_meeting(db: Connection, row: Row[Any]) -> Row[Any]:
    """Return the meeting that votes; raises StepNotDue where none was held."""
    meeting = db.execute(
        text("SELECT * FROM election_meetings WHERE election_id = :id ORDER BY number DESC LIMIT 1"), {"id": row.id}
    ).one_or_none()
    if meeting is None:
        raise StepNotDue(state=row.state)
    return meeting


_NAME_HERE: Final = text(
    "SELECT name FROM people p WHERE id = :id AND EXISTS (SELECT FROM membership_periods t"
    " JOIN organisations o ON o.id = t.branch_id WHERE t.person_id = p.id AND starts_with(o.path || '.', :path || '.'))"
)


def _must_be_here(db: Connection, persons: list[UUID], *, path: str, lock: bool = False) -> None:
    """Raise NotHere unless all are full members below the path."""
    there = full_members(db, persons, path=path, lock=lock) if persons else {}
    for person in persons:
        if person not in there:
            # Whoever was never here stays unnamed: an id says nothing about people of other branches.
            name = db.execute(_NAME_HERE, {"id": person, "path": path}).scalar()
            raise NotHere(name=name or "—")


def _seen(db: Connection, election_id: UUID, *, actor: Actor, at: datetime) -> ElectionView:
    return view_of(db, election_row(db, election_id, actor=actor), actor=actor, today=clock.today(at))
