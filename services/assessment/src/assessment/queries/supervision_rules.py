"""The numbers of slips and talks, in force by day."""

from datetime import date
from typing import Any

from chassis.actors import Actor
from contracts.assessment.supervision import SupervisionRulesAsked, SupervisionRulesView, SupervisionRuleView
from sqlalchemy import Connection, Row, select

from assessment.queries.record_rules import may_set
from assessment.tables.slips import supervision_rules


def rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the numbers in force on a day; the first ones came with the platform."""
    newest = select(supervision_rules).where(supervision_rules.c.effective_from <= day)
    return db.execute(newest.order_by(supervision_rules.c.effective_from.desc()).limit(1)).one()


def rules(db: Connection, *, asked: SupervisionRulesAsked, actor: Actor) -> SupervisionRulesView:
    """Return all rows of the numbers, the newest first. Raises Forbidden."""
    actor.must("read_supervision_rules")
    rows = db.execute(select(supervision_rules).order_by(supervision_rules.c.effective_from.desc()))
    names = SupervisionRuleView.__dataclass_fields__
    return SupervisionRulesView(
        rows=[SupervisionRuleView(**{name: row._mapping[name] for name in names}) for row in rows],
        may_set=may_set(db, actor=actor, action="set_supervision_rule"),
    )
