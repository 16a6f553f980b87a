"""After a visit (S8): stars and words of those who came, the site's reply, and what an officer decides about them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Text, one_of, optional_text
from contracts.sites.claims import MoveView

RATING_STATES = ("shown", "flagged", "hidden")
RATING_MOVES = ("flag", "hide", "show")
STARS_MAX = 5


@dataclass(frozen=True)
class RateVisit:
    """Rate a visit that was closed: 1 to 5 stars on each criterion of its day, words for everybody, and a summary.

    The `summary` is read by the branch, the site and those who oversee it. Changing a rating names the `version` that
    was read; the first one names none.
    """

    order_id: UUID
    stars: Annotated[
        dict[str, int],
        fields.Dict(
            keys=fields.String(validate=validate.Length(1, 50)),
            values=fields.Integer(strict=True, validate=validate.Range(1, STARS_MAX)),
            required=True,
            validate=validate.Length(1, 20),
        ),
    ]
    feedback: Annotated[str | None, optional_text()] = None
    summary: Annotated[str | None, optional_text()] = None
    version: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**31))
    ] = None


@dataclass(frozen=True)
class ReplyToRating:
    """Reply for the site, or change its reply; `version` is that of the rating which was read."""

    rating_id: UUID
    reply: Text
    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31))]


@dataclass(frozen=True)
class JudgeRating:
    """Flag a rating (its words wait), hide it (it does not count) or show it again, saying why."""

    rating_id: UUID
    move: Annotated[str, fields.String(required=True, validate=validate.OneOf(RATING_MOVES))]
    reason: Line


@dataclass(frozen=True)
class StarsLine:
    """A criterion and its stars; `stars` is none where nobody has rated yet, an average over several ratings."""

    code: str
    name: str
    name_en: str
    stars: float | None
    citation: str


@dataclass(frozen=True)
class RatingView:
    """One rating with the site's reply. It names the branch (none: a member's own booking) and never a person."""

    id: UUID
    order_id: UUID
    site_id: UUID
    branch_name: str | None
    visit_on: date
    stars: list[StarsLine]
    average: float
    feedback: str | None
    summary: str | None
    made_at: Instant
    changed_at: Instant | None
    reply: str | None
    replied_at: Instant | None
    state: str
    state_reason: str | None
    version: int


@dataclass(frozen=True)
class OrderRatingView:
    """The rating of an order's visit, or none yet; `may_rate` says whether the asker may still write or change it."""

    order_id: UUID
    criteria: list[StarsLine]
    rating: RatingView | None
    may_rate: bool
    open_until: Instant | None


@dataclass(frozen=True)
class SiteRatingsAsked:
    """What visitors said of a site, the newest first."""

    site_id: UUID
    limit: Limit = 20
    cursor: str | None = None


@dataclass(frozen=True)
class SiteRatingView:
    """A rating as everybody sees it; the words of a flagged one wait."""

    id: UUID
    branch_name: str | None
    visit_on: date
    average: float
    feedback: str | None
    reply: str | None
    replied_at: Instant | None
    is_flagged: bool


@dataclass(frozen=True)
class SiteRatingsView:
    """A site's average in stars, on each criterion and in each year, and what visitors wrote.

    Ratings that an officer has hidden do not count; how many there are is told in `hidden`.
    """

    site_id: UUID
    count: int
    average: float | None
    criteria: list[StarsLine]
    years: list[dict[str, Any]]
    hidden: int
    items: list[SiteRatingView]
    next: str | None


@dataclass(frozen=True)
class RatingsAsked:
    """All ratings of a site as its keepers see them, hidden ones too, the newest first."""

    site_id: UUID
    state: Annotated[str | None, one_of(RATING_STATES)] = None
    limit: Limit = 20
    cursor: str | None = None


@dataclass(frozen=True)
class RatingRecord:
    """A rating for the site's keepers: who replied or decided, when and why; who rated stays unnamed."""

    rating: RatingView
    replied_by: str | None
    history: list[MoveView]
