"""The tree of organisations: what may stand under what, and how a place in it is written.

A path joins the codes from the root down with dots: `3703.370302.370302115.370302115218`. What lies below a path
starts with the path and a dot, so a right granted at a node holds for all below it.
"""

import re
from typing import Final

from chassis.refusals import Refusal

COMMITTEE: Final = "committee"
WORKING_COMMITTEE: Final = "working_committee"
LEADING_GROUP: Final = "leading_group"
GENERAL_BRANCH: Final = "general_branch"
BRANCH: Final = "branch"
JOINT_BRANCH: Final = "joint_branch"

BRANCHES: Final = frozenset({BRANCH, JOINT_BRANCH})
"""The kinds that members belong to."""

_COMMITTEES = frozenset({COMMITTEE, WORKING_COMMITTEE})
STANDS_UNDER: Final[dict[str, frozenset[str | None]]] = {
    COMMITTEE: _COMMITTEES | {None},
    WORKING_COMMITTEE: _COMMITTEES | {None},
    LEADING_GROUP: _COMMITTEES,
    GENERAL_BRANCH: _COMMITTEES,
    BRANCH: _COMMITTEES | {GENERAL_BRANCH},
    JOINT_BRANCH: _COMMITTEES | {GENERAL_BRANCH},
}
"""For each kind the kinds that may stand above it; None is the root's place."""

DEPTH_MAX: Final = 10
CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")


class CodeNotUsable(Refusal):
    """The code {code} cannot be used: 1 to 40 letters, digits, hyphens or underscores."""


class CodeTaken(Refusal):
    """The code {code} is taken by another organisation."""


class NoPlaceInTree(Refusal):
    """A {kind} cannot stand there: {reason}."""


class OrganisationDissolved(Refusal):
    """{organisation} was dissolved on {on}; it can be read, and nothing is put into it any more."""


def path_under(parent_path: str | None, code: str) -> str:
    """Return the path of `code` below its parent; raises CodeNotUsable."""
    if not CODE.fullmatch(code):
        raise CodeNotUsable(code=code[:40])
    return f"{parent_path}.{code}" if parent_path else code


def check_place(*, kind: str, path: str, parent_kind: str | None) -> None:
    """Raise NoPlaceInTree unless an organisation of the kind may stand at `path` under a parent of that kind."""
    if parent_kind not in STANDS_UNDER[kind]:
        if parent_kind is None:
            raise NoPlaceInTree(kind=kind, reason="needs-parent")
        raise NoPlaceInTree(kind=kind, reason="wrong-parent", parent_kind=parent_kind)
    check_depth(kind=kind, path=path)


def check_depth(*, kind: str, path: str) -> None:
    """Raise NoPlaceInTree when `path` lies deeper than a tree may be."""
    if path.count(".") >= DEPTH_MAX:
        raise NoPlaceInTree(kind=kind, reason="too-deep", depth_max=DEPTH_MAX)


def moved(path: str, *, below: str, to: str) -> str:
    """Return where `path`, which is `below` or under it, lies after that node has moved to `to`."""
    return to + path[len(below) :]
