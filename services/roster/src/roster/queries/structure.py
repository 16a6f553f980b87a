"""Changes of the tree: one, those of a part of it, and what the operations must know of what stood when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.structure import (
    AffectedCounts,
    ChangedOrganisation,
    StructureChangesAsked,
    StructureChangeView,
)
from sqlalchemy import Connection, Row, text

from roster.queries.organisations import in_part, path_the_actor_may
from roster.queries.tree import AS_AT

SHOWN_MAX: Final = 50

_PARTS: Final = text(
    """
    SELECT c.id AS change_id, shown.*
    FROM unnest(CAST(:ids AS uuid[])) AS c(id)
    CROSS JOIN LATERAL (
        SELECT p.organisation_id AS id, p.name, p.kind, p.part, o.path,
               array_position(ARRAY['changed', 'took_in', 'gave_out', 'ended', 'founded', 'moved'], p.part) AS place
        FROM structure_change_parts p JOIN organisations o ON o.id = p.organisation_id
        WHERE p.change_id = c.id ORDER BY place, o.path LIMIT :most
    ) shown
    ORDER BY shown.place, shown.path
    """
)
# The changes that a part of the tree took part in: each organisation's newest are found by index.
_CHANGES: Final = f"""
SELECT DISTINCT p.at, p.change_id AS id FROM organisations o JOIN structure_change_parts p ON p.organisation_id = o.id
{{joined}}
WHERE {in_part("o.path")} {{where}}
ORDER BY p.at DESC, p.change_id DESC LIMIT :limit
"""  # noqa: S608 - made of constants


def one(db: Connection, change_id: UUID, *, actor: Actor) -> StructureChangeView:
    """Return a change; raises NotFound for whoever may read nothing of what took part."""
    row = db.execute(text("SELECT * FROM structure_changes WHERE id = :id"), {"id": change_id}).one_or_none()
    parts = _parts(db, [change_id])[change_id]
    if row is None or not any(actor.may("read_structure_changes", organisation=part.path) for part in parts):
        raise NotFound()
    return _view(row, parts)


def page(db: Connection, asked: StructureChangesAsked, *, actor: Actor) -> Page:
    """Return the changes of a part of the tree, newest first. Raises NotFound, Forbidden, BadRequest."""
    path = path_the_actor_may(db, "read_structure_changes", asked.organisation_id, actor=actor)
    values: dict[str, Any] = {"path": path, "limit": asked.limit + 1}
    where, joined = "", ""
    if asked.verb:
        values["verb"] = asked.verb
        joined = "JOIN structure_changes c ON c.id = p.change_id"
        where += " AND c.verb = :verb"
    if asked.cursor:
        values["before"], values["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        where += " AND (p.at, p.change_id) < (:before, CAST(:id AS uuid))"
    found = db.execute(text(_CHANGES.format(where=where, joined=joined)), values).all()
    rows = {
        row.id: row
        for row in db.execute(
            text("SELECT * FROM structure_changes WHERE id = ANY(:ids)"), {"ids": [each.id for each in found]}
        )
    }
    parts = _parts(db, list(rows))
    return page_of(
        [rows[each.id] for each in found],
        limit=asked.limit,
        view=lambda row: _view(row, parts[row.id]),
        key=lambda row: (row.at.isoformat(), row.id),
    )


def _parts(db: Connection, change_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Return who took part in some changes, at most SHOWN_MAX of each: first those that it is about."""
    parts: dict[UUID, list[Row[Any]]] = {change_id: [] for change_id in change_ids}
    for part in db.execute(_PARTS, {"ids": list(change_ids), "most": SHOWN_MAX}):
        parts[part.change_id].append(part)
    return parts


def as_at(db: Connection, organisation_id: UUID, *, on: date) -> Row[Any] | None:
    """Return the version of an organisation that was in effect on a day."""
    return db.execute(AS_AT, {"id": organisation_id, "on": on}).one_or_none()


def below(db: Connection, path: str) -> list[Row[Any]]:
    """Return an organisation and all below it, dissolved ones too."""
    return list(
        db.execute(
            text(
                f"SELECT * FROM organisations WHERE {in_part('path')} ORDER BY path"  # noqa: S608
            ),
            {"path": path},
        )
    )


def _view(row: Row[Any], parts: Sequence[Row[Any]]) -> StructureChangeView:
    return StructureChangeView(
        id=row.id,
        verb=row.verb,
        on=row.effective_on,
        document_number=row.document_number,
        reason=row.reason,
        at=row.at,
        by_name=row.by_name,
        counts=AffectedCounts(**row.counts),
        organisations=[ChangedOrganisation(part.id, part.name, part.kind, part.part) for part in parts],
    )
