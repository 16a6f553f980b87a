"""What a supervisor says of itself in `up.json`, and the lock that says whether it still lives.

The lock is held by the kernel on the supervisor's behalf: however it ends, the lock ends with it. So `up.json` is
believed only while `up.lock` is held.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Standing:
    pid: int
    state: str  # starting, ready, stopping
    bind: str = ""
    port: int = 0
    addresses: tuple[str, ...] = ()
    is_kept: bool = False  # a test platform that somebody left running to try things on


def take_lock(folder: Path) -> IO[str] | None:
    """Become the one supervisor of this folder; None when another one lives."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def publish(folder: Path, standing: Standing) -> None:
    fresh = folder / "up.json.new"
    fresh.write_text(json.dumps(asdict(standing)))
    os.replace(fresh, folder / "up.json")


def standing_of(folder: Path) -> Standing | None:
    """Give what the living supervisor of this folder says of itself; None when there is none."""
    if not folder.exists():
        return None
    lock = take_lock(folder)
    if lock is not None:
        lock.close()
        return None
    try:
        said = json.loads((folder / "up.json").read_text())
    except (FileNotFoundError, ValueError):
        return Standing(pid=0, state="starting")  # it holds the lock and has not said anything yet
    return Standing(**{**said, "addresses": tuple(said["addresses"])})
