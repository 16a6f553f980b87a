"""A site's calendar: its rules, a change of them seen before it is made, closures, and who is affected by what.

Days are Asia/Shanghai calendar days; periods are half-open; minutes of a day count from its midnight, 1440 is the next.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, schema_of
from contracts.sites.slots import SlotRef

TREATMENTS = (
    *("open", "closed"),
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
"""How a public holiday or a make-up workday counts: as itself, closed, or as that day of the week."""
PUBLIC_DAY_KINDS = ("off", "workday_makeup")
CLOSURE_REASONS = ("weather", "repair", "safety", "power", "staff", "official_event", "public_health", "other")
ROWS_MAX = 400
SPACES_MAX = 60
NOTICE_MAX_MINUTES = 366 * 24 * 60


def _minutes(low: int, high: int, **how: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(low, high), **how)


def _choice(choices: tuple[str, ...], **how: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choices), **how)


def _rows(row: type, *, longest: int = ROWS_MAX) -> fields.Field[Any]:
    """Return the field of a section: rows that replace all that the section holds; left out, it stays."""
    return fields.List(
        fields.Nested(schema_of(row)), load_default=None, allow_none=True, validate=validate.Length(0, longest)
    )


Note = Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 200))]
Opens = Annotated[int, _minutes(0, 1439, required=True)]
Closes = Annotated[int, _minutes(1, 1440, required=True)]
Treatment = Annotated[str, _choice(TREATMENTS, required=True)]
Notice = Annotated[int | None, _minutes(0, NOTICE_MAX_MINUTES, load_default=None, allow_none=True)]


# ---- the rules ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpeningRow:
    """One opening of a day."""

    opens_minute: Opens
    closes_minute: Closes


@dataclass(frozen=True)
class HoursRow:
    """One opening of a weekday (ISO, Monday is 1): of the site or of a programme, all year or in a season."""

    weekday: Annotated[int, _minutes(1, 7, required=True)]
    opens_minute: Opens
    closes_minute: Closes
    programme_id: UUID | None = None
    season_id: UUID | None = None


@dataclass(frozen=True)
class SeasonRow:
    """A season with hours of its own, from `active_from` until the day before `active_until`."""

    id: UUID
    name: Line
    active_from: date
    active_until: date
    programme_id: UUID | None = None


@dataclass(frozen=True)
class SpecialDayRow:
    """One day with other hours; with none it is closed."""

    day: date
    hours: Annotated[
        list[OpeningRow], fields.List(fields.Nested(schema_of(OpeningRow)), validate=validate.Length(0, 12))
    ]
    note: Note = None
    programme_id: UUID | None = None


@dataclass(frozen=True)
class HolidayRow:
    """How public holidays and make-up workdays count for the site, or for one programme."""

    on_holiday: Treatment
    on_makeup_workday: Treatment
    programme_id: UUID | None = None


@dataclass(frozen=True)
class SpaceRow:
    """A hall or a room; `parent_id` is the hall that it is a part of."""

    id: UUID
    name: Line
    parent_id: UUID | None = None


@dataclass(frozen=True)
class TermsRow:
    """How one programme is booked. Notices are minutes before the start; `groups_max` 1 is exclusive use."""

    programme_id: UUID
    minutes: Annotated[int, _minutes(5, 1440, required=True)]
    every_minutes: Annotated[int, _minutes(5, 1440, required=True)]
    seats: Annotated[int, _minutes(1, 10_000, required=True)]
    notice_minutes: Annotated[int, _minutes(0, NOTICE_MAX_MINUTES, required=True)]
    change_notice_minutes: Notice = None
    cancel_notice_minutes: Notice = None
    window_days: Annotated[int | None, _minutes(1, 366, load_default=None, allow_none=True)] = None
    groups_max: Annotated[int | None, _minutes(1, 500, load_default=None, allow_none=True)] = None
    before_minutes: Annotated[int, _minutes(0, 1440, load_default=0)] = 0
    after_minutes: Annotated[int, _minutes(0, 1440, load_default=0)] = 0
    space_id: UUID | None = None
    rank: Annotated[int, _minutes(0, 10_000, load_default=100)] = 100


@dataclass(frozen=True)
class ClosureRow:
    """A time in which the site is closed, or only a programme, a space or a slot of it; with the reason."""

    starts_at: Instant
    ends_at: Instant
    reason: Annotated[str, _choice(CLOSURE_REASONS, required=True)]
    note: Note = None
    programme_id: UUID | None = None
    space_id: UUID | None = None
    slot_id: UUID | None = None


@dataclass(frozen=True)
class CalendarAsked:
    """A site's rules."""

    site_id: UUID


