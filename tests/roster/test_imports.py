"""Files of members: every planted fault is found and no other; what is confirmed is taken whole, or not at all."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pytest
from chassis import jobs
from chassis.actors import Actor
from chassis.files import CSV, XLSX
from contracts.roster.imports import (
    ApplyImport,
    DifferencesAsked,
    FaultsAsked,
    ImportView,
    MapColumns,
    SheetMapping,
    StartImport,
)
from roster.operations import imports
from roster.queries import imports as queries
from roster.work import WORK
from sqlalchemy import Engine, text

from tests.articles import NOON, an_actor
from tests.conftest import IS_LONG
from tests.roster.factories import a_committee, an_organisation, path_of
from tests.roster.import_files import a_row, as_workbook, planted

ROWS, FAULTS = (48_000, 300) if IS_LONG else (3_000, 60)


@pytest.fixture(autouse=True)
def file_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILE_STORE", str(tmp_path))


@pytest.fixture
def town(database: Engine) -> Iterator["Town"]:
    yield Town(database)


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
            asked = DifferencesAsked(view.id, verdict=verdict, limit=1000)
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
