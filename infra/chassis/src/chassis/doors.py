"""The doors of a service: `command` changes something once, `query` answers, `listen` hears what another service did.

    call ──▶ deadline ──▶ token → actor ──▶ body → dataclass ──▶ guard ──▶ the method ──▶ answer ──▶ commit ──▶ reply
                │             │                │                  │            │
             dropped       refusal          refusal         stored answer   refusal: rolled back
                                                                            anything else: logged, rolled back, fault

nameko runs the method in a worker of its own with its dependencies; what differs from nameko's own RPC is the wire:
JSON bytes as they are, headers for deadline, token and command id, and a reply path that survives the broker.
"""

import functools
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from contracts.envelope import Outcome, dump, load
from marshmallow import ValidationError
from nameko.extensions import register_entrypoint

from chassis import clock, guard, logs, metrics
from chassis.actors import Actor, NotSignedIn
from chassis.audit import records, refused
from chassis.audit.records import Record, record_of
from chassis.database import Access, refusal_of
from chassis.guard import Command
from chassis.inbox import Listener, Listening
from chassis.refusals import BadRequest, InvalidInput, Refusal, flatten
from chassis.rpc import Reply, Request, Rpc

log = logging.getLogger(__name__)

BODY_MAX_BYTES: Final = 1024 * 1024

Method = Callable[..., Any]


