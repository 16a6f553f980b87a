"""Those on the way to membership: one of them with what is missing, and a page of them."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.development import (
    DevelopmentsAsked,
    DevelopmentView,
    MemberRuleView,
    MissingView,
    StepView,
)
from sqlalchemy import Connection, Row, text

from roster.domain import development as rules
from roster.domain.development import NEXT, Step, Way
from roster.queries.organisations import in_part, path_the_actor_may
from roster.queries.places import place_the_actor_may

# A probationary member whom nobody entered as an applicant is on the way too.
_WAYS: Final = """(
    SELECT person_id, branch_id, stage, applied_on, activist_on, object_on, probationary_on, probation_until,
           extended_until, full_on, ended_on, version FROM developments
    UNION ALL
    SELECT m.person_id, m.branch_id, 'probationary', NULL, NULL, NULL, m.joined_on,
           CAST(m.joined_on + make_interval(months => :months) AS date), NULL, NULL, NULL, 0
    FROM members m WHERE m.status = 'probationary' AND m.joined_on IS NOT NULL
     AND NOT EXISTS (SELECT FROM developments d WHERE d.person_id = m.person_id)
)"""
_STAGES: Final = ("applicant", "activist", "object", "probationary", "full", "ended")


def one(db: Connection, person_id: UUID, *, actor: Actor, on: date) -> DevelopmentView:
    """Return where somebody stands on a day; raises NotFound, Forbidden."""
    place_the_actor_may(db, "read_development", person_id, actor=actor)
    numbers, cited = _rules_on(db, on)
    row = db.execute(
        text(
            f"SELECT w.*, p.name, o.name AS branch_name FROM {_WAYS} w JOIN people p ON p.id = w.person_id"  # noqa: S608
            " JOIN organisations o ON o.id = w.branch_id WHERE w.person_id = :person"
        ),
        {"person": person_id, "months": numbers["probation"]["months"]},
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _views(db, [row], numbers, cited, on=on)[0]


def page(db: Connection, asked: DevelopmentsAsked, *, actor: Actor, on: date) -> Page:
    """Return a page of those on the way, by stage and name; raises NotFound, Forbidden, BadRequest."""
    path = path_the_actor_may(db, "read_development", asked.organisation_id, actor=actor)
    numbers, cited = _rules_on(db, on)
    values: dict[str, Any] = {
        "path": path,
        "months": numbers["probation"]["months"],
        "stages": list(_STAGES),
        "limit": asked.limit + 1,
    }
    where = ["w.stage = :stage" if asked.stage else "w.stage NOT IN ('full', 'ended')"]
    if asked.stage:
        values["stage"] = asked.stage
    if asked.cursor:
        values["place"], values["name"], values["id"] = key_in(asked.cursor, int, str, UUID)
        where.append(
            '(array_position(CAST(:stages AS text[]), w.stage), p.name COLLATE "zh-x-icu", p.id)'
            ' > (:place, :name COLLATE "zh-x-icu", CAST(:id AS uuid))'
        )
    rows = db.execute(
        text(
            "SELECT w.*, p.name, o.name AS branch_name,"  # noqa: S608 - made of constants
            " array_position(CAST(:stages AS text[]), w.stage) AS place"
            f" FROM organisations o JOIN {_WAYS} w ON w.branch_id = o.id JOIN people p ON p.id = w.person_id"
            f" WHERE {in_part('o.path')}"
            f" AND {' AND '.join(where)}"
            ' ORDER BY place, p.name COLLATE "zh-x-icu", p.id LIMIT :limit'
        ),
        values,
    ).all()
    views = {view.person_id: view for view in _views(db, rows, numbers, cited, on=on)}
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: views[row.person_id],
        key=lambda row: (row.place, row.name, row.person_id),
    )


def rules_in_force(db: Connection, *, on: date) -> Page:
    """Return the regulation's periods in force on a day."""
    rows = db.execute(
        text(
            "SELECT rule, numbers, citation, active_from, active_until FROM member_rules"
            " WHERE active_from <= :day AND (active_until IS NULL OR :day < active_until) ORDER BY rule"
        ),
        {"day": on},
    )
    return Page([MemberRuleView(**row._mapping) for row in rows])


def numbers_on(db: Connection, on: date | None) -> dict[str, dict[str, int]]:
    """Return the numbers of the rules in force on a day (the newest for None)."""
    return _rules_on(db, on)[0]


def steps_of(db: Connection, person_id: UUID) -> list[Step]:
    """Return the steps that were done and stand."""
    rows = db.execute(
        text("SELECT step, done_on, hours FROM development_steps WHERE person_id = :person AND struck_at IS NULL"),
        {"person": person_id},
    )
    return [Step(**row._mapping) for row in rows]


def way_of(row: Row[Any]) -> Way:
    """Return the way that a row of developments tells of."""
    return Way(
        stage=row.stage,
        applied_on=row.applied_on,
        activist_on=row.activist_on,
        object_on=row.object_on,
        probationary_on=row.probationary_on,
        probation_until=row.probation_until,
        extended_until=row.extended_until,
    )


def _rules_on(db: Connection, on: date | None) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    rows = db.execute(
        text(
            "SELECT DISTINCT ON (rule) rule, numbers, citation FROM member_rules WHERE CAST(:day AS date) IS NULL"
            " OR (active_from <= :day AND (active_until IS NULL OR :day < active_until))"
            " ORDER BY rule, active_from DESC"
        ),
        {"day": on},
    ).all()
    # A day before the regulation: its first numbers are the nearest there are.
    if not rows and on is not None:
        return _rules_on(db, None)
    return rules.numbers_of(rows), {row.rule: row.citation for row in rows}


def _views(
    db: Connection, rows: Any, numbers: dict[str, dict[str, int]], cited: dict[str, str], *, on: date
) -> list[DevelopmentView]:
    steps: dict[UUID, list[StepView]] = {row.person_id: [] for row in rows}
    for step in db.execute(_STEPS, {"persons": list(steps)}):
        shown = {name: value for name, value in step._mapping.items() if name != "person_id"}
        steps[step.person_id].append(StepView(**shown))
    found = []
    for row in rows:
        done = [Step(step.step, step.done_on, step.hours) for step in steps[row.person_id] if step.struck_by is None]
        lacking = rules.missing(way_of(row), done, numbers, on=on)
        found.append(
            DevelopmentView(
                person_id=row.person_id,
                name=row.name,
                branch_id=row.branch_id,
                branch_name=row.branch_name,
                stage=row.stage,
                applied_on=row.applied_on,
                activist_on=row.activist_on,
                object_on=row.object_on,
                probationary_on=row.probationary_on,
                probation_until=row.probation_until,
                extended_until=row.extended_until,
                full_on=row.full_on,
                ended_on=row.ended_on,
                next_stage=NEXT.get(row.stage),
                missing=[
                    MissingView(
                        step=what.step,
                        count=what.count,
                        not_before=what.not_before,
                        late_since=what.late_since,
                        citation=cited.get(what.rule) if what.rule else None,
                    )
                    for what in lacking
                ],
                steps=steps[row.person_id],
                version=row.version,
            )
        )
    return found


_STEPS: Final = text(
    "SELECT person_id, id, step, done_on, hours, note, recorded_by, struck_by, struck_because FROM development_steps"
    " WHERE person_id = ANY(CAST(:persons AS uuid[])) ORDER BY done_on, id"
)
