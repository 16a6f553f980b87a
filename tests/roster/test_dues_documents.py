"""Documents of dues."""

from pathlib import Path

import pytest
from chassis import jobs
from chassis.files import FileStore
from chassis.jobs import Kind
from chassis.refusals import NotFound
from contracts.envelope import load
from contracts.roster.dues_documents import DuesDocumentAsked, MakeDuesDocument
from roster.operations import dues_documents
from sqlalchemy import Engine, text

from tests.articles import NOON
from tests.roster.dues import a_payer, pay, reckon
from tests.roster.factories import a_branch
from tests.roster.registers import an_administrator


class TestDocuments:
    @pytest.mark.parametrize(
        ("document", "form"), [("receipts", "pdf"), ("statement", "pdf"), ("statement", "xlsx"), ("rollup", "xlsx")]
    )
    def test_are_drawn_by_work_for_whoever_asked(self, database: Engine, tmp_path: Path, document: str, form: str):
        with database.begin() as db:
            branch = a_branch(db)
            person = a_payer(db, branch=branch, name="=蒲志明", amount_fen=777_700)
            reckon(db, branch, "2026-11")
            paid = pay(db, branch, (person, "2026-11", 11_666))
            keeper = an_administrator(db, branch)
            asked = MakeDuesDocument(document, form, branch, "2026-11", paid.receipts)
            made = dues_documents.ask(db, asked=asked, actor=keeper, at=NOON)
            assert "777700" not in db.execute(text("SELECT string_agg(params::text, '') FROM jobs")).scalar_one()
        files = FileStore(tmp_path)
        kinds = {
            dues_documents.JOB: Kind(
                dues_documents.JOB, lambda db, job, *, at: dues_documents.draw(db, files, job, at=at)
            )
        }
        assert jobs.run_one(database, kinds)
        with database.begin() as db:
            view = dues_documents.document(db, asked=DuesDocumentAsked(made.id), actor=keeper, at=NOON)
            assert (view.state, view.error) == ("done", None)
            drawn = files.open(view.file.sha256).read()
            assert drawn.startswith(b"%PDF-" if form == "pdf" else b"PK")
            with pytest.raises(NotFound):
                dues_documents.document(
                    db, asked=DuesDocumentAsked(made.id), actor=an_administrator(db, branch), at=NOON
                )

    def test_a_bounded_form_is_loaded_at_the_door(self):
        asked = load(MakeDuesDocument, {"document": "receipts", "format": "pdf"})
        assert (asked.receipt_ids, asked.month) == ([], None)
