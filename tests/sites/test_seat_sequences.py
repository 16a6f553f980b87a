"""Any sequence of all that touches seats: what is taken is the sum of live parties and holds, and so is the money.

One machine holds every verb: orders of branches and members, amendments, cancellations, answers, waiting lists and
their promotions, holds that are kept, released and forgotten, check-ins online and from devices, closings, timers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor
from chassis.database import connect
from chassis.refusals import Refusal
from contracts.sites.orders import AmendOrder
from contracts.sites.visits import RecordCheckIns
from contracts.sites.waiting import JoinWaitingList
from hypothesis import given, settings
from hypothesis import strategies as st
from sites.operations import check_ins, holds, orders, seat_proof, visits, waiting
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.conftest import TestDatabase, drawn
from tests.sites.articles import (
    NOON,
    Slot,
    a_branch,
    a_check_in,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    come,
    fund_year,
    money_in_the_fund,
    place,
    the_order,
)
from tests.sites.test_waiting import accepted

HOUR: Final = timedelta(hours=1)
SEATS: Final = 9
NONE = st.just(0)
SLOT, ORDER, HOURS = st.integers(0, 2), st.integers(0, 3), st.sampled_from([0, 1, 24, 30])
# Few sizes that often fill a slot to its last seat; a party of 0 is a member who comes alone, for themself.
PARTY, HEADS = st.sampled_from([0, 3, 4, 5, 9, 9]), st.sampled_from([0, 1, 3, 5, 9, 10])
WHICH = {
    ("place",): (SLOT, PARTY),
    ("join",): (SLOT, PARTY),
    ("hold",): (SLOT, st.sampled_from([1, 4, 5])),
    ("amend",): (ORDER, st.integers(1, 10)),
    ("move",): (ORDER, SLOT),
    ("cancel",): (ORDER, NONE),
    ("confirm", "refuse", "expire", "miss"): (ORDER, NONE),
    ("accept", "accept", "leave", "release"): (ORDER, NONE),
    ("come", "offline", "offline", "close"): (ORDER, HEADS),
    ("pass_on",): (HOURS, NONE),
}

acts = st.lists(
    st.one_of(st.tuples(st.sampled_from(verbs), *what) for verbs, what in WHICH.items()), min_size=10, max_size=40
)


@dataclass
class World:
    """Three slots, and what has been done to them: orders, waiting entries, holds, each with who may go on with it."""

    db: Connection
    slots: list[Slot]
    placed: list[tuple[UUID, Actor]] = field(default_factory=list)
    entries: list[tuple[UUID, Actor]] = field(default_factory=list)
    held: list[UUID] = field(default_factory=list)

    def does(self, verb: str, number: int, count: int) -> None:
        """Do one act; there may be nothing to do it with yet. Raises Refusal."""
        if verb in ("place", "join", "hold"):
            self._begins(verb, self.slots[number], count)
        elif verb == "pass_on":
            waiting.pass_on(self.db, at=NOON + number * HOUR)
        elif verb in ("accept", "leave") and self.entries:
            self._answers(verb, *self.entries[number % len(self.entries)])
        elif verb == "release" and self.held:
            holds.release(self.db, [self.held[number % len(self.held)]], at=NOON)
        elif verb in ("come", "offline", "close") and self.placed:
            self._at_the_door(verb, self.placed[number % len(self.placed)][0], count)
        elif verb not in ("accept", "leave", "release") and self.placed:
            self._goes_on(verb, *self.placed[number % len(self.placed)], count)

    def _begins(self, verb: str, slot: Slot, count: int) -> None:
        if verb == "hold":
            # Even ones have ended before anybody else comes: whoever takes seats next gives them back.
            until = NOON + (HOUR if count % 2 else timedelta(0))
            given: dict[str, Any] = {"purpose": "offer", "for_id": uuid4(), "until": until, "at": NOON - HOUR}
            self.held.append(holds.hold(self.db, slot_id=slot.id, seats=count, groups=count % 2, **given))
            return
        branch = a_branch(self.db) if count else None
        actor = a_secretary(branch) if branch else an_actor(("member", "3703.370302.town"))
        if verb == "join":
            asked = JoinWaitingList(slot.id, count or 1, "李书记", "13853312345", branch.id if branch else None)
            self.entries.append((waiting.join(self.db, asked=asked, actor=actor, at=NOON).id, actor))
        else:
            order = an_order(slot, branch=branch, party_size=count or 1)
            self.placed.append((UUID(place(self.db, order, actor=actor)["id"]), actor))

    def _answers(self, verb: str, entry_id: UUID, actor: Actor) -> None:
        if verb == "leave":
            waiting.leave(self.db, entry_id=entry_id, actor=actor, at=NOON)
        else:
            self.placed.append((UUID(accepted(self.db, entry_id, by=actor, at=NOON)["id"]), actor))

    def _goes_on(self, verb: str, order_id: UUID, actor: Actor, count: int) -> None:
        db, steward = self.db, a_steward(self.slots[0].site)
        if verb == "amend":
            orders.amend(db, asked=AmendOrder(order_id, party_size=count), actor=actor, at=NOON)
        elif verb == "move":
            orders.amend(db, asked=AmendOrder(order_id, slot_id=self.slots[count].id), actor=actor, at=NOON)
        elif verb == "cancel":
            orders.cancel(db, order_id=order_id, reason="雨", actor=actor, at=NOON)
        elif verb == "refuse":
            orders.refuse(db, order_id=order_id, reason="满", actor=steward, at=NOON)
        elif verb == "confirm":
            orders.confirm(db, order_id=order_id, actor=steward, at=NOON)
        elif verb == "expire":
            orders.expire(db, at=self.slots[0].starts_at)
        elif verb == "miss":
            orders.miss(db, at=self.slots[0].ends_at + HOUR)

    def _at_the_door(self, verb: str, order_id: UUID, count: int) -> None:
        order, steward = the_order(self.db, order_id), a_steward(self.slots[0].site)
        if order.voucher is None or (count == 0 and verb != "close"):
            return
        if verb == "come":
            asked = a_check_in(order.voucher, count=count, is_more=count % 3 == 0)
            come(self.db, asked, actor=steward, at=order.starts_at)
        elif verb == "offline":
            at = order.starts_at + timedelta(minutes=count - 8)
            item = {
                "check_in_id": str(uuid4()),
                "voucher": order.voucher,
                "count": count,
                "happened_at": at.isoformat(),
            }
            items = RecordCheckIns(items=[{**item, "is_more": count % 3 == 0}])
            check_ins.record(self.db, asked=items, actor=steward, at=order.ends_at + 2 * HOUR)
        else:
            visits.close(self.db, order_id=order_id, headcount=count, actor=steward, at=order.ends_at)


@pytest.fixture(scope="module")
def ground(clone_of: Callable[[str], TestDatabase]) -> Iterator[Any]:
    """A site and a fund in a database of these tests' own; each example takes its own slots and rolls back."""
    engine = connect(clone_of("sites").url, service="sites")
    with engine.begin() as db:
        fund = money_in_the_fund(db)
        site = a_site(db)
    yield engine, fund, site
    engine.dispose()


