"""The subsidy policy changes by adopting a new version from a day on; what is in force is never edited (S9).

One person drafts, another adopts. Whoever adopts locks the last version, so that of two who adopt at once the second
sees the first.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.envelope import plain
from contracts.sites.places import CATEGORIES, SITE_KINDS
from contracts.sites.policies import (
    AdoptPolicy,
    DraftPolicy,
    EditPolicy,
    PolicyRules,
    PolicyVersionView,
    WithdrawPolicy,
)
from sqlalchemy import Connection, Row, func, insert, select, text, update

from sites.domain.days import day_of
from sites.domain.policies import (
    DRAFT,
    MOVES,
    RULES,
    PolicyInPast,
    PolicyNotAfterLast,
    PolicyNotMovable,
    SameDrafter,
    drafted,
    faults_in,
)
from sites.domain.subsidy import Policy
from sites.queries.policies import grades, version
from sites.queries.scopes import must_oversee_funds
from sites.tables.money import policies, policy_drafts, policy_history

_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('policies', 0))")


def draft(db: Connection, *, asked: DraftPolicy, actor: Actor, at: datetime) -> PolicyVersionView:
    """Write the next version down; it holds for nobody yet. Raises InvalidInput, Forbidden."""
    must_oversee_funds(db, "draft_policy", actor=actor)
    policy_id = uuid4()
    db.execute(
        insert(policy_drafts).values(
            id=policy_id, state=DRAFT, drafted_at=at, **_written(db, asked, at=at), **_drafter(actor)
        )
    )
    _remember(db, policy_id, "propose", DRAFT, at=at, by=actor)
    return version(db, policy_id, at=at)


def edit(db: Connection, *, asked: EditPolicy, actor: Actor, at: datetime) -> PolicyVersionView:
    """Write a draft anew; whoever did so last is its drafter.

    Raises InvalidInput, PolicyNotMovable, PreconditionFailed, NotFound, Forbidden.
    """
    must_oversee_funds(db, "draft_policy", actor=actor)
    found = _locked(db, asked.policy_id)
    if found.state != DRAFT:
        raise PolicyNotMovable(state=found.state, move="edit")
    if found.version != asked.version:
        raise PreconditionFailed()
    written = _written(db, asked, at=at)
    db.execute(
        update(policy_drafts)
        .where(policy_drafts.c.id == asked.policy_id)
        .values(version=policy_drafts.c.version + 1, **written, **_drafter(actor))
    )
    _remember(db, asked.policy_id, "edit", DRAFT, at=at, by=actor)
    return version(db, asked.policy_id, at=at)


def adopt_draft(db: Connection, *, asked: AdoptPolicy, actor: Actor, at: datetime) -> PolicyVersionView:
    """Adopt a draft; the last version ends on the day that it begins. What is ordered keeps its version.

    Raises SameDrafter, PolicyInPast, PolicyNotAfterLast, PolicyNotMovable, NotFound, Forbidden.
    """
    must_oversee_funds(db, "adopt_policy", actor=actor)
    actor.must_be_fresh(at)
    db.execute(_ALONE)
    found = _locked(db, asked.policy_id)
    if found.state != DRAFT:
        raise PolicyNotMovable(state=found.state, move="adopt")
    if _has_written(db, asked.policy_id, actor.person_id):
        raise SameDrafter()
    if found.active_from < day_of(at):
        raise PolicyInPast()
    _move(db, asked.policy_id, "adopt", at=at, by=actor)
    policy = drafted(found.id, active_from=found.active_from, rules=found.rules)
    _put_in_force(db, policy, at=at, by=actor)
    return version(db, asked.policy_id, at=at)


def withdraw(db: Connection, *, asked: WithdrawPolicy, actor: Actor, at: datetime) -> PolicyVersionView:
    """Put a draft away. Raises PolicyNotMovable, NotFound, Forbidden."""
    must_oversee_funds(db, "withdraw_policy", actor=actor)
    _locked(db, asked.policy_id)
    _move(db, asked.policy_id, "withdraw", at=at, by=actor, reason=asked.reason)
    return version(db, asked.policy_id, at=at)


def adopt(
    db: Connection,
    *,
    name: str,
    active_from: date,
    per_visit_fen: int,
    per_head_fen: int,
    visit_cap_fen: int,
    heads_min: int,
    citation: str,
    star_factors: Mapping[str, str] | None = None,
    policy_id: UUID | None = None,
    **rules: Any,
) -> Policy:
    """Adopt a version that comes with the software or its demo. Raises PolicyNotAfterLast."""
    policy = Policy(
        id=policy_id or uuid4(),
        name=name,
        version=None,
        active_from=active_from,
        active_until=None,
        per_visit_fen=per_visit_fen,
        per_head_fen=per_head_fen,
        visit_cap_fen=visit_cap_fen,
        heads_min=heads_min,
        citation=citation,
        star_factors=dict(star_factors or {}),
        **rules,
    )
    return _put_in_force(db, policy, at=None, by=None)


def _put_in_force(db: Connection, policy: Policy, *, at: datetime | None, by: Actor | None) -> Policy:
    """Write the version with the next number, and end the last one on its first day."""
    last = db.execute(select(func.max(policies.c.active_from), func.max(policies.c.version))).one()
    if last[0] and policy.active_from <= last[0]:
        raise PolicyNotAfterLast(active_from=last[0].isoformat())
    ended = db.execute(
        update(policies)
        .where(policies.c.active_until.is_(None))
        .values(active_until=policy.active_from)
        .returning(policies.c.id)
    ).scalars()
    for ended_id in ended:
        if at is not None:
            _supersede(db, ended_id, at=at, by=by)
    row = {name: getattr(policy, name) for name in (field.name for field in fields(Policy))}
    row |= {"version": (last[1] or 0) + 1, "head_tiers": list(policy.head_tiers), "site_kinds": list(policy.site_kinds)}
    db.execute(insert(policies).values(row))
    return Policy(**row)


def _supersede(db: Connection, policy_id: UUID, *, at: datetime, by: Actor | None) -> None:
    sources, target = MOVES["supersede"]
    db.execute(
        update(policy_drafts)
        .where(policy_drafts.c.id == policy_id, policy_drafts.c.state.in_(sorted(sources)))
        .values(state=target, version=policy_drafts.c.version + 1)
    )
    _remember(db, policy_id, "supersede", target, at=at, by=by)


def _written(db: Connection, asked: PolicyRules, *, at: datetime) -> dict[str, Any]:
    """Return the columns of a draft. Raises InvalidInput, at the field that has to change."""
    rules = {name: plain(getattr(asked, name)) for name in RULES}
    faults = faults_in(rules, categories=CATEGORIES, kinds=SITE_KINDS, grades=grades(db))
    if asked.active_from < day_of(at):
        faults["active_from"] = ["The first day must be today or later."]
    if faults:
        raise InvalidInput(faults)
    return {"active_from": asked.active_from, "rules": rules}


def _drafter(actor: Actor) -> dict[str, Any]:
    return {"drafted_by_id": actor.person_id, "drafted_by": actor.name}


def _has_written(db: Connection, policy_id: UUID, person_id: UUID) -> bool:
    """Say whether the person has written any word of the draft."""
    wrote = select(policy_history.c.id).where(
        policy_history.c.policy_id == policy_id,
        policy_history.c.by_id == person_id,
        policy_history.c.move.in_(["propose", "edit"]),
    )
    return db.execute(wrote.limit(1)).first() is not None


def _locked(db: Connection, policy_id: UUID) -> Row[Any]:
    found = db.execute(select(policy_drafts).where(policy_drafts.c.id == policy_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _move(db: Connection, policy_id: UUID, verb: str, *, at: datetime, by: Actor, reason: str | None = None) -> None:
    """Move a draft that is locked; raises PolicyNotMovable when its state does not allow it."""
    sources, target = MOVES[verb]
    moved = db.execute(
        update(policy_drafts)
        .where(policy_drafts.c.id == policy_id, policy_drafts.c.state.in_(sorted(sources)))
        .values(
            state=target,
            version=policy_drafts.c.version + 1,
            decided_at=at,
            decided_by_id=by.person_id,
            decided_by=by.name,
        )
    )
    if not moved.rowcount:
        state = db.execute(select(policy_drafts.c.state).where(policy_drafts.c.id == policy_id)).scalar_one()
        raise PolicyNotMovable(state=state, move=verb)
    _remember(db, policy_id, verb, target, at=at, by=by, reason=reason)


def _remember(
    db: Connection,
    policy_id: UUID,
    verb: str,
    state: str,
    *,
    at: datetime,
    by: Actor | None,
    reason: str | None = None,
) -> None:
    who = {"by_id": by.person_id if by else None, "by_name": by.name if by else "timer"}
    db.execute(insert(policy_history).values(policy_id=policy_id, move=verb, state=state, at=at, reason=reason, **who))
