"""Drive a load of prepared HTTP requests with wrk, and count what each process spent on it."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SCRIPT = Path(__file__).parent / "requests.lua"
THREADS = 2


@dataclass(frozen=True)
class Request:
    """One HTTP request of a load; `body` is JSON text."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Figures:
    """What one load measured. `cpu_ms` is CPU-milliseconds a request by kind of process."""

    name: str
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]
    socket_errors: int
    cpu_ms: dict[str, float]


def run(
    name: str,
    requests: Iterable[Request],
    *,
    base_url: str,
    token: str = "",
    clients: int = 32,
    duration_s: int = 8,
    processes: Mapping[str, set[int]],
) -> Figures:
    """Send the requests from `clients` connections for `duration_s`; `processes` are the pids of each kind."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as lines:
        for request in requests:
            lines.write(f"{request.method}\t{request.path}\t{request.body}\n")
        lines.flush()
        before = {kind: cpu_s(pids) for kind, pids in processes.items()}
        done = subprocess.run(
            [
                "wrk",
                "-t",
                str(THREADS),
                "-c",
                str(clients),
                "-d",
                f"{duration_s}s",
                "--timeout",
                "20s",
                "-s",
                str(SCRIPT),
                base_url,
            ],
            env={**os.environ, "REQUESTS": lines.name, "TOKEN": token, "WRK_THREADS": str(THREADS)},
            capture_output=True,
            text=True,
            check=True,
            timeout=duration_s + 60,
        )
        after = {kind: cpu_s(pids) for kind, pids in processes.items()}
    summary = json.loads(
        next(line for line in done.stdout.splitlines() if line.startswith("SUMMARY")).removeprefix("SUMMARY ")
    )
    count = max(summary["requests"], 1)
    if summary["rounds"]:
        raise RuntimeError(f"{name}: the prepared requests ran out; prepare more, or the figures count repeats")
    return Figures(
        name=name,
        requests=summary["requests"],
        per_second=summary["requests"] / (summary["duration_us"] / 1e6),
        p50_ms=summary["p50_us"] / 1000,
        p99_ms=summary["p99_us"] / 1000,
        statuses=summary["statuses"],
        socket_errors=summary["socket_errors"],
        cpu_ms={kind: (after[kind] - before[kind]) * 1000 / count for kind in processes},
    )


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def cpu_s(pids: Iterable[int]) -> float:
    """Return user and system seconds spent so far by these processes and the children they waited for."""
    total = 0.0
    for pid in pids:
        try:
            numbers = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        except OSError:  # it ended; what it spent is counted at its parent
            continue
        total += sum(int(number) for number in numbers[11:15]) / TICKS_PER_S
    return total


def family(pid: int) -> list[int]:
    """Return the process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            found += family(int(child))
    return found
