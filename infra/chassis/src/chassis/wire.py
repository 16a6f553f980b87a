"""AMQP 0-9-1 on the hot path: one connection, one channel, frames written and read without a layer in between.

py-amqp shakes hands and declares; then this module speaks on its socket alone. A message goes out in one write and a
read takes all that has arrived, where py-amqp reads nine times for one message: with many threads each read gives the
interpreter away, which is what makes calls slow.

Works in plain threads and, with eventlet patched first, in green ones. Any thread may write; one reads.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import amqp
from amqp.serialization import loads

from chassis.patience import PATIENCE

HEARTBEAT_S: Final = 30
CONNECT_S: Final = 3.0 * PATIENCE
RECEIVE_BYTES: Final = 256 * 1024
CHANNEL: Final = 1

_METHOD, _HEADER, _BODY, _HEARTBEAT = 1, 2, 3, 8
_END: Final = b"\xce"
_ALIVE: Final = b"\x08\x00\x00\x00\x00\x00\x00\xce"

# class and method numbers of AMQP 0-9-1
_DELIVER, _RETURN, _CANCEL_OK, _CANCEL = (60, 60), (60, 50), (60, 31), (60, 30)
_ACKED, _NACKED = (60, 80), (60, 120)
_CLOSE, _CLOSE_OK, _CHANNEL_CLOSE, _BLOCKED, _UNBLOCKED = (10, 50), (10, 51), (20, 40), (10, 60), (10, 61)

_HAS_TYPE, _HAS_HEADERS, _HAS_MODE, _HAS_CORRELATION, _HAS_REPLY, _HAS_EXPIRATION = (
    1 << 15,
    1 << 13,
    1 << 12,
    1 << 10,
    1 << 9,
    1 << 8,
)

_frame = struct.Struct(">BHI")
_content = struct.Struct(">HHQH")


class LinkLost(OSError):
    """The connection to the broker is gone."""


@dataclass(slots=True)
class Delivery:
    """A message as it arrived; `returned` says that no queue wanted it. Header values are bytes."""

    tag: int
    redelivered: bool
    routing_key: str
    correlation_id: bytes
    reply_to: bytes
    headers: dict[str, bytes]
    body: bytes
    returned: bool = False


@dataclass(slots=True)
class Confirmed:
    """The broker's word on published messages: taken, or not."""

    tag: int
    multiple: bool
    taken: bool


