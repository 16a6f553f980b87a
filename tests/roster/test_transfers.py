"""Members who go to another branch: two steps, one answer, and never in two branches or in none."""

import threading
from datetime import date, timedelta

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.transfers import (
    ConfirmTransfer,
    IssueTransfer,
    RefuseTransfer,
    TransferNoticesAsked,
    TransfersAsked,
    WithdrawTransfer,
)
from roster.domain.transfers import MOVES, LetterExpired, LetterNumberTaken, SameBranch, TransferDecided, TransferOpen
from roster.operations import transfers
from roster.queries import transfers as asked
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, path_of, told_of
from tests.roster.registers import an_administrator
from tests.roster.test_members import run_all

LATER = NOON + timedelta(days=92)  # 2027-02-10: the letter of 2026-11-10 has run out


def issue(db: Connection, here, there, person, *, number: str = "淄组介〔2026〕1号", at=NOON):
    form = IssueTransfer(person, number, "工作调动", to_branch_id=there)
    return transfers.issue(db, asked=form, actor=an_administrator(db, here), at=at)


def branch_of(db: Connection, person):
    return db.execute(text("SELECT branch_id FROM members WHERE person_id = :id"), {"id": person}).scalar_one_or_none()


class TestTransfer:
    def test_the_member_stays_until_the_other_branch_confirms(self, db: Connection):
        here, there = a_branch(db), a_branch(db)
        person = a_member(db, branch=here)
        letter = issue(db, here, there, person)
        assert (letter.state, letter.expires_on, branch_of(db, person)) == ("issued", date(2027, 2, 10), here)
        done = transfers.confirm(
            db, asked=ConfirmTransfer(letter.id), actor=an_administrator(db, there), at=NOON + timedelta(days=3)
        )
        assert (done.state, branch_of(db, person)) == ("confirmed", there)
        assert [told_of(db, branch)[-1]["members_full"] for branch in (here, there)] == [0, 1]
        periods = db.execute(
            text(
                "SELECT branch_id, active_from, active_until FROM membership_periods WHERE person_id = :id ORDER BY id"
            ),
            {"id": person},
        )
        assert [tuple(row) for row in periods] == [
            (here, date(2026, 11, 10), date(2026, 11, 13)),
            (there, date(2026, 11, 13), None),
        ]

    def test_each_side_may_do_its_own_step_alone(self, db: Connection):
        here, there = a_branch(db), a_branch(db)
        letter = issue(db, here, there, a_member(db, branch=here))
        assert letter.can == ["withdraw"]
        with pytest.raises(Forbidden):
            transfers.confirm(db, asked=ConfirmTransfer(letter.id), actor=an_administrator(db, here), at=NOON)
        with pytest.raises(Forbidden):
            transfers.withdraw(db, asked=WithdrawTransfer(letter.id, "x"), actor=an_administrator(db, there), at=NOON)
        stranger = an_administrator(db, a_branch(db))
        with pytest.raises(NotFound):
            transfers.refuse(db, asked=RefuseTransfer(letter.id, "x"), actor=stranger, at=NOON)

    @pytest.mark.parametrize("first", sorted(set(MOVES) - {"expire"}))
    @pytest.mark.parametrize("second", sorted(set(MOVES) - {"expire"}))
    def test_what_is_decided_is_decided(self, db: Connection, first: str, second: str):
        here, there = a_branch(db), a_branch(db)
        letter = issue(db, here, there, a_member(db, branch=here))
        both = an_actor(("administrator", path_of(db, here)), ("administrator", path_of(db, there)))
        act(db, first, letter.id, both)
        with pytest.raises(TransferDecided):
            act(db, second, letter.id, both)

    def test_one_letter_at_a_time_and_each_number_once(self, db: Connection):
        here, there = a_branch(db), a_branch(db)
        person = a_member(db, branch=here)
        letter = issue(db, here, there, person)
        with pytest.raises(TransferOpen):
            issue(db, here, there, person, number="2号")
        with pytest.raises(LetterNumberTaken):
            issue(db, here, there, a_member(db, branch=here))
        with pytest.raises(SameBranch):
            issue(db, here, here, a_member(db, branch=here), number="3号")
        act(db, "refuse", letter.id, an_administrator(db, there))
        assert issue(db, here, there, person, number="4号").state == "issued"

    def test_a_letter_that_ran_out_leaves_the_member_and_tells_both(self, db: Connection):
        here, there = a_branch(db), a_branch(db)
        person = a_member(db, branch=here)
        letter = issue(db, here, there, person)
        assert transfers.expire(db, at=LATER - timedelta(days=1)) == 0
        with pytest.raises(LetterExpired):
            transfers.confirm(db, asked=ConfirmTransfer(letter.id), actor=an_administrator(db, there), at=LATER)
        assert transfers.expire(db, at=LATER) == 1
        assert transfers.expire(db, at=LATER) == 0
        assert branch_of(db, person) == here
        for branch in (here, there):
            page = asked.notices(db, TransferNoticesAsked(branch), actor=an_administrator(db, branch))
            assert [notice.kind for notice in page.items] == ["expired", "issued"]

    def test_to_a_place_outside_a_second_person_enters_the_receipt(self, db: Connection):
        here = a_branch(db, parent=a_committee(db))
        person = a_member(db, branch=here)
        clerk = an_administrator(db, here)
        form = IssueTransfer(person, "9号", "迁居", to_name="江苏省某市某街道党工委")
        letter = transfers.issue(db, asked=form, actor=clerk, at=NOON)
        second = an_actor(("secretary", path_of(db, here)))
        with pytest.raises(Forbidden):
            transfers.confirm(db, asked=ConfirmTransfer(letter.id, "回执9"), actor=clerk, at=NOON)
        with pytest.raises(InvalidInput):
            transfers.confirm(db, asked=ConfirmTransfer(letter.id), actor=second, at=NOON)
        transfers.confirm(db, asked=ConfirmTransfer(letter.id, "回执9"), actor=second, at=NOON)
        assert branch_of(db, person) is None
        assert told_of(db, here)[-1]["members_full"] == 0

    def test_both_sides_and_those_above_list_it(self, db: Connection):
        town = a_committee(db)
        here, there = a_branch(db, parent=town), a_branch(db)
        letter = issue(db, here, there, a_member(db, branch=here))
        for node, role, direction in (
            (here, "administrator", "out"),
            (there, "auditor", "in"),
            (town, "officer", None),
        ):
            page = asked.page(db, TransfersAsked(node, direction=direction), actor=an_actor((role, path_of(db, node))))
            assert [view.id for view in page.items] == [letter.id]


