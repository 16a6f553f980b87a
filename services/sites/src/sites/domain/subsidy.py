"""What a visit is worth under a policy (S9): base, heads, factor, caps — told line by line.

    heads paid = min(checked in, closed, confirmed, ordered)
    (base per visit + rate per head × heads paid) × factor, rounded half up to the fen once, then the caps

A policy's mode says what stands before the factor:

    per_visit        the base alone
    per_head         the base and one rate for each head
    tiered           the base and a rate for the heads of each tier
    invoice_actual   the invoice, without a factor; until it is there, the most for one visit is set aside

The caps cut in this sequence: visit, site-month, site-year, branch-year, share of the fund's year. The amounts of an
explanation's lines add up to the amount. A cap's line appears only when it binds; the first of them is `Estimate.cap`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

Line = dict[str, Any]  # {"rule": …, "inputs": {…}, "amount_fen": …}

PER_VISIT: Final = "per_visit"
PER_HEAD: Final = "per_head"
TIERED: Final = "tiered"
INVOICE_ACTUAL: Final = "invoice_actual"
MODES: Final = (PER_VISIT, PER_HEAD, TIERED, INVOICE_ACTUAL)

CAPS: Final = ("visit_cap", "site_month_cap", "site_year_cap", "branch_year_cap", "fund_share")
"""The rules of the caps, in the sequence in which they cut."""


@dataclass(frozen=True)
class Policy:
    """One version of the rules, in force from `active_from` to the day before `active_until`; None: not adopted."""

    id: UUID
    name: str
    version: int | None
    active_from: date
    active_until: date | None
    per_visit_fen: int
    per_head_fen: int
    visit_cap_fen: int
    heads_min: int
    citation: str
    star_factors: Mapping[str, str] = field(default_factory=dict)  # by star, as text: {"5": "1.20"}
    mode: str = PER_HEAD
    head_tiers: Sequence[Mapping[str, int | None]] = ()  # [{"heads_to": 20, "per_head_fen": 1000}, …], the last to None
    category_factors: Mapping[str, str] = field(default_factory=dict)
    grade_factors: Mapping[str, str] = field(default_factory=dict)
    site_kinds: Sequence[str] = ()  # none: all
    site_month_cap_fen: int | None = None
    site_year_cap_fen: int | None = None
    branch_year_cap_fen: int | None = None
    fund_share_percent: int | None = None  # of what was appropriated for the year
    last_spending_day: str | None = None  # MM-DD
    carries_over: bool = False
    collective_from_fen: int | None = None
    second_signature_from_fen: int | None = None

    @property
    def has_caps(self) -> bool:
        """Whether visits share caps: then what is left of them is part of every estimate."""
        return (
            self.site_month_cap_fen,
            self.site_year_cap_fen,
            self.branch_year_cap_fen,
            self.fund_share_percent,
        ) != (None, None, None, None)

    def factor_for(self, *, star: int | None, category: str, grade: str | None) -> Decimal:
        """Return what a site's visits are multiplied by; what the policy does not name counts once."""
        return (
            Decimal(self.star_factors.get(str(star), "1"))
            * Decimal(self.category_factors.get(category, "1"))
            * Decimal(self.grade_factors.get(grade or "", "1"))
        )


@dataclass(frozen=True)
class Cap:
    """A cap that visits share, and how much of it others have used."""

    rule: str
    cap_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        return max(self.cap_fen - self.used_fen, 0)


@dataclass(frozen=True)
class Place:
    """The site and day of a visit, as the policy meets them: factor, whether its kind is subsidised, caps so far."""

    factor: Decimal = Decimal(1)
    applies: bool = True
    visit_on: date | None = None
    caps: Sequence[Cap] = ()


@dataclass(frozen=True)
class Estimate:
    """An amount with the reason for every fen of it."""

    policy_id: UUID
    amount_fen: int
    explanation: list[Line] = field(default_factory=list)

    @property
    def cap(self) -> str | None:
        """The first cap that binds."""
        return next((line["rule"] for line in self.explanation if line["rule"] in CAPS), None)


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


def estimate(policy: Policy, *, headcount: int, factor: Decimal = Decimal(1), place: Place | None = None) -> Estimate:
    """Say what a visit of `headcount` heads would be worth, before it takes place.

    `factor` is the site's by star or evaluation; `place` says it and more.
    """
    place = place or Place(factor=factor)
    return _worth(policy, heads=headcount, counts={"ordered": headcount}, place=place, invoice_fen=None)


