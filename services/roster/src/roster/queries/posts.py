"""Who holds posts, and who did, as it is told."""

from collections.abc import Iterable
from uuid import UUID

from contracts.roster.posts import PostHolder, PostsChanged
from sqlalchemy import Connection, text

_HOLDERS = text("""
SELECT o.id AS organisation_id, o.version, h.id, h.person_id, p.name, h.post, h.held_from, h.held_until
  FROM posts h JOIN organisations o ON o.id = h.organisation_id JOIN people p ON p.id = h.person_id
 WHERE h.organisation_id = ANY(:ids)
 ORDER BY o.id, h.held_from, h.id
""")


def holders(db: Connection, ids: Iterable[UUID]) -> list[tuple[int, PostsChanged]]:
    """Return all holders of posts of each organisation that ever had one, with its version; one statement for all."""
    found: dict[UUID, tuple[int, PostsChanged]] = {}
    for row in db.execute(_HOLDERS, {"ids": sorted(ids)}):
        _, told = found.setdefault(row.organisation_id, (row.version, PostsChanged(row.organisation_id, [])))
        told.holders.append(PostHolder(row.id, row.person_id, row.name, row.post, row.held_from, row.held_until))
    return list(found.values())
