"""Many at once, on real connections with real commits: no seat is sold twice or lost, no command acts twice."""

import json
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from chassis.actors import Actor
from chassis.database import direct
from chassis.guard import Command
from contracts.sites.orders import PlaceOrder
from sites.operations import orders, placing
from sqlalchemy import Engine, text

from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_check_in,
    a_command,
    a_secretary,
    a_slot,
    a_steward,
    an_order,
    come,
    fund_year,
    money_in_the_fund,
    the_order,
)


def place(database: Engine, order: PlaceOrder, *, actor: Actor, command: Command | None = None) -> bytes:
    with direct(database, service="sites") as cursor:
        return orders.place(cursor, order=order, actor=actor, at=NOON, command=command or a_command(order, actor=actor))


def an_order_placed(database: Engine) -> tuple[Slot, Any]:
    """Let a new branch order a new slot; return the slot and the order."""
    with database.begin() as db:
        slot = a_slot(db)
        branch = a_branch(db)
    order_id = UUID(_id(place(database, an_order(slot, branch=branch), actor=a_secretary(branch))))
    with database.connect() as db:
        return slot, the_order(db, order_id)


def figures(database: Engine, slot: Any) -> tuple[int, int, int]:
    """Return the slot's counter, the seats of its live orders, and how many those are."""
    with database.connect() as db:
        return tuple(
            db.execute(
                text(
                    "SELECT s.seats_taken, coalesce(sum(o.seats), 0), count(o.id) FROM slots s"
                    " LEFT JOIN orders o ON o.slot_id = s.id AND o.state IN ('placed', 'confirmed', 'used')"
                    " WHERE s.id = :id GROUP BY s.id"
                ),
                {"id": slot.id},
            ).one()
        )


