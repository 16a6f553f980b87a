"""The register as a whole: signed once a year, counted in five ways, drawn for print."""

from datetime import date
from pathlib import Path

import pytest
from chassis import jobs
from chassis.actors import Forbidden
from chassis.files import FileStore
from chassis.jobs import Kind
from chassis.refusals import NotFound
from contracts.roster.stocktakes import (
    MakeRegister,
    MemberStatisticsAsked,
    RegisterAsked,
    SignStocktake,
    StocktakeAsked,
)
from roster.domain.stocktakes import RegisterChanged, YearNotNow
from roster.operations import registers, stocktakes
from roster.queries import stocktakes as counted
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, path_of
from tests.roster.registers import a_registered, an_administrator, an_identity_number

TODAY = date(2026, 11, 10)


class TestStocktake:
    def test_what_was_read_is_what_is_signed(self, db: Connection):
        branch = a_branch(db, full=2, probationary=1)
        secretary = an_actor(("secretary", path_of(db, branch)))
        seen = counted.asked_of(db, StocktakeAsked(branch, 2026), actor=secretary)
        assert (seen.now.members_full, seen.now.members_probationary, seen.gaps["phone"]) == (2, 1, 3)
        a_member(db, branch=branch)
        form = SignStocktake(branch, 2026, seen.now.digest)
        with pytest.raises(RegisterChanged):
            stocktakes.sign(db, asked=form, actor=secretary, at=NOON)
        seen = counted.asked_of(db, StocktakeAsked(branch, 2026), actor=secretary)
        signed = stocktakes.sign(db, asked=SignStocktake(branch, 2026, seen.now.digest), actor=secretary, at=NOON)
        assert (signed.signed[0].number, signed.signed[0].members_full, signed.changed_since) == (1, 3, False)
        a_member(db, branch=branch)
        assert counted.asked_of(db, StocktakeAsked(branch, 2026), actor=secretary).changed_since is True

    def test_the_secretary_signs_and_for_this_year_alone(self, db: Connection):
        branch = a_branch(db)
        digest = counted.counted(db, branch).digest
        with pytest.raises(Forbidden):
            stocktakes.sign(db, asked=SignStocktake(branch, 2026, digest), actor=an_administrator(db, branch), at=NOON)
        with pytest.raises(YearNotNow):
            stocktakes.sign(
                db,
                asked=SignStocktake(branch, 2025, digest),
                actor=an_actor(("secretary", path_of(db, branch))),
                at=NOON,
            )


class TestStatistics:
    def test_each_table_counts_everybody_once(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town)
        for sequence, born_on in ((1, date(1996, 11, 10)), (2, date(1996, 11, 9)), (4, date(1940, 1, 1))):
            a_registered(
                db,
                branch=branch,
                identity_number=an_identity_number(born_on=born_on, sequence=sequence),
                since=date(2020, 1, 1),
            )
        a_branch(db, parent=town, probationary=1)
        officer = an_actor(("officer", path_of(db, town)))
        found = counted.statistics(db, MemberStatisticsAsked(town), actor=officer, today=TODAY)
        assert (found.members_full, found.members_probationary) == (3, 1)
        for rows in found.tables.values():
            assert sum(row.members_full for row in rows) == 3
            assert sum(row.members_probationary for row in rows) == 1
        assert {row.group: row.members_full for row in found.tables["sex"]} == {"female": 2, "male": 1, None: 0}
        assert {row.group: row.members_full for row in found.tables["age"]} == {"to-30": 2, "from-71": 1, None: 0}
        earlier = counted.statistics(db, MemberStatisticsAsked(town, date(2019, 1, 1)), actor=officer, today=TODAY)
        assert (earlier.members_full, earlier.members_probationary) == (0, 0)


class TestRegister:
    def test_is_drawn_by_work_for_whoever_asked(self, database: Engine, tmp_path: Path):
        number = an_identity_number()
        with database.begin() as db:
            branch = a_branch(db)
            a_registered(db, branch=branch, name="蒲志明", identity_number=number, phone="13805331234")
            secretary = an_actor(("secretary", path_of(db, branch)))
            asked = registers.ask(db, asked=MakeRegister(branch), actor=secretary, at=NOON)
        files = FileStore(tmp_path)
        kinds = {registers.JOB: Kind(registers.JOB, lambda db, job, *, at: registers.draw(db, files, job, at=at))}
        assert jobs.run_one(database, kinds)
        with database.begin() as db:
            view = registers.register(db, asked=RegisterAsked(asked.id), actor=secretary, at=NOON)
            assert view.file is not None
            assert (view.state, view.file.media_type) == ("done", "application/pdf")
            drawn = files.open(view.file.sha256).read()
            assert drawn.startswith(b"%PDF-")
            assert number.encode() not in drawn
            stranger = an_administrator(db, branch)
            with pytest.raises(NotFound):
                registers.register(db, asked=RegisterAsked(asked.id), actor=stranger, at=NOON)
            assert number not in db.execute(text("SELECT string_agg(j::text, ' ') FROM jobs j")).scalar_one()
