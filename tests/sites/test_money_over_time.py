"""Any sequence of orders, visits, claims, batches and bank answers, cut off anywhere, leaves the books right (B4).

Every act may be cut off after all its writes and before its commit, and is then tried again, as a caller would.
"""

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.refusals import Refusal
from contracts.sites.batches import MakeBatch, MoveBatch, MoveBatchWithReason
from contracts.sites.claims import DisputeHeadcount
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites.domain.claims import MOVES, lapses_at, silence_confirms_at
from sites.operations import batches, claims, orders, visits
from sites.queries import batches as batch_queries
from sqlalchemy import Connection, Engine, text

from tests.sites.articles import (
    NOON,
    Branch,
    Site,
    Slot,
    a_branch,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    checked_in,
    fund_year,
    money_in_the_fund,
)
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    Visit,
    a_bank_file,
    a_move,
    a_payee,
    a_preparer,
    an_approver,
    an_auditor,
    books,
    brings,
    fresh,
    with_reason,
)

GRANTED_FEN = 1_500_00  # not enough for all six


class World:
    """Six branches, two sites, one fund; each act takes a number that says of which."""

    def __init__(self, db: Connection, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.fund = money_in_the_fund(db, amount_fen=GRANTED_FEN)
        self.sites: list[Site] = [a_site(db), a_site(db)]
        for site in self.sites:
            a_payee(db, site)
        self.branches: list[Branch] = [a_branch(db) for _ in range(6)]
        self.slots = itertools.count()
        self.orders: dict[int, tuple[UUID, Slot, Any]] = {}
        self.visits: dict[int, Visit] = {}

    def order(self, which: int, size: int) -> None:
        slot = a_slot(self.db, site=self.sites[which % 2], starts_at=VISIT + timedelta(seconds=next(self.slots)))
        order_id, secretary = a_placed_order(self.db, slot=slot, branch=self.branches[which], party_size=max(1, size))
        self.visits.pop(which, None)
        self.orders[which] = (order_id, slot, secretary)

    def cancel(self, which: int, size: int) -> None:
        order_id, _, secretary = self.orders[which]
        orders.cancel(self.db, order_id=order_id, reason="时间有变", actor=secretary, at=NOON)

    def miss(self, which: int, size: int) -> None:
        orders.miss(self.db, at=VISIT + timedelta(days=1))

    def close(self, which: int, size: int) -> None:
        order_id, slot, secretary = self.orders[which]
        checked_in(self.db, order_id, slot=slot, count=max(1, size))
        steward = a_steward(slot.site)
        closed = visits.close(self.db, order_id=order_id, headcount=max(0, size - 1), actor=steward, at=CLOSED)
        self.visits[which] = Visit(order_id, closed.claim_id, self.branches[which], slot.site, secretary, steward)

    def submit(self, which: int, size: int) -> None:
        visit = self.visits[which]
        claims.submit(self.db, asked=a_move(visit), actor=visit.steward, at=CLOSED)

    def confirm(self, which: int, size: int) -> None:
        visit = self.visits[which]
        claims.confirm_headcount(self.db, asked=a_move(visit), actor=visit.secretary, at=CLOSED)

    def dispute(self, which: int, size: int) -> None:
        visit = self.visits[which]
        asked = DisputeHeadcount(claim_id=a_move(visit).claim_id, headcount=size, reason="实到人数不符")
        claims.dispute_headcount(self.db, asked=asked, actor=visit.secretary, at=CLOSED)

    def silence(self, which: int, size: int) -> None:
        claims.confirm_by_silence(self.db, at=silence_confirms_at(CLOSED))

    def approve(self, which: int, size: int) -> None:
        asked = a_move(self.visits[which])
        claims.approve(
            self.db,
            asked=type(asked)(claim_id=asked.claim_id, headcount=size, reason="核对无误"),
            actor=a_preparer(),
            at=CLOSED,
        )

    def give_back(self, which: int, size: int) -> None:
        claims.give_back(self.db, asked=with_reason(self.visits[which]), actor=a_preparer(), at=CLOSED)

    def reject(self, which: int, size: int) -> None:
        claims.reject(self.db, asked=with_reason(self.visits[which]), actor=a_preparer(), at=CLOSED)

    def lapse(self, which: int, size: int) -> None:
        claims.lapse(self.db, at=lapses_at(CLOSED))

    def batch(self, which: int, size: int) -> None:
        batches.make(self.db, asked=MakeBatch(period=PERIOD), actor=a_preparer(), at=CLOSED)

    def approve_batch(self, which: int, size: int) -> None:
        batches.approve(
            self.db, asked=MoveBatch(batch_id=self._batch(which)), actor=fresh(an_approver(), CLOSED), at=CLOSED
        )

    def reject_batch(self, which: int, size: int) -> None:
        asked = MoveBatchWithReason(batch_id=self._batch(which), reason="有疑问")
        batches.reject(self.db, asked=asked, actor=an_approver(), at=CLOSED)

    def bank(self, which: int, size: int) -> None:
        batch = batch_queries.batch(self.db, self._batch(which), actor=an_auditor())
        failed = tuple(place for place in range(batch.count) if (size >> place) & 1)
        # Of a batch whose lines have results, the bank repeats them.
        known = {"paid": False, "failed": True}
        failed = tuple(place for place, line in enumerate(batch.lines) if known.get(line.state, place in failed))
        brings(self.db, self.folder, batch, a_bank_file(batch, failed=failed))

    def _batch(self, which: int) -> UUID:
        ids = self.db.execute(text("SELECT id FROM batches ORDER BY number DESC")).scalars().all()
        return ids[which % len(ids)] if ids else uuid4()

    def possible(self) -> list[tuple[str, int]]:
        """Return the acts that make sense now, with what they are done to; the way to the bank stands in it thrice."""
        found = [("silence", 0), ("lapse", 0), ("miss", 0)]
        states = {row.id: row.state for row in self.db.execute(text("SELECT id, state FROM orders"))}
        claim_states = {row.id: row.state for row in self.db.execute(text("SELECT id, state FROM claims"))}
        for which in range(len(self.branches)):
            order = states[self.orders[which][0]] if which in self.orders else "cancelled"
            visit = self.visits.get(which)
            claim = claim_states.get(visit.claim_id) if visit and visit.claim_id else None
            if order in ("cancelled", "no_show"):
                found += [("order", which)] * 3
            if order == "confirmed":
                found += [("close", which)] * 3 + [("cancel", which)]
            for verb in ("submit", "confirm", "approve") * 3 + ("dispute", "return", "reject"):
                if claim in MOVES[verb][0]:
                    found.append((verb.replace("return", "give_back"), which))
        if "approved" in claim_states.values():
            found += [("batch", 0)] * 3
        rows = self.db.execute(text("SELECT state FROM batches ORDER BY number DESC")).scalars()
        for place, batch in enumerate(rows):
            if batch == "prepared":
                found += [("approve_batch", place)] * 3 + [("reject_batch", place)]
            if batch == "approved":
                found += [("bank", place)] * 3
        return found

    # ---- what holds after every act ----------------------------------------------------------------------------------

    def check(self) -> None:
        balances = books(self.db)
        year = fund_year(self.db, self.fund)
        assert year.available_fen >= 0
        assert year.appropriated_fen == GRANTED_FEN
        assert year.available_fen + year.encumbered_fen + year.payable_fen + year.paid_fen == GRANTED_FEN
        # Paid is what the bank said it paid, and nothing else.
        assert sum(fen for account, fen in balances.items() if account.startswith("paid:")) == self._sum(
            "SELECT sum(amount_fen) FROM batch_lines WHERE state = 'paid'"
        )
        assert year.paid_fen == self._sum("SELECT sum(paid_fen) FROM claims")
        assert year.payable_fen == self._sum(
            "SELECT sum(approved_fen) FROM claims WHERE state IN ('approved', 'batched')"
        )
        # Each encumbrance resolves once, posts at most what it held, and stands as long as order or claim is open.
        assert not self._any(
            "SELECT order_id FROM ledger_entries WHERE order_id IS NOT NULL GROUP BY order_id"
            " HAVING count(*) FILTER (WHERE reason = 'order_placed') <> 1"
            " OR count(*) FILTER (WHERE reason NOT IN ('order_placed', 'claim_remainder', 'payment')) > 1"
            " OR count(*) FILTER (WHERE reason = 'payment') > 1"
        )
        assert not self._any(
            "SELECT e.order_id FROM encumbrances e JOIN orders o ON o.id = e.order_id"
            "  LEFT JOIN claims c ON c.order_id = e.order_id"
            " WHERE (e.state = 'pending') IS DISTINCT FROM (o.state IN ('placed', 'confirmed')"
            "    OR coalesce(c.state IN ('drafted', 'submitted', 'disputed', 'confirmed', 'returned'), false))"
            "    OR (e.state = 'posted') IS DISTINCT FROM coalesce(c.state IN ('approved', 'batched', 'paid'), false)"
        )
        # A claim is in at most one live batch; count and control sum are those of the lines.
        assert not self._any(
            "SELECT claim_id FROM batch_lines WHERE state IN ('waiting', 'paid') GROUP BY 1 HAVING count(*) > 1"
        )
        assert not self._any(
            "SELECT b.id FROM batches b JOIN batch_lines l ON l.batch_id = b.id GROUP BY b.id"
            " HAVING count(*) <> b.count OR sum(l.amount_fen) <> b.total_fen"
        )
        assert not self._any(
            "SELECT c.id FROM claims c LEFT JOIN batch_lines l ON l.claim_id = c.id AND l.state IN ('waiting', 'paid')"
            " WHERE (c.state IN ('batched', 'paid')) IS DISTINCT FROM (l.id IS NOT NULL)"
        )
        assert not self._any("SELECT id FROM batches WHERE approved_by_id = prepared_by_id")

    def _sum(self, query: str) -> int:
        return int(self.db.execute(text(query)).scalar_one() or 0)

    def _any(self, query: str) -> list[Any]:
        return list(self.db.execute(text(query)))


ACTS = tuple(name for name in vars(World) if not name.startswith("_") and name not in ("check", "possible"))
choices = st.tuples(st.integers(0, 2**20), st.integers(0, 40), st.booleans())


WAY = ("close", "submit", "confirm", "approve", "batch", "approve_batch", "bank")


def attempt(world: World, act: str, which: int, size: int, *, cut_off: bool) -> bool:
    """Do it in a transaction of its own inside the test's; say whether it was done."""
    method: Callable[[int, int], None] = getattr(world, act)
    known = (dict(world.orders), dict(world.visits))
    transaction = world.db.begin_nested()
    try:
        method(which, size)
    except (Refusal, KeyError, AssertionError):
        transaction.rollback()
        world.orders, world.visits = known
        return False
    if cut_off:
        transaction.rollback()
        world.orders, world.visits = known
        world.check()
        return attempt(world, act, which, size, cut_off=False)
    transaction.commit()
    return True


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(choices=st.lists(choices, min_size=25, max_size=40))
def test_the_books_are_right_after_every_act(
    engine: Engine, tmp_path: Path, choices: list[tuple[int, int, bool]]
) -> None:
    """Mostly acts that make sense, and one in eight any act at all."""
    with engine.connect() as db:
        world = World(db, tmp_path)
        for choice, size, cut_off in choices:
            if choice % 8 == 0:
                act, which = ACTS[choice // 8 % len(ACTS)], choice % 6
            else:
                possible = world.possible()
                act, which = possible[choice // 8 % len(possible)]
            if attempt(world, act, which, size, cut_off=cut_off):
                world.check()


@pytest.mark.parametrize("act", [act for act in ACTS if act not in ("cancel", "miss", "lapse", "reject", "give_back")])
def test_the_way_to_the_bank_may_be_cut_off_anywhere(engine: Engine, tmp_path: Path, act: str) -> None:
    """The property above reaches every act: each is done here, cut off once, and the money arrives."""
    detours = {"dispute": "confirm", "silence": "confirm"}
    way = ["order", *WAY]
    if act == "reject_batch":
        way = ["order", *WAY[:5], "reject_batch", "batch", "approve_batch", "bank"]
    elif act in detours:
        way[way.index(detours[act])] = act
    with engine.connect() as db:
        world = World(db, tmp_path)
        for step in way:
            size = 0 if step == "bank" else 20
            assert attempt(world, step, 0, size, cut_off=step == act), step
            world.check()
        assert fund_year(db, world.fund).paid_fen == 390_00
