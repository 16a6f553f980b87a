"""The tasks of branches: their colours, their machine, how they are made and done (A1)."""

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.months import SHANGHAI, Month
from assessment.domain.tasks import MOVES, STATES, Task, colour
from assessment.operations import activities, organisations, task_lists, task_making
from assessment.operations import tasks as doing
from assessment.operations.activities import MonthFrozen
from assessment.operations.task_lists import ListMonthTaken, ListNotMovable, ListSameDrafter
from assessment.operations.tasks import AcceptanceNotAsked, OwnTask, TaskNeedsRecord, TaskNotMovable
from assessment.queries import tasks as shown
from assessment.tables.activities import activities as records
from assessment.tables.tasks import task_steps, tasks
from chassis.actors import Actor, Forbidden, Grant
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.activities import RecordActivity
from contracts.assessment.task_lists import (
    AddTask,
    AdoptListVersion,
    DraftListVersion,
    DraftTaskList,
    ListItem,
    TaskListView,
    WithdrawListVersion,
)
from contracts.assessment.tasks import (
    AcceptTask,
    BurdenAsked,
    DoTask,
    ExemptTask,
    NoteTask,
    ReopenTask,
    ReturnTask,
    TaskOverviewAsked,
    TasksAsked,
    TaskView,
)
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import a_branch, a_branch_changed, a_visit_closed, an_actor, an_event, at
from tests.races import at_once

NOVEMBER = Month(2026, 11)
DUE = date(2026, 11, 25)
NOON = at(11, 12)

OFFICER = an_actor(("officer", "3703.370302"))
OTHER = an_actor(("officer", "3703"))
SECRETARY = an_actor(("secretary", "3703.370302.t1.b1"))

days = st.integers(0, 60).map(lambda number: date(2026, 11, 1) + timedelta(days=number))


class TestColour:
    @pytest.mark.parametrize(
        ("today", "done_on", "seen"),
        [
            (19, None, "green"),
            (20, None, "yellow"),
            (25, None, "yellow"),
            (26, None, "red"),
            (26, 25, "green"),
            (26, 26, "yellow"),
            (30, 26, "yellow"),
        ],
    )
    def test_of_a_day(self, today: int, done_on: int | None, seen: str) -> None:
        task = Task("done" if done_on else "open", DUE, date(2026, 11, done_on) if done_on else None)
        assert colour(task, month=NOVEMBER, today=date(2026, 11, today)) == seen

    @given(due=days.filter(lambda day: day.month == 11), done=st.none() | days, today=days)
    def test_as_the_rule_says(self, due: date, done: date | None, today: date) -> None:
        """Written once more from the sentence of the rule, the other way round."""
        task = Task("done" if done else "open", due, done)
        seen = min(today, date(2026, 11, 30))
        is_done = done is not None and done <= seen
        expected = {
            (True, True): "green",
            (True, False): "yellow",
            (False, True): "yellow" if (due - seen).days <= 5 else "green",
            (False, False): "red",
        }[is_done, (done if is_done and done else seen) <= due]
        assert colour(task, month=NOVEMBER, today=today) == expected

    @given(due=days.filter(lambda day: day.month == 11), done=st.none() | days, ahead=days)
    def test_a_month_that_is_over_stays_as_it_ended(self, due: date, done: date | None, ahead: date) -> None:
        task = Task("done" if done else "open", due, done)
        later = date(2026, 12, 1) + (ahead - date(2026, 11, 1))
        end = colour(task, month=NOVEMBER, today=date(2026, 11, 30))
        assert colour(task, month=NOVEMBER, today=later) == end

    def test_an_exempt_one_has_none(self) -> None:
        assert colour(Task("exempt", DUE), month=NOVEMBER, today=date(2026, 11, 28)) is None


def made(db: Connection, *, at: datetime = NOON, **state: Any) -> UUID:
    """A branch with the tasks of its month."""
    branch_id = a_branch(db, **state)
    task_making.make(db, at=at)
    return branch_id


def of(db: Connection, branch_id: UUID, *, at: datetime = NOON, **asked: Any) -> list[TaskView]:
    found = shown.tasks_asked(db, asked=TasksAsked(branch_id=branch_id, **asked), actor=OTHER, at=at)
    return list(found.items)


