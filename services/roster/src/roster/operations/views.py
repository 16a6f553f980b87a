"""Keeping who looked at personal data: at one person's record or numbers, or at a list in which many people stand."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from chassis import clock, logs
from chassis.actors import Actor
from contracts.rights import RIGHTS, lies_in
from contracts.roster.members import MemberAsked, MemberRecord
from sqlalchemy import Connection, insert, text

from roster.queries import members
from roster.queries.organisations import in_part
from roster.queries.places import place_of
from roster.tables.privacy import list_views

RECORD: Final = "record"
"""What was looked at: the record as it is shown, its numbers masked."""

_KEEP_RECORD: Final = text(
    """
    INSERT INTO personal_views (person_id, at, by_id, by_name, by_role, by_path, fields, purpose, request_id)
    SELECT :person, :at, :by, :by_name, :by_role, :by_path, ARRAY['record'], 'other', :request
    WHERE NOT EXISTS (SELECT FROM personal_views WHERE person_id = :person AND by_id = :by AND at >= :midnight
                      AND fields = ARRAY['record'])
    """
)


def record(db: Connection, asked: MemberAsked, *, actor: Actor, at: datetime) -> MemberRecord:
    """Return a member's record, and keep that it was looked at, once a day for each who looks. Raises NotFound."""
    shown = members.record(db, asked, actor=actor)
    place = place_of(db, asked.person_id)
    if place is not None and asked.person_id != actor.person_id:
        role, path = right_by("read_member", place.path, actor=actor)
        db.execute(
            _KEEP_RECORD,
            {
                "person": asked.person_id,
                "at": at,
                "by": actor.person_id,
                "by_name": actor.name,
                "by_role": role,
                "by_path": path,
                "request": logs.request_id.get() or None,
                "midnight": at.astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0),
            },
        )
    return shown


def keep_list(
    db: Connection, kind: str, *, organisation_id: UUID, path: str, action: str, on: date, actor: Actor, at: datetime
) -> None:
    """Keep that somebody got a list of the members below an organisation as of a day; `kind` is register or export."""
    role, by_path = right_by(action, path, actor=actor)
    branches = db.execute(
        text(f"SELECT coalesce(array_agg(id), '{{}}') FROM organisations WHERE {in_part('path')}"),  # noqa: S608 - made of constants
        {"path": path},
    ).scalar_one()
    db.execute(
        insert(list_views).values(
            at=at,
            kind=kind,
            organisation_id=organisation_id,
            branches=branches,
            held_on=on,
            by_id=actor.person_id,
            by_name=actor.name,
            by_role=role,
            by_path=by_path,
            request_id=logs.request_id.get() or None,
        )
    )


def right_by(action: str, path: str, *, actor: Actor) -> tuple[str | None, str | None]:
    """Return the role, and where in the tree it lies, by which the actor may do `action` at a path."""
    for grant in actor.grants:
        if RIGHTS[action].get(grant.role) == "organisation" and lies_in(path, grant.path):
            return grant.role, grant.path
    return None, None
