"""What changes the tree of organisations: each change dated, with its ground, looked at before it is made."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of, optional_line, schema_of
from contracts.roster.findings import FindingView
from contracts.roster.organisations import CODE_SYSTEMS, FIELDS, KINDS, UNITS_MAX

VERBS = ("found", "rename", "change_kind", "move", "merge", "split", "dissolve")
PARTS = ("changed", "founded", "moved", "ended", "took_in", "gave_out")
"""What an organisation was to a change: changed itself, founded, moved along with what it stands under, ended, took
members or organisations in, gave members out."""
SOURCES_MAX = 50
PARTS_MAX = 50

Code = Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))]


@dataclass(frozen=True)
class SplitPart:
    """A branch that is made out of another: the party groups and the members that go into it."""

    code: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    name: Line
    kind: Annotated[str, fields.String(load_default="branch", validate=validate.OneOf(("branch", "joint_branch")))] = (
        "branch"
    )
    groups: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.Length(1, 50)), load_default=list, validate=validate.Length(0, 100)
        ),
    ] = dataclass_field(default_factory=list)
    person_ids: Annotated[
        list[UUID], fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 1000))
    ] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class ChangeStructure:
    """Change the tree from a day on (today, or one that has passed), by a document.

    found        an organisation of `kind`, `field`, `name`, `code` under `parent_id`
    rename       `organisation_id` is called `name`
    change_kind  `organisation_id` becomes a `kind`, and is called `name` where one is given
    move         `organisation_id`, with all below it, goes under `parent_id`
    merge        `source_ids` end, and all they have goes to `organisation_id`
    split        `parts` are made out of the branch `organisation_id`; given a `kind`, it becomes that and they stand
                 under it, else they stand beside it
    dissolve     `organisation_id` ends; its members go to `members_to`
    """

    verb: Annotated[str, fields.String(required=True, validate=validate.OneOf(VERBS))]
    document_number: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    reason: Line
    on: date | None = None
    organisation_id: UUID | None = None
    name: Annotated[str | None, optional_line(200)] = None
    code: Code = None
    kind: Annotated[str | None, one_of(KINDS)] = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    parent_id: UUID | None = None
    division_code: Annotated[
        str | None,
        fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"^[0-9]{2,12}\Z")),
    ] = None
    division_code_system: Annotated[str | None, one_of(CODE_SYSTEMS)] = None
    units: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.Length(1, 200)), load_default=list, validate=validate.Length(0, UNITS_MAX)
        ),
    ] = dataclass_field(default_factory=list)
    source_ids: Annotated[
        list[UUID], fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, SOURCES_MAX))
    ] = dataclass_field(default_factory=list)
    members_to: UUID | None = None
    parts: Annotated[
        list[SplitPart],
        fields.List(fields.Nested(schema_of(SplitPart)), load_default=list, validate=validate.Length(0, PARTS_MAX)),
    ] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class ChangedOrganisation:
    """An organisation in a change, and what it was to it."""

    id: UUID
    name: str
    kind: str
    part: str


@dataclass(frozen=True)
class AffectedCounts:
    """How much a change moves or ends."""

    members: int
    organisations: int
    developments: int
    posts: int
    letters: int
    grants: int
    people_with_account: int


@dataclass(frozen=True)
class StructureChangeView:
    """A change of the tree. `organisations` are the first fifty it names; `counts` says how many there are."""

    id: UUID
    verb: str
    on: date
    document_number: str
    reason: str
    at: Instant
    by_name: str
    counts: AffectedCounts
    organisations: list[ChangedOrganisation]


@dataclass(frozen=True)
class FindingAfter:
    """A finding that would be open after a change, or that it would close."""

    organisation_id: UUID
    organisation_name: str
    finding: FindingView


@dataclass(frozen=True)
class StructurePreview:
    """What a change would do, worked out by doing it and undoing it: nothing is kept."""

    change: StructureChangeView
    opens: list[FindingAfter]
    closes: list[FindingAfter]


@dataclass(frozen=True)
class StructureChangeAsked:
    """One change of the tree."""

    change_id: UUID


@dataclass(frozen=True)
class StructureChangesAsked:
    """The changes of an organisation and all below it, newest first."""

    organisation_id: UUID
    verb: Annotated[str | None, one_of(VERBS)] = None
    limit: Limit = 50
    cursor: str | None = None
