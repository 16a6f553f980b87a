"""What a visit is worth under a policy (S9): base, heads, factor, cap — told line by line.

    heads paid = min(checked in, closed, confirmed, ordered)
    (base per visit + rate per head × heads paid) × factor, rounded half up to the fen once, then the caps

The amounts of an explanation's lines add up to the amount. A cap's line appears only when it binds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

Line = dict[str, Any]  # {"rule": …, "inputs": {…}, "amount_fen": …}


@dataclass(frozen=True)
class Policy:
    """One version of the rules, in force from `active_from` to the day before `active_until`."""

    id: UUID
    name: str
    version: int
    active_from: date
    active_until: date | None
    per_visit_fen: int
    per_head_fen: int
    visit_cap_fen: int
    heads_min: int
    citation: str
    star_factors: Mapping[str, str] = field(default_factory=dict)  # by star, as text: {"5": "1.20"}


@dataclass(frozen=True)
class Estimate:
    """An amount with the reason for every fen of it."""

    policy_id: UUID
    amount_fen: int
    explanation: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Heads:
    """How many came, as each side counted; `confirmed` is None until the branch has spoken."""

    ordered: int
    checked_in: int
    closed: int
    confirmed: int | None = None

    @property
    def paid(self) -> int:
        """The heads that count: the lowest of the numbers."""
        return min(self.counts.values())

    @property
    def counts(self) -> Mapping[str, int]:
        counts = {"ordered": self.ordered, "checked_in": self.checked_in, "closed": self.closed}
        return counts if self.confirmed is None else {**counts, "confirmed": self.confirmed}


def estimate(policy: Policy, *, headcount: int, factor: Decimal = Decimal(1)) -> Estimate:
    """Say what a visit of `headcount` heads would be worth, before it takes place.

    `factor` is the site's by star or evaluation.
    """
    return _worth(policy, heads=headcount, counts={"ordered": headcount}, factor=factor)


def amount_due(
    policy: Policy, *, heads: Heads, encumbered_fen: int | None = None, factor: Decimal = Decimal(1)
) -> Estimate:
    """Say what a visit that took place is worth; never more than was encumbered for it."""
    due = _worth(policy, heads=heads.paid, counts=heads.counts, factor=factor)
    if encumbered_fen is None:
        return due
    explanation, amount_fen = _capped(due.explanation, due.amount_fen, rule="encumbrance", cap_fen=encumbered_fen)
    return Estimate(policy_id=policy.id, amount_fen=amount_fen, explanation=explanation)


def factor_in(explanation: Sequence[Line]) -> Decimal:
    """Return the factor that an estimate was made with: it is fixed when an order is placed, as the policy is."""
    return next((Decimal(line["inputs"]["factor"]) for line in explanation if line["rule"] == "factor"), Decimal(1))


def _worth(policy: Policy, *, heads: int, counts: Mapping[str, int], factor: Decimal) -> Estimate:
    lines: list[Line] = [
        _line(
            "policy",
            {"id": str(policy.id), "name": policy.name, "version": policy.version, "citation": policy.citation},
        ),
        _line("heads_paid", {**counts, "heads": heads}),
    ]
    if heads < policy.heads_min:
        lines.append(_line("minimum_attendance", {"heads": heads, "heads_min": policy.heads_min}))
        return Estimate(policy_id=policy.id, amount_fen=0, explanation=lines)
    of_heads_fen = policy.per_head_fen * heads
    lines.append(_line("base", {"per_visit_fen": policy.per_visit_fen}, policy.per_visit_fen))
    lines.append(_line("heads", {"heads": heads, "per_head_fen": policy.per_head_fen}, of_heads_fen))
    amount_fen = policy.per_visit_fen + of_heads_fen
    if factor != 1:
        after_fen = int((amount_fen * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        lines.append(_line("factor", {"factor": str(factor), "before_fen": amount_fen}, after_fen - amount_fen))
        amount_fen = after_fen
    lines, amount_fen = _capped(lines, amount_fen, rule="visit_cap", cap_fen=policy.visit_cap_fen)
    return Estimate(policy_id=policy.id, amount_fen=amount_fen, explanation=lines)


def _capped(lines: list[Line], amount_fen: int, *, rule: str, cap_fen: int) -> tuple[list[Line], int]:
    if amount_fen <= cap_fen:
        return lines, amount_fen
    line = _line(rule, {"cap_fen": cap_fen, "before_fen": amount_fen}, cap_fen - amount_fen)
    return [*lines, line], cap_fen


def _line(rule: str, inputs: Mapping[str, Any], amount_fen: int = 0) -> Line:
    return {"rule": rule, "inputs": dict(inputs), "amount_fen": amount_fen}
