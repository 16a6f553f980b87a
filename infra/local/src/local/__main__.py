"""`python -m local …`: the stack from the command line. The Makefile calls these."""

import argparse
import sys

from local import testing
from local.faults import StartFault


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    test_servers = verbs.add_parser("test-servers", help="start (or stop) the servers that tests use")
    test_servers.add_argument("--stop", action="store_true")
    asked = parser.parse_args(words)
    try:
        return _act(asked)
    except StartFault as fault:
        print(fault, file=sys.stderr)
        return 1


def _act(asked: argparse.Namespace) -> int:
    if asked.stop:
        testing.stop_test_servers()
        print("The test servers are stopped.")
    else:
        print(testing.describe(testing.test_servers()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
