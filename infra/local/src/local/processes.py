"""Programs we start, and how we know them again.

Each process we start carries a mark in its environment: the folder its stack lives in and its own name. After a
`kill -9` of anything the mark tells ours from everybody else's, also for grandchildren whose parent is gone and for
process ids that were given out again. Nothing is ever looked for, or killed, by the name of its program.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.accounts import Account, switching

MARK = "ZHENDI_PROCESS"


@dataclass(frozen=True)
class Program:
    """One process of a stack: what to start, as whom, and where it writes."""

    name: str
    folder: Path  # of the stack it belongs to
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_wait_s: float = 10.0

    @property
    def mark(self) -> str:
        return f"{self.folder}:{self.name}"

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"


@dataclass(frozen=True)
class Found:
    """A process that carries the mark of one of our stacks."""

    pid: int
    name: str


def start(program: Program, *, dies_with_parent: bool) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, its output going to its log."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        return subprocess.Popen(
            [*switching(program.account, dies_with_parent=dies_with_parent), *program.argv],
            env={**program.env, MARK: program.mark},
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def found(folder: Path) -> list[Found]:
    """Find the living processes that carry this stack's mark."""
    wanted = f"{MARK}={folder}:".encode()
    here = []
    for pid in _pids():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue  # gone meanwhile, or somebody else's
        for entry in environment.split(b"\0"):
            if entry.startswith(wanted) and pid != os.getpid():
                here.append(Found(pid=pid, name=entry[len(wanted) :].decode()))
                break
    return here


def working_in(folder: Path) -> list[int]:
    """Find the processes whose working folder is this one (PostgreSQL's children overwrite their environment)."""
    here = []
    for pid in _pids():
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                here.append(pid)
        except OSError:
            continue
    return here


def is_alive(pid: int) -> bool:
    """Say whether the process runs; a dead one that its parent has not fetched yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def stop(pids: list[int], *, first: signal.Signals = signal.SIGTERM, wait_s: float = 10.0) -> None:
    """Ask the processes to stop, wait, and kill what is left."""
    for patience_s, asked in ((wait_s, first), (5.0, signal.SIGKILL)):
        for pid in pids:
            _send(pid, asked)
        if wait_until_gone(pids, wait_s=patience_s):
            return


def wait_until_gone(pids: list[int], *, wait_s: float) -> bool:
    until = time.monotonic() + wait_s
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _send(pid: int, asked: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, asked)


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
