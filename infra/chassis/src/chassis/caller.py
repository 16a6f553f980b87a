"""The way to a service: calls over AMQP from plain threads (the gateway, tests), many at once over one connection.

One channel publishes the calls and takes the answers by RabbitMQ's direct reply-to, so an answer costs no queue. Each
call waits on a lock of its own until its answer, its deadline, the word that no service of that name listens, or the
loss of the connection; whichever comes first takes the call out of the list, so a late answer meets nobody.

The connection is made by the process that first calls (fork first, then call) and made anew by itself when it is lost.
"""

import itertools
import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import Final

from contracts.envelope import Header, Outcome

from chassis import metrics
from chassis.patience import PATIENCE
from chassis.refusals import DeadlinePassed, ServiceUnavailable
from chassis.wire import Delivery, Link, LinkLost, table

log = logging.getLogger(__name__)

RPC_EXCHANGE: Final = "nameko-rpc"
REPLY_TO: Final = b"amq.rabbitmq.reply-to"
CONNECT_WAIT_S: Final = 1.0 * PATIENCE
"""How long a call waits for a connection that is being made; a broker that is down is told within it."""
RETRY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: `outcome` ok, refusal or fault, and the JSON bytes that go with it."""

    outcome: str
    body: bytes


class _Waiting:
    """A call in flight; its lock is released when the end is known."""

    __slots__ = ("answer", "lock", "service")

    def __init__(self, service: str) -> None:
        self.service = service
        self.answer: Answer | None = None  # None when released: nobody will answer
        self.lock = threading.Lock()
        self.lock.acquire()


class Caller:
    """Calls services; made once per process and shared by its threads."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._begin()

    def call(
        self,
        service: str,
        method: str,
        body: bytes,
        *,
        timeout_s: float,
        token: str | None = None,
        command_id: str | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        language: str | None = None,
        address: str | None = None,
    ) -> Answer:
        """Ask `service` to do `method` and return its answer.

        Raises DeadlinePassed when none came within `timeout_s`, ServiceUnavailable when the broker cannot be reached,
        the connection is lost meanwhile, or no such service is there. After either a command may still have been done;
        calling again with the same id is safe.
        """
        deadline = time.time() + timeout_s
        ends_at = time.monotonic() + timeout_s
        link = self._connected(service, wait_s=min(timeout_s, CONNECT_WAIT_S))
        headers = {Header.DEADLINE: b"%.3f" % deadline}
        for name, value in (
            (Header.TOKEN, token),
            (Header.COMMAND_ID, command_id),
            (Header.REQUEST_ID, request_id),
            (Header.TRACEPARENT, traceparent),
            (Header.LANGUAGE, language),
            (Header.ADDRESS, address),
        ):
            if value:
                headers[name] = value.encode()
        correlation_id = b"%d" % next(self._numbers)
        waiting = self._waiting[correlation_id] = _Waiting(service)
        try:
            link.send(
                link.publication(
                    body,
                    exchange=RPC_EXCHANGE.encode(),
                    routing_key=f"{service}.{method}".encode(),
                    headers=table(headers),
                    correlation_id=correlation_id,
                    reply_to=REPLY_TO,
                    expiration_ms=int(timeout_s * 1000),
                    mandatory=True,
                )
            )
            if not link.alive:  # lost after the list of waiting calls was emptied
                raise ServiceUnavailable(service=service)
            if not waiting.lock.acquire(timeout=max(0.0, ends_at - time.monotonic())):
                raise DeadlinePassed()
        except LinkLost as error:
            raise ServiceUnavailable(service=service) from error
        finally:
            self._waiting.pop(correlation_id, None)
        if waiting.answer is None:
            raise ServiceUnavailable(service=service)
        return waiting.answer

    @property
    def is_connected(self) -> bool:
        """Say whether the broker is connected now; begins to connect when nothing was called yet."""
        self._start()
        return self._ready.is_set()

    def close(self) -> None:
        """Take leave of the broker; calls in flight end with ServiceUnavailable."""
        self._closing = True
        if self._link is not None:
            self._link.close()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=2)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._link: Link | None = None
        self._ready = threading.Event()
        self._closing = False
        self._waiting: dict[bytes, _Waiting] = {}
        self._numbers = itertools.count(1)

    def _start(self) -> None:
        if self._process != os.getpid():
            # After a fork the parent's socket and thread are not ours. The link is kept: thrown away, py-amqp would
            # shut down the socket that the parent still uses.
            self._inherited = self._link
            self._begin()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    thread = threading.Thread(target=self._run, name="caller", daemon=True)
                    thread.start()
                    self._thread = thread

    def _connected(self, service: str, *, wait_s: float) -> Link:
        self._start()
        link = self._link
        if link is None or not link.alive:
            if not self._ready.wait(wait_s):
                raise ServiceUnavailable(service=service)
            link = self._link
        if link is None:
            raise ServiceUnavailable(service=service)
        return link

    def _run(self) -> None:
        told = False
        while not self._closing:
            try:
                link = Link(self._url)
                link.channel.exchange_declare(RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
                link.channel.basic_consume(REPLY_TO.decode(), no_ack=True)
            except Exception as error:  # whatever it is, without this thread nobody would ever connect again
                if not told:
                    log.warning("No broker for calls: %s. Trying again until there is one.", error)
                    told = True
                time.sleep(RETRY_S)
                continue
            told = False
            self._link = link
            self._ready.set()
            metrics.BROKER_CONNECTED.labels("caller").set(1)
            try:
                for arrived in link.arrivals():
                    for delivery in arrived:
                        self._end(delivery)
            except Exception as error:
                log.warning("Calls lost the broker: %s.", error)
            finally:
                metrics.BROKER_CONNECTED.labels("caller").set(0)
                self._ready.clear()
                self._link = None
                link.alive = False
                self._end_all()

    def _end(self, delivery: Delivery) -> None:
        waiting = self._waiting.pop(delivery.correlation_id, None)
        if waiting is None:
            return
        if not delivery.returned:
            outcome = delivery.headers.get(Header.OUTCOME, b"").decode() or Outcome.FAULT
            waiting.answer = Answer(outcome, delivery.body)
        waiting.lock.release()

    def _end_all(self) -> None:
        """Tell every waiting call that its answer will not come."""
        while self._waiting:
            try:
                _, waiting = self._waiting.popitem()
            except KeyError:
                return
            waiting.lock.release()
