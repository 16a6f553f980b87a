"""Stars and levels (A10): what a formula makes of the facts of organisations, and every step on the way.

    value ──points──▶ 0–100 ──weights──▶ sum ──thresholds──▶ stars, level ──vetoes──▶ ──caps──▶ ──share──▶ result

All numbers are whole: values and points in hundredths, weights in percent; a quotient is rounded half up, once. So
whoever has the inputs gets the same result with any tool. Nothing here depends on the order of the organisations:
those whose sum and whose points in the measures of `ties` are the same share a rank, and a share limit never divides
them: they stay below it together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Self
from uuid import UUID

PERCENT, UPWARDS, DOWNWARDS = "percent", "upwards", "downwards"
"""How a value becomes points: it is them; so many of it are full marks; each of it takes points off."""

MEASURES: Final[dict[str, str]] = {
    "round_score": PERCENT,
    "green_share": PERCENT,
    "tasks_done": PERCENT,
    "records_held": UPWARDS,
    "red_months": DOWNWARDS,
    "problems_found": DOWNWARDS,
    "problems_open": DOWNWARDS,
    "card_highest": DOWNWARDS,
    "card_open": DOWNWARDS,
    "has_secretary": PERCENT,
}
"""What is known of an organisation for a period; a card is 0 for none, 1 yellow, 2 orange, 3 red."""

LEFT_OUT, ZERO, NOT_RATED = MISSING = ("left_out", "zero", "not_rated")
"""How a measure counts that is missing: the others carry its weight, it is 0, or the organisation is not rated."""
AT_LEAST, BELOW, IS_MISSING = COMPARISONS = ("at_least", "below", "missing")
ADVANCED, MIDDLE, LAGGING = LEVELS = ("advanced", "middle", "lagging")
STARS_MAX: Final = 5
GRADES: Final[tuple[str, ...]] = ("5", "4", "3", "2", "1", ADVANCED, LAGGING)
"""What a share may be set for, in the order in which shares are applied: at most so many, of `lagging` at least."""
FULL: Final = 100_00
"""Full marks, in hundredths."""


@dataclass(frozen=True)
class Part:
    """A measure and its weight in percent; `number` is what earns full marks, or the points that each takes off."""

    measure: str
    weight: int
    number: int | None
    when_missing: str


@dataclass(frozen=True)
class Condition:
    """A measure compared with a whole number."""

    measure: str
    comparison: str
    number: int | None

    def holds(self, value: int | None) -> bool:
        """Say whether it holds for a value in hundredths."""
        if self.comparison == IS_MISSING or value is None:
            return value is None and self.comparison == IS_MISSING
        bound = (self.number or 0) * 100
        return value >= bound if self.comparison == AT_LEAST else value < bound


@dataclass(frozen=True)
class Veto(Condition):
    """What an organisation gets at most when the condition holds; None sets no bound."""

    stars_max: int | None
    level_max: str | None


@dataclass(frozen=True)
class Share:
    """How many percent may have a grade (of `lagging`: have at least), among those of one field or kind, or all."""

    grade: str
    percent: int
    field: str | None
    kind: str | None


@dataclass(frozen=True)
class Formula:
    """What counts how much; `stars_min` are the points that 1 to 5 stars take."""

    parts: tuple[Part, ...]
    stars_min: tuple[int, ...]
    advanced_min: int
    middle_min: int
    vetoes: tuple[Veto, ...] = ()
    shares: tuple[Share, ...] = ()
    ties: tuple[str, ...] = ()
    weak_when: tuple[Condition, ...] = ()
    lagging_is_weak: bool = False

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return the formula that was kept as plain data."""
        return cls(
            parts=tuple(Part(**part) for part in plain["parts"]),
            stars_min=tuple(plain["stars_min"]),
            advanced_min=plain["advanced_min"],
            middle_min=plain["middle_min"],
            vetoes=tuple(Veto(**veto) for veto in plain["vetoes"]),
            shares=tuple(Share(**share) for share in plain["shares"]),
            ties=tuple(plain["ties"]),
            weak_when=tuple(Condition(**condition) for condition in plain["weak_when"]),
            lagging_is_weak=plain["lagging_is_weak"],
        )


@dataclass(frozen=True)
class Rated:
    """An organisation and its values by measure, in hundredths; a measure that is not there is missing."""

    id: UUID
    field: str
    kind: str
    values: Mapping[str, int | None]


