"""The compliance switch is set: from a day to come on, with its reason, never changed afterwards."""

from dataclasses import asdict
from datetime import datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.compliance import ComplianceView, SetCompliance
from sqlalchemy import Connection, insert

from assessment.queries.compliance import settings
from assessment.queries.organisations import reaches_all
from assessment.tables.compliance import compliance_settings


def set_compliance(db: Connection, *, asked: SetCompliance, actor: Actor, at: datetime) -> ComplianceView:
    """Enter a row of the switch. Raises Forbidden below the root of the tree; InvalidInput for a day past."""
    if not reaches_all(db, actor.paths_for("set_compliance")):
        raise Forbidden()
    if asked.active_from <= clock.today(at):
        raise InvalidInput({"active_from": ["A version begins on a day to come."]})
    row = {"set_at": at, "set_by_id": actor.person_id, "set_by_name": actor.name}
    db.execute(insert(compliance_settings).values(**asdict(asked), **row))
    return settings(db, actor=actor, at=at)
