"""The tree as it stands or stood on a day: what is directly under a node, one organisation then, its history.

`organisation_history` is only added to, and the days of one organisation's versions never go back; so what it was on a
day is its newest version that was in effect then.
"""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.organisations import (
    HistoryRow,
    OrganisationAsAt,
    OrganisationHistoryAsked,
    OrganisationOnDay,
    PlaceInLine,
    TreeAsked,
    TreeNode,
)
from sqlalchemy import Connection, Row, text

from roster.domain.organisations import BRANCHES

LATEST: Final = """
NOT EXISTS (SELECT FROM organisation_history l
             WHERE l.organisation_id = h.organisation_id AND l.version > h.version AND l.effective_on <= :on)
"""
_NOW: Final = """
SELECT o.id, o.code, o.name, o.kind, o.field, o.parent_id, o.path,
       (SELECT count(*) FROM organisations c WHERE c.parent_id = o.id AND c.dissolved_on IS NULL) AS children,
       (SELECT coalesce(sum(b.members_full + b.members_probationary), 0) FROM organisations b
         WHERE b.path >= o.path AND b.path < o.path || '/' AND (b.path = o.path OR b.path > o.path || '.')) AS members,
       (SELECT count(*) FROM findings f WHERE f.closed_on IS NULL
           AND f.path >= o.path AND f.path < o.path || '/' AND (f.path = o.path OR f.path > o.path || '.')) AS findings
FROM (SELECT * FROM organisations o WHERE {where} AND o.dissolved_on IS NULL
      ORDER BY o.name COLLATE "zh-x-icu", o.id LIMIT :limit) o
ORDER BY o.name COLLATE "zh-x-icu", o.id
"""
_THEN: Final = f"""
SELECT h.organisation_id AS id, o.code, h.name, h.kind, h.field, h.parent_id, h.path,
       (SELECT count(*) FROM organisation_history c WHERE c.parent_id = h.organisation_id AND c.effective_on <= :on
           AND NOT c.dissolved AND {LATEST.replace("h.", "c.")}) AS children,
       CASE WHEN h.kind IN ('branch', 'joint_branch') THEN (
           SELECT count(*) FROM membership_periods t WHERE t.branch_id = h.organisation_id
              AND t.active_from <= :on AND (t.active_until IS NULL OR :on < t.active_until)) END AS members,
       NULL AS findings
FROM organisation_history h JOIN organisations o ON o.id = h.organisation_id
WHERE {{where}} AND h.effective_on <= :on AND NOT h.dissolved AND {LATEST}
ORDER BY h.name COLLATE "zh-x-icu", h.organisation_id LIMIT :limit
"""  # noqa: S608 - made of constants


def under(db: Connection, asked: TreeAsked, *, actor: Actor, today: date) -> Page:
    """Return what stands, or stood on a day, directly under an organisation (the roots without one).

    Raises BadRequest, NotFound.
    """
    actor.must("read_organisation")
    if asked.parent_id is not None:
        _known(db, asked.parent_id)
    is_now = asked.on is None or asked.on >= today
    of, key = ("o", "o.id") if is_now else ("h", "h.organisation_id")
    values: dict[str, Any] = {"limit": asked.limit + 1, "parent": asked.parent_id, "on": asked.on or today}
    where = [f"{of}.parent_id = :parent" if asked.parent_id else f"{of}.parent_id IS NULL"]
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
        where.append(f'({of}.name COLLATE "zh-x-icu", {key}) > (:name COLLATE "zh-x-icu", CAST(:id AS uuid))')
    rows = db.execute(text((_NOW if is_now else _THEN).format(where=" AND ".join(where))), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: _node(row, actor=actor), key=lambda row: (row.name, row.id)
    )


def _node(row: Row[Any], *, actor: Actor) -> TreeNode:
    shown = dict(row._mapping)
    shown["members"] = None if row.members is None else int(row.members)
    if not actor.may("read_findings", organisation=row.path):
        shown["findings"] = None
    return TreeNode(**shown)


# ---- one on a day ------------------------------------------------------------------------------------------------

