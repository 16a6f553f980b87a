"""Doors: what comes in is checked, what goes wrong is told, nothing a caller sends ends the process."""

import json
import logging
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.caller import REPLY_TO, RPC_EXCHANGE, Caller
from chassis.refusals import DeadlinePassed
from chassis.wire import Link, table
from contracts.envelope import Header, Outcome
from counters.running import Counters, Keys, Place, eventually

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
ACTIVE = f"{OTHERS} AND state = 'active'"


class TestInput:
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"{", "not-json"),
            (b"[1]", "not-an-object"),
            (b"\xff\xfe", "not-json"),
            (b'{"counter": "a\\u0000b", "amount": 1}', "nul"),
            (b"[" * 100_000, "not-json"),
            (b'{"counter": "' + b"a" * 1_100_000 + b'", "amount": 1}', "too-long"),
        ],
    )
    def test_a_malformed_body_is_refused(self, counters: Counters, body: bytes, reason: str) -> None:
        answer = counters.caller.call(
            "counters", "add", body, timeout_s=60, token=counters.token, command_id=str(uuid4())
        )

        assert answer.outcome == Outcome.REFUSAL
        told = json.loads(answer.body)
        assert told["code"] == "bad-request"
        assert told["params"]["reason"] == reason

    def test_wrong_fields_are_named(self, counters: Counters) -> None:
        told = counters.refusal("add", counter=7, amount="many", unknown=1)

        assert told["code"] == "invalid-input"
        assert set(told["errors"]) == {"counter", "amount"}

    def test_a_command_without_an_id_is_refused(self, counters: Counters) -> None:
        answer = counters.caller.call(
            "counters", "add", b'{"counter":"a","amount":1}', timeout_s=60, token=counters.token
        )

        assert json.loads(answer.body)["code"] == "bad-request"

    def test_a_door_that_does_not_exist_is_a_fault(self, counters: Counters) -> None:
        assert counters.ask("no_such_door").outcome == Outcome.FAULT

    def test_a_long_answer_and_a_long_question_pass_whole(self, counters: Counters) -> None:
        long = "满" * 150_000

        assert counters.said("echo", text=long) == {"text": long}


class TestWhoMayEnter:
    def test_without_a_token_the_door_stays_shut(self, counters: Counters) -> None:
        answer = counters.caller.call("counters", "who", b"{}", timeout_s=60)

        assert json.loads(answer.body)["code"] == "not-signed-in"

    def test_the_actor_is_told_to_the_method(self, counters: Counters, keys: Keys) -> None:
        assert counters.said("who", token=keys.token(name="朱丽")) == {"name": "朱丽"}

    def test_a_lenient_door_takes_a_token_that_has_just_expired(self, counters: Counters, keys: Keys) -> None:
        late = keys.token(at=clock.now() - timedelta(minutes=39))
        too_late = keys.token(at=clock.now() - timedelta(minutes=41))

        assert counters.said("who", token=late) == {"name": "Ada"}
        assert counters.refusal("who", token=too_late)["code"] == "not-signed-in"
        assert counters.refusal("add", token=late, counter="a", amount=1)["code"] == "not-signed-in"

    def test_everybody_may_enter_a_public_door_whatever_their_token(self, counters: Counters) -> None:
        assert counters.said("echo", token="forged", text="hi") == {"text": "hi"}


