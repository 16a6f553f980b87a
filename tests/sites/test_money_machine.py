"""Whatever is done, in whatever sequence, and wherever it is cut: the books balance, and money and seats are right.

A rule-based machine over everything that touches money: orders that one or two funds bear under caps, what happens at
the door, claims and appeals, batches, publicity and objections, the bank, overpayments, what funds pass on to each
other, timers, the sealer. Each act goes through its command's guard, in a transaction of its own that is truly
committed, and any of them may be cut: an exception between two statements, the server ending the session at one, or
the answer lost after the commit. Whoever was cut asks again with the same command. What holds after each step stands
in `BROKEN`; at the end the chain of each fund is proved, and its books are held against the bank's statement.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
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
from contracts.sites.bank_statements import ImportBankStatement, ReconciliationAsked
from contracts.sites.batches import MakeBatch, MoveBatch, MoveBatchWithReason, RecordBankResults
from contracts.sites.claims import (
    AppealClaim,
    DecideClaimAppeal,
    DisputeHeadcount,
    MoveClaim,
    MoveClaims,
    MoveClaimWithReason,
)
from contracts.sites.funding import OwedAsked, RecordTransfer
from contracts.sites.orders import AmendOrder
from contracts.sites.overpayments import MoveOverpayment, RecordRepayment, RefuseOverpayment, ReportOverpayment
from contracts.sites.publicity import DecideObjection, Object
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
from sites.domain.bank_results import yuan
from sites.operations import (
    bank_files,
    batches,
    claim_appeals,
    claims,
    funding,
    ledger,
    objections,
    orders,
    overpayments,
    proofs,
    reconciliation,
    seals,
    visits,
)
from sites.queries import batches as batch_queries
from sites.queries import funding as funding_queries
from sites.queries import reconciliation as reconciliation_queries
from sites.queries.ledger import disagree
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.conftest import FEW, IS_LONG, TestDatabase
from tests.sites.articles import (
    DISTRICT,
    NOON,
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
    fund_year,
    money_in_the_fund,
    pays,
)
from tests.sites.cuts import Knife, held_at
from tests.sites.money import (
    a_bank_file,
    a_funding_rule,
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
LATER: Final = DONE + timedelta(days=4)
"""When the time for objections is over, batches are decided on and the bank answers."""
SILENT: Final = DONE + timedelta(days=9)
LAPSED: Final = DONE + timedelta(days=90)
PERIOD: Final = "2026-11"
SEATS: Final = 45
YEAR: Final = 2026

WHICH = st.integers(0, 5)
WAYS = st.sampled_from([0, 0, 2, 3, 4, 1, 5])
TURNS_DOWN: Final = 5
OTHER_FUND: Final = (None, None, (60, 40), (100, 0), (1, 99))
"""What the paying fund and another bear of each visit, in percent; None where there is one fund."""
CAPS: Final[tuple[dict[str, int], ...]] = (
    {},
    {"site_month_cap_fen": 900_00, "site_year_cap_fen": 1300_00, "branch_year_cap_fen": 850_00},
    {"fund_share_percent": 70},
    {"site_year_cap_fen": 1000_01, "fund_share_percent": 90},
)
ALL_CAPS: Final = ("site_month_cap_fen", "site_year_cap_fen", "branch_year_cap_fen", "fund_share_percent")
PARTY = st.sampled_from([5, 20, 20, 25])
# Most acts are let be; the others are cut before their n-th statement, or their answer is lost.
CUTS = st.one_of(
    st.just(("none", 0)),
    st.just(("none", 0)),
    st.tuples(st.sampled_from(["raise", "kill"]), st.integers(1, 9)),
    st.just(("lose", 0)),
)

# Each line says what is wrong, when it finds a row. Entries are added up from themselves alone.
BROKEN: Final = {
    "an account's entries are not what is kept": """
        SELECT fund_id, account FROM (
            SELECT fund_id, split_part(account, ':', 1) AS account, sum(fen) AS fen
              FROM (SELECT fund_id, debit AS account, -amount_fen AS fen FROM ledger_entries WHERE fund_id = ANY(:funds)
                     UNION ALL
                    SELECT fund_id, credit, amount_fen FROM ledger_entries WHERE fund_id = ANY(:funds)) e
             GROUP BY 1, 2) a
          FULL JOIN (SELECT y.fund_id, k.account, k.fen FROM fund_years y CROSS JOIN LATERAL (VALUES
                ('appropriations', -appropriated_fen), ('available', available_fen), ('encumbered', encumbered_fen),
                ('payable', payable_fen), ('paid', paid_fen), ('receivable', receivable_fen),
                ('contributions', -received_fen), ('contributed', contributed_fen))
                AS k (account, fen) WHERE fund_id = ANY(:funds)) k
            USING (fund_id, account)
         WHERE coalesce(a.fen, 0) <> coalesce(k.fen, 0)""",
    "an account that must not is below zero": """
        SELECT fund_id FROM fund_years WHERE fund_id = ANY(:funds)
           AND least(available_fen, encumbered_fen, payable_fen, paid_fen, receivable_fen, received_fen,
                     contributed_fen) < 0""",
    "what a fund has set aside for an order is not resolved once": """
        SELECT order_id, fund_id
          FROM (SELECT order_id, fund_id, amount_fen, state, posted_fen
                  FROM encumbrances WHERE fund_id = ANY(:funds)
                 UNION ALL
                SELECT order_id, fund_id, amount_fen, state, posted_fen
                  FROM contributions WHERE fund_id = ANY(:funds)) n
          FULL JOIN (
                SELECT order_id, fund_id,
                       sum(CASE 'encumbered' WHEN credit THEN amount_fen WHEN debit THEN -amount_fen END) AS open_fen,
                       sum(CASE WHEN credit LIKE 'payable:%' AND debit <> 'contributions' OR credit = 'contributed'
                                THEN amount_fen
                                WHEN debit LIKE 'payable:%' AND credit = 'encumbered' OR debit = 'contributed'
                                THEN -amount_fen END) AS posted_fen,
                       count(*) FILTER (WHERE reason = 'claim_approved')
                           - count(*) FILTER (WHERE reason = 'claim_reopened' AND credit = 'encumbered') AS postings
                  FROM ledger_entries WHERE fund_id = ANY(:funds) AND order_id IS NOT NULL GROUP BY 1, 2) e
            USING (order_id, fund_id)
         WHERE coalesce(e.open_fen, 0) <> CASE WHEN n.state = 'pending' THEN n.amount_fen ELSE 0 END
            OR coalesce(e.posted_fen, 0) <> coalesce(n.posted_fen, 0)
            OR coalesce(e.postings, 0) <> CASE WHEN n.posted_fen > 0 THEN 1 ELSE 0 END
            OR n.posted_fen > n.amount_fen""",
    "money is set aside for what needs none, or not for what does": """
        SELECT o.id FROM orders o LEFT JOIN encumbrances n ON n.order_id = o.id LEFT JOIN claims c ON c.order_id = o.id
         WHERE o.slot_id = ANY(:slots) AND coalesce(n.state, 'voided') <> CASE
               WHEN c.state IN ('approved', 'batched', 'paid') THEN 'posted'
               WHEN c.state IN ('rejected', 'lapsed') OR c.id IS NULL AND o.state NOT IN ('placed', 'confirmed')
                    OR NOT o.is_subsidised THEN 'voided'
               ELSE 'pending' END
         UNION ALL
        SELECT p.order_id FROM contributions p LEFT JOIN encumbrances n USING (order_id)
         WHERE p.fund_id = ANY(:funds) AND p.state IS DISTINCT FROM n.state""",
    "a claim's amounts are not its entries": """
        SELECT c.id FROM claims c
          JOIN encumbrances n ON n.order_id = c.order_id
          LEFT JOIN (SELECT order_id, sum(amount_fen) AS fen
                       FROM contributions WHERE fund_id = ANY(:funds) GROUP BY 1) p
            ON p.order_id = c.order_id
          LEFT JOIN (SELECT claim_id, nullif(sum(CASE WHEN reason = 'payment' THEN 0
                                                      WHEN credit LIKE 'payable:%' THEN amount_fen
                                                      WHEN debit LIKE 'payable:%' THEN -amount_fen END), 0)
                            AS approved_fen,
                            sum(amount_fen) FILTER (WHERE reason = 'payment') AS paid_fen,
                            count(*) FILTER (WHERE reason = 'payment') AS payments
                       FROM ledger_entries WHERE fund_id = ANY(:funds) GROUP BY 1) e ON e.claim_id = c.id
         WHERE c.fund_id = ANY(:funds)
           AND (c.approved_fen IS DISTINCT FROM e.approved_fen OR c.paid_fen IS DISTINCT FROM e.paid_fen
                OR e.payments > 1 OR c.encumbered_fen <> n.amount_fen + coalesce(p.fen, 0) OR c.fund_id <> n.fund_id
                OR c.approved_fen + c.lowered_fen > c.encumbered_fen)""",
    "what other funds bore is not what the paying fund got": """
        SELECT sum(contributed_fen), sum(received_fen) FROM fund_years WHERE fund_id = ANY(:funds)
        HAVING sum(contributed_fen) <> sum(received_fen)
         UNION ALL
        SELECT y.contributed_fen, sum(p.posted_fen) FROM fund_years y
          LEFT JOIN contributions p ON (p.fund_id, p.year) = (y.fund_id, y.year)
         WHERE y.fund_id = ANY(:funds) GROUP BY y.fund_id, y.year, y.contributed_fen
        HAVING y.contributed_fen <> coalesce(sum(p.posted_fen), 0)""",
    "a claim is not in the one line that its state says": """
        SELECT c.id FROM claims c
          LEFT JOIN LATERAL (SELECT count(*) AS lines, min(l.state) AS state, min(l.batch_id::text)::uuid AS batch_id
                               FROM batch_lines l WHERE l.claim_id = c.id AND l.state IN ('waiting', 'paid')) l ON true
         WHERE c.fund_id = ANY(:funds)
           AND (l.lines <> CASE WHEN c.state IN ('batched', 'paid') THEN 1 ELSE 0 END
                OR l.state IS DISTINCT FROM CASE c.state WHEN 'batched' THEN 'waiting' WHEN 'paid' THEN 'paid' END
                OR l.batch_id IS DISTINCT FROM c.batch_id)""",
    "a batch's count, sums or state is not that of its lines": """
        SELECT b.id FROM batches b
          JOIN (SELECT batch_id, count(*) FILTER (WHERE state <> 'freed') AS count,
                       sum(amount_fen) FILTER (WHERE state <> 'freed') AS fen,
                       sum(offset_fen) FILTER (WHERE state <> 'freed') AS offset_fen,
                       count(*) FILTER (WHERE state = 'waiting') AS waiting,
                       bool_and(state = 'paid') FILTER (WHERE state <> 'freed') AS all_paid,
                       bool_and(state = 'freed') AS all_freed
                  FROM batch_lines GROUP BY 1) l ON l.batch_id = b.id
         WHERE b.fund_id = ANY(:funds)
           AND (b.state <> 'rejected' AND (b.count, b.total_fen, b.offset_fen) <> (l.count, l.fen, l.offset_fen)
                OR (b.state = 'settled') <> coalesce(l.all_paid, false) OR (b.state = 'rejected') <> l.all_freed
                OR (b.state IN ('prepared', 'published', 'approved', 'paying')) <> (l.waiting > 0))""",
    "somebody objects to what goes to the bank": """
        SELECT l.id FROM batches b JOIN batch_lines l ON l.batch_id = b.id AND l.state <> 'freed'
          JOIN objections o ON o.claim_id = l.claim_id AND o.state = 'open'
         WHERE b.fund_id = ANY(:funds) AND (b.state NOT IN ('published', 'rejected') OR o.batch_id <> b.id)""",
    "what a site was paid too much is not what is kept back, paid back and owed": """
        SELECT o.id FROM overpayments o
          LEFT JOIN (SELECT overpayment_id, sum(f.amount_fen) FILTER (WHERE l.state = 'waiting') AS reserved_fen,
                            sum(f.amount_fen) FILTER (WHERE l.state = 'paid') AS recovered_fen
                       FROM line_offsets f JOIN batch_lines l ON l.id = f.line_id GROUP BY 1) k
            ON k.overpayment_id = o.id
          LEFT JOIN (SELECT overpayment_id, sum(amount_fen) AS fen FROM repayments GROUP BY 1) r
            ON r.overpayment_id = o.id
         WHERE o.fund_id = ANY(:funds)
           AND (o.reserved_fen <> coalesce(k.reserved_fen, 0)
                OR o.recovered_fen <> coalesce(k.recovered_fen, 0) + coalesce(r.fen, 0)
                OR o.recovered_fen + o.reserved_fen > o.amount_fen
                OR (o.state = 'recovered') <> (o.recovered_fen = o.amount_fen))
         UNION ALL
        SELECT y.fund_id FROM fund_years y
          LEFT JOIN overpayments o ON (o.fund_id, o.year) = (y.fund_id, y.year) AND o.state IN ('open', 'recovered')
         WHERE y.fund_id = ANY(:funds) GROUP BY y.fund_id, y.year, y.receivable_fen
        HAVING y.receivable_fen <> coalesce(sum(o.amount_fen - o.recovered_fen), 0)""",
    "a cap's counter is not what is held, or is above the cap": """
        WITH held AS (
            SELECT o.id, sum(CASE n.state WHEN 'pending' THEN n.amount_fen WHEN 'posted' THEN n.posted_fen END) AS fen
              FROM orders o
              JOIN (SELECT order_id, state, amount_fen, posted_fen FROM encumbrances
                     UNION ALL SELECT order_id, state, amount_fen, posted_fen FROM contributions) n ON n.order_id = o.id
             WHERE o.slot_id = ANY(:slots) AND n.state <> 'voided' GROUP BY o.id
        ), due AS (
            SELECT o.id AS order_id, cap.kind, cap.subject_id, cap.period, cap.cap_fen, held.fen
              FROM held JOIN orders o USING (id), cap_counters_of(o.policy_id, o.site_id, o.branch_id, o.visit_on) cap
        )
        SELECT kind, subject_id FROM due
          FULL JOIN (SELECT t.* FROM cap_takes t JOIN orders o ON o.id = t.order_id WHERE o.slot_id = ANY(:slots)) t
              USING (order_id, kind, subject_id, period)
         WHERE due.fen IS DISTINCT FROM t.amount_fen
         UNION ALL
        SELECT kind, subject_id FROM cap_counters c
          LEFT JOIN (SELECT kind, subject_id, period, min(cap_fen) AS cap_fen, sum(fen) AS fen
                       FROM due GROUP BY 1, 2, 3) d
              USING (kind, subject_id, period)
         WHERE subject_id = ANY(:subjects) AND (c.used_fen <> coalesce(d.fen, 0) OR c.used_fen > d.cap_fen)""",
    "more of a fund is used than its share": """
        SELECT fund_id FROM fund_years
         WHERE fund_id = ANY(:funds) AND appropriated_fen - available_fen > appropriated_fen * :share / 100""",
    "seats are lost or sold twice": """
        SELECT s.id FROM slots s
          LEFT JOIN (SELECT slot_id, sum(seats) AS seats, count(*) AS groups FROM orders
                      WHERE state IN ('placed', 'confirmed', 'used') GROUP BY 1) o ON o.slot_id = s.id
         WHERE s.id = ANY(:slots) AND ((s.seats_taken, s.groups_taken) <> (coalesce(o.seats, 0), coalesce(o.groups, 0))
               OR s.seats_taken > s.seats)""",
}
WATCHED: Final = (
    *("orders", "order_history", "check_ins", "claims", "claim_history", "claim_appeals", "batches", "batch_history"),
    *("objections", "overpayments", "repayments", "fund_transfers", "contributions", "cap_takes", "bank_result_files"),
)


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
    knife = held_at(engine, superuser, monkeypatch)
    # A process for each file guards memory, which is not what is shown here.
    monkeypatch.setattr(bank_files, "read", lambda stream: bank_files.file_of(bank_files.said_in(stream.read())))
    yield Ground(engine, knife, tmp_path)
    engine.dispose()
    superuser.dispose()


@dataclass(frozen=True)
class FromBank:
    """What the bank did for a fund: a payment to a site is negative."""

    fund_id: UUID
    amount_fen: int
    reference: str
    end_to_end_id: str = ""


class Money(RuleBasedStateMachine):
    """A fund with money for three parties of twenty and another that may help, two sites with two slots each, and
    whoever acts."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.place_path = f"{DISTRICT}.m{next(ground.numbers)}"
        self.orders: list[tuple[UUID, Actor, Slot]] = []
        self.documents = 0
        self.bank: dict[str, FromBank] = {}
        self.transferred_fen = 0
        self.share = 100
        self.is_whole = False
        ground.knife.way = "none"
        with ground.engine.begin() as db:
            self.fund = money_in_the_fund(db, amount_fen=1_200_00, path=self.place_path)
            self.other = money_in_the_fund(db, amount_fen=600_00, path=f"{self.place_path}.other")
            self.funds = [self.fund, self.other]
            for fund, granted in zip(self.funds, (1_200_00, 600_00), strict=True):
                self.did(FromBank(fund, granted, "〔2026〕1号"))
            self.branches = [a_branch(db, path=f"{self.place_path}.b{number}") for number in range(3)]
            self.slots = []
            for way in ("automatic", "manual"):
                site = a_site(db)
                a_payee(db, site)
                for minutes in (0, 1):
                    starts_at = VISIT + timedelta(minutes=minutes)
                    self.slots.append(a_slot(db, site=site, seats=SEATS, starts_at=starts_at, confirmation=way))

    def did(self, movement: FromBank) -> None:
        """Note what the bank did, once."""
        self.bank.setdefault(f"{movement.fund_id} {movement.end_to_end_id or movement.reference}", movement)

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
        versions = ", ".join(
            f"(SELECT sum(version) FROM {table} WHERE fund_id = ANY(:funds))"  # noqa: S608
            for table in ("orders", "claims", "batches", "overpayments")
        )
        with self.ground.engine.connect() as db:
            found = db.execute(
                text(
                    f"SELECT {counts}, {versions},"  # noqa: S608
                    " (SELECT count(*) FROM ledger_entries WHERE fund_id = ANY(:funds)),"
                    " (SELECT count(*) FROM objections WHERE state = 'open'),"
                    " (SELECT count(*) FROM claim_appeals WHERE state = 'filed'),"
                    " (SELECT array_agg(y::text ORDER BY y.fund_id) FROM fund_years y WHERE fund_id = ANY(:funds))"
                ),
                {"funds": self.funds},
            ).one()
        self.ground.knife.way = way
        return tuple(found)

    def ids(self, table: str, *states: str) -> list[UUID]:
        """Return the fund's claims or batches in these states, the oldest first."""
        by = {"claims": "(SELECT min(h.id) FROM claim_history h WHERE h.claim_id = t.id)", "batches": "t.number"}[table]
        wanted = f"SELECT t.id FROM {table} t WHERE fund_id = ANY(:funds) AND state = ANY(:states) ORDER BY {by}"  # noqa: S608
        return self.found(wanted, states=list(states))

    def found(self, wanted: str, **given: Any) -> list[UUID]:
        """Return the ids of what is wanted of the funds."""
        with self.ground.engine.connect() as db:
            return list(db.execute(text(wanted), {"funds": self.funds, **given}).scalars())

    def picks(self, which: int, table: str, *states: str) -> UUID | None:
        """Return one of them; where none is in these states any other, which then refuses."""
        found = self.ids(table, *states) or self.ids(table, *CLAIM_OR_BATCH_STATES)
        return one_of(found, which)

    # ---- orders ---------------------------------------------------------------------------------------------------

    @initialize(
        ways=st.lists(WAYS, min_size=4, max_size=12),
        third_person=st.booleans(),
        days=st.sampled_from([0, 2]),
        rules=st.tuples(st.sampled_from(CAPS), st.sampled_from(OTHER_FUND)),
        cut=CUTS,
    )
    def visits_are_over(
        self,
        ways: list[int],
        third_person: bool,
        days: int,
        rules: tuple[dict[str, int], tuple[int, int] | None],
        cut: tuple[str, int],
    ) -> None:
        """Begin where the money is: two closed visits whose claims are some steps on, and an open order."""
        caps, shares = rules
        self.share = caps.get("fund_share_percent", 100)
        with self.ground.engine.begin() as db:
            for fund in self.funds:
                pays(db, fund, separate_payer=third_person, publicity_days=days)
            columns = ", ".join(f"{name} = :{name}" for name in ALL_CAPS)
            db.execute(text(f"UPDATE policies SET {columns}"), dict.fromkeys(ALL_CAPS) | caps)  # noqa: S608
            db.execute(text("UPDATE quota_rules SET open_orders_max = 4, subsidised_a_month_max = 3"))
            if shares:
                a_funding_rule(db, *zip(self.funds, shares, strict=True), path=self.place_path)
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

    @rule(
        which=WHICH,
        party=PARTY,
        ends=st.sampled_from(["approved", "approved", "lowered", "rejected"]),
        grants=st.sampled_from([None, True, True, False]),
        cut=CUTS,
    )
    def another_visit(self, which: int, party: int, ends: str, grants: bool | None, cut: tuple[str, int]) -> None:
        """Go the whole way from an order to a decided claim, and to the decision on its appeal."""
        before = len(self.orders)
        self.place(which % 2, party, cut)
        if len(self.orders) == before:
            return
        self.come(before, party, cut)
        self.close(before, party, cut)
        for _ in range(2):
            self.goes_on(0, cut)
        if ends == "approved":
            self.approve_all(cut)
        elif ends == "lowered":
            self.approve(0, 150_00, cut)
        else:
            self.turn_down(0, "reject", cut)
        if ends != "approved" and grants is not None:
            self.appeal(0, cut)
            self.decide_on_appeal(0, grants, cut)

    @rule(says=st.sampled_from([None, "upheld", "upheld", "dismissed"]), cut=CUTS)
    def is_objected_to(self, says: str | None, cut: tuple[str, int]) -> None:
        """Publish what there is to settle, object to it, and decide."""
        self.make_batch(cut)
        self.publish(0, cut)
        self.object_to(0, cut)
        if says:
            self.decide_on_objection(0, says, cut)

    @rule(fen=st.sampled_from([20_00, 150_00, 400_00]), back=st.sampled_from([None, 5_00, 20_00]), cut=CUTS)
    def was_paid_too_much(self, fen: int, back: int | None, cut: tuple[str, int]) -> None:
        """Find that a site was paid too much, and have it pay something back at once, or keep it back later."""
        self.report_overpayment(0, fen, cut)
        self.decide_on_overpayment(0, True, cut)
        if back:
            self.pay_back(0, back, 1, cut)

    @rule(ways=st.lists(WAYS, min_size=4, max_size=8), cut=CUTS)
    def goes_far(self, ways: list[int], cut: tuple[str, int]) -> None:
        """Do what is next several times."""
        for way in ways:
            self.goes_on(way, cut)

    def _batch_goes_on(self, which: int, cut: tuple[str, int]) -> None:
        if (prepared := self.ids("batches", "prepared")) and self.is_published_first(prepared[0]):
            self.publish(0, cut)
        elif self.ids("batches", "prepared", "published"):
            self.decide_on_batch(which, which != TURNS_DOWN, cut)
        elif self.to_hand_over():
            self.hand_over(which, cut)
        else:
            self.the_bank_answers(which, (0,) if which == 1 else (), None, cut)

    @rule(which=WHICH, party=PARTY, cut=CUTS)
    def place(self, which: int, party: int, cut: tuple[str, int]) -> None:
        slot = self.slots[which % len(self.slots)]
        branch = self.branches[len(self.orders) % len(self.branches)]
        actor = a_secretary(branch)
        asked = an_order(slot, branch=branch, party_size=party)
        command = a_command(asked, actor=actor)
        placed = self.does_straight(lambda c: orders.place(c, order=asked, actor=actor, at=NOON, command=command), cut)
        if placed:
            self.orders.append((UUID(json.loads(placed)["id"]), actor, slot))

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

    @rule(which=WHICH, lowered=st.sampled_from([None, None, 150_00, 399_99]), cut=CUTS)
    def approve(self, which: int, lowered: int | None, cut: tuple[str, int]) -> None:
        if claim := self.picks(which, "claims", "confirmed", "disputed"):
            asked = MoveClaim(claim, reason="核对无误", approved_fen=lowered, code="other" if lowered else None)
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

    @rule(which=WHICH, cut=CUTS)
    def appeal(self, which: int, cut: tuple[str, int]) -> None:
        wanted = (
            "SELECT id FROM claims WHERE fund_id = ANY(:funds)"
            " ORDER BY state = 'rejected' OR state = 'approved' AND lowered_fen > 0 DESC, id"
        )
        if found := one_of(self.found(wanted), which):
            asked, steward = AppealClaim(found, "签到表可证"), somebody_as("steward")
            self.does(lambda db: claim_appeals.appeal(db, asked=asked, actor=steward, at=DONE), cut)

    @rule(which=WHICH, grants=st.sampled_from([True, True, False]), cut=CUTS)
    def decide_on_appeal(self, which: int, grants: bool, cut: tuple[str, int]) -> None:
        wanted = (
            "SELECT claim_id FROM claim_appeals a JOIN claims c ON c.id = a.claim_id WHERE c.fund_id = ANY(:funds)"
            " ORDER BY a.state <> 'filed', claim_id"
        )
        if found := one_of(self.found(wanted), which):
            asked = DecideClaimAppeal(found, grants, "核对属实")
            by = fresh(an_approver(), DONE)
            self.does(lambda db: claim_appeals.decide(db, asked=asked, actor=by, at=DONE), cut)

    # ---- settlement -----------------------------------------------------------------------------------------------

    @rule(cut=CUTS)
    def make_batch(self, cut: tuple[str, int]) -> None:
        for fund in self.funds[: 1 + bool(self.documents % 2)]:
            asked, by = MakeBatch(PERIOD, fund_id=fund), fresh(a_preparer(), DONE)
            self.does(partial(batches.make, asked=asked, actor=by, at=DONE), cut)

    def fund_of(self, batch: UUID) -> UUID:
        return self.found("SELECT fund_id FROM batches WHERE id = :id", id=batch)[0]

    def is_published_first(self, batch: UUID) -> bool:
        return bool(self.found("SELECT id FROM batches WHERE id = :id AND publicity_days > 0", id=batch))

    @rule(which=WHICH, cut=CUTS)
    def publish(self, which: int, cut: tuple[str, int]) -> None:
        if batch := self.picks(which, "batches", "prepared"):
            by = fresh(a_preparer(), DONE)
            self.does(lambda db: batches.publish(db, asked=MoveBatch(batch), actor=by, at=DONE), cut)

    @rule(which=WHICH, cut=CUTS)
    def object_to(self, which: int, cut: tuple[str, int]) -> None:
        wanted = (
            "SELECT l.id FROM batch_lines l JOIN batches b ON b.id = l.batch_id WHERE b.fund_id = ANY(:funds)"
            " ORDER BY b.state = 'published' AND l.state = 'waiting' DESC, l.id"
        )
        if found := one_of(self.found(wanted), which):
            asked, someone = Object(found, "人数不实"), somebody_as("member")
            self.does(lambda db: objections.object_to(db, asked=asked, actor=someone, at=DONE), cut)

    @rule(which=WHICH, says=st.sampled_from(["upheld", "upheld", "dismissed"]), cut=CUTS)
    def decide_on_objection(self, which: int, says: str, cut: tuple[str, int]) -> None:
        wanted = (
            "SELECT o.id FROM objections o JOIN batches b ON b.id = o.batch_id WHERE b.fund_id = ANY(:funds)"
            " ORDER BY o.state <> 'open', o.id"
        )
        if found := one_of(self.found(wanted), which):
            asked, by = DecideObjection(found, says, "已核实"), fresh(a_preparer(), DONE)
            self.does(lambda db: objections.decide(db, asked=asked, actor=by, at=DONE), cut)

    @rule(which=WHICH, yes=st.sampled_from([True, True, False]), cut=CUTS)
    def decide_on_batch(self, which: int, yes: bool, cut: tuple[str, int]) -> None:
        if batch := self.picks(which, "batches", "prepared", "published"):
            by = fresh(an_approver(), LATER)
            if yes:
                self.does(lambda db: batches.approve(db, asked=MoveBatch(batch), actor=by, at=LATER), cut)
            else:
                asked = MoveBatchWithReason(batch, "金额有疑问")
                self.does(lambda db: batches.reject(db, asked=asked, actor=by, at=LATER), cut)

    def to_hand_over(self) -> list[UUID]:
        """Return the approved batches whose payment a third person has to hand to the bank."""
        wanted = "SELECT id FROM batches WHERE fund_id = ANY(:funds) AND separate_payer AND state = 'approved'"
        return self.found(wanted)

    @rule(which=WHICH, cut=CUTS)
    def hand_over(self, which: int, cut: tuple[str, int]) -> None:
        if batch := self.picks(which, "batches", "approved"):
            self.does(self._takes_and_hands_over(batch), cut)

    def _takes_and_hands_over(self, batch: UUID) -> Callable[[Connection], Any]:
        return lambda db: hands_over(
            db, self.ground.folder, batch_queries.batch(db, batch, actor=an_auditor()), by=a_payer(), at=LATER
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
        told = self.does(lambda db: batches.record_bank_results(db, files, asked=asked, actor=by, at=LATER), cut)
        if told is not None:
            for place, line in enumerate(view.lines):
                if (only is None or place in only) and place not in fails and line.state != "freed" and line.net_fen:
                    named = f"{view.number}-{line.number:05d}"
                    self.did(FromBank(self.fund_of(batch), -line.net_fen, f"BANK{place:06d}", named))

    # ---- what was paid too much -----------------------------------------------------------------------------------

    @rule(which=WHICH, fen=st.sampled_from([20_00, 150_00, 400_00]), cut=CUTS)
    def report_overpayment(self, which: int, fen: int, cut: tuple[str, int]) -> None:
        if claim := self.picks(which, "claims", "paid"):
            asked, by = ReportOverpayment(claim, fen, "多算两人"), a_preparer()
            self.does(lambda db: overpayments.report(db, asked=asked, actor=by, at=LATER), cut)

    def owing(self, which: int, state: str) -> UUID | None:
        found = self.found(
            "SELECT id FROM overpayments WHERE fund_id = ANY(:funds) ORDER BY state <> :state, id", state=state
        )
        return one_of(found, which)

    @rule(which=WHICH, yes=st.sampled_from([True, True, True, False]), cut=CUTS)
    def decide_on_overpayment(self, which: int, yes: bool, cut: tuple[str, int]) -> None:
        if found := self.owing(which, "proposed"):
            by = fresh(an_approver(), LATER)
            if yes:
                self.does(lambda db: overpayments.confirm(db, asked=MoveOverpayment(found), actor=by, at=LATER), cut)
            else:
                refused = RefuseOverpayment(found, "核对无误")
                self.does(lambda db: overpayments.refuse(db, asked=refused, actor=by, at=LATER), cut)

    @rule(which=WHICH, fen=st.sampled_from([5_00, 20_00, 400_00]), number=st.integers(1, 3), cut=CUTS)
    def pay_back(self, which: int, fen: int, number: int, cut: tuple[str, int]) -> None:
        """Tell what a site paid back; the bank's reference may be one that was told before, and then says nothing."""
        if found := self.owing(which, "open"):
            reference = f"还{found.hex[:8]}{number}"
            asked, by = RecordRepayment(found, fen, reference), fresh(a_preparer(), LATER)
            if self.does(lambda db: overpayments.repay(db, asked=asked, actor=by, at=LATER), cut) is not None:
                fund = self.found("SELECT fund_id FROM overpayments WHERE id = :id", id=found)[0]
                self.did(FromBank(fund, fen, reference))

    # ---- the books ------------------------------------------------------------------------------------------------

    @rule(cut=CUTS)
    def appropriate(self, cut: tuple[str, int]) -> None:
        self.documents += 1
        given: dict[str, Any] = {"amount_fen": 250_00, "document_number": f"增{self.documents}", "at": NOON, "by": None}
        fund = self.funds[self.documents % 2]
        self.does(lambda db: ledger.appropriate(db, fund_id=fund, year=YEAR, **given), cut)
        self.did(FromBank(fund, 250_00, f"增{self.documents}"))

    @rule(fen=st.sampled_from([1, 100_00, 240_00]), cut=CUTS)
    def pass_on(self, fen: int, cut: tuple[str, int]) -> None:
        """Pass on what a fund owes the other one for its parts; more than that is refused."""
        self.documents += 1
        for giving, paying in itertools.permutations(self.funds):
            asked = RecordTransfer(giving, paying, YEAR, fen, f"转{self.documents}")
            by = fresh(a_preparer(), LATER)
            passed = self.does(partial(funding.record_transfer, asked=asked, actor=by, at=LATER), cut)
            if passed is not None:
                self.transferred_fen += fen
                self.did(FromBank(giving, -fen, f"转{self.documents}"))
                self.did(FromBank(paying, fen, f"转{self.documents}"))

    @rule(cut=CUTS)
    def seal(self, cut: tuple[str, int]) -> None:
        self.does(seals.seal, cut)

    @invariant()
    def nothing_is_broken(self) -> None:
        self.is_whole = False
        given = {
            "funds": self.funds,
            "slots": [slot.id for slot in self.slots],
            "subjects": [*(slot.site.id for slot in self.slots), *(branch.id for branch in self.branches)],
            "share": self.share,
        }
        asked = " UNION ALL ".join(
            f"SELECT {number}, array(SELECT b::text FROM ({sql}) b)"  # noqa: S608
            for number, sql in enumerate(BROKEN.values())
        )
        with self.ground.engine.connect() as db:
            found = {list(BROKEN)[number]: rows for number, rows in db.execute(text(asked), given) if rows}
            assert not found
            for fund in self.funds:
                assert not disagree(db, fund)
                kept = fund_year(db, fund)
                moved = [each.amount_fen for each in self.bank.values() if each.fund_id == fund]
                passed_fen = self.passed_fen(fund)
                assert kept.appropriated_fen - kept.paid_fen - kept.receivable_fen == sum(moved) - passed_fen
        self.is_whole = True

    def passed_fen(self, fund: UUID) -> int:
        """Return what a fund got from the other one, less what it passed on."""
        return sum(
            each.amount_fen for each in self.bank.values() if each.fund_id == fund and each.reference.startswith("转")
        )

    def teardown(self) -> None:
        """At the end the chain proves, funds owe each other what they bore, and the bank says what the books say."""
        if not self.is_whole:
            return
        auditor = an_auditor()
        with self.ground.engine.begin() as db:
            seals.seal_all(db)
        with self.ground.engine.begin() as db:
            proof = proofs.prove(db, paths=[self.place_path], progress=lambda done, total: None)
            assert proof["is_right"], proof
            assert [each["unsealed"] for each in proof["funds"]] == [0, 0]
            owed = funding_queries.owed(db, OwedAsked(year=YEAR), actor=an_auditor(self.place_path), at=LATER).items
            borne_fen = sum(fund_year(db, fund).received_fen for fund in self.funds)
            assert sum(each.owed_fen for each in owed) == borne_fen - self.transferred_fen
            for fund in self.funds:
                files, file = stored(self.ground.folder, self.statement_of(fund), name="statement.csv")
                asked, by = ImportBankStatement(fund, file), fresh(a_preparer(), LATER)
                taken = reconciliation.import_statement(db, files, asked=asked, actor=by, at=LATER)
                assert taken.ledger_fen == taken.closing_fen, "the books say something else than the bank"
                seen = reconciliation_queries.reconciliation(db, asked=ReconciliationAsked(fund), actor=auditor)
                assert not seen.differences

    def statement_of(self, fund: UUID) -> str:
        """Return the bank's statement of the fund's account: what the machine has seen the bank do."""
        rows = ["交易日期,支出,收入,余额,流水号,端到端标识,对方户名,摘要"]
        balance = 0
        for each in (each for each in self.bank.values() if each.fund_id == fund):
            balance += each.amount_fen
            out, into = (yuan(-each.amount_fen), "") if each.amount_fen < 0 else ("", yuan(each.amount_fen))
            rows.append(f"{LATER:%Y-%m-%d},{out},{into},{yuan(balance)},{each.reference},{each.end_to_end_id},,")
        return "\n".join(rows) + "\n"


CLAIM_OR_BATCH_STATES: Final = (
    *("drafted", "submitted", "confirmed", "disputed", "approved", "batched", "paid", "returned", "rejected", "lapsed"),
    *("prepared", "published", "paying", "settled", "partly_settled"),
)


def one_of(found: list[UUID], which: int) -> UUID | None:
    """Return the first, mostly, or another one of them; None where there is none."""
    return found[max(which - 3, 0) % len(found)] if found else None


REACHED: Final = ("send_back", "raise", "reinstate", "batch", "free", "pay")
"""What the long run does as well, and the walk does in any case."""


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
    # The short run is some walks alone; `test_the_machine_gets_to_everything_that_it_is_to_show` walks to the rest.
    wanted = {"approve", "batch", "pay", "reject", *(("free", "return", *REACHED) if IS_LONG else ())}
    assert wanted <= done, "the machine did not get far enough"


def test_the_machine_gets_to_everything_that_it_is_to_show(ground: Ground) -> None:
    """One walk, cut here and there, by which every kind of act is done and not only refused."""
    machine = Money(ground)
    whole = ("none", 0)
    machine.visits_are_over([0, 0, 0, 0], True, 2, ({"site_month_cap_fen": 5000_00}, (60, 40)), whole)
    machine.nothing_is_broken()
    steps: list[Callable[[], None]] = [
        lambda: machine.is_objected_to("upheld", ("raise", 6)),
        lambda: machine.goes_far([0, 0, 0], ("kill", 7)),  # handed in, confirmed and approved once more
        lambda: machine.is_objected_to("dismissed", ("lose", 0)),
        lambda: machine.goes_far([0, 0, 0, 0, 0, 0], ("raise", 3)),
        lambda: machine.was_paid_too_much(150_00, 20_00, ("kill", 4)),
        lambda: machine.pass_on(100_00, ("lose", 0)),
        lambda: machine.appropriate(("raise", 2)),
        lambda: machine.appropriate(whole),
        lambda: machine.another_visit(1, 20, "lowered", True, ("raise", 8)),
        lambda: machine.goes_far([0, 0, 0, 0, 0], ("raise", 5)),
        lambda: machine.another_visit(1, 25, "rejected", True, whole),
    ]
    for step in steps:
        step()
        machine.nothing_is_broken()
    machine.teardown()
    with ground.engine.connect() as db:
        done = set(db.execute(text("SELECT DISTINCT move FROM claim_history")).scalars())
        found = [
            db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            for table in ("line_offsets", "repayments", "fund_transfers", "cap_takes", "contributions")
        ]
        decided = set(db.execute(text("SELECT state FROM objections")).scalars())
    assert set(REACHED) <= done
    assert decided == {"upheld", "dismissed"}
    assert all(found)
