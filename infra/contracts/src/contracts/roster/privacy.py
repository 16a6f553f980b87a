"""Personal data over time: what is held of me, names for the audit's ids, and the purge of those who left."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line

NAMES_MAX = 500
PURGED_NAME = "（已清除）"
"""What stands in place of the name of somebody whose personal data was purged."""
PURGE_STATES = ("waiting", "running", "done", "failed")


@dataclass(frozen=True)
class NamesAsked:
    """Whom or what some ids of the audit stand for."""

    ids: Annotated[list[UUID], fields.List(fields.UUID(), required=True, validate=validate.Length(0, NAMES_MAX))]


@dataclass(frozen=True)
class NameView:
    """A person or an organisation; `branch_name` is that of a person's branch."""

    id: UUID
    kind: str
    name: str
    branch_name: str | None = None


@dataclass(frozen=True)
class NamesView:
    """Those ids that stand for somebody or something in the asker's part of the tree."""

    items: list[NameView]


@dataclass(frozen=True)
class HeldOfMeAsked:
    """Everything that the roster holds of me."""


@dataclass(frozen=True)
class HeldOfMe:
    """Everything that the roster holds of a person, their own numbers in full.

    `person` is {field: value}; each of `parts` is {"part", "columns", "rows"} with as many values in a row as columns.
    """

    person: Any
    parts: Any
    made_at: Instant


@dataclass(frozen=True)
class PurgeRulesAsked:
    """After how many months the data of those who left is purged, and what has been purged."""


@dataclass(frozen=True)
class PurgeRuleView:
    """After how many months from a day on: of those who left in any way, and of those who died."""

    active_from: date
    left_months: int
    deceased_months: int
    citation: str
    set_at: Instant


@dataclass(frozen=True)
class PurgeReportView:
    """A purge: who asked for it, by which rule, how many people, and how many values of each kind went."""

    id: UUID
    asked_at: Instant
    asked_by: str
    state: str
    done: int
    total: int | None
    left_before: date
    deceased_before: date
    persons: int
    counts: Any
    ended_at: Instant | None


@dataclass(frozen=True)
class PurgesView:
    """The rules, the newest first, and the reports of the purges that were asked for."""

    rules: list[PurgeRuleView]
    reports: list[PurgeReportView]
    due: int


@dataclass(frozen=True)
class PurgeListAsked:
    """Whose data would be purged today, and of whom it is due but something stands against it (`kept`)."""

    kept: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class PurgeCandidate:
    """Somebody whose time is over; `against` names what is still open: account, role, post, transfer, development."""

    id: UUID
    name: str
    branch_name: str
    ended_by: str
    ended_on: date
    against: list[str]


@dataclass(frozen=True)
class SetPurgeRule:
    """Say after how many months data is purged, from a day on, tomorrow at the earliest."""

    left_months: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(12, 1200))]
    deceased_months: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(12, 1200))]
    citation: Line
    active_from: date | None = None


@dataclass(frozen=True)
class PurgePeople:
    """Purge whoever is due, in the background; `expected` is how many the list showed."""

    expected: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**9))]
