"""The map and the list: GeoJSON that PostGIS wrote; who is found, in which order, page by page."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.refusals import BadRequest, NotFound
from contracts.envelope import load
from contracts.sites.places import SitesAsked
from marshmallow import ValidationError
from sites.operations.sites import pinyin_of
from sites.queries import programmes as menus
from sites.queries import sites as queries
from sqlalchemy import Connection, text

from tests.sites.articles import NOON, a_site, a_slot

HERE = [117.9668, 36.6435]
BOX = "117.5,36.3,118.4,36.9"


def asked(**query: Any) -> SitesAsked:
    """What the gateway passes on, through the schema as the door does it."""
    return load(SitesAsked, query)


def found(db: Connection, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(queries.sites(db, asked(**query), at=NOON))
    assert answer["type"] == "FeatureCollection"
    return answer


def names(answer: dict[str, Any]) -> list[str]:
    return [feature["properties"]["name"] for feature in answer["features"]]


class TestAFeature:
    def test_is_geojson_with_the_sites_facts(self, db: Connection) -> None:
        site = a_site(db, name="蒲松龄纪念馆", town="洪山镇", lon=118.00952, lat=36.636288, capacity=60)
        (feature,) = found(db)["features"]
        assert feature["id"] == str(site.id)
        assert feature["type"] == "Feature"
        assert feature["geometry"] == {"type": "Point", "coordinates": [118.00952, 36.636288]}
        properties = feature["properties"]
        assert (properties["name"], properties["town"], properties["capacity"]) == ("蒲松龄纪念馆", "洪山镇", 60)
        assert properties["synthetic"] is False
        assert "distance_m" not in properties

    def test_nothing_found_is_an_empty_collection(self, db: Connection) -> None:
        assert found(db) == {"type": "FeatureCollection", "features": [], "next": None}
        assert found(db, bbox=BOX)["features"] == []

    def test_only_open_sites_are_listed(self, db: Connection) -> None:
        for state in ("proposed", "suspended", "withdrawn"):
            a_site(db, state=state)
        shown = a_site(db)
        assert [feature["id"] for feature in found(db)["features"]] == [str(shown.id)]


class TestFilters:
    def test_by_category_kind_and_town(self, db: Connection) -> None:
        a_site(db, name="甲", category="rural", kind="demonstration_site", town="昆仑镇")
        a_site(db, name="乙", category="urban", kind="service_centre", town="洪山镇")
        assert names(found(db, category="rural")) == ["甲"]
        assert names(found(db, kind="service_centre")) == ["乙"]
        assert names(found(db, town="洪山镇")) == ["乙"]
        assert names(found(db, town="洪山镇", category="rural")) == []

    def test_by_the_size_of_the_party(self, db: Connection) -> None:
        a_site(db, name="小", capacity=20)
        a_site(db, name="大", capacity=200)
        assert names(found(db, seats=50)) == ["大"]

    def test_by_free_seats_on_a_day(self, db: Connection) -> None:
        free, full, closed, past, other_day = (a_site(db, name=name) for name in "空满闭过他")
        day = NOON + timedelta(days=1)
        a_slot(db, site=free, seats=30)
        slot = a_slot(db, site=full, seats=30)
        db.execute(text("UPDATE slots SET seats_taken = 25 WHERE id = :id"), {"id": slot.id})
        a_slot(db, site=closed, seats=30, closed_reason="检修")
        a_slot(db, site=past, seats=30, notice=timedelta(days=2))
        a_slot(db, site=other_day, seats=30, starts_at=day + timedelta(days=1))
        on = str(day.date())
        assert names(found(db, on=on, seats=10)) == ["空"]
        assert sorted(names(found(db, on=on, seats=5))) == ["满", "空"]
        assert {f["properties"]["name"]: f["properties"]["seats_left"] for f in found(db, on=on)["features"]} == {
            "空": 30,
            "满": 5,
        }

    def test_a_day_is_a_day_in_shanghai(self, db: Connection) -> None:
        site = a_site(db)
        a_slot(db, site=site, starts_at=NOON + timedelta(days=1, hours=12))  # 00:00 of the 12th
        assert len(found(db, on="2026-11-12")["features"]) == 1
        assert found(db, on="2026-11-11")["features"] == []


class TestSearch:
    @pytest.fixture(autouse=True)
    def museums(self, db: Connection) -> None:
        for name in ("蒲松龄纪念馆", "焦裕禄纪念馆", "淄博煤矿博物馆", "周村古商城", "100%红色_展馆"):
            a_site(db, name=name, pinyin=pinyin_of(name)[0])
            db.execute(
                text("UPDATE sites SET initials = :initials WHERE name = :name"),
                {"initials": pinyin_of(name)[1], "name": name},
            )

    @pytest.mark.parametrize(
        "q",
        [
            "蒲松龄",
            "蒲松龄纪念馆",
            "松龄",
            "蒲",
            "pusongling",
            "pu song ling",
            "PuSongLing",
            "psl",
            "psljng",
            " 蒲松龄 ",
            "pusonglin",  # a letter short
            "pusngling",  # a letter lost
            "蒲松岭纪念馆",  # a wrong sign of six
        ],
    )
    def test_finds_by_name_pinyin_initials_and_nearly(self, db: Connection, q: str) -> None:
        assert names(found(db, q=q))[0] == "蒲松龄纪念馆"

    @pytest.mark.parametrize("q", ["天安门", "xyzw", "%", "_", "\\", "'; DROP TABLE sites; --"])
    def test_finds_nothing_that_is_not_there(self, db: Connection, q: str) -> None:
        assert set(names(found(db, q=q))) <= {"100%红色_展馆"}

    @pytest.mark.parametrize("q", ["100%", "红色_展"])
    def test_a_sign_of_the_pattern_language_means_itself(self, db: Connection, q: str) -> None:
        assert names(found(db, q=q)) == ["100%红色_展馆"]

    def test_an_exact_part_comes_before_a_likeness(self, db: Connection) -> None:
        assert names(found(db, q="纪念馆"))[:2] == ["焦裕禄纪念馆", "蒲松龄纪念馆"]

    def test_an_empty_search_is_none(self, db: Connection) -> None:
        assert len(found(db, q="")["features"]) == len(found(db, q="  ")["features"]) == 5

    def test_trigrams_know_chinese(self, db: Connection) -> None:
        assert db.execute(text("SELECT similarity('蒲松龄纪念馆', '蒲松岭纪念馆')")).scalar_one() > 0.3


class TestNear:
    def test_orders_by_distance_and_says_it(self, db: Connection) -> None:
        for name, lon in (("远", 118.4), ("近", 117.97), ("中", 118.1)):
            a_site(db, name=name, lon=lon, lat=HERE[1])
        answer = found(db, near="117.9668,36.6435")
        assert names(answer) == ["近", "中", "远"]
        distances = [feature["properties"]["distance_m"] for feature in answer["features"]]
        assert distances == sorted(distances)
        assert distances[0] == pytest.approx(286, abs=2)

    def test_goes_with_search_and_filters(self, db: Connection) -> None:
        a_site(db, name="近纪念馆", lon=117.97)
        a_site(db, name="远纪念馆", lon=118.1, category="rural")
        a_site(db, name="近博物馆", lon=117.96)
        assert names(found(db, near="117.9668,36.6435", q="纪念馆")) == ["近纪念馆", "远纪念馆"]
        assert names(found(db, near="117.9668,36.6435", category="rural")) == ["远纪念馆"]

    def test_within_so_many_kilometres(self, db: Connection) -> None:
        a_site(db, name="近", lon=117.97)
        a_site(db, name="远", lon=118.4)
        assert names(found(db, near="117.9668,36.6435", within_km=5)) == ["近"]
        assert names(found(db, near="117.9668,36.6435", within_km=50)) == ["近", "远"]
        assert names(found(db, near="117.9668,36.6435", within_km=5, bbox=BOX)) == ["近"]
        assert len(found(db, within_km=5)["features"]) == 2  # from nowhere


class TestPages:
    @pytest.mark.parametrize("query", [{}, {"near": "117.9668,36.6435"}, {"q": "馆"}])
    def test_walk_through_all_once(self, db: Connection, query: Any) -> None:
        for number in range(23):
            # Names of equal pinyin and points of equal distance: the id decides.
            a_site(db, name=f"{number % 4}馆", pinyin=f"{number % 4} guan", lon=118 + number % 5 / 100)
        whole = found(db, **query)
        assert whole["next"] is None
        walked, cursor, pages = [], None, 0
        while True:
            page = found(db, limit=5, **query, **({"cursor": cursor} if cursor else {}))
            walked += page["features"]
            cursor, pages = page["next"], pages + 1
            if cursor is None:
                break
        assert [feature["id"] for feature in walked] == [feature["id"] for feature in whole["features"]]
        assert len({feature["id"] for feature in walked}) == 23
        assert pages == 5

    def test_the_last_full_page_says_that_it_is_the_last(self, db: Connection) -> None:
        for _ in range(5):
            a_site(db)
        assert found(db, limit=5)["next"] is None

    @pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJhIl0", "蒲松龄", "W251bGwsbnVsbF0"])
    def test_refuse_a_cursor_of_somebody_else(self, db: Connection, cursor: str) -> None:
        with pytest.raises(BadRequest):
            found(db, cursor=cursor)


class TestTheBox:
    def test_holds_what_lies_in_it(self, db: Connection) -> None:
        a_site(db, name="内", lon=118.0, lat=36.6)
        a_site(db, name="外", lon=119.0, lat=36.6)
        answer = found(db, bbox=BOX)
        assert names(answer) == ["内"]
        assert "truncated" not in answer
        assert answer["next"] is None

    def test_goes_with_the_filters(self, db: Connection) -> None:
        a_site(db, name="甲", category="rural")
        a_site(db, name="乙", category="urban")
        assert names(found(db, bbox=BOX, category="urban")) == ["乙"]
        assert names(found(db, bbox=BOX, q="甲")) == ["甲"]

    def test_over_the_limit_it_counts_by_cells(self, db: Connection) -> None:
        for number in range(60):
            a_site(db, lon=117.6 + number % 10 / 100, lat=36.4 + number // 10 / 100)
        alone = a_site(db, name="独", lon=118.3, lat=36.85)
        answer = found(db, bbox=BOX, limit=16)
        assert answer["truncated"] is True
        assert len(answer["features"]) <= 16
        clusters = [feature for feature in answer["features"] if feature["properties"].get("cluster")]
        singles = [feature for feature in answer["features"] if "cluster" not in feature["properties"]]
        assert sum(cluster["properties"]["count"] for cluster in clusters) + len(singles) == 61
        assert str(alone.id) in {feature["id"] for feature in singles}
        for cluster in clusters:
            lon, lat = cluster["geometry"]["coordinates"]
            assert 117.6 <= lon <= 118.3
            assert 36.4 <= lat <= 36.85

    def test_exactly_the_limit_is_not_over_it(self, db: Connection) -> None:
        for _ in range(16):
            a_site(db)
        answer = found(db, bbox=BOX, limit=16)
        assert len(answer["features"]) == 16
        assert "truncated" not in answer

    def test_without_width_it_still_answers(self, db: Connection) -> None:
        for _ in range(3):
            a_site(db, lon=118.0, lat=36.6)
        answer = found(db, bbox="118.0,36.6,118.0,36.6", limit=2)
        assert answer["truncated"] is True
        assert answer["features"][0]["properties"] == {"cluster": True, "count": 3}

    def test_may_span_the_date_line(self, db: Connection) -> None:
        a_site(db, name="斐济", lon=178.0, lat=-17.0)
        a_site(db, name="萨摩亚", lon=-172.0, lat=-13.0)
        a_site(db, name="淄川")
        assert sorted(names(found(db, bbox="170,-20,-170,-10"))) == ["斐济", "萨摩亚"]
        assert found(db, bbox="170,-20,-170,-10", limit=1)["truncated"] is True

    @pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "0,50,10,40", "-181,0,0,1", "", "1,2,3,nan"])
    def test_refuses_what_is_no_box(self, bbox: str) -> None:
        with pytest.raises(ValidationError):
            asked(bbox=bbox)


class TestOneSite:
    def test_is_shown_with_its_point(self, db: Connection) -> None:
        site = a_site(db, name="蒲松龄纪念馆", lon=118.00952, lat=36.636288)
        view = queries.site(db, site.id)
        assert view.point == {"type": "Point", "coordinates": [118.00952, 36.636288]}
        assert (view.name, view.state, view.version) == ("蒲松龄纪念馆", "open", 1)

    @pytest.mark.parametrize("state", ["proposed", "withdrawn"])
    def test_that_is_not_public_does_not_exist(self, db: Connection, state: str) -> None:
        hidden = a_site(db, state=state)
        for ask in (queries.site, menus.offered, queries.navigation):
            with pytest.raises(NotFound):
                ask(db, hidden.id)
            with pytest.raises(NotFound):
                ask(db, uuid4())

    def test_a_suspended_one_is_shown_as_such(self, db: Connection) -> None:
        assert queries.site(db, a_site(db, state="suspended").id).state == "suspended"

    def test_shows_its_menu(self, db: Connection) -> None:
        site = a_site(db)
        (programme,) = menus.offered(db, site.id).items
        assert (programme.id, programme.name, programme.minutes) == (site.programme_id, "参观学习", 60)

    def test_leads_there_in_each_map_programme(self, db: Connection) -> None:
        links = queries.navigation(db, a_site(db, lon=118.00952, lat=36.636288).id)
        assert links.geo == "geo:36.636288,118.009520"
        assert "118.0154" in links.amap


def test_ids_of_the_features_are_ids_of_sites(db: Connection) -> None:
    site = a_site(db)
    assert UUID(found(db)["features"][0]["id"]) == site.id
    assert date(2026, 11, 10) == NOON.date()
