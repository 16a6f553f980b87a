"""Claims as site, branch and finance see them: asked, approved and paid amounts apart, each with its explanation."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.prepared import execute_prepared
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.claims import AnomalyView, ClaimsAsked, ClaimView, MoveView
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.domain.claim_appeals import appeal_until
from sites.domain.claims import APPROVED, REJECTED, submit_until
from sites.queries.scopes import visible_to
from sites.tables.money import claims as claims_table

# What the site has still to bring: a number in the register, a file to go with it.
MISSING: Final = """
array_remove(ARRAY[
    CASE WHEN NOT EXISTS (SELECT FROM claim_invoices i WHERE i.claim_id = c.id AND i.state = 'live')
         THEN 'invoice' END,
    CASE WHEN NOT EXISTS (SELECT FROM claim_attachments a
                           WHERE a.claim_id = c.id AND a.removed_at IS NULL AND a.kind IN ('invoice', 'receipt'))
         THEN 'attachment' END
], NULL)
"""

# The columns by name: a statement that is prepared outlives a migration that adds one.
SELECT: Final = """
SELECT @columns@, s.name AS site_name, s.code AS site_code, s.managing_path AS site_path,
       b.name AS branch_name, b.path AS branch_path, f.path AS fund_path,
       (SELECT sum(i.amount_fen)::bigint FROM claim_invoices i
         WHERE i.claim_id = c.id AND i.state = 'live') AS invoiced_fen,
       rules.submit_by_day, rules.appeal_days, rules.reason_score, @missing@ AS missing_papers,
       review.state AS review, review.headcount AS review_headcount, appeal.state AS appeal,
       draw.draw_at AS review_draw_at,
       (SELECT jsonb_agg(jsonb_build_object('move', h.move, 'state', h.state, 'at', h.at, 'by', h.by_name,
                                            'reason', h.reason, 'code', h.code) ORDER BY h.id)
          FROM claim_history h WHERE h.claim_id = c.id) AS history,
       (SELECT jsonb_agg(jsonb_build_object('rule', m.rule, 'score', m.score, 'facts', m.facts, 'found_at', m.found_at,
                                            'other_claim_id', m.other_claim_id) ORDER BY m.score DESC, m.rule)
          FROM claim_anomalies m WHERE m.claim_id = c.id) AS anomalies
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = c.fund_id
  CROSS JOIN LATERAL (
      SELECT * FROM claim_rules r WHERE r.active_from <= c.visit_on
       ORDER BY r.active_from DESC, r.id DESC LIMIT 1
  ) rules
  LEFT JOIN field_reviews review ON review.claim_id = c.id
  LEFT JOIN claim_appeals appeal ON appeal.claim_id = c.id
  LEFT JOIN review_draws draw ON draw.fund_id = c.fund_id AND draw.period = c.period AND draw.state = 'announced'
   AND NOT EXISTS (SELECT FROM review_entries e WHERE e.claim_id = c.id)
""".replace("@columns@", ", ".join(f"c.{column.name}" for column in claims_table.c)).replace("@missing@", MISSING)


def claims(db: Connection, *, asked: ClaimsAsked, actor: Actor) -> Page:
    """Return the claims that the actor may see and asks for, the latest visits first."""
    visible, given = visible_to(actor, "read_claim", branch="b.path", site="s.managing_path", fund="f.path")
    conditions = [visible]
    for column in ("state", "period", "site_id", "branch_id"):
        if (value := getattr(asked, column)) is not None:
            conditions.append(f"c.{column} = :{column}")
            given[column] = value
    if asked.cursor:
        given["after_on"], given["after_id"] = key_in(asked.cursor, date.fromisoformat, UUID)
        conditions.append("(c.visit_on, c.id) < (:after_on, :after_id)")
    rows = db.execute(
        # The conditions are constants of this module and of `scopes`; every value is bound.
        text(f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY c.visit_on DESC, c.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: _seen_by(row, actor), key=lambda row: (row.visit_on, row.id)
    )


def claim(db: Connection, claim_id: UUID, *, actor: Actor) -> ClaimView:
    """Return one claim. Raises NotFound."""
    return _seen_by(claim_for(db, claim_id, actor=actor), actor)


def claim_for(
    db: Connection, claim_id: UUID, *, actor: Actor, action: str = "read_claim", locked: bool = False
) -> Row[Any]:
    """Return the claim with its places when the actor may do `action` with it; `locked` until the transaction ends.

    Raises NotFound when they may not even see it, Forbidden when they see it but may not do this.
    """
    lock = " FOR NO KEY UPDATE OF c" if locked else ""
    row = execute_prepared(db, f"{SELECT} WHERE c.id = :id{lock}", {"id": claim_id}).one_or_none()
    if row is None:
        raise NotFound()
    places = {"branch": row.branch_path, "site": row.site_path, "fund": row.fund_path}
    if not actor.may("read_claim", **places):
        raise NotFound()
    actor.must(action, **places)
    return row


def _seen_by(row: Row[Any], actor: Actor) -> ClaimView:
    return view_of(row, sees_others=actor.may("read_claim_queue", fund=row.fund_path))


def view_of(row: Row[Any], *, sees_others: bool = True) -> ClaimView:
    """Return a row of SELECT as it is shown; what its marks say of others' claims only to those who see all claims."""
    return ClaimView(
        id=row.id,
        order_id=row.order_id,
        state=row.state,
        period=row.period,
        site=SiteRef(row.site_id, row.site_name),
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        visit_on=row.visit_on,
        party_size=row.party_size,
        checked_in=row.checked_in,
        headcount=row.headcount,
        headcount_confirmed=row.headcount_confirmed,
        headcount_disputed=row.headcount_disputed,
        asked_fen=row.asked_fen,
        approved_fen=row.approved_fen,
        paid_fen=row.paid_fen,
        encumbered_fen=row.encumbered_fen,
        explanation=row.explanation,
        confirm_by=row.confirm_by,
        batch_id=row.batch_id,
        reason=row.reason,
        history=history_of(row),
        version=row.version,
        reason_code=row.reason_code,
        lowered_fen=row.lowered_fen,
        score=row.score,
        anomalies=[
            AnomalyView(
                rule=mark["rule"],
                score=mark["score"],
                facts={} if "site" in mark["facts"] and not sees_others else mark["facts"],
                other_claim_id=UUID(mark["other_claim_id"]) if mark["other_claim_id"] and sees_others else None,
                found_at=datetime.fromisoformat(mark["found_at"]),
            )
            for mark in row.anomalies or ()
        ],
        moved_at=row.moved_at,
        submitted_at=row.submitted_at,
        submit_until=submit_until(row.visit_on, by_day=row.submit_by_day),
        submit_by=row.submit_by,
        is_late=row.is_late,
        missing_papers=list(row.missing_papers),
        review=row.review,
        appeal=row.appeal,
        appeal_until=appeal_until(row.moved_at, days=row.appeal_days) if _may_be_appealed(row) else None,
        signed_by=row.signed_by,
        signed_fen=row.signed["amount_fen"] if row.signed else None,
    )


def _may_be_appealed(row: Row[Any]) -> bool:
    return row.appeal is None and (row.state == REJECTED or (row.state == APPROVED and row.lowered_fen > 0))


def history_of(row: Row[Any]) -> list[MoveView]:
    """Return the moves that a row carries as JSON, oldest first."""
    return [MoveView(**{**step, "at": datetime.fromisoformat(step["at"])}) for step in row.history or ()]
