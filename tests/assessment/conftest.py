"""The assessment's own database, and the people who look at lights."""

from collections.abc import Callable, Iterator

import pytest
from chassis.actors import Actor
from chassis.database import connect
from sqlalchemy import Connection, Engine, event

from tests.assessment.articles import an_actor
from tests.conftest import TestDatabase


@pytest.fixture(scope="session")
def shared_engine(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    engine = connect(clone_of("assessment").url, service="assessment")
    yield engine
    engine.dispose()


@pytest.fixture
def db(shared_engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back when the test is over."""
    with shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def database(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    """A database of its own for a test that commits."""
    engine = connect(clone_of("assessment").url, service="assessment")
    yield engine
    engine.dispose()


@pytest.fixture
def secretary() -> Actor:
    return an_actor(("secretary", "3703.370302.t1.b1"))


@pytest.fixture
def officer() -> Actor:
    return an_actor(("officer", "3703.370302"))


@pytest.fixture
def count_statements(shared_engine: Engine) -> Iterator[list[str]]:
    """The statements that were sent to the database."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(shared_engine, "before_cursor_execute", note)
    yield sent
    event.remove(shared_engine, "before_cursor_execute", note)
