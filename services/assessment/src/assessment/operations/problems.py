"""The register of problems (A9): registered by what found them, withdrawn by mistake, followed by trainings."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.problems import (
    AssignTraining,
    HoldTraining,
    ProblemAsked,
    ProblemView,
)
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.problems import MOVES, OPEN, SOURCES
from assessment.operations.moves import Machine
from assessment.queries import problems as shown
from assessment.queries.problem_kinds import is_active
from assessment.queries.scopes import must_judge
from assessment.tables.problems import problem_steps, problem_trainings, problems


class ProblemNotMovable(Refusal):
    """This problem is {state}; it cannot be {move} any more."""


class TrainingHeld(Refusal):
    """This training has been held already."""


MACHINE: Final = Machine(problems, MOVES, ProblemNotMovable, steps=problem_steps, row_id="problem_id")


def register(
    db: Connection,
    *,
    organisation_id: UUID,
    kind: str,
    text: str,
    found_on: date,
    source: str,
    source_id: UUID,
    at: datetime,
    found_by: str | None = None,
    by_id: UUID | None = None,
    round_id: UUID | None = None,
) -> UUID:
    """Register a problem and return its id, once for each source, what of it, and kind: a second time changes nothing.

    `source` is one of domain.problems.SOURCES, `source_id` the visit, the inspection or what else found it;
    `round_id` the round of a visit, whose open items `rectifications.carry_over` takes into the next. Raises
    InvalidInput for a kind that was not in use on that day.
    """
    if source not in SOURCES:
        raise ValueError(f"nothing finds problems that is called {source!r}")
    if not is_active(db, kind, on=found_on):
        raise InvalidInput({"kind": [f"Not known: {kind}."]})
    of = problems.c
    new = insert(problems).values(
        id=uuid4(),
        organisation_id=organisation_id,
        kind=kind,
        text=text,
        found_on=found_on,
        found_by=found_by,
        source=source,
        source_id=source_id,
        round_id=round_id,
        state=OPEN,
        registered_at=at,
        registered_by_id=by_id,
    )
    made = db.execute(new.on_conflict_do_nothing().returning(of.id)).scalar()
    there = (of.source == source, of.source_id == source_id, of.kind == kind)
    return made or db.execute(select(of.id).where(*there)).scalar_one()


def move(db: Connection, problem_id: UUID, verb: str, *, actor: Actor, at: datetime, reason: str | None = None) -> None:
    """Move a problem, with its history. Raises ProblemNotMovable."""
    MACHINE.move(db, problem_id, verb, actor=actor, at=at, kept={"reason": reason})


def assign_training(db: Connection, *, asked: AssignTraining, actor: Actor, at: datetime) -> ProblemView:
    """Assign a training. Raises ProblemNotMovable for one withdrawn, InvalidInput, NotFound, Forbidden."""
    row = judged(db, asked.problem_id, actor=actor)
    if row.state == "withdrawn":
        raise ProblemNotMovable(state=row.state, move="train")
    if asked.due_on < clock.today(at):
        raise InvalidInput({"due_on": ["The day must be today or later."]})
    db.execute(
        insert(problem_trainings).values(
            id=uuid4(),
            problem_id=row.id,
            subject=asked.subject,
            who=asked.who,
            due_on=asked.due_on,
            assigned_at=at,
            assigned_by_id=actor.person_id,
            assigned_by=actor.name,
        )
    )
    return told(db, row.id, actor=actor, at=at)


def hold_training(db: Connection, *, asked: HoldTraining, actor: Actor, at: datetime) -> ProblemView:
    """Say that a training was held. Raises TrainingHeld, InvalidInput, NotFound, Forbidden."""
    of = problem_trainings.c
    training = db.execute(select(problem_trainings).where(of.id == asked.training_id)).one_or_none()
    if training is None:
        raise NotFound()
    row = found(db, training.problem_id, "mend_problem", actor=actor)
    if not clock.today(training.assigned_at) <= asked.done_on <= clock.today(at):
        raise InvalidInput({"done_on": ["The day lies between the assignment and today."]})
    done = {"done_text": asked.text, "done_by_id": actor.person_id, "done_by": actor.name}
    held = db.execute(
        update(problem_trainings)
        .where(of.id == training.id, of.done_on.is_(None))
        .values(done_on=asked.done_on, **done)
    )
    if held.rowcount != 1:
        raise TrainingHeld()
    return told(db, row.id, actor=actor, at=at)


def found(db: Connection, problem_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the problem with its organisation's path, if the actor may do this there. Raises NotFound, Forbidden."""
    row = shown.row_of(db, problem_id)
    if row is None:
        raise NotFound()
    actor.must(action, organisation=row.path)
    return row


def judged(db: Connection, problem_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the problem, if the actor judges its organisation: from above. Raises NotFound, Forbidden."""
    row = shown.row_of(db, problem_id)
    if row is None:
        raise NotFound()
    must_judge(db, actor, "judge_mending", organisation_id=row.organisation_id, path=row.path)
    return row


def told(db: Connection, problem_id: UUID, *, actor: Actor, at: datetime) -> ProblemView:
    """Return the problem as it is now."""
    return shown.problem(db, asked=ProblemAsked(problem_id), actor=actor, at=at)
