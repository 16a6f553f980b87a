"""Setting a quota (S6): a row with its days and its citation; nothing that is ordered already is touched."""

from uuid import uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.quotas import QuotaView, SetQuota
from sqlalchemy import Connection, insert

from sites.queries.quotas import quota
from sites.queries.scopes import must_oversee_all
from sites.tables.quotas import quotas


def set_quota(db: Connection, *, asked: SetQuota, actor: Actor) -> QuotaView:
    """Add a quota. Raises InvalidInput when it would end before it begins, Forbidden to who does not oversee all."""
    must_oversee_all(db, "set_quota", actor=actor)
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
