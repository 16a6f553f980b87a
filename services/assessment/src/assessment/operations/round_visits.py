"""The visits of a round (A9): what the assessors write, with or without a network, until the leader closes them.

Whatever changes a visit locks its row first, so that of two who do it at once the second sees what the first did.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.round_visits import (
    CloseRoundVisit,
    DecideItem,
    FinishVisit,
    GivenAnswer,
    OpenVisitAnew,
    ReopenVisit,
    RoundVisitView,
    SyncVisit,
)
from contracts.envelope import plain
from sqlalchemy import Connection, Row, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.round_visits import ASSIGNED, MOVES, SEEN_BY_BRANCH
from assessment.domain.rounds import DRAWN
from assessment.operations import notices
from assessment.operations.moves import Machine
from assessment.operations.problems import register
from assessment.queries.problem_kinds import is_active
from assessment.queries.round_visits import problems_of, reckoned, shown, view_for, views, visit_named
from assessment.tables.problems import problems as registered
from assessment.tables.rounds import (
    criteria_items,
    round_visits,
    rounds,
    visit_answers,
    visit_decisions,
    visit_problems,
    visit_reports,
    visit_steps,
)


class RoundVisitNotMovable(Refusal):
    """This visit is {state}; it cannot be {move} any more."""


class RoundEnded(Refusal):
    """This round is ended; its visits stay as they are."""


class VisitFinished(Refusal):
    """This visit is finished; its leader can open it again. What was written is kept on the device."""


class NotOfTeam(Refusal):
    """Only the team that was drawn for a visit writes in its form."""


class NotTeamLeader(Refusal):
    """Only the leader of the team does this."""


class VisitIncomplete(Refusal):
    """{open} items have no answer, and on {differing} the assessors differ; the leader decides those."""


class NothingApplies(Refusal):
    """No item of the criteria applies; there is nothing to score."""


MACHINE: Final = Machine(round_visits, MOVES, RoundVisitNotMovable, steps=visit_steps, row_id="visit_id")


def sync(db: Connection, *, given: SyncVisit, actor: Actor, at: datetime) -> RoundVisitView:
    """Take over what an assessor wrote; what is known already is not taken again.

    A problem that is registered, for the visit was closed before, is taken back in the register alone.
    Raises VisitFinished when something new comes after the visit is finished, NotOfTeam, NotFound, Forbidden,
    InvalidInput.
    """
    row = _locked(db, given.visit_id, actor=actor)
    known = set(
        db.execute(
            select(visit_answers.c.id).where(visit_answers.c.id.in_([one.id for one in given.answers]))
        ).scalars()
    ) | set(
        db.execute(
            select(visit_problems.c.id).where(visit_problems.c.id.in_([one.id for one in given.problems]))
        ).scalars()
    )
    answers = [one for one in given.answers if one.id not in known]
    problems = [one for one in given.problems if one.id not in known]
    dropped = and_(
        visit_problems.c.visit_id == row.id,
        visit_problems.c.id.in_(given.dropped),
        visit_problems.c.dropped_at.is_(None),
        or_(visit_problems.c.by_id == actor.person_id, row.leads),
        ~exists().where(registered.c.source == "round_visit", registered.c.source_id == visit_problems.c.id),
    )
    drops = bool(given.dropped) and db.execute(select(visit_problems.c.id).where(dropped)).first() is not None
    if not (answers or problems or drops):
        return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)
    if row.state != ASSIGNED:
        raise VisitFinished()
    _must_fit(db, row, answers)
    who = {"visit_id": row.id, "by_id": actor.person_id, "by_name": actor.name}
    written = [
        {
            **who,
            "id": one.id,
            "item_id": one.item_id,
            "points": one.points,
            "no_evidence": one.no_evidence,
            "remark": one.remark,
            "answered_at": min(one.answered_at, at),  # a device's clock may be fast
            "synced_at": at,
        }
        for one in answers
    ]
    if written:
        db.execute(insert(visit_answers).on_conflict_do_nothing(), written)
    found = [
        {
            **who,
            "id": one.id,
            "item_id": one.item_id,
            "kind": one.kind,
            "text": one.text,
            "found_at": min(one.found_at, at),
        }
        for one in problems
    ]
    if found:
        db.execute(insert(visit_problems).on_conflict_do_nothing(), found)
    if drops:
        db.execute(update(visit_problems).where(dropped).values(dropped_at=at))
    _touch(db, row.id)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def decide(db: Connection, *, asked: DecideItem, actor: Actor, at: datetime) -> RoundVisitView:
    """As the leader say what counts for an item; the answers stay beside it.

    Raises NotTeamLeader, VisitFinished, NotOfTeam, NotFound, Forbidden, InvalidInput.
    """
    row = _led(db, asked.visit_id, actor=actor)
    if row.state != ASSIGNED:
        raise VisitFinished()
    must_be_marks(db, row.version_id, {asked.item_id: asked.points})
    keep_decision(db, row.id, asked.item_id, asked.points, reason=asked.reason, actor=actor, at=at)
    _touch(db, row.id)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def finish(db: Connection, *, asked: FinishVisit, actor: Actor, at: datetime) -> RoundVisitView:
    """Say that everything is written. Raises VisitIncomplete, RoundVisitNotMovable, NotOfTeam, NotFound, Forbidden."""
    row = _locked(db, asked.visit_id, actor=actor)
    if row.state in MOVES["finish"][0]:
        view = views(db, [row], writes=True)[0]
        differing = sum(item.is_conflict for item in view.items)
        missing = sum(not item.counted for item in view.items) - differing
        if missing or differing:
            raise VisitIncomplete(open=missing, differing=differing)
    today = clock.today(at)
    move(db, row, "finish", actor=actor, at=at, finished_on=today)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def reopen(db: Connection, *, asked: ReopenVisit, actor: Actor, at: datetime) -> RoundVisitView:
    """Open a finished visit again. Raises NotTeamLeader, RoundVisitNotMovable, NotOfTeam, NotFound, Forbidden."""
    row = _led(db, asked.visit_id, actor=actor)
    move(db, row, "reopen", actor=actor, at=at, told=asked.reason, finished_on=None)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def open_anew(db: Connection, *, asked: OpenVisitAnew, actor: Actor, at: datetime) -> RoundVisitView:
    """Open a visit again whose score is reckoned, and put aside what it gave.

    The round's row is held, so that nobody ends it meanwhile.
    Raises RoundEnded, RoundVisitNotMovable, NotFound, Forbidden.
    """
    of = select(round_visits.c.round_id).where(round_visits.c.id == asked.visit_id)
    found = db.execute(select(rounds).where(rounds.c.id.in_(of)).with_for_update(read=True)).one_or_none()
    if found is None:
        raise NotFound()
    actor.must("judge_round_report", organisation=found.path)
    row = locked_visit(db, asked.visit_id, actor=actor)
    if found.state != DRAWN:
        raise RoundEnded()
    if row.state not in MOVES["open_anew"][0]:
        raise RoundVisitNotMovable(state=row.state, move="open_anew")
    given = views(db, [row], writes=False)[0]
    db.execute(
        insert(visit_reports).values(
            visit_id=row.id,
            number=given.number,
            is_sent=row.state in SEEN_BY_BRANCH,
            score=row.score,
            finished_on=row.finished_on,
            reason=asked.reason,
            opened_at=at,
            opened_by_id=actor.person_id,
            opened_by=actor.name,
            kept=plain(given),
        )
    )
    gone = dict.fromkeys(("finished_on", "score", "report", "word", "decision"))
    move(db, row, "open_anew", actor=actor, at=at, told=asked.reason, **gone)
    if row.state in SEEN_BY_BRANCH:
        notices.tell(
            db,
            kind="round_report_put_aside",
            subject_id=row.id,
            organisation_id=row.organisation_id,
            facts={"round": row.round_name},
            occasion=str(given.number),
            at=at,
        )
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def close(db: Connection, *, asked: CloseRoundVisit, actor: Actor, at: datetime) -> RoundVisitView:
    """Close a finished visit, which gives its score and registers its problems.

    Raises NothingApplies, NotTeamLeader, RoundVisitNotMovable, NotOfTeam, NotFound, Forbidden.
    """
    row = _led(db, asked.visit_id, actor=actor)
    MACHINE.must_allow(row, "close")
    view = views(db, [row], writes=True)[0]
    score = reckoned(view.criteria, view.items)
    if score is None:
        raise NothingApplies()
    kept = {"score": score.score, "steps": plain(shown(score))}
    move(db, row, "close", actor=actor, at=at, told=asked.report, kept=kept, report=asked.report, score=score.score)
    _register_problems(db, row, actor=actor, at=at)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def move(
    db: Connection,
    row: Row[Any],
    name: str,
    *,
    actor: Actor,
    at: datetime,
    told: str | None = None,
    kept: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Move a visit if its state allows it, and keep the step. Raises RoundVisitNotMovable."""
    MACHINE.move(db, row.id, name, actor=actor, at=at, kept={"text": told, **(kept or {})}, **columns)


