"""The waiting list (S6): quantity, position, a timed offer that is kept, and what comes free is passed on by itself."""

import hashlib
import json
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.guard import Command
from contracts.sites.quotas import SetQuota
from contracts.sites.waiting import JoinWaitingList, WaitingEntriesAsked
from sites.domain.orders import SlotFull
from sites.domain.waiting import MOVES, NotWaiting, OfferOver, PartyOverSeats, SeatsFree, WaitingAlready
from sites.operations import orders, quotas, seat_proof, waiting
from sites.queries import waiting as waiting_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    Slot,
    a_branch,
    a_placed_order,
    a_secretary,
    a_slot,
    cursor_in,
    money_in_the_fund,
    seats_taken,
)
from tests.sites.test_races import at_once

HOUR = timedelta(hours=1)


def set_a_quota(db: Connection, *, holder: str) -> None:
    asked = SetQuota(date(2026, 1, 1), holder, "orders", "year", 1, "〔2026〕9号")
    quotas.set_quota(db, asked=asked, actor=an_actor(("officer", DISTRICT)))


def joined(db: Connection, slot: Slot, *, branch: Branch | None = None, party_size: int = 20, at: Any = NOON) -> Any:
    branch = branch or a_branch(db)
    secretary = a_secretary(branch)
    asked = JoinWaitingList(
        slot_id=slot.id,
        party_size=party_size,
        contact_name="李书记",
        contact_phone="13853312345",
        branch_id=branch.id,
    )
    return waiting.join(db, asked=asked, actor=secretary, at=at), secretary


def accepted(db: Connection, entry_id: UUID, *, by: Any, at: Any, command_id: UUID | None = None) -> dict[str, Any]:
    command = Command(command_id or uuid4(), hashlib.sha256(entry_id.bytes).digest(), "accept_offer", by.person_id)
    with cursor_in(db) as cursor:
        answer = waiting.accept(cursor, entry_id=entry_id, actor=by, at=at, command=command)
    view: dict[str, Any] = json.loads(answer)
    return view


def now(db: Connection, entry: Any, *, at: Any = NOON) -> Any:
    return waiting_queries.entry(db, entry.id, at=at)


def a_full_slot(db: Connection, *, seats: int = 20, **slot: Any) -> tuple[Slot, UUID, Any]:
    made = a_slot(db, seats=seats, starts_at=NOON + timedelta(days=3), **slot)
    return made, *a_placed_order(db, slot=made, party_size=seats)


def test_positions_follow_the_sequence_of_joining(db: Connection) -> None:
    slot, _, _ = a_full_slot(db)
    first, secretary = joined(db, slot)
    second, _ = joined(db, slot, party_size=5)
    assert (first.position, second.position, first.state) == (1, 2, "waiting")
    seen = waiting_queries.entries(db, WaitingEntriesAsked(open=True), actor=secretary, at=NOON)
    assert [entry["id"] if isinstance(entry, dict) else entry.id for entry in seen.items] == [first.id]


def test_only_who_cannot_order_may_wait(db: Connection) -> None:
    slot, _, _ = a_full_slot(db, seats=20)
    with pytest.raises(PartyOverSeats):
        joined(db, slot, party_size=21)
    branch = a_branch(db)
    joined(db, slot, branch=branch)
    with pytest.raises(WaitingAlready):
        joined(db, slot, branch=branch)
    with pytest.raises(SeatsFree) as refused:
        joined(db, a_slot(db, seats=30))
    assert refused.value.params == {"seats_left": 30}


def test_what_a_cancellation_frees_is_offered_in_the_same_transaction_and_kept(db: Connection) -> None:
    slot, order_id, leaving = a_full_slot(db)
    entry, secretary = joined(db, slot, party_size=15)
    orders.cancel(db, order_id=order_id, reason="雨", actor=leaving, at=NOON + HOUR)
    offer = now(db, entry, at=NOON + HOUR)
    assert (offer.state, offer.offer_ends_at) == ("offered", NOON + 25 * HOUR)
    with pytest.raises(SlotFull) as refused:
        a_placed_order(db, slot=slot, party_size=6, at=NOON + HOUR)
    assert refused.value.params == {"seats_left": 5}
    view = accepted(db, entry.id, by=secretary, at=NOON + 2 * HOUR)
    assert (view["state"], view["party_size"]) == ("confirmed", 15)
    assert (now(db, entry).state, str(now(db, entry).order_id)) == ("ordered", view["id"])
    assert seats_taken(db, slot) == 15
    assert seat_proof.slots_differing(db) == []


