"""Outbox, relay and inbox together: nothing told is lost, nothing is acted upon twice, whatever dies in between."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import amqp
import pytest
from chassis.inbox import EVENTS_EXCHANGE, Acting, act
from chassis.outbox import tell
from chassis.relay import IDLE_POLL_S, POLL_S, Pause
from counters.messages import Added
from counters.running import Broker, Counters, Place, eventually
from counters.service import CountersService
from local.databases import superuser
from local.testing import Servers
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def tell_many(place: Place, count: int, *, start: int = 0) -> None:
    with place.engine.begin() as db:
        for number in range(start, start + count):
            tell(db, Added(f"c{number}", number), aggregate="counter", aggregate_id=number, version=1, at=AT)


def heard(place: Place) -> int:
    return place.value("SELECT count(DISTINCT event_id) FROM heard")


def unsent(place: Place) -> int:
    return place.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL")


class TestTell:
    def test_what_is_rolled_back_was_never_told(self, place: Place) -> None:
        with place.engine.connect() as db:
            tell(db, Added("a", 1), aggregate="counter", aggregate_id="a", version=1, at=AT)
            db.rollback()

        assert unsent(place) == 0

    def test_an_event_arrives_as_it_was_told(self, place: Place) -> None:
        with place.engine.begin() as db:
            event_id = tell(db, Added("蒲", 7), aggregate="counter", aggregate_id="a-1", version=12, at=AT)

        with place.serving(), place.working():
            (row,) = eventually(lambda: place.rows("SELECT * FROM inbox WHERE state = 'acted'"))

        assert (row.event_id, row.source, row.event) == (event_id, "counters", "added")
        assert (row.aggregate, row.aggregate_id, row.version, row.occurred_at) == ("counter", "a-1", 12, AT)
        assert row.data == {"counter": "蒲", "amount": 7, "listeners_fail": False}
        assert place.rows("SELECT counter, amount FROM heard") == [("蒲", 7)]


class TestRelay:
    def test_rows_of_a_transaction_that_began_earlier_and_ends_later_are_relayed_too(self, place: Place) -> None:
        with place.serving(), place.working():
            with place.engine.begin() as early:
                tell(early, Added("early", 1), aggregate="counter", aggregate_id="early", version=1, at=AT)
                tell_many(place, 3)  # later ids, committed first
                eventually(lambda: heard(place) == 3)

            eventually(lambda: heard(place) == 4)

    def test_an_event_told_before_the_hearer_ever_served_waits_in_its_queue(self, place: Place) -> None:
        with place.working():
            tell_many(place, 5)
            eventually(lambda: unsent(place) == 0)

        with place.serving(), place.working():
            eventually(lambda: heard(place) == 5)

    def test_two_relays_share_the_rows(self, place: Place) -> None:
        with place.serving(), place.process("work", name="one"), place.process("work", name="two"):
            tell_many(place, 800)
            eventually(lambda: unsent(place) == 0)
            eventually(lambda: heard(place) == 800)

        assert place.value("SELECT count(*) FROM heard") == 800

    def test_killed_in_mid_stream_and_the_broker_restarted_nothing_is_lost_or_doubled(
        self, place: Place, broker: Broker
    ) -> None:
        stopping = threading.Event()
        told = [0]

        def keep_telling() -> None:
            while not stopping.is_set():
                tell_many(place, 10, start=told[0])
                told[0] += 10
                stopping.wait(0.5)  # the broker takes its time to start, and this goes on meanwhile

        with place.process("serve") as serve, place.process("work") as work:
            serve.wait_until_ready()
            work.wait_until_ready()
            teller = threading.Thread(target=keep_telling)
            teller.start()

            eventually(lambda: heard(place) > 50)
            work.kill()
            with place.process("work", name="second") as second:
                seen = heard(place)
                eventually(lambda: heard(place) > seen + 50)

                serve.kill()  # so that the events stay with the broker
                broker.restart()
                with place.process("serve", name="third"):
                    seen = heard(place)
                    eventually(lambda: heard(place) > seen + 50)
                    stopping.set()
                    teller.join()
                    eventually(lambda: unsent(place) == 0)
                    eventually(lambda: heard(place) == told[0], wait_s=240)
                assert second.popen.poll() is None

        assert place.value("SELECT count(*) FROM heard") == told[0], "an event was acted upon twice"
        assert place.value("SELECT count(*) FROM inbox WHERE state <> 'acted'") == 0
        assert place.value("SELECT sum(amount) FROM heard") == sum(range(told[0]))

    def test_what_the_broker_does_not_take_is_not_marked_as_sent(self, place: Place) -> None:
        with place.serving(), place.working():
            with _publisher(place) as channel:
                # A queue without room makes the broker refuse: it confirms to the publisher that it did not take it.
                room = {"x-max-length": 1, "x-overflow": "reject-publish"}
                channel.queue_declare("tests-without-room", auto_delete=False, exclusive=True, arguments=room)
                channel.queue_bind("tests-without-room", EVENTS_EXCHANGE, "counters.added")
                tell_many(place, 5)
                eventually(lambda: place.count("inbox") > 0)  # so it was published
                time.sleep(0.5)
                assert unsent(place) == 5
            eventually(lambda: unsent(place) == 0)
            eventually(lambda: heard(place) == 5)

        assert place.count("heard") == 5

    def test_a_relay_outlives_a_cut_connection_to_the_database(self, place: Place) -> None:
        with place.serving(), place.working() as process:
            tell_many(place, 5)
            eventually(lambda: heard(place) == 5)

            for _ in range(3):
                place.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            tell_many(place, 5, start=5)

            eventually(lambda: heard(place) == 10)
            eventually(lambda: not process.missing())


class TestPause:
    def test_grows_while_nothing_is_found_and_begins_anew_with_what_is(self) -> None:
        pause = Pause()
        idle = [pause.after(found=False) for _ in range(20)]
        assert idle == sorted(idle)
        assert (idle[0], idle[-1]) == (POLL_S, IDLE_POLL_S)
        assert (pause.after(found=True), pause.after(found=False)) == (0.0, POLL_S)


class TestInbox:
    def test_a_repeat_is_dropped_by_its_event_id(self, place: Place) -> None:
        with place.serving(), place.working():
            tell_many(place, 1)
            eventually(lambda: heard(place) == 1)
            place.engine.dispose()
            with place.engine.begin() as db:
                db.exec_driver_sql("UPDATE outbox SET sent_at = NULL")
            eventually(lambda: unsent(place) == 0)
            tell_many(place, 1, start=1)  # the queue keeps its order: when this one is heard, the repeat was seen
            eventually(lambda: heard(place) == 2)

        assert place.value("SELECT count(*) FROM heard") == 2
        assert place.value("SELECT count(*) FROM inbox") == 2

    def test_what_was_stored_is_acted_upon_although_the_consumer_was_killed_before(self, place: Place) -> None:
        with place.process("serve") as serve:
            serve.wait_until_ready()
            with place.process("work") as work:  # relays, and is killed somewhere between store and act
                work.wait_until_ready()
                tell_many(place, 500)
                eventually(lambda: place.value("SELECT count(*) FROM inbox") > 20)
                work.kill()
            serve.kill()

        stored, acted = place.value("SELECT count(*) FROM inbox"), place.value("SELECT count(*) FROM heard")
        assert acted < 500
        with place.serving(), place.working():
            eventually(lambda: heard(place) == 500)
        assert stored >= acted
        assert place.value("SELECT count(*) FROM heard") == 500

    def test_the_effect_and_the_mark_commit_together(self, place: Place, servers: Servers) -> None:
        name = place.value("SELECT current_database()")
        with place.serving():
            with _publisher(place) as channel:
                channel.basic_publish(amqp.Message(_told(), delivery_mode=2), EVENTS_EXCHANGE, "counters.added")
            eventually(lambda: place.count("inbox") == 1)
        with superuser(servers.postgres, database=name) as admin:
            admin.execute("ALTER TABLE inbox ADD CONSTRAINT never CHECK (state <> 'acted')")
            try:
                with pytest.raises(IntegrityError):
                    act(place.engine, Acting(CountersService))
                assert place.count("heard") == 0
            finally:
                admin.execute("ALTER TABLE inbox DROP CONSTRAINT never")

        assert act(place.engine, Acting(CountersService)) == 1
        assert act(place.engine, Acting(CountersService)) == 0
        assert place.count("heard") == 1

    def test_a_failing_listener_is_undone_tried_again_and_at_last_parked(
        self, place: Place, counters: Counters, caplog: pytest.LogCaptureFixture
    ) -> None:
        with place.working():
            counters.said("add", counter="bad", amount=1, listeners_fail=True)
            counters.said("add", counter="good", amount=1)
            (row,) = eventually(lambda: place.rows("SELECT * FROM inbox WHERE state = 'parked'"))
            eventually(lambda: heard(place) == 1)

        assert row.attempts == 3
        assert "ArithmeticError" in row.error
        assert place.rows("SELECT counter FROM heard") == [("good",)]
        alarms = [record for record in caplog.records if getattr(record, "alarm", False)]
        assert len(alarms) == 1

    def test_a_parked_event_that_an_operator_releases_is_acted_upon(self, place: Place, counters: Counters) -> None:
        with place.working():
            counters.said("add", counter="bad", amount=1, listeners_fail=True)
            eventually(lambda: place.rows("SELECT 1 FROM inbox WHERE state = 'parked'"))
            with place.engine.begin() as db:
                db.execute(text("UPDATE inbox SET data = jsonb_set(data, '{listeners_fail}', 'false')"))  # the mending
                db.execute(text("UPDATE inbox SET state = 'waiting', attempts = 0, next_try_at = now()"))
            eventually(lambda: heard(place) == 1)

        assert place.rows("SELECT state, error FROM inbox") == [("acted", None)]

    def test_one_failing_event_does_not_hold_up_those_beside_it(self, place: Place, counters: Counters) -> None:
        for number in range(20):
            counters.said("add", counter=str(number), amount=1, listeners_fail=number == 7)
        with place.working():
            eventually(lambda: place.rows("SELECT 1 FROM inbox WHERE state = 'parked'"))
            eventually(lambda: heard(place) == 19)

        assert place.value("SELECT max(attempts) FROM inbox WHERE state = 'acted'") == 0
        assert place.count("heard") == 19

    def test_two_workers_share_the_events(self, place: Place) -> None:
        with place.serving():
            with place.working():
                tell_many(place, 1)
                eventually(lambda: heard(place) == 1)
            with _publisher(place) as channel:
                for number in range(600):
                    body = _told(event_id=f"00000000-0000-0000-0000-{number:012}")
                    channel.basic_publish(amqp.Message(body, delivery_mode=2), EVENTS_EXCHANGE, "counters.added")
            eventually(lambda: place.count("inbox") == 601)
        with place.process("work", name="one"), place.process("work", name="two"):
            eventually(lambda: heard(place) == 601)

        assert place.count("heard") == 601

    def test_an_event_is_put_off_ever_longer(self, place: Place, counters: Counters) -> None:
        with place.working():
            counters.said("add", counter="bad", amount=1, listeners_fail=True)
            eventually(lambda: place.rows("SELECT 1 FROM inbox WHERE state = 'parked'"))

        # Three attempts with pauses of 0.05, 0.1 and 0.2 seconds after them.
        (row,) = place.rows("SELECT extract(epoch FROM next_try_at - received_at)::float8 AS s FROM inbox")
        assert row.s >= 0.05 + 0.1 + 0.2

    def test_what_cannot_be_read_is_parked_and_keeps_nobody_out(self, place: Place, counters: Counters) -> None:
        with _publisher(place) as channel:
            for body in (
                b"no json",
                b"{}",
                b'{"event_id": "7"}',
                _told(data='{"counter": "a\\u0000", "amount": 1}'),
                _told(occurred_at="yesterday or so"),
                _told(aggregate="a\\u0000b"),
                _told(version="99999999999999999999"),
            ):
                channel.basic_publish(amqp.Message(body, delivery_mode=2), EVENTS_EXCHANGE, "counters.added")
        with place.working():
            counters.said("add", counter="good", amount=1)
            eventually(lambda: heard(place) == 1)
            eventually(lambda: place.value("SELECT count(*) FROM inbox WHERE state = 'parked'") == 7)

    def test_what_does_not_fit_the_contract_is_parked(self, place: Place, counters: Counters) -> None:
        with _publisher(place) as channel:
            body = _told(data='{"counter": "a", "amount": "many"}')
            channel.basic_publish(amqp.Message(body, delivery_mode=2), EVENTS_EXCHANGE, "counters.added")
        with place.working():
            (row,) = eventually(lambda: place.rows("SELECT * FROM inbox WHERE state = 'parked'"))

        assert "ValidationError" in row.error

    def test_with_the_database_away_events_stay_in_the_queue(self, place: Place, servers: Servers) -> None:
        name = place.value("SELECT current_database()")
        with place.serving():
            with _publisher(place) as channel:
                _allow(servers, name, connections=0)
                for number in range(3):
                    body = _told(event_id=f"00000000-0000-0000-0000-00000000000{number}")
                    channel.basic_publish(amqp.Message(body, delivery_mode=2), EVENTS_EXCHANGE, "counters.added")
            time.sleep(1)  # the consumer fails, pauses and tries again
            _allow(servers, name, connections=-1)
            eventually(lambda: place.value("SELECT count(*) FROM inbox") == 3)


def _told(
    *,
    event_id: str = "00000000-0000-0000-0000-0000000000aa",
    occurred_at: str = "2026-03-01T09:00:00+00:00",
    data: str = '{"counter": "a", "amount": 1}',
    aggregate: str = "counter",
    version: str = "1",
) -> bytes:
    return (
        f'{{"event_id": "{event_id}", "occurred_at": "{occurred_at}", "aggregate": "{aggregate}",'
        f' "aggregate_id": "a", "version": {version}, "data": {data}}}'
    ).encode()


def _allow(servers: Servers, database: str, *, connections: int) -> None:
    """Let the service connect to its database, or not: its sessions end and no new one begins."""
    with superuser(servers.postgres) as admin:
        admin.execute(f'ALTER DATABASE "{database}" CONNECTION LIMIT {connections}')
        if not connections:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))


class _publisher:
    """A plain publisher of the tests, beside the outbox."""

    def __init__(self, place: Place) -> None:
        credentials, _, where = place.amqp_url.removeprefix("amqp://").rpartition("@")
        user, _, password = credentials.partition(":")
        host, _, vhost = where.partition("/")
        self._connection = amqp.Connection(host=host, userid=user, password=password, virtual_host=vhost)

    def __enter__(self) -> Any:
        self._connection.connect()
        return self._connection.channel()

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()
