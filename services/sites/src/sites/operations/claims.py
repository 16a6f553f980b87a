"""A claim from the closing of the visit to its approval (S11); batches take it from there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.rights import NEEDS_FRESH_TOKEN
from contracts.sites.claims import (
    ClaimAnswer,
    ClaimsAnswered,
    ClaimView,
    DisputeHeadcount,
    MoveClaim,
    MoveClaims,
    MoveClaimWithReason,
)
from sqlalchemy import ARRAY, ColumnElement, Connection, Row, Uuid, any_, func, insert, literal, select, text, update

from sites.domain import subsidy
from sites.domain.amounts import yuan
from sites.domain.claims import (
    APPROVED,
    CONFIRMED,
    DISPUTED,
    DRAFTED,
    MOVES,
    RETURNED,
    SIGNED,
    SUBMITTED,
    AboveDue,
    ClaimNotMovable,
    DrawAwaited,
    NothingDue,
    OwnSiteOrBranch,
    ReasonDemanded,
    ReviewAwaited,
    SameDecider,
    SecondSignatureNeeded,
    belongs_to,
    is_own,
    keeps,
    lapses_at,
    must_be_disinterested,
    silence_confirms_at,
    submit_until,
)
from sites.domain.days import day_of, said
from sites.domain.field_reviews import AWAITED, CORRECTED, NOT_FOUND
from sites.domain.ledger import PENDING, EncumbranceResolved
from sites.domain.policies import InvoiceMissing
from sites.operations import anomalies, claim_papers, ledger
from sites.operations.guards import is_one_of
from sites.operations.ledger import Payment
from sites.queries.claim_rules import claim_rules_on, second_signature_fen
from sites.queries.claims import SELECT, claim, claim_for
from sites.queries.policies import policy
from sites.tables.money import claim_history, claims

TIMER: Final = "timer"
OTHER: Final = "other"
AT_ONCE_MAX: Final = 200
"""How many claims one run of a timer moves; the next run takes the rest."""

_SET_ASIDE: Final = text(
    "SELECT o.site_id, o.branch_id, o.party_size, o.visit_on, o.policy_id, o.subsidy_explanation, e.fund_id, e.year,"
    "       (e.amount_fen + coalesce((SELECT sum(c.amount_fen) FROM contributions c"
    "                                  WHERE c.order_id = o.id AND c.state = 'pending'), 0))::bigint AS amount_fen,"
    "       b.path AS branch_path"
    "  FROM orders o JOIN encumbrances e ON e.order_id = o.id AND e.state = 'pending'"
    "  JOIN organisations b ON b.id = o.branch_id"
    " WHERE o.id = :order"
)

_LOCKED: Final = text(f"{SELECT} WHERE c.id = ANY(CAST(:claims AS uuid[])) ORDER BY c.id FOR NO KEY UPDATE OF c")
_PENDING: Final = text(
    "SELECT order_id FROM encumbrances WHERE order_id = ANY(CAST(:orders AS uuid[])) AND state = :state"
)
_APPROVE_MANY: Final = text("""
UPDATE claims c
   SET state = 'approved', reason = d.reason, reason_code = NULL, headcount_confirmed = d.headcount,
       approved_fen = d.amount_fen, lowered_fen = 0, approved_by_id = :by, explanation = d.explanation, moved_at = :at,
       version = version + 1
  FROM jsonb_to_recordset(CAST(:decided AS jsonb))
       AS d (id uuid, reason text, headcount integer, amount_fen bigint, explanation jsonb)
 WHERE c.id = d.id AND c.state = ANY(ARRAY(SELECT unnest(CAST(:sources AS text[]))))
