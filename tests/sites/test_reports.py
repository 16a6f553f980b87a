"""Reports (S13): their figures are the tables', their PDF embeds its font, their workbook holds no formula."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pypdf
import pytest
import python_calamine
from chassis import jobs, pdf
from chassis.actors import Forbidden, Grant
from chassis.amounts import in_words, yuan
from chassis.files import FileStore
from chassis.pdf import FontMissing
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.claims import CLAIM_REASONS
from contracts.sites.reports import REPORT_KINDS, REPORTS_FOLDER, AskReport, ReportAsked, ReportsAsked
from sites.domain import batches, claims, ledger, orders, report_words
from sites.domain.days import said as moment
from sites.domain.documents import Column, Document, Grid, text_of
from sites.domain.report_words import cut_words, line_words, named
from sites.operations import reports
from sites.operations.report_pdf import as_pdf
from sites.operations.report_xlsx import as_xlsx
from sites.queries import books
from sites.queries import reports as report_queries
from sites.work import WORK
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, Branch, Site, a_branch, a_secretary, a_site, a_steward, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    a_bank_file,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_auditor,
    approved,
    brings,
    the_id,
)

LATER = CLOSED + timedelta(days=10)
LONG = "淄川区昆仑镇两新组织综合党委第三联合党支部（含宏达精密机械有限公司、=SUM(A1:A9)）"


@dataclass(frozen=True)
class Month:
    """A month with a paid claim, one approved and one to come."""

    fund_id: UUID
    site: Site
    branch: Branch
    claim_id: UUID
    batch_id: UUID

    def asks(self, kind: str, **rest: Any) -> AskReport:
        subjects = {
            "settlement_statement": {"fund_id": self.fund_id, "period": PERIOD},
            "budget_execution": {"fund_id": self.fund_id, "year": 2026},
            "publicity_list": {"batch_id": self.batch_id},
            "site_statement": {"site_id": self.site.id, "year": 2026},
            "branch_costs": {"branch_id": self.branch.id, "year": 2026},
            "claim_file": {"claim_id": self.claim_id},
            "statistics": {"from_day": date(2026, 11, 1), "to_day": date(2026, 11, 30)},
            "ledger_book": {"fund_id": self.fund_id, "year": 2026},
            "vouchers": {"fund_id": self.fund_id, "period": PERIOD},
        }
        return AskReport(kind=kind, **{**subjects[kind], **rest})  # type: ignore[arg-type]


def a_month(db: Connection, folder: Path) -> Month:
    fund = money_in_the_fund(db)
    site = a_site(db, name="蒲松龄纪念馆", town="洪山镇")
    a_payee(db, site)
    branch = a_branch(db, name=LONG)
    paid = a_visit(db, site=site, branch=branch)
    batch = an_approved_batch(db, paid)
    brings(db, folder, batch, a_bank_file(batch))
    approved(db, a_visit(db, came=50, party_size=50))
    a_visit(db, site=site, visit_at=VISIT + timedelta(hours=4), came=7)
    return Month(fund, site, branch, the_id(paid), batch.id)


def the_text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """The fonts that pages use, with whether each is in the file."""
    found = {}
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()
            about = font.get("/FontDescriptor") or font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            found[font["/BaseFont"]] = "/FontFile2" in about.get_object()
    return found


def sheets_of(xlsx: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(xlsx))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def a_document(**rest: Any) -> Document:
    grid = Grid(
        "一、明细", (Column("党支部", width=2), Column("金额（元）", "money")), [(LONG, 123456)], ("合计", 123456)
    )
    fields: dict[str, Any] = {"grids": [grid], "signatures": ("制表", "复核"), **rest}
    return Document(title="结算表", subject="专项经费", period="2026年11月", counted_at=CLOSED, **fields)


class TestDocument:
    def test_cells_and_rows_as_they_are_printed(self) -> None:
        assert text_of(-123456, "money") == "-1,234.56"
        assert text_of(0.256, "share") == "25.6%"
        assert text_of(None, "money") == ""
        assert [named("2026-Q4", "quarter"), named("2026-01", "month")] == ["2026年第四季度", "2026年1月"]


class TestWords:
    """A code that has no word would stand in a form that somebody signs."""

    @pytest.mark.parametrize(
        ("codes", "words"),
        [
            (claims.STATES, report_words.CLAIM_STATES),
            ({"draft", *claims.MOVES}, report_words.MOVES),
            (CLAIM_REASONS, report_words.CLAIM_REASONS),
            (batches.STATES, report_words.BATCH_STATES),
            ({"place", "amend", *orders.MOVES}, report_words.ORDER_MOVES),
            (ledger.REASONS, books.REASONS),
        ],
    )
    def test_every_code_has_one(self, codes: Iterable[str], words: dict[str, str]) -> None:
        assert set(codes) - set(words) == set()

    def test_a_lowered_amount_is_told_in_chinese(self) -> None:
        line = {"rule": "lowered", "inputs": {"code": "amount_wrong", "before_fen": 440_00}, "amount_fen": -40_00}
        assert line_words(line) == ("财务核减", "金额有误，应付440.00元")
        assert cut_words([line]) == "财务核减（-40.00）"


class TestFiles:
    def test_a_pdf_embeds_its_chinese_font_as_a_subset(self) -> None:
        pdf = as_pdf(a_document())
        fonts = fonts_of(pdf)
        assert fonts
        assert all(fonts.values())
        assert all("+" in name for name in fonts)  # ABCDEF+Name: a subset
        assert len(pdf) < 200_000

    def test_names_wrap_and_nothing_is_lost(self) -> None:
        said = the_text(as_pdf(a_document())).replace("\n", "")
        assert LONG in said
        assert "1,234.56" in said

    def test_a_long_table_repeats_its_head_and_numbers_its_pages(self) -> None:
        grid = Grid(
            "明细", (Column("党支部", width=2), Column("金额", "money")), [(f"第{n}支部", n) for n in range(200)]
        )
        pages = pypdf.PdfReader(io.BytesIO(as_pdf(a_document(grids=[grid])))).pages
        assert len(pages) > 3
        for number, page in enumerate(pages, 1):
            said = page.extract_text()
            assert f"第 {number} 页 共 {len(pages)} 页" in said
            assert f"数据截至 {moment(CLOSED)}" in said
        assert all("党支部" in page.extract_text() for page in pages[:-1])

    def test_without_the_font_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REPORT_FONT", "/nowhere.ttc")
        monkeypatch.setattr(pdf, "getRegisteredFontNames", list)
        with pytest.raises(FontMissing, match="fonts-wqy-zenhei"):
            as_pdf(a_document())

    def test_no_cell_of_a_workbook_is_a_formula(self) -> None:
        grid = Grid(
            "明细", (Column("名称"), Column("金额", "money")), [("=1+1", 12345), ("@x", None), ("http://a.cn", 1)]
        )
        xlsx = as_xlsx(a_document(grids=[grid]))
        sheets = sheets_of(xlsx)
        assert (
            sheets["1 明细"]
            == [["名称", "金额"], ["=1+1", 123.45], ["@x", ""], ["http://a.cn", 0.01], ["合计", 1234.56]][:4]
        )
        import zipfile

        with zipfile.ZipFile(io.BytesIO(xlsx)) as book:
            assert not any(b"<f>" in book.read(name) for name in book.namelist() if "sheet" in name)
        assert ["期间", "2026年11月"] in sheets["说明"]


class TestReports:
    @pytest.mark.parametrize("kind", REPORT_KINDS)
    def test_each_kind_says_its_period_moment_and_page(self, db: Connection, tmp_path: Path, kind: str) -> None:
        month = a_month(db, tmp_path)
        found = report_queries.document(db, month.asks(kind), actor=an_auditor(), at=LATER)
        pdf = as_pdf(found)
        (tmp_path / f"{kind}.pdf").write_bytes(pdf)
        said = the_text(pdf).replace("\n", "")
        for part in (found.title, found.subject, found.period, f"数据截至 {moment(LATER)}", "第 1 页 共"):
            assert part in said
        for name, value in found.facts:
            assert name in said
            assert value.replace(" ", "") in said.replace(" ", "")
        assert all(fonts_of(pdf).values())
        assert "张" not in said or kind != "publicity_list"

    def test_the_settlement_statement_is_what_the_claims_say(self, db: Connection, tmp_path: Path) -> None:
        month = a_month(db, tmp_path)
        found = report_queries.document(db, month.asks("settlement_statement"), actor=a_preparer(), at=LATER)
        sums = "SELECT sum(asked_fen)::bigint, sum(approved_fen)::bigint, sum(paid_fen)::bigint FROM claims"
        asked, approved_fen, paid = db.execute(text(sums)).one()
        by_site, lines = found.grids
        assert by_site.total is not None
        assert lines.total is not None
        assert (by_site.total[5], by_site.total[6], by_site.total[8]) == (asked, approved_fen, paid)
        assert (lines.total[8], lines.total[9]) == (asked, approved_fen)
        for place in range(3, 9):
            assert sum(row[place] or 0 for row in by_site.rows) == by_site.total[place]  # type: ignore[misc]
        facts = dict(found.facts)
        assert facts["核定金额"] == f"{yuan(approved_fen)}元"
        assert facts["核定金额（大写）"] == in_words(approved_fen)
        rows = sheets_of(as_xlsx(found))["2 补单明细"]
        assert rows[-1][8] == asked / 100
        assert sum(row[8] for row in rows[1:-1]) == pytest.approx(asked / 100)

    def test_budget_execution_is_what_the_ledger_says(self, db: Connection, tmp_path: Path) -> None:
        month = a_month(db, tmp_path)
        found = report_queries.document(db, month.asks("budget_execution"), actor=an_auditor(), at=LATER)
        year = db.execute(text("SELECT * FROM fund_years WHERE fund_id = :id"), {"id": month.fund_id}).one()
        months, *places = found.grids
        assert months.total is not None
        assert months.total[1:] == (
            *(year.appropriated_fen, year.encumbered_fen, year.payable_fen + year.paid_fen),
            *(year.paid_fen, year.available_fen),
        )
        for grid in places:  # by site = by town = by category = the fund
            assert grid.total is not None
            assert grid.total[1:] == (year.payable_fen + year.paid_fen, year.paid_fen, year.payable_fen)

    def test_a_publicity_list_names_no_person_and_no_account(self, db: Connection, tmp_path: Path) -> None:
        month = a_month(db, tmp_path)
        found = report_queries.document(db, month.asks("publicity_list"), actor=an_auditor(), at=LATER)
        said = the_text(as_pdf(found))
        assert "400.00" in said
        account = db.execute(text("SELECT account_masked FROM payees LIMIT 1")).scalar_one()
        for private in ("李书记", "赵经办", "钱复核", LONG[:6], account, account[-4:]):
            assert private not in said

    def test_a_claim_file_holds_the_whole_way(self, db: Connection, tmp_path: Path) -> None:
        month = a_month(db, tmp_path)
        found = report_queries.document(db, month.asks("claim_file"), actor=an_auditor(), at=LATER)
        said = the_text(as_pdf(found)).replace("\n", "")
        for part in ("经办核定", "银行已支付", "赵经办", "钱复核", "2056年12月31日", "每场基数", "BANK000000"):
            assert part in said
        assert found.grids[0].total == ("合计", None, 400_00)
        assert len(found.grids[-1].rows) == 3  # set aside, owed, paid

    @pytest.mark.parametrize("kind", REPORT_KINDS)
    def test_who_sees_nothing_there_gets_nothing(self, db: Connection, tmp_path: Path, kind: str) -> None:
        month = a_month(db, tmp_path)
        stranger = an_actor(("auditor", "9999"), ("steward", "9999"), ("secretary", "9999"), name="外人")
        if kind == "statistics":
            found = report_queries.document(db, month.asks(kind), actor=stranger, at=LATER)
            assert found.grids[1].rows == []
            return
        with pytest.raises((Forbidden, NotFound)):
            report_queries.document(db, month.asks(kind), actor=stranger, at=LATER)
        with pytest.raises((Forbidden, NotFound)):
            reports.ask(db, asked=month.asks(kind), actor=stranger, at=LATER)

    def test_what_it_cannot_do_without_is_named(self, db: Connection) -> None:
        with pytest.raises(InvalidInput) as told:
            reports.ask(db, asked=AskReport(kind="settlement_statement"), actor=an_auditor(), at=LATER)
        assert set(told.value.errors) == {"fund_id", "period"}

    @pytest.mark.parametrize("kind", ["site_statement", "branch_costs", "statistics"])
    def test_says_of_which_fund_it_is_and_can_be_of_one(self, db: Connection, tmp_path: Path, kind: str) -> None:
        month = a_month(db, tmp_path)
        other = money_in_the_fund(db, path=f"{DISTRICT}.elsewhere")
        db.execute(text("UPDATE funds SET name = code || '经费'"))
        name = db.execute(text("SELECT name FROM funds WHERE id = :id"), {"id": month.fund_id}).scalar_one()

        def told(fund_id: UUID | None) -> tuple[str, Any]:
            asked = month.asks(kind, fund_id=fund_id)
            found = report_queries.document(db, asked, actor=an_auditor(), at=LATER)
            title = report_queries.title_of(db, asked, actor=an_auditor(), at=LATER)
            assert (name in title) == (fund_id == month.fund_id)
            facts = dict(found.facts)
            return facts["经费"], facts["核定补贴"] if kind == "statistics" else len(found.grids[-1].rows)

        whole, figure = told(None)
        assert whole == (name if kind != "statistics" else "不限经费（含未补贴的活动）")
        assert told(month.fund_id) == (name, figure)
        of_other, nothing = told(other)
        assert name not in of_other
        assert nothing != figure
        with pytest.raises(NotFound):
            report_queries.title_of(db, month.asks(kind, fund_id=uuid4()), actor=an_auditor(), at=LATER)

    def test_secretary_and_steward_get_their_own(self, db: Connection, tmp_path: Path) -> None:
        month = a_month(db, tmp_path)
        for actor, kind in ((a_secretary(month.branch), "branch_costs"), (a_steward(month.site), "site_statement")):
            found = report_queries.document(db, month.asks(kind), actor=actor, at=LATER)
            assert found.grids[-1].rows


class TestJobs:
    @pytest.fixture(autouse=True)
    def folder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        return tmp_path

    def test_asked_for_made_fetched_and_forgotten(self, database: Engine, folder: Path) -> None:
        actor = an_auditor()
        with database.begin() as db:
            month = a_month(db, folder)
            asked = reports.ask(db, asked=month.asks("settlement_statement", format="pdf"), actor=actor, at=LATER)
            assert (asked.state, asked.file) == ("waiting", None)
            with pytest.raises(reports.ReportNotReady):
                reports.file_of(db, asked=ReportAsked(asked.id), actor=actor, at=LATER)
        kinds = {reports.JOB: WORK.jobs[reports.JOB]}
        assert jobs.run_one(database, kinds)
        with database.begin() as db:
            made = reports.report(db, asked=ReportAsked(asked.id), actor=actor, at=LATER)
            assert made.state == "done", made.error
            assert made.done >= 1
            file = reports.file_of(db, asked=ReportAsked(asked.id), actor=actor, at=LATER)
            assert file.name == "组织生活点补贴月度结算表-专项经费-2026年11月.pdf"
            elsewhere = replace(actor, grants=(Grant("auditor", "9999"),))
            with pytest.raises((Forbidden, NotFound)):
                reports.file_of(db, asked=ReportAsked(asked.id), actor=elsewhere, at=LATER)
            assert "专项经费" in the_text(FileStore(folder / REPORTS_FOLDER).open(file.sha256).read())
            assert [one.id for one in reports.own(db, asked=ReportsAsked(), actor=actor, at=LATER).items] == [asked.id]
            with pytest.raises(NotFound):
                reports.report(db, asked=ReportAsked(asked.id), actor=an_auditor(), at=LATER)
            gone = LATER + timedelta(days=7)
            with pytest.raises(NotFound):
                reports.report(db, asked=ReportAsked(asked.id), actor=actor, at=gone)
            assert reports.forget(db, reports.store(), at=gone + timedelta(days=400)) == 1
            assert not FileStore(folder / REPORTS_FOLDER).has(file.sha256)

    def test_five_at_once_are_enough_for_one_person(self, database: Engine, folder: Path) -> None:
        actor = an_auditor()
        with database.begin() as db:
            for _ in range(reports.AT_ONCE_MAX):
                reports.ask(db, asked=AskReport(kind="statistics"), actor=actor, at=LATER)
            with pytest.raises(reports.TooManyReports):
                reports.ask(db, asked=AskReport(kind="statistics"), actor=actor, at=LATER)
            reports.ask(db, asked=AskReport(kind="statistics"), actor=an_auditor(), at=LATER)
