"""The site appeals against a decision on its claim; another person decides, and the books follow (S11)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.claims import AppealClaim, ClaimAppealsAsked, ClaimAppealView, DecideClaimAppeal
from sqlalchemy import Connection, Row, text, update
from sqlalchemy.dialects.postgresql import insert

from sites.domain.claim_appeals import (
    FILED,
    LOWERING,
    MOVES,
    REJECTION,
    AppealFindsNoMoney,
    AppealOfEndedYear,
    AppealOver,
    ClaimAppealDecided,
    ClaimAppealed,
    NothingToAppeal,
    appeal_until,
)
from sites.domain.claims import APPROVED, REJECTED, SameDecider, must_be_disinterested, silence_confirms_at
from sites.domain.days import day_of, said
from sites.domain.ledger import FundExhausted
from sites.domain.policies import CapsMoved, CapsUsedUp
from sites.operations import anomalies, claim_papers, claims, ledger
from sites.queries.claim_evidence import appeal_of, appeal_view
from sites.queries.claims import claim_for
from sites.queries.scopes import visible_to
from sites.tables.claims import claim_appeals

_LIST: Final = """
SELECT a.*, s.name AS site_name, c.visit_on, c.asked_fen, c.approved_fen
  FROM claim_appeals a
  JOIN claims c ON c.id = a.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN funds f ON f.id = c.fund_id
 WHERE {conditions}
 ORDER BY a.filed_at, a.claim_id
 LIMIT :limit
"""


def appeal(db: Connection, *, asked: AppealClaim, actor: Actor, at: datetime) -> ClaimAppealView:
    """File the site's appeal, once. Raises NothingToAppeal, AppealOver, ClaimAppealed."""
    row = claim_for(db, asked.claim_id, actor=actor, action="appeal_claim", locked=True)
    if row.appeal is not None:
        raise ClaimAppealed()
    if row.state == REJECTED:
        against = REJECTION
    elif row.state == APPROVED and row.lowered_fen:
        against = LOWERING
    else:
        raise NothingToAppeal()
    until = appeal_until(row.moved_at, days=row.appeal_days)
    if at >= until:
        raise AppealOver(until=said(until))
    filed = insert(claim_appeals).values(
        claim_id=row.id,
        against=against,
        state=FILED,
        reason=asked.reason,
        filed_at=at,
        filed_by_id=actor.person_id,
        filed_by=actor.name,
    )
    if db.execute(filed.on_conflict_do_nothing()).rowcount == 0:
        raise ClaimAppealed()
    return _view(db, row.id)


def decide(db: Connection, *, asked: DecideClaimAppeal, actor: Actor, at: datetime) -> ClaimAppealView:
    """Grant the appeal or refuse it.

    Granted, a rejected claim comes back with what was set aside for it, if the fund's year still has that, and is
    checked anew; a lowered one is raised to what was due. A year that ended kept as much back as appeals may take
    (`kept_for_appeals.sql`). Raises ClaimAppealDecided, SameDecider, OwnSiteOrBranch, AppealFindsNoMoney,
    AppealOfEndedYear, CapsUsedUp; ClaimNotMovable for a claim that was sent back meanwhile; NotFound.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="decide_claim_appeal", locked=True)
    actor.must_be_fresh(at)
    if row.appeal is None:
        raise NotFound()
    if actor.person_id in (row.rejected_by_id, row.approved_by_id, row.signed_by_id):
        raise SameDecider()
    must_be_disinterested(actor.grants, site_path=row.site_path, branch_path=row.branch_path)
    sources, target = MOVES["grant" if asked.grant else "refuse"]
    decided = db.execute(
        update(claim_appeals)
        .where(claim_appeals.c.claim_id == row.id, claim_appeals.c.state.in_(sorted(sources)))
        .values(
            state=target, decided_at=at, decided_by_id=actor.person_id, decided_by=actor.name, decision=asked.reason
        )
    )
    if decided.rowcount == 0:
        raise ClaimAppealDecided()
    if not asked.grant:
        return _view(db, row.id)
    try:
        _grant(db, row, reason=asked.reason, actor=actor, at=at)
    except CapsMoved:  # to send it once more would not help
        raise CapsUsedUp() from None
    except FundExhausted as refusal:
        ended = row.year < day_of(at).year
        raise (AppealOfEndedYear if ended else AppealFindsNoMoney)(year=row.year) from refusal
    return _view(db, row.id)


def _grant(db: Connection, row: Row[Any], *, reason: str, actor: Actor, at: datetime) -> None:
    if row.state == REJECTED:
        is_confirmed = row.headcount_confirmed is not None
        fields: dict[str, Any] = (
            {} if is_confirmed else {"confirm_by": silence_confirms_at(at), "headcount_disputed": None}
        )
        verb = "reinstate" if is_confirmed else "reopen"
        claims.move(db, row.id, verb, at=at, by=actor, reason=reason, **fields)
        claim_papers.revive(db, row.id, reason="claim_rejected")
        anomalies.mark(db, [row.id], at=at)
        ledger.restore(db, order_id=row.order_id, claim_id=row.id, at=at, by=actor)
    else:
        due_fen = row.approved_fen + row.lowered_fen
        claims.move(
            db,
            row.id,
            "raise",
            at=at,
            by=actor,
            reason=reason,
            approved_fen=due_fen,
            lowered_fen=0,
            explanation=[line for line in row.explanation if line["rule"] != "lowered"],
        )
        ledger.raise_posted(
            db,
            order_id=row.order_id,
            claim_id=row.id,
            site_code=row.site_code,
            amount_fen=row.lowered_fen,
            at=at,
            by=actor,
        )


def appeals(db: Connection, *, asked: ClaimAppealsAsked, actor: Actor) -> Page:
    """Return the appeals that the actor may see, the oldest first."""
    visible, given = visible_to(actor, "read_claim_appeals", site="s.managing_path", fund="f.path")
    conditions = [visible]
    if asked.state:
        conditions.append("a.state = :state")
        given["state"] = asked.state
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(a.filed_at, a.claim_id) > (:after_at, :after_id)")
    rows = db.execute(
        text(_LIST.format(conditions=" AND ".join(conditions))), {**given, "limit": asked.limit + 1}
    ).all()
    return page_of(rows, limit=asked.limit, view=appeal_view, key=lambda row: (row.filed_at, row.claim_id))


def _view(db: Connection, claim_id: UUID) -> ClaimAppealView:
    found = appeal_of(db, claim_id)
    if found is None:
        raise LookupError(f"no appeal of claim {claim_id}")
    return found
