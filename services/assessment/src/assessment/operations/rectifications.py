"""How problems are mended (A9). Every move is one compare-and-set; of two who decide at once the second is told.

Whoever moves an item together with its problem or its card locks the item's row first, then the card, then the problem.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.problems import ProblemView, WithdrawProblem
from contracts.assessment.rectifications import (
    AcceptRectification,
    ExtendRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from sqlalchemy import Connection, Row, exists, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.rectifications import ACCEPTED, MOVES, OPEN, REMINDED, RETURNED, WITHDRAWN
from assessment.operations import notices
from assessment.operations.moves import Machine
from assessment.operations.problems import ProblemNotMovable, found, judged, move, told
from assessment.tables.cards import cards
from assessment.tables.problems import problem_kinds, problems
from assessment.tables.rectifications import rectification_rounds, rectification_steps, rectifications


class RectificationNotMovable(Refusal):
    """This rectification is {state}; it cannot be {move} any more."""


class RectificationUnplanned(Refusal):
    """Write down the measures and who is in charge first."""


class OwnReport(Refusal):
    """Whoever reported that a problem is mended does not accept it; somebody else does."""


class ProblemHasCard(Refusal):
    """A card was given for this problem; whoever thinks it wrong objects to the card."""


MACHINE: Final = Machine(
    rectifications, MOVES, RectificationNotMovable, steps=rectification_steps, row_id="rectification_id"
)


def open_item(db: Connection, *, asked: OpenRectification, actor: Actor, at: datetime) -> ProblemView:
    """Have a problem mended by a day. Raises ProblemNotMovable, InvalidInput for a day past, NotFound, Forbidden."""
    row = judged(db, asked.problem_id, actor=actor)
    _must_lie_ahead(asked.deadline, at=at)
    begin(
        db,
        row.id,
        deadline=asked.deadline,
        measures=asked.measures,
        in_charge=asked.in_charge,
        actor=actor,
        at=at,
    )
    return told(db, row.id, actor=actor, at=at)


def begin(
    db: Connection,
    problem_id: UUID,
    *,
    deadline: date,
    actor: Actor,
    at: datetime,
    measures: str | None = None,
    in_charge: str | None = None,
) -> None:
    """Open the item of a problem that has none yet. Raises ProblemNotMovable."""
    move(db, problem_id, "mend", actor=actor, at=at)
    problem = db.execute(select(problems).where(problems.c.id == problem_id)).one()
    item_id = uuid4()
    db.execute(
        insert(rectifications).values(
            id=item_id,
            problem_id=problem_id,
            organisation_id=problem.organisation_id,
            state=OPEN,
            measures=measures,
            in_charge=in_charge,
            deadline=deadline,
            opened_at=at,
        )
    )
    said = {"text": measures, "deadline": deadline}
    MACHINE.keep(db, item_id, "begin", version=1, state=OPEN, actor=actor, at=at, **said)
    first = problem.round_id or problem.source_id
    db.execute(insert(rectification_rounds).values(rectification_id=item_id, source_id=first, position=1, at=at))


def plan(db: Connection, *, asked: PlanRectification, actor: Actor, at: datetime) -> ProblemView:
    """Write down measures and who is in charge. Raises RectificationNotMovable, NotFound, Forbidden."""
    item = _of_ones_own(db, asked.rectification_id, actor=actor)
    plan = {"measures": asked.measures, "in_charge": asked.in_charge}
    _remark(db, item.id, "plan", plan, actor=actor, at=at, text=f"{asked.in_charge}: {asked.measures}")
    return told(db, item.problem_id, actor=actor, at=at)


def report(db: Connection, *, asked: ReportRectification, actor: Actor, at: datetime) -> ProblemView:
    """Report that a problem is mended. Raises RectificationUnplanned, RectificationNotMovable, NotFound, Forbidden."""
    item = _of_ones_own(db, asked.rectification_id, actor=actor)
    if item.measures is None or item.in_charge is None:
        raise RectificationUnplanned()
    step_to(
        db,
        item.id,
        "report",
        actor=actor,
        at=at,
        text=asked.text,
        report=asked.text,
        reported_on=clock.today(at),
        reported_by_id=actor.person_id,
    )
    return told(db, item.problem_id, actor=actor, at=at)


def accept(db: Connection, *, asked: AcceptRectification, actor: Actor, at: datetime) -> ProblemView:
    """Accept a report; the problem is mended. Raises OwnReport, RectificationNotMovable, NotFound, Forbidden."""
    item = _judged(db, asked.rectification_id, actor=actor)
    if item.reported_by_id == actor.person_id:
        raise OwnReport()
    step_to(
        db,
        item.id,
        "accept",
        actor=actor,
        at=at,
        text=asked.text,
        accepted_on=clock.today(at),
        accepted_by_id=actor.person_id,
    )
    move(db, item.problem_id, "close", actor=actor, at=at)
    _tell(db, "mending_accepted", item.id, at=at)
    return told(db, item.problem_id, actor=actor, at=at)


def give_back(db: Connection, *, asked: ReturnRectification, actor: Actor, at: datetime) -> ProblemView:
    """Give a report back with the reason. Raises RectificationNotMovable, InvalidInput, NotFound, Forbidden."""
    item = _judged(db, asked.rectification_id, actor=actor)
    kept = {}
    if asked.deadline is not None:
        _must_lie_ahead(asked.deadline, at=at)
        kept["deadline"] = asked.deadline
    step_to(db, item.id, "return", actor=actor, at=at, text=asked.reason, **kept)
    _tell(db, "mending_returned", item.id, at=at, reason=asked.reason)
    return told(db, item.problem_id, actor=actor, at=at)


def extend(db: Connection, *, asked: ExtendRectification, actor: Actor, at: datetime) -> ProblemView:
    """Give an item a later day. Raises RectificationNotMovable, InvalidInput, NotFound, Forbidden."""
    item = _judged(db, asked.rectification_id, actor=actor)
    _must_lie_ahead(asked.deadline, at=at)
    if asked.deadline <= item.deadline:
        raise InvalidInput({"deadline": ["The new day is later than the one that holds."]})
    prolong(db, item.id, deadline=asked.deadline, text=asked.reason, actor=actor, at=at)
    return told(db, item.problem_id, actor=actor, at=at)


def withdraw(db: Connection, *, asked: WithdrawProblem, actor: Actor, at: datetime) -> ProblemView:
    """Withdraw a problem that was none. Raises ProblemHasCard, ProblemNotMovable, NotFound, Forbidden."""
    row = judged(db, asked.problem_id, actor=actor)
    if row.card_id is not None:
        raise ProblemHasCard()
    if row.rectification_id is not None:
        if row.mending_state == ACCEPTED:
            raise ProblemNotMovable(state=row.state, move="withdraw")
        step_to(db, row.rectification_id, "withdraw", actor=actor, at=at, text=asked.reason)
    move(db, row.id, "withdraw", actor=actor, at=at, reason=asked.reason)
    # A card needs the problem's row; whoever gave one meanwhile did so before this lock, or finds it withdrawn.
    if db.scalar(select(cards.c.id).where(cards.c.problem_id == row.id)) is not None:
        raise ProblemHasCard()
    return told(db, row.id, actor=actor, at=at)


def carry_over(db: Connection, from_source: UUID, to_source: UUID, *, at: datetime) -> int:
    """Carry the items that are still open out of one round (or inspection) into the next; returns how many.

    An item stays what it is, with the rounds that it was open in as its history: that of the last one is where it
    stands. Nothing is carried twice. `from_source` is what the items' problems name as `round_id`, or as `source_id`
    where they name no round.
    """
    later, of = rectification_rounds.alias("later"), rectification_rounds.c
    is_last = ~exists().where(later.c.rectification_id == of.rectification_id, later.c.position > of.position)
    carried = (
        select(of.rectification_id, of.position)
        .join(rectifications, rectifications.c.id == of.rectification_id)
        .where(of.source_id == from_source, is_last, rectifications.c.state.notin_((ACCEPTED, WITHDRAWN)))
        .with_for_update(of=rectifications)
    )
    rows = [
        {"rectification_id": row.rectification_id, "source_id": to_source, "position": row.position + 1, "at": at}
        for row in db.execute(carried)
    ]
    if not rows:
        return 0
    made = db.execute(insert(rectification_rounds).on_conflict_do_nothing().returning(of.rectification_id), rows)
    return len(made.all())


def remind(db: Connection, *, at: datetime) -> None:
    """Tell organisations of items whose day is near and that they have not reported, once for each day set."""
    of, today = rectifications.c, clock.today(at)
    near = _ITEMS.where(of.state.in_((OPEN, RETURNED)), of.deadline.between(today, today + REMINDED))
    told = [_notice(row, occasion=row.deadline.isoformat()) for row in db.execute(near)]
    notices.tell_many(db, kind="mending_due", at=at, told=told)


def prolong(db: Connection, item_id: UUID, *, deadline: date, text: str, actor: Actor, at: datetime) -> None:
    """Give an item that is not reported another day. Raises RectificationNotMovable."""
    _remark(db, item_id, "extend", {"deadline": deadline}, actor=actor, at=at, text=text, deadline=deadline)


def locked(db: Connection, problem_id: UUID) -> Row[Any] | None:
    """Lock and return the item of a problem, if it has one."""
    of = rectifications.c
    return db.execute(select(rectifications).where(of.problem_id == problem_id).with_for_update()).one_or_none()


def step_to(
    db: Connection, item_id: UUID, verb: str, *, actor: Actor, at: datetime, text: str | None = None, **columns: Any
) -> None:
    """Move an item, with its history. Raises RectificationNotMovable."""
    if MOVES[verb][1] != ACCEPTED:
        columns |= {"accepted_on": None, "accepted_by_id": None}
    kept = {"text": text, "deadline": columns.get("deadline")}
    MACHINE.move(db, item_id, verb, actor=actor, at=at, kept=kept, **columns)


def _remark(
    db: Connection, item_id: UUID, verb: str, columns: dict[str, Any], *, actor: Actor, at: datetime, **kept: Any
) -> None:
    """Change an item that is not reported and leaves its state as it is. Raises RectificationNotMovable."""
    now = MACHINE.change(db, item_id, verb, within=(OPEN, RETURNED), **columns)
    MACHINE.keep(db, item_id, verb, version=now.version, state=now.state, actor=actor, at=at, **kept)


_ITEMS: Final = (
    select(rectifications, problem_kinds.c.name.label("kind_name"))
    .join(problems, problems.c.id == rectifications.c.problem_id)
    .join(problem_kinds, problem_kinds.c.code == problems.c.kind)
)


def _tell(db: Connection, kind: str, item_id: UUID, *, at: datetime, **facts: Any) -> None:
    """Tell the organisation of its item as it is after a move."""
    row = db.execute(_ITEMS.where(rectifications.c.id == item_id)).one()
    notices.tell_many(db, kind=kind, at=at, told=[_notice(row, occasion=str(row.version), **facts)])


def _notice(row: Row[Any], *, occasion: str, **facts: Any) -> dict[str, Any]:
    return {
        "subject_id": row.problem_id,
        "organisation_id": row.organisation_id,
        "occasion": occasion,
        "facts": {"kind": row.kind_name, "due_on": row.deadline, **facts},
    }


def _item(db: Connection, item_id: UUID) -> Row[Any]:
    item = db.execute(select(rectifications).where(rectifications.c.id == item_id)).one_or_none()
    if item is None:
        raise NotFound()
    return item


def _of_ones_own(db: Connection, item_id: UUID, *, actor: Actor) -> Row[Any]:
    item = _item(db, item_id)
    found(db, item.problem_id, "mend_problem", actor=actor)
    return item


def _judged(db: Connection, item_id: UUID, *, actor: Actor) -> Row[Any]:
    item = _item(db, item_id)
    judged(db, item.problem_id, actor=actor)
    return item


def _must_lie_ahead(deadline: date, *, at: datetime) -> None:
    if deadline < clock.today(at):
        raise InvalidInput({"deadline": ["The day must be today or later."]})
