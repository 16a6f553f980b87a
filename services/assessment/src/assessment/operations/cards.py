"""Cards (A11): given for a problem, raised, taken back by a colour, cleared, objected to.

Whoever moves a card locks its problem's rectification first, so that acceptance, return and escalation wait for each
other, then writes the card by compare-and-set: of two who raise it at once the second is told.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.cards import (
    CardAsked,
    CardView,
    ClearCard,
    DecideCardObjection,
    EscalateCard,
    FulfilCardConsequence,
    GiveCard,
    ObjectToCard,
    StepCardDown,
)
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.cards import (
    ABOVE,
    BELOW,
    CLEARED,
    DONE,
    DUE,
    GROUNDS,
    IN_FORCE,
    LIFTED,
    OF_THE_BRANCH,
    RED,
    STANDING,
    VOID,
    following,
)
from assessment.domain.problems import MENDING, OPEN
from assessment.domain.rectifications import ACCEPTED, RETURNED
from assessment.operations import notices
from assessment.operations import rectifications as mending
from assessment.operations.problems import ProblemNotMovable, move
from assessment.queries import cards as shown
from assessment.queries import problems as register
from assessment.queries.post_holders import secretary_on
from assessment.queries.problem_kinds import rules_on
from assessment.queries.scopes import must_be_none_of, must_judge
from assessment.tables.cards import card_consequences, card_objections, card_steps, cards
from assessment.tables.problems import problems


class CardGiven(Refusal):
    """A card was given for this problem already; raise that one."""


class CardNotMovable(Refusal):
    """This card is {state} and {colour}; it cannot be {move} any more."""


class CardOnlyFromSuperior(Refusal):
    """Only what a superior's inspection found begins with a red card."""


class ConsequencesDue(Refusal):
    """{due} consequences of this card are still due."""


class NotMended(Refusal):
    """The rectification of this problem has not been accepted yet."""


class ConsequenceNotDue(Refusal):
    """This consequence is not due any more."""


class CardObjected(Refusal):
    """An objection waits for its decision."""


class ObjectionLate(Refusal):
    """An objection was possible until {until}."""


class ObjectionMade(Refusal):
    """An objection against this step has been made already."""


class OwnStep(Refusal):
    """Another person decides: neither who objected nor who took the step."""


def give(db: Connection, *, asked: GiveCard, actor: Actor, at: datetime) -> CardView:
    """Give a card; the problem is to be mended by the card's day.

    Raises CardGiven, CardOnlyFromSuperior, ProblemNotMovable for a problem that is mended or was withdrawn,
    InvalidInput for a ground of another colour or no known secretary, NotFound, Forbidden.
    """
    problem = register.row_of(db, asked.problem_id)
    if problem is None:
        raise NotFound()
    must_judge(db, actor, "give_card", organisation_id=problem.organisation_id, path=problem.path)
    item = mending.locked(db, problem.id)
    state = db.execute(select(problems.c.state).where(problems.c.id == problem.id)).scalar_one()
    if state not in (OPEN, MENDING):
        raise ProblemNotMovable(state=state, move="warn")
    if asked.colour == RED and problem.source != "superior_inspection":
        raise CardOnlyFromSuperior()
    today = clock.today(at)
    secretary = secretary_on(db, problem.organisation_id, today)
    faults = {}
    if asked.ground not in GROUNDS[asked.colour]:
        faults["ground"] = ["This is no ground for a card of this colour."]
    if secretary is None and asked.secretary_name is None:
        faults["secretary_name"] = ["Nobody is known to lead this organisation; name who does."]
    if faults:
        raise InvalidInput(faults)
    deadline = _deadline(db, asked.colour, today)
    card_id = uuid4()
    new = insert(cards).values(
        id=card_id,
        problem_id=problem.id,
        source=problem.source,
        organisation_id=problem.organisation_id,
        first_colour=asked.colour,
        colour=asked.colour,
        state=STANDING,
        secretary_id=secretary.member_id if secretary else None,
        secretary_name=secretary.name if secretary else asked.secretary_name,
        given_on=today,
        deadline=deadline,
    )
    given = db.execute(new.on_conflict_do_nothing().returning(*_AS_IT_STANDS)).one_or_none()
    if given is None:
        raise CardGiven()
    _write(db, given, "give", text=asked.text, ground=asked.ground, actor=actor, at=at)
    _follow(db, card_id, 1, asked.colour, is_grave=asked.is_grave, today=today)
    if item is None:
        mending.begin(db, problem.id, deadline=deadline, actor=actor, at=at)
    _tell(db, "card_given", card_id, at=at, object_by_on=_object_by(db, today))
    return told(db, card_id, actor=actor, at=at)


