"""What the bank gets (S12): the same lines, count and control sum in three formats."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from chassis.actors import Forbidden
from chassis.files import FileStore
from chassis.refusals import NotFound
from contracts.envelope import StoredFile
from contracts.sites.batches import BatchView, PaymentFileAsked
from python_calamine import CalamineWorkbook
from sites.operations.payment_files import HEADINGS, PAIN_001, BatchNotApproved, payment_file
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.sites.articles import a_site, money_in_the_fund
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
    brings,
)

ACCOUNTS = {"甲馆": "6222000000001111", "乙馆": "6222000000002222"}


@pytest.fixture
def batch(db: Connection) -> BatchView:
    """Two lines: 400.00 and 380.00 yuan, to two sites."""
    money_in_the_fund(db)
    made = []
    for came, (name, account) in zip((20, 18), ACCOUNTS.items(), strict=True):
        site = a_site(db, name=name)
        a_payee(db, site, account=account)
        made.append(a_visit(db, site=site, came=came))
    return an_approved_batch(db, *made)


def fetch(db: Connection, folder: Path, batch: BatchView, format: str, **who: Any) -> tuple[StoredFile, bytes]:
    files = FileStore(folder)
    asked = PaymentFileAsked(batch_id=batch.id, format=format)
    stored = payment_file(db, files, asked=asked, actor=who.get("by") or a_preparer(), at=CLOSED)
    with files.open(stored.sha256) as stream:
        return stored, stream.read()


def test_csv_has_a_row_for_each_line(db: Connection, tmp_path: Path, batch: BatchView) -> None:
    stored, content = fetch(db, tmp_path, batch, "csv")
    assert (stored.name, stored.media_type, stored.size) == (f"{batch.number}.csv", "text/csv", len(content))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == HEADINGS
    assert {(row["收款人"], row["收款账号"], row["金额"]) for row in rows} == {
        ("甲馆管理单位", ACCOUNTS["甲馆"], "400.00"),
        ("乙馆管理单位", ACCOUNTS["乙馆"], "380.00"),
    }
    assert [row["明细编号"] for row in rows] == [str(line.id) for line in batch.lines]
    assert [row["序号"] for row in rows] == ["1", "2"]
    assert {row["用途"] for row in rows} == {"2026年11月11日 甲馆活动补贴", "2026年11月11日 乙馆活动补贴"}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_a_name_in_the_csv_is_never_a_formula(db: Connection, tmp_path: Path, sign: str) -> None:
    name = f"{sign}HYPERLINK(A1)馆"
    money_in_the_fund(db)
    site = a_site(db, name=name)
    a_payee(db, site)
    _, content = fetch(db, tmp_path, an_approved_batch(db, a_visit(db, site=site)), "csv")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["收款人"] == f"'{name}管理单位"


def test_the_workbook_ends_with_count_and_control_sum(db: Connection, tmp_path: Path, batch: BatchView) -> None:
    stored, content = fetch(db, tmp_path, batch, "xlsx")
    assert stored.name == f"{batch.number}.xlsx"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert tuple(rows[0]) == HEADINGS
    assert [row[HEADINGS.index("金额")] for row in rows[1:]] == [
        *(f"{line.amount_fen // 100}.00" for line in batch.lines),
        "780.00",
    ]
    assert rows[-1][0] == "合计 2 笔"
    # Account numbers are text: as numbers they would lose digits.
    assert {row[HEADINGS.index("收款账号")] for row in rows[1:-1]} == set(ACCOUNTS.values())


def test_pain_001_says_the_same(db: Connection, tmp_path: Path, batch: BatchView) -> None:
    stored, content = fetch(db, tmp_path, batch, "pain.001")
    assert (stored.name, stored.media_type) == (f"{batch.number}.xml", "application/xml")
    document = ET.fromstring(content)  # noqa: S314 - our own
    names = {"p": PAIN_001}

    def found(path: str) -> list[str | None]:
        steps = "/".join(f"p:{step}" for step in path.split("/"))
        return [element.text for element in document.findall(f"p:CstmrCdtTrfInitn/{steps}", names)]

    assert document.tag == f"{{{PAIN_001}}}Document"
    assert found("GrpHdr/MsgId") == found("PmtInf/PmtInfId") == [batch.number]
    assert found("GrpHdr/NbOfTxs") == found("PmtInf/NbOfTxs") == ["2"]
    assert found("GrpHdr/CtrlSum") == found("PmtInf/CtrlSum") == ["780.00"]
    assert found("GrpHdr/CreDtTm") == ["2026-11-11T14:00:00+08:00"]
    assert found("PmtInf/ReqdExctnDt/Dt") == ["2026-11-11"]
    assert found("PmtInf/DbtrAcct/Id/Othr/Id") == ["6222000000000000"]
    assert found("PmtInf/CdtTrfTxInf/PmtId/InstrId") == [line.id.hex for line in batch.lines]
    assert found("PmtInf/CdtTrfTxInf/PmtId/EndToEndId") == [f"{batch.number}-{place:05d}" for place in (1, 2)]
    assert found("PmtInf/CdtTrfTxInf/Amt/InstdAmt") == [f"{line.amount_fen // 100}.00" for line in batch.lines]
    assert set(found("PmtInf/CdtTrfTxInf/CdtrAcct/Id/Othr/Id")) == set(ACCOUNTS.values())
    assert {amount.get("Ccy") for amount in document.iter(f"{{{PAIN_001}}}InstdAmt")} == {"CNY"}


# The sequences of the schema's complex types, as far as we use them: https://www.iso20022.org (pain.001.001.09).
SEQUENCES = {
    "CstmrCdtTrfInitn": ["GrpHdr", "PmtInf"],
    "GrpHdr": ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"],
    "PmtInf": [
        "PmtInfId",
        "PmtMtd",
        "NbOfTxs",
        "CtrlSum",
        "ReqdExctnDt",
        "Dbtr",
        "DbtrAcct",
        "DbtrAgt",
        "CdtTrfTxInf",
    ],
    "CdtTrfTxInf": ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"],
    "PmtId": ["InstrId", "EndToEndId"],
    "FinInstnId": ["ClrSysMmbId", "Nm"],
    "ClrSysMmbId": ["ClrSysId", "MmbId"],
}
LONGEST = {"MsgId": 35, "PmtInfId": 35, "InstrId": 35, "EndToEndId": 35, "Nm": 140, "Ustrd": 140, "MmbId": 35, "Id": 34}


def test_pain_001_keeps_the_sequence_and_lengths_of_the_schema(
    db: Connection, tmp_path: Path, batch: BatchView
) -> None:
    document = ET.fromstring(fetch(db, tmp_path, batch, "pain.001")[1])  # noqa: S314 - our own
    for element in document.iter():
        name = element.tag.removeprefix(f"{{{PAIN_001}}}")
        if name in SEQUENCES:
            children = [child.tag.removeprefix(f"{{{PAIN_001}}}") for child in element]
            places = [SEQUENCES[name].index(child) for child in children]
            assert places == sorted(places)
        if name in LONGEST and len(element) == 0:
            assert 1 <= len(element.text or "") <= LONGEST[name]


@pytest.mark.parametrize("format", ["csv", "xlsx", "pain.001"])
def test_is_the_same_each_time(
    db: Connection, tmp_path: Path, batch: BatchView, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = fetch(db, tmp_path / "one", batch, format)
    brings(db, tmp_path, batch, a_bank_file(batch))
    monkeypatch.setattr("time.time", (CLOSED + timedelta(days=3)).timestamp)
    again, _ = fetch(db, tmp_path / "two", batch, format)
    assert again == first


def test_exists_only_of_an_approved_batch(db: Connection, tmp_path: Path) -> None:
    money_in_the_fund(db)
    prepared = a_batch(db, a_visit(db))
    with pytest.raises(BatchNotApproved, match="waiting for approval"):
        fetch(db, tmp_path, prepared, "csv")
    assert not list(tmp_path.iterdir())


def test_is_for_preparers_and_who_took_it_is_kept(db: Connection, tmp_path: Path, batch: BatchView) -> None:
    for other in (an_approver(), an_auditor()):
        with pytest.raises(Forbidden):
            fetch(db, tmp_path, batch, "csv", by=other)
    with pytest.raises(NotFound):
        fetch(db, tmp_path, batch, "csv", by=a_preparer(path="3703.370303"))
    preparer = a_preparer("李经办")
    stored, _ = fetch(db, tmp_path, batch, "csv", by=preparer)
    taken = db.execute(text("SELECT format, sha256, by_id, by_name FROM payment_files")).one()
    assert tuple(taken) == ("csv", stored.sha256, preparer.person_id, "李经办")
    with pytest.raises(DBAPIError, match="permission denied"):
        db.execute(text("DELETE FROM payment_files"))


def test_no_account_number_stands_open_in_the_database(db: Connection, batch: BatchView) -> None:
    for account in ACCOUNTS.values():
        standing = db.execute(
            text("SELECT count(*) FROM payees WHERE payees::text LIKE :it OR position(:raw IN account) > 0"),
            {"it": f"%{account}%", "raw": account.encode()},
        ).scalar_one()
        assert standing == 0
    assert {line.payee_account_masked for line in batch.lines} == {"**** 1111", "**** 2222"}
