"""All that stands behind a claim: check-ins, pictures, papers, the field review, the appeal (S11)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.files import WEBP
from chassis.refusals import NotFound
from contracts.envelope import StoredFile
from contracts.sites.claims import (
    AttachmentAsked,
    AttachmentView,
    ClaimAppealView,
    ClaimCheckInView,
    EvidenceView,
    FieldReviewView,
    InvoiceView,
)
from sqlalchemy import Connection, Row, text

from sites.queries.claims import claim_for
from sites.queries.pictures import ADDRESS, CLOSURE, ENDING, pictures_of

FIELD_REVIEW: Final = "field_review"

_VISIT: Final = text("""
SELECT o.starts_at, o.ends_at, b.members
  FROM claims c JOIN orders o ON o.id = c.order_id JOIN organisations b ON b.id = c.branch_id
 WHERE c.id = :claim
""")
_CHECK_INS: Final = text("""
SELECT i.id, i.happened_at, i.count AS heads, i.by_name, i.way, i.state, i.flag, i.distance_m, i.was_offline,
       coalesce(d.name, i.device_id) AS device
  FROM claims c
  JOIN check_ins i ON i.order_id = c.order_id
  LEFT JOIN devices d ON d.site_id = i.site_id AND d.id::text = i.device_id
 WHERE c.id = :claim
 ORDER BY i.happened_at, i.id
""")
_ATTACHMENTS: Final = text("""
SELECT a.*, other.claim_id AS other_claim_id
  FROM claim_attachments a
  LEFT JOIN LATERAL (
      SELECT x.claim_id FROM claim_attachments x JOIN claims oc ON oc.id = x.claim_id
       WHERE x.sha256 = a.sha256 AND x.claim_id <> a.claim_id AND x.removed_at IS NULL AND (x.at, x.id) < (a.at, a.id)
         AND oc.state NOT IN ('rejected', 'lapsed')
       ORDER BY x.at, x.id LIMIT 1
  ) other ON true
 WHERE a.claim_id = :claim AND a.removed_at IS NULL AND (CAST(:id AS uuid) IS NULL OR a.id = :id)
 ORDER BY a.at, a.id
""")
_INVOICES: Final = text("""
SELECT * FROM claim_invoices
 WHERE claim_id = :claim AND state <> 'freed' AND (CAST(:id AS uuid) IS NULL OR id = :id) ORDER BY at, id
""")
_REVIEW: Final = text("SELECT * FROM field_reviews WHERE claim_id = :claim")
_APPEAL: Final = text("""
SELECT a.*, s.name AS site_name, c.visit_on, c.asked_fen, c.approved_fen
  FROM claim_appeals a JOIN claims c ON c.id = a.claim_id JOIN sites s ON s.id = c.site_id
 WHERE a.claim_id = :claim
""")


def evidence(db: Connection, claim_id: UUID, *, actor: Actor, at: datetime) -> EvidenceView:
    """Return what stands behind a claim. Raises NotFound, Forbidden."""
    row = claim_for(db, claim_id, actor=actor, action="read_claim_evidence")
    visit = db.execute(_VISIT, {"claim": claim_id}).one()
    review = db.execute(_REVIEW, {"claim": claim_id}).one_or_none()
    sees_others = actor.may("read_claim_queue", fund=row.fund_path)
    return EvidenceView(
        claim_id=claim_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        members=visit.members,
        check_ins=[
            ClaimCheckInView(
                id=one.id,
                happened_at=one.happened_at,
                count=one.heads,
                by=one.by_name,
                way=one.way,
                state=one.state,
                flag=one.flag,
                device=one.device,
                distance_m=one.distance_m,
                was_offline=one.was_offline,
            )
            for one in db.execute(_CHECK_INS, {"claim": claim_id})
        ],
        pictures=pictures_of(db, CLOSURE, row.order_id),
        attachments=attachments_of(db, claim_id, sees_others=sees_others),
        invoices=invoices_of(db, claim_id, sees_others=sees_others),
        review=review_view(db, review) if review else None,
        appeal=appeal_of(db, claim_id),
    )


def attachments_of(
    db: Connection, claim_id: UUID, *, attachment_id: UUID | None = None, sees_others: bool
) -> list[AttachmentView]:
    """Return a claim's files, or one of them; where the same file stands already only for those who see all claims."""
    rows = db.execute(_ATTACHMENTS, {"claim": claim_id, "id": attachment_id})
    return [_attachment(row, sees_others=sees_others) for row in rows]


def invoices_of(
    db: Connection, claim_id: UUID, *, invoice_id: UUID | None = None, sees_others: bool
) -> list[InvoiceView]:
    """Return a claim's invoices and receipts, or one of them."""
    return [
        InvoiceView(
            id=row.id,
            state=row.state,
            code=row.code,
            number=row.number,
            issuer=row.issuer,
            issued_on=row.issued_on,
            amount_fen=row.amount_fen,
            at=row.at,
            by=row.by_name,
            other_claim_id=row.other_claim_id if sees_others else None,
        )
        for row in db.execute(_INVOICES, {"claim": claim_id, "id": invoice_id})
    ]


def review_view(db: Connection, row: Row[Any]) -> FieldReviewView:
    """Return a row of field_reviews as it is shown."""
    return FieldReviewView(
        claim_id=row.claim_id,
        draw_id=row.draw_id,
        state=row.state,
        headcount=row.headcount,
        notes=row.notes,
        found_at=row.found_at,
        found_by=row.found_by,
        pictures=pictures_of(db, FIELD_REVIEW, row.claim_id),
    )


def appeal_of(db: Connection, claim_id: UUID) -> ClaimAppealView | None:
    """Return the appeal of a claim, if there is one."""
    row = db.execute(_APPEAL, {"claim": claim_id}).one_or_none()
    return appeal_view(row) if row else None


def appeal_view(row: Row[Any]) -> ClaimAppealView:
    """Return a row of claim_appeals with its claim's site, day and amounts as it is shown."""
    return ClaimAppealView(
        claim_id=row.claim_id,
        against=row.against,
        state=row.state,
        reason=row.reason,
        filed_at=row.filed_at,
        filed_by=row.filed_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=row.decision,
        site_name=row.site_name,
        visit_on=row.visit_on,
        asked_fen=row.asked_fen,
        approved_fen=row.approved_fen,
    )


def attachment_file(db: Connection, *, asked: AttachmentAsked, actor: Actor) -> StoredFile:
    """Return where an attachment stands in the file store. Raises NotFound, Forbidden."""
    claim_for(db, asked.claim_id, actor=actor, action="read_claim_evidence")
    row = db.execute(_ATTACHMENTS, {"claim": asked.claim_id, "id": asked.attachment_id}).one_or_none()
    if row is None:
        raise NotFound()
    return StoredFile(sha256=row.sha256, size=row.size, media_type=row.media_type, name=row.name)


def _attachment(row: Row[Any], *, sees_others: bool) -> AttachmentView:
    is_picture = row.media_type == WEBP
    return AttachmentView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        url=(f"{ADDRESS}{row.sha256}{ENDING}" if is_picture else f"/api/v1/claims/{row.claim_id}/attachments/{row.id}"),
        thumbnail_url=f"{ADDRESS}{row.thumbnail_sha256}{ENDING}" if is_picture else None,
        at=row.at,
        by=row.by_name,
        is_duplicate=row.other_claim_id is not None,
        other_claim_id=row.other_claim_id if sees_others else None,
    )
