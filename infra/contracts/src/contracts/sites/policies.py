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
    """What a visit is worth: a base, a rate for each head, the most for one visit, the least heads; and its source."""

    name: str
    version: int
    active_from: date
    active_until: date | None
    per_visit_fen: Fen
    per_head_fen: Fen
    visit_cap_fen: Fen
    heads_min: int
    citation: str
