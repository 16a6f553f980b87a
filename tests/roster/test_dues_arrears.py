"""Arrears of dues, reminders, sums over the tree."""

from contracts.roster.dues_arrears import DuesArrearsAsked, NoteDuesArrears, RemindDues
from contracts.roster.dues_sums import DuesRollupAsked
from roster.operations import dues_payments
from roster.queries import dues as asked_of
from roster.queries import dues_arrears, dues_sums
from sqlalchemy import Connection

from tests.articles import NOON, an_actor
from tests.roster.dues import a_payer, pay, reckon
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import an_administrator


class TestArrears:
    def test_six_months_in_a_row_are_marked_until_a_reason_is_accepted(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town)
        person, other = a_payer(db, branch=branch, name="甲"), a_payer(db, branch=branch, name="乙")
        keeper = an_administrator(db, branch)
        months = [f"2026-{number:02}" for number in range(5, 12)]
        reckon(db, branch, *months)
        pay(db, branch, (other, "2026-08", 4_000))
        asked = DuesArrearsAsked(branch)
        found = {row.name: row for row in dues_arrears.arrears(db, asked, actor=keeper, at=NOON).items}
        assert {name: (row.months, row.in_a_row, row.is_marked) for name, row in found.items()} == {
            "甲": (6, 6, True),  # November is not over
            "乙": (5, 3, False),
        }
        officer = an_actor(("officer", path_of(db, town)))
        above = dues_sums.rollup(db, DuesRollupAsked(town, "2026-11"), actor=officer, at=NOON)
        assert (above.total.members_in_arrears, above.total.members_marked) == (2, 1)
        assert above.total.arrears_fen == 11 * 4_000
        assert dues_payments.remind(db, asked=RemindDues(branch), actor=keeper, at=NOON).reminded == 2
        assert dues_payments.remind(db, asked=RemindDues(branch), actor=keeper, at=NOON).reminded == 0
        mine = asked_of.own(db, actor=an_actor(("member", path_of(db, branch)), person=person), at=NOON)
        assert (mine.dues.reminders[0].months, mine.dues.is_marked, mine.bases[0].amount_fen) == (6, True, 400_000)
        noted = dues_payments.note(db, asked=NoteDuesArrears(person, False, "已谈话"), actor=keeper, at=NOON)
        assert noted.is_marked
        noted = dues_payments.note(db, asked=NoteDuesArrears(person, True, "住院治疗"), actor=keeper, at=NOON)
        assert not noted.is_marked
        marked = DuesArrearsAsked(branch, marked=True)
        assert dues_arrears.arrears(db, marked, actor=keeper, at=NOON).items == []

    def test_pages_go_on_where_the_last_one_ended(self, db: Connection):
        branch = a_branch(db)
        for name in "甲乙丙":
            a_payer(db, branch=branch, name=name)
        reckon(db, branch, "2026-10")
        keeper, names, cursor = an_administrator(db, branch), [], None
        while True:
            page = dues_arrears.arrears(db, DuesArrearsAsked(branch, limit=2, cursor=cursor), actor=keeper, at=NOON)
            names += [row.name for row in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert sorted(names) == sorted("甲乙丙")
