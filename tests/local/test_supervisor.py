"""The supervisor on real servers: it restarts what dies, comes back after any kill, and leaves nothing behind.

The Python processes are the tiny ones of `stub_stack.py`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from local import processes
from local.clone import TEST_RUN
from local.erasing import erase
from local.operating import stop_everything
from local.processes import Found
from local.standing import standing_of
from local.supervisor import hold_folder

from tests.local.stub_stack import StubStack, stub_stack

FOLDER = TEST_RUN / "stub"
SCRIPT = Path(__file__).with_name("stub_stack.py")
EVERYTHING = {"postgres", "rabbitmq", "epmd", "clerk", "gateway"}


class Started:
    """A supervisor running in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(FOLDER)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def wait_until_ready(self) -> None:
        eventually(lambda: (standing := standing_of(FOLDER)) is not None and standing.state == "ready", within_s=240)

    def end(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        told, _ = self.process.communicate(timeout=600)
        return told


@pytest.fixture(scope="module")
def stack() -> Iterator[StubStack]:
    stop_everything(FOLDER)
    erase(FOLDER)
    yield stub_stack(FOLDER)
    stop_everything(FOLDER)
    erase(FOLDER)


@pytest.fixture
def running(stack: StubStack) -> StubStack:
    """Give a ready stack; tests in this file leave it ready, so it is started once."""
    standing = standing_of(FOLDER)
    if standing is None:
        Started().wait_until_ready()
    eventually(stack.is_ready, within_s=240)
    return stack


def eventually(is_so: Callable[[], bool], *, within_s: float = 120.0) -> None:
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.1)


def found(name: str) -> list[Found]:
    return [process for process in processes.found(FOLDER) if process.name == name]


def main_pid(name: str) -> int:
    return min(process.pid for process in found(name))


def supervisor_pid() -> int:
    standing = standing_of(FOLDER)
    assert standing is not None
    return standing.pid


def write_a_row(stack: StubStack) -> None:
    with psycopg2.connect(stack.postgres.url()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS rows (at timestamptz)")
        cursor.execute("TRUNCATE rows")
        cursor.execute("INSERT INTO rows VALUES (now())")
    connection.close()


def rows(stack: StubStack) -> int:
    connection = psycopg2.connect(stack.postgres.url())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM rows")
            return cursor.fetchone()[0]  # type: ignore[index]
    finally:
        connection.close()


def test_everything_comes_up(running: StubStack) -> None:
    assert {process.name for process in processes.found(FOLDER)} == EVERYTHING
    assert "migrated" in (FOLDER / "logs" / "migrations.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="started by somebody else than root, they run as that user")
@pytest.mark.parametrize("server", ["postgres", "rabbitmq", "epmd"])
def test_no_server_runs_as_root(running: StubStack, server: str) -> None:
    assert all(Path(f"/proc/{process.pid}").stat().st_uid != 0 for process in found(server))


@pytest.mark.parametrize("name", ["clerk", "gateway", "postgres", "epmd", "rabbitmq"])
def test_what_is_killed_is_started_again(running: StubStack, name: str) -> None:
    write_a_row(running)
    killed = main_pid(name)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: bool(found(name)) and not processes.is_alive(killed) and running.is_ready(), within_s=240)
    assert rows(running) == 1


def test_a_held_process_stays_down_until_it_is_let_go(running: StubStack) -> None:
    hold_folder(FOLDER).mkdir(exist_ok=True)
    hold = hold_folder(FOLDER) / "clerk"
    hold.touch()
    os.kill(main_pid("clerk"), signal.SIGKILL)
    time.sleep(3)  # several times the first pause
    assert not found("clerk")
    hold.unlink()
    eventually(lambda: bool(found("clerk")))


def test_a_second_start_says_that_it_runs_and_changes_nothing(running: StubStack) -> None:
    before = {process.pid for process in processes.found(FOLDER)}
    second = subprocess.run([sys.executable, str(SCRIPT), str(FOLDER)], check=False, capture_output=True, text=True)
    assert second.returncode == 0
    assert second.stdout == f"It runs already, at {running.base_url} (process {supervisor_pid()}).\n"
    assert {process.pid for process in processes.found(FOLDER)} == before


def test_after_a_kill_of_the_supervisor_a_new_start_works(running: StubStack) -> None:
    write_a_row(running)
    before = {process.pid for process in processes.found(FOLDER)}
    os.kill(supervisor_pid(), signal.SIGKILL)
    eventually(lambda: standing_of(FOLDER) is None)
    Started().wait_until_ready()
    assert rows(running) == 1
    assert not before & {process.pid for process in processes.found(FOLDER)}


def test_after_a_kill_of_everything_a_new_start_works(running: StubStack) -> None:
    write_a_row(running)
    victims = [supervisor_pid(), *(process.pid for process in processes.found(FOLDER))]
    for pid in victims:
        processes.send(pid, signal.SIGKILL)
    eventually(lambda: standing_of(FOLDER) is None)
    Started().wait_until_ready()
    assert rows(running) == 1


def test_stopping_leaves_nothing_running_and_nothing_listening(running: StubStack) -> None:
    ports = [running.port, running.postgres.port, running.rabbitmq.port]
    os.kill(supervisor_pid(), signal.SIGTERM)
    eventually(lambda: standing_of(FOLDER) is None, within_s=240)
    assert processes.found(FOLDER) == []
    for port in ports:
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", port))


def test_a_taken_port_is_named_with_who_has_it_and_what_to_do(stack: StubStack) -> None:
    assert standing_of(FOLDER) is None
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", stack.port))
        stranger.listen()
        refused = subprocess.run(
            [sys.executable, str(SCRIPT), str(FOLDER)], check=False, capture_output=True, text=True
        )
    assert refused.returncode == 1
    assert f"Port {stack.port} is taken by process {os.getpid()} (" in refused.stdout
    assert f"make run PORT={stack.port + 1}" in refused.stdout
    assert processes.found(FOLDER) == []


def test_a_program_that_keeps_dying_is_told_with_its_last_words(stack: StubStack) -> None:
    refused = subprocess.run(
        [sys.executable, str(SCRIPT), str(FOLDER), "broken"], check=False, capture_output=True, text=True, timeout=600
    )
    assert refused.returncode == 1
    assert "gateway has died 5 times" in refused.stdout
    assert "I cannot work like this" in refused.stdout
    assert processes.found(FOLDER) == []
