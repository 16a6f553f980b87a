"""The visits of on-site rounds: lists, one whole with what counts, the forms that an assessor takes along."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.round_visits import (
    AnswerView,
    CarriedProblemView,
    EarlierReportView,
    MyFormsAsked,
    MyFormsView,
    RoundReportsAsked,
    RoundVisitAsked,
    RoundVisitLine,
    RoundVisitsAsked,
    RoundVisitView,
    ScoreStepView,
    VisitDecisionView,
    VisitItemView,
    VisitProblemView,
    VisitScoreView,
    VisitStepView,
)
from contracts.assessment.rounds import CriteriaVersionView
from contracts.envelope import Page, load
from sqlalchemy import Connection, Row, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.domain.round_scores import Heading, Item, Score, score_of
from assessment.domain.round_visits import ASSIGNED, FINISHED, SEEN_BY_BRANCH
from assessment.domain.rounds import DRAWN
from assessment.queries.criteria import versions_whole
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.problems import problems as register
from assessment.tables.rectifications import rectification_rounds, rectifications
from assessment.tables.rounds import (
    criteria_items,
    round_teams,
    round_visits,
    rounds,
    team_members,
    visit_answers,
    visit_decisions,
    visit_problems,
    visit_reports,
    visit_steps,
)

FORMS_MAX: Final = 60
"""So many visits go along on a phone; the others follow when these are done."""
NO_DAY: Final = date(9999, 12, 31)

_MINE = team_members.alias("mine")
_ANSWERED = (
    select(func.count(visit_answers.c.item_id.distinct()))
    .where(visit_answers.c.visit_id == round_visits.c.id)
    .correlate(round_visits)
    .scalar_subquery()
)
_ITEMS = (
    select(func.count()).where(criteria_items.c.version_id == rounds.c.version_id).correlate(rounds).scalar_subquery()
)
_PROBLEMS = (
    select(func.count())
    .where(visit_problems.c.visit_id == round_visits.c.id, visit_problems.c.dropped_at.is_(None))
    .correlate(round_visits)
    .scalar_subquery()
)


_SENT_BEFORE = exists().where(visit_reports.c.visit_id == round_visits.c.id, visit_reports.c.is_sent)


def of_visits(person_id: UUID) -> Select[Any]:
    """Select visits with their round and team, and what this person is to them (`is_mine`, `leads`)."""
    return (
        select(
            round_visits,
            rounds.c.name.label("round_name"),
            rounds.c.path.label("round_path"),
            rounds.c.version_id,
            rounds.c.state.label("round_state"),
            round_teams.c.name.label("team_name"),
            _MINE.c.person_id.is_not(None).label("is_mine"),
            func.coalesce(_MINE.c.is_leader, False).label("leads"),
        )
        .join(rounds, rounds.c.id == round_visits.c.round_id)
        .outerjoin(round_teams, round_teams.c.id == round_visits.c.team_id)
        .outerjoin(_MINE, and_(_MINE.c.team_id == round_visits.c.team_id, _MINE.c.person_id == person_id))
    )


def round_visits_asked(db: Connection, *, asked: RoundVisitsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of visits: a round's in order of name, or one's own by day.

    A round's are for whoever reads it; who is of one of its teams sees no score but their own team's. Raises NotFound,
    Forbidden.
    """
    rows = _listed(actor)
    reads_all = False
    key: tuple[Any, ...]
    kinds: tuple[Any, ...]
    if asked.round_id:
        found = db.execute(select(rounds).where(rounds.c.id == asked.round_id)).one_or_none()
        if found is None:
            raise NotFound()
        reads_all = actor.may("read_on_site_rounds", organisation=found.path)
        rows = rows.where(round_visits.c.round_id == found.id)
        if not reads_all:
            mine = select(team_members.c.team_id).where(
                team_members.c.round_id == found.id, team_members.c.person_id == actor.person_id
            )
            if db.execute(mine).first() is None:
                raise Forbidden()
        key, kinds = (round_visits.c.name, round_visits.c.id), (str, UUID)
    else:
        if not (actor.paths_for("assess_visit") or actor.paths_for("read_on_site_rounds")):
            raise Forbidden()
        rows = rows.where(_MINE.c.person_id.is_not(None), rounds.c.state == DRAWN)
        day = func.coalesce(round_visits.c.visit_on, NO_DAY)
        key, kinds = (day, func.coalesce(round_visits.c.stop, 0), round_visits.c.id), (date.fromisoformat, int, UUID)
    if asked.team_id:
        rows = rows.where(round_visits.c.team_id == asked.team_id)
    if asked.state:
        rows = rows.where(round_visits.c.state == asked.state)
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, *kinds))
    return page_of(
        db.execute(rows.order_by(*key).limit(asked.limit + 1)).all(),
        limit=asked.limit,
        view=lambda row: line(row, sees_score=reads_all or row.is_mine),
        key=lambda row: (row.name, row.id) if asked.round_id else (row.visit_on or NO_DAY, row.stop or 0, row.id),
    )


