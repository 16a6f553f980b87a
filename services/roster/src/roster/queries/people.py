"""Who a person is, and what they may do where."""

from typing import Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.roster.sessions import GrantView, MeView
from sqlalchemy import Connection, text

# A right comes with a grant, with the post of secretary, or with being a member: one who leaves the post or the
# branch has lost it with the next token.
_ROLES: Final = text(
    """
    SELECT DISTINCT held.role, o.path, o.id AS organisation_id, o.name AS organisation_name
    FROM (
        SELECT role, organisation_id FROM grants WHERE person_id = :person
        UNION ALL
        SELECT 'secretary', organisation_id FROM posts
        WHERE person_id = :person AND post = 'secretary' AND held_until IS NULL
        UNION ALL
        SELECT 'member', branch_id FROM members WHERE person_id = :person
    ) held JOIN organisations o ON o.id = held.organisation_id
    ORDER BY o.path, held.role
    """
)


def roles_of(db: Connection, person_id: UUID) -> list[GrantView]:
    """Return every role of the person with its node of the tree."""
    return [GrantView(**row._mapping) for row in db.execute(_ROLES, {"person": person_id})]


def me(db: Connection, *, actor: Actor) -> MeView:
    """Return the signed-in person with their roles as they stand now; raises NotFound."""
    row = db.execute(
        text(
            "SELECT p.id, p.name, b.id AS branch_id, b.name AS branch_name FROM people p"
            " LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations b ON b.id = m.branch_id"
            " WHERE p.id = :person"
        ),
        {"person": actor.person_id},
    ).one_or_none()
    if row is None:
        raise NotFound()
    return MeView(
        person_id=row.id,
        name=row.name,
        roles=roles_of(db, row.id),
        branch_id=row.branch_id,
        branch_name=row.branch_name,
    )
