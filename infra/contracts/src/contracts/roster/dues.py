"""What is owed for each month: reckoned once, corrected, read by branch and by member.

Amounts are fen. Months are written 2026-11; a month is owed by whoever belonged to the branch on its first day.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Line, Month
from contracts.roster.dues_bases import DuesBaseView, DuesReliefView

NOT_OWING = ("no_base", "exempt", "lost", "not_reckoned")
"""Why a member on the rolls owes nothing for a month: nothing to reckon from was entered, exempt, out of contact, or
the month was not reckoned since."""


@dataclass(frozen=True)
class AssessDues:
    """Reckon a branch's month: whoever owes and has no row yet gets one; those there are stay as they are."""

    organisation_id: UUID
    month: Month


@dataclass(frozen=True)
class DuesAssessed:
    """How many rows were added, and their sum."""

    members: int
    due_fen: int


@dataclass(frozen=True)
class CorrectDues:
    """Correct what a member owes for a month that is not paid, from what was read to what is right."""

    person_id: UUID
    month: Month
    due_fen: Fen
    to_fen: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9))]
    reason: Line


@dataclass(frozen=True)
class DuesLineView:
    """What one member owes for one month; `receipt_id` when it is paid. `older_months` are unpaid ones before it."""

    person_id: UUID
    name: str
    month: str
    kind: str
    due_fen: int
    assessed_fen: int
    is_reduced: bool
    paid_on: date | None
    receipt_id: UUID | None
    receipt_number: str | None
    older_months: int = 0
    older_fen: int = 0


@dataclass(frozen=True)
class NotOwingView:
    """A member on the rolls who owes nothing for the month, and why."""

    person_id: UUID
    name: str
    why: str


@dataclass(frozen=True)
class DuesStatement:
    """A branch's month in sums: brought forward + due + corrected − received = arrears − received in advance.

    `brought_forward_fen` is what was owed before, less what had been paid in advance. Cash is what the branch holds.
    """

    month: str
    brought_forward_fen: int
    due_fen: int
    corrected_fen: int
    received_fen: int
    arrears_fen: int
    advance_fen: int
    handed_up_fen: int
    cash_fen: int
    members_due: int
    members_paid: int
    members_in_arrears: int
    closed_at: Instant | None = None
    closed_by: str | None = None


@dataclass(frozen=True)
class DuesMonthAsked:
    """A branch's month."""

    organisation_id: UUID
    month: Month


@dataclass(frozen=True)
class DuesMonthView:
    """A branch's month: its sums, what each member owes, who owes nothing.

    `closes_next` is the month that the branch has to close next, null when none has ended; `can_*` say what the asker
    may do here. `truncated` when there are more than a thousand members.
    """

    organisation_id: UUID
    organisation_name: str
    month: str
    is_closed: bool
    closes_next: str | None
    statement: DuesStatement
    lines: list[DuesLineView]
    not_owing: list[NotOwingView]
    can_collect: bool
    can_assess: bool
    can_close: bool
    truncated: bool = False


@dataclass(frozen=True)
class MemberDuesAsked:
    """One member's dues."""

    person_id: UUID


@dataclass(frozen=True)
class DuesEntryView:
    """A month of a member's dues, with every correction."""

    month: str
    branch_name: str
    kind: str
    assessed_fen: int
    due_fen: int
    is_reduced: bool
    paid_on: date | None
    receipt_id: UUID | None
    receipt_number: str | None


@dataclass(frozen=True)
class DuesCorrectionView:
    """A correction of what was owed for a month."""

    month: str
    from_fen: int
    to_fen: int
    reason: str
    corrected_on: date
    by: str


@dataclass(frozen=True)
class DuesReminderView:
    """A member was reminded on a day of so many months."""

    reminded_on: date
    months: int
    amount_fen: int
    by: str


@dataclass(frozen=True)
class MemberDuesView:
    """A member's dues: base by kind, months (the last three years), corrections, reliefs, reminders. No base amount."""

    person_id: UUID
    name: str
    branch_id: UUID | None
    branch_name: str | None
    kind: str | None
    active_from: str | None
    monthly_fen: int | None
    arrears_fen: int
    arrears_months: int
    is_marked: bool
    months: list[DuesEntryView]
    corrections: list[DuesCorrectionView]
    reliefs: list[DuesReliefView]
    reminders: list[DuesReminderView]
    can_collect: bool
    can_set: bool
    can_open: bool


@dataclass(frozen=True)
class MyDuesAsked:
    """My own dues."""


@dataclass(frozen=True)
class MyDuesView:
    """My own dues, with the amount they are reckoned from."""

    dues: MemberDuesView
    bases: list[DuesBaseView]
