"""What the bank sends is taken whole or not at all: wherever it is cut, whoever brings it at once, whatever it says
of itself (S12)."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from chassis.database import connect
from chassis.files import CSV, XLSX, XML, FileStore
from chassis.refusals import Refusal
from contracts.sites.bank_statements import ImportBankStatement, ReconciliationAsked
from contracts.sites.batches import RecordBankResults
from sites.domain.bank_results import BankTotalsDiffer
from sites.domain.bank_statements import (
    StatementBalanceBroken,
    StatementCellInvalid,
    StatementColumnMissing,
    StatementRowRepeated,
    StatementSeveral,
    StatementTotalsDiffer,
)
from sites.operations import bank_files, batches, reconciliation
from sites.operations.bank_files import BankCellsMerged
from sites.queries import reconciliation as queries
from sqlalchemy import Connection, Engine, text

from tests import races
from tests.conftest import TestDatabase
from tests.sites.articles import money_in_the_fund
from tests.sites.cuts import Knife, held_at, wherever_it_is_cut
from tests.sites.money import (
    CLOSED,
    a_bank_file,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    books,
    brings,
    entries,
    the_batch,
)


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each file guards memory, which is not what is shown here."""
    monkeypatch.setattr(bank_files, "read", lambda stream: bank_files.file_of(bank_files.said_in(stream.read())))


def kept(folder: Path, content: str | bytes) -> tuple[FileStore, Any]:
    files = FileStore(folder)
    content = content.encode() if isinstance(content, str) else content
    return files, files.put(io.BytesIO(content), name="银行文件", media_types={CSV, XLSX, XML}, max_bytes=10**6)


def imports(db: Connection, folder: Path, fund: UUID, content: str | bytes) -> Any:
    files, file = kept(folder, content)
    asked = ImportBankStatement(fund_id=fund, file=file)
    return reconciliation.import_statement(db, files, asked=asked, actor=a_preparer(), at=CLOSED)


def answers(db: Connection, folder: Path, batch: Any, content: str | bytes) -> Any:
    files, file = kept(folder, content)
    asked = RecordBankResults(batch_id=batch.id, file=file)
    return batches.record_bank_results(db, files, asked=asked, actor=a_preparer(), at=CLOSED)


# ---- statements --------------------------------------------------------------------------------------------------

HEAD = "交易日期,支出,收入,余额,流水号,端到端标识,对方户名,摘要"
GRANT = "2026-11-10,,10000.00,10000.00,A1,,财政局,〔2026〕1号"


def a_table(batch: Any, *more: str) -> str:
    """A statement of the grant and of the batch's payments, of 400.00 yuan each."""
    paid = [
        f"2026-11-11,400.00,,{10_000 - 400 * line.number}.00,B{line.number},{batch.number}-{line.number:05d},馆,补贴"
        for line in batch.lines
    ]
    return "\n".join([HEAD, GRANT, *paid, *more]) + "\n"


def an_entry(day: str, amount: str, reference: str, *parts: str, sign: str = "DBIT", batch: str = "") -> str:
    details = f"<NtryDtls>{batch}{''.join(parts)}</NtryDtls>" if parts else ""
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><BookgDt><Dt>{day}</Dt></BookgDt>'
        f"<AcctSvcrRef>{reference}</AcctSvcrRef>{details}</Ntry>"
    )


def a_part(end_to_end_id: str, amount: str) -> str:
    return f'<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs><Amt Ccy="CNY">{amount}</Amt></TxDtls>'


def a_balance(kind: str, amount: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
    )


def a_camt(batch: Any, *, summary: str = "", booked: str = "", more: str = "", closing: str = "9200.00") -> str:
    """The same statement as a camt.053: the batch's two payments are one entry with its parts."""
    parts = [a_part(f"{batch.number}-{line.number:05d}", "400.00") for line in batch.lines]
    said = booked or "<Btch><NbOfTxs>2</NbOfTxs><TtlAmt>800.00</TtlAmt></Btch>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><Stmt>{a_balance('OPBD', '0.00')}{a_balance('CLBD', closing)}{summary}"
        f"{an_entry('2026-11-10', '10000.00', 'A1', sign='CRDT')}"
        f"{an_entry('2026-11-11', '800.00', 'B1', *parts, batch=said)}{more}</Stmt></BkToCstmrStmt></Document>"
    )


