"""OGC API – Features at the door of sites: pages, boxes, times, filters, reference systems (G2)."""

import json
from datetime import timedelta
from math import degrees, log, pi, radians, tan
from typing import Any
from uuid import uuid4

import pytest
from chassis.refusals import BadRequest, InvalidInput, NotFound
from contracts.envelope import load
from contracts.sites.features import FeatureAsked, FeaturesAsked
from sites.queries import features as queries
from sqlalchemy import Connection, text

from tests.sites.articles import NOON, a_site, a_slot

METRES_A_DEGREE = 6_378_137 * pi / 180  # at the equator, in web Mercator


def found(db: Connection, collection: str = "sites", **query: Any) -> dict[str, Any]:
    asked = load(FeaturesAsked, {"collection": collection, **query})
    answer: dict[str, Any] = json.loads(queries.features(db, asked, at=NOON))
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def test_the_head_stands_before_the_features(db: Connection) -> None:
    a_site(db)
    answer = queries.features(db, FeaturesAsked("sites"), at=NOON)
    head = json.loads(answer.partition(b',"type":')[0] + b"}")
    assert head == {"next": None, "numberReturned": 1}


def test_public_sites_are_there_and_no_others(db: Connection) -> None:
    shown = [a_site(db, state=state) for state in ("open", "suspended", "proposed", "withdrawn")][:2]
    assert set(ids(found(db))) == {str(site.id) for site in shown}
    assert ids(found(db, filters={"state": "suspended"})) == [str(shown[1].id)]


@pytest.mark.parametrize("collection", ["sites", "slots"])
def test_pages_walk_through_all_once(db: Connection, collection: str) -> None:
    for number in range(11):
        site = a_site(db, pinyin=f"{number % 3} guan")
        a_slot(db, site=site, starts_at=NOON + timedelta(hours=number % 4))
    whole = found(db, collection)
    walked, cursor = [], None
    while True:
        page = found(db, collection, limit=4, cursor=cursor)
        walked += ids(page)
        cursor = page["next"]
        if cursor is None:
            break
    assert walked == ids(whole)
    assert len(set(walked)) == 11
    with pytest.raises(BadRequest):
        found(db, collection, cursor="x")


def test_a_time_finds_the_slots_that_touch_it(db: Connection) -> None:
    begun, later = a_slot(db, starts_at=NOON - timedelta(minutes=30)), a_slot(db, starts_at=NOON + timedelta(hours=5))
    at = NOON.isoformat()
    assert ids(found(db, "slots", from_at=at, until_at=at)) == [str(begun.id)]
    assert ids(found(db, "slots", from_at=at)) == [str(begun.id), str(later.id)]
    assert ids(found(db, "slots", until_at=at)) == [str(begun.id)]
    assert ids(found(db, "slots", from_at=(NOON + timedelta(hours=2)).isoformat())) == [str(later.id)]


class TestFilters:
    def test_by_words_ids_days_and_truths(self, db: Connection) -> None:
        rural, urban = a_site(db, category="rural"), a_site(db, category="urban")
        free, closed = a_slot(db, site=rural), a_slot(db, site=urban, closed_reason="检修")
        assert ids(found(db, filters={"category": "rural", "synthetic": "false"})) == [str(rural.id)]
        assert ids(found(db, "slots", filters={"site_id": str(urban.id)})) == [str(closed.id)]
        assert ids(found(db, "slots", filters={"bookable": "true", "visit_on": "2026-11-11"})) == [str(free.id)]

    @pytest.mark.parametrize(
        "filters",
        [{"category": "x"}, {"bookable": "perhaps"}, {"site_id": "1"}, {"visit_on": "soon"}, {"secret": "1"}],
    )
    def test_what_is_none_is_named(self, db: Connection, filters: dict[str, str]) -> None:
        with pytest.raises(InvalidInput) as refused:
            found(db, "slots", filters=filters)
        assert set(refused.value.errors) == set(filters)


class TestReferenceSystems:
    @pytest.mark.parametrize(
        ("srid", "latitude_first", "expected"),
        [
            (4326, False, (118.00952, 36.636288)),
            (4326, True, (36.636288, 118.00952)),
            (4490, True, (36.636288, 118.00952)),
            (
                3857,
                False,
                (118.00952 * METRES_A_DEGREE, log(tan(radians(45 + 36.636288 / 2))) * degrees(METRES_A_DEGREE)),
            ),
        ],
    )
    def test_the_point_comes_in_each(
        self, db: Connection, srid: int, latitude_first: bool, expected: tuple[float, float]
    ) -> None:
        site = a_site(db, lon=118.00952, lat=36.636288)
        asked = FeatureAsked("sites", site.id, srid=srid, latitude_first=latitude_first)
        one = json.loads(queries.feature(db, asked, at=NOON))
        assert one["geometry"]["coordinates"] == pytest.approx(expected, rel=1e-8)
        (same,) = found(db, srid=srid, latitude_first=latitude_first)["features"]
        assert same == one


def test_a_feature_that_is_not_public_is_not_there(db: Connection) -> None:
    for hidden in (a_site(db, state="proposed").id, uuid4()):
        with pytest.raises(NotFound):
            queries.feature(db, FeatureAsked("sites", hidden), at=NOON)


def test_a_slot_that_the_rules_dropped_is_not_there(db: Connection) -> None:
    kept, dropped = a_slot(db), a_slot(db)
    db.execute(text("UPDATE slots SET dropped_at = now(), closed_reason = '改期' WHERE id = :id"), {"id": dropped.id})
    assert ids(found(db, "slots")) == [str(kept.id)]
    with pytest.raises(NotFound):
        queries.feature(db, FeatureAsked("slots", dropped.id), at=NOON)


def test_extents_span_all_there_is(db: Connection) -> None:
    nothing = queries.extents(db)
    assert (nothing.bbox, nothing.first_on) == (None, None)
    a_site(db, lon=117.5, lat=36.4)
    a_slot(db, site=a_site(db, lon=118.2, lat=36.8))
    extents = queries.extents(db)
    assert extents.bbox == [117.5, 36.4, 118.2, 36.8]
    assert str(extents.first_on) == str(extents.last_on) == "2026-11-11"
