"""Is the gateway alive, is everything behind it ready, and what was counted. For operators and probes."""

import os
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

import orjson
from chassis.caller import Caller
from chassis.patience import PATIENCE
from chassis.refusals import NotFound, Refusal
from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.clients.calls import EXTENSION, Wire
from gateway.identity import public
from gateway.nouns import JSON

health = Blueprint("health", __name__)
SERVICES: Final = ("roster", "sites", "assessment")
PING_S: Final = 1.5 * PATIENCE


@health.get("/livez")
@public
def livez() -> Response:
    """Say that this process answers."""
    return Response(b'{"alive":true}', content_type=JSON)


@health.get("/readyz")
@public
def readyz() -> Response:
    """Say whether every service answers, and which part is missing."""
    wire: Wire = current_app.extensions[EXTENSION]
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        parts = dict(zip(SERVICES, pool.map(lambda service: _state(wire.caller, service), SERVICES), strict=True))
    missing = [service for service, state in parts.items() if state != "ready"]
    body = orjson.dumps({"ready": not missing, "missing": missing, "parts": parts})
    return Response(body, 503 if missing else 200, content_type=JSON, headers={"Cache-Control": "no-store"})


@health.get("/metrics")
@public
def metrics() -> Response:
    """Tell the counters of all worker processes in Prometheus's format, to this machine alone."""
    if not _is_this_machine(request.remote_addr):
        raise NotFound()
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    """Add the operator's addresses."""
    app.register_blueprint(health)


def _is_this_machine(address: str | None) -> bool:
    """Say whether a request comes from this machine. A proxy on it has to keep /metrics in by itself."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _state(caller: Caller, service: str) -> str:
    """Return `ready`, or in a word why the service does not answer."""
    try:
        caller.call(service, "ping", b"{}", timeout_s=PING_S)
    except Refusal as refusal:
        return refusal.code
    return "ready"
