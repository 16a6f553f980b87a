"""Notices: told in the transaction of what they tell of, once each; read by each person for themselves (G5).

A notice goes to a person, or to an organisation: whoever holds a leading role just there (INBOX_LEADERS) has it in the
inbox, those above do not. Who above shall hear of it is told by a notice of their own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.assessment.notices import NOTICE_KINDS, MarkNoticesRead, UnreadAsked, UnreadView
from contracts.envelope import dump
from sqlalchemy import Connection, literal, text
from sqlalchemy.dialects.postgresql import insert

from assessment.queries import notices as shown
from assessment.tables.notices import notice_reads, notices

# All of them in one statement, for a bulletin goes to a whole district.
_TELL: Final = text("""
INSERT INTO notices (kind, organisation_id, person_id, subject_id, occasion, facts, told_at)
SELECT :kind, r.organisation_id, r.person_id, r.subject_id, r.occasion, r.facts, :at
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r (organisation_id uuid, person_id uuid, subject_id uuid, occasion text, facts jsonb)
ON CONFLICT DO NOTHING
""")


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
    names = ("organisation_id", "person_id", "subject_id")
    rows = [
        {
            **{name: row.get(name) for name in names},
            "occasion": row.get("occasion") or "",
            "facts": row.get("facts") or {},
        }
        for row in told
    ]
    if rows:
        db.execute(_TELL, {"kind": kind, "at": at, "rows": dump(rows).decode()})


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
