"""The caller: every call ends in time with its own answer or with what became of it; broker and service may go away."""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from chassis.caller import RPC_EXCHANGE, Caller
from chassis.refusals import DeadlinePassed, Refusal, ServiceUnavailable
from chassis.wire import Link, table
from contracts.envelope import Header, Outcome
from counters.running import Broker, Counters, Place, eventually, free_port


class TestDeadline:
    def test_an_answer_that_comes_too_late_is_an_error_in_time(self, counters: Counters) -> None:
        with pytest.raises(DeadlinePassed):  # who waited for the answer would get it
            counters.ask("pause", timeout_s=0.5, seconds=10)

    def test_a_late_answer_meets_nobody(self, place: Place, caller: Caller) -> None:
        # The service here is this test: it answers the first call after its deadline, and then the second one.
        link = Link(place.amqp_url)
        link.channel.exchange_declare(RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
        link.channel.queue_declare("rpc-slow", auto_delete=True)
        link.channel.queue_bind("rpc-slow", RPC_EXCHANGE, "slow.*")
        link.channel.basic_consume("rpc-slow", no_ack=True)
        first, second = threading.Event(), threading.Event()

        def answer_late() -> None:
            asked: list[Any] = []
            for arrived in link.arrivals():
                asked += arrived
                if len(asked) == 1:
                    first.set()
                if len(asked) == 2:
                    break
            for delivery in asked:
                link.send(
                    link.publication(
                        delivery.body,
                        routing_key=delivery.reply_to,
                        correlation_id=delivery.correlation_id,
                        headers=table({Header.OUTCOME: b"ok"}),
                    )
                )
            second.set()

        threading.Thread(target=answer_late, daemon=True).start()
        with pytest.raises(DeadlinePassed):
            caller.call("slow", "echo", b'"first"', timeout_s=5)  # the caller connects in it as well
        assert first.wait(60)

        assert caller.call("slow", "echo", b'"second"', timeout_s=60).body == b'"second"'
        assert second.wait(60)
        link.drop()


class TestNobodyThere:
    def test_an_unknown_service_is_told_at_once(self, caller: Caller) -> None:
        with pytest.raises(ServiceUnavailable) as told:  # and no DeadlinePassed, a minute later
            caller.call("nobody", "anything", b"{}", timeout_s=60)

        assert told.value.params == {"service": "nobody"}

    def test_without_a_broker_a_call_fails_within_its_deadline(self) -> None:
        caller = Caller(f"amqp://guest:guest@127.0.0.1:{free_port()}/")

        with pytest.raises(ServiceUnavailable):
            caller.call("counters", "echo", b"{}", timeout_s=2)

        caller.close()


class TestManyAtOnce:
    def test_no_answers_are_crossed_under_32_threads(self, place: Place, counters: Counters) -> None:
        program = subprocess.run(
            [sys.executable, str(Path(__file__).parent / "crossed.py")],
            env=place.environment(port=1, name="crossed"),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

        assert program.returncode == 0, program.stdout + program.stderr
        assert program.stdout.strip() == "3200"

    def test_answers_out_of_order_reach_their_callers(self, counters: Counters) -> None:
        said: dict[str, Any] = {}

        def ask(text: str, pause_s: float) -> None:
            if pause_s:
                counters.said("pause", seconds=pause_s)
            said[text] = counters.said("echo", text=text)

        threads = [threading.Thread(target=ask, args=(str(n), (n % 3) * 0.1)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert said == {str(n): {"text": str(n)} for n in range(12)}


class TestFork:
    def test_a_forked_child_connects_for_itself_and_leaves_the_parent_alone(
        self, place: Place, counters: Counters
    ) -> None:
        # In a program of its own: forking a test process that runs green threads would prove nothing.
        code = (
            "import os\n"
            "from chassis.caller import Caller\n"
            "caller = Caller(os.environ['AMQP_URL'])\n"
            "def echo():\n"
            '    text = b\'{"text":"%d"}\' % os.getpid()\n'
            "    return caller.call('counters', 'echo', text, timeout_s=60).body\n"
            "first = echo()\n"
            "child = os.fork()\n"
            'assert echo() == b\'{"text":"%d"}\' % os.getpid()\n'
            "if not child: os._exit(0)\n"
            "assert os.waitpid(child, 0)[1] == 0\n"
            "assert echo() == first\n"
        )

        program = subprocess.run(
            [sys.executable, "-c", code],
            env=place.environment(port=1, name="fork"),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

        assert program.returncode == 0, program.stderr


class TestBrokerRestarted:
    def test_a_busy_service_and_its_callers_recover_by_themselves(self, place: Place, broker: Broker) -> None:
        caller = Caller(place.amqp_url)
        ends: Counter[str] = Counter()
        longest_s = [0.0]
        stopping = threading.Event()

        def ask(counters: Counters) -> None:
            while not stopping.is_set():
                began_at = time.monotonic()
                try:
                    end = counters.ask("pause", timeout_s=3, seconds=0.1).outcome
                except Refusal as refusal:
                    end = refusal.code
                    time.sleep(0.05)
                ends[end] += 1
                longest_s[0] = max(longest_s[0], time.monotonic() - began_at)

        with place.process("serve") as serve:
            serve.wait_until_ready()
            counters = Counters(caller, place.keys)
            askers = [threading.Thread(target=ask, args=(counters,)) for _ in range(8)]
            for asker in askers:
                asker.start()
            eventually(lambda: ends[Outcome.OK] > 10)

            broker.stop()  # while eight calls are being answered
            eventually(lambda: ends["service-unavailable"] > 10)
            before = ends[Outcome.OK]
            broker.start()
            eventually(lambda: ends[Outcome.OK] > before + 20)
            stopping.set()
            for asker in askers:
                asker.join()

            assert serve.popen.poll() is None, "the service ended with the broker"
            assert counters.said("ping") == {"ready": True}
        assert set(ends) <= {Outcome.OK, "service-unavailable", "deadline-passed"}
        assert longest_s[0] < 3 + 60, "a call outlived its deadline"
        caller.close()


class TestServiceGone:
    def test_a_service_that_dies_costs_at_most_the_deadline_and_is_found_again(
        self, place: Place, caller: Caller
    ) -> None:
        counters = Counters(caller, place.keys)
        with place.process("serve") as serve:
            serve.wait_until_ready()
            counters.said("ping")
            serve.kill()

            with pytest.raises((DeadlinePassed, ServiceUnavailable)):
                counters.ask("ping", timeout_s=0.5)

        with place.process("serve") as serve:
            serve.wait_until_ready()
            assert counters.said("ping") == {"ready": True}
