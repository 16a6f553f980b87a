"""The database: one connection a call, timeouts from the deadline, nothing that leaks from one call into the next."""

import socket
import time

import psycopg2
import pytest
from chassis.database import Access, connect, direct, is_lost
from chassis.logs import without_quotes
from chassis.refusals import DeadlinePassed
from counters.operations import CounterFull
from counters.running import Place
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

LIMIT = "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'"
FIVE_MINUTES = range(300_000, 300_001)
FOUR_MINUTES = range(120_000, 240_251)  # and less, by as long as it took to get here
BARE = "SELECT add_fast(gen_random_uuid(), '', 'a', %s, 0)"


def test_a_call_has_a_transaction_or_the_direct_cursor(place: Place) -> None:
    with Access(place.engine) as access:
        access.transaction.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError, match="cannot use the direct cursor too"):
            _ = access.direct
    with Access(place.engine) as access:
        access.direct.execute("SELECT 1")
        with pytest.raises(RuntimeError, match="cannot open a transaction too"):
            _ = access.transaction


def test_what_is_not_committed_is_undone(place: Place) -> None:
    with Access(place.engine) as access:
        access.transaction.execute(text("INSERT INTO counters VALUES ('a', 1)"))
    assert place.value("SELECT count(*) FROM counters") == 0

    with Access(place.engine) as access:
        access.transaction.execute(text("INSERT INTO counters VALUES ('a', 1)"))
        access.commit()
    assert place.value("SELECT count(*) FROM counters") == 1


def test_a_direct_connection_goes_back_as_it_came(place: Place) -> None:
    engine = connect(place.database_url, pool_size=1)
    with direct(engine) as cursor:
        cursor.execute("SELECT 1")
    with engine.connect() as db:
        db.execute(text("INSERT INTO counters VALUES ('a', 1)"))
        db.rollback()

    assert place.value("SELECT count(*) FROM counters") == 0
    engine.dispose()


def test_a_failed_direct_statement_leaves_the_connection_usable(place: Place) -> None:
    engine = connect(place.database_url, pool_size=1)
    with pytest.raises(psycopg2.errors.UndefinedTable), direct(engine) as cursor:
        cursor.execute("SELECT * FROM nothing")
    with direct(engine) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    engine.dispose()


def test_the_timeout_of_one_call_is_not_the_next_ones(place: Place) -> None:
    engine = connect(place.database_url, pool_size=1)
    with (
        pytest.raises(psycopg2.errors.QueryCanceled),
        Access(engine, deadline=time.time() + 2) as access,
    ):
        access.direct.execute("SELECT pg_sleep(30)")

    for deadline, allowed in ((None, FIVE_MINUTES), (time.time() + 240, FOUR_MINUTES), (None, FIVE_MINUTES)):
        with Access(engine, deadline=deadline) as access:
            access.direct.execute(LIMIT)
            (limit_ms,) = access.direct.fetchone()
            assert limit_ms in allowed
        with Access(engine, deadline=deadline) as access:
            assert access.transaction.execute(text(LIMIT)).scalar_one() in allowed
    engine.dispose()


def test_a_timeout_survives_a_rollback(place: Place) -> None:
    engine = connect(place.database_url, pool_size=1)
    for _ in range(2):
        with Access(engine, deadline=time.time() + 240) as access:
            assert access.transaction.execute(text(LIMIT)).scalar_one() in FOUR_MINUTES
    engine.dispose()


def test_a_deadline_that_has_passed_opens_nothing(place: Place) -> None:
    with Access(place.engine, deadline=time.time() - 1) as access:
        with pytest.raises(DeadlinePassed):
            _ = access.transaction
        with pytest.raises(DeadlinePassed):
            _ = access.direct


def test_an_sql_refusal_is_the_class_on_every_path(place: Place) -> None:
    with pytest.raises(CounterFull, match="room for 100 more"), direct(place.engine) as cursor:
        cursor.execute(BARE, (101,))
    with pytest.raises(CounterFull, match="room for 100 more"), place.engine.begin() as db:
        db.exec_driver_sql(BARE, (101,))
    assert place.value("SELECT count(*) FROM commands") == 0


def test_an_error_does_not_tell_the_parameters(place: Place) -> None:
    with pytest.raises(DBAPIError, match="parameters hidden") as told, place.engine.begin() as db:
        db.execute(text("SELECT CAST(:secret AS int)"), {"secret": "hunter2"})

    # psycopg2 quotes a part of the statement with its values; the log cuts it out.
    assert "hunter2" not in without_quotes(str(told.value))


def test_a_database_that_accepts_and_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.database.CONNECT_S", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        engine = connect(f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/c")

        with pytest.raises(psycopg2.OperationalError) as told, direct(engine):
            pass

    assert is_lost(told.value)


def test_a_stale_connection_is_replaced_without_an_error(place: Place) -> None:
    engine = connect(place.database_url, pool_size=1)
    with engine.connect() as db:
        first = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
    place.rows("SELECT pg_terminate_backend(:pid)", pid=first)
    time.sleep(0.2)

    with direct(engine) as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (first,)
    engine.dispose()
