"""Migrations: two migrators do not collide, drift is told, kept rows refuse change even from their owner."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy
from chassis.migrations import drift, misnamed, upgrade
from counters import tables
from counters.running import FOLDER
from local.testing import Servers, create_service_database, drop_database

MIGRATIONS = FOLDER / "migrations"


@pytest.fixture
def empty(servers: Servers) -> Iterator[str]:
    """An empty database of the counters; gives the owner's URL."""
    name = f"counters_bare_{os.getpid()}"
    create_service_database("counters", database=name)
    yield servers.owner_url("counters", database=name)
    drop_database(name)


def run(verb: str, url: str, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "chassis.migrations", verb, "counters", "--folder", str(MIGRATIONS)],
        env={"MIGRATION_DATABASE_URL": url, "PYTHONPATH": str(FOLDER.parent), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


class TestUpgrade:
    def test_two_migrators_at_once_both_end_well(self, empty: str) -> None:
        migrators = [run("upgrade", empty) for _ in range(3)]

        for migrator in migrators:
            _, errors = migrator.communicate(timeout=240)
            assert migrator.returncode == 0, errors

        checked = run("check", empty)
        assert checked.communicate(timeout=240)[0] == ""
        assert checked.returncode == 0

    def test_a_table_that_is_in_use_is_not_waited_for_without_end(
        self, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upgrade("counters", url=empty, folder=MIGRATIONS)
        versions = tmp_path / "versions"
        versions.mkdir()
        for path in (MIGRATIONS / "versions").glob("*.py"):
            (versions / path.name).write_text(path.read_text())
        (versions / "20260102_0900_widen.py").write_text(
            "from alembic import op\nrevision = '20260102_0900'\ndown_revision = '20260101_0900'\n"
            "def upgrade():\n    op.execute('ALTER TABLE counters ADD COLUMN colour text')\n"
        )
        monkeypatch.setattr("chassis.migrations.LOCK_TIMEOUT_S", 1)
        user = psycopg2.connect(empty)
        with user.cursor() as cursor:
            cursor.execute("SELECT * FROM counters")

            with pytest.raises(sqlalchemy.exc.OperationalError, match="lock timeout"):
                upgrade("counters", url=empty, folder=tmp_path)

        user.close()
        upgrade("counters", url=empty, folder=tmp_path)
        assert any("colour" in difference for difference in drift("counters", url=empty, folder=tmp_path))

    def test_the_environment_is_checked(self, empty: str) -> None:
        migrator = run("upgrade", "mysql://somewhere")
        _, errors = migrator.communicate(timeout=240)

        assert migrator.returncode == 2
        assert "MIGRATION_DATABASE_URL must begin with postgresql://" in errors

    def test_a_name_says_when_and_what(self, tmp_path: Path) -> None:
        (tmp_path / "versions").mkdir()
        for name in ("20260101_0900_good.py", "0001_first.py", "20260101_0900.py", "20260101_0900_Bad.py"):
            (tmp_path / "versions" / name).touch()

        assert misnamed(tmp_path) == ["0001_first.py", "20260101_0900.py", "20260101_0900_Bad.py"]
        assert misnamed(MIGRATIONS) == []


class TestDrift:
    @pytest.mark.parametrize(
        ("statement", "word"),
        [
            ("ALTER TABLE counters ADD COLUMN colour text", "colour"),
            ("ALTER TABLE counters ALTER COLUMN total TYPE bigint", "total"),
            ("ALTER TABLE outbox ALTER COLUMN event DROP NOT NULL", "event"),
            ("DROP INDEX commands_by_age", "commands_by_age"),
            ("DROP TABLE heard", "heard"),
        ],
    )
    def test_what_differs_is_named(self, empty: str, statement: str, word: str) -> None:
        upgrade("counters", url=empty, folder=MIGRATIONS)
        assert drift("counters", url=empty, folder=MIGRATIONS, metadata=tables.metadata) == []

        execute(empty, statement)

        (difference,) = drift("counters", url=empty, folder=MIGRATIONS)
        assert word in difference

    def test_a_database_that_was_never_migrated_is_told(self, empty: str) -> None:
        assert drift("counters", url=empty, folder=MIGRATIONS)


class TestAppendOnly:
    @pytest.mark.parametrize("statement", ["UPDATE ticks SET process = 'b'", "DELETE FROM ticks", "TRUNCATE ticks"])
    def test_not_even_the_owner_changes_what_is_kept(self, empty: str, statement: str) -> None:
        upgrade("counters", url=empty, folder=MIGRATIONS)
        execute(empty, "INSERT INTO ticks (process, at) VALUES ('a', now())")

        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="only added"):
            execute(empty, statement)


def test_a_new_migration_is_named_by_its_minute(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()

    subprocess.run(
        [sys.executable, "-m", "chassis.migrations", "new", "counters", "open the ledger", "--folder", str(tmp_path)],
        check=True,
        capture_output=True,
    )

    (made,) = (tmp_path / "versions").glob("*.py")
    assert made.name.endswith("_open_the_ledger.py")
    assert misnamed(tmp_path) == []
