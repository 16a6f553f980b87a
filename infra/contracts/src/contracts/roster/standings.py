"""How a branch stands, as roster tells it: dues that are owed to it, setting rules that it breaks."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields

from contracts.envelope import Month


@dataclass(frozen=True)
class UnpaidDues:
    """A member and the months whose dues they still owe to the branch, the oldest first; no amounts."""

    person_id: UUID
    months: Annotated[list[str], fields.List(Month.__metadata__[0](), required=True)]


@dataclass(frozen=True)
class BranchStanding:
    """The whole standing of a branch; its version rises with each. `breaches` are the setting rules it breaks."""

    branch_id: UUID
    unpaid: list[UnpaidDues]
    breaches: list[str]
