"""Dues: the table of rates, what each member's are reckoned from, what is owed each month, payments, the months' ends.

Amounts are fen. Months are written 2026-11; a month is owed by whoever belonged to the branch on its first day.
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import (
    Fen,
    Instant,
    Limit,
    Line,
    Month,
    PositiveFen,
    StoredFile,
    optional_line,
    schema_of,
)
from contracts.roster.members import PURPOSES, required

DUES_KINDS = ("wage", "pension", "farmer", "minimum")
"""What dues are reckoned from: a wage, a pension, a farmer's amount that the branch sets, or the least amount
(students, unemployed, on relief or the minimum living allowance)."""
DUES_METHODS = ("cash", "transfer", "online")
DUES_DOCUMENTS = ("receipts", "statement", "rollup")
DUES_FORMATS = ("pdf", "xlsx")
NOT_OWING = ("no_base", "exempt", "lost", "not_reckoned")
"""Why a member on the rolls owes nothing for a month: nothing to reckon from was entered, exempt, out of contact, or
the month was not reckoned since."""
DUES_FOLDER = "dues"
"""Where in the file store dues' documents stand."""

LINES_MAX = 1_000


# ---- the table of rates ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DuesRate:
    """A band: of an amount above `above_fen` (up to the next band of its kind) `rate_bp` ten-thousandths of all of
    it are due; or, without a rate, the amount itself, at least `least_fen` and at most `most_fen`."""

    kind: Annotated[str, required(DUES_KINDS)]
    above_fen: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9))]
    rate_bp: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 1_000))
    ] = None
    least_fen: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 10**6))
    ] = None
    most_fen: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 10**6))
    ] = None


@dataclass(frozen=True)
class DuesTablesAsked:
    """The table of rates in force, those before it, and those to come."""


@dataclass(frozen=True)
class DuesTableView:
    """A table of rates and the month from which it holds; of two from one month the later one holds."""

    id: int
    active_from: str
    rates: list[DuesRate]
    citation: str
    set_at: Instant
    set_by: str | None


@dataclass(frozen=True)
class DuesTablesView:
    """All tables, the newest month first; `in_force` is the id of the one that holds this month."""

    in_force: int
    can_set: bool
    tables: list[DuesTableView]


@dataclass(frozen=True)
class SetDuesTable:
    """Set a table of rates from a month to come on; `version` is the id of the newest one that was read."""

    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))]
    active_from: Month
    rates: Annotated[
        list[DuesRate],
        fields.List(fields.Nested(schema_of(DuesRate)), required=True, validate=validate.Length(1, 40)),
    ]
    citation: Line


# ---- what dues are reckoned from ---------------------------------------------------------------------------------


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


# ---- what is owed ------------------------------------------------------------------------------------------------


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


# ---- payments ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DuesPaid:
    """A member paid a month: exactly what is owed for it."""

    person_id: UUID
    month: Month
    amount_fen: PositiveFen


@dataclass(frozen=True)
class PayDues:
    """Write down who of a branch paid which months, and issue a receipt to each member; all or none.

    Up to three months ahead may be paid. `paid_on` is today when left out.
    """

    organisation_id: UUID
    lines: Annotated[
        list[DuesPaid],
        fields.List(fields.Nested(schema_of(DuesPaid)), required=True, validate=validate.Length(1, LINES_MAX)),
    ]
    method: Annotated[str, required(DUES_METHODS)]
    paid_on: date | None = None


@dataclass(frozen=True)
class PayDuesByFile:
    """Write down what a file says was paid, all of it or nothing: XLSX or CSV (UTF-8, GBK) with the columns 姓名,
    月份, 金额, and 身份证号 where two members have one name; a last row 合计 has to agree."""

    organisation_id: UUID
    file: StoredFile
    method: Annotated[str, fields.String(load_default="cash", validate=validate.OneOf(DUES_METHODS))] = "cash"
    paid_on: date | None = None


@dataclass(frozen=True)
class DuesReceiptLine:
    """A month on a receipt."""

    month: str
    amount_fen: int


@dataclass(frozen=True)
class DuesReceiptView:
    """A receipt, numbered by branch and year without gaps; `reversed_at` when its payments were taken back."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_name: str
    person_id: UUID
    name: str
    issued_on: date
    paid_on: date
    method: str
    amount_fen: int
    amount_in_words: str
    lines: list[DuesReceiptLine]
    issued_by: str
    reversed_at: Instant | None
    reversed_because: str | None


@dataclass(frozen=True)
class DuesPaidView:
    """What was written down: how many receipts, by which numbers, and their sum."""

    receipts: list[UUID]
    first_number: str
    last_number: str
    amount_fen: int


@dataclass(frozen=True)
class DuesReceiptAsked:
    """One receipt."""

    receipt_id: UUID


@dataclass(frozen=True)
class DuesReceiptsAsked:
    """The receipts of a branch, newest first."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReverseDuesReceipt:
    """Take a receipt's payments back by counter-entries of today."""

    receipt_id: UUID
    reason: Line


@dataclass(frozen=True)
class HandUpDues:
    """Write down what the branch handed to the committee above, never more than it holds."""

    organisation_id: UUID
    amount_fen: PositiveFen
    handed_on: date
    document_number: Line


@dataclass(frozen=True)
class DuesHandedUp:
    """What the branch still holds."""

    cash_fen: int


@dataclass(frozen=True)
class CloseDuesMonth:
    """Close a branch's month that is over; the sums are those that were read."""

    organisation_id: UUID
    month: Month
    due_fen: Fen
    received_fen: Fen
    arrears_fen: Fen


# ---- arrears -----------------------------------------------------------------------------------------------------


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


# ---- over the tree -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DuesRollupAsked:
    """The month of an organisation and of what stands directly below it, in sums."""

    organisation_id: UUID
    month: Month


@dataclass(frozen=True)
class DuesSums:
    """Sums of a part of the tree for a month: `arrears_fen` is unpaid of months before the current one."""

    branches: int
    branches_closed: int
    members_due: int
    members_paid: int
    due_fen: int
    paid_fen: int
    arrears_fen: int
    members_in_arrears: int
    members_marked: int
    cash_fen: int


@dataclass(frozen=True)
class DuesRollupRow:
    """One organisation with everything below it."""

    organisation_id: UUID
    name: str
    kind: str
    sums: DuesSums


@dataclass(frozen=True)
class DuesRollupView:
    """An organisation's month in sums, and by what stands directly below it."""

    organisation_id: UUID
    organisation_name: str
    month: str
    total: DuesSums
    rows: list[DuesRollupRow]


# ---- documents ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MakeDuesDocument:
    """Have a document drawn: the receipts named, a branch's statement, or the sums of a part of the tree."""

    document: Annotated[str, required(DUES_DOCUMENTS)]
    format: Annotated[str, required(DUES_FORMATS)]
    organisation_id: UUID | None = None
    month: Month | None = None
    receipt_ids: Annotated[list[UUID], fields.List(fields.UUID(), validate=validate.Length(0, 300))] = dataclass_field(
        default_factory=list
    )


@dataclass(frozen=True)
class DuesDocumentAsked:
    """A document that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class DuesDocumentView:
    """How far a document is; `file` when it is done, `error` when it failed."""

    id: UUID
    state: str
    asked_at: Instant
    file: StoredFile | None
    error: Any