class TestASlotWithTenSeats:
    def test_sixty_four_orders_at_once_get_exactly_ten(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            slot = a_slot(db, seats=10)
            branches = [a_branch(db) for _ in range(64)]
        results = at_once(
            [
                partial(place, database, an_order(slot, branch=branch, party_size=1), actor=a_secretary(branch))
                for branch in branches
            ]
        )
        told = Counter(result if isinstance(result, str) else "placed" for result in results)
        assert told == {"placed": 10, "slot-full": 54}
        assert figures(database, slot) == (10, 10, 10)
        with database.connect() as db:
            for name, count in {"orders": 10, "order_history": 10, "outbox": 10, "commands": 10}.items():
                assert db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == count  # noqa: S608
            assert fund_year(db, fund).encumbered_fen == 0  # one head is below the minimum

    def test_parties_of_three_fill_it_three_times(self, database: Engine) -> None:
        with database.begin() as db:
            slot = a_slot(db, seats=10)
            branches = [a_branch(db) for _ in range(32)]
        results = at_once(
            [
                partial(place, database, an_order(slot, branch=branch, party_size=3), actor=a_secretary(branch))
                for branch in branches
            ]
        )
        assert sum(not isinstance(result, str) for result in results) == 3
        assert figures(database, slot) == (9, 9, 3)


class TestOneCommandManyTimes:
    def test_acts_once_and_all_get_its_answer(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            slot = a_slot(db)
            branch = a_branch(db)
        secretary = a_secretary(branch)
        order = an_order(slot, branch=branch)
        command = a_command(order, actor=secretary)
        results = at_once([lambda: place(database, order, actor=secretary, command=command)] * 16)
        assert len(set(results)) == 1
        assert isinstance(results[0], bytes)
        assert figures(database, slot) == (20, 20, 1)
        with database.connect() as db:
            assert fund_year(db, fund).encumbered_fen == 40_000


class TestOneBranchAtOnce:
    def test_keeps_its_quota_and_its_one_subsidised_visit(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            slots = [a_slot(db) for _ in range(12)]
            branch = a_branch(db)
        secretary = a_secretary(branch)
        results = at_once([partial(place, database, an_order(slot, branch=branch), actor=secretary) for slot in slots])
        told = Counter(result if isinstance(result, str) else "placed" for result in results)
        assert told == {"placed": 2, "quota-reached": 10}
        assert sum(figures(database, slot)[0] for slot in slots) == 40
        with database.connect() as db:
            assert fund_year(db, fund).encumbered_fen == 40_000


class TestTheLastMoney:
    def test_is_set_aside_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=100_000)
            slots = [a_slot(db) for _ in range(8)]
            branches = [a_branch(db) for _ in range(8)]
        results = at_once(
            [
                partial(place, database, an_order(slot, branch=branch), actor=a_secretary(branch))
                for slot, branch in zip(slots, branches, strict=True)
            ]
        )
        told = Counter(result if isinstance(result, str) else "placed" for result in results)
        assert told == {"placed": 2, "fund-exhausted": 6}
        with database.connect() as db:
            assert (fund_year(db, fund).encumbered_fen, fund_year(db, fund).available_fen) == (80_000, 20_000)
        assert sum(figures(database, slot)[0] for slot in slots) == 40


class TestCancelAgainstOrder:
    def test_seats_given_back_are_sold_again_and_no_more(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            slot = a_slot(db, seats=40)
            leaving = [a_branch(db) for _ in range(2)]
            coming = [a_branch(db) for _ in range(20)]
        placed = [
            UUID(_id(place(database, an_order(slot, branch=branch), actor=a_secretary(branch)))) for branch in leaving
        ]

        def cancel(order_id: UUID, branch: Branch) -> Any:
            with database.begin() as db:
                return orders.cancel(db, order_id=order_id, reason="下雨", actor=a_secretary(branch), at=NOON)

        results = at_once(
            [
                *(partial(cancel, o, b) for o, b in zip(placed, leaving, strict=True)),
                *(
                    partial(place, database, an_order(slot, branch=branch), actor=a_secretary(branch))
                    for branch in coming
                ),
            ]
        )
        assert not isinstance(results[0], str)
        assert not isinstance(results[1], str)
        sold = sum(isinstance(result, bytes) for result in results[2:])
        assert sold <= 2
        assert set(results[2:]) - {r for r in results[2:] if isinstance(r, bytes)} <= {"slot-full"}
        assert figures(database, slot) == (20 * sold, 20 * sold, sold)

    def test_one_cancellation_of_many_gives_back_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            slot = a_slot(db)
            branch = a_branch(db)
        order_id = UUID(_id(place(database, an_order(slot, branch=branch), actor=a_secretary(branch))))

        def cancel() -> Any:
            with database.begin() as db:
                return orders.cancel(db, order_id=order_id, reason="下雨", actor=a_secretary(branch), at=NOON).state

        assert Counter(at_once([cancel] * 8)) == {"cancelled": 1, "order-not-movable": 7}
        assert figures(database, slot) == (0, 0, 0)
        with database.connect() as db:
            assert fund_year(db, fund).available_fen == 50_000_000


class TestTheDoor:
    def test_a_voucher_shown_at_eight_doors_at_once_is_used_at_one(self, database: Engine) -> None:
        slot, order = an_order_placed(database)

        def arrive() -> Any:
            with database.begin() as db:
                come(db, a_check_in(order.voucher), actor=a_steward(slot.site), at=slot.starts_at)
                return "in"

        assert Counter(at_once([arrive] * 8)) == {"in": 1, "voucher-used": 7}

    def test_one_check_in_sent_eight_times_is_one(self, database: Engine) -> None:
        slot, order = an_order_placed(database)
        asked = a_check_in(order.voucher)

        def arrive() -> Any:
            with database.begin() as db:
                return come(db, asked, actor=a_steward(slot.site), at=slot.starts_at)

        assert len(set(at_once([arrive] * 8))) == 1

    def test_cancelled_or_let_in_but_never_both(self, database: Engine) -> None:
        with database.begin() as db:
            slot = a_slot(db)
            branches = [a_branch(db) for _ in range(2)]
        early = slot.starts_at - timedelta(minutes=10)
        for branch in branches:
            order_id = UUID(_id(place(database, an_order(slot, branch=branch), actor=a_secretary(branch))))
            with database.connect() as db:
                voucher = the_order(db, order_id).voucher

            def arrive(voucher: str = voucher) -> Any:
                with database.begin() as db:
                    come(db, a_check_in(voucher), actor=a_steward(slot.site), at=early)
                    return "in"

            def cancel(order_id: UUID = order_id, branch: Branch = branch) -> Any:
                with database.begin() as db:
                    orders.cancel(db, order_id=order_id, reason="雨", actor=a_secretary(branch), at=early)
                    return "cancelled"

            assert Counter(at_once([arrive, cancel])) in (
                {"in": 1, "cancelled-too-late": 1},
                {"voucher-cancelled": 1, "cancelled": 1},
            )


class TestTimersAgainstPeople:
    def test_no_order_is_both_missed_and_let_in(self, database: Engine) -> None:
        slot, order = an_order_placed(database)

        def arrive() -> Any:
            with database.begin() as db:
                come(db, a_check_in(order.voucher), actor=a_steward(slot.site), at=slot.ends_at)
                return "in"

        def miss() -> Any:
            with database.begin() as db:
                return orders.miss(db, at=slot.ends_at + timedelta(minutes=30))

        results = at_once([arrive, miss, miss])
        assert results[0] in ("in", "voucher-cancelled")
        assert sum(results[1:]) == (results[0] != "in")
        assert figures(database, slot)[0] == (20 if results[0] == "in" else 0)


def test_a_voucher_that_exists_already_is_drawn_again(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.begin() as db:
        slot = a_slot(db)
        first, second = a_branch(db), a_branch(db)
    codes = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(placing.vouchers, "new_code", lambda: next(codes))
    place(database, an_order(slot, branch=first), actor=a_secretary(first))
    answer = place(database, an_order(slot, branch=second), actor=a_secretary(second))
    assert b'"voucher":"BBBBBBBB"' in answer
    assert figures(database, slot) == (40, 40, 2)


def _id(answer: bytes) -> str:
    return str(json.loads(answer)["id"])
