"""Whatever is done, in whatever sequence, and wherever it is cut: the books balance, and money and seats are right.

A rule-based machine over everything that touches money: orders, what happens at the door, claims, batches, the bank,
timers, the sealer. Each act goes through its command's guard, in a transaction of its own that is truly committed, and
any of them may be cut: an exception between two statements, the server ending the session at one, or the answer lost
after the commit. Whoever was cut asks again with the same command. What holds after each step stands in `BROKEN`.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from chassis import guard
from chassis.actors import Actor
from chassis.database import DirectCursor, connect, direct
from chassis.guard import Command
from chassis.refusals import Refusal
from contracts.envelope import dump
from contracts.sites.batches import BatchView, MakeBatch, MoveBatch, MoveBatchWithReason, RecordBankResults
from contracts.sites.claims import DisputeHeadcount, MoveClaim, MoveClaims, MoveClaimWithReason
from contracts.sites.orders import AmendOrder
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sites.operations import bank_files, batches, claims, ledger, orders, seals, visits
from sites.queries import batches as batch_queries
from sites.queries.ledger import disagree
from sqlalchemy import Connection, Engine, event, text

from tests.articles import an_actor
from tests.conftest import FEW, IS_LONG, TestDatabase
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    Slot,
    a_branch,
    a_check_in,
    a_command,
    a_door_command,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    come,
    money_in_the_fund,
    pays,
)
from tests.sites.money import (
    a_bank_file,
    a_payee,
    a_payer,
    a_preparer,
    an_approver,
    an_auditor,
    fresh,
    hands_over,
    stored,
)

VISIT: Final = NOON + timedelta(days=3)
DONE: Final = VISIT + timedelta(hours=2)
SILENT: Final = DONE + timedelta(days=9)
LAPSED: Final = DONE + timedelta(days=90)
PERIOD: Final = "2026-11"
SEATS: Final = 45
YEAR: Final = 2026

WHICH = st.integers(0, 5)
TURNS_DOWN: Final = 5
PARTY = st.sampled_from([5, 20, 20, 25])
# Most acts are let be; the others are cut before their n-th statement, or their answer is lost.
CUTS = st.one_of(
    st.just(("none", 0)),
    st.just(("none", 0)),
    st.tuples(st.sampled_from(["raise", "kill"]), st.integers(1, 9)),
    st.just(("lose", 0)),
)

# Each line says what is wrong of the fund, when it finds a row. Entries are added up from themselves alone.
BROKEN: Final = {
    "an account's entries are not what is kept": """
        SELECT a.account FROM (
            SELECT split_part(account, ':', 1) AS account, sum(fen) AS fen
              FROM (SELECT debit AS account, -amount_fen AS fen FROM ledger_entries WHERE fund_id = :fund
                     UNION ALL SELECT credit, amount_fen FROM ledger_entries WHERE fund_id = :fund) e GROUP BY 1) a
          FULL JOIN (SELECT k.account, k.fen FROM fund_years y CROSS JOIN LATERAL (VALUES
                ('appropriations', -appropriated_fen), ('available', available_fen), ('encumbered', encumbered_fen),
                ('payable', payable_fen), ('paid', paid_fen), ('receivable', receivable_fen))
                AS k (account, fen) WHERE fund_id = :fund) k
            USING (account)
         WHERE coalesce(a.fen, 0) <> coalesce(k.fen, 0)""",
    "an account that must not is below zero": """
        SELECT year FROM fund_years WHERE fund_id = :fund
           AND least(available_fen, encumbered_fen, payable_fen, paid_fen, receivable_fen) < 0""",
    "an order's encumbrance is not resolved once": """
        SELECT n.order_id FROM encumbrances n
          JOIN (SELECT order_id, sum(CASE WHEN credit = 'encumbered' THEN amount_fen ELSE 0 END
                                   - CASE WHEN debit = 'encumbered' THEN amount_fen ELSE 0 END) AS open_fen,
                       sum(amount_fen) FILTER (WHERE reason = 'claim_approved') AS posted_fen,
                       count(*) FILTER (WHERE reason = 'claim_approved') AS postings
                  FROM ledger_entries WHERE fund_id = :fund GROUP BY order_id) e USING (order_id)
         WHERE n.fund_id = :fund
           AND (e.open_fen <> CASE WHEN n.state = 'pending' THEN n.amount_fen ELSE 0 END
                OR e.postings > 1 OR n.posted_fen IS DISTINCT FROM e.posted_fen OR n.posted_fen > n.amount_fen)""",
    "money is set aside for what needs none, or not for what does": """
        SELECT o.id FROM orders o LEFT JOIN encumbrances n ON n.order_id = o.id LEFT JOIN claims c ON c.order_id = o.id
         WHERE o.fund_id = :fund AND coalesce(n.state, 'voided') <> CASE
               WHEN c.state IN ('approved', 'batched', 'paid') THEN 'posted'
               WHEN c.state IN ('rejected', 'lapsed') OR c.id IS NULL AND o.state NOT IN ('placed', 'confirmed')
                    OR NOT o.is_subsidised THEN 'voided'
               ELSE 'pending' END""",
    "a claim's amounts are not its entries": """
        SELECT c.id FROM claims c
          LEFT JOIN (SELECT claim_id, sum(amount_fen) FILTER (WHERE reason = 'claim_approved') AS approved_fen,
                            sum(amount_fen) FILTER (WHERE reason = 'payment') AS paid_fen,
                            count(*) FILTER (WHERE reason = 'payment') AS payments
                       FROM ledger_entries WHERE fund_id = :fund GROUP BY 1) e ON e.claim_id = c.id
         WHERE c.fund_id = :fund
           AND (c.approved_fen IS DISTINCT FROM e.approved_fen OR c.paid_fen IS DISTINCT FROM e.paid_fen
                OR e.payments > 1 OR c.approved_fen > c.encumbered_fen)""",
    "a claim is not in the one line that its state says": """
        SELECT c.id FROM claims c
          LEFT JOIN LATERAL (SELECT count(*) AS lines, min(l.state) AS state, min(l.batch_id::text)::uuid AS batch_id
                               FROM batch_lines l WHERE l.claim_id = c.id AND l.state IN ('waiting', 'paid')) l ON true
         WHERE c.fund_id = :fund
           AND (l.lines <> CASE WHEN c.state IN ('batched', 'paid') THEN 1 ELSE 0 END
                OR l.state IS DISTINCT FROM CASE c.state WHEN 'batched' THEN 'waiting' WHEN 'paid' THEN 'paid' END
                OR l.batch_id IS DISTINCT FROM c.batch_id)""",
    "a batch's count, sum or state is not that of its lines": """
        SELECT b.id FROM batches b
          JOIN (SELECT batch_id, count(*) AS count, sum(amount_fen) AS fen, count(*) FILTER (WHERE state = 'waiting')
                       AS waiting, bool_and(state = 'paid') AS all_paid, bool_and(state = 'freed') AS all_freed
                  FROM batch_lines GROUP BY 1) l ON l.batch_id = b.id
         WHERE b.fund_id = :fund AND ((b.count, b.total_fen) <> (l.count, l.fen)
               OR (b.state = 'settled') <> l.all_paid OR (b.state = 'rejected') <> l.all_freed
               OR (b.state IN ('prepared', 'approved', 'paying')) <> (l.waiting > 0))""",
    "seats are lost or sold twice": """
        SELECT s.id FROM slots s
          LEFT JOIN (SELECT slot_id, sum(seats) AS seats, count(*) AS groups FROM orders
                      WHERE state IN ('placed', 'confirmed', 'used') GROUP BY 1) o ON o.slot_id = s.id
         WHERE s.id = ANY(:slots) AND ((s.seats_taken, s.groups_taken) <> (coalesce(o.seats, 0), coalesce(o.groups, 0))
               OR s.seats_taken > s.seats)""",
}
WATCHED: Final = ("orders", "order_history", "check_ins", "claims", "claim_history", "batches", "batch_history")


class Cut(Exception):
    """The act ends here, as if its process had died."""


@dataclass
class Knife:
    """Cuts an act before its n-th statement."""

    superuser: Engine
    way: str = "none"
    left: int = 0
    cuts: int = 0

    def at_a_statement(self, backend_pid: int) -> None:
        if self.way not in ("raise", "kill"):
            return
        self.left -= 1
        if self.left:
            return
        way, self.way = self.way, "none"
        self.cuts += 1
        if way == "raise":
            raise Cut
        with self.superuser.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend_pid})
        # What follows is sent into a closed connection, as by a service that does not know yet.


@dataclass
class Ground:
    """A database of the machine's own, shared by its examples; each has a fund and sites of its own."""

    engine: Engine
    knife: Knife
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)


