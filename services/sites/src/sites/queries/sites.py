"""The catalogue and the map (S1–S3): sites as GeoJSON that PostGIS writes in one statement, one site, its menu."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from contracts.sites.places import NavigationView, PointOrigin, SitesAsked, SiteView
from sqlalchemy import Connection, Row, select, text

from sites.domain.geography import Point, navigation_links
from sites.queries.pictures import AS_JSON, view_of
from sites.tables.places import sites as sites_table

SHOWN: Final = ("open", "suspended")
"""A proposed or withdrawn site exists for nobody but its keepers."""

_FEATURE: Final = """
json_build_object(
    'type', 'Feature',
    'id', s.id,
    'geometry', ST_AsGeoJSON(s.point, 6)::json,
    'properties', json_strip_nulls(json_build_object(
        'code', s.code, 'name', s.name, 'category', s.category, 'kind', s.kind, 'district', s.district,
        'town', s.town, 'address', s.address, 'capacity', s.capacity, 'visit_minutes', s.visit_minutes,
        'hours_text', s.hours_text, 'synthetic', s.synthetic, 'managing_organisation', s.managing_organisation,
        'distance_m', round(ST_Distance(s.point::geography, CAST(:near AS geography))),
        'seats_left', free.seats_left
    ))
)
"""

_FREE: Final = """
CROSS JOIN LATERAL (
    SELECT max(seats - seats_taken) AS seats_left
      FROM slots
     WHERE site_id = s.id AND visit_on = :on AND closed_reason IS NULL AND bookable_until > :at
       AND (bookable_from IS NULL OR bookable_from <= :at)
       AND NOT EXISTS (SELECT FROM allocation_round_of(site_id, programme_id, visit_on))
) free
"""

_PAGE: Final = """
WITH found AS (
    SELECT s.id, {key} AS key, free.seats_left
      FROM {sites}
     WHERE {conditions}
     ORDER BY key, s.id
     LIMIT :limit + 1
)
SELECT coalesce(json_agg({feature} ORDER BY free.key, s.id) FILTER (WHERE free.number <= :limit), '[]')::text,
       max(free.number) > :limit,
       (array_agg(free.key ORDER BY free.number) FILTER (WHERE free.number = :limit))[1],
       (array_agg(s.id ORDER BY free.number) FILTER (WHERE free.number = :limit))[1]
  FROM (SELECT *, row_number() OVER (ORDER BY key, id) AS number FROM found) free
  JOIN sites s USING (id)
"""

# Up to `limit` sites in the box are shown as they are. More of them are counted by the cells of a grid of about that
# many cells; a cell that holds one site shows the site.
_BOX: Final = """
WITH found AS NOT MATERIALIZED ( -- read twice, but never written down: of 100 000 sites that takes longest
    SELECT s.id, s.point, free.seats_left
      FROM {sites}
     WHERE {conditions}
), total AS (
    SELECT count(*) > :limit AS is_over FROM (SELECT FROM found LIMIT :limit + 1) few
), cells AS (
    SELECT count(*) AS count, x, y,
           avg(ST_X(point)) AS lon, avg(ST_Y(point)) AS lat
      FROM found,
           LATERAL (
               SELECT least(width_bucket(ST_X(point), :west, :east, :cells), :cells) AS x,
                      least(width_bucket(ST_Y(point), :south, :north, :cells), :cells) AS y
           ) cell
     WHERE (SELECT is_over FROM total)
     GROUP BY x, y
), shown AS (
    SELECT {feature} AS feature
      FROM (SELECT id, seats_left FROM found WHERE NOT (SELECT is_over FROM total)
            UNION ALL
            -- Found again by its point: to carry ids along would take twice the time of counting.
            SELECT one.id, one.seats_left
              FROM cells,
                   LATERAL (SELECT id, seats_left FROM found
                             WHERE point ~= ST_SetSRID(ST_MakePoint(lon, lat), 4326) LIMIT 1) one
             WHERE count = 1) free
      JOIN sites s USING (id)
    UNION ALL
    SELECT json_build_object(
               'type', 'Feature',
               'id', 'cluster-' || x || '-' || y,
               'geometry', ST_AsGeoJSON(ST_MakePoint(lon, lat), 6)::json,
               'properties', json_build_object('cluster', true, 'count', count)
           )
      FROM cells
     WHERE count > 1
)
SELECT coalesce(json_agg(feature), '[]')::text, (SELECT is_over FROM total) FROM shown
"""


_SITE: Final = """
SELECT id, code, name, category, kind, district, town, address, ST_AsGeoJSON(point, 6)::json AS point,
       capacity, visit_minutes, hours_text, state, synthetic, managing_organisation, managing_path, version,
       facilities, facilities_text, accessibility_text, ST_AsGeoJSON(entrance, 6)::json AS entrance,
       point_datum, point_source, point_accuracy_m, point_checked_on, point_checked_by,
       star, grade, state_reason, state_since, {pictures} AS pictures
  FROM sites WHERE id = :id AND state = ANY(:shown)
