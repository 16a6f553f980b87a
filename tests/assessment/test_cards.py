"""Cards: given, raised, taken back, objected to; what follows from them; what a year is capped by; races."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.cards import ABOVE, BELOW, COLOURS, CONSEQUENCES, GROUNDS
from assessment.operations import cards, rectifications
from assessment.queries import cards as shown
from assessment.tables.cards import card_years
from assessment.tables.cards import cards as cards_
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.cards import (
    CardAsked,
    CardBoardAsked,
    CardsAsked,
    CardView,
    ClearCard,
    DecideCardObjection,
    EscalateCard,
    FulfilCardConsequence,
    GiveCard,
    ObjectToCard,
    StepCardDown,
)
from contracts.assessment.problems import WithdrawProblem
from contracts.assessment.rectifications import AcceptRectification, ReturnRectification
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, an_actor, at
from tests.assessment.mending import (
    BRANCH,
    SECRETARY,
    TODAY,
    TOWN,
    a_card,
    a_problem,
    a_report,
    a_tree,
    all_done,
    an_item,
    an_officer,
    raised,
)
from tests.races import at_once

OFFICER = an_officer()
OTHER_OFFICER = an_officer()
SUPERIOR = an_actor(("secretary", TOWN))


def highest(db: Connection, organisation_id: UUID) -> dict[int, str]:
    of = card_years.c
    rows = db.execute(select(of.year, of.highest).where(of.organisation_id == organisation_id))
    return {row.year: row.highest for row in rows}


def mended(db: Connection, seen: CardView) -> CardView:
    """The card when its problem's rectification has been accepted."""
    assert seen.problem is not None
    assert seen.problem.rectification is not None
    a_report(db, seen.problem, secretary=SECRETARY)
    asked = AcceptRectification(seen.problem.rectification.id)
    rectifications.accept(db, asked=asked, actor=OFFICER, at=NOON)
    return shown.card(db, asked=CardAsked(seen.id), actor=OFFICER, at=NOON)


def test_a_yellow_card_gives_thirty_days_and_names_who_leads_that_day(db: Connection) -> None:
    branch = a_tree(db)
    with pytest.raises(InvalidInput) as told:
        a_card(db, a_problem(db, branch), secretary_name=None, ground="rebound")
    assert set(told.value.errors) == {"secretary_name", "ground"}
    seen = a_card(db, a_problem(db, branch))
    assert (seen.colour, seen.deadline, seen.secretary_name) == ("yellow", date(2026, 12, 12), "周书记")
    assert seen.review_cap is None
    assert seen.problem is not None
    assert seen.problem.rectification is not None
    assert seen.problem.rectification.deadline == seen.deadline
    assert [one.what for one in seen.way_back if not one.is_done] == ["planned", "reported", "accepted", "cleared"]
    with pytest.raises(cards.CardGiven):
        a_card(db, seen.problem_id)


def test_only_a_superiors_finding_begins_at_red(db: Connection) -> None:
    branch = a_tree(db)
    red: dict[str, Any] = {"colour": "red", "ground": "superior_finding"}
    with pytest.raises(cards.CardOnlyFromSuperior):
        a_card(db, a_problem(db, branch), **red)
    seen = a_card(db, a_problem(db, branch, source="superior_inspection"), **red, is_grave=True)
    assert (seen.colour, seen.review_cap) == ("red", "fair")
    assert {one.kind for one in seen.consequences} == {one.kind for one in CONSEQUENCES["red"]} | {"removal"}
    forged = {**db.execute(select(cards_).where(cards_.c.id == seen.id)).one()._mapping}
    forged |= {"id": uuid4(), "problem_id": a_problem(db, branch)}
    with pytest.raises(DBAPIError, match="cards_problem_id_fkey"), db.begin_nested():
        db.execute(insert(cards_).values(**forged))
    with pytest.raises(DBAPIError, match="cards_first_colour"), db.begin_nested():
        db.execute(insert(cards_).values(**{**forged, "source": "spot_check"}))


