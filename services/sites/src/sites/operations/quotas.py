"""Setting a quota (S6): a row with its days and its citation; nothing that is ordered already is touched."""

from typing import Final
from uuid import uuid4

from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.rights import RIGHTS
from contracts.sites.quotas import QuotaView, SetQuota
from sqlalchemy import Connection, insert, text

from sites.queries.quotas import quota
from sites.tables.quotas import quotas

_OUTSIDE: Final = text("""
SELECT EXISTS (
    SELECT FROM organisations o
     WHERE o.kind IN ('branch', 'joint_branch') AND NOT o.is_external AND NOT o.dissolved
       AND NOT EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS granted (path)
                        WHERE o.path = granted.path OR starts_with(o.path, granted.path || '.'))
)
""")


def set_quota(db: Connection, *, asked: SetQuota, actor: Actor) -> QuotaView:
    """Add a quota. Raises InvalidInput when it would end before it begins, Forbidden to who does not oversee all."""
    actor.must("set_quota")
    # It binds every branch of ours, so an officer of a part of them cannot set it.
    if db.execute(_OUTSIDE, {"paths": actor.paths(*RIGHTS["set_quota"])}).scalar_one():
        raise Forbidden()
    if asked.effective_until is not None and asked.effective_until <= asked.effective_from:
        raise InvalidInput({"effective_until": ["It must end after it begins."]})
    quota_id = uuid4()
    db.execute(
        insert(quotas).values(
            id=quota_id,
            effective_from=asked.effective_from,
            effective_until=asked.effective_until,
            holder=asked.holder,
            counts=asked.counts,
            period=asked.period,
            most=asked.most,
            citation=asked.citation,
        )
    )
    return quota(db, quota_id)
