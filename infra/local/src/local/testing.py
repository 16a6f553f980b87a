"""Servers for tests: private ones under `.run/test`, started by the first who asks and shared by all who follow."""

import fcntl
import functools
from dataclasses import dataclass

from local import databases, servers
from local.clone import TEST_RUN
from local.databases import SERVICES, owner_of
from local.platforms import Platform, platform
from local.postgres import Postgres
from local.rabbitmq import VHOST, RabbitMQ

__all__ = [
    "Platform",
    "Servers",
    "create_service_database",
    "drop_database",
    "platform",
    "stop_test_servers",
    "test_servers",
]

# One vhost for whoever is alone, one for each xdist worker, and those that a test needs to itself: on a vhost that is
# "empty" no queue may ever stand, or a call that should be told at once that nobody listens waits for its deadline.
VHOSTS = (VHOST, "gw0", "gw1", "services", "empty", "silent")


@dataclass(frozen=True)
class Servers:
    """Where the test servers answer."""

    postgres: Postgres
    rabbitmq: RabbitMQ

    @property
    def superuser_url(self) -> str:
        return self.postgres.url()

    def superuser_url_of(self, database: str) -> str:
        return self.postgres.url(database=database)

    def owner_url(self, service: str, *, database: str | None = None) -> str:
        """Give the URL of the role that migrates."""
        return self.postgres.url(user=owner_of(service), database=database or service)

    def service_url(self, service: str, *, database: str | None = None) -> str:
        """Give the URL of the role that the service works as."""
        return self.postgres.url(user=service, database=database or service)

    @property
    def amqp_url(self) -> str:
        return self.rabbitmq.url()

    def amqp_url_of(self, vhost: str) -> str:
        """Give the broker's URL for one of VHOSTS (an xdist worker's name is one)."""
        return self.rabbitmq.url(vhost=vhost)


@functools.cache
def test_servers() -> Servers:
    """Start or reuse the test servers; any number of processes may ask at once."""
    place = _servers()
    with servers.alone(TEST_RUN):
        _register_user()
        servers.start_throwaway_servers(place.postgres, place.rabbitmq)
    return place


test_servers.__test__ = False  # type: ignore[attr-defined]  # pytest: a test module may import it


def stop_test_servers(*, unless_used: bool = False) -> bool:
    """Stop the test servers; with `unless_used` only when no living process uses them. Say whether they stopped."""
    place = _servers()
    with servers.alone(TEST_RUN):
        if unless_used and not _is_unused():
            return False
        servers.stop_servers(place.postgres, place.rabbitmq)
    test_servers.cache_clear()
    return True


def create_service_database(service: str, *, database: str | None = None, template: str | None = None) -> str:
    """Make the service's roles and a database on the test servers, unless they are there; give its name."""
    databases.create_service_database(test_servers().postgres, service, database=database, template=template)
    return database or service


def drop_database(database: str) -> None:
    databases.drop_database(test_servers().postgres, database)


def _servers() -> Servers:
    return Servers(postgres=Postgres(folder=TEST_RUN, durable=False), rabbitmq=RabbitMQ(folder=TEST_RUN, vhosts=VHOSTS))


# Every process that uses the servers holds a shared lock on this file as long as it lives; the kernel lets go of it
# however the process ends. So whoever wants to stop the servers can see whether anybody still needs them.
_used: list[object] = []


def _register_user() -> None:
    if not _used:
        users = (TEST_RUN / "users.lock").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
        _used.append(users)


def _is_unused() -> bool:
    _used.clear()
    with (TEST_RUN / "users.lock").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def describe(place: Servers) -> str:
    """Say where the test servers answer, one line each."""
    lines = [f"superuser   {place.superuser_url}", f"amqp        {place.amqp_url}"]
    for service in SERVICES:
        lines.append(f"{service:<11} {place.service_url(service)}")
        lines.append(f"  as owner  {place.owner_url(service)}")
    return "\n".join(lines)
