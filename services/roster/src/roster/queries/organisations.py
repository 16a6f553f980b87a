"""The tree as it is: a page of it, one node, and the state that is told to others."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.organisations import OrganisationChanged, OrganisationsAsked, OrganisationView
from sqlalchemy import Connection, Row, text


def in_part(path: str, top: str = ":path") -> str:
    """Return the SQL condition that a path is `top` or lies below it; both are SQL expressions.

    What lies below sorts between `top.` and `top/`, for paths are compared byte by byte: so an index finds it.
    """
    return f"({path} = {top} OR ({path} > {top} || '.' AND {path} < {top} || '/'))"


def in_parts(path: str, tops: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the SQL condition that a path lies in one of some parts of the tree, and its values; none lies in none."""
    condition = " OR ".join(in_part(path, f":path{number}") for number in range(len(tops))) or "false"
    return f"({condition})", {f"path{number}": top for number, top in enumerate(tops)}


_VIEW: Final = """
SELECT o.id, o.code, o.name, o.kind, o.field, o.path, o.parent_id, o.division_code, o.synthetic, o.version,
       o.division_code_system, o.dissolved_on, o.is_external, s.name AS secretary_name, c.members_full,
       c.members_probationary,
       (SELECT x.mca_code FROM division_crosswalk x
         WHERE o.division_code_system = 'nbs' AND x.nbs_code = o.division_code) AS mca_code,
       (SELECT x.nbs_code FROM division_crosswalk x
         WHERE o.division_code_system = 'mca' AND x.mca_code = o.division_code) AS nbs_code,
       ARRAY(SELECT formerly FROM organisation_history h
              WHERE h.organisation_id = o.id AND h.formerly IS NOT NULL ORDER BY h.version DESC LIMIT 10) AS formerly,
       ARRAY(SELECT u.name FROM joint_units u
              WHERE u.organisation_id = o.id AND u.active_until IS NULL ORDER BY u.name) AS units
FROM ({chosen}) o
LEFT JOIN posts p ON p.organisation_id = o.id AND p.post = 'secretary' AND p.held_until IS NULL
LEFT JOIN people s ON s.id = p.person_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.members_full), 0) AS members_full,
           coalesce(sum(b.members_probationary), 0) AS members_probationary
    FROM organisations b
    WHERE b.path >= o.path AND b.path < o.path || '/' AND (b.path = o.path OR b.path > o.path || '.')
) c
"""
# A division may be known by its code in the other system: the crosswalk tells which that is.
_BY_CODE: Final = text(
    """
    SELECT id, code = :q AS is_it FROM organisations WHERE code LIKE :start
    UNION SELECT id, true FROM organisations WHERE division_code = :q
    UNION SELECT o.id, true FROM division_crosswalk x JOIN organisations o
          ON (o.division_code_system, o.division_code) IN (('nbs', x.nbs_code), ('mca', x.mca_code))
          WHERE x.nbs_code = :q OR x.mca_code = :q
    LIMIT 2000
    """
)
_FORMERLY: Final = text(
    "SELECT DISTINCT organisation_id FROM organisation_history WHERE formerly ILIKE :part LIMIT 500"
)
_CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")


def page(db: Connection, asked: OrganisationsAsked, *, actor: Actor) -> Page:
    """Return a page of the tree in the order of a Chinese dictionary; raises BadRequest, NotFound, Forbidden."""
    actor.must("read_organisation")
    where = ["true"] if asked.dissolved else ["o.dissolved_on IS NULL"]
    values: dict[str, Any] = {"limit": asked.limit + 1}
    if asked.finding and not asked.parent_id:
        # Who may read findings may do so in a part of the tree.
        mine, parts = in_parts("o.path", actor.paths_for("read_findings"))
        where.append(mine)
        values |= parts
    if asked.parent_id:
        values["above"] = _path_of(db, asked.parent_id)
        if asked.finding:
            actor.must("read_findings", organisation=values["above"])
        if asked.q or asked.finding or asked.everything:
            where.append("o.path > :above || '.' AND o.path < :above || '/'")
        else:
            values["parent"] = asked.parent_id
            where.append("o.parent_id = :parent")
    if asked.q:
        where.append(_named(db, asked.q, values))
    if asked.finding:
        values["rule"] = None if asked.finding == "any" else asked.finding
        where.append(
            "EXISTS (SELECT FROM findings f WHERE f.organisation_id = o.id AND f.closed_on IS NULL"
            " AND (CAST(:rule AS text) IS NULL OR f.rule = :rule))"
        )
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


def name_of(db: Connection, organisation_id: UUID) -> str:
    """Return the name of an organisation that is known to be there."""
    return str(db.execute(text("SELECT name FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar_one())


def _named(db: Connection, q: str, values: dict[str, Any]) -> str:
    """Return the condition that an organisation has, or had, this name or code, and add what it compares with."""
    values["part"] = f"%{literal(q)}%"
    named = list(db.execute(_FORMERLY, values).scalars())
    if _CODE.fullmatch(q):
        found = db.execute(_BY_CODE, {"start": f"{literal(q)}%", "q": q}).all()
        # Whoever gives a whole code means the organisations that have it, not those whose code begins with it.
        if exactly := [row.id for row in found if row.is_it]:
            values["named"] = exactly
            return "o.id = ANY(CAST(:named AS uuid[]))"
        named += [row.id for row in found]
    if not named:
        return "o.name ILIKE :part"
    values["named"] = named
    return "(o.name ILIKE :part OR o.id = ANY(CAST(:named AS uuid[])))"


def one(db: Connection, organisation_id: UUID, *, actor: Actor) -> OrganisationView:
    """Return one node of the tree, a dissolved one too; raises NotFound."""
    actor.must("read_organisation")
    chosen = "SELECT * FROM organisations WHERE id = :id"
    row = db.execute(text(_VIEW.format(chosen=chosen)), {"id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def units_of(db: Connection, organisation_id: UUID) -> list[str]:
    """Return the units of a joint branch as they stand now."""
    return list(
        db.execute(
            text("SELECT name FROM joint_units WHERE organisation_id = :id AND active_until IS NULL ORDER BY name"),
            {"id": organisation_id},
        ).scalars()
    )


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
                   o.is_external, o.dissolved_on IS NOT NULL AS dissolved, p.person_id AS secretary_id,
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
    shown = dict(row._mapping)
    codes: dict[str, str | None] = {"nbs": shown.pop("nbs_code"), "mca": shown.pop("mca_code")}
    if row.division_code_system:
        codes[row.division_code_system] = row.division_code
    shown["division_codes"] = {system: code for system, code in codes.items() if code}
    shown |= {name: int(shown[name]) for name in ("members_full", "members_probationary")}
    shown |= {"formerly": [name for name in dict.fromkeys(row.formerly) if name != row.name], "units": list(row.units)}
    return OrganisationView(**shown)


def _path_of(db: Connection, organisation_id: UUID) -> str:
    path = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar()
    if path is None:
        raise NotFound()
    return str(path)


def literal(part: str) -> str:
    """Escape what LIKE would read as a pattern."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
