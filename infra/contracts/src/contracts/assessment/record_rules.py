"""The numbers of records, in force from a day on."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from marshmallow import fields, validate

from contracts.envelope import Instant, Line


def _number(lowest: int, highest: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(lowest, highest))


@dataclass(frozen=True)
class RecordRulesAsked:
    """Every version of the numbers of records."""


@dataclass(frozen=True)
class SetRecordRule:
    """Enter the numbers that are in force from a day to come on, with what they rest on.

    `confirm_days`: within how many days another branch confirms a joint activity; `make_up_days`: within how many days
    somebody makes up what they missed; `lesson_minutes`: how many minutes a training hour has.
    """

    effective_from: date
    confirm_days: Annotated[int, _number(1, 60)]
    make_up_days: Annotated[int, _number(1, 365)]
    lesson_minutes: Annotated[int, _number(1, 240)]
    citation: Line


@dataclass(frozen=True)
class RecordRuleView:
    """A version; `state` is past, in_force or to_come."""

    effective_from: date
    confirm_days: int
    make_up_days: int
    lesson_minutes: int
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class RecordRulesView:
    """The versions, newest first, and whether the asker may enter one."""

    versions: list[RecordRuleView]
    may_set: bool
