"""Access tokens of programs: what they reach in the tree, and what is said when one is not taken.

in force ──its days are over──▶ expired        nothing is deleted, and nothing comes back
    └──owner, administrator, account closed──▶ ended
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from chassis.refusals import Refusal

LIFETIME: Final = timedelta(seconds=90)
"""How long the services take what a token was exchanged for; the gateway asks again before."""
NOTED_EVERY: Final = timedelta(minutes=1)
"""How often the last use of a token is written at most."""


class TokenRefused(Refusal):
    """This access token is unknown, has expired or was ended."""


class TooManyTokens(Refusal):
    """There are {most} tokens in force already; end one that is not needed."""


def narrowed(grants: Iterable[tuple[str, str]], *, within: str | None) -> list[tuple[str, str]]:
    """Return the grants as far as they reach into a part of the tree: at its node, or at their own below it."""
    if within is None:
        return list(grants)
    reached = {
        (role, within if _lies_in(within, path) else path)
        for role, path in grants
        if _lies_in(within, path) or _lies_in(path, within)
    }
    return sorted(reached)


def _lies_in(path: str, above: str) -> bool:
    return path == above or path.startswith(above + ".")
