"""Which subsidy policy is in force on a day, and which one an order was placed under."""

from datetime import date, datetime
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound
from contracts.sites.policies import PolicyAsked, PolicyView
from sqlalchemy import ColumnElement, Connection, or_, select

from sites.domain.subsidy import Policy
from sites.tables.money import policies


def policy_on(db: Connection, day: date) -> Policy | None:
    """Return the policy in force on `day`; None when there is none, and nothing is subsidised."""
    in_force = (policies.c.active_from <= day) & or_(policies.c.active_until.is_(None), policies.c.active_until > day)
    return _policy(db, in_force)


def policy(db: Connection, policy_id: UUID) -> Policy | None:
    """Return one version of the policy."""
    return _policy(db, policies.c.id == policy_id)


def policy_in_force(db: Connection, asked: PolicyAsked, *, at: datetime) -> PolicyView:
    """Return the policy as it is told to everybody. Raises NotFound for a day without one."""
    found = policy_on(db, asked.on or clock.today(at))
    if found is None:
        raise NotFound()
    return PolicyView(
        name=found.name,
        version=found.version,
        active_from=found.active_from,
        active_until=found.active_until,
        per_visit_fen=found.per_visit_fen,
        per_head_fen=found.per_head_fen,
        visit_cap_fen=found.visit_cap_fen,
        heads_min=found.heads_min,
        citation=found.citation,
        star_factors=dict(found.star_factors),
    )


def _policy(db: Connection, condition: ColumnElement[bool]) -> Policy | None:
    row = db.execute(select(policies).where(condition)).one_or_none()
    return Policy(**row._mapping) if row else None
