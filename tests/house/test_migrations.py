"""What a service's tables.py says is what its migrations make."""

from collections.abc import Callable

import psycopg2
import pytest
from chassis.migrations import drift, misnamed

from tests.conftest import TestDatabase
from tests.house.tree import CLONE, SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_have_no_drift(service: str, clone_of: Callable[[str], TestDatabase]) -> None:
    database = clone_of(service)
    folder = CLONE / "services" / service / "migrations"
    assert drift(service, url=database.owner_url, folder=folder) == []
    connection = psycopg2.connect(database.owner_url)  # and drift would be seen
    with connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE organisations ADD COLUMN forgotten text")
    connection.close()
    assert any("forgotten" in difference for difference in drift(service, url=database.owner_url, folder=folder))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_say_when_and_what(service: str) -> None:
    assert misnamed(CLONE / "services" / service / "migrations") == []
