"""Members who go to another branch: the one branch issues a letter, the other confirms."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of
from contracts.roster.members import short

TRANSFER_STATES = ("issued", "confirmed", "refused", "withdrawn", "expired")
DIRECTIONS = ("out", "in")


@dataclass(frozen=True)
class IssueTransfer:
    """Issue the letter with which a member goes to another branch, or to a place that the roster does not know
    (`to_name`). Until it is confirmed the member stays where they are."""

    person_id: UUID
    letter_number: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    reason: Line
    to_branch_id: UUID | None = None
    to_name: Annotated[str | None, short(200)] = None
    issued_on: date | None = None


@dataclass(frozen=True)
class ConfirmTransfer:
    """Confirm that the member has come; of a place the roster does not know, that its receipt has come back."""

    transfer_id: UUID
    receipt: Annotated[str | None, short(200)] = None


@dataclass(frozen=True)
class RefuseTransfer:
    """Refuse to take the member in."""

    transfer_id: UUID
    reason: Line


@dataclass(frozen=True)
class WithdrawTransfer:
    """Take the letter back."""

    transfer_id: UUID
    reason: Line


@dataclass(frozen=True)
class TransferAsked:
    """One transfer."""

    transfer_id: UUID


@dataclass(frozen=True)
class TransfersAsked:
    """The transfers out of and into an organisation and all below it, newest first."""

    organisation_id: UUID
    state: Annotated[str | None, one_of(TRANSFER_STATES)] = None
    direction: Annotated[str | None, one_of(DIRECTIONS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class TransferView:
    """A member's letter, where it leads, until when it holds, how it ended; `can` names what the asker may do now."""

    id: UUID
    person_id: UUID
    name: str
    from_branch_id: UUID
    from_branch: str
    to_branch_id: UUID | None
    to_branch: str
    letter_number: str
    reason: str
    state: str
    issued_on: date
    expires_on: date
    issued_at: Instant
    issued_by: str
    decided_at: Instant | None
    decided_by: str | None
    decision: str | None
    can: list[str]


@dataclass(frozen=True)
class TransferNoticeView:
    """What a branch was told of a transfer, and when."""

    id: int
    transfer_id: UUID
    name: str
    kind: str
    from_branch: str
    to_branch: str
    told_at: Instant


@dataclass(frozen=True)
class TransferNoticesAsked:
    """What a branch was told of transfers, newest first."""

    organisation_id: UUID
    limit: Limit = 20
    cursor: str | None = None
