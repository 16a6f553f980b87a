"""Objections to lines of a published batch (S12): one holds its line alone; finance decides it in writing."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.publicity import DecideObjection, Object, ObjectionView
from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.batches import DECIDABLE, PUBLISHED
from sites.domain.claims import must_be_disinterested
from sites.domain.days import day_of
from sites.domain.publicity import (
    MOVES,
    OPEN,
    UPHELD,
    NotPublic,
    ObjectedAlready,
    ObjectionDecided,
    OwnObjection,
)
from sites.operations import batches, claims
from sites.queries.publicity import objection, objection_for
from sites.tables.money import batches as batches_table
from sites.tables.settlement import objections


def object_to(db: Connection, *, asked: Object, actor: Actor, at: datetime) -> ObjectionView:
    """Object to a line of a batch while it is published. Raises NotFound, NotPublic, ObjectedAlready.

    What came on paper is entered by an officer or by finance.
    """
    # The share lock: an approval that is under way is waited for, and one to come finds the objection.
    line = db.execute(
        text(
            "SELECT l.id, l.claim_id, l.state, b.id AS batch_id, b.state AS batch_state, b.public_until, f.path"
            "  FROM batch_lines l JOIN batches b ON b.id = l.batch_id JOIN funds f ON f.id = b.fund_id"
            " WHERE l.id = :line AND b.published_at IS NOT NULL FOR SHARE OF b"
        ),
        {"line": asked.line_id},
    ).one_or_none()
    if line is None:
        raise NotFound()
    actor.must("object_to_payment")
    if asked.on_paper_from:
        actor.must("enter_paper_objection", fund=line.path)
    if line.batch_state != PUBLISHED or line.state != "waiting" or day_of(at) > line.public_until:
        raise NotPublic()
    objection_id = uuid4()
    made = (
        insert_new(objections)
        .values(
            id=objection_id,
            batch_id=line.batch_id,
            line_id=line.id,
            claim_id=line.claim_id,
            reason=asked.reason,
            by_id=actor.person_id,
            by_name=actor.name,
            on_paper_from=asked.on_paper_from,
            made_at=at,
            state=OPEN,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(made).rowcount == 0:
        raise ObjectedAlready()
    return objection(db, objection_id, actor=actor)


def decide(db: Connection, *, asked: DecideObjection, actor: Actor, at: datetime) -> ObjectionView:
    """Uphold an objection, which sends the claim back to its site, or dismiss it, which releases the line.

    Raises NotFound, ObjectionDecided, OwnObjection, OwnSiteOrBranch.
    """
    seen = objection_for(db, asked.objection_id, actor=actor, action="decide_objection")
    actor.must_be_fresh(at)
    # The batch first, as everywhere; then the objection's own state decides.
    batch = db.execute(
        select(batches_table.c.id, batches_table.c.state)
        .where(batches_table.c.id == seen.batch_id)
        .with_for_update(key_share=True)
    ).one()
    if seen.by_id == actor.person_id:
        raise OwnObjection()
    must_be_disinterested(actor.grants, site_path=seen.site_path, branch_path=seen.branch_path)
    verb = "uphold" if asked.decision == UPHELD else "dismiss"
    _decide(db, seen, verb, reason=asked.reason, at=at, by=actor)
    if verb == "uphold":
        if batch.state in DECIDABLE and seen.line_state == "waiting":
            batches.take_out(db, batch.id, seen.line_id, reason=asked.reason, at=at, by=actor)
        # A line that left before, at the approval, has freed its claim already.
        claims.reopen(db, seen.claim_id, site_code=seen.site_code, reason=asked.reason, at=at, by=actor)
        _decide_others(db, seen, reason=asked.reason, at=at, by=actor)
    return objection(db, seen.id, actor=actor)


def _decide(db: Connection, seen: Row[Any], verb: str, *, reason: str, at: datetime, by: Actor) -> None:
    sources, target = MOVES[verb]
    changed = db.execute(
        update(objections)
        .where(objections.c.id == seen.id, objections.c.state.in_(sorted(sources)))
        .values(state=target, decision_reason=reason, decided_by_id=by.person_id, decided_by=by.name, decided_at=at)
    )
    if changed.rowcount == 0:
        state = db.execute(select(objections.c.state).where(objections.c.id == seen.id)).scalar_one()
        raise ObjectionDecided(state=state)


def _decide_others(db: Connection, seen: Row[Any], *, reason: str, at: datetime, by: Actor) -> None:
    """Uphold what others say of the same claim, but what the decider said themself: the claim goes back for all."""
    db.execute(
        update(objections)
        .where(objections.c.claim_id == seen.claim_id, objections.c.state == OPEN, objections.c.by_id != by.person_id)
        .values(state=UPHELD, decision_reason=reason, decided_by_id=by.person_id, decided_by=by.name, decided_at=at)
    )
