"""Dues summed over the tree. Amounts are fen."""

from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import Month


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
