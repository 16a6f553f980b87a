"""Sites as files: every bad cell is named, nothing is half imported or changes twice; points come back exactly."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis import jobs
from chassis.actors import Forbidden
from chassis.files import FileStore
from contracts.envelope import StoredFile, load, plain
from contracts.sites.imports import ApplySiteImport, PreviewSiteImport, SiteExportAsked
from contracts.sites.pictures import PICTURES_MAX, AddPicture, OrderPictures, RemovePicture
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.geography import Point, distance_m, in_datum, wgs84_of
from sites.domain.site_tables import COLUMNS, read
from sites.operations import pictures, site_exports, site_imports
from sqlalchemy import Connection, text

from tests.articles import NOON, an_actor
from tests.sites.articles import DISTRICT, a_branch, a_site, a_steward
from tests.sites.test_site_records import OFFICER

IN_CHINA = st.tuples(st.floats(74, 134), st.floats(18, 53))


@given(IN_CHINA, st.sampled_from(["GCJ-02", "BD-09", "CGCS2000", "WGS-84"]))
def test_a_point_comes_back_from_any_datum_within_a_millimetre(place: tuple[float, float], datum: str) -> None:
    here = Point(lon=place[0], lat=place[1])
    assert distance_m(wgs84_of(in_datum(here, datum=datum), datum=datum), here) < 0.001


GOOD = {
    "code": "n1",
    "name": "新馆",
    "category": "农村党建",
    "kind": "教育基地",
    "district": "淄川区",
    "town": "洪山镇",
    "address": "",
    "lon": "118.01546",
    "lat": "36.63658",
    "capacity": "60.0",
    "visit_minutes": "45",
    "hours_text": "",
    "managing_organisation": "",
}


def a_table(*rows: dict[str, str], headings: list[str] | None = None) -> list[list[str]]:
    return [headings or list(COLUMNS.values()), *[[{**GOOD, **row}[name] for name in COLUMNS] for row in rows]]


class TestTheTable:
    def test_takes_what_is_right_in_its_datum(self) -> None:
        (row,), faults = read(a_table({}), datum="GCJ-02")
        assert faults == []
        assert row.fields["category"] == "rural"
        assert row.fields["capacity"] == 60
        assert distance_m(row.point, Point(lon=118.00952, lat=36.636288)) < 1

    @pytest.mark.parametrize(
        ("cell", "column", "reason"),
        [
            ({"code": ""}, "编号", "Missing data for required field."),
            ({"category": "工业党建"}, "类别", "Must be one of: 农村党建、城市党建、两新党建、党建综合."),
            ({"lon": "东经118"}, "经度", "Not a valid number."),
            ({"lon": "36.6", "lat": "118.0"}, "经度", "The point lies outside China; write longitude first."),
            ({"lon": "nan"}, "经度", "The point lies outside China; write longitude first."),
            ({"capacity": "很多"}, "容纳人数", "Must be greater than or equal to 1 and less than or equal to 100000."),
            ({"capacity": "0"}, "容纳人数", "Must be greater than or equal to 1 and less than or equal to 100000."),
            ({"name": "名" * 201}, "名称", "This text is too long."),
        ],
    )
    def test_names_each_bad_cell(self, cell: dict[str, str], column: str, reason: str) -> None:
        rows, (fault,) = read(a_table({"code": "n0"}, cell), datum="WGS-84")
        assert (fault.row, fault.column, fault.reason) == (3, column, reason)
        assert len(rows) == 1

    def test_names_the_longitude_too_where_the_latitude_is_no_number(self) -> None:
        rows, faults = read(a_table({"lon": "517.9", "lat": "abc"}), datum="WGS-84")
        assert (rows, [fault.column for fault in faults]) == ([], ["纬度", "经度"])

    def test_names_repeated_codes_and_strange_or_missing_columns(self) -> None:
        _, (twice,) = read(a_table({}, {}), datum="WGS-84")
        assert (twice.row, twice.reason) == (3, "This code stands in an earlier row as well.")
        _, faults = read([["编号", "编号", "颜色"]], datum="WGS-84")
        reasons = {fault.reason for fault in faults}
        assert reasons == {"This column is missing.", "This column is not known.", "This column is there twice."}
        assert read([], datum="WGS-84")[1]


class TestImporting:
    @pytest.fixture
    def files(self, tmp_path: Path) -> FileStore:
        return FileStore(tmp_path)

    def run(self, db: Connection, files: FileStore, content: bytes, *, writes: bool, datum: str = "WGS-84") -> Any:
        stored = files.put(io.BytesIO(content), name="f", media_types=("text/plain", "text/csv"), max_bytes=10**7)
        params = {"file": plain(stored), "datum": datum, "paths": [DISTRICT], "by_name": "李", "by_id": str(uuid4())}
        return site_imports.run(
            db, files, params=params, writes=writes, at=NOON, progress=lambda done, total=None: None
        )

    def test_writes_all_once_and_only_what_changed(self, db: Connection, files: FileStore) -> None:
        keeper = a_branch(db)
        code = keeper.path.rpartition(".")[2]
        table = a_table({"managing_organisation": code}, {"code": "n2", "managing_organisation": code})
        content = "\n".join(",".join(row) for row in table).encode("gb18030")
        assert self.run(db, files, content, writes=False)["new"] == 2
        assert db.execute(text("SELECT count(*) FROM sites")).scalar_one() == 0
        assert self.run(db, files, content, writes=True)["new"] == 2
        again = self.run(db, files, content, writes=True)
        assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
        changed = self.run(db, files, content.replace(b"45", b"50", 1), writes=True)
        assert (changed["changed"], changed["unchanged"]) == (1, 1)
        authors = db.execute(text("SELECT move, by_name FROM site_history WHERE by_id IS NOT NULL ORDER BY move"))
        assert [tuple(row) for row in authors] == [("import", "李"), ("register", "李"), ("register", "李")]
        history = db.execute(text("SELECT changes FROM site_history WHERE move = 'import'")).scalars().all()
        assert history == [{"visit_minutes": [45, 50]}]
        assert set(db.execute(text("SELECT state FROM sites")).scalars()) == {"proposed"}

    def test_of_a_file_with_one_bad_cell_writes_nothing(self, db: Connection, files: FileStore) -> None:
        keeper = a_branch(db)
        code = keeper.path.rpartition(".")[2]
        table = a_table({"managing_organisation": code}, {"code": "n2", "managing_organisation": "nobody"})
        content = "\n".join(",".join(row) for row in table).encode()
        told = self.run(db, files, content, writes=False)
        (fault,) = told["faults"]
        assert (fault["row"], fault["found"], fault["reason"]) == (3, "nobody", "This organisation is not known.")
        with pytest.raises(site_imports.ImportFaulty):
            self.run(db, files, content, writes=True)
        assert db.execute(text("SELECT count(*) FROM sites")).scalar_one() == 0

    def test_stays_within_the_importers_tree(self, db: Connection, files: FileStore) -> None:
        site = a_site(db)
        db.execute(text("UPDATE sites SET managing_path = '3799.x', code = 'n1' WHERE id = :id"), {"id": site.id})
        content = "\n".join(",".join(row) for row in a_table({})).encode()
        (fault,) = self.run(db, files, content, writes=False)["faults"]
        assert fault["reason"] == "This site is not in your part of the tree."

    def test_makes_no_training_base_that_nobody_checked(self, db: Connection, files: FileStore) -> None:
        code = a_branch(db).path.rpartition(".")[2]
        site = a_site(db)
        db.execute(text("UPDATE sites SET code = 'n1' WHERE id = :id"), {"id": site.id})
        table = a_table({"kind": "实训基地"}, {"code": "n2", "kind": "实训基地", "managing_organisation": code})
        content = "\n".join(",".join(row) for row in table).encode()
        faults = self.run(db, files, content, writes=False)["faults"]
        assert [(fault["row"], fault["column"]) for fault in faults] == [(2, "类型"), (3, "类型")]
        db.execute(text("UPDATE sites SET kind = 'training_base' WHERE id = :id"), {"id": site.id})
        assert [fault["row"] for fault in self.run(db, files, content, writes=False)["faults"]] == [3]

    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            b'{"features": [1]}',
            b'{"features": ' + b"[" * 50_000,
            b"\xff\xfe\x81",
            b'{"features": ['
            + b",".join([b'{"geometry": {"coordinates": [118, 36]}, "properties": {}}'] * 20_001)
            + b"]}",
            b'{"features": [{"geometry": {"coordinates": [118, 36]}, "properties": {"name": "\\ud800"}}]}',
        ],
    )
    def test_a_file_that_cannot_be_read_says_so(self, db: Connection, content: bytes) -> None:
        with pytest.raises(site_imports.SitesFileUnreadable):
            site_imports.table_of(io.BytesIO(content))

    @pytest.mark.parametrize("datum", ["WGS-84", "GCJ-02", "BD-09"])
    @pytest.mark.parametrize("form", ["csv", "geojson"])
    def test_an_export_comes_back_unchanged(self, db: Connection, files: FileStore, form: str, datum: str) -> None:
        a_site(db, name="=甲", lon=118.0095201234, lat=36.6362880987)
        a_site(db, name="乙", lon=117.99, lat=36.5)
        asked = load(SiteExportAsked, {"format": form, "datum": datum})
        stored = site_exports.export(db, files, asked=asked, actor=OFFICER)
        with files.open(stored.sha256) as file:
            told = self.run(db, files, file.read(), writes=False, datum=datum)
        # A spreadsheet's formula is made inert on its way out, and so differs on its way in.
        assert (told["new"], told["changed"]) == (0, 1 if form == "csv" else 0)

    @pytest.mark.parametrize("form", ["csv", "geojson"])
    def test_an_export_is_written_aside(self, db: Connection, files: FileStore, form: str) -> None:
        a_site(db)
        asked = load(SiteExportAsked, {"format": form})
        stored = site_exports.export(db, files, asked=asked, actor=OFFICER, aside=lambda act: act()[:0] + b"{}")
        assert stored.size == 2

    def test_is_asked_for_by_officers_and_taken_over_only_when_sound(self, db: Connection) -> None:
        file = StoredFile(sha256="0" * 64, size=1, media_type="text/csv", name="f.csv")
        asked = PreviewSiteImport(file=file, datum="WGS-84")
        with pytest.raises(Forbidden):
            site_imports.preview(db, asked=asked, actor=an_actor(("steward", DISTRICT)), at=NOON)
        view = site_imports.preview(db, asked=asked, actor=OFFICER, at=NOON)
        assert view.state == "waiting"
        with pytest.raises(site_imports.ImportNotReady):
            site_imports.take_over(db, asked=ApplySiteImport(view.id), actor=OFFICER, at=NOON)
        done = json.dumps({"faults": []})
        statement = "UPDATE jobs SET state = 'done', result = CAST(:r AS jsonb) WHERE id = :id"
        db.execute(text(statement), {"id": view.id, "r": done})
        taken = site_imports.take_over(db, asked=ApplySiteImport(view.id), actor=OFFICER, at=NOON)
        job = jobs.find(db, taken.id)
        assert job is not None
        assert job.kind == site_imports.TAKE_OVER


class TestPictures:
    def a_picture(self, number: int) -> dict[str, Any]:
        names = {"sha256": f"{number:064x}", "thumbnail_sha256": f"{number + 1000:064x}"}
        return {**names, "width": 1600, "height": 900, "size": 1000, "media_type": "image/webp"}

    def added(self, db: Connection, site: Any, number: int) -> Any:
        fields = {"site_id": str(site.id), "alt": f"图{number}", "picture": self.a_picture(number)}
        return pictures.add(db, asked=load(AddPicture, fields), actor=a_steward(site), at=NOON)

    def test_stand_in_a_sequence_that_can_be_changed(self, db: Connection) -> None:
        site = a_site(db)
        for number in (1, 2, 3):
            view = self.added(db, site, number)
        ids = [picture.id for picture in view.pictures]
        assert [picture.alt for picture in view.pictures] == ["图1", "图2", "图3"]
        assert view.pictures[0].url == f"/api/v1/pictures/{1:064x}.webp"
        turned = OrderPictures(site.id, [ids[2], ids[0], ids[1]])
        assert [p.id for p in pictures.order(db, asked=turned, actor=a_steward(site), at=NOON).pictures] == [
            ids[2],
            ids[0],
            ids[1],
        ]
        left = pictures.remove(db, asked=RemovePicture(site.id, ids[0]), actor=a_steward(site), at=NOON)
        assert [picture.id for picture in left.pictures] == [ids[2], ids[1]]
        assert pictures.referred(db) >= {f"{2:064x}", f"{1002:064x}"}
        for wrong in ([ids[2]], [ids[2], ids[2]], [ids[2], uuid4()]):
            with pytest.raises(pictures.PicturesDiffer):
                pictures.order(db, asked=OrderPictures(site.id, wrong), actor=a_steward(site), at=NOON)

    def test_are_limited_and_not_repeated(self, db: Connection) -> None:
        site = a_site(db)
        for number in range(PICTURES_MAX):
            self.added(db, site, number)
        with pytest.raises(pictures.TooManyPictures):
            self.added(db, site, 99)
        other = a_site(db)
        self.added(db, other, 1)
        with pytest.raises(pictures.PictureRepeated):
            self.added(db, other, 1)
