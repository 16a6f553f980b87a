"""What is behind the gateway may be away: it is told within the deadline, and comes back by itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import amqp
import pytest
from chassis.caller import Caller
from flask import Flask
from gateway.app import create_app
from gateway.config import GatewayConfig
from local.testing import Servers

from gateway import health
from tests.gateway.conftest import SILENT_VHOST, STANDING, eventually

pytestmark = STANDING


class Line:
    """A line to the broker that can be cut, and mended again."""

    def __init__(self, host: str, port: int) -> None:
        self._broker = (host, port)
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]

    def mend(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in self._sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _ = listener.accept()
                there = socket.create_connection(self._broker)
            except OSError:
                return
            self._sockets += [here, there]
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            return
        finally:
            sink.close()


@pytest.fixture
def line(broker: str) -> Iterator[Line]:
    parts = urlsplit(broker)
    made = Line(parts.hostname or "", parts.port or 5672)
    yield made
    made.cut()


@pytest.fixture
def far_app(config: GatewayConfig, broker: str, line: Line) -> Iterator[Flask]:
    parts = urlsplit(broker)
    caller = Caller(broker.replace(f":{parts.port}/", f":{line.port}/"))
    yield create_app(replace(config, rpc_timeout_s=1.0), caller=caller)
    caller.close()


@contextmanager
def pinged(*, within_s: float) -> Iterator[None]:
    """Let /readyz wait only so long for each service, which the tests' patience would make many times longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "PING_S", within_s)
        yield


def test_a_broker_that_is_away_is_told_in_time_and_its_return_is_noticed(
    far_app: Flask, line: Line, services: object
) -> None:
    client = far_app.test_client()
    for _ in range(2):
        answer = client.get("/api/v1/sites")
        assert (answer.status_code, answer.json["code"]) == (503, "service-unavailable")
        assert client.get("/livez").status_code == 200
        with pinged(within_s=0.5):
            assert client.get("/readyz").json["missing"] == ["roster", "sites", "assessment"]
        line.mend()
        eventually(lambda: client.get("/api/v1/sites").status_code == 200)
        assert client.get("/readyz").json == {
            "ready": True,
            "missing": [],
            "parts": {"roster": "ready", "sites": "ready", "assessment": "ready"},
        }
        line.cut()
        eventually(lambda: client.get("/api/v1/sites").status_code == 503)


def test_a_service_that_does_not_answer_is_told_at_the_deadline(config: GatewayConfig, servers: Servers) -> None:
    url = servers.amqp_url_of(SILENT_VHOST)
    parts = urlsplit(url)
    with amqp.Connection(
        host=f"{parts.hostname}:{parts.port}",
        userid=parts.username,
        password=parts.password,
        virtual_host=SILENT_VHOST,
    ) as connection:
        channel = connection.channel()
        channel.exchange_declare("nameko-rpc", "topic", durable=True, auto_delete=False)
        queue = channel.queue_declare("", exclusive=True).queue
        channel.queue_bind(queue, "nameko-rpc", "sites.*")
        caller = Caller(url)
        app = create_app(replace(config, rpc_timeout_s=0.5), caller=caller)
        client = app.test_client()
        eventually(lambda: client.get("/api/v1/sites").status_code == 504)  # once the caller has a connection
        assert client.get("/api/v1/sites").json["code"] == "deadline-passed"
        with pinged(within_s=3.0):
            ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json["parts"]["sites"] == "deadline-passed"
        assert ready.json["parts"]["roster"] == "service-unavailable"
        caller.close()


def test_what_is_counted_is_told(app: Flask, services: object) -> None:
    client = app.test_client()
    assert client.get("/api/v1/sites").status_code == 200
    told = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/api/v1/sites",status="200"}' in told
    assert 'rpc_seconds_count{door="sites.sites",outcome="ok"}' in told
