import itertools

import pytest
from assessment.domain.activities import CANCELLED, HELD, MOVES, PLANNED, TOLD, Activity, Fact, OutOfTurn, told_by
from hypothesis import given
from hypothesis import strategies as st

from tests.assessment.articles import NOON, at

PLAN = Fact(version=1, move="plan", at=at(11, 1), held_on=NOON.date(), subject="参观", place="馆")
MOVED = Fact(version=2, move="plan", at=at(11, 2), held_on=at(11, 14).date(), subject="参观", place="馆")
CANCEL = Fact(version=3, move="cancel", at=at(11, 3), reason="下雨")
HOLD = Fact(version=3, move="hold", at=NOON, held_on=at(11, 14).date(), subject="参观", place="馆", attended=18)

WAY_TO = {None: [], PLANNED: [PLAN], HELD: [PLAN, HOLD], CANCELLED: [PLAN, CANCEL]}
CORRECT = Fact(version=4, move="correct", at=at(11, 20), held_on=at(11, 15).date(), subject="学习", attended=17)
WITHDRAW = Fact(version=5, move="withdraw", at=at(11, 21), reason="没有开展")
STEP = {"plan": PLAN, "hold": HOLD, "cancel": CANCEL, "correct": CORRECT, "withdraw": WITHDRAW}


@pytest.mark.parametrize(("state", "move"), list(itertools.product([None, *TOLD], MOVES)))
def test_every_pair_of_state_and_move(state: str | None, move: str) -> None:
    allowed, after = MOVES[move]
    facts = [*WAY_TO[state], Fact(**{**vars(STEP[move]), "version": 9})]
    if state in allowed:
        assert told_by(facts).state == after
    else:
        with pytest.raises(OutOfTurn):
            told_by(facts)


@pytest.mark.parametrize("last", [HOLD, CANCEL])
@given(st.data())
def test_the_order_of_arrival_does_not_matter(last: Fact, data: st.DataObject) -> None:
    facts = [PLAN, MOVED, last]
    assert told_by(data.draw(st.permutations(facts))) == told_by(facts)


def test_a_cancelled_one_keeps_the_newest_plan() -> None:
    assert told_by([CANCEL, MOVED, PLAN]) == Activity(
        state=CANCELLED,
        held_on=MOVED.held_on,
        subject="参观",
        place="馆",
        attended=None,
        recorded_at=CANCEL.at,
        version=3,
    )


def test_a_lone_cancellation_knows_no_day() -> None:
    activity = told_by([CANCEL])
    assert (activity.state, activity.held_on, activity.subject) == (CANCELLED, None, None)


def test_nothing_heard_is_no_activity() -> None:
    with pytest.raises(ValueError, match="no facts"):
        told_by([])


def test_a_correction_says_what_was_held_and_leaves_when_it_was_recorded() -> None:
    activity = told_by([CORRECT, HOLD, PLAN])
    assert (activity.held_on, activity.subject, activity.attended) == (CORRECT.held_on, "学习", 17)
    assert activity.recorded_at == HOLD.at
