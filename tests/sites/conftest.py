"""The sites' database: `db` rolls back after each test, `database` is a fresh clone whose commits are real."""

import os
from collections.abc import Callable, Iterator

import pytest
from chassis.database import connect
from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine

from tests.conftest import TestDatabase
from tests.sites.parties import Party


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_service() -> Iterator[None]:
    """A key to seal telephone and account numbers with, and the secret that vouchers are signed from."""
    patch = pytest.MonkeyPatch()
    if not os.environ.get("PERSONAL_DATA_KEYS"):
        patch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    patch.setenv("VOUCHER_SECRET", "for these tests alone")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def engine(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    engine = connect(clone_of("sites").url, service="sites")
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """The service role's connection, in a transaction that is rolled back."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def database(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    """A database of this test's own, whose commits are real; 16 connections."""
    engine = connect(clone_of("sites").url, service="sites", pool_size=16)
    yield engine
    engine.dispose()


@pytest.fixture
def party(db: Connection) -> Party:
    return Party(db)
