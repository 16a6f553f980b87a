"""The local copy of roster's tree, written only from what roster tells."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from contracts.envelope import Event
from sqlalchemy import Connection, func, update
from sqlalchemy.dialects.postgresql import insert

from assessment.operations.lights import light_branch, lock_branch
from assessment.tables.organisations import organisations


def remember(db: Connection, *, event: Event, at: datetime) -> None:
    """Keep the organisation's state, unless a newer one is known, and read its light anew. A repeat changes nothing."""
    told = asdict(event.data)
    state = {column.name: told[column.name] for column in organisations.c if column.name in told}
    state["dissolved_since"] = event.occurred_at if event.data.dissolved else None
    lock_branch(db, event.data.id)
    new = insert(organisations).values(**state, version=event.version, known_since=event.occurred_at)
    changed: dict[str, Any] = {name: new.excluded[name] for name in (*state, "version") if name != "id"}
    if event.data.dissolved:  # told again later, it is dissolved since the first time
        changed["dissolved_since"] = func.coalesce(organisations.c.dissolved_since, new.excluded.dissolved_since)
    newer = new.on_conflict_do_update(
        index_elements=["id"], set_=changed, where=organisations.c.version < new.excluded.version
    )
    is_newer = db.execute(newer.returning(organisations.c.id)).first() is not None
    is_known_longer = (organisations.c.id == event.data.id, organisations.c.known_since > event.occurred_at)
    db.execute(update(organisations).where(*is_known_longer).values(known_since=event.occurred_at))
    if is_newer:
        light_branch(db, branch_id=event.data.id, at=at)