""")


@dataclass(frozen=True)
class Decision:
    """What an approval comes to: the heads that count, the amount with its explanation, and why."""

    headcount: int
    amount_fen: int
    explanation: list[subsidy.Line]
    lowered_fen: int = 0
    reason: str | None = None
    code: str | None = None


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
            moved_at=at,
            is_own_branch=by is not None and belongs_to(by.grants, branch_path=order.branch_path),
        )
    )
    _remember(db, [claim_id], "draft", DRAFTED, at=at, by=by, reason=None)
    return claim_id


def submit(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Hand the claim in for the site; the branch is told, and its 7 days to answer begin. Raises ClaimNotMovable.

    Handed in after its day of the next month (precise rule 8) it is marked as late; a returned one keeps its first day.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="submit_claim", locked=True)
    move(
        db,
        asked.claim_id,
        "submit",
        at=at,
        by=actor,
        confirm_by=silence_confirms_at(at),
        headcount_disputed=None,
        submitted_at=row.submitted_at or at,
        is_late=row.is_late
        or (row.submitted_at is None and day_of(at) > submit_until(row.visit_on, by_day=row.submit_by_day)),
        is_own_branch=row.is_own_branch or belongs_to(actor.grants, branch_path=row.branch_path),
    )
    anomalies.mark(db, [row.id], at=at)
    return claim(db, asked.claim_id, actor=actor)


def confirm_headcount(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Say for the branch that the site's headcount is right. Raises ClaimNotMovable, OwnSiteOrBranch."""
    row = claim_for(db, asked.claim_id, actor=actor, action="confirm_headcount", locked=True)
    # Whoever leads the branch and keeps the site would confirm their own bill; they may wait, or dispute it.
    if keeps(actor.grants, site_path=row.site_path):
        raise OwnSiteOrBranch()
    move(db, row.id, "confirm", at=at, by=actor, headcount_confirmed=row.headcount)
    return claim(db, row.id, actor=actor)


def dispute_headcount(db: Connection, *, asked: DisputeHeadcount, actor: Actor, at: datetime) -> ClaimView:
    """Say for the branch that another number came; the clock stops and the preparer decides.

    Raises ClaimNotMovable; InvalidInput for the number that the site says as well.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="dispute_headcount", locked=True)
    if row.state == SUBMITTED and asked.headcount == row.headcount:
        raise InvalidInput({"headcount": ["The site says the same; confirm it instead."]})
    move(db, row.id, "dispute", at=at, by=actor, reason=asked.reason, headcount_disputed=asked.headcount)
    return claim(db, row.id, actor=actor)


def confirm_many(db: Connection, *, asked: MoveClaims, actor: Actor, at: datetime) -> ClaimsAnswered:
    """Say for the branch that the headcounts of these claims are right, each on its own; an answer per claim."""
    refused: dict[UUID, Refusal] = {}
    ready = []
    for row in _each(db, asked.claim_ids, "confirm_headcount", refused, actor=actor):
        if keeps(actor.grants, site_path=row.site_path):
            refused[row.id] = OwnSiteOrBranch()
        elif row.state not in MOVES["confirm"][0]:
            refused[row.id] = ClaimNotMovable(state=row.state, move="confirm")
        else:
            ready.append(row.id)
    if ready:
        move_all(db, ready, "confirm", at=at, by=actor, headcount_confirmed=claims.c.headcount)
    return _answers(asked.claim_ids, refused, state=CONFIRMED, amounts={})


def approve(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Owe the site what its visit is worth, at most what was set aside; the rest is available again.

    A disputed claim is decided with a reason, and for the branch's number of heads unless another one is given. From
    the amount on that needs two signatures the first signs, and the second, another person, approves what was signed.
    Raises ClaimNotMovable, OwnSiteOrBranch, NothingDue, ReasonDemanded, AboveDue, ReviewAwaited, DrawAwaited,
    SameDecider, InvoiceMissing; InvalidInput for a dispute decided without a reason.
    """
    row = _to_decide(db, asked.claim_id, action="approve_claim", actor=actor, at=at)
    if row.state not in MOVES["approve"][0]:
        raise ClaimNotMovable(state=row.state, move="approve")
    if row.state == SIGNED:
        return _second_signature(db, row, actor=actor, at=at)
    score = anomalies.mark(db, [row.id], at=at)[row.id]
    policy_of_it = _policy_of(db, row.policy_id)
    decided = _decision(row, asked, score=score, policy=policy_of_it)
    if _needs_two(policy_of_it, claim_rules_on(db, day_of(at)), amount_fen=decided.amount_fen):
        signed = {name: value for name, value in decided.__dict__.items() if name not in ("reason", "code")}
        move(
            db,
            row.id,
            "sign",
            at=at,
            by=actor,
            reason=decided.reason,
            code=decided.code,
            signed=signed,
            signed_by_id=actor.person_id,
            signed_by=actor.name,
        )
        return claim(db, row.id, actor=actor)
    _approve_one(db, row, decided, actor=actor, at=at)
    return claim(db, row.id, actor=actor)


