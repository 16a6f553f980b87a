"""The form of a record, drawn from its template: what it shows, what it brings, where its faults stand.

Every input's name is that of the field in the message (`answers.criticism.0.name`), so that a fault stands at its
field; people are named by their ids (`came-…`, `why-…`). A form without scripts has a few empty rows in each table,
and a button that draws it again with more.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.assessment.record_templates import Field, Template
from contracts.assessment.records import PRESENT
from flask import request
from werkzeug.datastructures import MultiDict

from gateway.pages.formats import time_of_day
from gateway.pages.forms import Faults, typed, typed_number
from gateway.pages.organisations import organisation_named

Values = Mapping[str, Any]

LINES: Final = ("subject", "place", "host", "recorder", "minutes")
VOTES: Final = ("entitled", "present", "for", "against", "abstained")
EMPTY_ROWS: Final = 2
ROWS_MAX: Final = 200


@dataclass(frozen=True)
class Brought:
    """What a form brought: the message's fields, and the ids of the people whose attendance it tells, in that order."""

    fields: dict[str, Any]
    people: list[str]
    errors: dict[str, list[str]]


def brought(template: Template, roll: list[dict[str, Any]]) -> Brought:
    """Read the form at hand. A branch that no name fits is a fault of its own."""
    people = [one["person_id"] for one in roll if typed(f"came-{one['person_id']}")]
    attendance = [
        _without_none(person_id=one, state=typed(f"came-{one}"), reason=typed(f"why-{one}")) for one in people
    ]
    parts, errors = _parts()
    fields = {
        "held_on": typed("held_on"),
        **{name: typed(name) for name in LINES},
        "starts_at": _instant("starts"),
        "ends_at": _instant("ends"),
        "answers": {field.name: value for field in template.fields if (value := _answer(field)) is not None},
        "attendance": attendance,
        "decisions": [
            _without_none(text=row["text"], owner=row.get("owner"), due_on=row.get("due_on"))
            for row in _rows("decisions", ("text", "owner", "due_on"))
        ],
        "parts": parts,
    }
    return Brought(_without_none(**fields), people, errors)


def placed(told: Faults, people: list[str]) -> Faults:
    """Return the faults at the inputs of the form."""
    errors: dict[str, list[str]] = {}
    for name, sentences in told.errors.items():
        errors.setdefault(_input_of(name, people), []).extend(sentences)
    return Faults(errors, told.status)


def values_of(record: Mapping[str, Any], template: Template) -> MultiDict[str, Any]:
    """Return a record as its form would have been filled in."""
    values: MultiDict[str, Any] = MultiDict({name: record[name] or "" for name in (*LINES, "held_on")})
    for name, moment in (("starts", record["starts_at"]), ("ends", record["ends_at"])):
        values[name] = clock_of(moment)
    for field in template.fields:
        _fill(values, field, record["answers"].get(field.name))
    for one in record["attendance"]:
        if one["branch_id"] == record["branch_id"]:
            values[f"came-{one['person_id']}"] = one["state"]
            values[f"why-{one['person_id']}"] = one["reason"] or ""
    for number, decision in enumerate(record["decisions"]):
        for name in ("text", "owner", "due_on"):
            values[f"decisions.{number}.{name}"] = decision[name] or ""
    for number, part in enumerate(record["parts"] if record["state"] == "draft" else ()):
        values[f"parts.{number}.branch"] = part["branch_name"]
        values[f"parts.{number}.attended"] = part["told"]
    return values


def first_values(
    template: Template, roll: list[dict[str, Any]], *, today: str, group: str | None = None
) -> MultiDict[str, Any]:
    """Return how an empty form begins: its day; all who are to come are there, but for whom a fact speaks.

    They are everybody, the members of `group`, or who holds a post; of those concerned the roll does not tell.
    """
    values: MultiDict[str, Any] = MultiDict({"held_on": today})
    if template.attendance == "group" and group:
        values["answers.group"] = group
    for one in roll:
        if one["state"] == "active" and not one["facts"] and _is_to_come(one, template, group):
            values[f"came-{one['person_id']}"] = PRESENT
    return values


