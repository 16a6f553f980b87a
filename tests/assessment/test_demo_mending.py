"""The demonstration shows a problem in each state and a card of each colour, and loads them once."""

from assessment.queries import cards, problems
from contracts.assessment.cards import CardBoardAsked
from contracts.assessment.problems import ProblemsAsked
from demo import mending
from demo.organisations import CITY, ZICHUAN
from sqlalchemy import Connection

from tests.assessment.articles import NOON, a_branch
from tests.assessment.mending import an_officer


def test_the_demonstration_loads_its_problems_once(db: Connection) -> None:
    district = a_branch(db, path=f"{CITY}.{ZICHUAN}", name="淄川区委", kind="committee")
    for number in range(len(mending.STORIES)):
        path = f"{CITY}.{ZICHUAN}.t{number}"
        town = a_branch(db, path=path, name=f"第{number}镇", kind="committee", parent_id=district)
        a_branch(db, path=f"{path}.b{number}", parent_id=town)
    assert mending.load(db, at=NOON) == len(mending.STORIES)
    assert mending.load(db, at=NOON) == 0
    officer = an_officer(f"{CITY}.{ZICHUAN}")
    found = problems.problems_asked(db, asked=ProblemsAsked(limit=100), actor=officer, at=NOON).items
    states = {one.rectification.state if one.rectification else one.state for one in found}
    assert states == {"open", "reported", "returned", "accepted"}
    assert sum(one.rectification is not None and one.rectification.is_overdue for one in found) >= 1
    board = cards.board(db, asked=CardBoardAsked(), actor=officer, at=NOON)
    assert (board.yellow, board.orange, board.red) == (1, 1, 1)