def a_summary(**said: tuple[str, str]) -> str:
    told = "".join(
        f"<{name}><NbOfNtries>{count}</NbOfNtries><Sum>{total}</Sum></{name}>" for name, (count, total) in said.items()
    )
    return f"<TxsSummry>{told}</TxsSummry>"


RIGHT = a_summary(TtlNtries=("2", "10800.00"), TtlCdtNtries=("1", "10000"), TtlDbtNtries=("1", "800.00"))


def all_of_the_bank(db: Connection) -> list[Any]:
    """Everything that a file of the bank writes."""
    counts = ", ".join(
        f"(SELECT count(*) FROM {table})"  # noqa: S608
        for table in ("bank_statements", "bank_statement_lines", "bank_matches", "bank_result_files", "ledger_entries")
    )
    differences = "(SELECT array_agg(d::text ORDER BY d.id) FROM bank_differences d)"
    states = "(SELECT array_agg(l::text ORDER BY l.id) FROM batch_lines l)"
    return list(db.execute(text(f"SELECT {counts}, {differences}, {states}")).one())


def open_differences(db: Connection, fund: UUID) -> list[tuple[str, int]]:
    asked = ReconciliationAsked(fund_id=fund, state="open")
    view = queries.reconciliation(db, asked=asked, actor=an_approver())
    return sorted((each.kind, each.amount_fen) for each in view.differences)


@pytest.fixture
def cut_ground(
    clone_of: Callable[[str], TestDatabase], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Engine, Knife]]:
    database = clone_of("sites")
    engine, superuser = connect(database.url, service="sites", pool_size=2), connect(database.superuser_url)
    yield engine, held_at(engine, superuser, monkeypatch)
    engine.dispose()
    superuser.dispose()


@pytest.fixture
def fund(db: Connection) -> UUID:
    return money_in_the_fund(db, amount_fen=10_000_00)


class TestWhereverItIsCut:
    """Before each statement and at the commit: nothing of it is there, and asked again it is done, once."""

    @pytest.mark.parametrize("form", [a_table, partial(a_camt, summary=RIGHT)], ids=["table", "camt.053"])
    def test_a_statement_is_there_whole_or_not_at_all(
        self, cut_ground: tuple[Engine, Knife], tmp_path: Path, form: Callable[[Any], str]
    ) -> None:
        engine, knife = cut_ground
        with engine.begin() as db:
            fund = money_in_the_fund(db, amount_fen=10_000_00)
            batch = an_approved_batch(db, a_visit(db), a_visit(db))
            brings(db, tmp_path, batch, a_bank_file(batch, only=(0,)))
        act = partial(imports, folder=tmp_path, fund=fund, content=form(batch))
        assert wherever_it_is_cut(engine, knife, act, seen=all_of_the_bank) > 8
        with engine.begin() as db:
            assert open_differences(db, fund) == [("not_in_ledger", -400_00)]
            done = all_of_the_bank(db)
            again = act(db)
            assert (again.lines, again.matched, all_of_the_bank(db)) == (3, 2, done)

    def test_the_banks_answer_pays_and_reconciles_or_does_neither(
        self, cut_ground: tuple[Engine, Knife], tmp_path: Path
    ) -> None:
        engine, knife = cut_ground
        with engine.begin() as db:
            fund = money_in_the_fund(db, amount_fen=10_000_00)
            batch = an_approved_batch(db, a_visit(db), a_visit(db))
            imports(db, tmp_path, fund, a_table(batch))
        report = a_report(batch, ("ACSC", "ACSC"))
        act = partial(answers, folder=tmp_path, batch=batch, content=report)
        assert wherever_it_is_cut(engine, knife, act, seen=all_of_the_bank) > 12
        with engine.begin() as db:
            assert open_differences(db, fund) == []
            done = all_of_the_bank(db)
            assert act(db).state == "settled"
            assert all_of_the_bank(db) == done
            assert [entry[3] for entry in entries(db)].count("payment") == 2
            books(db)


