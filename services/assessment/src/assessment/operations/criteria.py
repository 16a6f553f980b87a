"""Criteria of on-site rounds (A9): written down by versions, which are never changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.rounds import (
    CriteriaHeading,
    CriteriaVersionsAsked,
    CriteriaView,
    MakeCriteria,
    MakeCriteriaVersion,
)
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from assessment.queries.criteria import criteria_whole
from assessment.queries.organisations import organisation_named
from assessment.queries.task_lists import must_for
from assessment.tables.rounds import criteria, criteria_headings, criteria_items, criteria_versions

WEIGHTS_TOGETHER = 100


class CriteriaNameTaken(Refusal):
    """There are criteria named “{name}” already."""


def make(db: Connection, *, asked: MakeCriteria, actor: Actor, at: datetime) -> CriteriaView:
    """Write criteria down with their first version. Raises CriteriaNameTaken, NotFound, Forbidden, InvalidInput."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("make_criteria", organisation=organisation.path)
    _must_be_right(asked.headings)
    criteria_id = uuid4()
    new = insert_or_not(criteria).values(
        id=criteria_id, name=asked.name, kind=asked.kind, organisation_id=asked.organisation_id
    )
    if db.execute(new.on_conflict_do_nothing(index_elements=["name"])).rowcount == 0:
        raise CriteriaNameTaken(name=asked.name)
    _write(db, criteria_id, 1, asked, actor=actor, at=at)
    return criteria_whole(db, asked=CriteriaVersionsAsked(criteria_id), actor=actor, at=at)


def make_version(db: Connection, *, asked: MakeCriteriaVersion, actor: Actor, at: datetime) -> CriteriaView:
    """Write the next version of criteria. Raises NotFound, Forbidden, InvalidInput."""
    found = db.execute(select(criteria).where(criteria.c.id == asked.criteria_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound()
    must_for(db, "make_criteria", found.organisation_id, actor=actor)
    _must_be_right(asked.headings)
    newest = select(func.max(criteria_versions.c.number)).where(criteria_versions.c.criteria_id == found.id)
    _write(db, found.id, (db.execute(newest).scalar() or 0) + 1, asked, actor=actor, at=at)
    return criteria_whole(db, asked=CriteriaVersionsAsked(found.id), actor=actor, at=at)


def _must_be_right(headings: Sequence[CriteriaHeading]) -> None:
    faults: dict[str, list[str]] = {}
    if sum(heading.weight for heading in headings) != WEIGHTS_TOGETHER:
        faults["headings"] = ["The weights of the headings must be 100 together."]
    for number, heading in enumerate(headings):
        for place, item in enumerate(heading.items):
            if (item.full_marks * 2) % 1:
                faults[f"headings.{number}.items.{place}.full_marks"] = ["Marks go by halves."]
    if faults:
        raise InvalidInput(faults)


def _write(
    db: Connection,
    criteria_id: UUID,
    number: int,
    asked: MakeCriteria | MakeCriteriaVersion,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    version_id = uuid4()
    who = {"made_at": at, "made_by_id": actor.person_id, "made_by": actor.name}
    db.execute(
        insert(criteria_versions).values(
            id=version_id, criteria_id=criteria_id, number=number, citation=asked.citation, **who
        )
    )
    numbered = list(enumerate(asked.headings, start=1))
    db.execute(
        insert(criteria_headings),
        [{"version_id": version_id, "number": n, "name": one.name, "weight": one.weight} for n, one in numbered],
    )
    rows = [
        {
            "id": uuid4(),
            "version_id": version_id,
            "heading": heading_number,
            "number": place,
            "text": item.text,
            "full_marks": item.full_marks,
            "evidence": item.evidence,
            "deduction": item.deduction,
        }
        for heading_number, heading in numbered
        for place, item in enumerate(heading.items, start=1)
    ]
    db.execute(insert(criteria_items), rows)