class TestRaces:
    def test_two_letters_of_one_member(self, database: Engine):
        with database.begin() as db:
            here, one, other = a_branch(db), a_branch(db), a_branch(db)
            person = a_member(db, branch=here)
        ends = at_once(
            database,
            lambda db: issue(db, here, one, person, number="1号"),
            lambda db: issue(db, here, other, person, number="2号"),
        )
        assert sorted(ends) == ["TransferOpen", "done"]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM transfers WHERE state = 'issued'")).scalar_one() == 1

    @pytest.mark.parametrize("against", ["expire", "withdraw", "refuse", "confirm"])
    def test_a_confirmation_and_another_answer(self, database: Engine, against: str):
        with database.begin() as db:
            here, there = a_branch(db), a_branch(db)
            person = a_member(db, branch=here)
            letter = issue(db, here, there, person)
            both = an_actor(("administrator", path_of(db, here)), ("administrator", path_of(db, there)), at=LATER)
        other = (
            (lambda db: transfers.expire(db, at=LATER))
            if against == "expire"
            else (lambda db: act(db, against, letter.id, both))
        )
        at_once(database, lambda db: act(db, "confirm", letter.id, both), other)
        with database.connect() as db:
            state = db.execute(text("SELECT state FROM transfers WHERE id = :id"), {"id": letter.id}).scalar_one()
            assert branch_of(db, person) == (there if state == "confirmed" else here)
            assert [told_of(db, branch)[-1]["members_full"] for branch in (here, there)] == (
                [0, 1] if state == "confirmed" else [1, 0]
            )
            overlaps = text("SELECT count(*) FROM membership_periods WHERE person_id = :id AND active_until IS NULL")
            assert db.execute(overlaps, {"id": person}).scalar_one() == 1
            decided = "SELECT count(*) FROM transfer_notices WHERE kind <> 'issued' AND branch_id = :id"
            assert db.execute(text(decided), {"id": here}).scalar_one() == 1


def act(db: Connection, verb: str, transfer_id, actor, *, at=NOON):
    forms = {
        "confirm": lambda: transfers.confirm(db, asked=ConfirmTransfer(transfer_id), actor=actor, at=at),
        "refuse": lambda: transfers.refuse(db, asked=RefuseTransfer(transfer_id, "查无此人"), actor=actor, at=at),
        "withdraw": lambda: transfers.withdraw(db, asked=WithdrawTransfer(transfer_id, "开错了"), actor=actor, at=at),
    }
    return forms[verb]()


def at_once(database: Engine, *acts) -> list[str]:
    """Run the acts on connections of their own at the same time; return how each ended."""
    barrier, ends = threading.Barrier(len(acts)), []

    def run(one):
        with database.connect() as db:
            barrier.wait()
            try:
                one(db)
                db.commit()
                ends.append("done")
            except (TransferOpen, TransferDecided, LetterExpired) as refused:
                ends.append(type(refused).__name__)

    run_all([lambda one=one: run(one) for one in acts])
    return ends
