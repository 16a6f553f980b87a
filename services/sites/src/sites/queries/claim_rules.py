"""The numbers of claims on a day: deadlines, points, shares, the amount that needs two signatures (S11)."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from sites.domain.subsidy import Policy
from sites.tables.claims import claim_rules


def claim_rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the row in force on the day."""
    return db.execute(
        select(claim_rules).where(claim_rules.c.active_from <= day).order_by(claim_rules.c.active_from.desc()).limit(1)
    ).one()


def second_signature_fen(policy: Policy, rules: Row[Any]) -> int | None:
    """Return from which amount on two persons sign: the policy's number where it has one, else that of the rules."""
    return policy.second_signature_from_fen or rules.second_signature_fen
