"""Orders that change (S6): late cancellations, parties that shrink, grow and move, and what time does by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from contracts.sites.orders import AmendOrder, OrdersAsked
from sites.domain.orders import CancelledTooLate, ChangedTooLate, OrderNotMovable, SlotFull, VisitBegun
from sites.operations import orders, seat_proof
from sites.queries import orders as order_queries
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    a_branch,
    a_placed_order,
    a_secretary,
    a_slot,
    a_steward,
    an_order,
    fund_year,
    history_of,
    money_in_the_fund,
    place,
    seats_taken,
    seen,
    set_slot,
    the_order,
    told,
)

DAY = timedelta(days=1)


def cancelled(db: Connection, order_id: Any, *, by: Any, at: Any) -> Any:
    return orders.cancel(db, order_id=order_id, reason="下雨", actor=by, at=at)


def amended(db: Connection, order_id: Any, *, by: Any, at: Any = NOON, **changed: Any) -> Any:
    return orders.amend(db, asked=AmendOrder(order_id=order_id, **changed), actor=by, at=at)


class TestCancellation:
    def test_is_free_until_a_day_before_and_late_afterwards(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=NOON + 2 * DAY)
        early, secretary = a_placed_order(db, slot=slot)
        late, other = a_placed_order(db, slot=slot)
        assert seen(db, early, actor=secretary).cancel_free_until == NOON + DAY
        assert not cancelled(db, early, by=secretary, at=NOON + DAY - timedelta(seconds=1)).cancelled_late
        view = cancelled(db, late, by=other, at=NOON + DAY)
        assert (view.state, view.cancelled_late, view.reason) == ("cancelled", True, "下雨")
        assert seats_taken(db, slot) == 0

    def test_follows_the_slot_where_it_says_until_when(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=NOON + 2 * DAY)
        set_slot(db, slot, cancel_until=NOON + timedelta(hours=1))
        order_id, secretary = a_placed_order(db, slot=slot)
        assert cancelled(db, order_id, by=secretary, at=NOON + timedelta(hours=1)).cancelled_late

    def test_is_never_late_before_the_site_has_confirmed(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual", starts_at=NOON + timedelta(hours=5))
        order_id, secretary = a_placed_order(db, slot=slot)
        assert not cancelled(db, order_id, by=secretary, at=NOON + timedelta(hours=1)).cancelled_late

    def test_is_refused_once_the_visit_begins(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        with pytest.raises(CancelledTooLate):
            cancelled(db, order_id, by=secretary, at=slot.starts_at)


class TestTime:
    def test_makes_a_no_show_without_any_timer(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        over = slot.ends_at + timedelta(minutes=30)
        assert seen(db, order_id, actor=secretary, at=over - timedelta(seconds=1)).state == "confirmed"
        assert seen(db, order_id, actor=secretary, at=over).state == "no_show"
        for asked, found in {"no_show": 1, "confirmed": 0}.items():
            page = order_queries.orders(db, OrdersAsked(state=asked), actor=secretary, at=over)
            assert len(page.items) == found
        with pytest.raises(OrderNotMovable) as refused:
            amended(db, order_id, by=secretary, at=over, party_size=5)
        assert refused.value.params["state"] == "no_show"

    def test_lets_an_unanswered_order_expire_for_every_move(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual", starts_at=NOON + 20 * DAY)
        order_id, secretary = a_placed_order(db, slot=slot)
        late = the_order(db, order_id).answer_by
        assert seen(db, order_id, actor=secretary, at=late).state == "expired"
        steward = a_steward(slot.site)
        for move in (
            lambda: orders.confirm(db, order_id=order_id, actor=steward, at=late),
            lambda: orders.refuse(db, order_id=order_id, reason="满", actor=steward, at=late),
            lambda: cancelled(db, order_id, by=secretary, at=late),
            lambda: amended(db, order_id, by=secretary, at=late, party_size=5),
        ):
            with pytest.raises(OrderNotMovable) as refused:
                move()
            assert refused.value.params["state"] == "expired"


class TestAmendment:
    def test_that_shrinks_keeps_the_confirmation_and_frees_seats_and_money(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db, confirmation="manual", starts_at=NOON + 10 * DAY)
        order_id, secretary = a_placed_order(db, slot=slot)
        confirmed = orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=NOON)
        view = amended(db, order_id, by=secretary, party_size=12)
        assert (view.state, view.voucher, view.party_size, view.seats) == ("confirmed", confirmed.voucher, 12, 12)
        assert view.subsidy_estimate_fen == 32_000
        assert fund_year(db, fund).encumbered_fen == 32_000
        assert the_order(db, order_id).voucher_revision == 1
        assert seats_taken(db, slot) == 12
        assert seat_proof.slots_differing(db) == []
        assert [row.move for row in history_of(db, order_id)] == ["place", "confirm", "amend"]
        assert told(db, order_id)[-1].event == "visit_amended"

    def test_that_grows_is_confirmed_by_hand_again_where_the_site_does_so(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual", starts_at=NOON + 10 * DAY)
        order_id, secretary = a_placed_order(db, slot=slot)
        orders.confirm(db, order_id=order_id, actor=a_steward(slot.site), at=NOON)
        view = amended(db, order_id, by=secretary, party_size=21)
        assert (view.state, view.voucher) == ("placed", None)
        assert view.answer_by is not None
        assert seats_taken(db, slot) == 21

    def test_that_moves_takes_all_seats_there_or_none(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        here, there = a_slot(db), a_slot(db, seats=25, starts_at=NOON + 2 * DAY)
        order_id, secretary = a_placed_order(db, slot=here)
        view = amended(db, order_id, by=secretary, slot_id=there.id, party_size=25)
        assert (view.slot.id, view.state, view.party_size) == (there.id, "confirmed", 25)
        assert the_order(db, order_id).voucher_revision == 2  # what was signed for the other time is not valid
        assert (seats_taken(db, here), seats_taken(db, there)) == (0, 25)
        assert fund_year(db, fund).encumbered_fen == 45_000
        assert seat_proof.slots_differing(db) == []
        full = a_slot(db, seats=24)
        point = db.begin_nested()
        with pytest.raises(SlotFull):
            amended(db, order_id, by=secretary, slot_id=full.id)
        point.rollback()
        assert (seats_taken(db, there), seats_taken(db, full)) == (25, 0)

    def test_leaves_a_closed_slot_at_any_time_before_it_begins(self, db: Connection) -> None:
        here, there = a_slot(db), a_slot(db, starts_at=NOON + 2 * DAY)
        order_id, secretary = a_placed_order(db, slot=here)
        set_slot(db, here, change_until=NOON, closed_reason="停电")
        assert amended(db, order_id, by=secretary, slot_id=there.id).slot.id == there.id

    def test_is_too_late_to_grow_but_not_to_shrink(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        set_slot(db, slot, change_until=NOON)
        with pytest.raises(ChangedTooLate) as refused:
            amended(db, order_id, by=secretary, party_size=21)
        assert refused.value.params == {"change_until": "2026-11-10 12:00"}
        assert amended(db, order_id, by=secretary, party_size=19).party_size == 19
        with pytest.raises(VisitBegun):
            amended(db, order_id, by=secretary, party_size=18, at=slot.starts_at)

    def test_below_the_minimum_sets_everything_free_and_above_it_anew(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        assert amended(db, order_id, by=secretary, party_size=4).subsidy_estimate_fen == 0
        assert fund_year(db, fund).encumbered_fen == 0
        assert amended(db, order_id, by=secretary, party_size=10).subsidy_estimate_fen == 30_000
        year = fund_year(db, fund)
        assert (year.encumbered_fen, year.available_fen) == (30_000, 49_970_000)

    def test_that_changes_nothing_writes_nothing(self, db: Connection) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        assert amended(db, order_id, by=secretary, party_size=20).version == 1
        assert [row.move for row in history_of(db, order_id)] == ["place"]


class TestWhoDidNotCome:
    def test_twice_is_confirmed_by_hand_for_sixty_days(self, db: Connection) -> None:
        branch = a_branch(db)
        missed = []
        for days in (1, 30):
            slot = a_slot(db, starts_at=NOON + days * DAY)
            missed.append(a_placed_order(db, slot=slot, branch=branch)[0])
        then = NOON + 31 * DAY
        orders.miss(db, at=NOON + 2 * DAY)  # one written down by the timer, the other by time alone
        slot = a_slot(db, starts_at=then + DAY)
        secretary = a_secretary(branch)
        view = place(db, an_order(slot, branch=branch), actor=secretary, at=then)
        assert (view["state"], view["voucher"]) == ("placed", None)
        later = NOON + (30 + 61) * DAY
        view = place(db, an_order(a_slot(db, starts_at=later + DAY), branch=branch), actor=secretary, at=later)
        assert view["state"] == "confirmed"

    def test_is_answered_by_the_working_days_of_the_announced_holidays(self, db: Connection) -> None:
        branch = a_branch(db)
        for days in (1, 20):
            a_placed_order(db, slot=a_slot(db, starts_at=NOON + days * DAY), branch=branch)
        friday = NOON + 31 * DAY
        db.execute(text("DELETE FROM public_days WHERE day BETWEEN '2026-12-11' AND '2026-12-18'"))
        db.execute(text("INSERT INTO public_days (day, name, kind) VALUES ('2026-12-14', '假日', 'off')"))
        slot = a_slot(db, starts_at=friday + 14 * DAY)  # it confirms by itself
        view = place(db, an_order(slot, branch=branch), actor=a_secretary(branch), at=friday)
        answer_by = the_order(db, UUID(view["id"])).answer_by
        assert answer_by == datetime(2026, 12, 16, 16, tzinfo=UTC)  # the end of Wednesday in Shanghai
