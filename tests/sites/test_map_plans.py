"""How PostgreSQL reads the map of many sites: a town's box, what is near and a page by their indexes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from chassis.database import connect
from contracts.sites.features import FeaturesAsked
from contracts.sites.places import SitesAsked
from sites.queries import features, sites
from sqlalchemy import Connection, event, text

from tests.conftest import TestDatabase
from tests.sites.articles import NOON, a_slot

TOWN = [117.95, 36.60, 117.98, 36.63]
MANY = 5_000
MANY_SITES = """
INSERT INTO sites (id, code, name, pinyin, initials, category, kind, district, town, point, point_datum, point_source,
                   capacity, visit_minutes, managing_organisation_id, managing_organisation, managing_path, state)
SELECT gen_random_uuid(), 'many-' || n, '展馆' || n, 'zhan guan ' || n, 'zg' || n, 'rural', 'service_centre', '淄川区',
       '镇' || n % 13,
       ST_SetSRID(ST_MakePoint(117.5 + (n * 7919 % 9000) / 10000.0, 36.2 + (n * 104729 % 8000) / 10000.0), 4326),
       'WGS-84', 'test', 60, 60, gen_random_uuid(), '党委', '3703.many', 'open'
  FROM generate_series(1, :many) AS n
"""


@pytest.fixture(scope="module")
def many_sites(clone_of: Callable[[str], TestDatabase]) -> Iterator[Connection]:
    """Some thousand sites around Zibo, and the statistics that say so, which only their owner can take."""
    database = clone_of("sites")
    owner, service = (connect(url, service="sites") for url in (database.owner_url, database.url))
    with owner.begin() as db:
        a_slot(db)
        db.execute(text(MANY_SITES), {"many": MANY})
        db.execute(text("ANALYZE sites"))
    with service.connect() as db:
        yield db
    for engine in (owner, service):
        engine.dispose()


def plan_of(db: Connection, ask: Callable[[], Any]) -> str:
    """Return how the last statement of `ask` is carried out."""
    said: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(db, "before_cursor_execute", listen)
    ask()
    event.remove(db, "before_cursor_execute", listen)
    raw: Any = db.connection.dbapi_connection
    with raw.cursor() as cursor:
        cursor.execute("EXPLAIN " + said[-1][0], said[-1][1])
        return "\n".join(row[0] for row in cursor)


@pytest.mark.parametrize(
    ("what", "index"),
    [
        ({"bbox": TOWN}, "sites_point_idx"),
        ({"bbox": TOWN, "category": "rural", "limit": 5}, "sites_point_idx"),
        ({"near": [117.96, 36.61], "within_km": 2}, "sites_geography_idx"),
        ({"limit": 50}, "sites_pinyin_idx"),
    ],
)
def test_a_part_of_the_map_is_read_by_its_index(many_sites: Connection, what: dict[str, Any], index: str) -> None:
    plan = plan_of(many_sites, lambda: sites.sites(many_sites, SitesAsked(**what), at=NOON))
    assert index in plan, plan
    if "limit" not in what or "bbox" in what:  # a page's fifty are looked up in whichever way is cheaper
        assert "Seq Scan on sites" not in plan, plan


def test_free_seats_of_a_day_are_read_by_site_and_day(many_sites: Connection) -> None:
    asked = SitesAsked(bbox=TOWN, on=(NOON + timedelta(days=1)).date(), seats=10)
    plan = plan_of(many_sites, lambda: sites.sites(many_sites, asked, at=NOON))
    assert "Seq Scan on sites" not in plan, plan


@pytest.mark.parametrize("asked", [FeaturesAsked("sites", bbox=TOWN), FeaturesAsked("sites", limit=50)])
def test_features_are_read_by_their_index(many_sites: Connection, asked: FeaturesAsked) -> None:
    plan = plan_of(many_sites, lambda: features.features(many_sites, asked, at=NOON))
    assert "Seq Scan on sites" not in plan, plan
