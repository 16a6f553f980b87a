"""A table of sites: its columns, and what each cell must hold (S1). Rows come and go as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sites.domain.geography import Point, lies_in_china, wgs84_of

COLUMNS: Final = {
    "code": "编号",
    "name": "名称",
    "category": "类别",
    "kind": "类型",
    "district": "区县",
    "town": "乡镇街道",
    "address": "地址",
    "lon": "经度",
    "lat": "纬度",
    "capacity": "容纳人数",
    "visit_minutes": "参观分钟",
    "hours_text": "开放时间",
    "managing_organisation": "管理组织代码",
}
"""The columns by their field, with their heading; a heading may be the field's name instead."""
REQUIRED: Final = ("code", "name", "category", "kind", "district", "lon", "lat", "capacity", "visit_minutes")
NEEDED_BY_NEW: Final = "managing_organisation"
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "category": {
        "农村党建": "rural",
        "城市党建": "urban",
        "两新党建": "new_economy_and_social",
        "党建综合": "comprehensive",
    },
    "kind": {
        "教育基地": "education_base",
        "示范点": "demonstration_site",
        "党校教学点": "party_school_teaching_point",
        "党群服务中心": "service_centre",
        "党性体检中心": "check_up_centre",
        "实训基地": "training_base",
    },
}
NUMBERS: Final = {"capacity": (1, 100_000), "visit_minutes": (5, 1440)}
TEXT_MAX: Final = 200


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be taken: the file's row (the headings are 1), the column, what stands there, why."""

    row: int
    column: str
    found: str
    reason: str


@dataclass(frozen=True)
class SiteRow:
    """A row that can be taken; `point` is WGS-84."""

    row: int
    fields: dict[str, Any]
    point: Point


def read(rows: Sequence[Sequence[str]], *, datum: str) -> tuple[list[SiteRow], list[Fault]]:
    """Return what the table holds and every cell that cannot be taken."""
    headings = [cell.strip() for cell in rows[0]] if rows else []
    names = {**{heading: name for name, heading in COLUMNS.items()}, **{name: name for name in COLUMNS}}
    faults = [
        Fault(1, COLUMNS[name], "", "This column is missing.")
        for name in REQUIRED
        if name not in {names.get(heading) for heading in headings}
    ]
    faults += [Fault(1, heading, heading, "This column is not known.") for heading in headings if heading not in names]
    faults += [
        Fault(1, heading, heading, "This column is there twice.")
        for place, heading in enumerate(headings)
        if heading in headings[:place]
    ]
    if faults:
        return [], faults
    taken: list[SiteRow] = []
    first_row: dict[str, int] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        given = {names[heading]: cell.strip() for heading, cell in zip(headings, cells, strict=False)}
        found, wrong = _row(number, given, datum=datum)
        code = given.get("code", "")
        if code and first_row.setdefault(code, number) != number:
            wrong.append(Fault(number, COLUMNS["code"], code, "This code stands in an earlier row as well."))
        faults += wrong
        if found and not wrong:
            taken.append(found)
    return taken, faults


def _row(number: int, given: dict[str, str], *, datum: str) -> tuple[SiteRow | None, list[Fault]]:
    fields: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in COLUMNS:
        fields[name], reason = _cell(name, given.get(name, ""))
        if reason:
            faults.append(Fault(number, COLUMNS[name], given.get(name, "")[:TEXT_MAX], reason))
    lon, lat = fields.pop("lon"), fields.pop("lat")
    if lon is None or lat is None:  # the other one can be judged by its range alone
        for name, degrees, most in (("lon", lon, 180), ("lat", lat, 90)):
            if degrees is not None and not -most <= degrees <= most:
                reason = f"Must be greater than or equal to -{most} and less than or equal to {most}."
                faults.append(Fault(number, COLUMNS[name], given[name], reason))
        return None, faults
    point = Point(lon=lon, lat=lat)
    if not lies_in_china(point):
        found = f"{given['lon']}, {given['lat']}"
        faults.append(Fault(number, COLUMNS["lon"], found, "The point lies outside China; write longitude first."))
        return None, faults
    return SiteRow(number, fields, wgs84_of(point, datum=datum)), faults


def _cell(name: str, text: str) -> tuple[Any, str | None]:
    """Return what a cell holds, and why it cannot be taken when it cannot."""
    if not text or len(text) > TEXT_MAX or "\x00" in text:
        missing = "Missing data for required field." if name in REQUIRED else None
        return None, "This text is too long." if text else missing
    if name in WORDS:
        code = WORDS[name].get(text, text)
        return code, None if code in WORDS[name].values() else f"Must be one of: {'、'.join(WORDS[name])}."
    if name in NUMBERS:
        return _number(text.removesuffix(".0"), *NUMBERS[name])
    if name in ("lon", "lat"):
        try:
            return float(text), None
        except ValueError:
            return None, "Not a valid number."
    return text, None


def _number(text: str, low: int, high: int) -> tuple[int | None, str | None]:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
    if number is None or not low <= number <= high:
        return None, f"Must be greater than or equal to {low} and less than or equal to {high}."
    return number, None