def escalate(db: Connection, *, asked: EscalateCard, actor: Actor, at: datetime) -> CardView:
    """Raise a card by one colour; what was reported or accepted is to be mended anew, by the card's new day.

    Raises CardNotMovable, CardObjected, InvalidInput for a ground of another colour, NotFound, Forbidden.
    """
    card = _judged(db, asked.card_id, actor=actor)
    above = ABOVE[asked.colour]
    if asked.ground not in GROUNDS[above] or asked.ground == "superior_finding":
        raise InvalidInput({"ground": ["This is no ground for a card of this colour."]})
    item = mending.locked(db, card.problem_id)
    _must_not_be_objected(db, card.id)
    today = clock.today(at)
    deadline = _deadline(db, above, today)
    why = {"text": asked.text, "ground": asked.ground}
    raised = {"colour": above, "deadline": deadline}
    version = _step(db, card.id, asked.colour, "escalate", why=why, actor=actor, at=at, **raised)
    _follow(db, card.id, version, above, is_grave=asked.is_grave, today=today)
    if item is not None:
        _mend_anew(db, item, deadline=deadline, text=asked.text, actor=actor, at=at)
    _tell(db, "card_raised", card.id, at=at, object_by_on=_object_by(db, today))
    return told(db, card.id, actor=actor, at=at)


def step_down(db: Connection, *, asked: StepCardDown, actor: Actor, at: datetime) -> CardView:
    """Take a card back by one colour. Raises ConsequencesDue, CardNotMovable, CardObjected, NotFound, Forbidden."""
    card = _judged(db, asked.card_id, actor=actor)
    mending.locked(db, card.problem_id)
    _must_not_be_objected(db, card.id)
    _must_be_done(db, card.id)
    below, why = BELOW[asked.colour], {"text": asked.text}
    _step(db, card.id, asked.colour, "step_down", why=why, actor=actor, at=at, colour=below)
    _tell(db, "card_stepped_down", card.id, at=at)
    return told(db, card.id, actor=actor, at=at)


def clear(db: Connection, *, asked: ClearCard, actor: Actor, at: datetime) -> CardView:
    """Clear a card. Raises NotMended, ConsequencesDue, CardNotMovable, CardObjected, NotFound, Forbidden."""
    card = _judged(db, asked.card_id, actor=actor)
    item = mending.locked(db, card.problem_id)
    if card.state == STANDING and (item is None or item.state != ACCEPTED):
        raise NotMended()
    _must_not_be_objected(db, card.id)
    _must_be_done(db, card.id)
    _end(db, card, "clear", CLEARED, text=asked.text, actor=actor, at=at)
    _tell(db, "card_cleared", card.id, at=at)
    return told(db, card.id, actor=actor, at=at)


def fulfil(db: Connection, *, asked: FulfilCardConsequence, actor: Actor, at: datetime) -> CardView:
    """Say that a consequence is done. Raises ConsequenceNotDue, InvalidInput, NotFound, Forbidden."""
    consequence = must_fulfil(db, asked.consequence_id, actor=actor)
    if not consequence.given_on <= asked.done_on <= clock.today(at):
        raise InvalidInput({"done_on": ["The day lies between the card's and today."]})
    of = card_consequences.c
    done = db.execute(
        update(card_consequences)
        .where(of.id == asked.consequence_id, of.state == DUE)
        .values(state=DONE, done_on=asked.done_on, proof=asked.proof, by_id=actor.person_id, by_name=actor.name)
    )
    if done.rowcount != 1:
        raise ConsequenceNotDue()
    return told(db, consequence.card_id, actor=actor, at=at)


