"""Whatever officers, secretaries and time do in whatever sequence: problem, item, card and the year's cap agree."""

from datetime import timedelta
from typing import Any

import pytest
from assessment.operations import cards, rectifications
from assessment.queries import cards as shown
from assessment.queries import problems as register
from chassis.refusals import Refusal
from contracts.assessment.cards import (
    CardAsked,
    ClearCard,
    DecideCardObjection,
    EscalateCard,
    FulfilCardConsequence,
    GiveCard,
    ObjectToCard,
    StepCardDown,
)
from contracts.assessment.problems import ProblemAsked, WithdrawProblem
from contracts.assessment.rectifications import (
    AcceptRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, Engine

from tests.assessment.articles import NOON, an_actor
from tests.assessment.mending import SECRETARY, TOWN, a_problem, a_tree, an_officer
from tests.assessment.test_cards import highest

OFFICERS = (an_officer(), an_officer())
SUPERIOR = an_actor(("secretary", TOWN))
GROUND = {"yellow": "perfunctory", "orange": "refused"}
RANKS = {None: 0, "yellow": 1, "orange": 2, "red": 3}


class Mending(RuleBasedStateMachine):
    """One problem of one organisation; each refusal is a savepoint that is rolled back."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.db: Connection = self.connection
        self.branch = a_tree(self.db)
        self.problem_id = a_problem(self.db, self.branch, source="superior_inspection")
        self.at = NOON
        self.reached = 0

    def teardown(self) -> None:
        self.transaction.rollback()
        self.connection.close()

    @property
    def problem(self) -> Any:
        return register.problem(self.db, asked=ProblemAsked(self.problem_id), actor=OFFICERS[0], at=self.at)

    @property
    def card(self) -> Any:
        card_id = self.problem.card_id
        return card_id and shown.card(self.db, asked=CardAsked(card_id), actor=OFFICERS[0], at=self.at)

    def does(self, act: Any, asked: Any, actor: Any) -> bool:
        try:
            with self.db.begin_nested():
                act(self.db, asked=asked, actor=actor, at=self.at)
        except Refusal:
            return False
        return True

    @rule(days=st.integers(1, 9))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule()
    def open_item(self) -> None:
        asked = OpenRectification(self.problem_id, deadline=(self.at + timedelta(days=9)).date())
        was = self.problem.state
        assert self.does(rectifications.open_item, asked, OFFICERS[0]) == (was == "open")

    @rule(verb=st.sampled_from(["plan", "report", "accept", "return"]))
    def mend(self, verb: str) -> None:
        item = self.problem.rectification
        if item is None:
            return
        acts: dict[str, Any] = {
            "plan": (rectifications.plan, PlanRectification(item.id, "补记", "孙"), SECRETARY, {"open", "returned"}),
            "report": (rectifications.report, ReportRectification(item.id, "好了"), SECRETARY, {"open", "returned"}),
            "accept": (rectifications.accept, AcceptRectification(item.id), OFFICERS[0], {"reported"}),
            "return": (rectifications.give_back, ReturnRectification(item.id, "再改"), OFFICERS[1], {"reported"}),
        }
        act, asked, actor, states = acts[verb]
        planned = verb != "report" or item.measures is not None
        assert self.does(act, asked, actor) == (item.state in states and planned)

    @rule()
    def withdraw(self) -> None:
        before = self.problem
        done = self.does(rectifications.withdraw, WithdrawProblem(self.problem_id, "弄错了"), OFFICERS[0])
        assert done == (before.card_id is None and before.state in ("open", "mending"))

    @rule(colour=st.sampled_from(["yellow", "red"]))
    def give(self, colour: str) -> None:
        before = self.problem
        ground = "lagging" if colour == "yellow" else "superior_finding"
        asked = GiveCard(self.problem_id, ground=ground, text="督查发现", colour=colour, secretary_name="周书记")
        done = self.does(cards.give, asked, OFFICERS[0])
        assert done == (before.card_id is None and before.state in ("open", "mending"))
        if done:
            self.reached = RANKS[colour]

    @rule(colour=st.sampled_from(["yellow", "orange"]))
    def escalate(self, colour: str) -> None:
        before = self.card
        if before is None:
            return
        asked = EscalateCard(before.id, colour=colour, ground=GROUND[colour], text="回头看")
        done = self.does(cards.escalate, asked, OFFICERS[0])
        assert done == (before.state == "standing" and before.colour == colour and not before.is_objected)
        if done:
            self.reached = max(self.reached, RANKS[colour] + 1)
            assert self.problem.rectification.state in ("open", "returned")

    @rule()
    def fulfil(self) -> None:
        before = self.card
        due = [one for one in before.consequences if one.state == "due"] if before else []
        if due:
            actor = SECRETARY if due[0].kind == "mending_report" else SUPERIOR
            asked = FulfilCardConsequence(due[0].id, done_on=self.at.date(), proof="9号文")
            assert self.does(cards.fulfil, asked, actor)

    @rule(verb=st.sampled_from(["step_down", "clear"]))
    def take_back(self, verb: str) -> None:
        before = self.card
        if before is None:
            return
        may = before.state == "standing" and before.due == 0 and not before.is_objected
        if verb == "clear":
            done = self.does(cards.clear, ClearCard(before.id, "销号"), OFFICERS[1])
            assert done == (may and before.problem.rectification.state == "accepted")
        elif before.colour != "yellow":
            asked = StepCardDown(before.id, colour=before.colour, text="见成效")
            assert self.does(cards.step_down, asked, OFFICERS[1]) == may

    @rule(decision=st.sampled_from(["upheld", "rejected"]))
    def object(self, decision: str) -> None:
        before = self.card
        if before is None or not self.does(cards.object_to, ObjectToCard(before.id, "不属实"), SECRETARY):
            return
        asked = DecideCardObjection(before.id, decision, "核实")
        assert not self.does(cards.decide, asked, OFFICERS[0])
        assert self.does(cards.decide, asked, OFFICERS[1])
        if decision == "upheld":
            self.reached = RANKS[self.card.highest] if self.card.state != "lifted" else 0

    @invariant()
    def all_agree(self) -> None:
        problem, card = self.problem, self.card
        states = {"open": {None}, "mended": {"accepted"}, "withdrawn": {None, "withdrawn"}}
        states["mending"] = {"open", "reported", "returned"}
        assert (problem.rectification and problem.rectification.state) in states[problem.state]
        if card is not None:
            assert card.state == "lifted" or RANKS[card.colour] <= RANKS[card.highest]
            assert card.state != "cleared" or (problem.state == "mended" and card.due == 0)
            assert [step.version for step in card.steps] == list(range(1, len(card.steps) + 1))
        assert max(map(RANKS.__getitem__, highest(self.db, self.branch).values()), default=0) == self.reached


@pytest.fixture
def machine(shared_engine: Engine) -> type[Mending]:
    return type("MendingOn", (Mending,), {"engine": shared_engine})


def test_problem_item_card_and_cap_agree(machine: type[Mending]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
