"""Calls over AMQP, the side that answers: takes requests, lets nameko run a worker for each, replies on one channel.

A request is acknowledged together with its reply, in one write. When the broker goes away in between, the reply is
let go: the request comes again, or its caller has long been told that the connection is lost.
"""

import functools
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.envelope import Header, Outcome, dump
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension

from chassis.caller import RPC_EXCHANGE
from chassis.consumers import Consumer
from chassis.patience import PATIENCE
from chassis.tokens import Verifier
from chassis.wire import Delivery, Link, LinkLost, acknowledgement, table

log = logging.getLogger(__name__)

QUEUE_EXPIRES_MS: Final = 10_000
"""A service that is away for longer has no queue: its callers learn at once that nobody is there."""

DEFAULT_TIMEOUT_S: Final = 5.0 * PATIENCE
"""For a request that names no deadline."""

TIMEOUT_MAX_S: Final = 300.0

_OUTCOMES: Final = {
    outcome: table({Header.OUTCOME: outcome.encode()}) for outcome in (Outcome.OK, Outcome.REFUSAL, Outcome.FAULT)
}


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it came: which door, the JSON bytes, and what the headers say."""

    service: str
    method: str
    body: bytes
    deadline: float  # unix seconds
    token: bytes
    command_id: str
    request_id: str
    traceparent: str
    verifier: Verifier
    address: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended."""

    outcome: str
    body: bytes


class Tokens(SharedExtension):
    """The container's one verifier of tokens."""

    verifier: Verifier

    def setup(self) -> None:
        """Read the public keys."""
        self.verifier = Verifier(Path(self.container.config["TOKEN_PUBLIC_KEYS"]))


class RpcConsumer(Consumer):
    """Takes the calls of one service from its queue."""

    part = "rpc"
    tokens = Tokens()

    def __init__(self) -> None:
        super().__init__()
        self._doors: dict[str, Rpc] = {}

    def register(self, door: "Rpc") -> None:
        """Let calls reach this door."""
        self._doors[door.method_name] = door

    def start(self) -> None:
        """Take as many calls at once as there are workers."""
        self.prefetch = self.container.max_workers
        super().start()

    def queue(self, channel: Any) -> str:
        """Declare the service's queue on nameko's exchange."""
        service = self.container.service_name
        name = f"rpc-{service}"
        channel.exchange_declare(RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-expires": QUEUE_EXPIRES_MS})
        channel.queue_bind(name, RPC_EXCHANGE, f"{service}.*")
        return name

    def take(self, link: Link, deliveries: list[Delivery]) -> None:
        """Give each call to a worker; waits while all of them are busy."""
        service = self.container.service_name
        for delivery in deliveries:
            method = delivery.routing_key.rpartition(".")[2]
            door = self._doors.get(method)
            if door is None:
                log.error("There is no door %s.%s.", service, method)
                self._reply(link, delivery, Reply(Outcome.FAULT, dump({"request_id": ""})))
                continue
            request = Request(
                service=service,
                method=method,
                body=delivery.body,
                deadline=_deadline(delivery.headers),
                token=delivery.headers.get(Header.TOKEN, b""),
                command_id=_text(delivery.headers, Header.COMMAND_ID),
                request_id=_text(delivery.headers, Header.REQUEST_ID),
                traceparent=_text(delivery.headers, Header.TRACEPARENT),
                verifier=self.tokens.verifier,
                address=_text(delivery.headers, Header.ADDRESS),
            )
            try:
                self.container.spawn_worker(
                    door, (request,), {}, handle_result=functools.partial(self._end, link, delivery)
                )
            except ContainerBeingKilled:
                # Not acknowledged, so another process will take it.
                return

    def _end(self, link: Link, delivery: Delivery, worker_ctx: Any, reply: Any, exc_info: Any) -> tuple[Any, Any]:
        """Send the worker's reply; never raises, or nameko would end the process."""
        if exc_info is not None or not (reply is None or isinstance(reply, Reply)):
            reply = Reply(Outcome.FAULT, dump({"request_id": ""}))
        self._reply(link, delivery, reply)
        return None, None

    def _reply(self, link: Link, delivery: Delivery, reply: Reply | None) -> None:
        frames = acknowledgement(delivery.tag)
        if reply is not None and delivery.reply_to:
            answer = link.publication(
                reply.body,
                routing_key=delivery.reply_to,
                correlation_id=delivery.correlation_id,
                headers=_OUTCOMES[reply.outcome],
            )
            frames = answer + frames
        try:
            link.send(frames)
        except LinkLost:
            log.warning("The broker was gone before %s was answered.", delivery.routing_key)


class Rpc(Entrypoint):
    """A method that others call."""

    rpc_consumer = RpcConsumer()

    def setup(self) -> None:
        """Let calls in."""
        self.rpc_consumer.register(self)

    def stop(self) -> None:
        """Let no more calls in."""
        self.rpc_consumer.pause()


def _text(headers: dict[str, bytes], name: str) -> str:
    return headers.get(name, b"").decode(errors="replace")


def _deadline(headers: dict[str, bytes]) -> float:
    now = time.time()
    try:
        said = float(headers.get(Header.DEADLINE) or "nan")
    except ValueError:
        said = math.nan
    # Not a number compares false with everything: it gets the default, as does what nobody would wait for.
    return said if said < now + TIMEOUT_MAX_S else now + DEFAULT_TIMEOUT_S