@dataclass(frozen=True)
class ProgrammeTermsView:
    """A programme's name beside its terms."""

    name: str
    is_offered: bool
    confirmation: str
    terms: TermsRow


@dataclass(frozen=True)
class CalendarRulesView:
    """Everything that a site's slots are made from, at one version."""

    site_id: UUID
    site_name: str
    managing_path: str
    version: int
    changed_at: Instant | None
    changed_by: str | None
    seasons: list[SeasonRow]
    hours: list[HoursRow]
    special_days: list[SpecialDayRow]
    holidays: list[HolidayRow]
    spaces: list[SpaceRow]
    programmes: list[ProgrammeTermsView]


# ---- a change -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PreviewCalendar:
    """See what a change would do. A section that is given replaces all its rows; `terms` those of its programmes.

    `version` is that of the calendar which the change was written for.
    """

    site_id: UUID
    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53))]
    seasons: Annotated[list[SeasonRow] | None, _rows(SeasonRow)] = None
    hours: Annotated[list[HoursRow] | None, _rows(HoursRow)] = None
    special_days: Annotated[list[SpecialDayRow] | None, _rows(SpecialDayRow)] = None
    holidays: Annotated[list[HolidayRow] | None, _rows(HolidayRow)] = None
    spaces: Annotated[list[SpaceRow] | None, _rows(SpaceRow, longest=SPACES_MAX)] = None
    terms: Annotated[list[TermsRow] | None, _rows(TermsRow)] = None
    closure: ClosureRow | None = None


@dataclass(frozen=True)
class PreviewAsked:
    """One preview, worked out anew."""

    site_id: UUID
    preview_id: UUID


@dataclass(frozen=True)
class ApplyCalendar:
    """Make the previewed change. Slots with orders stay, unless named in `close_slot_ids` and closed with a reason."""

    site_id: UUID
    preview_id: UUID
    close_slot_ids: Annotated[
        list[UUID] | None,
        fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(0, 200)),
    ] = None
    reason: Annotated[str | None, _choice(CLOSURE_REASONS, load_default=None, allow_none=True)] = None
    note: Note = None


@dataclass(frozen=True)
class AlternativeView:
    """A slot that an order could move to; `distance_m` from its own site."""

    slot: SlotRef
    site_id: UUID
    site_name: str
    seats_left: int
    distance_m: int


@dataclass(frozen=True)
class AffectedOrderView:
    """An order whose slot changes: it is `kept` from the earlier rule, or `closed`; with what it could move to."""

    order_id: UUID
    branch_name: str | None
    contact_name: str
    contact_phone_masked: str
    party_size: int
    state: str
    slot: SlotRef
    effect: str
    alternatives: list[AlternativeView]


@dataclass(frozen=True)
class SlotEffectView:
    """A slot that would come, change, go, stay or be closed; or that finds its room occupied."""

    effect: str
    slot_id: UUID | None
    programme: str
    starts_at: Instant
    ends_at: Instant
    seats: int
    seats_taken: int


