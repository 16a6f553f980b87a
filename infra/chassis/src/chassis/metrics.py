"""What a process counts, and the small HTTP server on its own port that tells: /metrics, /livez, /readyz.

The server runs in a thread; where eventlet is patched first, in a green one.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from chassis.config import leave

CALLS = Counter("calls_total", "Calls answered by a door", ["door", "outcome"])
CALL_SECONDS = Histogram(
    "call_seconds", "Time a door took", ["door"], buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
)
CALLS_DROPPED = Counter("calls_dropped_total", "Calls not begun because their deadline had passed", ["door"])
BROKER_CONNECTED = Gauge("broker_connected", "1 while this part of the process is connected", ["part"])

EVENTS_STORED = Counter("inbox_stored_total", "Events stored in the inbox, repeats included", ["service"])
EVENTS_ACTED = Counter("inbox_acted_total", "Events acted upon", ["event"])
EVENTS_FAILED = Counter("inbox_failed_total", "Attempts to act on an event that failed", ["event"])
EVENTS_PARKED = Counter("inbox_parked_total", "Events parked after the last attempt: somebody must look", ["event"])
EVENTS_RELAYED = Counter("outbox_relayed_total", "Events the broker has confirmed", ["service"])
INBOX = Gauge("inbox_events", "Events in the inbox by state", ["state"])
OUTBOX_WAITING = Gauge("outbox_waiting", "Events not yet relayed")
OUTBOX_OLDEST_S = Gauge("outbox_oldest_seconds", "Age of the oldest event not yet relayed")

LEADER = Gauge("timers_leader", "1 while this process runs the timers")
TIMER_LAST_RAN = Gauge("timer_last_ran_seconds", "When a timer last ran, unix seconds", ["timer"])
TIMER_FAILED = Counter("timer_failed_total", "Runs of a timer that failed", ["timer"])
JOBS_ENDED = Counter("jobs_ended_total", "Jobs that ended", ["kind", "state"])

Missing = Callable[[], list[str]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    missing: Missing


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
        elif path == "/livez":
            self._answer(200, "application/json", b'{"alive":true}')
        elif path == "/readyz":
            missing = self.server.missing()
            body = json.dumps({"ready": not missing, "missing": missing}).encode()
            self._answer(503 if missing else 200, "application/json", body)
        else:
            self._answer(404, "application/json", b"{}")

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: probes come every second."""


def serve(port: int, *, missing: Missing) -> None:
    """Answer on 127.0.0.1:`port` as long as the process lives; `missing` names what is not ready."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.missing = missing
    threading.Thread(target=_answer, args=(server,), name="metrics", daemon=True).start()


def _answer(server: _Server) -> None:
    # Not `serve_forever`: to see a shutdown it looks up twice a second, in each process.
    while True:
        server.handle_request()


def serve_or_exit(port: int, *, missing: Missing) -> None:
    """Begin to answer, or say why this port cannot be had and leave with status 2."""
    try:
        serve(port, missing=missing)
    except OSError as error:
        leave([f"METRICS_PORT {port} cannot be listened on: {error.strerror}; is the same process running already?"])
