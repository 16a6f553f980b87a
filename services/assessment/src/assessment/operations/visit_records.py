"""The record that a visit writes by itself: the theme day's form with theme, times, hours and who checked in."""

from types import SimpleNamespace
from typing import Final
from uuid import UUID

from contracts.assessment.record_templates import RECORD_TEMPLATES
from contracts.assessment.records import AttendanceGiven
from contracts.sites.events import VisitClosed
from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.activities import THEME_DAY
from assessment.domain.months import SHANGHAI
from assessment.domain.records import PRESENT, clock_faults, hours_of
from assessment.operations.attendance import attend
from assessment.queries.record_rules import rules_on
from assessment.queries.records import attendance_of, missing_of, roll_of
from assessment.tables.records import record_forms

TEMPLATE: Final = RECORD_TEMPLATES[THEME_DAY]
THEMES: Final = dict(next(field for field in TEMPLATE.fields if field.name == "theme").choices)


def fill_by_visit(db: Connection, activity_id: UUID, *, visit: VisitClosed) -> None:
    """Write the form of the visit's theme day, as far as the visit tells it; the branch completes the rest.

    People who checked in and are not on the branch's roll are no part of its attendance; the headcount counts them.
    """
    starts_at = visit.starts_at.astimezone(SHANGHAI) if visit.starts_at else None
    ends_at = visit.ends_at.astimezone(SHANGHAI) if visit.ends_at else None
    if clock_faults(visit.visit_on, starts_at, ends_at):
        starts_at = ends_at = None  # one that lasts past midnight has its day alone
    answers = {"theme": visit.theme} if visit.theme in THEMES else {}
    lesson = rules_on(db, visit.visit_on).lesson_minutes
    form = insert(record_forms).values(
        activity_id=activity_id,
        template_version=TEMPLATE.version,
        starts_at=starts_at,
        ends_at=ends_at,
        answers=answers,
        people={},
        missing=0,
        hours=hours_of(starts_at, ends_at, lesson_minutes=lesson),
        corrected=False,
        version=1,
    )
    if db.execute(form.on_conflict_do_nothing().returning(record_forms.c.version)).first() is None:
        return
    on_roll = {one.person_id for one in roll_of(db, visit.branch_id)}
    came = [AttendanceGiven(person_id=one, state=PRESENT) for one in dict.fromkeys(visit.member_ids) if one in on_roll]
    attend(db, came, record_id=activity_id, branch_id=visit.branch_id)
    # The visit may be heard of before its branch is, so the record is not read back.
    told = SimpleNamespace(branch_id=visit.branch_id, subject=visit.programme, place=visit.site_name, answers=answers)
    missing = missing_of(told, TEMPLATE, attendance_of(db, activity_id))
    db.execute(update(record_forms).where(record_forms.c.activity_id == activity_id).values(missing=len(missing)))