def amount_due(
    policy: Policy,
    *,
    heads: Heads,
    encumbered_fen: int | None = None,
    factor: Decimal = Decimal(1),
    place: Place | None = None,
    invoice_fen: int | None = None,
) -> Estimate:
    """Say what a visit that took place is worth; never more than was encumbered for it, which the caps had cut."""
    due = _worth(
        policy, heads=heads.paid, counts=heads.counts, place=place or Place(factor=factor), invoice_fen=invoice_fen
    )
    if encumbered_fen is None:
        return due
    explanation, amount_fen = _capped(due.explanation, due.amount_fen, rule="encumbrance", cap_fen=encumbered_fen)
    return Estimate(policy_id=policy.id, amount_fen=amount_fen, explanation=explanation)


def factor_in(explanation: Sequence[Line]) -> Decimal:
    """Return the factor that an estimate was made with: it is fixed when an order is placed, as the policy is."""
    return next((Decimal(line["inputs"]["factor"]) for line in explanation if line["rule"] == "factor"), Decimal(1))


def _worth(policy: Policy, *, heads: int, counts: Mapping[str, int], place: Place, invoice_fen: int | None) -> Estimate:
    lines: list[Line] = [
        _line(
            "policy",
            {"id": str(policy.id), "name": policy.name, "version": policy.version, "citation": policy.citation},
        ),
        _line("heads_paid", {**counts, "heads": heads}),
    ]
    if barred := _barred(policy, heads=heads, place=place):
        return Estimate(policy_id=policy.id, amount_fen=0, explanation=[*lines, barred])
    earned = _earned(policy, heads=heads, invoice_fen=invoice_fen)
    lines += earned
    amount_fen = sum(line["amount_fen"] for line in earned)
    if place.factor != 1 and policy.mode != INVOICE_ACTUAL:
        after_fen = int((amount_fen * place.factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        lines.append(_line("factor", {"factor": str(place.factor), "before_fen": amount_fen}, after_fen - amount_fen))
        amount_fen = after_fen
    lines, amount_fen = _capped(lines, amount_fen, rule="visit_cap", cap_fen=policy.visit_cap_fen)
    for cap in place.caps:
        if amount_fen > cap.left_fen:
            told = {"cap_fen": cap.cap_fen, "used_fen": cap.used_fen, "left_fen": cap.left_fen}
            lines.append(_line(cap.rule, {**told, "before_fen": amount_fen}, cap.left_fen - amount_fen))
            amount_fen = cap.left_fen
    return Estimate(policy_id=policy.id, amount_fen=amount_fen, explanation=lines)


def _barred(policy: Policy, *, heads: int, place: Place) -> Line | None:
    """Return why the policy gives such a visit nothing at all."""
    if not place.applies:
        return _line("site_kind", {"site_kinds": list(policy.site_kinds)})
    if policy.last_spending_day and place.visit_on and f"{place.visit_on:%m-%d}" > policy.last_spending_day:
        return _line("last_spending_day", {"last_spending_day": policy.last_spending_day})
    if heads < policy.heads_min:
        return _line("minimum_attendance", {"heads": heads, "heads_min": policy.heads_min})
    return None


def _earned(policy: Policy, *, heads: int, invoice_fen: int | None) -> list[Line]:
    """Return the lines before factor and caps."""
    if policy.mode == INVOICE_ACTUAL:
        return [
            _line("invoice_expected", {"visit_cap_fen": policy.visit_cap_fen}, policy.visit_cap_fen)
            if invoice_fen is None
            else _line("invoice", {"invoice_fen": invoice_fen}, invoice_fen)
        ]
    base = _line("base", {"per_visit_fen": policy.per_visit_fen}, policy.per_visit_fen)
    if policy.mode == PER_VISIT:
        return [base]
    if policy.mode == TIERED:
        return [base, *_of_tiers(policy.head_tiers, heads=heads)]
    return [
        base,
        _line("heads", {"heads": heads, "per_head_fen": policy.per_head_fen}, policy.per_head_fen * heads),
    ]


def _of_tiers(tiers: Sequence[Mapping[str, int | None]], *, heads: int) -> list[Line]:
    lines = []
    counted = 0
    for tier in tiers:
        heads_to, rate_fen = tier["heads_to"], tier["per_head_fen"] or 0
        upper = heads if heads_to is None else min(heads, heads_to)
        if upper > counted:
            told = {"heads_from": counted + 1, "heads_to": heads_to, "heads": upper - counted, "per_head_fen": rate_fen}
            lines.append(_line("tier", told, rate_fen * (upper - counted)))
            counted = upper
    return lines


def _capped(lines: list[Line], amount_fen: int, *, rule: str, cap_fen: int) -> tuple[list[Line], int]:
    if amount_fen <= cap_fen:
        return lines, amount_fen
    line = _line(rule, {"cap_fen": cap_fen, "before_fen": amount_fen}, cap_fen - amount_fen)
    return [*lines, line], cap_fen


def _line(rule: str, inputs: Mapping[str, Any], amount_fen: int = 0) -> Line:
    return {"rule": rule, "inputs": dict(inputs), "amount_fen": amount_fen}
