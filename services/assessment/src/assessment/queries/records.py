"""Records of the handbook: a branch's, one whole, whom a record may name, who missed what, which parts wait."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.record_pictures import RecordPictureView
from contracts.assessment.record_templates import (
    CONFIDENTIAL_KINDS,
    RECORD_TEMPLATES,
    Field,
    Template,
    template_in,
)
from contracts.assessment.records import (
    AbsencesAsked,
    AbsenceView,
    AttendanceView,
    DecisionView,
    PartAskedView,
    PartsAsked,
    PartView,
    RecordAsked,
    RecordChange,
    RecordLine,
    RecordRollAsked,
    RecordRollView,
    RecordsAsked,
    RecordView,
    RollPersonView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, and_, case, select, tuple_, union

from assessment.domain import records as rules
from assessment.domain.activities import DRAFT, HELD
from assessment.domain.months import Month
from assessment.domain.records import (
    ASKED,
    CONFIRMED,
    CORRECTED,
    FIXED,
    NOT_EXPECTED,
    PRESENT,
    RECORDED,
    FieldSpec,
)
from assessment.queries.organisations import organisation_named
from assessment.queries.post_holders import posts_on
from assessment.tables.activities import activities
from assessment.tables.organisations import organisations
from assessment.tables.records import (
    joint_parts,
    record_attendance,
    record_decisions,
    record_forms,
    record_history,
    record_pictures,
)
from assessment.tables.rolls import members, rolls

MISSED = (rules.LEAVE, rules.ABSENT)

_STATE = case(
    (and_(activities.c.state == HELD, record_forms.c.corrected.is_(True)), CORRECTED),
    (activities.c.state == HELD, RECORDED),
    else_=activities.c.state,
)


def of_records() -> Select[Any]:
    """Select records: the activity, its form (whose columns are null when nothing was completed), the branch's name."""
    form = [column for column in record_forms.c if column.name not in ("activity_id", "version")]
    return (
        select(
            activities,
            *form,
            record_forms.c.version.label("form_version"),
            _STATE.label("record_state"),
            organisations.c.name.label("branch_name"),
            organisations.c.path.label("path"),
        )
        .outerjoin(record_forms, record_forms.c.activity_id == activities.c.id)
        .join(organisations, organisations.c.id == activities.c.branch_id)
    )


