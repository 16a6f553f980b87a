"""What the roster says and hears: sessions, organisations, members."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Limit, Line

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
class OpenSession:
    """Sign in with a user name and a password."""

    username: Line
    password: Annotated[str, fields.String(required=True, validate=validate.Length(1, 200))]


@dataclass(frozen=True)
class RenewToken:
    """Ask for a fresh access token of the session that the token names."""


@dataclass(frozen=True)
class CloseSession:
    """Sign out."""


@dataclass(frozen=True)
class TokenView:
    """An access token; `expires_in` in seconds."""

    access_token: str
    token_type: str
    expires_in: int


@dataclass(frozen=True)
class Nothing:
    """An empty answer."""


@dataclass(frozen=True)
class MeAsked:
    """Who am I?"""


@dataclass(frozen=True)
class GrantView:
    """A role within a part of the tree."""

    role: str
    path: str
    organisation_id: UUID | None
    organisation_name: str


@dataclass(frozen=True)
class MeView:
    """The signed-in person, their roles with their part of the tree, and the branch they belong to."""

    person_id: UUID
    name: str
    roles: list[GrantView]
    branch_id: UUID | None
    branch_name: str | None


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
class MembersAsked:
    """The members of one organisation and of everything below it."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None


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
class FindingView:
    """A setting rule that an organisation breaks: why, what would mend it, and the rule's citation.

    `severity` is `breach` or `remark`. Sentences in Chinese and English.
    """

    rule: str
    severity: str
    title_zh: str
    title_en: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str
    citation: str


@dataclass(frozen=True)
class FindingsView:
    """All findings of one organisation."""

    organisation_id: UUID
    findings: list[FindingView]


@dataclass(frozen=True)
class MemberView:
    """One member as a list shows them: the name is shown, nothing else that is personal."""

    id: UUID
    name: str
    status: str
    joined_on: date | None
    post: str | None
    synthetic: bool


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
