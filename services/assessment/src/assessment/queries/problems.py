"""The register of problems: a page of it, one problem with all that became of it, counts, the same problem again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.problems import (
    AgainView,
    ProblemAsked,
    ProblemCountsAsked,
    ProblemCountsView,
    ProblemCountView,
    ProblemsAsked,
    ProblemStepView,
    ProblemView,
    TrainingView,
)
from contracts.assessment.rectifications import CarriedView, RectificationStepView, RectificationView
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, and_, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.domain import problems as rules
from assessment.domain import rectifications as mending
from assessment.queries import evidence
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.cards import cards
from assessment.tables.organisations import organisations
from assessment.tables.problems import inspections, problem_kinds, problem_steps, problem_trainings, problems
from assessment.tables.rectifications import rectification_steps, rectifications

EARLIER_MAX = 20

_superior = organisations.alias("superior")
_item = rectifications.c
_returned = (
    select(func.count())
    .where(rectification_steps.c.rectification_id == _item.id, rectification_steps.c.move == "return")
    .scalar_subquery()
)
_PROBLEMS: Select[Any] = (
    select(
        problems,
        problem_kinds.c.name.label("kind_name"),
        organisations.c.name.label("organisation_name"),
        organisations.c.path,
        _superior.c.name.label("superior"),
        _item.id.label("rectification_id"),
        _item.state.label("mending_state"),
        _item.measures,
        _item.in_charge,
        _item.deadline,
        _item.report,
        _item.reported_on,
        _item.reported_by_id,
        _item.accepted_on,
        _returned.label("returned"),
        cards.c.id.label("card_id"),
        cards.c.colour.label("card_colour"),
        cards.c.state.label("card_state"),
        func.coalesce(_superior.c.path, organisations.c.path).label("superior_path"),
    )
    .join(organisations, organisations.c.id == problems.c.organisation_id)
    .join(problem_kinds, problem_kinds.c.code == problems.c.kind)
    .outerjoin(_superior, _superior.c.id == organisations.c.parent_id)
    .outerjoin(rectifications, _item.problem_id == problems.c.id)
    .outerjoin(cards, cards.c.problem_id == problems.c.id)
)


def row_of(db: Connection, problem_id: UUID) -> Row[Any] | None:
    """Return the problem with its organisation, its rectification and its card, if there is such a problem."""
    return db.execute(_PROBLEMS.where(problems.c.id == problem_id)).one_or_none()


def problems_asked(db: Connection, *, asked: ProblemsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the register, those found last first. Raises NotFound for no organisation, Forbidden."""
    rows = narrowed(db, asked, actor=actor, at=at)
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(tuple_(problems.c.found_on, problems.c.id) < after)
    rows = rows.order_by(problems.c.found_on.desc(), problems.c.id.desc()).limit(asked.limit + 1)
    return page_of(
        db.execute(rows).all(),
        limit=asked.limit,
        view=lambda row: view_of(row, at=at),
        key=lambda row: (row.found_on, row.id),
    )


def narrowed(
    db: Connection, asked: ProblemsAsked, *, actor: Actor, at: datetime, action: str = "read_problems"
) -> Select[Any]:
    """Return the statement of the problems that are asked for, in no order. Raises NotFound, Forbidden."""
    paths, _ = places(db, asked.organisation_id, actor=actor, action=action)
    return of_places(asked, paths, today=clock.today(at))


def of_places(asked: ProblemsAsked, paths: list[str], *, today: date) -> Select[Any]:
    """Return the statement of the problems below these nodes of the tree that are asked for, in no order."""
    of = problems.c
    rows = _PROBLEMS.where(is_below(paths))
    for column, value in ((of.kind, asked.kind), (of.source, asked.source)):
        if value:
            rows = rows.where(column == value)
    if asked.from_day:
        rows = rows.where(of.found_on >= asked.from_day)
    if asked.until_day:
        rows = rows.where(of.found_on <= asked.until_day)
    if asked.sample_id:
        found = select(inspections.c.id).where(inspections.c.sample_id == asked.sample_id)
        rows = rows.where(of.source_id.in_(found), of.source.in_(("supervision", "sampling")))
    if asked.state in rules.STATES:
        rows = rows.where(of.state == asked.state)
    elif asked.state == "unmended":
        rows = rows.where(of.state.in_((rules.OPEN, rules.MENDING)))
    elif asked.state == "waiting":
        rows = rows.where(_item.state == mending.REPORTED)
    elif asked.state == "overdue":
        rows = rows.where(_item.state.in_((mending.OPEN, mending.RETURNED)), _item.deadline < today)
    return rows


