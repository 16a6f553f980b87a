"""What the gateway counts and writes down: requests by route, calls by door (told at `/metrics`), and the access log.

Lines of the access log are collected and written a few times a second: a write for every request would hand the
interpreter to another thread each time, which costs a third of what the gateway can do.
"""

import atexit
import collections
import os
import sys
import threading
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import orjson
from flask import request
from prometheus_client import Counter, Histogram

WRITE_EVERY_S: Final = 0.25
LINES_MAX: Final = 50_000
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

_requests = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
_request_seconds = Histogram("http_request_seconds", "Time a request took", ["route"], buckets=_BUCKETS)
_call_seconds = Histogram("rpc_seconds", "Time a call to a service took", ["door", "outcome"], buckets=_BUCKETS)

# Looking a counter up by its labels costs more than counting.
requests_of = cache(_requests.labels)
request_seconds_of = cache(_request_seconds.labels)
call_seconds_of = cache(_call_seconds.labels)


def told_path() -> str:
    """Return the request's path as it may be logged: the address of a calendar feed is its secret, so only its form."""
    rule = request.url_rule
    return rule.rule if rule and "token" in (request.view_args or {}) else request.path


class AccessLog:
    """One JSON line a request to standard error, a moment later."""

    def __init__(self, *, process: str) -> None:
        self._process = process
        # When standard error is stuck, the oldest lines are lost rather than the gateway.
        self._lines: collections.deque[dict[str, Any]] = collections.deque(maxlen=LINES_MAX)
        self._writer: tuple[int, threading.Thread] | None = None
        self._starting = threading.Lock()
        self._come = threading.Event()
        atexit.register(self.write)

    def note(self, message: str, **fields: Any) -> None:
        """Remember a line; it is written soon."""
        self._lines.append(
            {
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "level": "INFO",
                "process": self._process,
                "logger": "gateway.access",
                "message": message,
                **fields,
            }
        )
        if self._writer is None or self._writer[0] != os.getpid():
            self._start()
        if not self._come.is_set():  # after the line is there: the writer takes it, or is woken
            self._come.set()

    def write(self) -> None:
        """Write what is remembered."""
        lines = []
        while self._lines:
            try:
                lines.append(orjson.dumps(self._lines.popleft(), default=str, option=orjson.OPT_APPEND_NEWLINE))
            except (IndexError, orjson.JSONEncodeError):
                continue
        if lines:
            try:
                sys.stderr.write(b"".join(lines).decode())
                sys.stderr.flush()
            except (OSError, ValueError):
                return  # nobody reads the log any more

    def _start(self) -> None:
        with self._starting:
            if self._writer is None or self._writer[0] != os.getpid():
                thread = threading.Thread(target=self._keep_writing, name="access-log", daemon=True)
                self._writer = (os.getpid(), thread)
                thread.start()

    def _keep_writing(self) -> None:
        while True:
            self._come.wait()
            time.sleep(WRITE_EVERY_S)
            self._come.clear()
            self.write()
