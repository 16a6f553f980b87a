"""Who plays what in an ordered visit, and the run sheet made from it (S4)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, schema_of
from contracts.sites.places import SiteRef
from contracts.sites.programmes import CaseRef
from contracts.sites.training import ROLES_MAX

NAMES_MAX = 20
NAME_MAX = 40


@dataclass(frozen=True)
class RoleAssignment:
    """A role and who plays it: display names that the branch gives, such as a person's or “first group”."""

    role: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    names: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.Length(1, NAME_MAX)), required=True, validate=validate.Length(0, NAMES_MAX)
        ),
    ]


@dataclass(frozen=True)
class AssignRoles:
    """Say anew who plays what; a role left out is played by nobody. Until the visit begins."""

    order_id: UUID
    assignments: Annotated[
        list[RoleAssignment],
        fields.List(fields.Nested(schema_of(RoleAssignment)), required=True, validate=validate.Length(0, ROLES_MAX)),
    ]


@dataclass(frozen=True)
class RunSheetAsked:
    """The run sheet of an order's visit."""

    order_id: UUID


@dataclass(frozen=True)
class GuideRef:
    """A guide, in another view: a name and the languages they speak."""

    id: UUID
    name: str
    languages: list[str]


@dataclass(frozen=True)
class PlayedRole:
    """A role of the run sheet, with who plays it."""

    code: str
    name: str
    name_en: str
    colour: str
    duty: str
    names: list[str]


@dataclass(frozen=True)
class TimedStep:
    """A step of the run sheet, with when it is due."""

    number: int
    starts_at: Instant
    ends_at: Instant
    role: str
    title: str
    title_en: str
    minutes: int
    key: bool
    does: str
    says: str
    materials: list[str]
    rule: str


@dataclass(frozen=True)
class RunSheetView:
    """An order's visit step by step, by the case's version of its placing; without a case there are no steps.

    `unplayed` names the roles that nobody plays yet: a finding, never a refusal.
    """

    order_id: UUID
    state: str
    site: SiteRef
    programme_id: UUID
    programme: str
    theme: str
    description: str
    bring: str
    starts_at: Instant
    ends_at: Instant
    branch_name: str | None
    party_size: int
    needs_guide: bool
    guide: GuideRef | None
    case: CaseRef | None
    citation: str
    minutes: int
    roles: list[PlayedRole]
    steps: list[TimedStep]
    unplayed: list[str]
    is_complete: bool
    may_assign: bool
