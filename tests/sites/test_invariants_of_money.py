"""What has to hold of the money, whatever happens, and the tests of which one would fail if it did not.

1. Each transaction sums to zero in integer fen: an entry moves one positive amount from one account to another.
    test_ledger::TestEntries::test_move_something_somewhere
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
2. What a fund has available is never below zero, under any concurrency.
    test_invariants_of_money::TestAFundsYear::test_refuses_what_does_not_add_up
    test_money_races::TestTheLastYuan::test_goes_to_exactly_as_many_as_it_is_enough_for
    test_money_races::TestTheLastYuan::test_what_is_given_back_meanwhile_is_spent_once
    test_funding::TestAtOnce::test_orders_that_share_two_funds_both_ways_round_never_take_more_than_there_is
    test_funding::TestTheShareOfAFund::test_what_is_above_one_funds_share_is_borne_by_the_next_and_the_last_visit_is_cut
    test_caps::test_the_last_fen_of_a_month_is_given_once
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
3. An encumbrance resolves once: posted, or released for one reason.
    test_ledger::TestAnEncumbrance::test_resolves_once
    test_ledger::TestAtOnce::test_an_encumbrance_is_posted_or_released_never_both
    test_funding::TestABorneClaim::test_rejected_and_brought_back_both_funds_set_their_part_aside_again
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
4. What is posted is at most what was set aside.
    test_ledger::TestTheFiveActs::test_posts_at_most_what_was_set_aside
    test_claims_decided::TestALoweredAmount::test_is_never_above_what_is_due
    test_funding::TestABorneVisit::test_rounding_never_posts_more_than_a_fund_has_set_aside
    test_funding::TestABorneClaim::test_sent_back_and_approved_in_full_there_is_nothing_left_to_appeal_against
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
5. The same command answers the same; with another body it is refused; whatever was cut may be asked again.
    test_races::TestOneCommandManyTimes::test_acts_once_and_all_get_its_answer
    test_invariants_of_money::test_one_command_pays_once_and_another_body_is_refused
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
6. Entries are never changed or removed; a reversal is once, with a reason, by another person.
    test_ledger::TestEntries::test_refuse_change_by_the_service
    test_ledger::TestEntries::test_refuse_change_by_anybody
    test_invariants_of_money::test_what_was_done_is_never_rewritten
    test_seals::TestReversal::test_many_at_once_reverse_once
    test_seals::TestReversal::test_not_when_the_money_is_spent_not_by_who_entered_it_and_nothing_else
7. Who makes, who approves and who pays are three persons, not three roles.
    test_batches::TestApproving::test_never_by_who_made_it
    test_batches::TestApproving::test_never_by_who_prepared_one_of_its_claims
    test_claims_decided::TestTwoSignatures::test_the_first_signs_the_second_approves
    test_three_persons::TestThePayer::test_is_a_third_person_whatever_roles_they_hold
    test_invariants_of_money::TestTwoPersons::test_the_database_refuses_one_person_for_both
8. A batch's count and sum are those of its lines; a claim is in one live batch.
    test_batches::TestMaking::test_a_claim_is_in_one_live_batch
    test_batches::TestMaking::test_two_at_once_take_each_claim_once
    test_three_persons::TestTheDatabaseIsTheReferee::test_a_control_sum_that_is_not_the_lines_is_not_committed
    test_bank_imports::TestAnAnswerWhoseTotalsDiffer::test_is_refused_whole
    test_invariants_of_money::TestALine::test_the_database_refuses_a_second_live_one_for_a_claim
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
9. Paid is what the bank says it paid, and nothing before.
    test_invariants_of_money::TestALine::test_an_approved_batch_has_paid_nothing_yet
    test_bank_results::TestTheBanksAnswer::test_the_same_file_again_changes_nothing
    test_bank_results::TestTheBanksAnswer::test_many_bring_it_at_once_and_it_is_paid_once
    test_bank_imports::TestAtOnce::test_two_answers_that_contradict_each_other_and_two_that_do_not
    test_bank_imports::TestWhereverItIsCut::test_the_banks_answer_pays_and_reconciles_or_does_neither
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
10. Each entry is sealed with the one before it; what was changed behind the books' back is found.
    test_seals::TestTheSealer::test_two_at_once_seal_each_entry_once
    test_seals::TestTheProof::test_finds_what_a_superuser_changed
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
11. The ledger's balance at a day's end is the bank's, or an open difference says why.
    test_bank_and_ledger::test_the_banks_balance_is_the_ledgers_or_a_difference_stands_open
    test_bank_imports::TestWhereverItIsCut::test_a_statement_is_there_whole_or_not_at_all
    test_bank_imports::TestAStatementThatDisagreesWithItself::test_is_refused_whole
    test_funding::TestWhatIsOwed::test_what_is_owed_is_in_the_account_of_the_one_until_it_is_passed_on
    test_money_machine::test_money_and_seats_are_right_whatever_happens_and_wherever_it_is_cut
"""

import ast
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from chassis import guard
from chassis.guard import Command
from chassis.refusals import IdempotencyKeyReused
from contracts.envelope import dump
from contracts.sites.batches import MoveBatch
from sites.operations import batches
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import TestDatabase
from tests.sites.articles import fund_year, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_bank_file,
    a_batch,
    a_visit,
    an_approved_batch,
    an_approver,
    books,
    brings,
    entries,
    the_batch,
    the_claim,
)