def groups_in(roll: list[dict[str, Any]]) -> list[str]:
    """Return the groups of a roll by name."""
    return sorted({one["group"] for one in roll if one["group"]})


def _is_to_come(one: dict[str, Any], template: Template, group: str | None) -> bool:
    if template.attendance == "group":
        return group is not None and one["group"] == group
    if template.attendance == "committee":
        return bool(one["posts"])
    return template.attendance == "members"


def rows_shown(values: Values, template: Template, *, more: str | None = None) -> dict[str, int]:
    """Return how many rows each table of the form shows: those filled in and some empty ones, more where asked."""
    names = ["decisions", *(["parts"] if template.may_be_joint else [])]
    names += [f"answers.{field.name}" for field in template.fields if field.kind == "table"]
    shown = {}
    for name in names:
        numbers = [int(found[1]) for key in values if (found := re.match(rf"{re.escape(name)}\.(\d{{1,3}})\.", key))]
        drawn = max(numbers, default=-1) + 1
        shown[name] = min(ROWS_MAX, max(drawn, EMPTY_ROWS) + (EMPTY_ROWS if name == more else 0))
    return shown


def clock_of(moment: str | None) -> str:
    """Return the time of day of an instant as the platform's clocks show it, as 09:30; nothing for none."""
    return time_of_day(moment) if moment else ""


def _answer(field: Field) -> Any:
    name = f"answers.{field.name}"
    if field.kind == "persons":
        return request.form.getlist(name) or None
    if field.kind == "number":
        return typed_number(name)
    if field.kind == "votes":
        votes = {part: typed_number(f"{name}.{part}") for part in VOTES}
        if all(value is None for value in votes.values()):
            return None
        return {part: 0 if value is None and part == "abstained" else value for part, value in votes.items()}
    if field.kind == "table":
        kinds = {column.name: column.kind for column in field.columns}
        rows = _rows(name, tuple(kinds))
        return [
            {column: _number(told) if kinds[column] == "number" else told for column, told in row.items()}
            for row in rows
        ] or None
    return typed(name)


def _rows(name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a table in which something stands."""
    rows = []
    for number in range(ROWS_MAX):
        row = {column: value for column in columns if (value := typed(f"{name}.{number}.{column}"))}
        if row:
            rows.append(row)
    return rows


def _parts() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    parts, errors = [], {}
    for number, row in enumerate(_rows("parts", ("branch", "attended"))):
        branch_id, fault = organisation_named(row.get("branch", ""))
        if fault:
            errors[f"parts.{number}.branch"] = [fault]
        parts.append(_without_none(branch_id=branch_id, attended=_number(row.get("attended"))))
    return parts, errors


def _number(text: str | None) -> int | str | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else text


def _instant(name: str) -> str | None:
    """Return a time of the record's day as an instant; what is none is passed on as typed."""
    day, at = typed("held_on"), typed(name)
    if at is None:
        return None
    return f"{day}T{at}:00+08:00" if day and re.fullmatch(r"\d\d:\d\d", at) else at


def _input_of(name: str, people: list[str]) -> str:
    found = re.fullmatch(r"attendance\.(\d+)\.(\w+)", name)
    if found and int(found[1]) < len(people):
        return f"{'why' if found[2] == 'reason' else 'came'}-{people[int(found[1])]}"
    name = re.sub(r"^(parts\.\d+)\.branch_id$", r"\1.branch", name)
    return {"starts_at": "starts", "ends_at": "ends"}.get(name, name)


def _fill(values: MultiDict[str, Any], field: Field, value: Any) -> None:
    name = f"answers.{field.name}"
    if value is None:
        return
    if field.kind == "persons":
        values.setlist(name, value)
    elif field.kind == "votes":
        values.update({f"{name}.{part}": value[part] for part in VOTES})
    elif field.kind == "table":
        for number, row in enumerate(value):
            values.update({f"{name}.{number}.{column}": told for column, told in row.items() if told is not None})
    else:
        values[name] = value


def _without_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
