"""Elections of committees: a process of dated steps, each recorded by somebody, three of them by the superior."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, different, schema_of
from contracts.roster.members import required
from contracts.roster.terms import SEATS_MAX, DocumentNumber, People, TermShiftView

ELECTION_KINDS = ("term", "by_election")
ELECTION_STATES = (
    "requested",
    "allowed",
    "nominated",
    "candidates_approved",
    "met",
    "counted",
    "divided",
    "reported",
    "effective",
    "refused",
    "cancelled",
)
ELECTION_STEPS = (
    "request",
    "reply",
    "refuse",
    "nominate",
    "approve_candidates",
    "return_candidates",
    "meet",
    "ballot",
    "count",
    "settle",
    "divide",
    "report",
    "approve_result",
    "return_result",
    "cancel",
)
SUPERIOR_STEPS = ("reply", "candidates", "result")
"""What the superior has to decide, in its order."""
NO_VOTE = ("under_probation", "rights_suspended")
"""Full members without a vote: on probation within the Party; detained or arrested."""
EXCUSES = ("cannot_express", "bedridden", "abroad", "serving_sentence", "away")
"""Voters who are not counted among those who ought to come, with the superior's consent and the assembly's."""
NOT_COUNTED = (*NO_VOTE, *EXCUSES)
OUTCOMES = ("decided", "tied", "missing", "invalid")
CANDIDATES_MAX = 40
HEADS_MAX = 5000

Heads = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, HEADS_MAX))]
SomeHeads = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, HEADS_MAX))]


@dataclass(frozen=True)
class ElectionAsked:
    """One election; also asks for those who may vote and be elected in it."""

    election_id: UUID


@dataclass(frozen=True)
class ApprovalsAsked:
    """What waits for the asker as the superior: steps of elections and applications to move a term's end."""

    limit: Limit = 100


@dataclass(frozen=True)
class RequestElection:
    """Ask the superior to allow an election: for a new term, or to fill empty seats of the running one."""

    organisation_id: UUID
    kind: Annotated[str, required(ELECTION_KINDS)]
    seats: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, SEATS_MAX))]
    planned_on: date
    document_number: DocumentNumber
    happened_on: date


@dataclass(frozen=True)
class ApproveElectionStep:
    """The superior allows the election, approves its candidates, or approves its result; with the result the new
    committee is in office from that day on."""

    election_id: UUID
    step: Annotated[str, required(SUPERIOR_STEPS)]
    document_number: DocumentNumber
    happened_on: date


@dataclass(frozen=True)
class SendBackElectionStep:
    """The superior refuses the election, or sends candidates or result back."""

    election_id: UUID
    step: Annotated[str, required(SUPERIOR_STEPS)]
    reason: Line


@dataclass(frozen=True)
class NominateCandidates:
    """The candidates that the organisation has agreed on."""

    election_id: UUID
    candidate_ids: Annotated[
        list[UUID],
        fields.List(fields.UUID(), required=True, validate=[validate.Length(1, CANDIDATES_MAX), different]),
    ]
    happened_on: date


@dataclass(frozen=True)
class NotCounted:
    """Somebody who is not counted at the meeting, and why."""

    person_id: UUID
    reason: Annotated[str, required(NOT_COUNTED)]


@dataclass(frozen=True)
class HoldElectionMeeting:
    """The meeting opens: who is not counted, and how many of the voters are there.

    For a congress of delegates (general branches and committees alone) `delegates` says how many there are.
    """

    election_id: UUID
    happened_on: date
    present: SomeHeads
    not_counted: Annotated[
        list[NotCounted],
        fields.List(fields.Nested(schema_of(NotCounted)), load_default=list, validate=validate.Length(0, 500)),
    ]
    delegates: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, HEADS_MAX)),
    ] = None


@dataclass(frozen=True)
class VotesFor:
    """How many votes somebody got."""

    person_id: UUID
    votes: Heads


