"""How problems are mended: the machine, the two people, the rounds an item is carried through, races."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from assessment.domain.rectifications import MOVES, STATES, is_overdue
from assessment.operations import rectifications
from assessment.queries import problems as shown
from assessment.tables.rectifications import rectifications as rectifications_
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.problems import ProblemAsked, ProblemView, WithdrawProblem
from contracts.assessment.rectifications import (
    AcceptRectification,
    ExtendRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, an_actor
from tests.assessment.mending import (
    BRANCH,
    DEADLINE,
    SECRETARY,
    TODAY,
    a_problem,
    a_report,
    a_tree,
    an_item,
    an_officer,
)
from tests.races import at_once

OFFICER = an_officer()


def item_of(seen: ProblemView) -> Any:
    assert seen.rectification is not None
    return seen.rectification


def test_a_problem_is_mended_in_its_steps(db: Connection) -> None:
    seen = an_item(db, a_tree(db))
    item = item_of(seen)
    assert (seen.state, item.state, item.deadline) == ("mending", "open", DEADLINE)
    with pytest.raises(rectifications.RectificationUnplanned):
        rectifications.report(db, asked=ReportRectification(item.id, "好了"), actor=SECRETARY, at=NOON)
    seen = a_report(db, seen, secretary=SECRETARY)
    back = ReturnRectification(item.id, "附件与会议时间不符", deadline=DEADLINE + timedelta(days=5))
    seen = rectifications.give_back(db, asked=back, actor=OFFICER, at=NOON)
    assert (item_of(seen).state, item_of(seen).deadline) == ("returned", date(2026, 12, 17))
    seen = rectifications.report(db, asked=ReportRectification(item.id, "已更正"), actor=SECRETARY, at=NOON)
    seen = rectifications.accept(db, asked=AcceptRectification(item.id), actor=OFFICER, at=NOON)
    assert (seen.state, item_of(seen).accepted_on, item_of(seen).returned) == ("mended", TODAY, 1)
    steps = [(step.move, step.state) for step in item_of(seen).steps]
    assert steps == [
        ("begin", "open"),
        ("plan", "open"),
        ("report", "reported"),
        ("return", "returned"),
        ("report", "reported"),
        ("accept", "accepted"),
    ]


def test_each_side_does_its_own_part(db: Connection) -> None:
    seen = an_item(db, a_tree(db))
    item_id = item_of(seen).id
    with pytest.raises(Forbidden):
        a_report(db, seen, secretary=OFFICER)
    a_report(db, seen, secretary=SECRETARY)
    for judge in (SECRETARY, an_actor(("officer", BRANCH)), an_officer("3703.370303")):
        with pytest.raises(Forbidden):
            rectifications.accept(db, asked=AcceptRectification(item_id), actor=judge, at=NOON)


def test_nobody_accepts_their_own_report(db: Connection) -> None:
    both = an_actor(("secretary", "3703.370302"), ("officer", "3703.370302"))
    seen = an_item(db, a_tree(db))
    a_report(db, seen, secretary=both)
    asked = AcceptRectification(item_of(seen).id)
    assert "accept_rectification" not in shown.problem(db, asked=ProblemAsked(seen.id), actor=both, at=NOON).may
    with pytest.raises(rectifications.OwnReport):
        rectifications.accept(db, asked=asked, actor=both, at=NOON)


def test_a_later_day_has_a_reason_and_is_later(db: Connection) -> None:
    seen = an_item(db, a_tree(db))
    item_id = item_of(seen).id
    for day in (TODAY - timedelta(days=1), DEADLINE):
        with pytest.raises(InvalidInput):
            rectifications.extend(db, asked=ExtendRectification(item_id, day, "等材料"), actor=OFFICER, at=NOON)
    later = ExtendRectification(item_id, DEADLINE + timedelta(days=1), "等材料")
    assert item_of(rectifications.extend(db, asked=later, actor=OFFICER, at=NOON)).deadline == later.deadline
    past = OpenRectification(a_problem(db, seen.organisation_id), deadline=TODAY - timedelta(days=1))
    with pytest.raises(InvalidInput):
        rectifications.open_item(db, asked=past, actor=OFFICER, at=NOON)


def test_overdue_is_what_the_day_makes_of_it() -> None:
    owed = {state for state in STATES if is_overdue(state, deadline=TODAY, today=TODAY + timedelta(days=1))}
    assert owed == {"open", "returned"}
    assert not any(is_overdue(state, deadline=TODAY, today=TODAY) for state in STATES)


WAYS = {
    "open": (),
    "reported": ("report",),
    "returned": ("report", "return"),
    "accepted": ("report", "accept"),
    "withdrawn": ("withdraw",),
}
COLUMNS: dict[str, dict[str, Any]] = {
    "report": {"report": "好了", "reported_on": TODAY, "reported_by_id": SECRETARY.person_id},
    "accept": {"accepted_on": TODAY, "accepted_by_id": OFFICER.person_id},
}


@pytest.mark.parametrize(("state", "verb"), list(product(STATES, MOVES)))
def test_each_move(db: Connection, state: str, verb: str) -> None:
    seen = an_item(db, a_tree(db))
    item_id = item_of(seen).id
    plan = PlanRectification(item_id, measures="补记", in_charge="孙组织委员")
    rectifications.plan(db, asked=plan, actor=SECRETARY, at=NOON)

    def go(step: str) -> None:
        rectifications.step_to(db, item_id, step, actor=OFFICER, at=NOON, text="因此", **COLUMNS.get(step, {}))

    for step in WAYS[state]:
        go(step)
    sources, to = MOVES[verb]
    if state in sources:
        go(verb)
        row = shown.row_of(db, seen.id)
        assert row is not None
        assert row.mending_state == to
    else:
        with pytest.raises(rectifications.RectificationNotMovable, match=r".+ cannot be .+"):
            go(verb)


@pytest.mark.parametrize(("state", "to"), list(product(STATES, STATES)))
def test_the_database_itself_knows_the_moves(db: Connection, state: str, to: str) -> None:
    item_id = item_of(an_item(db, a_tree(db))).id
    of = rectifications_.c
    said = {"report": "好了", "reported_on": TODAY, "reported_by_id": uuid4(), "measures": "补记", "in_charge": "孙"}
    db.execute(update(rectifications_).where(of.id == item_id).values(**said))

    def become(new: str) -> None:
        by = {"accepted_on": TODAY, "accepted_by_id": uuid4()} if new == "accepted" else {}
        empty = {"accepted_on": None, "accepted_by_id": None}
        db.execute(update(rectifications_).where(of.id == item_id).values(state=new, **{**empty, **by}))

    becoming = {"open": [], "reported": ["reported"], "returned": ["reported", "returned"]}
    becoming |= {"accepted": ["reported", "accepted"], "withdrawn": ["withdrawn"]}
    for step in becoming[state]:
        become(step)
    allowed = {(source, target) for sources, target in MOVES.values() for source in sources}
    if state == to or (state, to) in allowed:
        become(to)
        return
    with pytest.raises(DBAPIError, match="cannot become"):
        become(to)


def test_what_is_open_is_carried_into_the_next_round_as_one_item(db: Connection) -> None:
    branch, spring, autumn, next_year = a_tree(db), uuid4(), uuid4(), uuid4()
    still = an_item(db, branch, source="round_visit", round_id=spring)
    visit = an_item(db, branch, source="round_visit", source_id=spring, kind="dues")
    done = a_report(db, an_item(db, branch, source="round_visit", round_id=spring), secretary=SECRETARY)
    rectifications.accept(db, asked=AcceptRectification(item_of(done).id), actor=OFFICER, at=NOON)
    an_item(db, branch, source="round_visit", round_id=uuid4())
    assert rectifications.carry_over(db, spring, autumn, at=NOON) == 2
    assert rectifications.carry_over(db, spring, autumn, at=NOON) == 0
    assert rectifications.carry_over(db, spring, next_year, at=NOON) == 0
    closed = a_report(db, visit, secretary=SECRETARY)
    rectifications.accept(db, asked=AcceptRectification(item_of(closed).id), actor=OFFICER, at=NOON)
    assert rectifications.carry_over(db, autumn, next_year, at=NOON) == 1
    seen = shown.problem(db, asked=ProblemAsked(still.id), actor=OFFICER, at=NOON)
    assert [one.source_id for one in item_of(seen).rounds] == [spring, autumn, next_year]
    assert item_of(seen).id == item_of(still).id


def test_a_problem_that_was_none_is_withdrawn_with_its_item(db: Connection) -> None:
    seen = an_item(db, a_tree(db))
    seen = rectifications.withdraw(db, asked=WithdrawProblem(seen.id, "登记到别的支部了"), actor=OFFICER, at=NOON)
    assert (seen.state, item_of(seen).state, seen.steps[-1].reason) == (
        "withdrawn",
        "withdrawn",
        "登记到别的支部了",
    )


# ---- races -------------------------------------------------------------------------------------------------------


def alone(database: Engine, act: Callable[..., Any], **given: Any) -> Any:
    with database.begin() as db:
        return act(db, at=NOON, **given)


@pytest.fixture
def reported(database: Engine) -> ProblemView:
    with database.begin() as db:
        return a_report(db, an_item(db, a_tree(db)), secretary=SECRETARY)


def test_of_many_who_accept_and_return_at_once_one_decides(database: Engine, reported: ProblemView) -> None:
    item_id = item_of(reported).id
    accept = partial(alone, database, rectifications.accept, asked=AcceptRectification(item_id), actor=OFFICER)
    back = ReturnRectification(item_id, "证据不足")
    give_back = partial(alone, database, rectifications.give_back, asked=back, actor=an_officer())
    told = Counter(one if isinstance(one, str) else "decided" for one in at_once([accept, give_back] * 3))
    assert told == {"decided": 1, "rectification-not-movable": 5}
    with database.connect() as db:
        seen = shown.problem(db, asked=ProblemAsked(reported.id), actor=OFFICER, at=NOON)
    assert (seen.state, item_of(seen).state) in {("mended", "accepted"), ("mending", "returned")}
    assert len(item_of(seen).steps) == 4


def test_a_round_that_is_carried_over_twice_at_once_is_carried_once(database: Engine) -> None:
    spring, autumn = uuid4(), uuid4()
    with database.begin() as db:
        seen = an_item(db, a_tree(db), source="round_visit", round_id=spring)
    carry = partial(alone, database, rectifications.carry_over, from_source=spring, to_source=autumn)
    assert sorted(at_once([carry] * 3)) == [0, 0, 1]
    with database.connect() as db:
        rounds = item_of(shown.problem(db, asked=ProblemAsked(seen.id), actor=OFFICER, at=NOON)).rounds
    assert [one.source_id for one in rounds] == [spring, autumn]
