"""Fair allocation of scarce dates (S6): a round collects requests, a draw that anyone can repeat gives the times."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Headcount, Instant, Limit, Line, Phone, different
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef

ROUND_STATES: Final = ("announced", "drawing", "drawn", "withdrawn")
REQUEST_STATES: Final = ("asked", "withdrawn", "given", "waiting", "not_given")
WISHES_MAX: Final = 10
VISITS_MAX: Final = 5
PLACES_MAX: Final = 200


class _Places(fields.List):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("load_default", list)
        super().__init__(fields.UUID(), validate=validate.Length(0, PLACES_MAX), **kwargs)


class _Wishes(fields.List):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.UUID(), required=True, validate=[validate.Length(1, WISHES_MAX), different])


@dataclass(frozen=True)
class AnnounceRound:
    """Open a round for sites (`site_ids`: all of their programmes) or single programmes, on days, first and last in.

    Requests are taken from `opens_at` to before `closes_at`. The seed of the draw is the day and the number of a
    document that is published already. Without `wishes_max` and `visits_max` the rule in force says them.
    """

    title: Line
    first_on: date
    last_on: date
    opens_at: Instant
    closes_at: Instant
    draw_at: Instant
    seed_on: date
    seed_number: Line
    site_ids: Annotated[list[UUID], _Places] = field(default_factory=list)
    programme_ids: Annotated[list[UUID], _Places] = field(default_factory=list)
    wishes_max: Annotated[
        int | None, fields.Integer(load_default=None, strict=True, validate=validate.Range(1, WISHES_MAX))
    ] = None
    visits_max: Annotated[
        int | None, fields.Integer(load_default=None, strict=True, validate=validate.Range(1, VISITS_MAX))
    ] = None


@dataclass(frozen=True)
class WithdrawRound:
    """Give a round up before its draw; its times are ordered as all others again."""

    round_id: UUID
    reason: Line


@dataclass(frozen=True)
class DrawRound:
    """Have the draw of a round done now that its time has come; it is done in the background."""

    round_id: UUID


@dataclass(frozen=True)
class RoundsAsked:
    """The rounds, the newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class RoundAsked:
    """One round."""

    round_id: UUID


@dataclass(frozen=True)
class RoundExportAsked:
    """A draw to be repeated, as JSON or as CSV."""

    round_id: UUID
    format: Annotated[str, fields.String(load_default="json", validate=validate.OneOf(("json", "csv")))] = "json"


@dataclass(frozen=True)
class RoundChoicesAsked:
    """The sites, with their programmes, that the asker may open a round for."""


@dataclass(frozen=True)
class AskInRound:
    """Ask for a branch: times in the order in which they are liked; asking again replaces what was asked.

    `visits`: how many of them at most. `waits`: stand on the waiting list of the first full wish when none is given.
    """

    round_id: UUID
    branch_id: UUID
    party_size: Headcount
    slot_ids: Annotated[list[UUID], _Wishes]
    contact_name: Line
    contact_phone: Phone
    visits: Annotated[int, fields.Integer(load_default=1, strict=True, validate=validate.Range(1, VISITS_MAX))] = 1
    waits: Annotated[bool, fields.Boolean(load_default=True)] = True


@dataclass(frozen=True)
class WithdrawRequest:
    """Take a request back, as long as requests are taken."""

    request_id: UUID


@dataclass(frozen=True)
class RequestAsked:
    """One request."""

    request_id: UUID


@dataclass(frozen=True)
class RequestsAsked:
    """Requests that the asker may see; by position once they are drawn, else those asked last first."""

    round_id: UUID | None = None
    branch_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RoundChoiceView:
    """A site that a round may be opened for."""

    site: SiteRef
    programmes: list[dict[str, str]]  # id, name


@dataclass(frozen=True)
class RoundPlaceView:
    """A site of a round; without programmes all that it offers."""

    site: SiteRef
    programmes: list[str]


@dataclass(frozen=True)
class RoundView:
    """A round. `state` as time has it: announced, collecting, collected, drawing, drawn or withdrawn."""

    id: UUID
    title: str
    state: str
    places: list[RoundPlaceView]
    first_on: date
    last_on: date
    opens_at: Instant
    closes_at: Instant
    draw_at: Instant
    seed: str
    wishes_max: int
    visits_max: int
    unvisited_first: bool
    no_visit_days: int
    citation: str
    requests: int
    given: int
    waiting: int
    not_given: int
    announced_at: Instant
    announced_by: str
    drawn_at: Instant | None
    reason: str | None


@dataclass(frozen=True)
class RoundSlotView:
    """A time that a round gives out."""

    slot: SlotRef
    site: SiteRef
    seats: int
    seats_left: int


@dataclass(frozen=True)
class TriedView:
    """One wish when its turn came: given, or the code of what was against it with its parameters."""

    slot: SlotRef
    site: SiteRef
    given: bool
    code: str | None
    params: dict[str, Any]


@dataclass(frozen=True)
class TurnView:
    """One turn of a request in the draw, with the wishes that were tried in it."""

    turn: int
    tried: list[TriedView]
    order_id: UUID | None


@dataclass(frozen=True)
class WishView:
    """A time that is asked for."""

    slot: SlotRef
    site: SiteRef


@dataclass(frozen=True)
class RequestView:
    """A branch's request in a round. `position` of `drawn` requests, once they are drawn."""

    id: UUID
    round_id: UUID
    round_title: str
    state: str
    branch_id: UUID
    branch_name: str
    party_size: int
    visits: int
    waits: bool
    wishes: list[WishView]
    contact_name: str
    asked_at: Instant
    asked_by: str
    position: int | None
    drawn: int | None
    unvisited: bool | None
    digest: str | None
    turns: list[TurnView]
    waiting_entry_id: UUID | None
