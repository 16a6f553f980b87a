"""The numbers of claims on a day: deadlines, points, shares, the amount that needs two signatures (S11)."""

from datetime import date, datetime
from typing import Any

from chassis.actors import Actor
from contracts.sites.settings import AnomalyRowView, AnomalyRuleView, ClaimRulesRowView, ClaimRulesView
from sqlalchemy import Connection, Row, select

from sites.domain.days import day_of
from sites.domain.subsidy import Policy
from sites.queries.anomalies import RULES
from sites.queries.dated_rows import newest_first
from sites.tables.claims import anomaly_rules, claim_rules


def claim_rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the row in force on the day."""
    in_force = select(claim_rules).where(claim_rules.c.active_from <= day)
    newest = in_force.order_by(claim_rules.c.active_from.desc(), claim_rules.c.id.desc()).limit(1)
    return db.execute(newest).one()


def second_signature_fen(policy: Policy, rules: Row[Any]) -> int | None:
    """Return from which amount on two persons sign: the policy's number where it has one, else that of the rules."""
    return policy.second_signature_from_fen or rules.second_signature_fen


def rules_of(db: Connection, *, actor: Actor, at: datetime) -> ClaimRulesView:
    """Return the numbers of claims and of each rule of doubt, with all that held and will hold. Raises Forbidden."""
    actor.must("read_claim_rules")
    rows = db.execute(select(claim_rules).order_by(claim_rules.c.id)).all()
    return ClaimRulesView(
        rows=newest_first(rows, ClaimRulesRowView, today=day_of(at)),
        anomalies=[anomaly_rule(db, rule, at=at) for rule in RULES],
    )


def anomaly_rule(db: Connection, rule: str, *, at: datetime) -> AnomalyRuleView:
    """Return one rule of doubt with its rows."""
    rows = db.execute(select(anomaly_rules).where(anomaly_rules.c.rule == rule).order_by(anomaly_rules.c.id)).all()
    return AnomalyRuleView(
        rule=rule,
        title=RULES[rule].title(),
        needs=needs_of(rows),
        rows=newest_first(rows, AnomalyRowView, today=day_of(at)),
    )


def needs_of(rows: Any) -> list[str]:
    """Return the numbers that a rule asks for: those of its first row, which came with it."""
    return sorted(rows[0].numbers) if rows else []
