"""What happens to an order until the party comes: confirmed, refused, cancelled, expired, missed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from sites.domain.orders import CONFIRMED, MOVES, PLACED, STATES, CancelledTooLate, OrderNotMovable
from sites.domain.vouchers import read_code
from sites.operations import orders
from sites.operations.moves import TIMER, end, move
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import (
    DISTRICT,
    NOON,
    a_check_in,
    a_placed_order,
    a_slot,
    a_steward,
    an_order_in,
    checked_in,
    come,
    fund_year,
    history_of,
    money_in_the_fund,
    seats_taken,
    seen,
    the_order,
    told,
)

ENDINGS = sorted(verb for verb, (_, target) in MOVES.items() if target not in ("confirmed", "used"))


def by_hand(db: Connection, *, starts_at: Any = NOON + timedelta(days=10)) -> Any:
    return a_slot(db, confirmation="manual", starts_at=starts_at)


class TestEveryPair:
    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("verb", sorted(MOVES))
    def test_moves_or_stays(self, db: Connection, verb: str, state: str) -> None:
        order_id, _slot, _ = an_order_in(db, state)
        sources, target = MOVES[verb]
        fields: dict[str, Any] = {"checked_in": 20, "headcount": 20} if target == "used" else {}
        if target == CONFIRMED:
            fields["voucher"] = "23456789"
        moved = move(db, [order_id], verb, at=NOON, reason="weil", **fields)
        after = the_order(db, order_id)
        if state in sources:
            assert [order.id for order in moved] == [order_id]
            assert (after.state, after.version, after.reason) == (target, 2, "weil")
            (step,) = history_of(db, order_id)
            assert (step.move, step.state, step.by_name, step.reason) == (verb, target, TIMER, "weil")
        else:
            assert moved == []
            assert (after.state, after.version) == (state, 1)
            assert history_of(db, order_id) == []

    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("verb", ENDINGS)
    def test_an_ending_gives_the_seats_back_and_tells(self, db: Connection, verb: str, state: str) -> None:
        order_id, slot, _ = an_order_in(db, state)
        ended = end(db, [order_id], verb, at=NOON, reason="原因")
        if state in MOVES[verb][0]:
            assert len(ended) == 1
            assert seats_taken(db, slot) == 0
            (fact,) = told(db, order_id)
            assert (fact.event, fact.version, fact.data["state"]) == ("visit_cancelled", 2, MOVES[verb][1])
        else:
            assert ended == []
            assert seats_taken(db, slot) == 20
            assert told(db, order_id) == []


class TestConfirm:
    def test_gives_the_voucher(self, db: Connection) -> None:
        slot = by_hand(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        steward = a_steward(slot.site)
        view = orders.confirm(db, order_id=order_id, actor=steward, at=NOON)
        assert (view.state, view.version) == ("confirmed", 2)
        assert view.voucher is not None
        assert view.voucher == read_code(view.voucher)
        assert [(step.move, step.by_id) for step in history_of(db, order_id)] == [
            ("place", secretary.person_id),
            ("confirm", steward.person_id),
        ]

    def test_comes_too_late_after_two_working_days(self, db: Connection) -> None:
        slot = by_hand(db)
        order_id, _ = a_placed_order(db, slot=slot)
        late = the_order(db, order_id).answer_by
        with pytest.raises(OrderNotMovable, match="expired"):
            orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=late)
        orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=late - timedelta(seconds=1))

    def test_is_done_once(self, db: Connection) -> None:
        slot = by_hand(db)
        order_id, _ = a_placed_order(db, slot=slot)
        orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=NOON)
        with pytest.raises(OrderNotMovable, match="confirmed now"):
            orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=NOON)


class TestRefuse:
    def test_gives_back_seats_and_money(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = by_hand(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        assert fund_year(db, fund).encumbered_fen == 40_000
        view = orders.refuse(db, order_id=order_id, reason="当天有接待", actor=a_steward(slot.site), at=NOON)
        assert (view.state, view.reason) == ("refused", "当天有接待")
        assert seats_taken(db, slot) == 0
        assert (fund_year(db, fund).encumbered_fen, fund_year(db, fund).available_fen) == (0, 50_000_000)
        assert [fact.event for fact in told(db, order_id)] == ["visit_ordered", "visit_cancelled"]
        assert seen(db, order_id, actor=secretary).reason == "当天有接待"

    def test_is_not_for_a_confirmed_order(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, _ = a_placed_order(db, slot=slot)
        with pytest.raises(OrderNotMovable, match=r"confirmed now.*refuse"):
            orders.refuse(db, order_id=order_id, reason="不", actor=a_steward(slot.site), at=NOON)


class TestCancel:
    @pytest.mark.parametrize("confirmation", ["automatic", "manual"])
    def test_is_free_until_the_start(self, db: Connection, confirmation: Any) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db, confirmation=confirmation)
        order_id, secretary = a_placed_order(db, slot=slot)
        at = slot.starts_at - timedelta(seconds=1)
        view = orders.cancel(db, order_id=order_id, reason="下雨", actor=secretary, at=at)
        assert (view.state, view.reason) == ("cancelled", "下雨")
        assert seats_taken(db, slot) == 0
        assert fund_year(db, fund).available_fen == 50_000_000
        (entry,) = db.execute(
            text("SELECT reason FROM ledger_entries WHERE order_id = :id AND credit = 'available'"), {"id": order_id}
        )
        assert entry.reason == "order_cancelled"

    def test_comes_too_late_once_the_visit_begins(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        with pytest.raises(CancelledTooLate):
            orders.cancel(db, order_id=order_id, reason="晚了", actor=secretary, at=slot.starts_at)

    def test_comes_too_late_once_the_party_is_in(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        early = slot.starts_at - timedelta(minutes=20)
        voucher = the_order(db, order_id).voucher
        come(db, a_check_in(voucher), actor=a_steward(slot.site), at=early)
        with pytest.raises(CancelledTooLate):
            orders.cancel(db, order_id=order_id, reason="晚了", actor=secretary, at=early)

    def test_is_done_once(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        orders.cancel(db, order_id=order_id, reason="一", actor=secretary, at=NOON)
        with pytest.raises(OrderNotMovable):
            orders.cancel(db, order_id=order_id, reason="二", actor=secretary, at=NOON)
        assert seats_taken(db, slot) == 0
        assert fund_year(db, fund).available_fen == 50_000_000


class TestWhoMay:
    def test_only_its_own_steward_answers(self, db: Connection) -> None:
        slot, other = by_hand(db), by_hand(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        for verb in (orders.confirm, orders.refuse):
            rest = {} if verb is orders.confirm else {"reason": "不"}
            with pytest.raises(NotFound):
                verb(db, order_id=order_id, actor=a_steward(other.site), at=NOON, **rest)
            with pytest.raises(Forbidden):
                verb(db, order_id=order_id, actor=secretary, at=NOON, **rest)

    def test_the_steward_does_not_cancel(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, _ = a_placed_order(db, slot=slot)
        with pytest.raises(Forbidden):
            orders.cancel(db, order_id=order_id, reason="不", actor=a_steward(slot.site), at=NOON)

    def test_nobody_moves_what_does_not_exist(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            orders.cancel(db, order_id=uuid4(), reason="不", actor=an_actor(("secretary", DISTRICT)), at=NOON)


class TestExpire:
    def test_ends_what_nobody_answered_in_time(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = by_hand(db)
        late, _ = a_placed_order(db, slot=slot)
        waiting, _ = a_placed_order(db, slot=slot, at=NOON + timedelta(days=2))
        at = the_order(db, late).answer_by
        assert orders.expire(db, at=at - timedelta(seconds=1)) == 0
        assert orders.expire(db, at=at) == 1
        assert orders.expire(db, at=at) == 0
        assert (the_order(db, late).state, the_order(db, waiting).state) == ("expired", PLACED)
        assert seats_taken(db, slot) == 20
        assert fund_year(db, fund).encumbered_fen == 40_000
        assert told(db, late)[-1].data["state"] == "expired"
        assert history_of(db, late)[-1].by_name == TIMER


class TestMiss:
    def test_ends_what_did_not_come_by_half_an_hour_after_the_end(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db)
        missed, _ = a_placed_order(db, slot=slot)
        came, _ = a_placed_order(db, slot=slot)
        checked_in(db, came, slot=slot)
        due = slot.ends_at + timedelta(minutes=30)
        assert orders.miss(db, at=due - timedelta(seconds=1)) == 0
        assert orders.miss(db, at=due) == 1
        assert orders.miss(db, at=due) == 0
        assert (the_order(db, missed).state, the_order(db, came).state) == ("no_show", CONFIRMED)
        assert seats_taken(db, slot) == 20
        assert fund_year(db, fund).encumbered_fen == 40_000
        assert told(db, missed)[-1].data["state"] == "no_show"

    def test_gives_the_seats_of_several_slots_back_at_once(self, db: Connection) -> None:
        slots = [a_slot(db) for _ in range(3)]
        for slot in slots:
            for _ in range(2):
                a_placed_order(db, slot=slot, party_size=7)
        assert orders.miss(db, at=NOON + timedelta(days=2)) == 6
        assert [seats_taken(db, slot) for slot in slots] == [0, 0, 0]


@pytest.mark.parametrize("table", ["order_history", "site_history"])
def test_history_is_only_added(db: Connection, table: Any) -> None:
    a_placed_order(db, slot=a_slot(db))
    for change in ("UPDATE {} SET reason = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(Exception, match="permission denied"), db.begin_nested():
            db.execute(text(change.format(table)))
