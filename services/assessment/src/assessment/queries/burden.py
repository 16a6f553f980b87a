"""The burden meter: what this platform asked of branches, counted set-wise from what was really asked and filled in.

A field is *typed* when somebody wrote it, *filled* when the platform did from what it had: day, place, subject and
headcount of a visit's record, everybody on the roll whom the attendance takes as present, what a report is given.
Minutes come from a dated table, by form and typed field. A task that a record shows is that record.
"""

import json
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.assessment.burden import (
    BranchBurdenAsked,
    BranchBurdenView,
    BurdenOverviewAsked,
    BurdenOverviewView,
    BurdenRulesView,
    BurdenRuleView,
    FormBurdenView,
    FormMinutes,
    MonthBurdenView,
    PartBurdenView,
)
from sqlalchemy import Connection, Row, select, text

from assessment.domain.months import Month
from assessment.queries import compliance
from assessment.queries.boards import way_up
from assessment.queries.organisations import organisation_named, reaches_all
from assessment.tables.burden import burden_counted, burden_rules
from assessment.tables.organisations import organisations

ANY_FORM: Final = "*"
FACTS_FILLED: Final = 16
"""What stands counted beside a report for the annual review and is not typed."""

# `ids` null: every branch. A record counts in the month in which it was held, by the form as it is now.
COUNTED: Final = """
WITH forms AS (
    SELECT a.branch_id, a.kind AS form, 1 AS forms,
           (SELECT count(*) FROM jsonb_each(f.answers) e WHERE e.value NOT IN ('null', '""', '[]', '{}'))
           + num_nonnulls(f.starts_at, f.ends_at, f.host, f.recorder, f.minutes)
           + CASE WHEN a.order_id IS NULL THEN num_nonnulls(a.held_on, a.subject, a.place) ELSE 0 END
           + (SELECT count(*) FROM record_attendance r
              WHERE r.activity_id = a.id AND r.branch_id = a.branch_id AND r.state <> 'present')
           + (SELECT count(*) FROM record_decisions d WHERE d.activity_id = a.id) AS typed,
           CASE WHEN a.order_id IS NULL THEN 0 ELSE num_nonnulls(a.held_on, a.subject, a.place, a.attended) END
           + (SELECT count(*) FROM record_attendance r
              WHERE r.activity_id = a.id AND r.branch_id = a.branch_id AND r.state = 'present') AS filled,
           CAST(NULL AS integer) AS tenths
    FROM activities a JOIN record_forms f ON f.activity_id = a.id
    WHERE a.state = 'held' AND a.held_on >= :first AND a.held_on <= :last
      AND (CAST(:ids AS uuid[]) IS NULL OR a.branch_id = ANY(CAST(:ids AS uuid[])))
    UNION ALL
    SELECT t.branch_id, CASE WHEN i.version_id IS NULL THEN 'added_task' ELSE 'task' END, 1,
           greatest(i.field_count - t.fields_filled, 0), t.fields_filled,
           CASE WHEN i.field_count > 0 AND t.fields_filled >= i.field_count THEN 0 ELSE 10 * i.minutes END
    FROM tasks t JOIN list_items i ON i.id = t.item_id
    WHERE t.month = :month AND t.state <> 'exempt' AND i.evidence <> 'record'
      AND (CAST(:ids AS uuid[]) IS NULL OR t.branch_id = ANY(CAST(:ids AS uuid[])))
    UNION ALL
    SELECT p.branch_id, 'joint_part', 1, CASE WHEN p.by_name IS NULL THEN 0 ELSE 1 END, 5, NULL
    FROM joint_parts p JOIN activities a ON a.id = p.activity_id
    WHERE p.state IN ('confirmed', 'declined') AND a.held_on >= :first AND a.held_on <= :last
      AND (CAST(:ids AS uuid[]) IS NULL OR p.branch_id = ANY(CAST(:ids AS uuid[])))
    UNION ALL
    SELECT r.branch_id, 'make_up', 1, 2, 3, NULL FROM record_attendance r
    WHERE r.made_up_on >= :first AND r.made_up_on <= :last
      AND (CAST(:ids AS uuid[]) IS NULL OR r.branch_id = ANY(CAST(:ids AS uuid[])))
    UNION ALL
    SELECT v.organisation_id, 'review_report', 1, 1, :facts, NULL FROM reviews v
    JOIN organisations o ON o.id = v.organisation_id AND o.kind IN ('branch', 'joint_branch')
    WHERE v.handed_in_at >= :starts_at AND v.handed_in_at < :ends_at
      AND (CAST(:ids AS uuid[]) IS NULL OR v.organisation_id = ANY(CAST(:ids AS uuid[])))
)
SELECT f.branch_id, f.form, sum(f.forms) AS forms, sum(f.typed) AS typed, sum(f.filled) AS filled,
       sum(coalesce(f.tenths, CASE WHEN f.typed = 0 THEN 0
           ELSE (m.tenths ->> 0)::integer + f.typed * (m.tenths ->> 1)::integer END)) AS tenths
FROM forms f
CROSS JOIN LATERAL (SELECT coalesce(CAST(:minutes AS jsonb) -> f.form, CAST(:minutes AS jsonb) -> '*') AS tenths) m
GROUP BY f.branch_id, f.form
"""


