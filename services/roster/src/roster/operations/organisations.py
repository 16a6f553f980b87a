"""What changes the tree. Every change tells the organisation's whole new state, and keeps the name and place it had.

Few people change the tree, so they do it one at a time: a node that is founded under another while that one moves
would otherwise keep a path that no longer exists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.outbox import tell
from chassis.refusals import NotFound
from contracts.rights import lies_in
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.organisations import (
    CodeTaken,
    NoPlaceInTree,
    OrganisationDissolved,
    check_depth,
    check_place,
    moved,
    path_under,
)
from roster.operations import findings, standings
from roster.queries.organisations import states
from roster.queries.posts import holders
from roster.queries.rolls import rolls
from roster.tables.organisations import organisations

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('roster: the tree'))")
_NOT_NOW: Final = text("SELECT pg_advisory_xact_lock_shared(hashtext('roster: the tree'))")

# `findings.lock` has locked the rows before: who waited for it counts what the other one committed.
_NEXT_VERSION: Final = text(
    """
    UPDATE organisations o
       SET version = o.version + 1, members_full = coalesce(c.members_full, 0),
           members_probationary = coalesce(c.members_probationary, 0)
      FROM unnest(CAST(:ids AS uuid[])) changed(id)
      LEFT JOIN (
          SELECT branch_id, count(*) FILTER (WHERE status = 'full') AS members_full,
                 count(*) FILTER (WHERE status = 'probationary') AS members_probationary
          FROM members WHERE branch_id = ANY(:ids) GROUP BY branch_id
      ) c ON c.branch_id = changed.id
     WHERE o.id = changed.id
    """
)
_ROLLS_AT_ONCE: Final = 500
_KEEP: Final = text(
    """
    INSERT INTO organisation_history (organisation_id, version, name, kind, field, parent_id, path, dissolved,
                                      changed_at, changed_by, effective_on, formerly, change_id)
    SELECT o.id, o.version, o.name, o.kind, o.field, o.parent_id, o.path, o.dissolved_on IS NOT NULL,
           :at, :by, greatest(:on, last.effective_on), nullif(last.name, o.name), :change
    FROM organisations o
    LEFT JOIN LATERAL (
        SELECT name, kind, field, path, dissolved, effective_on FROM organisation_history
        WHERE organisation_id = o.id ORDER BY version DESC LIMIT 1
    ) last ON true
    WHERE o.id = ANY(:ids) AND (last.name, last.kind, last.field, last.path, last.dissolved)
        IS DISTINCT FROM (o.name, o.kind, o.field, o.path, o.dissolved_on IS NOT NULL)
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


def change_alone(db: Connection) -> None:
    """Let nobody else change the tree, or who belongs where, until this transaction ends."""
    db.execute(_ONE_AT_A_TIME)


def keep_the_tree(db: Connection) -> None:
    """Let nobody change the tree until this transaction ends; those who only move members do not wait for each other.

    Whoever moves members calls this before the first row is locked: so a branch never ends under somebody's feet.
    """
    db.execute(_NOT_NOW)


def found(db: Connection, founding: Founding, *, at: datetime, by: UUID | None = None, on: date | None = None) -> None:
    """Found an organisation and tell of it; raises CodeTaken, CodeNotUsable, NoPlaceInTree, NotFound,
    OrganisationDissolved."""
    if not found_all(db, [founding]):
        raise CodeTaken(code=founding.code)
    tell_changed(db, [founding.id], at=at, by=by, on=on)


