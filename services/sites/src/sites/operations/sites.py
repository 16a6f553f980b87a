"""Registering sites with their hours and programmes (S1, S4); what is there already is left as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pypinyin import Style, lazy_pinyin
from sqlalchemy import Connection, insert
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.calendars import Hours
from sites.domain.geography import Point, wgs84_of
from sites.domain.slots import Rhythm
from sites.tables.places import programmes, site_history, sites, weekly_hours


@dataclass(frozen=True)
class NewProgramme:
    """One line of a site's menu; without `hours` of its own it keeps the site's."""

    id: UUID
    name: str
    theme: str
    rhythm: Rhythm
    seats: int
    confirmation: str = "automatic"
    hours: tuple[Hours, ...] = ()
    kind: str = "tour"
    case_version_id: UUID | None = None
    description: str = ""
    bring: str = ""
    audience: str = "everyone"
    party_min: int = 1
    needs_guide: bool = False


@dataclass(frozen=True)
class NewSite:
    """A site as it is registered; `point` is in `point_datum` and stored in WGS-84."""

    id: UUID
    code: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    address: str | None
    point: Point
    point_datum: str
    point_source: str
    point_checked_on: date | None
    capacity: int
    visit_minutes: int
    hours_text: str | None
    managing_organisation_id: UUID
    managing_organisation: str
    managing_path: str
    synthetic: bool
    point_accuracy_m: int | None = None
    facilities: tuple[str, ...] = ()
    facilities_text: str | None = None
    accessibility_text: str | None = None
    arrival_text: str | None = None
    parking_text: str | None = None
    bring_text: str | None = None
    hours: tuple[Hours, ...] = ()
    programmes: tuple[NewProgramme, ...] = field(default=())


REGISTERED: Final = "open"


def register_all(
    db: Connection,
    found: Sequence[NewSite],
    *,
    at: datetime,
    by: tuple[UUID, str] | None,
    state: str = REGISTERED,
) -> list[UUID]:
    """Register the sites that are not known yet, open to everybody or only proposed; returns their ids.

    `by` is who does it, as (person, name); without, nobody did it: it came with the software's demonstration.
    """
    if not found:
        return []
    written = insert_new(sites).values([_row(site, state=state) for site in found])
    new = set(db.execute(written.on_conflict_do_nothing(index_elements=["id"]).returning(sites.c.id)).scalars())
    registered = [site for site in found if site.id in new]
    if not registered:
        return []
    step = {
        "move": "register",
        "state": state,
        "at": at,
        "by_id": by[0] if by else None,
        "by_name": by[1] if by else "import",
    }
    db.execute(insert(site_history), [{"site_id": site.id, **step} for site in registered])
    menu = [(site, programme) for site in registered for programme in site.programmes]
    if menu:
        db.execute(insert(programmes), [_programme_row(site, programme) for site, programme in menu])
    hours = [_hours_row(site, None, opening) for site in registered for opening in site.hours]
    hours += [_hours_row(site, programme, opening) for site, programme in menu for opening in programme.hours]
    if hours:
        db.execute(insert(weekly_hours), hours)
    return [site.id for site in registered]


def pinyin_of(name: str) -> tuple[str, str]:
    """Return how a name is typed: its syllables, and their first letters. 蒲松龄 → pu song ling, psl."""
    typed = "".join(sign for sign in name if sign.isalnum())
    syllables = lazy_pinyin(typed, style=Style.NORMAL)
    letters = lazy_pinyin(typed, style=Style.FIRST_LETTER)
    return " ".join(syllables).lower(), "".join(letters).lower()


def _row(site: NewSite, *, state: str) -> dict[str, Any]:
    pinyin, initials = pinyin_of(site.name)
    point = wgs84_of(site.point, datum=site.point_datum)
    kept = (
        *("id", "code", "name", "category", "kind", "district", "town", "address", "point_datum", "point_source"),
        *("point_checked_on", "capacity", "visit_minutes", "hours_text", "synthetic"),
        *("point_accuracy_m", "facilities_text", "accessibility_text", "arrival_text", "parking_text", "bring_text"),
        *("managing_organisation_id", "managing_organisation", "managing_path"),
    )
    return {
        **{name: getattr(site, name) for name in kept},
        "facilities": list(site.facilities),
        "pinyin": pinyin,
        "initials": initials,
        "point": f"SRID=4326;POINT({point.lon!r} {point.lat!r})",
        "state": state,
    }


def _programme_row(site: NewSite, programme: NewProgramme) -> dict[str, Any]:
    return {
        "id": programme.id,
        "site_id": site.id,
        "name": programme.name,
        "theme": programme.theme,
        "minutes": programme.rhythm.minutes,
        "every_minutes": programme.rhythm.every_minutes,
        "notice_minutes": programme.rhythm.notice_minutes,
        "seats": programme.seats,
        "confirmation": programme.confirmation,
        "kind": programme.kind,
        "case_version_id": programme.case_version_id,
        "description": programme.description,
        "bring": programme.bring,
        "audience": programme.audience,
        "party_min": programme.party_min,
        "needs_guide": programme.needs_guide,
    }


def _hours_row(site: NewSite, programme: NewProgramme | None, opening: Hours) -> dict[str, Any]:
    return {
        "site_id": site.id,
        "programme_id": programme.id if programme else None,
        "weekday": opening.weekday,
        "opens_minute": opening.opens_minute,
        "closes_minute": opening.closes_minute,
    }
