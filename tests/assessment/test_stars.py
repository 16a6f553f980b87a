"""The formula of stars and levels, without a database: points, thresholds, vetoes, shares, ties (A10)."""

import runpy
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from assessment.domain.stars import (
    ADVANCED,
    AT_LEAST,
    BELOW,
    DOWNWARDS,
    FULL,
    GRADES,
    IS_MISSING,
    LAGGING,
    LEFT_OUT,
    LEVELS,
    MEASURES,
    MIDDLE,
    MISSING,
    NOT_RATED,
    PERCENT,
    ZERO,
    Condition,
    Formula,
    Part,
    Rated,
    Result,
    Share,
    Veto,
    faults_in,
    points_of,
    rate,
)
from contracts.assessment import star_formulas as told
from hypothesis import given
from hypothesis import strategies as st

import gateway

_PROGRAM = runpy.run_path(str(Path(gateway.__file__).parent / "static" / "verify_rating.py"))
verified = _PROGRAM["verify"]
"""The program that is given to whoever wants to repeat a rating: it shares no line with ours."""

A = Formula(
    parts=(
        Part("round_score", 50, None, LEFT_OUT),
        Part("green_share", 30, None, ZERO),
        Part("problems_found", 20, 10, LEFT_OUT),
    ),
    stars_min=(50, 60, 70, 80, 90),
    advanced_min=85,
    middle_min=60,
)


def one(number: int, field: str = "rural", **values: float | None) -> Rated:
    whole = {name: None if value is None else round(value * 100) for name, value in values.items()}
    return Rated(UUID(int=number), field, "branch", whole)


def alone(formula: Formula, **values: float | None) -> Result:
    return rate(formula, [one(1, **values)])[UUID(int=1)]


class TestPoints:
    @pytest.mark.parametrize(
        ("part", "value", "points"),
        [
            (Part("green_share", 1, None, ZERO), 83_33, 83_33),
            (Part("green_share", 1, None, ZERO), 120_00, FULL),
            (Part("records_held", 1, 12, ZERO), 6_00, 50_00),
            (Part("records_held", 1, 7, ZERO), 2_00, 28_57),
            (Part("records_held", 1, 12, ZERO), 30_00, FULL),
            (Part("problems_found", 1, 15, ZERO), 2_00, 70_00),
            (Part("problems_found", 1, 15, ZERO), 9_00, 0),
        ],
    )
    def test_of_a_value(self, part: Part, value: int, points: int) -> None:
        assert points_of(part, value) == points


class TestByItself:
    def test_the_sum_and_what_it_takes(self) -> None:
        result = alone(A, round_score=92.5, green_share=100, problems_found=1)
        assert (result.sum, result.stars, result.level) == (94_25, 5, ADVANCED)
        assert [(step.code, step.measure, step.points) for step in result.steps[:4]] == [
            ("part", "round_score", 92_50),
            ("part", "green_share", 100_00),
            ("part", "problems_found", 90_00),
            ("sum", None, 94_25),
        ]

    def test_the_weight_of_what_is_left_out_is_carried_by_the_others(self) -> None:
        result = alone(A, green_share=80, problems_found=0)
        assert result.sum == 88_00  # (80 × 30 + 100 × 20) ÷ 50
        assert [step.details["rule"] for step in result.steps if step.code == "missing"] == [LEFT_OUT]

    def test_what_counts_as_nothing_when_it_is_missing(self) -> None:
        assert alone(A, round_score=90, problems_found=0).sum == 65_00

    def test_what_cannot_be_missing(self) -> None:
        needed = replace(A, parts=(replace(A.parts[0], when_missing=NOT_RATED), *A.parts[1:]))
        result = alone(needed, green_share=100, problems_found=0)
        assert (result.sum, result.stars, result.level, result.rank) == (None, None, None, None)
        assert result.steps[-1].code == "not_rated"

    def test_nothing_known_is_not_rated(self) -> None:
        formula = replace(A, parts=(Part("round_score", 100, None, LEFT_OUT),))
        assert alone(formula).sum is None

    def test_a_veto_bounds_stars_and_level_and_says_so(self) -> None:
        formula = replace(
            A, vetoes=(Veto("card_open", AT_LEAST, 3, 2, LAGGING), Veto("green_share", BELOW, 50, 0, None))
        )
        result = alone(formula, round_score=100, green_share=100, problems_found=0, card_open=3)
        assert (result.sum, result.stars, result.level) == (FULL, 2, LAGGING)
        veto = next(step for step in result.steps if step.code == "veto")
        assert (veto.measure, veto.details["stars_from"], veto.details["stars"]) == ("card_open", 5, 2)

    def test_who_is_proposed_for_the_weak_list(self) -> None:
        formula = replace(
            A,
            weak_when=(Condition("has_secretary", BELOW, 1), Condition("round_score", IS_MISSING, None)),
            lagging_is_weak=True,
        )
        assert alone(formula, has_secretary=0, round_score=20, green_share=0, problems_found=9).weak_when == [0, -1]
        assert alone(formula, has_secretary=100, green_share=100, problems_found=0).weak_when == [1]


