"""The members of organisations: lists, one member's record, what changes it, and who looked at it."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of, optional_text

SEXES = ("male", "female")
EDUCATIONS = ("primary", "junior", "senior", "secondary_vocational", "college", "bachelor", "master", "doctor")
STANDINGS = ("full", "probationary")
STATES = ("active", "floating", "lost")
FACTS = ("retired", "ill", "abroad", "exempt")
ENDINGS = ("moved_away", "left", "deceased", "expelled", "removed", "cancelled")
"""How a membership ends here: moved to a place the roster does not know, left, deceased, expelled, removed from the
rolls, probation cancelled."""
PERSONAL_FIELDS = ("identity_number", "phone")
VIEWED_FIELDS = (*PERSONAL_FIELDS, "dues_base", "record")
"""Of what it is kept who opened it: the sealed numbers, and the amounts that dues are reckoned from."""
PURPOSES = ("transfer", "file_check", "contact", "statistics", "data_correction", "other")
"""Why sealed personal data is opened."""

IdentityNumber = Annotated[
    str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 30))
]
PhoneOrNone = Annotated[
    str | None,
    fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^\+?[0-9][0-9 \-]{5,18}[0-9]\Z", error="Not a valid telephone number."),
    ),
]


def short(longest: int) -> fields.String:
    """Return the field of a line that may be left out."""
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, longest))


def required(choices: tuple[str, ...]) -> fields.String:
    """Return the field of one word of a closed list."""
    return fields.String(required=True, validate=validate.OneOf(choices))


# ---- lists -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MembersAsked:
    """The members of one organisation and of everything below it, on a day (today).

    `q` is a part of the name. The filters hold for the list of today; the list of another day takes `q`, `status` and
    `state`.
    """

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    status: Annotated[str | None, one_of(STANDINGS)] = None
    state: Annotated[str | None, one_of(STATES)] = None
    fact: Annotated[str | None, one_of(FACTS)] = None
    sex: Annotated[str | None, one_of(SEXES)] = None
    education: Annotated[str | None, one_of(EDUCATIONS)] = None
    on: date | None = None


@dataclass(frozen=True)
class MemberView:
    """One member as a list shows them; numbers are masked.

    `state` is active, floating or lost; `since` the day from which branch, status and state hold.
    """

    id: UUID
    name: str
    status: str
    joined_on: date | None
    post: str | None
    synthetic: bool
    branch_id: UUID | None = None
    branch_name: str | None = None
    state: str = "active"
    since: date | None = None
    sex: str | None = None
    education: str | None = None
    party_group: str | None = None
    identity_masked: str | None = None
    phone_masked: str | None = None
    facts: list[str] = dataclass_field(default_factory=list)


# ---- one member --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberAsked:
    """One member, or one who was a member."""

    person_id: UUID


@dataclass(frozen=True)
class MembershipPeriodView:
    """Where a member stood from a day on until another, half-open; `ended_by` only when the membership ended there."""

    branch_id: UUID
    branch_name: str
    status: str
    state: str
    active_from: date
    active_until: date | None
    ended_by: str | None


@dataclass(frozen=True)
class MemberMoveView:
    """One change of a member's record: what, when, why, by which document, who entered it."""

    verb: str
    happened_on: date
    branch_name: str
    reason: str | None
    document_number: str | None
    at: Instant
    by_name: str | None


@dataclass(frozen=True)
class FactView:
    """Something that holds beside the standing, from a day on until another, half-open."""

    id: UUID
    fact: str
    active_from: date
    active_until: date | None
    note: str | None
    recorded_by: str


@dataclass(frozen=True)
class PostView:
    """A post that a member holds or held."""

    organisation_name: str
    post: str
    held_from: date
    held_until: date | None


@dataclass(frozen=True)
class MemberRecord:
    """A member's whole record, its sealed numbers masked.

    `branch_id` is null for one who is no member any more; `ended_by` and `ended_on` then say how and when.
    `can_edit` and `can_open` say what the asker may do here.
    """

    id: UUID
    name: str
    synthetic: bool
    version: int
    status: str | None
    state: str | None
    branch_id: UUID | None
    branch_name: str | None
    since: date | None
    joined_on: date | None
    full_on: date | None
    party_group: str | None
    sex: str | None
    ethnicity: str | None
    born_on: date | None
    education: str | None
    native_place: str | None
    work_unit: str | None
    identity_masked: str | None
    phone_masked: str | None
    file_place: str | None
    file_checked_on: date | None
    ended_by: str | None
    ended_on: date | None
    facts: list[FactView]
    posts: list[PostView]
    periods: list[MembershipPeriodView]
    moves: list[MemberMoveView]
    transfer_id: UUID | None
    stage: str | None
    can_edit: bool
    can_open: bool


# ---- what changes it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Details:
    """What the register knows of a person besides the name; sex and birth follow from the identity number."""

    sex: Annotated[str | None, one_of(SEXES)] = None
    ethnicity: Annotated[str | None, short(20)] = None
    born_on: date | None = None
    education: Annotated[str | None, one_of(EDUCATIONS)] = None
    native_place: Annotated[str | None, short(100)] = None
    work_unit: Annotated[str | None, short(200)] = None
    file_place: Annotated[str | None, short(200)] = None
    file_checked_on: date | None = None
    identity_number: IdentityNumber = None
    phone: PhoneOrNone = None


