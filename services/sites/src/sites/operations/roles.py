"""The branch says who plays what in its visit (S4), anew as often as it likes until the visit begins."""

from datetime import datetime
from typing import Final

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.run_sheets import AssignRoles, RunSheetView
from sqlalchemy import Connection, delete, insert, select

from sites.domain.orders import CONFIRMED, PLACED
from sites.domain.training import RolesFixed
from sites.queries.orders import order_for
from sites.queries.run_sheets import run_sheet
from sites.queries.training_cases import roles_of
from sites.tables.orders import orders
from sites.tables.training import order_roles

ALL_MAX: Final = 100
"""How many names an order's roles may have in all."""


def assign(db: Connection, *, asked: AssignRoles, actor: Actor, at: datetime) -> RunSheetView:
    """Write the order's roles anew. Raises NotFound, Forbidden, RolesFixed; InvalidInput for an unknown role."""
    row = order_for(db, asked.order_id, actor=actor, action="assign_roles", at=at)
    codes = {role.code for role in roles_of(db, row.case_version_id)} if row.case_version_id else set()
    names = _names(asked, codes)
    still_open = (
        (orders.c.id == asked.order_id)
        & orders.c.state.in_((PLACED, CONFIRMED))
        & orders.c.checked_in.is_(None)
        & (orders.c.starts_at > at)
        & (orders.c.case_version_id == row.case_version_id)
    )
    # Locked, so that two who assign at once write one after the other, and nobody writes into a visit that begins.
    locked = select(orders.c.id).where(still_open).with_for_update(key_share=True)
    if db.execute(locked).first() is None:
        raise RolesFixed()
    db.execute(delete(order_roles).where(order_roles.c.order_id == asked.order_id))
    rows = [
        {"order_id": asked.order_id, "role": role, "name": name, "number": number}
        for role, given in names.items()
        for number, name in enumerate(given, start=1)
    ]
    if rows:
        db.execute(insert(order_roles), rows)
    return run_sheet(db, asked.order_id, actor=actor, at=at)


def _names(asked: AssignRoles, codes: set[str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for number, assignment in enumerate(asked.assignments):
        if assignment.role not in codes:
            errors[f"assignments.{number}.role"] = ["No role of this case has this code."]
        given = [name.strip() for name in assignment.names if name.strip()]
        names[assignment.role] = list(dict.fromkeys([*names.get(assignment.role, []), *given]))
    if sum(map(len, names.values())) > ALL_MAX:
        errors["assignments"] = ["These are too many names."]
    if errors:
        raise InvalidInput(errors)
    return names
