"""Admission (S14): each step is a compare-and-set on the application's state with a row of history."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.admissions import (
    AdmissionView,
    ApplyForAdmission,
    CheckAdmission,
    DecideAdmission,
    RetractAdmission,
)
from sqlalchemy import Connection, Row, insert, select, text, update

from sites.domain.admissions import APPLIED, MOVES, AdmissionNotMovable, FieldCheckFailed, SamePersonChecks
from sites.domain.geography import Point
from sites.domain.sites import ThreeSameUnchecked
from sites.operations.site_records import TRAINING_BASE, keeper_of, wgs84
from sites.operations.sites import NewSite, register_all
from sites.queries.admissions import admission, admission_for
from sites.queries.site_rules import rules_on
from sites.tables.admissions import admission_history, admissions


def apply(db: Connection, *, asked: ApplyForAdmission, actor: Actor, at: datetime) -> AdmissionView:
    """Apply for one's organisation. Raises Forbidden, OrganisationUnknown, ThreeSameUnchecked, InvalidInput."""
    keeper = keeper_of(db, asked.organisation_id)
    actor.must("apply_for_admission", organisation=keeper["managing_path"])
    if asked.kind == TRAINING_BASE:
        raise ThreeSameUnchecked()
    point = wgs84(asked.point, datum=asked.point_datum, field="point")
    admission_id = uuid4()
    kept = ("name", "category", "kind", "district", "town", "address", "point_datum", "capacity", "visit_minutes")
    db.execute(
        insert(admissions).values(
            id=admission_id,
            organisation_id=asked.organisation_id,
            organisation=keeper["managing_organisation"],
            path=keeper["managing_path"],
            **{name: getattr(asked, name) for name in kept},
            point=f"SRID=4326;POINT({point.lon!r} {point.lat!r})",
            statement=asked.statement,
            state=APPLIED,
            applied_at=at,
        )
    )
    _note(db, admission_id, "apply", APPLIED, actor=actor, at=at, reason=None)
    return admission(db, admission_id, actor=actor)


def check(db: Connection, *, asked: CheckAdmission, actor: Actor, at: datetime) -> AdmissionView:
    """Record the field check. Raises NotFound, Forbidden, AdmissionNotMovable, InvalidInput."""
    found = admission_for(db, asked.admission_id, actor=actor, action="check_admission")
    checklist = rules_on(db, clock.today(at)).checklist
    if {item.code for item in checklist} != set(asked.answers):
        raise InvalidInput({"answers": ["Answer every item of the list, and no other."]})
    answers = [
        {
            "code": item.code,
            "name": item.name,
            "name_en": item.name_en,
            "passed": asked.answers[item.code],
            "citation": item.citation,
        }
        for item in checklist
    ]
    _move(db, found, "check", actor=actor, at=at, reason=asked.note, checklist=answers)
    return admission(db, found.id, actor=actor)


def decide(db: Connection, *, asked: DecideAdmission, actor: Actor, at: datetime) -> AdmissionView:
    """Approve, which makes the site, or refuse. Raises NotFound, Forbidden, AdmissionNotMovable, FieldCheckFailed,
    SamePersonChecks."""
    # Locked before it is read: what is decided on is the newest check, not one that is being made again.
    db.execute(select(admissions.c.id).where(admissions.c.id == asked.admission_id).with_for_update())
    found = admission_for(db, asked.admission_id, actor=actor, action="decide_admission")
    if asked.decision == "refuse":
        _move(db, found, "refuse", actor=actor, at=at, reason=asked.reason)
        return admission(db, found.id, actor=actor)
    failed = [item["code"] for item in found.checklist or [] if not item["passed"]]
    if failed:
        raise FieldCheckFailed(failed=len(failed))
    if _checker(db, found.id) == actor.person_id:
        raise SamePersonChecks()
    site_id = uuid4()
    state = "open" if asked.decision == "open" else "proposed"
    register_all(db, [_site_of(found, site_id)], at=at, by=(actor.person_id, actor.name), state=state)
    _move(db, found, "approve", actor=actor, at=at, reason=asked.reason, site_id=site_id)
    return admission(db, found.id, actor=actor)


def retract(db: Connection, *, asked: RetractAdmission, actor: Actor, at: datetime) -> AdmissionView:
    """Take one's application back. Raises NotFound, Forbidden, AdmissionNotMovable."""
    found = admission_for(db, asked.admission_id, actor=actor, action="retract_admission")
    _move(db, found, "retract", actor=actor, at=at, reason=asked.reason)
    return admission(db, found.id, actor=actor)


def _move(
    db: Connection, found: Row[Any], verb: str, *, actor: Actor, at: datetime, reason: str | None, **fields: Any
) -> None:
    sources, target = MOVES[verb]
    moved = db.execute(
        update(admissions)
        .where(admissions.c.id == found.id, admissions.c.state.in_(sorted(sources)))
        .values(state=target, version=admissions.c.version + 1, **fields)
    )
    if moved.rowcount != 1:
        state = db.execute(select(admissions.c.state).where(admissions.c.id == found.id)).scalar_one()
        raise AdmissionNotMovable(state=state, move=verb)
    _note(db, found.id, verb, target, actor=actor, at=at, reason=reason)


def _note(
    db: Connection, admission_id: UUID, verb: str, state: str, *, actor: Actor, at: datetime, reason: str | None
) -> None:
    step = {"at": at, "by_id": actor.person_id, "by_name": actor.name, "reason": reason}
    db.execute(insert(admission_history).values(admission_id=admission_id, move=verb, state=state, **step))


def _checker(db: Connection, admission_id: UUID) -> UUID | None:
    """Return who checked the place last."""
    found: UUID | None = db.execute(
        text(
            "SELECT by_id FROM admission_history WHERE admission_id = :id AND move = 'check' ORDER BY id DESC LIMIT 1"
        ),
        {"id": admission_id},
    ).scalar_one_or_none()
    return found


def _site_of(found: Row[Any], site_id: UUID) -> NewSite:
    lon, lat = found.point["coordinates"]
    return NewSite(
        id=site_id,
        code=f"a-{site_id.hex[:12]}",
        name=found.name,
        category=found.category,
        kind=found.kind,
        district=found.district,
        town=found.town,
        address=found.address,
        point=Point(lon=lon, lat=lat),
        point_datum="WGS-84",
        point_source=f"准入申请（原坐标系 {found.point_datum}）",
        point_checked_on=None,
        capacity=found.capacity,
        visit_minutes=found.visit_minutes,
        hours_text=None,
        managing_organisation_id=found.organisation_id,
        managing_organisation=found.organisation,
        managing_path=found.path,
        synthetic=False,
    )
