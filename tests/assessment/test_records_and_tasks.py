"""A record completes the tasks that ask for it; one that is changed or withdrawn opens them again (A1 and A2)."""

from collections import Counter
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from assessment.operations import activities, joint_activities, records, task_making
from assessment.operations.records import NothingMissed, RecordNotMovable, WrittenByVisit
from assessment.queries import records as queries
from assessment.tables.tasks import task_steps, tasks
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.assessment.records import (
    ConfirmPart,
    CorrectRecord,
    DeclinePart,
    DraftRecord,
    KeepRecord,
    MakeUp,
    PartsAsked,
    RecordsAsked,
    RecordView,
    WithdrawRecord,
)
from sqlalchemy import Connection, Engine, func, select

from tests.assessment.articles import NOON, a_branch, a_visit_closed, an_actor, at, the_light, the_reading
from tests.assessment.test_handbook_records import (
    OTHER,
    TODAY,
    ZHAO,
    a_lecture,
    a_roll,
    a_theme_day_with,
    content_of,
    kept,
)
from tests.assessment.test_record_races import alone
from tests.assessment.test_tasks import named
from tests.races import at_once

WHY = "当日因大雨没有开展"


@pytest.fixture
def branch(db: Connection) -> UUID:
    return a_branch_with_tasks(db)


@pytest.fixture
def other(db: Connection) -> UUID:
    return a_branch_with_tasks(db, path=OTHER, name="第二党支部")


def a_branch_with_tasks(db: Connection, **state: Any) -> UUID:
    branch_id = a_branch(db, **state)
    a_roll(db, branch_id)
    task_making.make(db, at=NOON)
    return branch_id


def a_theme_day(branch_id: UUID, **content: Any) -> DraftRecord:
    whole: dict[str, Any] = {"template": "theme_day", "decisions": [], "answers": {}}
    return DraftRecord(branch_id=branch_id, **(content_of(a_lecture(branch_id)) | whole | content))


def the_task(db: Connection, branch_id: UUID, what: str = "主题党日", *, now: Any = NOON) -> tuple[str, date | None]:
    task = named(db, branch_id, what, at=now)
    return task.state, task.done_on


def withdrawn(db: Connection, view: RecordView, actor: Actor, *, now: Any = NOON) -> RecordView:
    return records.withdraw(db, asked=WithdrawRecord(view.id, WHY), actor=actor, at=now)


def test_a_record_completes_its_task_and_withdrawn_opens_it(db: Connection, branch: UUID, secretary: Actor) -> None:
    view = records.draft(db, given=a_theme_day(branch), actor=secretary, at=NOON)
    assert the_task(db, branch) == ("open", None)
    records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
    task = named(db, branch, "主题党日")
    assert (task.state, task.done_on, task.record_id) == ("done", TODAY, view.id)
    assert the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").light == "green"
    gone = withdrawn(db, view, secretary)
    assert (gone.state, gone.attended, gone.changes[-1].move, gone.changes[-1].reason) == (
        *("cancelled", None, "withdraw", WHY),
    )
    task = named(db, branch, "主题党日")
    assert (task.state, task.record_id, task.reason) == ("open", None, "record_changed")
    assert "No theme day" in the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").why_en
    listed = queries.records_of(db, asked=RecordsAsked(branch), actor=secretary, at=NOON)
    assert listed.items == []


def test_what_shows_it_as_well_takes_its_place(db: Connection, branch: UUID, secretary: Actor) -> None:
    first = kept(db, a_theme_day(branch), secretary)
    second = kept(db, a_theme_day(branch, held_on=date(2026, 11, 11), starts_at=None, ends_at=None), secretary)
    assert named(db, branch, "主题党日").record_id == first.id
    withdrawn(db, first, secretary)
    task = named(db, branch, "主题党日")
    assert (task.state, task.done_on, task.record_id) == ("done", date(2026, 11, 11), second.id)


def test_a_correction_moves_the_task_with_it(db: Connection, branch: UUID, secretary: Actor) -> None:
    given = a_theme_day(branch, starts_at=None, ends_at=None)
    view = kept(db, given, secretary)
    for held_on, told in (
        (date(2026, 11, 3), ("done", date(2026, 11, 3))),
        (date(2026, 10, 30), ("open", None)),
        (date(2026, 11, 4), ("done", date(2026, 11, 4))),
    ):
        anew = content_of(given, held_on=held_on)
        asked = CorrectRecord(record_id=view.id, version=view.version, reason="日期写错", **anew)
        view = records.correct(db, given=asked, actor=secretary, at=NOON)
        assert the_task(db, branch) == told


def test_a_lecture_of_spring_is_the_years(db: Connection, branch: UUID, secretary: Actor) -> None:
    """The year's lecture is asked for in December; whichever month it was held in shows it."""
    lecture = a_lecture(branch, held_on=date(2026, 5, 20), starts_at=None, ends_at=None)
    kept(db, lecture, secretary)
    task_making.make(db, at=at(12, 1))
    assert the_task(db, branch, "党课", now=at(12, 1)) == ("done", date(2026, 5, 20))


def test_what_a_visit_wrote_is_its_sites_to_take_back(db: Connection, branch: UUID, secretary: Actor) -> None:
    visit = a_visit_closed(branch, on=TODAY, occurred_at=NOON)
    activities.hold(db, event=visit, at=NOON)
    (line,) = queries.records_of(db, asked=RecordsAsked(branch), actor=secretary, at=NOON).items
    with pytest.raises(WrittenByVisit):
        withdrawn(db, line, secretary)
    assert the_task(db, branch) == ("done", TODAY)