def countersign(db: Connection, *, asked: MoveClaim, actor: Actor, at: datetime) -> ClaimView:
    """Approve, as the second of two, exactly what the first has signed.

    Raises ClaimNotMovable, OwnSiteOrBranch, SameDecider.
    """
    row = _to_decide(db, asked.claim_id, action="countersign_claim", actor=actor, at=at)
    if row.state != SIGNED:
        raise ClaimNotMovable(state=row.state, move="approve")
    return _second_signature(db, row, actor=actor, at=at)


def approve_many(db: Connection, *, asked: MoveClaims, actor: Actor, at: datetime) -> ClaimsAnswered:
    """Approve these claims, each on its own and all in a few statements; an answer per claim.

    One that needs more than a glance (a dispute without a reason, two signatures, a review) says so and stays.
    """
    actor.must_be_fresh(at)
    refused: dict[UUID, Refusal] = {}
    rows = {}
    for row in _each(db, asked.claim_ids, "approve_claim", refused, actor=actor):
        if is_own(actor.grants, site_path=row.site_path, branch_path=row.branch_path):
            refused[row.id] = OwnSiteOrBranch()
        elif row.state not in (CONFIRMED, DISPUTED):
            refused[row.id] = ClaimNotMovable(state=row.state, move="approve")
        else:
            rows[row.id] = row
    scores = anomalies.mark(db, list(rows), at=at)
    pending = set(db.execute(_PENDING, {"orders": [row.order_id for row in rows.values()], "state": PENDING}).scalars())
    policies = {policy_id: _policy_of(db, policy_id) for policy_id in {row.policy_id for row in rows.values()}}
    rules = claim_rules_on(db, day_of(at))
    decided: dict[UUID, Decision] = {}
    for row in rows.values():
        one = MoveClaim(claim_id=row.id, reason=asked.reason)
        try:
            decision = _decision(row, one, score=scores[row.id], policy=policies[row.policy_id])
            if row.order_id not in pending:
                raise EncumbranceResolved()
            if _needs_two(policies[row.policy_id], rules, amount_fen=decision.amount_fen):
                raise SecondSignatureNeeded()
        except Refusal as refusal:
            refused[row.id] = refusal
        else:
            decided[row.id] = decision
    if decided:
        _approve_set(db, decided, rows, actor=actor, at=at)
    return _answers(
        asked.claim_ids, refused, state=APPROVED, amounts={id: one.amount_fen for id, one in decided.items()}
    )


def give_back(db: Connection, *, asked: MoveClaimWithReason, actor: Actor, at: datetime) -> ClaimView:
    """Return the claim to the site, which may submit it again. Raises ClaimNotMovable, OwnSiteOrBranch."""
    code = _code_of(asked)
    row = _to_decide(db, asked.claim_id, action="return_claim", actor=actor, at=at)
    move(
        db,
        row.id,
        "return",
        at=at,
        by=actor,
        reason=asked.reason,
        code=code,
        submit_by=lapses_at(at),
        headcount_confirmed=None,
        signed_by_id=None,
        signed_by=None,
    )
    return claim(db, row.id, actor=actor)


