"""Lists and their versions (A1): drafted, adopted by somebody else, never changed; and tasks given besides them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.task_lists import (
    AddedTaskView,
    AddTask,
    AdoptListVersion,
    DraftListVersion,
    DraftTaskList,
    ListItem,
    TaskListAsked,
    TaskListView,
    TaskWords,
    WithdrawListVersion,
)
from sqlalchemy import Connection, Row, func, insert, select, text, update

from assessment.domain.months import Month
from assessment.domain.task_lists import DRAFT, MOVES, fault_in, faults_in
from assessment.queries import task_lists as lists
from assessment.queries.organisations import organisation_named
from assessment.tables.task_lists import added_tasks, list_items, list_versions, task_lists


class ListNotMovable(Refusal):
    """This version is {state}; it cannot be {move} any more."""


class ListSameDrafter(Refusal):
    """Whoever drafted a version does not adopt it; a second person does."""


class ListMonthPast(Refusal):
    """A version begins with a month to come, so that no month has two; {month} has begun."""


class ListMonthTaken(Refusal):
    """Another version of this list begins with {month} already."""


def draft(db: Connection, *, asked: DraftTaskList, actor: Actor, at: datetime) -> TaskListView:
    """Write down a new list with its first version; it holds once somebody else has adopted that.

    Raises NotFound, Forbidden, InvalidInput.
    """
    if asked.organisation_id is not None and organisation_named(db, asked.organisation_id) is None:
        raise NotFound()
    lists.must_for(db, "draft_task_list", asked.organisation_id, actor=actor)
    _must_be_right(asked.items, from_month=asked.from_month, at=at)
    list_id = uuid4()
    whom = {name: getattr(asked, name) for name in ("list_code", "name", "organisation_id", "field", "level")}
    db.execute(insert(task_lists).values(id=list_id, **whom))
    _write_version(db, list_id, asked, actor=actor, at=at)
    return lists.task_list(db, asked=TaskListAsked(list_id), actor=actor, at=at)


def draft_version(db: Connection, *, asked: DraftListVersion, actor: Actor, at: datetime) -> TaskListView:
    """Write down the list's next version. Raises NotFound, Forbidden, InvalidInput."""
    whom = db.execute(select(task_lists).where(task_lists.c.id == asked.list_id)).one_or_none()
    if whom is None:
        raise NotFound()
    lists.must_for(db, "draft_task_list", whom.organisation_id, actor=actor)
    _must_be_right(asked.items, from_month=asked.from_month, at=at)
    _write_version(db, asked.list_id, asked, actor=actor, at=at)
    return lists.task_list(db, asked=TaskListAsked(asked.list_id), actor=actor, at=at)


def adopt(db: Connection, *, asked: AdoptListVersion, actor: Actor, at: datetime) -> TaskListView:
    """Adopt a draft; it holds from its month on, until a later version's month.

    Raises ListSameDrafter, ListMonthPast, ListMonthTaken, ListNotMovable, NotFound, Forbidden.
    """
    version = _locked(db, asked.version_id)
    lists.must_for(db, "adopt_task_list", version.organisation_id, actor=actor)
    if version.state != DRAFT:
        raise ListNotMovable(state=version.state, move="adopt")
    if version.drafted_by_id == actor.person_id:
        raise ListSameDrafter()
    if Month.named(version.from_month) <= Month.at(at):
        raise ListMonthPast(month=version.from_month)
    adopted = select(func.max(list_versions.c.number)).where(list_versions.c.list_id == version.list_id)
    same_month = adopted.where(list_versions.c.from_month == version.from_month)
    if db.execute(same_month).scalar() is not None:
        raise ListMonthTaken(month=version.from_month)
    _decide(db, version, "adopt", actor=actor, at=at, number=(db.execute(adopted).scalar() or 0) + 1)
    return lists.task_list(db, asked=TaskListAsked(version.list_id), actor=actor, at=at)