@dataclass(frozen=True)
class RegisterMember(Details):
    """Enter somebody as a member of a branch, from a day on (`since`, today by default).

    `joined_on` is the day on which a branch assembly took them in, `full_on` the day they became full members.
    `document_number` is that of the letter they came with.
    """

    branch_id: UUID = dataclass_field(kw_only=True)
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))] = dataclass_field(kw_only=True)
    status: Annotated[str, required(STANDINGS)] = dataclass_field(kw_only=True)
    joined_on: date | None = None
    full_on: date | None = None
    since: date | None = None
    party_group: Annotated[str | None, short(50)] = None
    document_number: Annotated[str | None, short(100)] = None


@dataclass(frozen=True)
class MemberRegistered:
    """Who was entered; `warnings` are codes: `area-unknown` when no division has the identity number's first six
    digits, `alike` when somebody of the same name and birthday is registered already."""

    id: UUID
    warnings: list[str]


@dataclass(frozen=True)
class EditMember(Details):
    """Write down what the register knows of a member, as a whole; the sealed numbers stay as they are when left out.

    `version` is that of the record the change was made on. `clear_phone` takes the telephone number away.
    """

    person_id: UUID = dataclass_field(kw_only=True)
    version: int = dataclass_field(kw_only=True)
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))] = dataclass_field(kw_only=True)
    party_group: Annotated[str | None, short(50)] = None
    clear_phone: bool = False


@dataclass(frozen=True)
class ChangeState:
    """Say that a member is active, floating or lost, from a day on."""

    person_id: UUID
    state: Annotated[str, required(STATES)]
    happened_on: date
    reason: Line


@dataclass(frozen=True)
class EndMembership:
    """Say that a member is none any more, from a day on: left, deceased, expelled, removed from the rolls, probation
    cancelled. `document_number` is that of the decision."""

    person_id: UUID
    ended_by: Annotated[str, required(ENDINGS[1:])]
    happened_on: date
    reason: Line
    document_number: Annotated[str | None, short(100)] = None


@dataclass(frozen=True)
class StateFact:
    """Write down that a member is retired, ill, abroad or exempt, from a day on, until another if it is known."""

    person_id: UUID
    fact: Annotated[str, required(FACTS)]
    active_from: date
    active_until: date | None = None
    note: Annotated[str | None, short(200)] = None


@dataclass(frozen=True)
class EndFact:
    """Say on which day a fact ceased to hold."""

    person_id: UUID
    fact_id: UUID
    active_until: date


@dataclass(frozen=True)
class MemberChanged:
    """The record after a change."""

    id: UUID
    version: int


# ---- sealed data -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenPersonalData:
    """Open a member's sealed numbers for a purpose; who opened what, when and why is kept, and shown to the member."""

    person_id: UUID
    fields: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.OneOf(PERSONAL_FIELDS)), required=True, validate=validate.Length(1, 2)
        ),
    ]
    purpose: Annotated[str, required(PURPOSES)]
    reason: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class PersonalData:
    """The numbers that were asked for, in full."""

    person_id: UUID
    identity_number: str | None
    phone: str | None


@dataclass(frozen=True)
class LookUpMember:
    """Find the member with this identity number or telephone number in one's part of the tree; the look is kept."""

    identity_number: IdentityNumber = None
    phone: PhoneOrNone = None


@dataclass(frozen=True)
class MembersFound:
    """Who has the number."""

    items: list[MemberView]


@dataclass(frozen=True)
class PersonalViewsAsked:
    """Who opened a member's sealed data."""

    person_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class PersonalViewView:
    """Who saw what, when, and for what: sealed `fields` opened, or `record`, the record with its numbers masked.

    `kind` is person, or, for a list in which the person stood, register or export. `by_role` and `by_organisation` say
    by which right.
    """

    at: Instant
    by_name: str
    fields: list[str]
    purpose: str
    reason: str | None
    kind: str = "person"
    by_role: str | None = None
    by_organisation: str | None = None


@dataclass(frozen=True)
class MyRecordAsked:
    """My own record."""


@dataclass(frozen=True)
class MyViewsAsked:
    """Who looked at my data."""

    limit: Limit = 100
    cursor: str | None = None


# ---- over the district -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DuplicatesAsked:
    """Who is likely to be registered twice, in one's part of the tree; `told_apart` shows those already looked at."""

    told_apart: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class DuplicateView:
    """Two people of one name and one birthday."""

    person: MemberView
    other: MemberView
    born_on: date
    told_apart_at: Instant | None
    told_apart_by: str | None
    reason: str | None


@dataclass(frozen=True)
class TellApart:
    """Say that two people who look alike are two people."""

    person_id: UUID
    other_id: UUID
    reason: Line


@dataclass(frozen=True)
class SealAnew:
    """Seal every sealed number with the newest key, in the background."""


@dataclass(frozen=True)
class SealingView:
    """How far sealing anew is; `done` and `total` in people, `state` as of any job."""

    id: UUID
    state: str
    done: int
    total: int | None


@dataclass(frozen=True)
class SealingAsked:
    """How far sealing anew is."""

    job_id: UUID
