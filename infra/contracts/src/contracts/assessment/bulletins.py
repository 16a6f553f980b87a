"""Bulletins on the lights of branches, from the draft to the receipt; who follows branches up, what they note (A5)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of, optional_line, optional_text

BULLETIN_KINDS: Final = ("daily", "monthly", "quarterly")
BULLETIN_STATES: Final = ("draft", "signed", "sent", "withdrawn")


# ---- the daily list and the follow-up ----------------------------------------------------------------------------


@dataclass(frozen=True)
class DailyListAsked:
    """The yellow and red branches below an organisation (below the asker's places if none), red ones first."""

    organisation_id: UUID | None = None
    light: Annotated[str | None, one_of(("yellow", "red"))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class LightFollowUpView:
    """What the assigned person or an officer noted of a branch's light; `cause`, `plan`, `plan_on` of a red one."""

    at: Instant
    by_name: str
    text: str | None
    cause: str | None
    plan: str | None
    plan_on: date | None


@dataclass(frozen=True)
class DailyRow:
    """A yellow or red branch, why, who follows it up, the last entry, and its red light's slip."""

    branch_id: UUID
    branch_name: str
    above_name: str | None
    light: str
    readings: list[dict[str, Any]]
    read_at: Instant
    follower_id: UUID | None
    follower_name: str | None
    follow_up: LightFollowUpView | None
    slip_id: UUID | None
    slip_number: str | None
    slip_state: str | None


@dataclass(frozen=True)
class FollowUpsAsked:
    """What was noted of a branch's lights, the newest first."""

    branch_id: UUID
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class WriteFollowUp:
    """Note how a branch's light is followed up; of a red light cause, plan and date.

    At least one of text, cause and plan; a plan has its date.
    """

    branch_id: UUID
    text: Annotated[str | None, optional_text()] = None
    cause: Annotated[str | None, optional_text()] = None
    plan: Annotated[str | None, optional_text()] = None
    plan_on: date | None = None


@dataclass(frozen=True)
class AssignFollower:
    """Have a person follow up the branches at and below an organisation; without one nobody does any more."""

    organisation_id: UUID
    person_id: UUID | None = None


@dataclass(frozen=True)
class FollowerAsked:
    """Who follows an organisation up."""

    organisation_id: UUID


@dataclass(frozen=True)
class FollowerView:
    """Who follows an organisation up, assigned there; none when nobody is."""

    organisation_id: UUID
    organisation_name: str
    person_id: UUID | None
    person_name: str | None
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class CandidatesAsked:
    """Members below an organisation whose name begins with some letters: who can be assigned, or named on a slip."""

    organisation_id: UUID
    name: Line
    limit: Limit = 20


@dataclass(frozen=True)
class FollowerCandidateView:
    """A member who can be assigned; group and day of joining tell those of one name apart."""

    person_id: UUID
    name: str
    branch_name: str
    party_group: str | None = None
    joined_on: date | None = None


# ---- bulletins ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BulletinsAsked:
    """Bulletins that the asker may see, the newest first."""

    kind: Annotated[str | None, one_of(BULLETIN_KINDS)] = None
    state: Annotated[str | None, one_of(BULLETIN_STATES)] = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class BulletinAsked:
    """One bulletin, without its lines."""

    bulletin_id: UUID


@dataclass(frozen=True)
class BulletinLinesAsked:
    """A page of a bulletin's lines, in the tree's order; of one light or branch, or all."""

    bulletin_id: UUID
    branch_id: UUID | None = None
    light: Annotated[str | None, one_of(("red", "yellow", "green", "exempt"))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class DraftBulletin:
    """Draft a bulletin from the data: `period` is a day, a month or a quarter (2026-11-22, 2026-11, 2026-Q4).

    With `corrects_id` it is the correction of a sent one, of the same organisation, kind and period.
    """

    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(BULLETIN_KINDS))]
    period: Annotated[
        str,
        fields.String(
            required=True,
            validate=validate.Regexp(
                r"^20[0-9]{2}-(Q[1-4]|[0-9]{2}(-[0-9]{2})?)\Z",
                error="Write the period as 2026-11-26, 2026-11 or 2026-Q4.",
            ),
        ),
    ]
    organisation_id: UUID | None = None
    corrects_id: UUID | None = None


@dataclass(frozen=True)
class EditBulletin:
    """Write the words of a draft: title, what it begins and ends with. Its numbers stay."""

    bulletin_id: UUID
    version: int
    title: Line
    opening: Annotated[str | None, optional_text()] = None
    closing: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class EditBulletinLine:
    """Write the words of one branch in a draft: cause, plan, date, remark."""

    bulletin_id: UUID
    branch_id: UUID
    cause: Annotated[str | None, optional_text()] = None
    plan: Annotated[str | None, optional_text()] = None
    plan_on: date | None = None
    remark: Annotated[str | None, optional_line(200)] = None


@dataclass(frozen=True)
class SignBulletin:
    """Sign a draft that another person drafted, as it stood in a version: it gets its number and never changes."""

    bulletin_id: UUID
    version: int


@dataclass(frozen=True)
class SendBulletin:
    """Send a signed bulletin to those it is for."""

    bulletin_id: UUID


@dataclass(frozen=True)
class WithdrawBulletin:
    """Put a draft away."""

    bulletin_id: UUID
    reason: Line


@dataclass(frozen=True)
class AcknowledgeBulletin:
    """Sign for a bulletin as read, for the organisations that the asker leads."""

    bulletin_id: UUID


@dataclass(frozen=True)
class ReceiptsAsked:
    """To whom a bulletin went, who has read it, who has not; those who have not first."""

    bulletin_id: UUID
    unread: Annotated[bool, fields.Boolean(load_default=False)] = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReceiptView:
    """An organisation to which a bulletin went; when it was read there first, and by whom."""

    organisation_id: UUID
    organisation_name: str
    sent_at: Instant
    read_at: Instant | None
    read_by: str | None


@dataclass(frozen=True)
class FigureView:
    """A number of a bulletin and whence it comes; a share is in tenths of a percent."""

    name: str
    value: int
    source: str


@dataclass(frozen=True)
class PartFigures:
    """How many branches of each light lie in one part of the organisation; `branches` without the exempt."""

    name: str
    branches: int
    green: int
    yellow: int
    red: int
    exempt: int


@dataclass(frozen=True)
class BulletinLine:
    """A branch in a bulletin: the data as they were, and the words about it."""

    branch_id: UUID
    branch_name: str
    above_name: str | None
    light: str
    months: list[str]
    readings: list[dict[str, Any]]
    read_at: Instant
    is_frozen: bool
    follower_name: str | None
    slip_number: str | None
    slip_state: str | None
    cause: str | None
    plan: str | None
    plan_on: date | None
    remark: str | None


@dataclass(frozen=True)
class BulletinView:
    """A bulletin: its words, its figures with their source, its life; the lines are asked for apart.

    `number` counts without gaps by organisation, kind and year. `corrected_by_id` is the bulletin that corrects it.
    """

    id: UUID
    kind: str
    period: str
    issuer_id: UUID
    issuer_name: str
    title: str
    opening: str | None
    closing: str | None
    figures: list[FigureView]
    parts: list[PartFigures]
    as_of: Instant
    line_count: int
    state: str
    number: str | None
    corrects_id: UUID | None
    corrects_number: str | None
    corrects_title: str | None
    corrected_by_id: UUID | None
    drafted_by: str
    drafted_at: Instant
    edited_by: str | None
    edited_at: Instant | None
    signed_by: str | None
    signed_at: Instant | None
    sent_at: Instant | None
    receipts: int
    receipts_read: int
    reason: str | None
    version: int
    may_sign: bool
    may_edit: bool
    may_acknowledge: bool


@dataclass(frozen=True)
class BulletinRow:
    """A bulletin in a list."""

    id: UUID
    kind: str
    period: str
    issuer_name: str
    title: str
    state: str
    number: str | None
    corrects_id: UUID | None
    drafted_by: str
    signed_by: str | None
    sent_at: Instant | None
    drafted_at: Instant
    receipts: int
    receipts_read: int
    is_unread: bool
