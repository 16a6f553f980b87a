"""The units that a joint branch has members of, dated."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.roster.organisations import RecordUnits, UnitsRecorded
from sqlalchemy import Connection, text

from roster.domain.organisations import JOINT_BRANCH
from roster.operations.findings import recheck
from roster.operations.organisations import keep_the_tree, node_of, stands
from roster.queries.organisations import units_of

# A unit that was recorded on the same day and is none after all held on no day.
_FORGET: Final = text(
    "DELETE FROM joint_units WHERE organisation_id = :id AND active_until IS NULL AND active_from >= :on"
    " AND name <> ALL(:names)"
)
_END: Final = text(
    "UPDATE joint_units SET active_until = :on WHERE organisation_id = :id AND active_until IS NULL"
    " AND name <> ALL(:names)"
)
_BEGIN: Final = text(
    "INSERT INTO joint_units (organisation_id, name, active_from, recorded_by)"
    " SELECT :id, name, :on, :by FROM unnest(CAST(:names AS text[])) name ON CONFLICT DO NOTHING"
)


def record(db: Connection, *, asked: RecordUnits, actor: Actor, at: datetime) -> UnitsRecorded:
    """Say which units a joint branch has from today on.

    Raises NotFound, Forbidden, OrganisationDissolved, InvalidInput.
    """
    keep_the_tree(db)
    node = node_of(db, asked.organisation_id)
    actor.must("record_units", organisation=node.path)
    if stands(node).kind != JOINT_BRANCH:
        raise InvalidInput({"units": ["Only a joint branch has units."]})
    record_units(db, node.id, asked.units, on=clock.today(at), by=actor.name)
    recheck(db, [node.id], at=at)
    return UnitsRecorded(node.id, units_of(db, node.id))


def record_units(db: Connection, organisation_id: UUID, units: Iterable[str], *, on: date, by: str) -> None:
    """Write the units down as of a day; those that are no longer named end on it."""
    names = sorted({name.strip() for name in units} - {""})
    given = {"id": organisation_id, "names": names, "on": on, "by": by}
    for statement in (_FORGET, _END, _BEGIN):
        db.execute(statement, given)
