"""The process work: one leader runs the timers, jobs are done once and seen on their way, only SIGTERM ends it."""

import itertools
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from chassis import clock, jobs
from chassis.caller import Caller
from chassis.jobs import Job, Kind, LeaseLost
from chassis.leader import Leadership
from chassis.work import sweep
from counters.running import Counters, Place, eventually
from sqlalchemy import text

SLEEPING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%'"
    " AND pid <> pg_backend_pid()"
)

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def ask(place: Place, kind: str, **params: Any) -> UUID:
    with place.engine.begin() as db:
        return jobs.ask(db, kind, params=params, at=AT)


def state_of(place: Place, job_id: UUID) -> jobs.JobView:
    with place.engine.connect() as db:
        found = jobs.find(db, job_id)
    assert found is not None
    return found


class TestLeader:
    def test_one_leads_and_the_next_follows_when_it_is_cut_off(self, place: Place) -> None:
        first, second = (Leadership(place.database_url, name="timers of tests") for _ in range(2))

        assert first.holds()
        assert not second.holds()
        assert first.holds()
        place.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'timers of tests'"
            " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
        )

        assert eventually(second.holds)
        assert not first.holds()
        second.resign()
        assert eventually(first.holds)
        first.resign()

    def test_two_workers_run_a_timer_in_one_of_them_and_the_other_follows(self, place: Place) -> None:
        def ran_in() -> set[str]:
            return {row.process for row in place.rows("SELECT process FROM ticks")}

        with place.process("work", name="one") as one:
            eventually(lambda: ran_in() == {"one"})
            with place.process("work", name="two") as two:
                two.wait_until_ready()
                ticks = len(place.rows("SELECT 1 FROM ticks"))
                eventually(lambda: len(place.rows("SELECT 1 FROM ticks")) > ticks + 5)
                assert ran_in() == {"one"}
                assert "timers_leader 1.0" in one.get("/metrics")[1]
                assert "timers_leader 0.0" in two.get("/metrics")[1]
                assert 'timer_last_ran_seconds{timer="tick"}' in two.get("/metrics")[1]

                one.freeze()  # and still nobody else may
                time.sleep(1.5)
                assert ran_in() == {"one"}
                one.kill()
                eventually(lambda: ran_in() == {"one", "two"})

    def test_a_timer_keeps_its_pace(self, place: Place) -> None:
        with place.working():
            eventually(lambda: len(place.rows("SELECT 1 FROM ticks")) >= 5)

        at = [row.at for row in place.rows("SELECT at FROM ticks ORDER BY id")]
        assert all(later - earlier >= timedelta(seconds=0.15) for earlier, later in itertools.pairwise(at))

    def test_every_timer_is_due_when_the_platforms_clock_is_moved(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hourly() -> list[datetime]:
            return [row.last_ran_at for row in place.rows("SELECT last_ran_at FROM timers WHERE name = 'sweep'")]

        with place.working():
            (before,) = eventually(hourly)
            monkeypatch.setenv("CLOCK_OFFSET_S", str(40 * 86_400))
            eventually(lambda: hourly()[0] - before > timedelta(days=39))


class TestJobs:
    def test_a_job_begins_only_when_the_transaction_that_asked_has_committed(
        self, place: Place, counters: Counters
    ) -> None:
        with place.working():
            job_id = UUID(counters.said("ask_job", text="step")["job_id"])
            with place.engine.connect() as db:
                never = jobs.ask(db, "step", params={"steps": 1}, at=AT)
                db.rollback()
            done = eventually(lambda: state_of(place, job_id).state == "done" and state_of(place, job_id))

        assert (done.done, done.total, done.result) == (3, 3, {"steps": 3})
        with place.engine.connect() as db:
            assert jobs.find(db, never) is None

    def test_progress_is_seen_while_the_job_runs(self, place: Place) -> None:
        job_id = ask(place, "step", steps=5, pause_s=0.3)
        with place.working():
            eventually(lambda: state_of(place, job_id).state == "running" and 0 < state_of(place, job_id).done < 5)
            eventually(lambda: state_of(place, job_id).state == "done")

    def test_a_job_whose_process_was_killed_is_done_by_another_once(self, place: Place) -> None:
        job_id = ask(place, "step", steps=4, pause_s=0.3)
        with place.process("work", name="one") as one:
            eventually(lambda: state_of(place, job_id).done > 0)
            one.kill()
        with place.process("work", name="two"):
            eventually(lambda: state_of(place, job_id).state == "done")

        assert place.rows("SELECT total FROM counters") == [(1,)]
        assert place.value("SELECT attempts FROM jobs") == 2

    def test_two_workers_do_each_job_once(self, place: Place) -> None:
        kinds = {"count": Kind("count", count)}
        ids = [ask(place, "count") for _ in range(20)]

        def do_all() -> None:
            while jobs.run_one(place.engine, kinds):
                pass

        workers = [threading.Thread(target=do_all) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert {state_of(place, job_id).state for job_id in ids} == {"done"}
        assert place.value("SELECT total FROM counters WHERE name = 'jobs'") == 20

    def test_a_failing_job_is_undone_tried_again_and_fails(self, place: Place) -> None:
        job_id = ask(place, "stumble")
        with place.working():
            eventually(lambda: state_of(place, job_id).state == "failed")

        assert place.value("SELECT attempts FROM jobs") == 2
        assert place.rows("SELECT * FROM counters") == []
        assert "fault of the code" not in json.dumps(state_of(place, job_id).error)

    def test_a_refused_job_fails_at_once_and_says_why(self, place: Place) -> None:
        job_id = ask(place, "refuse", steps=9)
        with place.working():
            eventually(lambda: state_of(place, job_id).state == "failed")

        assert place.value("SELECT attempts FROM jobs") == 1
        assert state_of(place, job_id).error == {
            "code": "too-many-steps",
            "detail": "No job takes 9 steps.",
            "params": {"steps": 9},
        }

    def test_who_lost_the_lease_cannot_finish(self, place: Place) -> None:
        job_id = ask(place, "slow")

        def run(db: Any, job: Job, *, at: Any) -> None:
            count(db, job, at=at)
            with place.engine.begin() as other:  # the lease ran out and somebody else took it
                other.execute(text("UPDATE jobs SET lease = gen_random_uuid()"))
            with pytest.raises(LeaseLost):
                job.progress(1, 1)

        assert jobs.run_one(place.engine, {"slow": Kind("slow", run)})

        assert place.rows("SELECT * FROM counters") == []
        assert state_of(place, job_id).state == "running"

    def test_a_job_that_ends_its_process_each_time_is_given_up(self, place: Place) -> None:
        job_id = ask(place, "fatal")
        with place.engine.begin() as db:
            db.execute(text("UPDATE jobs SET state = 'running', attempts = 3, lease_until = now() - interval '1 s'"))

        assert jobs.run_one(place.engine, {"fatal": Kind("fatal", count, attempts_max=3)})

        assert state_of(place, job_id).state == "failed"
        assert place.rows("SELECT * FROM counters") == []


def count(db: Any, job: Job, *, at: Any) -> None:
    db.execute(
        text(
            "INSERT INTO counters (name, total) VALUES ('jobs', 1)"
            " ON CONFLICT (name) DO UPDATE SET total = counters.total + 1"
        )
    )


class TestSweep:
    def test_what_nobody_will_ask_for_again_is_removed_and_nothing_else(self, place: Place) -> None:
        with place.engine.begin() as db:
            db.exec_driver_sql(
                "INSERT INTO commands (id, door, body_hash, created_at)"
                " SELECT gen_random_uuid(), 'add', '', now() - age * interval '1 day' FROM unnest(ARRAY[1, 6, 8]) age"
            )
            db.exec_driver_sql(
                "INSERT INTO outbox (event, aggregate, aggregate_id, version, data, occurred_at, sent_at)"
                " SELECT 'added', 'c', 'c', 1, '{}', now(), sent FROM unnest("
                " ARRAY[NULL, now() - interval '1 day', now() - interval '4 days']) sent"
            )
            db.exec_driver_sql(
                "INSERT INTO inbox (event_id, source, event, aggregate, aggregate_id, version, data, occurred_at,"
                " state, acted_at) SELECT gen_random_uuid(), 's', 'e', 'a', 'a', 1, '{}', now(), state, acted"
                " FROM (VALUES ('waiting', NULL), ('parked', NULL), ('acted', now()),"
                " ('acted', now() - interval '31 days')) AS rows (state, acted)"
            )

            sweep(db, at=clock.now())

        assert [place.count(table) for table in ("commands", "outbox", "inbox")] == [2, 2, 3]


class TestProcess:
    def test_both_processes_say_when_they_are_ready_and_end_cleanly_when_asked(self, place: Place) -> None:
        with place.process("serve") as serve, place.process("work") as work:
            for process in (serve, work):
                process.wait_until_ready()
                assert process.get("/livez")[0] == 200
                assert "broker_connected" in process.get("/metrics")[1]

            for process in (serve, work):
                process.popen.terminate()
            for process in (serve, work):
                assert process.popen.wait(240) == 0

    def test_a_call_in_hand_is_answered_before_the_service_ends(self, place: Place, caller: Caller) -> None:
        counters = Counters(caller, place.keys)
        with place.process("serve") as serve:
            serve.wait_until_ready()
            said: list[Any] = []
            asker = threading.Thread(target=lambda: said.append(counters.said("pause", seconds=1.5)))
            asker.start()
            eventually(lambda: place.value(SLEEPING) > 0)

            serve.popen.terminate()
            asker.join()

            assert said == [{"awake": True}]
            assert serve.popen.wait(240) == 0

    def test_without_a_database_it_stays_and_says_what_is_missing(self, place: Place, caller: Caller) -> None:
        nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
        with place.process("serve", DATABASE_URL=nowhere) as serve, place.process("work", DATABASE_URL=nowhere) as work:
            eventually(lambda: serve.missing() == work.missing() == ["database"])

            told = Counters(caller, place.keys).refusal("ping")
            assert (told["code"], told["params"]) == ("service-unavailable", {"service": "counters"})
            assert serve.get("/readyz")[0] == work.get("/readyz")[0] == 503
            assert serve.popen.poll() is work.popen.poll() is None

    def test_without_a_broker_it_stays_and_says_so(self, place: Place) -> None:
        nowhere = "amqp://nobody:x@127.0.0.1:1/nothing"
        with place.process("serve", AMQP_URL=nowhere) as serve, place.process("work", AMQP_URL=nowhere) as work:
            eventually(lambda: serve.missing() == work.missing() == ["broker"])
            time.sleep(0.5)
            assert serve.popen.poll() is work.popen.poll() is None


def test_the_service_role_makes_no_tables_and_changes_no_kept_rows(place: Place) -> None:
    connection = psycopg2.connect(place.database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ticks (process, at) VALUES ('a', now())")
        for statement in (
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "UPDATE ticks SET process = 'b'",
            "DELETE FROM ticks",
            "TRUNCATE ticks",
            "TRUNCATE commands",
            "SELECT * FROM alembic_version",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
    connection.close()
