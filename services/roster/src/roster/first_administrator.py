"""Appoint the first administrator of a fresh platform: `python -m roster.first_administrator --help`.

    python -m roster.first_administrator --name 王建国 --username wangjg \\
        --organisation 370302 --organisation-name 中共淄川区委员会

Reads DATABASE_URL and PERSONAL_DATA_KEYS. The password is asked for twice, or with --generate made and shown once. At
the first sign-in it has to be changed, and the second factor set up. Refused where there is an administrator, unless
--recover says that nobody of them can sign in any more; that stands in the account's history with its reason.
"""

import argparse
import getpass
import sys
from dataclasses import dataclass

from chassis import clock, config
from chassis.database import connect
from chassis.refusals import Refusal

from roster.operations import passwords
from roster.operations.administrators import CannotAppoint, Wanted, appoint

FIRST = "first administrator, appointed by the operator"


@dataclass(frozen=True)
class AdministratorConfig:
    """What this command reads."""

    database_url: str = config.setting(
        config.url("postgresql"), example="postgresql://roster:password@127.0.0.1/roster"
    )
    clock_offset_s: float = config.setting(config.seconds(-1e10, 1e10), example="0", default=0.0)


def main(words: list[str] | None = None) -> int:
    """Ask, appoint, and say what happens next."""
    asked = _parser().parse_args(words)
    if asked.recover and not asked.reason:
        print("--recover needs a --reason; it is kept.", file=sys.stderr)
        return 2
    settings = config.read_or_exit(AdministratorConfig)
    password = passwords.first_password() if asked.generate else _typed()
    if password is None:
        print("The two are not the same; nothing was done.", file=sys.stderr)
        return 1
    wanted = Wanted(
        name=asked.name.strip(),
        username=asked.username,
        password=password,
        reason=asked.reason or FIRST,
        organisation=asked.organisation,
        organisation_name=asked.organisation_name,
        is_recovery=asked.recover,
    )
    engine = connect(settings.database_url, service="roster")
    try:
        with engine.begin() as db:
            done = appoint(db, wanted, at=clock.now())
    except (CannotAppoint, Refusal) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    print(f"{wanted.username} administers {done.organisation}{', with a new password' if done.was_there else ''}.")
    if asked.generate:
        print(f"The password, shown only now: {password}")
    print("At the first sign-in the password has to be changed", end="")
    print(", and the second factor set up." if done.needs_second_factor else ".")
    return 0


def _typed() -> str | None:
    password = getpass.getpass("Password: ")
    return password if getpass.getpass("Once more: ") == password else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m roster.first_administrator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", required=True, help="the person's name")
    parser.add_argument("--username", required=True, help="2 to 40 letters, digits, dots, hyphens or underscores")
    parser.add_argument("--organisation", help="the code of the root of the tree")
    parser.add_argument("--organisation-name", help="its name, where it is to be founded")
    parser.add_argument("--generate", action="store_true", help="make the password, and show it once")
    parser.add_argument("--recover", action="store_true", help="although there are administrators")
    parser.add_argument("--reason", help="why; kept in the account's history")
    return parser


if __name__ == "__main__":
    sys.exit(main())
