"""What goes to the bank is valid, what comes from it is judged, and the bank's balance is the ledger's (S12)."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sepaxml
import xlsxwriter
from chassis.files import CSV, XLSX, XML, FileStore
from contracts.sites.bank_statements import ExplainDifference, ImportBankStatement, ReconciliationAsked
from contracts.sites.batches import RecordBankResults
from lxml import etree
from sites.domain.bank_results import BankFileOfOther, BankTotalsDiffer
from sites.domain.bank_statements import SamePersonCloses, StatementBalanceBroken, StatementOverlaps
from sites.operations import batches, reconciliation
from sites.operations.bank_files import BankCellsMerged, BankFileUnreadable, read
from sites.queries import reconciliation as queries
from sqlalchemy import Connection

from tests.sites.articles import money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_bank_file,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    brings,
    takes_file,
)


def test_pain_001_is_valid_against_its_schema(db: Connection, tmp_path: Path) -> None:
    money_in_the_fund(db)
    batch = an_approved_batch(db, a_visit(db), a_visit(db))
    taken = takes_file(db, tmp_path, batch, by=a_preparer(), format="pain.001")
    folder = Path(sepaxml.__file__).parent / "schemas"
    schema = etree.XMLSchema(etree.parse(folder / "pain.001.001.09.xsd"))
    schema.assertValid(etree.parse(tmp_path / taken.sha256[:2] / taken.sha256))


def a_report(number: str, *lines: tuple[str, str, str], count: int | None = None, status: str = "PART") -> str:
    """A pain.002: (end-to-end id, status, reason) for each line."""
    said = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{one}</OrgnlEndToEndId><TxSts>{sts}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else "")
        + "</TxInfAndSts>"
        for one, sts, why in lines
    )
    total = f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>" if count is not None else ""
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>BANK1</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{number}</OrgnlMsgId>{total}"
        f"<GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>{said}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    )


def tells(db: Connection, folder: Path, batch: Any, content: str) -> Any:
    files = FileStore(folder)
    file = files.put(io.BytesIO(content.encode()), name="x.xml", media_types={XML}, max_bytes=10**6)
    asked = RecordBankResults(batch_id=batch.id, file=file)
    return batches.record_bank_results(db, files, asked=asked, actor=a_preparer(), at=CLOSED)


def test_pain_002_pays_fails_and_leaves_waiting(db: Connection, tmp_path: Path) -> None:
    money_in_the_fund(db)
    batch = an_approved_batch(db, a_visit(db), a_visit(db), a_visit(db))
    ids = [f"{batch.number}-{place:05d}" for place in (1, 2, 3)]
    said = [(ids[0], "ACSC", ""), (ids[1], "RJCT", "AC04"), (ids[2], "PDNG", "")]
    part = tells(db, tmp_path, batch, a_report(batch.number, *said, count=3))
    assert [line.state for line in part.lines] == ["paid", "failed", "waiting"]
    assert (part.lines[1].reason, part.answers[0].pending, part.state) == ("AC04", 1, "approved")
    done = tells(db, tmp_path, batch, a_report(batch.number, (ids[2], "ACSC", "")))
    assert done.state == "partly_settled"


def test_pain_002_of_another_batch_or_number_of_payments_is_refused(db: Connection, tmp_path: Path) -> None:
    money_in_the_fund(db)
    batch = an_approved_batch(db, a_visit(db))
    with pytest.raises(BankFileOfOther):
        tells(db, tmp_path, batch, a_report("OTHER", status="ACSC"))
    with pytest.raises(BankTotalsDiffer):
        tells(db, tmp_path, batch, a_report(batch.number, count=2, status="ACSC"))
    assert tells(db, tmp_path, batch, a_report(batch.number, count=1, status="ACSC")).state == "settled"


def test_a_total_that_is_not_the_rows_is_refused(db: Connection, tmp_path: Path) -> None:
    money_in_the_fund(db)
    batch = an_approved_batch(db, a_visit(db))
    with pytest.raises(BankTotalsDiffer):
        brings(db, tmp_path, batch, a_bank_file(batch) + "合计 1 笔,,400.01,,\n")
    assert brings(db, tmp_path, batch, a_bank_file(batch) + "合计 1 笔,,400.00,,\n").state == "settled"


def test_entities_and_merged_cells_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document>&b;</Document>'
    with pytest.raises(BankFileUnreadable):
        read(io.BytesIO(bomb.encode()))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.add_worksheet().merge_range(1, 1, 2, 1, "x")
    with pytest.raises(BankCellsMerged, match=r"Row 2, column “B”"):
        read(io.BytesIO(out.getvalue()))


HEAD = "交易日期,支出,收入,余额,流水号,端到端标识,对方户名,摘要\n"


def statement(db: Connection, folder: Path, fund: Any, rows: str) -> Any:
    files = FileStore(folder)
    file = files.put(
        io.BytesIO((HEAD + rows).encode("gb18030")), name="s.csv", media_types={CSV, XLSX}, max_bytes=10**6
    )
    asked = ImportBankStatement(fund_id=fund, file=file)
    return reconciliation.import_statement(db, files, asked=asked, actor=a_preparer(), at=CLOSED)


def test_the_banks_balance_is_the_ledgers_or_a_difference_stands_open(db: Connection, tmp_path: Path) -> None:
    fund = money_in_the_fund(db, amount_fen=10_000_00)
    batch = an_approved_batch(db, a_visit(db), a_visit(db))
    # The bank paid both, and took a fee; its statement comes before its answer.
    rows = "2026-11-10,,10000.00,10000.00,A1,,财政局,〔2026〕1号\n" + "".join(
        f"2026-11-11,400.00,,{10_000 - 400 * place}.00,B{place},{batch.number}-{place:05d},馆,补贴\n"
        for place in (1, 2)
    )
    taken = statement(db, tmp_path, fund, rows + "2026-11-11,1.50,,9198.50,F1,,银行,手续费\n")
    assert (taken.first_on, taken.last_on, taken.lines) == (date(2026, 11, 10), date(2026, 11, 11), 4)

    def seen() -> list[tuple[str, int, str]]:
        view = queries.reconciliation(db, asked=ReconciliationAsked(fund_id=fund), actor=an_approver())
        return sorted((each.kind, each.amount_fen, each.state) for each in view.differences)

    unpaid = ("not_in_ledger", -400_00, "open")
    assert seen() == [unpaid, unpaid, ("not_in_ledger", -1_50, "open")]
    brings(db, tmp_path, batch, a_bank_file(batch))
    assert [each for each in seen() if each[2] == "open"] == [("not_in_ledger", -1_50, "open")]
    reconciliation.reconcile(db, fund, at=CLOSED)
    assert len(seen()) == 3
    view = queries.reconciliation(db, asked=ReconciliationAsked(fund_id=fund, state="open"), actor=an_approver())
    asked = ExplainDifference(difference_id=view.differences[0].id, reason="银行手续费")
    preparer = a_preparer()
    reconciliation.explain(db, asked=asked, actor=preparer, at=CLOSED)
    with pytest.raises(SamePersonCloses):
        reconciliation.close(db, asked=asked, actor=preparer, at=CLOSED)
    assert reconciliation.close(db, asked=asked, actor=an_approver(), at=CLOSED).state == "closed"
    with pytest.raises(StatementOverlaps):
        statement(db, tmp_path, fund, "2026-11-11,1.00,,9197.50,F2,,银行,x\n")
    with pytest.raises(StatementBalanceBroken, match="Row 3"):
        statement(db, tmp_path, fund, "2026-11-12,1.00,,9197.50,F2,,银行,x\n2026-11-12,1.00,,1.00,F3,,银行,x\n")
