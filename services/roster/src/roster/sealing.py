"""Seal personal data anew with the newest key: `python -m roster.sealing`, after a new key was put in front.

Reads DATABASE_URL and PERSONAL_DATA_KEYS. It may be interrupted and run again; when it says that nothing is left, an
old key that is not the last one can be taken away.
"""

import sys
from dataclasses import dataclass

from chassis import config
from chassis.database import connect

from roster.operations.people import seal_anew, stale
from roster.operations.sealing import PART


@dataclass(frozen=True)
class SealingConfig:
    """What this command reads."""

    database_url: str = config.setting(
        config.url("postgresql"), example="postgresql://roster:password@127.0.0.1/roster"
    )


def main() -> int:
    """Seal all, part by part."""
    settings = config.read_or_exit(SealingConfig)
    engine = connect(settings.database_url, service="roster")
    done = 0
    while True:
        with engine.begin() as db:
            part = seal_anew(db, part=PART)
        if not part:
            break
        done += part
    with engine.begin() as db:
        left = stale(db)
    print(f"{done} people's numbers are sealed anew, {left} are left.")
    return 0 if not left else 1


if __name__ == "__main__":
    sys.exit(main())
