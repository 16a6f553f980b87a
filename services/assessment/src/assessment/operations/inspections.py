"""Inspections (A9): spot checks, a superior's, those of a draw; each registers the problems that it found."""

from datetime import date, datetime
from uuid import uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.inspections import InspectionAsked, InspectionView, RecordInspection
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.samples import DRAWN
from assessment.operations.problems import register
from assessment.queries import inspections as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.problem_kinds import is_active
from assessment.queries.scopes import must_judge
from assessment.tables.problems import inspections, sample_entries, samples


class NotDrawn(Refusal):
    """This organisation was not drawn; a spot check may go anywhere."""


class InspectedAlready(Refusal):
    """The inspection of this organisation in this draw is written down already."""


class SampleNotOpen(Refusal):
    """This draw is {state}; inspections are written down between the draw and its bulletin."""


def record(db: Connection, *, asked: RecordInspection, actor: Actor, at: datetime) -> InspectionView:
    """Write down an inspection. Raises NotDrawn, InspectedAlready, SampleNotOpen, InvalidInput, NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    must_judge(db, actor, "record_inspection", organisation_id=organisation.id, path=organisation.path)
    _must_be_right(db, asked, at=at)
    if asked.sample_id is not None:
        _must_be_drawn(db, asked)
    inspection_id = uuid4()
    new = insert(inspections).values(
        id=inspection_id,
        source=asked.source,
        organisation_id=asked.organisation_id,
        sample_id=asked.sample_id,
        held_on=asked.held_on,
        inspector=asked.inspector,
        basis=asked.basis,
        notes=asked.notes,
        recorded_at=at,
        by_id=actor.person_id,
        by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing().returning(inspections.c.id)).first() is None:
        raise InspectedAlready()
    for finding in asked.findings:
        register(
            db,
            organisation_id=asked.organisation_id,
            kind=finding.kind,
            text=finding.text,
            found_on=asked.held_on,
            found_by=asked.inspector,
            source=asked.source,
            source_id=inspection_id,
            by_id=actor.person_id,
            at=at,
        )
    return shown.inspection(db, asked=InspectionAsked(inspection_id), actor=actor, at=at)


def _must_be_right(db: Connection, asked: RecordInspection, *, at: datetime) -> None:
    faults: dict[str, list[str]] = {}
    if asked.held_on > clock.today(at):
        faults["held_on"] = ["The day lies ahead."]
    if (asked.source in ("supervision", "sampling")) != (asked.sample_id is not None):
        faults["sample_id"] = ["An inspection of a draw names the draw; another one names none."]
    kinds = [finding.kind for finding in asked.findings]
    if len(set(kinds)) < len(kinds):
        faults["findings"] = ["One stands twice."]
    for position, kind in enumerate(kinds):
        if not is_active(db, kind, on=asked.held_on):
            faults[f"findings.{position}.kind"] = [f"Not known: {kind}."]
    if faults:
        raise InvalidInput(faults)


def _must_be_drawn(db: Connection, asked: RecordInspection) -> None:
    sample = db.execute(select(samples).where(samples.c.id == asked.sample_id).with_for_update(read=True)).one_or_none()
    if sample is None:
        raise NotFound()
    faults: dict[str, list[str]] = {}
    if sample.kind != asked.source:
        faults["source"] = ["The draw is of another kind."]
    if not _begins(sample.drawn_at, sample.from_day) <= asked.held_on <= sample.until_day:
        faults["held_on"] = ["The day lies within those of the draw."]
    if sample.state != DRAWN:
        raise SampleNotOpen(state=sample.state)
    if faults:
        raise InvalidInput(faults)
    of = sample_entries.c
    drawn = select(of.is_drawn).where(of.sample_id == sample.id, of.organisation_id == asked.organisation_id)
    if not db.scalar(drawn):
        raise NotDrawn()


def _begins(drawn_at: datetime | None, from_day: date) -> date:
    return max(from_day, clock.today(drawn_at)) if drawn_at else from_day
