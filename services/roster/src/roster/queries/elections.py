"""Elections as the organisation and its superior see them: one with all its steps, who may vote, what waits."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.roster.elections import (
    SUPERIOR_STEPS,
    ApprovalLine,
    Approvals,
    ApprovalsAsked,
    BallotView,
    CandidateView,
    ElectionAsked,
    ElectionRoll,
    ElectionStepView,
    ElectionView,
    MeetingView,
    NotCountedView,
    VoterView,
    VoteView,
)
from sqlalchemy import Connection, Row, text

from roster.domain.elections import NEXT, OPEN, candidates_least
from roster.domain.organisations import BRANCHES
from roster.queries.organisations import in_part, in_parts
from roster.queries.terms import rules_on, shifts_of

VOTERS_SHOWN: Final = 1000

_ELECTION: Final = text(
    "SELECT e.*, o.name AS organisation_name, o.kind AS organisation_kind, o.field, o.path,"
    " coalesce(a.path, o.path) AS superior_path"
    " FROM elections e JOIN organisations o ON o.id = e.organisation_id"
    " LEFT JOIN organisations a ON a.id = o.parent_id WHERE e.id = :id"
)
_STEPS: Final = text(
    "SELECT step, happened_on, at, by_name, document_number, note, by_id FROM election_steps"
    " WHERE election_id = :id ORDER BY id"
)
_CANDIDATES: Final = text(
    "SELECT c.person_id, p.name, c.nominated, c.elected_in, c.post FROM election_candidates c"
    " JOIN people p ON p.id = c.person_id WHERE c.election_id = :id"
    ' ORDER BY c.nominated DESC, p.name COLLATE "zh-x-icu", c.person_id'
)
_MEETINGS: Final = text("SELECT * FROM election_meetings WHERE election_id = :id ORDER BY number")
_ABSENCES: Final = text(
    "SELECT a.meeting, a.person_id, p.name, a.reason FROM election_absences a JOIN people p ON p.id = a.person_id"
    ' WHERE a.election_id = :id ORDER BY a.meeting, p.name COLLATE "zh-x-icu", a.person_id'
)
_BALLOTS: Final = text("SELECT * FROM election_ballots WHERE election_id = :id ORDER BY number")
_VOTES: Final = text(
    "SELECT v.ballot, v.person_id, p.name, v.votes, v.is_elected, v.is_tied FROM election_votes v"
    " JOIN people p ON p.id = v.person_id WHERE v.election_id = :id ORDER BY v.ballot, v.votes DESC, p.name, p.id"
)


def election_row(db: Connection, election_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return an election with its organisation; raises NotFound for whoever does not read it."""
    row = db.execute(_ELECTION, {"id": election_id}).one_or_none()
    if row is None or not actor.may("read_terms", organisation=row.path):
        raise NotFound()
    return row


def one(db: Connection, asked: ElectionAsked, *, actor: Actor, today: date) -> ElectionView:
    """Return an election with all its steps; raises NotFound."""
    return view_of(db, election_row(db, asked.election_id, actor=actor), actor=actor, today=today)


def view_of(db: Connection, row: Row[Any], *, actor: Actor, today: date) -> ElectionView:
    """Return the view of an election that the actor may read."""
    wanted = {"id": row.id}
    steps = db.execute(_STEPS, wanted).all()
    votes = db.execute(_VOTES, wanted).all()
    ballots = db.execute(_BALLOTS, wanted).all()
    absences = db.execute(_ABSENCES, wanted).all()
    numbers = rules_on(db, today)["candidates"].numbers
    is_tied = row.state == "met" and ballots and ballots[-1].outcome == "tied"
    return ElectionView(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        organisation_kind=row.organisation_kind,
        kind=row.kind,
        state=row.state,
        version=row.version,
        seats=row.seats,
        seats_left=row.seats_left,
        candidates_least=least_of(row, numbers),
        planned_on=row.planned_on,
        asked_at=row.asked_at,
        candidates=[CandidateView(**each._mapping) for each in db.execute(_CANDIDATES, wanted)],
        meetings=[
            MeetingView(
                number=each.number,
                held_on=each.held_on,
                entitled=each.entitled,
                counted=each.counted,
                quorum=each.quorum,
                present=each.present,
                by_delegates=each.by_delegates,
                not_counted=[
                    NotCountedView(absent.person_id, absent.name, absent.reason)
                    for absent in absences
                    if absent.meeting == each.number
                ],
            )
            for each in db.execute(_MEETINGS, wanted)
        ],
        ballots=[
            BallotView(
                number=each.number,
                meeting=each.meeting,
                seats=each.seats,
                is_runoff=each.is_runoff,
                handed_out=each.handed_out,
                returned=each.returned,
                spoiled=each.spoiled,
                needed=each.needed,
                outcome=each.outcome,
                votes=[
                    VoteView(vote.person_id, vote.name, vote.votes, vote.is_elected)
                    for vote in votes
                    if vote.ballot == each.number
                ],
            )
            for each in ballots
        ],
        runoff=[vote.person_id for vote in votes if is_tied and vote.ballot == ballots[-1].number and vote.is_tied],
        steps=[
            ElectionStepView(step.step, step.happened_on, step.at, step.by_name, step.document_number, step.note)
            for step in steps
        ],
        next=NEXT.get(row.state),
        can=_can(row, steps, ballots, actor=actor),
    )


