"""The subsidy policy changes by adopting a new version from a day on; what is in force is never edited."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from chassis.refusals import Refusal
from sqlalchemy import Connection, func, insert, select, update

from sites.domain.subsidy import Policy
from sites.tables.money import policies


class PolicyNotAfterLast(Refusal):
    """A new version of the policy must begin after {active_from}, when the last one began."""


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
) -> Policy:
    """Adopt the next version from a day on; the last one ends that day. Raises PolicyNotAfterLast.

    Orders already placed keep the version of their placing.
    """
    last = db.execute(select(func.max(policies.c.active_from), func.max(policies.c.version))).one()
    if last[0] and active_from <= last[0]:
        raise PolicyNotAfterLast(active_from=last[0].isoformat())
    db.execute(update(policies).where(policies.c.active_until.is_(None)).values(active_until=active_from))
    adopted = Policy(
        id=policy_id or uuid4(),
        name=name,
        version=(last[1] or 0) + 1,
        active_from=active_from,
        active_until=None,
        per_visit_fen=per_visit_fen,
        per_head_fen=per_head_fen,
        visit_cap_fen=visit_cap_fen,
        heads_min=heads_min,
        citation=citation,
        star_factors=dict(star_factors or {}),
    )
    db.execute(insert(policies).values(adopted.__dict__))
    return adopted
