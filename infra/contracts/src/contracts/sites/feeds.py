"""Calendar feeds: a secret, revocable address from which a calendar programme fetches visits."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef


@dataclass(frozen=True)
class MakeFeed:
    """Make a feed of a branch's visits, or of one's own without `branch_id`."""

    branch_id: UUID | None = None


@dataclass(frozen=True)
class RevokeFeed:
    """Let an address answer no more."""

    feed_id: UUID


@dataclass(frozen=True)
class FeedsAsked:
    """The asker's feeds and those of the branches for which the asker may make one; none that is revoked."""


@dataclass(frozen=True)
class FeedAsked:
    """The visits under a secret address."""

    token: Annotated[str, fields.String(required=True, validate=validate.Length(20, 100))]


@dataclass(frozen=True)
class FeedView:
    """One feed. `token` is told once, when it is made; only its hash is kept. It answers until `lapses_at`, a year on.

    `made_by` is not known of the oldest feeds.
    """

    id: UUID
    branch_id: UUID | None
    branch_name: str | None
    made_at: Instant
    revoked_at: Instant | None
    token: str | None
    made_by: str | None
    lapses_at: Instant


@dataclass(frozen=True)
class CalendarEventView:
    """One visit as a calendar shows it: no names, no telephone. `version` rises with each change."""

    order_id: UUID
    version: int
    state: str
    slot: SlotRef
    site: SiteRef
    address: str | None
    lon: float
    lat: float
    party_size: int
    placed_at: Instant


@dataclass(frozen=True)
class CalendarView:
    """The visits of a feed, those that were cancelled among them, so that calendars take them off."""

    name: str
    events: list[CalendarEventView]
