"""How the tests run the counters: in this process on green threads, or as processes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.caller import Answer, Caller
from chassis.config import service_settings
from chassis.serve import missing, runner_of
from chassis.tokens import Signer
from chassis.work import Process
from contracts.envelope import Outcome
from local.processes import Program, start, stop
from local.rabbitmq import RabbitMQ
from sqlalchemy import Engine, text

from counters.service import SERVICE
from counters.work import WORK

FOLDER = Path(__file__).parent
SOON_S = 240.0


def eventually(what: Callable[[], Any], *, wait_s: float = SOON_S) -> Any:
    """Wait until `what` returns something true, and return it; the wait is generous, no measure."""
    until = time.monotonic() + wait_s
    while True:
        found = what()
        if found or time.monotonic() > until:
            assert found, f"this did not happen within {wait_s:.0f} s: {what}"
            return found
        time.sleep(0.1)


@dataclass
class Keys:
    """Roster's pair of keys, as the tests play roster."""

    signer: Signer
    public: Path

    def token(self, *, at: datetime | None = None, person_id: UUID | None = None, name: str = "Ada") -> str:
        return self.signer.sign(
            person_id=person_id or uuid4(),
            session_id=uuid4(),
            name=name,
            grants=[("member", "1.2")],
            at=at or clock.now(),
        )


@dataclass
class Place:
    """Everything that the counters need: an empty migrated database, a broker, keys."""

    database_url: str
    amqp_url: str
    keys: Keys
    engine: Engine

    def environment(self, *, port: int, name: str, **more: str) -> dict[str, str]:
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
            "DATABASE_URL": self.database_url,
            "AMQP_URL": self.amqp_url,
            "TOKEN_PUBLIC_KEYS": str(self.keys.public),
            "METRICS_PORT": str(port),
            "PROCESS_NAME": name,
            "PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(FOLDER.parent)))),
            "PYTHONWARNINGS": "ignore",
            **more,
        }

    @contextmanager
    def serving(self, **more: str) -> Iterator[None]:
        """Run the doors in this process."""
        settings = service_settings(FOLDER / "config.yml", self.environment(port=1, name="here", **more))
        runner = runner_of(SERVICE, {**settings, "TOKEN_PUBLIC_KEYS": str(self.keys.public)})
        runner.start()
        try:
            eventually(lambda: not missing(runner))
            yield
        finally:
            runner.stop()

    @contextmanager
    def working(self) -> Iterator[Process]:
        """Run the work in this process."""
        os.environ["PROCESS_NAME"] = "here"
        process = Process(WORK, SERVICE, database_url=self.database_url, amqp_url=self.amqp_url)
        process.start()
        try:
            yield process
        finally:
            process.stop()

    @contextmanager
    def process(self, kind: str, *, name: str = "", **more: str) -> Iterator["Running"]:
        """Run `chassis.serve` or `chassis.work` as a process of its own; whatever happens, it is gone at the end."""
        port = free_port()
        folder = ["--folder", str(FOLDER)] if kind == "serve" else []
        running = Running(
            subprocess.Popen(
                [sys.executable, "-m", f"chassis.{kind}", "counters", *folder],
                env=self.environment(port=port, name=name or f"counters-{kind}", **more),
                stderr=subprocess.DEVNULL,
            ),
            port,
        )
        try:
            yield running
        finally:
            running.popen.kill()
            running.popen.wait()

    def rows(self, query: str, **params: Any) -> list[Any]:
        with self.engine.connect() as db:
            return list(db.execute(text(query), params))

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {table}"))  # noqa: S608 - the tests' own words

    def value(self, query: str, **params: Any) -> Any:
        return self.rows(query, **params)[0][0]


@dataclass
class Running:
    """One process of the counters."""

    popen: subprocess.Popen[bytes]
    port: int

    def get(self, path: str) -> tuple[int, str]:
        """Ask its own HTTP port; status 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_until_ready(self) -> None:
        eventually(lambda: self.get("/readyz")[0] == 200)

    def missing(self) -> list[str] | None:
        """Ask what it misses; None while nothing answers."""
        status, body = self.get("/readyz")
        return json.loads(body)["missing"] if status else None

    def freeze(self) -> None:
        """Let it stand still; its connections stay."""
        self.popen.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as a power failure would."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()


class Counters:
    """The counters as a caller sees them."""

    def __init__(self, caller: Caller, keys: Keys) -> None:
        self.caller = caller
        self.keys = keys
        self.token = keys.token()

    def ask(
        self, door: str, *, timeout_s: float = 60.0, command_id: Any = None, token: str = "", **body: Any
    ) -> Answer:
        return self.caller.call(
            "counters",
            door,
            json.dumps(body).encode(),
            timeout_s=timeout_s,
            token=token or self.token,
            command_id=str(command_id or uuid4()),
        )

    def said(self, door: str, **body: Any) -> dict[str, Any]:
        """Ask, and return the decoded answer."""
        answer = self.ask(door, **body)
        assert answer.outcome == Outcome.OK, answer
        return json.loads(answer.body)

    def refusal(self, door: str, **body: Any) -> dict[str, Any]:
        """Ask, and return the refusal."""
        answer = self.ask(door, **body)
        assert answer.outcome == Outcome.REFUSAL, answer
        return json.loads(answer.body)


class Broker:
    """A broker of the tests' own, which they may restart."""

    def __init__(self, folder: Path) -> None:
        self.rabbitmq = RabbitMQ(folder=folder)
        self.rabbitmq.choose_ports()
        self.rabbitmq.prepare()
        self._running: list[Any] = []

    @property
    def url(self) -> str:
        return self.rabbitmq.url()

    def start(self) -> None:
        for program in (self.rabbitmq.name_server(), self.rabbitmq.program()):
            self._running.append(start(program, dies_with_parent=True))
        eventually(self.rabbitmq.is_ready, wait_s=600)

    def stop(self) -> None:
        programs: tuple[Program, ...] = (self.rabbitmq.program(), self.rabbitmq.name_server())
        for running, program in zip(reversed(self._running), programs, strict=False):
            stop([running.pid], first=program.stop_signal, wait_s=program.stop_wait_s)
            running.wait()
        self._running.clear()

    def restart(self) -> None:
        self.stop()
        self.start()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
