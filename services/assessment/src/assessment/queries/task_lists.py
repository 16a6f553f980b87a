"""Lists with their versions, and for how many branches something is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.task_lists import (
    ListItemView,
    ListVersionView,
    TaskListAsked,
    TaskListsAsked,
    TaskListView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, exists, func, not_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.domain.months import Month
from assessment.queries.organisations import IS_ASSESSED, is_below
from assessment.tables.organisations import organisations
from assessment.tables.task_lists import list_items, list_versions, task_lists


def must_for(db: Connection, action: str, organisation_id: UUID | None, *, actor: Actor) -> None:
    """Raise Forbidden unless the actor may do `action` for the organisation; without one, for every branch."""
    if organisation_id is not None:
        path = db.execute(select(organisations.c.path).where(organisations.c.id == organisation_id)).scalar_one()
        actor.must(action, organisation=path)
        return
    paths = actor.paths_for(action)
    outside = select(exists().where(IS_ASSESSED, not_(is_below(paths))))
    if not paths or db.execute(outside).scalar_one():
        raise Forbidden()


def task_lists_asked(db: Connection, *, asked: TaskListsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the lists, each with the version that holds in the month. Raises Forbidden."""
    if not actor.paths_for("read_task_lists"):
        raise Forbidden()
    month = asked.month or str(Month.at(at))
    rows = _LISTS.order_by(task_lists.c.name, task_lists.c.id).limit(asked.limit + 1)
    if asked.list_code:
        rows = rows.where(task_lists.c.list_code == asked.list_code)
    if asked.field:
        rows = rows.where(or_(task_lists.c.field.is_(None), task_lists.c.field == asked.field))
    if asked.cursor:
        rows = rows.where(tuple_(task_lists.c.name, task_lists.c.id) > key_in(asked.cursor, str, UUID))
    found = db.execute(rows).all()
    versions = _in_force(db, [row.id for row in found], month=month)
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: _view(row, in_force=versions.get(row.id)),
        key=lambda row: (row.name, row.id),
    )


def task_list(db: Connection, *, asked: TaskListAsked, actor: Actor, at: datetime) -> TaskListView:
    """Return a list with all its versions, the newest first. Raises NotFound, Forbidden."""
    if not actor.paths_for("read_task_lists"):
        raise Forbidden()
    row = db.execute(_LISTS.where(task_lists.c.id == asked.list_id)).one_or_none()
    if row is None:
        raise NotFound()
    versions = db.execute(
        select(list_versions)
        .where(list_versions.c.list_id == asked.list_id)
        .order_by(list_versions.c.from_month.desc(), list_versions.c.drafted_at.desc())
    ).all()
    told = _told(db, versions)
    month = str(Month.at(at))
    in_force = next((one for one in told if one.state == "adopted" and one.from_month <= month), None)
    return _view(row, in_force=in_force, versions=told)


def count_branches(db: Connection, path: str, *, field: str | None, level: str | None) -> int:
    """Return how many branches lie at or below a node, of one field and level or of all."""
    found = select(func.count()).select_from(organisations).where(IS_ASSESSED, is_below([path]))
    if field:
        found = found.where(organisations.c.field == field)
    if level:
        found = found.where(organisations.c.kind == level)
    return int(db.execute(found).scalar_one())


_LISTS = select(
    task_lists,
    organisations.c.name.label("organisation_name"),
    select(func.count())
    .where(list_versions.c.list_id == task_lists.c.id, list_versions.c.state == "draft")
    .correlate(task_lists)
    .scalar_subquery()
    .label("draft_count"),
).outerjoin(organisations, organisations.c.id == task_lists.c.organisation_id)


def _in_force(db: Connection, list_ids: Sequence[UUID], *, month: str) -> dict[UUID, ListVersionView]:
    rows = db.execute(
        select(list_versions)
        .ext(distinct_on(list_versions.c.list_id))
        .where(
            list_versions.c.list_id.in_(list_ids),
            list_versions.c.state == "adopted",
            list_versions.c.from_month <= month,
        )
        .order_by(list_versions.c.list_id, list_versions.c.from_month.desc())
    ).all()
    return {row.list_id: view for row, view in zip(rows, _told(db, rows), strict=True)}


def _told(db: Connection, versions: Sequence[Row[Any]]) -> list[ListVersionView]:
    items = defaultdict(list)
    for row in db.execute(
        select(list_items)
        .where(list_items.c.version_id.in_([version.id for version in versions]))
        .order_by(list_items.c.position)
    ):
        kept = {name: row._mapping[name] for name in ListItemView.__dataclass_fields__}
        items[row.version_id].append(ListItemView(**kept))
    names = [name for name in ListVersionView.__dataclass_fields__ if name != "items"]
    return [
        ListVersionView(**{name: version._mapping[name] for name in names}, items=items[version.id])
        for version in versions
    ]


def _view(row: Row[Any], *, in_force: ListVersionView | None, versions: Sequence[ListVersionView] = ()) -> TaskListView:
    names = ("id", "list_code", "name", "organisation_id", "organisation_name", "field", "level", "draft_count")
    return TaskListView(**{name: row._mapping[name] for name in names}, in_force=in_force, versions=list(versions))
