"""The vocabulary of problems, and the numbers of mending and cards, as dated rows."""

from datetime import date, datetime
from typing import Any

from chassis import clock
from chassis.actors import Actor, Forbidden
from contracts.assessment.mending_rules import (
    MENDING_DAYS,
    MendingRulesView,
    MendingRuleView,
    ProblemKindView,
)
from sqlalchemy import Connection, Row, exists, not_, or_, select

from assessment.queries.organisations import is_below
from assessment.tables.cards import mending_rules
from assessment.tables.organisations import organisations
from assessment.tables.problems import problem_kinds


def is_active(db: Connection, code: str, *, on: date) -> bool:
    """Say whether a kind may be given to a problem that was found on this day."""
    of = problem_kinds.c
    active = (of.active_from <= on, or_(of.active_until.is_(None), of.active_until > on))
    return bool(db.scalar(select(exists().where(of.code == code, *active))))


def rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the row of numbers in force on the day: the oldest one on a day before all."""
    of = mending_rules.c
    in_force = select(mending_rules).where(of.effective_from <= day).order_by(of.effective_from.desc()).limit(1)
    return (
        db.execute(in_force).one_or_none()
        or db.execute(select(mending_rules).order_by(of.effective_from).limit(1)).one()
    )


def settings(db: Connection, *, actor: Actor, at: datetime) -> MendingRulesView:
    """Return every kind of problem and every version of the numbers, the newest first. Raises Forbidden."""
    if not actor.paths_for("read_mending_rules"):
        raise Forbidden()
    today = clock.today(at)
    now = rules_on(db, today).effective_from
    rows = db.execute(select(mending_rules).order_by(mending_rules.c.effective_from.desc())).all()
    kinds = db.execute(select(problem_kinds).order_by(problem_kinds.c.position, problem_kinds.c.code)).all()
    return MendingRulesView(
        versions=[
            MendingRuleView(
                effective_from=row.effective_from,
                **{name: row._mapping[name] for name in (*MENDING_DAYS, "supervision_from", "supervision_until")},
                citation=row.citation,
                state="in_force" if row.effective_from == now else "to_come" if row.effective_from > today else "past",
                set_at=row.set_at,
                set_by=row.set_by_name,
            )
            for row in rows
        ],
        kinds=[
            ProblemKindView(
                code=row.code,
                name=row.name,
                active_from=row.active_from,
                active_until=row.active_until,
                is_active=row.active_from <= today and (row.active_until is None or row.active_until > today),
                citation=row.citation,
                set_by=row.set_by_name,
            )
            for row in kinds
        ],
        may_set=may_set(db, actor=actor),
    )


def may_set(db: Connection, *, actor: Actor) -> bool:
    """Say whether the actor's part of the tree is the whole of it: vocabulary and numbers are everybody's."""
    paths = actor.paths_for("set_mending_rule")
    outside = (organisations.c.is_external.is_(False), not_(is_below(paths)))
    return bool(paths) and not db.scalar(select(exists().where(*outside)))
