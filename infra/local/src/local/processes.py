"""Programs we start, and how we know them again.

Each process we start carries a mark in its environment: the folder its stack lives in and its own name. After a
`kill -9` of anything the mark tells ours from everybody else's, also for grandchildren whose parent is gone and for
process ids that were given out again. Nothing is ever looked for, or killed, by the name of its program.
"""

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.accounts import Account, switching

MARK = "ZHENDI_PROCESS"


OPEN_FILES = 65_536


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


def start(program: Program, *, dies_with_parent: bool, output: IO[str] | None = None) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, writing to its log unless another output is given."""
    program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    program.log.parent.chmod(0o700)  # who did what when is nobody else's business
    with program.log.open("ab") as log:
        return subprocess.Popen(
            [
                *switching(program.account, dies_with_parent=program.stop_signal if dies_with_parent else None),
                *program.argv,
            ],
            env={**program.env, MARK: program.mark},
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output or log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def allow_open_files() -> None:
    """Set how many files the processes started from here may open.

    The usual 1024 are few for a broker and a gateway; where there is no limit at all, epmd walks through a thousand
    million of them.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def stop(pids: list[int], *, first: signal.Signals = signal.SIGTERM, wait_s: float = 10.0) -> None:
    """Ask the processes to stop, wait, and kill what is left.

    Only those are asked whose parent is not among them: a server ends its own children when it is ready to.
    """
    for pid in pids:
        if _parent_of(pid) not in pids:
            send(pid, first)
    if not wait_until_gone(pids, wait_s=wait_s):
        for pid in pids:
            send(pid, signal.SIGKILL)
        wait_until_gone(pids, wait_s=5.0)


def wait_until_gone(pids: list[int], *, wait_s: float) -> bool:
    until = time.monotonic() + wait_s
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def age_s(pid: int) -> float:
    """Give how long the process has lived."""
    stat = _stat(pid)
    if not stat:
        return 0.0
    ticks = int(stat[19])
    uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    return uptime_s - ticks / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Give the memory that the process does not share with others, and its part of what it does (PSS)."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def _parent_of(pid: int) -> int | None:
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def _stat(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat from the state on (proc(5)); none when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def send(pid: int, asked: signal.Signals) -> None:
    """Send a signal; a process that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, asked)


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
