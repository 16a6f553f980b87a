"""In which part of the tree a right counts for an actor, and who leads what there."""

from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from contracts.rights import RIGHTS
from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select

from assessment.queries.organisations import is_below
from assessment.tables.organisations import organisations
from assessment.tables.posts import post_holders
from assessment.tables.rolls import members


def places_for(actor: Actor, action: str) -> list[str]:
    """Return the nodes of the tree at which a role lets the actor do `action` there and below; those by which it is
    allowed about oneself alone are left out."""
    scopes = RIGHTS[action]
    return sorted({one.path for one in actor.grants_for(action) if scopes.get(one.role) in ("branch", "organisation")})


def is_seen(actor: Actor, action: str, *, person: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """The condition that a row's organisation lies where the actor may do `action`, or that it is about the actor."""
    below = is_below(places_for(actor, action))
    return below if person is None else or_(below, person == actor.person_id)


def superior_of(path: str) -> str:
    """Return the node above one; nothing lies there for the root, so nobody judges it."""
    return path.rpartition(".")[0]


def must_judge(db: Connection, actor: Actor, action: str, *, organisation_id: UUID, path: str) -> None:
    """Raise Forbidden unless the actor may do to an organisation what its superior does, and is none of its own.

    The right counts from the node above; whoever leads the organisation, keeps its books or stands on its roll decides
    nothing about it, whatever other role they hold.
    """
    above = superior_of(path)
    actor.must(action, branch=above, organisation=above)
    must_be_none_of(db, actor, organisation_id=organisation_id, path=path)


def must_be_none_of(db: Connection, actor: Actor, *, organisation_id: UUID, path: str) -> None:
    """Raise Forbidden for who leads the organisation, keeps its books, holds a post there or stands on its roll."""
    if any(one.path == path and one.role in ("secretary", "administrator") for one in actor.grants):
        raise Forbidden()
    of = post_holders.c
    on_roll = exists().where(members.c.branch_id == organisation_id, members.c.person_id == actor.person_id)
    holds = exists().where(
        of.organisation_id == organisation_id, of.member_id == actor.person_id, of.until_day.is_(None)
    )
    if db.execute(select(or_(on_roll, holds))).scalar_one():
        raise Forbidden()


def member_named(db: Connection, person_id: UUID, *, below: list[str] | None = None) -> str | None:
    """Return a member's name, if roster told us of them: anywhere, or in a branch at or below one of the nodes."""
    rows = select(members.c.name).where(members.c.person_id == person_id).limit(1)
    if below is not None:
        rows = rows.join(organisations, organisations.c.id == members.c.branch_id).where(is_below(below))
    return db.execute(rows).scalar()


def acting_for(db: Connection, actor: Actor, action: str, *, path: str) -> Row[Any] | None:
    """Return the organisation in whose name the actor does `action` to a part of the tree.

    It is the nearest at or above it at which they hold the right; where we know none, the nearest one above it.
    """
    places = [place for place in places_for(actor, action) if path == place or path.startswith(f"{place}.")]
    parts = path.split(".")
    above = [".".join(parts[:number]) for number in range(1, len(parts) + 1)]
    known = select(organisations).order_by(func.length(organisations.c.path).desc()).limit(1)
    held = db.execute(known.where(organisations.c.path.in_(places))).one_or_none() if places else None
    return held or db.execute(known.where(organisations.c.path.in_(above[:-1] or above))).one_or_none()