AS_AT: Final = text(
    f"""
    SELECT h.*, o.code, (SELECT min(n.effective_on) FROM organisation_history n
                          WHERE n.organisation_id = h.organisation_id AND n.version > h.version) AS until
    FROM organisation_history h JOIN organisations o ON o.id = h.organisation_id
    WHERE h.organisation_id = :id AND h.effective_on <= :on AND {LATEST}
    """  # noqa: S608 - made of constants
)
_LINE: Final = text(
    f"""
    SELECT o.id, coalesce(h.name, o.name) AS name, coalesce(h.kind, o.kind) AS kind
    FROM unnest(string_to_array(:path, '.')) WITH ORDINALITY step(code, place)
    JOIN organisations o ON o.code = step.code
    LEFT JOIN organisation_history h ON h.organisation_id = o.id AND h.effective_on <= :on AND {LATEST}
    WHERE o.id <> :id ORDER BY step.place
    """  # noqa: S608 - made of constants
)
_MEMBERS: Final = text(
    "SELECT count(*) FILTER (WHERE status = 'full') AS members_full,"
    " count(*) FILTER (WHERE status = 'probationary') AS members_probationary FROM membership_periods"
    " WHERE branch_id = :id AND active_from <= :on AND (active_until IS NULL OR :on < active_until)"
)


def as_at(db: Connection, asked: OrganisationOnDay, *, actor: Actor) -> OrganisationAsAt:
    """Return what an organisation was on a day; raises NotFound for one that was not there yet."""
    actor.must("read_organisation")
    values = {"id": asked.organisation_id, "on": asked.on}
    row = db.execute(AS_AT, values).one_or_none()
    if row is None:
        raise NotFound()
    counted = db.execute(_MEMBERS, values).one() if row.kind in BRANCHES else None
    return OrganisationAsAt(
        id=row.organisation_id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        field=row.field,
        path=row.path,
        on=asked.on,
        since=row.effective_on,
        until=row.until - timedelta(days=1) if row.until else None,
        dissolved=row.dissolved,
        line=[PlaceInLine(**step._mapping) for step in db.execute(_LINE, {**values, "path": row.path})],
        members_full=counted.members_full if counted else None,
        members_probationary=counted.members_probationary if counted else None,
    )


# ---- its history -------------------------------------------------------------------------------------------------

_HISTORY: Final = text(
    """
    SELECT h.version, h.effective_on, h.name, h.kind, h.field, h.parent_id, h.dissolved, h.changed_at, h.change_id,
           c.verb, c.reason, c.document_number, coalesce(c.by_name, b.name) AS by_name,
           coalesce((SELECT p.name FROM organisation_history p
                      WHERE p.organisation_id = h.parent_id AND p.effective_on <= h.effective_on
                      ORDER BY p.version DESC LIMIT 1), o.name) AS parent_name
    FROM organisation_history h
    LEFT JOIN structure_changes c ON c.id = h.change_id
    LEFT JOIN people b ON b.id = h.changed_by
    LEFT JOIN organisations o ON o.id = h.parent_id
    WHERE h.organisation_id = :id AND (CAST(:before AS bigint) IS NULL OR h.version < :before)
    ORDER BY h.version DESC LIMIT :limit
    """
)


def history(db: Connection, asked: OrganisationHistoryAsked, *, actor: Actor) -> Page:
    """Return what an organisation was called, was and stood under, newest first; raises NotFound, BadRequest."""
    actor.must("read_organisation")
    _known(db, asked.organisation_id)
    before = key_in(asked.cursor, int)[0] if asked.cursor else None
    rows = db.execute(_HISTORY, {"id": asked.organisation_id, "before": before, "limit": asked.limit + 1}).all()
    return page_of(rows, limit=asked.limit, view=lambda row: HistoryRow(**row._mapping), key=lambda row: (row.version,))


def _known(db: Connection, organisation_id: UUID) -> None:
    known = text("SELECT EXISTS (SELECT FROM organisations WHERE id = :id)")
    if not db.execute(known, {"id": organisation_id}).scalar_one():
        raise NotFound()
