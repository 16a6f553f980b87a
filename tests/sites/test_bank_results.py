"""Settlement: what the bank answered to a batch is taken whole or not at all, and once (S12)."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from chassis.actors import Forbidden
from chassis.refusals import NotFound, Refusal
from contracts.sites.batches import (
    RecordBankResults,
)
from sites.domain.amounts import yuan
from sites.domain.bank_results import (
    BankAmountDiffers,
    BankCellInvalid,
    BankColumnMissing,
    BankFileEmpty,
    BankLineUnknown,
    BankResultContradicts,
    BankRowRepeated,
)
from sites.domain.batches import (
    BatchNotMovable,
)
from sites.operations import batches
from sites.operations.bank_files import BankFileUnreadable, rows_of
from sqlalchemy import Connection, Engine, text

from tests.sites.articles import money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_bank_file,
    a_batch,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    approves,
    at_once,
    books,
    brings,
    entries,
    makes,
    stored,
    the_batch,
    the_claim,
)


@pytest.fixture
def fund(db: Connection) -> Any:
    return money_in_the_fund(db, amount_fen=10_000_00)


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
        again = makes(db)
        assert [line.claim_id for line in again.lines] == [failed.claim_id]
        assert again.lines[0].payee_account_masked != partly.lines[place].payee_account_masked
        settled = brings(db, tmp_path, approves(db, again), a_bank_file(again))
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
        again = approves(db, makes(db))
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
            assert the_batch(db, batch).state == "settled"
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
            (lambda a, b: [HEAD.replace("amount", "sum"), _row(a)], BankColumnMissing, {"column": "金额 / amount"}),
            (lambda a, b: [HEAD + ",amount", _row(a)], BankColumnMissing, {"column": "金额 / amount"}),
            (lambda a, b: [_row(a), _row(b)], BankColumnMissing, {"column": "明细编号 / line_id"}),
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
        before, seen_before = entries(db), the_batch(db, batch)
        with pytest.raises(refusal) as refused:
            brings(db, tmp_path, batch, "\n".join(content(*batch.lines)))
        assert params.items() <= refused.value.params.items()
        assert (entries(db), the_batch(db, batch)) == (before, seen_before)

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