def records_of(db: Connection, *, asked: RecordsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of a branch's records; its drafts only for who writes them. Raises NotFound, Forbidden."""
    branch = branch_the_actor_may(db, "read_records", asked.branch_id, actor=actor)
    part = joint_parts.alias()
    its_part = and_(part.c.activity_id == activities.c.id, part.c.branch_id == asked.branch_id)
    ids = union(
        select(activities.c.id).where(activities.c.branch_id == asked.branch_id),
        select(joint_parts.c.activity_id).where(
            joint_parts.c.branch_id == asked.branch_id, joint_parts.c.state.in_((ASKED, CONFIRMED))
        ),
    ).subquery()
    rows = (
        of_records()
        .add_columns(part.c.state.label("part"), part.c.attended.label("part_attended"), part.c.told)
        .outerjoin(part, its_part)
        .where(activities.c.id.in_(select(ids.c.id)), activities.c.held_on.is_not(None))
        .order_by(activities.c.held_on.desc(), activities.c.id.desc())
        .limit(asked.limit + 1)
    )
    if asked.state is None:
        rows = rows.where(activities.c.state != rules.CANCELLED)
    else:
        rows = rows.where(_STATE.in_((asked.state,)))
    if not actor.may("write_record", branch=branch.path):
        rows = rows.where(activities.c.state != DRAFT, activities.c.subject.is_not(None))
    if not actor.may("read_absences", branch=branch.path):
        rows = rows.where(activities.c.kind.not_in(CONFIDENTIAL_KINDS))
    if asked.year:
        rows = rows.where(activities.c.held_on.between(date(asked.year, 1, 1), date(asked.year, 12, 31)))
    if asked.template:
        rows = rows.where(activities.c.kind == asked.template)
    if asked.heading:
        codes = [code for code, template in RECORD_TEMPLATES.items() if template.heading == asked.heading]
        rows = rows.where(activities.c.kind.in_(codes))
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(tuple_(activities.c.held_on, activities.c.id) < after)
    return page_of(
        db.execute(rows).all(),
        limit=asked.limit,
        view=lambda row: _line(row, branch_id=asked.branch_id),
        key=lambda row: (row.held_on, row.id),
    )


def record(db: Connection, *, asked: RecordAsked, actor: Actor, at: datetime) -> RecordView:
    """Return one record, to its branch and to those that took part; a confidential one to who keeps or checks it.

    Raises NotFound, Forbidden.
    """
    row = record_named(db, asked.record_id)
    paths = [row.path]
    if row.state == DRAFT:
        if not actor.may("write_record", branch=row.path):
            raise NotFound()
    else:
        took_part = and_(joint_parts.c.activity_id == row.id, joint_parts.c.state.in_((ASKED, CONFIRMED)))
        paths += db.scalars(
            select(organisations.c.path)
            .join(joint_parts, joint_parts.c.branch_id == organisations.c.id)
            .where(took_part)
        ).all()
        if not any(actor.may("read_records", branch=path) for path in paths):
            actor.must("read_records", branch=row.path)
        if row.kind in CONFIDENTIAL_KINDS:
            actor.must("read_absences", branch=row.path)
    return view_of(db, row, actor=actor)


def record_named(db: Connection, record_id: UUID) -> Row[Any]:
    """Return the row of a record (of `of_records`). Raises NotFound; a cancelled plan without a day is none."""
    row = db.execute(of_records().where(activities.c.id == record_id, activities.c.held_on.is_not(None))).one_or_none()
    if row is None:
        raise NotFound()
    return row


def branch_the_actor_may(db: Connection, action: str, branch_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the branch's row. Raises NotFound for an unknown one, Forbidden."""
    branch = organisation_named(db, branch_id)
    if branch is None:
        raise NotFound()
    actor.must(action, branch=branch.path)
    return branch


def records_in_year(db: Connection, branch_id: UUID, year: int, *, most: int) -> list[RecordView]:
    """Return what a branch recorded of a year by itself, oldest first, as who keeps its records sees it."""
    rows = (
        of_records()
        .where(
            activities.c.branch_id == branch_id,
            activities.c.state == HELD,
            activities.c.held_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(activities.c.held_on, activities.c.id)
        .limit(most)
    )
    return [view_of(db, row, actor=None) for row in db.execute(rows).all()]


def view_of(db: Connection, row: Row[Any], *, actor: Actor | None) -> RecordView:
    """Return the whole record of a row, with as much of who attended as the actor may see.

    No actor is the branch's own book: all of its own people, none of the others'.
    """
    template = template_of(row)
    came = attendance_of(db, row.id)
    parts = _parts(db, row.id)
    changes = db.execute(
        select(record_history).where(record_history.c.activity_id == row.id).order_by(record_history.c.version)
    ).all()
    if actor is None:
        shown = [_attendance(one, reasons=True) for one in came if one.branch_id == row.branch_id]
    else:
        leads = actor.may("read_records", branch=row.path)
        seen = [one for one in came if leads or _is_of_a_part(one, parts, actor)]
        shown = [_attendance(one, reasons=_sees_reasons(one, row.path, parts, actor)) for one in seen]
    decisions = db.execute(
        select(record_decisions).where(record_decisions.c.activity_id == row.id).order_by(record_decisions.c.number)
    )
    return RecordView(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        template=row.kind,
        template_version=template.version,
        state=row.record_state,
        held_on=row.held_on,
        subject=row.subject,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        host=row.host,
        recorder=row.recorder,
        minutes=row.minutes,
        answers=row.answers or {},
        people=row.people or {},
        attended=row.attended,
        hours=row.hours or 0,
        order_id=row.order_id,
        missing=missing_of(row, template, came),
        fixed=[*FIXED] if row.order_id else [],
        remarks=_remarks(row, template, came),
        attendance=shown,
        decisions=[DecisionView(one.number, one.text, one.owner, one.due_on) for one in decisions],
        parts=[_part(part) for part in parts],
        changes=[RecordChange(one.version, one.move, one.at, one.by_name, one.reason) for one in changes],
        recorded_at=row.recorded_at,
        version=row.form_version or 0,
        pictures=_pictures(db, row.id),
    )


def template_of(row: Row[Any]) -> Template:
    """Return the template of a record's row in the version it was written on; the newest when nothing was written."""
    if row.template_version is None:
        return RECORD_TEMPLATES[row.kind]
    return template_in(row.kind, row.template_version)


def specs_of(fields: tuple[Field, ...]) -> tuple[FieldSpec, ...]:
    """Return a template's fields as the rules judge them."""
    return tuple(
        FieldSpec(
            field.name,
            field.kind,
            field.required,
            tuple(code for code, _ in field.choices),
            specs_of(field.columns),
        )
        for field in fields
    )


def missing_of(row: Any, template: Template, came: list[Any]) -> list[str]:
    """Return the names of what the template needs of a record and what is still empty in it."""
    found = [name for name in ("subject", *sorted(template.needs)) if rules.is_empty(getattr(row, name))]
    if template.attendance and not any(one.state == PRESENT for one in came if one.branch_id == row.branch_id):
        found.append("attendance")
    return found + rules.missing_in(specs_of(template.fields), row.answers or {})


def attendance_of(db: Connection, record_id: UUID) -> list[Row[Any]]:
    """Return who attended a record and how, by branch and name."""
    order = (record_attendance.c.branch_id, record_attendance.c.name, record_attendance.c.person_id)
    return list(
        db.execute(select(record_attendance).where(record_attendance.c.activity_id == record_id).order_by(*order)).all()
    )


def roll(db: Connection, *, asked: RecordRollAsked, actor: Actor, at: datetime) -> RecordRollView:
    """Return whom a record of the branch may name. Raises NotFound, Forbidden."""
    branch_the_actor_may(db, "write_record", asked.branch_id, actor=actor)
    today = clock.today(at)
    is_told = db.scalar(select(rolls.c.branch_id).where(rolls.c.branch_id == asked.branch_id)) is not None
    posts: dict[UUID, list[str]] = {}
    for row in posts_on(db, asked.branch_id, today):
        posts.setdefault(row.member_id, []).append(row.post)
    people = [
        RollPersonView(
            person_id=row.person_id,
            name=row.name,
            status=row.status,
            state=row.state,
            group=row.party_group,
            facts=[fact["fact"] for fact in row.facts if _is_on(fact, today)],
            posts=posts.get(row.person_id, []),
        )
        for row in roll_of(db, asked.branch_id)
    ]
    return RecordRollView(branch_id=asked.branch_id, as_told=is_told, people=people)


def roll_of(db: Connection, branch_id: UUID) -> list[Row[Any]]:
    """Return the members of a branch as roster last told them, by group and name."""
    order = (members.c.party_group.asc().nulls_first(), members.c.name, members.c.person_id)
    return list(db.execute(select(members).where(members.c.branch_id == branch_id).order_by(*order)).all())


def absences(db: Connection, *, asked: AbsencesAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of who of the branch missed what. Raises NotFound, Forbidden."""
    branch_the_actor_may(db, "read_absences", asked.branch_id, actor=actor)
    today = clock.today(at)
    of = record_attendance.c
    key = (activities.c.held_on, activities.c.id, of.person_id)
    rows = (
        select(activities.c.kind, activities.c.held_on, activities.c.subject, record_attendance)
        .join(activities, activities.c.id == of.activity_id)
        .where(of.branch_id == asked.branch_id, of.state.in_(MISSED), activities.c.state == HELD)
        .order_by(*(column.desc() for column in key))
        .limit(asked.limit + 1)
    )
    if asked.open:
        rows = rows.where(of.make_up_by.is_not(None), of.made_up_on.is_(None))
    if asked.year:
        rows = rows.where(activities.c.held_on.between(date(asked.year, 1, 1), date(asked.year, 12, 31)))
    if asked.cursor:
        rows = rows.where(tuple_(*key) < key_in(asked.cursor, date.fromisoformat, UUID, UUID))
    return page_of(
        db.execute(rows).all(),
        limit=asked.limit,
        view=lambda row: _absence(row, today=today),
        key=lambda row: (row.held_on, row.activity_id, row.person_id),
    )


def parts_asked(db: Connection, *, asked: PartsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the joint records that wait for the branch's word. Raises NotFound, Forbidden."""
    branch_the_actor_may(db, "read_records", asked.branch_id, actor=actor)
    key = (joint_parts.c.silent_from, joint_parts.c.activity_id)
    rows = (
        select(
            joint_parts,
            *(activities.c[name] for name in ("kind", "held_on", "subject", "place")),
            activities.c.branch_id.label("leading_id"),
            organisations.c.name.label("leading"),
        )
        .join(activities, activities.c.id == joint_parts.c.activity_id)
        .join(organisations, organisations.c.id == activities.c.branch_id)
        .where(joint_parts.c.branch_id == asked.branch_id, joint_parts.c.state == ASKED, joint_parts.c.silent_from > at)
        .order_by(*key)
        .limit(asked.limit + 1)
    )
    if asked.cursor:
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, datetime.fromisoformat, UUID))
    return page_of(
        db.execute(rows).all(), limit=asked.limit, view=_part_asked, key=lambda row: (row.silent_from, row.activity_id)
    )


def _parts(db: Connection, record_id: UUID) -> list[Row[Any]]:
    return list(
        db.execute(
            select(joint_parts, organisations.c.name, organisations.c.path)
            .join(organisations, organisations.c.id == joint_parts.c.branch_id)
            .where(joint_parts.c.activity_id == record_id)
            .order_by(organisations.c.path, organisations.c.id)
        ).all()
    )


def _pictures(db: Connection, record_id: UUID) -> list[RecordPictureView]:
    of, where = record_pictures.c, f"/api/v1/records/{record_id}/pictures"
    rows = db.execute(select(record_pictures).where(of.activity_id == record_id).order_by(of.at, of.id))
    return [
        RecordPictureView(
            id=row.id,
            alt=row.alt,
            width=row.width,
            height=row.height,
            url=f"{where}/{row.sha256}.webp",
            thumbnail_url=f"{where}/{row.thumbnail_sha256}.webp",
        )
        for row in rows
    ]


def _is_of_a_part(one: Row[Any], parts: list[Row[Any]], actor: Actor) -> bool:
    return any(one.branch_id == part.branch_id and actor.may("read_records", branch=part.path) for part in parts)


def _sees_reasons(one: Row[Any], path: str, parts: list[Row[Any]], actor: Actor) -> bool:
    """Say whether the actor sees why somebody was not there: who keeps or checks their branch's records, or they."""
    of_part = next((part.path for part in parts if part.branch_id == one.branch_id), None)
    return one.person_id == actor.person_id or actor.may("read_absences", branch=of_part or path)


def _remarks(row: Row[Any], template: Template, came: list[Row[Any]]) -> list[str]:
    found = []
    own = [one for one in came if one.branch_id == row.branch_id and one.status == "full"]
    expected = [one for one in own if one.state != NOT_EXPECTED]
    present = [one for one in expected if one.state == PRESENT]
    if not rules.quorum_kept(template.quorum, came=len(present), expected=len(expected)):
        found.append("no_quorum")
    votes = (row.answers or {}).get("votes")
    if votes and not rules.is_carried(votes):
        found.append("no_majority")
    if row.state == HELD and row.recorded_at >= Month.of(row.held_on).ends_at:
        found.append("late")
    return found


def _line(row: Row[Any], *, branch_id: UUID) -> RecordLine:
    template = template_of(row)
    leads = row.branch_id == branch_id
    return RecordLine(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        template=row.kind,
        heading=template.heading,
        state=row.record_state,
        held_on=row.held_on,
        subject=row.subject,
        place=row.place,
        attended=row.attended if leads else row.part_attended or row.told,
        hours=row.hours or 0,
        leads=leads,
        part=None if leads else row.part,
        missing=len(missing_of(row, template, [])) if row.missing is None else row.missing,
        order_id=row.order_id,
        recorded_at=row.recorded_at,
        version=row.form_version or 0,
    )


def _attendance(one: Row[Any], *, reasons: bool) -> AttendanceView:
    return AttendanceView(
        branch_id=one.branch_id,
        person_id=one.person_id,
        name=one.name,
        status=one.status,
        state=one.state,
        reason=one.reason if reasons else None,
        make_up_by=one.make_up_by,
        made_up_on=one.made_up_on,
        made_up_how=one.made_up_how if reasons else None,
    )


def _part(part: Row[Any]) -> PartView:
    return PartView(
        branch_id=part.branch_id,
        branch_name=part.name,
        state=part.state,
        told=part.told,
        attended=part.attended,
        confirm_until=part.silent_from,
        decided_at=part.decided_at,
        by_silence=part.state == CONFIRMED and part.by_name is None,
        reason=part.reason,
    )


def _part_asked(row: Row[Any]) -> PartAskedView:
    return PartAskedView(
        record_id=row.activity_id,
        template=row.kind,
        held_on=row.held_on,
        subject=row.subject,
        place=row.place,
        leading_branch_id=row.leading_id,
        leading_branch=row.leading,
        told=row.told,
        confirm_until=row.silent_from,
    )


def _absence(row: Row[Any], *, today: date) -> AbsenceView:
    return AbsenceView(
        record_id=row.activity_id,
        template=row.kind,
        held_on=row.held_on,
        subject=row.subject,
        person_id=row.person_id,
        name=row.name,
        state=row.state,
        reason=row.reason,
        make_up_by=row.make_up_by,
        made_up_on=row.made_up_on,
        made_up_how=row.made_up_how,
        overdue=row.make_up_by is not None and row.made_up_on is None and row.make_up_by < today,
    )


def _is_on(fact: dict[str, Any], day: date) -> bool:
    until = fact.get("active_until")
    return bool(fact["active_from"] <= day.isoformat() and (until is None or day.isoformat() < until))
