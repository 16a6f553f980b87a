"""Records of the handbook (A2): what a branch writes down on a template, who came, what was decided.

A record is an activity with its form. `answers` holds the template's own fields by name: text and a choice's code as
text, a number as a whole number, a day as YYYY-MM-DD, `persons` as a list of ids of the roll, `votes` as {entitled,
present, for, against, abstained}, a table as a list of rows of such values.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.record_pictures import RecordPictureView
from contracts.assessment.record_templates import HEADINGS, RECORD_KINDS
from contracts.envelope import Instant, Limit, Line, one_of, optional_line, schema_of
from contracts.words import Word, Words

RECORD_STATES: Final = ("draft", "planned", "recorded", "corrected", "cancelled")
PRESENT, LEAVE, ABSENT, NOT_EXPECTED = ATTENDANCE_STATES = ("present", "leave", "absent", "not_expected")
MOVES: Final = ("record", "complete", "correct", "withdraw")
PEOPLE_MAX: Final = 500
DECISIONS_MAX: Final = 50
PARTS_MAX: Final = 30
YEAR_MIN, YEAR_MAX = 2000, 2199

RECORD_REMARKS: Final[Words] = {
    "no_quorum": Word("到会人数未达到表决要求。", "Fewer came than a decision needs."),
    "no_majority": Word(
        "赞成票未超过应到会人数的半数。", "The votes in favour are not more than half of those entitled."
    ),
    "late": Word(
        "在当月结束后补记，已封存的灯色不变。", "Written down after its month was over; that month's light stays."
    ),
}
"""What a record's reader is told about it; a remark never keeps a record from being written."""


@dataclass(frozen=True)
class AttendanceGiven:
    """How one person of the roll attended; leave has its reason."""

    person_id: UUID
    state: Annotated[str, fields.String(required=True, validate=validate.OneOf(ATTENDANCE_STATES))]
    reason: Annotated[str | None, optional_line(100)] = None


@dataclass(frozen=True)
class DecisionGiven:
    """What was decided, who sees to it, by when."""

    text: Line
    owner: Annotated[str | None, optional_line(50)] = None
    due_on: date | None = None


@dataclass(frozen=True)
class PartGiven:
    """Another branch that took part, and how many of it came by what the leading branch saw."""

    branch_id: UUID
    attended: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, PEOPLE_MAX))]


def _several(nested: type, most: int) -> fields.List:
    return fields.List(
        fields.Nested(schema_of(nested)),
        load_default=list,
        validate=validate.Length(0, most),
    )


@dataclass(frozen=True, kw_only=True)
class RecordContent:
    """What is written in a record. `starts_at` and `ends_at` lie on `held_on` by the clocks of Shanghai.

    `attendance` names people of the branch's own roll; `parts` the other branches, on the templates that may be joint.
    """

    held_on: date
    subject: Annotated[str | None, optional_line(200)] = None
    place: Annotated[str | None, optional_line(200)] = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    host: Annotated[str | None, optional_line(50)] = None
    recorder: Annotated[str | None, optional_line(50)] = None
    minutes: Annotated[
        str | None,
        fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 20_000)),
    ] = None
    answers: Annotated[dict[str, Any], fields.Dict(keys=fields.String(), load_default=dict)] = field(
        default_factory=dict
    )
    attendance: Annotated[list[AttendanceGiven], _several(AttendanceGiven, PEOPLE_MAX)] = field(default_factory=list)
    decisions: Annotated[list[DecisionGiven], _several(DecisionGiven, DECISIONS_MAX)] = field(default_factory=list)
    parts: Annotated[list[PartGiven], _several(PartGiven, PARTS_MAX)] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DraftRecord(RecordContent):
    """Begin a record on the newest version of a template; nothing but its day has to be there yet."""

    branch_id: UUID
    template: Annotated[str, fields.String(required=True, validate=validate.OneOf(RECORD_KINDS))]


@dataclass(frozen=True, kw_only=True)
class WriteRecord(RecordContent):
    """Write a draft anew, or complete what is recorded: there only what is still empty can be filled in.

    Everything is given; what is left out is empty.
    """

    record_id: UUID
    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))]


@dataclass(frozen=True, kw_only=True)
class CorrectRecord(RecordContent):
    """Write a record anew that stands already, and say why. The branches that took part stay as they are."""

    record_id: UUID
    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))]
    reason: Line


@dataclass(frozen=True)
class KeepRecord:
    """Record a draft: from now on it counts, and a change needs a reason. The other branches are asked."""

    record_id: UUID


@dataclass(frozen=True)
class DiscardRecord:
    """Throw a draft away."""

    record_id: UUID


@dataclass(frozen=True)
class WithdrawRecord:
    """Take back a record of what never took place, and say why: it counts for nobody any more.

    The tasks that it completed are open again. What a visit wrote is not taken back here.
    """

    record_id: UUID
    reason: Line


@dataclass(frozen=True)
class ConfirmPart:
    """Say that the branch took part in another branch's record, with how many, and whom if one likes."""

    record_id: UUID
    branch_id: UUID
    attended: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, PEOPLE_MAX))]
    attendance: Annotated[list[AttendanceGiven], _several(AttendanceGiven, PEOPLE_MAX)] = field(default_factory=list)