def least_of(row: Row[Any], numbers: dict[str, int]) -> int:
    """Return how many candidates an election needs; a by-election may have as many as empty seats."""
    if row.kind == "by_election":
        return int(row.seats)
    return candidates_least(row.seats, more_percent=numbers["more_percent"], from_seats=numbers["from_seats"])


def _can(row: Row[Any], steps: Any, ballots: Any, *, actor: Actor) -> list[str]:
    due = NEXT.get(row.state)
    if due is None:
        return []
    can = []
    prepares = actor.may("prepare_election", organisation=row.path)
    if due in SUPERIOR_STEPS:
        if actor.may("decide_election", organisation=row.superior_path):
            can.append("send_back")
            if all(step.by_id != actor.person_id for step in steps if step.step in OWN_STEPS):
                can.append("approve")
    elif prepares:
        can.append(due)
        if due == "ballot":
            can.append("meet")
            if row.seats_left < row.seats and ballots:
                can.append("settle")
    if row.state in OPEN and (prepares or actor.may("decide_election", organisation=row.superior_path)):
        can.append("cancel")
    return can


OWN_STEPS: Final = frozenset({"request", "nominate", "meet", "ballot", "count", "settle", "divide", "report"})
"""The steps of the organisation itself: whoever recorded one of an election approves nothing in it."""


# ---- who may vote ------------------------------------------------------------------------------------------------

_VOTERS: Final = text(
    f"""
    SELECT m.person_id, p.name, b.name AS branch_name, m.state,
           (SELECT post FROM posts h WHERE h.organisation_id = :id AND h.person_id = m.person_id
            AND h.held_until IS NULL
            ORDER BY array_position(ARRAY['secretary', 'deputy_secretary', 'committee_member'], post) LIMIT 1) AS post,
           ARRAY(SELECT fact FROM member_facts f WHERE f.person_id = m.person_id AND f.active_from <= :day
                 AND (f.active_until IS NULL OR f.active_until > :day) ORDER BY fact) AS facts
    FROM organisations b JOIN members m ON m.branch_id = b.id JOIN people p ON p.id = m.person_id
    WHERE {in_part("b.path")} AND m.status = 'full'
    ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :limit
    """  # noqa: S608 - made of constants
)


_ENTITLED: Final = text(
    "SELECT count(*) FROM organisations b JOIN members m ON m.branch_id = b.id"  # noqa: S608 - made of constants
    f" WHERE {in_part('b.path')} AND m.status = 'full'"
)


def roll(db: Connection, asked: ElectionAsked, *, actor: Actor, today: date) -> ElectionRoll:
    """Return who may vote and be elected: the full members (article 5); raises NotFound."""
    row = election_row(db, asked.election_id, actor=actor)
    wanted = {"id": row.organisation_id, "path": row.path, "day": today, "limit": VOTERS_SHOWN}
    voters = db.execute(_VOTERS, wanted).all()
    return ElectionRoll(
        election_id=row.id,
        total=entitled_of(db, row.path) if len(voters) == VOTERS_SHOWN else len(voters),
        voters=[VoterView(**{**voter._mapping, "facts": list(voter.facts)}) for voter in voters],
    )


def entitled_of(db: Connection, path: str) -> int:
    """Count the full members of an organisation with all below it."""
    return int(db.execute(_ENTITLED, {"path": path}).scalar_one())


def full_members(db: Connection, ids: list[UUID], *, path: str, lock: bool = False) -> dict[UUID, str]:
    """Return the names of those among some people who are full members below a path, in the order of their ids.

    With `lock` they stay there until this transaction ends: nobody is put into a post while they leave.
    """
    rows = db.execute(
        text(
            "SELECT m.person_id, p.name FROM members m JOIN organisations b ON b.id = m.branch_id"  # noqa: S608
            " JOIN people p ON p.id = m.person_id"
            f" WHERE m.person_id = ANY(:ids) AND m.status = 'full' AND {in_part('b.path')}"
            " ORDER BY m.person_id" + (" FOR SHARE OF m" if lock else "")
        ),
        {"ids": ids, "path": path},
    )
    return {row.person_id: row.name for row in rows}


def is_branch(row: Row[Any]) -> bool:
    """Say whether the organisation has members of its own, and so no congress of delegates."""
    return row.organisation_kind in BRANCHES


# ---- what waits for the superior ---------------------------------------------------------------------------------


def approvals(db: Connection, asked: ApprovalsAsked, *, actor: Actor) -> Approvals:
    """Return what waits for the actor as the superior, the oldest first; raises Forbidden."""
    paths = actor.paths_for("decide_election")
    if not paths:
        raise Forbidden()
    scope, values = in_parts("a.path", paths)
    rows = db.execute(
        text(
            "SELECT e.id AS election_id, e.organisation_id, o.name AS organisation_name, e.kind, e.state,"  # noqa: S608
            " e.waits_since AS since FROM elections e JOIN organisations o ON o.id = e.organisation_id"
            " JOIN organisations a ON a.id = coalesce(o.parent_id, o.id)"
            f" WHERE e.state IN ('requested', 'nominated', 'reported') AND {scope}"
            " ORDER BY e.waits_since, e.id LIMIT :limit"
        ),
        {**values, "limit": asked.limit},
    )
    return Approvals(
        elections=[ApprovalLine(**row._mapping, step=NEXT[row.state]) for row in rows],
        shifts=shifts_of(
            db,
            "s.state = 'asked' AND EXISTS (SELECT FROM organisations a"
            f" WHERE a.id = coalesce(o.parent_id, o.id) AND {scope})",
            values,
            actor=actor,
        ),
    )
