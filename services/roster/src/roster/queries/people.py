"""Who a person is, and what they may do where."""

from datetime import date
from typing import Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.roster.sessions import GrantView, MeView
from sqlalchemy import Connection, text

# A right comes with a grant that is in force, with the post of secretary, or with being a member: one who leaves the
# post or the branch has lost it with the next token. A deputy's grant counts while who named them holds the post.
_ROLES: Final = text(
    """
    SELECT held.role, o.path, o.id AS organisation_id, o.name AS organisation_name,
           CASE WHEN bool_or(held.active_until IS NULL) THEN NULL ELSE max(held.active_until) END AS active_until
    FROM (
        SELECT g.role, g.organisation_id, g.active_until FROM grants g
        WHERE g.person_id = :person AND g.ended_at IS NULL
          AND g.active_from <= :on AND (g.active_until IS NULL OR g.active_until > :on)
          AND (g.role <> 'secretary' OR g.granted_by IS NULL OR EXISTS (
              SELECT FROM posts p WHERE p.person_id = g.granted_by AND p.organisation_id = g.organisation_id
              AND p.post = 'secretary' AND p.held_until IS NULL))
        UNION ALL
        SELECT 'secretary', organisation_id, NULL FROM posts
        WHERE person_id = :person AND post = 'secretary' AND held_until IS NULL
        UNION ALL
        SELECT 'member', branch_id, NULL FROM members WHERE person_id = :person
    ) held JOIN organisations o ON o.id = held.organisation_id
    GROUP BY held.role, o.path, o.id, o.name
    ORDER BY o.path, held.role
    """
)


def roles_of(db: Connection, person_id: UUID, *, on: date) -> list[GrantView]:
    """Return every role that the person holds on a day, with its node of the tree."""
    return [GrantView(**row._mapping) for row in db.execute(_ROLES, {"person": person_id, "on": on})]


def me(db: Connection, *, actor: Actor, on: date) -> MeView:
    """Return the signed-in person with their roles as they stand now; raises NotFound."""
    row = db.execute(
        text(
            "SELECT p.id, p.name, b.id AS branch_id, b.name AS branch_name, a.username, a.password_set_at,"
            " f.confirmed_at IS NOT NULL AS has_second_factor FROM people p"
            " LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations b ON b.id = m.branch_id"
            " LEFT JOIN accounts a ON a.person_id = p.id LEFT JOIN second_factors f ON f.person_id = p.id"
            " WHERE p.id = :person"
        ),
        {"person": actor.person_id},
    ).one_or_none()
    if row is None:
        raise NotFound()
    return MeView(
        person_id=row.id,
        name=row.name,
        roles=[] if actor.first else roles_of(db, row.id, on=on),
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        username=row.username,
        password_set_at=row.password_set_at,
        has_second_factor=row.has_second_factor,
        first=actor.first,
    )