@dataclass(frozen=True)
class DeclinePart:
    """Say that the branch did not take part in another branch's record, and why."""

    record_id: UUID
    branch_id: UUID
    reason: Line


@dataclass(frozen=True)
class MakeUp:
    """Write down how somebody who missed it made it up, once."""

    record_id: UUID
    person_id: UUID
    made_up_on: date
    how: Line


@dataclass(frozen=True)
class RecordsAsked:
    """The records of a branch, newest first: its own and those it took part in; without drafts of others."""

    branch_id: UUID
    year: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, validate=validate.Range(YEAR_MIN, YEAR_MAX)),
    ] = None
    heading: Annotated[str | None, one_of(tuple(HEADINGS))] = None
    template: Annotated[str | None, one_of(RECORD_KINDS)] = None
    state: Annotated[str | None, one_of(RECORD_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RecordAsked:
    """One record."""

    record_id: UUID


@dataclass(frozen=True)
class RecordRollAsked:
    """Whom a branch's record may name: its roll as it is now."""

    branch_id: UUID


@dataclass(frozen=True)
class AbsencesAsked:
    """Who of a branch missed what, newest first; with `open`, only what is still to be made up."""

    branch_id: UUID
    year: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, validate=validate.Range(YEAR_MIN, YEAR_MAX)),
    ] = None
    open: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class PartsAsked:
    """The joint records in which a branch has still to say whether it took part, the most urgent first."""

    branch_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RecordLine:
    """A record in a list. `leads` is whether the branch asked for wrote it; `missing` counts what is still empty."""

    id: UUID
    branch_id: UUID
    branch_name: str
    template: str
    heading: str
    state: str
    held_on: date
    subject: str | None
    place: str | None
    attended: int | None
    hours: int
    leads: bool
    part: str | None
    missing: int
    order_id: UUID | None
    recorded_at: Instant
    version: int


@dataclass(frozen=True)
class AttendanceView:
    """How one person attended. The reason is for those who keep or check the records, and for the person."""

    branch_id: UUID
    person_id: UUID
    name: str
    status: str
    state: str
    reason: str | None
    make_up_by: date | None
    made_up_on: date | None
    made_up_how: str | None


@dataclass(frozen=True)
class DecisionView:
    """What was decided."""

    number: int
    text: str
    owner: str | None
    due_on: date | None


@dataclass(frozen=True)
class PartView:
    """Another branch's part: `told` by the leading branch, `attended` as it confirmed; silence counts as told."""

    branch_id: UUID
    branch_name: str
    state: str
    told: int
    attended: int | None
    confirm_until: Instant | None
    decided_at: Instant | None
    by_silence: bool
    reason: str | None


@dataclass(frozen=True)
class RecordChange:
    """One step in a record's life."""

    version: int
    move: str
    at: Instant
    by: str
    reason: str | None


@dataclass(frozen=True)
class RecordView:
    """A whole record. `missing` names the fields that are still empty, `remarks` are codes of RECORD_REMARKS, `hours`
    are training hours, `people` the names of whom the answers name by id; `fixed` names the fields that a visit wrote
    and nobody else writes."""

    id: UUID
    branch_id: UUID
    branch_name: str
    template: str
    template_version: int
    state: str
    held_on: date
    subject: str | None
    place: str | None
    starts_at: Instant | None
    ends_at: Instant | None
    host: str | None
    recorder: str | None
    minutes: str | None
    answers: dict[str, Any]
    people: dict[str, str]
    attended: int | None
    hours: int
    order_id: UUID | None
    missing: list[str]
    fixed: list[str]
    remarks: list[str]
    attendance: list[AttendanceView]
    decisions: list[DecisionView]
    parts: list[PartView]
    changes: list[RecordChange]
    recorded_at: Instant
    version: int
    pictures: list[RecordPictureView] = field(default_factory=list)


@dataclass(frozen=True)
class RollPersonView:
    """A member as a record may name them, with the posts they hold in the branch today.

    `facts` are those of today: retired, ill, abroad, exempt.
    """

    person_id: UUID
    name: str
    status: str
    state: str
    group: str | None
    facts: list[str]
    posts: list[str]


@dataclass(frozen=True)
class RecordRollView:
    """A branch's roll: `as_told` is whether roster told of it yet."""

    branch_id: UUID
    as_told: bool
    people: list[RollPersonView]


@dataclass(frozen=True)
class AbsenceView:
    """Who missed what."""

    record_id: UUID
    template: str
    held_on: date
    subject: str | None
    person_id: UUID
    name: str
    state: str
    reason: str | None
    make_up_by: date | None
    made_up_on: date | None
    made_up_how: str | None
    overdue: bool


@dataclass(frozen=True)
class PartAskedView:
    """A joint record that waits for the branch's word."""

    record_id: UUID
    template: str
    held_on: date
    subject: str | None
    place: str | None
    leading_branch_id: UUID
    leading_branch: str
    told: int
    confirm_until: Instant
