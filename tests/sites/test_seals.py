"""Entries are sealed into a chain once they are committed; what was changed behind the books' back is found."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.proofs import ClosePeriod, JournalAsked, ProofAsked, ReverseEntry
from sites.domain.ledger import (
    AppropriationRepeated,
    EarlierPeriodOpen,
    EntryReversed,
    FundExhausted,
    NotReversible,
    OwnEntry,
    PeriodClosed,
    PeriodNotOver,
)
from sites.operations import ledger, periods, proofs, seals
from sites.queries import ledger as ledger_queries
from sites.queries import proofs as proof_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.conftest import TestDatabase
from tests.sites.articles import DISTRICT, NOON, fund_year, money_in_the_fund
from tests.sites.money import (
    a_batch,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
    at_once,
    books,
    encumbered,
    fresh,
    publishes,
    put_in,
)

DECEMBER = NOON.replace(month=12, day=2)


def proved(db: Connection) -> dict[str, Any]:
    return proofs.prove(db, paths=[DISTRICT], progress=lambda done, total: None)


def fault_in(db: Connection) -> dict[str, Any] | None:
    result = proved(db)
    assert result["is_right"] == all(fund["fault"] is None for fund in result["funds"])
    return next((fund["fault"] for fund in result["funds"] if fund["fault"]), None)


def sealed(db: Connection) -> list[tuple[int, int]]:
    """(number, sequence) of all seals."""
    return [tuple(row) for row in db.execute(text("SELECT number, sequence FROM ledger_seals ORDER BY 1, 2"))]


def close(db: Connection, fund: UUID, period: str, *, at: Any = DECEMBER) -> Any:
    return periods.close(db, asked=ClosePeriod(fund, period), actor=fresh(an_approver(), at), at=at)


class TestTheSealer:
    def test_numbers_entries_per_fund_without_a_gap_and_each_once(self, db: Connection) -> None:
        one, other = money_in_the_fund(db), money_in_the_fund(db, path=f"{DISTRICT}.1")
        for fund in (one, other, one):
            encumbered(db, fund, 1_00)
        assert seals.seal(db) == 5
        assert seals.seal(db) == 0
        numbers = db.execute(text("SELECT fund_id, array_agg(number ORDER BY number) FROM ledger_seals GROUP BY 1"))
        assert {row[0]: row[1] for row in numbers} == {one: [1, 2, 3], other: [1, 2]}
        encumbered(db, other, 1_00)
        assert seals.seal(db) == 1
        assert fault_in(db) is None

    def test_takes_what_was_committed_late_by_its_queue_not_by_its_sequence(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
        slow = database.connect()
        # Its sequence is taken; it is committed after the next one.
        slow.execute(
            text(
                "INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, at)"
                " VALUES (:fund, 2026, 'available', 'encumbered', 1, 'order_placed', :at)"
            ),
            {"fund": fund, "at": NOON},
        )
        with database.begin() as db:
            encumbered(db, fund, 2_00)
        with database.begin() as db:
            seals.seal(db)
            assert [sequence for _, sequence in sealed(db)] == [1, 3]
        slow.commit()
        slow.close()
        with database.begin() as db:
            seals.seal(db)
            assert sealed(db) == [(1, 1), (2, 3), (3, 2)]
            assert fault_in(db) is None

    def test_two_at_once_seal_each_entry_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            for _ in range(30):
                encumbered(db, fund, 1)
        assert at_once(database, 6, lambda db, _: seals.seal(db)) == ["done"] * 6
        with database.begin() as db:
            assert [number for number, _ in sealed(db)] == list(range(1, 32))
            assert fault_in(db) is None

    def test_an_appropriation_refused_as_repeated_leaves_no_hole(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        with pytest.raises(AppropriationRepeated), db.begin_nested():
            ledger.appropriate(
                db, fund_id=fund, year=2026, amount_fen=1, document_number="〔2026〕1号", at=NOON, by=None
            )
        assert seals.seal(db) == 1
        assert fault_in(db) is None

    def test_a_trial_balance_is_the_same_before_and_after_sealing_and_as_at_a_day(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        encumbered(db, fund, 30_00)
        asked = TrialBalanceAsked()
        before = ledger_queries.trial_balance(db, asked=asked, actor=an_auditor())
        seals.seal(db)
        assert ledger_queries.trial_balance(db, asked=asked, actor=an_auditor()) == before
        assert before.agrees_with_balances
        yesterday = TrialBalanceAsked(on=NOON.date() - timedelta(days=1))
        assert ledger_queries.trial_balance(db, asked=yesterday, actor=an_auditor()).accounts == []


class TestTheProof:
    @pytest.fixture
    def clone(self, clone_of: Callable[[str], TestDatabase]) -> TestDatabase:
        return clone_of("sites")

    @pytest.fixture
    def engine_of_clone(self, clone: TestDatabase) -> Any:
        from chassis.database import connect

        engine = connect(clone.url, service="sites")
        with engine.begin() as db:
            fund = money_in_the_fund(db)
            for fen in (1_00, 2_00, 3_00):
                encumbered(db, fund, fen)
            seals.seal(db)
            seals.make_checkpoints(db, at=NOON + timedelta(days=1))
        yield engine
        engine.dispose()

    @pytest.mark.parametrize(
        ("statement", "why", "number"),
        [
            ("UPDATE ledger_entries SET amount_fen = 999 WHERE sequence = 3", "changed", 3),
            ("UPDATE ledger_entries SET by_name = '别人' WHERE sequence = 2", "changed", 2),
            ("DELETE FROM ledger_entries WHERE sequence = 2", "missing_entry", 2),
            ("DELETE FROM ledger_seals WHERE number = 2", "missing_seal", 2),
            ("DELETE FROM ledger_seals WHERE number = 4; DELETE FROM ledger_entries WHERE sequence = 4", "cut_off", 4),
            ("UPDATE ledger_days SET debits_fen = debits_fen + 1 WHERE account = 'encumbered'", "days", None),
            ("UPDATE ledger_checkpoints SET balances = balances || '{\"2026:available\": 1}'", "checkpoint", 4),
            (
                "INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, at, booked_on)"
                " SELECT id, 2026, 'available', 'paid:x', 5, 'payment', now(), now() FROM funds",
                "unsealed",
                None,
            ),
        ],
    )
    def test_finds_what_a_superuser_changed(
        self, engine_of_clone: Engine, clone: TestDatabase, statement: str, why: str, number: int | None
    ) -> None:
        with engine_of_clone.connect() as db:
            assert fault_in(db) is None
        connection = psycopg2.connect(clone.superuser_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no trigger, no foreign key
            cursor.execute(statement)
        connection.close()
        with engine_of_clone.connect() as db:
            fault = fault_in(db)
        assert fault is not None
        assert (fault["why"], fault["number"]) == (why, number)

    def test_the_head_of_a_closed_month_tells_of_a_tail_that_is_gone_with_its_checkpoints(
        self, engine_of_clone: Engine, clone: TestDatabase
    ) -> None:
        with engine_of_clone.begin() as db:
            close(db, db.execute(text("SELECT id FROM funds")).scalar_one(), "2026-11")
            assert fault_in(db) is None
        connection = psycopg2.connect(clone.superuser_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE ledger_days SET debits_fen = debits_fen - 300 WHERE account = 'available'")
            cursor.execute("UPDATE ledger_days SET credits_fen = credits_fen - 300 WHERE account = 'encumbered'")
            cursor.execute("DELETE FROM ledger_seals WHERE number >= 4")
            cursor.execute("DELETE FROM ledger_checkpoints WHERE number >= 4")
            cursor.execute("DELETE FROM ledger_entries WHERE sequence = 4")
        connection.close()
        with engine_of_clone.connect() as db:
            assert fault_in(db) == {"why": "cut_off", "number": 4, "sequence": None}

    def test_two_entries_that_changed_places_are_found(self, engine_of_clone: Engine, clone: TestDatabase) -> None:
        connection = psycopg2.connect(clone.superuser_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE ledger_seals SET sequence = -sequence WHERE number IN (2, 3)")
            cursor.execute("UPDATE ledger_seals SET sequence = 5 + sequence WHERE number IN (2, 3)")
        connection.close()
        with engine_of_clone.connect() as db:
            assert fault_in(db) == {"why": "changed", "number": 2, "sequence": 3}

    @pytest.mark.parametrize("table", ["ledger_seals", "ledger_checkpoints", "ledger_periods"])
    def test_the_service_cannot_change_what_is_sealed(self, db: Connection, table: str) -> None:
        for change in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET number = 1"):
            with pytest.raises(Exception, match="permission denied"), db.begin_nested():
                db.execute(text(change.format(table)))

    def test_shows_head_and_checkpoints_to_who_reads_the_books(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        encumbered(db, fund, 30_00)
        seals.seal(db)
        seals.make_checkpoints(db, at=NOON + timedelta(days=1))
        assert seals.make_checkpoints(db, at=NOON + timedelta(days=1)) == 0
        encumbered(db, fund, 1_00)
        view = proof_queries.proof(db, ProofAsked(), actor=an_auditor()).funds[0]
        assert (view.number, view.unsealed) == (2, 1)
        point = view.checkpoints[0]
        assert (point.day, point.number, point.hash) == (NOON.date(), 2, view.hash)
        assert point.balances == {
            "2026:appropriations": -100_00,
            "2026:available": 70_00,
            "2026:encumbered": 30_00,
        }
        with pytest.raises(Forbidden):
            proof_queries.proof(db, ProofAsked(), actor=an_actor(("officer", DISTRICT)))
        assert proof_queries.proof(db, ProofAsked(), actor=an_auditor("9")).funds == []


class TestClosing:
    def test_what_comes_late_counts_on_the_first_open_day(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        encumbered(db, fund, 1_00)
        left = close(db, fund, "2026-11")
        assert left.period is None
        encumbered(db, fund, 2_00)  # at noon of a day in November
        entry = db.execute(text("SELECT at, booked_on FROM ledger_entries ORDER BY sequence DESC LIMIT 1")).one()
        assert (entry.at.date(), entry.booked_on) == (NOON.date(), date(2026, 12, 1))
        november = TrialBalanceAsked(on=date(2026, 11, 30))
        by_account = {
            each.account: each.balance_fen
            for each in ledger_queries.trial_balance(db, asked=november, actor=an_auditor()).accounts
        }
        assert by_account["encumbered"] == 1_00
        period = proof_queries.proof(db, ProofAsked(), actor=an_auditor()).funds[0].periods[0]
        assert (period.period, period.number, period.closed_by) == ("2026-11", 2, "钱复核")
        assert fault_in(db) is None

    def test_months_close_once_in_sequence_and_when_they_are_over(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        with pytest.raises(PeriodNotOver):
            close(db, fund, "2026-12")
        january = DECEMBER.replace(year=2027, month=1)
        ledger.appropriate(db, fund_id=fund, year=2026, amount_fen=1, document_number="二", at=DECEMBER, by=None)
        with pytest.raises(EarlierPeriodOpen, match="2026-11"):
            close(db, fund, "2026-12", at=january)
        assert close(db, fund, "2026-11").period == "2026-12"
        with pytest.raises(PeriodClosed):
            close(db, fund, "2026-11")
        assert close(db, fund, "2026-12", at=january).period is None

    def test_says_what_is_not_settled_yet(self, db: Connection) -> None:
        fund = money_in_the_fund(db, publicity_days=5)
        put_in(db, a_visit(db), "signed")
        publishes(db, a_batch(db, a_visit(db)))
        left = proof_queries.checklist_of(db, fund, NOON.date().replace(day=1))
        assert (left["undecided_claims"], left["unbatched_claims"], left["open_batches"]) == (1, 0, 1)

    def test_takes_another_hat_than_the_preparers(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        for other in (a_preparer(), an_auditor()):
            with pytest.raises(Forbidden):
                periods.close(db, asked=ClosePeriod(fund, "2026-11"), actor=fresh(other, DECEMBER), at=DECEMBER)
        with pytest.raises(NotFound):
            periods.close(db, asked=ClosePeriod(uuid4(), "2026-11"), actor=fresh(an_approver(), DECEMBER), at=DECEMBER)

    def test_an_entry_under_way_is_waited_for_and_one_that_comes_later_counts_later(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
        acts: list[Callable[[Connection], object]] = [
            lambda db: close(db, fund, "2026-11"),
            *[lambda db: encumbered(db, fund, 1_00)] * 15,
        ]
        assert at_once(database, len(acts), lambda db, number: acts[number](db)) == ["done"] * len(acts)
        with database.begin() as db:
            row = db.execute(
                text(
                    "SELECT p.number, count(*) FILTER (WHERE e.booked_on < '2026-12-01') AS before, count(*) AS all"
                    "  FROM ledger_periods p, ledger_entries e GROUP BY 1"
                )
            ).one()
            # What the closing sealed is exactly what counts in the month.
            assert row.number == row.before
            assert row.all == 16
            seals.seal(db)
            assert fault_in(db) is None


class TestReversal:
    def entered(self, db: Connection, fund: UUID, *, fen: int = 50_00, number: str = "川财〔2026〕8号") -> UUID:
        ledger.appropriate(
            db, fund_id=fund, year=2026, amount_fen=fen, document_number=number, at=NOON, by=a_preparer()
        )
        return db.execute(text("SELECT id FROM ledger_entries ORDER BY sequence DESC LIMIT 1")).scalar_one()

    def test_both_entries_stand_and_the_document_may_be_entered_again(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        entry_id = self.entered(db, fund)
        asked = ReverseEntry(entry_id=entry_id, reason="金额录错")
        reversal = periods.reverse(db, asked=asked, actor=fresh(an_approver(), NOON), at=NOON)
        assert (reversal.debit, reversal.credit, reversal.amount_fen) == ("available", "appropriations", 50_00)
        assert (reversal.reason, reversal.note) == ("reversal", "金额录错")
        assert fund_year(db, fund).appropriated_fen == 100_00
        with pytest.raises(EntryReversed), db.begin_nested():
            periods.reverse(db, asked=asked, actor=fresh(an_approver(), NOON), at=NOON)
        self.entered(db, fund, fen=5_00)
        assert books(db)["available"] == 105_00
        seals.seal(db)
        assert fault_in(db) is None

    def test_not_when_the_money_is_spent_not_by_who_entered_it_and_nothing_else(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=0)
        entry_id = self.entered(db, fund)
        encumbered(db, fund, 1)
        asked = ReverseEntry(entry_id=entry_id, reason="x")
        with pytest.raises(FundExhausted), db.begin_nested():
            periods.reverse(db, asked=asked, actor=fresh(an_approver(), NOON), at=NOON)
        by = db.execute(text("SELECT by_id FROM ledger_entries WHERE id = :id"), {"id": entry_id}).scalar_one()
        both = an_actor(("approver", DISTRICT), ("preparer", DISTRICT), person=by)
        with pytest.raises(OwnEntry):
            periods.reverse(db, asked=asked, actor=fresh(both, NOON), at=NOON)
        other = db.execute(text("SELECT id FROM ledger_entries WHERE reason = 'order_placed'")).scalar_one()
        with pytest.raises(NotReversible):
            periods.reverse(db, asked=ReverseEntry(other, "x"), actor=fresh(an_approver(), NOON), at=NOON)
        with pytest.raises(Forbidden):
            periods.reverse(db, asked=asked, actor=fresh(a_preparer(), NOON), at=NOON)

    def test_many_at_once_reverse_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=100_00)
            entry_id = self.entered(db, fund)
        asked = ReverseEntry(entry_id=entry_id, reason="x")
        ended = at_once(
            database, 8, lambda db, _: periods.reverse(db, asked=asked, actor=fresh(an_approver(), NOON), at=NOON)
        )
        assert ended == ["done"] + ["entry-reversed"] * 7
        with database.begin() as db:
            assert fund_year(db, fund).available_fen == 100_00


class TestTheJournal:
    def test_comes_in_parts_that_go_on(self, db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(proof_queries, "JOURNAL_PART_MAX", 2)
        one, other = money_in_the_fund(db), money_in_the_fund(db, path=f"{DISTRICT}.1")
        for fund in (one, other, one):
            encumbered(db, fund, 1_00)
        seals.seal(db)
        lines, after, parts = [], None, 0
        while True:
            part = proof_queries.journal(db, JournalAsked(format="json", after=after), actor=an_auditor())
            lines += part.text.splitlines()
            parts, after = parts + 1, part.next
            if after is None:
                break
        entries = [json.loads(line) for line in lines]
        assert (parts, len(entries)) == (3, 5)
        assert len({(entry["fund_id"], entry["number"]) for entry in entries}) == 5
