"""Files show that tasks, items of weak organisations and consequences of reviews are done; none is ever demanded."""

import io
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import evidence, review_consequences, task_lists, task_making
from assessment.operations import tasks as doing
from assessment.operations import weak_organisations as weak
from assessment.operations.review_consequences import OwnConsequence
from assessment.operations.tasks import TaskNeedsRecord
from assessment.queries import evidence as files_of
from assessment.queries import tasks as shown
from chassis.actors import Actor, Forbidden
from chassis.files import PDF, FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.evidence import EVIDENCE_SUBJECTS, AddEvidence, EvidenceAsked, RemoveEvidence
from contracts.assessment.reviews import FulfilConsequence
from contracts.assessment.task_lists import AddTask
from contracts.assessment.tasks import AcceptTask, DoTask, ReturnTask, TaskAsked, TasksAsked, TaskView
from contracts.assessment.weak_organisations import AcceptWeakItem, DoWeakItem
from contracts.envelope import StoredFile
from sqlalchemy import Connection, Engine

from tests import articles
from tests.assessment import test_weak_organisations as weakly
from tests.assessment.articles import a_branch, an_actor, at
from tests.assessment.reviewed import NOON as REVIEWED_ON
from tests.assessment.reviewed import Town, a_town
from tests.races import at_once

NOON = at(11, 12)
BRANCH = "3703.370302.t1.b1"
OFFICER = an_actor(("officer", "3703.370302"))
SECRETARY = an_actor(("secretary", BRANCH))
MEMBER = an_actor(("member", BRANCH))
NEIGHBOUR = an_actor(("secretary", "3703.370302.t1.b2"))

Add = Callable[..., UUID]


@pytest.fixture
def add(db: Connection, tmp_path: Path) -> Add:
    """Store a document and add it to what is named; returns the evidence's id."""
    store = FileStore(tmp_path)

    def added(actor: Actor, content: bytes = b"1", **subject: UUID) -> UUID:
        stream = io.BytesIO(b"%PDF-" + content)
        file = store.put(stream, name="方案.pdf", media_types={PDF}, max_bytes=1000)
        return evidence.add(db, store, asked=AddEvidence(file, **subject), actor=actor, at=NOON).id

    return added


def sees(db: Connection, evidence_id: UUID, actor: Actor) -> StoredFile:
    return files_of.file_of(db, asked=EvidenceAsked(evidence_id), actor=actor)


def a_task(db: Connection, shown_by: str = "file", **how: Any) -> TaskView:
    branch = a_branch(db, path=BRANCH)
    asked = AddTask(
        organisation_id=branch,
        list_code="basic_tasks",
        text="报送整改方案",
        due_on=date(2026, 11, 25),
        doer="secretary",
        evidence=shown_by,
        **how,
    )
    task_lists.add_task(db, asked=asked, actor=OFFICER, at=NOON)
    task_making.make_added(db, at=NOON)
    (task,) = [
        one
        for one in shown.tasks_asked(db, asked=TasksAsked(branch_id=branch), actor=OFFICER, at=NOON).items
        if one.text_of_task == asked.text
    ]
    return task


class TestTasks:
    def test_a_document_is_added_or_said_where_it_is(self, db: Connection, add: Add) -> None:
        task = a_task(db)
        with pytest.raises(InvalidInput) as wrong, db.begin_nested():
            doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        assert "text" in wrong.value.errors
        with db.begin_nested() as undone:
            done = doing.do(db, asked=DoTask(task_id=task.id, text="存镇党建办"), actor=SECRETARY, at=NOON)
            assert (done.state, done.files) == ("done", [])
            undone.rollback()
        file = add(SECRETARY, task_id=task.id)
        done = doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        assert (done.state, [one.id for one in done.files]) == ("done", [file])
        with pytest.raises(evidence.EvidenceKept):
            add(SECRETARY, b"2", task_id=task.id)
        with pytest.raises(evidence.EvidenceKept):
            evidence.remove(db, asked=RemoveEvidence(file), actor=SECRETARY, at=NOON)

    def test_is_seen_by_whoever_sees_the_task(self, db: Connection, add: Add) -> None:
        file = add(SECRETARY, task_id=a_task(db, "text").id)
        assert sees(db, file, MEMBER).name == "方案.pdf"
        assert sees(db, file, OFFICER).media_type == PDF
        with pytest.raises(Forbidden):
            sees(db, file, NEIGHBOUR)
        with pytest.raises(NotFound):
            sees(db, uuid4(), OFFICER)

    def test_only_the_branch_adds_and_only_oneself_takes_away(self, db: Connection, add: Add) -> None:
        task = a_task(db, "none")
        for other in (OFFICER, MEMBER, NEIGHBOUR):
            with pytest.raises(Forbidden):
                add(other, task_id=task.id)
        file = add(SECRETARY, task_id=task.id)
        colleague = an_actor(("administrator", BRANCH))
        with pytest.raises(Forbidden):
            evidence.remove(db, asked=RemoveEvidence(file), actor=colleague, at=NOON)
        evidence.remove(db, asked=RemoveEvidence(file), actor=SECRETARY, at=NOON)
        assert shown.task(db, asked=TaskAsked(task.id), actor=MEMBER, at=NOON).files == []

    def test_what_is_given_back_takes_more_files(self, db: Connection, add: Add) -> None:
        task = a_task(db, needs_acceptance=True)
        add(SECRETARY, task_id=task.id)
        doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        doing.give_back(db, asked=ReturnTask(task.id, "缺时间表"), actor=OFFICER, at=NOON)
        add(SECRETARY, b"2", task_id=task.id)
        doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        assert len(doing.accept(db, asked=AcceptTask(task.id), actor=OFFICER, at=NOON).files) == 2

    def test_a_record_has_its_own_pictures(self, db: Connection, add: Add) -> None:
        task = a_task(db, "record", record_template="theme_day")
        with pytest.raises(TaskNeedsRecord):
            add(SECRETARY, task_id=task.id)


