"""Payments of dues by file."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import xlsxwriter
from chassis import clock
from chassis.files import CSV, XLSX
from contracts.roster.dues_payments import DuesPaid, PayDuesByFile
from roster.operations import dues_documents, dues_files
from sqlalchemy import Connection

from tests.articles import NOON
from tests.roster.dues import a_payer, pay, reckon
from tests.roster.factories import a_branch
from tests.roster.registers import an_administrator, an_identity_number


class TestFile:
    def rows_of(self, db: Connection, branch: UUID, *rows: list[str]):
        return dues_files.lines_in(db, branch, [["姓名", "月份", "金额", "身份证号"], *rows], at=NOON)

    def test_every_bad_cell_is_told_and_nothing_is_done(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch, name="蒲一")
        paid = a_payer(db, branch=branch, name="蒲二")
        numbers = [an_identity_number(sequence=sequence) for sequence in (11, 13)]
        twins = [a_payer(db, branch=branch, name="蒲三", identity_number=number) for number in numbers]
        reckon(db, branch, "2026-11")
        pay(db, branch, (paid, "2026-11", 4_000))
        with pytest.raises(dues_files.DuesFileFaulty) as told:
            self.rows_of(
                db,
                branch,
                ["蒲一", "2026年11月", "40.00", ""],
                ["蒲一", "202611", "¥40", ""],
                ["蒲二", "2026-11", "40", ""],
                ["蒲三", "2026-11", "40", ""],
                ["蒲三", "2026-11", "39", numbers[0]],
                ["=cmd()", "2026-11", "40", ""],
                ["蒲一", "13月", "四十", ""],
                ["合计", "", "100", ""],
            )
        assert sorted(told.value.errors) == [
            *("rows.3.name", "rows.4.month", "rows.5.identity_number", "rows.6.amount", "rows.7.name"),
            *("rows.8.amount", "rows.8.month", "rows.9.amount"),
        ]
        assert told.value.errors["rows.6.amount"] == ["Exactly 40.00 yuan are owed."]
        found = self.rows_of(
            db, branch, ["蒲三", "2026/11", "40.0", numbers[1]], ["", "", "", ""], ["合计", "", "40", ""]
        )
        assert found == [DuesPaid(twins[1], "2026-11", 4_000)]
        with pytest.raises(dues_files.DuesFileFaulty) as told:
            dues_files.lines_in(db, branch, [["姓名", "金额"]], at=NOON)
        assert list(told.value.errors) == ["rows.1.month"]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
    def test_is_read_as_text_of_either_encoding(self, encoding: str, tmp_path: Path):
        (tmp_path / "x.csv").write_bytes("姓名,金额\n\n 蒲一 ,40\n".encode(encoding))
        with (tmp_path / "x.csv").open("rb") as file:
            assert dues_files.read(file) == [["姓名", "金额"], [], ["蒲一", "40"]]

    def test_may_not_be_longer_than_a_branch_needs(self, tmp_path: Path):
        (tmp_path / "x.csv").write_text("姓名\n" + "蒲一\n" * (dues_files.ROWS_MAX + 2))
        with (tmp_path / "x.csv").open("rb") as file, pytest.raises(dues_files.DuesFileUnreadable):
            dues_files.read(file)

    def test_pays_what_a_workbook_says(self, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        branch = a_branch(db)
        a_payer(db, branch=branch, name="蒲一")
        reckon(db, branch, "2026-11")
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        store, keeper = dues_documents.store(), an_administrator(db, branch)

        def a_file(*, merged: bool = False):
            out = io.BytesIO()
            with xlsxwriter.Workbook(out) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate((("姓名", "月份", "金额"), ("蒲一", "2026-11", 40.0))):
                    sheet.write_row(number, 0, row)
                if merged:
                    sheet.merge_range(3, 0, 3, 2, "合计")
            return store.put(io.BytesIO(out.getvalue()), name="x.xlsx", media_types={XLSX}, max_bytes=10**6)

        with pytest.raises(dues_files.DuesFileMerged):
            dues_files.pay_by_file(db, asked=PayDuesByFile(branch, a_file(merged=True)), actor=keeper, at=NOON)
        done = dues_files.pay_by_file(db, asked=PayDuesByFile(branch, a_file()), actor=keeper, at=NOON)
        assert done.amount_fen == 4_000
        broken = store.put(io.BytesIO(b'"'), name="x.csv", media_types={CSV}, max_bytes=10)
        with pytest.raises(dues_files.DuesFileUnreadable):
            dues_files.pay_by_file(db, asked=PayDuesByFile(branch, broken), actor=keeper, at=NOON)

    def test_what_was_sent_does_not_stay(self, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        sent = "姓名,月份,金额,身份证号\n蒲一,2026-11,40,370302198005179003\n".encode()
        stored = dues_documents.store().put(io.BytesIO(sent), name="x.csv", media_types={CSV}, max_bytes=10**6)
        branch = a_branch(db)
        asked, keeper = PayDuesByFile(branch, stored), an_administrator(db, branch)
        with pytest.raises(dues_files.DuesFileFaulty):
            dues_files.pay_by_file(db, asked=asked, actor=keeper, at=NOON)
        later = clock.now() + timedelta(days=2)
        assert dues_documents.forget(db, dues_documents.store(), at=later) == 1
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
