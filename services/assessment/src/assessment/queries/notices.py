"""The inbox: what was told to the asker, or to an organisation that they lead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.assessment.notices import (
    INBOX_LEADERS,
    NOTICE_KINDS,
    UNREAD_MAX,
    InboxAsked,
    InboxNoticeView,
    UnreadAsked,
    UnreadView,
)
from contracts.envelope import Page
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from assessment.tables.notices import notice_reads, notices
from assessment.tables.organisations import organisations


def inbox(db: Connection, *, asked: InboxAsked, actor: Actor) -> Page:
    """Return a page of the actor's notices, the newest first. Raises Forbidden."""
    own = own_unread(actor) if asked.unread else _own(actor)
    if asked.cursor:
        own = own.where(tuple_(notices.c.told_at, notices.c.id) < key_in(asked.cursor, datetime.fromisoformat, UUID))
    rows = db.execute(own.order_by(notices.c.told_at.desc(), notices.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.told_at, row.id))


def unread(db: Connection, *, asked: UnreadAsked, actor: Actor) -> UnreadView:
    """Return how many notices the actor has not read, counted up to UNREAD_MAX. Raises Forbidden."""
    first = own_unread(actor).with_only_columns(notices.c.id).limit(UNREAD_MAX).subquery()
    return UnreadView(unread=db.execute(select(func.count()).select_from(first)).scalar_one())


def own_unread(actor: Actor) -> Select[Any]:
    """Select the notices that the actor has not read. Raises Forbidden."""
    return _own(actor).where(notice_reads.c.read_at.is_(None))


def _own(actor: Actor) -> Select[Any]:
    actor.must("read_inbox", person=actor.person_id)
    by = notice_reads.c
    return (
        select(notices, organisations.c.name.label("organisation_name"), by.read_at)
        .outerjoin(organisations, organisations.c.id == notices.c.organisation_id)
        .outerjoin(notice_reads, and_(by.notice_id == notices.c.id, by.person_id == actor.person_id))
        .where(_is_for(actor))
    )


def _is_for(actor: Actor) -> ColumnElement[bool]:
    """The condition that a notice is the actor's own, or that of an organisation at which they hold a leading role."""
    places = {grant.path for grant in actor.grants_for("read_inbox") if grant.role in INBOX_LEADERS}
    if not places:
        return notices.c.person_id == actor.person_id
    led = select(organisations.c.id).where(organisations.c.path.in_(sorted(places)))
    return or_(notices.c.person_id == actor.person_id, notices.c.organisation_id.in_(led))


def _view(row: Row[Any]) -> InboxNoticeView:
    return InboxNoticeView(
        id=row.id,
        kind=row.kind,
        subject_kind=NOTICE_KINDS.get(row.kind, row.kind),
        subject_id=row.subject_id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        facts=row.facts,
        told_at=row.told_at,
        read_at=row.read_at,
    )
