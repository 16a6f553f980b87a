"""Funds get money by documents, and pay the accounts registered for sites."""

from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden, TokenTooOld
from chassis.refusals import NotFound
from contracts.sites.funds import AppropriateFund
from sites.domain.ledger import AppropriationRepeated
from sites.operations import funds
from sites.queries import funds as fund_queries
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, NOON, a_site, money_in_the_fund
from tests.sites.money import a_payee, a_preparer, an_approver, an_auditor, books, entries, fresh

AT = NOON


def test_a_document_grants_money_to_this_year(db: Connection) -> None:
    fund = money_in_the_fund(db, amount_fen=100_00)
    preparer = fresh(a_preparer(), AT)
    asked = AppropriateFund(fund_id=fund, amount_fen=50_00, document_number="川财〔2026〕8号")
    view = funds.appropriate(db, asked=asked, actor=preparer, at=AT)
    assert (view.year, view.appropriated_fen, view.available_fen, view.paid_fen) == (2026, 150_00, 150_00, 0)
    entry = db.execute(text("SELECT * FROM ledger_entries ORDER BY sequence DESC LIMIT 1")).one()
    assert (entry.document_number, entry.by_id, entry.by_name) == ("川财〔2026〕8号", preparer.person_id, "赵经办")
    with pytest.raises(AppropriationRepeated), db.begin_nested():
        funds.appropriate(db, asked=asked, actor=preparer, at=AT)
    assert books(db)["available"] == 150_00


def test_the_year_is_that_of_shanghai(db: Connection) -> None:
    fund = money_in_the_fund(db, amount_fen=0)
    new_year = NOON.replace(month=12, day=31, hour=16)
    asked = AppropriateFund(fund_id=fund, amount_fen=1, document_number="x")
    assert funds.appropriate(db, asked=asked, actor=fresh(a_preparer(), new_year), at=new_year).year == 2027
    assert fund_queries.fund(db, fund, year=2026).available_fen == 0


def test_takes_the_right_and_a_fresh_token(db: Connection) -> None:
    asked = AppropriateFund(fund_id=money_in_the_fund(db), amount_fen=1, document_number="x")
    before = entries(db)
    for other in (an_approver(), an_auditor(), an_actor(("officer", DISTRICT))):
        with pytest.raises(Forbidden):
            funds.appropriate(db, asked=asked, actor=fresh(other, AT), at=AT)
    with pytest.raises(TokenTooOld):
        funds.appropriate(db, asked=asked, actor=fresh(a_preparer(), AT - timedelta(seconds=61)), at=AT)
    with pytest.raises(NotFound):
        funds.appropriate(db, asked=asked, actor=fresh(a_preparer(path="3703.370303"), AT), at=AT)
    unknown = AppropriateFund(fund_id=uuid4(), amount_fen=1, document_number="x")
    with pytest.raises(NotFound):
        funds.appropriate(db, asked=unknown, actor=fresh(a_preparer(), AT), at=AT)
    assert entries(db) == before


def test_a_changed_account_is_another_row(db: Connection) -> None:
    site = a_site(db)
    a_payee(db, site, account="1111222233334444")
    a_payee(db, site, account="1111222233334444")
    rows = "SELECT account_masked, active_until IS NULL AS is_active FROM payees WHERE site_id = :site ORDER BY 1"
    assert [tuple(row) for row in db.execute(text(rows), {"site": site.id})] == [("**** 4444", True)]
    a_payee(db, site, account="1111222233335555")
    assert [tuple(row) for row in db.execute(text(rows), {"site": site.id})] == [
        ("**** 4444", False),
        ("**** 5555", True),
    ]


@pytest.mark.parametrize(("account", "masked"), [("62220000", "**** 0000"), ("123", "****"), ("1234", "****")])
def test_masks_an_account(account: str, masked: str) -> None:
    assert funds.mask_account(account) == masked


@pytest.mark.parametrize(
    "change",
    [
        "available_fen = available_fen + 1",
        "available_fen = -1, encumbered_fen = appropriated_fen + 1",
        "paid_fen = 1",
    ],
)
def test_a_year_always_balances(db: Connection, change: str) -> None:
    money_in_the_fund(db)
    with pytest.raises(DBAPIError, match="fund_years_"):
        db.execute(text(f"UPDATE fund_years SET {change}"))  # noqa: S608
