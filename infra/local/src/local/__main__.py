"""`python -m local …`: the stack from the command line. The Makefile calls these."""

import argparse
import os
import sys
from collections.abc import Callable

from local import operating, platforms, test_runs, testing
from local.faults import StartFault


def main(words: list[str] | None = None) -> int:
    parser = _parser()
    asked, more = parser.parse_known_args(words)
    if more and asked.verb != "first-administrator":
        parser.error(f"not known: {' '.join(more)}")
    try:
        return operating.first_administrator(more) if asked.verb == "first-administrator" else _act(asked)
    except StartFault as fault:
        print(fault, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="run the platform in the foreground (PORT, BIND, DEMO, ALLOW_DEMO_PASSWORDS)")
    verbs.add_parser("stop", help="stop the platform")
    verbs.add_parser("status", help="say what runs")
    verbs.add_parser("reset", help="delete everything stored (FORCE=1 without asking)")
    logs = verbs.add_parser("logs", help="follow the logs")
    logs.add_argument("names", nargs="*")
    verbs.add_parser("first-administrator", add_help=False, help="appoint the first administrator")
    test = verbs.add_parser("test", help="run the tests")
    test.add_argument("paths", nargs="*")
    test_servers = verbs.add_parser("test-servers", help="start (or stop) the servers that tests use")
    test_servers.add_argument("--stop", action="store_true")
    test_platform = verbs.add_parser("test-platform", help="keep a platform running for tests")
    test_platform.add_argument("name", nargs="?", choices=platforms.NAMES, default=platforms.USUAL)
    return parser


def _act(asked: argparse.Namespace) -> int:
    acts: dict[str, Callable[[], int]] = {
        "up": lambda: operating.up(os.environ),
        "stop": operating.stop,
        "status": operating.status,
        "reset": lambda: operating.reset(os.environ),
        "logs": lambda: operating.follow_logs(asked.names),
        "test": lambda: test_runs.test(asked.paths),
        "test-platform": lambda: platforms.run_platform(asked.name, is_kept=os.environ.get("TEST_PLATFORM") != "owned"),
        "test-servers": lambda: _test_servers(are_to_stop=asked.stop),
    }
    return acts[asked.verb]()


def _test_servers(*, are_to_stop: bool) -> int:
    if are_to_stop:
        testing.stop_test_servers()
        print("The test servers are stopped.")
    else:
        print(testing.describe(testing.test_servers()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
