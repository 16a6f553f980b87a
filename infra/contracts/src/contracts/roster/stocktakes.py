"""A branch's yearly stocktake of its members, and the registers and tables that are printed."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, StoredFile
from contracts.roster.members import short

REGISTERS_FOLDER = "registers"
"""Where in the file store registers stand."""

Year = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]


@dataclass(frozen=True)
class StocktakeAsked:
    """What a branch has to sign for a year, and what it signed."""

    organisation_id: UUID
    year: Year


@dataclass(frozen=True)
class CountsView:
    """A branch's members counted; `digest` stands for exactly these members in these states."""

    members_full: int
    members_probationary: int
    floating: int
    lost: int
    digest: str


@dataclass(frozen=True)
class SignedStocktake:
    """What was signed: the highest `number` of a year counts. `changed_since` when the register differs by now."""

    number: int
    counted_on: date
    members_full: int
    members_probationary: int
    floating: int
    lost: int
    remarks: str | None
    signed_at: Instant
    signed_by: str


@dataclass(frozen=True)
class StocktakeView:
    """A branch's stocktake of a year; `gaps` counts the members of whom something is not registered, by field."""

    organisation_id: UUID
    organisation_name: str
    year: int
    now: CountsView
    gaps: dict[str, int]
    signed: list[SignedStocktake]
    changed_since: bool
    can_sign: bool


@dataclass(frozen=True)
class SignStocktake:
    """Sign that the register is complete and right; `digest` is that of the counts that were read."""

    organisation_id: UUID
    year: Year
    digest: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    remarks: Annotated[str | None, short(500)] = None


@dataclass(frozen=True)
class MemberStatisticsAsked:
    """The members of an organisation and all below it, counted on a day (today)."""

    organisation_id: UUID
    on: date | None = None


@dataclass(frozen=True)
class MemberCountView:
    """How many of a group there are, full and probationary; `group` is a code, null for what is not registered."""

    group: str | None
    members_full: int
    members_probationary: int


@dataclass(frozen=True)
class MemberStatistics:
    """Members by sex, ethnicity, age band, education, and the field of their branch."""

    organisation_id: UUID
    organisation_name: str
    on: date
    members_full: int
    members_probationary: int
    tables: dict[str, list[MemberCountView]]


@dataclass(frozen=True)
class MakeRegister:
    """Draw the statutory register of an organisation and all below it as it was on a day, for print."""

    organisation_id: UUID
    on: date | None = None


@dataclass(frozen=True)
class RegisterAsked:
    """A register that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class RegisterView:
    """How far a register is; `file` when it is done, `error` when it failed. `done` in pages."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
