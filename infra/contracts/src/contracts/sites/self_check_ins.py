"""Checking oneself in: the code on the screen at the door, and what somebody can check in with it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef

HEADS_OR_NONE = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 500))
MEMBERS_OR_NONE = fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(1, 500))


@dataclass(frozen=True)
class DoorCodeAsked:
    """The code that the screen at a site's door shows now."""

    site_id: UUID


@dataclass(frozen=True)
class DoorCodeView:
    """Six digits that change every minute. `changes_at`: when the next one comes; this one is taken a minute longer."""

    site: SiteRef
    code: str
    shown_at: Instant
    changes_at: Instant


@dataclass(frozen=True)
class ArrivalsAsked:
    """What the asker has at a site today: their own bookings, orders that name them, orders of branches they lead."""

    site_id: UUID


@dataclass(frozen=True)
class PartyMemberView:
    """A member whom the branch named, and when they came in."""

    member_id: UUID
    name: str
    inside_at: Instant | None


@dataclass(frozen=True)
class ArrivalOrderView:
    """One order as the asker can check it in.

    `whom`: oneself (one's own booking), named (the asker alone, of a party), party (all or some of it). `members` are
    those that the branch named, for a party; `checked_in` counts who is inside, let in first by `by_name`.
    """

    id: UUID
    whom: str
    state: str
    slot: SlotRef
    branch_name: str | None
    party_size: int
    opens_at: Instant
    members: list[PartyMemberView]
    checked_in: int | None
    inside_at: Instant | None
    by_name: str | None


@dataclass(frozen=True)
class SelfArrivalsView:
    """The site, and what the asker has there today in the order of time; those that ended otherwise come too."""

    site: SiteRef
    orders: list[ArrivalOrderView]


@dataclass(frozen=True)
class SelfCheckIn:
    """Check in by the code on the screen at the door.

    One's own booking and a member whom the branch named need neither `count` nor `member_ids`; the branch's secretary
    says how many came, or which of the members named.
    """

    site_id: UUID
    order_id: UUID
    code: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    check_in_id: UUID
    count: Annotated[int | None, HEADS_OR_NONE] = None
    member_ids: Annotated[list[UUID] | None, MEMBERS_OR_NONE] = None