def reject(db: Connection, *, asked: MoveClaimWithReason, actor: Actor, at: datetime) -> ClaimView:
    """Refuse the claim for good and release what was set aside; the site may appeal once.

    Raises ClaimNotMovable, OwnSiteOrBranch.
    """
    code = _code_of(asked)
    row = _to_decide(db, asked.claim_id, action="reject_claim", actor=actor, at=at)
    move(
        db,
        row.id,
        "reject",
        at=at,
        by=actor,
        reason=asked.reason,
        code=code,
        rejected_by_id=actor.person_id,
        signed_by_id=None,
        signed_by=None,
    )
    claim_papers.free(db, [row.id], reason="claim_rejected", at=at)
    ledger.release(db, order_id=row.order_id, claim_id=row.id, reason="claim_rejected", at=at, by=actor)
    return claim(db, row.id, actor=actor)


def reopen(db: Connection, claim_id: UUID, *, site_code: str, reason: str, at: datetime, by: Actor) -> None:
    """Send an approved claim back to its site: what it was owed is set aside again, no more. Raises ClaimNotMovable."""
    row = db.execute(select(claims.c.order_id, claims.c.approved_fen).where(claims.c.id == claim_id)).one()
    move(
        db,
        claim_id,
        "send_back",
        at=at,
        by=by,
        reason=reason,
        submit_by=lapses_at(at),
        headcount_confirmed=None,
        approved_fen=None,
        lowered_fen=0,  # what was cut is not set aside any more
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
    claim_papers.free(db, due, reason="claim_lapsed", at=at)
    lapsed = move_all(db, due, "lapse", at=at, by=None, reason="六十日未提交")
    ledger.lock_caps(db, [row.order_id for row in lapsed])
    for row in lapsed:
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
    code: str | None = None,
    **fields: Any,
) -> Row[Any]:
    """Move one claim; raises ClaimNotMovable when its state does not allow it."""
    moved = move_all(db, [claim_id], verb, at=at, by=by, reason=reason, code=code, **fields)
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
    code: str | None = None,
    **fields: Any,
) -> list[Row[Any]]:
    """Move those of the claims that the verb can move; returns them as they are now, in the sequence of their ids.

    A clock runs only in the states that wait for somebody, so every move stops it unless it starts one.
    """
    sources, target = MOVES[verb]
    fields = {"submit_by": None, "confirm_by": None, "signed": None, **fields}
    changed = (
        update(claims)
        .where(claims.c.id == any_(literal(list(claim_ids), ARRAY(Uuid))), is_one_of(claims.c.state, sources))
        .values(
            state=target,
            reason=reason,
            reason_code=code,
            moved_at=at,
            version=claims.c.version + 1,
            **fields,
        )
        .returning(*claims.c)
    )
    moved = sorted(db.execute(changed), key=lambda row: row.id)
    _remember(db, [row.id for row in moved], verb, target, at=at, by=by, reason=reason, code=code)
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
    code: str | None = None,
) -> None:
    who = {"by_id": by.person_id if by else None, "by_name": by.name if by else TIMER}
    steps = [
        {"claim_id": claim_id, "move": verb, "state": state, "at": at, "reason": reason, "code": code, **who}
        for claim_id in claim_ids
    ]
    if steps:
        db.execute(insert(claim_history), steps)


def _to_decide(db: Connection, claim_id: UUID, *, action: str, actor: Actor, at: datetime) -> Row[Any]:
    """Return the claim, locked, when this person may decide on it (precise rule 9)."""
    row = claim_for(db, claim_id, actor=actor, action=action, locked=True)
    if action in NEEDS_FRESH_TOKEN:
        actor.must_be_fresh(at)
    must_be_disinterested(actor.grants, site_path=row.site_path, branch_path=row.branch_path)
    return row


