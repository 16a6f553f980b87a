"""Which subsidy policy is in force on a day, which one an order was placed under, and all versions and drafts."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.policies import (
    PoliciesAsked,
    PolicyAsked,
    PolicyMoveView,
    PolicyRow,
    PolicyVersionView,
    PolicyView,
)
from sqlalchemy import ColumnElement, Connection, Row, or_, select, text

from sites.domain.policies import RULES, drafted
from sites.domain.subsidy import Policy
from sites.tables.money import policies, policy_history
from sites.tables.places import site_grades

# Versions as they stand and drafts that never became one; of an adopted draft the version is the row.
_VERSIONS: Final = """
WITH versions AS (
    SELECT p.id, CASE WHEN p.active_until IS NULL THEN 'adopted' ELSE 'superseded' END AS state,
           p.version AS number, p.active_from, p.active_until, p.name, p.citation, to_jsonb(p) AS rules,
           d.drafted_by, d.drafted_at, d.decided_by, d.decided_at, coalesce(d.version, 1) AS version
      FROM policies p LEFT JOIN policy_drafts d ON d.id = p.id
     UNION ALL
    SELECT d.id, d.state, NULL, d.active_from, NULL, d.rules ->> 'name', d.rules ->> 'citation', d.rules,
           d.drafted_by, d.drafted_at, d.decided_by, d.decided_at, d.version
      FROM policy_drafts d WHERE d.state IN ('draft', 'withdrawn')
)
"""
_LIST: Final = """
SELECT id, state, number, name, citation, active_from, active_until, drafted_by, decided_by FROM versions
 WHERE (CAST(:state AS text) IS NULL OR state = :state)
   AND (CAST(:since AS date) IS NULL OR (active_from, id) < (:since, CAST(:id AS uuid)))
 ORDER BY active_from DESC, id DESC LIMIT :most
"""
_ONE: Final = "SELECT * FROM versions WHERE id = :id"
_ORDERS_KEPT: Final = text("""
SELECT count(*) FROM orders
 WHERE visit_on >= :day AND policy_id <> :id AND is_subsidised AND state IN ('placed', 'confirmed')
""")


def policy_on(db: Connection, day: date) -> Policy | None:
    """Return the policy in force on `day`; None when there is none, and nothing is subsidised."""
    in_force = (policies.c.active_from <= day) & or_(policies.c.active_until.is_(None), policies.c.active_until > day)
    return _policy(db, in_force)


def policy(db: Connection, policy_id: UUID) -> Policy | None:
    """Return one version of the policy."""
    return _policy(db, policies.c.id == policy_id)


def version_or_draft(db: Connection, policy_id: UUID) -> Policy:
    """Return a version, or a draft as the policy that it would be. Raises NotFound."""
    found = policy(db, policy_id)
    if found is not None:
        return found
    row = db.execute(text("SELECT active_from, rules FROM policy_drafts WHERE id = :id"), {"id": policy_id}).first()
    if row is None:
        raise NotFound()
    return drafted(policy_id, active_from=row.active_from, rules=row.rules)


def policy_in_force(db: Connection, asked: PolicyAsked, *, at: datetime) -> PolicyView:
    """Return the policy as it is told to everybody. Raises NotFound for a day without one."""
    found = policy_on(db, asked.on or clock.today(at))
    if found is None or found.version is None:
        raise NotFound()
    return PolicyView(
        version=found.version,
        active_from=found.active_from,
        active_until=found.active_until,
        **{name: getattr(found, name) for name in RULES},
    )


def policies_page(db: Connection, asked: PoliciesAsked, *, actor: Actor) -> Page:
    """Return all versions and drafts, those that begin last first. Raises Forbidden."""
    actor.must("read_policies")
    since, last_id = key_in(asked.cursor, date.fromisoformat, UUID) if asked.cursor else (None, None)
    given = {"state": asked.state, "since": since, "id": last_id, "most": asked.limit + 1}
    rows = db.execute(text(_VERSIONS + _LIST), given).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: PolicyRow(**row._mapping), key=lambda row: (row.active_from, row.id)
    )


def version_for(db: Connection, policy_id: UUID, *, actor: Actor, at: datetime) -> PolicyVersionView:
    """Return one version or draft to whoever may see it. Raises Forbidden, NotFound."""
    actor.must("read_policies")
    return version(db, policy_id, at=at)


def version(db: Connection, policy_id: UUID, *, at: datetime) -> PolicyVersionView:
    """Return one version or draft, with its steps and what stands where it would hold. Raises NotFound."""
    row = db.execute(text(_VERSIONS + _ONE), {"id": policy_id}).one_or_none()
    if row is None:
        raise NotFound()
    steps = select(policy_history).where(policy_history.c.policy_id == policy_id).order_by(policy_history.c.id)
    return PolicyVersionView(
        id=row.id,
        state=row.state,
        number=row.number,
        active_from=row.active_from,
        active_until=row.active_until,
        rules={name: row.rules.get(name) for name in RULES},
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        history=[PolicyMoveView(s.move, s.state, s.at, s.by_name, s.reason) for s in db.execute(steps)],
        in_force=_before(db, row),
        orders_kept=db.execute(_ORDERS_KEPT, {"day": max(row.active_from, clock.today(at)), "id": row.id}).scalar_one(),
        version=row.version,
    )


def grades(db: Connection) -> list[str]:
    """Return the grades that a yearly evaluation may give."""
    return list(db.execute(select(site_grades.c.grade).distinct().order_by(site_grades.c.grade)).scalars())


def _before(db: Connection, row: Row[Any]) -> dict[str, Any] | None:
    """Return the version that a draft, or a version, takes over from."""
    if row.number is None:
        before = policy_on(db, row.active_from)
    else:
        before = _policy(db, policies.c.active_until == row.active_from)
    if before is None:
        return None
    rules = {name: getattr(before, name) for name in RULES}
    return {"id": before.id, "number": before.version, "active_from": before.active_from, "rules": rules}


def _policy(db: Connection, condition: ColumnElement[bool]) -> Policy | None:
    row = db.execute(select(policies).where(condition)).one_or_none()
    return Policy(**row._mapping) if row else None
