"""Files of members and organisations that are taken over or compared, and the way out (R9).

reading ─▶ mapping ─▶ checking ─▶ checked ─▶ applying ─▶ applied
   │          │           │          │           │
   └──────────┴───────────┴──────────┴───────────┴─────▶ cancelled, or failed

A file whose headings the organisation has mapped before goes from reading to checking by itself.
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, StoredFile, one_of, optional_text
from contracts.roster.members import PURPOSES as OPENED_FOR

SUBJECTS = ("members", "organisations")
PURPOSES = ("take_over", "compare")
PLATFORMS = ("dengta", "e_branch", "party_building_e_home", "other")
"""灯塔, 新时代e支部, 党建e家, another."""
STATES = ("reading", "mapping", "checking", "checked", "applying", "applied", "cancelled", "failed")
OPEN_STATES: Final = frozenset({"reading", "checking", "applying"})
"""The states in which *work* has the file in hand."""
VERDICTS = ("bad", "new", "changed", "unchanged")
STAGES = ("reading", "checking", "comparing", "writing_errors", "applying", "telling")
FORMATS = ("xlsx", "csv")
IMPORTS_FOLDER: Final = "imports"
"""The part of the file store in which files that come and go stand; they are removed after a week."""
FILE_MAX_BYTES: Final = 32 * 1024 * 1024

Subject = Annotated[str, fields.String(required=True, validate=validate.OneOf(SUBJECTS))]


@dataclass(frozen=True)
class StartImport:
    """Look a file through in the background, to take it over or to compare it with the register.

    `platform` says from which platform a file that is compared comes.
    """

    file: StoredFile
    subject: Subject
    purpose: Annotated[str, fields.String(load_default="take_over", validate=validate.OneOf(PURPOSES))] = "take_over"
    platform: Annotated[str | None, one_of(PLATFORMS)] = None


@dataclass(frozen=True)
class ImportAsked:
    """One import."""

    import_id: UUID


@dataclass(frozen=True)
class ImportsAsked:
    """The imports of one's part of the tree, newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class SheetMapping:
    """How one sheet is read: for each column, counted from 0, the field it holds; what is not named is left out."""

    sheet: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    columns: Annotated[
        dict[str, str],
        fields.Dict(
            keys=fields.String(validate=validate.Regexp(r"^[0-9]{1,3}\Z")),
            values=fields.String(validate=validate.Length(1, 40)),
            required=True,
        ),
    ]
    is_taken: bool = True


@dataclass(frozen=True)
class MapColumns:
    """Say how the sheets are read, and have the file looked through; it is remembered for the next file."""

    import_id: UUID
    sheets: list[SheetMapping]


@dataclass(frozen=True)
class ApplyImport:
    """Take over what was shown: all of it or nothing.

    `version` is that of the import whose differences were shown. While bad cells stand nothing is taken, unless
    `skip_bad` says that the rows that hold one stay out.
    """

    import_id: UUID
    version: int
    skip_bad: bool = False


@dataclass(frozen=True)
class CancelImport:
    """Stop: nothing of the file is taken."""

    import_id: UUID


@dataclass(frozen=True)
class ReasonCount:
    """How many cells there are of a reason."""

    code: str
    count: int
    is_warning: bool


@dataclass(frozen=True)
class ImportView:
    """An import: where it stands, and how far.

    `stage` is what is being done in reading, checking and applying, `done` of `total` in rows. `sheets` are
    {name, rows, header_row, headings, samples, columns, is_taken, is_remembered, why_not}. `counts` holds rows, new,
    changed, unchanged, bad, missing, faults, warnings. `version` changes with what is shown.
    """

    id: UUID
    subject: str
    purpose: str
    platform: str | None
    organisation_id: UUID
    organisation_name: str
    state: str
    stage: str | None
    done: int
    total: int | None
    file_name: str
    file_size: int
    asked_at: Instant
    asked_by: str
    ended_at: Instant | None
    version: int
    skips_bad: bool
    is_mine: bool
    has_errors_file: bool
    is_forgotten: bool
    sheets: list[dict[str, Any]]
    counts: dict[str, int]
    reasons: list[ReasonCount]
    error: dict[str, Any] | None


@dataclass(frozen=True)
class FaultsAsked:
    """The cells that cannot be taken or are doubtful, in the order of the file."""

    import_id: UUID
    code: Annotated[str | None, fields.String(load_default=None, validate=validate.Length(1, 40))] = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class FaultView:
    """A cell: sheet, row, column (its letters and heading), what stands there with numbers masked, and why.

    `reason` and `suggestion` are in English; `reason_zh` and `suggestion_zh` in Chinese.
    """

    sheet: str
    row: int
    column: str
    heading: str
    field: str
    found: str
    code: str
    reason: str
    reason_zh: str
    suggestion: str
    suggestion_zh: str
    is_warning: bool


@dataclass(frozen=True)
class ImportDifferencesAsked:
    """What the file would change, in its order: the new, the changed, those alike, and those who are in the register
    and not in the file (of the branches or the part of the tree that the file speaks of)."""

    import_id: UUID
    verdict: Annotated[
        str, fields.String(load_default="changed", validate=validate.OneOf(("new", "changed", "unchanged", "missing")))
    ] = "changed"
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ImportDifferenceView:
    """A row and what it changes: by field [what the register has, what the file says]; numbers masked.

    `is_entered` says that the member is marked as entered in the platform of a comparison.
    """

    name: str
    place: str | None
    sheet: str | None
    row: int | None
    target_id: UUID | None
    changes: dict[str, list[Any]] = dataclass_field(default_factory=dict)
    is_entered: bool = False


@dataclass(frozen=True)
class MarkEntered:
    """Mark members as entered in the platform that a file was compared for, or take the mark away."""

    import_id: UUID
    person_ids: Annotated[list[UUID], fields.List(fields.UUID(), required=True, validate=validate.Length(1, 500))]
    is_entered: bool = True


@dataclass(frozen=True)
class Marked:
    """How many marks were changed."""

    count: int


@dataclass(frozen=True)
class ExportRoster:
    """Have members or organisations of a part of the tree written as a file that an import takes back; identity numbers
    are masked in it."""

    organisation_id: UUID
    subject: Subject
    format: Annotated[str, fields.String(load_default="xlsx", validate=validate.OneOf(FORMATS))] = "xlsx"


@dataclass(frozen=True)
class ExportNumbers:
    """Have the members of a part of the tree written with their identity and telephone numbers in full, for a purpose:
    that is kept for each member, who can see it."""

    organisation_id: UUID
    purpose: Annotated[str, fields.String(required=True, validate=validate.OneOf(OPENED_FOR))]
    reason: Annotated[str | None, optional_text()] = None
    format: Annotated[str, fields.String(load_default="xlsx", validate=validate.OneOf(FORMATS))] = "xlsx"


@dataclass(frozen=True)
class ExportAsked:
    """One's own export."""

    job_id: UUID


@dataclass(frozen=True)
class ExportView:
    """An export: `done` of `total` rows; the file once it is written."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: dict[str, Any] | None


@dataclass(frozen=True)
class TemplateAsked:
    """An empty workbook with notes and one made-up row."""

    subject: Subject


@dataclass(frozen=True)
class ImportFileAsked:
    """A file of an import: the rows with errors, or the differences, as a workbook."""

    import_id: UUID