class TestTheTableAbove:
    def test_has_all_eleven_in_sequence(self) -> None:
        assert re.findall(r"^(\d+)\. ", __doc__ or "", re.MULTILINE) == [str(number) for number in range(1, 12)]

    @pytest.mark.parametrize("named", re.findall(r"^    (test_\S+)$", __doc__, re.MULTILINE))
    def test_names_tests_that_there_are(self, named: str) -> None:
        module, *path = named.split("::")
        body: list[ast.stmt] = ast.parse((Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")).body
        for name in path:
            found = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
            assert found, f"{named} is no more"
            body = found[0].body


class TestAFundsYear:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("available_fen = -1, encumbered_fen = encumbered_fen + available_fen + 1", "not_negative"),
            ("encumbered_fen = -1, available_fen = available_fen + encumbered_fen + 1", "not_negative"),
            ("payable_fen = -1, available_fen = available_fen + 1", "not_negative"),
            ("paid_fen = -1, available_fen = available_fen + 1", "not_negative"),
            ("available_fen = available_fen + 1", "balanced"),
            ("appropriated_fen = appropriated_fen + 1", "balanced"),
        ],
    )
    def test_refuses_what_does_not_add_up(self, db: Connection, change: str, constraint: str) -> None:
        money_in_the_fund(db)
        with pytest.raises(DBAPIError, match=f"fund_years_{constraint}"):
            db.execute(text(f"UPDATE fund_years SET {change}"))  # noqa: S608


class TestTwoPersons:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("UPDATE batches SET approved_by_id = prepared_by_id", "batches_two_persons"),
            ("UPDATE claims SET signed_by_id = approved_by_id, signed_by = '同一人'", "claims_two_signatures"),
        ],
    )
    def test_the_database_refuses_one_person_for_both(self, db: Connection, statement: str, constraint: str) -> None:
        money_in_the_fund(db)
        an_approved_batch(db, a_visit(db))
        with pytest.raises(DBAPIError, match=constraint):
            db.execute(text(statement))


class TestALine:
    def test_the_database_refuses_a_second_live_one_for_a_claim(self, db: Connection) -> None:
        money_in_the_fund(db)
        a_batch(db, a_visit(db))
        again = (
            "INSERT INTO batch_lines (id, batch_id, number, end_to_end_id, claim_id, payee_id, amount_fen, state)"
            " SELECT gen_random_uuid(), batch_id, 99, 'again', claim_id, payee_id, amount_fen, :state FROM batch_lines"
        )
        for state in ("waiting", "paid"):
            with pytest.raises(DBAPIError, match="batch_lines_live_key"), db.begin_nested():
                db.execute(text(again), {"state": state})
        db.execute(text(again), {"state": "failed"})

    def test_an_approved_batch_has_paid_nothing_yet(self, db: Connection, tmp_path: Path) -> None:
        fund = money_in_the_fund(db)
        visit = a_visit(db)
        batch = an_approved_batch(db, visit)
        claim = the_claim(db, visit)
        assert (claim.state, claim.approved_fen, claim.paid_fen) == ("batched", 400_00, None)
        assert (fund_year(db, fund).payable_fen, fund_year(db, fund).paid_fen) == (400_00, 0)
        assert "payment" not in {reason for *_, reason in entries(db)}
        brings(db, tmp_path, batch, a_bank_file(batch))
        assert (the_claim(db, visit).state, the_claim(db, visit).paid_fen) == ("paid", 400_00)
        assert (fund_year(db, fund).payable_fen, fund_year(db, fund).paid_fen) == (0, 400_00)
        books(db)


def test_one_command_pays_once_and_another_body_is_refused(database: Engine) -> None:
    """The door's guard and the approval are one transaction, so that whoever asks again is told what was done."""
    with database.begin() as db:
        money_in_the_fund(db)
        batch = a_batch(db, a_visit(db))
    approver = an_approver()

    def asks(body: bytes, id: Any) -> bytes:
        command = Command(id, hashlib.sha256(body).digest(), "approve_batch", approver.person_id)
        with database.begin() as db:
            stored = guard.claim(db, command, at=CLOSED)
            if stored is None:
                stored = dump(batches.approve(db, asked=MoveBatch(batch.id), actor=approver, at=CLOSED))
                guard.remember(db, command, stored)
            return stored

    command_id = uuid4()
    first = asks(b"one", command_id)
    assert asks(b"one", command_id) == first
    with pytest.raises(IdempotencyKeyReused):
        asks(b"another", command_id)
    with database.connect() as db:
        assert [step.move for step in the_batch(db, batch).history] == ["prepare", "approve"]


HISTORIES = ("ledger_entries", "ledger_seals", "ledger_checkpoints", "ledger_periods", "order_history", "claim_history")
HISTORIES += ("batch_history", "payment_files", "bank_result_files", "fund_transfers")


def test_what_was_done_is_never_rewritten(clone_of: Callable[[str], TestDatabase]) -> None:
    """No role may change, remove or empty what says who did what: for the service by its rights, else by a trigger."""
    clone = clone_of("sites")
    for url, told in (
        (clone.url, "permission denied"),
        (clone.owner_url, "only added"),
        (clone.superuser_url, "only added"),
    ):
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            for table in HISTORIES:
                cursor.execute("SAVEPOINT before")
                # An empty table has no row to be guarded, but may not be emptied either.
                with pytest.raises(psycopg2.Error, match=told):
                    cursor.execute(f"TRUNCATE {table} CASCADE")
                cursor.execute("ROLLBACK TO before")
                cursor.execute(
                    "SELECT has_table_privilege('sites', %s, 'UPDATE'), has_table_privilege('sites', %s, 'DELETE')",
                    (table, table),
                )
                assert cursor.fetchone() == (False, False), table
        connection.close()
