"""Reminder talks: those of a part of the tree, and one with its record."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.talks import TalkAsked, TalksAsked, TalkView
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, select, tuple_

from assessment.domain.talks import DUE, HELD
from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.scopes import places_for, superior_of
from assessment.tables.bulletins import talks
from assessment.tables.organisations import organisations


def talks_asked(db: Connection, *, asked: TalksAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of talks below the actor's places; those due by their day, those held the newest first.

    Raises NotFound for an unknown organisation, Forbidden.
    """
    places = places_for(actor, "read_talks")
    if not places:
        raise Forbidden()
    rows = _TALKS.where(is_below(places))
    for organisation_id in (asked.organisation_id, asked.branch_id):
        if organisation_id is not None:
            organisation = organisation_named(db, organisation_id)
            if organisation is None:
                raise NotFound()
            actor.must("read_talks", branch=organisation.path)
            rows = rows.where(is_below([organisation.path]))
    if asked.state:
        rows = rows.where(talks.c.state == (HELD if asked.state == "held" else DUE))
    if asked.state == "overdue":
        rows = rows.where(talks.c.due_on < clock.today(at))
    is_ahead = asked.state in ("due", "overdue")
    key = tuple_(talks.c.due_on, talks.c.id)
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(key > after if is_ahead else key < after)
    order = (talks.c.due_on, talks.c.id) if is_ahead else (talks.c.due_on.desc(), talks.c.id.desc())
    return page_of(
        db.execute(rows.order_by(*order).limit(asked.limit + 1)).all(),
        limit=asked.limit,
        view=lambda row: view_of(row, actor=actor, at=at),
        key=lambda row: (row.due_on, row.id),
    )


def talk(db: Connection, *, asked: TalkAsked, actor: Actor, at: datetime) -> TalkView:
    """Return one talk. Raises NotFound, Forbidden."""
    return view_of(talk_for(db, asked.talk_id, "read_talks", actor=actor), actor=actor, at=at)


def talk_for(db: Connection, talk_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the talk's row with its branch, if the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(_TALKS.where(talks.c.id == talk_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, branch=row.path)
    return row


def view_of(row: Row[Any], *, actor: Actor, at: datetime) -> TalkView:
    """Return a row of a talk as its asker sees it."""
    told = ("is_overdue", "may_record")
    kept = {name: row._mapping[name] for name in TalkView.__dataclass_fields__ if name not in told}
    is_due = row.state == DUE
    return TalkView(
        **kept,
        is_overdue=is_due and row.due_on < clock.today(at),
        may_record=is_due and actor.may("record_talk", branch=superior_of(row.path)),
    )


_TALKS: Select[Any] = select(talks, organisations.c.name.label("branch_name"), organisations.c.path).join(
    organisations, organisations.c.id == talks.c.branch_id
)
