"""How long records are kept: a rule with its date and citation; *work* removes what is older, stretch by stretch.

The database holds to the law by itself: no rule below six months, no removal of anything younger, and the service's
role deletes nothing. What was removed is written down with its last seal, so what is left can still be proved.
"""

from datetime import datetime
from typing import Final

from contracts.audit import SetAuditRule
from sqlalchemy import Connection, text

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput

REMOVED_AT_ONCE: Final = 20_000

_SET: Final = text("""
INSERT INTO audit_rules AS kept (active_from, kept_months, citation, set_at, set_by)
VALUES (:active_from, :kept_months, :citation, :at, :by)
ON CONFLICT (active_from) DO UPDATE
   SET kept_months = excluded.kept_months, citation = excluded.citation,
       set_at = excluded.set_at, set_by = excluded.set_by
 WHERE kept.active_from > :today
""")
_REMOVE: Final = text("SELECT remove_audit_records(:at, :most)")


def set_rule(db: Connection, *, asked: SetAuditRule, actor: Actor, at: datetime) -> None:
    """Say for how long records are kept from a day on, tomorrow at the earliest. Raises Forbidden, TokenTooOld,
    InvalidInput."""
    # It holds for all records, so it is for who administers the root of the tree.
    if not any(actor.may("set_audit_rule", organisation=grant.path) for grant in actor.grants if "." not in grant.path):
        raise Forbidden()
    actor.must_be_fresh(at)
    today = clock.today(at)
    active_from = asked.active_from or clock.tomorrow(at)
    if active_from <= today:
        raise InvalidInput({"active_from": ["A rule begins tomorrow at the earliest."]})
    db.execute(
        _SET,
        {
            "active_from": active_from,
            "kept_months": asked.kept_months,
            "citation": asked.citation,
            "at": at,
            "by": actor.person_id,
            "today": today,
        },
    )


def remove_old(db: Connection, *, at: datetime) -> int:
    """Remove what the rule keeps no longer, a transaction for each stretch; returns how many records went."""
    removed = 0
    while gone := int(db.execute(_REMOVE, {"at": at, "most": REMOVED_AT_ONCE}).scalar_one()):
        removed += gone
        db.commit()
    return removed
