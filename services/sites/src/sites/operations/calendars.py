"""Changing a site's calendar: first a preview of what it does to slots and orders, then the change itself (S5)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.envelope import plain
from contracts.sites.calendars import (
    ApplyCalendar,
    CalendarAppliedView,
    CalendarPreviewView,
    ClosureRow,
    PreviewCalendar,
)
from sqlalchemy import Connection, text

from sites.domain.drafts import (
    CalendarChanged,
    NothingToChange,
    PreviewApplied,
    faults_of,
    keep_used_spaces,
)
from sites.operations import closures, slots
from sites.queries import previews
from sites.queries.calendars import SECTIONS, calendar_of, laid_over, rules_row, standing

DRAFTED: Final = (*SECTIONS, "terms", "closure")

_KEEP: Final = text("""
INSERT INTO calendar_previews (id, site_id, version, draft, made_at, made_by_id, made_by)
VALUES (:id, :site_id, :version, CAST(:draft AS jsonb), :at, :by_id, :by)
""")
_DONE: Final = text(
    "UPDATE calendar_previews SET applied_at = :at WHERE id = :id AND site_id = :site_id AND applied_at IS NULL"
)
_CHANGED: Final = text("""
UPDATE calendars SET version = version + 1, changed_at = :at, changed_by = :by WHERE site_id = :site_id
RETURNING version
""")


def preview(db: Connection, *, asked: PreviewCalendar, actor: Actor, at: datetime) -> CalendarPreviewView:
    """Keep a change that somebody proposes, and return what it would do.

    Raises CalendarChanged, NothingToChange, InvalidInput, SpaceInUse; NotFound, Forbidden.
    """
    row = rules_row(db, asked.site_id)
    actor.must("change_calendar", site=row["managing_path"])
    if row["version"] != asked.version:
        raise CalendarChanged(version=row["version"])
    draft = {name: plain(getattr(asked, name)) for name in DRAFTED if getattr(asked, name) is not None}
    if not draft:
        raise NothingToChange()
    _check(db, asked.site_id, row, draft, at=at)
    preview_id = uuid4()
    db.execute(
        _KEEP,
        {
            "id": preview_id,
            "site_id": asked.site_id,
            "version": asked.version,
            "draft": json.dumps(draft, ensure_ascii=False),
            "at": at,
            "by_id": actor.person_id,
            "by": actor.name,
        },
    )
    return previews.preview(db, asked.site_id, preview_id, actor=actor, at=at)


def apply(db: Connection, *, asked: ApplyCalendar, actor: Actor, at: datetime) -> CalendarAppliedView:
    """Make a previewed change, when the calendar is still the one that it was written for.

    Slots with orders stay, kept from the earlier rule, unless they are named to be closed: then their people are told.
    Raises CalendarChanged, PreviewApplied, SpaceInUse, SpaceOccupied, InvalidInput; NotFound, Forbidden.
    """
    kept = previews.preview_row(db, asked.site_id, asked.preview_id)
    actor.must("change_calendar", site=kept.managing_path)
    version = slots.lock(db, asked.site_id)
    if not db.execute(_DONE, {"id": asked.preview_id, "site_id": asked.site_id, "at": at}).rowcount:
        raise PreviewApplied()
    if version != kept.version:
        raise CalendarChanged(version=version)
    row, draft = rules_row(db, asked.site_id), kept.draft
    _check(db, asked.site_id, row, draft, at=at)
    enter_sections(db, asked.site_id, draft)
    made = closures.of_draft(db, asked.site_id, draft.get("closure"), actor=actor, at=at)
    made += _closed_slots(db, asked, actor=actor, at=at)
    counts = slots.remake(db, asked.site_id, at=at)
    told = closures.tell_orders(db, made, at=at)
    version = db.execute(_CHANGED, {"site_id": asked.site_id, "at": at, "by": actor.name}).scalar_one()
    return CalendarAppliedView(site_id=asked.site_id, version=version, counts=dict(counts), orders_told=told)


def _check(db: Connection, site_id: UUID, row: Mapping[str, Any], draft: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what cannot be kept; the draft may be older than what stands now."""
    before, after = calendar_of(row), calendar_of(laid_over(row, draft))
    faults = faults_of(after)
    programmes = {str(offer.terms.programme_id) for offer in before.offers}
    if any(terms["programme_id"] not in programmes for terms in draft.get("terms") or ()):
        faults.setdefault("terms", []).append("This is no programme of the site.")
    for table, rows in (("seasons", after.seasons), ("spaces", after.spaces)):
        elsewhere = text(f"SELECT 1 FROM {table} WHERE id = ANY(:ids) AND site_id <> :site_id LIMIT 1")  # noqa: S608
        if db.execute(elsewhere, {"ids": [row.id for row in rows], "site_id": site_id}).first():
            faults.setdefault(table, []).append("This id belongs to another site.")
    if draft.get("closure"):
        closure = closures.row_in(draft["closure"])
        wrong = closures.faults_of(db, site_id, closure, at=at)
        faults |= {f"closure.{name}": sentences for name, sentences in wrong.items()}
    if faults:
        raise InvalidInput(faults)
    if draft.get("spaces") is not None:
        used = [slot.occupied for slot in standing(db, site_id, at=at) if slot.seats_taken and slot.ends_at > at]
        keep_used_spaces(before.spaces, after.spaces, used)