def _decision(row: Row[Any], asked: MoveClaim, *, score: int, policy: subsidy.Policy) -> Decision:
    """Return what approving a confirmed or disputed claim comes to, or raise why it cannot be approved so."""
    confirmed = _headcount(row, asked)
    if row.review == AWAITED:
        raise ReviewAwaited()
    if row.review_draw_at is not None:
        raise DrawAwaited(period=row.period, draw_at=said(row.review_draw_at))
    if score >= row.reason_score and not asked.reason:
        raise ReasonDemanded(score=score)
    if policy.mode == subsidy.INVOICE_ACTUAL and row.invoiced_fen is None:
        raise InvoiceMissing()
    heads = subsidy.Heads(ordered=row.party_size, checked_in=row.checked_in, closed=row.headcount, confirmed=confirmed)
    due = subsidy.amount_due(
        policy,
        heads=heads,
        encumbered_fen=row.encumbered_fen,
        factor=subsidy.factor_in(row.explanation),
        invoice_fen=row.invoiced_fen,
    )
    if due.amount_fen == 0:
        raise NothingDue(heads=heads.paid)
    amount_fen = due.amount_fen if asked.approved_fen is None else asked.approved_fen
    if amount_fen > due.amount_fen:
        raise AboveDue(due=yuan(due.amount_fen))
    explanation, lowered_fen, code = due.explanation, due.amount_fen - amount_fen, None
    if lowered_fen:
        if asked.code is None:
            raise InvalidInput({"code": ["Missing data for required field."]})
        code = asked.code
        if code == OTHER and not asked.reason:
            raise InvalidInput({"reason": ["Missing data for required field."]})
        inputs = {"code": code, "before_fen": due.amount_fen, "lowered_to_fen": amount_fen}
        explanation = [*explanation, {"rule": "lowered", "inputs": inputs, "amount_fen": -lowered_fen}]
    return Decision(confirmed, amount_fen, explanation, lowered_fen, asked.reason, code)


def _headcount(row: Row[Any], asked: MoveClaim) -> int:
    """Return the heads that count as confirmed: the branch's, or the decided ones of a dispute, at most a review's."""
    confirmed = row.headcount_confirmed
    if row.state == DISPUTED:
        if not asked.reason:
            raise InvalidInput({"reason": ["A disputed claim is decided with a reason."]})
        confirmed = row.headcount_disputed if asked.headcount is None else asked.headcount
        if confirmed > (counted := max(row.headcount, row.headcount_disputed, row.checked_in)):
            raise InvalidInput({"headcount": [f"Nobody counted more than {counted}."]})
    if row.review == CORRECTED:
        return int(min(confirmed, row.review_headcount))
    return 0 if row.review == NOT_FOUND else int(confirmed)


def _needs_two(policy_of_it: subsidy.Policy, rules: Row[Any], *, amount_fen: int) -> bool:
    threshold_fen = second_signature_fen(policy_of_it, rules)
    return threshold_fen is not None and amount_fen >= threshold_fen


def _second_signature(db: Connection, row: Row[Any], *, actor: Actor, at: datetime) -> ClaimView:
    if row.signed_by_id == actor.person_id:
        raise SameDecider()
    signed = Decision(**row.signed, reason=row.reason, code=row.reason_code)
    _approve_one(db, row, signed, actor=actor, at=at)
    return claim(db, row.id, actor=actor)


def _approve_one(db: Connection, row: Row[Any], decided: Decision, *, actor: Actor, at: datetime) -> None:
    move(
        db,
        row.id,
        "approve",
        at=at,
        by=actor,
        reason=decided.reason,
        code=decided.code,
        headcount_confirmed=decided.headcount,
        approved_fen=decided.amount_fen,
        lowered_fen=decided.lowered_fen,
        approved_by_id=actor.person_id,
        explanation=decided.explanation,
    )
    ledger.post(
        db,
        order_id=row.order_id,
        claim_id=row.id,
        site_code=row.site_code,
        amount_fen=decided.amount_fen,
        at=at,
        by=actor,
    )