@dataclass(frozen=True)
class CountBallots:
    """One ballot: papers handed out, returned and spoiled, and the votes in favour of each."""

    election_id: UUID
    handed_out: SomeHeads
    returned: Heads
    spoiled: Heads
    votes: Annotated[
        list[VotesFor],
        fields.List(fields.Nested(schema_of(VotesFor)), required=True, validate=validate.Length(0, CANDIDATES_MAX)),
    ]


@dataclass(frozen=True)
class SettleForFewer:
    """Leave the seats empty that no ballot has filled, as the meeting agreed."""

    election_id: UUID
    reason: Line


@dataclass(frozen=True)
class DividePosts:
    """The new committee has met and elected its secretary and deputies."""

    election_id: UUID
    happened_on: date
    deputy_ids: People
    secretary_id: UUID | None = None


@dataclass(frozen=True)
class ReportElection:
    """Report the result to the superior."""

    election_id: UUID
    document_number: DocumentNumber
    happened_on: date


@dataclass(frozen=True)
class CancelElection:
    """End an election before it has a result."""

    election_id: UUID
    reason: Line


# ---- what is answered --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CandidateView:
    """Somebody who stands for election, or was written in; `elected_in` the ballot, `post` once posts are divided."""

    person_id: UUID
    name: str
    nominated: bool
    elected_in: int | None
    post: str | None


@dataclass(frozen=True)
class NotCountedView:
    """Somebody who was not counted at a meeting, and why."""

    person_id: UUID
    name: str
    reason: str


@dataclass(frozen=True)
class MeetingView:
    """A meeting: how many may vote, how many ought to come, how many must and did."""

    number: int
    held_on: date
    entitled: int
    counted: int
    quorum: int
    present: int
    by_delegates: bool
    not_counted: list[NotCountedView]


@dataclass(frozen=True)
class VoteView:
    """Somebody's votes in one ballot."""

    person_id: UUID
    name: str
    votes: int
    is_elected: bool


@dataclass(frozen=True)
class BallotView:
    """A ballot and its outcome; a run-off is held between those with equal votes."""

    number: int
    meeting: int
    seats: int
    is_runoff: bool
    handed_out: int
    returned: int
    spoiled: int
    needed: int
    outcome: str
    votes: list[VoteView]


@dataclass(frozen=True)
class ElectionStepView:
    """A step that was done: which, for which day, who recorded it when, by which document or why."""

    step: str
    happened_on: date
    at: Instant
    by_name: str
    document_number: str | None
    note: str | None


@dataclass(frozen=True)
class ElectionView:
    """An election with all its steps; `next` names the one step that is due, `can` what the asker may do now.

    `seats_left` and `runoff` say what the next ballot is about: empty seats, and between whom it is if they are tied.
    """

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_kind: str
    kind: str
    state: str
    version: int
    seats: int
    seats_left: int
    candidates_least: int
    planned_on: date
    asked_at: Instant
    candidates: list[CandidateView]
    meetings: list[MeetingView]
    ballots: list[BallotView]
    runoff: list[UUID]
    steps: list[ElectionStepView]
    next: str | None
    can: list[str]


@dataclass(frozen=True)
class VoterView:
    """A member of the organisation: may vote and be elected unless something stands against it."""

    person_id: UUID
    name: str
    branch_name: str
    post: str | None
    facts: list[str]
    state: str


@dataclass(frozen=True)
class ElectionRoll:
    """Those who may vote and be elected, by name; of a large organisation the first thousand."""

    election_id: UUID
    total: int
    voters: list[VoterView]


@dataclass(frozen=True)
class ApprovalLine:
    """A step of an election that waits for the superior."""

    election_id: UUID
    organisation_id: UUID
    organisation_name: str
    kind: str
    state: str
    step: str
    since: Instant


@dataclass(frozen=True)
class Approvals:
    """What waits for the asker as the superior, the oldest first."""

    elections: list[ApprovalLine]
    shifts: list[TermShiftView]