"""


_PICTURES: Final = AS_JSON.format(purpose="site", subject="sites.id")


def kept_site(db: Connection, site_id: UUID, *, actor: Actor, action: str) -> Row[Any, Any, Any]:
    """Return the site (id, name, managing_path) when the actor may do `action` there. Raises NotFound, Forbidden."""
    wanted = select(sites_table.c.id, sites_table.c.name, sites_table.c.managing_path)
    site = db.execute(wanted.where(sites_table.c.id == site_id)).one_or_none()
    if site is None:
        raise NotFound()
    actor.must(action, site=site.managing_path)
    return site


def sites(db: Connection, asked: SitesAsked, *, at: datetime) -> bytes:
    """Return the open sites that are asked for as a FeatureCollection's bytes, with `next`, or `truncated` in a box.

    In order of distance with `near`, else of likeness with `q`, else of pinyin; in a box (`bbox`) in no order.
    """
    source, conditions, given = _filters(asked, at=at)
    if asked.bbox:
        return _in_box(db, asked, source=source, conditions=conditions, given=given)
    kind: type = float if asked.near else str
    if asked.near:
        key = "s.point::geography <-> CAST(:near AS geography)"
    elif asked.q.strip():
        key = "to_char(1 - found_by.likeness, '0.000') || s.pinyin"
    else:
        key = "s.pinyin"
    if asked.cursor:
        given["after_key"], given["after_id"] = key_in(asked.cursor, kind, UUID)
        conditions.append(f"({key}, s.id) > (:after_key, :after_id)")
    statement = _PAGE.format(key=key, sites=source, conditions=" AND ".join(conditions), feature=_FEATURE)
    features, more, last_key, last_id = db.execute(text(statement), {**given, "limit": asked.limit}).one()
    return _collection(features, next=cursor_after(last_key, last_id) if more else None)


def site(db: Connection, site_id: UUID) -> SiteView:
    """Return one site. Raises NotFound."""
    row = db.execute(
        text(_SITE.format(pictures=_PICTURES)),
        {"id": site_id, "shown": list(SHOWN)},
    ).one_or_none()
    if row is None:
        raise NotFound()
    fields = with_origin(row)
    return SiteView(**{**fields, "pictures": [view_of(picture) for picture in row.pictures]})


def with_origin(row: Row[Any]) -> dict[str, Any]:
    """Return a site's row as its views want it: what the columns `point_…` say of the point in one."""
    fields = dict(row._mapping)
    names = [name for name in fields if name.startswith("point_")]
    origin = {name.removeprefix("point_"): fields.pop(name) for name in names}
    return {**fields, "point_origin": PointOrigin(**origin)}


def navigation(db: Connection, site_id: UUID) -> NavigationView:
    """Return the links that lead to the site in each map programme. Raises NotFound."""
    found = site(db, site_id)
    lon, lat = found.point["coordinates"]
    return NavigationView(**navigation_links(Point(lon=lon, lat=lat), name=found.name))


def _filters(asked: SitesAsked, *, at: datetime) -> tuple[str, list[str], dict[str, Any]]:
    """Return the FROM clause, the conditions and their values; the SQL is of this module's constants alone."""
    source = "sites s"
    conditions = ["s.state = 'open'", "s.capacity >= :seats"]
    near = f"SRID=4326;POINT({asked.near[0]} {asked.near[1]})" if asked.near else None
    given: dict[str, Any] = {"near": near, "seats": asked.seats}
    if asked.q.strip():
        source += " JOIN sites_like(:q) found_by ON found_by.site_id = s.id"
        given["q"] = asked.q.strip()
    if asked.near and asked.within_km:
        conditions.append("ST_DWithin(s.point::geography, CAST(:near AS geography), :within_m)")
        given["within_m"] = asked.within_km * 1000
    if asked.on:
        source += _FREE
        conditions.append("free.seats_left >= :seats")
        given |= {"on": asked.on, "at": at}
    else:
        source += " CROSS JOIN (SELECT NULL::integer AS seats_left) free"
    for name in ("category", "kind", "town"):
        if getattr(asked, name):
            conditions.append(f"s.{name} = :{name}")
            given[name] = getattr(asked, name)
    return source, conditions, given


def box_condition(bbox: list[float], given: dict[str, Any]) -> str:
    """Return the condition that a site `s` lies in the box, and put its values among those given."""
    west, south, east, north = bbox
    given |= {"west": west, "south": south, "east": east, "north": north}
    if west > east:  # over the date line: two boxes
        return (
            "(s.point && ST_MakeEnvelope(:west, :south, 180, :north, 4326)"
            " OR s.point && ST_MakeEnvelope(-180, :south, :east, :north, 4326))"
        )
    return "s.point && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"


def _in_box(db: Connection, asked: SitesAsked, *, source: str, conditions: list[str], given: dict[str, Any]) -> bytes:
    assert asked.bbox is not None
    west, south, east, north = asked.bbox
    conditions.append(box_condition(asked.bbox, given))
    statement = _BOX.format(sites=source, conditions=" AND ".join(conditions), feature=_FEATURE)
    if west > east:  # the grid spans the whole round
        statement = statement.replace("width_bucket(ST_X(point), :west, :east,", "width_bucket(ST_X(point), -180, 180,")
    features, truncated = db.execute(
        text(statement),
        {
            **given,
            "west": west,
            "south": south,
            # A box without width has no cells to count in; a hair of one has.
            "east": east if east != west else east + 1e-9,
            "north": north if north != south else north + 1e-9,
            "limit": asked.limit,
            "cells": max(1, int(asked.limit**0.5)),
        },
    ).one()
    return _collection(features, next=None, truncated=truncated)


def _collection(features: str, *, next: str | None, truncated: bool = False) -> bytes:
    rest = {"next": next, **({"truncated": True} if truncated else {})}
    return f'{{"type":"FeatureCollection","features":{features},{json.dumps(rest)[1:]}'.encode()
