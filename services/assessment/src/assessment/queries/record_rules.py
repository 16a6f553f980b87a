"""The numbers of records: those in force, and all of them."""

from datetime import date, datetime
from typing import Any

from chassis import clock
from chassis.actors import Actor, Forbidden
from contracts.assessment.record_rules import RecordRulesView, RecordRuleView
from sqlalchemy import Connection, Row, exists, not_, select

from assessment.queries.organisations import is_below
from assessment.tables.organisations import organisations
from assessment.tables.records import record_rules


def rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the row of numbers in force on the day: the oldest one on a day before all."""
    of = record_rules.c
    in_force = select(record_rules).where(of.effective_from <= day).order_by(of.effective_from.desc()).limit(1)
    return (
        db.execute(in_force).one_or_none()
        or db.execute(select(record_rules).order_by(of.effective_from).limit(1)).one()
    )


def all_rules(db: Connection, *, actor: Actor, at: datetime) -> RecordRulesView:
    """Return every version of the numbers. Raises Forbidden."""
    if not actor.paths_for("read_record_rules"):
        raise Forbidden()
    today = clock.today(at)
    now = rules_on(db, today).effective_from
    rows = db.execute(select(record_rules).order_by(record_rules.c.effective_from.desc()))
    return RecordRulesView(
        versions=[
            RecordRuleView(
                effective_from=row.effective_from,
                confirm_days=row.confirm_days,
                make_up_days=row.make_up_days,
                lesson_minutes=row.lesson_minutes,
                citation=row.citation,
                state="in_force" if row.effective_from == now else "to_come" if row.effective_from > today else "past",
                set_at=row.set_at,
                set_by=row.set_by_name,
            )
            for row in rows
        ],
        may_set=may_set(db, actor=actor),
    )


def may_set(db: Connection, *, actor: Actor, action: str = "set_record_rule") -> bool:
    """Say whether the actor's part of the tree is the whole of it: the numbers are everybody's."""
    paths = actor.paths_for(action)
    outside = (organisations.c.is_external.is_(False), not_(is_below(paths)))
    return bool(paths) and not db.scalar(select(exists().where(*outside)))