def named(db: Connection, branch_id: UUID, words: str, *, at: datetime = NOON, **asked: Any) -> TaskView:
    (task,) = [one for one in of(db, branch_id, at=at, **asked) if words in one.text_of_task]
    return task


def an_item(what: str = "写一篇学习体会", **how: Any) -> ListItem:
    return ListItem(**{"text": what, "evidence": "text", "doer": "members", **how})


def a_list(db: Connection, *items: ListItem, from_month: str = "2026-12", **whom: Any) -> TaskListView:
    """A list that somebody drafted and somebody else adopted."""
    given: dict[str, Any] = {"list_code": "study", "name": "本区清单", "citation": "川组〔2026〕40号", **whom}
    asked = DraftTaskList(from_month=from_month, items=list(items or [an_item()]), **given)
    drafted = task_lists.draft(db, asked=asked, actor=OFFICER, at=NOON)
    return task_lists.adopt(db, asked=AdoptListVersion(drafted.versions[0].id), actor=OTHER, at=NOON)


class TestMaking:
    def test_a_branch_gets_what_is_for_its_field_and_month(self, db: Connection) -> None:
        branch = made(db, field="hospital")
        found = {task.text_of_task for task in of(db, branch)}
        assert {"开展主题党日", "收缴当月党费", "核对党员名册和党组织信息"} <= found
        assert "召开支部党员大会" not in found
        task_making.make(db, at=at(12, 1))
        december = of(db, branch, at=at(12, 1))
        assert {"召开支部党员大会", "开展一项卫生健康服务活动"} <= {task.text_of_task for task in december}
        assert {task.due_on for task in december} == {date(2026, 12, 25)}
        assert not any("乡村振兴" in task.text_of_task for task in december)

    def test_twice_is_once(self, db: Connection) -> None:
        branch = made(db)
        before = of(db, branch)
        assert task_making.make(db, at=NOON) == 0
        organisations.remember(
            db, event=an_event(a_branch_changed(name="改名党支部"), version=2, occurred_at=NOON), at=NOON
        )
        assert task_making.make(db, at=NOON) == 1
        assert [task.id for task in of(db, branch)] == [task.id for task in before]

    def test_joint_branches_have_lists_and_others_have_none(self, db: Connection) -> None:
        joint = made(db, kind="joint_branch", path="3703.370302.t1.b2")
        external = made(db, is_external=True, path="3703.370303.b3")
        gone = made(db, dissolved=True, path="3703.370302.t1.b4")
        committee = made(db, kind="committee", path="3703.370302.t1")
        assert of(db, joint)
        assert not any(of(db, other) for other in (external, gone, committee))

    def test_a_level_is_a_kind_of_branch(self, db: Connection) -> None:
        a_list(db, an_item("联合支部轮流牵头"), level="joint_branch", from_month="2026-12")
        joint = a_branch(db, kind="joint_branch", path="3703.370302.t1.b2")
        single = a_branch(db)
        task_making.make(db, at=at(12, 1))
        assert named(db, joint, "轮流牵头", at=at(12, 1))
        assert not [task for task in of(db, single, at=at(12, 1)) if "轮流" in task.text_of_task]

    def test_a_dissolved_branch_is_exempt_from_what_is_open(self, db: Connection) -> None:
        branch = made(db)
        done = named(db, branch, "核对党员名册")
        doing.do(db, asked=DoTask(task_id=done.id), actor=SECRETARY, at=NOON)
        ended = a_branch_changed(dissolved=True)
        organisations.remember(db, event=an_event(ended, version=2, occurred_at=NOON), at=NOON)
        task_making.make(db, at=NOON)
        states = {task.id: (task.state, task.reason) for task in of(db, branch)}
        assert states.pop(done.id) == ("done", None)
        assert set(states.values()) == {("exempt", "dissolved")}

    def test_another_field_means_another_list(self, db: Connection) -> None:
        branch = made(db, at=at(12, 3), field="rural")
        old = named(db, branch, "乡村振兴", at=at(12, 3))
        moved = a_branch_changed(field="community")
        organisations.remember(db, event=an_event(moved, version=2, occurred_at=at(12, 4)), at=at(12, 4))
        task_making.make(db, at=at(12, 4))
        assert named(db, branch, "党建联盟", at=at(12, 4)).state == "open"
        (left,) = [task for task in of(db, branch, at=at(12, 4)) if task.id == old.id]
        assert (left.state, left.reason) == ("exempt", "other_list")

    def test_a_late_branch_has_until_the_end_of_the_month(self, db: Connection) -> None:
        late = a_branch_changed()
        organisations.remember(db, event=an_event(late, occurred_at=at(11, 27)), at=at(11, 27))
        task_making.make(db, at=at(11, 27))
        assert {task.due_on for task in of(db, late.id, at=at(11, 27))} == {date(2026, 11, 30)}

    def test_what_was_held_before_the_tasks_were_made_completes_them(self, db: Connection) -> None:
        branch = a_branch(db)
        activities.hold(db, event=a_visit_closed(branch, on=date(2026, 11, 3), occurred_at=at(11, 3)), at=at(11, 3))
        task_making.make(db, at=NOON)
        task = named(db, branch, "主题党日")
        assert (task.state, task.done_on, task.done_by) == ("done", date(2026, 11, 3), "record")

    def test_many_are_made_in_batches(self, db: Connection) -> None:
        for number in range(5):
            a_branch(db, path=f"3703.370302.t1.n{number}")
        assert [task_making.make(db, at=NOON, batch=2) for _ in range(4)] == [2, 2, 1, 0]

    def test_two_runs_at_once_make_each_once(self, database: Engine) -> None:
        with database.begin() as db:
            for number in range(20):
                a_branch(db, path=f"3703.370302.t1.n{number}")

        def run() -> int:
            with database.begin() as db:
                return task_making.make(db, at=NOON)

        assert set(at_once([run, run])) <= {0, 20}
        with database.begin() as db:
            a_branch_has = db.execute(select(func.count()).select_from(tasks).group_by(tasks.c.branch_id)).scalars()
            assert len(set(a_branch_has)) == 1