def test_a_card_goes_up_with_what_follows_and_all_the_way_back(db: Connection) -> None:
    branch = a_tree(db)
    seen = mended(db, a_card(db, a_problem(db, branch)))
    seen = raised(db, seen, ground="rebound")
    assert (seen.colour, seen.review_cap, seen.deadline) == ("orange", "fairly_good", date(2026, 11, 27))
    assert seen.problem is not None
    assert seen.problem.rectification is not None
    assert (seen.problem.state, seen.problem.rectification.state) == ("mending", "open")
    assert seen.problem.rectification.deadline == seen.deadline
    seen = raised(db, seen, ground="false_mending")
    assert (seen.colour, seen.review_cap) == ("red", "fair")
    again = EscalateCard(seen.id, colour="orange", ground="refused", text="拒不整改")
    with pytest.raises(cards.CardNotMovable):
        cards.escalate(db, asked=again, actor=OFFICER, at=NOON)
    down = StepCardDown(seen.id, colour="red", text="县委组织部复查，已见成效")
    with pytest.raises(cards.ConsequencesDue, match=r"^6 "):
        cards.step_down(db, asked=down, actor=OFFICER, at=NOON)
    seen = all_done(db, seen, superior=SUPERIOR, secretary=SECRETARY)
    seen = cards.step_down(db, asked=down, actor=OFFICER, at=NOON)
    assert (seen.colour, seen.highest, seen.review_cap) == ("orange", "red", "fair")
    with pytest.raises(cards.NotMended):
        cards.clear(db, asked=ClearCard(seen.id, "销号"), actor=OFFICER, at=NOON)
    seen = cards.clear(db, asked=ClearCard(mended(db, seen).id, "销号"), actor=OFFICER, at=NOON)
    assert (seen.state, seen.ended_on, seen.way_back) == ("cleared", TODAY, [])
    assert highest(db, branch) == {2026: "red"}
    assert [step.move for step in seen.steps] == ["give", "escalate", "escalate", "step_down", "clear"]


def test_the_database_clears_no_card_whose_problem_is_not_mended(db: Connection) -> None:
    seen = a_card(db, a_problem(db, a_tree(db)))
    with pytest.raises(DBAPIError, match="is cleared when"):
        db.execute(update(cards_).where(cards_.c.id == seen.id).values(state="cleared", ended_on=TODAY))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("to", COLOURS)
def test_the_database_moves_a_card_by_one_colour(db: Connection, colour: str, to: str) -> None:
    source = "superior_inspection" if colour == "red" else "spot_check"
    how = {"colour": "red", "ground": "superior_finding"} if colour == "red" else {}
    seen = a_card(db, a_problem(db, a_tree(db), source=source), **how)
    if colour == "orange":
        seen = raised(db, seen, ground="perfunctory")
    become = update(cards_).where(cards_.c.id == seen.id).values(colour=to)
    if to in (colour, ABOVE.get(colour), BELOW.get(colour)):
        assert db.execute(become).rowcount == 1
    else:
        with pytest.raises(DBAPIError, match="cannot become"):
            db.execute(become)


def test_each_consequence_has_its_day_and_its_own_side(db: Connection) -> None:
    seen = raised(db, a_card(db, a_problem(db, a_tree(db))), ground="perfunctory")
    due = {one.kind: one for one in seen.consequences}
    assert due["review_cap"].state == "in_force"
    assert due["superior_talk"].due_on == TODAY + timedelta(days=10)
    assert due["mending_report"].due_on == TODAY + timedelta(days=30)
    talk = FulfilCardConsequence(due["superior_talk"].id, done_on=TODAY, proof="11月12日约谈")
    with pytest.raises(Forbidden):
        cards.fulfil(db, asked=talk, actor=SECRETARY, at=NOON)
    early = FulfilCardConsequence(talk.consequence_id, done_on=TODAY - timedelta(days=1), proof="昨天")
    with pytest.raises(InvalidInput):
        cards.fulfil(db, asked=early, actor=SUPERIOR, at=NOON)
    seen = cards.fulfil(db, asked=talk, actor=SUPERIOR, at=NOON)
    with pytest.raises(cards.ConsequenceNotDue):
        cards.fulfil(db, asked=talk, actor=SUPERIOR, at=NOON)
    report = FulfilCardConsequence(due["mending_report"].id, done_on=TODAY, proof="书面整改报告已备案")
    seen = cards.fulfil(db, asked=report, actor=SECRETARY, at=NOON)
    assert seen.due == 0
    capped = FulfilCardConsequence(due["review_cap"].id, done_on=TODAY, proof="不算了")
    with pytest.raises(cards.ConsequenceNotDue):
        cards.fulfil(db, asked=capped, actor=SUPERIOR, at=NOON)


