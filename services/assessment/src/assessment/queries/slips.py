"""Supervision slips: one with its steps, those of a part of the tree, those that somebody has to answer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.slips import (
    SlipAsked,
    SlipCountsAsked,
    SlipCountsView,
    SlipFileAsked,
    SlipPersonsAsked,
    SlipPersonsView,
    SlipPersonView,
    SlipsAsked,
    SlipStepView,
    SlipView,
)
from contracts.envelope import Page, StoredFile
from contracts.roster.terms import POSTS
from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, tuple_

from assessment.domain import slips as rules
from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.post_holders import posts_on
from assessment.queries.scopes import is_seen, places_for, superior_of
from assessment.tables.lights import lights
from assessment.tables.organisations import organisations
from assessment.tables.slips import slip_steps, slips

AHEAD = ("open", "overdue", "waiting")
"""What is narrowed to these is listed as it is due; what is over the newest first."""


def number_of(year: int, number: int) -> str:
    """Return a slip's number as offices write it."""
    return f"督办〔{year}〕{number}号"


def slips_asked(db: Connection, *, asked: SlipsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of slips that the actor may see. Raises NotFound for an unknown organisation, Forbidden."""
    rows = _SLIPS.where(_seen(db, asked, actor=actor))
    if asked.state:
        rows = rows.where(_narrowed(asked.state, today=clock.today(at)))
    key = tuple_(slips.c.due_on, slips.c.id)
    is_ahead = asked.state in AHEAD or asked.mine
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(key > after if is_ahead else key < after)
    order = (slips.c.due_on, slips.c.id) if is_ahead else (slips.c.due_on.desc(), slips.c.id.desc())
    found = db.execute(rows.order_by(*order).limit(asked.limit + 1)).all()
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: view_of(row, actor=actor, at=at),
        key=lambda row: (row.due_on, row.id),
    )


def counts(db: Connection, *, asked: SlipCountsAsked, actor: Actor, at: datetime) -> SlipCountsView:
    """Return how many slips of each state the actor may see. Raises NotFound, Forbidden."""
    seen = _seen(db, SlipsAsked(organisation_id=asked.organisation_id), actor=actor)
    told = {
        name: func.count().filter(_narrowed(name, today=clock.today(at))).label(name)
        for name in ("open", "overdue", "waiting", "closed", "withdrawn")
    }
    joined = slips.join(organisations, organisations.c.id == slips.c.branch_id)
    row = db.execute(select(*told.values()).select_from(joined).where(seen)).one()
    return SlipCountsView(**row._mapping)


def slip(db: Connection, *, asked: SlipAsked, actor: Actor, at: datetime) -> SlipView:
    """Return one slip with its steps. Raises NotFound, Forbidden."""
    row = slip_for(db, asked.slip_id, "read_slips", actor=actor)
    steps = db.execute(select(slip_steps).where(slip_steps.c.slip_id == row.id).order_by(slip_steps.c.version)).all()
    return view_of(row, actor=actor, at=at, steps=steps)


def persons(db: Connection, *, asked: SlipPersonsAsked, actor: Actor, at: datetime) -> SlipPersonsView:
    """Return who holds the posts of an organisation today, by post. Raises NotFound, Forbidden."""
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("issue_slip", branch=branch.path)
    held = posts_on(db, branch.id, clock.today(at))
    rows = sorted(held, key=lambda row: (POSTS.index(row.post), row.post_id))
    first = {row.member_id: row for row in reversed(rows)}
    items = [SlipPersonView(row.member_id, row.name, row.post) for row in rows if first[row.member_id] is row]
    return SlipPersonsView(branch.id, branch.name, items)


def slip_for(db: Connection, slip_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the slip's row with its branch, if the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(_SLIPS.where(slips.c.id == slip_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, branch=row.path, person=row.person_id)
    return row


def file_of(db: Connection, *, asked: SlipFileAsked, actor: Actor) -> StoredFile:
    """Return the reference to a file that a reply brought. Raises NotFound, Forbidden."""
    row = slip_for(db, asked.slip_id, "read_slips", actor=actor)
    for files in db.scalars(select(slip_steps.c.files).where(slip_steps.c.slip_id == row.id)):
        for one in files:
            if one["sha256"] == asked.sha256:
                return StoredFile(**one)
    raise NotFound()


def files_referred(db: Connection) -> set[str]:
    """Return the names of all files that replies refer to."""
    return {one["sha256"] for files in db.scalars(select(slip_steps.c.files)) for one in files}


def view_of(row: Row[Any], *, actor: Actor, at: datetime, steps: Sequence[Row[Any]] = ()) -> SlipView:
    """Return a row of a slip as its asker sees it."""
    state, person = row.state, actor.person_id
    may_judge = actor.may("judge_slip", branch=superior_of(row.path))
    return SlipView(
        id=row.id,
        number=number_of(row.year, row.number),
        issuer_id=row.issuer_id,
        issuer_name=row.issuer_name,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject=row.subject,
        month=row.month,
        demand=row.demand,
        readings=row.readings,
        person_id=row.person_id,
        person_name=row.person_name,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        due_on=row.due_on,
        state=state,
        is_overdue=rules.is_overdue(state, row.due_on, today=clock.today(at)),
        level=row.level,
        replied_by=row.replied_by,
        version=row.version,
        may_reply=state in rules.AWAITING and actor.may("reply_to_slip", branch=row.path, person=row.person_id),
        light_now=row.light_now,
        may_judge=may_judge and not (state == rules.REPLIED and row.replied_by_id == person),
        steps=[
            SlipStepView(
                move=step.move,
                state=step.state,
                at=step.at,
                by_name=step.by_name,
                text=step.text,
                due_on=step.due_on,
                level=step.level,
                files=[StoredFile(**one) for one in step.files],
            )
            for step in steps
        ],
    )


LIGHT_NOW = (
    select(lights.c.light)
    .where(slips.c.subject_kind == "light", lights.c.branch_id == slips.c.branch_id, lights.c.month == slips.c.month)
    .scalar_subquery()
)
_SLIPS: Select[Any] = select(
    slips,
    organisations.c.name.label("branch_name"),
    organisations.c.path,
    organisations.c.secretary_id,
    LIGHT_NOW.label("light_now"),
).join(organisations, organisations.c.id == slips.c.branch_id)


def _seen(db: Connection, asked: SlipsAsked, *, actor: Actor) -> ColumnElement[bool]:
    if not actor.grants_for("read_slips"):
        raise Forbidden()
    if asked.mine:
        return is_seen(actor, "reply_to_slip", person=slips.c.person_id)
    seen = is_seen(actor, "read_slips", person=slips.c.person_id)
    for organisation_id in (asked.organisation_id, asked.branch_id):
        if organisation_id is None:
            continue
        organisation = organisation_named(db, organisation_id)
        if organisation is None:
            raise NotFound()
        if not places_for(actor, "read_slips"):
            raise Forbidden()
        actor.must("read_slips", branch=organisation.path)
        seen = seen & is_below([organisation.path])
    return seen


def _narrowed(state: str, *, today: date) -> ColumnElement[bool]:
    awaiting = slips.c.state.in_(rules.AWAITING)
    if state == "open":
        return awaiting
    if state == "overdue":
        return awaiting & (slips.c.due_on < today)
    if state == "waiting":
        return slips.c.state == rules.REPLIED
    return or_(slips.c.state == state)
