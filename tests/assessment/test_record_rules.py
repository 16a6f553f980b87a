"""What a record's form takes, what it still needs, and what a decision needs."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from assessment.domain import records as rules
from assessment.domain.records import MOVES, STATES, FieldSpec
from assessment.queries.records import specs_of
from contracts.assessment.record_templates import (
    FIELD_KINDS,
    HEADINGS,
    NEEDS,
    QUORUMS,
    RECORD_TEMPLATES,
    Template,
    template_in,
)
from contracts.assessment.records import RecordContent
from hypothesis import given
from hypothesis import strategies as st

from tests.assessment.articles import SHANGHAI

PEOPLE = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]


class TestTemplates:
    def test_there_are_twenty_four_over_ten_headings(self) -> None:
        assert len(RECORD_TEMPLATES) == 24
        assert [heading for heading, _ in itertools.groupby(t.heading for t in RECORD_TEMPLATES.values())] == [
            *HEADINGS
        ]

    @pytest.mark.parametrize("template", RECORD_TEMPLATES.values(), ids=lambda template: template.code)
    def test_each_is_well_formed(self, template: Template) -> None:
        assert template_in(template.code, template.version) is template
        assert template.needs <= set(NEEDS)
        assert template.quorum is None or template.quorum in QUORUMS
        assert template.basis.startswith("《")
        for fields in (template.fields, *(field.columns for field in template.fields)):
            names = [field.name for field in fields]
            assert len(set(names)) == len(names)
            assert set(names).isdisjoint(set(RecordContent.__dataclass_fields__) - {"votes"})
            for field in fields:
                assert field.kind in FIELD_KINDS
                assert bool(field.choices) == (field.kind == "choice")
                assert bool(field.columns) == (field.kind == "table")
                assert all(column.kind in ("text", "number", "day", "choice") for column in field.columns)


def test_every_pair_of_state_and_move_is_known() -> None:
    for before, after in MOVES.values():
        assert before <= set(STATES)
        assert after is None or after in STATES
    assert {state for state in STATES if not any(state in before for before, _ in MOVES.values())} == {
        "planned",
        "cancelled",
    }


def an_answer(field: FieldSpec) -> st.SearchStrategy[Any]:
    """What is well written in a field."""
    return {
        "text": st.text(min_size=1, max_size=20),
        "number": st.integers(0, rules.NUMBER_MAX),
        "day": st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat),
        "choice": st.sampled_from(field.choices or ("",)),
        "persons": st.lists(st.sampled_from(PEOPLE), unique=True),
        "votes": st.tuples(*[st.integers(0, 30)] * 5).map(_votes),
        "table": st.lists(answers(field.columns, sparse=True), max_size=2),
    }[field.kind]


def answers(fields: tuple[FieldSpec, ...], *, sparse: bool) -> st.SearchStrategy[dict[str, Any]]:
    told = {field.name: an_answer(field) for field in fields}
    return st.fixed_dictionaries({}, optional=told) if sparse else st.fixed_dictionaries(told)


def _votes(numbers: tuple[int, ...]) -> dict[str, int]:
    for_, against, abstained, silent, away = numbers
    cast = for_ + against + abstained
    return {
        "for": for_,
        "against": against,
        "abstained": abstained,
        "present": cast + silent,
        "entitled": cast + silent + away,
    }


class TestAnswers:
    @given(st.data())
    def test_what_is_well_written_has_no_fault_and_lacks_only_what_is_empty(self, data: st.DataObject) -> None:
        template = data.draw(st.sampled_from([*RECORD_TEMPLATES.values()]))
        specs = specs_of(template.fields)
        written = data.draw(answers(specs, sparse=True))
        assert rules.faults_of(specs, written, people=PEOPLE) == {}
        needed = {f"answers.{field.name}" for field in specs if field.required}
        there = {f"answers.{name}" for name, value in written.items() if not rules.is_empty(value)}
        top = {name for name in rules.missing_in(specs, written) if name.count(".") == 1}
        assert top == needed - there

    @pytest.mark.parametrize(
        ("kind", "value", "sentence"),
        [
            ("text", 7, "Not a valid string."),
            ("text", "长" * 4001, "Length must be between 1 and 4000."),
            ("number", "7", "Not a valid integer."),
            ("number", True, "Not a valid integer."),
            ("number", -1, "Must be greater than or equal to 0 and less than or equal to 1000000."),
            ("day", "2026-02-30", "Not a valid date."),
            ("day", "20260230", "Not a valid date."),
            ("day", 20260101, "Not a valid date."),
            ("choice", "c", "Must be one of: a, b."),
            ("choice", ["a"], "Must be one of: a, b."),
            ("persons", PEOPLE[0], "Not a valid list."),
            ("persons", [PEOPLE[0], PEOPLE[0]], "One stands twice."),
            ("persons", ["x"], "Somebody named here is no member of the branch."),
            ("votes", {"for": 1}, "Give how many are entitled, present, in favour, against and abstaining."),
            ("votes", [1], "Give how many are entitled, present, in favour, against and abstaining."),
            ("table", {"a": 1}, "Not a valid list."),
            ("table", [1], "Not a valid list."),
            ("table", [{}] * 201, "Length must be between 0 and 200."),
        ],
    )
    def test_what_is_malformed_is_told(self, kind: str, value: Any, sentence: str) -> None:
        spec = FieldSpec("it", kind, False, choices=("a", "b"))
        assert rules.faults_of([spec], {"it": value}, people=PEOPLE) == {"answers.it": [sentence]}

    def test_a_fault_in_a_table_names_row_and_column(self) -> None:
        spec = FieldSpec("rows", "table", True, columns=(FieldSpec("n", "number", True),))
        assert rules.faults_of([spec], {"rows": [{"n": 1}, {"n": "x"}]}, people=()) == {
            "answers.rows.1.n": ["Not a valid integer."]
        }
        assert rules.missing_in([spec], {"rows": [{"n": 0}, {}]}) == ["answers.rows.1.n"]

    def test_a_field_that_the_template_does_not_have_is_refused(self) -> None:
        assert rules.faults_of([], {"more": 1}, people=()) == {"answers.more": ["Unknown parameter."]}

    @given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 100), st.integers(0, 100))
    def test_more_than_are_there_do_not_vote(self, yes: int, no: int, none: int, present: int, entitled: int) -> None:
        votes = {"entitled": entitled, "present": present, "for": yes, "against": no, "abstained": none}
        is_right = rules.faults_of([FieldSpec("votes", "votes", True)], {"votes": votes}, people=()) == {}
        assert is_right == (yes + no + none <= present <= entitled)


class TestDecisions:
    @pytest.mark.parametrize(
        ("quorum", "came", "expected", "kept"),
        [
            ("half", 5, 10, True),
            ("half", 4, 10, False),
            ("half", 4, 7, True),
            ("four_fifths", 8, 10, False),
            ("four_fifths", 9, 10, True),
            (None, 0, 10, True),
        ],
    )
    def test_a_quorum(self, quorum: str | None, came: int, expected: int, kept: bool) -> None:
        assert rules.quorum_kept(quorum, came=came, expected=expected) is kept

    @pytest.mark.parametrize(("yes", "carried"), [(5, False), (6, True)])
    def test_more_than_half_of_those_entitled(self, yes: int, carried: bool) -> None:
        assert rules.is_carried({"for": yes, "entitled": 10}) is carried


class TestHours:
    @given(st.integers(1, 900))
    def test_a_lesson_has_45_minutes_and_a_day_eight_hours(self, minutes: int) -> None:
        begin = datetime(2026, 11, 12, 8, tzinfo=SHANGHAI)
        hours = rules.hours_of(begin, begin + timedelta(minutes=minutes), lesson_minutes=45)
        assert hours == min(8, minutes // 45)

    def test_without_times_there_are_none(self) -> None:
        assert rules.hours_of(None, datetime(2026, 11, 12, 8, tzinfo=SHANGHAI), lesson_minutes=45) == 0


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y"])),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y"])),
)
def test_completing_only_adds(before: dict[str, str], after: dict[str, str]) -> None:
    changed = rules.only_adds(before, after)
    assert (changed == []) == all(after.get(name) == value for name, value in before.items() if value)
