"""The members of organisations."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.envelope import Limit


@dataclass(frozen=True)
class MembersAsked:
    """The members of one organisation and of everything below it."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MemberView:
    """One member as a list shows them: the name is shown, nothing else that is personal."""

    id: UUID
    name: str
    status: str
    joined_on: date | None
    post: str | None
    synthetic: bool
