"""Months of dues: reckoned once, corrected, shown."""

from datetime import date, timedelta

import pytest
from contracts.roster.dues import CorrectDues
from contracts.roster.dues_bases import EndDuesRelief, GrantDuesRelief, SetDuesBase
from contracts.roster.members import ChangeState, EndMembership
from roster.domain import dues as rules
from roster.operations import dues, member_records, members
from sqlalchemy import Connection

from tests.articles import NOON, an_actor
from tests.roster.dues import a_payer, close, month_of, pay, reckon
from tests.roster.factories import a_branch, path_of
from tests.roster.registers import a_registered, an_administrator


class TestReckoning:
    def test_once_for_whoever_stands_here_on_the_first(self, db: Connection):
        branch, other = a_branch(db), a_branch(db)
        keeper = an_administrator(db, branch)
        stays, moves, leaves, floats, lost, exempt, reduced = (a_payer(db, branch=branch) for _ in range(7))
        without = a_registered(db, branch=branch, name="无基数")
        late = a_payer(db, branch=branch, since=date(2026, 11, 2))
        on_time = a_payer(db, branch=branch, since=date(2026, 11, 1))
        for person, state in ((floats, "floating"), (lost, "lost")):
            form = ChangeState(person, state, date(2026, 10, 20), "外出务工")
            member_records.change_state(db, asked=form, actor=keeper, at=NOON)
        secretary = an_actor(("secretary", path_of(db, branch)))
        form = EndMembership(leaves, "deceased", date(2026, 10, 31), "病故")
        member_records.end(db, asked=form, actor=secretary, at=NOON)
        members.transfer(db, moves, branch_id=other, at=NOON)
        for person, fen in ((exempt, 0), (reduced, 150)):
            form = GrantDuesRelief(person, fen, "2026-11", "2027-01", date(2026, 10, 30), "批复1号", "家庭困难")
            dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        (first,) = reckon(db, branch, "2026-11")
        owed = {line.person_id: line.due_fen for line in month_of(db, branch, "2026-11").lines}
        assert owed == {stays: 4_000, moves: 4_000, floats: 4_000, reduced: 150, on_time: 4_000}
        assert (first.members, first.due_fen) == (5, 16_150)
        why = {one.person_id: one.why for one in month_of(db, branch, "2026-11").not_owing}
        assert why == {lost: "lost", exempt: "exempt", without: "no_base"}
        assert reckon(db, branch, "2026-11")[0].members == 0
        assert reckon(db, other, "2026-11")[0].members == 0  # who moved pays where they stood on the first
        assert late not in owed

    def test_who_is_entered_later_is_reckoned_by_hand_until_the_month_closes(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch)
        reckon(db, branch, "2026-10")
        a_payer(db, branch=branch)
        assert reckon(db, branch, "2026-10")[0].members == 1
        close(db, branch, "2026-10")
        with pytest.raises(rules.DuesMonthClosed):
            reckon(db, branch, "2026-10")
        with pytest.raises(rules.DuesMonthAhead):
            reckon(db, branch, "2026-12")

    def test_the_timer_takes_every_branch_once_a_month(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch)
        while dues.assess_due(db, at=NOON, part=100):
            pass
        assert len(month_of(db, branch, "2026-11").lines) == 1
        assert dues.assess_due(db, at=NOON) == 0
        assert dues.assess_due(db, at=NOON + timedelta(days=30)) > 0

    def test_only_a_correction_with_its_reason_changes_it(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        keeper = an_administrator(db, branch)
        reckon(db, branch, "2026-11")
        form = SetDuesBase(person, "wage", 300_000, "2026-11")
        dues.set_base(db, asked=form, actor=keeper, at=NOON)
        reckon(db, branch, "2026-11")
        assert month_of(db, branch, "2026-11").lines[0].due_fen == 4_000
        right = CorrectDues(person, "2026-11", 4_000, 1_500, "工资调整后重新核定")
        changed = dues.correct(db, asked=right, actor=keeper, at=NOON)
        assert (changed.months[0].due_fen, changed.corrections[0].reason) == (1_500, "工资调整后重新核定")
        with pytest.raises(rules.DuesCorrectedAlready):
            dues.correct(db, asked=right, actor=keeper, at=NOON)
        pay(db, branch, (person, "2026-11", 1_500))
        with pytest.raises(rules.DuesCorrectedAlready):
            dues.correct(db, asked=CorrectDues(person, "2026-11", 1_500, 0, "x"), actor=keeper, at=NOON)

    def test_a_relief_is_for_its_months_alone(self, db: Connection):
        branch = a_branch(db)
        person, keeper = a_payer(db, branch=branch), an_administrator(db, branch)
        form = GrantDuesRelief(person, 0, "2026-08", "2026-11", date(2026, 7, 30), "批复1号", "患病")
        relief = dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        with pytest.raises(rules.ReliefAlready):
            dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        ended = dues.end_relief(db, asked=EndDuesRelief(relief.id, "2026-10", "痊愈"), actor=keeper, at=NOON)
        assert ended.ended_because == "痊愈"
        assert [row.members for row in reckon(db, branch, "2026-07", "2026-08", "2026-10", "2026-11")] == [1, 0, 1, 1]
        longer = GrantDuesRelief(person, 0, "2026-11", "2027-12", date(2026, 7, 30), "批复2号", "患病")
        with pytest.raises(rules.ReliefTooLong):
            dues.grant_relief(db, asked=longer, actor=keeper, at=NOON)
