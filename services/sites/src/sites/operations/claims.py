"""A claim from the closing of the visit to its approval (S11); batches take it from there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.rights import NEEDS_FRESH_TOKEN
from contracts.sites.claims import ClaimView, DisputeHeadcount, MoveClaim, MoveClaimWithReason
from sqlalchemy import ARRAY, ColumnElement, Connection, Row, Uuid, any_, func, insert, literal, select, text, update

from sites.domain import subsidy
from sites.domain.claims import (
    DISPUTED,
    DRAFTED,
    MOVES,
    RETURNED,
    SUBMITTED,
    ClaimNotMovable,
    NothingDue,
    OwnSiteOrBranch,
    is_own,
    keeps,
    lapses_at,
    silence_confirms_at,
)
from sites.operations import ledger
from sites.queries.claims import claim, claim_for
from sites.queries.policies import policy
from sites.tables.money import claim_history, claims

TIMER: Final = "timer"
AT_ONCE_MAX: Final = 200
"""How many claims one run of a timer moves; the next run takes the rest."""

_SET_ASIDE: Final = text(
    "SELECT o.site_id, o.branch_id, o.party_size, o.visit_on, o.policy_id, o.subsidy_explanation, e.fund_id, e.year,"
    "       e.amount_fen"
    "  FROM orders o JOIN encumbrances e ON e.order_id = o.id AND e.state = 'pending'"
    " WHERE o.id = :order"
)


def draft(
    db: Connection, *, order_id: UUID, headcount: int, checked_in: int, at: datetime, by: Actor | None
) -> UUID | None:
    """Bill the closed visit out of what was set aside for its order; returns the claim's id.

    None when nothing is set aside, or when nothing is due, which releases it.
    """
    order = db.execute(_SET_ASIDE, {"order": order_id}).one_or_none()
    if order is None:
        return None
    heads = subsidy.Heads(ordered=order.party_size, checked_in=checked_in, closed=headcount)
    due = subsidy.amount_due(
        _policy_of(db, order.policy_id),
        heads=heads,
        encumbered_fen=order.amount_fen,
        factor=subsidy.factor_in(order.subsidy_explanation),
    )
    if due.amount_fen == 0:
        ledger.release(db, order_id=order_id, reason="nothing_due", at=at, by=by)
        return None
    claim_id = uuid4()
    db.execute(
        insert(claims).values(
            id=claim_id,
            order_id=order_id,
            fund_id=order.fund_id,
            year=order.year,
            site_id=order.site_id,
            branch_id=order.branch_id,
            policy_id=order.policy_id,
            state=DRAFTED,
            period=f"{order.visit_on:%Y-%m}",
            visit_on=order.visit_on,
            party_size=order.party_size,
            checked_in=checked_in,
            headcount=headcount,
            encumbered_fen=order.amount_fen,
            asked_fen=due.amount_fen,
            explanation=due.explanation,
            submit_by=lapses_at(at),
        )
    )
    _remember(db, [claim_id], "draft", DRAFTED, at=at, by=by, reason=None)
    return claim_id


def submit(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Hand the claim in for the site; the branch is told, and its 7 days to answer begin. Raises ClaimNotMovable."""
    claim_for(db, asked.claim_id, actor=actor, action="submit_claim", locked=True)
    confirm_by = silence_confirms_at(at)
    move(db, asked.claim_id, "submit", at=at, by=actor, confirm_by=confirm_by, headcount_disputed=None)
    return claim(db, asked.claim_id, actor=actor)


