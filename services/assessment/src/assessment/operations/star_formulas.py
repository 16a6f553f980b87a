"""Versions of the formula (A10): drafted, adopted by somebody else before the period ends, never changed."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.star_formulas import (
    AdoptStarFormula,
    DraftStarFormula,
    StarFormulaView,
    WithdrawStarFormula,
)
from sqlalchemy import Connection, Row, func, insert, select, text, update

from assessment.domain.star_ratings import DRAFT, FORMULA_MOVES
from assessment.domain.stars import Formula, faults_in
from assessment.queries.organisations import organisation_named
from assessment.queries.star_formulas import formula_with
from assessment.queries.task_lists import must_for
from assessment.tables.stars import star_formulas


class FormulaNotMovable(Refusal):
    """This version of the formula is {state}; it cannot be {move} any more."""


class FormulaSameDrafter(Refusal):
    """Whoever drafted a version of the formula does not adopt it; a second person does."""


class FormulaDayPast(Refusal):
    """A version of the formula begins on a day to come, so that everybody knows it before it counts; {day} is past."""


class FormulaDayTaken(Refusal):
    """Another version of the formula begins on {day} already."""


def draft(db: Connection, *, asked: DraftStarFormula, actor: Actor, at: datetime) -> StarFormulaView:
    """Write down the next version; it holds once somebody else has adopted it.

    Raises NotFound, Forbidden, InvalidInput.
    """
    if asked.organisation_id is not None and organisation_named(db, asked.organisation_id) is None:
        raise NotFound()
    must_for(db, "draft_star_formula", asked.organisation_id, actor=actor)
    plain = asdict(asked.formula)
    faults = {f"formula.{name}": told for name, told in faults_in(Formula.of(plain)).items()}
    if asked.from_day <= clock.today(at):
        faults["from_day"] = ["The day must be in the future."]
    if faults:
        raise InvalidInput(faults)
    formula_id = uuid4()
    db.execute(
        insert(star_formulas).values(
            id=formula_id,
            organisation_id=asked.organisation_id,
            state=DRAFT,
            from_day=asked.from_day,
            citation=asked.citation,
            formula=plain,
            drafted_by_id=actor.person_id,
            drafted_by=actor.name,
            drafted_at=at,
        )
    )
    return formula_with(db, formula_id)


def adopt(db: Connection, *, asked: AdoptStarFormula, actor: Actor, at: datetime) -> StarFormulaView:
    """Adopt a draft; it holds for the periods that end on its day or later, until a later version's day.

    Raises FormulaSameDrafter, FormulaDayPast, FormulaDayTaken, FormulaNotMovable, NotFound, Forbidden.
    """
    version = _locked(db, asked.formula_id)
    must_for(db, "adopt_star_formula", version.organisation_id, actor=actor)
    if version.state != DRAFT:
        raise FormulaNotMovable(state=version.state, move="adopt")
    if version.drafted_by_id == actor.person_id:
        raise FormulaSameDrafter()
    if version.from_day <= clock.today(at):
        raise FormulaDayPast(day=version.from_day.isoformat())
    of_node = star_formulas.c.organisation_id.is_not_distinct_from(version.organisation_id)
    newest = select(func.max(star_formulas.c.number)).where(of_node)
    if db.execute(newest.where(star_formulas.c.from_day == version.from_day)).scalar() is not None:
        raise FormulaDayTaken(day=version.from_day.isoformat())
    _decide(db, version, "adopt", actor=actor, at=at, number=(db.execute(newest).scalar() or 0) + 1)
    return formula_with(db, version.id)


def withdraw(db: Connection, *, asked: WithdrawStarFormula, actor: Actor, at: datetime) -> StarFormulaView:
    """Put a draft away. Raises FormulaNotMovable, NotFound, Forbidden."""
    version = _locked(db, asked.formula_id)
    must_for(db, "withdraw_star_formula", version.organisation_id, actor=actor)
    if version.state != DRAFT:
        raise FormulaNotMovable(state=version.state, move="withdraw")
    _decide(db, version, "withdraw", actor=actor, at=at, reason=asked.reason)
    return formula_with(db, version.id)


def _locked(db: Connection, formula_id: UUID) -> Row[Any]:
    """Return the version; whoever decides on a version waits for the others, for they count on the same numbers."""
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('star formulas', 0))"))
    version = db.execute(select(star_formulas).where(star_formulas.c.id == formula_id).with_for_update()).one_or_none()
    if version is None:
        raise NotFound()
    return version


def _decide(db: Connection, version: Row[Any], move: str, *, actor: Actor, at: datetime, **columns: Any) -> None:
    sources, state = FORMULA_MOVES[move]
    db.execute(
        update(star_formulas)
        .where(star_formulas.c.id == version.id, star_formulas.c.state.in_(sorted(sources)))
        .values(state=state, decided_by_id=actor.person_id, decided_by=actor.name, decided_at=at, **columns)
    )
