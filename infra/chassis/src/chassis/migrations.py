"""Migrations: alembic without a file of its own in each service, run as the owner role.

    python -m chassis.migrations upgrade sites      bring the database up to date, then grant to the service's role
    python -m chassis.migrations check sites        fail when tables.py and the database differ
    python -m chassis.migrations new sites "open the ledger"

A service keeps `services/<name>/migrations/versions/YYYYMMDD_HHMM_words.py`; its first one calls `chassis_tables()`.
Two migrators wait for each other on an advisory lock. A step that cannot get a table lock in 5 s gives up rather than
hold up the service; run it again.
"""

import argparse
import importlib
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

import psycopg2
import sqlalchemy
from alembic import command as alembic_command
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg2 import sql
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url

from chassis import logs, tables
from chassis.config import MigrationsConfig, leave, read_or_exit

log = logging.getLogger(__name__)

LOCK_TIMEOUT_S: Final = 5
STATEMENT_TIMEOUT_S: Final = 300
WAIT_FOR_ANOTHER_S: Final = 120
NAME: Final = re.compile(r"[0-9]{8}_[0-9]{4}_[a-z0-9_]+\.py\Z")

_APPEND_ONLY: Final = "refuse_change"


# ---- for the migrations themselves ----------------------------------------------------------------------------


def chassis_tables() -> None:
    """Make the tables that the chassis needs; every service's first migration calls this."""
    run_sql(resources.files("chassis").joinpath("sql/0001_tables.sql").read_text())


def audit_tables() -> None:
    """Make the tables of the audit; no record changes, and none goes before its time."""
    run_sql(resources.files("chassis").joinpath("sql/0002_audit.sql").read_text())
    forbid_changes("audit_checkpoints", "audit_removals")


def run_sql(statements: str) -> None:
    """Run SQL as it stands, functions included; percent signs and colons mean themselves."""
    cursor = op.get_bind().connection.cursor()
    try:
        cursor.execute(statements)
    finally:
        cursor.close()


def forbid_changes(*names: str) -> None:
    """Make tables refuse UPDATE, DELETE and TRUNCATE, for their owner too; the service's role gets no such grant."""
    for name in names:
        op.execute(
            f"CREATE TRIGGER {_APPEND_ONLY} BEFORE UPDATE OR DELETE ON {name}"
            f" FOR EACH ROW EXECUTE FUNCTION {_APPEND_ONLY}()"
        )
        op.execute(
            f"CREATE TRIGGER {_APPEND_ONLY}_all BEFORE TRUNCATE ON {name}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {_APPEND_ONLY}()"
        )


def grant_rights(service: str, *, append_only: Sequence[str] = ()) -> None:
    """Make the named tables append-only and grant to the service's role; every upgrade ends with these grants too."""
    forbid_changes(*append_only)
    grant(op.get_bind(), service)


# ---- upgrade --------------------------------------------------------------------------------------------------


def upgrade(service: str, *, url: str, folder: Path | None = None) -> None:
    """Bring the service's database to the newest revision and grant its role what it needs."""
    folder = folder or folder_of(service)
    if wrong := misnamed(folder):
        raise ValueError(f"A migration is named YYYYMMDD_HHMM_words.py; these are not: {', '.join(wrong)}")
    with _alone(url, service) as connection:
        alembic_command.upgrade(_config(folder, connection), "head")
        grant(connection, service)
        connection.commit()


def grant(connection: Connection, service: str) -> None:
    """Give the service's role the rows of every table of this owner, and only INSERT and SELECT where rows are kept."""
    found = connection.execute(
        text(
            "SELECT c.relname AS name, c.relkind = 'S' AS is_sequence, EXISTS ("
            "   SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = :trigger) AS is_append_only"
            " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')"
            " AND pg_get_userbyid(c.relowner) = current_user AND c.relname <> 'alembic_version'"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        ),
        {"trigger": _APPEND_ONLY},
    ).all()
    cursor = connection.connection.cursor()
    role = sql.Identifier(service)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    for row in found:
        if row.is_sequence:
            rights, what = "USAGE", "SEQUENCE"
        elif row.is_append_only:
            rights, what = "SELECT, INSERT", "TABLE"
        else:
            rights, what = "SELECT, INSERT, UPDATE, DELETE", "TABLE"
        names = {"name": sql.Identifier("public", row.name), "role": role}
        cursor.execute(sql.SQL(f"REVOKE ALL ON {what} {{name}} FROM {{role}}").format(**names))
        cursor.execute(sql.SQL(f"GRANT {rights} ON {what} {{name}} TO {{role}}").format(**names))
    cursor.close()


