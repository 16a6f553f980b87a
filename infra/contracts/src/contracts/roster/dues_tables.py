"""The table of rates that dues are reckoned by, each with its day of effect. Amounts are fen."""

from dataclasses import dataclass
from typing import Annotated

from marshmallow import fields, validate

from contracts.envelope import Instant, Line, Month, schema_of
from contracts.roster.members import required

DUES_KINDS = ("wage", "pension", "farmer", "minimum")
"""What dues are reckoned from: a wage, a pension, a farmer's amount that the branch sets, or the least amount
(students, unemployed, on relief or the minimum living allowance)."""


@dataclass(frozen=True)
class DuesRate:
    """A band: of an amount above `above_fen` (up to the next band of its kind) `rate_bp` ten-thousandths of all of
    it are due; or, without a rate, the amount itself, at least `least_fen` and at most `most_fen`."""

    kind: Annotated[str, required(DUES_KINDS)]
    above_fen: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9))]
    rate_bp: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 1_000))
    ] = None
    least_fen: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 10**6))
    ] = None
    most_fen: Annotated[
        int | None, fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 10**6))
    ] = None


@dataclass(frozen=True)
class DuesTablesAsked:
    """The table of rates in force, those before it, and those to come."""


@dataclass(frozen=True)
class DuesTableView:
    """A table of rates and the month from which it holds; of two from one month the later one holds."""

    id: int
    active_from: str
    rates: list[DuesRate]
    citation: str
    set_at: Instant
    set_by: str | None


@dataclass(frozen=True)
class DuesTablesView:
    """All tables, the newest month first; `in_force` is the id of the one that holds this month."""

    in_force: int
    can_set: bool
    tables: list[DuesTableView]


@dataclass(frozen=True)
class SetDuesTable:
    """Set a table of rates from a month to come on; `version` is the id of the newest one that was read."""

    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))]
    active_from: Month
    rates: Annotated[
        list[DuesRate],
        fields.List(fields.Nested(schema_of(DuesRate)), required=True, validate=validate.Length(1, 40)),
    ]
    citation: Line