class TestRecords:
    def test_a_visit_completes_the_theme_day_and_its_fields_cost_nothing(self, db: Connection) -> None:
        branch = made(db)
        before = shown.burden(db, asked=BurdenAsked(branch), actor=SECRETARY, at=NOON)
        activities.hold(db, event=a_visit_closed(branch, on=NOON.date(), occurred_at=NOON), at=NOON)
        task = named(db, branch, "主题党日")
        assert (task.state, task.colour, task.fields_filled) == ("done", "green", 5)
        after = shown.burden(db, asked=BurdenAsked(branch), actor=SECRETARY, at=NOON)
        assert after.field_count == before.field_count
        assert (after.fields_filled, before.minutes - after.minutes) == (5, 8)

    def test_a_record_by_hand_completes_it_too(self, db: Connection) -> None:
        branch = made(db)
        record = RecordActivity(branch, "committee_meeting", date(2026, 11, 10), "研究发展党员", 5)
        activities.record(db, record=record, actor=SECRETARY, at=NOON)
        task = named(db, branch, "支部委员会")
        assert (task.state, task.fields_filled) == ("done", 0)
        assert task.record_id

    def test_a_quarter_looks_back(self, db: Connection) -> None:
        branch = made(db)
        record = RecordActivity(branch, "assembly", date(2026, 11, 10), "讨论接收预备党员", 15)
        activities.record(db, record=record, actor=SECRETARY, at=NOON)
        task_making.make(db, at=at(12, 1))
        task = named(db, branch, "支部党员大会", at=at(12, 1))
        assert (task.state, task.done_on, task.colour) == ("done", date(2026, 11, 10), "green")

    def test_what_is_closed_after_the_month_leaves_it_red(self, db: Connection) -> None:
        branch = made(db)
        visit = a_visit_closed(branch, on=date(2026, 11, 24), occurred_at=at(12, 2))
        activities.hold(db, event=visit, at=at(12, 2))
        task = named(db, branch, "主题党日", at=at(12, 2), month="2026-11")
        assert (task.state, task.done_on, task.colour) == ("done", date(2026, 12, 2), "red")

    def test_a_reopened_task_asks_for_a_newer_record(self, db: Connection) -> None:
        branch = made(db)
        activities.hold(db, event=a_visit_closed(branch, on=NOON.date(), occurred_at=NOON), at=NOON)
        task = named(db, branch, "主题党日")
        doing.reopen(db, asked=ReopenTask(task.id, "记录与事实不符"), actor=OFFICER, at=at(11, 13))
        task_making.complete(db, branch_ids=[branch], month=NOVEMBER, at=at(11, 14))
        assert named(db, branch, "主题党日").state == "open"
        newer = a_visit_closed(branch, on=date(2026, 11, 15), occurred_at=at(11, 15))
        activities.hold(db, event=newer, at=at(11, 15))
        assert named(db, branch, "主题党日", at=at(11, 15)).done_on == date(2026, 11, 15)

    def test_visits_that_close_while_tasks_are_made_wait_in_no_circle(self, database: Engine) -> None:
        paths = [f"3703.370302.t1.n{number}" for number in range(8)]
        with database.begin() as db:
            branches = [a_branch(db, path=path) for path in paths]

        def close() -> None:
            for branch in reversed(branches):
                with database.begin() as db:
                    visit = a_visit_closed(branch, on=NOON.date(), occurred_at=NOON)
                    activities.hold(db, event=visit, at=NOON)

        def make() -> None:
            for _ in range(4):
                with database.begin() as db:
                    db.execute(text("UPDATE task_months SET branch_version = 0"))
                    task_making.make(db, at=NOON)

        assert at_once([close, make]) == [None, None]
        with database.begin() as db:
            done = select(func.count()).select_from(tasks).where(tasks.c.record_id.is_not(None))
            assert db.scalar(done) == len(branches)
            assert db.scalar(select(func.count()).select_from(task_steps)) == len(branches)

    def test_a_record_that_is_changed_is_looked_at_again(self, db: Connection) -> None:
        branch = made(db)
        activities.hold(db, event=a_visit_closed(branch, on=date(2026, 11, 10), occurred_at=NOON), at=NOON)
        task = named(db, branch, "主题党日")
        assert task.record_id
        for changed, told in (
            ({"held_on": date(2026, 11, 11)}, ("done", date(2026, 11, 11))),
            ({"held_on": date(2026, 10, 11)}, ("open", None)),
        ):
            db.execute(update(records).where(records.c.id == task.record_id).values(**changed))
            task_making.look_again(db, record_id=task.record_id, branch_ids=[branch], at=NOON)
            seen = named(db, branch, "主题党日")
            assert (seen.state, seen.done_on) == told
        assert seen.reason == "record_changed"