def test_an_objection_is_decided_by_another_person_and_undoes_its_step(db: Connection) -> None:
    branch = a_tree(db)
    seen = raised(db, a_card(db, a_problem(db, branch)), ground="perfunctory", officer=OFFICER)
    seen = cards.object_to(db, asked=ObjectToCard(seen.id, "整改材料已按期上报"), actor=SECRETARY, at=NOON)
    assert seen.is_objected
    with pytest.raises(cards.ObjectionMade):
        cards.object_to(db, asked=ObjectToCard(seen.id, "再说一次"), actor=SECRETARY, at=NOON)
    with pytest.raises(cards.CardObjected):
        raised(db, seen, ground="refused")
    upheld = DecideCardObjection(seen.id, "upheld", "核实后属实")
    with pytest.raises(cards.OwnStep):
        cards.decide(db, asked=upheld, actor=OFFICER, at=NOON)
    with pytest.raises(Forbidden):
        cards.decide(db, asked=upheld, actor=an_actor(("officer", BRANCH)), at=NOON)
    seen = cards.decide(db, asked=upheld, actor=OTHER_OFFICER, at=NOON)
    assert (seen.colour, seen.highest, seen.state, seen.deadline) == (
        "yellow",
        "yellow",
        "standing",
        date(2026, 12, 12),
    )
    assert [one.state for one in seen.consequences] == ["void"] * 3
    assert highest(db, branch) == {2026: "yellow"}
    seen = cards.object_to(db, asked=ObjectToCard(seen.id, "不是本支部的问题"), actor=SECRETARY, at=NOON)
    seen = cards.decide(db, asked=DecideCardObjection(seen.id, "upheld", "属实"), actor=OTHER_OFFICER, at=NOON)
    assert (seen.state, seen.review_cap) == ("lifted", None)
    assert highest(db, branch) == {}


def test_an_objection_comes_within_its_days(db: Connection) -> None:
    seen = a_card(db, a_problem(db, a_tree(db)))
    assert seen.object_until == TODAY + timedelta(days=5)
    with pytest.raises(cards.ObjectionLate, match="2026-11-17"):
        cards.object_to(db, asked=ObjectToCard(seen.id, "不服"), actor=SECRETARY, at=at(11, 18))
    seen = cards.object_to(db, asked=ObjectToCard(seen.id, "不服"), actor=SECRETARY, at=at(11, 17))
    rejected = DecideCardObjection(seen.id, "rejected", "事实清楚")
    seen = cards.decide(db, asked=rejected, actor=OTHER_OFFICER, at=at(11, 18))
    assert (seen.colour, seen.state, seen.objections[0].decision) == ("yellow", "standing", "rejected")


def test_a_year_is_capped_by_its_highest_card_even_if_cleared(db: Connection) -> None:
    branch = a_tree(db)
    cleared = mended(db, a_card(db, a_problem(db, branch)))
    cards.clear(db, asked=ClearCard(cleared.id, "已整改"), actor=OFFICER, at=NOON)
    assert highest(db, branch) == {2026: "yellow"}
    seen = a_card(db, a_problem(db, branch))
    raised(db, seen, ground="weak_progress", at=at(1, 10, year=2027))
    assert highest(db, branch) == {2026: "yellow", 2027: "orange"}


def test_the_board_counts_what_stands(db: Connection) -> None:
    branch = a_tree(db)
    raised(db, a_card(db, a_problem(db, branch)), ground="perfunctory")
    a_card(db, a_problem(db, branch))
    told = shown.board(db, asked=CardBoardAsked(), actor=OFFICER, at=at(11, 25))
    assert (told.yellow, told.orange, told.red, told.overdue, told.capped_below_good) == (1, 1, 0, 1, 1)
    assert [(part.name, part.yellow, part.orange) for part in told.parts] == [("洪山镇党委", 1, 1)]
    page = shown.cards_asked(db, asked=CardsAsked(state="overdue"), actor=OFFICER, at=at(11, 25))
    assert [one.colour for one in page.items] == ["orange"]
    page = shown.cards_asked(db, asked=CardsAsked(colour="yellow", year=2026), actor=OFFICER, at=NOON)
    assert [one.colour for one in page.items] == ["yellow"]


