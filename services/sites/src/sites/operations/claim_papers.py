"""The site brings the papers of its claim: files, and the register of invoices and receipts (S11).

A number or a file that stands at another claim already is told at once and marked for the preparer; the table holds
each number once among the live ones, whatever the year (财会〔2020〕6号: an electronic voucher is booked once).
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import PDF, FileStore
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.sites.claims import (
    ATTACHMENTS_MAX,
    INVOICES_MAX,
    AttachmentAsked,
    AttachmentView,
    AttachPaper,
    EnterInvoice,
    EvidenceView,
    InvoiceAsked,
    InvoiceView,
)
from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from sites.domain.claims import CONFIRMED, DISPUTED, DRAFTED, REJECTED, RETURNED, SUBMITTED
from sites.domain.days import day_of
from sites.operations.pictures import must_be_stored
from sites.queries.claim_evidence import attachments_of, evidence, invoices_of
from sites.queries.claims import claim_for
from sites.tables.claims import claim_attachments, claim_invoices

OPEN: Final = (DRAFTED, RETURNED, SUBMITTED, DISPUTED, CONFIRMED)
"""The states in which papers may be brought; an appeal's also when the claim is rejected or approved."""
BACK: Final = (DRAFTED, RETURNED)
"""The states in which the site may take them back: nobody is looking at them."""

LIVE: Final = "live"
DUPLICATE: Final = "duplicate"
FREED: Final = "freed"

_OTHER: Final = text("SELECT claim_id FROM claim_invoices WHERE code = :code AND number = :number AND state = 'live'")
# The first who brought a number that is free now has it live; `ON CONFLICT` leaves it to whoever enters it right now.
_PROMOTE: Final = text("""
WITH promoted AS (
    INSERT INTO claim_invoices
        (id, claim_id, state, code, number, issuer, issued_on, amount_fen, at, by_id, by_name)
    SELECT DISTINCT ON (d.code, d.number) gen_random_uuid(), d.claim_id, 'live', d.code, d.number, d.issuer,
           d.issued_on, d.amount_fen, d.at, d.by_id, d.by_name
      FROM claim_invoices d
      JOIN claims c ON c.id = d.claim_id AND c.state NOT IN ('rejected', 'lapsed')
     WHERE d.state = 'duplicate' AND d.other_claim_id = ANY(CAST(:claims AS uuid[]))
     ORDER BY d.code, d.number, d.at, d.id
    ON CONFLICT DO NOTHING
    RETURNING claim_id, code, number
)
UPDATE claim_invoices d SET state = 'freed', freed_at = :at, freed_reason = 'promoted'
  FROM promoted p
 WHERE d.claim_id = p.claim_id AND d.code = p.code AND d.number = p.number AND d.state = 'duplicate'
""")
_POINT_ANEW: Final = text("""
UPDATE claim_invoices d SET other_claim_id = l.claim_id
  FROM claim_invoices l
 WHERE d.state = 'duplicate' AND d.other_claim_id = ANY(CAST(:claims AS uuid[]))
   AND l.state = 'live' AND l.code = d.code AND l.number = d.number AND l.claim_id <> d.claim_id
""")
_REVIVE: Final = text("""
UPDATE claim_invoices i SET state = 'live', freed_at = NULL, freed_reason = NULL
 WHERE i.claim_id = :claim AND i.state = 'freed' AND i.freed_reason = :reason
   AND NOT EXISTS (SELECT FROM claim_invoices x WHERE x.code = i.code AND x.number = i.number AND x.state = 'live')
""")


class PaperRepeated(Refusal):
    """This file is attached to the claim already."""


class TooManyPapers(Refusal):
    """A claim takes at most {most}; remove one first."""


class PapersFixed(Refusal):
    """The claim is {state} now; its papers cannot be changed any more."""


class InvoiceRepeated(Refusal):
    """This invoice is entered for the claim already."""


