"""Whole platforms for tests: each its own servers, ports and data in `.run/test/…`, beside a running `make run`.

platform     the one of journeys, faults and browser: the whole demonstration, on the 22nd of the current month
half-year    the one whose clock a journey moves through half a year: one town, from a day of its own
bench        the one of `make bench`: keeps its data durably and runs on today's date
"""

import atexit
import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local import processes
from local.accounts import switching
from local.clone import CLONE, TEST_RUN
from local.databases import owner_of
from local.erasing import erase
from local.faults import StartFault
from local.operating import say, stop_everything
from local.ports import free_port_of, port_of
from local.stack import Stack
from local.standing import standing_of
from local.supervisor import Supervisor, hold_folder

NAMES = ("platform", "half-year", "bench")
USUAL = "bench" if os.environ.get("PLATFORM_IS_BENCH") == "1" else "platform"  # `make bench` sets this
HALF_YEAR_FROM = datetime(2026, 5, 22, 10, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
HALF_YEAR_TOWN = "370302115"  # 洪山镇, 26 villages and communities; the demonstration's secretary leads one of them
# Tests and benchmarks are one person at one address who asks all day; the limits are counted and never reached.
UNREACHED = " ".join(f"{name}=1000000/1" for name in ("person", "token", "address", "sign-in", "wrong"))
STARTS_WITHIN_S = 2700.0
COMES_BACK_WITHIN_S = 900.0  # a part that was stopped, on a machine that is slow


@dataclass(frozen=True)
class Platform:
    """A started platform, as tests see it from outside; fault tests kill its processes by name.

    Names: postgres, rabbitmq, epmd, gateway, and roster-serve, roster-work and so on for each service.
    """

    stack: Stack

    @property
    def base_url(self) -> str:
        return self.stack.base_url

    @property
    def amqp_url(self) -> str:
        return self.stack.rabbitmq.url()

    @property
    def clock_offset_s(self) -> int:
        file = self.stack.clock_offset_file
        return int(file.read_text()) if file else self.stack.clock_offset_s

    def moves_clock_to(self, at: datetime) -> None:
        """Let all processes have another time from now on; every timer is due then.

        Only the half-year's platform can, and only forward: what was written stays in the past.
        """
        file = self.stack.clock_offset_file
        assert file is not None, "the clock of this platform stands where it stands"
        assert at > self.now(), "the clock is only moved forward"
        fresh = file.with_suffix(".new")
        fresh.write_text(str(int((at - datetime.now(UTC)).total_seconds())))
        fresh.replace(file)

    def service_url(self, service: str) -> str:
        return self.stack.postgres.url(user=service, database=service)

    def owner_url(self, service: str) -> str:
        return self.stack.postgres.url(user=owner_of(service), database=service)

    def superuser_url(self, database: str = "postgres") -> str:
        return self.stack.postgres.url(database=database)

    def now(self) -> datetime:
        """Give the time as the platform sees it."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset_s)

    def pids_of(self, name: str) -> list[int]:
        return [found.pid for found in processes.found(self.stack.folder) if found.name == name]

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill a process and all it has started; the supervisor starts it again."""
        pids = self.pids_of(name)
        for pid in pids:
            processes.send(pid, how)
        if how == signal.SIGKILL:
            processes.wait_until_gone(pids, wait_s=60.0)

    def stop(self, name: str) -> None:
        """Stop a process cleanly and keep the supervisor from starting it again."""
        hold_folder(self.stack.folder).mkdir(exist_ok=True)
        (hold_folder(self.stack.folder) / name).touch()
        first = signal.SIGINT if name == "postgres" else signal.SIGTERM
        processes.stop(self.pids_of(name), first=first, wait_s=300.0)

    def start(self, name: str) -> None:
        """Let the supervisor start a stopped process again, and wait until it has."""
        (hold_folder(self.stack.folder) / name).unlink(missing_ok=True)
        _wait(lambda: bool(self.pids_of(name)), what=f"{name} started", wait_s=300.0)

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Do something while a process is down."""
        self.stop(name)
        try:
            yield
        finally:
            self.start(name)

    def wait_until_ready(self, *, wait_s: float = COMES_BACK_WITHIN_S) -> None:
        """Wait until /readyz says that everything answers."""
        _wait(self.stack.is_ready, what="everything answers", wait_s=wait_s)

    def wait_until_missed(self, service: str, *, wait_s: float = COMES_BACK_WITHIN_S) -> None:
        """Wait until callers of a stopped service are told at once; before, each waits for its whole deadline."""
        said = f'"{service}":"service-unavailable"'
        _wait(lambda: said in self.stack.readiness()[1], what=f"{service} is missed", wait_s=wait_s)


@functools.cache
def platform(name: str = USUAL) -> Platform:
    """Start a fresh platform, once in this process; it stops when the process ends, however that happens.

    One that somebody keeps running with `make test-platform` is used as it is.
    """
    folder = TEST_RUN / name
    standing = standing_of(folder)
    if standing is not None and standing.is_kept and standing.state == "ready":
        return Platform(_stack(name))
    stop_platform(name)
    _erase_and_choose_port(folder)
    log = TEST_RUN / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [*switching(None, dies_with_parent=signal.SIGTERM), sys.executable, "-m", "local", "test-platform", name],
            cwd=CLONE,
            env={**os.environ, "TEST_PLATFORM": "owned"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    atexit.register(_end, supervisor)
    _wait_for_start(supervisor, folder, told=lambda: log.read_text(errors="replace"))
    return Platform(_stack(name))


def run_platform(name: str, *, is_kept: bool) -> int:
    """Run a test platform in the foreground; a kept one serves all tests that follow until it is stopped."""
    if is_kept:
        stop_platform(name)
        _erase_and_choose_port(TEST_RUN / name)
    stack = _stack(name)
    return Supervisor(stack, say=say, is_kept=is_kept, announce=lambda stack: say(f"Ready: {stack.base_url}")).run()


def stop_platform(name: str = USUAL) -> None:
    """Stop a test platform, whoever left it running."""
    stop_everything(TEST_RUN / name)


def to_the_twenty_second(at: datetime) -> int:
    """Give the seconds from now to 10:01 on the 22nd of this month in Asia/Shanghai.

    Tests of a month's calendar then mean the same on every day they are run: what is open is yellow, not yet red. And
    they mean the same at every hour: no last minute of a slot, which lie at half hours, passes while they run.
    """
    here = at.astimezone(ZoneInfo("Asia/Shanghai"))
    return int((here.replace(day=22, hour=10, minute=1, second=0, microsecond=0) - here).total_seconds())


def _stack(name: str) -> Stack:
    folder = TEST_RUN / name
    usual = Stack(folder=folder, port=port_of(folder, "gateway"), durable=False, rate_limits=UNREACHED)
    if name == "bench":
        return replace(usual, durable=True)
    offset_s = _clock_offset_s(folder, HALF_YEAR_FROM if name == "half-year" else None)
    if name == "half-year":
        return replace(usual, clock_offset_file=_clock_offset_of(folder), demo_towns=HALF_YEAR_TOWN)
    return replace(usual, clock_offset_s=offset_s)


def _clock_offset_of(folder: Path) -> Path:
    return folder / "clock-offset"


def _clock_offset_s(folder: Path, begins_at: datetime | None) -> int:
    """Give the offset chosen when the platform was made: it must not jump when a test run passes midnight."""
    kept = _clock_offset_of(folder)
    now = datetime.now(UTC)
    if not kept.exists():
        kept.write_text(str(int((begins_at - now).total_seconds()) if begins_at else to_the_twenty_second(now)))
    return int(kept.read_text())


def _erase_and_choose_port(folder: Path) -> None:
    erase(folder)
    _clock_offset_of(folder).unlink(missing_ok=True)
    free_port_of(folder, "gateway")


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    supervisor.terminate()
    supervisor.wait()


def _wait_for_start(supervisor: subprocess.Popen[bytes], folder: Path, *, told: Callable[[], str]) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while (standing := standing_of(folder)) is None or standing.state != "ready":
        if supervisor.poll() is not None or time.monotonic() > until:
            raise StartFault(f"The test platform did not start:\n{told()}")
        time.sleep(1)


def _wait(condition: Callable[[], bool], *, what: str, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"Within {wait_s:.0f} s it did not come about that {what}.")
        time.sleep(0.5)
