"""The copy of roster's tree, kept from what roster tells."""

from contracts.envelope import Event
from contracts.roster.organisations import OrganisationChanged
from sqlalchemy import Connection, text

_REMEMBER = text("""
INSERT INTO organisations
    (id, code, name, kind, field, path, parent_id, secretary_id, is_external, dissolved, members, version)
VALUES (:id, :code, :name, :kind, :field, :path, :parent_id, :secretary_id, :is_external, :dissolved, :members,
        :version)
ON CONFLICT (id) DO UPDATE
   SET code = excluded.code, name = excluded.name, kind = excluded.kind, field = excluded.field, path = excluded.path,
       parent_id = excluded.parent_id, secretary_id = excluded.secretary_id, is_external = excluded.is_external,
       dissolved = excluded.dissolved, members = excluded.members, version = excluded.version
 WHERE organisations.version < excluded.version
""")

_RENAME_KEEPER = text("""
UPDATE sites
   SET managing_organisation = :name, managing_path = :path, version = version + 1
 WHERE managing_organisation_id = :id AND (managing_organisation, managing_path) IS DISTINCT FROM (:name, :path)
""")


def remember(db: Connection, event: Event) -> None:
    """Write the organisation as it stands after the change, unless a later state is known already."""
    organisation: OrganisationChanged = event.data
    state = {
        "id": organisation.id,
        "code": organisation.code,
        "name": organisation.name,
        "kind": organisation.kind,
        "field": organisation.field,
        "path": organisation.path,
        "parent_id": organisation.parent_id,
        "secretary_id": organisation.secretary_id,
        "is_external": organisation.is_external,
        "dissolved": organisation.dissolved,
        "members": organisation.members_full + organisation.members_probationary,
        "version": event.version,
    }
    if db.execute(_REMEMBER, state).rowcount:
        db.execute(_RENAME_KEEPER, state)