def keep_decision(
    db: Connection, visit_id: UUID, item_id: UUID, points: float | None, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Write down what counts for an item from now on."""
    number = select(func.coalesce(func.max(visit_decisions.c.number), 0) + 1).where(
        visit_decisions.c.visit_id == visit_id, visit_decisions.c.item_id == item_id
    )
    db.execute(
        insert(visit_decisions).values(
            visit_id=visit_id,
            item_id=item_id,
            number=number.scalar_subquery(),
            points=points,
            reason=reason,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )


def must_be_marks(db: Connection, version_id: UUID, points: dict[UUID, float | None], *, at: str = "") -> None:
    """Raise InvalidInput unless these are items of the criteria and marks that they can be given."""
    rows = db.execute(select(criteria_items).where(criteria_items.c.version_id == version_id)).all()
    full = {row.id: row.full_marks for row in rows}
    faults = {f"{at}{name}": [fault] for name, fault in _faults(full, points)}
    if faults:
        raise InvalidInput(faults)


def locked_visit(db: Connection, visit_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the row of a visit (of `of_visits`), which nobody else changes meanwhile. Raises NotFound."""
    if db.execute(select(round_visits.c.id).where(round_visits.c.id == visit_id).with_for_update()).first() is None:
        raise NotFound()
    return visit_named(db, visit_id, actor=actor)


def _locked(db: Connection, visit_id: UUID, *, actor: Actor) -> Row[Any]:
    if not actor.paths_for("assess_visit"):
        raise Forbidden()
    row = locked_visit(db, visit_id, actor=actor)
    if not row.is_mine:
        raise NotOfTeam()
    return row


def _led(db: Connection, visit_id: UUID, *, actor: Actor) -> Row[Any]:
    row = _locked(db, visit_id, actor=actor)
    if not row.leads:
        raise NotTeamLeader()
    return row


def _faults(full: dict[UUID, Any], points: dict[UUID, float | None]) -> list[tuple[str, str]]:
    found = []
    for item_id, given in points.items():
        if item_id not in full:
            found.append(("item_id", "No such item in these criteria."))
        elif given is not None and (given > full[item_id] or (given * 2) % 1):
            found.append(("points", "Marks go by halves, up to the full marks of the item."))
    return found


def _must_fit(db: Connection, row: Row[Any], answers: list[GivenAnswer]) -> None:
    rows = db.execute(select(criteria_items).where(criteria_items.c.version_id == row.version_id)).all()
    full = {item.id: item.full_marks for item in rows}
    faults: dict[str, list[str]] = {}
    for number, one in enumerate(answers):
        for name, fault in _faults(full, {one.item_id: one.points}):
            faults[f"answers.{number}.{name}"] = [fault]
        if one.points is None and not one.remark:
            faults[f"answers.{number}.remark"] = ["Say why the item does not apply."]
    if faults:
        raise InvalidInput(faults)


def _register_problems(db: Connection, row: Row[Any], *, actor: Actor, at: datetime) -> None:
    """Register what the visit found, each problem once, as found by the team on the day that the form was finished.

    Of a kind that was put out of use meanwhile it is registered as `other`, for the form cannot be changed any more.
    What was registered when the visit was closed before stays as it is there.
    """
    for found in problems_of(db, row.id):
        if found.problem_id is not None:
            continue
        register(
            db,
            organisation_id=row.organisation_id,
            kind=found.kind if is_active(db, found.kind, on=row.finished_on) else "other",
            text=found.text,
            found_on=row.finished_on,
            source="round_visit",
            source_id=found.id,
            at=at,
            found_by=row.team_name,
            by_id=actor.person_id,
            round_id=row.round_id,
        )


def _touch(db: Connection, visit_id: UUID) -> None:
    db.execute(update(round_visits).where(round_visits.c.id == visit_id).values(version=round_visits.c.version + 1))