def test_an_accepted_offer_sent_again_is_one_order(db: Connection) -> None:
    money_in_the_fund(db)
    slot, order_id, leaving = a_full_slot(db)
    entry, secretary = joined(db, slot)
    orders.cancel(db, order_id=order_id, reason="雨", actor=leaving, at=NOON)
    command_id = uuid4()
    first = accepted(db, entry.id, by=secretary, at=NOON, command_id=command_id)
    assert accepted(db, entry.id, by=secretary, at=NOON, command_id=command_id) == first
    with pytest.raises(OfferOver):
        accepted(db, entry.id, by=secretary, at=NOON)
    assert seats_taken(db, slot) == 20


def test_who_needs_too_many_is_passed_over_and_told(db: Connection) -> None:
    slot = a_slot(db, seats=20, starts_at=NOON + timedelta(days=3))
    leaving_id, leaving = a_placed_order(db, slot=slot, party_size=8)
    a_placed_order(db, slot=slot, party_size=12)
    large, _ = joined(db, slot, party_size=10)
    small, _ = joined(db, slot, party_size=8)
    orders.cancel(db, order_id=leaving_id, reason="雨", actor=leaving, at=NOON)
    assert (now(db, large).state, now(db, large).passed_over) == ("waiting", 1)
    assert (now(db, small).state, now(db, large).position) == ("offered", 1)


def cancelled(db: Connection, full: tuple[Slot, UUID, Any]) -> None:
    _, order_id, leaving = full
    orders.cancel(db, order_id=order_id, reason="雨", actor=leaving, at=NOON)


def test_a_branch_is_offered_only_what_its_quota_has_room_for(db: Connection) -> None:
    """Two open orders are allowed: an offer counts as one, and the third goes to the next in the queue."""
    branch = a_branch(db)
    slots = [a_full_slot(db) for _ in range(3)]
    firsts = [joined(db, slot, branch=branch)[0] for slot, _, _ in slots]
    behind, _ = joined(db, slots[2][0])
    for full in slots:
        cancelled(db, full)
    assert [now(db, entry).state for entry in firsts] == ["offered", "offered", "waiting"]
    assert (now(db, firsts[2]).position, now(db, firsts[2]).passed_over) == (1, 1)
    assert now(db, behind).state == "offered"


def test_a_quota_that_is_used_up_keeps_the_place_until_there_is_room(db: Connection) -> None:
    branch = a_branch(db)
    held = [a_placed_order(db, slot=a_slot(db, starts_at=NOON + day * 24 * HOUR), branch=branch) for day in (1, 2)]
    full = a_full_slot(db)
    entry, _ = joined(db, full[0], branch=branch)
    cancelled(db, full)
    assert now(db, entry).state == "waiting"
    assert waiting.pass_on(db, at=NOON) == 0
    order_id, secretary = held[0]
    orders.cancel(db, order_id=order_id, reason="雨", actor=secretary, at=NOON)
    assert waiting.pass_on(db, at=NOON) == 1
    assert now(db, entry).state == "offered"


def test_a_member_is_offered_only_what_their_quota_has_room_for(db: Connection) -> None:
    set_a_quota(db, holder="member")
    member = an_actor(("member", f"{DISTRICT}.town"))
    slots = [a_full_slot(db) for _ in range(2)]
    entries = [
        waiting.join(db, asked=JoinWaitingList(slot.id, 1, "孙", "13853312345"), actor=member, at=NOON)
        for slot, _, _ in slots
    ]
    for full in slots:
        cancelled(db, full)
    assert [now(db, entry).state for entry in entries] == ["offered", "waiting"]


def test_a_branchs_quota_of_orders_counts_its_offers(db: Connection) -> None:
    set_a_quota(db, holder="branch")
    branch = a_branch(db)
    slots = [a_full_slot(db) for _ in range(2)]
    entries = [joined(db, slot, branch=branch)[0] for slot, _, _ in slots]
    for full in slots:
        cancelled(db, full)
    assert [now(db, entry).state for entry in entries] == ["offered", "waiting"]


