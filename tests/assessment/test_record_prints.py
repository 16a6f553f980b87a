"""The paper form of a record: what stands on it, as PDF and as Word, and who gets it."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from assessment.operations import record_prints, records
from assessment.operations.paper_forms import paper_form
from assessment.operations.record_docx import as_docx
from assessment.operations.record_pdf import as_pdf
from assessment.operations.record_prints import RecordPrintNotReady
from assessment.work import WORK
from chassis import jobs
from chassis.actors import Actor, Forbidden
from chassis.files import FileStore
from chassis.refusals import NotFound
from contracts.assessment.record_prints import PrintHandbook, PrintRecord, RecordPrintAsked
from contracts.assessment.record_templates import RECORD_TEMPLATES, Template
from contracts.assessment.records import KeepRecord, RecordView
from docx import Document
from pypdf import PdfReader
from sqlalchemy import Connection, Engine

from tests.assessment.articles import NOON, a_branch, an_actor
from tests.assessment.test_handbook_records import TODAY, a_lecture, a_roll, kept


@pytest.fixture
def branch(db: Connection) -> UUID:
    branch_id = a_branch(db)
    a_roll(db, branch_id)
    return branch_id


def words_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def words_in(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def an_empty_record(template: Template) -> RecordView:
    return RecordView(
        id=uuid4(),
        branch_id=uuid4(),
        branch_name="蒲家庄党支部",
        template=template.code,
        template_version=template.version,
        state="draft",
        held_on=TODAY,
        subject=None,
        place=None,
        starts_at=None,
        ends_at=None,
        host=None,
        recorder=None,
        minutes=None,
        answers={},
        people={},
        attended=None,
        hours=0,
        order_id=None,
        missing=[],
        fixed=[],
        remarks=[],
        attendance=[],
        decisions=[],
        parts=[],
        changes=[],
        recorded_at=NOON,
        version=1,
    )


def test_a_record_stands_on_paper_as_it_was_written(db: Connection, branch: UUID, secretary: Actor) -> None:
    view = kept(db, a_lecture(branch, minutes="第一段 <重要> & 说明。\n第二段。"), secretary)
    form = paper_form(view, RECORD_TEMPLATES["lecture"], drawn_at=NOON, drawn_by="王书记")
    pdf, word = words_of(as_pdf(form)), words_in(as_docx(form))
    for told in (
        "党课记录",
        "蒲家庄党支部",
        "2026年11月12日",
        "09:00 至 11:00",
        "支部书记",
        "出差",
        "补学",
        "第二段。",
    ):
        assert told in pdf.replace("\n", "") or told in pdf, told
        assert told in word, told
    assert "<重要> & 说明" in word
    assert dict(form.facts)["学时"] == "2"


@pytest.mark.parametrize("template", RECORD_TEMPLATES.values(), ids=lambda template: template.code)
def test_each_template_leaves_room_to_write(template: Template) -> None:
    form = paper_form(an_empty_record(template), template, drawn_at=NOON, drawn_by="王书记")
    assert form.remarks == ("草稿，尚未登记",)
    named = {title for title, _ in (*form.facts, *form.texts)} | {table.title for table in form.tables}
    assert {field.title.zh for field in template.fields if field.kind in ("text", "table")} <= named
    assert words_in(as_docx(form)).startswith(template.title.zh)


def test_a_long_record_runs_over_pages() -> None:
    template = RECORD_TEMPLATES["monthly_study"]
    view = an_empty_record(template)
    long = paper_form(view, template, drawn_at=NOON, drawn_by="王书记")
    form = type(long)(**{**vars(long), "texts": (("会议记录", "学习讨论。\n" * 300),)})
    assert len(PdfReader(io.BytesIO(as_pdf(form))).pages) > 3


def test_the_years_book_has_contents_and_every_record(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_STORE", str(tmp_path))
    secretary = an_actor(("secretary", "3703.370302.t1.b1"))
    with database.begin() as db:
        branch_id = a_branch(db)
        a_roll(db, branch_id)
        kept(db, a_lecture(branch_id, subject="第一讲"), secretary)
        kept(db, a_lecture(branch_id, subject="第二讲"), secretary)
        records.draft(db, given=a_lecture(branch_id, subject="草稿一讲"), actor=secretary, at=NOON)
        asked = record_prints.ask_handbook(db, asked=PrintHandbook(branch_id, 2026), actor=secretary, at=NOON)
        member = an_actor(("member", "3703.370302.t1.b1"))
        with pytest.raises(Forbidden):
            record_prints.ask_handbook(db, asked=PrintHandbook(branch_id, 2026), actor=member, at=NOON)
    assert jobs.run_one(database, WORK.jobs)
    with database.begin() as db:
        stored = record_prints.file_of(db, asked=RecordPrintAsked(asked.id), actor=secretary, at=NOON)
    with FileStore(tmp_path / "record-prints").open(stored.sha256) as file:
        pages = [page.extract_text() for page in PdfReader(file).pages]
    assert "党支部工作手册" in pages[0]
    assert "党课记录：第一讲" in pages[0]
    assert len(pages) == 3
    assert not any("草稿一讲" in page for page in pages)


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_it_is_drawn_by_a_job_for_whoever_asked(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("FILE_STORE", str(tmp_path))
    secretary = an_actor(("secretary", "3703.370302.t1.b1"))
    with database.begin() as db:
        branch_id = a_branch(db)
        a_roll(db, branch_id)
        view = records.draft(db, given=a_lecture(branch_id), actor=secretary, at=NOON)
        records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
        asked = record_prints.ask(db, asked=PrintRecord(view.id, kind), actor=secretary, at=NOON)
        with pytest.raises(Forbidden):
            record_prints.ask(
                db, asked=PrintRecord(view.id), actor=an_actor(("secretary", "3703.370302.t1.b2")), at=NOON
            )
        with pytest.raises(RecordPrintNotReady):
            record_prints.file_of(db, asked=RecordPrintAsked(asked.id), actor=secretary, at=NOON)
    assert jobs.run_one(database, WORK.jobs)
    with database.begin() as db:
        stored = record_prints.file_of(db, asked=RecordPrintAsked(asked.id), actor=secretary, at=NOON)
        assert stored.name == f"党课记录-蒲家庄党支部-2026-11-12.{kind}"
        assert FileStore(tmp_path / "record-prints").has(stored.sha256)
        with pytest.raises(NotFound):
            record_prints.record_print(
                db, asked=RecordPrintAsked(asked.id), actor=an_actor(("officer", "3703")), at=NOON
            )
