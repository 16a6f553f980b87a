"""Criteria of on-site rounds: with their versions, headings and items."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.rounds import (
    CriteriaAsked,
    CriteriaHeadingView,
    CriteriaVersionsAsked,
    CriteriaVersionView,
    CriteriaView,
    CriterionView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.tables.rounds import criteria, criteria_headings, criteria_items, criteria_versions


def criteria_asked(db: Connection, *, asked: CriteriaAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the criteria, each with its newest adopted version, if it has one. Raises Forbidden."""
    _may_read(actor)
    rows = select(criteria).order_by(criteria.c.name, criteria.c.id).limit(asked.limit + 1)
    if asked.cursor:
        rows = rows.where(tuple_(criteria.c.name, criteria.c.id) > key_in(asked.cursor, str, UUID))
    found = db.execute(rows).all()
    newest = (
        _VERSIONS.ext(distinct_on(criteria_versions.c.criteria_id))
        .where(criteria_versions.c.criteria_id.in_([row.id for row in found]), criteria_versions.c.state == "adopted")
        .order_by(criteria_versions.c.criteria_id, criteria_versions.c.number.desc())
    )
    versions = {one.criteria_id: [one] for one in _told(db, db.execute(newest).all())}
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: _view(row, versions.get(row.id, [])),
        key=lambda row: (row.name, row.id),
    )


def criteria_whole(db: Connection, *, asked: CriteriaVersionsAsked, actor: Actor, at: datetime) -> CriteriaView:
    """Return criteria with all their versions: drafts, then those adopted, the newest first, then those put away.

    Raises NotFound, Forbidden.
    """
    _may_read(actor)
    row = db.execute(select(criteria).where(criteria.c.id == asked.criteria_id)).one_or_none()
    if row is None:
        raise NotFound()
    mine = _VERSIONS.where(criteria_versions.c.criteria_id == asked.criteria_id).order_by(
        criteria_versions.c.state != "draft",
        criteria_versions.c.number.desc().nulls_last(),
        criteria_versions.c.made_at.desc(),
        criteria_versions.c.id,
    )
    return _view(row, _told(db, db.execute(mine).all()))


def version_whole(db: Connection, version_id: UUID) -> CriteriaVersionView | None:
    """Return one version with its headings and items, if there is one."""
    found = _told(db, db.execute(_VERSIONS.where(criteria_versions.c.id == version_id)).all())
    return found[0] if found else None


def versions_whole(db: Connection, ids: Sequence[UUID]) -> dict[UUID, CriteriaVersionView]:
    """Return versions with their headings and items, by id."""
    rows = db.execute(_VERSIONS.where(criteria_versions.c.id.in_(set(ids)))).all()
    return {one.id: one for one in _told(db, rows)}


_VERSIONS = select(criteria_versions, criteria.c.name, criteria.c.kind).join(
    criteria, criteria.c.id == criteria_versions.c.criteria_id
)


def _may_read(actor: Actor) -> None:
    if not actor.paths_for("read_criteria"):
        raise Forbidden()


def _told(db: Connection, versions: Sequence[Row[Any]]) -> list[CriteriaVersionView]:
    ids = [version.id for version in versions]
    items: dict[tuple[UUID, int], list[CriterionView]] = defaultdict(list)
    for row in db.execute(
        select(criteria_items)
        .where(criteria_items.c.version_id.in_(ids))
        .order_by(criteria_items.c.heading, criteria_items.c.number)
    ):
        kept = {name: row._mapping[name] for name in CriterionView.__dataclass_fields__}
        items[row.version_id, row.heading].append(CriterionView(**{**kept, "full_marks": float(row.full_marks)}))
    headings: dict[UUID, list[CriteriaHeadingView]] = defaultdict(list)
    for row in db.execute(
        select(criteria_headings)
        .where(criteria_headings.c.version_id.in_(ids))
        .order_by(criteria_headings.c.version_id, criteria_headings.c.number)
    ):
        inside = items[row.version_id, row.number]
        headings[row.version_id].append(
            CriteriaHeadingView(
                number=row.number,
                name=row.name,
                weight=row.weight,
                full_marks=sum(item.full_marks for item in inside),
                items=inside,
            )
        )
    names = [name for name in CriteriaVersionView.__dataclass_fields__ if name != "headings"]
    return [
        CriteriaVersionView(**{name: version._mapping[name] for name in names}, headings=headings[version.id])
        for version in versions
    ]


def _view(row: Row[Any], versions: list[CriteriaVersionView]) -> CriteriaView:
    return CriteriaView(id=row.id, name=row.name, kind=row.kind, organisation_id=row.organisation_id, versions=versions)
