"""The policies of `gateway.limits`, as the configuration reads them.

A module of its own, for the configuration is read before anything is imported that counts.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Policy:
    """A quota of requests in a window of seconds."""

    quota: int
    window_s: int


DEFAULT: Final[dict[str, Policy]] = {
    "person": Policy(1200, 60),
    "token": Policy(600, 60),
    "address": Policy(6000, 60),
    "sign-in": Policy(600, 300),
    "wrong": Policy(100, 600),
}


def policies(text: str) -> dict[str, Policy] | None:
    """Read `off`, or policies that take the place of the defaults: `person=1200/60 wrong=100/600`."""
    if text == "off":
        return None
    read = dict(DEFAULT)
    for part in text.split():
        name, _, numbers = part.partition("=")
        quota, _, window = numbers.partition("/")
        if name not in DEFAULT or not (quota.isdecimal() and window.isdecimal()):
            raise ValueError(f"must be off, or hold NAME=REQUESTS/SECONDS with a name of {', '.join(DEFAULT)}")
        if not (1 <= int(quota) <= 1_000_000 and 1 <= int(window) <= 86_400):
            raise ValueError("holds a quota outside of 1 to 1000000, or a window outside of 1 to 86400 seconds")
        read[name] = Policy(int(quota), int(window))
    return read
