"""Fixtures of the chassis' tests: the counters with an empty database, a broker, and keys. Real servers throughout."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import amqp
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the package `counters`

from chassis.caller import Caller
from chassis.database import connect
from chassis.migrations import upgrade
from chassis.tokens import Signer, make_key, write_public_keys
from counters.running import FOLDER, Broker, Counters, Keys, Place
from local.clone import RUN
from local.databases import superuser
from local.testing import Servers, create_service_database, drop_database


@pytest.fixture(scope="session")
def migrated(servers: Servers) -> Iterator[str]:
    """The counters' migrated database; gives its name."""
    name = f"counters_{os.getpid()}"
    create_service_database("counters", database=name)
    upgrade("counters", url=servers.owner_url("counters", database=name), folder=FOLDER / "migrations")
    yield name
    drop_database(name)


@pytest.fixture
def database(servers: Servers, migrated: str) -> str:
    """The migrated database with nothing in it and nobody at work on it; gives its name."""
    with superuser(servers.postgres, database=migrated) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        admin.execute("SET session_replication_role = replica")  # some of its rows refuse to go
        admin.execute(
            "SELECT string_agg(format('DELETE FROM %I', tablename), ';') FROM pg_tables"
            " WHERE schemaname = 'public' AND tableowner = 'counters_owner' AND tablename <> 'alembic_version'"
        )
        (statements,) = admin.fetchone() or ("",)
        admin.execute(statements)
    return migrated


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of these tests."""
    folder = tmp_path_factory.mktemp("keys")
    path, entry = make_key(folder, key_id="spring")
    write_public_keys(folder / "public.json", [entry])
    return Keys(signer=Signer(path), public=folder / "public.json")


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """A broker of this run alone: tests may restart it, and nobody else's counters answer on it."""
    folder = RUN / f"test-chassis-{os.getpid()}"
    made = Broker(folder)
    made.start()
    yield made
    made.stop()
    for remains in (made.rabbitmq.data, folder):
        shutil.rmtree(remains, ignore_errors=True)


@pytest.fixture
def place(servers: Servers, database: str, keys: Keys, broker: Broker) -> Iterator[Place]:
    """Where the counters run."""
    url = servers.service_url("counters", database=database)
    forget_queues(broker.url)
    engine = connect(url, service="counters")
    yield Place(database_url=url, amqp_url=broker.url, keys=keys, engine=engine)
    engine.dispose()


@pytest.fixture
def caller(place: Place) -> Iterator[Caller]:
    """A caller on the broker."""
    made = Caller(place.amqp_url)
    yield made
    made.close()


@pytest.fixture
def counters(place: Place, caller: Caller) -> Iterator[Counters]:
    """The counters, serving in this process, the caller connected: a test's deadline is not spent on that."""
    with place.serving():
        made = Counters(caller, place.keys)
        made.said("ping")
        yield made


def forget_queues(amqp_url: str) -> None:
    """Remove the counters' queues, so that no test hears what another one said."""
    _, _, rest = amqp_url.partition("://")
    credentials, _, where = rest.rpartition("@")
    user, _, password = credentials.partition(":")
    host, _, vhost = where.partition("/")
    with amqp.Connection(host=host, userid=user, password=password, virtual_host=vhost) as connection:
        for name in ("rpc-counters", "inbox.counters"):
            connection.channel().queue_delete(name)
