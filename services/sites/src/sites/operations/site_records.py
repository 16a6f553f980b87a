"""A site's keepers write its record anew (S1): compare-and-set on its version, a row of history for what changed."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.personal import mask_phone, seal
from chassis.refusals import InvalidInput, PreconditionFailed, Refusal
from contracts.sites.records import EditSite, SiteRecordView
from sqlalchemy import Connection, Row, insert, select, text, update

from sites.domain.geography import Point, lies_in_china, wgs84_of
from sites.domain.sites import ThreeSameUnchecked
from sites.operations.sites import pinyin_of
from sites.queries.site_records import record_for, record_view
from sites.tables.places import organisations, site_history, sites

PLAIN: Final = (
    *("name", "town", "address", "capacity", "visit_minutes", "hours_text", "facilities", "facilities_text"),
    *("accessibility_text", "contact_name", "arrival_text", "parking_text", "bring_text"),
    *("point_source", "point_accuracy_m", "point_checked_on"),
)
"""Fields that are stored as they are given."""
OFFICERS: Final = ("category", "kind", "managing_organisation_id")
"""What only an officer changes; left out, they stay."""
TRAINING_BASE: Final = "training_base"
SAME_DEGREES: Final = 2e-6
"""Views give points to six decimals (a hand's breadth): what is given back like that was not moved."""


class OrganisationUnknown(Refusal):
    """This organisation is not known here, or its data has not arrived yet; try again in a moment."""


def edit(db: Connection, *, asked: EditSite, actor: Actor, at: datetime) -> SiteRecordView:
    """Write the record anew where it is still of the version that was read; nothing changed, nothing is written.

    Raises NotFound, Forbidden, PreconditionFailed, InvalidInput, OrganisationUnknown, ThreeSameUnchecked.
    """
    kept = record_for(db, asked.site_id, actor=actor, action="edit_site")
    if kept.version != asked.version:
        raise PreconditionFailed()
    values = {**_plain(kept, asked), **_classified(db, kept, asked, actor=actor, at=at)}
    values |= _point(kept, asked, actor=actor, at=at) | _phone(kept, asked)
    if not values:
        return record_view(kept)
    write(db, kept, values, reason=asked.reason, actor=actor, at=at)
    return record_view(record_for(db, asked.site_id, actor=actor, action="edit_site"))


def write(
    db: Connection,
    kept: Row[Any],
    values: dict[str, Any],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    move: str = "edit",
) -> None:
    """Write the values where the site's version is still that of `kept`, and the history. Raises PreconditionFailed."""
    columns = dict(values)
    if "name" in columns:
        columns["pinyin"], columns["initials"] = pinyin_of(columns["name"])
    for name in ("point", "entrance"):
        if isinstance(columns.get(name), Point):
            columns[name] = f"SRID=4326;POINT({columns[name].lon!r} {columns[name].lat!r})"
    written = db.execute(
        update(sites)
        .where(sites.c.id == kept.id, sites.c.version == kept.version)
        .values(**columns, version=sites.c.version + 1)
    )
    if written.rowcount != 1:
        raise PreconditionFailed()
    step = {"move": move, "state": kept.state, "at": at, "by_id": actor.person_id, "by_name": actor.name}
    db.execute(insert(site_history).values(site_id=kept.id, **step, reason=reason, changes=_told_changes(kept, values)))


def _told_changes(kept: Row[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return each changed field's value before and after, as JSON; a telephone number is told masked alone."""
    before = kept._mapping
    return {name: [_told(before.get(name)), _told(after)] for name, after in values.items() if name != "contact_phone"}


def _told(value: Any) -> Any:
    if isinstance(value, Point):
        return [round(value.lon, 6), round(value.lat, 6)]
    if isinstance(value, dict):
        return value["coordinates"]
    return value if value is None or isinstance(value, (str, int, list)) else str(value)


def _plain(kept: Row[Any], asked: EditSite) -> dict[str, Any]:
    given = {name: getattr(asked, name) for name in PLAIN}
    given["facilities"] = sorted(set(asked.facilities))
    stored = {**kept._mapping, "facilities": sorted(kept.facilities)}
    return {name: value for name, value in given.items() if value != stored[name]}


def _classified(db: Connection, kept: Row[Any], asked: EditSite, *, actor: Actor, at: datetime) -> dict[str, Any]:
    given = {name: getattr(asked, name) for name in OFFICERS}
    changed = {name: value for name, value in given.items() if value is not None and value != getattr(kept, name)}
    if not changed:
        return {}
    actor.must("classify_site", site=kept.managing_path)
    if changed.get("kind") == TRAINING_BASE and not _three_same(db, kept.id, at=at):
        raise ThreeSameUnchecked()
    keeper: UUID | None = changed.get("managing_organisation_id")
    if keeper is not None:
        changed |= keeper_of(db, keeper)
        actor.must("classify_site", site=changed["managing_path"])
    return changed


def _three_same(db: Connection, site_id: UUID, *, at: datetime) -> bool:
    """Say whether the site's newest check found sign, area and equipment in order and has not run out."""
    found = db.execute(
        text(
            "SELECT sign AND area AND equipment AND due_on >= :today FROM site_checks WHERE site_id = :id"
            " ORDER BY checked_on DESC, at DESC LIMIT 1"
        ),
        {"id": site_id, "today": clock.today(at)},
    ).scalar_one_or_none()
    return bool(found)


def keeper_of(db: Connection, organisation_id: UUID) -> dict[str, Any]:
    """Return the columns of a site that name the organisation which keeps it. Raises OrganisationUnknown."""
    table = organisations.c
    found = db.execute(
        select(table.name, table.path).where(table.id == organisation_id, table.dissolved.is_(False))
    ).one_or_none()
    if found is None:
        raise OrganisationUnknown()
    return {
        "managing_organisation_id": organisation_id,
        "managing_organisation": found.name,
        "managing_path": found.path,
    }


def _point(kept: Row[Any], asked: EditSite, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return what changes of point and entrance; whoever moves the point or looks it over again vouches for it."""
    if asked.point_checked_on and asked.point_checked_on > clock.today(at):
        raise InvalidInput({"point_checked_on": ["The day lies ahead."]})
    changed: dict[str, Any] = {}
    for name in ("point", "entrance"):
        pair = getattr(asked, name)
        given = wgs84(pair, datum=asked.point_datum, field=name) if pair else None
        stored = getattr(kept, name)
        if given is None and stored is not None:
            changed[name] = None
        elif given is not None and (stored is None or _moved(given, stored["coordinates"])):
            changed[name] = given
    if "point" in changed and asked.point_datum != kept.point_datum:
        changed["point_datum"] = asked.point_datum
    if asked.point_checked_on is None:
        if kept.point_checked_by:
            changed["point_checked_by"] = None
    elif ("point" in changed or asked.point_checked_on != kept.point_checked_on) and (
        kept.point_checked_by != actor.name
    ):
        changed["point_checked_by"] = actor.name
    return changed


def wgs84(pair: list[float], *, datum: str, field: str) -> Point:
    """Return lon, lat of a declared datum in WGS-84. Raises InvalidInput at `field` for a point outside China."""
    given = Point(lon=pair[0], lat=pair[1])
    if not lies_in_china(given):
        raise InvalidInput({field: ["The point lies outside China; write longitude first."]})
    return wgs84_of(given, datum=datum)


def _moved(given: Point, stored: list[float]) -> bool:
    return abs(given.lon - stored[0]) > SAME_DEGREES or abs(given.lat - stored[1]) > SAME_DEGREES


def _phone(kept: Row[Any], asked: EditSite) -> dict[str, Any]:
    if asked.contact_phone is not None and asked.contact_name is None:
        raise InvalidInput({"contact_name": ["Say whose number it is."]})
    if asked.contact_phone is not None:
        return {"contact_phone": seal(asked.contact_phone), "contact_phone_masked": mask_phone(asked.contact_phone)}
    if asked.contact_name is None and kept.contact_phone_masked is not None:
        return {"contact_phone": None, "contact_phone_masked": None}
    return {}
