"""A site's calendar as it stands: its rules in one read, its public holidays, its closures, the slots made from them.

The rules are read as sections of plain rows, the form in which a draft brings them too, so that a draft is laid over
what stands section by section.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.envelope import load
from contracts.sites.calendars import CalendarRulesView
from contracts.words import CLOSURE_REASONS
from sqlalchemy import Connection, text

from sites.domain.calendars import HolidayRule, Hours, Opening, PublicDays, Season, SpecialDay
from sites.domain.days import day_of
from sites.domain.plans import Booking, Closing, Occupied, Offer, SiteCalendar, Standing, Terms
from sites.domain.spaces import Space, leaves_of

SECTIONS: Final = ("seasons", "hours", "special_days", "holidays", "spaces")

_RULES: Final = text("""
SELECT s.id, s.name, s.state, s.managing_path, coalesce(c.version, 1) AS version, c.changed_at, c.changed_by,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'active_from', active_from,
               'active_until', active_until, 'programme_id', programme_id) ORDER BY active_from, id), '[]')
          FROM seasons WHERE site_id = s.id) AS seasons,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('weekday', weekday, 'opens_minute', opens_minute,
               'closes_minute', closes_minute, 'programme_id', programme_id, 'season_id', season_id)
               ORDER BY programme_id NULLS FIRST, season_id NULLS FIRST, weekday, opens_minute), '[]')
          FROM weekly_hours WHERE site_id = s.id) AS hours,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day, 'note', note, 'programme_id', programme_id,
               'hours', (SELECT coalesce(jsonb_agg(jsonb_build_object('opens_minute', opening->0,
                         'closes_minute', opening->1)), '[]') FROM jsonb_array_elements(hours) opening))
               ORDER BY day, programme_id NULLS FIRST), '[]')
          FROM special_days WHERE site_id = s.id) AS special_days,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('on_holiday', on_holiday, 'on_makeup_workday', on_makeup_workday,
               'programme_id', programme_id) ORDER BY programme_id NULLS FIRST), '[]')
          FROM holiday_rules WHERE site_id = s.id) AS holidays,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'parent_id', parent_id)
               ORDER BY name, id), '[]')
          FROM spaces WHERE site_id = s.id) AS spaces,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', p.name, 'is_offered', p.is_offered,
               'confirmation', p.confirmation,
               'terms', jsonb_build_object('programme_id', p.id, 'minutes', p.minutes,
                   'every_minutes', p.every_minutes, 'seats', p.seats, 'notice_minutes', p.notice_minutes,
                   'change_notice_minutes', t.change_notice_minutes, 'cancel_notice_minutes', t.cancel_notice_minutes,
                   'window_days', t.window_days, 'groups_max', t.groups_max,
                   'before_minutes', coalesce(t.before_minutes, 0), 'after_minutes', coalesce(t.after_minutes, 0),
                   'space_id', t.space_id, 'rank', coalesce(t.rank, 100))) ORDER BY p.name, p.id), '[]')
          FROM programmes p LEFT JOIN booking_terms t ON t.programme_id = p.id
         WHERE p.site_id = s.id) AS programmes
  FROM sites s
  LEFT JOIN calendars c ON c.site_id = s.id
 WHERE s.id = :site_id
""")

_STANDING: Final = text("""
SELECT s.id, s.programme_id, s.starts_at, s.ends_at, s.seats_taken, s.groups_taken, s.seats, s.confirmation,
       s.bookable_from, s.bookable_until, s.change_until, s.cancel_until, s.groups_max, s.closure_id, s.by_rule,
       s.kept_since IS NOT NULL AS is_kept, s.dropped_at IS NOT NULL AS is_dropped,
       o.leaves, o.since, o.until
  FROM slots s
  LEFT JOIN LATERAL (
      SELECT array_agg(space_id::text) AS leaves, min(lower(during)) AS since, max(upper(during)) AS until
        FROM occupancies WHERE slot_id = s.id
  ) o ON true
 WHERE s.site_id = :site_id AND s.visit_on >= :from_day
""")

_CLOSINGS: Final = text("""
SELECT id, starts_at, ends_at, programme_id, space_id, slot_id
  FROM closures
 WHERE site_id = :site_id AND lifted_at IS NULL AND ends_at > :at
 ORDER BY made_at, id
""")


def rules(db: Connection, site_id: UUID, *, actor: Actor) -> CalendarRulesView:
    """Return all the rules of a site's calendar. Raises NotFound, Forbidden."""
    row = rules_row(db, site_id)
    actor.must("read_calendar", site=row["managing_path"])
    return load(CalendarRulesView, {**row, "site_id": site_id, "site_name": row["name"], "changed_at": _said(row)})