@pytest.fixture
def ground(
    clone_of: Callable[[str], TestDatabase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ground]:
    database = clone_of("sites")
    engine, superuser = connect(database.url, service="sites", pool_size=2), connect(database.superuser_url)
    knife = Knife(superuser)

    @event.listens_for(engine, "before_cursor_execute")
    def cut(connection: Connection, *rest: Any) -> None:
        knife.at_a_statement(connection.connection.dbapi_connection.info.backend_pid)  # type: ignore[union-attr]

    @event.listens_for(engine, "commit")
    def cut_at_the_commit(connection: Connection) -> None:
        knife.at_a_statement(connection.connection.dbapi_connection.info.backend_pid)  # type: ignore[union-attr]

    execute = DirectCursor.execute

    def cut_straight(cursor: DirectCursor, *given: Any) -> None:
        knife.at_a_statement(cursor.connection.info.backend_pid)
        execute(cursor, *given)

    monkeypatch.setattr(DirectCursor, "execute", cut_straight)
    # A process for each file guards memory, which is not what is shown here.
    monkeypatch.setattr(
        bank_files, "read", lambda stream: bank_files.BankFile(bank_files.TABLE, bank_files._of_text(stream.read()))
    )
    yield Ground(engine, knife, tmp_path)
    engine.dispose()
    superuser.dispose()


class Money(RuleBasedStateMachine):
    """One fund with money for three parties of twenty, two sites with two slots each, and whoever acts."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.place_path = f"{DISTRICT}.m{next(ground.numbers)}"
        self.orders: list[tuple[UUID, Actor, Slot]] = []
        self.batches: list[BatchView] = []
        self.documents = 0
        self.paid_by_bank: dict[UUID, int] = {}
        ground.knife.way = "none"
        with ground.engine.begin() as db:
            self.fund = money_in_the_fund(db, amount_fen=1_200_00, path=self.place_path)
            self.slots = []
            for way in ("automatic", "manual"):
                site = a_site(db)
                a_payee(db, site)
                for minutes in (0, 1):
                    starts_at = VISIT + timedelta(minutes=minutes)
                    self.slots.append(a_slot(db, site=site, seats=SEATS, starts_at=starts_at, confirmation=way))

    # ---- how anything is done -------------------------------------------------------------------------------------

    def does(self, act: Callable[[Connection], Any], cut: tuple[str, int] = ("none", 0)) -> Any:
        """Do it as a door does, cut it as told, and ask again with the same command. None when it is refused."""
        command = Command(uuid4(), hashlib.sha256(b"body").digest(), "the machine", self.fund)

        def once() -> bytes:
            with self.ground.engine.begin() as db:
                stored = guard.claim(db, command, at=NOON)
                if stored is not None:
                    return stored
                answers.append(act(db))
                answer = (
                    dump(answers[-1]) if hasattr(answers[-1], "__dataclass_fields__") else repr(answers[-1]).encode()
                )
                guard.remember(db, command, answer)
                return answer

        answers: list[Any] = []
        return answers[-1] if self._cut_and_asked_again(once, cut) is not None else None

    def does_straight(self, act: Callable[[DirectCursor], bytes], cut: tuple[str, int]) -> bytes | None:
        """Do what guards itself in its SQL function, on a cursor in autocommit."""

        def once() -> bytes:
            with direct(self.ground.engine, service="sites") as cursor:
                return act(cursor)

        return self._cut_and_asked_again(once, cut)

    def _cut_and_asked_again(self, once: Callable[[], bytes], cut: tuple[str, int]) -> bytes | None:
        knife, before = self.ground.knife, self.footprint()
        knife.way, knife.left = cut
        try:
            answer = once()
        except Refusal:
            assert self.footprint() == before, "what was refused left something behind"
            return None
        except Exception:
            if knife.left or cut[0] not in ("raise", "kill"):
                raise
            assert self.footprint() == before, "what was cut left something behind"
            return self._cut_and_asked_again(once, ("none", 0))
        finally:
            knife.way = "none"
        if cut[0] == "lose":
            done = self.footprint()
            assert once() == answer, "the same command answered something else"
            assert self.footprint() == done, "the same command acted twice"
        return answer

    def footprint(self) -> Any:
        """Return what an act would have changed."""
        way, self.ground.knife.way = self.ground.knife.way, "none"
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in WATCHED)  # noqa: S608
        with self.ground.engine.connect() as db:
            found = db.execute(
                text(
                    f"SELECT {counts}, (SELECT count(*) FROM ledger_entries WHERE fund_id = y.fund_id),"  # noqa: S608
                    " (SELECT sum(version) FROM orders WHERE fund_id = y.fund_id),"
                    " (SELECT sum(version) FROM claims WHERE fund_id = y.fund_id),"
                    " (SELECT sum(version) FROM batches WHERE fund_id = y.fund_id), y.*"
                    " FROM fund_years y WHERE y.fund_id = :fund"
                ),
                {"fund": self.fund},
            ).one()
        self.ground.knife.way = way
        return tuple(found)

    def ids(self, table: str, *states: str) -> list[UUID]:
        """Return the fund's claims or batches in these states, the oldest first."""
        by = {"claims": "(SELECT min(h.id) FROM claim_history h WHERE h.claim_id = t.id)", "batches": "t.number"}[table]
        wanted = f"SELECT t.id FROM {table} t WHERE fund_id = :fund AND state = ANY(:states) ORDER BY {by}"  # noqa: S608
        with self.ground.engine.connect() as db:
            return list(db.execute(text(wanted), {"fund": self.fund, "states": list(states)}).scalars())

    def picks(self, which: int, table: str, *states: str) -> UUID | None:
        """Return one of them; where none is in these states any other, which then refuses."""
        found = self.ids(table, *states) or self.ids(table, *CLAIM_OR_BATCH_STATES)
        return found[which % len(found)] if found else None

    # ---- orders ---------------------------------------------------------------------------------------------------

    @initialize(ways=st.lists(WHICH, min_size=3, max_size=9), third_person=st.booleans(), cut=CUTS)
    def visits_are_over(self, ways: list[int], third_person: bool, cut: tuple[str, int]) -> None:
        """Begin where the money is: two closed visits whose claims are some steps on, and an open order."""
        with self.ground.engine.begin() as db:
            pays(db, self.fund, separate_payer=third_person)
        for number in range(3):
            self.place(0, 20 if number else 5, cut)
        for number in (1, 2):
            self.come(number, 18 + number, cut)
            self.close(number, 18, cut)
        for way in ways:
            self.goes_on(way, cut)

    @rule(which=WHICH, cut=CUTS)
    def goes_on(self, which: int, cut: tuple[str, int]) -> None:
        """Do what is next on the way from a closed visit to its payment, for what is furthest behind."""
        is_no = which == TURNS_DOWN
        if drafted := self.ids("claims", "drafted", "returned"):
            for number in range(0 if is_no else len(drafted)):
                self.submit(number, cut)
            if is_no:
                self.nobody_answers("lapse", cut)
        elif self.ids("claims", "submitted"):
            if is_no:
                self.turn_down(which, "reject", cut)
            else:
                self.the_branch_answers(which, 10 if which == 1 else None, cut)
        elif self.ids("claims", "confirmed", "disputed"):
            if is_no:
                self.turn_down(which, "give_back", cut)
            else:
                self.approve_all(cut)
        elif self.ids("claims", "approved"):
            self.make_batch(cut)
        else:
            self._batch_goes_on(which, cut)

    def _batch_goes_on(self, which: int, cut: tuple[str, int]) -> None:
        if self.ids("batches", "prepared"):
            self.decide_on_batch(which, which != TURNS_DOWN, cut)
        elif self.to_hand_over():
            self.hand_over(which, cut)
        else:
            self.the_bank_answers(which, (which,) if which < 2 else (), None, cut)

    @rule(which=WHICH, party=PARTY, cut=CUTS)
    def place(self, which: int, party: int, cut: tuple[str, int]) -> None:
        slot = self.slots[which % len(self.slots)]
        branch: Branch = self.does(lambda db: a_branch(db, path=f"{self.place_path}.b{len(self.orders)}"))
        actor = a_secretary(branch)
        asked = an_order(slot, branch=branch, party_size=party)
        command = a_command(asked, actor=actor)
        if self.does_straight(lambda c: orders.place(c, order=asked, actor=actor, at=NOON, command=command), cut):
            with self.ground.engine.connect() as db:
                found = db.execute(text("SELECT id FROM orders WHERE branch_id = :id"), {"id": branch.id}).scalar_one()
            self.orders.append((found, actor, slot))

    @precondition(lambda self: self.orders)
    @rule(which=WHICH, party=PARTY, slot=st.sampled_from([None, 0, 1, 2, 3]), cut=CUTS)
    def amend(self, which: int, party: int, slot: int | None, cut: tuple[str, int]) -> None:
        order_id, actor, _ = self.orders[which % len(self.orders)]
        to = None if slot is None else self.slots[slot].id
        asked = AmendOrder(order_id, party_size=party, slot_id=to)
        self.does(lambda db: orders.amend(db, asked=asked, actor=actor, at=NOON), cut)

    @precondition(lambda self: self.orders)
    @rule(which=WHICH, verb=st.sampled_from(["cancel", "refuse", "confirm", "confirm"]), cut=CUTS)
    def answer(self, which: int, verb: str, cut: tuple[str, int]) -> None:
        order_id, actor, slot = self.orders[which % len(self.orders)]
        steward = a_steward(slot.site)
        acts: dict[str, Callable[[Connection], Any]] = {
            "cancel": lambda db: orders.cancel(db, order_id=order_id, reason="雨", actor=actor, at=NOON),
            "refuse": lambda db: orders.refuse(db, order_id=order_id, reason="满", actor=steward, at=NOON),
            "confirm": lambda db: orders.confirm(db, order_id=order_id, actor=steward, at=NOON),
        }
        self.does(acts[verb], cut)

    @precondition(lambda self: self.orders)
    @rule(verb=st.sampled_from(["expire", "miss"]), cut=CUTS)
    def time_passes(self, verb: str, cut: tuple[str, int]) -> None:
        act = {"expire": orders.expire, "miss": orders.miss}[verb]
        self.does(lambda db: act(db, at=DONE), cut)

    # ---- the door -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.orders)
    @rule(which=WHICH, heads=st.sampled_from([3, 18, 20, 30]), cut=CUTS)
    def come(self, which: int, heads: int, cut: tuple[str, int]) -> None:
        order_id, _, slot = self.orders[which % len(self.orders)]
        with self.ground.engine.connect() as db:
            voucher = db.execute(text("SELECT voucher FROM orders WHERE id = :id"), {"id": order_id}).scalar_one()
        if voucher:
            asked = a_check_in(voucher, count=heads)
            command = a_door_command(asked, actor=a_steward(slot.site))
            steward = a_steward(slot.site)
            self.does(lambda db: come(db, asked, actor=steward, at=VISIT + timedelta(minutes=2), command=command), cut)

    @precondition(lambda self: self.orders)
    @rule(which=WHICH, heads=st.sampled_from([4, 18, 20]), cut=CUTS)
    def close(self, which: int, heads: int, cut: tuple[str, int]) -> None:
        order_id, _, slot = self.orders[which % len(self.orders)]
        steward = a_steward(slot.site)
        self.does(lambda db: visits.close(db, order_id=order_id, headcount=heads, actor=steward, at=DONE), cut)

    # ---- claims ---------------------------------------------------------------------------------------------------

    @rule(which=WHICH, cut=CUTS)
    def submit(self, which: int, cut: tuple[str, int]) -> None:
        """Hand in the first that is drafted, or one that is not."""
        if claim := self.picks(which, "claims", "drafted", "returned"):
            steward = somebody_as("steward")
            self.does(lambda db: claims.submit(db, asked=MoveClaim(claim), actor=steward, at=DONE), cut)

    @rule(which=WHICH, heads=st.sampled_from([None, None, 4, 10, 20]), cut=CUTS)
    def the_branch_answers(self, which: int, heads: int | None, cut: tuple[str, int]) -> None:
        if claim := self.picks(which, "claims", "submitted"):
            secretary = somebody_as("secretary")
            if heads is None:
                asked = MoveClaim(claim)
                self.does(lambda db: claims.confirm_headcount(db, asked=asked, actor=secretary, at=DONE), cut)
            else:
                said = DisputeHeadcount(claim, heads, "人数不符")
                self.does(lambda db: claims.dispute_headcount(db, asked=said, actor=secretary, at=DONE), cut)

    @rule(verb=st.sampled_from(["silence", "silence", "lapse"]), cut=CUTS)
    def nobody_answers(self, verb: str, cut: tuple[str, int]) -> None:
        if verb == "silence":
            self.does(lambda db: claims.confirm_by_silence(db, at=SILENT), cut)
        else:
            self.does(lambda db: claims.lapse(db, at=LAPSED), cut)

    @rule(which=WHICH, cut=CUTS)
    def approve(self, which: int, cut: tuple[str, int]) -> None:
        if claim := self.picks(which, "claims", "confirmed", "disputed"):
            asked = MoveClaim(claim, reason="核对无误")
            self.does(lambda db: claims.approve(db, asked=asked, actor=fresh(a_preparer(), DONE), at=DONE), cut)

    @rule(cut=CUTS)
    def approve_all(self, cut: tuple[str, int]) -> None:
        if waiting := self.ids("claims", "confirmed", "disputed", "returned", "approved"):
            asked = MoveClaims(waiting, reason="核对无误")
            self.does(lambda db: claims.approve_many(db, asked=asked, actor=fresh(a_preparer(), DONE), at=DONE), cut)

    @rule(which=WHICH, verb=st.sampled_from(["give_back", "reject"]), cut=CUTS)
    def turn_down(self, which: int, verb: str, cut: tuple[str, int]) -> None:
        if claim := self.picks(which, "claims", "submitted", "confirmed", "disputed"):
            act = {"give_back": claims.give_back, "reject": claims.reject}[verb]
            asked = MoveClaimWithReason(claim, reason="材料不全")
            self.does(lambda db: act(db, asked=asked, actor=fresh(a_preparer(), DONE), at=DONE), cut)

    # ---- settlement -----------------------------------------------------------------------------------------------

    @rule(cut=CUTS)
    def make_batch(self, cut: tuple[str, int]) -> None:
        asked, by = MakeBatch(PERIOD, fund_id=self.fund), fresh(a_preparer(), DONE)
        self.does(lambda db: batches.make(db, asked=asked, actor=by, at=DONE), cut)

    @rule(which=WHICH, yes=st.sampled_from([True, True, False]), cut=CUTS)
    def decide_on_batch(self, which: int, yes: bool, cut: tuple[str, int]) -> None:
        if batch := self.picks(which, "batches", "prepared"):
            by = fresh(an_approver(), DONE)
            if yes:
                self.does(lambda db: batches.approve(db, asked=MoveBatch(batch), actor=by, at=DONE), cut)
            else:
                asked = MoveBatchWithReason(batch, "金额有疑问")
                self.does(lambda db: batches.reject(db, asked=asked, actor=by, at=DONE), cut)

    def to_hand_over(self) -> list[UUID]:
        """Return the approved batches whose payment a third person has to hand to the bank."""
        with self.ground.engine.connect() as db:
            wanted = "SELECT id FROM batches WHERE fund_id = :fund AND separate_payer AND state = 'approved'"
            return list(db.execute(text(wanted), {"fund": self.fund}).scalars())

    @rule(which=WHICH, cut=CUTS)
    def hand_over(self, which: int, cut: tuple[str, int]) -> None:
        if batch := self.picks(which, "batches", "approved"):
            self.does(self._takes_and_hands_over(batch), cut)

    def _takes_and_hands_over(self, batch: UUID) -> Callable[[Connection], Any]:
        return lambda db: hands_over(
            db, self.ground.folder, batch_queries.batch(db, batch, actor=an_auditor()), by=a_payer(), at=DONE
        )

    @rule(which=WHICH, fails=st.sampled_from([(), (), (0,), (1,)]), only=st.sampled_from([None, None, (0,)]), cut=CUTS)
    def the_bank_answers(self, which: int, fails: Any, only: Any, cut: tuple[str, int]) -> None:
        """Tell of all lines or of the first; once more of some is as good, and contradictions are refused."""
        batch = self.picks(which, "batches", "paying", "approved", "partly_settled", "settled")
        if batch is None:
            return
        with self.ground.engine.connect() as db:
            view = batch_queries.batch(db, batch, actor=an_auditor())
        files, file = stored(self.ground.folder, a_bank_file(view, failed=fails, only=only))
        asked, by = RecordBankResults(batch, file), a_preparer()
        told = self.does(lambda db: batches.record_bank_results(db, files, asked=asked, actor=by, at=DONE), cut)
        if told is not None:
            for place, line in enumerate(view.lines):
                if (only is None or place in only) and place not in fails:
                    self.paid_by_bank[line.claim_id] = line.amount_fen

    # ---- the books ------------------------------------------------------------------------------------------------

    @rule(cut=CUTS)
    def appropriate(self, cut: tuple[str, int]) -> None:
        self.documents += 1
        given: dict[str, Any] = {"amount_fen": 250_00, "document_number": f"增{self.documents}", "at": NOON, "by": None}
        self.does(lambda db: ledger.appropriate(db, fund_id=self.fund, year=YEAR, **given), cut)

    @rule(cut=CUTS)
    def seal(self, cut: tuple[str, int]) -> None:
        self.does(seals.seal, cut)

    @invariant()
    def nothing_is_broken(self) -> None:
        given = {"fund": self.fund, "slots": [slot.id for slot in self.slots]}
        asked = " UNION ALL ".join(
            f"SELECT {number}, array(SELECT b::text FROM ({sql}) b)"  # noqa: S608
            for number, sql in enumerate(BROKEN.values())
        )
        with self.ground.engine.connect() as db:
            found = {list(BROKEN)[number]: rows for number, rows in db.execute(text(asked), given) if rows}
            assert not found
            assert not disagree(db, self.fund)
            paid_fen = db.execute(
                text("SELECT paid_fen FROM fund_years WHERE fund_id = :fund"), {"fund": self.fund}
            ).scalar_one()
        assert paid_fen == sum(self.paid_by_bank.values()), "the bank paid something else"


CLAIM_OR_BATCH_STATES: Final = (
    *("drafted", "submitted", "confirmed", "disputed", "approved", "batched", "paid", "returned", "rejected", "lapsed"),
    *("prepared", "paying", "settled", "partly_settled"),
)


def somebody_as(role: str) -> Actor:
    """Somebody with the role over the whole district."""
    return an_actor((role, DISTRICT), name="某人")


def test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut(ground: Ground) -> None:
    """To shorten what it finds takes many minutes, so that is left to `make test-long`."""
    run_state_machine_as_test(
        lambda: Money(ground),
        settings=settings(
            max_examples=300 if IS_LONG else 2 * FEW,
            stateful_step_count=60 if IS_LONG else 16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **({} if IS_LONG else {"phases": [Phase.generate]}),
        ),
    )
    assert ground.knife.cuts, "nothing was cut"
    with ground.engine.connect() as db:
        done = set(db.execute(text("SELECT DISTINCT move FROM claim_history")).scalars())
    assert {"approve", "batch", "free", "pay", "reject", "return"} <= done, "the machine did not get far enough"
