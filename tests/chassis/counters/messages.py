"""What the counters hear and say."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate


@dataclass(frozen=True)
class Add:
    """Add to a counter; `pause_s` holds the transaction open, `listeners_fail` makes whoever hears of it fail."""

    counter: str
    amount: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(-1000, 1000))]
    pause_s: float = 0.0
    listeners_fail: bool = False


@dataclass(frozen=True)
class CounterAsked:
    """How far is a counter?"""

    counter: str


@dataclass(frozen=True)
class Pause:
    """Wait in the database."""

    seconds: float


@dataclass(frozen=True)
class Said:
    """Anything."""

    text: str = ""


@dataclass(frozen=True)
class Total:
    """A counter after an addition."""

    counter: str
    total: int


@dataclass(frozen=True)
class JobView:
    """The job that was asked for."""

    job_id: UUID


@dataclass(frozen=True)
class Added:
    """Somebody added to a counter."""

    counter: str
    amount: int
    listeners_fail: bool = False
