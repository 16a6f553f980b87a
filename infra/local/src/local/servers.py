"""PostgreSQL and RabbitMQ started without a supervisor, to stay until somebody stops them."""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from local import processes
from local.faults import StartFault
from local.postgres import Postgres
from local.rabbitmq import RabbitMQ


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one caller at a time start or stop the servers of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_servers(postgres: Postgres, rabbitmq: RabbitMQ) -> None:
    """Start what does not run yet and wait until both answer. Call it `alone`."""
    running = {process.name: process.pid for process in processes.found(postgres.folder)}
    pids: dict[str, int | None] = {}
    if "postgres" in running:
        pids["postgres"] = running["postgres"]
    else:
        postgres.prepare()
        pids["postgres"] = processes.start(postgres.program(), dies_with_parent=False).pid
    if not {"rabbitmq", "epmd"} <= running.keys():
        stop_only(rabbitmq.folder, "rabbitmq", "epmd")
        rabbitmq.prepare()
        processes.start(rabbitmq.name_server(), dies_with_parent=False)
        pids["rabbitmq"] = processes.start(rabbitmq.program(), dies_with_parent=False).pid
    postgres.wait_until_ready(pid=pids["postgres"])
    rabbitmq.wait_until_ready(pid=pids.get("rabbitmq"))


def start_throwaway_servers(postgres: Postgres, rabbitmq: RabbitMQ) -> None:
    """Start servers whose data may be lost: when they do not come up, begin again with empty ones."""
    try:
        start_servers(postgres, rabbitmq)
    except StartFault:
        stop_servers(postgres, rabbitmq)
        for data in (postgres.data, rabbitmq.data):
            shutil.rmtree(data, ignore_errors=True)
        start_servers(postgres, rabbitmq)


def stop_servers(postgres: Postgres, rabbitmq: RabbitMQ) -> None:
    """Stop both servers and epmd; what is not running is fine."""
    for program in (postgres.program, rabbitmq.program, rabbitmq.name_server):
        with contextlib.suppress(StartFault, FileNotFoundError):
            asked = program()
            pids = [process.pid for process in processes.found(asked.folder) if process.name == asked.name]
            processes.stop(pids, first=asked.stop_signal, wait_s=asked.stop_wait_s)


def stop_only(folder: Path, *names: str) -> None:
    processes.stop([process.pid for process in processes.found(folder) if process.name in names])
