"""Who acts in the tests of the services, and when: name only what the test is about."""

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from chassis.actors import Actor, Grant
from sqlalchemy import Engine, text

NOON = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
"""12:00 of a Tuesday in Shanghai."""


def an_actor(
    *grants: tuple[str, str],
    name: str = "某人",
    at: datetime = NOON,
    person: UUID | None = None,
    session: UUID | None = None,
) -> Actor:
    """Somebody who holds (role, path) grants, with a token signed at `at`."""
    return Actor(
        person_id=person or uuid4(),
        session_id=session or uuid4(),
        name=name,
        grants=tuple(Grant(role, path) for role, path in grants),
        issued_at=at,
    )


def wait_until_somebody_waits(database: Engine, *, wait_s: float = 240) -> None:
    """Return once a connection of this database waits for another one's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        with database.connect() as db:  # anew each time: a transaction sees the activity as it first read it
            if db.scalar(waiting):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
