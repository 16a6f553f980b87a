"""Now inside and allowed: from which share of a site's capacity it is nearly full, and from which full."""

from typing import Final

CALM: Final = "calm"
NEAR: Final = "near"
FULL: Final = "full"


def level(heads: int, *, capacity: int, warn_percent: int, alarm_percent: int) -> str:
    """Return how crowded a site is; integers, so that 90 of 100 is nearly full and 89 of 100 is not."""
    if heads * 100 >= alarm_percent * capacity:
        return FULL
    return NEAR if heads * 100 >= warn_percent * capacity else CALM
