"""The process *serve* of a service: nameko on eventlet answers calls and stores events.

    python -m chassis.serve sites      loads sites.service:SERVICE with services/sites/config.yml

Nothing in it computes for long: one thread, one core. It stops on SIGTERM with what it has in hand, and outlives the
broker and the database.
"""

if __name__ == "__main__":
    # Before anything else is imported: what is imported unpatched would block every greenlet.
    import eventlet

    eventlet.monkey_patch()

import argparse
import importlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
from nameko.runners import ServiceRunner
from sqlalchemy import text

from chassis import logs, metrics
from chassis.config import ConfigFaults, ServeConfig, leave, read_or_exit, service_settings
from chassis.database import Pool
from chassis.doors import query
from chassis.inbox import InboxConsumer
from chassis.patience import PATIENCE
from chassis.rpc import RpcConsumer
from chassis.work import answers

log = logging.getLogger(__name__)

STOP_WAIT_S = 15 * PATIENCE


@dataclass(frozen=True)
class Ping:
    """Are you there?"""


@query(Ping, public=True)
def ping(self: Any, asked: Ping, *, actor: Any, at: Any) -> dict[str, bool]:
    """Answer when the database does."""
    self.database.transaction.execute(text("SELECT 1"))
    return {"ready": True}


def with_ping(service: type) -> type:
    """Return the service class with the door `ping` that every service has."""
    return type(service.__name__, (service,), {"ping": ping, "__doc__": service.__doc__})


def runner_of(service: type, settings: dict[str, Any]) -> ServiceRunner:
    """Return nameko's runner for one service, not yet started."""
    runner = ServiceRunner(settings)
    runner.add_service(with_ping(service))
    return runner


def missing(runner: ServiceRunner) -> list[str]:
    """Name what the running service cannot reach."""
    found = []
    for container in runner.containers:
        for extension in container.subextensions:
            if isinstance(extension, (RpcConsumer, InboxConsumer)) and not extension.is_connected:
                found.append("broker")
            # Asked while the container still starts, there is no engine yet.
            if isinstance(extension, Pool) and not (hasattr(extension, "engine") and answers(extension.engine)):
                found.append("database")
    return sorted(set(found))


def _wait_for_a_signal_or(over: Any) -> None:
    """Let the main greenlet sleep until a signal comes or this one has ended; a signal alone wakes no greenlet."""
    wakes, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    over.link(lambda _: os.write(waker, b"\0"))
    eventlet.hubs.trampoline(wakes, read=True)


def main() -> int:
    """Serve the service named on the command line until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m chassis.serve", description=__doc__)
    parser.add_argument("service")
    parser.add_argument("--folder", type=Path, help="where config.yml stands; services/<service> by default")
    asked = parser.parse_args()
    name, folder = asked.service, asked.folder or Path("services") / asked.service
    config = read_or_exit(ServeConfig)
    logs.begin(process=config.process_name or f"{name}-serve", level=config.log_level)
    try:
        settings = service_settings(folder / "config.yml", os.environ)
    except ConfigFaults as error:
        leave(error.faults)
    settings = {
        "AMQP_URI": config.amqp_url,
        "DATABASE_URL": config.database_url,
        "TOKEN_PUBLIC_KEYS": str(config.token_public_keys),
        **settings,
    }
    try:
        service = importlib.import_module(f"{name}.service").SERVICE
    except (ModuleNotFoundError, AttributeError) as error:
        if getattr(error, "name", name) not in (name, f"{name}.service", "SERVICE"):
            raise
        leave([f"{name} is no service: it needs {name}.service with SERVICE ({error})"])
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopping.append(number))
    runner = runner_of(service, settings)
    metrics.serve_or_exit(config.metrics_port, missing=lambda: missing(runner))
    try:
        runner.start()
    except ConfigFaults as error:  # of what a service reads from the environment for itself
        leave(error.faults)
    log.info("%s serves.", name)
    over = eventlet.spawn(runner.wait)
    _wait_for_a_signal_or(over)
    if not stopping:
        log.error("%s ended by itself.", name)
        return 1
    log.info("%s stops.", name)
    with eventlet.Timeout(STOP_WAIT_S, False):
        runner.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