@dataclass(frozen=True)
class Door:
    """What a door is: read by the process, by tests and by whoever lists a service's doors (`method.door`)."""

    kind: str  # command or query
    message: type
    returns: Any = None
    public: bool = False
    lenient: bool = False
    guarded_by: str = "chassis"
    shows_once: bool = False
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call at its door, everything checked: ready to be done."""

    door: Door
    method: Method
    service: Any
    request: Request
    message: Any
    actor: Actor | None
    at: datetime


def command(
    message: type,
    *,
    returns: Any = None,
    guarded_by: str = "chassis",
    public: bool = False,
    lenient: bool = False,
    shows_once: bool = False,
    recorded: bool = True,
) -> Callable[[Method], Method]:
    """Make a method the door of a command: done once per command id, effect and answer stored together.

    The method gets the message, `actor` and `at`. With `guarded_by="function"` no transaction is opened: the method
    gets `command` too and its SQL function stores the guard row and the answer itself. With `shows_once` the answer
    holds a secret: it is never stored, and a retry is refused with ShownOnce. The audit keeps a record of each command
    in its transaction, unless `recorded` is False: say why at the door.
    """
    if guarded_by not in ("chassis", "function"):
        raise ValueError("a command is guarded by the chassis or by its SQL function")
    door = Door(
        "command",
        message,
        returns=returns,
        public=public,
        lenient=lenient,
        guarded_by=guarded_by,
        shows_once=shows_once,
        recorded=recorded,
    )
    return _door(door, _command)


def query(
    message: type, *, returns: Any = None, public: bool = False, lenient: bool = False, recorded: bool = False
) -> Callable[[Method], Method]:
    """Make a method the door of a question; it may return a view, a page, or JSON bytes that pass as they are.

    With `recorded` the audit keeps who asked: for doors that show what is known of people.
    """
    return _door(Door("query", message, returns=returns, public=public, lenient=lenient, recorded=recorded), _query)


def listen(source: str, event: type) -> Callable[[Method], Method]:
    """Let a method hear an event of another service; *work* runs it once, in the transaction that marks it acted."""

    def decorate(method: Method) -> Method:
        listening = Listening(source, event)
        heard = (*getattr(method, "listens", ()), listening)
        method.listens = heard  # type: ignore[attr-defined]
        register_entrypoint(method, Listener(source, event))
        return method

    return decorate


def _door(door: Door, run: Callable[[_Call, Access], bytes]) -> Callable[[Method], Method]:
    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def answer(service: Any, request: Request) -> Reply | None:
            return _answer(door, run, method, service, request)

        answer.door = door  # type: ignore[attr-defined]
        register_entrypoint(answer, Rpc())
        return answer

    return decorate


def _answer(
    door: Door, run: Callable[[_Call, Access], bytes], method: Method, service: Any, request: Request
) -> Reply | None:
    """Return the reply to one request, or None when nobody waits for it any more; never raises an Exception."""
    logs.enter(request=request.request_id, trace=request.traceparent)
    if time.time() >= request.deadline:
        metrics.CALLS_DROPPED.labels(request.method).inc()
        log.info("A call of %s came too late to be begun.", request.method)
        return None
    began_at = time.perf_counter()
    database: Access = service.database
    database.deadline = request.deadline
    at, actor, refusal = clock.now(), None, None
    try:
        actor = _actor(door, request, at)
        message = _message(door, request.body)
        call = _Call(door, method, service, request, message, actor, at)
        reply = Reply(Outcome.OK, run(call, database))
    except Exception as error:
        refusal = (
            error
            if isinstance(error, Refusal)
            else refusal_of(error, service=request.service, deadline=request.deadline)
        )
        reply = _refused(refusal, request) if refusal is not None else _failed(request)
    finally:
        database.close()
    if refusal is not None and refused.is_watched(refusal):
        refused.count(
            database.engine,
            refusal,
            door=request.method,
            actor=actor,
            at=at,
            address=request.address,
            request_id=logs.request_id.get(),
        )
    metrics.CALL_SECONDS.labels(request.method).observe(time.perf_counter() - began_at)
    metrics.CALLS.labels(request.method, reply.outcome).inc()
    return reply


def _command(call: _Call, database: Access) -> bytes:
    this = Command(
        id=_command_id(call.request),
        body_hash=hashlib.sha256(call.request.body).digest(),
        door=call.request.method,
        caller=call.actor.person_id if call.actor else None,
        record=_record(call, records.DONE),
    )
    if call.door.guarded_by == "function":
        # What works on the direct cursor gives the record to its SQL function; else it goes with the commit.
        database.record = this.record
        answer = encode(call.method(call.service, call.message, actor=call.actor, at=call.at, command=this))
        database.commit()
        return answer
    db = database.transaction
    stored = guard.claim(db, this, at=call.at)
    if stored is not None:
        return stored
    view = call.method(call.service, call.message, actor=call.actor, at=call.at)
    answer = encode(view)
    kept = guard.KEPT_NOWHERE if call.door.shows_once else answer
    guard.remember(db, this, kept, record=this.told(*records.ids_in(view)))
    database.commit()
    return answer


def _query(call: _Call, database: Access) -> bytes:
    database.record = _record(call, records.SEEN)
    answer = encode(call.method(call.service, call.message, actor=call.actor, at=call.at))
    database.commit()
    return answer


def _record(call: _Call, outcome: str) -> Record | None:
    """Return what the audit keeps of a call, before it is known what it answers."""
    if not call.door.recorded:
        return None
    return record_of(
        call.message,
        door=call.request.method,
        outcome=outcome,
        actor=call.actor,
        at=call.at,
        address=call.request.address,
        request_id=logs.request_id.get(),
        command_id=call.request.command_id,
    )


def encode(view: Any) -> bytes:
    """Return the JSON bytes of what a door returns; bytes pass as they are. Raises TypeError naming what cannot."""
    if isinstance(view, (bytes, memoryview)):
        return bytes(view)
    return dump(view)


def _command_id(request: Request) -> UUID:
    try:
        return UUID(request.command_id)
    except ValueError:
        raise BadRequest(reason="command-id") from None


def _actor(door: Door, request: Request, at: datetime) -> Actor | None:
    if not request.token:
        if door.public:
            return None
        raise NotSignedIn()
    try:
        actor: Actor = request.verifier.actor(request.token, at=at, lenient=door.lenient)
        actor.must_be_done_first(request.method)
    except Refusal:
        # What everybody may see is not kept from somebody whose token has expired, or who has something to do first.
        if door.public:
            return None
        raise
    return actor


def _message(door: Door, body: bytes) -> Any:
    if len(body) > BODY_MAX_BYTES:
        raise BadRequest(reason="too-long", max_bytes=BODY_MAX_BYTES)
    try:
        payload = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadRequest(reason="not-json", line=error.lineno, column=error.colno) from None
    if not isinstance(payload, dict):
        raise BadRequest(reason="not-an-object")
    # PostgreSQL stores no NUL, and a text that holds one is never meant.
    if b"\\u0000" in body:
        raise BadRequest(reason="nul")
    try:
        return load(door.message, payload)
    except ValidationError as error:
        raise InvalidInput(flatten(error.messages)) from None


def _refused(refusal: Refusal, request: Request) -> Reply:
    body: dict[str, Any] = {"code": refusal.code, "detail": str(refusal), "params": refusal.params}
    if refusal.errors:
        body["errors"] = refusal.errors
    try:
        return Reply(Outcome.REFUSAL, dump(body))
    except (TypeError, ValueError):
        log.exception("The refusal %s of %s holds what cannot be said on the wire.", refusal.code, request.method)
        return _fault()


def _failed(request: Request) -> Reply:
    log.exception("The door %s failed.", request.method)
    return _fault()


def _fault() -> Reply:
    return Reply(Outcome.FAULT, dump({"request_id": logs.request_id.get()}))
