"""The register of problems, and the same problem again."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from assessment.domain.problems import MOVES, STATES
from assessment.operations import problems, rectifications
from assessment.queries import problems as shown
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.assessment.problems import (
    AssignTraining,
    HoldTraining,
    ProblemCountsAsked,
    ProblemsAsked,
    WithdrawProblem,
)
from sqlalchemy import Connection

from tests.assessment.articles import NOON, an_actor, at
from tests.assessment.mending import (
    BRANCH,
    SECRETARY,
    TODAY,
    a_problem,
    a_report,
    a_tree,
    an_item,
    an_officer,
)


def test_a_source_registers_a_problem_of_a_kind_once(db: Connection) -> None:
    branch, visit = a_tree(db), uuid4()
    first = a_problem(db, branch, source="round_visit", source_id=visit)
    assert a_problem(db, branch, source="round_visit", source_id=visit, text="换了说法") == first
    assert a_problem(db, branch, source="round_visit", source_id=visit, kind="dues") != first
    with pytest.raises(InvalidInput):
        a_problem(db, branch, kind="weather")
    with pytest.raises(ValueError, match="rumour"):
        a_problem(db, branch, source="rumour")


def test_the_same_problem_again_is_found_by_kind_and_by_words(db: Connection) -> None:
    branch = a_tree(db)
    before = date(2024, 11, 12)
    same_kind = a_problem(db, branch, found_on=before, text="台账前后不一")
    same_words = a_problem(db, branch, found_on=before, kind="other", text="“三会一课”记录不全，党小组会没有记录")
    a_problem(db, branch, found_on=before, kind="dues", text="三月党费未按时收缴")
    a_problem(db, branch, found_on=TODAY + timedelta(days=1), text="“三会一课”记录不全")
    withdrawn = a_problem(db, branch, found_on=before, text="“三会一课”记录不全")
    rectifications.withdraw(db, asked=WithdrawProblem(withdrawn, "登记有误"), actor=an_officer(), at=NOON)
    found = {one.id: one for one in shown.again(db, a_problem(db, branch))}
    assert set(found) == {same_kind, same_words}
    assert found[same_kind].is_same_kind
    assert found[same_words].similarity > 0.5 > found[same_kind].similarity


def test_the_register_is_narrowed_and_counted(db: Connection, officer: Actor) -> None:
    branch = a_tree(db)
    an_item(db, branch, found_on=date(2026, 8, 3), source="supervision")
    waiting = a_report(db, an_item(db, branch, kind="dues"), secretary=SECRETARY)
    a_problem(db, branch, kind="dues", source="light")
    late = at(12, 13)

    def found(**asked: object) -> list[str]:
        page = shown.problems_asked(db, asked=ProblemsAsked(**asked), actor=officer, at=late)  # type: ignore[arg-type]
        return [one.source for one in page.items]

    assert found(kind="dues") == ["light", "spot_check"] or found(kind="dues") == ["spot_check", "light"]
    assert found(state="waiting") == ["spot_check"]
    assert found(state="overdue") == ["supervision"]
    assert found(from_day=date(2026, 9, 1), source="light") == ["light"]
    assert found(until_day=date(2026, 8, 3)) == ["supervision"]
    first = shown.problems_asked(db, asked=ProblemsAsked(limit=2), actor=officer, at=late)
    rest = shown.problems_asked(db, asked=ProblemsAsked(limit=2, cursor=first.next), actor=officer, at=late)
    assert len({one.id for one in (*first.items, *rest.items)}) == 3
    counted = shown.counts(db, asked=ProblemCountsAsked(), actor=officer, at=late)
    assert (counted.whole.count, counted.whole.unmended, counted.whole.overdue) == (3, 3, 1)
    assert [(one.key, one.count) for one in counted.kinds] == [("dues", 2), ("records", 1)]
    assert [(one.name, one.count) for one in counted.parts] == [("洪山镇党委", 3)]
    assert {one.key: one.count for one in counted.sources} == {"light": 1, "spot_check": 1, "supervision": 1}
    assert [(one.key, one.count) for one in counted.months] == [("2026-08", 1), ("2026-11", 2)]
    assert waiting.rectification is not None


def test_a_training_is_assigned_and_held_once(db: Connection) -> None:
    problem_id = a_problem(db, a_tree(db))
    asked = AssignTraining(problem_id, subject="记录怎样写", who="支部书记和记录人", due_on=TODAY)
    seen = problems.assign_training(db, asked=asked, actor=an_officer(), at=NOON)
    held = HoldTraining(seen.trainings[0].id, done_on=TODAY, text="6人参加")
    seen = problems.hold_training(db, asked=held, actor=SECRETARY, at=NOON)
    assert (seen.trainings[0].done_text, seen.trainings[0].done_by) == ("6人参加", SECRETARY.name)
    with pytest.raises(problems.TrainingHeld):
        problems.hold_training(db, asked=held, actor=SECRETARY, at=NOON)
    late = HoldTraining(seen.trainings[0].id, done_on=TODAY + timedelta(days=1), text="明天")
    with pytest.raises(InvalidInput):
        problems.hold_training(db, asked=late, actor=SECRETARY, at=NOON)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", MOVES)
def test_each_move_of_a_problem(db: Connection, state: str, verb: str) -> None:
    problem_id = a_problem(db, a_tree(db))
    ways = {"open": [], "mending": ["mend"], "mended": ["mend", "close"], "withdrawn": ["withdraw"]}
    for step in ways[state]:
        problems.move(db, problem_id, step, actor=an_officer(), at=NOON)
    sources, to = MOVES[verb]
    if state not in sources:
        with pytest.raises(problems.ProblemNotMovable, match=r".+ cannot be .+"):
            problems.move(db, problem_id, verb, actor=an_officer(), at=NOON)
        return
    problems.move(db, problem_id, verb, actor=an_officer(), at=NOON)
    row = shown.row_of(db, problem_id)
    assert row is not None
    assert row.state == to


def test_an_officer_of_the_organisation_itself_judges_nothing_of_it(db: Connection) -> None:
    problem_id = a_problem(db, a_tree(db))
    seen = shown.problem(db, asked=shown.ProblemAsked(problem_id), actor=an_actor(("officer", BRANCH)), at=NOON)
    assert seen.may == []
    seen = shown.problem(db, asked=shown.ProblemAsked(problem_id), actor=an_officer(), at=NOON)
    assert set(seen.may) == {"open_rectification", "withdraw_problem", "assign_training", "give_card"}
