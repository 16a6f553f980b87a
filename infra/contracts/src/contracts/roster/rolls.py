"""A branch's roll, as roster tells it: who belongs to it, and what other services have to know of each."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class RollFact:
    """A member is retired, ill, abroad or exempt: from a day until before another, or until further notice."""

    fact: str
    active_from: date
    active_until: date | None = None


@dataclass(frozen=True)
class RollMember:
    """A member of the branch: full or probationary; active, floating or lost. Nothing of them is sealed data."""

    person_id: UUID
    name: str
    status: str
    state: str
    party_group: str | None = None
    joined_on: date | None = None
    facts: list[RollFact] = field(default_factory=list)


@dataclass(frozen=True)
class RollChanged:
    """The whole roll of a branch after a change of any of its members; its version is the organisation's."""

    branch_id: UUID
    members: list[RollMember]
