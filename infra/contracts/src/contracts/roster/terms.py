"""Committees of organisations: who holds which post, how long the term runs, when it is moved, who appoints."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, different, one_of, optional_line
from contracts.roster.members import required

POSTS = ("secretary", "deputy_secretary", "committee_member")
POST_ENDINGS = ("moved", "resigned", "dismissed", "deceased", "membership_ended", "replaced", "term_ended")
"""How a post ends: the holder moved to another organisation, resigned, was dismissed, died, is no member any more; a
successor or another post of the same person followed; the term ended."""
ENDED_BY_HAND = ("moved", "resigned", "dismissed")
"""The endings that somebody enters; the others follow from what else happens."""
MADE_BY = ("elected", "appointed", "recorded")
"""How a term or a post came about: by an election, by a document of the superior, or it was there before."""
TERM_STATUSES = ("without", "overdue", "ending", "running")
TERM_FILTERS = ("without", "overdue", "ending", "postponed")
SHIFT_STATES = ("asked", "approved", "refused", "withdrawn")
TERM_NOTICES = ("ending", "overdue")
SEATS_MAX = 15

DocumentNumber = Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
People = Annotated[
    list[UUID],
    fields.List(fields.UUID(), load_default=list, validate=[validate.Length(0, SEATS_MAX), different]),
]


# ---- what is asked -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CommitteeAsked:
    """An organisation's committee on a day (today), with its terms and what is due."""

    organisation_id: UUID
    on: date | None = None


@dataclass(frozen=True)
class TermsAsked:
    """The terms of an organisation's part of the tree (of all that the asker watches over), those that end first
    first; those without a recorded term come last. `status` is one of TERM_FILTERS."""

    organisation_id: UUID | None = None
    status: Annotated[str | None, one_of(TERM_FILTERS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class TermCountsAsked:
    """How many terms of an organisation's part of the tree stand how."""

    organisation_id: UUID | None = None


# ---- what is answered --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PostHeldView:
    """A post, who holds it from when until when (half-open), how they came to it and how it ended."""

    id: int
    person_id: UUID
    name: str
    post: str
    held_from: date
    held_until: date | None
    made_by: str | None
    document_number: str | None
    ended_by: str | None
    end_document_number: str | None


@dataclass(frozen=True)
class TermView:
    """A committee's term: its last day as it is now, and as the rule gave it when it began."""

    id: UUID
    active_from: date
    ends_on: date
    regular_ends_on: date
    ended_on: date | None
    years: int
    seats: int
    made_by: str
    document_number: str | None


@dataclass(frozen=True)
class TermShiftView:
    """An application to end a term later or earlier than the rule says; `can` names what the asker may do now."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    ends_on: date
    new_ends_on: date
    reason: str
    state: str
    asked_at: Instant
    asked_by: str
    decided_at: Instant | None
    decided_by: str | None
    document_number: str | None
    decision: str | None
    can: list[str]


@dataclass(frozen=True)
class TermNoticeView:
    """What an organisation and those above it were told of its term, and when."""

    kind: str
    ends_on: date
    told_at: Instant


@dataclass(frozen=True)
class ElectionLine:
    """An election of an organisation in one line."""

    id: UUID
    kind: str
    state: str
    seats: int
    asked_at: Instant


@dataclass(frozen=True)
class CommitteeView:
    """An organisation's committee on a day.

    `status` says how the term stands, `years` how long one lasts here (null where none is elected), `warned_on` from
    which day on its end is near, `earliest` and `latest` how far its end can be moved. `vacant_seats` counts empty
    seats, `vacant_since` the oldest of them, `secretary_vacant_since` the day since which nobody leads.
    """

    organisation_id: UUID
    organisation_name: str
    kind: str
    field: str
    on: date
    status: str
    years: int | None
    citation: str | None
    term: TermView | None
    warned_on: date | None
    earliest: date | None
    latest: date | None
    vacant_seats: int
    vacant_since: date | None
    secretary_vacant_since: date | None
    posts: list[PostHeldView]
    former: list[PostHeldView]
    terms: list[TermView]
    shifts: list[TermShiftView]
    elections: list[ElectionLine]
    notices: list[TermNoticeView]
    can: list[str]


@dataclass(frozen=True)
class TermLine:
    """An organisation with how its term stands, which election is open, and when it was last reminded."""

    organisation_id: UUID
    organisation_name: str
    superior_name: str | None
    kind: str
    field: str
    status: str
    active_from: date | None
    ends_on: date | None
    is_postponed: bool
    seats: int | None
    secretary_name: str | None
    election_id: UUID | None
    election_state: str | None
    told_at: Instant | None


@dataclass(frozen=True)
class TermCounts:
    """How many organisations with a term there are, and how many stand how; one may count in several."""

    organisations: int
    without: int
    overdue: int
    ending: int
    postponed: int
    electing: int


# ---- what changes it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskTermShift:
    """Ask the superior that the term end on another day, at most a year from what the rule says."""

    organisation_id: UUID
    new_ends_on: date
    reason: Line


@dataclass(frozen=True)
class ApproveTermShift:
    """Approve that a term ends on another day."""

    shift_id: UUID
    document_number: DocumentNumber


@dataclass(frozen=True)
class RefuseTermShift:
    """Leave the term as it is."""

    shift_id: UUID
    reason: Line


@dataclass(frozen=True)
class WithdrawTermShift:
    """Take the application back."""

    shift_id: UUID


@dataclass(frozen=True)
class RecordTerm:
    """Write down the term of a committee that is in office already."""

    organisation_id: UUID
    active_from: date
    seats: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, SEATS_MAX))]
    document_number: Annotated[str | None, optional_line(100)] = None


@dataclass(frozen=True)
class AppointCommittee:
    """Put a whole committee into office by a document of the superior, from a day on; its term begins anew."""

    organisation_id: UUID
    active_from: date
    document_number: DocumentNumber
    secretary_id: UUID
    deputy_ids: People
    member_ids: People


@dataclass(frozen=True)
class AppointToPost:
    """Appoint or transfer somebody to one post by a document of the superior; the term goes on."""

    organisation_id: UUID
    person_id: UUID
    post: Annotated[str, required(POSTS)]
    held_from: date
    document_number: DocumentNumber


@dataclass(frozen=True)
class EndPost:
    """Say that somebody holds a post no longer, from a day on."""

    organisation_id: UUID
    post_id: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53))]
    ended_by: Annotated[str, required(ENDED_BY_HAND)]
    held_until: date
    document_number: DocumentNumber
