"""What roster tells of a branch besides its roll: dues owed, setting rules broken; written only from its events."""

from datetime import datetime

from contracts.envelope import Event
from contracts.roster.standings import BranchStanding
from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects.postgresql import insert as insert_new

from assessment.operations.lights import light_branch, lock_branch
from assessment.tables.standings import standings, unpaid_dues


def remember(db: Connection, *, event: Event, at: datetime) -> None:
    """Keep the branch's standing, unless a newer one is known, and read its lights anew. A repeat changes nothing."""
    told: BranchStanding = event.data
    lock_branch(db, told.branch_id)
    state = {"version": event.version, "breaches": list(told.breaches)}
    new = insert_new(standings).values(branch_id=told.branch_id, **state)
    newer = new.on_conflict_do_update(
        index_elements=["branch_id"], set_=state, where=standings.c.version < event.version
    )
    if db.execute(newer.returning(standings.c.branch_id)).first() is None:
        return
    db.execute(delete(unpaid_dues).where(unpaid_dues.c.branch_id == told.branch_id))
    rows = [
        {"branch_id": told.branch_id, "person_id": one.person_id, "month": month}
        for one in told.unpaid
        for month in one.months
    ]
    if rows:
        db.execute(insert(unpaid_dues), rows)
    light_branch(db, branch_id=told.branch_id, at=at)
