"""What a branch writes down on a template of its handbook.

    (nothing) ──draft──▶ draft ──record──▶ recorded ──correct──▶ corrected ──correct─┐
                         │  ▲ │             ▲   │                ▲   │  ▲            │
                         │  └─┘ write       └───┘ complete       └───┘  └────────────┘
                         └──discard──▶ cancelled
        planned ──(the visit takes place)──▶ recorded; recorded, corrected ──withdraw──▶ cancelled

A draft counts for nothing and keeps what was typed. What is recorded only grows: an empty field can be completed, a
written one is changed by a correction that says why, and what never took place is withdrawn with its reason. A visit
writes its record by itself: day, place, subject and headcount are the visit's then and nobody writes them anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

DRAFT, PLANNED, RECORDED, CORRECTED, CANCELLED = STATES = ("draft", "planned", "recorded", "corrected", "cancelled")

MOVES: dict[str, tuple[frozenset[str], str | None]] = {
    "write": (frozenset({DRAFT}), DRAFT),
    "record": (frozenset({DRAFT}), RECORDED),
    "discard": (frozenset({DRAFT}), CANCELLED),
    "complete": (frozenset({RECORDED, CORRECTED}), None),  # stays what it is
    "correct": (frozenset({RECORDED, CORRECTED}), CORRECTED),
    "withdraw": (frozenset({RECORDED, CORRECTED}), CANCELLED),
}

NAMED, ASKED, CONFIRMED, DECLINED = PART_STATES = ("named", "asked", "confirmed", "declined")
"""Another branch's part: named in a draft, asked when that is recorded, decided once: silence confirms."""

PRESENT, LEAVE, ABSENT, NOT_EXPECTED = ATTENDANCE = ("present", "leave", "absent", "not_expected")

FIXED: Final = ("held_on", "place", "subject")
"""What a visit writes."""

TEXT_MAX: Final = 4000
NUMBER_MAX: Final = 1_000_000
ROWS_MAX: Final = 200
VOTES: Final = ("entitled", "present", "for", "against", "abstained")

MISSING: Final = "Missing data for required field."
DAY_HOURS_MAX: Final = 8


@dataclass(frozen=True)
class FieldSpec:
    """A template's field, as far as its value is judged."""

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...] = ()
    columns: tuple["FieldSpec", ...] = ()


Faults = dict[str, list[str]]


def faults_of(
    fields: Sequence[FieldSpec], answers: Mapping[str, Any], *, people: Collection[str], under: str = "answers"
) -> Faults:
    """Return what is wrong with the answers by field, whatever is still missing; `people` are ids that may be named."""
    known = {field.name: field for field in fields}
    found: Faults = {}
    for name, value in answers.items():
        field, where = known.get(name), f"{under}.{name}"
        if field is None:
            found[where] = ["Unknown parameter."]
        elif not is_empty(value):
            found |= _fault(field, value, people=people, where=where)
    return found


def missing_in(fields: Sequence[FieldSpec], answers: Mapping[str, Any], *, under: str = "answers") -> list[str]:
    """Return the required fields that are empty, those in the rows of tables by number."""
    found = []
    for field in fields:
        value, where = answers.get(field.name), f"{under}.{field.name}"
        if is_empty(value):
            found += [where] if field.required else []
        elif field.kind == "table" and isinstance(value, list):
            for number, row in enumerate(value):
                found += missing_in(field.columns, row, under=f"{where}.{number}")
    return found


def is_empty(value: Any) -> bool:
    """Say whether nothing is written: zero is something."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def only_adds(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the fields in which something that was written would be changed or taken away."""
    return [name for name, value in before.items() if not is_empty(value) and after.get(name) != value]


