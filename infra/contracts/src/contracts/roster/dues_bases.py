"""What a member's dues are reckoned from, and the reliefs granted. Amounts are fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Month, PositiveFen, optional_line
from contracts.roster.dues_tables import DUES_KINDS
from contracts.roster.members import PURPOSES, required

LINES_MAX = 1_000
"""As many members as a command names, and lines as a month shows, at the most."""


@dataclass(frozen=True)
class DuesMembersAsked:
    """A branch's members with what their dues are reckoned from; amounts are not shown."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""


@dataclass(frozen=True)
class DuesMemberView:
    """One member: the kind of base and since when, what is due of it each month, the year it was last confirmed for."""

    person_id: UUID
    name: str
    status: str
    state: str
    kind: str | None
    active_from: str | None
    monthly_fen: int | None
    confirmed_for: int | None
    relief_until: str | None
    reduced_to_fen: int | None


@dataclass(frozen=True)
class SetDuesBase:
    """Say what a member's dues are reckoned from, from a month on (this one); `ground` says by which paper."""

    person_id: UUID
    kind: Annotated[str, required(DUES_KINDS)]
    amount_fen: PositiveFen
    active_from: Month
    ground: Annotated[str | None, optional_line(200)] = None


@dataclass(frozen=True)
class ConfirmDuesBases:
    """Confirm for this year that members' bases are still right."""

    organisation_id: UUID
    person_ids: Annotated[list[UUID], fields.List(fields.UUID(), required=True, validate=validate.Length(1, LINES_MAX))]


@dataclass(frozen=True)
class DuesConfirmed:
    """How many bases were confirmed; those confirmed already are not counted again."""

    confirmed: int
    year: int


@dataclass(frozen=True)
class OpenDuesBase:
    """Open the amounts that a member's dues are reckoned from; who did, when and why is kept for the
    member to see."""

    person_id: UUID
    purpose: Annotated[str, required(PURPOSES)]
    reason: Annotated[str | None, optional_line(200)] = None


@dataclass(frozen=True)
class DuesBaseView:
    """What dues are reckoned from, from a month on."""

    kind: str
    amount_fen: int
    active_from: str
    ground: str | None
    entered_by: str | None
    entered_at: Instant


@dataclass(frozen=True)
class DuesBaseOpened:
    """A member's bases, the newest first."""

    person_id: UUID
    bases: list[DuesBaseView]


@dataclass(frozen=True)
class GrantDuesRelief:
    """Exempt a member (`reduced_to_fen` 0) or reduce the monthly dues, for months half-open.

    The branch decides (`decided_on`), the committee above approves (`document_number`).
    """

    person_id: UUID
    reduced_to_fen: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9))]
    active_from: Month
    active_until: Month
    decided_on: date
    document_number: Line
    reason: Line


@dataclass(frozen=True)
class EndDuesRelief:
    """End a relief before its time: it holds no more from a month on."""

    relief_id: UUID
    active_until: Month
    reason: Line


@dataclass(frozen=True)
class DuesReliefView:
    """An exemption (`reduced_to_fen` 0) or a reduction, for months half-open."""

    id: UUID
    reduced_to_fen: int
    active_from: str
    active_until: str
    decided_on: date
    document_number: str
    reason: str
    recorded_by: str
    ended_because: str | None