class TestAtOnce:
    def test_two_answers_that_contradict_each_other_and_two_that_do_not(self, database: Engine, tmp_path: Path) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            made = [an_approved_batch(db, a_visit(db), a_visit(db)) for _ in range(3)]
        files = [
            (a_bank_file(made[0], only=(0,)), a_bank_file(made[0], only=(0,), failed=(0,))),  # the same line
            (a_bank_file(made[1], only=(0,)), a_bank_file(made[1], only=(1,), failed=(1,))),  # one line each
            (a_bank_file(made[2], failed=(1,)), a_bank_file(made[2])),  # agreed on the first line alone
        ]

        def bring(batch: Any, file: str) -> str:
            with database.begin() as db:
                brings(db, tmp_path, batch, file)
            return "done"

        told = races.at_once(
            [partial(bring, batch, file) for batch, pair in zip(made, files, strict=True) for file in pair]
        )
        assert sorted(told[:2]) == sorted(told[4:]) == ["bank-result-contradicts", "done"]
        assert told[2:4] == ["done", "done"]
        with database.connect() as db:
            states = [[line.state for line in the_batch(db, batch).lines] for batch in made]
            # Of the contradicting ones, all of one file was taken and nothing of the other.
            assert states[0] == (["paid", "waiting"] if told[0] == "done" else ["failed", "waiting"])
            assert states[1] == ["paid", "failed"]
            assert states[2] == (["paid", "failed"] if told[4] == "done" else ["paid", "paid"])
            paid = [state for batch in states for state in batch].count("paid")
            assert [entry[3] for entry in entries(db)].count("payment") == paid
            books(db)

    def test_one_statement_many_times_and_another_of_the_same_days(self, database: Engine, tmp_path: Path) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=10_000_00)
            batch = an_approved_batch(db, a_visit(db), a_visit(db))
        one, other = a_table(batch), a_camt(batch)

        def take(content: str) -> int:
            with database.begin() as db:
                return int(imports(db, tmp_path, fund, content).lines)

        told = races.at_once([partial(take, content) for content in (one, one, one, other)])
        # Whichever came first is there; the other form of it is of the same days.
        assert told in ([3, 3, 3, "statement-overlaps"], [*["statement-overlaps"] * 3, 3])
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM bank_statement_lines")).scalar_one() == 3


# ---- what the bank says of its own files -----------------------------------------------------------------------------


def a_report(batch: Any, statuses: tuple[str, ...], *, head: str = "", part: str = "") -> str:
    """A pain.002 with a status for each line of the batch; `head` and `part` carry the totals."""
    said = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{batch.number}-{line.number:05d}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + ("<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" if status == "RJCT" else "")
        + "</TxInfAndSts>"
        for line, status in zip(batch.lines, statuses, strict=False)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>BANK1</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{batch.number}"
        f"</OrgnlMsgId>{head}<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>{part}{said}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


def a_total(count: object, total: str) -> str:
    return f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><OrgnlCtrlSum>{total}</OrgnlCtrlSum>"


def of_status(status: str, count: object, total: str) -> str:
    return (
        f"<NbOfTxsPerSts><DtldNbOfTxs>{count}</DtldNbOfTxs><DtldSts>{status}</DtldSts>"
        f"<DtldCtrlSum>{total}</DtldCtrlSum></NbOfTxsPerSts>"
    )


BOTH = ("ACSC", "RJCT")


