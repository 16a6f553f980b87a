"""Logs: one JSON object a line, a sentence and its fields, with the request id and the trace id of the call at hand.

Personal data never stands in a log: no bodies, no parameters of statements, and the parts of a database error that
quote a row or a statement are cut out.
"""

import json
import logging
import re
import secrets
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
traceparent: ContextVar[str] = ContextVar("traceparent", default="")

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\Z")
_QUOTING = re.compile(r"^(DETAIL|LINE \d+|\[SQL|\[parameters|Failing row).*(\n {4,}.*)*$", re.MULTILINE)
_ECHOING = re.compile(r'((?:invalid|malformed|out of range)[^:\n]*: |value )".*"(?=$| is out of range)', re.MULTILINE)
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; what is given in `extra` becomes fields."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": without_quotes(record.getMessage()),
        }
        if called := request_id.get():
            line["request_id"] = called
        if trace := trace_id():
            line["trace_id"] = trace
        for name, value in vars(record).items():
            if name not in _OWN:
                line[name] = value
        if record.exc_info:
            line["exception"] = without_quotes(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def begin(*, process: str, level: str = "INFO") -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # nameko tells of every worker, kombu and amqp of every frame: too much even for DEBUG.
    for noisy in ("nameko", "amqp", "kombu", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def without_quotes(text: str) -> str:
    """Return an error's text without what PostgreSQL quotes in it: rows, statements, values."""
    return _ECHOING.sub(r"\1(hidden)", _QUOTING.sub(lambda match: f"{match[1]}: (hidden)", text))


def trace_id() -> str:
    """Return the trace id of the call at hand, or nothing."""
    match = _TRACEPARENT.match(traceparent.get())
    return match[1] if match else ""


def enter(*, request: str | None, trace: str | None) -> None:
    """Say which request and trace this thread of work belongs to; makes ids where the caller gave none."""
    request_id.set(request if request and len(request) <= 100 and request.isprintable() else secrets.token_hex(8))
    traceparent.set(trace if trace and _TRACEPARENT.match(trace) else new_traceparent())


def new_traceparent() -> str:
    """Return the header of a new trace (W3C Trace Context)."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
