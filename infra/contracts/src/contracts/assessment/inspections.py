"""Inspections that register problems (A9): spot checks all year, a superior's, the supervision month, a third party's.

The organisations of a supervision month and of a third party's sampling are drawn by a published seed; anyone repeats
the draw from its entries.
"""

from dataclasses import dataclass
from dataclasses import field as made
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.problems import ProblemCountView, ProblemView
from contracts.envelope import Instant, Limit, Line, Text, one_of, optional_line, optional_text, schema_of
from contracts.roster.organisations import FIELDS

INSPECTION_SOURCES = ("spot_check", "superior_inspection", "supervision", "sampling")
SAMPLE_KINDS = ("supervision", "sampling")
SAMPLE_STATES = ("announced", "drawn", "closed")
FINDINGS_MAX = 20


@dataclass(frozen=True)
class InspectionFinding:
    """A problem that an inspection found: its kind, and what it is."""

    kind: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    text: Text


@dataclass(frozen=True)
class RecordInspection:
    """Write down an inspection of an organisation with the problems that it found: one of each kind, or none.

    `sample_id` names the draw of a supervision month or a sampling; `inspector` who inspected: a team, a superior, an
    office from outside; `basis` the document it was held by.
    """

    organisation_id: UUID
    source: Annotated[str, fields.String(required=True, validate=validate.OneOf(INSPECTION_SOURCES))]
    held_on: date
    inspector: Line
    findings: Annotated[
        list[InspectionFinding],
        fields.List(
            fields.Nested(schema_of(InspectionFinding)), load_default=list, validate=validate.Length(max=FINDINGS_MAX)
        ),
    ] = made(default_factory=list)
    sample_id: UUID | None = None
    basis: Annotated[str | None, optional_line(200)] = None
    notes: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class InspectionsAsked:
    """The inspections at or below an organisation (below the asker's places if none), the latest first."""

    organisation_id: UUID | None = None
    source: Annotated[str | None, one_of(INSPECTION_SOURCES)] = None
    sample_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class InspectionAsked:
    """One inspection with its problems and files."""

    inspection_id: UUID


@dataclass(frozen=True, kw_only=True)
class InspectionView:
    """An inspection. `problems` and `files` come with one alone; `found` counts the problems."""

    id: UUID
    source: str
    organisation_id: UUID
    organisation_name: str
    sample_id: UUID | None
    held_on: date
    inspector: str
    basis: str | None
    notes: str | None
    recorded_at: Instant
    by_name: str
    found: int
    may_add_files: bool = False
    problems: list[ProblemView] = made(default_factory=list)
    files: list[MendingEvidenceView] = made(default_factory=list)


@dataclass(frozen=True)
class AnnounceSample:
    """Announce a draw: among whom, how many, and the seed, a day and the number of the document that publishes it.

    It is drawn on `draw_on` or later, which is after the seed's day. A supervision lies in its months of the year, and
    may be crossed: another part of the tree checks. A sampling names the party from outside.
    """

    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(SAMPLE_KINDS))]
    name: Line
    organisation_id: UUID
    from_day: date
    until_day: date
    size: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))]
    seed_on: date
    seed_number: Line
    draw_on: date
    field: Annotated[str | None, one_of(FIELDS)] = None
    is_crossed: Annotated[bool, fields.Boolean(load_default=False)] = False
    third_party: Annotated[str | None, optional_line(200)] = None


@dataclass(frozen=True)
class DrawSample:
    """Draw what was announced, once its day has come."""

    sample_id: UUID


@dataclass(frozen=True)
class CloseSample:
    """Close a draw with its bulletin, which says who was inspected, what was found and who is named."""

    sample_id: UUID
    bulletin_number: Line


@dataclass(frozen=True)
class SamplesAsked:
    """The draws, the latest first."""

    kind: Annotated[str | None, one_of(SAMPLE_KINDS)] = None


@dataclass(frozen=True)
class SampleAsked:
    """One draw with those drawn."""

    sample_id: UUID


@dataclass(frozen=True)
class SampleEntriesAsked:
    """Everybody who could be drawn, in the order of the digests: what repeats the draw."""

    sample_id: UUID
    limit: Limit = 1000
    cursor: str | None = None


@dataclass(frozen=True)
class SampleEntryView:
    """One who could be drawn; `digest` is the SHA-256 of the seed, a bar and the id."""

    position: int
    organisation_id: UUID
    organisation_name: str
    digest: str
    is_drawn: bool


@dataclass(frozen=True)
class DrawnOrganisationView:
    """One who is drawn, who checks across, and the inspection once it has been."""

    position: int
    organisation_id: UUID
    organisation_name: str
    superior: str | None
    checker_name: str | None
    inspection_id: UUID | None
    found: int


@dataclass(frozen=True)
class NamedInBulletinView:
    """An organisation as a bulletin names it: its problems, how many are not mended, its card."""

    organisation_id: UUID
    name: str
    superior: str | None
    problems: list[str]
    unmended: int
    card_colour: str | None


@dataclass(frozen=True)
class SampleBulletinView:
    """What a draw's bulletin says: as it stands now, or as it was when it was issued."""

    number: str | None
    drawn: int
    inspected: int
    without_problems: int
    kinds: list[ProblemCountView]
    named: list[NamedInBulletinView]


@dataclass(frozen=True, kw_only=True)
class SampleView:
    """A draw. `seed` is what the digests begin with, once it is drawn with the key that the platform made for it;
    `drawn`, `bulletin` and `may` come with one alone."""

    id: UUID
    kind: str
    name: str
    organisation_id: UUID
    organisation_name: str
    field: str | None
    from_day: date
    until_day: date
    size: int
    is_crossed: bool
    third_party: str | None
    seed: str
    draw_on: date
    state: str
    announced_at: Instant
    announced_by: str
    drawn_at: Instant | None
    closed_at: Instant | None
    candidates: int
    drawn: list[DrawnOrganisationView] = made(default_factory=list)
    bulletin: SampleBulletinView | None = None
    may: list[str] = made(default_factory=list)


@dataclass(frozen=True)
class SamplesView:
    """The draws, the latest first, and whether the asker may announce one."""

    items: list[SampleView]
    may_announce: bool
