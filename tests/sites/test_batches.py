"""Settlement: a batch, its approval by another person, the bank's answer (S12, precise rule 9)."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from chassis.actors import Actor, Forbidden, Grant, TokenTooOld
from chassis.refusals import NotFound, Refusal
from contracts.sites.batches import (
    BATCH_STATES,
    BatchesAsked,
    BatchView,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    RecordBankResults,
)
from sites.domain.bank_results import (
    BankAmountDiffers,
    BankCellInvalid,
    BankColumnMissing,
    BankFileEmpty,
    BankLineUnknown,
    BankResultContradicts,
    BankRowRepeated,
    yuan,
)
from sites.domain.batches import (
    LINE_MOVES,
    LINE_STATES,
    MOVES,
    STATES,
    BatchNotMovable,
    ClaimInOtherBatch,
    NothingToSettle,
    PayeeMissing,
    SamePerson,
    SeveralFunds,
    ending,
)
from sites.domain.claims import OwnSiteOrBranch
from sites.operations import batches, claims
from sites.operations.bank_files import BankFileUnreadable, rows_of
from sites.queries import batches as batch_queries
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    Visit,
    a_bank_file,
    a_batch,
    a_move,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    approved,
    at_once,
    books,
    brings,
    confirmed,
    entries,
    fresh,
    rejects,
    stored,
    the_claim,
    the_id,
    with_reason,
)


@pytest.fixture
def fund(db: Connection) -> Any:
    return money_in_the_fund(db, amount_fen=10_000_00)


def make(db: Connection, *, by: Actor | None = None, **asked: Any) -> BatchView:
    return batches.make(db, asked=MakeBatch(**{"period": PERIOD, **asked}), actor=by or a_preparer(), at=CLOSED)


def approve(db: Connection, batch: BatchView, *, by: Actor | None = None) -> BatchView:
    return batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=by or an_approver(), at=CLOSED)


@pytest.mark.usefixtures("fund")
class TestMaking:
    def test_takes_the_approved_claims_of_the_month_of_the_visit(self, db: Connection) -> None:
        first, second = a_visit(db), a_visit(db, came=10)
        december = a_visit(db, visit_at=VISIT + timedelta(days=25))
        waiting = a_visit(db)
        confirmed(db, waiting)
        for visit in (first, second, december):
            approved(db, visit)
        preparer = a_preparer()
        batch = make(db, by=preparer)
        assert (batch.state, batch.period, batch.count, batch.total_fen) == ("prepared", "2026-11", 2, 700_00)
        assert {line.claim_id for line in batch.lines} == {first.claim_id, second.claim_id}
        assert sum(line.amount_fen for line in batch.lines) == batch.total_fen
        assert (batch.prepared_by, batch.approved_by) == (preparer.name, None)
        assert {line.payee_account_masked[:5] for line in batch.lines} == {"**** "}
        assert [the_claim(db, visit).state for visit in (first, second, december, waiting)] == [
            "batched",
            "batched",
            "approved",
            "confirmed",
        ]
        assert the_claim(db, first).batch_id == batch.id
        assert make(db, period="2026-12").count == 1

    def test_or_those_named(self, db: Connection) -> None:
        first, second = a_visit(db), a_visit(db)
        approved(db, first)
        approved(db, second)
        batch = make(db, claim_ids=[the_id(second)])
        assert [line.claim_id for line in batch.lines] == [second.claim_id]
        assert make(db).lines[0].claim_id == first.claim_id

    def test_numbers_them_by_fund_and_period(self, db: Connection) -> None:
        numbers = []
        for _ in range(2):
            approved(db, a_visit(db))
            numbers.append(make(db).number)
        code = db.execute(text("SELECT code FROM funds")).scalar_one()
        assert numbers == [f"{code}-202611-01", f"{code}-202611-02"]

    def test_refuses_an_empty_one(self, db: Connection) -> None:
        confirmed(db, a_visit(db))
        with pytest.raises(NothingToSettle, match="2026-11"):
            make(db)

    def test_refuses_a_claim_that_is_not_ready(self, db: Connection) -> None:
        ready, waiting, december = a_visit(db), a_visit(db), a_visit(db, visit_at=VISIT + timedelta(days=25))
        confirmed(db, waiting)
        for visit in (ready, december):
            approved(db, visit)
        for other in (the_id(waiting), the_id(december), uuid4()):
            with pytest.raises(ClaimInOtherBatch, match=str(other)):
                make(db, claim_ids=[the_id(ready), other])
        assert the_claim(db, ready).state == "approved"

    def test_a_claim_is_in_one_live_batch(self, db: Connection) -> None:
        visit = a_visit(db)
        batch = a_batch(db, visit)
        with pytest.raises(ClaimInOtherBatch):
            make(db, claim_ids=[the_id(visit)])
        with pytest.raises(DBAPIError, match="batch_lines_live_key"):
            db.execute(
                text(
                    "INSERT INTO batch_lines (id, batch_id, number, end_to_end_id, claim_id, payee_id, amount_fen,"
                    " state) SELECT gen_random_uuid(), batch_id, 2, 'x', claim_id, payee_id, amount_fen, 'waiting'"
                    " FROM batch_lines WHERE batch_id = :batch"
                ),
                {"batch": batch.id},
            )

    def test_needs_an_account_for_each_site(self, db: Connection) -> None:
        site = a_site(db, name="某纪念馆")
        approved(db, a_visit(db, site=site))
        with pytest.raises(PayeeMissing, match="某纪念馆"):
            make(db)
        a_payee(db, site)
        assert make(db).count == 1

    def test_is_of_one_fund(self, db: Connection) -> None:
        other = money_in_the_fund(db, path=f"{DISTRICT}.town")
        in_town = a_visit(db)
        db.execute(text("UPDATE funds SET path = '3703.370303' WHERE id = :id"), {"id": other})
        elsewhere = a_visit(db)
        for visit, path in ((in_town, "3703"), (elsewhere, "3703")):
            approved(db, visit, by=a_preparer(path=path))
        of_the_city = a_preparer(path="3703")
        with pytest.raises(SeveralFunds):
            make(db, by=of_the_city)
        assert make(db, by=of_the_city, fund_id=other).lines[0].claim_id == in_town.claim_id
        # The preparer of the district settles the district's alone.
        assert make(db).lines[0].claim_id == elsewhere.claim_id

    def test_is_for_preparers_with_a_fresh_token(self, db: Connection) -> None:
        approved(db, a_visit(db))
        for other in (an_approver(), an_auditor(), an_actor(("officer", DISTRICT)), an_actor(("secretary", DISTRICT))):
            with pytest.raises(Forbidden):
                make(db, by=other)
        with pytest.raises(TokenTooOld):
            make(db, by=fresh(a_preparer(), CLOSED - timedelta(seconds=61)))
        with pytest.raises(NothingToSettle):
            make(db, by=a_preparer(path="3703.370303"))

    def test_two_at_once_take_each_claim_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            for _ in range(3):
                approved(db, a_visit(db))
        ended = at_once(database, 6, lambda db, _: make(db))
        assert ended == ["done"] + ["nothing-to-settle"] * 5
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM batch_lines")).scalar_one() == 3


@pytest.mark.usefixtures("fund")
class TestApproving:
    def test_is_by_another_person(self, db: Connection) -> None:
        batch = a_batch(db, a_visit(db))
        approver = an_approver()
        approved_batch = approve(db, batch, by=approver)
        assert (approved_batch.state, approved_batch.approved_by) == ("approved", approver.name)
        assert approved_batch.approved_at == CLOSED
        assert [(step.move, step.by) for step in approved_batch.history] == [
            ("prepare", "赵经办"),
            ("approve", "钱复核"),
        ]

    def test_never_by_who_made_it(self, db: Connection) -> None:
        both = replace(a_preparer(), grants=(Grant("preparer", DISTRICT), Grant("approver", DISTRICT)))
        batch = a_batch(db, a_visit(db), by=both)
        with pytest.raises(SamePerson):
            approve(db, batch, by=both)
        with pytest.raises(DBAPIError, match="batches_two_persons"), db.begin_nested():
            db.execute(
                text(
                    "UPDATE batches SET state = 'approved', approved_by_id = prepared_by_id, approved_by = 'x',"
                    " approved_at = now()"
                )
            )
        assert approve(db, batch).state == "approved"

    @pytest.mark.parametrize("verb", ["approve", "return"])
    def test_never_by_who_prepared_one_of_its_claims(self, db: Connection, verb: str) -> None:
        both = replace(a_preparer(), grants=(Grant("preparer", DISTRICT), Grant("approver", DISTRICT)))
        visit = a_visit(db)
        if verb == "return":
            confirmed(db, visit)
            claims.give_back(db, asked=with_reason(visit), actor=both, at=CLOSED)
            approved(db, visit)
        else:
            approved(db, visit, by=both)
        batch = make(db)
        with pytest.raises(SamePerson):
            approve(db, batch, by=both)

    @pytest.mark.parametrize(("role", "place"), [("steward", "site"), ("secretary", "branch"), ("member", "branch")])
    def test_never_over_ones_own_site_or_branch(self, db: Connection, role: str, place: str) -> None:
        visit = a_visit(db)
        batch = a_batch(db, a_visit(db), visit)
        path = visit.site.path if place == "site" else visit.branch.path
        with pytest.raises(OwnSiteOrBranch):
            approve(db, batch, by=replace(an_approver(), grants=(Grant("approver", DISTRICT), Grant(role, path))))

    def test_takes_a_fresh_token_and_the_right(self, db: Connection) -> None:
        batch = a_batch(db, a_visit(db))
        with pytest.raises(TokenTooOld):
            approve(db, batch, by=fresh(an_approver(), CLOSED - timedelta(seconds=61)))
        for other in (a_preparer(), an_auditor()):
            with pytest.raises(Forbidden):
                approve(db, batch, by=other)
        for stranger in (an_approver(path="3703.370303"), an_actor(("secretary", DISTRICT))):
            with pytest.raises(NotFound):
                approve(db, batch, by=stranger)

    def test_a_rejection_frees_the_claims(self, db: Connection) -> None:
        visit = a_visit(db)
        batch = a_batch(db, visit)
        rejected = rejects(db, batch)
        assert (rejected.state, rejected.reason) == ("rejected", "金额有疑问")
        assert [line.state for line in rejected.lines] == ["freed"]
        claim = the_claim(db, visit)
        assert (claim.state, claim.batch_id, claim.approved_fen) == ("approved", None, 400_00)
        assert make(db).lines[0].claim_id == visit.claim_id

    def test_approving_and_rejecting_at_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            batch = a_batch(db, a_visit(db))

        def decide(db: Connection, number: int) -> None:
            approve(db, batch) if number % 2 else rejects(db, batch)

        assert at_once(database, 6, decide) == ["batch-not-movable"] * 5 + ["done"]


class TestMoves:
    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("verb", sorted(MOVES))
    def test_every_pair_of_state_and_move(
        self, db: Connection, fund: Any, tmp_path: Path, state: str, verb: str
    ) -> None:
        batch = a_batch(db, a_visit(db), a_visit(db))
        is_approved = state in ("approved", "settled", "partly_settled")
        db.execute(
            text(
                "UPDATE batches SET state = :state, approved_by_id = :by, approved_by = :by_name, approved_at = :at"
                " WHERE id = :id"
            ),
            {
                "state": state,
                "by": uuid4() if is_approved else None,
                "by_name": "某人" if is_approved else None,
                "at": CLOSED if is_approved else None,
                "id": batch.id,
            },
        )
        sources, target = MOVES[verb]
        act: dict[str, Callable[[], BatchView]] = {
            "approve": lambda: approve(db, batch),
            "reject": lambda: rejects(db, batch),
            "settle": lambda: brings(db, tmp_path, batch, a_bank_file(batch)),
            "settle_partly": lambda: brings(db, tmp_path, batch, a_bank_file(batch, failed=(1,))),
        }
        if state in sources:
            assert act[verb]().state == target
            steps = [step.move for step in _seen(db, batch).history]
            assert steps == ["prepare", verb]
        else:
            with pytest.raises(BatchNotMovable) as refused, db.begin_nested():
                act[verb]()
            assert refused.value.params["state"] == state
            assert _seen(db, batch).state == state

    def test_the_states_are_those_of_the_contract(self) -> None:
        assert set(STATES) == set(BATCH_STATES)
        assert {state for sources, target in LINE_MOVES.values() for state in (*sources, target)} == set(LINE_STATES)

    @pytest.mark.parametrize(
        ("lines", "verb"),
        [
            (["paid", "paid"], "settle"),
            (["paid", "failed"], "settle_partly"),
            (["failed"], "settle_partly"),
            (["paid", "waiting"], None),
            (["failed", "waiting"], None),
        ],
    )
    def test_ends_when_the_bank_has_answered_for_each_line(self, lines: list[str], verb: str | None) -> None:
        assert ending(lines) == verb


@pytest.mark.usefixtures("fund")
class TestTheBanksAnswer:
    def test_paid_lines_are_paid(self, db: Connection, tmp_path: Path) -> None:
        visits = [a_visit(db), a_visit(db, came=18)]
        batch = an_approved_batch(db, *visits)
        settled = brings(db, tmp_path, batch, a_bank_file(batch))
        assert (settled.state, settled.paid_fen, settled.failed_fen) == ("settled", 780_00, 0)
        assert {(line.state, line.bank_reference) for line in settled.lines} == {
            ("paid", "BANK000000"),
            ("paid", "BANK000001"),
        }
        for visit, amount_fen in zip(visits, (400_00, 380_00), strict=True):
            claim = the_claim(db, visit)
            assert (claim.state, claim.paid_fen, claim.batch_id) == ("paid", amount_fen, batch.id)
        balances = books(db)
        assert sum(amount for account, amount in balances.items() if account.startswith("paid:")) == 780_00
        assert sum(amount for account, amount in balances.items() if account.startswith("payable:")) == 0
        assert [entry[3] for entry in entries(db)].count("payment") == 2

    def test_failed_lines_go_to_a_new_batch(self, db: Connection, tmp_path: Path) -> None:
        paid, failed = a_visit(db), a_visit(db)
        batch = an_approved_batch(db, paid, failed)
        place = next(number for number, line in enumerate(batch.lines) if line.claim_id == failed.claim_id)
        partly = brings(db, tmp_path, batch, a_bank_file(batch, failed=(place,)))
        assert (partly.state, partly.paid_fen, partly.failed_fen) == ("partly_settled", 400_00, 400_00)
        assert partly.lines[place].reason == "账号不存在"
        claim = the_claim(db, failed)
        assert (claim.state, claim.batch_id, claim.reason) == ("approved", None, "账号不存在")
        assert the_claim(db, paid).state == "paid"
        a_payee(db, failed.site)
        again = make(db)
        assert [line.claim_id for line in again.lines] == [failed.claim_id]
        assert again.lines[0].payee_account_masked != partly.lines[place].payee_account_masked
        settled = brings(db, tmp_path, approve(db, again), a_bank_file(again))
        assert (settled.state, the_claim(db, failed).paid_fen) == ("settled", 400_00)
        books(db)

    def test_the_same_file_again_changes_nothing(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        file = a_bank_file(batch, failed=(0,))
        first = brings(db, tmp_path, batch, file)
        before = entries(db)
        assert brings(db, tmp_path, batch, file) == first
        assert entries(db) == before

    def test_also_after_the_failed_claim_was_paid_by_another_batch(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        file = a_bank_file(batch, failed=(0,))
        first = brings(db, tmp_path, batch, file)
        again = approve(db, make(db))
        brings(db, tmp_path, again, a_bank_file(again))
        before = entries(db)
        assert brings(db, tmp_path, batch, file) == first
        assert entries(db) == before

    def test_part_of_the_lines_leaves_the_batch_open(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        part = brings(db, tmp_path, batch, a_bank_file(batch, only=(1,)))
        assert (part.state, part.paid_fen) == ("approved", 400_00)
        whole = brings(db, tmp_path, batch, a_bank_file(batch))
        assert (whole.state, whole.paid_fen) == ("settled", 800_00)

    def test_a_workbook_and_the_end_to_end_id_do_as_well(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db, came=18))
        ids = db.execute(text("SELECT end_to_end_id FROM batch_lines")).scalars().all()
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet()
            for row, cells in enumerate(
                [["端到端标识", "结果", "金额", "银行流水号", "原因"], [ids[0], "成功", 380.0, 20261123001, None], []]
            ):
                sheet.write_row(row, 0, cells)
        settled = brings(db, tmp_path, batch, out.getvalue())
        assert (settled.state, settled.lines[0].bank_reference) == ("settled", "20261123001")

    def test_a_file_in_gb_18030_does_as_well(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        file = a_bank_file(batch, failed=(0,)).replace("line_id,result", "明细编号,结果").encode("gb18030")
        assert brings(db, tmp_path, batch, file).lines[0].reason == "账号不存在"

    def test_is_brought_by_the_preparer(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        for other in (an_approver(), an_auditor()):
            with pytest.raises(Forbidden):
                brings(db, tmp_path, batch, a_bank_file(batch), by=other)

    def test_many_bring_it_at_once_and_it_is_paid_once(self, database: Engine, tmp_path: Path) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            batch = an_approved_batch(db, a_visit(db), a_visit(db))
        file = a_bank_file(batch)
        assert at_once(database, 6, lambda db, _: brings(db, tmp_path, batch, file)) == ["done"] * 6
        with database.connect() as db:
            assert [entry[3] for entry in entries(db)].count("payment") == 2
            assert _seen(db, batch).state == "settled"
            books(db)


def _row(line: Any, **change: str) -> str:
    cells = {
        "line_id": str(line.id),
        "result": "paid",
        "amount": yuan(line.amount_fen),
        "reference": "B1",
        "reason": "",
    } | change
    return ",".join(cells.values())


HEAD = "line_id,result,amount,reference,reason"


@pytest.mark.usefixtures("fund")
class TestABadFile:
    """The first row is good, the fault comes after it, and nothing of the file is taken."""

    @pytest.mark.parametrize(
        ("content", "refusal", "params"),
        [
            (
                lambda a, b: [HEAD, _row(a), _row(b, line_id=str(uuid4()))],
                BankLineUnknown,
                {"row": 3, "column": "line_id"},
            ),
            (lambda a, b: [HEAD, _row(a), _row(b, line_id="")], BankLineUnknown, {"row": 3, "found": ""}),
            (
                lambda a, b: [HEAD, _row(a), _row(b, amount="399.99")],
                BankAmountDiffers,
                {"row": 3, "column": "amount", "found": "399.99", "expected": "400.00"},
            ),
            (lambda a, b: [HEAD, _row(a), _row(b, amount="4e2")], BankCellInvalid, {"row": 3, "column": "amount"}),
            (lambda a, b: [HEAD, _row(a), _row(b, amount="-400.00")], BankCellInvalid, {"row": 3, "column": "amount"}),
            (lambda a, b: [HEAD, _row(a), _row(b, amount="400.001")], BankCellInvalid, {"row": 3, "column": "amount"}),
            (lambda a, b: [HEAD, _row(a), _row(b, amount="")], BankCellInvalid, {"row": 3, "column": "amount"}),
            (
                lambda a, b: [HEAD, _row(a), _row(b, result="ok")],
                BankCellInvalid,
                {"row": 3, "column": "result", "found": "ok"},
            ),
            (lambda a, b: [HEAD, _row(a), _row(b, reference="")], BankCellInvalid, {"row": 3, "column": "reference"}),
            (
                lambda a, b: [HEAD, _row(a), _row(b, result="failed")],
                BankCellInvalid,
                {"row": 3, "column": "reason"},
            ),
            (
                lambda a, b: [HEAD, _row(a), "", _row(a)],
                BankRowRepeated,
                {"row": 4, "column": "line_id", "first_row": 2},
            ),
            (lambda a, b: [HEAD.replace("amount", "sum"), _row(a)], BankColumnMissing, {"column": "amount"}),
            (lambda a, b: [HEAD + ",amount", _row(a)], BankColumnMissing, {"column": "amount"}),
            (lambda a, b: [_row(a), _row(b)], BankColumnMissing, {"column": "line_id"}),
            (lambda a, b: [HEAD], BankFileEmpty, {}),
            (lambda a, b: [HEAD, ",,,,"], BankFileEmpty, {}),
            (lambda a, b: [HEAD, '"' + _row(a)], BankFileUnreadable, {}),
            (lambda a, b: [HEAD, _row(a), *["x"] * 20_000], BankFileUnreadable, {"rows_max": 20_000}),
        ],
    )
    def test_is_refused_whole(
        self,
        db: Connection,
        tmp_path: Path,
        content: Callable[[Any, Any], list[str]],
        refusal: type[Refusal],
        params: dict[str, Any],
    ) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        before, seen_before = entries(db), _seen(db, batch)
        with pytest.raises(refusal) as refused:
            brings(db, tmp_path, batch, "\n".join(content(*batch.lines)))
        assert params.items() <= refused.value.params.items()
        assert (entries(db), _seen(db, batch)) == (before, seen_before)

    def test_a_broken_workbook(self, db: Connection, tmp_path: Path) -> None:
        with pytest.raises(BankFileUnreadable):
            rows_of(io.BytesIO(b"PK\x03\x04 no archive"))
        with pytest.raises(BankFileUnreadable):
            rows_of(io.BytesIO(b"\xff\xfe\x00"))

    def test_a_result_that_contradicts_the_last_one(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        brings(db, tmp_path, batch, a_bank_file(batch, only=(0,)))
        before = entries(db)
        with pytest.raises(BankResultContradicts) as refused:
            brings(db, tmp_path, batch, a_bank_file(batch, failed=(0,)))
        assert refused.value.params == {"row": 2, "column": "result", "found": "failed", "recorded": "paid"}
        assert entries(db) == before

    def test_a_file_that_is_not_there(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        _, file = stored(tmp_path, a_bank_file(batch))
        files, _ = stored(tmp_path / "other", "x,y\n")
        asked = RecordBankResults(batch_id=batch.id, file=file)
        with pytest.raises(NotFound):
            batches.record_bank_results(db, files, asked=asked, actor=a_preparer(), at=CLOSED)

    def test_for_a_batch_that_was_not_approved(self, db: Connection, tmp_path: Path) -> None:
        batch = a_batch(db, a_visit(db))
        with pytest.raises(BatchNotMovable):
            brings(db, tmp_path, batch, a_bank_file(batch))


@pytest.mark.usefixtures("fund")
class TestSeeing:
    def test_finance_and_audit_see_them_newest_first(self, db: Connection) -> None:
        made = []
        for hours in range(3):
            visit = a_visit(db)
            approved(db, visit)
            made.append(
                batches.make(
                    db,
                    asked=MakeBatch(period=PERIOD),
                    actor=fresh(a_preparer(), CLOSED + timedelta(hours=hours)),
                    at=CLOSED + timedelta(hours=hours),
                ).id
            )
        for reader in (a_preparer(), an_approver(), an_auditor()):
            page = batch_queries.batches(db, asked=BatchesAsked(limit=2), actor=reader)
            assert [batch.id for batch in page.items] == [made[2], made[1]]
            assert all(len(batch.lines) == 1 for batch in page.items)
            rest = batch_queries.batches(db, asked=BatchesAsked(limit=2, cursor=page.next), actor=reader)
            assert ([batch.id for batch in rest.items], rest.next) == ([made[0]], None)
        assert batch_queries.batches(db, asked=BatchesAsked(state="settled"), actor=an_auditor()).items == []
        assert batch_queries.batches(db, asked=BatchesAsked(), actor=an_auditor("3703.370303")).items == []
        with pytest.raises(Forbidden):
            batch_queries.batches(db, asked=BatchesAsked(), actor=an_actor(("officer", DISTRICT)))

    def test_an_unknown_batch_is_not_found(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            batch_queries.batch(db, uuid4(), actor=an_auditor())
        with pytest.raises(NotFound):
            batches.reject(db, asked=MoveBatchWithReason(batch_id=uuid4(), reason="x"), actor=an_approver(), at=CLOSED)


def _seen(db: Connection, batch: BatchView) -> BatchView:
    return batch_queries.batch(db, batch.id, actor=an_auditor())


def test_a_visit_is_never_lost_between_two_batches(db: Connection, fund: Any, tmp_path: Path) -> None:
    """Approved, rejected with its batch, batched again, failed at the bank, batched again, paid: one payment."""
    visit: Visit = a_visit(db)
    rejects(db, a_batch(db, visit))
    second = approve(db, make(db))
    brings(db, tmp_path, second, a_bank_file(second, failed=(0,)))
    third = approve(db, make(db))
    brings(db, tmp_path, third, a_bank_file(third))
    assert [step.move for step in the_claim(db, visit).history][4:] == [
        "batch",
        "free",
        "batch",
        "free",
        "batch",
        "pay",
    ]
    assert [entry[3] for entry in entries(db)].count("payment") == 1
    assert a_move(visit).claim_id == visit.claim_id
