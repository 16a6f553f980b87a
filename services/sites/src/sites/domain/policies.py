"""A version of the subsidy policy (S9): drafted by one person, adopted by another, ended by the next one.

    draft ──adopt──▶ adopted ──supersede──▶ superseded   the next version takes over, on the day that it begins
      └──withdraw──▶ withdrawn

An adopted version is never changed. It begins today or later; an order keeps the version of its placing, so what is
ordered already is touched by none. PostgreSQL writes a policy's row in JSON, with what it is for one site.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain import subsidy
from sites.domain.subsidy import Cap, Place

DRAFT: Final = "draft"
ADOPTED: Final = "adopted"
SUPERSEDED: Final = "superseded"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (DRAFT, ADOPTED, SUPERSEDED, WITHDRAWN)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "adopt": ({DRAFT}, ADOPTED),
    "supersede": ({ADOPTED}, SUPERSEDED),
    "withdraw": ({DRAFT}, WITHDRAWN),
}

CAP_KINDS: Final = ("site_month", "site_year", "branch_year")
"""The caps that are counted by rows; a visit's own needs none, the share of the fund is the fund's own row."""

COLUMNS: Final = tuple(field.name for field in fields(subsidy.Policy))
RULES: Final = tuple(name for name in COLUMNS if name not in ("id", "version", "active_from", "active_until"))
"""What a draft says besides the day from which it would hold."""


class PolicyNotAfterLast(Refusal):
    """A new version of the policy must begin after {active_from}, when the last one began."""


class PolicyInPast(Refusal):
    """A version of the policy begins today or later: what is ordered already keeps the version of its placing."""


class PolicyNotMovable(Refusal):
    """This version of the policy is {state} now; it cannot be {move} any more."""


class SameDrafter(Refusal):
    """Whoever drafted or changed the policy cannot adopt it; another person does."""


class CapsMoved(Refusal):
    """What the caps and the fund leave has just changed; send it once more."""


class CapsUsedUp(Refusal):
    """This needs more than the policy's caps, or its share of the fund, still leave; it cannot be set aside again."""


class InvoiceMissing(Refusal):
    """This policy pays the actual cost: the claim needs its invoice before it can be approved."""


def factor_of(row: Mapping[str, Any]) -> Decimal:
    """Return the site's factor under the policy."""
    return Decimal(row["factor"])


def place_of(row: Mapping[str, Any], *, visit_on: date) -> Place:
    """Return how the policy meets the site and day that its JSON was asked for."""
    caps = [Cap(**cap) for cap in row.get("caps") or ()]
    return Place(factor=factor_of(row), applies=row["applies"], visit_on=visit_on, caps=caps)


def policy_of(row: Mapping[str, Any]) -> subsidy.Policy:
    """Return the policy that PostgreSQL wrote as JSON."""
    until = row["active_until"]
    return subsidy.Policy(
        **{
            **{name: row[name] for name in COLUMNS},
            "id": UUID(row["id"]),
            "active_from": date.fromisoformat(row["active_from"]),
            "active_until": date.fromisoformat(until) if until else None,
        }
    )


def drafted(policy_id: UUID, *, active_from: date, rules: Mapping[str, Any]) -> subsidy.Policy:
    """Return a draft as the policy that it would be."""
    said = {name: rules[name] for name in RULES if name in rules}
    return subsidy.Policy(id=policy_id, version=None, active_from=active_from, active_until=None, **said)


def faults_in(
    rules: Mapping[str, Any], *, categories: Sequence[str], kinds: Sequence[str], grades: Sequence[str]
) -> dict[str, list[str]]:
    """Return what is wrong with rules that are sound field by field, told at the field that has to change."""
    faults: dict[str, list[str]] = {}
    mode, tiers = rules["mode"], rules["head_tiers"]
    if mode == subsidy.TIERED and not tiers:
        faults["head_tiers"] = ["Name at least one tier."]
    elif mode != subsidy.TIERED and tiers:
        faults["head_tiers"] = ["Only a policy by tiers has tiers."]
    elif tiers and (sentence := _wrong_tiers(tiers)):
        faults["head_tiers"] = [sentence]
    if mode in (subsidy.PER_VISIT, subsidy.TIERED, subsidy.INVOICE_ACTUAL) and rules["per_head_fen"]:
        faults["per_head_fen"] = ["Only a policy by head has one rate for each head; leave 0."]
    if mode == subsidy.INVOICE_ACTUAL and rules["per_visit_fen"]:
        faults["per_visit_fen"] = ["A policy by invoice has no base; leave 0."]
    if mode != subsidy.INVOICE_ACTUAL and not (rules["per_visit_fen"] or rules["per_head_fen"] or tiers):
        faults.setdefault("per_visit_fen", ["Such a policy would pay nothing."])
    known = {"star_factors": tuple("12345"), "category_factors": categories, "grade_factors": grades}
    for name, names in known.items():
        if unknown := sorted(set(rules[name]) - set(names)):
            faults[name] = [f"Not known: {', '.join(unknown)}."[:200]]
    if set(rules["site_kinds"]) - set(kinds):
        faults["site_kinds"] = ["Not a kind of site."]
    month, year = rules["site_month_cap_fen"], rules["site_year_cap_fen"]
    if month and year and month > year:
        faults["site_month_cap_fen"] = ["More than the cap of the year."]
    for name in ("site_month_cap_fen", "site_year_cap_fen", "branch_year_cap_fen"):
        if rules[name] and rules[name] < rules["visit_cap_fen"]:
            faults.setdefault(name, ["Less than the most for one visit."])
    return faults


def _wrong_tiers(tiers: Sequence[Mapping[str, int | None]]) -> str | None:
    bounds = [tier["heads_to"] for tier in tiers]
    if bounds[-1] is not None:
        return "The last tier has no upper end."
    ends = [end for end in bounds[:-1] if end is not None]
    if len(ends) != len(bounds) - 1:
        return "Only the last tier has no upper end."
    if any(before >= after for before, after in pairwise(ends)):
        return "Each tier ends after the one before."
    return None