def test_lists_that_move_at_once_offer_no_more_than_the_quota(database: Engine) -> None:
    with database.begin() as db:
        money_in_the_fund(db)
        branch = a_branch(db)
        slots = [a_full_slot(db) for _ in range(6)]
        for slot, _, _ in slots:
            joined(db, slot, branch=branch)
            joined(db, slot)

    def cancel(full: tuple[Slot, UUID, Any]) -> Any:
        with database.begin() as db:
            return cancelled(db, full)

    assert at_once([partial(cancel, full) for full in slots]) == [None] * 6
    with database.begin() as db:
        waiting.pass_on(db, at=NOON)  # a queue whose first was being judged elsewhere is left to the timer
        offered = "SELECT branch_id = :id, count(*) FROM waiting_entries WHERE state = 'offered' GROUP BY 1 ORDER BY 1"
        assert [tuple(row) for row in db.execute(text(offered), {"id": branch.id})] == [(False, 4), (True, 2)]
        assert seat_proof.slots_differing(db) == []


def test_a_declined_offer_goes_to_the_next_at_once(db: Connection) -> None:
    slot, order_id, leaving = a_full_slot(db)
    first, secretary = joined(db, slot)
    second, _ = joined(db, slot)
    orders.cancel(db, order_id=order_id, reason="雨", actor=leaving, at=NOON)
    assert waiting.leave(db, entry_id=first.id, actor=secretary, at=NOON).state == "declined"
    assert now(db, second).state == "offered"
    assert seats_taken(db, slot) == 20
    with pytest.raises(NotWaiting):
        waiting.leave(db, entry_id=first.id, actor=secretary, at=NOON)


def test_an_offer_that_nobody_takes_lapses_and_goes_on(db: Connection) -> None:
    slot, order_id, leaving = a_full_slot(db)
    first, secretary = joined(db, slot)
    second, _ = joined(db, slot)
    orders.cancel(db, order_id=order_id, reason="雨", actor=leaving, at=NOON)
    over = NOON + 24 * HOUR
    assert now(db, first, at=over).state == "lapsed"  # by time, before any timer
    with pytest.raises(OfferOver):
        accepted(db, first.id, by=secretary, at=over)
    assert waiting.pass_on(db, at=over) == 1
    assert now(db, second, at=over).state == "offered"
    assert seat_proof.slots_differing(db) == []


def test_seats_that_came_free_with_nobody_offering_them_are_offered_by_the_timer(db: Connection) -> None:
    slot, _, _ = a_full_slot(db)
    entry, _ = joined(db, slot, party_size=3)
    db.execute(text("UPDATE slots SET seats = seats + 5 WHERE id = :id"), {"id": slot.id})
    assert waiting.pass_on(db, at=NOON) == 1
    assert now(db, entry).state == "offered"
    assert waiting.pass_on(db, at=NOON) == 0


def test_those_who_need_more_than_is_free_do_not_hide_the_others_from_the_timer(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "AT_ONCE_MAX", 2)
    for _ in range(3):
        slot, _, _ = a_full_slot(db)
        joined(db, slot, party_size=10)
        db.execute(text("UPDATE slots SET seats = seats + 1 WHERE id = :id"), {"id": slot.id})
    slot, _, _ = a_full_slot(db)
    entry, _ = joined(db, slot, party_size=3)
    db.execute(text("UPDATE slots SET seats = seats + 5 WHERE id = :id"), {"id": slot.id})
    assert waiting.pass_on(db, at=NOON) == 1
    assert now(db, entry).state == "offered"


def test_the_queue_ends_when_the_slot_takes_no_more_orders(db: Connection) -> None:
    slot, _, _ = a_full_slot(db)
    entry, _ = joined(db, slot)
    waiting.pass_on(db, at=slot.starts_at)
    assert (now(db, entry).state, now(db, entry).position) == ("closed", None)


def test_each_move_leads_from_open_states_only() -> None:
    for sources, target in MOVES.values():
        assert sources <= {"waiting", "offered"}
        assert target not in sources
