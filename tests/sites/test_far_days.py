"""Days at the end of the calendar are refused at the door or looked up like any other, never a fault."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from contracts.envelope import DAY_MAX, DAY_MIN, load
from contracts.sites.funds import FundsAsked
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.orders import OrdersAsked
from contracts.sites.places import SitesAsked
from contracts.sites.policies import PolicyAsked
from contracts.sites.slots import SlotsAsked
from marshmallow import ValidationError
from sites.queries import funds, ledger, slots
from sqlalchemy import Connection

from tests.sites.articles import NOON, a_site, money_in_the_fund
from tests.sites.money import a_preparer


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2200, 1, 1), date.max])
@pytest.mark.parametrize(
    ("message", "name"),
    [
        (SlotsAsked, "from_day"),
        (SlotsAsked, "to_day"),
        (SitesAsked, "on"),
        (OrdersAsked, "on"),
        (PolicyAsked, "on"),
        (TrialBalanceAsked, "on"),
    ],
)
def test_a_day_far_away_is_no_day(message: type, name: str, day: date) -> None:
    with pytest.raises(ValidationError) as refused:
        load(message, {"site_id": str(uuid4()), name: str(day)})
    assert refused.value.messages == {name: ["Not a valid date."]}


@pytest.mark.parametrize("year", [-1, 0, 1899, 2200, 2**31, 10**30])
def test_a_year_far_away_is_out_of_range(year: int) -> None:
    with pytest.raises(ValidationError) as refused:
        load(FundsAsked, {"year": year})
    assert list(refused.value.messages_dict) == ["year"]


@pytest.mark.parametrize("day", [DAY_MIN, DAY_MAX])
def test_the_first_and_the_last_day_are_answered(db: Connection, day: date) -> None:
    site: Any = a_site(db)
    money_in_the_fund(db)
    preparer = a_preparer()
    from_it = load(SlotsAsked, {"site_id": str(site.id), "from_day": str(day)})
    assert slots.slots(db, from_it, at=NOON).items == []
    balance = ledger.trial_balance(db, asked=load(TrialBalanceAsked, {"on": str(day)}), actor=preparer)
    assert balance.difference_fen == 0
    asked = load(FundsAsked, {"year": day.year})
    assert [fund.year for fund in funds.funds(db, asked=asked, actor=preparer, at=NOON).items] == [day.year]
