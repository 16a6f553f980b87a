"""Who has not paid their dues for how long, and what a branch did about it. Amounts are fen."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Limit, Line
from contracts.roster.dues_bases import LINES_MAX


@dataclass(frozen=True)
class DuesArrearsAsked:
    """Who of a branch has not paid for months that are over."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None
    marked: bool = False


@dataclass(frozen=True)
class DuesArrearsView:
    """One member's arrears; `in_a_row` counts unpaid months one after the other without an accepted reason, `is_marked`
    when they are six or more."""

    person_id: UUID
    name: str
    branch_id: UUID
    branch_name: str
    months: int
    amount_fen: int
    first_month: str
    in_a_row: int
    is_marked: bool
    reminded_on: date | None
    note: str | None


@dataclass(frozen=True)
class RemindDues:
    """Remind members of a branch of what they owe for months that are over; all who do when nobody is named."""

    organisation_id: UUID
    person_ids: Annotated[list[UUID], fields.List(fields.UUID(), validate=validate.Length(0, LINES_MAX))] = (
        dataclass_field(default_factory=list)
    )


@dataclass(frozen=True)
class DuesReminded:
    """How many were reminded; nobody is reminded twice on a day."""

    reminded: int


@dataclass(frozen=True)
class NoteDuesArrears:
    """Write down what the branch did about six months' arrears; an accepted reason takes the mark off."""

    person_id: UUID
    has_reason: bool
    note: Line


@dataclass(frozen=True)
class DuesNoted:
    """The note was written down."""

    is_marked: bool
