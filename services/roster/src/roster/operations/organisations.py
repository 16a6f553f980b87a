"""What changes the tree. Every change tells the organisation's whole new state, and keeps the name and place it had.

Few people change the tree, so they do it one at a time: a node that is founded under another while that one moves
would otherwise keep a path that no longer exists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.outbox import tell
from chassis.refusals import NotFound
from contracts.rights import lies_in
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.organisations import CodeTaken, NoPlaceInTree, check_depth, check_place, moved, path_under
from roster.queries.organisations import states
from roster.queries.rolls import rolls
from roster.tables.organisations import organisations

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('roster: the tree'))")

# In the order of the ids, so that two changes of the same organisations never wait for each other in a ring. The
# lock comes before the members are counted: who waited for it counts what the other one committed.
_NEXT_VERSION: Final = text(
    """
    WITH locked AS (SELECT id FROM organisations WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE)
    UPDATE organisations o SET version = o.version + 1 FROM locked WHERE o.id = locked.id
    """
)
_ROLLS_AT_ONCE: Final = 500
_KEEP: Final = text(
    """
    INSERT INTO organisation_history (organisation_id, version, name, kind, parent_id, path, changed_at, changed_by)
    SELECT o.id, o.version, o.name, o.kind, o.parent_id, o.path, :at, :by
    FROM organisations o
    LEFT JOIN LATERAL (
        SELECT name, kind, path FROM organisation_history
        WHERE organisation_id = o.id ORDER BY version DESC LIMIT 1
    ) last ON true
    WHERE o.id = ANY(:ids) AND (last.name, last.kind, last.path) IS DISTINCT FROM (o.name, o.kind, o.path)
    """
)


@dataclass(frozen=True)
class Founding:
    """An organisation to be founded; parents come before what stands under them."""

    id: UUID
    code: str
    name: str
    kind: str
    field: str
    parent_id: UUID | None
    division_code: str | None = None
    division_code_system: str | None = None
    is_external: bool = False
    synthetic: bool = False


def found(db: Connection, founding: Founding, *, at: datetime, by: UUID | None = None) -> None:
    """Found an organisation and tell of it; raises CodeTaken, CodeNotUsable, NoPlaceInTree, NotFound."""
    if not found_all(db, [founding]):
        raise CodeTaken(code=founding.code)
    tell_changed(db, [founding.id], at=at, by=by)


def found_all(db: Connection, foundings: Sequence[Founding]) -> list[UUID]:
    """Found those whose code and id are new and return their ids; whoever calls this tells of them.

    Raises CodeNotUsable, NoPlaceInTree, and NotFound for a parent that is neither there nor among them.
    """
    db.execute(_ONE_AT_A_TIME)
    wanted = {founding.parent_id for founding in foundings} - {None}
    parents = {
        row.id: (row.kind, row.path)
        for row in db.execute(text("SELECT id, kind, path FROM organisations WHERE id = ANY(:ids)"), {"ids": [*wanted]})
    }
    rows = []
    for founding in foundings:
        if founding.parent_id is not None and founding.parent_id not in parents:
            raise NotFound()
        parent_kind, parent_path = parents[founding.parent_id] if founding.parent_id else (None, None)
        path = path_under(parent_path, founding.code)
        check_place(kind=founding.kind, path=path, parent_kind=parent_kind)
        parents.setdefault(founding.id, (founding.kind, path))
        rows.append({**asdict(founding), "path": path})
    statement = insert(organisations).on_conflict_do_nothing().returning(organisations.c.id)
    return list(db.execute(statement, rows).scalars()) if rows else []


def rename(db: Connection, organisation_id: UUID, *, name: str, at: datetime, by: UUID | None = None) -> None:
    """Give an organisation another name; raises NotFound."""
    renamed = db.execute(
        text("UPDATE organisations SET name = :name WHERE id = :id"), {"name": name, "id": organisation_id}
    )
    if not renamed.rowcount:
        raise NotFound()
    tell_changed(db, [organisation_id], at=at, by=by)


def move(db: Connection, organisation_id: UUID, *, parent_id: UUID, at: datetime, by: UUID | None = None) -> None:
    """Put an organisation, with all below it, under another parent; raises NotFound, NoPlaceInTree."""
    db.execute(_ONE_AT_A_TIME)
    node, parent = _node(db, organisation_id), _node(db, parent_id)
    if lies_in(parent.path, node.path):
        raise NoPlaceInTree(kind=node.kind, reason="below-itself")
    path = path_under(parent.path, node.code)
    check_place(kind=node.kind, path=path, parent_kind=parent.kind)
    if path == node.path:
        return
    below = db.execute(
        text("SELECT id, kind, path FROM organisations WHERE path = :path OR (path > :from AND path < :to)"),
        {"path": node.path, "from": node.path + ".", "to": node.path + "/"},
    ).all()
    for row in below:
        check_depth(kind=row.kind, path=moved(row.path, below=node.path, to=path))
    db.execute(
        text(
            "UPDATE organisations SET path = :path || substr(path, length(:was) + 1),"
            " parent_id = CASE WHEN id = :id THEN :parent ELSE parent_id END WHERE id = ANY(:ids)"
        ),
        {"path": path, "was": node.path, "id": node.id, "parent": parent_id, "ids": [row.id for row in below]},
    )
    tell_changed(db, [row.id for row in below], at=at, by=by)


def tell_changed(db: Connection, ids: Iterable[UUID], *, at: datetime, by: UUID | None = None) -> None:
    """Give the changed organisations their next version, keep names and places that are new, and tell their state.

    A branch's roll is told with it, so this is called for whatever other services know of its members as well.
    """
    changed = {"ids": sorted(set(ids))}
    db.execute(_NEXT_VERSION, changed)
    db.execute(_KEEP, {**changed, "at": at, "by": by})
    _tell(db, changed["ids"], at=at)


def tell_all(db: Connection, *, at: datetime) -> int:
    """Tell every organisation again as it is, for a hearer that is empty or was restored; return how many."""
    return _tell(db, None, at=at)


def _tell(db: Connection, ids: Iterable[UUID] | None, *, at: datetime) -> int:
    told = states(db, ids)
    for version, state in told:
        tell(db, state, aggregate="organisation", aggregate_id=state.id, version=version, at=at)
    for begin in range(0, len(told), _ROLLS_AT_ONCE):
        for version, roll in rolls(db, [state.id for _, state in told[begin : begin + _ROLLS_AT_ONCE]]):
            tell(db, roll, aggregate="roll", aggregate_id=roll.branch_id, version=version, at=at)
    return len(told)


def _node(db: Connection, organisation_id: UUID) -> Row[Any]:
    node = db.execute(
        text("SELECT id, code, kind, path FROM organisations WHERE id = :id"), {"id": organisation_id}
    ).one_or_none()
    if node is None:
        raise NotFound()
    return node
