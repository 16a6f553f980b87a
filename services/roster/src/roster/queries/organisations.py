"""The tree as it is: a page of it, one node, and the state that is told to others."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.organisations import OrganisationChanged, OrganisationsAsked, OrganisationView
from sqlalchemy import Connection, Row, text

# What lies below a path sorts between `path.` and `path/`, for the path is compared byte by byte.
BELOW: Final = "{below}.path = {top}.path OR ({below}.path > {top}.path || '.' AND {below}.path < {top}.path || '/')"

_VIEW: Final = f"""
SELECT o.id, o.code, o.name, o.kind, o.field, o.path, o.parent_id, o.division_code, o.synthetic, o.version,
       s.name AS secretary_name, c.members_full, c.members_probationary
FROM ({{chosen}}) o
LEFT JOIN posts p ON p.organisation_id = o.id AND p.post = 'secretary' AND p.held_until IS NULL
LEFT JOIN people s ON s.id = p.person_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.status = 'full') AS members_full,
           count(*) FILTER (WHERE m.status = 'probationary') AS members_probationary
    FROM organisations b JOIN members m ON m.branch_id = b.id
    WHERE {BELOW.format(below="b", top="o")}
) c
"""  # noqa: S608 - made of constants


def page(db: Connection, asked: OrganisationsAsked, *, actor: Actor) -> Page:
    """Return a page of the tree in the order of a Chinese dictionary; raises BadRequest, NotFound."""
    actor.must("read_organisation")
    where = ["true"]
    values: dict[str, Any] = {"limit": asked.limit + 1}
    if asked.parent_id:
        values["above"] = _path_of(db, asked.parent_id)
        if asked.q:
            where.append("o.path > :above || '.' AND o.path < :above || '/'")
        else:
            values["parent"] = asked.parent_id
            where.append("o.parent_id = :parent")
    if asked.q:
        values["part"] = f"%{literal(asked.q)}%"
        values["start"] = f"{literal(asked.q)}%"
        where.append("(o.name ILIKE :part OR o.code LIKE :start)")
    for column in ("kind", "field"):
        if wanted := getattr(asked, column):
            values[column] = wanted
            where.append(f"o.{column} = :{column}")
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
        where.append('(o.name COLLATE "zh-x-icu", o.id) > (:name COLLATE "zh-x-icu", :id)')
    order = 'ORDER BY o.name COLLATE "zh-x-icu", o.id'
    chosen = f"SELECT * FROM organisations o WHERE {' AND '.join(where)} {order} LIMIT :limit"  # noqa: S608
    rows = db.execute(text(_VIEW.format(chosen=chosen) + order), values).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.name, row.id))


def one(db: Connection, organisation_id: UUID, *, actor: Actor) -> OrganisationView:
    """Return one node of the tree; raises NotFound."""
    actor.must("read_organisation")
    chosen = "SELECT * FROM organisations WHERE id = :id"
    row = db.execute(text(_VIEW.format(chosen=chosen)), {"id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def path_the_actor_may(db: Connection, action: str, organisation_id: UUID, *, actor: Actor) -> str:
    """Return the organisation's path; raises NotFound, and Forbidden when the actor may not do `action` there."""
    path = _path_of(db, organisation_id)
    actor.must(action, organisation=path)
    return path


def states(db: Connection, ids: Iterable[UUID] | None) -> list[tuple[int, OrganisationChanged]]:
    """Return the whole state of the organisations (of all for None), each with its version, parents first."""
    rows = db.execute(
        text(
            """
            SELECT o.id, o.code, o.name, o.kind, o.field, o.path, o.parent_id, o.division_code, o.version,
                   o.is_external, p.person_id AS secretary_id,
                   coalesce(m.members_full, 0) AS members_full,
                   coalesce(m.members_probationary, 0) AS members_probationary
            FROM organisations o
            LEFT JOIN posts p ON p.organisation_id = o.id AND p.post = 'secretary' AND p.held_until IS NULL
            LEFT JOIN (
                SELECT branch_id, count(*) FILTER (WHERE status = 'full') AS members_full,
                       count(*) FILTER (WHERE status = 'probationary') AS members_probationary
                FROM members WHERE CAST(:ids AS uuid[]) IS NULL OR branch_id = ANY(CAST(:ids AS uuid[]))
                GROUP BY branch_id
            ) m ON m.branch_id = o.id
            WHERE CAST(:ids AS uuid[]) IS NULL OR o.id = ANY(CAST(:ids AS uuid[]))
            ORDER BY o.path
            """
        ),
        {"ids": None if ids is None else list(ids)},
    )
    return [(version, OrganisationChanged(**state)) for version, state in map(_state, rows)]


def _state(row: Row[Any]) -> tuple[int, dict[str, Any]]:
    state = dict(row._mapping)
    return state.pop("version"), state


def _view(row: Row[Any]) -> OrganisationView:
    return OrganisationView(**row._mapping)


def _path_of(db: Connection, organisation_id: UUID) -> str:
    path = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar()
    if path is None:
        raise NotFound()
    return str(path)


def literal(part: str) -> str:
    """Escape what LIKE would read as a pattern."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