class TestAnAnswerWhoseTotalsDiffer:
    @pytest.mark.parametrize(
        ("make", "found"),
        [
            (partial(a_report, statuses=BOTH, head=a_total(3, "800.00")), ("3", "800.00")),
            (partial(a_report, statuses=BOTH, head=a_total("two", "800.00")), ("two", "800.00")),
            (partial(a_report, statuses=BOTH, head=a_total(2, "800.01")), ("2", "800.01")),
            (partial(a_report, statuses=BOTH, head=a_total(2, "8e2")), ("2", "8e2")),
            (partial(a_report, statuses=BOTH, head=a_total(2, "800.00"), part=a_total(1, "400.00")), ("1", "400.00")),
            (partial(a_report, statuses=BOTH, part=of_status("ACSC", 2, "800.00")), ("2", "800.00")),
            (partial(a_report, statuses=BOTH, part=of_status("RJCT", 1, "399.99")), ("1", "399.99")),
            (partial(a_report, statuses=BOTH, part=of_status("PDNG", 1, "400.00")), ("1", "400.00")),
            (lambda batch: a_bank_file(batch) + "合计 3 笔,,800.00,,\n", (3, "800.00")),
            (lambda batch: a_bank_file(batch) + "合计,,799.99,,\n", (2, "799.99")),
            (
                # The sum stood there, and a line was put in after it.
                lambda batch: "\n".join(
                    [*(rows := a_bank_file(batch).splitlines())[:2], "合计 1 笔,,400.00,,", *rows[2:]]
                ),
                (1, "400.00"),
            ),
        ],
    )
    @pytest.mark.usefixtures("fund")
    def test_is_refused_whole(
        self, db: Connection, tmp_path: Path, make: Callable[[Any], str], found: tuple[object, str]
    ) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        before = all_of_the_bank(db)
        with pytest.raises(BankTotalsDiffer) as refused:
            answers(db, tmp_path, batch, make(batch))
        assert (refused.value.params["found_count"], refused.value.params["found"]) == found
        assert all_of_the_bank(db) == before

    @pytest.mark.usefixtures("fund")
    def test_and_one_whose_totals_agree_is_taken(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        # It names the refused one alone, and counts the other.
        counts = of_status("RJCT", "001", "400") + of_status("ACSC", 1, "400.00")
        alone = a_report(replace(batch, lines=batch.lines[1:]), ("RJCT",), head=a_total(2, "800.00"), part=counts)
        assert [line.state for line in answers(db, tmp_path, batch, alone).lines] == ["waiting", "failed"]
        whole = a_report(batch, BOTH, part=a_total(2, "800.00") + counts)
        assert answers(db, tmp_path, batch, whole).state == "partly_settled"


def a_workbook(batch: Any, *, merged: bool) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(a_table(batch).splitlines()):
            sheet.write_row(number, 0, row.split(","))
        if merged:
            sheet.merge_range(2, 6, 3, 6, "馆")
    return out.getvalue()


class TestAStatementThatDisagreesWithItself:
    @pytest.mark.parametrize(
        ("make", "told"),
        [
            # camt.053: number and sum of all entries, of what came, of what went, of the parts of an entry
            (
                partial(a_camt, summary=a_summary(TtlNtries=("3", "10800.00"))),
                (StatementTotalsDiffer, {"found_count": "3", "due_count": 2}),
            ),
            (
                partial(a_camt, summary=a_summary(TtlNtries=("2", "10800.01"))),
                (StatementTotalsDiffer, {"found": "10800.01", "due": "10800.00"}),
            ),
            (partial(a_camt, summary=a_summary(TtlCdtNtries=("1", "9999.00"))), (StatementTotalsDiffer, {})),
            (partial(a_camt, summary=a_summary(TtlDbtNtries=("2", "800.00"))), (StatementTotalsDiffer, {})),
            (partial(a_camt, summary=a_summary(TtlNtries=("x", "10800.00"))), (StatementTotalsDiffer, {})),
            (
                partial(a_camt, summary=a_summary(TtlNtries=("2", "10.8e3x"))),
                (StatementCellInvalid, {"column": "Sum", "found": "10.8e3x"}),
            ),
            (
                partial(a_camt, booked="<Btch><NbOfTxs>3</NbOfTxs></Btch>"),
                (StatementTotalsDiffer, {"found_count": "3", "due_count": 2}),
            ),
            (
                partial(a_camt, booked="<Btch><TtlAmt>800.01</TtlAmt></Btch>"),
                (StatementTotalsDiffer, {"found": "800.01", "due": "800.00"}),
            ),
            (partial(a_camt, closing="9200.01"), (StatementBalanceBroken, {"due": "9200.00", "found": "9200.01"})),
            # the same entry twice, and two statements in one file of which one would have been lost
            (
                partial(a_camt, more=an_entry("2026-11-10", "10000.00", "A1", sign="CRDT")),
                (StatementRowRepeated, {"row": 4, "first_row": 1}),
            ),
            (partial(a_camt, more="</Stmt><Stmt>"), (StatementSeveral, {"count": 2})),
            # tables
            (
                lambda batch: a_table(batch, "合计 4 笔,800.00,10000.00,,,,,"),
                (StatementTotalsDiffer, {"found_count": "4", "due_count": "3"}),
            ),
            (
                lambda batch: a_table(batch, "合计,800.00,10000.01,,,,,"),
                (StatementTotalsDiffer, {"found": "10000.01", "due": "10000.00"}),
            ),
            (
                lambda batch: a_table(batch, "合计 3 笔,799.00,10000.00,,,,,"),
                (StatementTotalsDiffer, {"found": "799.00", "due": "800.00"}),
            ),
            (
                lambda batch: a_table(batch, a_table(batch).splitlines()[3]),
                (StatementRowRepeated, {"row": 5, "first_row": 4}),
            ),
            (lambda batch: a_table(batch).replace("9600.00", "9600.01"), (StatementBalanceBroken, {"row": 3})),
            (lambda batch: a_table(batch).replace("余额", "结余"), (StatementColumnMissing, {"column": "余额"})),
            (
                lambda batch: a_table(batch, "2026-11-31,1.00,,9199.00,F1,,银行,费").encode("gbk"),
                (StatementCellInvalid, {"row": 5, "column": "交易日期", "found": "2026-11-31"}),
            ),
            (partial(a_workbook, merged=True), (BankCellsMerged, {"row": 3, "column": "G"})),
        ],
    )
    def test_is_refused_whole(
        self,
        db: Connection,
        fund: UUID,
        tmp_path: Path,
        make: Callable[[Any], str | bytes],
        told: tuple[type[Refusal], dict[str, Any]],
    ) -> None:
        refusal, params = told
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        before = all_of_the_bank(db)
        with pytest.raises(refusal) as refused:
            imports(db, tmp_path, fund, make(batch))
        assert params.items() <= refused.value.params.items()
        assert all_of_the_bank(db) == before

    @pytest.mark.parametrize(
        "make",
        [
            partial(a_camt, summary=RIGHT),
            lambda batch: a_camt(batch, summary=RIGHT).replace('"UTF-8"', "'GBK'").encode("gbk"),
            lambda batch: a_table(batch, "合计 3 笔,800.00,10000.00,,,,,").encode("gbk"),
            lambda batch: a_table(batch, "Total,-800.00,,,,,,"),
            partial(a_workbook, merged=False),
        ],
        ids=["camt.053", "camt.053 in GBK", "GBK", "total", "workbook"],
    )
    def test_and_one_that_agrees_is_taken_in_whatever_form(
        self, db: Connection, fund: UUID, tmp_path: Path, make: Callable[[Any], str | bytes]
    ) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        brings(db, tmp_path, batch, a_bank_file(batch))
        taken = imports(db, tmp_path, fund, make(batch))
        assert (taken.lines, taken.matched, taken.closing_fen, taken.ledger_fen) == (3, 3, 9_200_00, 9_200_00)
        assert open_differences(db, fund) == []