@dataclass(frozen=True)
class Step:
    """One step of a calculation; `details` says what else it rests on."""

    code: str
    measure: str | None = None
    value: int | None = None
    points: int | None = None
    weight: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Result:
    """What an organisation got; without a sum it is not rated. 0 stars are none."""

    sum: int | None = None
    rank: int | None = None
    stars: int | None = None
    level: str | None = None
    weak_when: list[int] = field(default_factory=list)
    """Which rules of the weak list hold, by their position; -1 for the one that the level makes."""
    steps: list[Step] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)


def points_of(part: Part, value: int) -> int:
    """Return the points (hundredths, 0 to FULL) that a value earns."""
    how = MEASURES[part.measure]
    if how == PERCENT:
        return max(0, min(FULL, value))
    number = part.number or 1
    if how == UPWARDS:
        return min(FULL, _quotient(value * 100, number))
    return max(0, FULL - value * number)


def rate(formula: Formula, organisations: Sequence[Rated]) -> dict[UUID, Result]:
    """Return what each organisation gets, with its steps. The order of the organisations does not matter."""
    results = {one.id: _by_itself(formula, one) for one in organisations}
    rated = [one for one in organisations if results[one.id].sum is not None]
    key = _key(formula, results)
    _rank(rated, results, key)
    for grade in GRADES:
        # The narrower ones first: what a field must give up is no longer there for the whole.
        for share in sorted(formula.shares, key=lambda share: (share.field is None, share.kind is None)):
            if share.grade == grade:
                _apply(share, rated, results, key)
    for one in organisations:
        result = results[one.id]
        result.weak_when = [
            position
            for position, condition in enumerate(formula.weak_when)
            if condition.holds(one.values.get(condition.measure))
        ]
        if formula.lagging_is_weak and result.level == LAGGING:
            result.weak_when.append(-1)
        if result.sum is not None:
            result.steps.append(Step("result", details={"stars": result.stars, "level": result.level}))
    return results


def _by_itself(formula: Formula, one: Rated) -> Result:
    """Return the part of the calculation that no other organisation has a say in."""
    result = Result()
    weighted = weights = 0
    for part in formula.parts:
        value = one.values.get(part.measure)
        details = {"number": part.number}
        if value is None:
            result.steps.append(Step("missing", part.measure, weight=part.weight, details={"rule": part.when_missing}))
            if part.when_missing == NOT_RATED:
                result.steps.append(Step("not_rated", part.measure))
                return result
            if part.when_missing == LEFT_OUT:
                continue
            points = 0
        else:
            points = points_of(part, value)
            result.steps.append(Step("part", part.measure, value, points, part.weight, details))
        result.points[part.measure] = points
        weighted += points * part.weight
        weights += part.weight
    if weights == 0:
        result.steps.append(Step("not_rated"))
        return result
    result.sum = _quotient(weighted, weights)
    result.steps.append(Step("sum", points=result.sum, weight=weights))
    result.stars = sum(result.sum >= least * 100 for least in formula.stars_min)
    result.level = _level(formula, result.sum)
    result.steps.append(Step("threshold", details={"stars": result.stars, "level": result.level}))
    for veto in formula.vetoes:
        value = one.values.get(veto.measure)
        if veto.holds(value):
            _lower(result, veto, value)
    return result


def _lower(result: Result, veto: Veto, value: int | None) -> None:
    before = (result.stars, result.level)
    if veto.stars_max is not None and result.stars is not None:
        result.stars = min(result.stars, veto.stars_max)
    if veto.level_max is not None and result.level is not None:
        result.level = max(result.level, veto.level_max, key=LEVELS.index)
    if before != (result.stars, result.level):
        change = _change(before, result) | {"comparison": veto.comparison, "number": veto.number}
        result.steps.append(Step("veto", veto.measure, value, details=change))


def _level(formula: Formula, points: int) -> str:
    if points >= formula.advanced_min * 100:
        return ADVANCED
    return MIDDLE if points >= formula.middle_min * 100 else LAGGING


Key = Callable[[Rated], tuple[int, ...]]


def _key(formula: Formula, results: Mapping[UUID, Result]) -> Key:
    """Return what organisations are ranked by, the best first; those with equal keys share a rank."""

    def key(one: Rated) -> tuple[int, ...]:
        result = results[one.id]
        return (-(result.sum or 0), *(-result.points.get(measure, -1) for measure in formula.ties))

    return key


