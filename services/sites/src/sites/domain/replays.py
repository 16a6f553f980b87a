"""Past visits under another policy (S9): each worked out anew, in the sequence of placing, with its caps.

Caps begin empty with the first month of the replay. Who was unsubsidised for other reasons than the policy (members,
branches from outside, the month's second visit) stays so and is not looked at.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sites.domain import subsidy
from sites.domain.subsidy import Cap, Estimate, Heads, Place, Policy


@dataclass(frozen=True)
class PastVisit:
    """A closed visit: who came, where, and what was set aside or paid for it then."""

    order_id: UUID
    visit_on: date
    site_id: UUID
    site_name: str
    town: str
    kind: str
    category: str
    star: int | None
    grade: str | None
    branch_id: UUID
    branch_name: str | None
    fund_id: UUID | None
    heads: Heads
    before_fen: int


@dataclass
class Sum:
    """What a group of visits came to."""

    visits: int = 0
    before_fen: int = 0
    after_fen: int = 0

    def add(self, before_fen: int, after_fen: int) -> None:
        self.visits += 1
        self.before_fen += before_fen
        self.after_fen += after_fen


@dataclass
class Replay:
    """One pass over the visits. `appropriated` says what each fund was granted, by fund and year."""

    policy: Policy
    appropriated: Mapping[tuple[UUID, int], int]
    total: Sum = field(default_factory=Sum)
    changed: int = 0
    capped: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Sum]] = field(default_factory=lambda: {"month": {}, "town": {}, "site": {}})
    _used: Counter[tuple[str, UUID, str]] = field(default_factory=Counter)

    def add(self, visit: PastVisit) -> Estimate:
        """Work one visit out and count it."""
        keys = list(self._caps(visit))
        place = Place(
            factor=self.policy.factor_for(star=visit.star, category=visit.category, grade=visit.grade),
            applies=not self.policy.site_kinds or visit.kind in self.policy.site_kinds,
            visit_on=visit.visit_on,
            caps=[Cap(rule, cap_fen, self._used[key]) for rule, cap_fen, key in keys],
        )
        worth = subsidy.amount_due(self.policy, heads=visit.heads, place=place)
        for _rule, _cap_fen, key in keys:
            self._used[key] += worth.amount_fen
        if worth.cap:
            self.capped[worth.cap] += 1
        self.changed += worth.amount_fen != visit.before_fen
        self.total.add(visit.before_fen, worth.amount_fen)
        names = {"month": f"{visit.visit_on:%Y-%m}", "town": visit.town, "site": visit.site_name}
        for group, name in names.items():
            self.groups[group].setdefault(name, Sum()).add(visit.before_fen, worth.amount_fen)
        return worth

    def result(self) -> dict[str, Any]:
        """Return the sums; months in sequence, towns and sites by what changes most."""
        told: dict[str, Any] = {**self.total.__dict__, "changed": self.changed, "capped": dict(self.capped)}
        for group, sums in self.groups.items():
            rows = [{"name": name, **one.__dict__} for name, one in sums.items()]
            if group == "month":
                rows.sort(key=lambda row: row["name"])
            else:
                rows.sort(key=lambda row: (-abs(row["after_fen"] - row["before_fen"]), row["name"]))
            told[f"by_{group}"] = rows
        return told

    def _caps(self, visit: PastVisit) -> Iterator[tuple[str, int, tuple[str, UUID, str]]]:
        month, year = f"{visit.visit_on:%Y-%m}", f"{visit.visit_on:%Y}"
        policy = self.policy
        if policy.site_month_cap_fen is not None:
            yield "site_month_cap", policy.site_month_cap_fen, ("site_month", visit.site_id, month)
        if policy.site_year_cap_fen is not None:
            yield "site_year_cap", policy.site_year_cap_fen, ("site_year", visit.site_id, year)
        if policy.branch_year_cap_fen is not None:
            yield "branch_year_cap", policy.branch_year_cap_fen, ("branch_year", visit.branch_id, year)
        if policy.fund_share_percent is not None and visit.fund_id is not None:
            granted = self.appropriated.get((visit.fund_id, visit.visit_on.year), 0)
            yield "fund_share", granted * policy.fund_share_percent // 100, ("fund", visit.fund_id, year)
