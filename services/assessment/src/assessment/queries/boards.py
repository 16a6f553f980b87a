"""Which organisation a board is of, the parts directly below it, and the way up, as far as an actor's places reach."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from sqlalchemy import Connection, Row, select, tuple_

from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.organisations import organisations


def place_of(
    db: Connection, action: str, organisation_id: UUID | None, *, actor: Actor
) -> tuple[Row[Any] | None, list[str]]:
    """Return the organisation that a board is of, and the nodes at and below which all lies that it shows.

    Where none is asked for it is the actor's own place; of an actor with several it is None, and all of them are shown.
    Raises NotFound, Forbidden.
    """
    paths = actor.paths_for(action)
    if not paths:
        raise Forbidden()
    if organisation_id is not None:
        above = organisation_named(db, organisation_id)
        if above is None:
            raise NotFound()
        actor.must(action, organisation=above.path)
    elif len(set(paths)) == 1:
        above = db.execute(select(organisations).where(organisations.c.path == paths[0]).limit(1)).one_or_none()
    else:
        above = None
    return above, [above.path] if above else paths


def parts_of(
    db: Connection,
    above: Row[Any] | None,
    paths: Sequence[str],
    *,
    limit: int,
    cursor: str | None,
    with_dissolved: bool = False,
) -> tuple[list[Row[Any]], str | None]:
    """Return a page of what lies directly below an organisation, or of the nodes themselves where there is none.

    In the tree's order, with the cursor of the next page.
    """
    of = organisations.c
    parts = select(organisations).where(of.is_external.is_(False))
    if above is None:
        parts = parts.where(of.path.in_(paths))
    else:
        parts = parts.where(of.parent_id == above.id, is_below([above.path]))
    if not with_dissolved:
        parts = parts.where(of.dissolved.is_(False))
    if cursor:
        parts = parts.where(tuple_(of.path, of.id) > key_in(cursor, str, UUID))
    found = list(db.execute(parts.order_by(of.path, of.id).limit(limit + 1)))
    rows = found[:limit]
    return rows, cursor_after(rows[-1].path, rows[-1].id) if len(found) > len(rows) else None


def way_up(db: Connection, action: str, above: Row[Any] | None, *, actor: Actor) -> UUID | None:
    """Return the organisation above the one that is shown, if the actor may see its board."""
    parent = organisation_named(db, above.parent_id) if above and above.parent_id else None
    may = parent is not None and actor.may(action, organisation=parent.path)
    return parent.id if parent is not None and may else None
