"""The roster's database: `db` rolls back after each test, `database` is a fresh clone for tests that commit."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chassis import database as chassis_database
from chassis.tokens import Signer, Verifier, make_key, write_public_keys
from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_service() -> Iterator[None]:
    """A key to seal identity and telephone numbers with."""
    patch = pytest.MonkeyPatch()
    if not os.environ.get("PERSONAL_DATA_KEYS"):
        patch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    yield
    patch.undo()


@pytest.fixture(scope="session")
def engine(clone_of: Callable) -> Iterator[Engine]:
    engine = chassis_database.connect(clone_of("roster").url, service="roster")
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """The service role's connection, in a transaction that is rolled back."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def database(clone_of: Callable) -> Iterator[Engine]:
    """A database of this test's own, whose commits are real; on a busy machine locks may take long."""
    engine = chassis_database.connect(clone_of("roster").url, service="roster", lock_timeout_ms=30_000)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Verifier]:
    folder: Path = tmp_path_factory.mktemp("keys")
    path, entry = make_key(folder, key_id="test")
    write_public_keys(folder / "public.json", [entry])
    return Signer(path), Verifier(folder / "public.json")


@pytest.fixture
def signer(keys: tuple[Signer, Verifier]) -> Signer:
    return keys[0]


@pytest.fixture
def verifier(keys: tuple[Signer, Verifier]) -> Verifier:
    return keys[1]