class TestShares:
    def test_those_below_the_share_go_down_together_when_they_are_equal(self) -> None:
        formula = replace(A, shares=(Share("5", 50, None, None),))
        results = rate(
            formula,
            [
                one(1, round_score=100, green_share=100, problems_found=0),
                one(2, round_score=98, green_share=100, problems_found=0),
                one(3, round_score=98, green_share=100, problems_found=0),
                one(4, round_score=10, green_share=10, problems_found=9),
            ],
        )
        assert [results[UUID(int=number)].stars for number in (1, 2, 3, 4)] == [5, 4, 4, 0]
        moved = [step for step in results[UUID(int=2)].steps if step.code == "share"]
        assert [(step.details["places"], step.details["of"], step.details["stars_from"]) for step in moved] == [
            (2, 4, 5)
        ]

    def test_ties_are_broken_by_the_measures_that_the_formula_names(self) -> None:
        formula = replace(A, shares=(Share("5", 50, None, None),), ties=("round_score",))
        first = one(1, round_score=94, green_share=100, problems_found=0)
        second = one(2, round_score=98, green_share=100, problems_found=1)
        results = rate(formula, [first, second])
        assert results[first.id].sum == results[second.id].sum
        assert (results[first.id].stars, results[second.id].stars) == (4, 5)

    def test_of_a_field_and_of_all(self) -> None:
        formula = replace(A, shares=(Share("5", 50, "rural", None), Share("5", 25, None, None)))
        good = {"round_score": 100, "green_share": 100}
        some = [one(n, "rural" if n < 3 else "school", problems_found=n / 100, **good) for n in range(1, 5)]
        assert [rate(formula, some)[organisation.id].stars for organisation in some] == [5, 4, 4, 4]

    def test_at_least_so_many_lag_only_when_the_formula_asks(self) -> None:
        some = [one(number, round_score=100 - number, green_share=100, problems_found=0) for number in range(1, 11)]
        assert not any(result.level == LAGGING for result in rate(A, some).values())
        asked = rate(replace(A, shares=(Share(LAGGING, 15, None, None),)), some)
        assert [number for number in range(1, 11) if asked[UUID(int=number)].level == LAGGING] == [9, 10]


# ---- properties ----------------------------------------------------------------------------------------------------

COUNTS = [measure for measure, how in MEASURES.items() if how != PERCENT]


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    measures = draw(st.lists(st.sampled_from(sorted(MEASURES)), min_size=1, max_size=4, unique=True))
    cuts = sorted(
        draw(st.lists(st.integers(1, 99), min_size=len(measures) - 1, max_size=len(measures) - 1, unique=True))
    )
    weights = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    parts = tuple(
        Part(measure, weight, draw(st.integers(1, 40)) if measure in COUNTS else None, draw(st.sampled_from(MISSING)))
        for measure, weight in zip(measures, weights, strict=True)
    )
    stars_min = tuple(sorted(draw(st.lists(st.integers(0, 100), min_size=5, max_size=5, unique=True))))
    middle, advanced = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True)))
    shares = draw(
        st.lists(
            st.builds(
                Share,
                grade=st.sampled_from(GRADES),
                percent=st.integers(0, 100),
                field=st.sampled_from((None, "rural", "school")),
                kind=st.none(),
            ),
            max_size=4,
            unique_by=lambda share: (share.grade, share.field),
        )
    )
    vetoes = draw(st.lists(st.sampled_from(VETOES), max_size=2, unique=True))
    return Formula(parts, stars_min, advanced, middle, tuple(vetoes), tuple(shares), tuple(measures[:2]))


VETOES = (
    Veto("card_open", AT_LEAST, 3, 1, LAGGING),
    Veto("green_share", BELOW, 60, 3, MIDDLE),
    Veto("problems_open", AT_LEAST, 2, None, MIDDLE),
)