def move(db: Connection, verb: str, task_id: UUID, *, at: datetime = NOON) -> TaskView:
    if verb == "do":
        return doing.do(db, asked=DoTask(task_id=task_id, text="已完成"), actor=SECRETARY, at=at)
    if verb == "accept":
        return doing.accept(db, asked=AcceptTask(task_id), actor=OFFICER, at=at)
    if verb == "return":
        return doing.give_back(db, asked=ReturnTask(task_id, "内容太简单"), actor=OFFICER, at=at)
    if verb == "reopen":
        return doing.reopen(db, asked=ReopenTask(task_id, "填错了"), actor=OFFICER, at=at)
    return doing.exempt(db, asked=ExemptTask(task_id, "支部正在整顿"), actor=OFFICER, at=at)


WAY_TO: dict[str, list[str]] = {
    "open": [],
    "done": ["do"],
    "returned": ["do", "return"],
    "accepted": ["do", "accept"],
    "exempt": ["exempt"],
}


def an_accepted_task(db: Connection, *, due_on: date = DUE, **how: Any) -> TaskView:
    """A task that its superior accepts, given to a branch."""
    branch = a_branch(db)
    asked = AddTask(
        organisation_id=branch,
        **{
            "list_code": "basic_tasks",
            "text": "报送整改情况",
            "evidence": "text",
            "doer": "secretary",
            "needs_acceptance": True,
            "due_on": due_on,
            **how,
        },
    )
    task_lists.add_task(db, asked=asked, actor=OFFICER, at=NOON)
    task_making.make_added(db, at=NOON)
    return named(db, branch, "整改", month=str(Month.of(due_on)))