def must_fulfil(db: Connection, consequence_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return a consequence, locked, if the actor brings its proof. Raises NotFound, Forbidden.

    Its own leaders file the written report; everything else is done by its superior.
    """
    of = card_consequences.c
    db.execute(select(of.id).where(of.id == consequence_id).with_for_update())
    row = shown.consequence_row(db, consequence_id)
    if row is None:
        raise NotFound()
    if row.kind in OF_THE_BRANCH:
        actor.must("fulfil_card_consequence", organisation=row.path)
        return row
    actor.must("fulfil_card_consequence", organisation=row.superior_path)
    must_be_none_of(db, actor, organisation_id=row.organisation_id, path=row.path)
    return row


def object_to(db: Connection, *, asked: ObjectToCard, actor: Actor, at: datetime) -> CardView:
    """Object to the last step. Raises ObjectionLate, ObjectionMade, CardNotMovable, NotFound, Forbidden."""
    card = _found(db, asked.card_id)
    actor.must("object_to_card", organisation=card.path)
    mending.locked(db, card.problem_id)
    step = shown.last_step(db, card.id)
    if card.state != STANDING or step is None:
        raise CardNotMovable(state=card.state, colour=card.colour, move="object")
    today = clock.today(at)
    until = _object_by(db, step.on_day)
    if today > until:
        raise ObjectionLate(until=until.isoformat())
    new = insert(card_objections).values(
        card_id=card.id,
        version=step.version,
        text=asked.text,
        raised_at=at,
        by_id=actor.person_id,
        by_name=actor.name,
        step_by_id=step.by_id,
        decide_by=today + timedelta(days=rules_on(db, step.on_day).decision_days),
    )
    if db.execute(new.on_conflict_do_nothing().returning(card_objections.c.card_id)).first() is None:
        raise ObjectionMade()
    return told(db, card.id, actor=actor, at=at)


def decide(db: Connection, *, asked: DecideCardObjection, actor: Actor, at: datetime) -> CardView:
    """Decide on an objection; upheld, its step is undone. Raises OwnStep, CardNotMovable, NotFound, Forbidden."""
    card = _found(db, asked.card_id)
    must_judge(db, actor, "decide_card_objection", organisation_id=card.organisation_id, path=card.path)
    mending.locked(db, card.problem_id)
    of = card_objections.c
    objection = db.execute(
        select(card_objections).where(of.card_id == card.id, of.decision.is_(None)).with_for_update()
    ).one_or_none()
    if objection is None:
        raise NotFound()
    if actor.person_id in (objection.by_id, objection.step_by_id):
        raise OwnStep()
    decided = {"decided_at": at, "decided_by_id": actor.person_id, "decided_by": actor.name}
    db.execute(
        update(card_objections)
        .where(of.card_id == card.id, of.version == objection.version)
        .values(decision=asked.decision, reason=asked.reason, **decided)
    )
    if asked.decision == "upheld":
        _undo(db, card, objection, reason=asked.reason, actor=actor, at=at)
    decision = {"decision": asked.decision, "reason": asked.reason}
    _tell(db, "card_objection_decided", card.id, at=at, occasion=f"objection {objection.version}", **decision)
    return told(db, card.id, actor=actor, at=at)


def told(db: Connection, card_id: UUID, *, actor: Actor, at: datetime) -> CardView:
    """Return the card as it is now."""
    return shown.card(db, asked=CardAsked(card_id), actor=actor, at=at)


def _tell(db: Connection, kind: str, card_id: UUID, *, at: datetime, occasion: str | None = None, **facts: Any) -> None:
    """Tell the organisation of its card as it is after a step."""
    card = _found(db, card_id)
    notices.tell(
        db,
        kind=kind,
        subject_id=card.id,
        organisation_id=card.organisation_id,
        at=at,
        occasion=occasion or str(card.version),
        facts={"colour": card.colour, "kind": card.kind_name, "due_on": card.deadline, **facts},
    )


def _object_by(db: Connection, day: date) -> date:
    """Return until when the organisation may object to a step of the day."""
    return day + timedelta(days=int(rules_on(db, day).objection_days))


def _undo(db: Connection, card: Row[Any], objection: Row[Any], *, reason: str, actor: Actor, at: datetime) -> None:
    """Undo the step: what follows from it is void, and the card is what it was, or nothing if it was only given."""
    of = card_consequences.c
    undone = db.execute(
        select(card_steps).where(card_steps.c.card_id == card.id, card_steps.c.version == objection.version)
    ).one()
    void = update(card_consequences).where(of.card_id == card.id, of.state.in_((DUE, IN_FORCE)))
    if undone.move == "give":
        db.execute(void.values(state=VOID))
        _end(db, card, "lift", LIFTED, text=reason, actor=actor, at=at)
        return
    db.execute(void.where(of.version == objection.version).values(state=VOID))
    now = db.execute(select(cards.c.colour).where(cards.c.id == card.id)).scalar_one()
    if now != undone.colour:
        return  # it has stepped down since
    below = BELOW[undone.colour]
    before = select(card_steps.c.deadline).where(card_steps.c.card_id == card.id, card_steps.c.version < undone.version)
    deadline = db.execute(before.order_by(card_steps.c.version.desc()).limit(1)).scalar_one()
    back = {"colour": below, "deadline": deadline}
    _step(db, card.id, undone.colour, "undo", why={"text": reason}, actor=actor, at=at, **back)


def _mend_anew(db: Connection, item: Row[Any], *, deadline: date, text: str, actor: Actor, at: datetime) -> None:
    """Have the item mended by the card's new day, whatever was said of it so far."""
    if item.state == ACCEPTED:
        move(db, item.problem_id, "rebound", actor=actor, at=at, reason=text)
    if item.state in (ACCEPTED, "reported", RETURNED):
        mending.step_to(db, item.id, "reopen", actor=actor, at=at, text=text, deadline=deadline)
    else:
        mending.prolong(db, item.id, deadline=deadline, text=text, actor=actor, at=at)


def _follow(db: Connection, card_id: UUID, version: int, colour: str, *, is_grave: bool, today: date) -> None:
    rules = rules_on(db, today)._mapping
    rows = [
        {
            "id": uuid4(),
            "card_id": card_id,
            "version": version,
            "kind": one.kind,
            "state": DUE if one.days else IN_FORCE,
            "due_on": today + timedelta(days=rules[one.days]) if one.days else None,
        }
        for one in following(colour, is_grave=is_grave)
    ]
    if rows:
        db.execute(insert(card_consequences), rows)


def _end(db: Connection, card: Row[Any], verb: str, state: str, *, text: str, actor: Actor, at: datetime) -> None:
    now = db.execute(select(cards.c.colour).where(cards.c.id == card.id)).scalar_one()
    ended = {"state": state, "ended_on": clock.today(at)}
    _step(db, card.id, now, verb, why={"text": text}, actor=actor, at=at, **ended)


_AS_IT_STANDS: Final = (cards.c.id, cards.c.version, cards.c.colour, cards.c.state, cards.c.deadline)


def _step(
    db: Connection,
    card_id: UUID,
    was: str,
    verb: str,
    *,
    why: Mapping[str, str],
    actor: Actor,
    at: datetime,
    **columns: Any,
) -> int:
    """Change a standing card of the colour `was`, with its history; returns the version. Raises CardNotMovable."""
    of = cards.c
    changed = db.execute(
        update(cards)
        .where(of.id == card_id, of.state == STANDING, of.colour == was)
        .values(version=of.version + 1, **columns)
        .returning(*_AS_IT_STANDS)
    ).one_or_none()
    if changed is None:
        now = db.execute(select(of.state, of.colour).where(of.id == card_id)).one()
        raise CardNotMovable(state=now.state, colour=now.colour, move=verb)
    _write(db, changed, verb, actor=actor, at=at, **why)
    return int(changed.version)


def _write(db: Connection, card: Row[Any], verb: str, *, actor: Actor, at: datetime, **why: str) -> None:
    """Write the step into the history that led to the card as it stands; `why` is its text, and maybe its ground."""
    stands = {"version": card.version, "colour": card.colour, "state": card.state, "deadline": card.deadline}
    who = {"by_id": actor.person_id, "by_name": actor.name}
    db.execute(
        insert(card_steps).values(card_id=card.id, move=verb, on_day=clock.today(at), at=at, **stands, **who, **why)
    )


def _found(db: Connection, card_id: UUID) -> Row[Any]:
    card = shown.row_of(db, card_id)
    if card is None:
        raise NotFound()
    return card


def _judged(db: Connection, card_id: UUID, *, actor: Actor) -> Row[Any]:
    card = _found(db, card_id)
    must_judge(db, actor, "give_card", organisation_id=card.organisation_id, path=card.path)
    return card


def _must_not_be_objected(db: Connection, card_id: UUID) -> None:
    of = card_objections.c
    if db.scalar(select(of.version).where(of.card_id == card_id, of.decision.is_(None))) is not None:
        raise CardObjected()


def _must_be_done(db: Connection, card_id: UUID) -> None:
    due = shown.due_of(db, card_id)
    if due:
        raise ConsequencesDue(due=due)


def _deadline(db: Connection, colour: str, today: date) -> date:
    return today + timedelta(days=int(rules_on(db, today)._mapping[f"{colour}_days"]))
