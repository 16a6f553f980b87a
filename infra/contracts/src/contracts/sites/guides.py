"""Guides (讲解员) of a site (S4): languages, limits, rota, and which slot each of them leads.

Times of day are minutes after midnight in Asia/Shanghai; 1440 is the next midnight. Days are Asia/Shanghai days.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, schema_of
from contracts.sites.programmes import number, spoken
from contracts.sites.run_sheets import GuideRef

SHIFTS_MAX = 28
DATED_MAX = 200


@dataclass(frozen=True)
class Shift:
    """Hours of a weekday (ISO, Monday is 1) on which a guide works each week."""

    weekday: Annotated[int, number(1, 7)]
    from_minute: Annotated[int, number(0, 1439)]
    until_minute: Annotated[int, number(1, 1440)]


@dataclass(frozen=True)
class Span:
    """Hours of one day."""

    from_minute: Annotated[int, number(0, 1439)]
    until_minute: Annotated[int, number(1, 1440)]


@dataclass(frozen=True)
class DatedShift:
    """What a guide works on one day instead of the week's hours; no hours: away."""

    on: date
    hours: Annotated[
        list[Span], fields.List(fields.Nested(schema_of(Span)), load_default=list, validate=validate.Length(0, 4))
    ] = field(default_factory=list)
    reason: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 200))] = ""


@dataclass(frozen=True, kw_only=True)
class GuideFields:
    """What a keeper says of a guide. The next visit begins `buffer_minutes` after the last one's end at the soonest."""

    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    languages: Annotated[list[str], spoken(required=True)]
    visits_a_day_max: Annotated[int, number(1, 20, 4)] = 4
    party_max: Annotated[int, number(1, 500, 40)] = 40
    buffer_minutes: Annotated[int, number(0, 240, 15)] = 15
    active_from: date | None = None
    active_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class AddGuide(GuideFields):
    """Enter a guide of a site; the rota comes after."""

    site_id: UUID


@dataclass(frozen=True, kw_only=True)
class EditGuide(GuideFields):
    """Write a guide anew where it is still of the version that was read; slots they no longer lead move or close."""

    guide_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class SetRota:
    """Write a guide's rota anew: the week, and the days that differ. Days before today are kept as they were."""

    guide_id: UUID
    version: int
    weekly: Annotated[
        list[Shift],
        fields.List(fields.Nested(schema_of(Shift)), load_default=list, validate=validate.Length(0, SHIFTS_MAX)),
    ] = field(default_factory=list)
    dated: Annotated[
        list[DatedShift],
        fields.List(fields.Nested(schema_of(DatedShift)), load_default=list, validate=validate.Length(0, DATED_MAX)),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class ReportAbsence:
    """A guide drops out from `from_day` to `until_day` (both in): their slots move to another guide, or close."""

    guide_id: UUID
    from_day: date
    until_day: date
    reason: Line


@dataclass(frozen=True)
class AssignGuide:
    """Give a slot a guide by hand, outside the week's hours too; without one, take its guide off."""

    slot_id: UUID
    guide_id: UUID | None = None


@dataclass(frozen=True)
class GuideAsked:
    """One guide with the rota."""

    guide_id: UUID


@dataclass(frozen=True)
class GuidesAsked:
    """A site's guides by name."""

    site_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RotaAsked:
    """Who leads which slot at a site, in the week that begins on `from_day` (today without it)."""

    site_id: UUID
    from_day: date | None = None


@dataclass(frozen=True)
class GuideView:
    """A guide with limits, and the rota from today on."""

    id: UUID
    site_id: UUID
    name: str
    languages: list[str]
    visits_a_day_max: int
    party_max: int
    buffer_minutes: int
    active_from: date | None
    active_until: date | None
    weekly: list[Shift]
    dated: list[DatedShift]
    version: int


@dataclass(frozen=True)
class GuidedOrder:
    """An order in a slot, so that a keeper sees whom a change concerns."""

    id: UUID
    branch_name: str | None
    party_size: int
    contact_name: str
    contact_phone_masked: str


@dataclass(frozen=True)
class GuidedSlot:
    """A slot that needs a guide; without one it takes no orders. `outcome` says what a change did to it."""

    slot_id: UUID
    programme: str
    starts_at: Instant
    ends_at: Instant
    seats: int
    seats_taken: int
    guide: GuideRef | None
    by_hand: bool
    closed_reason: str | None
    orders: list[GuidedOrder]
    outcome: str | None = None


@dataclass(frozen=True)
class GuideDay:
    """What a guide works on a day, and how many visits they lead."""

    on: date
    hours: list[Span]
    visits: int
    is_dated: bool
    reason: str


@dataclass(frozen=True)
class GuideWeek:
    """A guide's week."""

    guide: GuideRef
    visits_a_day_max: int
    party_max: int
    days: list[GuideDay]


@dataclass(frozen=True)
class RotaView:
    """A site's week: its guides' hours, and the slots that need one, in order of time."""

    site_id: UUID
    site_name: str
    from_day: date
    guides: list[GuideWeek]
    slots: list[GuidedSlot]


@dataclass(frozen=True)
class GuideChangeView:
    """What a change did: the guide as they are now (with `version`), each slot that opened, moved or closed."""

    guide: GuideView | None
    changed: list[GuidedSlot]
    version: int = 0
