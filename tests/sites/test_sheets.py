"""The day sheet, the week sheet and the list of vouchers: what they show, that they are noted."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from contracts.sites.sheets import PrintVouchers, SheetAsked, SheetPrintsAsked
from sites.operations import sheets
from sites.queries import sheets as sheet_queries
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
)
from tests.sites.parties import Party


class TestSheets:
    def sheet(self, party: Party, *, on: date | None = None, days: int = 1, at: datetime | None = None) -> Any:
        on = on or party.order.visit_on
        asked = SheetAsked(party.slot.site.id, on, days)
        return sheets.sheet(party.db, asked=asked, actor=party.steward, at=at or party.at)

    def prints(self, party: Party) -> list[Any]:
        asked = SheetPrintsAsked(party.slot.site.id)
        return sheet_queries.prints(party.db, asked, actor=party.steward).items

    def test_on_the_day_it_has_numbers_and_names_and_is_noted(self, party: Party) -> None:
        party.names(party.members[0], needs="一辆轮椅")
        sheet = self.sheet(party)
        (row,) = sheet.rows
        assert (row.contact_phone, row.names, row.needs) == ("13853312345", ["赵一"], "一辆轮椅")
        assert (sheet.parties, sheet.heads, sheet.has_phones) == (1, 20, True)
        assert [(each.kind, each.drawn_by) for each in self.prints(party)] == [("day", "王管理员")]

    def test_on_another_day_numbers_are_masked_and_names_left_out(self, party: Party) -> None:
        party.names(party.members[0])
        (row,) = self.sheet(party, at=NOON).rows
        assert (row.contact_phone, row.names) == ("138****2345", [])
        assert self.prints(party) == []

    def test_a_week_has_the_numbers_of_today_alone(self, party: Party) -> None:
        tomorrow = a_slot(party.db, site=party.slot.site, starts_at=party.at + timedelta(days=1))
        a_placed_order(party.db, slot=tomorrow)
        sheet = self.sheet(party, days=7)
        assert [row.contact_phone for row in sheet.rows] == ["13853312345", "138****2345"]
        assert sheet.last_day - sheet.first_day == timedelta(days=6)

    def test_the_list_of_vouchers_is_noted(self, party: Party) -> None:
        asked = PrintVouchers(party.slot.site.id, party.order.visit_on)
        listed = sheets.print_vouchers(party.db, asked=asked, actor=party.steward, at=NOON)
        assert [voucher.code for voucher in listed.vouchers] == [party.order.voucher]
        assert [(each.kind, each.on) for each in self.prints(party)] == [("vouchers", party.order.visit_on)]

    def test_only_for_the_steward_of_the_site(self, db: Connection, party: Party) -> None:
        stranger = a_steward(a_site(db))
        on = party.order.visit_on
        with pytest.raises(Forbidden):
            sheets.sheet(db, asked=SheetAsked(party.slot.site.id, on), actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            sheets.print_vouchers(db, asked=PrintVouchers(party.slot.site.id, on), actor=stranger, at=NOON)
        with pytest.raises(NotFound):
            sheets.sheet(db, asked=SheetAsked(uuid4(), on), actor=stranger, at=NOON)

    def test_prints_go_on_page_after_page(self, db: Connection, party: Party) -> None:
        for _ in range(3):
            self.sheet(party)
        asked = SheetPrintsAsked(party.slot.site.id, limit=2)
        first = sheet_queries.prints(db, asked, actor=party.steward)
        rest = sheet_queries.prints(db, replace(asked, cursor=first.next), actor=party.steward)
        assert (len(first.items), len(rest.items), rest.next) == (2, 1, None)

    def test_what_was_printed_is_never_changed(self, db: Connection, party: Party) -> None:
        self.sheet(party)
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            db.execute(text("DELETE FROM sheet_prints"))