class TestMoves:
    @pytest.mark.parametrize(("state", "verb"), list(itertools.product(STATES, MOVES)))
    def test_every_pair(self, db: Connection, state: str, verb: str) -> None:
        task = an_accepted_task(db)
        for step in WAY_TO[state]:
            move(db, step, task.id)
        sources, target = MOVES[verb]
        if state in sources:
            told = move(db, verb, task.id)
            assert told.state == target
            assert [step.move for step in told.steps] == [*WAY_TO[state], verb]
        else:
            with pytest.raises(TaskNotMovable):
                move(db, verb, task.id)

    def test_words_are_needed_where_the_list_asks_for_them(self, db: Connection) -> None:
        task = an_accepted_task(db)
        with pytest.raises(InvalidInput) as fault:
            doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        assert set(fault.value.errors) == {"text"}
        tomorrow = DoTask(task_id=task.id, text="好", done_on=date(2026, 11, 13))
        with pytest.raises(InvalidInput) as fault:
            doing.do(db, asked=tomorrow, actor=SECRETARY, at=NOON)
        assert set(fault.value.errors) == {"done_on"}

    def test_a_record_is_not_replaced_by_words(self, db: Connection) -> None:
        task = named(db, made(db), "主题党日")
        with pytest.raises(TaskNeedsRecord):
            doing.do(db, asked=DoTask(task_id=task.id, text="已开展"), actor=SECRETARY, at=NOON)

    def test_what_nobody_is_asked_to_accept(self, db: Connection) -> None:
        task = named(db, made(db), "核对党员名册")
        doing.do(db, asked=DoTask(task_id=task.id), actor=SECRETARY, at=NOON)
        with pytest.raises(AcceptanceNotAsked):
            doing.accept(db, asked=AcceptTask(task.id), actor=OFFICER, at=NOON)

    def test_nobody_accepts_their_own(self, db: Connection) -> None:
        task = an_accepted_task(db)
        both = replace(OFFICER, grants=(Grant("secretary", OFFICER.grants[0].path), *OFFICER.grants))
        doing.do(db, asked=DoTask(task_id=task.id, text="已整改"), actor=both, at=NOON)
        with pytest.raises(OwnTask):
            doing.accept(db, asked=AcceptTask(task.id), actor=both, at=NOON)

    def test_a_month_that_is_over_is_changed_by_its_superior_alone(self, db: Connection) -> None:
        task = an_accepted_task(db)
        backdated = DoTask(task_id=task.id, text="补报", done_on=DUE)
        with pytest.raises(MonthFrozen):
            doing.do(db, asked=backdated, actor=SECRETARY, at=at(12, 2))
        late = doing.do(db, asked=DoTask(task_id=task.id, text="补报"), actor=SECRETARY, at=at(12, 2))
        assert (late.state, late.colour) == ("done", "red")
        with pytest.raises(MonthFrozen):
            doing.reopen(db, asked=ReopenTask(task.id, "填错"), actor=SECRETARY, at=at(12, 2))
        assert move(db, "reopen", task.id, at=at(12, 2)).state == "open"

    def test_a_branch_does_not_lift_what_its_superior_decided(self, db: Connection) -> None:
        task = an_accepted_task(db)
        move(db, "exempt", task.id)
        with pytest.raises(Forbidden):
            doing.reopen(db, asked=ReopenTask(task.id, "要做"), actor=SECRETARY, at=NOON)

    def test_others_do_not_touch_it(self, db: Connection) -> None:
        task = an_accepted_task(db)
        stranger = an_actor(("secretary", "3703.370302.t1.b9"))
        with pytest.raises(Forbidden):
            doing.do(db, asked=DoTask(task_id=task.id, text="好"), actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            doing.note(db, asked=NoteTask(task.id, "好"), actor=stranger, at=NOON)
        with pytest.raises(NotFound):
            doing.do(db, asked=DoTask(task_id=uuid4()), actor=SECRETARY, at=NOON)

    def test_notes_are_dated_and_kept_in_order(self, db: Connection) -> None:
        task = an_accepted_task(db)
        doing.note(db, asked=NoteTask(task.id, "已电话提醒"), actor=OFFICER, at=NOON)
        told = doing.note(db, asked=NoteTask(task.id, "周五前报送"), actor=SECRETARY, at=at(11, 13))
        assert [(note.text, note.at) for note in told.notes] == [("已电话提醒", NOON), ("周五前报送", at(11, 13))]

    def test_of_two_who_do_it_at_once_one_is_told(self, database: Engine) -> None:
        with database.begin() as db:
            task = an_accepted_task(db)

        def run() -> str:
            with database.begin() as db:
                return move(db, "do", task.id).state

        assert sorted(at_once([run, run])) == ["done", "task-not-movable"]
        with database.begin() as db:
            assert db.scalar(select(func.count()).select_from(task_steps)) == 1


class TestAddedTasks:
    def test_goes_to_the_branches_of_a_part_and_field_and_to_those_that_appear(self, db: Connection) -> None:
        town = a_branch(db, kind="committee", path="3703.370302.t1", name="昆仑镇党委")
        mine, other_field = a_branch(db), a_branch(db, path="3703.370302.t1.b2", field="school")
        elsewhere = a_branch(db, path="3703.370302.t10.b1")
        asked = AddTask(
            organisation_id=town,
            list_code="basic_tasks",
            field="rural",
            text="上报防汛值守安排",
            evidence="text",
            doer="secretary",
            due_on=date(2026, 11, 20),
        )
        told = task_lists.add_task(db, asked=asked, actor=OFFICER, at=NOON)
        assert told.branch_count == 1
        assert task_making.make_added(db, at=NOON) == 1
        assert task_making.make_added(db, at=NOON) == 0
        assert named(db, mine, "防汛").due_on == date(2026, 11, 20)
        newcomer = made(db, path="3703.370302.t1.b3")
        assert named(db, newcomer, "防汛")
        for other in (other_field, elsewhere):
            assert not [task for task in of(db, other) if "防汛" in task.text_of_task]

    def test_not_for_others_nor_for_yesterday(self, db: Connection) -> None:
        branch = a_branch(db)
        whole: dict[str, Any] = {"list_code": "study", "text": "学", "evidence": "none", "doer": "members"}
        late = AddTask(organisation_id=branch, due_on=date(2026, 11, 11), **whole)
        with pytest.raises(InvalidInput):
            task_lists.add_task(db, asked=late, actor=OFFICER, at=NOON)
        with pytest.raises(Forbidden):
            task_lists.add_task(db, asked=replace(late, due_on=DUE), actor=SECRETARY, at=NOON)


class TestVersions:
    def test_is_adopted_by_somebody_else_and_holds_from_its_month(self, db: Connection) -> None:
        branch = a_branch(db)
        asked = DraftTaskList(
            list_code="study", name="本区清单", from_month="2026-12", citation="川组〔2026〕40号", items=[an_item()]
        )
        drafted = task_lists.draft(db, asked=asked, actor=OFFICER, at=NOON)
        version = AdoptListVersion(drafted.versions[0].id)
        with pytest.raises(ListSameDrafter):
            task_lists.adopt(db, asked=version, actor=OFFICER, at=NOON)
        adopted = task_lists.adopt(db, asked=version, actor=OTHER, at=NOON)
        assert (adopted.versions[0].state, adopted.versions[0].number, adopted.in_force) == ("adopted", 1, None)
        with pytest.raises(ListNotMovable):
            task_lists.adopt(db, asked=version, actor=OTHER, at=NOON)
        task_making.make(db, at=NOON)
        assert not [task for task in of(db, branch) if "体会" in task.text_of_task]
        task_making.make(db, at=at(12, 1))
        assert named(db, branch, "体会", at=at(12, 1))

    def test_the_next_version_takes_over_and_the_last_stays(self, db: Connection) -> None:
        first = a_list(db, an_item("读一本书"))
        again = DraftListVersion(
            list_id=first.id, from_month="2027-01", citation="川组〔2026〕41号", items=[an_item("讲一次体会")]
        )
        drafted = task_lists.draft_version(db, asked=again, actor=OFFICER, at=NOON)
        told = task_lists.adopt(db, asked=AdoptListVersion(drafted.versions[0].id), actor=OTHER, at=NOON)
        assert [(one.number, one.from_month) for one in told.versions] == [(2, "2027-01"), (1, "2026-12")]
        branch = a_branch(db)
        for month, words in ((at(12, 1), "读一本书"), (at(1, 1, year=2027), "讲一次体会")):
            task_making.make(db, at=month)
            assert named(db, branch, words, at=month)
        assert not [task for task in of(db, branch, at=at(1, 1, year=2027)) if "读" in task.text_of_task]

    def test_two_of_one_month_and_a_month_that_has_begun_are_refused(self, db: Connection) -> None:
        first = a_list(db)
        again = DraftListVersion(list_id=first.id, from_month="2026-12", citation="又一份", items=[an_item()])
        drafted = task_lists.draft_version(db, asked=again, actor=OFFICER, at=NOON)
        (second,) = [version for version in drafted.versions if version.state == "draft"]
        with pytest.raises(ListMonthTaken):
            task_lists.adopt(db, asked=AdoptListVersion(second.id), actor=OTHER, at=NOON)
        with pytest.raises(InvalidInput) as fault:
            task_lists.draft_version(db, asked=replace(again, from_month="2026-11"), actor=OFFICER, at=NOON)
        assert set(fault.value.errors) == {"from_month"}

    def test_a_draft_is_put_away_with_a_reason(self, db: Connection) -> None:
        first = a_list(db)
        again = DraftListVersion(list_id=first.id, from_month="2027-02", citation="又一份", items=[an_item()])
        drafted = task_lists.draft_version(db, asked=again, actor=OFFICER, at=NOON)
        asked = WithdrawListVersion(drafted.versions[0].id, "重复")
        told = task_lists.withdraw(db, asked=asked, actor=OFFICER, at=NOON)
        assert (told.versions[0].state, told.versions[0].reason, told.draft_count) == ("withdrawn", "重复", 0)

    def test_a_record_and_its_evidence_belong_together(self, db: Connection) -> None:
        wrong = [an_item("甲", evidence="record"), an_item("乙", record_template="assembly")]
        with pytest.raises(InvalidInput) as fault:
            a_list(db, *wrong)
        assert set(fault.value.errors) == {"items.0.record_template", "items.1.record_template"}

    def test_a_part_has_its_own_list_and_only_its_officers_write_it(self, db: Connection) -> None:
        town = a_branch(db, kind="committee", path="3703.370302.t1", name="昆仑镇党委")
        whole: dict[str, Any] = {
            "list_code": "study",
            "name": "本镇清单",
            "citation": "昆发〔2026〕3号",
            "from_month": "2026-12",
        }
        mayor = an_actor(("officer", "3703.370302.t1"))
        a_branch(db, path="3703.370302.t2.b1")
        with pytest.raises(Forbidden):
            task_lists.draft(db, asked=DraftTaskList(items=[an_item()], **whole), actor=mayor, at=NOON)
        asked = DraftTaskList(items=[an_item()], organisation_id=town, **whole)
        assert task_lists.draft(db, asked=asked, actor=mayor, at=NOON).organisation_name == "昆仑镇党委"

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE list_versions SET citation = 'x' WHERE state = 'draft'",
            "UPDATE list_versions SET reason = 'x' WHERE state = 'adopted'",
            "DELETE FROM list_versions",
            "UPDATE list_items SET text = 'x'",
        ],
    )
    def test_the_database_keeps_versions(self, db: Connection, statement: str) -> None:
        first = a_list(db)
        again = DraftListVersion(list_id=first.id, from_month="2027-02", citation="又一份", items=[an_item()])
        task_lists.draft_version(db, asked=again, actor=OFFICER, at=NOON)
        with pytest.raises(DBAPIError):
            db.execute(text(statement))


