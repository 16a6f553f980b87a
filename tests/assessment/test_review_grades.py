"""The grade rule and what follows from grades, whatever the votes, marks and cards are."""

from datetime import date
from typing import Any

from assessment.domain.consequences import NO_EXCELLENT, REPLACEMENT, SUBSIDY, Numbers, following
from assessment.domain.reviews import (
    COMPONENTS,
    FAIRLY_GOOD,
    GOOD,
    GRADES,
    GradeRule,
    cap_of,
    is_better,
    propose,
)
from hypothesis import given, settings
from hypothesis import strategies as st

RULE = GradeRule(
    weights={"votes": 40, "superior": 30, "field": 20, "rounds": 10, "visits": 0},
    vote_points={"good": 100, "fairly_good": 85, "average": 65, "poor": 30},
    good_from=90,
    fairly_good_from=80,
    average_from=60,
    good_votes_percent=80,
    poor_votes_percent=34,
)
NUMBERS = Numbers(talk_days=10, mend_days=90, other_days=30, no_promotion_years=3, subsidy_percent=30)
VOTES = st.fixed_dictionaries(dict.fromkeys(GRADES, st.integers(0, 30))).filter(lambda votes: sum(votes.values()) > 0)
TENTHS = st.fixed_dictionaries(
    {"superior": st.integers(0, 1000), "field": st.integers(0, 1000)},
    optional={"rounds": st.integers(0, 1000), "visits": st.integers(0, 1000)},
)
CARDS = st.sampled_from([None, "yellow", "orange", "red"])
SMALL = settings(max_examples=60, deadline=None)


def grade(votes: Any, tenths: Any, card: str | None = None, counted: Any = COMPONENTS) -> Any:
    return propose(RULE, votes=votes, tenths=tenths, card=card, counted=counted)


@SMALL
@given(VOTES, TENTHS, CARDS)
def test_the_score_lies_between_its_parts_and_the_grade_under_the_cap(votes: Any, tenths: Any, card: Any) -> None:
    told = grade(votes, tenths, card)
    parts = [part.tenths for part in told.parts]
    assert min(parts) <= told.tenths <= max(parts)
    assert not is_better(told.grade, cap_of(card))
    assert not is_better(told.grade, told.grade_of_score)
    assert (told.grade == told.grade_of_score) == (told.because == ())


@SMALL
@given(VOTES, TENTHS, CARDS, st.sampled_from(["superior", "field"]), st.integers(0, 1000))
def test_better_marks_never_make_a_worse_grade(votes: Any, tenths: Any, card: Any, which: str, more: int) -> None:
    better = {**tenths, which: min(1000, tenths[which] + more)}
    assert not is_better(grade(votes, tenths, card).grade, grade(votes, better, card).grade)


@SMALL
@given(VOTES, TENTHS, CARDS)
def test_a_better_vote_never_makes_a_worse_grade(votes: Any, tenths: Any, card: Any) -> None:
    for worse, better in zip(GRADES[1:], GRADES, strict=False):
        if votes[worse]:
            moved = {**votes, worse: votes[worse] - 1, better: votes[better] + 1}
            assert not is_better(grade(votes, tenths, card).grade, grade(moved, tenths, card).grade)


@SMALL
@given(VOTES, TENTHS)
def test_what_is_not_counted_changes_nothing(votes: Any, tenths: Any) -> None:
    """So the compliance switch takes check-ins out of a score, whatever they weigh."""
    heavy = GradeRule(**{**RULE.__dict__, "weights": {**RULE.weights, "votes": 20, "visits": 20}})
    without = [name for name in COMPONENTS if name != "visits"]
    scores = {
        propose(heavy, votes=votes, tenths={**tenths, "visits": visits}, card=None, counted=without).tenths
        for visits in (0, 500, 1000)
    }
    assert len(scores) == 1


def test_at_the_borders() -> None:
    full = {"superior": 1000, "field": 1000}
    assert grade({"good": 8, "average": 2}, full).grade == GOOD
    assert grade({"good": 7, "average": 3}, full).because == ("few_good_votes",)
    assert grade({"good": 66, "poor": 34}, full).because == ("many_poor_votes",)
    assert grade({"good": 10}, {"superior": 900, "field": 650}).tenths == 889  # 88.89 rounds to 88.9
    assert grade({"good": 10}, {"superior": 900, "field": 650}).grade == FAIRLY_GOOD


@SMALL
@given(
    st.dictionaries(st.integers(2020, 2026), st.sampled_from(GRADES), min_size=1),
    st.sampled_from(["village", "branch"]),
)
def test_what_follows(grades: dict[int, str], kind: str) -> None:
    year = max(grades)
    found = {
        one.kind for one in following(grades, year, post_kind=kind, published_on=date(2026, 2, 28), numbers=NUMBERS)
    }
    assert (NO_EXCELLENT in found) == (grades[year] != GOOD)
    assert ({"talk", "mending"} <= found) == (grades[year] in ("average", "poor"))
    assert (REPLACEMENT in found) == (grades[year] == grades.get(year - 1) == "poor")
    runs = [grades.get(year - back) for back in range(3)] == [GOOD] * 3
    assert (SUBSIDY in found) == (runs and kind == "village")


def test_three_years_end_on_the_day_before() -> None:
    told = following(
        {2027: "poor", 2028: "poor"}, 2028, post_kind="village", published_on=date(2028, 2, 29), numbers=NUMBERS
    )
    assert [one.lasts_until for one in told if one.kind == "no_promotion"] == [date(2031, 2, 28)]
