"""The identities elsewhere that are bound to an account."""

from uuid import UUID

from chassis.actors import Actor
from contracts.roster.identity_providers import IdentitiesAsked, IdentitiesView, IdentityView
from sqlalchemy import Connection, text

from roster.queries.accounts import person_of


def of(db: Connection, person_id: UUID) -> IdentitiesView:
    """Return all that are bound to a person's account."""
    rows = db.execute(
        text(
            "SELECT e.id, e.provider, e.issuer, e.subject, e.bound_at, p.name AS bound_by_name, e.last_used_at"
            " FROM external_identities e LEFT JOIN people p ON p.id = e.bound_by"
            " WHERE e.person_id = :person ORDER BY e.bound_at, e.id"
        ),
        {"person": person_id},
    )
    return IdentitiesView([IdentityView(**row._mapping) for row in rows])


def of_somebody(db: Connection, asked: IdentitiesAsked, *, actor: Actor) -> IdentitiesView:
    """Return those of a person of the actor's part of the tree; raises NotFound, Forbidden."""
    return of(db, person_of(db, asked.person_id, action="read_accounts", actor=actor).id)