class Link:
    """One connection to the broker with one channel."""

    def __init__(self, url: str, *, heartbeat_s: int = HEARTBEAT_S) -> None:
        """Connect; raises OSError or an amqp error. Declare and consume on `.channel`, then read `arrivals()`."""
        parts = urlsplit(url)
        self._connection = amqp.Connection(
            host=f"{parts.hostname}:{parts.port or 5672}",
            userid=unquote(parts.username or "guest"),
            password=unquote(parts.password or "guest"),
            virtual_host=unquote(parts.path[1:]) or "/",
            heartbeat=heartbeat_s,
            connect_timeout=CONNECT_S,
            read_timeout=CONNECT_S * 2,
            write_timeout=CONNECT_S * 2,
        )
        self._connection.connect()
        self.channel = self._connection.channel(CHANNEL)
        self._heartbeat_s = float(self._connection.heartbeat or heartbeat_s)
        self._body_max = (self._connection.frame_max or 131_072) - 8
        self._socket: socket.socket = self._connection.transport.sock
        self._writing = threading.Lock()
        self._sent_at = time.monotonic()
        self.alive = True

    def send(self, frames: bytes) -> None:
        """Write whole frames; raises LinkLost."""
        with self._writing:
            if not self.alive:
                raise LinkLost("the connection to the broker is gone")
            try:
                self._socket.sendall(frames)
            except OSError as error:
                # Half a frame may be out: nothing more can be said on this connection.
                self.drop()
                raise LinkLost(str(error)) from error
            self._sent_at = time.monotonic()

    def arrivals(self, *, wait_s: float = HEARTBEAT_S) -> Iterator[list[Any]]:
        """Yield what has arrived, a list for each read; an empty list when nothing came for `wait_s`.

        It waits no longer than a third of a heartbeat, and keeps the heartbeat.
        Ends when the broker agreed to close; raises LinkLost.
        """
        self.wait_at_most(wait_s)
        reader = _Reader(bytes(self._connection.transport._read_buffer))
        heard_at = time.monotonic()
        while True:
            try:
                data = self._receive()
            except OSError as error:
                self.drop()
                raise LinkLost(str(error)) from error
            now = time.monotonic()
            if data is None:
                if now - heard_at > self._heartbeat_s * 2:
                    self.drop()
                    raise LinkLost("the broker fell silent")
                arrived: list[Any] = []
            elif not data:
                self.drop()
                raise LinkLost("the broker hung up")
            else:
                heard_at = now
                arrived = reader.read(data)
            if now - self._sent_at > self._heartbeat_s / 3:
                self.send(_ALIVE)
            if reader.closed_by_us:
                self.drop()
                return
            if arrived or data is None:
                yield arrived

    def stop_consuming(self, tag: str) -> None:
        """Ask the broker for no more deliveries to this consumer."""
        name = tag.encode()
        self.send(_method(struct.pack(">HHB", 60, 30, len(name)) + name + b"\x01"))

    def close(self) -> None:
        """Take leave; `arrivals()` ends when the broker has agreed."""
        try:
            self.send(_method(struct.pack(">HHHBHH", 10, 50, 200, 0, 0, 0), channel=0))
        except LinkLost:
            return

    def drop(self) -> None:
        """Let the connection go without a word."""
        self.alive = False
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def publication(
        self,
        body: bytes,
        *,
        exchange: bytes = b"",
        routing_key: bytes,
        headers: bytes = b"",
        correlation_id: bytes = b"",
        reply_to: bytes = b"",
        expiration_ms: int | None = None,
        persistent: bool = False,
        mandatory: bool = False,
    ) -> bytes:
        """Return the frames of one message; `headers` as `table()` makes it."""
        method = b"".join(
            (
                b"\x00\x3c\x00\x28\x00\x00",
                bytes((len(exchange),)),
                exchange,
                bytes((len(routing_key),)),
                routing_key,
                b"\x01" if mandatory else b"\x00",
            )
        )
        flags, parts = _HAS_TYPE, [b"\x10application/json"]
        if headers:
            flags |= _HAS_HEADERS
            parts.append(headers)
        flags |= _HAS_MODE
        parts.append(b"\x02" if persistent else b"\x01")
        if correlation_id:
            flags |= _HAS_CORRELATION
            parts.append(bytes((len(correlation_id),)) + correlation_id)
        if reply_to:
            flags |= _HAS_REPLY
            parts.append(bytes((len(reply_to),)) + reply_to)
        if expiration_ms is not None:
            flags |= _HAS_EXPIRATION
            text = b"%d" % max(0, expiration_ms)
            parts.append(bytes((len(text),)) + text)
        properties = b"".join(parts)
        size = len(body)
        frames = [
            _frame.pack(_METHOD, CHANNEL, len(method)),
            method,
            _END,
            _frame.pack(_HEADER, CHANNEL, _content.size + len(properties)),
            _content.pack(60, 0, size, flags),
            properties,
            _END,
        ]
        for start in range(0, size, self._body_max):
            piece = body if size <= self._body_max else body[start : start + self._body_max]
            frames += (_frame.pack(_BODY, CHANNEL, len(piece)), piece, _END)
        return b"".join(frames)

    def wait_at_most(self, wait_s: float) -> None:
        """Let the next reads wait so long, and no longer than the heartbeat allows."""
        turn_s = max(0.001, min(wait_s, self._heartbeat_s / 3))  # none at all would be for ever
        if hasattr(self._socket, "act_non_blocking"):  # eventlet's
            self._socket.settimeout(turn_s)
            return
        # A timeout in the kernel spares the poll before each read that Python's own timeout costs.
        self._socket.settimeout(None)
        timeout = struct.pack("ll", int(turn_s), int(turn_s % 1 * 1_000_000))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)

    def _receive(self) -> bytes | None:
        """Return what can be read, b"" at the end, None when nothing came in time."""
        try:
            return self._socket.recv(RECEIVE_BYTES)
        except (TimeoutError, BlockingIOError, InterruptedError):
            return None


