"""One call to a service: fields in, the service's JSON out, a refusal raised.

The deadline, the request id, the trace, the reader's language and address go along; so does the token of `who`, which
the service verifies for itself. Raises `chassis.refusals.Refusal`: what the service refused as `Refused`, and
ServiceUnavailable, DeadlinePassed or Internal when there is no answer to give.
"""

import time
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from chassis import logs
from chassis.caller import Caller
from chassis.refusals import DeadlinePassed, Refusal, ServiceUnavailable
from contracts.envelope import Outcome
from flask import current_app, has_request_context, request

from gateway.languages import CHINESE, current_language
from gateway.problems import Internal, Refused
from gateway.telemetry import call_seconds_of

EXTENSION: Final = "zhendi"
Fields = Mapping[str, Any]


class Holder(Protocol):
    """Somebody with an access token; `gateway.identity.Identity` is one."""

    @property
    def token(self) -> str | None:
        """The token that goes along."""


class Answer:
    """What a service answered: `body` as it came, `data` decoded when somebody asks."""

    __slots__ = ("_data", "body")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._data: Any = None

    @property
    def data(self) -> Any:
        """The decoded answer."""
        if self._data is None:
            self._data = orjson.loads(self.body)
        return self._data

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


class Wire:
    """How the app reaches the services; stands in `app.extensions`."""

    def __init__(self, caller: Caller, *, timeout_s: float) -> None:
        self.caller = caller
        self.timeout_s = timeout_s


def call(
    service: str,
    door: str,
    fields: Fields,
    *,
    who: Holder | None = None,
    command_id: UUID | None = None,
    timeout_s: float | None = None,
) -> Answer:
    """Ask a service's door. `command_id` makes the call a command that is done once, however often it is asked."""
    wire: Wire = current_app.extensions[EXTENSION]
    began = time.perf_counter()
    outcome = "refusal"
    try:
        answered = wire.caller.call(
            service,
            door,
            orjson.dumps(fields),
            timeout_s=timeout_s or wire.timeout_s,
            token=who.token if who else None,
            command_id=str(command_id) if command_id else None,
            request_id=logs.request_id.get(),
            traceparent=logs.traceparent.get(),
            language=current_language() if has_request_context() else CHINESE,
            address=request.remote_addr if has_request_context() else None,
        )
        outcome = answered.outcome
    except ServiceUnavailable:
        outcome = "unavailable"
        raise
    except DeadlinePassed:
        outcome = "deadline"
        raise
    finally:
        call_seconds_of(f"{service}.{door}", outcome).observe(time.perf_counter() - began)
    if outcome == Outcome.OK:
        return Answer(answered.body)
    if outcome == Outcome.REFUSAL:
        raise _refusal(answered.body)
    raise Internal(request_id=logs.request_id.get())


def _refusal(body: bytes) -> Refusal:
    told = orjson.loads(body)
    return Refused(
        told["code"], detail=told.get("detail", ""), params=told.get("params") or {}, errors=told.get("errors")
    )
