"""Databases for tests: each service's migrated template is made once, and clones of it cost a few milliseconds."""

import fcntl
import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psycopg2
import pytest

# No test is about how fast the machine is. Read by what is imported below, and by the processes that tests start.
os.environ.setdefault("PATIENCE", "12")

from local.clone import TEST_RUN
from local.testing import Servers, create_service_database, drop_database, test_servers

CLONE = Path(__file__).parent.parent

# Examples are few and the same in each run here; `make test-long` draws many new ones.
FEW = 6
hypothesis.settings.register_profile("default", max_examples=FEW, derandomize=True, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def drawn(count: int) -> int:
    """Say how many examples a test draws that needs more than FEW of them; `make test-long` takes its own number."""
    return max(count, hypothesis.settings.default.max_examples)  # type: ignore[union-attr]


@dataclass(frozen=True)
class TestDatabase:
    """One service's database, migrated; `url` is the service role's, `owner_url` the migrating role's."""

    __test__ = False  # not a test, whatever its name

    name: str
    url: str
    owner_url: str
    superuser_url: str


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Private PostgreSQL and RabbitMQ, shared with everyone who tests in this clone."""
    return test_servers()


@pytest.fixture(scope="session")
def clone_of(servers: Servers) -> Iterator[Callable[[str], TestDatabase]]:
    """Give a function that makes a fresh clone of a service's migrated template; all are dropped at the end."""
    made: list[str] = []
    numbers = itertools.count()

    def clone(service: str) -> TestDatabase:
        name = f"{service}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(numbers)}"
        with _alone(f"template-{service}"):  # PostgreSQL copies one template at a time
            create_service_database(service, database=name, template=_template_of(servers, service))
        made.append(name)
        return TestDatabase(
            name=name,
            url=servers.service_url(service, database=name),
            owner_url=servers.owner_url(service, database=name),
            superuser_url=servers.superuser_url_of(name),
        )

    yield clone
    for name in made:
        drop_database(name)


@pytest.fixture(scope="session")
def walk(clone_of: Callable[[str], TestDatabase], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The three services in this process behind the real gateway, and a step for each call of the API."""
    from tests.walking import a_walk

    with a_walk(clone_of, folder=tmp_path_factory.mktemp("walk")) as made:
        yield made


def _template_of(servers: Servers, service: str) -> str:
    """Return the name of the service's migrated template; it is made anew when a migration changed."""
    name = f"{service}_template_{_fingerprint(service)}"
    connection = psycopg2.connect(servers.superuser_url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{service}\\_template\\_%",))
            names = {row[0] for row in cursor}
    finally:
        connection.close()
    if name not in names:
        for old in names:
            drop_database(old)
        half_made = f"{service}_half_made"
        drop_database(half_made)
        create_service_database(service, database=half_made)
        _migrate(service, url=servers.owner_url(service, database=half_made))
        _rename(servers, half_made, name)
    return name


def _migrate(service: str, *, url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chassis.migrations", "upgrade", service],
        cwd=CLONE,
        env={**os.environ, "MIGRATION_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations of {service} failed:\n{done.stdout}\n{done.stderr}")


def _rename(servers: Servers, old: str, new: str) -> None:
    connection = psycopg2.connect(servers.superuser_url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    finally:
        connection.close()


def _fingerprint(service: str) -> str:
    """Hash everything that a migrated database is made of."""
    digest = hashlib.sha256()
    folders = (
        CLONE / "services" / service / "migrations",
        CLONE / "services" / service / "src" / service / "sql",
        CLONE / "infra" / "chassis" / "src" / "chassis",
    )
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".sql" or (path.suffix == ".py" and (folder.name != "chassis" or "migrat" in path.name)):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _alone(what: str) -> Iterator[None]:
    TEST_RUN.mkdir(parents=True, exist_ok=True)
    with (TEST_RUN / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
