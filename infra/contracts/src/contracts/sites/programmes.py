"""A site's menu (S4): what it offers, to whom, with what."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Text

THEMES = ("party_spirit_education", "training", "volunteering", "hearing_people_out", "visiting")
"""What a theme day may be about: party-spirit education, training, volunteering, hearing people out, visiting."""
PROGRAMME_KINDS = ("tour", "talk", "activity", "training_case", "on_the_spot_meeting")
AUDIENCES = ("everyone", "members", "applicants", "secretaries", "workers")
SPOKEN = ("zh", "dialect", "sign", "en", "ja", "ko", "ru", "fr")
"""Languages: Mandarin, the local dialect, sign language, and foreign ones."""
CONFIRMATIONS = ("automatic", "manual")


def one_word(choices: tuple[str, ...], default: str) -> fields.String:
    """Return the field of one word of a closed list; the default when it is left out."""
    return fields.String(load_default=default, validate=validate.OneOf(choices))


def spoken(*, required: bool = False) -> fields.List:
    """Return the field of one or more languages."""
    how = {"required": True} if required else {"load_default": lambda: ["zh"]}
    return fields.List(fields.String(validate=validate.OneOf(SPOKEN)), validate=validate.Length(1, len(SPOKEN)), **how)


def number(low: int, high: int, default: int | None = None) -> fields.Integer:
    """Return the field of a whole number from `low` to `high`; needed unless it has a default."""
    check = validate.Range(low, high)
    if default is None:
        return fields.Integer(required=True, strict=True, validate=check)
    return fields.Integer(load_default=default, strict=True, validate=check)


def optional_number(low: int, high: int) -> fields.Integer:
    """Return the field of a whole number that may be left out."""
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(low, high))


@dataclass(frozen=True)
class ProgrammeView:
    """One line of a site's menu, as a slot names it."""

    id: UUID
    site_id: UUID
    name: str
    theme: str
    minutes: int
    seats: int
    kind: str = "tour"


@dataclass(frozen=True)
class CaseRef:
    """A training case's version, in another view."""

    case_id: UUID
    version_id: UUID
    number: int
    title: str
    title_en: str


@dataclass(frozen=True)
class ProgrammeDetailView:
    """One line of a site's menu in full. Minutes are minutes; `party_max` none: as many as the slot has seats."""

    id: UUID
    site_id: UUID
    site_name: str
    name: str
    theme: str
    minutes: int
    seats: int
    kind: str
    description: str
    bring: str
    languages: list[str]
    audience: str
    party_min: int
    party_max: int | None
    needs_guide: bool
    every_minutes: int
    notice_minutes: int
    confirmation: str
    is_offered: bool
    case: CaseRef | None
    newer_case_version_id: UUID | None
    version: int


@dataclass(frozen=True)
class ProgrammeAsked:
    """One programme."""

    programme_id: UUID


@dataclass(frozen=True)
class MenuAsked:
    """A site's whole menu, what is retired too, as its keepers see it."""

    site_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProgrammeFields:
    """What a keeper says of a programme. `kind` training_case names the case's published version."""

    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 60))]
    theme: Annotated[str, fields.String(required=True, validate=validate.OneOf(THEMES))]
    kind: Annotated[str, one_word(PROGRAMME_KINDS, "tour")] = "tour"
    case_version_id: UUID | None = None
    description: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 2000))] = ""
    bring: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 500))] = ""
    languages: Annotated[list[str], spoken()] = field(default_factory=lambda: ["zh"])
    audience: Annotated[str, one_word(AUDIENCES, "everyone")] = "everyone"
    party_min: Annotated[int, number(1, 500, 1)] = 1
    party_max: Annotated[int | None, optional_number(1, 500)] = None
    needs_guide: bool = False
    minutes: Annotated[int, number(5, 1440)]
    every_minutes: Annotated[int, number(5, 1440)]
    seats: Annotated[int, number(1, 10_000)]
    notice_minutes: Annotated[int, number(0, 60 * 24 * 90, 1440)] = 1440
    confirmation: Annotated[str, one_word(CONFIRMATIONS, "automatic")] = "automatic"


@dataclass(frozen=True, kw_only=True)
class AddProgramme(ProgrammeFields):
    """Put a programme on a site's menu; its slots come with the next making of slots."""

    site_id: UUID


@dataclass(frozen=True, kw_only=True)
class EditProgramme(ProgrammeFields):
    """Write a programme anew where it is still of the version that was read.

    Length, rhythm, notice, seats and confirmation hold for slots that are not made yet; no order changes.
    """

    programme_id: UUID
    version: int


@dataclass(frozen=True)
class MoveProgramme:
    """Retire a programme, or offer it again, saying why. Retiring takes no new orders; those placed stand."""

    programme_id: UUID
    reason: Text


@dataclass(frozen=True)
class ProgrammeHistoryAsked:
    """What was done with a programme, newest first."""

    programme_id: UUID
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class ProgrammeMoveView:
    """One step of a programme's history: who, when, why."""

    move: str
    at: Instant
    by: str
    reason: str | None