def confirm_headcount(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Say for the branch that the site's headcount is right. Raises ClaimNotMovable, OwnSiteOrBranch."""
    row = claim_for(db, asked.claim_id, actor=actor, action="confirm_headcount", locked=True)
    # Whoever leads the branch and keeps the site would confirm their own bill; they may wait, or dispute it.
    if keeps(((grant.role, grant.path) for grant in actor.grants), site_path=row.site_path):
        raise OwnSiteOrBranch()
    move(db, row.id, "confirm", at=at, by=actor, headcount_confirmed=row.headcount)
    return claim(db, row.id, actor=actor)


def dispute_headcount(db: Connection, *, asked: DisputeHeadcount, actor: Actor, at: datetime) -> ClaimView:
    """Say for the branch that another number came; the clock stops and the preparer decides. Raises ClaimNotMovable."""
    row = claim_for(db, asked.claim_id, actor=actor, action="dispute_headcount", locked=True)
    move(db, row.id, "dispute", at=at, by=actor, reason=asked.reason, headcount_disputed=asked.headcount)
    return claim(db, row.id, actor=actor)


def approve(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Owe the site what its visit is worth, at most what was set aside; the rest is available again.

    A disputed claim is decided with a reason, and for the branch's number of heads unless another one is given.
    Raises ClaimNotMovable, OwnSiteOrBranch, NothingDue; InvalidInput for a dispute decided without a reason.
    """
    row = _to_decide(db, asked.claim_id, action="approve_claim", actor=actor, at=at)
    if row.state not in MOVES["approve"][0]:
        raise ClaimNotMovable(state=row.state, move="approve")
    confirmed = row.headcount_confirmed
    if row.state == DISPUTED:
        if not asked.reason:
            raise InvalidInput({"reason": ["A disputed claim is decided with a reason."]})
        confirmed = row.headcount_disputed if asked.headcount is None else asked.headcount
    heads = subsidy.Heads(ordered=row.party_size, checked_in=row.checked_in, closed=row.headcount, confirmed=confirmed)
    due = subsidy.amount_due(
        _policy_of(db, row.policy_id),
        heads=heads,
        encumbered_fen=row.encumbered_fen,
        factor=subsidy.factor_in(row.explanation),
    )
    if due.amount_fen == 0:
        raise NothingDue(heads=heads.paid)
    move(
        db,
        row.id,
        "approve",
        at=at,
        by=actor,
        reason=asked.reason,
        headcount_confirmed=confirmed,
        approved_fen=due.amount_fen,
        approved_by_id=actor.person_id,
        explanation=due.explanation,
    )
    ledger.post(
        db,
        order_id=row.order_id,
        claim_id=row.id,
        site_code=row.site_code,
        amount_fen=due.amount_fen,
        at=at,
        by=actor,
    )
    return claim(db, row.id, actor=actor)


def give_back(db: Connection, *, asked: MoveClaimWithReason, actor: Actor, at: datetime) -> ClaimView:
    """Return the claim to the site, which may submit it again. Raises ClaimNotMovable, OwnSiteOrBranch."""
    row = _to_decide(db, asked.claim_id, action="return_claim", actor=actor, at=at)
    move(
        db,
        row.id,
        "return",
        at=at,
        by=actor,
        reason=asked.reason,
        submit_by=lapses_at(at),
        headcount_confirmed=None,
    )
    return claim(db, row.id, actor=actor)


def reject(db: Connection, *, asked: MoveClaimWithReason, actor: Actor, at: datetime) -> ClaimView:
    """Refuse the claim for good and release what was set aside. Raises ClaimNotMovable, OwnSiteOrBranch."""
    row = _to_decide(db, asked.claim_id, action="reject_claim", actor=actor, at=at)
    move(db, row.id, "reject", at=at, by=actor, reason=asked.reason)
    ledger.release(db, order_id=row.order_id, claim_id=row.id, reason="claim_rejected", at=at, by=actor)
    return claim(db, row.id, actor=actor)


def reopen(db: Connection, claim_id: UUID, *, site_code: str, reason: str, at: datetime, by: Actor) -> None:
    """Send an approved claim back to its site: what it was owed is set aside again, no more. Raises ClaimNotMovable."""
    row = db.execute(select(claims.c.order_id, claims.c.approved_fen).where(claims.c.id == claim_id)).one()
    move(
        db,
        claim_id,
        "reopen",
        at=at,
        by=by,
        reason=reason,
        submit_by=lapses_at(at),
        headcount_confirmed=None,
        approved_fen=None,
        approved_by_id=None,
        encumbered_fen=row.approved_fen,
        asked_fen=func.least(claims.c.asked_fen, row.approved_fen),
    )
    ledger.reopen(db, order_id=row.order_id, claim_id=claim_id, site_code=site_code, at=at, by=by)


def confirm_by_silence(db: Connection, *, at: datetime) -> int:
    """Confirm the headcounts that the branches left unanswered for 7 days; returns how many."""
    due = _due(db, (claims.c.state == SUBMITTED) & (claims.c.confirm_by <= at))
    if due:
        silent = "支部七日未答复，视为确认"
        move_all(db, due, "confirm", at=at, by=None, reason=silent, headcount_confirmed=claims.c.headcount)
    return len(due)


def lapse(db: Connection, *, at: datetime) -> int:
    """End the claims that nobody submitted for 60 days and release their money; returns how many."""
    due = _due(db, claims.c.state.in_([DRAFTED, RETURNED]) & (claims.c.submit_by <= at))
    if not due:
        return 0
    for row in move_all(db, due, "lapse", at=at, by=None, reason="六十日未提交"):
        ledger.release(db, order_id=row.order_id, claim_id=row.id, reason="claim_lapsed", at=at)
    return len(due)


def move(
    db: Connection,
    claim_id: UUID,
    verb: str,
    *,
    at: datetime,
    by: Actor | None,
    reason: str | None = None,
    **fields: Any,
) -> Row[Any]:
    """Move one claim; raises ClaimNotMovable when its state does not allow it."""
    moved = move_all(db, [claim_id], verb, at=at, by=by, reason=reason, **fields)
    if not moved:
        state = db.execute(select(claims.c.state).where(claims.c.id == claim_id)).scalar_one()
        raise ClaimNotMovable(state=state, move=verb)
    return moved[0]


def move_all(
    db: Connection,
    claim_ids: Sequence[UUID],
    verb: str,
    *,
    at: datetime,
    by: Actor | None,
    reason: str | None = None,
    **fields: Any,
) -> list[Row[Any]]:
    """Move those of the claims that the verb can move; returns them as they are now, in the sequence of their ids.

    A clock runs only in the states that wait for somebody, so every move stops it unless it starts one.
    """
    sources, target = MOVES[verb]
    fields = {"submit_by": None, "confirm_by": None, **fields}
    changed = (
        update(claims)
        .where(claims.c.id == any_(literal(list(claim_ids), ARRAY(Uuid))), claims.c.state.in_(sorted(sources)))
        .values(state=target, reason=reason, version=claims.c.version + 1, **fields)
        .returning(*claims.c)
    )
    moved = sorted(db.execute(changed), key=lambda row: row.id)
    _remember(db, [row.id for row in moved], verb, target, at=at, by=by, reason=reason)
    return moved


def _remember(
    db: Connection,
    claim_ids: Sequence[UUID],
    verb: str,
    state: str,
    *,
    at: datetime,
    by: Actor | None,
    reason: str | None,
) -> None:
    who = {"by_id": by.person_id if by else None, "by_name": by.name if by else TIMER}
    steps = [
        {"claim_id": claim_id, "move": verb, "state": state, "at": at, "reason": reason, **who}
        for claim_id in claim_ids
    ]
    if steps:
        db.execute(insert(claim_history), steps)


def _to_decide(db: Connection, claim_id: UUID, *, action: str, actor: Actor, at: datetime) -> Row[Any]:
    """Return the claim, locked, when this person may decide on it (precise rule 9)."""
    row = claim_for(db, claim_id, actor=actor, action=action, locked=True)
    if action in NEEDS_FRESH_TOKEN:
        actor.must_be_fresh(at)
    if is_own(
        ((grant.role, grant.path) for grant in actor.grants), site_path=row.site_path, branch_path=row.branch_path
    ):
        raise OwnSiteOrBranch()
    return row


def _due(db: Connection, condition: ColumnElement[bool]) -> list[UUID]:
    """Return the claims that a timer has to move, locked; one that somebody moves right now is left to them."""
    found = select(claims.c.id).where(condition).order_by(claims.c.id).limit(AT_ONCE_MAX)
    return list(db.execute(found.with_for_update(skip_locked=True, key_share=True)).scalars())


def _policy_of(db: Connection, policy_id: UUID) -> subsidy.Policy:
    found = policy(db, policy_id)
    if found is None:
        raise LookupError(f"policy {policy_id} is not in the table")
    return found
