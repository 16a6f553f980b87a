"""Criteria of on-site rounds (A9): drafted by versions, adopted by somebody else, never changed.

draft ──adopt──▶ adopted
  └──withdraw──▶ withdrawn
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.rounds import (
    AdoptCriteriaVersion,
    CriteriaHeading,
    CriteriaVersionsAsked,
    CriteriaView,
    MakeCriteria,
    MakeCriteriaVersion,
    WithdrawCriteriaVersion,
)
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from assessment.queries.criteria import criteria_whole
from assessment.queries.organisations import organisation_named
from assessment.queries.task_lists import must_for
from assessment.tables.rounds import criteria, criteria_headings, criteria_items, criteria_versions

WEIGHTS_TOGETHER: Final = 100
DRAFT: Final = "draft"
STATES: Final = {"adopt": "adopted", "withdraw": "withdrawn"}


class CriteriaNameTaken(Refusal):
    """There are criteria named “{name}” already."""


class CriteriaNotMovable(Refusal):
    """This version is {state}; it cannot be {move} any more."""


class CriteriaSameDrafter(Refusal):
    """Whoever drafted criteria does not adopt them; a second person does."""


def make(db: Connection, *, asked: MakeCriteria, actor: Actor, at: datetime) -> CriteriaView:
    """Draft criteria with their first version. Raises CriteriaNameTaken, NotFound, Forbidden, InvalidInput."""
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
    _write(db, criteria_id, asked, actor=actor, at=at)
    return criteria_whole(db, asked=CriteriaVersionsAsked(criteria_id), actor=actor, at=at)


def make_version(db: Connection, *, asked: MakeCriteriaVersion, actor: Actor, at: datetime) -> CriteriaView:
    """Draft the next version of criteria. Raises NotFound, Forbidden, InvalidInput."""
    found = _locked(db, asked.criteria_id)
    must_for(db, "make_criteria", found.organisation_id, actor=actor)
    _must_be_right(asked.headings)
    _write(db, found.id, asked, actor=actor, at=at)
    return criteria_whole(db, asked=CriteriaVersionsAsked(found.id), actor=actor, at=at)


def adopt(db: Connection, *, asked: AdoptCriteriaVersion, actor: Actor, at: datetime) -> CriteriaView:
    """Adopt a draft, which gives it its number.

    Raises CriteriaSameDrafter, CriteriaNotMovable, NotFound, Forbidden.
    """
    found, version = _drafted(db, asked.version_id)
    must_for(db, "adopt_criteria", found.organisation_id, actor=actor)
    if version.state == DRAFT and version.made_by_id == actor.person_id:
        raise CriteriaSameDrafter()
    newest = select(func.max(criteria_versions.c.number)).where(criteria_versions.c.criteria_id == found.id)
    _decide(db, version, "adopt", actor=actor, at=at, number=(db.execute(newest).scalar() or 0) + 1)
    return criteria_whole(db, asked=CriteriaVersionsAsked(found.id), actor=actor, at=at)


def withdraw(db: Connection, *, asked: WithdrawCriteriaVersion, actor: Actor, at: datetime) -> CriteriaView:
    """Put a draft away. Raises CriteriaNotMovable, NotFound, Forbidden."""
    found, version = _drafted(db, asked.version_id)
    must_for(db, "withdraw_criteria", found.organisation_id, actor=actor)
    _decide(db, version, "withdraw", actor=actor, at=at, reason=asked.reason)
    return criteria_whole(db, asked=CriteriaVersionsAsked(found.id), actor=actor, at=at)


def _locked(db: Connection, criteria_id: UUID) -> Row[Any]:
    """Return the criteria, of which nobody else writes or adopts a version meanwhile. Raises NotFound."""
    found = db.execute(select(criteria).where(criteria.c.id == criteria_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _drafted(db: Connection, version_id: UUID) -> tuple[Row[Any], Row[Any]]:
    """Return the criteria of a version, locked, and then the version. Raises NotFound."""
    of = select(criteria_versions).where(criteria_versions.c.id == version_id)
    version = db.execute(of).one_or_none()
    if version is None:
        raise NotFound()
    found = _locked(db, version.criteria_id)
    return found, db.execute(of).one()


def _decide(db: Connection, version: Row[Any], move: str, *, actor: Actor, at: datetime, **columns: Any) -> None:
    decided = db.execute(
        update(criteria_versions)
        .where(criteria_versions.c.id == version.id, criteria_versions.c.state == DRAFT)
        .values(state=STATES[move], decided_by_id=actor.person_id, decided_by=actor.name, decided_at=at, **columns)
    )
    if decided.rowcount != 1:
        raise CriteriaNotMovable(state=version.state, move=move)


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
    db: Connection, criteria_id: UUID, asked: MakeCriteria | MakeCriteriaVersion, *, actor: Actor, at: datetime
) -> None:
    version_id = uuid4()
    who = {"made_at": at, "made_by_id": actor.person_id, "made_by": actor.name}
    db.execute(
        insert(criteria_versions).values(
            id=version_id, criteria_id=criteria_id, state=DRAFT, citation=asked.citation, **who
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
