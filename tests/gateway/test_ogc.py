"""OGC API – Features as others read it: GDAL's programs, OWSLib, a browser, and what they get for nonsense (G2)."""

import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from chassis import clock
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV30SpecValidator, validate
from owslib.ogcapi.features import Features
from werkzeug.serving import make_server

from tests.gateway.conftest import STANDING, Standing
from tests.sites.articles import Site, a_site, a_slot

pytestmark = STANDING

TOWN = "测试镇"
CRS = "http://www.opengis.net/def/crs/"
KNOWN = 5


@pytest.fixture(scope="module")
def sites(services: Standing) -> list[Site]:
    """Five sites of one town in a row to the east, each with a slot tomorrow; two that come first have no town."""
    tomorrow = clock.now().replace(microsecond=0) + timedelta(days=1)
    with services.engines["sites"].begin() as db:
        made = [a_site(db, name=f"展馆{number}", town=TOWN, lon=118 + number / 10) for number in range(KNOWN)]
        for name in ("阿", "啊"):
            a_site(db, name=name, pinyin="a")
        for site in made:
            a_slot(db, site=site, starts_at=tomorrow)
    return made


@pytest.fixture(scope="module")
def address(app: Flask, sites: list[Site]) -> Iterator[str]:
    """Where the gateway listens, for programs that only speak HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ogc"
    server.shutdown()
    thread.join()


def items(client: FlaskClient, collection: str = "sites", **query: Any) -> dict[str, Any]:
    answer = client.get(f"/ogc/collections/{collection}/items?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/geo+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["numberReturned"] == len(document["features"])
    return document


def rel(document: dict[str, Any], name: str) -> str | None:
    return next((link["href"] for link in document["links"] if link["rel"] == name), None)


class TestPrograms:
    def test_ogrinfo_reads_every_site(self, address: str) -> None:
        told = subprocess.run(
            ["ogrinfo", "-ro", "-al", "-so", f"OAPIF:{address}", "sites", "-oo", "PAGE_SIZE=2"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Geometry: Point" in told.stdout
        count = int(told.stdout.split("Feature Count: ")[1].split()[0])
        assert count >= KNOWN
        assert "category: String" in told.stdout

    def test_ogr2ogr_copies_them_in_another_reference_system(self, address: str, tmp_path: Any) -> None:
        copy = tmp_path / "copy.geojson"
        source = f"OAPIF:{address}/collections/sites"
        arguments = ["-where", f"town='{TOWN}'", "-oo", "PAGE_SIZE=2", "-lco", "COORDINATE_PRECISION=6"]
        subprocess.run(
            ["ogr2ogr", "-f", "GeoJSON", "-spat", "117.99", "36", "118.21", "37", *arguments, str(copy), source],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        copied = json.loads(copy.read_text())["features"]
        assert sorted(feature["properties"]["name"] for feature in copied) == ["展馆0", "展馆1", "展馆2"]
        assert min(feature["geometry"]["coordinates"][0] for feature in copied) == pytest.approx(118)

    def test_owslib_finds_collections_queryables_and_items(self, address: str) -> None:
        api = Features(address)
        assert api.conformance()["conformsTo"]
        assert api.feature_collections() == ["sites", "slots"]
        assert "town" in api.collection_queryables("sites")["properties"]
        found = api.collection_items("sites", bbox=[117.95, 36, 118.25, 37], limit=2, town=TOWN)
        assert found["numberReturned"] == 2
        one = api.collection_item("sites", found["features"][0]["id"])
        assert one["properties"]["town"] == TOWN


class TestDocuments:
    def test_the_description_is_valid_openapi_3_0(self, nobody_behind: Flask) -> None:
        answer = nobody_behind.test_client().get("/ogc/api?f=json")
        assert answer.content_type.startswith("application/vnd.oai.openapi+json;version=3.0")
        document = json.loads(answer.data)
        validate(document, cls=OpenAPIV30SpecValidator)
        assert "/collections/slots/items" in document["paths"]

    def test_every_link_leads_somewhere(self, client: FlaskClient, sites: list[Site]) -> None:
        seen: set[str] = set()
        ahead = ["http://localhost/ogc?f=json"]
        while ahead:
            address = ahead.pop()
            if address in seen:
                continue
            seen.add(address)
            answer = client.get(address)
            assert answer.status_code == 200, address
            if answer.is_json or "json" in answer.content_type:
                document = json.loads(answer.data)
                for holder in (document, *document.get("collections", ())):
                    ahead += [link["href"] for link in holder.get("links", ())]
        assert len(seen) > 15

    @pytest.mark.parametrize(
        "path", ["", "/", "/conformance", "/api", "/collections", "/collections/sites", "/collections/slots/queryables"]
    )
    def test_people_get_pages_and_programs_json(self, client: FlaskClient, sites: list[Site], path: str) -> None:
        page = client.get("/ogc" + path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert page.content_type.startswith("text/html")
        assert "<h1>" in page.text
        assert "json" in client.get("/ogc" + path).content_type
        assert "json" in client.get("/ogc" + path, headers={"Accept": "*/*"}).content_type
        assert client.get("/ogc" + path, headers={"Accept": "image/png"}).status_code == 406

    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_items_are_a_page_too(self, client: FlaskClient, sites: list[Site], language: str) -> None:
        headers = {"Accept-Language": language}
        for collection in ("sites", "slots"):
            page = client.get(f"/ogc/collections/{collection}/items?f=html&limit=2&town={TOWN}", headers=headers)
            assert page.status_code == 200
            assert "展馆" in page.text
            assert 'rel="next"' in page.text
            feature = items(client, collection, town=TOWN)["features"][0]["id"]
            one = client.get(f"/ogc/collections/{collection}/items/{feature}?f=html", headers=headers)
            assert feature in one.text


class TestItems:
    def test_pages_lead_on_to_the_end(self, client: FlaskClient, sites: list[Site]) -> None:
        page = items(client, town=TOWN, limit=2)
        assert "numberMatched" not in page
        names = []
        while True:
            names += [feature["properties"]["name"] for feature in page["features"]]
            following = rel(page, "next")
            if following is None:
                break
            assert "town=" in following
            page = json.loads(client.get(following).data)
        assert sorted(names) == [f"展馆{number}" for number in range(KNOWN)]
        assert items(client, town=TOWN)["numberMatched"] == KNOWN

    def test_a_box_is_read_in_each_reference_system(self, client: FlaskClient, sites: list[Site]) -> None:
        plain = {"bbox": "118.05,36,118.25,37"}
        assert len(items(client, town=TOWN, **plain)["features"]) == 2
        assert len(items(client, town=TOWN, bbox="118.05,36,0,118.25,37,100")["features"]) == 2
        for name, box in (
            ("EPSG/0/4326", "36,118.05,37,118.25"),
            ("EPSG/0/4490", "36,118.05,37,118.25"),
            ("EPSG/0/3857", "13141266,4300621,13163530,4439107"),
            ("OGC/1.3/CRS84", plain["bbox"]),
        ):
            found = items(client, town=TOWN, bbox=box, **{"bbox-crs": CRS + name})
            assert [feature["properties"]["name"] for feature in found["features"]] == ["展馆1", "展馆2"], name

    def test_the_answer_says_its_reference_system(self, client: FlaskClient, sites: list[Site]) -> None:
        here = "/ogc/collections/sites/items"
        assert client.get(here).headers["Content-Crs"] == f"<{CRS}OGC/1.3/CRS84>"
        answer = client.get(f"{here}?crs={CRS}EPSG/0/4326&town={TOWN}")
        assert answer.headers["Content-Crs"] == f"<{CRS}EPSG/0/4326>"
        latitude, longitude = json.loads(answer.data)["features"][0]["geometry"]["coordinates"]
        assert latitude < 40 < longitude

    def test_a_time_finds_slots_and_leaves_sites_alone(self, client: FlaskClient, sites: list[Site]) -> None:
        today, tomorrow = clock.today(clock.now()), clock.today(clock.now()) + timedelta(days=1)
        for given, count in (
            (f"{tomorrow}/..", KNOWN),
            (f"../{tomorrow + timedelta(days=1)}", KNOWN),
            (f"{today - timedelta(days=9)}/{today - timedelta(days=1)}", 0),
            (f"{today}T00:00:00+08:00/", KNOWN),
            ("2030-01-01", 0),
        ):
            assert len(items(client, "slots", town=TOWN, datetime=given)["features"]) == count, given
        assert len(items(client, town=TOWN, datetime="2030-01-01")["features"]) == KNOWN

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"bbox": "1,2,3"}, "bbox"),
            ({"bbox": "1,2,3,x"}, "bbox"),
            ({"bbox": "1,2,nan,4"}, "bbox"),
            ({"bbox": "0,50,10,40"}, "bbox"),
            ({"bbox": "118,36,119,37", "bbox-crs": CRS + "EPSG/0/4326"}, "bbox"),
            ({"bbox": "0,0,1e9,1", "bbox-crs": CRS + "EPSG/0/3857"}, "bbox"),
            ({"bbox-crs": "EPSG:2437"}, "bbox-crs"),
            ({"crs": "x"}, "crs"),
            ({"datetime": "yesterday"}, "datetime"),
            ({"datetime": "2026-01-01T00:00:00"}, "datetime"),
            ({"datetime": "2026-02-01/2026-01-01"}, "datetime"),
            ({"datetime": "../.."}, "datetime"),
            ({"datetime": "0001-01-01T00:00:00Z"}, "datetime"),
            ({"limit": "0"}, "limit"),
            ({"limit": "many"}, "limit"),
            ({"cursor": "x"}, "cursor"),
            ({"category": "x"}, "category"),
            ({"f": "gml"}, "f"),
            ({"colour": "red"}, "colour"),
            ({"town": "\x00"}, "town"),
        ],
    )
    def test_what_cannot_be_read_is_named(
        self, client: FlaskClient, sites: list[Site], query: dict[str, str], field: str
    ) -> None:
        for language in ("zh-CN", "en"):
            answer = client.get(
                f"/ogc/collections/sites/items?{urlencode(query)}", headers={"Accept-Language": language}
            )
            assert answer.status_code == 400
            assert answer.content_type == "application/problem+json"
            assert list(json.loads(answer.data)["errors"]) == [field]

    @pytest.mark.parametrize("path", ["x", "x/items", "sites/items/x", f"sites/items/{'0' * 32}"])
    def test_what_is_not_there_is_not_found(self, client: FlaskClient, services: Standing, path: str) -> None:
        assert client.get(f"/ogc/collections/{path}").status_code == 404