def _closed_slots(db: Connection, asked: ApplyCalendar, *, actor: Actor, at: datetime) -> list[UUID]:
    """Close the slots that the steward names although they have orders; returns the closures."""
    if not asked.close_slot_ids:
        return []
    if asked.reason is None:
        raise InvalidInput({"reason": ["Missing data for required field."]})
    found = db.execute(
        text("SELECT id, starts_at, ends_at FROM slots WHERE id = ANY(:ids) AND site_id = :site_id AND ends_at > :at"),
        {"ids": asked.close_slot_ids, "site_id": asked.site_id, "at": at},
    ).all()
    if {slot.id for slot in found} != set(asked.close_slot_ids):
        raise InvalidInput({"close_slot_ids": ["This is no slot of the site."]})
    return [
        closures.enter(
            db,
            asked.site_id,
            ClosureRow(slot.starts_at, slot.ends_at, reason=asked.reason, note=asked.note, slot_id=slot.id),
            is_sudden=False,
            actor=actor,
            at=at,
        )
        for slot in found
    ]


# ---- writing the sections -----------------------------------------------------------------------------------------

_SECTION_ROWS: Final[dict[str, str]] = {
    "seasons": """
INSERT INTO seasons (id, site_id, programme_id, name, active_from, active_until)
SELECT id, :site_id, programme_id, name, active_from, active_until FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (id uuid, programme_id uuid, name text, active_from date, active_until date)
""",
    "hours": """
INSERT INTO weekly_hours (site_id, programme_id, season_id, weekday, opens_minute, closes_minute)
SELECT :site_id, programme_id, season_id, weekday, opens_minute, closes_minute
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (programme_id uuid, season_id uuid, weekday smallint, opens_minute smallint, closes_minute smallint)
""",
    "special_days": """
INSERT INTO special_days (site_id, programme_id, day, note, hours)
SELECT :site_id, programme_id, day, nullif(note, ''),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(o->'opens_minute', o->'closes_minute')), '[]')
          FROM jsonb_array_elements(hours) o)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (programme_id uuid, day date, note text, hours jsonb)
""",
    "holidays": """
INSERT INTO holiday_rules (site_id, programme_id, on_holiday, on_makeup_workday)
SELECT :site_id, programme_id, on_holiday, on_makeup_workday FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (programme_id uuid, on_holiday text, on_makeup_workday text)
""",
    "spaces": """
INSERT INTO spaces (id, site_id, parent_id, name)
SELECT id, :site_id, parent_id, name FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (id uuid, parent_id uuid, name text)
ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name
""",
}
_TABLES: Final = {
    "seasons": "seasons",
    "hours": "weekly_hours",
    "special_days": "special_days",
    "holidays": "holiday_rules",
}
_TERMS: Final = (
    """
UPDATE programmes p
   SET minutes = r.minutes, every_minutes = r.every_minutes, seats = r.seats, notice_minutes = r.notice_minutes,
       version = p.version + 1
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (programme_id uuid, minutes integer, every_minutes integer, seats integer, notice_minutes integer)
 WHERE p.id = r.programme_id AND p.site_id = :site_id
   AND (p.minutes, p.every_minutes, p.seats, p.notice_minutes)
       IS DISTINCT FROM (r.minutes, r.every_minutes, r.seats, r.notice_minutes)
""",
    """
INSERT INTO booking_terms AS t (programme_id, change_notice_minutes, cancel_notice_minutes, window_days, groups_max,
                                before_minutes, after_minutes, space_id, rank)
SELECT r.* FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (programme_id uuid, change_notice_minutes integer, cancel_notice_minutes integer, window_days integer,
             groups_max integer, before_minutes integer, after_minutes integer, space_id uuid, rank integer)
ON CONFLICT (programme_id) DO UPDATE
   SET change_notice_minutes = excluded.change_notice_minutes, cancel_notice_minutes = excluded.cancel_notice_minutes,
       window_days = excluded.window_days, groups_max = excluded.groups_max, before_minutes = excluded.before_minutes,
       after_minutes = excluded.after_minutes, space_id = excluded.space_id, rank = excluded.rank
""",
)
_UNUSED_SPACES: Final = """
DELETE FROM spaces WHERE site_id = :site_id
   AND id NOT IN (SELECT id FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid))
"""


def enter_sections(db: Connection, site_id: UUID, draft: Mapping[str, Any]) -> None:
    """Replace the sections that the draft brings; the slots are remade by the caller."""
    replaced = [name for name in SECTIONS if draft.get(name) is not None]
    for name in reversed([name for name in replaced if name in _TABLES]):
        if name == "seasons":  # hours that stay keep their season: they refer to it while it is written anew
            db.execute(text("SET CONSTRAINTS weekly_hours_season_id_fkey DEFERRED"))
        db.execute(text(f"DELETE FROM {_TABLES[name]} WHERE site_id = :site_id"), {"site_id": site_id})  # noqa: S608
    for name in replaced:
        rows = json.dumps(draft[name])
        if name == "spaces":
            db.execute(text("UPDATE spaces SET name = id::text WHERE site_id = :site_id"), {"site_id": site_id})
        db.execute(text(_SECTION_ROWS[name]), {"site_id": site_id, "rows": rows})
    if draft.get("terms"):
        for statement in _TERMS:
            db.execute(text(statement), {"site_id": site_id, "rows": json.dumps(draft["terms"])})
    if draft.get("spaces") is not None:
        db.execute(text(_UNUSED_SPACES), {"site_id": site_id, "rows": json.dumps(draft["spaces"])})
