"""Calculate an exported rating again, with nothing but Python: `python verify_rating.py rating.json`.

Written apart from the platform's own code, from the sentences of its rules. Values and points are hundredths.
"""

from __future__ import annotations

import hashlib
import json
import sys
from bisect import bisect_left, bisect_right
from typing import Any

PERCENT = {"round_score", "green_share", "tasks_done", "has_secretary"}
LEVELS = ["lagging", "middle", "advanced"]


def half_up(dividend: int, divisor: int) -> int:
    return (dividend * 2 + divisor) // (divisor * 2)


def points(part: Any, value: int) -> int:
    if part["measure"] in PERCENT:
        return min(max(value, 0), 10000)
    if part["measure"] == "records_held":
        return min(half_up(value * 100, int(part["number"])), 10000)
    return max(10000 - value * int(part["number"]), 0)


def holds(rule: Any, value: int | None) -> bool:
    if rule["comparison"] == "missing":
        return value is None
    if value is None:
        return False
    bound = int(rule["number"]) * 100
    return value >= bound if rule["comparison"] == "at_least" else value < bound


def by_itself(formula: Any, values: Any) -> Any:
    """Return [sum, stars, level, points by measure] of one organisation, None when it is not rated."""
    got: dict[str, int] = {}
    weighted = weights = 0
    for part in formula["parts"]:
        value = values.get(part["measure"])
        if value is None and part["when_missing"] == "not_rated":
            return None
        if value is None and part["when_missing"] == "left_out":
            continue
        got[part["measure"]] = 0 if value is None else points(part, value)
        weighted += got[part["measure"]] * part["weight"]
        weights += part["weight"]
    if not weights:
        return None
    total = half_up(weighted, weights)
    stars = len([least for least in formula["stars_min"] if total >= least * 100])
    level = 2 if total >= formula["advanced_min"] * 100 else 1 if total >= formula["middle_min"] * 100 else 0
    for veto in formula["vetoes"]:
        if holds(veto, values.get(veto["measure"])):
            if veto["stars_max"] is not None:
                stars = min(stars, veto["stars_max"])
            if veto["level_max"] is not None:
                level = min(level, LEVELS.index(veto["level_max"]))
    return [total, stars, level, got]


def calculate(formula: Any, organisations: Any) -> dict[str, Any]:
    """Return [points, rank, stars, level] by the organisation's id."""
    rated: dict[str, Any] = {}
    for one in organisations:
        result = by_itself(formula, one["values"])
        if result is not None:
            rated[one["id"]] = result

    def merit(one: str) -> tuple[int, ...]:
        return (rated[one][0], *(rated[one][3].get(measure, -1) for measure in formula["ties"]))

    for grade in ("5", "4", "3", "2", "1", "advanced", "lagging"):
        # Shares of a field before those of all, of a kind before those of every kind.
        ordered = sorted(formula["shares"], key=lambda share: (share["field"] is None, share["kind"] is None))
        for share in ordered:
            if share["grade"] != grade:
                continue
            group = [
                one["id"]
                for one in organisations
                if one["id"] in rated
                and share["field"] in (None, one["field"])
                and share["kind"] in (None, one["kind"])
            ]
            if grade == "lagging":
                wanted = (share["percent"] * len(group) + 99) // 100
                for worst in sorted({merit(one) for one in group if rated[one][2] > 0}):
                    if len([one for one in group if rated[one][2] == 0]) >= wanted:
                        break
                    for one in group:
                        if merit(one) == worst:
                            rated[one][2] = 0
                continue
            column, top = (2, 2) if grade == "advanced" else (1, int(grade))
            holders = [one for one in group if rated[one][column] == top]
            allowed = share["percent"] * len(group) // 100
            merits = sorted(map(merit, holders))
            beyond = [one for one in holders if len(holders) - bisect_left(merits, merit(one)) > allowed]
            for one in beyond:
                rated[one][column] = top - 1
    merits = sorted(map(merit, rated))
    return {
        one: [result[0], len(merits) - bisect_right(merits, merit(one)) + 1, result[1], LEVELS[result[2]]]
        for one, result in rated.items()
    }


def verify(whole: Any) -> tuple[int, list[str]]:
    """Return how many organisations there are, and the ids of those that come out otherwise than the file says."""
    found = calculate(whole["formula"], whole["organisations"])
    rows = sorted([one["id"], *found.get(one["id"], [None] * 4)] for one in whole["organisations"])
    kept = {row[0]: row for row in whole["results"]}
    wrong = [row[0] for row in rows if kept.get(row[0]) != row]
    if whole["digest"] is not None:
        digest = hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
        if digest != whole["digest"] and not wrong:
            wrong = ["digest"]
    return len(rows), wrong


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        count, wrong = verify(json.load(file))
    if wrong:
        sys.exit(f"{len(wrong)} of {count} come out otherwise: {', '.join(wrong[:10])}")
    print(f"All {count} organisations come out as the file says.")
