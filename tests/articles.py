"""Who acts in the tests of the services, and when: name only what the test is about."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from chassis.actors import Actor, Grant

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
