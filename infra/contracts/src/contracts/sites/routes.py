"""Tour routes (S7): several sites in one ordered trip, ordered whole or not at all."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Headcount, Instant, Limit, Line, Phone, Text, different
from contracts.sites.orders import OrderView
from contracts.sites.places import SiteRef

ROUTE_STATES: Final = ("published", "retired")
STOPS_MIN: Final = 2
STOPS_MAX: Final = 8
TRAVEL_MINUTES_MAX: Final = 600


class _Ids(fields.List):
    """Two to eight different ids in order; in an address separated by commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.UUID(), required=True, validate=[validate.Length(STOPS_MIN, STOPS_MAX), different])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value.split(",") if isinstance(value, str) else value, attr, data, **kwargs)


Stops = Annotated[list[UUID], _Ids]


@dataclass(frozen=True)
class RoutesAsked:
    """The routes that officers have laid out, by name."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RouteAsked:
    """One route."""

    route_id: UUID


@dataclass(frozen=True)
class MakeRoute:
    """Lay out a route. `travel_minutes` are the operator's figures for the ways, one less than stops."""

    name: Line
    summary: Text
    site_ids: Stops
    travel_minutes: Annotated[
        list[int | None],
        fields.List(
            fields.Integer(allow_none=True, validate=validate.Range(0, TRAVEL_MINUTES_MAX)),
            load_default=list,
            validate=validate.Length(0, STOPS_MAX - 1),
        ),
    ] = ()  # type: ignore[assignment]


@dataclass(frozen=True)
class RetireRoute:
    """Take a route from the list; what was ordered stays."""

    route_id: UUID


@dataclass(frozen=True)
class StopView:
    """One stop: its site, its point (GeoJSON, WGS-84), the way from the stop before (straight line, minutes)."""

    site: SiteRef
    point: dict[str, Any]
    town: str | None
    distance_m: int | None
    travel_minutes: int | None


@dataclass(frozen=True)
class RouteView:
    """One route with its stops in order."""

    id: UUID
    name: str
    summary: str
    state: str
    stops: list[StopView]
    version: int


@dataclass(frozen=True)
class TripAsked:
    """Which slots of a day a party of `seats` could take at these sites, one after the other.

    With `route_id` the ways take what that route's operator says.
    """

    site_ids: Stops
    on: date | None = None
    seats: Annotated[int, fields.Integer(load_default=1, validate=validate.Range(1, 500))] = 1
    route_id: UUID | None = None


@dataclass(frozen=True)
class PlannedSlot:
    """A slot that a plan proposes."""

    slot_id: UUID
    site_id: UUID
    programme: str
    starts_at: Instant
    ends_at: Instant
    seats_left: int


@dataclass(frozen=True)
class TripView:
    """The stops with their ways, and up to three plans for the day: one slot for each stop."""

    on: date
    seats: int
    pause_minutes: int
    stops: list[StopView]
    plans: list[list[PlannedSlot]]
    full_sites: list[SiteRef]


@dataclass(frozen=True)
class OrderRoute:
    """Order all these slots for a branch, in the order of the visit: all of them or none."""

    slot_ids: Stops
    branch_id: UUID
    party_size: Headcount
    contact_name: Line
    contact_phone: Phone
    route_id: UUID | None = None


@dataclass(frozen=True)
class RouteOrderAsked:
    """One trip that was ordered."""

    route_order_id: UUID


@dataclass(frozen=True)
class CancelRoute:
    """Cancel every stop of a trip that has not begun."""

    route_order_id: UUID
    reason: Line


@dataclass(frozen=True)
class RouteOrderView:
    """A trip that was ordered: its stops, each with its order, in order of time."""

    id: UUID
    route_id: UUID | None
    name: str
    branch_id: UUID
    branch_name: str | None
    party_size: int
    placed_at: Instant
    placed_by: str
    stops: list[StopView]
    orders: list[OrderView]
