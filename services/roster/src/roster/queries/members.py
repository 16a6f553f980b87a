"""The members of an organisation, as a list shows them."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.roster.members import MembersAsked, MemberView
from sqlalchemy import Connection, text

from roster.queries.organisations import path_the_actor_may

_PAGE: Final = """
SELECT m.person_id AS id, p.name, m.status, m.joined_on, m.synthetic,
       (SELECT post FROM posts
        WHERE organisation_id = m.branch_id AND person_id = m.person_id AND held_until IS NULL
        ORDER BY array_position(ARRAY['secretary', 'deputy_secretary', 'committee_member'], post) LIMIT 1) AS post
FROM organisations o JOIN members m ON m.branch_id = o.id JOIN people p ON p.id = m.person_id
WHERE (o.path = :path OR (o.path > :path || '.' AND o.path < :path || '/'))
  AND (CAST(:id AS uuid) IS NULL OR (p.name COLLATE "zh-x-icu", p.id) > (:name COLLATE "zh-x-icu", CAST(:id AS uuid)))
ORDER BY p.name COLLATE "zh-x-icu", p.id
LIMIT :limit
"""


def page(db: Connection, asked: MembersAsked, *, actor: Actor) -> Page:
    """Return a page of the members in the order of a Chinese dictionary; raises NotFound, Forbidden, BadRequest."""
    path = path_the_actor_may(db, "read_members", asked.organisation_id, actor=actor)
    values: dict[str, Any] = {"path": path, "limit": asked.limit + 1, "name": None, "id": None}
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
    rows = db.execute(text(_PAGE), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: MemberView(**row._mapping), key=lambda row: (row.name, row.id)
    )
