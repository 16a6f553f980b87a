"""Sites and slots for OGC API – Features (G2): pages of GeoJSON that PostGIS writes in one statement."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.cursors import cursor_after, key_in
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.features import QUERYABLES, ExtentsView, FeatureAsked, FeaturesAsked, read_filters
from sqlalchemy import Connection, text

from sites.queries.sites import SHOWN, box_condition

SLOT_LONGEST: Final = timedelta(days=1)
"""No slot is longer, so one that touches a time began at most this much before it: the index on its start finds it."""

_DIGITS: Final = {4326: 7, 4490: 7, 3857: 2}  # about a centimetre


@dataclass(frozen=True)
class _Collection:
    """Where a collection's features come from; `key` and `id` are their order, of `key_kind`."""

    source: str
    key: str
    key_kind: Any
    id: str
    properties: str
    columns: dict[str, str]


_BOOKABLE: Final = (
    "(s.state = 'open' AND t.closed_reason IS NULL AND t.bookable_until > :at AND t.seats_taken < t.seats"
    " AND (t.bookable_from IS NULL OR t.bookable_from <= :at)"
    " AND NOT EXISTS (SELECT FROM allocation_round_of(t.site_id, t.programme_id, t.visit_on)))"
)

_COLLECTIONS: Final = {
    "sites": _Collection(
        source="sites s",
        key="s.pinyin",
        key_kind=str,
        id="s.id",
        properties="""
            'code', s.code, 'name', s.name, 'category', s.category, 'kind', s.kind, 'district', s.district,
            'town', s.town, 'address', s.address, 'capacity', s.capacity, 'visit_minutes', s.visit_minutes,
            'hours_text', s.hours_text, 'managing_organisation', s.managing_organisation, 'state', s.state,
            'synthetic', s.synthetic
        """,
        columns={name: f"s.{name}" for name in QUERYABLES["sites"]},
    ),
    "slots": _Collection(
        source="(SELECT * FROM slots WHERE dropped_at IS NULL) t JOIN sites s ON s.id = t.site_id"
        " JOIN programmes p ON p.id = t.programme_id",
        key="t.starts_at",
        key_kind=datetime.fromisoformat,
        id="t.id",
        properties=f"""
            'site_id', s.id, 'site', s.name, 'programme_id', p.id, 'programme', p.name, 'theme', p.theme,
            'category', s.category, 'kind', s.kind, 'town', s.town, 'starts_at', t.starts_at, 'ends_at', t.ends_at,
            'visit_on', t.visit_on, 'seats', t.seats, 'seats_left', t.seats - t.seats_taken,
            'confirmation', t.confirmation, 'bookable', {_BOOKABLE}
        """,
        columns={
            **{name: f"t.{name}" for name in ("site_id", "programme_id", "visit_on", "confirmation")},
            **{name: f"s.{name}" for name in ("category", "kind", "town")},
            "theme": "p.theme",
            "bookable": _BOOKABLE,
        },
    ),
}

_FEATURE: Final = """
json_build_object(
    'type', 'Feature',
    'id', {id},
    'geometry', ST_AsGeoJSON({point}, {digits}, 0)::json,
    'properties', json_build_object({properties})
)
"""

_PAGE: Final = """
WITH found AS (
    SELECT {key} AS key, {id} AS id, {feature} AS feature
      FROM {source}
     WHERE {conditions}
     ORDER BY {key}, {id}
     LIMIT :limit + 1
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY key, id) AS number FROM found
)
SELECT coalesce(json_agg(feature ORDER BY number) FILTER (WHERE number <= :limit), '[]')::text,
       least(count(*), :limit),
       count(*) > :limit,
       (array_agg(key ORDER BY number) FILTER (WHERE number = :limit))[1],
       (array_agg(id ORDER BY number) FILTER (WHERE number = :limit))[1]
  FROM numbered
"""


def features(db: Connection, asked: FeaturesAsked, *, at: datetime) -> bytes:
    """Return a page of a collection as bytes: `{"next": …, "numberReturned": …, "type": "FeatureCollection", …}`.

    The two members before `type` are the gateway's to read without decoding the rest. A site has no time of its own,
    so every time finds it. Raises InvalidInput for a filter that is none.
    """
    collection = _COLLECTIONS[asked.collection]
    conditions = ["s.state = ANY(:shown)"]
    given: dict[str, Any] = {"shown": list(SHOWN), "at": at}
    if asked.bbox:
        conditions.append(box_condition(asked.bbox, given))
    if asked.collection == "slots":
        if asked.until_at:
            conditions.append("t.starts_at <= :until")
            given["until"] = asked.until_at
        if asked.from_at:
            conditions.append("t.ends_at >= :from AND t.starts_at >= :from_start")
            given |= {"from": asked.from_at, "from_start": asked.from_at - SLOT_LONGEST}
    values, faults = read_filters(asked.collection, asked.filters)
    if faults:
        raise InvalidInput(faults)
    for name, value in values.items():
        conditions.append(f"{collection.columns[name]} = :of_{name}")
        given[f"of_{name}"] = value
    if asked.cursor:
        given["after_key"], given["after_id"] = key_in(asked.cursor, collection.key_kind, UUID)
        conditions.append(f"({collection.key}, {collection.id}) > (:after_key, :after_id)")
    statement = _PAGE.format(
        key=collection.key,
        id=collection.id,
        source=collection.source,
        feature=_feature(asked),
        conditions=" AND ".join(conditions),
    )
    found, number, more, last_key, last_id = db.execute(text(statement), {**given, "limit": asked.limit}).one()
    head = json.dumps({"next": cursor_after(last_key, last_id) if more else None, "numberReturned": number})
    return f'{head[:-1]},"type":"FeatureCollection","features":{found}}}'.encode()


def feature(db: Connection, asked: FeatureAsked, *, at: datetime) -> bytes:
    """Return one feature's bytes. Raises NotFound."""
    collection = _COLLECTIONS[asked.collection]
    statement = (
        f"SELECT ({_feature(asked)})::text FROM {collection.source}"  # noqa: S608 - this module's constants
        f" WHERE {collection.id} = :id AND s.state = ANY(:shown)"
    )
    found = db.execute(text(statement), {"id": asked.feature_id, "shown": list(SHOWN), "at": at}).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return str(found).encode()


def extents(db: Connection) -> ExtentsView:
    """Return where the sites lie and on which days there are slots."""
    row = db.execute(
        text("""
            SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north,
                   (SELECT visit_on FROM slots WHERE dropped_at IS NULL ORDER BY starts_at LIMIT 1) AS first_on,
                   (SELECT visit_on FROM slots WHERE dropped_at IS NULL ORDER BY starts_at DESC LIMIT 1) AS last_on
              FROM (SELECT ST_Extent(point) AS box FROM sites WHERE state = ANY(:shown)) found
        """),
        {"shown": list(SHOWN)},
    ).one()
    bbox = None if row.west is None else [row.west, row.south, row.east, row.north]
    return ExtentsView(bbox=bbox, first_on=row.first_on, last_on=row.last_on)


def _feature(asked: FeaturesAsked | FeatureAsked) -> str:
    collection = _COLLECTIONS[asked.collection]
    point = "s.point" if asked.srid == 4326 else f"ST_Transform(s.point, {asked.srid:d})"
    if asked.latitude_first:
        point = f"ST_FlipCoordinates({point})"
    return _FEATURE.format(id=collection.id, point=point, digits=_DIGITS[asked.srid], properties=collection.properties)
