"""Tell every organisation again: `python -m roster.resync`, when a service's copy of the tree is empty or was restored.

Reads DATABASE_URL. *work* relays what is told; hearers drop what they know already.
"""

import sys
from dataclasses import dataclass

from chassis import clock, config
from chassis.database import connect

from roster.operations import organisations


@dataclass(frozen=True)
class ResyncConfig:
    """What this command reads."""

    database_url: str = config.setting(
        config.url("postgresql"), example="postgresql://roster:password@127.0.0.1/roster"
    )


def main() -> int:
    """Tell all, in one transaction."""
    settings = config.read_or_exit(ResyncConfig)
    with connect(settings.database_url, service="roster").begin() as db:
        told = organisations.tell_all(db, at=clock.now())
    print(f"{told} organisations are told again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
