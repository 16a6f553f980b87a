"""What the tests of problems, rectification and cards are about."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from assessment.operations import cards, problems, rectifications
from chassis.actors import Actor
from contracts.assessment.cards import CardView, EscalateCard, FulfilCardConsequence, GiveCard
from contracts.assessment.problems import ProblemView
from contracts.assessment.rectifications import OpenRectification, PlanRectification, ReportRectification
from sqlalchemy import Connection

from tests import articles
from tests.assessment.articles import NOON, a_branch, an_actor

TOWN = "3703.370302.t1"
BRANCH = f"{TOWN}.b1"
TODAY = date(2026, 11, 12)
DEADLINE = date(2026, 12, 12)


def an_officer(path: str = "3703.370302") -> Actor:
    return articles.an_actor(("officer", path), name="张科长", at=NOON)


def a_tree(db: Connection) -> UUID:
    """A branch below its town; returns the branch."""
    district = a_branch(db, path="3703.370302", name="淄川区委", kind="committee")
    town = a_branch(db, path=TOWN, name="洪山镇党委", kind="committee", parent_id=district)
    return a_branch(db, path=BRANCH, parent_id=town)


def a_problem(db: Connection, organisation_id: UUID, **state: Any) -> UUID:
    whole: dict[str, Any] = {
        "kind": "records",
        "text": "“三会一课”记录不全，三次党小组会没有记录",
        "found_on": TODAY,
        "source": "spot_check",
        "source_id": uuid4(),
        "at": NOON,
    }
    return problems.register(db, organisation_id=organisation_id, **{**whole, **state})


def an_item(db: Connection, organisation_id: UUID, *, officer: Actor | None = None, **state: Any) -> ProblemView:
    """A problem that is to be mended."""
    asked = OpenRectification(a_problem(db, organisation_id, **state), deadline=DEADLINE)
    return rectifications.open_item(db, asked=asked, actor=officer or an_officer(), at=NOON)


def a_report(db: Connection, seen: ProblemView, *, secretary: Actor, at: datetime = NOON) -> ProblemView:
    """What its organisation reports of an item, planned before."""
    assert seen.rectification is not None
    item_id = seen.rectification.id
    plan = PlanRectification(item_id, measures="补记三次会议，指定专人记录", in_charge="孙组织委员")
    rectifications.plan(db, asked=plan, actor=secretary, at=at)
    return rectifications.report(db, asked=ReportRectification(item_id, text="已补记并核对"), actor=secretary, at=at)


SECRETARY = an_actor(("secretary", BRANCH))


def a_card(db: Connection, problem_id: UUID, *, officer: Actor | None = None, **how: Any) -> CardView:
    """A yellow card for a problem, unless told otherwise."""
    whole: dict[str, Any] = {"ground": "general_problem", "text": "首次督查发现", "secretary_name": "周书记"}
    asked = GiveCard(problem_id, **{**whole, **how})
    return cards.give(db, asked=asked, actor=officer or an_officer(), at=how.pop("at", NOON))


def raised(
    db: Connection, seen: CardView, *, ground: str, at: datetime = NOON, officer: Actor | None = None
) -> CardView:
    """The card, one colour higher."""
    asked = EscalateCard(seen.id, colour=seen.colour, ground=ground, text="回头看发现敷衍整改")
    return cards.escalate(db, asked=asked, actor=officer or an_officer(), at=at)


def all_done(db: Connection, seen: CardView, *, superior: Actor, secretary: Actor, on: date = TODAY) -> CardView:
    """The card with everything done that follows from it."""
    for one in seen.consequences:
        if one.state == "due":
            actor = secretary if one.kind == "mending_report" else superior
            asked = FulfilCardConsequence(one.id, done_on=on, proof="洪组〔2026〕9号")
            seen = cards.fulfil(db, asked=asked, actor=actor, at=NOON)
    return seen
