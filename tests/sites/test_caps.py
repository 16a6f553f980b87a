"""Caps that visits share (S9): counted with the money, cut in sequence, never passed, whoever orders at once."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from chassis.database import direct
from contracts.sites.orders import AmendOrder
from contracts.sites.routes import OrderRoute
from contracts.sites.series import PlaceSeries
from sites.operations import amending, cap_proof, orders, routes, series
from sites.operations.moves import end
from sqlalchemy import Connection, Engine, text

from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_command,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    fund_year,
    money_in_the_fund,
    place,
    the_order,
)
from tests.sites.money import a_payee, a_visit, approved, books, disputed, with_reason
from tests.sites.policies import a_policy

DAY = timedelta(days=1)
DECEMBER = NOON.replace(month=12, day=3)


def used(db: Connection, kind: str) -> list[int]:
    rows = db.execute(text("SELECT used_fen FROM cap_counters WHERE kind = :kind ORDER BY used_fen"), {"kind": kind})
    return list(rows.scalars())


def restore(db: Connection, order_id: UUID) -> None:
    back = text("SELECT restore_order(:order, true, '补传', '[]', :at, NULL, 'timer')")
    db.execute(back, {"order": order_id, "at": NOON})


def rules_of(db: Connection, order_id: UUID) -> list[str]:
    return [line["rule"] for line in the_order(db, order_id).subsidy_explanation]


@pytest.fixture(autouse=True)
def proof(request: pytest.FixtureRequest) -> Any:
    """After each test on `db` the counters agree with the money."""
    db = request.getfixturevalue("db") if "db" in request.fixturenames else None
    yield
    if db is not None:
        assert cap_proof.caps_differing(db) == []


class TestASiteMonth:
    def test_the_last_visit_is_cut_and_the_next_is_unsubsidised(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00)
        site = a_site(db)
        slots = [a_slot(db, site=site, starts_at=NOON + DAY + timedelta(hours=hour)) for hour in range(5)]
        placed = [a_placed_order(db, slot=slot)[0] for slot in slots[:4]]
        estimates = [the_order(db, order_id).subsidy_estimate_fen for order_id in placed]
        assert estimates == [400_00, 400_00, 200_00, 0]
        assert rules_of(db, placed[2])[-1] == rules_of(db, placed[3])[-1] == "site_month_cap"
        assert not the_order(db, placed[3]).is_subsidised
        assert used(db, "site_month") == [1000_00]
        assert fund_year(db, fund).encumbered_fen == 1000_00

        end(db, [placed[0], placed[1]], "cancel", at=NOON, reason="有变")
        assert used(db, "site_month") == [200_00]
        last, _secretary = a_placed_order(db, slot=slots[4])
        assert the_order(db, last).subsidy_estimate_fen == 400_00

    def test_other_sites_and_months_have_their_own(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00)
        site = a_site(db)
        for slot in (
            a_slot(db, site=site, starts_at=NOON + DAY),
            a_slot(db, site=site, starts_at=DECEMBER),
            a_slot(db, starts_at=NOON + DAY),
        ):
            a_placed_order(db, slot=slot, party_size=60)
        assert used(db, "site_month") == [800_00] * 3

    def test_what_a_claim_needs_less_is_free_again(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00, branch_year_cap_fen=1000_00)
        site = a_site(db)
        a_payee(db, site)
        visit = a_visit(db, site=site, came=15)
        assert used(db, "site_month") == [400_00]
        assert approved(db, visit).approved_fen == 350_00
        assert used(db, "site_month") == used(db, "branch_year") == [350_00]
        books(db)

    def test_a_rejected_claim_gives_everything_back(self, db: Connection) -> None:
        from sites.operations import claims

        from tests.sites.money import CLOSED, a_preparer, fresh

        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00)
        visit = a_visit(db)
        disputed(db, visit, headcount=3)
        claims.reject(db, asked=with_reason(visit), actor=fresh(a_preparer(), CLOSED), at=CLOSED)
        assert used(db, "site_month") == [0]


class TestABranchYear:
    def test_counts_over_sites_and_months(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, branch_year_cap_fen=1000_00, site_year_cap_fen=9000_00)
        branch = a_branch(db)
        first, _who = a_placed_order(db, slot=a_slot(db), branch=branch, party_size=60)
        second, _who = a_placed_order(db, slot=a_slot(db, starts_at=DECEMBER), branch=branch, party_size=60)
        assert the_order(db, first).subsidy_estimate_fen == 800_00
        assert the_order(db, second).subsidy_estimate_fen == 200_00
        assert rules_of(db, second)[-1] == "branch_year_cap"


class TestTheShareOfTheFund:
    def test_is_not_passed_although_the_fund_has_more(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        a_policy(db, fund_share_percent=60)
        site = a_site(db)
        orders_ = [
            a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + DAY + timedelta(hours=hour)))[0]
            for hour in range(3)
        ]
        assert [the_order(db, one).subsidy_estimate_fen for one in orders_] == [400_00, 200_00, 0]
        assert rules_of(db, orders_[1])[-1] == "fund_share"
        assert fund_year(db, fund).available_fen == 400_00


class TestAmending:
    def test_a_party_that_grows_takes_what_is_left(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00)
        site = a_site(db)
        a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + DAY))
        slot = a_slot(db, site=site, starts_at=NOON + 2 * DAY)
        order_id, secretary = a_placed_order(db, slot=slot)
        view = amending.amend(db, asked=AmendOrder(order_id=order_id, party_size=60), actor=secretary, at=NOON)
        assert view.subsidy_estimate_fen == 600_00
        assert used(db, "site_month") == [1000_00]

    def test_a_move_takes_the_money_along(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00, fund_share_percent=100)
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        there = a_slot(db, starts_at=NOON + DAY)
        amending.amend(db, asked=AmendOrder(order_id=order_id, slot_id=there.id), actor=secretary, at=NOON)
        assert used(db, "site_month") == [0, 400_00]

    def test_its_own_money_is_not_counted_against_it(self, db: Connection) -> None:
        money_in_the_fund(db, amount_fen=1000_00)
        a_policy(db, fund_share_percent=50)
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        view = amending.amend(db, asked=AmendOrder(order_id=order_id, party_size=25), actor=secretary, at=NOON)
        assert view.subsidy_estimate_fen == 450_00


class TestRestoring:
    def test_brings_back_what_the_cap_still_leaves(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00)
        site = a_site(db)
        first = a_slot(db, site=site, starts_at=NOON + DAY)
        order_id, _who = a_placed_order(db, slot=first)
        end(db, [order_id], "cancel", at=NOON, reason="有变")
        a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + 2 * DAY), party_size=50)
        restore(db, order_id)
        restored = the_order(db, order_id)
        assert restored.subsidy_estimate_fen == 300_00
        assert sum(line["amount_fen"] for line in restored.subsidy_explanation) == 300_00
        assert used(db, "site_month") == [1000_00]
        assert fund_year(db, fund).encumbered_fen == 1000_00
        books(db)

    def test_of_a_cap_used_up_it_comes_back_unsubsidised(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1000_00, visit_cap_fen=1000_00)
        site = a_site(db)
        order_id, _who = a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + DAY))
        end(db, [order_id], "cancel", at=NOON, reason="有变")
        a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + 2 * DAY, seats=100), party_size=80)
        restore(db, order_id)
        assert not the_order(db, order_id).is_subsidised


def test_a_series_and_a_trip_count_each_of_their_visits(db: Connection) -> None:
    money_in_the_fund(db)
    a_policy(db, site_year_cap_fen=5000_00, branch_year_cap_fen=1000_00)
    db.execute(text("UPDATE quota_rules SET open_orders_max = 20, subsidised_a_month_max = 20"))
    site, branch = a_site(db), a_branch(db)
    slots = [a_slot(db, site=site, starts_at=NOON + DAY + week * 7 * DAY) for week in range(2)]
    asked = PlaceSeries(
        slot_id=slots[0].id,
        every="week",
        times=2,
        party_size=20,
        contact_name="李书记",
        contact_phone="13853312345",
        branch_id=branch.id,
        dry_run=False,
    )
    view = series.place_series(db, asked=asked, actor=a_secretary(branch), at=NOON)
    assert [item.subsidy_estimate_fen for item in view.items] == [400_00, 400_00]
    stops = [a_slot(db, starts_at=NOON + 2 * DAY), a_slot(db, starts_at=NOON + 2 * DAY + timedelta(hours=4))]
    trip = OrderRoute(
        slot_ids=[slot.id for slot in stops],
        party_size=20,
        contact_name="李书记",
        contact_phone="13853312345",
        branch_id=branch.id,
    )
    routes.order(db, asked=trip, actor=a_secretary(branch), at=NOON)
    assert used(db, "branch_year") == [1000_00]


# ---- races, with commits that are real -------------------------------------------------------------------------------


def order_once(database: Engine, slot: Slot, branch: Branch) -> Any:
    asked = an_order(slot, branch=branch)
    with direct(database, service="sites") as cursor:
        return orders.place(
            cursor,
            order=asked,
            actor=a_secretary(branch),
            at=NOON,
            command=a_command(asked, actor=a_secretary(branch)),
        )


def test_the_last_fen_of_a_month_is_given_once(database: Engine) -> None:
    with database.begin() as db:
        fund = money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=1900_01)
        site = a_site(db)
        slots = [a_slot(db, site=site, starts_at=NOON + DAY + timedelta(hours=hour)) for hour in range(12)]
        branches = [a_branch(db) for _ in slots]
    ends = at_once([partial(order_once, database, *pair) for pair in zip(slots, branches, strict=True)])
    placed = [one for one in ends if not isinstance(one, str)]
    assert set(ends) - set(placed) <= {"caps-moved"}
    with database.connect() as db:
        estimates = sorted(db.execute(text("SELECT subsidy_estimate_fen FROM orders")).scalars(), reverse=True)
        assert len(estimates) == len(placed) >= 6
        assert sum(estimates) == 1900_01  # the whole of it, and not a fen more
        assert estimates[:5] == [400_00] * 4 + [300_01]
        assert used(db, "site_month") == [1900_01]
        assert fund_year(db, fund).encumbered_fen == 1900_01
        assert cap_proof.caps_differing(db) == []


def test_orders_and_cancellations_of_two_sites_never_wait_in_a_ring(database: Engine) -> None:
    with database.begin() as db:
        money_in_the_fund(db)
        a_policy(db, site_month_cap_fen=3000_00, site_year_cap_fen=4000_00, branch_year_cap_fen=2000_00)
        sites = [a_site(db), a_site(db)]
        pairs = []
        for hour in range(6):
            stops = [
                a_slot(db, site=sites[(hour + turn) % 2], starts_at=NOON + DAY + timedelta(hours=5 * hour + 3 * turn))
                for turn in range(2)
            ]
            pairs.append([(slot, *a_placed_order(db, slot=slot)) for slot in stops])
        fresh = [
            (a_slot(db, site=sites[n % 2], starts_at=NOON + 5 * DAY + timedelta(hours=n)), a_branch(db))
            for n in range(6)
        ]

    def cancel(pair: list[Any]) -> str:
        with database.begin() as db:
            end(db, [one[1] for one in pair], "cancel", at=NOON, reason="有变")
        return "done"

    ends = at_once([partial(cancel, pair) for pair in pairs] + [partial(order_once, database, *one) for one in fresh])
    assert all(one == "done" or isinstance(one, bytes) or one == "caps-moved" for one in ends)
    with database.connect() as db:
        assert cap_proof.caps_differing(db) == []
        assert (
            sum(used(db, "site_year"))
            == db.execute(
                text("SELECT coalesce(sum(amount_fen), 0) FROM encumbrances WHERE state = 'pending'")
            ).scalar_one()
        )


def test_a_lost_counter_is_found(db: Connection) -> None:
    money_in_the_fund(db)
    a_policy(db, site_month_cap_fen=1000_00)
    place(db, an_order(a_slot(db), branch=(branch := a_branch(db))), actor=a_secretary(branch))
    db.execute(text("UPDATE cap_counters SET used_fen = used_fen + 1"))
    assert [row.what for row in cap_proof.caps_differing(db)] == ["counter"]
    db.execute(text("DELETE FROM cap_takes"))
    assert {row.what for row in cap_proof.caps_differing(db)} == {"counter", "order"}
    db.execute(text("DELETE FROM cap_counters"))
    db.execute(text("UPDATE orders SET policy_id = NULL"))