def attach(db: Connection, files: FileStore, *, asked: AttachPaper, actor: Actor, at: datetime) -> AttachmentView:
    """Attach a stored file to the claim; one that stands at another claim is kept, and said to be a duplicate.

    Raises PapersFixed, PaperRepeated, TooManyPapers; InvalidInput for a file that is not stored.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="bring_papers", locked=True)
    is_of_appeal = asked.kind == "appeal" and row.state in (REJECTED, "approved")
    if row.state not in OPEN and not is_of_appeal:
        raise PapersFixed(state=row.state)
    stored = _stored(files, asked)
    held = db.execute(
        select(func.count())
        .select_from(claim_attachments)
        .where(claim_attachments.c.claim_id == row.id, claim_attachments.c.removed_at.is_(None))
    ).scalar_one()
    if held >= ATTACHMENTS_MAX:
        raise TooManyPapers(most=ATTACHMENTS_MAX)
    attachment_id = uuid4()
    added = db.execute(
        insert_or(claim_attachments)
        .values(
            id=attachment_id,
            claim_id=row.id,
            kind=asked.kind,
            name=asked.name,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            **stored,
        )
        .on_conflict_do_nothing()
    )
    if added.rowcount == 0:
        raise PaperRepeated()
    (attached,) = attachments_of(db, row.id, attachment_id=attachment_id, sees_others=False)
    return attached


def detach(db: Connection, *, asked: AttachmentAsked, actor: Actor, at: datetime) -> EvidenceView:
    """Take a file back while the claim lies with the site. Raises PapersFixed; NotFound."""
    row = _with_the_site(db, asked.claim_id, actor=actor)
    gone = db.execute(
        update(claim_attachments)
        .where(
            claim_attachments.c.id == asked.attachment_id,
            claim_attachments.c.claim_id == row.id,
            claim_attachments.c.removed_at.is_(None),
        )
        .values(removed_at=at, removed_by=actor.name)
    )
    if gone.rowcount == 0:
        raise NotFound()
    return evidence(db, row.id, actor=actor, at=at)


def enter_invoice(db: Connection, *, asked: EnterInvoice, actor: Actor, at: datetime) -> InvoiceView:
    """Enter an invoice; a number that another claim brought is entered as its duplicate, which the preparer sees.

    Raises PapersFixed, InvoiceRepeated, TooManyPapers; InvalidInput for a day that lies ahead.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="bring_papers", locked=True)
    if row.state not in OPEN:
        raise PapersFixed(state=row.state)
    if asked.issued_on > day_of(at):
        raise InvalidInput({"issued_on": ["The day lies ahead."]})
    code, number = asked.code.upper(), asked.number.upper()
    mine = db.execute(
        select(claim_invoices.c.code, claim_invoices.c.number).where(
            claim_invoices.c.claim_id == row.id, claim_invoices.c.state != FREED
        )
    ).all()
    if (code, number) in {tuple(one) for one in mine}:
        raise InvoiceRepeated()
    if len(mine) >= INVOICES_MAX:
        raise TooManyPapers(most=INVOICES_MAX)
    invoice = {
        "id": uuid4(),
        "claim_id": row.id,
        "code": code,
        "number": number,
        "issuer": asked.issuer,
        "issued_on": asked.issued_on,
        "amount_fen": asked.amount_fen,
        "at": at,
        "by_id": actor.person_id,
        "by_name": actor.name,
    }
    # The unique index decides between two who come at once; the second waits for the first, and is its duplicate.
    while not db.execute(insert_or(claim_invoices).values(**invoice, state=LIVE).on_conflict_do_nothing()).rowcount:
        other = db.execute(_OTHER, {"code": code, "number": number}).scalar_one_or_none()
        if other is not None:
            db.execute(insert(claim_invoices).values(**invoice, state=DUPLICATE, other_claim_id=other))
            break
    (entered,) = invoices_of(db, row.id, invoice_id=invoice["id"], sees_others=False)
    return entered


def take_back_invoice(db: Connection, *, asked: InvoiceAsked, actor: Actor, at: datetime) -> EvidenceView:
    """Take an invoice back while the claim lies with the site; its number is free. Raises PapersFixed; NotFound."""
    row = _with_the_site(db, asked.claim_id, actor=actor)
    freed = db.execute(
        update(claim_invoices)
        .where(
            claim_invoices.c.id == asked.invoice_id,
            claim_invoices.c.claim_id == row.id,
            claim_invoices.c.state != FREED,
        )
        .values(state=FREED, freed_at=at, freed_reason="taken_back")
    )
    if freed.rowcount == 0:
        raise NotFound()
    _pass_on(db, [row.id], at=at)
    return evidence(db, row.id, actor=actor, at=at)


def free(db: Connection, claim_ids: list[UUID], *, reason: str, at: datetime) -> None:
    """Free the numbers of claims that come to nothing; a claim that brought one as a duplicate has it now."""
    db.execute(
        update(claim_invoices)
        .where(claim_invoices.c.claim_id.in_(claim_ids), claim_invoices.c.state != FREED)
        .values(state=FREED, freed_at=at, freed_reason=reason)
    )
    _pass_on(db, claim_ids, at=at)


def _pass_on(db: Connection, claim_ids: list[UUID], *, at: datetime) -> None:
    db.execute(_PROMOTE, {"claims": claim_ids, "at": at})
    db.execute(_POINT_ANEW, {"claims": claim_ids})


def revive(db: Connection, claim_id: UUID, *, reason: str) -> None:
    """Make the numbers of a claim that comes back live again, those that no other claim has brought meanwhile."""
    db.execute(_REVIVE, {"claim": claim_id, "reason": reason})


def referred(db: Connection) -> set[str]:
    """Return the names of all files that a claim refers to."""
    rows = db.execute(select(claim_attachments.c.sha256, claim_attachments.c.thumbnail_sha256))
    return {name for row in rows for name in row if name}


def _with_the_site(db: Connection, claim_id: UUID, *, actor: Actor) -> Row[Any]:
    row = claim_for(db, claim_id, actor=actor, action="bring_papers", locked=True)
    if row.state not in BACK:
        raise PapersFixed(state=row.state)
    return row


def _stored(files: FileStore, asked: AttachPaper) -> dict[str, Any]:
    if (asked.file is None) == (asked.picture is None):
        raise InvalidInput({"file": ["Missing data for required field."]})
    if asked.picture is not None:
        must_be_stored(files, [asked.picture])
        kept = asked.picture
        return {
            "sha256": kept.sha256,
            "thumbnail_sha256": kept.thumbnail_sha256,
            "media_type": kept.media_type,
            "size": kept.size,
        }
    assert asked.file is not None
    if asked.file.media_type != PDF or not files.has(asked.file.sha256):
        raise InvalidInput({"file": ["No file of this name is stored."]})
    return {"sha256": asked.file.sha256, "media_type": PDF, "size": asked.file.size}
