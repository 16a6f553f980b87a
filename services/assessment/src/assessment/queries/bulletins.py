"""Bulletins as their readers see them: whoever may read at the issuer sees all, others those that were sent to them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.bulletins import (
    BulletinAsked,
    BulletinLine,
    BulletinLinesAsked,
    BulletinRow,
    BulletinsAsked,
    BulletinView,
    FigureView,
    PartFigures,
    ReceiptsAsked,
    ReceiptView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, select, text, tuple_

from assessment.domain import bulletins as rules
from assessment.queries.scopes import places_for
from assessment.tables.bulletins import bulletin_lines, bulletin_receipts

WORDS: Final = {rules.DAILY: "日通报", rules.MONTHLY: "月通报", rules.QUARTERLY: "整改清单"}


def number_of(kind: str, year: int, number: int | None) -> str | None:
    """Return a bulletin's number as offices write it; none before it is signed."""
    return f"{WORDS[kind]}〔{year}〕{number}号" if number is not None else None


# `places` are those of the right to read; whoever reads at the issuer's own node or above sees every state.
_SEEN: Final = """
    EXISTS (SELECT FROM unnest(CAST(:places AS text[])) place
             WHERE i.path = place OR starts_with(i.path, place || '.'))
    OR (b.state = 'sent' AND EXISTS (
        SELECT FROM bulletin_receipts r JOIN organisations o ON o.id = r.organisation_id
         WHERE r.bulletin_id = b.id AND EXISTS (SELECT FROM unnest(CAST(:places AS text[])) place
                                                 WHERE o.path = place OR starts_with(o.path, place || '.'))))"""

_BULLETINS: Final = f"""
SELECT b.*, i.path AS issuer_path, c.kind AS corrects_kind, c.year AS corrects_year, c.number AS corrects_no,
       c.title AS corrects_title, by.id AS corrected_by_id,
       told.receipts, told.receipts_read, own.receipts AS own_receipts, own.unread AS own_unread
  FROM bulletins b
  JOIN organisations i ON i.id = b.issuer_id
  LEFT JOIN bulletins c ON c.id = b.corrects_id
  LEFT JOIN bulletins by ON by.corrects_id = b.id AND by.state IN ('signed', 'sent')
 CROSS JOIN LATERAL (SELECT count(*) AS receipts, count(r.read_at) AS receipts_read
                       FROM bulletin_receipts r WHERE r.bulletin_id = b.id) told
 CROSS JOIN LATERAL (SELECT count(*) AS receipts, count(*) FILTER (WHERE r.read_at IS NULL) AS unread
                       FROM organisations o JOIN bulletin_receipts r ON r.organisation_id = o.id
                      WHERE o.path = ANY(:led) AND r.bulletin_id = b.id) own
 WHERE ({_SEEN})
"""  # noqa: S608 - constants of this module


def bulletins_asked(db: Connection, *, asked: BulletinsAsked, actor: Actor) -> Page:
    """Return a page of bulletins that the actor may see, the newest first. Raises Forbidden."""
    given = _given(actor)
    conditions = ""
    for name in ("kind", "state"):
        if getattr(asked, name):
            conditions += f" AND b.{name} = :{name}"
            given[name] = getattr(asked, name)
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions += " AND (b.drafted_at, b.id) < (:after_at, :after_id)"
    statement = f"{_BULLETINS}{conditions} ORDER BY b.drafted_at DESC, b.id DESC LIMIT :limit"
    rows = db.execute(text(statement), {**given, "limit": asked.limit + 1}).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: BulletinRow(
            id=row.id,
            kind=row.kind,
            period=row.period,
            issuer_name=row.issuer_name,
            title=row.title,
            state=row.state,
            number=number_of(row.kind, row.year, row.number),
            corrects_id=row.corrects_id,
            drafted_by=row.drafted_by,
            signed_by=row.signed_by,
            sent_at=row.sent_at,
            drafted_at=row.drafted_at,
            receipts=row.receipts,
            receipts_read=row.receipts_read,
            is_unread=row.own_unread > 0,
        ),
        key=lambda row: (row.drafted_at, row.id),
    )


