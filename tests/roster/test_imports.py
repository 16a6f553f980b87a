"""Files of members: every planted fault is found and no other; what is confirmed is taken whole, or not at all."""

import dataclasses
import io
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pytest
import xlsxwriter
from chassis import jobs, sheets
from chassis.actors import Actor, Forbidden
from chassis.files import CSV, XLSX
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.envelope import StoredFile
from contracts.roster.imports import (
    ApplyImport,
    CancelImport,
    ExportAsked,
    ExportNumbers,
    ExportRoster,
    FaultsAsked,
    ImportDifferencesAsked,
    ImportFileAsked,
    ImportsAsked,
    ImportView,
    MapColumns,
    MarkEntered,
    SheetMapping,
    StartImport,
)
from contracts.roster.structure import ChangeStructure
from roster.operations import import_members, imports, roster_exports, structure
from roster.operations.import_subjects import SUBJECTS
from roster.queries import imports as queries
from roster.work import WORK
from sqlalchemy import Engine, text

from tests.articles import NOON, an_actor
from tests.conftest import IS_LONG
from tests.races import at_once
from tests.roster.factories import a_committee, an_organisation, path_of
from tests.roster.import_files import FIELDS, HEADINGS, a_row, as_csv, as_workbook, planted
from tests.roster.registers import a_registered

ROWS, FAULTS = (48_000, 300) if IS_LONG else (3_000, 60)


@pytest.fixture(autouse=True)
def file_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILE_STORE", str(tmp_path))


@pytest.fixture
def town(database: Engine) -> "Town":
    return Town(database)


