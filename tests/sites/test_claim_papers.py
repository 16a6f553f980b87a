"""The papers of a claim: files and the register of invoices, where each number is claimed once (S11)."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.files import PDF, FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import StoredFile
from contracts.sites.claims import (
    AttachmentAsked,
    AttachmentView,
    AttachPaper,
    EnterInvoice,
    InvoiceAsked,
    InvoiceView,
    MissingPapersAsked,
)
from sites.domain.days import day_of
from sites.operations import claim_papers, claims
from sites.operations.claim_papers import InvoiceRepeated, PaperRepeated, PapersFixed
from sites.queries import claim_queue
from sites.queries.claim_evidence import attachment_file, evidence
from sqlalchemy import Connection, Engine, text

from tests.sites.articles import a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    VISIT,
    Visit,
    a_preparer,
    a_visit,
    an_auditor,
    at_once,
    confirmed,
    put_in,
    submitted,
    the_claim,
    the_id,
    with_reason,
)


@pytest.fixture
def visit(db: Connection) -> Visit:
    money_in_the_fund(db)
    return a_visit(db)


@pytest.fixture
def other(db: Connection, visit: Visit) -> Visit:
    return a_visit(db)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def a_pdf(files: FileStore, words: str = "发票") -> StoredFile:
    return files.put(io.BytesIO(b"%PDF-1.7\n" + words.encode()), name="发票.pdf", media_types={PDF}, max_bytes=10**6)


def attaches(
    db: Connection, files: FileStore, visit: Visit, file: StoredFile, *, kind: str = "invoice", after_s: int = 0
) -> AttachmentView:
    asked = AttachPaper(claim_id=the_id(visit), kind=kind, name=file.name, file=file)
    at = CLOSED + timedelta(seconds=after_s)
    return claim_papers.attach(db, files, asked=asked, actor=visit.steward, at=at)


def an_invoice(visit: Visit, number: str = "25377000000123456789", **rest: Any) -> EnterInvoice:
    given = {"issuer": "淄博某文化公司", "issued_on": day_of(VISIT), "amount_fen": 400_00, **rest}
    return EnterInvoice(claim_id=the_id(visit), number=number, **given)


def enters(db: Connection, visit: Visit, **rest: Any) -> InvoiceView:
    return claim_papers.enter_invoice(db, asked=an_invoice(visit, **rest), actor=visit.steward, at=CLOSED)


class TestInvoices:
    def test_a_number_is_entered_and_missing_no_more(self, db: Connection, visit: Visit) -> None:
        assert the_claim(db, visit).missing_papers == ["invoice", "attachment"]
        entered = enters(db, visit)
        assert (entered.state, entered.amount_fen) == ("live", 400_00)
        assert the_claim(db, visit).missing_papers == ["attachment"]

    def test_the_same_number_at_another_claim_is_told_and_marked(
        self, db: Connection, visit: Visit, other: Visit
    ) -> None:
        enters(db, visit, code="037002300111", number="ab123456")
        told = enters(db, other, code="037002300111", number="AB123456")
        assert (told.state, told.other_claim_id) == ("duplicate", None)  # the site does not see whose it is
        submitted(db, other)
        (mark,) = [one for one in the_claim(db, other).anomalies if one.rule == "duplicate_invoice"]
        assert (mark.other_claim_id, mark.score) == (the_id(visit), 80)
        assert "duplicate_invoice" not in {one.rule for one in the_claim(db, visit).anomalies}
        seen = evidence(db, the_id(other), actor=a_preparer(), at=CLOSED)
        assert [one.other_claim_id for one in seen.invoices] == [the_id(visit)]

    def test_a_number_of_another_code_is_another(self, db: Connection, visit: Visit, other: Visit) -> None:
        enters(db, visit, code="1111111111", number="00000001")
        assert enters(db, other, code="2222222222", number="00000001").state == "live"

    def test_a_rejected_claim_frees_it(self, db: Connection, visit: Visit, other: Visit) -> None:
        enters(db, visit)
        confirmed(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        assert enters(db, other).state == "live"

    def test_the_first_of_its_duplicates_has_it_then(self, db: Connection, visit: Visit, other: Visit) -> None:
        third = a_visit(db)
        for one in (visit, other, third):
            enters(db, one)
        confirmed(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        states = [
            [
                (one.state, one.other_claim_id)
                for one in evidence(db, the_id(of), actor=a_preparer(), at=CLOSED).invoices
            ]
            for of in (visit, other, third)
        ]
        assert sorted(states[1] + states[2], key=str) == [
            ("duplicate", the_id(other) if states[1][0][0] == "live" else the_id(third)),
            ("live", None),
        ]
        assert states[0] == []

    def test_a_lapsed_claim_frees_it(self, db: Connection, visit: Visit, other: Visit) -> None:
        enters(db, visit)
        submitted(db, other)
        claims.lapse(db, at=CLOSED + timedelta(days=62))
        assert enters(db, other).state == "live"

    def test_twice_at_one_claim_is_refused(self, db: Connection, visit: Visit) -> None:
        enters(db, visit)
        with pytest.raises(InvoiceRepeated):
            enters(db, visit)

    def test_taken_back_it_is_free(self, db: Connection, visit: Visit, other: Visit) -> None:
        asked = InvoiceAsked(claim_id=the_id(visit), invoice_id=enters(db, visit).id)
        assert claim_papers.take_back_invoice(db, asked=asked, actor=visit.steward, at=CLOSED).invoices == []
        assert enters(db, other).state == "live"
        with pytest.raises(NotFound):
            claim_papers.take_back_invoice(db, asked=asked, actor=visit.steward, at=CLOSED)

    def test_of_a_day_to_come_it_is_refused(self, db: Connection, visit: Visit) -> None:
        with pytest.raises(InvalidInput):
            enters(db, visit, issued_on=day_of(CLOSED) + timedelta(days=1))

    def test_of_many_claims_at_once_one_has_the_number(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            visits = [a_visit(db) for _ in range(6)]
        states: list[str] = []
        at_once(database, 6, lambda db, number: states.append(enters(db, visits[number]).state))
        assert sorted(states) == ["duplicate"] * 5 + ["live"]
        with database.connect() as db:
            live = db.execute(text("SELECT claim_id FROM claim_invoices WHERE state = 'live'")).scalars().all()
            others = set(
                db.execute(text("SELECT other_claim_id FROM claim_invoices WHERE state = 'duplicate'")).scalars()
            )
        assert others == set(live)

    @pytest.mark.parametrize("state", ["signed", "approved", "batched", "paid", "rejected", "lapsed"])
    def test_a_decided_claim_takes_none(self, db: Connection, visit: Visit, state: str) -> None:
        put_in(db, visit, state)
        with pytest.raises(PapersFixed):
            enters(db, visit)

    def test_only_the_site_brings_them(self, db: Connection, visit: Visit) -> None:
        for stranger, refusal in ((visit.secretary, Forbidden), (a_preparer(), Forbidden)):
            with pytest.raises(refusal):
                claim_papers.enter_invoice(db, asked=an_invoice(visit), actor=stranger, at=CLOSED)


class TestFiles:
    def test_a_pdf_is_attached_and_read_again(self, db: Connection, files: FileStore, visit: Visit) -> None:
        file = a_pdf(files)
        attached = attaches(db, files, visit, file)
        assert (attached.media_type, attached.thumbnail_url, attached.is_duplicate) == (PDF, None, False)
        asked = AttachmentAsked(claim_id=the_id(visit), attachment_id=attached.id)
        assert attachment_file(db, asked=asked, actor=an_auditor()).sha256 == file.sha256
        assert the_claim(db, visit).missing_papers == ["invoice"]
        assert file.sha256 in claim_papers.referred(db)

    def test_the_same_file_at_another_claim_is_told_and_marked(
        self, db: Connection, files: FileStore, visit: Visit, other: Visit
    ) -> None:
        attaches(db, files, visit, a_pdf(files))
        told = attaches(db, files, other, a_pdf(files), after_s=1)
        assert (told.is_duplicate, told.other_claim_id) == (True, None)
        submitted(db, other)
        (mark,) = [one for one in the_claim(db, other).anomalies if one.rule == "duplicate_attachment"]
        assert mark.other_claim_id == the_id(visit)

    def test_twice_at_one_claim_is_refused(self, db: Connection, files: FileStore, visit: Visit) -> None:
        attaches(db, files, visit, a_pdf(files))
        with pytest.raises(PaperRepeated):
            attaches(db, files, visit, a_pdf(files), kind="receipt")

    def test_what_is_not_stored_or_no_pdf_is_refused(self, db: Connection, files: FileStore, visit: Visit) -> None:
        file = a_pdf(files)
        for wrong in (replace(file, sha256="0" * 64), replace(file, media_type="text/html")):
            with pytest.raises(InvalidInput):
                attaches(db, files, visit, wrong)

    def test_while_it_lies_with_the_site_it_is_taken_back(self, db: Connection, files: FileStore, visit: Visit) -> None:
        attached = attaches(db, files, visit, a_pdf(files))
        asked = AttachmentAsked(claim_id=the_id(visit), attachment_id=attached.id)
        assert claim_papers.detach(db, asked=asked, actor=visit.steward, at=CLOSED).attachments == []
        again = attaches(db, files, visit, a_pdf(files))
        submitted(db, visit)
        with pytest.raises(PapersFixed):
            claim_papers.detach(db, asked=replace(asked, attachment_id=again.id), actor=visit.steward, at=CLOSED)


def test_missing_papers_are_listed_by_site_and_month(db: Connection) -> None:
    money_in_the_fund(db)
    site = a_site(db)
    first, second = (a_visit(db, site=site, visit_at=VISIT + timedelta(hours=nth)) for nth in (0, 1))
    a_visit(db)
    enters(db, first)
    rows = claim_queue.missing_papers(db, asked=MissingPapersAsked(), actor=a_preparer()).items
    assert [(row.claims, row.invoices, row.attachments) for row in rows] == [(2, 1, 2), (1, 1, 1)]
    assert rows[0].oldest_on == day_of(VISIT)
    page = claim_queue.missing_papers(db, asked=MissingPapersAsked(limit=1), actor=a_preparer())
    more = claim_queue.missing_papers(db, asked=MissingPapersAsked(limit=1, cursor=page.next), actor=a_preparer())
    assert [row.site.id for row in (*page.items, *more.items)] == [row.site.id for row in rows]
    mine = claim_queue.missing_papers(db, asked=MissingPapersAsked(), actor=second.steward).items
    assert [row.site.id for row in mine] == [site.id]


def test_evidence_shows_the_check_ins(db: Connection, visit: Visit) -> None:
    seen = evidence(db, the_id(visit), actor=visit.steward, at=CLOSED)
    assert [(one.count, one.by, one.happened_at, one.distance_m) for one in seen.check_ins] == [
        (20, "王管理员", VISIT, None)
    ]
    assert seen.members == 20
    with pytest.raises(NotFound):
        evidence(db, uuid4(), actor=visit.steward, at=CLOSED)
