"""The list of weak organisations: what is open below an actor's places, and one entry with all that happened."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.weak_organisations import (
    WeakEntriesOfAsked,
    WeakEntryAsked,
    WeakEntryView,
    WeakItemView,
    WeakOrganisationsAsked,
    WeakStepView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, func, select, tuple_

from assessment.domain.weak_organisations import ACCEPTED, LISTED, PROPOSED
from assessment.queries.evidence import files_of
from assessment.queries.organisations import is_below
from assessment.tables.organisations import organisations
from assessment.tables.rectifications import evidence_files
from assessment.tables.stars import star_ratings
from assessment.tables.weak_organisations import weak_items, weak_organisations, weak_steps


def weak_organisations_asked(db: Connection, *, asked: WeakOrganisationsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the list below the actor's places, by name. Raises Forbidden."""
    paths = actor.paths_for("read_weak_list")
    if not paths:
        raise Forbidden()
    states = (asked.state,) if asked.state else (PROPOSED, LISTED)
    rows = _ENTRIES.where(is_below(paths), weak_organisations.c.state.in_(states))
    key = (organisations.c.name, weak_organisations.c.id)
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, str, UUID))
    found = db.execute(rows.order_by(*key).limit(asked.limit + 1)).all()
    return page_of(
        found, limit=asked.limit, view=lambda row: _view(row, at=at), key=lambda row: (row.organisation_name, row.id)
    )


def entries_of(db: Connection, *, asked: WeakEntriesOfAsked, actor: Actor, at: datetime) -> Page:
    """Return the entries of one organisation with their items, the newest first; its own people see no proposals.

    Raises NotFound, Forbidden.
    """
    path = db.execute(
        select(organisations.c.path).where(organisations.c.id == asked.organisation_id)
    ).scalar_one_or_none()
    if path is None:
        raise NotFound()
    actor.must("read_weak_entry", branch=path)
    rows = _ENTRIES.where(weak_organisations.c.organisation_id == asked.organisation_id)
    if not actor.may("read_weak_list", organisation=path):
        rows = rows.where(weak_organisations.c.listed_at.is_not(None))
    found = db.execute(rows.order_by(weak_organisations.c.proposed_at.desc()).limit(50)).all()
    items = _items(db, [row.id for row in found])
    return Page(items=[_view(row, at=at, items=items[row.id]) for row in found])


def entry(db: Connection, *, asked: WeakEntryAsked, actor: Actor, at: datetime) -> WeakEntryView:
    """Return one entry with its items and its history. Raises NotFound, Forbidden."""
    row = db.execute(_ENTRIES.where(weak_organisations.c.id == asked.entry_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must("read_weak_entry", branch=row.path)
    if row.listed_at is None and not actor.may("read_weak_list", organisation=row.path):
        raise NotFound()
    return _view(row, at=at, items=_items(db, [row.id])[row.id], steps=_steps(db, row.id))


def _count(*conditions: Any) -> Any:
    of_entry = select(func.count()).where(weak_items.c.entry_id == weak_organisations.c.id, *conditions)
    return of_entry.correlate(weak_organisations).scalar_subquery()


_ENTRIES = (
    select(
        weak_organisations,
        organisations.c.name.label("organisation_name"),
        organisations.c.path,
        star_ratings.c.period,
        _count().label("item_count"),
        _count(weak_items.c.state == ACCEPTED).label("accepted_count"),
    )
    .join(organisations, organisations.c.id == weak_organisations.c.organisation_id)
    .outerjoin(star_ratings, star_ratings.c.id == weak_organisations.c.rating_id)
)


def _items(db: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, list[WeakItemView]]:
    of_entries = weak_items.c.entry_id.in_(entry_ids)
    rows = db.execute(select(weak_items).where(of_entries).order_by(weak_items.c.position)).all()
    files = files_of(db, evidence_files.c.weak_item_id, [row.id for row in rows])
    names = [name for name in WeakItemView.__dataclass_fields__ if name != "files"]
    items = defaultdict(list)
    for row in rows:
        view = WeakItemView(**{name: row._mapping[name] for name in names}, files=files[row.id])
        items[row.entry_id].append(view)
    return items


def _steps(db: Connection, entry_id: UUID) -> list[WeakStepView]:
    rows = db.execute(
        select(weak_steps, weak_items.c.text.label("item"))
        .outerjoin(weak_items, weak_items.c.id == weak_steps.c.item_id)
        .where(weak_steps.c.entry_id == entry_id)
        .order_by(weak_steps.c.position)
    )
    return [WeakStepView(step=row.step, item=row.item, text=row.text, at=row.at, by=row.by_name) for row in rows]


def _view(
    row: Row[Any], *, at: datetime, items: Sequence[WeakItemView] = (), steps: Sequence[WeakStepView] = ()
) -> WeakEntryView:
    kept = {name: row._mapping[name] for name in WeakEntryView.__dataclass_fields__ if name in row._mapping}
    today = clock.today(at)
    is_overdue = row.state == LISTED and row.due_on < today
    return WeakEntryView(**kept, is_overdue=is_overdue, items=list(items), steps=list(steps))
