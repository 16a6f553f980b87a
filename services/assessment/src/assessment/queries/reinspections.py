"""Re-inspections, and which problems came back since the last one: by kind, or by words that are alike."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.reinspections import CameBackView, ReinspectionAsked, ReinspectionsAsked, ReinspectionView
from contracts.envelope import Page, load
from sqlalchemy import Connection, Row, Select, select, tuple_

from assessment.queries import problems as register
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.organisations import organisations
from assessment.tables.problems import problem_kinds, problems
from assessment.tables.reviews import reinspections

REINSPECTIONS: Select[Any] = select(
    reinspections, organisations.c.name.label("organisation_name"), organisations.c.path
).join(organisations, organisations.c.id == reinspections.c.organisation_id)


def reinspections_asked(db: Connection, *, asked: ReinspectionsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of re-inspections in the order of the tree. Raises NotFound, Forbidden."""
    if asked.organisation_id is None:
        paths = actor.paths_for("read_reinspections")
        if not paths:
            raise Forbidden()
    else:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("read_reinspections", organisation=organisation.path)
        paths = [organisation.path]
    rows = REINSPECTIONS.where(is_below(paths))
    if asked.state:
        rows = rows.where(reinspections.c.state == asked.state)
    key = (organisations.c.path, reinspections.c.due_on, reinspections.c.id)
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, str, date.fromisoformat, UUID))
    return page_of(
        db.execute(rows.order_by(*key).limit(asked.limit + 1)).all(),
        limit=asked.limit,
        view=lambda row: view_of(row, [], actor=actor, at=at),
        key=lambda row: (row.path, row.due_on, row.id),
    )


def reinspection(db: Connection, *, asked: ReinspectionAsked, actor: Actor, at: datetime) -> ReinspectionView:
    """Return one re-inspection with the problems that came back. Raises NotFound, Forbidden."""
    row = row_of(db, asked.reinspection_id)
    actor.must("read_reinspections", organisation=row.path)
    return view_of(row, again_of(db, row), actor=actor, at=at)


def row_of(db: Connection, reinspection_id: UUID) -> Row[Any]:
    """Return the re-inspection with its organisation. Raises NotFound."""
    row = db.execute(REINSPECTIONS.where(reinspections.c.id == reinspection_id)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def again_of(db: Connection, row: Row[Any]) -> list[CameBackView]:
    """Return the problems since the last re-inspection that had been there before, as the register finds them; of one
    that is done those that it kept."""
    if row.again is not None:
        return [load(CameBackView, one) for one in row.again]
    found = db.execute(
        select(problems, problem_kinds.c.name.label("kind_name"))
        .join(problem_kinds, problem_kinds.c.code == problems.c.kind)
        .where(
            problems.c.organisation_id == row.organisation_id,
            problems.c.found_on >= row.since,
            problems.c.state != "withdrawn",
        )
        .order_by(problems.c.found_on.desc(), problems.c.id)
        .limit(50)
    ).all()
    earlier = register.last_earlier(db, [one.id for one in found])
    return [
        CameBackView(
            problem_id=one.id,
            kind_name=one.kind_name,
            text=one.text,
            found_on=one.found_on,
            earlier_text=earlier[one.id].text,
            earlier_found_on=earlier[one.id].found_on,
            is_same_kind=earlier[one.id].is_same_kind,
            similarity=earlier[one.id].similarity,
        )
        for one in found
        if one.id in earlier
    ]


def view_of(row: Row[Any], again: list[CameBackView], *, actor: Actor, at: datetime) -> ReinspectionView:
    """Return the view of a re-inspection that the actor may read."""
    told = ("is_overdue", "again", "may_record")
    return ReinspectionView(
        **{name: row._mapping[name] for name in ReinspectionView.__dataclass_fields__ if name not in told},
        is_overdue=row.state == "due" and row.due_on < clock.today(at),
        again=again,
        may_record=row.state == "due" and actor.may("record_reinspection", organisation=row.path),
    )