def round_reports(db: Connection, *, asked: RoundReportsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the reports that were sent to an organisation and below it, also where the next one is made.

    Raises NotFound, Forbidden.
    """
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("read_round_report", organisation=organisation.path)
    rows = _listed(actor).where(
        is_below([organisation.path], round_visits.c.path),
        or_(round_visits.c.state.in_(sorted(SEEN_BY_BRANCH)), _SENT_BEFORE),
    )
    key = (round_visits.c.name, round_visits.c.id)
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, str, UUID))
    found = db.execute(rows.order_by(*key).limit(asked.limit + 1)).all()
    aside = _last_sent(db, [row.id for row in found if row.state not in SEEN_BY_BRANCH])
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: replace(line(row, sees_score=True), **aside.get(row.id, {})),
        key=lambda row: (row.name, row.id),
    )


def _last_sent(db: Connection, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what the lines of visits that are open again tell: of the last report that was sent, nothing newer."""
    problems = func.jsonb_array_length(visit_reports.c.kept["problems"])
    last = (
        select(visit_reports.c.visit_id, visit_reports.c.score, visit_reports.c.finished_on, problems.label("problems"))
        .ext(distinct_on(visit_reports.c.visit_id))
        .where(visit_reports.c.visit_id.in_(ids), visit_reports.c.is_sent)
        .order_by(visit_reports.c.visit_id, visit_reports.c.number.desc())
    )
    return {
        row.visit_id: {
            "score": float(row.score),
            "finished_on": row.finished_on,
            "problems": row.problems,
            "answered": 0,
        }
        for row in (db.execute(last) if ids else ())
    }


def _listed(actor: Actor) -> Select[Any]:
    return of_visits(actor.person_id).add_columns(
        _ANSWERED.label("answered"), _ITEMS.label("items"), _PROBLEMS.label("problems")
    )


def round_visit(db: Connection, *, asked: RoundVisitAsked, actor: Actor, at: datetime) -> RoundVisitView:
    """Return one visit whole: to its team, to who reads its round; to its organisation once the report was sent.

    Raises NotFound, Forbidden.
    """
    row = visit_named(db, asked.visit_id, actor=actor)
    return view_for(db, row, actor=actor) if asked.report is None else _put_aside(db, row, asked.report, actor=actor)


def visit_named(db: Connection, visit_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the row of a visit (of `of_visits`). Raises NotFound."""
    row = db.execute(of_visits(actor.person_id).where(round_visits.c.id == visit_id)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def view_for(db: Connection, row: Row[Any], *, actor: Actor) -> RoundVisitView:
    """Return the visit of a row as the actor may see it.

    Its organisation goes on reading the last report that it was sent while the visit is open again. Raises NotFound,
    Forbidden.
    """
    if _sees_inside(row, actor):
        return views(db, [row], writes=_is_of_team(row, actor))[0]
    actor.must("read_round_report", organisation=row.path)
    if row.state in SEEN_BY_BRANCH:
        return _as_told(views(db, [row], writes=False)[0])
    sent = [one.number for one in _earlier(db, [row.id])[row.id] if one.is_sent]
    if not sent:
        raise NotFound()
    return _put_aside(db, row, sent[-1], actor=actor)


def _is_of_team(row: Row[Any], actor: Actor) -> bool:
    return row.is_mine and bool(actor.paths_for("assess_visit"))


def _sees_inside(row: Row[Any], actor: Actor) -> bool:
    return _is_of_team(row, actor) or actor.may("read_on_site_rounds", organisation=row.round_path)


def _put_aside(db: Connection, row: Row[Any], number: int, *, actor: Actor) -> RoundVisitView:
    """Return a report of a visit as it was when the visit was opened again; its organisation sees what it had got.

    Raises NotFound, Forbidden.
    """
    inside = _sees_inside(row, actor)
    if not inside:
        actor.must("read_round_report", organisation=row.path)
    found = db.execute(
        select(visit_reports).where(visit_reports.c.visit_id == row.id, visit_reports.c.number == number)
    ).one_or_none()
    if found is None or not (inside or found.is_sent):
        raise NotFound()
    kept: RoundVisitView = load(RoundVisitView, found.kept)
    kept = replace(kept, is_aside=True, earlier=_earlier(db, [row.id])[row.id])
    return kept if inside else _as_told(kept)


def my_forms(db: Connection, *, asked: MyFormsAsked, actor: Actor, at: datetime) -> MyFormsView:
    """Return one's own visits of rounds under way that are not closed, the next days first. Raises Forbidden."""
    if not actor.paths_for("assess_visit"):
        raise Forbidden()
    mine = of_visits(actor.person_id).where(
        _MINE.c.person_id.is_not(None),
        rounds.c.state == DRAWN,
        round_visits.c.state.in_((ASSIGNED, FINISHED)),
    )
    found = db.execute(
        mine.order_by(
            round_visits.c.state,  # assigned before finished
            func.coalesce(round_visits.c.visit_on, NO_DAY),
            func.coalesce(round_visits.c.stop, 0),
            round_visits.c.id,
        )
    ).all()
    return MyFormsView(
        person_id=actor.person_id,
        name=actor.name,
        at=at,
        visits=views(db, found[:FORMS_MAX], writes=True),
        left_out=max(len(found) - FORMS_MAX, 0),
    )


def problems_of(db: Connection, visit_id: UUID) -> list[VisitProblemView]:
    """Return the problems found on a visit, as they were found; those taken back are none."""
    return _problems(db, [visit_id])[visit_id]


def views(db: Connection, rows: Sequence[Row[Any]], *, writes: bool) -> list[RoundVisitView]:
    """Return the visits of rows, whole."""
    ids = [row.id for row in rows]
    criteria = versions_whole(db, [row.version_id for row in rows])
    answers, decisions = _answers(db, ids), _decisions(db, ids)
    problems, carried, steps = _problems(db, ids), _carried(db, ids), _steps(db, ids)
    earlier = _earlier(db, ids)
    told = []
    for row in rows:
        version = criteria[row.version_id]
        opened = [one.opened_at for one in earlier[row.id]]
        items = [
            item_of(item.id, answers.get((row.id, item.id), []), decisions.get((row.id, item.id)), opened=opened)
            for heading in version.headings
            for item in heading.items
        ]
        score = reckoned(version, items) if row.score is not None else None
        told.append(
            RoundVisitView(
                **{name: row._mapping[name] for name in _PLAIN},
                starts_at=_clock(row.starts_at),
                can_write=writes and row.is_mine,
                leads=writes and row.leads,
                criteria=version,
                items=items,
                problems=problems[row.id],
                carried=carried[row.id],
                score=shown(score) if score else None,
                steps=steps[row.id],
                number=len(earlier[row.id]) + 1,
                earlier=earlier[row.id],
            )
        )
    return told


_PLAIN: Final = (
    *(
        "id",
        "round_id",
        "round_name",
        "round_state",
        "organisation_id",
        "name",
        "town",
        "team_id",
        "team_name",
        "visit_on",
    ),
    *("state", "finished_on", "report", "word", "decision", "version"),
)


def item_of(
    item_id: UUID, answers: list[AnswerView], decision: VisitDecisionView | None, *, opened: Sequence[datetime] = ()
) -> VisitItemView:
    """Return what counts for an item: what was decided, otherwise what all its assessors agree on.

    A decision from before the visit was `opened` anew no longer counts for an item that was answered after that.
    """
    since = next((day for day in opened if decision is not None and decision.at <= day), None)
    if since is not None and any(answer.synced_at > since for answer in answers):
        decision = None
    said = {answer.points for answer in answers}
    counted = decision is not None or len(said) == 1
    return VisitItemView(
        item_id=item_id,
        answers=answers,
        decision=decision,
        counted=counted,
        points=decision.points if decision else answers[0].points if counted else None,
        is_conflict=decision is None and len(said) > 1,
    )


def reckoned(version: CriteriaVersionView, items: Sequence[VisitItemView]) -> Score | None:
    """Return the score of a visit whose items all count; none when nothing applies."""
    points = {str(item.item_id): None if item.points is None else Decimal(str(item.points)) for item in items}
    return score_of(
        [Heading(heading.number, heading.name, heading.weight) for heading in version.headings],
        [
            Item(str(item.id), heading.number, Decimal(str(item.full_marks)))
            for heading in version.headings
            for item in heading.items
        ],
        points,
    )


def shown(score: Score) -> VisitScoreView:
    """Return a score with its steps as it is told; what a heading gave to four places."""
    return VisitScoreView(
        score=float(score.score),
        weight=score.weight,
        steps=[
            ScoreStepView(
                heading=step.heading,
                name=step.name,
                weight=step.weight,
                points=float(step.points),
                full_marks=float(step.full_marks),
                given=None if step.given is None else round(float(step.given), 4),
            )
            for step in score.steps
        ],
    )


def line(row: Row[Any], *, sees_score: bool) -> RoundVisitLine:
    """Return a visit as a line of a list."""
    plain = {name: row._mapping[name] for name in RoundVisitLine.__dataclass_fields__ if name not in _LINE_OWN}
    return RoundVisitLine(
        **plain,
        starts_at=_clock(row.starts_at),
        score=float(row.score) if sees_score and row.score is not None else None,
    )


_LINE_OWN: Final = frozenset({"starts_at", "score"})


def _as_told(view: RoundVisitView) -> RoundVisitView:
    """Return a visit as its organisation sees it: what counts and why, said by the team and not by one of it."""
    team = view.team_name or ""
    items = [
        replace(
            item,
            answers=[
                replace(answer, by_id=None, by_name=team) for answer in item.answers if answer.points == item.points
            ],
            decision=replace(item.decision, by_name=team) if item.decision else None,
        )
        for item in view.items
    ]
    problems = [replace(problem, by_id=None, by_name=team) for problem in view.problems]
    steps = [step for step in view.steps if step.state in SEEN_BY_BRANCH]
    earlier = [one for one in view.earlier if one.is_sent]
    return replace(view, items=items, problems=problems, steps=steps, earlier=earlier)


def _clock(value: time | None) -> str | None:
    return value.strftime("%H:%M") if value else None


def _points(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _answers(db: Connection, ids: list[UUID]) -> dict[tuple[UUID, UUID], list[AnswerView]]:
    latest = (
        select(visit_answers)
        .ext(distinct_on(visit_answers.c.visit_id, visit_answers.c.item_id, visit_answers.c.by_id))
        .where(visit_answers.c.visit_id.in_(ids))
        .order_by(
            visit_answers.c.visit_id,
            visit_answers.c.item_id,
            visit_answers.c.by_id,
            visit_answers.c.answered_at.desc(),
            visit_answers.c.synced_at.desc(),
            visit_answers.c.id.desc(),
        )
        .subquery()
    )
    found: dict[tuple[UUID, UUID], list[AnswerView]] = defaultdict(list)
    for row in db.execute(select(latest).order_by(latest.c.by_name, latest.c.by_id)):
        kept = {name: row._mapping[name] for name in AnswerView.__dataclass_fields__ if name != "points"}
        found[row.visit_id, row.item_id].append(AnswerView(**kept, points=_points(row.points)))
    return found


def _decisions(db: Connection, ids: list[UUID]) -> dict[tuple[UUID, UUID], VisitDecisionView]:
    latest = (
        select(visit_decisions)
        .ext(distinct_on(visit_decisions.c.visit_id, visit_decisions.c.item_id))
        .where(visit_decisions.c.visit_id.in_(ids))
        .order_by(visit_decisions.c.visit_id, visit_decisions.c.item_id, visit_decisions.c.number.desc())
    )
    return {
        (row.visit_id, row.item_id): VisitDecisionView(
            points=_points(row.points), reason=row.reason, at=row.at, by_name=row.by_name
        )
        for row in db.execute(latest)
    }


def _problems(db: Connection, ids: list[UUID]) -> dict[UUID, list[VisitProblemView]]:
    found: dict[UUID, list[VisitProblemView]] = defaultdict(list)
    for row in db.execute(
        select(
            visit_problems,
            register.c.id.label("problem_id"),
            register.c.state,
            rectifications.c.state.label("mending_state"),
            rectifications.c.deadline,
        )
        .outerjoin(register, and_(register.c.source == "round_visit", register.c.source_id == visit_problems.c.id))
        .outerjoin(rectifications, rectifications.c.problem_id == register.c.id)
        .where(visit_problems.c.visit_id.in_(ids), visit_problems.c.dropped_at.is_(None))
        .order_by(visit_problems.c.found_at, visit_problems.c.id)
    ):
        kept = {name: row._mapping[name] for name in VisitProblemView.__dataclass_fields__}
        found[row.visit_id].append(VisitProblemView(**kept))
    return found


def _carried(db: Connection, ids: list[UUID]) -> dict[UUID, list[CarriedProblemView]]:
    """Return what earlier rounds left open of each visit's organisation and the visit's round took over."""
    found: dict[UUID, list[CarriedProblemView]] = defaultdict(list)
    over = rectification_rounds.c
    for row in db.execute(
        select(
            round_visits.c.id,
            register.c.id.label("problem_id"),
            *(register.c.kind, register.c.text, register.c.found_on),
            rectifications.c.state.label("mending_state"),
            rectifications.c.deadline,
        )
        .join(rectification_rounds, and_(over.source_id == round_visits.c.round_id, over.position > 1))
        .join(rectifications, rectifications.c.id == over.rectification_id)
        .join(register, register.c.id == rectifications.c.problem_id)
        .where(round_visits.c.id.in_(ids), rectifications.c.organisation_id == round_visits.c.organisation_id)
        .order_by(rectifications.c.deadline, register.c.id)
    ):
        kept = {name: row._mapping[name] for name in CarriedProblemView.__dataclass_fields__}
        found[row.id].append(CarriedProblemView(**kept))
    return found


def _steps(db: Connection, ids: list[UUID]) -> dict[UUID, list[VisitStepView]]:
    found: dict[UUID, list[VisitStepView]] = defaultdict(list)
    for row in db.execute(select(visit_steps).where(visit_steps.c.visit_id.in_(ids)).order_by(visit_steps.c.version)):
        kept = {name: row._mapping[name] for name in VisitStepView.__dataclass_fields__ if name != "score"}
        found[row.visit_id].append(VisitStepView(**kept, score=_points(row.score)))
    return found


def _earlier(db: Connection, ids: list[UUID]) -> dict[UUID, list[EarlierReportView]]:
    found: dict[UUID, list[EarlierReportView]] = defaultdict(list)
    names = [name for name in EarlierReportView.__dataclass_fields__ if name != "score"]
    kept = select(visit_reports.c.visit_id, visit_reports.c.score, *(visit_reports.c[name] for name in names))
    mine = kept.where(visit_reports.c.visit_id.in_(ids)).order_by(visit_reports.c.visit_id, visit_reports.c.number)
    for row in db.execute(mine):
        told = {name: row._mapping[name] for name in names}
        found[row.visit_id].append(EarlierReportView(**told, score=float(row.score)))
    return found