def test_only_what_stands_is_withdrawn_and_by_its_branch(
    db: Connection, branch: UUID, secretary: Actor, officer: Actor
) -> None:
    view = records.draft(db, given=a_theme_day(branch), actor=secretary, at=NOON)
    with pytest.raises(RecordNotMovable):
        withdrawn(db, view, secretary)
    records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
    with pytest.raises(Forbidden):
        withdrawn(db, view, officer)
    withdrawn(db, view, secretary)
    with pytest.raises(RecordNotMovable, match="cannot be withdrawn any more: it is cancelled"):
        withdrawn(db, view, secretary)
    with pytest.raises(RecordNotMovable):
        records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)


def test_nothing_of_what_was_withdrawn_is_made_up(db: Connection, branch: UUID, secretary: Actor) -> None:
    view = kept(db, a_lecture(branch), secretary)
    withdrawn(db, view, secretary)
    with pytest.raises(NothingMissed):
        records.make_up(db, made=MakeUp(view.id, ZHAO, TODAY, "自学"), actor=secretary, at=NOON)


class TestJoint:
    """One record, several branches: each of them has its own task, and each gets the credit once."""

    @pytest.fixture
    def neighbour(self) -> Actor:
        return an_actor(("secretary", OTHER))

    def test_counts_once_for_each_branch_that_took_part(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        assert [the_task(db, one)[0] for one in (branch, other)] == ["done", "open"]
        joint_activities.confirm(db, given=ConfirmPart(view.id, other, 2), actor=neighbour, at=NOON)
        assert [the_task(db, one) for one in (branch, other)] == [("done", TODAY)] * 2
        shown = select(tasks.c.branch_id).where(tasks.c.record_id == view.id)
        assert Counter(db.scalars(shown)) == {branch: 1, other: 1}
        assert the_reading(the_light(db, other, at=NOON), "MonthlyThemeDay").light == "green"
        withdrawn(db, view, secretary)
        assert [the_task(db, one) for one in (branch, other)] == [("open", None)] * 2
        assert "No theme day" in the_reading(the_light(db, other, at=NOON), "MonthlyThemeDay").why_en

    def test_silence_completes_the_task_too_and_a_no_does_not(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        declined = kept(db, a_theme_day_with(branch, other), secretary)
        joint_activities.decline(db, given=DeclinePart(declined.id, other, "没有参加"), actor=neighbour, at=NOON)
        assert the_task(db, other) == ("open", None)
        kept(db, a_theme_day_with(branch, other), secretary)
        later = at(11, 18, 0)
        assert joint_activities.confirm_silent(db, at=later) == 1
        assert the_task(db, other, now=later) == ("done", TODAY)

    def test_nobody_is_asked_about_what_was_withdrawn(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        withdrawn(db, view, secretary)
        asked = queries.parts_asked(db, asked=PartsAsked(other), actor=neighbour, at=NOON)
        assert asked.items == []
        with pytest.raises(NotFound):
            joint_activities.confirm(db, given=ConfirmPart(view.id, other, 2), actor=neighbour, at=NOON)
        assert joint_activities.confirm_silent(db, at=at(11, 18, 0)) == 0
        assert the_task(db, other) == ("open", None)


class TestAtOnce:
    """Real commits on real connections."""

    def test_of_two_records_one_completes_the_task(self, database: Engine, secretary: Actor) -> None:
        with database.begin() as db:
            branch = a_branch_with_tasks(db)
            drafted = [records.draft(db, given=a_theme_day(branch), actor=secretary, at=NOON) for _ in range(4)]
        acts = [
            partial(alone, database, records.keep, asked=KeepRecord(view.id), actor=secretary, at=NOON)
            for view in drafted
        ]
        assert {result.state for result in at_once(acts)} == {"recorded"}
        with database.begin() as db:
            task = named(db, branch, "主题党日")
            assert task.record_id in {view.id for view in drafted}
            steps = select(func.count()).where(task_steps.c.task_id == task.id)
            assert (task.state, db.scalar(steps)) == ("done", 1)

    def test_a_part_is_not_credited_with_what_is_withdrawn(self, database: Engine, secretary: Actor) -> None:
        with database.begin() as db:
            branch = a_branch_with_tasks(db)
            others = [a_branch_with_tasks(db, path=f"3703.370302.t1.c{number}") for number in range(3)]
            views = [kept(db, a_theme_day_with(branch, one), secretary) for one in others]
        acts: list[Any] = []
        for number, (view, one) in enumerate(zip(views, others, strict=True)):
            actor = an_actor(("secretary", f"3703.370302.t1.c{number}"))
            asked = ConfirmPart(view.id, one, 2)
            acts.append(partial(alone, database, joint_activities.confirm, given=asked, actor=actor, at=NOON))
            gone = WithdrawRecord(view.id, WHY)
            acts.append(partial(alone, database, records.withdraw, asked=gone, actor=secretary, at=NOON))
        told = at_once([*acts, partial(alone, database, joint_activities.confirm_silent, at=at(11, 18, 0))])
        assert all(result.state == "cancelled" for result in told[1:-1:2])
        assert all(result in ("not-found", "part-decided") or result.state == "recorded" for result in told[:-1:2])
        with database.begin() as db:
            assert [the_task(db, one) for one in (branch, *others)] == [("open", None)] * 4
