"""The tree of organisations, and what is told of each change."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit

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
CODE_SYSTEMS = ("nbs", "mca")
"""Who numbered a division: the National Bureau of Statistics, or the Ministry of Civil Affairs. The same town has
another number there, and the same number means another town."""
UNITS_MAX = 20

Units = Annotated[
    list[str],
    fields.List(fields.String(validate=validate.Length(1, 200)), required=True, validate=validate.Length(0, UNITS_MAX)),
]


@dataclass(frozen=True)
class OrganisationsAsked:
    """List organisations by kind, field, name, code or division code of either system (`q`); with `parent_id` those
    directly under it, and when `q`, `finding` or `everything` is given all below it.

    A name that an organisation had before finds it too. `finding` is a setting rule that is broken, or `any`. Dissolved
    ones are listed only when `dissolved` is true.
    """

    parent_id: UUID | None = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    kind: str | None = None
    field: str | None = None
    limit: Limit = 100
    cursor: str | None = None
    finding: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    ] = None
    everything: bool = False
    dissolved: bool = False


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
    division_code_system: str | None = None
    division_codes: dict[str, str] = dataclass_field(default_factory=dict)
    """The division's code in each system that is known, by `nbs` and `mca`."""
    dissolved_on: date | None = None
    formerly: list[str] = dataclass_field(default_factory=list)
    units: list[str] = dataclass_field(default_factory=list)
    """Of a joint branch: the units whose members it has."""
    is_external: bool = False


@dataclass(frozen=True)
class TreeAsked:
    """The organisations directly under one (the roots without `parent_id`) as they stand, or stood on a day (`on`)."""

    parent_id: UUID | None = None
    on: date | None = None
    limit: Limit = 200
    cursor: str | None = None


@dataclass(frozen=True)
class TreeNode:
    """A node of the tree on a day, and how many stand directly under it.

    `members` (with everything below) and `findings` (open, with everything below; null for whoever may not read them)
    are known of today; of another day only a branch's members are counted.
    """

    id: UUID
    code: str
    name: str
    kind: str
    field: str
    parent_id: UUID | None
    path: str
    children: int
    members: int | None
    findings: int | None


@dataclass(frozen=True)
class OrganisationOnDay:
    """What an organisation was on a day."""

    organisation_id: UUID
    on: date


@dataclass(frozen=True)
class PlaceInLine:
    """One of those above an organisation, the root first."""

    id: UUID
    name: str
    kind: str


@dataclass(frozen=True)
class OrganisationAsAt:
    """An organisation as it was on a day, and the line from the root down to it. `dissolved` when it had ended by then.

    `members_full` and `members_probationary` are a branch's own on that day, null for one that branches stand under.
    """

    id: UUID
    code: str
    name: str
    kind: str
    field: str
    path: str
    on: date
    since: date
    until: date | None
    dissolved: bool
    line: list[PlaceInLine]
    members_full: int | None
    members_probationary: int | None


@dataclass(frozen=True)
class OrganisationHistoryAsked:
    """What an organisation was called, what it was and where it stood, newest first."""

    organisation_id: UUID
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class HistoryRow:
    """A name, kind and place that held from `effective_on` on; `verb`, reason and document of the change that made it
    so, where one is known."""

    version: int
    effective_on: date
    name: str
    kind: str
    field: str
    parent_id: UUID | None
    parent_name: str | None
    dissolved: bool
    changed_at: Instant
    change_id: UUID | None
    verb: str | None
    reason: str | None
    document_number: str | None
    by_name: str | None


@dataclass(frozen=True)
class RecordUnits:
    """Say which units a joint branch has members of, from today on."""

    organisation_id: UUID
    units: Units


@dataclass(frozen=True)
class UnitsRecorded:
    """The units of a joint branch as they stand now."""

    organisation_id: UUID
    units: list[str]


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
