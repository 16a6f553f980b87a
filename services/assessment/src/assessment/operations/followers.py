"""Who follows branches up, and what they note of a light (A5: somebody is made to follow each up, day by day)."""

from datetime import datetime
from uuid import uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.bulletins import (
    AssignFollower,
    FollowerAsked,
    FollowerView,
    LightFollowUpView,
    WriteFollowUp,
)
from sqlalchemy import Connection
from sqlalchemy import insert as add
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.months import Month
from assessment.queries import followers as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.scopes import member_named, places_for
from assessment.tables.bulletins import follow_ups, followers


def assign(db: Connection, *, asked: AssignFollower, actor: Actor, at: datetime) -> FollowerView:
    """Assign a person, or nobody, to the branches at and below an organisation.

    Raises NotFound, Forbidden, InvalidInput.
    """
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("assign_follower", organisation=organisation.path)
    # Whoever is assigned sees the lights and writes of them: somebody below the actor's own place.
    within = places_for(actor, "assign_follower")
    name = member_named(db, asked.person_id, below=within) if asked.person_id else None
    if asked.person_id and name is None:
        raise InvalidInput({"person_id": ["Nobody of this id is a member of a branch here."]})
    assigned = {
        "person_id": asked.person_id,
        "person_name": name,
        "set_at": at,
        "set_by_id": actor.person_id,
        "set_by": actor.name,
    }
    new = insert(followers).values(organisation_id=organisation.id, **assigned)
    db.execute(new.on_conflict_do_update(index_elements=["organisation_id"], set_=assigned))
    return shown.follower(db, asked=FollowerAsked(organisation.id), actor=actor)


def write(db: Connection, *, asked: WriteFollowUp, actor: Actor, at: datetime) -> LightFollowUpView:
    """Note how a branch's light of this month is followed up. Raises NotFound, Forbidden, InvalidInput."""
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("write_follow_up", branch=branch.path, person=shown.follower_of(db, branch.id))
    faults: dict[str, list[str]] = {}
    if not (asked.text or asked.cause or asked.plan):
        faults["text"] = ["Missing data for required field."]
    if asked.plan and asked.plan_on is None:
        faults["plan_on"] = ["Missing data for required field."]
    if asked.plan_on and not asked.plan:
        faults["plan"] = ["Missing data for required field."]
    if faults:
        raise InvalidInput(faults)
    db.execute(
        add(follow_ups).values(
            id=uuid4(),
            branch_id=branch.id,
            month=str(Month.at(at)),
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            text=asked.text,
            cause=asked.cause,
            plan=asked.plan,
            plan_on=asked.plan_on,
        )
    )
    return LightFollowUpView(at, actor.name, asked.text, asked.cause, asked.plan, asked.plan_on)
