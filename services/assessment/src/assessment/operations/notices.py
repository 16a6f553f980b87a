"""Notices: told in the transaction of what they tell of, once each; read by each person for themselves (G5).

A notice goes to a person, or to an organisation: whoever holds a leading role just there (INBOX_LEADERS) has it in the
inbox, those above do not. Who above shall hear of it is told by a notice of their own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from contracts.assessment.notices import NOTICE_KINDS, MarkNoticesRead, UnreadAsked, UnreadView
from contracts.envelope import plain
from sqlalchemy import Connection, literal
from sqlalchemy.dialects.postgresql import insert

from assessment.queries import notices as shown
from assessment.tables.notices import notice_reads, notices


def tell(
    db: Connection,
    *,
    kind: str,
    subject_id: UUID,
    at: datetime,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
    occasion: str = "",
) -> None:
    """Tell an organisation or a person of something, once for each occasion.

    `facts` are what the sentence of this kind names. Raises ValueError for a kind that the contracts do not know, and
    unless just one of organisation and person is named.
    """
    if (organisation_id is None) == (person_id is None):
        raise ValueError("a notice goes to an organisation or to a person")
    whom = {"organisation_id": organisation_id, "person_id": person_id}
    tell_many(db, kind=kind, at=at, told=[{**whom, "subject_id": subject_id, "facts": facts, "occasion": occasion}])


def tell_many(db: Connection, *, kind: str, at: datetime, told: Iterable[dict[str, Any]]) -> None:
    """Tell many at once: rows of `subject_id`, `organisation_id` or `person_id`, and maybe `facts`, `occasion`.

    Raises ValueError for a kind that the contracts do not know.
    """
    if kind not in NOTICE_KINDS:
        raise ValueError(f"no notice is of the kind {kind!r}")
    rows = [
        {
            "kind": kind,
            "organisation_id": row.get("organisation_id"),
            "person_id": row.get("person_id"),
            "subject_id": row["subject_id"],
            "occasion": row.get("occasion") or "",
            "facts": plain(row.get("facts") or {}),
            "told_at": at,
        }
        for row in told
    ]
    if rows:
        db.execute(insert(notices).on_conflict_do_nothing(), rows)


def mark_read(db: Connection, *, asked: MarkNoticesRead, actor: Actor, at: datetime) -> UnreadView:
    """Note that the actor has read their notices, those named or all; returns how many are left unread.

    What is not the actor's is passed over in silence. Raises Forbidden for a token that does not reach the inbox.
    """
    own = shown.own_unread(actor)
    if asked.notice_ids:
        own = own.where(notices.c.id.in_(asked.notice_ids))
    found = own.with_only_columns(notices.c.id, literal(actor.person_id), literal(at))
    new = insert(notice_reads).from_select(["notice_id", "person_id", "read_at"], found)
    db.execute(new.on_conflict_do_nothing())
    return shown.unread(db, asked=UnreadAsked(), actor=actor)