def found_all(db: Connection, foundings: Sequence[Founding]) -> list[UUID]:
    """Found those whose code and id are new and return their ids; whoever calls this tells of them.

    Raises CodeNotUsable, NoPlaceInTree, OrganisationDissolved, and NotFound for a parent that is neither there nor
    among them.
    """
    change_alone(db)
    wanted = {founding.parent_id for founding in foundings} - {None}
    parents = {
        row.id: (row.kind, row.path)
        for row in db.execute(text("SELECT * FROM organisations WHERE id = ANY(:ids)"), {"ids": [*wanted]})
        if stands(row)
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


def keep_crosswalk(db: Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    """Keep which codes of the two systems mean the same division: code of the Bureau, code of the Ministry, name."""
    statement = text(
        "INSERT INTO division_crosswalk (nbs_code, mca_code, name) VALUES (:nbs, :mca, :name) ON CONFLICT DO NOTHING"
    )
    given = [{"nbs": nbs, "mca": mca, "name": name} for nbs, mca, name in rows]
    if given:
        db.execute(statement, given)


def rename(
    db: Connection,
    organisation_id: UUID,
    *,
    name: str,
    at: datetime,
    by: UUID | None = None,
    on: date | None = None,
    change: UUID | None = None,
) -> None:
    """Give an organisation another name; raises NotFound."""
    renamed = db.execute(
        text("UPDATE organisations SET name = :name WHERE id = :id"), {"name": name, "id": organisation_id}
    )
    if not renamed.rowcount:
        raise NotFound()
    tell_changed(db, [organisation_id], at=at, by=by, on=on, change=change)


def move(
    db: Connection,
    organisation_id: UUID,
    *,
    parent_id: UUID,
    at: datetime,
    by: UUID | None = None,
    on: date | None = None,
    change: UUID | None = None,
) -> list[UUID]:
    """Put an organisation, with all below it, under another parent, and return all that moved.

    Raises NotFound, NoPlaceInTree, OrganisationDissolved.
    """
    change_alone(db)
    node, parent = node_of(db, organisation_id), node_of(db, parent_id)
    stands(parent)
    if lies_in(parent.path, node.path):
        raise NoPlaceInTree(kind=node.kind, reason="below-itself")
    path = path_under(parent.path, node.code)
    check_place(kind=node.kind, path=path, parent_kind=parent.kind)
    if path == node.path:
        return []
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
    ids = [row.id for row in below]
    tell_changed(db, ids, at=at, by=by, on=on, change=change)
    return ids


def tell_changed(
    db: Connection,
    ids: Iterable[UUID],
    *,
    at: datetime,
    by: UUID | None = None,
    on: date | None = None,
    change: UUID | None = None,
) -> None:
    """Give the changed organisations their next version, count their members, keep names and places that are new, tell
    their state, and check them, with the general branches above them, by the setting rules.

    A branch's roll and who holds posts are told with it, so this is called for whatever other services know of those as
    well. `on` is the day from which the change holds (today when nobody says), `change` the change of the tree it is
    part of.
    """
    changed = {"ids": sorted(set(ids))}
    checked = findings.lock(db, changed["ids"])
    db.execute(_NEXT_VERSION, changed)
    db.execute(_KEEP, {**changed, "at": at, "by": by, "on": on or clock.today(at), "change": change})
    _tell(db, changed["ids"], at=at)
    findings.measure(db, checked, at=at, on=on)


def tell_all(db: Connection, *, at: datetime) -> int:
    """Tell every organisation again as it is, for a hearer that is empty or was restored; return how many."""
    standings.note_all(db)
    return _tell(db, None, at=at)


def _tell(db: Connection, ids: Iterable[UUID] | None, *, at: datetime) -> int:
    told = states(db, ids)
    for version, state in told:
        tell(db, state, aggregate="organisation", aggregate_id=state.id, version=version, at=at)
    for begin in range(0, len(told), _ROLLS_AT_ONCE):
        some = [state.id for _, state in told[begin : begin + _ROLLS_AT_ONCE]]
        for version, roll in rolls(db, some):
            tell(db, roll, aggregate="roll", aggregate_id=roll.branch_id, version=version, at=at)
        for version, posts in holders(db, some):
            tell(db, posts, aggregate="posts", aggregate_id=posts.organisation_id, version=version, at=at)
    return len(told)


def node_of(db: Connection, organisation_id: UUID) -> Row[Any]:
    """Return an organisation's row; raises NotFound."""
    node = db.execute(text("SELECT * FROM organisations WHERE id = :id"), {"id": organisation_id}).one_or_none()
    if node is None:
        raise NotFound()
    return node


def stands(node: Row[Any]) -> Row[Any]:
    """Return the organisation, unless it was dissolved: raises OrganisationDissolved."""
    if node.dissolved_on is not None:
        raise OrganisationDissolved(organisation=node.name, on=node.dissolved_on.isoformat())
    return node
