"""The numbers of records, entered as dated rows."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, Refusal
from contracts.assessment.record_rules import RecordRulesView, SetRecordRule
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from assessment.queries.record_rules import all_rules, may_set
from assessment.tables.records import record_rules


class RuleVersionThere(Refusal):
    """A version that begins on {active_from} is there already; choose another day."""


def set_rule(db: Connection, *, asked: SetRecordRule, actor: Actor, at: datetime) -> RecordRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, RuleVersionThere; InvalidInput for a day past."""
    if not may_set(db, actor=actor):
        raise Forbidden()
    if asked.effective_from <= clock.today(at):
        raise InvalidInput({"effective_from": ["A version begins on a day to come."]})
    new = insert(record_rules).values(
        effective_from=asked.effective_from,
        confirm_days=asked.confirm_days,
        make_up_days=asked.make_up_days,
        lesson_minutes=asked.lesson_minutes,
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=asked.effective_from.isoformat())
    return all_rules(db, actor=actor, at=at)
