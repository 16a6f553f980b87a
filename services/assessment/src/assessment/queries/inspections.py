"""Inspections: a page of them, and one with its problems and files."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.inspections import InspectionAsked, InspectionsAsked, InspectionView
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, func, select, tuple_

from assessment.domain.problems import WITHDRAWN
from assessment.queries.evidence import files_of
from assessment.queries.organisations import is_below
from assessment.queries.problems import found_by, places, view_of
from assessment.tables.organisations import organisations
from assessment.tables.problems import inspections, problems
from assessment.tables.rectifications import evidence_files

_found = (
    select(func.count())
    .where(
        problems.c.source_id == inspections.c.id,
        problems.c.source == inspections.c.source,
        problems.c.state != WITHDRAWN,
    )
    .scalar_subquery()
)
_INSPECTIONS: Select[Any] = select(
    inspections,
    organisations.c.name.label("organisation_name"),
    organisations.c.path,
    _found.label("found"),
).join(organisations, organisations.c.id == inspections.c.organisation_id)


def inspections_asked(db: Connection, *, asked: InspectionsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of inspections, the latest first. Raises NotFound for no organisation, Forbidden."""
    paths, _ = places(db, asked.organisation_id, actor=actor, action="read_problems")
    of = inspections.c
    rows = _INSPECTIONS.where(is_below(paths))
    if asked.source:
        rows = rows.where(of.source == asked.source)
    if asked.sample_id:
        rows = rows.where(of.sample_id == asked.sample_id)
    if asked.cursor:
        rows = rows.where(tuple_(of.held_on, of.id) < key_in(asked.cursor, date.fromisoformat, UUID))
    rows = rows.order_by(of.held_on.desc(), of.id.desc()).limit(asked.limit + 1)
    return page_of(db.execute(rows).all(), limit=asked.limit, view=_view, key=lambda row: (row.held_on, row.id))


def inspection(db: Connection, *, asked: InspectionAsked, actor: Actor, at: datetime) -> InspectionView:
    """Return an inspection with what it found. Raises NotFound, Forbidden."""
    row = db.execute(_INSPECTIONS.where(inspections.c.id == asked.inspection_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must("read_problems", organisation=row.path)
    return _view(
        row,
        may_add_files=row.by_id == actor.person_id and bool(actor.paths_for("record_inspection")),
        problems=[view_of(one, at=at) for one in found_by(db, row.source, row.id)],
        files=files_of(db, evidence_files.c.inspection_id, [row.id])[row.id],
    )


def _view(row: Row[Any], **more: Any) -> InspectionView:
    told = ("may_add_files", "problems", "files")
    kept = {name: row._mapping[name] for name in InspectionView.__dataclass_fields__ if name not in told}
    return InspectionView(**kept, **more)
