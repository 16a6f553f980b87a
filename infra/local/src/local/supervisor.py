"""Starts every process of a stack, restarts what dies, and stops all of it in order.

    servers ──▶ databases, migrations ──▶ services, gateway ──▶ demo data ──▶ ready … ──▶ stop, in reverse

It is one thread that never blocks for long: whatever it waits for, it goes on tending its processes. The processes
ask the kernel to be told when the supervisor dies, so that even a `kill -9` of it stops them; what is left after
that (and after a `kill -9` of everything) is found by its mark and stopped before the next start.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local import logs, processes, standing
from local.databases import SERVICES, create_service_database
from local.faults import StartFault
from local.listeners import listener_of
from local.ports import is_free
from local.processes import Program
from local.stack import EVERYWHERE, Stack
from local.standing import Standing

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
STEADY_AFTER_S = 30.0  # who lived this long and dies starts again at once
DEATHS_BEFORE_READY_MAX = 5
COMES_UP_WITHIN_S = 900.0  # a part that dies is told at once; this is for a machine that is slow
ENDS_WITHIN_S = 1800.0  # a migration, or the loading of the demo
LOGS_BOUND_EVERY_S = 10.0
LOOKS_S, KEEPS_LOOKING_S = 0.25, 2.0  # while something is awaited; when all is up


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


@dataclass
class Kept:
    """A program that is to run until we say otherwise."""

    program: Program
    prepare: Callable[[], None] = field(default=lambda: None)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    next_start_at: float = 0.0
    deaths: int = 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs one stack in the foreground."""

    def __init__(
        self,
        stack: Stack,
        *,
        say: Callable[[str], None],
        is_kept: bool = False,
        announce: Callable[[Stack], None] = lambda stack: None,
    ) -> None:
        self._stack = stack
        self._say = say
        self._is_kept = is_kept
        self._announce = announce
        self._kept: dict[str, Kept] = {}
        self._background: tuple[Program, subprocess.Popen[bytes]] | None = None
        self._asked_to_stop = False
        self._is_ready = False
        self._logs_bound_at = 0.0

    def run(self) -> int:
        """Bring the stack up, keep it up until told to stop, and take it down; give the exit status."""
        lock = self._lock()
        if lock is None:
            return 0
        with lock:
            processes.allow_open_files()
            for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(asked, self._ask_to_stop)
            self._wake_by_signals()
            try:
                self._publish("starting")
                self._bring_up()
                self._publish("ready")
                self._is_ready = True
                self._announce(self._stack)
                while True:
                    self._tend_a_while(KEEPS_LOOKING_S)
            except Stopped:
                return 0
            except StartFault as fault:
                self._say(str(fault))
                return 1
            finally:
                self._publish("stopping")
                self._take_down()
                (self._stack.folder / "up.json").unlink(missing_ok=True)
        return 0

    # -- up ------------------------------------------------------------------------------------------------------------

    def _wake_by_signals(self) -> None:
        """Have every signal, the death of a child among them, end a sleep."""
        self._wakes, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)

    def _lock(self) -> IO[str] | None:
        for _ in range(10):  # somebody may be looking at the lock just now
            lock = standing.take_lock(self._stack.folder)
            if lock is not None:
                return lock
            time.sleep(0.1)
        other = standing.standing_of(self._stack.folder)
        if other is not None and other.state == "ready":
            self._say(f"It runs already, at {' and '.join(other.addresses)} (process {other.pid}).")
        elif other is not None:
            self._say(f"Another one is {other.state} (process {other.pid}); `make status` shows how far it is.")
        return None

    def _bring_up(self) -> None:
        stack = self._stack
        self._stop_leftovers()
        self._refuse_a_taken_port()

        self._say("Starting PostgreSQL and RabbitMQ ...")
        stack.postgres.choose_port()
        stack.rabbitmq.choose_ports()
        stack.postgres.prepare()
        self._keep(stack.postgres.program(), prepare=stack.postgres.prepare)
        stack.rabbitmq.prepare()
        self._keep(stack.rabbitmq.name_server())
        self._keep(stack.rabbitmq.program(), prepare=stack.rabbitmq.prepare)

        self._wait_for(stack.postgres.is_ready, what="PostgreSQL")
        for service in SERVICES:
            create_service_database(stack.postgres, service)
        self._say("Bringing the databases up to date ...")
        self._run_to_the_end(stack.migrations())
        self._wait_for(stack.rabbitmq.is_ready, what="RabbitMQ")

        self._say("Starting the services and the gateway ...")
        for program in (*stack.services(), stack.gateway()):
            self._keep(program)
        if stack.demo and not stack.demo_is_whole:
            self._say("Loading the demo ...")
            stack.note_demo("begun")  # before: half of it would do to let strangers in
            self._run_to_the_end([stack.demo_loader()], output=sys.stdout)
            stack.note_demo("whole")
        elif stack.demo:
            # It is there; a newer version of it may have more. Nobody needs to wait for that.
            self._background = (stack.demo_loader(), self._start_once(stack.demo_loader()))
        self._wait_for(stack.is_ready, what="The gateway's /readyz")

    def _stop_leftovers(self) -> None:
        left = processes.found(self._stack.folder)
        if not left:
            return
        self._say(f"Stopping what an earlier start left behind: {', '.join(sorted({found.name for found in left}))}.")
        stop_found(self._stack.folder)

    def _refuse_a_taken_port(self) -> None:
        host = self._stack.bind if self._stack.bind == EVERYWHERE else "127.0.0.1"
        port = self._stack.port
        if not is_free(port, host=host):
            holder = listener_of(port) or "another program"
            raise StartFault(
                f"Port {port} is taken by {holder}. Choose another one, for example: make run PORT={port + 1}"
            )

    def _keep(self, program: Program, *, prepare: Callable[[], None] = lambda: None) -> None:
        kept = Kept(program=program, prepare=prepare)
        self._kept[program.name] = kept
        self._start(kept)

    def _start(self, kept: Kept) -> None:
        kept.process = processes.start(kept.program, dies_with_parent=True)
        kept.started_at = time.monotonic()

    def _start_once(self, program: Program, *, output: IO[str] | None = None) -> subprocess.Popen[bytes]:
        return processes.start(program, dies_with_parent=True, output=output)

    def _run_to_the_end(self, programs: Sequence[Program], *, output: IO[str] | None = None) -> None:
        """Run programs beside each other until all have ended; raises StartFault when one fails."""
        running = [(program, processes.start(program, dies_with_parent=True, output=output)) for program in programs]
        try:
            self._wait_for(
                lambda: all(process.poll() is not None for _, process in running),
                what=" and ".join(program.name for program in programs),
                wait_s=ENDS_WITHIN_S,
            )
        finally:
            processes.stop([process.pid for _, process in running if process.poll() is None])
        for program, process in running:
            if process.returncode != 0:
                told = "" if output else f":\n{logs.last_lines(program.log)}"
                raise StartFault(f"{program.name} ended with status {process.returncode}{told}")

    # -- keeping it up -------------------------------------------------------------------------------------------------

    def _wait_for(self, condition: Callable[[], bool], *, what: str, wait_s: float = COMES_UP_WITHIN_S) -> None:
        """Wait for something while tending the processes; raises Stopped, or StartFault when it takes too long."""
        until = time.monotonic() + wait_s
        while not condition():
            if time.monotonic() > until:
                raise StartFault(
                    f"{what} did not come up within {wait_s:.0f} s; the logs are in {self._stack.folder / 'logs'}."
                )
            self._tend_a_while(LOOKS_S)

    def _tend_a_while(self, wait_s: float) -> None:
        """Tend the processes; then sleep so long, or until one of them dies or somebody asks to stop."""
        self._tend()
        if any(kept.process is None for kept in self._kept.values()):
            wait_s = min(wait_s, LOOKS_S)
        if not self._asked_to_stop and select.select([self._wakes], [], [], wait_s)[0]:
            os.read(self._wakes, 4096)
        if self._asked_to_stop:
            raise Stopped

    def _tend(self) -> None:
        """Start again what has died and is due, and keep the logs small."""
        now = time.monotonic()
        for kept in self._kept.values():
            if kept.process is not None and kept.process.poll() is not None:
                self._note_death(kept, now=now)
            if kept.process is None and now >= kept.next_start_at and not self._is_held(kept):
                self._start_again(kept)
        if self._background is not None and self._background[1].poll() is not None:
            program, process = self._background
            self._background = None
            if process.returncode != 0:
                self._say(f"{program.name} ended with status {process.returncode}; see {program.log}.")
        if now - self._logs_bound_at > LOGS_BOUND_EVERY_S:
            logs.bound(self._stack.folder)
            self._logs_bound_at = now

    def _note_death(self, kept: Kept, *, now: float) -> None:
        assert kept.process is not None
        status = kept.process.returncode
        kept.process = None
        kept.deaths += 1
        if now - kept.started_at > STEADY_AFTER_S:
            kept.pause_s = FIRST_PAUSE_S
        if not self._is_ready and kept.deaths >= DEATHS_BEFORE_READY_MAX:
            raise StartFault(
                f"{kept.program.name} has died {kept.deaths} times; {kept.program.log} ends with:\n"
                f"{logs.last_lines(kept.program.log)}"
            )
        if not self._is_held(kept):
            how = f"by signal {-status}" if status < 0 else f"with status {status}"
            self._say(f"{kept.program.name} ended {how}; starting it again in {kept.pause_s:g} s.")
        kept.next_start_at = now + kept.pause_s
        kept.pause_s = min(kept.pause_s * 2, LONGEST_PAUSE_S)

    def _start_again(self, kept: Kept) -> None:
        # Its children may have outlived it and hold its port.
        left = [found.pid for found in processes.found(self._stack.folder) if found.name == kept.program.name]
        processes.stop(left)
        try:
            kept.prepare()
        except (StartFault, OSError) as fault:
            self._say(f"{kept.program.name} cannot start: {fault}")
            kept.next_start_at = time.monotonic() + LONGEST_PAUSE_S
            return
        self._start(kept)

    def _is_held(self, kept: Kept) -> bool:
        """Say whether a fault test wants this program to stay down."""
        return (hold_folder(self._stack.folder) / kept.program.name).exists()

    # -- down ----------------------------------------------------------------------------------------------------------

    def _ask_to_stop(self, _signal: int, _frame: object) -> None:
        if not self._asked_to_stop:
            self._asked_to_stop = True
            self._say("Stopping ...")

    def _take_down(self) -> None:
        """Stop from the outside in, so that nobody loses what they are about to write."""
        if self._background is not None:
            processes.stop([self._background[1].pid])
        servers = {"postgres", "rabbitmq", "epmd"}
        names = list(self._kept)
        for group in (
            [name for name in names if name == "gateway"],
            [name for name in names if name not in {"gateway", *servers}],
            [name for name in names if name in {"postgres", "rabbitmq"}],
            ["epmd"],
        ):
            self._stop_group([self._kept[name] for name in group if name in self._kept])
        stop_found(self._stack.folder)  # grandchildren whose parent was killed

    def _stop_group(self, group: list[Kept]) -> None:
        running = [kept for kept in group if kept.is_running]
        for kept in running:
            assert kept.process is not None
            kept.process.send_signal(kept.program.stop_signal)
        for kept in running:
            assert kept.process is not None
            try:
                kept.process.wait(timeout=kept.program.stop_wait_s)
            except subprocess.TimeoutExpired:
                self._say(f"{kept.program.name} does not stop by itself; killing it.")
                kept.process.kill()
                kept.process.wait()

    def _publish(self, state: str) -> None:
        stack = self._stack
        standing.publish(
            stack.folder,
            Standing(
                pid=os.getpid(),
                state=state,
                bind=stack.bind,
                port=stack.port,
                addresses=tuple(stack.addresses),
                is_kept=self._is_kept,
            ),
        )


def hold_folder(folder: Path) -> Path:
    """Give the folder whose files name the programs that must stay down."""
    return folder / "hold"


def stop_found(folder: Path) -> None:
    """Stop every process that carries the mark of this stack: what uses the servers first, PostgreSQL last."""
    left = processes.found(folder)
    others = [found.pid for found in left if found.name != "postgres"]
    processes.stop(others, wait_s=30.0)
    postgres = [found.pid for found in left if found.name == "postgres"]
    processes.stop(postgres, first=signal.SIGINT, wait_s=60.0)