def withdraw(db: Connection, *, asked: WithdrawListVersion, actor: Actor, at: datetime) -> TaskListView:
    """Put a draft away. Raises ListNotMovable, NotFound, Forbidden."""
    version = _locked(db, asked.version_id)
    lists.must_for(db, "withdraw_task_list", version.organisation_id, actor=actor)
    if version.state != DRAFT:
        raise ListNotMovable(state=version.state, move="withdraw")
    _decide(db, version, "withdraw", actor=actor, at=at, reason=asked.reason)
    return lists.task_list(db, asked=TaskListAsked(version.list_id), actor=actor, at=at)


def add_task(db: Connection, *, asked: AddTask, actor: Actor, at: datetime) -> AddedTaskView:
    """Give branches a task besides their lists. *work* makes it for each, and for those that appear in its month.

    Raises NotFound, Forbidden, InvalidInput for a day that is past.
    """
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("add_task", organisation=organisation.path)
    faults: dict[str, list[str]] = {}
    if asked.due_on < clock.today(at):
        faults["due_on"] = ["The day must be today or later."]
    if fault := fault_in(asked):
        faults["record_template"] = [fault]
    if faults:
        raise InvalidInput(faults)
    item_id = uuid4()
    month = Month.of(asked.due_on)
    db.execute(
        insert(list_items).values(
            id=item_id,
            version_id=None,
            position=0,
            due_day=asked.due_on.day,
            months=[month.number],
            citation=asked.citation,
            **_words(asked),
        )
    )
    whom = {name: getattr(asked, name) for name in ("list_code", "organisation_id", "field", "level", "due_on")}
    db.execute(
        insert(added_tasks).values(
            item_id=item_id,
            month=str(month),
            added_by_id=actor.person_id,
            added_by=actor.name,
            added_at=at,
            **whom,
        )
    )
    count = lists.count_branches(db, organisation.path, field=asked.field, level=asked.level)
    return AddedTaskView(id=item_id, text=asked.text, due_on=asked.due_on, branch_count=count)


def _must_be_right(items: Sequence[ListItem], *, from_month: str, at: datetime) -> None:
    faults = faults_in(items)
    if Month.named(from_month) <= Month.at(at):
        faults["from_month"] = ["A version begins with a month to come."]
    if faults:
        raise InvalidInput(faults)


def _write_version(
    db: Connection, list_id: UUID, asked: DraftTaskList | DraftListVersion, *, actor: Actor, at: datetime
) -> None:
    version_id = uuid4()
    db.execute(
        insert(list_versions).values(
            id=version_id,
            list_id=list_id,
            state=DRAFT,
            from_month=asked.from_month,
            citation=asked.citation,
            drafted_by_id=actor.person_id,
            drafted_by=actor.name,
            drafted_at=at,
        )
    )
    rows = [
        {"id": uuid4(), "version_id": version_id, "position": position, **asdict(item), "months": sorted(item.months)}
        for position, item in enumerate(asked.items)
    ]
    db.execute(insert(list_items), rows)


def _words(task: TaskWords) -> dict[str, Any]:
    return {name: getattr(task, name) for name in TaskWords.__dataclass_fields__}


def _locked(db: Connection, version_id: UUID) -> Row[Any]:
    """Return the version with whom its list is for; whoever decides on the list's versions waits for each other."""
    found = db.execute(
        select(list_versions.c.list_id).where(list_versions.c.id == version_id),
    ).one_or_none()
    if found is None:
        raise NotFound()
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"task list {found.list_id}"})
    return db.execute(
        select(list_versions, task_lists.c.organisation_id)
        .join(task_lists, task_lists.c.id == list_versions.c.list_id)
        .where(list_versions.c.id == version_id)
        .with_for_update(of=list_versions)
    ).one()


def _decide(db: Connection, version: Row[Any], move: str, *, actor: Actor, at: datetime, **columns: Any) -> None:
    sources, state = MOVES[move]
    db.execute(
        update(list_versions)
        .where(list_versions.c.id == version.id, list_versions.c.state.in_(sorted(sources)))
        .values(state=state, decided_by_id=actor.person_id, decided_by=actor.name, decided_at=at, **columns)
    )