class _Reader:
    """Cuts the stream into frames and puts messages together."""

    def __init__(self, rest: bytes) -> None:
        self._rest = rest
        self._method: bytes = b""
        self._header: bytes = b""
        self._awaited = 0
        self._pieces: list[bytes] = []
        self.closed_by_us = False

    def read(self, data: bytes) -> list[Any]:
        """Return the messages and confirmations that are complete."""
        if self._rest:
            data = self._rest + data
        found: list[Any] = []
        at, end = 0, len(data)
        while end - at >= 8:
            kind, _, size = _frame.unpack_from(data, at)
            after = at + 8 + size
            if after > end:
                break
            if data[after - 1] != 0xCE:
                raise LinkLost("the broker sent what is no frame")
            payload = data[at + 7 : after - 1]
            at = after
            if kind == _BODY:
                self._pieces.append(payload)
                self._awaited -= size
                if self._awaited == 0:
                    found.append(self._message())
            elif kind == _HEADER:
                self._header = payload
                self._awaited = int.from_bytes(payload[4:12], "big")
                if self._awaited == 0:
                    found.append(self._message())
            elif kind == _METHOD:
                self._on_method(payload, found)
        self._rest = data[at:]
        return found

    def _on_method(self, payload: bytes, found: list[Any]) -> None:
        name = (payload[1], payload[3])
        if name in (_DELIVER, _RETURN):
            self._method = payload
        elif name in (_ACKED, _NACKED):
            tag = int.from_bytes(payload[4:12], "big")
            found.append(Confirmed(tag, bool(payload[12] & 1), name == _ACKED))
        elif name == _CLOSE_OK:
            self.closed_by_us = True
        elif name in (_CLOSE, _CHANNEL_CLOSE):
            said = payload[7 : 7 + payload[6]].decode(errors="replace")
            raise LinkLost(f"the broker closed the connection: {said}")
        elif name == _CANCEL:
            raise LinkLost("the broker took the queue away")

    def _message(self) -> Delivery:
        method, pieces = self._method, self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        correlation_id, reply_to, headers = _properties(self._header)
        if method[3] == _RETURN[1]:
            # reply code, reply text, exchange, routing key
            at = 7 + method[6]
            at += 1 + method[at]
            key = method[at + 1 : at + 1 + method[at]].decode()
            return Delivery(0, False, key, correlation_id, reply_to, headers, body, returned=True)
        # consumer tag, delivery tag, redelivered, exchange, routing key
        at = 5 + method[4]
        tag = int.from_bytes(method[at : at + 8], "big")
        redelivered = bool(method[at + 8])
        at += 9
        at += 1 + method[at]
        key = method[at + 1 : at + 1 + method[at]].decode()
        return Delivery(tag, redelivered, key, correlation_id, reply_to, headers, body)


def _properties(header: bytes) -> tuple[bytes, bytes, dict[str, bytes]]:
    """Return correlation id, reply-to and headers of a content header."""
    flags = int.from_bytes(header[12:14], "big")
    at = 14
    headers: dict[str, bytes] = {}
    correlation_id = reply_to = b""
    if flags & _HAS_TYPE:
        at += 1 + header[at]
    if flags & 1 << 14:
        at += 1 + header[at]
    if flags & _HAS_HEADERS:
        size = int.from_bytes(header[at : at + 4], "big")
        headers = read_table(header[at + 4 : at + 4 + size])
        at += 4 + size
    if flags & _HAS_MODE:
        at += 1
    if flags & 1 << 11:
        at += 1
    if flags & _HAS_CORRELATION:
        correlation_id = header[at + 1 : at + 1 + header[at]]
        at += 1 + header[at]
    if flags & _HAS_REPLY:
        reply_to = header[at + 1 : at + 1 + header[at]]
    return correlation_id, reply_to, headers


def read_table(data: bytes) -> dict[str, bytes]:
    """Return the text entries of an AMQP table as bytes; what is no text is written as text."""
    found: dict[str, bytes] = {}
    at, end = 0, len(data)
    while at < end:
        after = at + 1 + data[at]
        name = data[at + 1 : after].decode()
        if data[after] != 0x53:  # S, a long string
            return {key: str(value).encode() for key, value in _slowly(data).items()}
        size = int.from_bytes(data[after + 1 : after + 5], "big")
        at = after + 5 + size
        found[name] = data[after + 5 : at]
    return found


def _slowly(data: bytes) -> dict[str, Any]:
    (entries,), _ = loads("F", len(data).to_bytes(4, "big") + data, 0)
    return dict(entries)


def table(entries: dict[str, bytes]) -> bytes:
    """Return an AMQP table of texts."""
    parts: list[bytes] = []
    for name, value in entries.items():
        key = name.encode()
        parts += (bytes((len(key),)), key, b"S", len(value).to_bytes(4, "big"), value)
    inside = b"".join(parts)
    return len(inside).to_bytes(4, "big") + inside


def acknowledgement(tag: int, *, multiple: bool = False) -> bytes:
    """Return the frame that says: this delivery (and with `multiple` all before it) is done."""
    return _method(struct.pack(">HHQB", 60, 80, tag, multiple))


def _method(payload: bytes, *, channel: int = CHANNEL) -> bytes:
    return _frame.pack(_METHOD, channel, len(payload)) + payload + _END
