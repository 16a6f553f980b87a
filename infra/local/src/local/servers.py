"""PostgreSQL and RabbitMQ started without a supervisor, to stay until somebody stops them."""

import contextlib
import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local import processes
from local.faults import StartFault
from local.logs import last_lines
from local.postgres import Postgres
from local.processes import Program
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
    processes.allow_open_files()
    running = {found.name: found.pid for found in processes.found(postgres.folder)}
    if "postgres" not in running:
        postgres.choose_port()
        postgres.prepare()
        running["postgres"] = processes.start(postgres.program(), dies_with_parent=False).pid
    if not {"rabbitmq", "epmd"} <= running.keys():
        _stop(rabbitmq.program(), rabbitmq.name_server())
        rabbitmq.choose_ports()
        rabbitmq.prepare()
        processes.start(rabbitmq.name_server(), dies_with_parent=False)
        running["rabbitmq"] = processes.start(rabbitmq.program(), dies_with_parent=False).pid
    _wait_until_ready(postgres.program(), postgres.is_ready, pid=running["postgres"])
    _wait_until_ready(rabbitmq.program(), rabbitmq.is_ready, pid=running["rabbitmq"])


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
    with contextlib.suppress(FileNotFoundError):  # there is no cluster yet
        _stop(postgres.program())
    _stop(rabbitmq.program(), rabbitmq.name_server())


def _stop(*programs: Program) -> None:
    for program in programs:
        pids = [found.pid for found in processes.found(program.folder) if found.name == program.name]
        processes.stop(pids, first=program.stop_signal, wait_s=program.stop_wait_s)


def _wait_until_ready(program: Program, is_ready: Callable[[], bool], *, pid: int, wait_s: float = 900.0) -> None:
    until = time.monotonic() + wait_s
    while not is_ready():
        if not processes.is_alive(pid):
            raise StartFault(f"{program.name} did not start; {program.log} ends with:\n{last_lines(program.log)}")
        if time.monotonic() > until:
            raise StartFault(f"{program.name} does not answer after {wait_s:.0f} s; its log is {program.log}.")
        time.sleep(0.2)