def counting(db: Connection, month: Month, ids: list[UUID] | None) -> dict[str, Any]:
    """Return the values that COUNTED asks for."""
    return {
        "minutes": json.dumps(rule_on(db, month.first).minutes),
        "month": str(month),
        "first": month.first,
        "last": month.last,
        "starts_at": month.starts_at,
        "ends_at": month.ends_at,
        "facts": FACTS_FILLED,
        "ids": ids,
    }


def rule_on(db: Connection, day: date) -> Row[Any]:
    """Return the version in force on the day: the oldest one on a day before all."""
    of = burden_rules.c
    newest = select(burden_rules).where(of.effective_from <= day).order_by(of.effective_from.desc()).limit(1)
    return (
        db.execute(newest).one_or_none() or db.execute(select(burden_rules).order_by(of.effective_from).limit(1)).one()
    )


def branch(db: Connection, *, asked: BranchBurdenAsked, actor: Actor, at: datetime) -> BranchBurdenView:
    """Return what a branch was asked for in a month, counted now, and the months before as they were counted.

    Raises NotFound, Forbidden.
    """
    found = organisation_named(db, asked.branch_id)
    if found is None:
        raise NotFound()
    actor.must("read_burden", branch=found.path)
    month = Month.named(asked.month) if asked.month else Month.at(at)
    rule = rule_on(db, month.first)
    rows = db.execute(text(COUNTED), counting(db, month, [asked.branch_id])).all()
    forms = [_form(row) for row in sorted(rows, key=lambda row: (-row.tenths, row.form))]
    now = MonthBurdenView(
        month=str(month),
        typed=sum(one.typed for one in forms),
        filled=sum(one.filled for one in forms),
        minutes=sum(int(row.tenths) for row in rows) / 10,
    )
    trend = _trend(db, found.path, month, per_branch=False)
    return BranchBurdenView(
        branch_id=found.id,
        branch_name=found.name,
        month=str(month),
        ceiling_minutes=rule.ceiling_minutes,
        is_over=now.minutes > rule.ceiling_minutes,
        typed=now.typed,
        filled=now.filled,
        minutes=now.minutes,
        forms=forms,
        trend=[*(one for one in trend if one.month != now.month), now],
        citation=rule.citation,
        is_compliant=compliance.is_on(db, at),
    )


def overview(db: Connection, *, asked: BurdenOverviewAsked, actor: Actor, at: datetime) -> BurdenOverviewView:
    """Return what the parts directly below an organisation were asked for, as it was counted; averages of a branch.

    Raises NotFound, Forbidden.
    """
    paths = actor.paths_for("read_burden_overview")
    if not paths:
        raise Forbidden()
    above = None
    if asked.organisation_id is not None:
        above = organisation_named(db, asked.organisation_id)
        if above is None:
            raise NotFound()
        actor.must("read_burden_overview", organisation=above.path)
    else:
        above = db.execute(select(organisations).where(organisations.c.path == sorted(paths)[0])).one_or_none()
    month = Month.named(asked.month) if asked.month else Month.at(at)
    rule = rule_on(db, month.first)
    if above is None:
        raise NotFound()
    values = {"id": above.id, "path": above.path, "month": str(month), "ceiling": 10 * rule.ceiling_minutes}
    parts = [_part(row) for row in db.execute(_PARTS, values)]
    forms = db.execute(_FORMS, values).all()
    return BurdenOverviewView(
        organisation_id=above.id,
        name=above.name,
        parent_id=way_up(db, "read_burden_overview", above, actor=actor),
        month=str(month),
        ceiling_minutes=rule.ceiling_minutes,
        counted_at=db.scalar(select(burden_counted.c.counted_at).where(burden_counted.c.month == str(month))),
        whole=next((one for one in parts if one.organisation_id == above.id), None),
        parts=[one for one in parts if one.organisation_id != above.id],
        forms=[_form(row) for row in forms],
        trend=_trend(db, above.path, month, per_branch=True),
        is_compliant=compliance.is_on(db, at),
    )


