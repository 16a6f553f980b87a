"""Which rows an actor may see: the rights table as a condition in SQL."""

from typing import Any

from chassis.actors import Actor, Forbidden
from contracts.rights import scope_of
from sqlalchemy import ColumnElement, false, or_


def visible_to(actor: Actor, action: str, **columns: str) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition under which `actor` may do `action` on a row, with its values.

    `columns` names the column that holds the path of each scope. It is `actor.may`, judged for many rows at once.
    Raises Forbidden when none of the actor's roles may do it anywhere.
    """
    conditions = []
    given: dict[str, Any] = {}
    for number, grant in enumerate(actor.grants):
        column = columns.get(scope_of(action, grant.role) or "")
        if column is not None:
            conditions.append(f"{column} = :path{number} OR starts_with({column}, :path{number} || '.')")
            given[f"path{number}"] = grant.path
    if not conditions:
        raise Forbidden()
    return f"({' OR '.join(conditions)})", given


def seen_by(
    actor: Actor, action: str, *, person: ColumnElement[Any], **columns: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return the condition under which `actor.may(action)` holds for a row, for many rows at once; false for nobody's.

    `person` is the column of whose row it is, `columns` names the column that holds the path of each other scope.
    """
    seen: list[ColumnElement[bool]] = [false()]
    for grant in actor.grants:
        scope = scope_of(action, grant.role) or ""
        if scope == "person":
            seen.append(person == actor.person_id)
        elif scope in columns:
            path = columns[scope]
            seen.append((path == grant.path) | path.startswith(grant.path + ".", autoescape=True))
    return or_(*seen)
