"""Ports of a stack: chosen once, free at that time, and kept in `ports.json` of its folder."""

import fcntl
import json
import os
import random
import socket
from pathlib import Path

from local.faults import StartFault

# Below the range from which Linux takes ports for outgoing connections (32768 and up), so that a kept port
# is not lent to somebody's connection while the stack is stopped.
FIRST, LAST = 21_000, 31_999


def port_of(folder: Path, name: str) -> int:
    """Give the port that this part of the stack keeps, choosing one the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ports.json"
    with (folder / "ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        if name not in kept:
            kept[name] = _choose(taken=set(kept.values()))
            _write(path, kept)
        return kept[name]


def forget_port(folder: Path, name: str) -> None:
    """Let the next `port_of` choose anew, because a stranger sits on the kept port."""
    path = folder / "ports.json"
    with (folder / "ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        kept.pop(name, None)
        _write(path, kept)


def free_port_of(folder: Path, name: str) -> int:
    """Give the kept port when it is free now; when a stranger took it, choose and keep another."""
    port = port_of(folder, name)
    if not is_free(port):
        forget_port(folder, name)
        port = port_of(folder, name)
    return port


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _choose(*, taken: set[int]) -> int:
    for _ in range(200):
        port = random.randint(FIRST, LAST)  # noqa: S311 - not a secret
        if port not in taken and is_free(port):
            return port
    raise StartFault(f"No free port was found between {FIRST} and {LAST}.")


def _write(path: Path, kept: dict[str, int]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    os.replace(fresh, path)
