"""The chain of sealed entries, its proof, closed months, and the journal. Money is integer fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line, Month

JOURNAL_FORMATS = ("json", "hledger", "beancount")
JOURNAL_PART_MAX = 2000


@dataclass(frozen=True)
class ProofAsked:
    """Heads, checkpoints and closed months of the funds that the person sees, or of one."""

    fund_id: UUID | None = None


@dataclass(frozen=True)
class CheckpointView:
    """Head and balances ("year:account" → fen) at the end of a day; `number` counts the sealed entries till then."""

    day: date
    number: int
    hash: str
    balances: dict[str, int]


@dataclass(frozen=True)
class ClosedPeriodView:
    """A closed month."""

    period: str
    number: int
    hash: str | None
    closed_at: Instant
    closed_by: str
    checklist: dict[str, int]


@dataclass(frozen=True)
class FundProofView:
    """A fund's chain: number and seal of the last sealed entry, how many wait, the last checkpoints, closed months."""

    fund_id: UUID
    code: str
    name: str
    number: int
    hash: str | None
    unsealed: int
    closed_until: date | None
    checkpoints: list[CheckpointView]
    periods: list[ClosedPeriodView]


@dataclass(frozen=True)
class ProofView:
    """What an export is held against; `canonical` names the fields of an entry that are sealed, in their sequence."""

    algorithm: str
    canonical: list[str]
    funds: list[FundProofView]


@dataclass(frozen=True)
class VerifyLedger:
    """Have the books proved in the background."""


@dataclass(frozen=True)
class ProofJobAsked:
    """How far a proof is."""

    proof_id: UUID


@dataclass(frozen=True)
class ProofJobView:
    """A proof at work or done; `result` is {is_right, entries, funds: [{code, name, entries, unsealed, fault}]}."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    ended_at: Instant | None
    result: Any
    error: Any


@dataclass(frozen=True)
class ClosePeriod:
    """Close a month of a fund's books for good."""

    fund_id: UUID
    period: Month


@dataclass(frozen=True)
class PeriodAsked:
    """What stands in the way of closing the fund's first open month, and what is unsettled in it."""

    fund_id: UUID


@dataclass(frozen=True)
class PeriodView:
    """The first open month: whether it can be closed, and what to look at first.

    `checklist` counts entries, entries that wait for their seal, claims to be decided, claims approved and not batched,
    batches that the bank owes an answer, orders whose visit is over and not closed.
    """

    fund_id: UUID
    period: str | None
    is_over: bool
    agrees: bool
    checklist: dict[str, int]


@dataclass(frozen=True)
class ReverseEntry:
    """Reverse an appropriation, saying why."""

    entry_id: UUID
    reason: Line


@dataclass(frozen=True)
class JournalAsked:
    """A part of the journal, of one fund or of all that the person sees, after a place in it."""

    format: Annotated[str, fields.String(load_default="json", validate=validate.OneOf(JOURNAL_FORMATS))] = "json"
    fund_id: UUID | None = None
    after: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 200))
    ] = None


@dataclass(frozen=True)
class JournalPart:
    """Some lines of the journal, and where it goes on; None at its end."""

    text: str
    next: str | None