def rules_row(db: Connection, site_id: UUID) -> dict[str, Any]:
    """Return the site with the sections of its calendar. Raises NotFound."""
    row = db.execute(_RULES, {"site_id": site_id}).one_or_none()
    if row is None:
        raise NotFound()
    return dict(row._mapping)


def laid_over(row: Mapping[str, Any], draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return the calendar with the sections that the draft brings; of the terms only the programmes it names."""
    merged = dict(row)
    merged.update({name: draft[name] for name in SECTIONS if draft.get(name) is not None})
    terms = {str(row["programme_id"]): row for row in draft.get("terms") or ()}
    merged["programmes"] = [
        {**programme, "terms": terms.get(str(programme["terms"]["programme_id"]), programme["terms"])}
        for programme in row["programmes"]
    ]
    return merged


def calendar_of(row: Mapping[str, Any]) -> SiteCalendar:
    """Return the rules as the domain reckons with them."""
    return SiteCalendar(
        hours=tuple(
            Hours(**{**hours, "season_id": _id(hours["season_id"]), "programme_id": _id(hours["programme_id"])})
            for hours in row["hours"]
        ),
        seasons=tuple(
            Season(
                id=UUID(season["id"]),
                name=season["name"],
                active_from=date.fromisoformat(season["active_from"]),
                active_until=date.fromisoformat(season["active_until"]),
                programme_id=_id(season["programme_id"]),
            )
            for season in row["seasons"]
        ),
        special_days=tuple(
            SpecialDay(
                day=date.fromisoformat(special["day"]),
                hours=tuple(Opening(**opening) for opening in special["hours"]),
                note=special["note"],
                programme_id=_id(special["programme_id"]),
            )
            for special in row["special_days"]
        ),
        holidays=tuple(HolidayRule(**{**rule, "programme_id": _id(rule["programme_id"])}) for rule in row["holidays"]),
        spaces=tuple(
            Space(id=UUID(space["id"]), name=space["name"], parent_id=_id(space["parent_id"]))
            for space in row["spaces"]
        ),
        offers=tuple(_offer(programme) for programme in row["programmes"]),
    )


def public_days(db: Connection, *, since: date) -> PublicDays:
    """Return the announced holidays and make-up workdays from a day on."""
    found = db.execute(text("SELECT day, kind FROM public_days WHERE day >= :since"), {"since": since})
    return {row.day: row.kind for row in found}


def closings(db: Connection, site_id: UUID, *, spaces: Sequence[Space], at: datetime) -> list[Closing]:
    """Return the closures of a site that are not over."""
    leaves = leaves_of(spaces)
    return [
        Closing(
            id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            programme_id=row.programme_id,
            leaves=leaves.get(row.space_id, frozenset()) if row.space_id else None,
            slot_id=row.slot_id,
        )
        for row in db.execute(_CLOSINGS, {"site_id": site_id, "at": at})
    ]


def closed_reasons(db: Connection, site_id: UUID) -> dict[UUID, str]:
    """Return what a slot says that a closure shuts, by the closure's id."""
    found = db.execute(text("SELECT id, reason, note FROM closures WHERE site_id = :site_id"), {"site_id": site_id})
    return {row.id: CLOSURE_REASONS[row.reason].zh + (f"：{row.note}" if row.note else "") for row in found}


def standing(db: Connection, site_id: UUID, *, at: datetime) -> list[Standing]:
    """Return the slots of a site from the day before on, those that were dropped among them."""
    from_day = day_of(at) - timedelta(days=1)
    return [
        Standing(
            id=row.id,
            programme_id=row.programme_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            seats_taken=row.seats_taken,
            groups_taken=row.groups_taken,
            booking=Booking(
                seats=row.seats,
                confirmation=row.confirmation,
                bookable_from=row.bookable_from,
                bookable_until=row.bookable_until,
                change_until=row.change_until,
                cancel_until=row.cancel_until,
                groups_max=row.groups_max,
                closure_id=row.closure_id,
            ),
            occupied=Occupied(frozenset(map(UUID, row.leaves)), row.since, row.until) if row.leaves else Occupied(),
            by_rule=row.by_rule,
            is_kept=row.is_kept,
            is_dropped=row.is_dropped,
        )
        for row in db.execute(_STANDING, {"site_id": site_id, "from_day": from_day})
    ]


def _offer(programme: Mapping[str, Any]) -> Offer:
    terms = programme["terms"]
    ids = {"programme_id": UUID(terms["programme_id"]), "space_id": _id(terms["space_id"])}
    return Offer(
        name=programme["name"],
        is_offered=programme["is_offered"],
        terms=Terms(**{**terms, **ids, "confirmation": programme["confirmation"]}),
    )


def _id(written: str | None) -> UUID | None:
    return UUID(written) if written else None


def _said(row: Mapping[str, Any]) -> str | None:
    return row["changed_at"].isoformat() if row["changed_at"] else None