def bulletin(db: Connection, *, asked: BulletinAsked, actor: Actor) -> BulletinView:
    """Return one bulletin without its lines. Raises NotFound, Forbidden."""
    row = bulletin_for(db, asked.bulletin_id, actor=actor)
    lines = "SELECT count(*) FROM bulletin_lines WHERE bulletin_id = :id"
    is_draft = row.state == rules.DRAFT
    may_edit = is_draft and actor.may("draft_bulletin", organisation=row.issuer_path)
    may_sign = actor.may("sign_bulletin", organisation=row.issuer_path)
    return BulletinView(
        id=row.id,
        kind=row.kind,
        period=row.period,
        issuer_id=row.issuer_id,
        issuer_name=row.issuer_name,
        title=row.title,
        opening=row.opening,
        closing=row.closing,
        figures=[FigureView(**one) for one in row.figures],
        parts=[PartFigures(**one) for one in row.parts],
        as_of=row.as_of,
        line_count=db.execute(text(lines), {"id": row.id}).scalar_one(),
        state=row.state,
        number=number_of(row.kind, row.year, row.number),
        corrects_id=row.corrects_id,
        corrects_number=number_of(row.corrects_kind, row.corrects_year, row.corrects_no) if row.corrects_id else None,
        corrects_title=row.corrects_title,
        corrected_by_id=row.corrected_by_id,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        edited_by=row.edited_by,
        edited_at=row.edited_at,
        signed_by=row.signed_by,
        signed_at=row.signed_at,
        sent_at=row.sent_at,
        receipts=row.receipts,
        receipts_read=row.receipts_read,
        reason=row.reason,
        version=row.version,
        may_sign=may_sign and is_draft and row.drafted_by_id != actor.person_id,
        may_edit=may_edit,
        may_acknowledge=row.own_unread > 0,
    )


def bulletin_for(db: Connection, bulletin_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the bulletin's row if the actor may see it. Raises NotFound, Forbidden."""
    given = {**_given(actor), "id": bulletin_id}
    row = db.execute(text(f"{_BULLETINS} AND b.id = :id"), given).one_or_none()
    if row is None:
        raise NotFound()
    return row


def lines(db: Connection, *, asked: BulletinLinesAsked, actor: Actor) -> Page:
    """Return a page of a bulletin's lines in their order. Raises NotFound, Forbidden."""
    row = bulletin_for(db, asked.bulletin_id, actor=actor)
    rows = select(bulletin_lines).where(bulletin_lines.c.bulletin_id == row.id)
    if asked.light:
        rows = rows.where(bulletin_lines.c.light == asked.light)
    if asked.branch_id:
        rows = rows.where(bulletin_lines.c.branch_id == asked.branch_id)
    if asked.cursor:
        rows = rows.where(bulletin_lines.c.position > key_in(asked.cursor, int)[0])
    found = db.execute(rows.order_by(bulletin_lines.c.position).limit(asked.limit + 1)).all()
    return page_of(found, limit=asked.limit, view=line_of, key=lambda line: (line.position,))


def all_lines(db: Connection, bulletin_id: UUID) -> list[BulletinLine]:
    """Return all lines of a bulletin, for its document."""
    rows = select(bulletin_lines).where(bulletin_lines.c.bulletin_id == bulletin_id)
    return [line_of(row) for row in db.execute(rows.order_by(bulletin_lines.c.position))]


def receipts(db: Connection, *, asked: ReceiptsAsked, actor: Actor) -> Page:
    """Return to whom a bulletin went and who has read it, those who have not first. Raises NotFound, Forbidden."""
    row = bulletin_for(db, asked.bulletin_id, actor=actor)
    actor.must("read_receipts", organisation=row.issuer_path)
    of = bulletin_receipts.c
    is_read = of.read_at.is_not(None)
    rows = select(bulletin_receipts, is_read.label("is_read")).where(of.bulletin_id == row.id)
    if asked.unread:
        rows = rows.where(of.read_at.is_(None))
    key = (is_read, of.organisation_name, of.organisation_id)
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, lambda word: word == "True", str, UUID))
    found = db.execute(rows.order_by(*key).limit(asked.limit + 1)).all()
    return page_of(
        found,
        limit=asked.limit,
        view=lambda one: ReceiptView(one.organisation_id, one.organisation_name, one.sent_at, one.read_at, one.read_by),
        key=lambda one: (one.is_read, one.organisation_name, one.organisation_id),
    )


def led_by(actor: Actor) -> list[str]:
    """Return the nodes at which the actor signs for what was sent there."""
    return places_for(actor, "acknowledge_bulletin")


def _given(actor: Actor) -> dict[str, Any]:
    places = places_for(actor, "read_bulletins")
    if not places:
        raise Forbidden()
    return {"places": places, "led": led_by(actor)}


def line_of(row: Row[Any]) -> BulletinLine:
    """Return a row of a line as it is shown."""
    return BulletinLine(**{name: row._mapping[name] for name in BulletinLine.__dataclass_fields__})