@settings(max_examples=drawn(30))
@given(acts=acts)
def test_seats_and_money_add_up_whatever_happens(ground: Any, acts: list[tuple[str, int, int]]) -> None:
    """What is refused changes nothing; after the rest every seat, group and fen is somebody's or free."""
    engine, fund, site = ground
    with engine.connect() as db:
        starts_at = NOON + timedelta(days=3)
        slots = [
            a_slot(db, site=site, seats=SEATS, starts_at=starts_at + timedelta(minutes=number), confirmation=way)
            for number, way in enumerate(("automatic", "manual", "automatic"))
        ]
        db.execute(text("UPDATE slots SET groups_max = 2 WHERE id = :id"), {"id": slots[2].id})
        world = World(db, slots)
        # The first slot is full at once, and somebody waits for as much as the other has.
        for act in [("place", 0, SEATS), ("join", 0, SEATS), *acts]:
            point = db.begin_nested()
            try:
                world.does(*act)
                point.commit()
            except Refusal:
                point.rollback()
        no_seat_is_lost_or_sold_twice(db)
        no_fen_is_lost_or_spent_twice(db, fund)
        nobody_waits_for_free_seats(db, at=NOON)
        no_seat_is_lost_or_sold_twice(db)
        db.rollback()


def no_seat_is_lost_or_sold_twice(db: Connection) -> None:
    assert seat_proof.slots_differing(db) == []
    for slot in db.execute(text("SELECT seats_taken, seats_held, seats, groups_taken, groups_max FROM slots")):
        assert 0 <= slot.seats_held <= slot.seats_taken <= slot.seats
        assert 0 <= slot.groups_taken <= (slot.groups_max or SEATS)
    # No party was let in on a seat that its order does not hold.
    assert db.scalar(text("SELECT count(*) FROM orders WHERE checked_in > seats OR party_size > seats")) == 0


def no_fen_is_lost_or_spent_twice(db: Connection, fund: UUID) -> None:
    year = fund_year(db, fund)
    pending, of_open_orders = db.execute(
        text(
            "SELECT coalesce(sum(e.amount_fen), 0),"
            "       coalesce(sum(e.amount_fen) FILTER (WHERE o.state IN ('placed', 'confirmed')), 0)"
            "  FROM encumbrances e JOIN orders o ON o.id = e.order_id WHERE e.state = 'pending'"
        )
    ).one()
    estimated = db.scalar(
        text("SELECT coalesce(sum(subsidy_estimate_fen), 0) FROM orders WHERE state IN ('placed', 'confirmed')")
    )
    by_entries = db.scalar(
        text(
            "SELECT coalesce(sum(CASE WHEN credit = 'encumbered' THEN amount_fen"
            " WHEN debit = 'encumbered' THEN -amount_fen END), 0) FROM ledger_entries"
        )
    )
    assert year.encumbered_fen == pending == by_entries
    assert of_open_orders == estimated
    assert year.available_fen + year.encumbered_fen == year.appropriated_fen


def nobody_waits_for_free_seats(db: Connection, *, at: datetime) -> None:
    """Once the timer has passed by, whoever still waits needs more seats, or one more group, than are free."""
    waiting.pass_on(db, at=at)
    fitting = db.scalar(
        text(
            "SELECT count(*) FROM waiting_entries w JOIN slots s ON s.id = w.slot_id"
            " WHERE w.state = 'waiting' AND s.closed_reason IS NULL AND s.bookable_until > :at"
            "   AND w.party_size <= s.seats - s.seats_taken"
            "   AND (w.branch_id IS NULL OR s.groups_max IS NULL OR s.groups_taken < s.groups_max)"
        ),
        {"at": at},
    )
    assert fitting == 0