values = st.dictionaries(
    st.sampled_from(sorted(MEASURES)), st.integers(0, FULL // 100).map(lambda n: n * 100), max_size=6
)


@st.composite
def districts(draw: st.DrawFn) -> list[Rated]:
    many = draw(st.lists(st.tuples(st.sampled_from(("rural", "school")), values), min_size=1, max_size=8))
    return [Rated(UUID(int=number), field, "branch", known) for number, (field, known) in enumerate(many)]


def grade_of(result: Result) -> tuple[int, int]:
    assert result.stars is not None
    assert result.level is not None
    return result.stars, -LEVELS.index(result.level)


@given(formula=formulas(), district=districts(), data=st.data())
def test_better_in_one_measure_is_never_worse_in_the_end(formula: Formula, district: list[Rated], data: Any) -> None:
    who = data.draw(st.sampled_from(district))
    known = sorted(measure for measure, value in who.values.items() if value is not None)
    if not known:
        return
    measure = data.draw(st.sampled_from(known))
    step = data.draw(st.integers(1, 50)) * 100
    better = max(0, who.values[measure] - step) if MEASURES[measure] == DOWNWARDS else who.values[measure] + step  # type: ignore[operator]
    changed = replace(who, values={**who.values, measure: better})
    before = rate(formula, district)[who.id]
    after = rate(formula, [changed if one.id == who.id else one for one in district])[who.id]
    if before.sum is not None and after.sum is not None:
        assert after.sum >= before.sum
        assert all(new >= old for new, old in zip(grade_of(after), grade_of(before), strict=True))


@given(formula=formulas(), district=districts())
def test_shares_hold_and_ties_stay_together(formula: Formula, district: list[Rated]) -> None:
    results = rate(formula, district)
    rated = [one for one in district if results[one.id].sum is not None]
    for share in formula.shares:
        group = [one for one in rated if share.field in (None, one.field)]
        count = sum(share.grade in (str(results[one.id].stars), results[one.id].level) for one in group)
        if share.grade == LAGGING:
            assert count * 100 >= share.percent * len(group)
        else:
            assert count * 100 <= share.percent * len(group)
    alike: dict[Any, set[tuple[int, int]]] = {}
    for one in rated:
        vetoed = tuple(veto.holds(one.values.get(veto.measure)) for veto in formula.vetoes)
        alike.setdefault((results[one.id].rank, one.field, vetoed), set()).add(grade_of(results[one.id]))
    assert all(len(grades) == 1 for grades in alike.values())


@given(formula=formulas(), district=districts(), data=st.data())
def test_the_order_of_the_organisations_does_not_matter(formula: Formula, district: list[Rated], data: Any) -> None:
    assert rate(formula, data.draw(st.permutations(district))) == rate(formula, district)


@given(formula=formulas(), district=districts())
def test_nobody_gets_more_than_their_points_and_each_result_follows_from_the_steps(
    formula: Formula, district: list[Rated]
) -> None:
    for result in rate(formula, district).values():
        if result.sum is None:
            assert result.steps[-1].code == "not_rated"
            continue
        stars, level = sum(result.sum >= least * 100 for least in formula.stars_min), None
        for step in result.steps:
            if step.code in ("veto", "share"):
                assert step.details["stars_from"] == stars
                stars = step.details["stars"]
            level = step.details.get("level", level)
        assert (stars, level) == (result.stars, result.level)
        weighted = sum((step.points or 0) * (step.weight or 0) for step in result.steps if step.code == "part")
        weights = next(step.weight for step in result.steps if step.code == "sum")
        assert abs(result.sum * (weights or 1) - weighted) * 2 <= (weights or 1)


@given(formula=formulas(), district=districts())
def test_a_program_that_shares_no_line_comes_to_the_same(formula: Formula, district: list[Rated]) -> None:
    told = [{"id": str(one.id), "field": one.field, "kind": one.kind, "values": one.values} for one in district]
    found = _PROGRAM["calculate"](asdict(formula), told)
    ours = rate(formula, district)
    assert found == {
        str(one): [result.sum, result.rank, result.stars, result.level]
        for one, result in ours.items()
        if result.sum is not None
    }


@given(formula=formulas())
def test_what_the_properties_are_about_is_a_formula(formula: Formula) -> None:
    assert faults_in(formula) == {}


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"parts": A.parts[:2]}, "parts"),
        ({"parts": (A.parts[0], A.parts[0])}, "parts"),
        ({"parts": (*A.parts[:2], replace(A.parts[2], number=None))}, "parts.2.number"),
        ({"parts": (replace(A.parts[0], number=3), *A.parts[1:])}, "parts.0.number"),
        ({"stars_min": (50, 60, 60, 80, 90)}, "stars_min"),
        ({"middle_min": 85}, "middle_min"),
        ({"vetoes": (Veto("card_open", AT_LEAST, None, 1, None),)}, "vetoes.0.number"),
        ({"vetoes": (Veto("card_open", AT_LEAST, 1, None, None),)}, "vetoes.0.stars_max"),
        ({"weak_when": (Condition("round_score", IS_MISSING, 3),)}, "weak_when.0.number"),
        ({"shares": (Share("5", 10, None, None), Share("5", 20, None, None))}, "shares"),
        ({"ties": ("red_months",)}, "ties"),
        ({"ties": ("round_score", "round_score")}, "ties"),
    ],
)
def test_what_a_formula_must_not_be(changed: Mapping[str, Any], where: str) -> None:
    assert list(faults_in(replace(A, **changed))) == [where]


def test_the_contract_and_the_domain_speak_of_the_same() -> None:
    assert tuple(sorted(MEASURES, key=told.STAR_MEASURES.index)) == told.STAR_MEASURES
    assert {measure for measure, how in MEASURES.items() if how == PERCENT} == set(told.STAR_PERCENTAGES)
    assert (told.WHEN_MISSING, told.COMPARISONS, told.STAR_LEVELS, told.STAR_GRADES) == (
        MISSING,
        (AT_LEAST, BELOW, IS_MISSING),
        LEVELS,
        GRADES,
    )
