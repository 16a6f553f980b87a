"""What took place and what it cost (S13): figures of a period, split by place or time. Money is integer fen."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, one_of
from contracts.sites.places import CATEGORIES, SITE_KINDS

SPLITS = ("site", "town", "category", "kind", "month", "quarter", "year")
"""By what the figures of a period can be split; each visit stands in exactly one row."""

PERIOD_MAX_DAYS = 3660


@dataclass(frozen=True)
class StatisticsAsked:
    """The figures of the days `from_day` to `to_day` (both in); of this year so far without them."""

    from_day: date | None = None
    to_day: date | None = None
    by: Annotated[str, fields.String(load_default="site", validate=validate.OneOf(SPLITS))] = "site"
    site_id: UUID | None = None
    town: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))] = (
        None
    )
    category: Annotated[str | None, one_of(CATEGORIES)] = None
    kind: Annotated[str | None, one_of(SITE_KINDS)] = None
    fund_id: UUID | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True)
class FiguresView:
    """The figures of some visits.

    A visit is a closed order of a group; a booking one of a member for themself. Heads are those that the closing
    counted, of both. Persons are those known by name, each once. Branches are counted once each. Late cancellations
    and no-shows (excused ones left out) are held against `ended`: what was used, missed or cancelled. Seats are those
    of the slots that took place; None where the question is about one branch or fund. `cost_per_head_fen` is what was
    approved over the heads of the visits it was approved for.
    """

    visits: int
    bookings: int
    heads: int
    persons: int
    branches_inside: int
    branches_outside: int
    no_shows: int
    late_cancellations: int
    ended: int
    ratings: int
    rating: float | None
    seats: int | None
    claims: int
    asked_fen: Fen
    approved_fen: Fen
    paid_fen: Fen
    cost_per_head_fen: Fen | None


@dataclass(frozen=True)
class StatisticsRowView:
    """One site, town, category, kind, month, quarter or year; `key` is its id or code, `name` what people call it."""

    key: str
    name: str
    figures: FiguresView


@dataclass(frozen=True)
class HourView:
    """Visits and bookings that began on a weekday (1 is Monday) in an hour, Asia/Shanghai."""

    weekday: int
    hour: int
    visits: int
    heads: int


@dataclass(frozen=True)
class VisitedSiteView:
    """A site on the map of visits, WGS-84."""

    id: UUID
    name: str
    lon: float
    lat: float
    visits: int
    heads: int


@dataclass(frozen=True)
class StatisticsView:
    """A period's figures; those of the period before, as long as this one, and of the same days a year before."""

    from_day: date
    to_day: date
    by: str
    counted_at: Instant
    total: FiguresView
    before: FiguresView
    year_before: FiguresView
    rows: list[StatisticsRowView]
    hours: list[HourView]
    sites: list[VisitedSiteView]


@dataclass(frozen=True)
class PayingFundView:
    """A fund that pays for some of the visits, and what it has approved for them."""

    id: UUID
    name: str
    approved_fen: Fen


@dataclass(frozen=True)
class BranchCostsAsked:
    """What a branch's visits of a year cost the funds, or one of them; of this year without one."""

    branch_id: UUID
    year: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 2199))
    ] = None
    fund_id: UUID | None = None


@dataclass(frozen=True)
class VisitCostView:
    """One visit with what was set aside, asked, approved and paid for it; without a claim it cost nothing.

    `fund` is the one that pays, none where the visit is not subsidised.
    """

    order_id: UUID
    claim_id: UUID | None
    visit_on: date
    site: str
    programme: str
    headcount: int
    claim_state: str | None
    set_aside_fen: Fen
    asked_fen: Fen
    approved_fen: Fen
    paid_fen: Fen
    explanation: list[dict[str, Any]]
    reason: str | None
    fund: str | None = None


@dataclass(frozen=True)
class MonthCostsView:
    """A month's sums. `subsidised` of `subsidised_max` visits of the month are paid for by the fund."""

    month: str
    visits: int
    heads: int
    asked_fen: Fen
    approved_fen: Fen
    paid_fen: Fen
    subsidised: int
    subsidised_max: int


@dataclass(frozen=True)
class BranchCostsView:
    """A branch's year: visits, months, sums. `funds` are all that paid in the year, whichever was asked for."""

    branch_id: UUID
    branch_name: str
    year: int
    counted_at: Instant
    asked_fen: Fen
    approved_fen: Fen
    paid_fen: Fen
    months: list[MonthCostsView]
    visits: list[VisitCostView]
    fund_id: UUID | None = None
    funds: list[PayingFundView] = field(default_factory=list)


@dataclass(frozen=True)
class SiteAccountAsked:
    """What a site earned in a year of all funds or of one, what was cut, when it is paid; of this year without one."""

    site_id: UUID
    year: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 2199))
    ] = None
    fund_id: UUID | None = None


@dataclass(frozen=True)
class EarnedView:
    """One claim of a site: asked, cut, approved, paid, and until when the next step is due.

    `cuts` are the lines of its explanation that take something off, `reason` is what a person wrote.
    """

    claim_id: UUID
    visit_on: date
    branch_name: str
    headcount: int
    headcount_confirmed: int | None
    state: str
    asked_fen: Fen
    approved_fen: Fen
    cut_fen: Fen
    paid_fen: Fen
    reason: str | None
    cuts: list[dict[str, Any]]
    batch_number: str | None
    paid_at: Instant | None
    due_at: Instant | None
    fund: str = ""


@dataclass(frozen=True)
class SiteAccountView:
    """A site's year: earned, cut, paid, and what is still to come.

    `funds` are all that pay in the year, whichever was asked for.
    """

    site_id: UUID
    site_name: str
    year: int
    counted_at: Instant
    asked_fen: Fen
    approved_fen: Fen
    cut_fen: Fen
    paid_fen: Fen
    waiting_fen: Fen
    claims: list[EarnedView]
    fund_id: UUID | None = None
    funds: list[PayingFundView] = field(default_factory=list)
