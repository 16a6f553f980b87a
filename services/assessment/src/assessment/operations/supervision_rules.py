"""The numbers of slips and talks, entered as dated rows."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.supervision import SetSupervisionRule, SupervisionRulesAsked, SupervisionRulesView
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from assessment.operations.record_rules import RuleVersionThere
from assessment.queries import supervision_rules as shown
from assessment.queries.record_rules import may_set
from assessment.tables.slips import supervision_rules


def set_rule(db: Connection, *, asked: SetSupervisionRule, actor: Actor, at: datetime) -> SupervisionRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, RuleVersionThere; InvalidInput for a day past."""
    if not may_set(db, actor=actor, action="set_supervision_rule"):
        raise Forbidden()
    if asked.effective_from <= clock.today(at):
        raise InvalidInput({"effective_from": ["A version begins on a day to come."]})
    new = insert(supervision_rules).values(
        effective_from=asked.effective_from,
        slip_days=asked.slip_days,
        talk_days=asked.talk_days,
        escalate_days=asked.escalate_days,
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=asked.effective_from.isoformat())
    return shown.rules(db, asked=SupervisionRulesAsked(), actor=actor)