def test_who_reports_and_who_takes_the_only_file_away_cannot_both(database: Engine, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    file = store.put(io.BytesIO(b"%PDF-1"), name="方案.pdf", media_types={PDF}, max_bytes=1000)
    with database.begin() as db:
        task = a_task(db)
        asked = AddEvidence(file, task_id=task.id)
        kept = evidence.add(db, store, asked=asked, actor=SECRETARY, at=NOON).id
    report = partial(weakly.alone, database, doing.do, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
    take = partial(weakly.alone, database, evidence.remove, asked=RemoveEvidence(kept), actor=SECRETARY, at=NOON)
    told = [one if isinstance(one, str) else "done" for one in at_once([report, take, take])]
    with database.connect() as db:
        view = shown.task(db, asked=TaskAsked(task.id), actor=SECRETARY, at=NOON)
    if view.state == "done":
        assert ([one.id for one in view.files], told) == ([kept], ["done", "evidence-kept", "evidence-kept"])
    else:
        assert (view.files, told[0], told[1:].count("done")) == ([], "invalid-input", 1)


def test_an_item_of_a_weak_organisation_is_shown_with_files(db: Connection, add: Add) -> None:
    entry = weakly.listed(db, "选好书记")
    item_id = entry.items[0].id
    secretary, town = weakly.SECRETARY, weakly.DRAWER
    with pytest.raises(Forbidden):
        add(weakly.STRANGER, weak_item_id=item_id)
    file = add(secretary, weak_item_id=item_id)
    weak.do(db, asked=DoWeakItem(item_id=item_id, evidence="已选出"), actor=secretary, at=weakly.LATER)
    with pytest.raises(evidence.EvidenceKept):
        evidence.remove(db, asked=RemoveEvidence(file), actor=secretary, at=NOON)
    accepted = weak.accept(db, asked=AcceptWeakItem(item_id), actor=town, at=weakly.LATER)
    assert [one.id for one in accepted.items[0].files] == [file]
    assert sees(db, file, secretary) == sees(db, file, town)
    with pytest.raises(Forbidden):
        sees(db, file, weakly.STRANGER)


def test_a_consequence_of_a_review_is_shown_with_files(db: Connection, add: Add) -> None:
    town: Town = a_town(db)
    talk = next(one for one in town.grade(0, "poor").consequences if one.kind == "talk")
    assert "add_evidence" in talk.can
    with pytest.raises(Forbidden):
        add(town.secretary(0), review_consequence_id=talk.id)
    oneself = articles.an_actor(("officer", "3703.370302"), person=town.secretary(0).person_id, at=NOON)
    with pytest.raises(OwnConsequence):
        add(oneself, review_consequence_id=talk.id)
    file = add(town.officer, review_consequence_id=talk.id)
    asked = FulfilConsequence(talk.id, REVIEWED_ON.date(), "谈话记录")
    done = review_consequences.fulfil(db, asked=asked, actor=town.officer, at=REVIEWED_ON)
    assert ([one.id for one in done.files], done.can) == ([file], [])
    with pytest.raises(evidence.EvidenceKept):
        add(town.officer, b"2", review_consequence_id=talk.id)
    assert sees(db, file, town.secretary(0)).name == "方案.pdf"
    with pytest.raises(Forbidden):
        sees(db, file, town.secretary(1))


@pytest.mark.parametrize("subject", EVIDENCE_SUBJECTS)
def test_what_does_not_exist_takes_no_file(add: Add, subject: str) -> None:
    with pytest.raises(NotFound):
        add(OFFICER, **{subject: uuid4()})
    with pytest.raises(InvalidInput):
        add(OFFICER, **dict.fromkeys((subject, EVIDENCE_SUBJECTS[0], EVIDENCE_SUBJECTS[1]), uuid4()))
