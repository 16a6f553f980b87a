"""The tree of organisations, and what is told of each change."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Limit

KINDS = ("committee", "working_committee", "leading_group", "general_branch", "branch", "joint_branch")
FIELDS = (
    "rural",
    "community",
    "government",
    "public_institution",
    "state_owned",
    "private",
    "social_organisation",
    "school",
    "hospital",
)


@dataclass(frozen=True)
class OrganisationsAsked:
    """List organisations by kind, field, name or code (`q`); with `parent_id` those directly under it, and when `q` is
    given everything below it."""

    parent_id: UUID | None = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    kind: str | None = None
    field: str | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class OrganisationAsked:
    """One organisation; also asks for its findings or its members."""

    organisation_id: UUID


@dataclass(frozen=True)
class OrganisationView:
    """One node of the tree; its members are counted with those of everything below it."""

    id: UUID
    code: str
    name: str
    kind: str
    field: str
    path: str
    parent_id: UUID | None
    division_code: str | None
    secretary_name: str | None
    members_full: int
    members_probationary: int
    synthetic: bool
    version: int


@dataclass(frozen=True)
class OrganisationChanged:
    """The whole state of an organisation after a change; it counts the members that belong to it directly."""

    id: UUID
    code: str
    name: str
    kind: str
    field: str
    path: str
    parent_id: UUID | None
    division_code: str | None
    secretary_id: UUID | None
    members_full: int
    members_probationary: int
    is_external: bool = False
    dissolved: bool = False
    extra: dict[str, str] = dataclass_field(default_factory=dict)
