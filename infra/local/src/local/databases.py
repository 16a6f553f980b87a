"""One database and two roles for each service.

The owner role migrates: the schema and every table are its own. The service role works: it connects, and may do what
the migrations grant it, but makes no tables. Neither may connect to another service's database. Extensions need the
superuser, so they are made here, once, when the database is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from local.postgres import Postgres
from local.secrets import secret

SERVICES = ("roster", "assessment", "sites")
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")


def owner_of(service: str) -> str:
    return f"{service}_owner"


def create_service_database(
    postgres: Postgres, service: str, *, database: str | None = None, template: str | None = None
) -> None:
    """Make the service's roles and a database for it, unless they are there.

    With a template the database starts as its copy (its grants on the database itself are not copied, so they are
    given here again), made file by file: the many of a test run cost half of what block by block through the log does.
    """
    database = database or service
    with superuser(postgres) as admin:
        # Roles and grants are rows that all databases share: of two that write one at once PostgreSQL refuses one.
        admin.execute("SELECT pg_advisory_lock(1)")  # let go of with the connection
        for role in (owner_of(service), service):
            _make_role(admin, role=role, password=secret(postgres.folder, f"postgres-{role}"))
        admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
        if not admin.fetchone():
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE {} STRATEGY {}").format(
                    sql.Identifier(database),
                    sql.Identifier(owner_of(service)),
                    sql.Identifier(template or "template0"),
                    sql.SQL("file_copy" if template else "wal_log"),
                )
            )
        names = {
            "database": sql.Identifier(database),
            "owner": sql.Identifier(owner_of(service)),
            "service": sql.Identifier(service),
        }
        # TEMPORARY is PUBLIC's by default too; a service makes no tables, not even temporary ones.
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {database} TO {owner}, {service}").format(**names))
        admin.execute(sql.SQL("ALTER DATABASE {database} SET timezone TO 'UTC'").format(**names))
        # Everybody may enter the cluster's own databases by default, and make temporary tables there.
        admin.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    with superuser(postgres, database=database) as admin:
        for extension in EXTENSIONS:
            admin.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {owner}").format(**names))
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {service}").format(**names))


def drop_database(postgres: Postgres, database: str) -> None:
    """Drop a database, ending the sessions in it."""
    with superuser(postgres) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


@contextmanager
def superuser(postgres: Postgres, *, database: str = "postgres") -> Iterator[Cursor]:
    """Open a session as the superuser, in autocommit."""
    connection = psycopg2.connect(postgres.url(database=database))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _make_role(admin: Cursor, *, role: str, password: str) -> None:
    admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    if not admin.fetchone():
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )
