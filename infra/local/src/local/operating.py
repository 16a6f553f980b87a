"""What the person at the keyboard does with the platform: start, stop, look, begin anew."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local import people, processes
from local.clone import RUN
from local.erasing import erase
from local.faults import StartFault
from local.keys import personal_data_keys
from local.stack import LOOPBACK, Stack
from local.standing import standing_of
from local.supervisor import Supervisor, stop_found

DEFAULT_PORT = 8000
STOPS_WITHIN_S = 120.0


def up(environment: Mapping[str, str]) -> int:
    """Run the platform in the foreground as PORT, BIND and DEMO say."""
    stack = Stack(
        folder=RUN,
        port=_port(environment.get("PORT") or str(DEFAULT_PORT)),
        bind=environment.get("BIND") or LOOPBACK,
        demo=environment.get("DEMO", "1") != "0",
    )
    if (stack.demo or stack.demo_is_there) and stack.is_public:
        _refuse_known_passwords(stack, is_allowed=environment.get("ALLOW_DEMO_PASSWORDS") == "1")
    return Supervisor(stack, say=say, announce=_announce).run()


def stop() -> int:
    """Stop the platform, and what a killed supervisor left behind."""
    if standing_of(RUN) is None and not processes.found(RUN):
        say("Nothing runs.")
    else:
        stop_everything(RUN)
        say("Stopped.")
    return 0


def first_administrator(words: list[str]) -> int:
    """Appoint the first administrator of the running platform; roster's own command does it and asks."""
    stack = Stack(folder=RUN, port=0)
    if words != ["--help"] and not processes.found(RUN):
        raise StartFault("The platform does not run; start it with `make run DEMO=0` first.")
    environment = {
        **os.environ,
        "DATABASE_URL": stack.postgres.url(user="roster", database="roster"),
        "PERSONAL_DATA_KEYS": personal_data_keys(RUN),
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "roster.first_administrator", *words], env=environment, check=False
    ).returncode


def status() -> int:
    """Say what runs; the exit status is 1 when it runs and something does not answer."""
    standing = standing_of(RUN)
    running = processes.found(RUN)
    if standing is None:
        say("Not running." if not running else "The supervisor was killed; `make run` clears up, so does `make stop`.")
    else:
        say(f"{standing.state}: {' and '.join(standing.addresses)} (supervisor: process {standing.pid})")
    for name in sorted({found.name for found in running}):
        pids = [found.pid for found in running if found.name == name]
        memory_mb = sum(processes.memory_bytes(pid) for pid in pids) / 1e6
        first = max(pids, key=processes.age_s)
        say(f"  {name:<18} process {first:<8} up {_span(processes.age_s(first)):<10} {memory_mb:>6.0f} MB")
    if standing is None or not standing.port:
        return 0
    is_ready, said = Stack(folder=RUN, port=standing.port, bind=standing.bind).readiness()
    say(f"/readyz: {'everything answers' if is_ready else said}")
    return 0 if is_ready else 1


def reset(environment: Mapping[str, str]) -> int:
    """Delete everything the platform has stored in this clone, after asking."""
    if environment.get("FORCE") != "1":
        if not sys.stdin.isatty():
            say("This deletes the databases, queues, files and keys of `make run`. To do it: make reset FORCE=1")
            return 1
        answer = input("Delete the databases, queues, files and keys of `make run`? Type yes: ")
        if answer.strip() != "yes":
            say("Nothing was deleted.")
            return 1
    stop()
    erase(RUN)
    say("Deleted; `make run` begins anew.")
    return 0


def follow_logs(names: list[str]) -> int:
    """Show the logs and go on showing what is added, until interrupted."""
    wanted = [RUN / "logs" / f"{name}.log" for name in names] or sorted((RUN / "logs").glob("*.log"))
    there = [str(log) for log in wanted if log.exists()]
    if not there:
        say("There are no such logs yet.")
        return 1
    return subprocess.call(["tail", "-n", "20", "-F", *there])


def stop_everything(folder: Path) -> None:
    """Ask the supervisor of a folder to stop, wait for it, and stop what a killed one left behind."""
    standing = standing_of(folder)
    if standing is not None and standing.pid:
        processes.stop([standing.pid], wait_s=STOPS_WITHIN_S)
    stop_found(folder)


def say(sentence: str) -> None:
    """Print for the person at the keyboard, who may have closed the terminal."""
    try:
        print(sentence, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of this process


def _announce(stack: Stack) -> None:
    say("")
    for address in stack.addresses:
        say(f"Zhendi runs at {address}")
    if stack.demo:
        say(f"\nSign in with one of these names, password {people.PASSWORD!r}:\n{people.logins()}")
    if stack.is_public:
        say("\nBrowsers warn of the certificate: it was made here. Accept it, or trust .run/tls/certificate.pem.")
    say("\nCtrl-C stops it. `make status` and `make logs` look at it from another terminal.")


def _refuse_known_passwords(stack: Stack, *, is_allowed: bool) -> None:
    if not is_allowed:
        raise StartFault(
            f"BIND={stack.bind} would let other machines in, and everybody knows the demo's passwords.\n"
            "Either start over without the demo (make reset, then make run DEMO=0 BIND=...), or say that it is meant: "
            f"make run BIND={stack.bind} ALLOW_DEMO_PASSWORDS=1"
        )


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise StartFault(f"PORT={text} is not a port; give a number from 1 to 65535.")
    return int(text)


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