def hours_of(starts_at: datetime | None, ends_at: datetime | None, *, lesson_minutes: int) -> int:
    """Return the training hours of one day: a lesson is so many minutes, a day has eight hours at most."""
    if starts_at is None or ends_at is None:
        return 0
    minutes = int((ends_at - starts_at).total_seconds()) // 60
    return min(DAY_HOURS_MAX, minutes // lesson_minutes)


def quorum_kept(quorum: str | None, *, came: int, expected: int) -> bool:
    """Say whether enough full members came for a decision.

    Half or more: 《中国共产党支部工作条例（试行）》第十一条, 第十二条; for an election more than four fifths:
    《中国共产党基层组织选举工作条例》.
    """
    if quorum is None or expected == 0:
        return True
    return came * 5 > expected * 4 if quorum == "four_fifths" else came * 2 >= expected


def is_carried(votes: Mapping[str, int]) -> bool:
    """Say whether the votes in favour are more than half of those entitled (第十一条)."""
    return votes["for"] * 2 > votes["entitled"]


def clock_faults(held_on: date, starts_at: datetime | None, ends_at: datetime | None) -> Faults:
    """Return what is wrong with the times, which are given by the clocks of the place."""
    found: Faults = {}
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment is not None and moment.date() != held_on:
            found[name] = ["The times lie on the day of the record."]
    if not found and starts_at and ends_at and ends_at <= starts_at:
        found["ends_at"] = ["It ends after it begins."]
    return found


def _fault(field: FieldSpec, value: Any, *, people: Collection[str], where: str) -> Faults:
    if field.kind == "table":
        return _table_fault(field, value, where, people)
    if field.kind == "persons":
        return _persons_fault(value, where, people)
    if field.kind == "choice":
        return {} if value in field.choices else {where: [f"Must be one of: {', '.join(field.choices)}."]}
    judge = {"text": _text_fault, "number": _number_fault, "day": _day_fault, "votes": _votes_fault}[field.kind]
    return judge(value, where)


def _text_fault(value: Any, where: str) -> Faults:
    if not isinstance(value, str):
        return {where: ["Not a valid string."]}
    if "\x00" in value:
        return {where: ["The character NUL is not allowed."]}
    return {} if len(value) <= TEXT_MAX else {where: [f"Length must be between 1 and {TEXT_MAX}."]}


def _number_fault(value: Any, where: str) -> Faults:
    if isinstance(value, bool) or not isinstance(value, int):
        return {where: ["Not a valid integer."]}
    if 0 <= value <= NUMBER_MAX:
        return {}
    return {where: [f"Must be greater than or equal to 0 and less than or equal to {NUMBER_MAX}."]}


def _persons_fault(value: Any, where: str, people: Collection[str]) -> Faults:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return {where: ["Not a valid list."]}
    if len(set(value)) < len(value):
        return {where: ["One stands twice."]}
    return {} if set(value) <= set(people) else {where: ["Somebody named here is no member of the branch."]}


def _votes_fault(value: Any, where: str) -> Faults:
    if not isinstance(value, dict) or set(value) != set(VOTES):
        return {where: ["Give how many are entitled, present, in favour, against and abstaining."]}
    found: Faults = {}
    for name in VOTES:
        found |= _number_fault(value[name], f"{where}.{name}")
    if not found and not value["for"] + value["against"] + value["abstained"] <= value["present"] <= value["entitled"]:
        found[where] = ["No more vote than are present, and no more are present than are entitled."]
    return found


def _table_fault(field: FieldSpec, value: Any, where: str, people: Collection[str]) -> Faults:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return {where: ["Not a valid list."]}
    if len(value) > ROWS_MAX:
        return {where: [f"Length must be between 0 and {ROWS_MAX}."]}
    found: Faults = {}
    for number, row in enumerate(value):
        found |= faults_of(field.columns, row, people=people, under=f"{where}.{number}")
    return found


def _day_fault(value: Any, where: str) -> Faults:
    wrong = {where: ["Not a valid date."]}
    if not isinstance(value, str) or len(value) != len("2026-01-31"):
        return wrong
    try:
        return {} if 1900 <= date.fromisoformat(value).year <= 2199 else wrong
    except ValueError:
        return wrong


def ids_in(fields: Sequence[FieldSpec], answers: Mapping[str, Any]) -> set[UUID]:
    """Return the ids of the people whom the answers name."""
    return {
        UUID(one)
        for field in fields
        if field.kind == "persons"
        for one in answers.get(field.name) or ()
        if isinstance(one, str)
    }
