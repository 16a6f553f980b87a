"""Public holidays: a table loaded from data, years that are not announced yet, and what an announcement does."""

from datetime import date
from typing import Any

import pytest
from chassis import jobs
from chassis.actors import Forbidden
from contracts.sites.calendars import AnnounceHolidays, HolidaysAsked
from sites.domain.holidays import HolidayInvalid, HolidaysUnreadable, days_in
from sites.operations import holidays, slots
from sites.queries import holidays as queries
from sites.work import WORK
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.sites.articles import DISTRICT, a_branch, a_secretary, a_site

OFFICER = an_actor(("officer", DISTRICT))
NEW_YEAR = """date,kind,name
2027-01-01,off,元旦
2027-01-02,off,元旦
2027-01-03,off,元旦
2027-01-09,workday_makeup,调休上班
"""


def announced(db: Connection, days: str = NEW_YEAR, *, actor: Any = OFFICER, year: int = 2027) -> Any:
    asked = AnnounceHolidays(year=year, citation="国务院办公厅关于2027年部分节假日安排的通知", days=days)
    return holidays.announce(db, asked=asked, actor=actor, at=NOON)


class TestTheTable:
    def test_knows_three_years_and_not_the_next(self, db: Connection) -> None:
        years = {year.year: year for year in queries.holidays(db, HolidaysAsked(), at=NOON).items}
        assert {year: found.is_announced for year, found in years.items()} == {
            **dict.fromkeys((2024, 2025, 2026), True),
            2027: False,
        }
        kinds = [day.kind for day in years[2026].days]
        assert sum(len(year.days) for year in years.values()) == 81
        assert {"off", "workday_makeup"} == set(kinds)
        assert years[2027].days == []

    def test_one_year_is_found_by_its_number(self, db: Connection) -> None:
        (year,) = queries.holidays(db, HolidaysAsked(year=2030), at=NOON).items
        assert (year.year, year.is_announced) == (2030, False)


def test_is_announced_by_who_oversees_all_branches(db: Connection) -> None:
    a_branch(db)
    with pytest.raises(Forbidden):
        announced(db, actor=an_actor(("officer", f"{DISTRICT}.other-town")))
    assert announced(db).is_announced


class TestReadingAYear:
    @pytest.mark.parametrize(
        ("row", "column", "expected"),
        [
            ("2027-02-30,off,元旦", "date", "date"),
            ("2026-12-31,off,元旦", "date", "year"),
            ("2027-01-01,off,元旦", "date", "once"),
            ("2027-05-01,holiday,劳动节", "kind", "kind"),
            ("2027-05-03,workday_makeup,调休", "kind", "weekend"),
            ("2027-05-01,off,", "name", "name"),
            ("2027-05-01", "kind", "kind"),
        ],
    )
    def test_names_the_bad_cell(self, row: str, column: str, expected: str) -> None:
        with pytest.raises(HolidayInvalid) as refused:
            days_in(f"date,kind,name\n2027-01-01,off,元旦\n\n{row}\n", year=2027)
        told = refused.value.params
        assert (told["row"], told["column"], told["expected"]) == (3, column, expected)

    @pytest.mark.parametrize("written", ["", "a,b,c\n1,2,3", "date,kind,name\n", "date,kind,name\n" + "x\n" * 121])
    def test_says_what_it_cannot_read(self, written: str) -> None:
        with pytest.raises(HolidaysUnreadable):
            days_in(written, year=2027)

    def test_takes_what_a_spreadsheet_writes(self) -> None:
        (day,) = days_in("\ufeffdate,kind,name\r\n2027-01-01 , off,元旦\r\n", year=2027)
        assert (day.day, day.kind) == (date(2027, 1, 1), "off")


class TestAnnouncing:
    def test_makes_the_slots_of_the_year_anew(self, database: Engine) -> None:
        late = NOON.replace(month=12, day=20)
        with database.begin() as db:
            site = a_site(db, hours=tuple((weekday, 540, 600) for weekday in range(1, 6)))
            rule = "INSERT INTO holiday_rules (site_id, on_holiday, on_makeup_workday) VALUES (:id, 'closed', 'friday')"
            db.execute(text(rule), {"id": site.id})
            slots.extend(db, at=late)

        def days(db: Connection) -> set[str]:
            made = (
                "SELECT visit_on FROM slots WHERE dropped_at IS NULL AND visit_on BETWEEN '2026-12-31' AND '2027-01-09'"
            )
            return {f"{day:%m-%d}" for day in db.execute(text(made)).scalars()}

        with database.begin() as db:
            assert days(db) == {"12-31", "01-01", "01-04", "01-05", "01-06", "01-07", "01-08"}
            asked = AnnounceHolidays(year=2027, citation="通知", days=NEW_YEAR)
            told = holidays.announce(db, asked=asked, actor=OFFICER, at=late)
            assert told.remade == {"state": "waiting", "done": 0, "total": None}
            slots.extend(db, at=late)  # what the job does; it runs at the clock's own time
            assert days(db) == {"12-31", "01-04", "01-05", "01-06", "01-07", "01-08", "01-09"}
        assert jobs.run_one(database, WORK.jobs)
        with database.begin() as db:
            assert queries.year(db, 2027).remade == {"state": "done", "done": 1, "total": 1}

    def test_corrects_a_year_that_was_announced(self, db: Connection) -> None:
        announced(db)
        corrected = announced(db, "date,kind,name\n2027-01-01,off,元旦\n")
        assert [str(day.day) for day in corrected.days] == ["2027-01-01"]
        assert corrected.announced_by == OFFICER.name

    def test_is_the_officers(self, db: Connection) -> None:
        with pytest.raises(Forbidden):
            announced(db, actor=a_secretary(a_branch(db)))
