"""Training cases (S4): what a version lacks before it can be published, and when each of its steps is due.

draft ──publish──▶ published
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chassis.refusals import Refusal


class CasePublished(Refusal):
    """This version is published and does not change any more; begin a draft."""


class NoDraft(Refusal):
    """This training case has no draft."""


class CaseIncomplete(Refusal):
    """The draft cannot be published: {lacks}."""


class CaseNotPublished(Refusal):
    """A programme offers only a published version of a training case."""


class RolesFixed(Refusal):
    """The visit has begun, or the order is no longer open; its roles do not change any more."""


class PartyOutsideProgramme(Refusal):
    """This programme takes parties of {party_min} to {party_max} people."""


class Step(Protocol):
    """What the rules need of a step."""

    @property
    def role(self) -> str:
        """The code of the role that acts."""

    @property
    def minutes(self) -> int:
        """How long it takes."""

    @property
    def key(self) -> bool:
        """Whether it is marked."""


def what_lacks(roles: Sequence[str], steps: Sequence[Step], *, citation: str) -> str | None:
    """Return what keeps a draft from being published, as a word of the contracts, or None.

    Every step has a role of the case, every role a step, the case a key step and the rule it follows.
    """
    if not roles:
        return "roles"
    if not steps:
        return "steps"
    acting = {step.role for step in steps}
    if acting - set(roles):
        return "role-of-step"
    if set(roles) - acting:
        return "step-of-role"
    if not any(step.key for step in steps):
        return "key-step"
    return None if citation.strip() else "citation"


@dataclass(frozen=True)
class Due:
    """When a step begins and ends."""

    starts_at: datetime
    ends_at: datetime


def timetable(minutes: Iterable[int], *, starts_at: datetime) -> Iterator[Due]:
    """Yield when each step is due, one after another from the visit's start."""
    for length in minutes:
        ends_at = starts_at + timedelta(minutes=length)
        yield Due(starts_at, ends_at)
        starts_at = ends_at


def unplayed(roles: Iterable[str], played_by: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the roles that nobody plays yet: a finding on the run sheet, never a refusal."""
    return [role for role in roles if not played_by.get(role)]
