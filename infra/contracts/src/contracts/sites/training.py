"""Training cases (S4): roles and ordered steps, in versions; a published version is frozen."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Text, one_of, schema_of
from contracts.sites.programmes import number, one_word

CASE_KINDS = (
    "assembly",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "theme_day",
    "organisational_life_meeting",
    "appraisal",
)
COLOURS = ("crimson", "blue", "green", "amber", "violet", "teal")
"""The palette of roles: each with a shape of its own, each at least 4.5:1 against white."""
VERSION_STATES = ("draft", "published")
ROLES_MAX = 12
STEPS_MAX = 60
CODE = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"


def _said(longest: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(0, longest))


@dataclass(frozen=True)
class CasesAsked:
    """The training cases that have a published version."""

    kind: Annotated[str | None, one_of(CASE_KINDS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class CaseAsked:
    """One training case: its newest published version, its draft, or its history."""

    case_id: UUID


@dataclass(frozen=True)
class CaseVersionAsked:
    """One published version of a training case."""

    case_id: UUID
    number: Annotated[int, number(1, 10**6)]


@dataclass(frozen=True)
class CaseRole:
    """Who plays: a name, a colour of the palette, a duty."""

    code: Annotated[str, fields.String(required=True, validate=[validate.Length(1, 40), validate.Regexp(CODE)])]
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    colour: Annotated[str, fields.String(required=True, validate=validate.OneOf(COLOURS))]
    duty: Annotated[str, _said(500)] = ""
    name_en: Annotated[str, _said(80)] = ""


@dataclass(frozen=True)
class CaseStep:
    """One step: what its role does and says, for how many minutes; `key` steps are marked."""

    title: Annotated[str, fields.String(required=True, validate=validate.Length(1, 60))]
    role: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    minutes: Annotated[int, number(1, 240)]
    key: bool = False
    does: Annotated[str, _said(1000)] = ""
    says: Annotated[str, _said(1000)] = ""
    materials: Annotated[
        list[str],
        fields.List(fields.String(validate=validate.Length(1, 60)), load_default=list, validate=validate.Length(0, 12)),
    ] = field(default_factory=list)
    rule: Annotated[str, _said(300)] = ""
    title_en: Annotated[str, _said(120)] = ""


@dataclass(frozen=True)
class CreateCase:
    """Begin a training case of one's own, with an empty draft that the actor edits."""

    title: Annotated[str, fields.String(required=True, validate=validate.Length(1, 60))]
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(CASE_KINDS))]


@dataclass(frozen=True)
class DraftCase:
    """Begin a draft from the published version; where one is begun already, that one."""

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class SaveDraft:
    """Write the draft anew where it is still of the version that was read. It may be incomplete."""

    case_id: UUID
    version: int
    title: Annotated[str, fields.String(required=True, validate=validate.Length(1, 60))]
    title_en: Annotated[str, _said(120)] = ""
    summary: Annotated[str, _said(1000)] = ""
    summary_en: Annotated[str, _said(1000)] = ""
    citation: Annotated[str, _said(300)] = ""
    kind: Annotated[str, one_word(CASE_KINDS, "theme_day")] = "theme_day"
    roles: Annotated[
        list[CaseRole],
        fields.List(fields.Nested(schema_of(CaseRole)), load_default=list, validate=validate.Length(0, ROLES_MAX)),
    ] = field(default_factory=list)
    steps: Annotated[
        list[CaseStep],
        fields.List(fields.Nested(schema_of(CaseStep)), load_default=list, validate=validate.Length(0, STEPS_MAX)),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class PublishCase:
    """Publish the draft as the case's next version, saying why; from then on nothing in it changes."""

    case_id: UUID
    version: int
    reason: Text


@dataclass(frozen=True)
class NameCaseEditor:
    """Name a person who may edit the case; named again, they stay."""

    case_id: UUID
    person_id: UUID
    name: Line


@dataclass(frozen=True)
class RemoveCaseEditor:
    """Take the right to edit the case from a person."""

    case_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class CaseEditorView:
    """Who may edit a case, and who named them."""

    person_id: UUID
    name: str
    named_at: Instant
    named_by: str


@dataclass(frozen=True)
class CaseSummaryView:
    """A training case as a list tells it."""

    id: UUID
    code: str
    kind: str
    number: int
    version_id: UUID
    title: str
    title_en: str
    summary: str
    summary_en: str
    minutes: int
    roles: int
    steps: int
    key_steps: int
    published_at: Instant


@dataclass(frozen=True)
class CaseVersionRef:
    """One version of a case: who published it, when, why."""

    id: UUID
    number: int
    state: str
    published_at: Instant | None
    published_by: str | None
    reason: str | None


@dataclass(frozen=True)
class CaseVersionView:
    """One version of a training case with its roles and steps in order; the steps' minutes sum to `minutes`."""

    id: UUID
    case_id: UUID
    code: str
    number: int
    state: str
    kind: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    citation: str
    minutes: int
    roles: list[CaseRole]
    steps: list[CaseStep]
    published_at: Instant | None
    published_by: str | None
    reason: str | None
    version: int


@dataclass(frozen=True)
class CaseHistoryView:
    """A training case's versions and editors, as those who may edit it see them."""

    id: UUID
    code: str
    versions: list[CaseVersionRef]
    editors: list[CaseEditorView]
