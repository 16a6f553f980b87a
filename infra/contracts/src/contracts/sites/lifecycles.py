"""A site's life and the district's rules for sites (S1, S14): moves with their grounds, checks, yearly evaluations."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, StoredPicture, optional_text
from contracts.sites.pictures import PictureView

SITE_MOVES = ("open", "suspend", "resume", "withdraw")


@dataclass(frozen=True)
class MoveSite:
    """Open, suspend, resume or withdraw a site, saying why.

    Suspending and withdrawing name a `ground`; visits after `keep_until` are cancelled and their money set free.
    Without `keep_until` only the notice that the ground's rule asks for is kept.
    """

    site_id: UUID
    move: Annotated[str, fields.String(required=True, validate=validate.OneOf(SITE_MOVES))]
    reason: Line
    ground: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 50))
    ] = None
    keep_until: date | None = None


@dataclass(frozen=True)
class AffectedOrdersAsked:
    """Who has orders at a site from a day on: whom suspending or withdrawing it would touch."""

    site_id: UUID
    from_day: date | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class StandingOrderView:
    """An order that stands at the site."""

    order_id: UUID
    state: str
    starts_at: Instant
    programme: str
    party_size: int
    branch_name: str | None
    contact_name: str
    contact_phone_masked: str


@dataclass(frozen=True)
class SiteMovedView:
    """A site after a move: its state, and how many orders were cancelled or kept."""

    id: UUID
    state: str
    version: int
    cancelled_orders: int
    kept_orders: int
    keep_until: date | None


@dataclass(frozen=True)
class SiteRulesAsked:
    """The district's rules for sites that are in force on a day; today without one."""

    on: date | None = None


@dataclass(frozen=True)
class SiteGround:
    """A ground for suspending or withdrawing, with the days of notice it asks for and where that stands."""

    move: str
    ground: str
    name: str
    name_en: str
    notice_days: int
    citation: str


@dataclass(frozen=True)
class Criterion:
    """A criterion of the yearly evaluation, or an item of the field check's list; weights add up to 100."""

    code: str
    name: str
    name_en: str
    weight: int
    citation: str


@dataclass(frozen=True)
class GradeBand:
    """A grade and the stars it gives, from so many points on."""

    grade: str
    name: str
    name_en: str
    points_min: int
    star: int
    citation: str


@dataclass(frozen=True)
class SiteRulesView:
    """The rules in force."""

    on: date
    grounds: list[SiteGround]
    criteria: list[Criterion]
    grades: list[GradeBand]
    checklist: list[Criterion]
    check_months: int


@dataclass(frozen=True)
class RecordSiteCheck:
    """Record a check of the "three same" (sign, area, equipment) of a site, with its pictures."""

    site_id: UUID
    checked_on: date
    sign: Annotated[bool, fields.Boolean(required=True)]
    area: Annotated[bool, fields.Boolean(required=True)]
    equipment: Annotated[bool, fields.Boolean(required=True)]
    note: Annotated[str | None, optional_text()] = None
    pictures: list[StoredPicture] = field(default_factory=list)


@dataclass(frozen=True)
class SiteChecksAsked:
    """The checks of a site, newest first."""

    site_id: UUID
    limit: Limit = 20
    cursor: str | None = None


@dataclass(frozen=True)
class SiteCheckView:
    """A check of the three same; the next is due on `due_on`."""

    id: UUID
    site_id: UUID
    checked_on: date
    sign: bool
    area: bool
    equipment: bool
    passed: bool
    note: str | None
    due_on: date
    by: str
    pictures: list[PictureView]


@dataclass(frozen=True)
class EvaluateSite:
    """Evaluate a site for a year: 0 to 100 points on each criterion in force on the year's last day."""

    site_id: UUID
    year: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]
    points: Annotated[
        dict[str, int],
        fields.Dict(
            keys=fields.String(validate=validate.Length(1, 50)),
            values=fields.Integer(strict=True, validate=validate.Range(0, 100)),
            required=True,
            validate=validate.Length(1, 50),
        ),
    ]
    note: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class EvaluationsAsked:
    """The evaluations of a site, newest first."""

    site_id: UUID
    limit: Limit = 20
    cursor: str | None = None


@dataclass(frozen=True)
class EvaluationView:
    """A year's evaluation with each criterion's points; grade and star count from `active_from` on."""

    id: UUID
    site_id: UUID
    year: int
    lines: list[dict[str, Any]]
    total: float
    grade: str
    star: int
    active_from: date
    note: str | None
    by: str
    at: Instant
