import itertools

import pytest
from assessment.domain.activities import CANCELLED, HELD, MOVES, PLANNED, STATES, Activity, Fact, OutOfTurn, told_by
from hypothesis import given
from hypothesis import strategies as st

from tests.assessment.articles import NOON, at

PLAN = Fact(version=1, move="plan", at=at(11, 1), held_on=NOON.date(), subject="参观", place="馆")
MOVED = Fact(version=2, move="plan", at=at(11, 2), held_on=at(11, 14).date(), subject="参观", place="馆")
CANCEL = Fact(version=3, move="cancel", at=at(11, 3), reason="下雨")
HOLD = Fact(version=3, move="hold", at=NOON, held_on=at(11, 14).date(), subject="参观", place="馆", attended=18)

WAY_TO = {None: [], PLANNED: [PLAN], HELD: [PLAN, HOLD], CANCELLED: [PLAN, CANCEL]}
STEP = {"plan": PLAN, "hold": HOLD, "cancel": CANCEL}


@pytest.mark.parametrize(("state", "move"), list(itertools.product([None, *STATES], MOVES)))
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
