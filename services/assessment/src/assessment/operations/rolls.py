"""The local copy of the branches' rolls, written only from what roster tells."""

import json
from datetime import datetime
from typing import Any

from contracts.envelope import Event, dump
from contracts.roster.rolls import RollChanged
from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects.postgresql import insert as insert_new

from assessment.operations.lights import light_branch, lock_branch
from assessment.tables.rolls import members, rolls


def remember(db: Connection, *, event: Event, at: datetime | None = None) -> None:
    """Keep the branch's roll, unless a newer one is known, and read its lights anew at `at` (when it was told, when
    nobody says). A repeat changes nothing."""
    roll: RollChanged = event.data
    lock_branch(db, roll.branch_id)
    new = insert_new(rolls).values(branch_id=roll.branch_id, version=event.version)
    newer = new.on_conflict_do_update(
        index_elements=["branch_id"], set_={"version": event.version}, where=rolls.c.version < event.version
    )
    if db.execute(newer.returning(rolls.c.branch_id)).first() is None:
        return
    db.execute(delete(members).where(members.c.branch_id == roll.branch_id))
    told: list[dict[str, Any]] = json.loads(dump(roll))["members"]
    if told:
        db.execute(insert(members), [{**member, "branch_id": roll.branch_id} for member in told])
    light_branch(db, branch_id=roll.branch_id, at=at or event.occurred_at)