def test_a_problem_with_a_card_is_not_withdrawn(db: Connection) -> None:
    seen = a_card(db, a_problem(db, a_tree(db)))
    with pytest.raises(rectifications.ProblemHasCard):
        rectifications.withdraw(db, asked=WithdrawProblem(seen.problem_id, "弄错了"), actor=OFFICER, at=NOON)


# ---- races -------------------------------------------------------------------------------------------------------


def alone(database: Engine, act: Callable[..., Any], **given: Any) -> Any:
    with database.begin() as db:
        return act(db, at=NOON, **given)


def outcomes(acts: list[Callable[[], Any]]) -> Counter[str]:
    return Counter(one if isinstance(one, str) else "done" for one in at_once(acts))


def test_of_many_who_give_a_card_at_once_one_gives_it(database: Engine) -> None:
    with database.begin() as db:
        problem_id = a_problem(db, a_tree(db))
    asked = GiveCard(problem_id, ground="lagging", text="滞后", secretary_name="周书记")
    give = partial(alone, database, cards.give, asked=asked, actor=OFFICER)
    assert outcomes([give] * 4) == {"done": 1, "card-given": 3}


def test_of_many_who_raise_a_card_at_once_one_raises_it(database: Engine) -> None:
    with database.begin() as db:
        seen = a_card(db, a_problem(db, a_tree(db)))
    asked = EscalateCard(seen.id, colour="yellow", ground="perfunctory", text="敷衍")
    escalate = partial(alone, database, cards.escalate, asked=asked, actor=OFFICER)
    assert outcomes([escalate] * 4) == {"done": 1, "card-not-movable": 3}
    with database.connect() as db:
        seen = shown.card(db, asked=CardAsked(seen.id), actor=OFFICER, at=NOON)
    assert (seen.colour, len(seen.consequences)) == ("orange", 3)


def test_acceptance_return_escalation_and_clearing_wait_for_each_other(database: Engine) -> None:
    with database.begin() as db:
        seen = a_card(db, a_problem(db, a_tree(db)))
        assert seen.problem is not None
        assert seen.problem.rectification is not None
        item_id = seen.problem.rectification.id
        a_report(db, seen.problem, secretary=SECRETARY)
    raise_it = EscalateCard(seen.id, colour="yellow", ground="perfunctory", text="敷衍")
    acts = [
        partial(alone, database, rectifications.accept, asked=AcceptRectification(item_id), actor=OFFICER),
        partial(alone, database, rectifications.give_back, asked=ReturnRectification(item_id, "假"), actor=OFFICER),
        partial(alone, database, cards.escalate, asked=raise_it, actor=OFFICER),
        partial(alone, database, cards.clear, asked=ClearCard(seen.id, "销号"), actor=OFFICER),
    ]
    told = outcomes(acts)
    assert set(told) <= {"done", "rectification-not-movable", "card-not-movable", "not-mended", "consequences-due"}
    with database.connect() as db:
        seen = shown.card(db, asked=CardAsked(seen.id), actor=OFFICER, at=NOON)
    assert seen.problem is not None
    assert seen.problem.rectification is not None
    # Whatever came first: a cleared card's problem is mended, a raised card's is to be mended anew.
    if seen.state == "cleared":
        assert (seen.colour, seen.problem.state, seen.problem.rectification.state) == ("yellow", "mended", "accepted")
    else:
        assert seen.colour == "orange"
        assert (seen.problem.state == "mended") == (seen.problem.rectification.state == "accepted")


def test_the_grounds_of_each_colour_are_the_policys() -> None:
    assert set(GROUNDS) == set(COLOURS)
    assert len({ground for grounds in GROUNDS.values() for ground in grounds}) == 10


def test_a_card_of_an_item_that_was_opened_before_keeps_it(db: Connection) -> None:
    seen = an_item(db, a_tree(db))
    card = a_card(db, seen.id)
    assert card.problem is not None
    assert card.problem.rectification is not None
    assert seen.rectification is not None
    assert card.problem.rectification.id == seen.rectification.id
