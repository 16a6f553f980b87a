"""The nine bundled cases as they are written, and the rules of roles and steps."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from contracts.envelope import load
from contracts.sites.training import CASE_KINDS, CaseRole, CaseStep
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.training import timetable, unplayed, what_lacks
from sites.operations.training_cases import bundled

from tests.articles import NOON

CASES = list(bundled())


def steps_of(*rows: tuple[str, int, bool]) -> list[CaseStep]:
    return [CaseStep(title="步骤", role=role, minutes=minutes, key=key) for role, minutes, key in rows]


class TestTheBundledCases:
    def test_are_nine_with_24_roles_and_126_steps(self) -> None:
        assert len(CASES) == 9
        assert sum(len(case["roles"]) for case in CASES) == 24
        assert sum(len(case["steps"]) for case in CASES) == 126

    def test_cover_the_six_of_the_district_and_our_three(self) -> None:
        assert Counter(case["kind"] for case in CASES) == Counter({**dict.fromkeys(CASE_KINDS, 1), "assembly": 3})
        assert {case["code"] for case in CASES} >= {
            *("receiving-a-probationary-member", "election-of-the-branch-committee", "committee-meeting"),
            *("group-meeting", "organisational-life-meeting", "theme-day", "assembly", "lecture", "appraisal"),
        }

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["code"])
    class TestEach:
        def test_can_be_published(self, case: Any) -> None:
            steps = [load(CaseStep, step) for step in case["steps"]]
            roles = [load(CaseRole, role).code for role in case["roles"]]
            assert what_lacks(roles, steps, citation=case["citation"]) is None

        def test_its_minutes_are_its_steps(self, case: Any) -> None:
            assert sum(step["minutes"] for step in case["steps"]) == case["minutes"]

        def test_each_step_is_done_and_said_and_named_in_both_languages(self, case: Any) -> None:
            for step in case["steps"]:
                assert all(step[name].strip() for name in ("title", "title_en", "does", "says"))
            assert case["title_en"]
            assert case["summary_en"]
            assert all(role["name_en"] and role["duty"] for role in case["roles"])

        def test_no_two_roles_share_a_colour(self, case: Any) -> None:
            assert Counter(role["colour"] for role in case["roles"]).most_common(1)[0][1] == 1

        def test_cites_a_rule_at_a_key_step(self, case: Any) -> None:
            assert "《" in case["citation"]
            assert any(step.get("rule") for step in case["steps"])


@pytest.mark.parametrize(
    ("roles", "steps", "lacks"),
    [
        ([], [], "roles"),
        (["a"], [], "steps"),
        (["a"], [("b", 5, True)], "role-of-step"),
        (["a", "b"], [("a", 5, True)], "step-of-role"),
        (["a"], [("a", 5, False)], "key-step"),
        (["a"], [("a", 5, True)], None),
    ],
)
def test_what_a_draft_lacks(roles: Any, steps: Any, lacks: Any) -> None:
    assert what_lacks(roles, steps_of(*steps), citation="《章程》") == lacks


def test_a_draft_without_its_rule_lacks_that() -> None:
    assert what_lacks(["a"], steps_of(("a", 5, True)), citation=" ") == "citation"


@given(st.lists(st.integers(1, 240), max_size=60))
def test_steps_follow_one_another_from_the_start(minutes: list[int]) -> None:
    due = list(timetable(minutes, starts_at=NOON))
    begins = [NOON, *(step.ends_at for step in due)]
    assert [step.starts_at for step in due] == begins[:-1]
    assert begins[-1] == NOON + timedelta(minutes=sum(minutes))


def test_roles_that_nobody_plays_are_named_in_order() -> None:
    assert unplayed(["a", "b", "c"], {"b": ["李"], "c": []}) == ["a", "c"]