def _tied(some: Sequence[Rated], key: Key) -> Iterator[list[Rated]]:
    for _key_of, together in groupby(sorted(some, key=key), key=key):
        yield list(together)


def _rank(rated: Sequence[Rated], results: Mapping[UUID, Result], key: Key) -> None:
    rank = 1
    for together in _tied(rated, key):
        for one in together:
            results[one.id].rank = rank
            details = {"rank": rank, "of": len(rated), "sharing": len(together)}
            results[one.id].steps.append(Step("rank", details=details))
        rank += len(together)


def _apply(share: Share, rated: Sequence[Rated], results: Mapping[UUID, Result], key: Key) -> None:
    group = [one for one in rated if share.field in (None, one.field) and share.kind in (None, one.kind)]
    if share.grade == LAGGING:
        wanted = -(-share.percent * len(group) // 100)
        missing = wanted - sum(results[one.id].level == LAGGING for one in group)
        others = [one for one in group if results[one.id].level != LAGGING]
        for together in reversed(list(_tied(others, key))):
            if missing <= 0:
                return
            missing -= len(together)
            _move(together, results, share, len(group), wanted)
        return
    allowed = share.percent * len(group) // 100
    left = allowed
    for together in _tied([one for one in group if _has(results[one.id], share.grade)], key):
        # Once one does not fit, none below it stays either.
        left = left - len(together) if len(together) <= left else -1
        if left < 0:
            _move(together, results, share, len(group), allowed)


def _has(result: Result, grade: str) -> bool:
    return grade in (str(result.stars), result.level)


def _move(together: Sequence[Rated], results: Mapping[UUID, Result], share: Share, group: int, allowed: int) -> None:
    for one in together:
        result = results[one.id]
        before = (result.stars, result.level)
        if share.grade == LAGGING:
            result.level = LAGGING
        elif share.grade == ADVANCED:
            result.level = MIDDLE
        else:
            result.stars = int(share.grade) - 1
        rule = {"percent": share.percent, "field": share.field, "kind": share.kind, "of": group, "places": allowed}
        result.steps.append(Step("share", details={"grade": share.grade, **rule, **_change(before, result)}))


def _change(before: tuple[int | None, str | None], result: Result) -> dict[str, Any]:
    stars, level = before
    return {"stars_from": stars, "stars": result.stars, "level_from": level, "level": result.level}


def _quotient(dividend: int, divisor: int) -> int:
    """Return the quotient of two numbers that are not negative, half rounded up."""
    return (2 * dividend + divisor) // (2 * divisor)


# ---- what a formula may be ---------------------------------------------------------------------------------------


def faults_in(formula: Formula) -> dict[str, list[str]]:
    """Return what is wrong with a formula, by field."""
    faults: dict[str, list[str]] = {}
    measures = [part.measure for part in formula.parts]
    if len(set(measures)) < len(measures):
        faults["parts"] = ["One stands twice."]
    elif sum(part.weight for part in formula.parts) != 100:
        faults["parts"] = ["The weights must add up to 100."]
    for position, part in enumerate(formula.parts):
        if (MEASURES[part.measure] == PERCENT) == (part.number is not None):
            faults[f"parts.{position}.number"] = ["A count needs its number; a percentage has none."]
    if list(formula.stars_min) != sorted(set(formula.stars_min)):
        faults["stars_min"] = ["More stars take more points."]
    if formula.middle_min >= formula.advanced_min:
        faults["middle_min"] = ["It must be below that of the advanced."]
    rules = [(share.grade, share.field, share.kind) for share in formula.shares]
    if len(set(rules)) < len(rules):
        faults["shares"] = ["One stands twice."]
    if len(set(formula.ties)) < len(formula.ties):
        faults["ties"] = ["One stands twice."]
    elif not set(formula.ties) <= set(measures):
        faults["ties"] = ["Only what the formula weighs decides between equal sums."]
    return faults | _faults_in_conditions(formula)


def _faults_in_conditions(formula: Formula) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for name in ("vetoes", "weak_when"):
        for position, condition in enumerate(getattr(formula, name)):
            if (condition.comparison == IS_MISSING) == (condition.number is not None):
                faults[f"{name}.{position}.number"] = ["A comparison needs its number; a missing value has none."]
    for position, veto in enumerate(formula.vetoes):
        if veto.stars_max is None and veto.level_max is None:
            faults[f"vetoes.{position}.stars_max"] = ["Say what it bounds: the stars, the level, or both."]
    return faults
