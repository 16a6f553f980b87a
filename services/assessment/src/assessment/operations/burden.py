"""The burden meter counts: this month and the one before once a day, and takes new minutes and ceilings."""

from datetime import datetime
from typing import Final

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.burden import BurdenRulesView, SetBurdenRule
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.months import Month
from assessment.operations.record_rules import RuleVersionThere
from assessment.queries.burden import ANY_FORM, COUNTED, all_rules, counting, rule_on
from assessment.queries.organisations import reaches_all
from assessment.tables.burden import burden_counted, burden_rules

_KEEP: Final = text(
    f"""
    INSERT INTO burden_months (month, branch_id, form, forms, typed, filled, tenths)
    SELECT :month, c.* FROM ({COUNTED}) c
    """  # noqa: S608 - made of constants
)


def count(db: Connection, *, at: datetime) -> int:
    """Count this month, and the one before until the tenth, each once a day; returns how many months that were."""
    today = clock.today(at)
    this = Month.of(today)
    months = [this] if today.day > 10 else [this.previous, this]
    done = 0
    for month in months:
        known = db.scalar(select(burden_counted.c.counted_on).where(burden_counted.c.month == str(month)))
        if known is not None and known >= today:
            continue
        count_month(db, month, at=at)
        done += 1
    return done


def count_month(db: Connection, month: Month, *, at: datetime) -> None:
    """Count a month of every branch anew."""
    db.execute(text("DELETE FROM burden_months WHERE month = :month"), {"month": str(month)})
    db.execute(_KEEP, counting(db, month, None))
    new = insert(burden_counted).values(month=str(month), counted_on=clock.today(at), counted_at=at)
    db.execute(
        new.on_conflict_do_update(
            index_elements=["month"],
            set_={"counted_on": new.excluded.counted_on, "counted_at": new.excluded.counted_at},
        )
    )


def set_rule(db: Connection, *, asked: SetBurdenRule, actor: Actor, at: datetime) -> BurdenRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, RuleVersionThere; InvalidInput for a day past and
    for a form that is named twice."""
    if not reaches_all(db, actor.paths_for("set_burden_rule")):
        raise Forbidden()
    today = clock.today(at)
    if asked.effective_from <= today:
        raise InvalidInput({"effective_from": ["A version begins on a day to come."]})
    if asked.forms is None:
        others = {form: cost for form, cost in rule_on(db, today).minutes.items() if form != ANY_FORM}
    else:
        others = {one.form: [one.form_tenths, one.field_tenths] for one in asked.forms}
        if len(others) < len(asked.forms):
            raise InvalidInput({"forms": ["One stands twice."]})
    new = insert(burden_rules).values(
        effective_from=asked.effective_from,
        ceiling_minutes=asked.ceiling_minutes,
        minutes={ANY_FORM: [asked.form_tenths, asked.field_tenths], **others},
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=asked.effective_from.isoformat())
    return all_rules(db, actor=actor, at=at)