class TestGuard:
    def test_a_retry_gets_the_same_answer_and_acts_once(self, counters: Counters) -> None:
        for door in ("add", "add_fast"):
            command_id = uuid4()

            answers = [counters.ask(door, command_id=command_id, counter=door, amount=3) for _ in range(3)]

            assert len(set(answers)) == 1
            assert counters.said("total", counter=door)["total"] == 3

    def test_a_secret_is_told_once_and_stored_nowhere(self, counters: Counters, place: Place) -> None:
        command_id = uuid4()
        assert counters.said("add_secretly", command_id=command_id, counter="secret", amount=3)["total"] == 3
        again = counters.refusal("add_secretly", command_id=command_id, counter="secret", amount=3)
        assert again["code"] == "shown-once"
        assert counters.said("total", counter="secret")["total"] == 3
        assert place.value("SELECT count(*) FROM commands WHERE answer = ''") == 1

    def test_the_same_id_with_another_body_is_refused(self, counters: Counters) -> None:
        for door in ("add", "add_fast"):
            command_id = uuid4()
            counters.ask(door, command_id=command_id, counter=door, amount=3)

            told = counters.refusal(door, command_id=command_id, counter=door, amount=4)

            assert told["code"] == "idempotency-key-reused"
            assert counters.said("total", counter=door)["total"] == 3

    def test_the_same_id_from_another_person_is_refused(self, counters: Counters, keys: Keys) -> None:
        command_id = uuid4()
        counters.ask("add", command_id=command_id, counter="a", amount=3)

        told = counters.refusal("add", command_id=command_id, token=keys.token(), counter="a", amount=3)

        assert told["code"] == "idempotency-key-reused"

    @pytest.mark.parametrize("door", ["add", "add_fast"])
    def test_duplicates_at_the_same_time_wait_and_act_once(self, counters: Counters, place: Place, door: str) -> None:
        command_id = uuid4()
        answers: list[Any] = []

        def ask() -> None:
            answers.append(counters.ask(door, command_id=command_id, counter="a", amount=1, pause_s=0.4))

        askers = [threading.Thread(target=ask) for _ in range(5)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()

        assert len(answers) == 5
        assert len(set(answers)) == 1
        assert answers[0].outcome == Outcome.OK
        assert place.value("SELECT total FROM counters WHERE name = 'a'") == 1
        assert place.value("SELECT count(*) FROM commands") == 1

    def test_a_refusal_is_not_remembered(self, counters: Counters, place: Place) -> None:
        for door in ("add", "add_fast"):
            command_id = uuid4()
            counters.said("add", counter=door, amount=90)

            told = counters.refusal(door, command_id=command_id, counter=door, amount=20)
            assert (told["code"], told["params"]) == ("counter-full", {"room": 10})
            assert told["detail"] == "The counter has room for 10 more."

            counters.said("add", counter=door, amount=-80)
            assert counters.said(door, command_id=command_id, counter=door, amount=20)["total"] == 30

    def test_a_refused_command_leaves_nothing_behind(self, counters: Counters, place: Place) -> None:
        counters.refusal("add", counter="a", amount=200)

        assert [place.count(table) for table in ("counters", "outbox", "commands")] == [0, 0, 0]


class TestFaults:
    def test_an_answer_that_cannot_be_said_is_a_fault_that_names_it_and_undoes_the_effect(
        self, counters: Counters, place: Place, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            answer = counters.ask("add_unsayable", text="a")

        assert answer.outcome == Outcome.FAULT
        assert set(json.loads(answer.body)) == {"request_id"}
        assert "object cannot be said on the wire" in caplog.text
        assert place.value("SELECT count(*) FROM counters") == 0

    def test_a_fault_of_the_code_tells_its_request_id_and_no_more(
        self, counters: Counters, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = counters.caller.call("counters", "fail", b"{}", timeout_s=60, request_id="r-17")

        assert (answer.outcome, json.loads(answer.body)) == (Outcome.FAULT, {"request_id": "r-17"})
        assert "ZeroDivisionError" in caplog.text

    def test_a_cut_connection_to_the_database_is_told_and_the_next_call_has_a_new_one(self, counters: Counters) -> None:
        assert counters.refusal("cut")["code"] == "service-unavailable"
        assert counters.said("ping") == {"ready": True}

    def test_connections_cut_while_they_stand_idle_are_replaced_unnoticed(
        self, counters: Counters, place: Place
    ) -> None:
        counters.said("ping")
        counters.said("add_fast", counter="a", amount=1)

        with place.engine.connect() as db:
            db.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        eventually(lambda: place.value(OTHERS) == 0)

        assert counters.said("ping") == {"ready": True}
        assert counters.said("add_fast", counter="a", amount=1)["total"] == 2

    def test_a_lock_that_somebody_holds_is_told_as_busy(self, place: Place, caller: Caller) -> None:
        with place.serving(LOCK_TIMEOUT_MS="500"):
            counters = Counters(caller, place.keys)
            counters.said("add", counter="a", amount=1)

            with place.engine.begin() as db:
                db.exec_driver_sql("SELECT 1 FROM counters FOR UPDATE")
                assert counters.refusal("lock", counter="a")["code"] == "busy"

    def test_more_calls_than_connections_wait_their_turn(self, counters: Counters) -> None:
        answers: list[Any] = []
        askers = [
            threading.Thread(target=lambda: answers.append(counters.said("pause", seconds=0.2))) for _ in range(20)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()

        assert answers == [{"awake": True}] * 20


class TestDeadline:
    def test_a_statement_does_not_outlive_its_caller(self, counters: Counters, place: Place) -> None:
        with pytest.raises(DeadlinePassed):
            counters.ask("pause", timeout_s=1, seconds=60)

        eventually(lambda: place.value(ACTIVE) == 0)
        assert counters.said("ping") == {"ready": True}

    def test_a_command_whose_caller_is_gone_has_no_effect(self, counters: Counters, place: Place) -> None:
        with pytest.raises(DeadlinePassed):
            counters.ask("add", timeout_s=1, counter="a", amount=1, pause_s=1.5)
        time.sleep(1.5)

        assert counters.refusal("total", counter="a")["code"] == "not-found"

    @pytest.mark.parametrize("deadline", [b"nan", b"inf", b"soon", b""])
    def test_a_deadline_that_is_no_time_is_as_none(self, counters: Counters, place: Place, deadline: bytes) -> None:
        link = Link(place.amqp_url)
        link.channel.basic_consume(REPLY_TO.decode(), no_ack=True)
        link.send(
            link.publication(
                b"{}",
                exchange=RPC_EXCHANGE.encode(),
                routing_key=b"counters.ping",
                headers=table({Header.DEADLINE: deadline}),
                reply_to=REPLY_TO,
            )
        )

        answer = next(arrived[0] for arrived in link.arrivals() if arrived)

        assert (answer.headers[Header.OUTCOME], answer.body) == (b"ok", b'{"ready":true}')
        link.drop()

    def test_a_call_that_waited_too_long_is_not_begun(self, place: Place, caller: Caller) -> None:
        with place.serving(MAX_WORKERS="1"):
            counters = Counters(caller, place.keys)
            counters.said("add", counter="held", amount=1)
            with place.engine.begin() as db:
                db.exec_driver_sql("SELECT 1 FROM counters FOR UPDATE")
                slow = threading.Thread(target=lambda: counters.ask("lock", counter="held"))
                slow.start()
                eventually(lambda: place.value(ACTIVE) > 0)

                with pytest.raises(DeadlinePassed):
                    counters.ask("add", timeout_s=0.3, counter="a", amount=1)
            slow.join()

            assert counters.refusal("total", counter="a")["code"] == "not-found"
