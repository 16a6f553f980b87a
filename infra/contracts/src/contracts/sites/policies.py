"""What a visit is worth. Money is integer fen."""

from dataclasses import dataclass
from datetime import date

from contracts.envelope import Fen


@dataclass(frozen=True)
class PolicyAsked:
    """The subsidy policy in force on a day; on today when none is named."""

    on: date | None = None


@dataclass(frozen=True)
class PolicyView:
    """What a visit is worth: base, rate for each head, most for one visit, least heads, factors of stars; source."""

    name: str
    version: int
    active_from: date
    active_until: date | None
    per_visit_fen: Fen
    per_head_fen: Fen
    visit_cap_fen: Fen
    heads_min: int
    citation: str
    star_factors: dict[str, str]  # by the star of the site, "1" to "5"; a star that is not here counts once