def all_rules(db: Connection, *, actor: Actor, at: datetime) -> BurdenRulesView:
    """Return every version of the ceiling and the minutes, newest first. Raises Forbidden."""
    if not actor.paths_for("read_burden_rules"):
        raise Forbidden()
    today = clock.today(at)
    now = rule_on(db, today).effective_from
    views = []
    for row in db.execute(select(burden_rules).order_by(burden_rules.c.effective_from.desc())):
        form, field = row.minutes[ANY_FORM]
        views.append(
            BurdenRuleView(
                effective_from=row.effective_from,
                ceiling_minutes=row.ceiling_minutes,
                form_tenths=form,
                field_tenths=field,
                forms=[FormMinutes(name, *cost) for name, cost in sorted(row.minutes.items()) if name != ANY_FORM],
                citation=row.citation,
                state="in_force" if row.effective_from == now else "to_come" if row.effective_from > today else "past",
                set_at=row.set_at,
                set_by=row.set_by_name,
            )
        )
    return BurdenRulesView(versions=views, may_set=reaches_all(db, actor.paths_for("set_burden_rule")))


# The organisation itself and the parts directly below it; a branch that was asked nothing counts as well.
_PARTS: Final = text(
    """
SELECT p.id AS organisation_id, p.name, p.kind, c.* FROM organisations p
CROSS JOIN LATERAL (
    SELECT count(*) AS branches, coalesce(avg(coalesce(m.typed, 0)), 0) AS typed,
           coalesce(avg(coalesce(m.filled, 0)), 0) AS filled, coalesce(avg(coalesce(m.tenths, 0)), 0) / 10 AS minutes,
           count(*) FILTER (WHERE m.tenths > :ceiling) AS over
    FROM organisations b
    LEFT JOIN (SELECT branch_id, sum(typed) AS typed, sum(filled) AS filled, sum(tenths) AS tenths
               FROM burden_months WHERE month = :month GROUP BY branch_id) m ON m.branch_id = b.id
    WHERE (b.path = p.path OR (b.path >= (p.path || '.') COLLATE "C" AND b.path < (p.path || '/') COLLATE "C"))
      AND b.kind IN ('branch', 'joint_branch') AND NOT b.is_external AND NOT b.dissolved
) c
WHERE (p.id = :id OR p.parent_id = :id) AND NOT p.is_external AND NOT p.dissolved ORDER BY p.path"""
)
_BELOW: Final = """
FROM burden_months m JOIN organisations b ON b.id = m.branch_id
WHERE (b.path = CAST(:path AS text) COLLATE "C" OR (b.path >= (:path || '.') COLLATE "C"
       AND b.path < (:path || '/') COLLATE "C"))
"""
_FORMS: Final = text(
    "SELECT m.form, sum(m.forms) AS forms, sum(m.typed) AS typed, sum(m.filled) AS filled, sum(m.tenths) AS tenths"
    + _BELOW
    + "AND m.month = :month GROUP BY m.form ORDER BY sum(m.tenths) DESC, m.form"
)
_TREND: Final = text(
    "SELECT m.month, sum(m.typed) AS typed, sum(m.filled) AS filled, sum(m.tenths) AS tenths,"
    " count(DISTINCT m.branch_id) AS branches"
    + _BELOW
    + "AND m.month > :from AND m.month <= :month GROUP BY m.month ORDER BY m.month"
)


def _trend(db: Connection, path: str, month: Month, *, per_branch: bool) -> list[MonthBurdenView]:
    """Return the months up to this one as they were counted; of many branches what the average one was asked."""
    before = f"{month.year - 1:04}-{month.number:02}"
    found = []
    for row in db.execute(_TREND, {"path": path, "month": str(month), "from": before}):
        by = row.branches if per_branch else 1
        found.append(
            MonthBurdenView(
                month=row.month,
                typed=round(row.typed / by),
                filled=round(row.filled / by),
                minutes=round(float(row.tenths) / 10 / by, 1),
            )
        )
    return found


def _form(row: Row[Any]) -> FormBurdenView:
    return FormBurdenView(row.form, int(row.forms), int(row.typed), int(row.filled), int(row.tenths) / 10)


def _part(row: Row[Any]) -> PartBurdenView:
    return PartBurdenView(
        organisation_id=row.organisation_id,
        name=row.name,
        kind=row.kind,
        branches=row.branches,
        typed=round(float(row.typed), 1),
        filled=round(float(row.filled), 1),
        minutes=round(float(row.minutes), 1),
        over=row.over,
    )