def _approve_set(
    db: Connection, decided: dict[UUID, Decision], rows: dict[UUID, Row[Any]], *, actor: Actor, at: datetime
) -> None:
    """Move and post what was decided; the claims are locked, so each of them still stands as it was read."""
    said_of = [
        {
            "id": str(claim_id),
            "reason": one.reason,
            "headcount": one.headcount,
            "amount_fen": one.amount_fen,
            "explanation": one.explanation,
        }
        for claim_id, one in decided.items()
    ]
    sources, target = MOVES["approve"]
    given = {"decided": json.dumps(said_of, ensure_ascii=False), "by": actor.person_id, "at": at}
    moved = db.execute(_APPROVE_MANY, {**given, "sources": sorted(sources)}).rowcount
    if moved != len(decided):
        raise RuntimeError(f"{moved} of {len(decided)} locked claims were approved")
    for reason in {one.reason for one in decided.values()}:
        ids = [claim_id for claim_id, one in decided.items() if one.reason == reason]
        _remember(db, ids, "approve", target, at=at, by=actor, reason=reason)
    postings = [
        Payment(
            order_id=rows[claim_id].order_id,
            claim_id=claim_id,
            site_code=rows[claim_id].site_code,
            amount_fen=one.amount_fen,
        )
        for claim_id, one in decided.items()
    ]
    ledger.post_many(db, postings=postings, at=at, by=actor)


def _each(
    db: Connection, claim_ids: Sequence[UUID], action: str, refused: dict[UUID, Refusal], *, actor: Actor
) -> list[Row[Any]]:
    """Return the claims with which the actor may do `action`, locked by their ids; the others' refusals are noted.

    Raises Forbidden for somebody who may do it nowhere.
    """
    if not actor.paths_for(action):
        actor.must(action)
    rows = db.execute(_LOCKED, {"claims": sorted(claim_ids)}).all()
    refused.update({claim_id: NotFound() for claim_id in claim_ids})
    seen = []
    for row in rows:
        places = {"branch": row.branch_path, "site": row.site_path, "fund": row.fund_path}
        if not actor.may("read_claim", **places):
            continue
        try:
            actor.must(action, **places)
        except Refusal as refusal:
            refused[row.id] = refusal
            continue
        del refused[row.id]
        seen.append(row)
    return seen


def _answers(
    claim_ids: Sequence[UUID], refused: dict[UUID, Refusal], *, state: str, amounts: dict[UUID, int]
) -> ClaimsAnswered:
    items = []
    for claim_id in claim_ids:
        refusal = refused.get(claim_id)
        if refusal is None:
            items.append(ClaimAnswer(claim_id, state, amounts.get(claim_id), None, None, {}))
        else:
            items.append(ClaimAnswer(claim_id, None, None, *_told(refusal)))
    return ClaimsAnswered(done=len(items) - len(refused), items=items)


def _told(refusal: Refusal) -> tuple[str, str, dict[str, Any]]:
    """Return a refusal's code, sentence and parameters; for a fault of the one field there is, what that demands."""
    if refusal.errors:
        return refusal.code, " ".join(one for told in refusal.errors.values() for one in told), {}
    return refusal.code, str(refusal), dict(refusal.params)


def _code_of(asked: MoveClaimWithReason) -> str:
    """Return the code of a reason; free text alone is `other`, which is said in words. Raises InvalidInput."""
    code = asked.code or OTHER
    if code == OTHER and not asked.reason:
        raise InvalidInput({"reason": ["Missing data for required field."]})
    return code


def _due(db: Connection, condition: ColumnElement[bool]) -> list[UUID]:
    """Return the claims that a timer has to move, locked; one that somebody moves right now is left to them."""
    found = select(claims.c.id).where(condition).order_by(claims.c.id).limit(AT_ONCE_MAX)
    return list(db.execute(found.with_for_update(skip_locked=True, key_share=True)).scalars())


def _policy_of(db: Connection, policy_id: UUID) -> subsidy.Policy:
    found = policy(db, policy_id)
    if found is None:
        raise LookupError(f"policy {policy_id} is not in the table")
    return found
