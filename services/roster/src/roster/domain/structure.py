"""How the tree of organisations changes: what may be done, from which day on, and what stands in the way.

    founded ──rename · change_kind · move · split · takes in──▶ itself, with another name, kind, place or membership
       └──────────────merge (into another) · dissolve─────────▶ dissolved: it stays readable, nothing is put into it

A change holds from a day on, today or one that has passed, but never from before what somebody else wrote down about
the same organisation or member; so what the register says about any day is only ever added to.
"""

from datetime import date, timedelta
from typing import Final

from chassis.refusals import Refusal

from roster.domain.members import check_day
from roster.domain.organisations import BRANCHES, COMMITTEE, GENERAL_BRANCH, STANDS_UNDER, NoPlaceInTree

BACK_MAX: Final = timedelta(days=366)
RAISED: Final = frozenset({GENERAL_BRANCH, COMMITTEE})
"""What a branch may become when it is divided into branches under it."""


class TooLongAgo(Refusal):
    """A change of the tree is entered within a year: {earliest} is the earliest day."""


class HasMembers(Refusal):
    """{organisation} has {members} members or applicants; say to which branch they go."""


class HasOrganisationsBelow(Refusal):
    """{count} organisations stand under {organisation}; put them elsewhere first."""


class AsItIs(Refusal):
    """That is how it is already; nothing would change."""


class NotAlike(Refusal):
    """A branch takes in branches, and a committee what stands under committees; {organisation} is of the other sort."""


def check_effect(on: date, *, today: date) -> None:
    """Raise NotYet, or TooLongAgo when the day lies more than a year back."""
    check_day(on, since=None, today=today)
    if on < today - BACK_MAX:
        raise TooLongAgo(earliest=(today - BACK_MAX).isoformat())


def check_children(kinds: set[str], *, under: str) -> None:
    """Raise NoPlaceInTree when something that stands under an organisation could not, once it is of another kind."""
    for kind in sorted(kinds):
        if under not in STANDS_UNDER[kind]:
            raise NoPlaceInTree(kind=kind, reason="wrong-parent", parent_kind=under)


def are_alike(kind: str, other: str) -> bool:
    """Say whether both have members, or neither."""
    return (kind in BRANCHES) == (other in BRANCHES)
