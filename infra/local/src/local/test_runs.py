"""`make test`: three runs of pytest, their results added up in one closing line.

Three, because they need different interpreters: services and pages are tested unpatched and side by side, the
chassis with eventlet patched before anything else is imported, and the platform as a whole on one started stack. They
run one after the other, and what one of them started is stopped before the next: side by side they took longer.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from local import platforms, testing
from local.accounts import switching
from local.clone import CLONE, TEST_RUN
from local.operating import say

RESULTS = TEST_RUN / "results"
RUN_WITHIN_S = 7200.0
SLOWEST = 20
NOTHING_COLLECTED = 5
TESTS = "**/test_*.py"
NO_PLUGINS = ("-p", "no:pytest_nameko")  # its fixtures want a broker's management page; ours do without


@dataclass(frozen=True)
class TestRun:
    name: str
    folders: tuple[str, ...]
    options: tuple[str, ...] = ()
    abreast: int = 1
    """In how many processes; pytest-xdist would start threads before eventlet can patch them."""

    def paths(self, wanted: Sequence[str]) -> list[str]:
        """Give what to run of its folders: all of each, or the wanted paths in it; nothing where there are no tests."""
        if wanted:
            return [path for folder in self.folders for path in wanted if (path + "/").startswith(folder + "/")]
        return [folder for folder in self.folders if any((CLONE / folder).glob(TESTS))]

    def shares(self, wanted: Sequence[str]) -> list[list[str]]:
        """Divide what to run among the processes: file by file, or all to one where only some are wanted."""
        if wanted or self.abreast == 1:
            return [paths] if (paths := self.paths(wanted)) else []
        files = sorted(str(file.relative_to(CLONE)) for each in self.folders for file in (CLONE / each).glob(TESTS))
        return [files[number :: self.abreast] for number in range(self.abreast)]


PLAIN = TestRun(
    name="plain",
    folders=(
        *("tests/roster", "tests/assessment", "tests/sites", "tests/gateway", "tests/attacks", "tests/house"),
        "tests/local",
    ),
    options=("-n", "2", "-p", "local.workers"),
)
# Its tests wait more than they compute, and each process has a broker and a database of its own.
CHASSIS = TestRun(name="chassis", folders=("tests/chassis",), options=("-p", "chassis.eventlet_first"), abreast=2)
PLATFORM = TestRun(name="platform", folders=("tests/journeys", "tests/faults", "tests/browser"))


@dataclass
class Tally:
    """What the runs came to. A test that could not be set up or taken down has failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    times: list[tuple[float, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, results: Path) -> None:
        for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
            name = f"{case.get('classname')}::{case.get('name')}"
            self.times.append((float(case.get("time", "0")), name))
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
                self.failures.append(name)
            elif case.find("skipped") is not None:
                self.skipped += 1
            else:
                self.passed += 1

    def add_broken(self, run: TestRun, why: str) -> None:
        self.failed += 1
        self.failures.append(f"the run '{run.name}' {why}")

    def closing(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def test(wanted: Sequence[str]) -> int:
    """Run the tests, or only those under the paths that are wanted; give the exit status."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (TEST_RUN / "runs.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `make test` runs in this clone; waiting for it to end ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        started_at = time.monotonic()
        tally = Tally()
        try:
            _stop_platforms()  # what is tested is what lies here now
            _run(PLAIN, wanted=wanted, tally=tally)
            _run(CHASSIS, wanted=wanted, tally=tally)
            testing.stop_test_servers(unless_used=True)  # what stands idle slows down what runs
            _run(PLATFORM, wanted=wanted, tally=tally)
        finally:
            _stop_platforms()
            testing.stop_test_servers(unless_used=True)
    _tell(tally, took_s=time.monotonic() - started_at)
    return 0 if tally.failed == 0 and tally.passed > 0 else 1


def _stop_platforms() -> None:
    for name in ("platform", "half-year"):
        platforms.stop_platform(name)


def _run(run: TestRun, *, wanted: Sequence[str], tally: Tally) -> None:
    shares = run.shares(wanted)
    if shares:
        say(f"\n== {run.name}: {' '.join(run.paths(wanted))}")
    results = [_results(run, number) for number in range(len(shares))]
    processes = [_started(run, share, results=into) for share, into in zip(shares, results, strict=True)]
    for process, into in zip(processes, results, strict=True):
        _add_up(run, process, tally, results=into)


def _results(run: TestRun, number: int) -> Path:
    return RESULTS / (f"{run.name}-{number + 1}.xml" if number else f"{run.name}.xml")


def _started(run: TestRun, paths: Sequence[str], *, results: Path) -> subprocess.Popen[bytes]:
    results.unlink(missing_ok=True)
    return subprocess.Popen(
        [
            *switching(None, dies_with_parent=signal.SIGTERM),
            *(sys.executable, "-m", "pytest", "-q", *NO_PLUGINS, f"--junitxml={results}", *run.options, *paths),
        ],
        cwd=CLONE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _add_up(run: TestRun, pytest: subprocess.Popen[bytes], tally: Tally, *, results: Path) -> None:
    why = _fault_of(pytest)
    before = tally.failed
    if results.exists():
        tally.add(results)
    if why and tally.failed == before:
        tally.add_broken(run, why)


def _fault_of(pytest: subprocess.Popen[bytes]) -> str | None:
    """Wait for the run; say what is wrong with how it ended, if anything."""
    end = os.pidfd_open(pytest.pid)  # `wait(timeout=)` would look twenty times a second
    try:
        if not select.select([end], [], [], RUN_WITHIN_S)[0]:
            pytest.terminate()
            pytest.wait()
            return f"took longer than {RUN_WITHIN_S:.0f} s"
        status = pytest.wait()
    except KeyboardInterrupt:
        pytest.wait()  # it was interrupted as well
        raise
    finally:
        os.close(end)
    return None if status in (0, NOTHING_COLLECTED) else f"ended with status {status}"


def _tell(tally: Tally, *, took_s: float) -> None:
    say(f"\nSlowest {SLOWEST}:")
    for time_s, name in sorted(tally.times, reverse=True)[:SLOWEST]:
        say(f"  {time_s:7.2f} s  {name}")
    if tally.failures:
        say("\nFailed:")
        for name in tally.failures:
            say(f"  {name}")
    say(f"\nThe runs took {took_s:.0f} s; their results are in {RESULTS.relative_to(CLONE)}.")
    say(tally.closing())
