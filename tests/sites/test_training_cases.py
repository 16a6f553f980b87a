"""Training cases in versions: bundled, drafted, published, frozen; by whom."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.sites.training import (
    CaseRole,
    CasesAsked,
    CaseStep,
    CaseVersionAsked,
    CreateCase,
    NameCaseEditor,
    PublishCase,
    RemoveCaseEditor,
    SaveDraft,
)
from sites.domain.training import CaseIncomplete, CasePublished, NoDraft
from sites.operations import training_cases as operations
from sites.queries import training_cases as queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.sites.articles import DISTRICT, a_branch

OFFICER = an_actor(("officer", "3703.370302"), name="赵干部")
MEMBER = an_actor(("member", "3703.370302.town"), name="孙党员")


def a_draft(case_id: UUID, version: int, **fields: Any) -> SaveDraft:
    given = {
        "title": "案例",
        "citation": "《章程》",
        "roles": [CaseRole(code="host", name="主持人", colour="crimson")],
        "steps": [CaseStep(title="开场", role="host", minutes=5, key=True)],
        **fields,
    }
    return SaveDraft(case_id=case_id, version=version, **given)


def a_case(db: Connection, actor: Actor = OFFICER) -> Any:
    return operations.create(db, asked=CreateCase(title="案例", kind="theme_day"), actor=actor, at=NOON)


def a_published(db: Connection) -> Any:
    case = a_case(db)
    saved = operations.save_draft(db, asked=a_draft(case.case_id, case.version), actor=OFFICER)
    return publish(db, case.case_id, saved.version)


def publish(db: Connection, case_id: UUID, version: int, actor: Actor = OFFICER) -> Any:
    asked = PublishCase(case_id=case_id, version=version, reason="定稿")
    return operations.publish(db, asked=asked, actor=actor, at=NOON)


class TestTheBundledOnes:
    def test_are_registered_once(self, db: Connection) -> None:
        assert operations.register_bundled(db, at=NOON) == 9
        assert operations.register_bundled(db, at=NOON) == 0
        listed = queries.cases(db, CasesAsked()).items
        assert len(listed) == 9
        assert sum(case.roles for case in listed) == 24
        assert sum(case.steps for case in listed) == 126
        assert all(case.key_steps for case in listed)

    def test_are_listed_page_by_page(self, db: Connection) -> None:
        operations.register_bundled(db, at=NOON)
        seen: list[str] = []
        cursor = None
        while True:
            page = queries.cases(db, CasesAsked(limit=4, cursor=cursor))
            seen += [case.code for case in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == sorted(seen)
        assert len(seen) == 9


class TestADraft:
    def test_is_for_its_editors_alone(self, db: Connection) -> None:
        case = a_case(db)
        assert queries.draft(db, case.case_id, actor=OFFICER).id == case.id
        with pytest.raises(Forbidden):
            queries.draft(db, case.case_id, actor=MEMBER)
        with pytest.raises(NotFound):
            queries.newest(db, case.case_id)
        with pytest.raises(NotFound):
            queries.version(db, CaseVersionAsked(case_id=case.case_id, number=1))

    def test_may_be_incomplete_but_is_not_published_so(self, db: Connection) -> None:
        case = a_case(db)
        saved = operations.save_draft(db, asked=a_draft(case.case_id, 1, steps=[], roles=[]), actor=OFFICER)
        with pytest.raises(CaseIncomplete):
            publish(db, case.case_id, saved.version)

    def test_takes_only_roles_of_the_case(self, db: Connection) -> None:
        case = a_case(db)
        steps = [CaseStep(title="开场", role="guest", minutes=5)]
        with pytest.raises(InvalidInput) as refused:
            operations.save_draft(db, asked=a_draft(case.case_id, 1, steps=steps), actor=OFFICER)
        assert list(refused.value.errors) == ["steps.0.role"]

    def test_written_by_two_keeps_the_first(self, db: Connection) -> None:
        case = a_case(db)
        operations.save_draft(db, asked=a_draft(case.case_id, case.version, title="先写的"), actor=OFFICER)
        with pytest.raises(PreconditionFailed):
            operations.save_draft(db, asked=a_draft(case.case_id, case.version, title="后写的"), actor=OFFICER)
        assert queries.draft(db, case.case_id, actor=OFFICER).title == "先写的"

    def test_begun_twice_is_one(self, db: Connection) -> None:
        case = a_published(db)
        first = operations.begin_draft(db, case_id=case.case_id, actor=OFFICER)
        again = operations.begin_draft(db, case_id=case.case_id, actor=OFFICER)
        assert (first.id, first.number, first.state) == (again.id, 2, "draft")
        assert (first.roles, first.steps) == (case.roles, case.steps)

    def test_begun_by_many_at_once_is_one(self, database: Engine) -> None:
        with database.begin() as db:
            case = a_published(db)

        def begin() -> UUID:
            with database.begin() as db:
                return operations.begin_draft(db, case_id=case.case_id, actor=OFFICER).id

        found = at_once([begin] * 4)
        assert len(set(found)) == 1
        assert isinstance(found[0], UUID)


class TestAPublishedVersion:
    def test_says_who_when_why(self, db: Connection) -> None:
        published = a_published(db)
        assert (published.state, published.published_by, published.reason) == ("published", "赵干部", "定稿")
        assert published.minutes == 5

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE case_versions SET title = 'x' WHERE id = :id",
            "DELETE FROM case_versions WHERE id = :id",
            "UPDATE case_steps SET minutes = 9 WHERE version_id = :id",
            "DELETE FROM case_roles WHERE version_id = :id",
            "INSERT INTO case_roles (version_id, code, number, name, colour) VALUES (:id, 'x', 9, 'x', 'blue')",
        ],
    )
    def test_is_frozen_whoever_asks(self, db: Connection, change: str) -> None:
        published = a_published(db)
        with pytest.raises(CasePublished):
            db.execute(text(change), {"id": published.id})

    def test_is_followed_by_the_next_number(self, db: Connection) -> None:
        first = a_published(db)
        draft = operations.begin_draft(db, case_id=first.case_id, actor=OFFICER)
        second = publish(db, first.case_id, draft.version)
        assert (first.number, second.number) == (1, 2)
        assert queries.newest(db, first.case_id).id == second.id
        assert queries.version(db, CaseVersionAsked(case_id=first.case_id, number=1)).id == first.id

    def test_is_published_once(self, db: Connection) -> None:
        published = a_published(db)
        with pytest.raises(NoDraft):
            publish(db, published.case_id, published.version)


class TestEditors:
    def test_are_named_by_an_officer_and_removed(self, db: Connection) -> None:
        case = a_published(db)
        with pytest.raises(Forbidden):
            operations.begin_draft(db, case_id=case.case_id, actor=MEMBER)
        named = NameCaseEditor(case_id=case.case_id, person_id=MEMBER.person_id, name="孙党员")
        operations.name_editor(db, asked=named, actor=OFFICER, at=NOON)
        operations.name_editor(db, asked=named, actor=OFFICER, at=NOON)
        assert operations.begin_draft(db, case_id=case.case_id, actor=MEMBER).number == 2
        gone = RemoveCaseEditor(case_id=case.case_id, person_id=MEMBER.person_id)
        history = operations.remove_editor(db, asked=gone, actor=OFFICER)
        assert [editor.name for editor in history.editors] == ["赵干部"]
        with pytest.raises(Forbidden):
            queries.draft(db, case.case_id, actor=MEMBER)

    def test_an_officer_of_a_part_of_the_branches_begins_edits_and_names_only_where_named(self, db: Connection) -> None:
        a_branch(db)
        case = a_published(db)
        town = an_actor(("officer", f"{DISTRICT}.other-town"))
        named = NameCaseEditor(case_id=case.case_id, person_id=town.person_id, name="镇干部")
        for act in (
            lambda: a_case(db, town),
            lambda: operations.begin_draft(db, case_id=case.case_id, actor=town),
            lambda: operations.name_editor(db, asked=named, actor=town, at=NOON),
        ):
            with pytest.raises(Forbidden):
                act()
        operations.name_editor(db, asked=named, actor=OFFICER, at=NOON)
        assert operations.begin_draft(db, case_id=case.case_id, actor=town).number == 2

    def test_do_not_name_others(self, db: Connection) -> None:
        case = a_case(db)
        asked = NameCaseEditor(case_id=case.case_id, person_id=uuid4(), name="某人")
        with pytest.raises(Forbidden):
            operations.name_editor(db, asked=asked, actor=MEMBER, at=NOON)
