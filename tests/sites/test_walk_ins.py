"""Parties whom the steward enters: by telephone, or who stand at the door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.orders import OrdersAsked
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone
from sites.domain.orders import BranchUnknown, GroupsFull, QuotaReached, SlotClosed, SlotFull, SlotPast
from sites.domain.visits import TooEarly
from sites.operations import orders, visits, walk_ins
from sites.operations.seat_proof import slots_differing
from sites.queries import orders as order_queries
from sqlalchemy import Connection, Engine, text

from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    history_of,
    seats_taken,
    told,
)

MINUTE = timedelta(minutes=1)


class TestEnteredBySomebodyElse:
    def calls(self, db: Connection, slot: Slot, *, at: datetime = NOON, **rest: Any) -> Any:
        asked = BookByTelephone(slot.id, rest.pop("party_size", 12), "周主任", "13853312345", **rest)
        with db.begin_nested():  # a refusal undoes what was done with it and nothing else
            return walk_ins.book(db, asked=asked, actor=a_steward(slot.site), at=at)

    def stands_there(self, db: Connection, slot: Slot, *, at: datetime | None = None, **rest: Any) -> Any:
        asked = AdmitWalkIn(slot.id, rest.pop("party_size", 12), "周主任", uuid4(), **rest)
        with db.begin_nested():
            return walk_ins.admit_walk_in(db, asked=asked, actor=a_steward(slot.site), at=at or slot.starts_at)

    def test_a_call_makes_a_confirmed_order_that_the_branch_sees(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual")
        branch = a_branch(db)
        order = self.calls(db, slot, branch_id=branch.id, needs="一辆轮椅")
        assert (order.state, order.source, order.needs, order.branch_name) == (
            "confirmed",
            "telephone",
            "一辆轮椅",
            branch.name,
        )
        assert (order.subsidy_estimate_fen, order.subsidy_explanation[0]["inputs"]) == (0, {"why": "telephone"})
        secretary = a_secretary(branch)
        seen = order_queries.orders(db, OrdersAsked(branch_id=branch.id), actor=secretary, at=NOON)
        assert [(each.id, bool(each.voucher)) for each in seen.items] == [(order.id, True)]
        orders.cancel(db, order_id=order.id, reason="来不了", actor=secretary, at=NOON)
        assert seats_taken(db, slot) == 0

    def test_it_is_told_to_the_others_as_every_order_is(self, db: Connection) -> None:
        slot = a_slot(db)
        order = self.calls(db, slot, branch_id=a_branch(db).id)
        assert [event.event for event in told(db, order.id)] == ["visit_ordered"]
        assert [row.move for row in history_of(db, order.id)] == ["place"]

    def test_it_is_not_among_the_stewards_own_bookings(self, db: Connection) -> None:
        slot = a_slot(db)
        steward = a_steward(slot.site)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="退休教师参观团")
        order = walk_ins.book(db, asked=asked, actor=steward, at=NOON)
        assert order.branch_name == "退休教师参观团"
        assert order_queries.orders(db, OrdersAsked(mine=True), actor=steward, at=NOON).items == []

    def test_refused_as_everywhere(self, db: Connection) -> None:
        branch = a_branch(db)
        with pytest.raises(SlotFull, match="Only 10 seats"):
            self.calls(db, a_slot(db, seats=10), branch_id=branch.id)
        with pytest.raises(SlotClosed):
            self.calls(db, a_slot(db, closed_reason="布展"), branch_id=branch.id)
        with pytest.raises(SlotPast):
            self.calls(db, a_slot(db, notice=timedelta(days=2)), branch_id=branch.id)
        with pytest.raises(BranchUnknown):
            self.calls(db, a_slot(db), branch_id=uuid4())
        with pytest.raises(NotFound):
            self.calls(db, replace(a_slot(db), id=uuid4()), branch_id=branch.id)
        for whom in ({}, {"branch_id": branch.id, "group_name": "参观团"}):
            with pytest.raises(InvalidInput):
                self.calls(db, a_slot(db), **whom)
        for _ in range(2):
            self.calls(db, a_slot(db), branch_id=branch.id)
        with pytest.raises(QuotaReached):
            self.calls(db, a_slot(db), branch_id=branch.id)

    def test_a_group_takes_a_place_among_the_groups_and_gives_it_back(self, db: Connection) -> None:
        slot = a_slot(db)
        db.execute(text("UPDATE slots SET groups_max = 1 WHERE id = :id"), {"id": slot.id})
        steward = a_steward(slot.site)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="退休教师参观团")
        order = walk_ins.book(db, asked=asked, actor=steward, at=NOON)
        with pytest.raises(GroupsFull):
            self.calls(db, slot, branch_id=a_branch(db).id)
        assert slots_differing(db) == []
        orders.cancel(db, order_id=order.id, reason="来不了", actor=steward, at=NOON)
        assert slots_differing(db) == []
        self.calls(db, slot, branch_id=a_branch(db).id)

    def test_a_party_at_the_door_is_let_in_at_once(self, db: Connection) -> None:
        slot = a_slot(db, notice=timedelta(days=2))
        branch = a_branch(db)
        order = self.stands_there(db, slot, branch_id=branch.id)
        assert (order.source, order.check_in.way, order.check_in.count) == ("walk_in", "walk_in", 12)
        assert seats_taken(db, slot) == 12
        closed = visits.close(db, order_id=order.id, headcount=12, actor=a_steward(slot.site), at=slot.ends_at)
        assert (closed.state, closed.claim_id) == ("used", None)

    def test_at_the_door_only_seats_and_hours_bind(self, db: Connection) -> None:
        slot = a_slot(db, seats=20)
        group = {"group_name": "退休教师参观团"}
        with pytest.raises(TooEarly):
            self.stands_there(db, slot, at=slot.starts_at - 31 * MINUTE, **group)
        with pytest.raises(SlotPast):
            self.stands_there(db, slot, at=slot.ends_at, **group)
        self.stands_there(db, slot, at=slot.starts_at + MINUTE, **group)
        with pytest.raises(SlotFull, match="Only 8 seats"):
            self.stands_there(db, slot, **group)
        with pytest.raises(SlotClosed):
            self.stands_there(db, a_slot(db, closed_reason="布展"), **group)

    def test_only_the_steward_of_the_site(self, db: Connection) -> None:
        slot = a_slot(db)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="参观团")
        for actor in (a_steward(a_site(db)), a_secretary(a_branch(db))):
            with pytest.raises(Forbidden):
                walk_ins.book(db, asked=asked, actor=actor, at=NOON)

    def test_the_last_seats_go_to_a_call_or_to_a_walk_in(self, database: Engine) -> None:
        with database.begin() as db:
            slot = a_slot(db, seats=20)
            at = slot.starts_at - 5 * MINUTE
            branches = [a_branch(db) for _ in range(4)]

        def enters(branch: Branch, act: Callable[..., Any]) -> str:
            with database.begin() as db:
                act(db, slot, at=at, branch_id=branch.id)
            return "entered"

        acts = [self.calls, self.stands_there, self.calls, self.stands_there]
        answers = at_once([partial(enters, branch, act) for branch, act in zip(branches, acts, strict=True)])
        assert sorted(answers) == ["entered", "slot-full", "slot-full", "slot-full"]
        with database.begin() as db:
            assert seats_taken(db, slot) == 12
            assert slots_differing(db) == []
