"""The grants of one's part of the tree: in force, to come, and ended."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.rights import MAY_GRANT, lies_in
from contracts.roster.grants import GrantRecord, GrantsAsked
from sqlalchemy import Connection, Row, text

from roster.queries.accounts import WITHIN, parts_of

_STATE: Final = """
CASE WHEN g.ended_at IS NOT NULL OR g.active_until <= :on THEN 'ended'
     WHEN g.active_from > :on THEN 'to_come' ELSE 'in_force' END
"""
_GRANT: Final = f"""
SELECT g.id, g.person_id, p.name AS person_name, g.role, g.organisation_id, o.name AS organisation_name, o.path,
       g.active_from, g.active_until, g.ground, g.granted_at, b.name AS granted_by_name, g.ended_at,
       e.name AS ended_by_name, g.ended_reason, {_STATE} AS state
FROM grants g JOIN people p ON p.id = g.person_id JOIN organisations o ON o.id = g.organisation_id
LEFT JOIN people b ON b.id = g.granted_by LEFT JOIN people e ON e.id = g.ended_by
WHERE {WITHIN.format(path="o.path")}
"""  # noqa: S608 - made of constants


def page(db: Connection, asked: GrantsAsked, *, actor: Actor, on: date) -> Page:
    """Return a page of the grants, the newest first; raises Forbidden, BadRequest."""
    where = [""]
    values: dict[str, Any] = {
        "parts": parts_of("read_grants", actor=actor),
        "on": on,
        "limit": asked.limit + 1,
    }
    for column, wanted in (("g.role", asked.role), ("g.person_id", asked.person_id), (f"({_STATE})", asked.state)):
        if wanted:
            name = f"wanted{len(where)}"
            values[name] = wanted
            where.append(f"{column} = :{name}")
    if asked.cursor:
        values["after"], values["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        where.append("(g.granted_at, g.id) < (:after, :id)")
    statement = f"{_GRANT} {' AND '.join(where)} ORDER BY g.granted_at DESC, g.id DESC LIMIT :limit"
    rows = db.execute(text(statement), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: _view(row, actor), key=lambda row: (row.granted_at, row.id)
    )


def one(db: Connection, grant_id: UUID, *, actor: Actor, on: date) -> GrantRecord:
    """Return a grant of the actor's part of the tree; raises NotFound, Forbidden."""
    values = {"id": grant_id, "parts": parts_of("read_grants", actor=actor), "on": on}
    row = db.execute(text(f"{_GRANT} AND g.id = :id"), values).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row, actor)


def name_within(db: Connection, person_id: UUID, *, parts: list[str]) -> str | None:
    """Return the name of a person whose branch lies in one of the parts; None for anybody else."""
    statement = f"""
        SELECT p.name FROM people p
        LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations o ON o.id = m.branch_id
        WHERE p.id = :person AND {WITHIN.format(path="o.path")}
    """  # noqa: S608 - made of constants
    name: str | None = db.execute(text(statement), {"person": person_id, "parts": parts}).scalar()
    return name


def path_of(db: Connection, organisation_id: UUID) -> str:
    """Return the path of an organisation that there is."""
    return str(db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar_one())


def may_end(role: str, path: str, *, actor: Actor) -> bool:
    """Say whether the actor may end a grant of `role` at `path`: who may give it, or an admin above."""
    return any(
        (held.role == "admin" or role in MAY_GRANT.get(held.role, ())) and lies_in(path, held.path)
        for held in actor.grants
    )


def _view(row: Row[Any], actor: Actor) -> GrantRecord:
    told = dict(row._mapping)
    path = told.pop("path")
    return GrantRecord(
        **told,
        may_end=row.state != "ended"
        and row.person_id != actor.person_id
        and actor.may("end_grant", organisation=path)
        and may_end(row.role, path, actor=actor),
    )
