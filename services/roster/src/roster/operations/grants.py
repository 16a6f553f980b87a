"""Giving a role for some days, and ending it. Both count from the person's next token on."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.rights import MAY_GRANT, ROLES_FOR_DAYS, lies_in
from contracts.roster.grants import EndGrant, GrantRecord, GrantRole
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.grants import (
    GrantedAlready,
    GrantEnded,
    NotTheSecretary,
    NotToOneself,
    NotYoursToGive,
    PersonUnknown,
    faults_of_days,
)
from roster.queries import grants as queries
from roster.tables.identity import grants

DEPUTY: Final = "secretary"


def grant(db: Connection, asked: GrantRole, *, actor: Actor, at: datetime) -> GrantRecord:
    """Grant a role to a person of one's own part of the tree.

    Raises NotFound, Forbidden, TokenTooOld, NotYoursToGive, NotToOneself, PersonUnknown, NotTheSecretary, InvalidInput
    at the days, and GrantedAlready when the role is held there for some of them.
    """
    path = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": asked.organisation_id}).scalar()
    if path is None:
        raise NotFound()
    if not actor.may("grant_role", organisation=path):
        raise Forbidden()
    actor.must_be_fresh(at)
    parts = [
        held.path for held in actor.grants if asked.role in MAY_GRANT.get(held.role, ()) and lies_in(path, held.path)
    ]
    if not parts:
        raise NotYoursToGive(role=asked.role)
    if asked.person_id == actor.person_id:
        raise NotToOneself()
    name = queries.name_within(db, asked.person_id, parts=parts)
    if name is None:
        raise PersonUnknown()
    if asked.role == DEPUTY and not _holds_the_post(db, actor.person_id, asked.organisation_id):
        raise NotTheSecretary()
    today = clock.today(at)
    first = asked.active_from or today
    faults = faults_of_days(
        first=first, until=asked.active_until, is_for_days=asked.role in ROLES_FOR_DAYS, today=today
    )
    if faults:
        raise InvalidInput(faults)
    # The database referees days that overlap: of two who grant the same at the same time one is told.
    granted = db.execute(
        insert(grants)
        .values(
            id=uuid4(),
            person_id=asked.person_id,
            role=asked.role,
            organisation_id=asked.organisation_id,
            active_from=first,
            active_until=asked.active_until,
            ground=asked.ground,
            granted_at=at,
            granted_by=actor.person_id,
        )
        .on_conflict_do_nothing()
        .returning(grants.c.id)
    ).scalar()
    if granted is None:
        raise GrantedAlready(name=name)
    return queries.one(db, granted, actor=actor, on=today)


def end(db: Connection, asked: EndGrant, *, actor: Actor, at: datetime) -> GrantRecord:
    """End a grant; it stays on record. Raises NotFound, TokenTooOld, NotYoursToGive, NotToOneself, GrantEnded."""
    today = clock.today(at)
    held = queries.one(db, asked.grant_id, actor=actor, on=today)
    actor.must_be_fresh(at)
    if held.person_id == actor.person_id:
        raise NotToOneself()
    if not queries.may_end(held.role, queries.path_of(db, held.organisation_id), actor=actor):
        raise NotYoursToGive(role=held.role)
    ended = db.execute(
        text(
            "UPDATE grants SET ended_at = :at, ended_by = :by, ended_reason = :reason"
            " WHERE id = :id AND ended_at IS NULL AND (active_until IS NULL OR active_until > :today)"
        ),
        {"id": asked.grant_id, "at": at, "by": actor.person_id, "reason": asked.reason, "today": today},
    )
    if ended.rowcount == 0:
        raise GrantEnded()
    return queries.one(db, asked.grant_id, actor=actor, on=today)


def _holds_the_post(db: Connection, person_id: UUID, organisation_id: UUID) -> bool:
    return (
        db.execute(
            text(
                "SELECT FROM posts WHERE person_id = :person AND organisation_id = :organisation"
                " AND post = 'secretary' AND held_until IS NULL"
            ),
            {"person": person_id, "organisation": organisation_id},
        ).first()
        is not None
    )