class TestOverview:
    @pytest.fixture
    def district(self, db: Connection) -> UUID:
        district = a_branch(db, kind="committee", path="3703.370302", name="淄川区委")
        for town in ("t1", "t10", "t2"):
            town_id = a_branch(db, kind="committee", path=f"3703.370302.{town}", name=f"{town}党委", parent_id=district)
            for number in range(2):
                a_branch(db, path=f"3703.370302.{town}.b{number}", name=f"{town} {number}", parent_id=town_id)
        task_making.make(db, at=NOON)
        return district

    def test_counts_by_town_and_leads_down(self, db: Connection, district: UUID) -> None:
        told = shown.overview(db, asked=TaskOverviewAsked(), actor=OFFICER, at=NOON)
        assert (told.name, [part.name for part in told.parts]) == ("淄川区委", ["t1党委", "t10党委", "t2党委"])
        assert told.whole
        assert {part.branches for part in told.parts} == {2}
        assert told.whole.tasks == sum(part.tasks for part in told.parts)
        below = shown.overview(db, asked=TaskOverviewAsked(told.parts[0].organisation_id), actor=OFFICER, at=NOON)
        assert ([part.name for part in below.parts], below.parent_id) == (["t1 0", "t1 1"], district)

    def test_page_by_page_is_the_whole(self, db: Connection, district: UUID) -> None:
        names: list[str] = []
        cursor = None
        while True:
            page = shown.overview(db, asked=TaskOverviewAsked(limit=2, cursor=cursor), actor=OFFICER, at=NOON)
            names += [part.name for part in page.parts]
            cursor = page.next
            if cursor is None:
                break
        assert names == ["t1党委", "t10党委", "t2党委"]

    @pytest.mark.parametrize("day", [at(11, 12), at(11, 22), at(11, 28), at(12, 3)])
    def test_its_colours_are_those_of_the_rule(self, db: Connection, district: UUID, day: datetime) -> None:
        """Every state and day of doing, in the statement's words and in the rule's."""
        rows = db.execute(select(tasks.c.id).where(tasks.c.is_required).order_by(tasks.c.id)).scalars().all()
        for number, task_id in enumerate(rows):
            done_on = date(2026, 11, 18) + timedelta(days=number)
            done: dict[str, Any] = {"state": "done", "done_on": done_on, "done_at": NOON, "done_by": "王"}
            changed = [{"state": "open"}, done, {"state": "exempt", "reason": "停"}, {**done, "state": "accepted"}]
            db.execute(update(tasks).where(tasks.c.id == task_id).values(**changed[number % 4]))
        told = shown.overview(db, asked=TaskOverviewAsked(month="2026-11"), actor=OFFICER, at=day).whole
        assert told
        required = db.execute(select(tasks).where(tasks.c.is_required, tasks.c.month == str(NOVEMBER)))
        today = day.astimezone(SHANGHAI).date()
        colours = [colour(Task(row.state, row.due_on, row.done_on), month=NOVEMBER, today=today) for row in required]
        assert (told.green, told.yellow, told.red) == tuple(colours.count(one) for one in ("green", "yellow", "red"))
        assert told.branches == 6

    def test_a_list_of_what_is_open_goes_page_by_page(self, db: Connection, district: UUID) -> None:
        whole = shown.tasks_asked(db, asked=TasksAsked(state="open"), actor=OFFICER, at=NOON).items
        seen: list[UUID] = []
        cursor = None
        while True:
            asked = TasksAsked(state="open", limit=7, cursor=cursor)
            page = shown.tasks_asked(db, asked=asked, actor=OFFICER, at=NOON)
            seen += [task.id for task in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == [task.id for task in whole]
        late = shown.tasks_asked(db, asked=TasksAsked(state="overdue"), actor=OFFICER, at=at(11, 28)).items
        assert len(late) == len(whole)
        assert shown.tasks_asked(db, asked=TasksAsked(state="overdue"), actor=OFFICER, at=NOON).items == []

    def test_is_not_for_a_secretary(self, db: Connection, district: UUID, secretary: Actor) -> None:
        for ask in (
            lambda: shown.overview(db, asked=TaskOverviewAsked(), actor=secretary, at=NOON),
            lambda: shown.overview(db, asked=TaskOverviewAsked(district), actor=secretary, at=NOON),
            lambda: shown.tasks_asked(db, asked=TasksAsked(), actor=secretary, at=NOON),
        ):
            with pytest.raises(Forbidden):
                ask()
