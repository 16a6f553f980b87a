"""An election goes its way (`election_steps` says how a step is taken, `ballots` how votes are counted).

The organisation asks, nominates, meets, votes, divides the posts and reports; the superior replies, approves the
candidates and approves the result. With that approval the new committee is in office: one transaction ends the old
posts, begins the new ones, and begins the term anew (a by-election keeps the term's end).
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.roster.elections import (
    NO_VOTE,
    ApproveElectionStep,
    CancelElection,
    DividePosts,
    ElectionView,
    HoldElectionMeeting,
    NominateCandidates,
    ReportElection,
    RequestElection,
    SendBackElectionStep,
)
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.elections import (
    APPROVES,
    SENDS_BACK,
    ElectionOpen,
    ElectionTooEarly,
    NoEmptySeat,
    NotElected,
    QuorumMissed,
    SecretaryNeeded,
    TooFewCandidates,
    quorum_of,
)
from roster.domain.members import check_day
from roster.domain.terms import NotByOneself, shift_limits, term_rule
from roster.operations.election_steps import (
    NAME_HERE,
    keep,
    move,
    must_be_here,
    next_number,
    organisation_may,
    seen,
    superior_may,
)
from roster.operations.organisations import tell_changed
from roster.operations.terms import give_posts, install, must_fit, standing, term_of
from roster.queries.elections import (
    OWN_STEPS,
    election_row,
    entitled_of,
    is_branch,
    least_of,
)
from roster.queries.terms import facts_of, organ, rules_on
from roster.tables.elections import (
    election_absences,
    election_candidates,
    election_meetings,
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
    keep(db, election_id, "request", asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    return seen(db, election_id, actor=actor, at=at)


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
    row = superior_may(db, asked.election_id, actor=actor)
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
    move(db, row, step, asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    if step == "approve_result":
        _take_office(db, row, on=asked.happened_on, document_number=asked.document_number, at=at)
    return seen(db, row.id, actor=actor, at=at)


def send_back(db: Connection, *, asked: SendBackElectionStep, actor: Actor, at: datetime) -> ElectionView:
    """The superior refuses the election, or sends candidates or result back. Raises NotFound, Forbidden, StepNotDue."""
    row = superior_may(db, asked.election_id, actor=actor)
    move(db, row, SENDS_BACK[asked.step], None, actor=actor, at=at, note=asked.reason)
    return seen(db, row.id, actor=actor, at=at)


def cancel(db: Connection, *, asked: CancelElection, actor: Actor, at: datetime) -> ElectionView:
    """End an election before it has a result. Raises NotFound, Forbidden, StepNotDue."""
    row = election_row(db, asked.election_id, actor=actor)
    if not (
        actor.may("prepare_election", organisation=row.path)
        or actor.may("decide_election", organisation=row.superior_path)
    ):
        raise Forbidden()
    move(db, row, "cancel", None, actor=actor, at=at, note=asked.reason)
    return seen(db, row.id, actor=actor, at=at)


# ---- candidates, meeting ------------------------------------------------------------------------------------------


def nominate(db: Connection, *, asked: NominateCandidates, actor: Actor, at: datetime) -> ElectionView:
    """Name the candidates: full members, a fifth more than seats.

    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, TooFewCandidates, NotHere.
    """
    row = organisation_may(db, asked.election_id, actor=actor)
    move(db, row, "nominate", asked.happened_on, actor=actor, at=at)
    least = least_of(row, rules_on(db, clock.today(at))["candidates"].numbers)
    if len(asked.candidate_ids) < least:
        raise TooFewCandidates(seats=row.seats, least=least)
    must_be_here(db, asked.candidate_ids, path=row.path)
    db.execute(text("DELETE FROM election_candidates WHERE election_id = :id"), {"id": row.id})
    db.execute(
        insert(election_candidates),
        [{"election_id": row.id, "person_id": person, "nominated": True} for person in asked.candidate_ids],
    )
    return seen(db, row.id, actor=actor, at=at)


def meet(db: Connection, *, asked: HoldElectionMeeting, actor: Actor, at: datetime) -> ElectionView:
    """Open the meeting, if four fifths of those who ought to come are there.

    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, NotHere, QuorumMissed, InvalidInput.
    """
    row = organisation_may(db, asked.election_id, actor=actor)
    move(db, row, "meet", asked.happened_on, actor=actor, at=at)
    absent = {one.person_id: one.reason for one in asked.not_counted}
    if len(absent) < len(asked.not_counted):
        raise InvalidInput({"not_counted": ["One stands twice."]})
    if asked.delegates is not None:
        if is_branch(row) or absent:
            raise InvalidInput({"delegates": ["A branch elects in its assembly; delegates are all counted."]})
        entitled = counted = asked.delegates
    else:
        must_be_here(db, list(absent), path=row.path)
        entitled = entitled_of(db, row.path) - sum(reason in NO_VOTE for reason in absent.values())
        counted = entitled - sum(reason not in NO_VOTE for reason in absent.values())
    quorum = quorum_of(counted, **rules_on(db, asked.happened_on)["quorum"].numbers)
    if asked.present < quorum:
        raise QuorumMissed(counted=counted, quorum=quorum, present=asked.present)
    if asked.present > entitled:
        raise InvalidInput({"present": ["More are there than may vote."]})
    number = next_number(db, "election_meetings", row.id)
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
    return seen(db, row.id, actor=actor, at=at)


# ---- posts, report, office ----------------------------------------------------------------------------------------


def divide(db: Connection, *, asked: DividePosts, actor: Actor, at: datetime) -> ElectionView:
    """Write down whom the committee elected secretary and deputies.

    A new committee names its secretary. A by-election needs one where nobody leads; otherwise it may name none, and
    whoever it names follows the one before.
    Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet, SecretaryNeeded, NotElected.
    """
    row = organisation_may(db, asked.election_id, actor=actor)
    move(db, row, "divide", asked.happened_on, actor=actor, at=at)
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
            name = db.execute(NAME_HERE, {"id": person, "path": row.path}).scalar()
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
    return seen(db, row.id, actor=actor, at=at)


def report(db: Connection, *, asked: ReportElection, actor: Actor, at: datetime) -> ElectionView:
    """Report the result to the superior. Raises NotFound, Forbidden, StepNotDue, StepTooEarly, NotYet."""
    row = organisation_may(db, asked.election_id, actor=actor)
    move(db, row, "report", asked.happened_on, actor=actor, at=at, document_number=asked.document_number)
    return seen(db, row.id, actor=actor, at=at)


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
        must_be_here(db, list(holders), path=found.path, lock=True)
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
        must_be_here(db, list(holders), path=found.path, lock=True)
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
