"""Statements that are planned once for each connection: the same answers, and no trap when a table grows."""

from collections.abc import Iterator

import psycopg2
import pytest
from chassis.database import connect
from chassis.prepared import execute_prepared, in_words
from counters.running import Place
from local.databases import superuser
from local.testing import Servers
from sqlalchemy import Connection, Engine, bindparam, column, func, select, table, text
from sqlalchemy.exc import DBAPIError

ASKED = (
    "SELECT :name || '%' AS named, CAST(:name AS text) = ANY(CAST(:others AS text[])) AS is_there, '12:30'::time AS at"
)
KEPT = "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements ORDER BY name"


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = connect(place.database_url, pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as db:
        yield db


def test_answers_as_if_it_were_sent_whole(db: Connection) -> None:
    for name, is_there in (("a", True), ("c", False), ("a", True)):
        row = execute_prepared(db, ASKED, {"name": name, "others": ["a", "b"], "more": 1}).one()
        assert (row.named, row.is_there, str(row.at)) == (f"{name}%", is_there, "12:30:00")
    assert len(db.execute(text(KEPT)).all()) == 1


def test_is_kept_by_the_connection_beyond_the_transaction(engine: Engine) -> None:
    for _ in range(3):
        with engine.begin() as db:
            assert execute_prepared(db, "SELECT CAST(:n AS integer)", {"n": 7}).scalar_one() == 7
        with engine.connect() as db:
            execute_prepared(db, "SELECT CAST(:n AS integer)", {"n": 7})
            db.rollback()
    with engine.connect() as db:
        assert len(db.execute(text(KEPT)).all()) == 1


def test_is_planned_once_whatever_the_values(db: Connection) -> None:
    db.execute(text("INSERT INTO counters SELECT 'c' || n, n FROM generate_series(1, 100) n"))
    for n in range(1, 4):
        names = [f"c{n}"] * n
        execute_prepared(
            db, "SELECT * FROM counters WHERE name = ANY(:names)", {"names": names}, whatever_values=True
        ).one()
    (kept,) = db.execute(text(KEPT)).all()
    assert (kept.generic_plans, kept.custom_plans) == (3, 0)
    db.rollback()
    assert db.execute(text("SHOW plan_cache_mode")).scalar_one() == "auto"


def test_a_failed_call_leaves_the_next_ones_working(engine: Engine) -> None:
    asked = "SELECT 10 / CAST(:n AS integer)"
    for n in (0, 5, 0, 2):
        with engine.connect() as db:
            if n:
                assert execute_prepared(db, asked, {"n": n}).scalar_one() == 10 // n
            else:
                with pytest.raises(DBAPIError) as raised:
                    execute_prepared(db, asked, {"n": n})
                assert isinstance(raised.value.orig, psycopg2.errors.DivisionByZero)


def test_what_no_longer_fits_its_tables_is_prepared_anew(engine: Engine, servers: Servers, database: str) -> None:
    asked = "SELECT * FROM grows"
    with superuser(servers.postgres, database=database) as admin:
        admin.execute("CREATE TABLE grows AS SELECT 1 AS a; GRANT SELECT ON grows TO counters")
        try:
            with engine.connect() as db:
                assert execute_prepared(db, asked, {}).one() == (1,)
            admin.execute("ALTER TABLE grows ADD COLUMN b integer DEFAULT 2")
            with engine.connect() as db, pytest.raises(DBAPIError, match="cached plan must not change result type"):
                execute_prepared(db, asked, {})
            with engine.connect() as db:
                assert execute_prepared(db, asked, {}).one() == (1, 2)
        finally:
            admin.execute("DROP TABLE grows")


def test_a_select_in_words_has_its_constants_written_out(db: Connection) -> None:
    counters = table("counters", column("name"), column("total"))
    asked = select(counters.c.total, func.concat("50%: ", counters.c.name)).where(
        counters.c.name == bindparam("name"), counters.c.total > 1
    )
    db.execute(text("INSERT INTO counters VALUES ('a', 1), ('b', 2)"))
    for name, found in (("a", []), ("b", [(2, "50%: b")])):
        assert execute_prepared(db, in_words(asked), {"name": name}).all() == found
    (kept,) = db.execute(text(KEPT)).all()
    assert "total > 1" in kept.statement
