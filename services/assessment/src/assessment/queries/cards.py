"""Cards: a page of them, one with its steps and what turns it back, how many stand where."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.cards import (
    CardAsked,
    CardBoardAsked,
    CardBoardView,
    CardConsequenceView,
    CardNextView,
    CardObjectionView,
    CardPartView,
    CardsAsked,
    CardStepView,
    CardView,
)
from contracts.assessment.problems import ProblemAsked, ProblemView
from contracts.envelope import Page
from sqlalchemy import ColumnElement, Connection, Row, Select, exists, extract, func, or_, select, text, tuple_

from assessment.domain.cards import (
    ABOVE,
    BELOW,
    CAP,
    COLOURS,
    DUE,
    LIFTED,
    OF_THE_BRANCH,
    REVIEW_CAP,
    STANDING,
)
from assessment.domain.rectifications import ACCEPTED, REPORTED
from assessment.queries import problems as register
from assessment.queries.evidence import files_of
from assessment.queries.organisations import is_below
from assessment.queries.problem_kinds import rules_on
from assessment.tables.cards import card_consequences, card_objections, card_steps, cards
from assessment.tables.organisations import organisations
from assessment.tables.problems import problem_kinds, problems
from assessment.tables.rectifications import evidence_files

_superior = organisations.alias("superior")
_undone = exists().where(
    card_objections.c.card_id == card_steps.c.card_id,
    card_objections.c.version == card_steps.c.version,
    card_objections.c.decision == "upheld",
)
_rank = func.max(func.array_position(text("ARRAY['yellow', 'orange', 'red']"), card_steps.c.colour))
_highest = (
    select(_rank)
    .where(card_steps.c.card_id == cards.c.id, card_steps.c.move.in_(("give", "escalate")), ~_undone)
    .scalar_subquery()
)
_due = (
    select(func.count())
    .where(card_consequences.c.card_id == cards.c.id, card_consequences.c.state == DUE)
    .scalar_subquery()
)
_is_objected = exists().where(card_objections.c.card_id == cards.c.id, card_objections.c.decision.is_(None))
_CARDS: Select[Any] = (
    select(
        cards,
        problems.c.text.label("problem_text"),
        problem_kinds.c.name.label("kind_name"),
        organisations.c.name.label("organisation_name"),
        organisations.c.path,
        _superior.c.name.label("superior"),
        func.coalesce(_superior.c.path, organisations.c.path).label("superior_path"),
        _highest.label("rank"),
        _due.label("due"),
        _is_objected.label("is_objected"),
    )
    .join(problems, problems.c.id == cards.c.problem_id)
    .join(problem_kinds, problem_kinds.c.code == problems.c.kind)
    .join(organisations, organisations.c.id == cards.c.organisation_id)
    .outerjoin(_superior, _superior.c.id == organisations.c.parent_id)
)


def row_of(db: Connection, card_id: UUID) -> Row[Any] | None:
    """Return the card with its problem and organisation, if there is such a card."""
    return db.execute(_CARDS.where(cards.c.id == card_id)).one_or_none()


def consequence_row(db: Connection, consequence_id: UUID) -> Row[Any] | None:
    """Return a consequence with its card's organisation and its superior, if there is such a one."""
    return db.execute(
        select(
            card_consequences,
            card_steps.c.on_day.label("given_on"),
            cards.c.organisation_id,
            organisations.c.path,
            func.coalesce(_superior.c.path, organisations.c.path).label("superior_path"),
        )
        .join(
            card_steps,
            (card_steps.c.card_id == card_consequences.c.card_id)
            & (card_steps.c.version == card_consequences.c.version),
        )
        .join(cards, cards.c.id == card_consequences.c.card_id)
        .join(organisations, organisations.c.id == cards.c.organisation_id)
        .outerjoin(_superior, _superior.c.id == organisations.c.parent_id)
        .where(card_consequences.c.id == consequence_id)
    ).one_or_none()


def last_step(db: Connection, card_id: UUID) -> Row[Any] | None:
    """Return the last giving or raising of a card that was not undone."""
    of = card_steps.c
    steps = select(card_steps).where(of.card_id == card_id, of.move.in_(("give", "escalate")), ~_undone)
    return db.execute(steps.order_by(of.version.desc()).limit(1)).one_or_none()


def due_of(db: Connection, card_id: UUID) -> int:
    """Return how many consequences of a card are due."""
    of = card_consequences.c
    return int(db.execute(select(func.count()).where(of.card_id == card_id, of.state == DUE)).scalar_one())


def cards_asked(db: Connection, *, asked: CardsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of cards, the latest first. Raises NotFound for no organisation, Forbidden."""
    paths, _ = register.places(db, asked.organisation_id, actor=actor, action="read_problems")
    of, today = cards.c, clock.today(at)
    rows = _CARDS.where(is_below(paths))
    if asked.colour:
        rows = rows.where(of.colour == asked.colour)
    if asked.year:
        rows = rows.where(extract("year", of.given_on) == asked.year)
    if asked.state == "overdue":
        rows = rows.where(of.state == STANDING, or_(of.deadline < today, _is_late(today)))
    elif asked.state == "objected":
        rows = rows.where(_is_objected)
    elif asked.state:
        rows = rows.where(of.state == asked.state)
    if asked.cursor:
        rows = rows.where(tuple_(of.given_on, of.id) < key_in(asked.cursor, date.fromisoformat, UUID))
    rows = rows.order_by(of.given_on.desc(), of.id.desc()).limit(asked.limit + 1)
    return page_of(
        db.execute(rows).all(),
        limit=asked.limit,
        view=lambda row: _view(row, today=today),
        key=lambda row: (row.given_on, row.id),
    )


def card(db: Connection, *, asked: CardAsked, actor: Actor, at: datetime) -> CardView:
    """Return a card with its steps, what follows from it, and what turns it back. Raises NotFound, Forbidden."""
    row = row_of(db, asked.card_id)
    if row is None:
        raise NotFound()
    actor.must("read_problems", organisation=row.path)
    today = clock.today(at)
    problem = register.problem(db, asked=ProblemAsked(row.problem_id), actor=actor, at=at)
    steps = db.execute(
        select(card_steps, _undone.label("is_undone"))
        .where(card_steps.c.card_id == row.id)
        .order_by(card_steps.c.version)
    ).all()
    objections = db.execute(
        select(card_objections).where(card_objections.c.card_id == row.id).order_by(card_objections.c.version)
    ).all()
    consequences = _consequences(db, row, actor=actor, today=today)
    until = _object_until(db, row, objections)
    return _view(
        row,
        today=today,
        problem=problem,
        steps=[
            CardStepView(**{name: step._mapping[name] for name in CardStepView.__dataclass_fields__}) for step in steps
        ],
        consequences=consequences,
        objections=[
            CardObjectionView(**{name: one._mapping[name] for name in CardObjectionView.__dataclass_fields__})
            for one in objections
        ],
        way_back=_way_back(row, problem, consequences),
        object_until=until,
        may=_may(row, problem, objections, until, consequences, actor=actor, today=today),
    )


def board(db: Connection, *, asked: CardBoardAsked, actor: Actor, at: datetime) -> CardBoardView:
    """Return how many cards stand, as a whole and by the parts directly below. Raises NotFound, Forbidden."""
    paths, above = register.places(db, asked.organisation_id, actor=actor, action="read_problems")
    today = clock.today(at)
    given = {"paths": paths, "depths": [path.count(".") + 2 for path in paths], "today": today, "year": today.year}
    parts, whole = [], {"yellow": 0, "orange": 0, "red": 0, "overdue": 0}
    for row in db.execute(_BOARD, given):
        part = {name: row._mapping[name] for name in whole}
        whole = {name: count + part[name] for name, count in whole.items()}
        parts.append(CardPartView(organisation_id=row.id, name=row.name, **part))
    rest = db.execute(_BOARD_REST, given).one()
    return CardBoardView(
        organisation_id=above.id if above else None,
        name=above.name if above else None,
        **whole,
        objected=rest.objected,
        capped_below_good=rest.capped_below_good,
        capped_at_fair=rest.capped_at_fair,
        parts=parts,
    )


_IN_PLACES = """
    FROM unnest(CAST(:paths AS text[]), CAST(:depths AS integer[])) AS a (path, depth)
    JOIN organisations o
      ON o.path = a.path COLLATE "C" OR (o.path >= (a.path || '.') COLLATE "C" AND o.path < (a.path || '/') COLLATE "C")
"""
_BOARD = text(
    f"""
SELECT part.id, part.name, c.yellow, c.orange, c.red, c.overdue
FROM (
    SELECT array_to_string((string_to_array(o.path, '.'))[1:a.depth], '.') AS path,
           count(*) FILTER (WHERE c.colour = 'yellow') AS yellow,
           count(*) FILTER (WHERE c.colour = 'orange') AS orange,
           count(*) FILTER (WHERE c.colour = 'red') AS red,
           count(*) FILTER (WHERE c.deadline < :today OR EXISTS (
               SELECT FROM card_consequences d WHERE d.card_id = c.id AND d.state = 'due' AND d.due_on < :today
           )) AS overdue
    {_IN_PLACES}
    JOIN cards c ON c.organisation_id = o.id AND c.state = 'standing'
    GROUP BY 1
) c JOIN organisations part ON part.path = c.path COLLATE "C"
ORDER BY c.red DESC, c.orange DESC, c.yellow DESC, part.path"""  # noqa: S608
)
_BOARD_REST = text(
    f"""
SELECT (SELECT count(DISTINCT j.card_id) {_IN_PLACES} JOIN cards c ON c.organisation_id = o.id
        JOIN card_objections j ON j.card_id = c.id AND j.decision IS NULL) AS objected,
       count(DISTINCT y.organisation_id) FILTER (WHERE y.highest = 'orange') AS capped_below_good,
       count(DISTINCT y.organisation_id) FILTER (WHERE y.highest = 'red') AS capped_at_fair
{_IN_PLACES} JOIN card_years y ON y.organisation_id = o.id AND y.year = :year"""
)


def _consequences(db: Connection, row: Row[Any], *, actor: Actor, today: date) -> list[CardConsequenceView]:
    of = card_consequences.c
    found = db.execute(
        select(card_consequences, card_steps.c.colour)
        .join(card_steps, (card_steps.c.card_id == of.card_id) & (card_steps.c.version == of.version))
        .where(of.card_id == row.id)
        .order_by(of.version, of.due_on.nulls_first(), of.kind)
    ).all()
    files = files_of(db, evidence_files.c.consequence_id, [one.id for one in found])
    views = []
    for one in found:
        place = row.path if one.kind in OF_THE_BRANCH else row.superior_path
        may_fulfil = one.state == DUE and actor.may("fulfil_card_consequence", organisation=place)
        views.append(
            CardConsequenceView(
                id=one.id,
                kind=one.kind,
                colour=one.colour,
                state=one.state,
                due_on=one.due_on,
                is_overdue=one.state == DUE and one.due_on < today,
                done_on=one.done_on,
                proof=one.proof,
                by_name=one.by_name,
                files=files[one.id],
                may=["fulfil_card_consequence", "add_evidence"] if may_fulfil else [],
            )
        )
    return views


def _way_back(row: Row[Any], problem: ProblemView, consequences: Sequence[CardConsequenceView]) -> list[CardNextView]:
    """Return what has to happen before the card is cleared, in its order."""
    if row.state != STANDING:
        return []
    item = problem.rectification
    state = item.state if item else None
    deadline = item.deadline if item else row.deadline
    return [
        CardNextView("planned", None, bool(item and item.measures and item.in_charge)),
        CardNextView("reported", deadline, state in (REPORTED, ACCEPTED)),
        CardNextView("accepted", None, state == ACCEPTED),
        *(CardNextView(one.kind, one.due_on, one.state != DUE) for one in consequences if one.kind != CAP),
        *([CardNextView("objection", None, False)] if row.is_objected else []),
        CardNextView("cleared", None, False),
    ]


def _object_until(db: Connection, row: Row[Any], objections: Sequence[Row[Any]]) -> date | None:
    step = last_step(db, row.id) if row.state == STANDING else None
    if step is None or any(one.version == step.version for one in objections):
        return None
    until: date = step.on_day + timedelta(days=rules_on(db, step.on_day).objection_days)
    return until


def _may(
    row: Row[Any],
    problem: ProblemView,
    objections: Sequence[Row[Any]],
    until: date | None,
    consequences: Sequence[CardConsequenceView],
    *,
    actor: Actor,
    today: date,
) -> list[str]:
    found = []
    waiting = next((one for one in objections if one.decision is None), None)
    if row.state == STANDING and waiting is None and actor.may("give_card", organisation=row.superior_path):
        is_done = all(one.state != DUE for one in consequences)
        found += ["escalate_card"] if row.colour in ABOVE else []
        found += ["step_card_down"] if row.colour in BELOW and is_done else []
        is_mended = problem.rectification is not None and problem.rectification.state == ACCEPTED
        found += ["clear_card"] if is_done and is_mended else []
    if until is not None and today <= until and actor.may("object_to_card", organisation=row.path):
        found += ["object_to_card"]
    if (
        waiting is not None
        and actor.person_id not in (waiting.by_id, waiting.step_by_id)
        and actor.may("decide_card_objection", organisation=row.superior_path)
    ):
        found += ["decide_card_objection"]
    return found


def _view(row: Row[Any], *, today: date, **more: Any) -> CardView:
    highest = COLOURS[row.rank - 1] if row.rank else row.colour
    told = ("highest", "is_overdue", "review_cap", *more, "problem", "steps", "consequences", "objections")
    kept = {
        name: row._mapping[name]
        for name in CardView.__dataclass_fields__
        if name not in (*told, "way_back", "object_until", "may")
    }
    return CardView(
        **kept,
        highest=highest,
        is_overdue=row.state == STANDING and row.deadline < today,
        review_cap=None if row.state == LIFTED else REVIEW_CAP[highest],
        **more,
    )


def _is_late(today: date) -> ColumnElement[bool]:
    of = card_consequences.c
    return exists().where(of.card_id == cards.c.id, of.state == DUE, of.due_on < today)