@dataclass(frozen=True)
class CalendarPreviewView:
    """What a change does: how many slots come, change, go, are kept, closed or left out; the first of them; orders."""

    id: UUID
    site_id: UUID
    version: int
    is_current: bool
    made_at: Instant
    made_by: str
    applied_at: Instant | None
    counts: dict[str, int]
    slots: list[SlotEffectView]
    affected_count: int
    affected: list[AffectedOrderView]
    draft: dict[str, Any]


@dataclass(frozen=True)
class CalendarAppliedView:
    """What was done: the calendar's new version, the counts, and how many orders were told."""

    site_id: UUID
    version: int
    counts: dict[str, int]
    orders_told: int


# ---- closures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CloseSite:
    """Close a site, or a part of it, at once: no more orders, and all who have one are told."""

    site_id: UUID
    starts_at: Instant
    ends_at: Instant
    reason: Annotated[str, _choice(CLOSURE_REASONS, required=True)]
    note: Note = None
    programme_id: UUID | None = None
    space_id: UUID | None = None
    slot_id: UUID | None = None


@dataclass(frozen=True)
class LiftClosure:
    """Take a closure back: what is still to come of it is open again."""

    site_id: UUID
    closure_id: UUID


@dataclass(frozen=True)
class ClosuresAsked:
    """A site's closures, the latest first."""

    site_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ClosureView:
    """A closure; `orders_waiting` have not moved or been cancelled yet."""

    id: UUID
    site_id: UUID
    programme: str | None
    space: str | None
    slot_id: UUID | None
    starts_at: Instant
    ends_at: Instant
    is_sudden: bool
    reason: str
    note: str | None
    made_at: Instant
    made_by: str
    lifted_at: Instant | None
    orders_told: int
    orders_waiting: int


@dataclass(frozen=True)
class NoticesAsked:
    """Orders whose slot was closed and that have not moved yet: of a branch, of a site, or one's own."""

    branch_id: UUID | None = None
    site_id: UUID | None = None
    order_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class NoticeView:
    """What an order's people are told, and where it could move with one tap."""

    id: UUID
    told_at: Instant
    closure_id: UUID
    reason: str
    note: str | None
    site_id: UUID
    site_name: str
    order: AffectedOrderView


# ---- what everybody sees ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CalendarDaysAsked:
    """A site's days with their free seats, from `from_day` (today when left out) to `to_day` (both in)."""

    site_id: UUID
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class CalendarDayView:
    """One day: `free`, `full`, `over` (or takes no more orders), `not_yet` (bookable later), `closed` or `none`.

    `public_day` is the holiday's or make-up workday's name; `is_announced` tells whether the year's holidays are known.
    """

    day: date
    state: str
    slots: int
    slots_free: int
    seats_left_max: int
    public_day: str | None
    public_day_kind: str | None
    is_announced: bool
    note: str | None
    bookable_from: Instant | None


@dataclass(frozen=True)
class CalendarDaysView:
    """A stretch of a site's days."""

    site_id: UUID
    days: list[CalendarDayView]


@dataclass(frozen=True)
class HolidaysAsked:
    """Public holidays: one year, or those around now."""

    year: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 2199))
    ] = None


@dataclass(frozen=True)
class PublicDayView:
    """A day off, or a weekend day on which offices work."""

    day: date
    kind: str
    name: str


@dataclass(frozen=True)
class HolidayYearView:
    """A year's public holidays; not announced: its days count as plain weekdays until they are.

    `remade` tells how far the slots of the year are made anew: {state, done, total}.
    """

    year: int
    is_announced: bool
    citation: str | None
    announced_at: Instant | None
    announced_by: str | None
    days: list[PublicDayView]
    remade: dict[str, Any] | None


@dataclass(frozen=True)
class AnnounceHolidays:
    """Enter a year's public holidays: `days` is CSV with the columns date, kind (off, workday_makeup), name."""

    year: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]
    citation: Line
    days: Annotated[str, fields.String(required=True, validate=validate.Length(1, 20_000))]
