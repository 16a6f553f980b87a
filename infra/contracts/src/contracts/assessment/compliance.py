"""The compliance switch (国办函〔2026〕12号): no check-in scoring, no ranking, no repeated filling; on by default."""

from dataclasses import dataclass
from datetime import date

from contracts.envelope import Instant, Line, Text


@dataclass(frozen=True)
class ComplianceAsked:
    """The switch: every row of it."""


@dataclass(frozen=True)
class SetCompliance:
    """Turn the switch on or off from a day to come on, and say why."""

    active_from: date
    is_on: bool
    reason: Text
    citation: Line


@dataclass(frozen=True)
class ComplianceRowView:
    """One row of the switch; `state` is past, in_force, planned or replaced (another was entered for its day)."""

    active_from: date
    is_on: bool
    reason: str
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class ComplianceView:
    """The switch today, all its rows (those that begin last first), and whether the asker may set it."""

    is_on: bool
    rows: list[ComplianceRowView]
    may_set: bool
