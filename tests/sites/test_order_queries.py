"""Who sees which orders: one, the list, the voucher."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden, Grant
from chassis.refusals import BadRequest, NotFound
from contracts.rights import RIGHTS, ROLES
from contracts.sites.orders import OrdersAsked
from contracts.sites.visits import VoucherView
from sites.operations import orders as operations
from sites.queries import orders as queries
from sqlalchemy import Connection

from tests.articles import an_actor
from tests.sites.articles import (
    DISTRICT,
    NOON,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    money_in_the_fund,
    place,
)


def listed(db: Connection, actor: Actor, **asked: Any) -> Any:
    return [view.id for view in queries.orders(db, OrdersAsked(**asked), actor=actor, at=NOON).items]


def voucher(db: Connection, order_id: UUID, *, actor: Actor) -> VoucherView:
    return queries.voucher(db, order_id, actor=actor, at=NOON, token=lambda row: f"token of {row.id}")


class TestWhoSeesAnOrder:
    def test_every_role_as_the_table_of_rights_says(self, db: Connection) -> None:
        """One order and the list of orders agree with each other for every role, near and far."""
        money_in_the_fund(db)
        slot = a_slot(db)
        branch = a_branch(db)
        order_id, _ = a_placed_order(db, slot=slot, branch=branch)
        places = {"branch": branch.path, "site": slot.site.path, "fund": DISTRICT}
        for role in ROLES:
            scope = RIGHTS["read_order"][role]
            near, far = places.get(scope), "3703.370303"
            for path in {far, *places.values()}:
                actor = an_actor((role, path))
                expected = near is not None and (near == path or near.startswith(path + "."))
                assert listed(db, actor) == ([order_id] if expected else []), (role, path)
                if expected:
                    assert queries.order(db, order_id, actor=actor, at=NOON).id == order_id
                else:
                    with pytest.raises(NotFound):
                        queries.order(db, order_id, actor=actor, at=NOON)

    def test_who_placed_it_sees_it_still_after_leaving_the_post(self, db: Connection) -> None:
        branch = a_branch(db)
        secretary = a_secretary(branch)
        placed = place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        former = replace(secretary, grants=(Grant("member", f"{DISTRICT}.elsewhere"),))
        assert [str(id) for id in listed(db, former)] == [placed["id"]]

    def test_a_path_that_merely_begins_alike_is_another(self, db: Connection) -> None:
        branch = a_branch(db, path=f"{DISTRICT}.town.b_1")
        a_placed_order(db, slot=a_slot(db), branch=branch)
        for path in (f"{DISTRICT}.town.b", f"{DISTRICT}.town.bx1", f"{DISTRICT}.town.b_1.below"):
            assert listed(db, an_actor(("secretary", path))) == []

    def test_an_unknown_one_does_not_exist(self, db: Connection) -> None:
        officer = an_actor(("officer", DISTRICT))
        with pytest.raises(NotFound):
            queries.order(db, uuid4(), actor=officer, at=NOON)
        with pytest.raises(NotFound):
            voucher(db, uuid4(), actor=officer)


class TestTheList:
    def test_is_filtered(self, db: Connection) -> None:
        site = a_site(db)
        soon, later = a_slot(db, site=site), a_slot(db, site=site, starts_at=NOON + timedelta(days=3))
        elsewhere = a_slot(db)
        branch = a_branch(db)
        secretary = a_secretary(branch)
        one, _ = a_placed_order(db, slot=soon, branch=branch)
        two, _ = a_placed_order(db, slot=elsewhere, branch=branch)
        three, _ = a_placed_order(db, slot=later)
        operations.cancel(db, order_id=two, reason="雨", actor=secretary, at=NOON)
        everything = an_actor(("secretary", DISTRICT), ("steward", DISTRICT))
        assert set(listed(db, everything)) == {one, two, three}
        assert set(listed(db, everything, branch_id=branch.id)) == {one, two}
        assert set(listed(db, everything, site_id=site.id)) == {one, three}
        assert listed(db, everything, state="cancelled") == [two]
        assert listed(db, everything, on=later.starts_at.date()) == [three]
        assert listed(db, everything, mine=True) == []

    def test_comes_newest_first_page_by_page(self, db: Connection) -> None:
        slot = a_slot(db, seats=500)
        ids = [a_placed_order(db, slot=slot, at=NOON + timedelta(seconds=n // 2))[0] for n in range(7)]
        steward = a_steward(slot.site)
        walked, cursor = [], None
        while True:
            page = queries.orders(db, OrdersAsked(limit=3, cursor=cursor), actor=steward, at=NOON)
            walked += [view.id for view in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert set(walked) == set(ids)
        assert len(walked) == 7
        assert walked[-1] in ids[:2]

    def test_refuses_a_cursor_of_somebody_else(self, db: Connection) -> None:
        with pytest.raises(BadRequest):
            listed(db, an_actor(("officer", DISTRICT)), cursor="x")


class TestTheVoucher:
    def test_is_shown_with_its_place_and_time(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot, party_size=12)
        view = voucher(db, order_id, actor=secretary)
        assert view.voucher == queries.order(db, order_id, actor=secretary, at=NOON).voucher
        assert (view.site.name, view.slot.starts_at, view.party_size) == (slot.site.name, slot.starts_at, 12)

    def test_is_for_those_who_come_and_for_the_site_alone(self, db: Connection) -> None:
        money_in_the_fund(db)
        slot, branch = a_slot(db), a_branch(db)
        order_id, _ = a_placed_order(db, slot=slot, branch=branch)
        for role in ("secretary", "administrator", "steward"):
            actor = an_actor((role, slot.site.path if role == "steward" else branch.path))
            code = voucher(db, order_id, actor=actor).voucher
            assert code == queries.order(db, order_id, actor=actor, at=NOON).voucher
        for role in ("officer", "preparer", "approver", "auditor"):
            actor = an_actor((role, DISTRICT))
            assert queries.order(db, order_id, actor=actor, at=NOON).voucher is None
            assert [view.voucher for view in queries.orders(db, OrdersAsked(), actor=actor, at=NOON).items] == [None]
            with pytest.raises(Forbidden):
                voucher(db, order_id, actor=actor)

    def test_is_not_there_before_the_site_has_confirmed(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual")
        order_id, secretary = a_placed_order(db, slot=slot)
        with pytest.raises(NotFound):
            voucher(db, order_id, actor=secretary)
        operations.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=NOON)
        assert voucher(db, order_id, actor=secretary).state == "confirmed"

    def test_says_when_it_is_worth_nothing_any_more(self, db: Connection) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        operations.cancel(db, order_id=order_id, reason="雨", actor=secretary, at=NOON)
        assert voucher(db, order_id, actor=secretary).state == "cancelled"
