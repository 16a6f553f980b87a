"""At the door: a voucher is used once, at its site, in its time; the visit is closed with a headcount."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from sites.domain.orders import OrderNotMovable
from sites.domain.visits import (
    HeadcountOverCheckIn,
    NotCheckedIn,
    OverParty,
    TooEarly,
    TooLate,
    VoucherCancelled,
    VoucherForAnotherSite,
    VoucherUsed,
)
from sites.domain.vouchers import VoucherUnknown, new_code
from sites.operations import orders, visits
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import (
    NOON,
    a_check_in,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    an_order,
    checked_in,
    come,
    history_of,
    money_in_the_fund,
    place,
    seats_taken,
    seen,
    the_order,
    told,
)


@pytest.fixture
def slot(db: Connection) -> Any:
    return a_slot(db, seats=60)


@pytest.fixture
def order_id(db: Connection, slot: Any) -> Any:
    return a_placed_order(db, slot=slot, party_size=20)[0]


@pytest.fixture
def voucher(db: Connection, order_id: UUID) -> Any:
    return the_order(db, order_id).voucher


@pytest.fixture
def steward(slot: Any) -> Any:
    return a_steward(slot.site)


class TestCheckIn:
    def test_keeps_who_came_when_by_both_clocks(
        self, db: Connection, slot: Any, order_id: UUID, voucher: str, steward: Actor
    ) -> None:
        at = slot.starts_at + timedelta(minutes=2)
        happened_at = slot.starts_at + timedelta(minutes=1)
        asked = a_check_in(voucher, count=18, happened_at=happened_at, device_id="door-1")
        view = come(db, asked, actor=steward, at=at)
        assert (view.id, view.order_id, view.count, view.party_size) == (asked.check_in_id, order_id, 18, 20)
        assert (view.happened_at, view.recorded_at) == (happened_at, at)
        kept = db.execute(text("SELECT * FROM check_ins WHERE order_id = :id"), {"id": order_id}).one()
        assert (kept.by_id, kept.device_id, kept.happened_at) == (steward.person_id, "door-1", happened_at)
        assert the_order(db, order_id).checked_in == 18
        assert seen(db, order_id, actor=steward).check_in == view

    def test_takes_the_code_as_people_type_it(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        typed = f" {voucher[:4].lower()}-{voucher[4:].lower()}"
        assert come(db, a_check_in(typed), actor=steward, at=slot.starts_at).count == 20

    def test_takes_the_members_by_name(
        self, db: Connection, slot: Any, order_id: UUID, voucher: str, steward: Actor
    ) -> None:
        members = [uuid4(), uuid4(), uuid4()]
        view = come(db, a_check_in(voucher, count=None, member_ids=members), actor=steward, at=slot.starts_at)
        assert view.count == 3
        kept = db.execute(text("SELECT member_ids FROM check_ins WHERE order_id = :id"), {"id": order_id})
        assert kept.scalar_one() == members

    def test_a_clock_that_runs_ahead_proves_nothing(
        self, db: Connection, slot: Any, voucher: str, steward: Actor
    ) -> None:
        ahead = a_check_in(voucher, happened_at=slot.starts_at + timedelta(hours=20))
        assert come(db, ahead, actor=steward, at=slot.starts_at).happened_at == slot.starts_at

    def test_sent_again_gets_the_same_answer(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        asked = a_check_in(voucher)
        first = come(db, asked, actor=steward, at=slot.starts_at)
        assert come(db, asked, actor=steward, at=slot.ends_at + timedelta(hours=1)) == first

    @pytest.mark.parametrize("early_m", [30, 0])
    def test_opens_thirty_minutes_early(
        self, db: Connection, slot: Any, voucher: str, steward: Actor, early_m: Any
    ) -> None:
        come(db, a_check_in(voucher), actor=steward, at=slot.starts_at - timedelta(minutes=early_m))

    def test_is_open_until_the_end(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        come(db, a_check_in(voucher), actor=steward, at=slot.ends_at)


class TestWhatTheDoorRefuses:
    def test_a_voucher_for_another_site_names_the_site(self, db: Connection, slot: Any, voucher: str) -> None:
        stranger = a_steward(a_site(db))
        with pytest.raises(VoucherForAnotherSite, match=slot.site.name):
            come(db, a_check_in(voucher), actor=stranger, at=slot.starts_at)

    def test_a_voucher_shown_at_the_wrong_one_of_two_sites(self, db: Connection, slot: Any, voucher: str) -> None:
        other = a_site(db)
        keeper_of_both = an_actor(("steward", slot.site.path), ("steward", other.path))
        with pytest.raises(VoucherForAnotherSite, match=slot.site.name):
            come(db, a_check_in(voucher, site_id=other.id), actor=keeper_of_both, at=slot.starts_at)
        come(db, a_check_in(voucher, site_id=slot.site.id), actor=keeper_of_both, at=slot.starts_at)

    def test_who_keeps_no_site_checks_nobody_in(self, db: Connection, slot: Any, voucher: str) -> None:
        with pytest.raises(Forbidden):
            come(db, a_check_in(voucher), actor=an_actor(("secretary", slot.site.path)), at=slot.starts_at)

    def test_a_second_use_says_when_and_where_and_how_many(
        self, db: Connection, slot: Any, voucher: str, steward: Actor
    ) -> None:
        come(db, a_check_in(voucher, count=18), actor=steward, at=slot.starts_at)
        with pytest.raises(VoucherUsed) as refused:
            come(db, a_check_in(voucher, count=20), actor=steward, at=slot.starts_at + timedelta(minutes=5))
        assert refused.value.params == {
            "used_at": "2026-11-11 12:00",
            "site": slot.site.name,
            "count": 18,
            "by": "王管理员",
        }

    def test_a_used_one_still_says_so_after_the_closing(
        self, db: Connection, slot: Any, order_id: UUID, voucher: str, steward: Actor
    ) -> None:
        come(db, a_check_in(voucher, count=18), actor=steward, at=slot.starts_at)
        visits.close(db, order_id=order_id, headcount=18, actor=steward, at=slot.ends_at)
        with pytest.raises(VoucherUsed):
            come(db, a_check_in(voucher), actor=steward, at=slot.ends_at)

    def test_a_cancelled_one(self, db: Connection, slot: Any, steward: Actor) -> None:
        order_id, secretary = a_placed_order(db, slot=slot)
        voucher = the_order(db, order_id).voucher
        orders.cancel(db, order_id=order_id, reason="下雨", actor=secretary, at=NOON)
        with pytest.raises(VoucherCancelled, match="cancelled"):
            come(db, a_check_in(voucher), actor=steward, at=slot.starts_at)

    @pytest.mark.parametrize("voucher", [new_code(lambda signs: signs[5]), "not a code", "AAAA-AAAA"])
    def test_an_unknown_one(self, db: Connection, slot: Any, steward: Actor, voucher: str) -> None:
        with pytest.raises(VoucherUnknown):
            come(db, a_check_in(voucher), actor=steward, at=slot.starts_at)

    def test_too_early_names_the_start(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        at = slot.starts_at - timedelta(minutes=30, seconds=1)
        with pytest.raises(TooEarly, match="2026-11-11 12:00"):
            come(db, a_check_in(voucher), actor=steward, at=at)

    def test_too_late_names_the_end(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        with pytest.raises(TooLate, match="2026-11-11 13:00"):
            come(db, a_check_in(voucher), actor=steward, at=slot.ends_at + timedelta(seconds=1))

    def test_neither_count_nor_members(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        for asked in (a_check_in(voucher, count=None), a_check_in(voucher, count=3, member_ids=[uuid4()])):
            with pytest.raises(InvalidInput) as refused:
                come(db, asked, actor=steward, at=slot.starts_at)
            assert "count" in refused.value.errors

    def test_a_check_in_id_of_another_voucher(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        first = a_check_in(voucher)
        come(db, first, actor=steward, at=slot.starts_at)
        other_order, _ = a_placed_order(db, slot=slot)
        other = a_check_in(the_order(db, other_order).voucher, check_in_id=first.check_in_id)
        with pytest.raises(IdempotencyKeyReused):
            come(db, other, actor=steward, at=slot.starts_at)


class TestOverParty:
    def test_takes_free_seats(self, db: Connection, slot: Any, order_id: UUID, voucher: str, steward: Actor) -> None:
        come(db, a_check_in(voucher, count=25), actor=steward, at=slot.starts_at)
        assert seats_taken(db, slot) == 25
        assert (the_order(db, order_id).seats, the_order(db, order_id).party_size) == (25, 20)

    def test_is_refused_without_free_seats(self, db: Connection, slot: Any, voucher: str, steward: Actor) -> None:
        a_placed_order(db, slot=slot, party_size=36)
        with pytest.raises(OverParty, match="25 people are more than the 20 ordered"), db.begin_nested():
            come(db, a_check_in(voucher, count=25), actor=steward, at=slot.starts_at)
        assert seats_taken(db, slot) == 56
        come(db, a_check_in(voucher, count=24), actor=steward, at=slot.starts_at)
        assert seats_taken(db, slot) == 60


class TestClose:
    def test_writes_the_visit_and_tells_of_it(self, db: Connection, slot: Any, order_id: UUID, steward: Actor) -> None:
        checked_in(db, order_id, slot=slot, count=18)
        view = visits.close(db, order_id=order_id, headcount=17, actor=steward, at=slot.ends_at)
        assert (view.state, view.headcount, view.claim_id) == ("used", 17, None)
        fact = told(db, order_id)[-1]
        assert (fact.event, fact.version) == ("visit_closed", view.version)
        assert (fact.data["headcount"], fact.data["site_name"]) == (17, slot.site.name)
        assert fact.data["visit_on"] == "2026-11-11"
        assert history_of(db, order_id)[-1].by_id == steward.person_id

    def test_of_a_subsidised_order_drafts_its_claim(self, db: Connection, slot: Any, steward: Actor) -> None:
        money_in_the_fund(db)
        order_id, _ = a_placed_order(db, slot=slot)
        checked_in(db, order_id, slot=slot, count=18)
        view = visits.close(db, order_id=order_id, headcount=18, actor=steward, at=slot.ends_at)
        claim = db.execute(text("SELECT * FROM claims WHERE order_id = :id"), {"id": order_id}).one()
        assert claim.id == view.claim_id
        assert (claim.state, claim.headcount, claim.checked_in, claim.asked_fen) == ("drafted", 18, 18, 38_000)

    def test_a_members_booking_tells_nobody(self, db: Connection, slot: Any, steward: Actor) -> None:
        booked = place(db, an_order(slot, party_size=1), actor=an_actor(("member", slot.site.path)))
        order_id = UUID(booked["id"])
        checked_in(db, order_id, slot=slot, count=1)
        assert visits.close(db, order_id=order_id, headcount=1, actor=steward, at=slot.ends_at).state == "used"
        assert told(db, order_id) == []

    def test_needs_a_check_in(self, db: Connection, slot: Any, order_id: UUID, steward: Actor) -> None:
        with pytest.raises(NotCheckedIn):
            visits.close(db, order_id=order_id, headcount=0, actor=steward, at=slot.ends_at)

    def test_counts_no_more_than_came_in(self, db: Connection, slot: Any, order_id: UUID, steward: Actor) -> None:
        checked_in(db, order_id, slot=slot, count=18)
        with pytest.raises(HeadcountOverCheckIn, match="19 is more than the 18"):
            visits.close(db, order_id=order_id, headcount=19, actor=steward, at=slot.ends_at)
        assert visits.close(db, order_id=order_id, headcount=0, actor=steward, at=slot.ends_at).headcount == 0

    def test_is_done_once(self, db: Connection, slot: Any, order_id: UUID, steward: Actor) -> None:
        checked_in(db, order_id, slot=slot)
        visits.close(db, order_id=order_id, headcount=18, actor=steward, at=slot.ends_at)
        with pytest.raises(OrderNotMovable, match="used"):
            visits.close(db, order_id=order_id, headcount=18, actor=steward, at=slot.ends_at)

    def test_is_for_its_own_steward(self, db: Connection, slot: Any, order_id: UUID) -> None:
        checked_in(db, order_id, slot=slot)
        with pytest.raises(NotFound):
            visits.close(db, order_id=order_id, headcount=18, actor=a_steward(a_site(db)), at=slot.ends_at)
