"""The numbers of the checks with their dates, and what another number would have made of last month."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line, Month

_NUMBERS = fields.Dict(
    keys=fields.String(validate=validate.Length(1, 60)),
    values=fields.Integer(strict=True, validate=validate.Range(0, 1000)),
    load_default=dict,
    validate=validate.Length(0, 20),
)
_CODE = fields.String(required=True, validate=validate.Length(1, 60))


@dataclass(frozen=True)
class CheckSettingsAsked:
    """Every check with its numbers."""


@dataclass(frozen=True)
class SetCheck:
    """Enter a check's numbers from a month to come on; no numbers set it aside from then on."""

    check: Annotated[str, _CODE]
    from_month: Month
    citation: Line
    numbers: Annotated[dict[str, int], _NUMBERS]


@dataclass(frozen=True)
class CheckRow:
    """A check's numbers from a day on; `state` is past, in_force or to_come. Without numbers it is set aside."""

    effective_from: date
    numbers: dict[str, int]
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class NumberLimits:
    """A number of a check, and between what it lies."""

    name: str
    least: int
    most: int


@dataclass(frozen=True)
class CheckSetting:
    """A check, of branches, of members, or the goal; its rows, the newest first."""

    check: str
    of: str
    title_zh: str
    title_en: str
    limits: list[NumberLimits]
    rows: list[CheckRow]


@dataclass(frozen=True)
class CheckSettingsView:
    """Every check, and whether the asker may enter numbers."""

    checks: list[CheckSetting]
    may_set: bool


@dataclass(frozen=True)
class SimulateCheck:
    """See who would have had another light last month (or in a month that is over) with other numbers of a check.

    Branches by a check of branches, members by one of members. No numbers set the check aside. Below an organisation,
    or below all of the asker's places.
    """

    check: Annotated[str, _CODE]
    numbers: Annotated[dict[str, int], _NUMBERS]
    month: Month | None = None
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class SimulationAsked:
    """How far a simulation of one's own is, and what it found."""

    job_id: UUID


@dataclass(frozen=True)
class SimulatedChange:
    """A branch that would have had another light, and why the check says so."""

    branch_id: UUID
    branch_name: str
    from_light: str
    to_light: str
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class SimulatedMembersAsked:
    """The members whom a simulation of one's own of a check of members found, where the asker reads their lights."""

    job_id: UUID


@dataclass(frozen=True)
class SimulatedMember:
    """A member who would have had another light, and why the check says so."""

    person_id: UUID
    name: str
    branch_id: UUID
    branch_name: str
    from_light: str
    to_light: str
    why_zh: str
    why_en: str


@dataclass(frozen=True, kw_only=True)
class SimulationView:
    """A simulation: `before` and `after` count the branches by light, `changes` names the first of those changed.

    Of a check of members (`of`) they count members; who they are is asked for by itself.
    """

    id: UUID
    state: str
    done: int
    total: int | None
    check: str
    of: str
    numbers: dict[str, int]
    month: str
    before: dict[str, int] | None
    after: dict[str, int] | None
    changed: int | None
    changes: list[SimulatedChange]
    error: Any
