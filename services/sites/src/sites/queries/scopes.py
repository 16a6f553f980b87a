"""What an actor may see and do, judged with the tree as it is stored: the rights table as a condition in SQL."""

from typing import Any, Final

from chassis.actors import Actor, Forbidden
from contracts.rights import RIGHTS, scope_of
from sqlalchemy import ColumnElement, Connection, false, or_, text

_OUTSIDE: Final = text("""
SELECT EXISTS (
    SELECT FROM organisations o
     WHERE o.kind IN ('branch', 'joint_branch') AND NOT o.is_external AND NOT o.dissolved
       AND NOT EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS granted (path)
                        WHERE o.path = granted.path OR starts_with(o.path, granted.path || '.'))
)
""")

_FUNDS_OUTSIDE: Final = text("""
SELECT EXISTS (
    SELECT FROM funds f
     WHERE NOT EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS granted (path)
                        WHERE f.path = granted.path OR starts_with(f.path, granted.path || '.'))
)
""")


def visible_to(actor: Actor, action: str, **columns: str) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition under which `actor` may do `action` on a row, with its values.

    `columns` names the column that holds the path of each scope. It is `actor.may`, judged for many rows at once.
    Raises Forbidden when none of the actor's roles may do it anywhere.
    """
    conditions = []
    given: dict[str, Any] = {}
    for number, grant in enumerate(actor.grants_for(action)):
        column = columns.get(scope_of(action, grant.role) or "")
        if column is not None:
            conditions.append(f"{column} = :path{number} OR starts_with({column}, :path{number} || '.')")
            given[f"path{number}"] = grant.path
    if not conditions:
        raise Forbidden()
    return f"({' OR '.join(conditions)})", given


def seen_by_sql(actor: Actor, action: str, *, person: str, **columns: str) -> tuple[str, dict[str, Any]]:
    """Return `visible_to` of rows that are also seen by the person named in the column `person`."""
    own = any(scope_of(action, grant.role) == "person" for grant in actor.grants_for(action))
    try:
        visible, given = visible_to(actor, action, **columns)
    except Forbidden:
        if not own:
            raise
        visible, given = "false", {}
    return (f"({visible} OR {person} = :seen_by)", {**given, "seen_by": actor.person_id}) if own else (visible, given)


def seen_by(
    actor: Actor, action: str, *, person: ColumnElement[Any], **columns: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return the condition under which `actor.may(action)` holds for a row, for many rows at once; false for nobody's.

    `person` is the column of whose row it is, `columns` names the column that holds the path of each other scope.
    """
    seen: list[ColumnElement[bool]] = [false()]
    for grant in actor.grants_for(action):
        scope = scope_of(action, grant.role) or ""
        if scope == "person":
            seen.append(person == actor.person_id)
        elif scope in columns:
            path = columns[scope]
            seen.append((path == grant.path) | path.startswith(grant.path + ".", autoescape=True))
    return or_(*seen)


def oversees_all(db: Connection, action: str, *, actor: Actor) -> bool:
    """Say whether the actor may do `action` "anywhere" by grants that together lie over all branches of ours."""
    roles = [role for role, scope in RIGHTS[action].items() if scope == "anywhere"]
    paths = actor.paths(*roles) if actor.reaches(action) else []
    return bool(paths) and not db.execute(_OUTSIDE, {"paths": paths}).scalar_one()


def must_oversee_funds(db: Connection, action: str, *, actor: Actor) -> None:
    """Raise Forbidden unless the actor's grants together lie over every fund: what is decided binds them all."""
    actor.must(action)
    paths = actor.paths(*(role for role, scope in RIGHTS[action].items() if scope == "anywhere"))
    if db.execute(_FUNDS_OUTSIDE, {"paths": paths}).scalar_one():
        raise Forbidden()


def must_oversee_all(db: Connection, action: str, *, actor: Actor) -> None:
    """Raise Forbidden unless the actor oversees all whom the action binds: an officer of a part of them may not."""
    if not oversees_all(db, action, actor=actor):
        raise Forbidden()
