"""Supervision slips: somebody is told to mend something by a day, shows that it is mended, is believed or not (A5)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.supervision import EVIDENCE_MAX
from contracts.envelope import Instant, Limit, Line, Month, StoredFile, Text, one_of, schema_of

SLIP_STATES: Final = ("issued", "replied", "returned", "closed", "withdrawn")
SUBJECT_KINDS: Final = ("light", "card", "problem", "other")
SLIP_FILTERS: Final = ("open", "overdue", "waiting", "closed", "withdrawn")
"""What a list of slips is narrowed to: waiting for a reply, that after its day, replied and waiting to be judged."""


@dataclass(frozen=True)
class SlipsAsked:
    """Slips that the asker may see, the one that is due first at the top; `mine` are those the asker has to answer."""

    organisation_id: UUID | None = None
    branch_id: UUID | None = None
    state: Annotated[str | None, one_of(SLIP_FILTERS)] = None
    mine: Annotated[bool, fields.Boolean(load_default=False)] = False
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class SlipAsked:
    """One slip with its steps."""

    slip_id: UUID


@dataclass(frozen=True, kw_only=True)
class IssueSlip:
    """Tell a branch, and a person in it, to mend something by a day.

    `subject_id` is the card's or the problem's; of a light the branch and `month` say which it is. `subject` are the
    words for it, which the slip keeps. Without `person_id` it is the branch's secretary.
    """

    branch_id: UUID
    subject_kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(SUBJECT_KINDS))]
    subject: Line
    demand: Text
    due_on: date
    subject_id: UUID | None = None
    month: Month | None = None
    person_id: UUID | None = None


@dataclass(frozen=True)
class SlipPersonsAsked:
    """To whom of an organisation a slip can be issued: those who hold its posts today."""

    branch_id: UUID


@dataclass(frozen=True)
class SlipPersonView:
    """Somebody who holds a post: secretary, deputy_secretary, committee_member."""

    person_id: UUID
    name: str
    post: str


@dataclass(frozen=True)
class SlipPersonsView:
    """Those who hold the organisation's posts today, each once, the secretary first: who answers if nobody is named."""

    branch_id: UUID
    branch_name: str
    items: list[SlipPersonView]


@dataclass(frozen=True)
class ReplyToSlip:
    """Say what was done, with the files that show it (references into the file store)."""

    slip_id: UUID
    text: Text
    files: Annotated[
        list[StoredFile],
        fields.List(fields.Nested(schema_of(StoredFile)), load_default=list, validate=validate.Length(0, EVIDENCE_MAX)),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class AcceptReply:
    """Accept a reply: the slip is closed."""

    slip_id: UUID


@dataclass(frozen=True)
class ReturnReply:
    """Give a reply back, with the day by which it is to be done better."""

    slip_id: UUID
    reason: Line
    due_on: date


@dataclass(frozen=True)
class WithdrawSlip:
    """Withdraw a slip that was issued in error or has become needless; it keeps its number."""

    slip_id: UUID
    reason: Line


@dataclass(frozen=True)
class SlipFileAsked:
    """A file that a reply to a slip brought."""

    slip_id: UUID
    sha256: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]


@dataclass(frozen=True)
class SlipStepView:
    """One step of a slip; `reason` is why it was given back or withdrawn, `text` what a reply says."""

    move: str
    state: str
    at: Instant
    by_name: str
    text: str | None
    due_on: date | None
    level: int | None
    files: list[StoredFile]


@dataclass(frozen=True)
class SlipView:
    """A slip. `number` counts without gaps by issuing organisation and year; `issued_by` is none for the platform's.

    `readings` are why the light that it is about was red when the slip was issued; `light_now` is that light as it
    is stored now: a slip whose light has turned green stays open until its reply is accepted or it is withdrawn.
    """

    id: UUID
    number: str
    issuer_id: UUID
    issuer_name: str
    branch_id: UUID
    branch_name: str
    subject_kind: str
    subject_id: UUID | None
    subject: str
    month: str | None
    demand: str
    readings: list[dict[str, Any]]
    person_id: UUID | None
    person_name: str | None
    issued_at: Instant
    issued_by: str | None
    due_on: date
    state: str
    is_overdue: bool
    level: int
    replied_by: str | None
    version: int
    may_reply: bool
    may_judge: bool
    light_now: str | None = None
    steps: list[SlipStepView] = field(default_factory=list)


@dataclass(frozen=True)
class SlipCountsAsked:
    """How many slips of each state the asker may see."""

    organisation_id: UUID | None = None


@dataclass(frozen=True)
class SlipCountsView:
    """How many slips wait for a reply, of them after their day, wait to be judged, are closed, were withdrawn."""

    open: int
    overdue: int
    waiting: int
    closed: int
    withdrawn: int