def places(
    db: Connection, organisation_id: UUID | None, *, actor: Actor, action: str
) -> tuple[list[str], Row[Any] | None]:
    """Return the paths that are asked about, and the organisation if one is named or all are one.

    Raises NotFound for no such organisation, Forbidden.
    """
    if organisation_id is None:
        paths = sorted(set(actor.paths_for(action)))
        if not paths:
            raise Forbidden()
        one = select(organisations).where(organisations.c.path == paths[0]).limit(1)
        return paths, db.execute(one).one_or_none() if len(paths) == 1 else None
    organisation = organisation_named(db, organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must(action, organisation=organisation.path)
    return [organisation.path], organisation


def problem(db: Connection, *, asked: ProblemAsked, actor: Actor, at: datetime) -> ProblemView:
    """Return a problem with its steps, the trainings, the same problem earlier. Raises NotFound, Forbidden."""
    row = row_of(db, asked.problem_id)
    if row is None:
        raise NotFound()
    actor.must("read_problems", organisation=row.path)
    today = clock.today(at)
    steps = db.execute(select(problem_steps).where(problem_steps.c.problem_id == row.id).order_by("version"))
    trainings = db.execute(
        select(problem_trainings).where(problem_trainings.c.problem_id == row.id).order_by("due_on", "id")
    )
    return view_of(
        row,
        at=at,
        steps=[ProblemStepView(step.move, step.state, step.at, step.reason, step.by_name) for step in steps],
        trainings=[
            TrainingView(
                **{name: one._mapping[name] for name in TrainingView.__dataclass_fields__ if name != "is_overdue"},
                is_overdue=one.done_on is None and one.due_on < today,
            )
            for one in trainings
        ],
        again=again(db, row.id),
        may=_may(row, actor=actor),
        **(evidence.of_rectification(db, row.rectification_id) if row.rectification_id else {}),
    )


def found_by(db: Connection, source: str, source_id: UUID) -> Sequence[Row[Any]]:
    """Return the problems that one inspection or visit found, in the order of their kinds."""
    rows = _PROBLEMS.where(problems.c.source_id == source_id, problems.c.source == source)
    return db.execute(rows.order_by(problem_kinds.c.position, problems.c.id)).all()


def again(db: Connection, problem_id: UUID) -> list[AgainView]:
    """Return the earlier problems of the same organisation that are this one again, the latest first.

    The same kind, or words whose trigrams are alike (pg_trgm) by domain.problems.SIMILAR at least. A problem that was
    withdrawn was none.
    """
    rows = db.execute(_again([problem_id]).limit(EARLIER_MAX))
    return [_as_again(row) for row in rows]


def last_earlier(db: Connection, problem_ids: Sequence[UUID]) -> dict[UUID, AgainView]:
    """Return by problem the latest earlier one that it is again, of those that are."""
    return {row.this_id: _as_again(row) for row in db.execute(_again(problem_ids).ext(distinct_on(_this.c.id)))}


_this = problems.alias("this")


def _again(problem_ids: Sequence[UUID]) -> Select[Any]:
    """Select what these problems are again, by problem (`this_id`), the latest first."""
    this, of = _this, problems.c
    similarity = func.similarity(of.text, this.c.text)
    return (
        select(
            problems,
            this.c.id.label("this_id"),
            problem_kinds.c.name.label("kind_name"),
            (of.kind == this.c.kind).label("is_same_kind"),
            similarity.label("similarity"),
        )
        .join(this, and_(this.c.organisation_id == of.organisation_id, this.c.id != of.id))
        .join(problem_kinds, problem_kinds.c.code == of.kind)
        .where(
            this.c.id.in_(problem_ids),
            tuple_(of.found_on, of.registered_at) <= tuple_(this.c.found_on, this.c.registered_at),
            of.source_id != this.c.source_id,
            of.state != rules.WITHDRAWN,
            or_(of.kind == this.c.kind, similarity >= rules.SIMILAR),
        )
        .order_by(this.c.id, of.found_on.desc(), of.id)
    )


def _as_again(row: Row[Any]) -> AgainView:
    return AgainView(
        id=row.id,
        kind=row.kind,
        kind_name=row.kind_name,
        text=row.text,
        found_on=row.found_on,
        state=row.state,
        is_same_kind=row.is_same_kind,
        similarity=round(row.similarity, 2),
    )


def counts(db: Connection, *, asked: ProblemCountsAsked, actor: Actor, at: datetime) -> ProblemCountsView:
    """Return how many problems there are by kind, part, source and month. Raises NotFound, Forbidden."""
    paths, above = places(db, asked.organisation_id, actor=actor, action="read_problems")
    given = {
        "paths": paths,
        "depths": [path.count(".") + 2 for path in paths],
        "from_day": asked.from_day,
        "until_day": asked.until_day,
        "today": clock.today(at),
    }
    found: dict[str, list[ProblemCountView]] = {"whole": [], "kind": [], "part": [], "source": [], "month": []}
    for row in db.execute(_COUNTS, given):
        count = ProblemCountView(row.key, row.name, row.problems, row.unmended, row.overdue)
        found[row.what].append(count)
    return ProblemCountsView(
        organisation_id=above.id if above else None,
        name=above.name if above else None,
        whole=found["whole"][0] if found["whole"] else ProblemCountView("", "", 0, 0, 0),
        kinds=found["kind"],
        parts=found["part"],
        sources=found["source"],
        months=sorted(found["month"], key=lambda one: one.key),
    )


# One pass over the problems of the places; a part is the node directly below the place that was asked about.
_COUNTS = text(
    """
WITH counted AS (
    SELECT p.kind, p.source, to_char(p.found_on, 'YYYY-MM') AS month,
           array_to_string((string_to_array(o.path, '.'))[1:a.depth], '.') AS part_path,
           p.state IN ('open', 'mending') AS unmended,
           coalesce(r.state IN ('open', 'returned') AND r.deadline < :today, false) AS overdue
    FROM unnest(CAST(:paths AS text[]), CAST(:depths AS integer[])) AS a (path, depth)
    JOIN organisations o
      ON o.path = a.path COLLATE "C" OR (o.path >= (a.path || '.') COLLATE "C" AND o.path < (a.path || '/') COLLATE "C")
    JOIN problems p ON p.organisation_id = o.id AND p.state <> 'withdrawn'
    LEFT JOIN rectifications r ON r.problem_id = p.id
    WHERE (CAST(:from_day AS date) IS NULL OR p.found_on >= :from_day)
      AND (CAST(:until_day AS date) IS NULL OR p.found_on <= :until_day)
), grouped AS (
    SELECT CASE WHEN grouping(kind) = 0 THEN 'kind' WHEN grouping(source) = 0 THEN 'source'
                WHEN grouping(month) = 0 THEN 'month' WHEN grouping(part_path) = 0 THEN 'part'
                ELSE 'whole' END AS what,
           coalesce(kind, source, month, part_path, '') AS key, count(*) AS problems,
           count(*) FILTER (WHERE unmended) AS unmended, count(*) FILTER (WHERE overdue) AS overdue
    FROM counted
    GROUP BY GROUPING SETS ((kind), (source), (month), (part_path), ())
)
SELECT g.what, coalesce(o.id::text, g.key) AS key, coalesce(k.name, o.name, g.key) AS name,
       g.problems, g.unmended, g.overdue
FROM grouped g
LEFT JOIN problem_kinds k ON g.what = 'kind' AND k.code = g.key
LEFT JOIN organisations o ON g.what = 'part' AND o.path = g.key COLLATE "C"
ORDER BY g.what, g.problems DESC, g.key"""
)


def view_of(
    row: Row[Any],
    *,
    at: datetime,
    steps: Sequence[ProblemStepView] = (),
    trainings: Sequence[TrainingView] = (),
    again: Sequence[AgainView] = (),
    may: Sequence[str] = (),
    item_steps: Sequence[RectificationStepView] = (),
    rounds: Sequence[CarriedView] = (),
    files: Sequence[MendingEvidenceView] = (),
) -> ProblemView:
    """Return the view of a row of this register."""
    item = None
    if row.rectification_id is not None:
        item = RectificationView(
            id=row.rectification_id,
            state=row.mending_state,
            measures=row.measures,
            in_charge=row.in_charge,
            deadline=row.deadline,
            is_overdue=mending.is_overdue(row.mending_state, deadline=row.deadline, today=clock.today(at)),
            report=row.report,
            reported_on=row.reported_on,
            accepted_on=row.accepted_on,
            returned=row.returned,
            steps=list(item_steps),
            rounds=list(rounds),
            files=list(files),
        )
    told = ("rectification", "steps", "trainings", "again", "may")
    kept = {name: row._mapping[name] for name in ProblemView.__dataclass_fields__ if name not in told}
    return ProblemView(
        **kept, rectification=item, steps=list(steps), trainings=list(trainings), again=list(again), may=list(may)
    )


def _may(row: Row[Any], *, actor: Actor) -> list[str]:
    """Return which calls the actor may make about the problem as it stands, by their names."""
    found: list[str] = []
    if actor.may("mend_problem", organisation=row.path):
        found += ["hold_training"]
        if row.mending_state in (mending.OPEN, mending.RETURNED):
            found += ["plan_rectification", "report_rectification", "add_evidence"]
    if actor.may("judge_mending", organisation=row.superior_path):
        if row.state == rules.OPEN:
            found += ["open_rectification"]
        if row.state in (rules.OPEN, rules.MENDING) and row.card_id is None:
            found += ["withdraw_problem"]
        if row.state != rules.WITHDRAWN:
            found += ["assign_training"]
        if row.mending_state in (mending.OPEN, mending.RETURNED):
            found += ["extend_rectification"]
        if row.mending_state == mending.REPORTED:
            found += ["return_rectification"]
            if row.reported_by_id != actor.person_id:
                found += ["accept_rectification"]
    if (
        row.card_id is None
        and row.state in (rules.OPEN, rules.MENDING)
        and actor.may("give_card", organisation=row.superior_path)
    ):
        found += ["give_card"]
    return found