class Town:
    """A town committee with three branches, another town, and an officer of the first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.begin() as db:
            root = a_committee(db, code="37")
            self.committee = a_committee(db, parent=root, code="town")
            self.branches = [
                an_organisation(db, parent=self.committee, code=f"b{number}", name=f"第{number}村党支部")
                for number in range(3)
            ]
            other = a_committee(db, parent=root, code="other")
            self.outside = an_organisation(db, parent=other, code="outside-b", name="外村党支部")
            self.officer: Actor = an_actor(("officer", path_of(db, self.committee)))

    def rows(self, count: int, *, first: int = 0) -> list[dict[str, Any]]:
        draw = random.Random(f"rows {first}")
        return [
            a_row(number, branch=(f"b{number % 3}", f"第{number % 3}村党支部"), draw=draw)
            for number in range(first, first + count)
        ]

    def starts(
        self, content: BinaryIO, *, subject: str = "members", name: str = "党员.xlsx", **more: Any
    ) -> ImportView:
        stored = imports.store().put(content, name=name, media_types={XLSX, CSV}, max_bytes=10**8)
        with self.engine.begin() as db:
            asked = StartImport(file=stored, subject=subject, **more)
            return imports.start(db, asked=asked, actor=more.pop("actor", self.officer), at=NOON)

    def works(self) -> None:
        while jobs.run_one(self.engine, WORK.jobs):
            pass

    def sees(self, import_id: UUID) -> ImportView:
        with self.engine.begin() as db:
            return queries.view(db, import_id, actor=self.officer)

    def maps(self, view: ImportView) -> None:
        sheets = [
            SheetMapping(sheet["name"], sheet["columns"], is_taken=sheet["is_taken"])
            for sheet in self.sees(view.id).sheets
        ]
        with self.engine.begin() as db:
            imports.map_columns(db, asked=MapColumns(view.id, sheets), actor=self.officer, at=NOON)

    def checks(self, content: BinaryIO, **more: Any) -> ImportView:
        """Send a file and have it looked through, mapping its columns as guessed unless they are remembered."""
        view = self.starts(content, **more)
        self.works()
        if self.sees(view.id).state == "mapping":
            self.maps(view)
            self.works()
        return self.sees(view.id)

    def applies(self, view: ImportView, *, skip_bad: bool = False) -> ImportView:
        with self.engine.begin() as db:
            asked = ApplyImport(view.id, view.version, skip_bad=skip_bad)
            imports.apply(db, asked=asked, actor=self.officer, at=NOON)
        self.works()
        return self.sees(view.id)

    def faults(self, view: ImportView, **more: Any) -> list[Any]:
        with self.engine.begin() as db:
            page = queries.faults(db, FaultsAsked(view.id, limit=1000, **more), actor=self.officer)
        return page.items

    def differs(self, view: ImportView, verdict: str = "changed") -> list[Any]:
        with self.engine.begin() as db:
            asked = ImportDifferencesAsked(view.id, verdict=verdict, limit=1000)
            return queries.differences(db, asked, actor=self.officer).items

    def counts(self, statement: str) -> int:
        with self.engine.begin() as db:
            return int(db.execute(text(statement)).scalar_one())


def test_finds_every_planted_fault_and_no_other(town: Town) -> None:
    file = planted(town.rows(ROWS), faults=FAULTS, draw=random.Random("faults"), first_row=4)
    view = town.checks(as_workbook(file.rows, title="党员花名册"))
    assert view.state == "checked", view.error
    found = {(fault.row, fault.field, fault.code) for fault in town.faults(view) if not fault.is_warning}
    assert found == file.faults
    assert (view.counts["rows"], view.counts["bad"], view.counts["new"]) == (ROWS, FAULTS, ROWS - FAULTS)
    assert len(file.by_code) >= 20
    secret = [row["identity_number"] for row in file.rows if isinstance(row.get("identity_number"), str)]
    assert not set(secret) & {fault.found for fault in town.faults(view) if "*" not in fault.found}
    with pytest.raises(imports.ImportHasBadCells):
        town.applies(view)
    applied = town.applies(view, skip_bad=True)
    assert applied.state == "applied", applied.error
    assert town.counts("SELECT count(*) FROM members") == ROWS - FAULTS
    assert town.counts("SELECT count(*) FROM member_moves WHERE verb = 'imported'") == ROWS - FAULTS
    assert town.counts("SELECT count(*) FROM membership_periods WHERE active_until IS NULL") == ROWS - FAULTS
    # One event a branch, whatever the number of its members.
    told = "SELECT count(*) FROM outbox WHERE aggregate_id = '{}' AND (data ->> 'members_full')::int > 0"
    assert [town.counts(told.format(branch)) for branch in town.branches] == [1, 1, 1]
    again = town.checks(as_workbook(file.rows, title="党员花名册"))
    assert (again.counts["new"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, ROWS - FAULTS)


def a_stored_file() -> StoredFile:
    return StoredFile("0" * 64, 1, XLSX, "x.xlsx")


def fresh(actor: Actor) -> Actor:
    return dataclasses.replace(actor, issued_at=NOON)


def sheets_of(sha256: str) -> list[list[list[Any]]]:
    with imports.store().open(sha256) as stream:
        return [[cells for _, cells in sheet.rows] for sheet in sheets.read(stream)]


def taken(town: Town, rows: list[dict[str, Any]]) -> ImportView:
    """Take a file over that is right in every cell."""
    view = town.applies(town.checks(as_workbook(rows)))
    assert view.state == "applied", view.error
    return view


class TestReading:
    def test_maps_once_and_remembers_the_columns_of_these_headings(self, town: Town) -> None:
        rows = town.rows(6)
        headings = ["党员姓名*" if heading == "姓名" else heading for heading in HEADINGS]
        first = town.starts(as_workbook(rows, headings=headings))
        town.works()
        seen = town.sees(first.id)
        assert (seen.state, seen.sheets[0]["is_remembered"]) == ("mapping", False)
        assert seen.sheets[0]["columns"]["0"] == "name"
        assert rows[0]["identity_number"] not in str(seen.sheets)
        town.maps(first)
        town.works()
        assert town.sees(first.id).state == "checked"
        second = town.starts(as_workbook(rows, headings=headings, title="另一个标题"))
        town.works()
        assert town.sees(second.id).state == "checked"

    def test_refuses_a_mapping_that_lacks_a_needed_column(self, town: Town) -> None:
        view = town.starts(as_workbook(town.rows(3)))
        town.works()
        (sheet,) = town.sees(view.id).sheets
        columns = {place: name for place, name in sheet["columns"].items() if name != "status"}
        asked = MapColumns(view.id, [SheetMapping(sheet["name"], columns)])
        with town.engine.begin() as db, pytest.raises(InvalidInput) as told:
            imports.map_columns(db, asked=asked, actor=town.officer, at=NOON)
        assert "人员类别" in str(told.value.errors)

    @pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ","), ("utf-8-sig", ";"), ("utf-8", "\t")])
    def test_reads_text_tables(self, town: Town, encoding: str, delimiter: str) -> None:
        view = town.checks(as_csv(town.rows(4), encoding=encoding, delimiter=delimiter), name="党员.csv")
        assert (view.state, view.counts["new"], view.counts["bad"]) == ("checked", 4, 0)

    def test_says_so_of_a_file_without_a_table(self, town: Town) -> None:
        view = town.checks(io.BytesIO("甲,乙\n1,2\n".encode()), name="x.csv")
        assert (view.state, view.error["code"]) == ("failed", "no-table")

    def test_names_merged_cells_and_wrong_totals_and_passes_over_right_ones(self, town: Town) -> None:
        out = io.BytesIO()
        rows = town.rows(4)
        with xlsxwriter.Workbook(out) as book:
            page = book.add_worksheet("党员")
            for place, heading in enumerate(HEADINGS):
                page.write_string(0, place, heading)
            for number, row in enumerate(rows, 1):
                for place, name in enumerate(FIELDS):
                    page.write_string(number, place, row.get(name) or "")
            page.write_string(5, 0, "合计")
            page.write_number(5, 1, 4)
            page.write_string(6, 0, "合计")
            page.write_number(6, 1, 5)
            page.merge_range(3, FIELDS.index("party_group"), 4, FIELDS.index("party_group"), "第一党小组")
        out.seek(0)
        view = town.checks(out)
        told = {(fault.row, fault.code) for fault in town.faults(view)}
        assert {(4, "merged"), (5, "merged"), (7, "total-differs")} <= told
        assert not {row for row, _ in told} & {2, 3, 6}


class TestTakingOver:
    def test_changes_only_what_differs_and_shows_it_first(self, town: Town) -> None:
        rows = town.rows(6)
        taken(town, rows)
        rows[0] |= {"education": "硕士", "phone": "19912345678"}
        rows[1] |= {"work_unit": "新单位", "native_place": ""}
        view = town.checks(as_workbook(rows[:5]))
        assert (view.counts["changed"], view.counts["unchanged"], view.counts["missing"]) == (2, 3, 1)
        one, other = town.differs(view)
        assert one.changes["education"][1] == "master"
        assert one.changes["phone"] == ["199****0000", "199****5678"]
        assert other.changes == {"work_unit": [None, "新单位"]}
        (absent,) = town.differs(view, "missing")
        assert absent.name == rows[5]["name"]
        assert town.applies(view).state == "applied"
        assert town.counts("SELECT count(*) FROM members") == 6
        assert town.counts("SELECT count(*) FROM people WHERE native_place = '山东淄博'") == 6
        assert town.counts("SELECT count(*) FROM member_moves WHERE verb = 'edited_by_import'") == 2
        assert town.checks(as_workbook(rows)).counts["unchanged"] == 6

    def test_shows_again_what_changed_since_it_was_shown_and_takes_nothing(self, town: Town) -> None:
        rows = town.rows(3)
        taken(town, rows)
        rows[0]["education"] = "博士"
        view = town.checks(as_workbook(rows))
        with town.engine.begin() as db:
            db.execute(text("UPDATE people SET education = 'primary', version = version + 1"))
        again = town.applies(view)
        assert (again.state, again.error["code"]) == ("checked", "import-outdated")
        assert again.counts["changed"] == 3
        assert town.counts("SELECT count(*) FROM people WHERE education = 'primary'") == 3
        with pytest.raises(PreconditionFailed):
            town.applies(view)
        assert town.applies(again).state == "applied"
        assert town.counts("SELECT count(*) FROM people WHERE education = 'doctor'") == 1

    def test_pressed_twice_does_it_once(self, town: Town) -> None:
        view = town.checks(as_workbook(town.rows(3)))

        def press() -> str:
            try:
                with town.engine.begin() as db:
                    imports.apply(db, asked=ApplyImport(view.id, view.version), actor=town.officer, at=NOON)
            except imports.ImportNotMovable:
                return "refused"
            return "taken"

        assert sorted(at_once([press, press])) == ["refused", "taken"]
        town.works()
        assert town.counts("SELECT count(*) FROM members") == 3
        assert town.counts("SELECT count(*) FROM member_moves") == 3

    def test_of_two_files_of_the_same_members_the_second_is_shown_anew(self, town: Town) -> None:
        views = [town.checks(as_workbook(town.rows(5))) for _ in range(2)]
        for view in views:
            with town.engine.begin() as db:
                imports.apply(db, asked=ApplyImport(view.id, view.version), actor=town.officer, at=NOON)
        at_once([town.works, town.works])
        states = sorted(town.sees(view.id).state for view in views)
        assert states == ["applied", "checked"]
        assert town.counts("SELECT count(*) FROM members") == 5
        assert town.counts("SELECT count(*) FROM people WHERE identity_index IS NOT NULL") == 5

    def test_a_cancelled_one_takes_nothing_even_at_the_last_moment(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view = town.checks(as_workbook(town.rows(5)))
        tell = import_members.tell

        def cancelled_meanwhile(db: Any, import_id: UUID, **more: Any) -> None:
            tell(db, import_id, **more)
            with town.engine.begin() as other:
                imports.cancel(other, asked=CancelImport(import_id), actor=town.officer, at=NOON)

        subject = dataclasses.replace(SUBJECTS["members"], tell=cancelled_meanwhile)
        monkeypatch.setitem(SUBJECTS, "members", subject)
        assert town.applies(view).state == "cancelled"
        assert town.counts("SELECT count(*) FROM members") == 0
        assert town.counts("SELECT count(*) FROM people WHERE identity_index IS NOT NULL") == 0
        with pytest.raises(imports.ImportNotMovable):
            town.applies(view)

    def test_what_was_cut_off_is_done_again_from_the_beginning(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view = town.checks(as_workbook(town.rows(5)))
        attempts = []

        def cut_off_once(db: Any, import_id: UUID, **more: Any) -> None:
            attempts.append(1)
            if len(attempts) == 1:
                raise jobs.LeaseLost("the process is gone")
            import_members.tell(db, import_id, **more)

        monkeypatch.setitem(SUBJECTS, "members", dataclasses.replace(SUBJECTS["members"], tell=cut_off_once))
        assert town.applies(view).state == "applying"
        assert town.counts("SELECT count(*) FROM members") == 0
        with town.engine.begin() as db:
            db.execute(text("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'"))
        town.works()
        assert town.sees(view.id).state == "applied"
        assert town.counts("SELECT count(*) FROM members") == 5

    def test_tells_where_somebody_is_a_member_only_to_whom_that_is_no_secret(self, town: Town) -> None:
        rows = town.rows(2)
        with town.engine.begin() as db:
            for branch, row in zip((town.outside, town.branches[2]), rows, strict=True):
                a_registered(db, branch=branch, name=row["name"], identity_number=row["identity_number"])
        view = town.checks(as_workbook(rows))
        far, near = town.faults(view)
        assert (far.code, "外村" in far.reason_zh) == ("member-elsewhere-unnamed", False)
        assert (near.code, "第2村党支部" in near.reason_zh) == ("member-elsewhere", True)

    def test_a_probationary_member_becomes_full_on_the_day_the_file_says(self, town: Town) -> None:
        rows = town.rows(3)
        for row in rows:
            row |= {"status": "预备党员", "full_on": None, "joined_on": "2025-06-30", "since": "2025-06-30"}
        taken(town, rows)
        rows[0] |= {"status": "正式党员", "full_on": "2026-07-01"}
        rows[1] |= {"status": "正式党员"}
        view = town.checks(as_workbook(rows))
        assert [(fault.row, fault.code) for fault in town.faults(view)] == [(3, "status-without-day")]
        assert town.applies(view, skip_bad=True).state == "applied"
        with town.engine.begin() as db:
            periods = db.execute(
                text("SELECT status, active_from FROM membership_periods WHERE active_until IS NULL ORDER BY status")
            ).all()
        assert ("full", date(2026, 7, 1)) in [tuple(period) for period in periods]

    def test_nobody_imports_or_sees_what_is_not_theirs(self, town: Town) -> None:
        view = town.checks(as_workbook(town.rows(2)))
        with town.engine.begin() as db:
            member = an_actor(("member", path_of(db, town.committee)))
            stranger = an_actor(("officer", path_of(db, town.outside)))
            colleague = an_actor(("officer", path_of(db, town.committee)))
            with pytest.raises(Forbidden):
                imports.start(db, asked=StartImport(a_stored_file(), "members"), actor=member, at=NOON)
            with pytest.raises(NotFound):
                queries.view(db, view.id, actor=stranger)
            assert queries.page(db, ImportsAsked(), actor=stranger).items == []
            assert not queries.view(db, view.id, actor=colleague).is_mine
            with pytest.raises(Forbidden):
                imports.apply(db, asked=ApplyImport(view.id, view.version), actor=colleague, at=NOON)
            with pytest.raises(NotFound):
                roster_exports.errors_file(db, asked=ImportFileAsked(view.id), actor=colleague)

    def test_a_file_of_two_branches_is_shown_to_nobody_who_has_one_of_them(self, town: Town) -> None:
        with town.engine.begin() as db:
            paths = [path_of(db, branch) for branch in town.branches]
        town.officer = an_actor(("administrator", paths[0]), ("administrator", paths[1]))
        view = town.checks(as_workbook([row for row in town.rows(6) if row["branch_code"] != "b2"]))
        assert (view.counts["new"], view.counts["bad"]) == (4, 0)
        with town.engine.begin() as db:
            for path in paths:
                neighbour = an_actor(("secretary", path))
                with pytest.raises(NotFound):
                    queries.view(db, view.id, actor=neighbour)
                with pytest.raises(NotFound):
                    roster_exports.report_file(db, asked=ImportFileAsked(view.id), actor=neighbour)
                assert queries.page(db, ImportsAsked(), actor=neighbour).items == []
            above = an_actor(("officer", path_of(db, town.committee)))
            assert [one.id for one in queries.page(db, ImportsAsked(), actor=above).items] == [view.id]

    def test_who_lost_a_branch_meanwhile_imports_nothing_into_it(self, town: Town) -> None:
        with town.engine.begin() as db:
            paths = [path_of(db, branch) for branch in town.branches]
        both = town.officer = an_actor(("administrator", paths[0]), ("administrator", paths[1]))
        view = town.checks(as_workbook([row for row in town.rows(6) if row["branch_code"] != "b2"]))
        # The grant on the second branch ends; the file is still theirs to look at until it is confirmed.
        one = dataclasses.replace(both, grants=both.grants[:1])
        with town.engine.begin() as db, pytest.raises(NotFound):
            imports.apply(db, asked=ApplyImport(view.id, view.version), actor=one, at=NOON)
        with town.engine.begin() as db:
            db.execute(text("UPDATE imports SET paths = :paths"), {"paths": paths[:1]})
            import_members.judge(db, view.id, paths=paths[:1])
            verdicts = db.execute(text("SELECT verdict, count(*) FROM import_rows GROUP BY 1")).all()
        assert dict(tuple(row) for row in verdicts) == {"new": 2, "bad": 2}
        assert {fault.code for fault in town.faults(view)} == {"outside"}

    def test_a_branch_that_ended_meanwhile_takes_nobody_in(self, town: Town) -> None:
        view = town.checks(as_workbook(town.rows(3)))
        with town.engine.begin() as db:
            officer = an_actor(("officer", path_of(db, town.committee)))
            ended = ChangeStructure(
                verb="dissolve", organisation_id=town.branches[1], document_number="8", reason="布局调整"
            )
            structure.change(db, asked=ended, actor=officer, at=NOON)
        view = town.applies(view)
        assert (view.state, view.error["code"]) == ("checked", "import-outdated")
        assert [fault.code for fault in town.faults(view)] == ["dissolved"]
        assert town.counts("SELECT count(*) FROM members") == 0
        table = "组织代码,组织名称,组织类型,所属领域,上级组织代码\nb1,改名党支部,党支部,农村,town\n"
        again = town.checks(io.BytesIO(table.encode()), subject="organisations", name="组织.csv")
        assert [fault.code for fault in town.faults(again)] == ["dissolved"]

    def test_what_a_roll_tells_is_told_again_when_a_file_changes_it(self, town: Town) -> None:
        rows = town.rows(3)
        taken(town, rows)
        before = town.counts("SELECT max(version) FROM organisations WHERE code = 'b0'")
        rows[0]["party_group"] = "第二党小组"
        taken(town, rows)
        assert town.counts("SELECT max(version) FROM organisations WHERE code = 'b0'") == before + 1


class TestFiles:
    def test_the_workbook_to_mend_holds_the_bad_rows_and_is_taken_once_mended(self, town: Town) -> None:
        file = planted(town.rows(40), faults=5, draw=random.Random("mend"))
        view = town.checks(as_workbook(file.rows))
        with town.engine.begin() as db:
            stored = roster_exports.errors_file(db, asked=ImportFileAsked(view.id), actor=town.officer)
        (sheet,) = sheets_of(stored.sha256)
        head, *bad = sheet
        assert head[-1] == "导入问题"
        assert len(bad) == 5
        assert all("】" in row[-1] for row in bad)
        good = {row["phone"]: row for row in town.rows(40)}
        mended = [good[row[HEADINGS.index("联系电话")]] for row in bad]
        assert town.applies(view, skip_bad=True).state == "applied"
        again = town.checks(as_workbook(mended))
        assert (again.counts["new"], again.counts["bad"]) == (5, 0)

    @pytest.mark.parametrize("in_full", [False, True])
    def test_what_is_exported_and_imported_again_differs_in_nothing(self, town: Town, in_full: bool) -> None:
        taken(town, town.rows(8))
        with town.engine.begin() as db:
            if in_full:
                asked = ExportNumbers(town.committee, purpose="file_check", format="csv")
                made = roster_exports.ask_in_full(db, asked=asked, actor=fresh(town.officer), at=NOON)
            else:
                made = roster_exports.ask(
                    db, asked=ExportRoster(town.committee, "members"), actor=town.officer, at=NOON
                )
        town.works()
        with town.engine.begin() as db:
            stored = roster_exports.file_of(db, asked=ExportAsked(made.id), actor=town.officer, at=NOON)
        with imports.store().open(stored.sha256) as stream:
            content = stream.read()
        view = town.checks(io.BytesIO(content), name=stored.name)
        assert (view.counts["unchanged"], view.counts["bad"], view.counts["missing"]) == (8, 0, 0)
        looked = town.counts("SELECT count(*) FROM personal_views WHERE purpose = 'file_check'")
        assert looked == (8 if in_full else 0)
        assert town.counts("SELECT count(*) FROM personal_views WHERE by_role = 'officer'") == looked
        assert town.counts("SELECT count(*) FROM list_views WHERE kind = 'export'") == (0 if in_full else 1)

    def test_a_comparison_tells_who_stands_where_and_writes_nothing_but_the_marks(self, town: Town) -> None:
        rows = town.rows(5)
        taken(town, rows[:4])
        rows[0]["education"] = "博士"
        view = town.checks(as_workbook([rows[0], rows[1], rows[4]]), purpose="compare", platform="dengta")
        assert [view.counts[name] for name in ("new", "changed", "unchanged", "missing")] == [1, 1, 1, 1]
        with pytest.raises(imports.ImportNotMovable):
            town.applies(view)
        (absent,) = town.differs(view, "missing")
        assert not absent.is_entered
        with town.engine.begin() as db:
            asked = MarkEntered(view.id, [absent.target_id])
            assert imports.mark(db, asked=asked, actor=town.officer, at=NOON).count == 1
            stored = roster_exports.report_file(db, asked=ImportFileAsked(view.id), actor=town.officer)
        assert [len(sheet) - 1 for sheet in sheets_of(stored.sha256)] == [1, 1, 1, 0]
        assert town.differs(view, "missing")[0].is_entered
        assert town.counts("SELECT count(*) FROM entered_marks") == 3
        assert town.counts("SELECT count(*) FROM members") == 4

    def test_forgets_rows_and_files_after_a_week_and_keeps_that_it_was(self, town: Town) -> None:
        view = taken(town, town.rows(3))
        with town.engine.begin() as db:
            imports.forget(db, imports.store(), at=NOON + timedelta(days=7))
        seen = town.sees(view.id)
        assert (seen.is_forgotten, seen.counts["new"], seen.state) == (True, 3, "applied")
        assert town.counts("SELECT count(*) FROM import_rows") == 0


class TestOrganisations:
    HEAD = ("组织代码", "组织名称", "组织类型", "所属领域", "上级组织代码", "上级组织")

    def table(self, *rows: tuple[str, ...]) -> BinaryIO:
        lines = "\n".join(",".join(row) for row in (self.HEAD, *rows))
        return io.BytesIO(lines.encode("gb18030"))

    def test_founds_parents_first_and_changes_names(self, town: Town) -> None:
        table = self.table(
            ("n2", "新一村党支部", "党支部", "农村", "n1", ""),
            ("n1", "新镇党委", "党委", "农村", "town", ""),
            ("b0", "改名村党支部", "党支部", "农村", "", ""),
        )
        view = town.checks(table, subject="organisations", name="组织.csv")
        assert (view.counts["new"], view.counts["changed"], view.counts["bad"]) == (2, 1, 0), town.faults(view)
        assert town.applies(view).state == "applied"
        with town.engine.begin() as db:
            path = db.execute(text("SELECT path FROM organisations WHERE code = 'n2'")).scalar_one()
            assert path == f"{path_of(db, town.committee)}.n1.n2"
        assert town.counts("SELECT count(*) FROM organisation_history WHERE name = '改名村党支部'") == 1
        assert town.counts("SELECT count(*) FROM outbox WHERE data ->> 'code' = 'n2'") == 1

    def test_names_every_bad_cell(self, town: Town) -> None:
        table = self.table(
            ("c1", "一村党支部", "党支部", "农村", "c2", ""),
            ("c2", "二村党委", "党委", "农村", "c3", ""),
            ("c3", "三村党委", "党委", "农村", "c2", ""),
            ("c4", "四村党支部", "党支部", "农村", "b0", ""),
            ("c5", "五村党支部", "党支部", "农村", "nobody", ""),
            ("c6", "六村党支部", "党支部", "农村", "other", ""),
            ("c7", "七村党支部", "党支部", "天文", "town", ""),
            ("c 8", "八村党支部", "党支部", "农村", "town", ""),
            ("c9", "九村", "党支部", "农村", "town", ""),
            ("c9", "九村党支部", "党支部", "农村", "town", ""),
            ("b1", "第1村党支部", "党委", "农村", "town", ""),
        )
        view = town.checks(table, subject="organisations", name="组织.csv")
        told = {(fault.row, fault.field, fault.code) for fault in town.faults(view)}
        assert told == {
            (2, "parent_code", "parent-bad"),
            (3, "parent_code", "cycle"),
            (4, "parent_code", "cycle"),
            (5, "parent_code", "wrong-parent"),
            (6, "parent_code", "parent-unknown"),
            (7, "parent_code", "outside"),
            (8, "field", "not-a-word"),
            (9, "code", "code-format"),
            (10, "name", "name-ending"),
            (11, "code", "twice-in-file"),
            (12, "name", "name-ending"),
            (12, "kind", "kind-differs"),
        }