# ---- drift ----------------------------------------------------------------------------------------------------


def drift(service: str, *, url: str, folder: Path | None = None, metadata: MetaData | None = None) -> list[str]:
    """Return how the migrated database differs from tables.py and the chassis' tables; nothing when all is well."""
    folder = folder or folder_of(service)
    if metadata is None:
        metadata = importlib.import_module(f"{service}.tables").metadata
    together = MetaData(naming_convention=metadata.naming_convention)
    for table in (*tables.metadata.sorted_tables, *metadata.sorted_tables):
        if table.name not in together.tables:
            table.to_metadata(together)
    with _alone(url, service) as connection:
        newest = ScriptDirectory.from_config(_config(folder, connection)).get_heads()
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": _belongs}
        )
        standing = list(context.get_current_heads())
        if sorted(standing) != sorted(newest):
            return [f"the database stands at {standing or 'nothing'}, the newest migration is {newest}"]
        return [_said(difference) for difference in compare_metadata(context, together)]


def _belongs(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out what extensions and alembic own, and indexes that geometry columns bring along by themselves."""
    if kind == "table":
        return name not in ("spatial_ref_sys", "alembic_version", "geometry_columns", "geography_columns")
    if kind == "index" and reflected and compare_to is None:
        return not (name or "").startswith("idx_")
    return True


def _said(difference: Any) -> str:
    return repr(difference) if isinstance(difference, tuple) else "; ".join(repr(part) for part in difference)


# ---- how ------------------------------------------------------------------------------------------------------


def folder_of(service: str) -> Path:
    """Return where a service's migrations stand."""
    return Path("services") / service / "migrations"


def misnamed(folder: Path) -> list[str]:
    """Return the names of migrations that do not say when and what."""
    return sorted(path.name for path in (folder / "versions").glob("*.py") if not NAME.match(path.name))


def _config(folder: Path, connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("chassis").joinpath("alembic_environment")))
    config.set_main_option("version_locations", str((folder / "versions").absolute()))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(url: str, service: str) -> Iterator[Connection]:
    """Lend the owner's connection while no other migrator works on this database."""
    engine = sqlalchemy.create_engine(
        make_url(url).set(drivername="postgresql+psycopg2"),
        poolclass=sqlalchemy.NullPool,
        connect_args={"application_name": f"{service}-migrations", "connect_timeout": 5},
    )
    try:
        with engine.connect() as connection:
            wait = connection.execute(text(f"SET lock_timeout = '{WAIT_FOR_ANOTHER_S}s'"))
            wait.close()
            connection.execute(text("SELECT pg_advisory_lock(hashtextextended('migrations', 0))"))
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'"))
            connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT_S}s'"))
            connection.commit()
            yield connection
    finally:
        engine.dispose()


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m chassis.migrations", description=__doc__)
    parser.add_argument("verb", choices=("upgrade", "check", "new"))
    parser.add_argument("service")
    parser.add_argument("words", nargs="?", default="")
    parser.add_argument("--folder", type=Path, help="services/<service>/migrations by default")
    asked = parser.parse_args()
    folder = asked.folder or folder_of(asked.service)
    if not (folder / "versions").is_dir():
        leave([f"{folder / 'versions'} is no folder; run this where services/ stands, or name --folder"])
    if asked.verb == "new":
        revision = f"{datetime.now(UTC):%Y%m%d_%H%M}"
        alembic_command.revision(_config(folder, None), message=asked.words or "words", rev_id=revision)
        return 0
    config = read_or_exit(MigrationsConfig)
    logs.begin(process=f"{asked.service}-migrations")
    try:
        if asked.verb == "upgrade":
            upgrade(asked.service, url=config.migration_database_url, folder=folder)
            return 0
        differences = drift(asked.service, url=config.migration_database_url, folder=folder)
    except (psycopg2.Error, sqlalchemy.exc.DBAPIError, ValueError) as error:
        log.exception("The migrations of %s failed.", asked.service)
        print(f"The migrations of {asked.service} failed: {logs.without_quotes(str(error))}", file=sys.stderr)
        return 1
    for difference in differences:
        print(difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
