"""The vocabulary of problems and the numbers of mending and cards, entered as dated rows."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.mending_rules import (
    MENDING_DAYS,
    AddProblemKind,
    MendingRulesView,
    RetireProblemKind,
    SetMendingRule,
)
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.queries.problem_kinds import may_set, settings
from assessment.tables.cards import mending_rules
from assessment.tables.problems import problem_kinds


class RuleVersionThere(Refusal):
    """A version that begins on {active_from} is there already; choose another day."""


class KindThere(Refusal):
    """A kind with this code is there already."""


class KindRetired(Refusal):
    """This kind has been retired already."""


def set_rule(db: Connection, *, asked: SetMendingRule, actor: Actor, at: datetime) -> MendingRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, RuleVersionThere, InvalidInput."""
    _must_set(db, actor=actor)
    faults: dict[str, list[str]] = {}
    if asked.effective_from <= clock.today(at):
        faults["effective_from"] = ["A version begins on a day to come."]
    if asked.supervision_until < asked.supervision_from:
        faults["supervision_until"] = ["The last month lies before the first."]
    if faults:
        raise InvalidInput(faults)
    names = ("effective_from", *MENDING_DAYS, "supervision_from", "supervision_until", "citation")
    new = insert(mending_rules).values(
        **{name: getattr(asked, name) for name in names},
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=asked.effective_from.isoformat())
    return settings(db, actor=actor, at=at)


def add_kind(db: Connection, *, asked: AddProblemKind, actor: Actor, at: datetime) -> MendingRulesView:
    """Add a kind, used from a day on. Raises Forbidden below the root of the tree, KindThere, InvalidInput."""
    _must_set(db, actor=actor)
    if asked.active_from < clock.today(at):
        raise InvalidInput({"active_from": ["The day must be today or later."]})
    last = select(func.coalesce(func.max(problem_kinds.c.position), 0) + 1).scalar_subquery()
    new = insert(problem_kinds).values(
        code=asked.code,
        name=asked.name,
        position=last,
        active_from=asked.active_from,
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise KindThere()
    return settings(db, actor=actor, at=at)


def retire_kind(db: Connection, *, asked: RetireProblemKind, actor: Actor, at: datetime) -> MendingRulesView:
    """Retire a kind from a day to come on. Raises Forbidden, KindRetired, InvalidInput, NotFound."""
    _must_set(db, actor=actor)
    of = problem_kinds.c
    kind = db.execute(select(problem_kinds).where(of.code == asked.code)).one_or_none()
    if kind is None:
        raise NotFound()
    if asked.active_until <= max(clock.today(at), kind.active_from):
        raise InvalidInput({"active_until": ["A version begins on a day to come."]})
    retired = db.execute(
        update(problem_kinds)
        .where(of.code == asked.code, of.active_until.is_(None))
        .values(active_until=asked.active_until, set_at=at, set_by_id=actor.person_id, set_by_name=actor.name)
    )
    if retired.rowcount != 1:
        raise KindRetired()
    return settings(db, actor=actor, at=at)


def _must_set(db: Connection, *, actor: Actor) -> None:
    if not may_set(db, actor=actor):
        raise Forbidden()
