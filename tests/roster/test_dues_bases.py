"""What dues are reckoned from, and reliefs."""

from datetime import timedelta

import pytest
from chassis.actors import Forbidden, TokenTooOld
from contracts.roster.dues import DuesMonthAsked, MemberDuesAsked
from contracts.roster.dues_bases import ConfirmDuesBases, DuesMembersAsked, OpenDuesBase, SetDuesBase
from roster.domain import dues as rules
from roster.operations import dues
from roster.queries import dues as asked_of
from sqlalchemy import Connection, text

from tests.articles import NOON, an_actor
from tests.roster.dues import a_payer
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import a_registered, an_administrator


class TestBase:
    def test_the_amount_is_opened_for_a_purpose_and_that_is_kept(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town)
        person = a_payer(db, branch=branch, amount_fen=654_321)
        keeper = an_administrator(db, branch)
        seen = asked_of.member(db, MemberDuesAsked(person), actor=keeper, at=NOON)
        (listed,) = asked_of.members_page(db, DuesMembersAsked(branch), actor=keeper, at=NOON).items
        assert (listed.monthly_fen, listed.confirmed_for, seen.can_open) == (9_815, 2026, True)
        assert "654321" not in f"{seen}{listed}"
        opened = dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=keeper, at=NOON)
        assert [base.amount_fen for base in opened.bases] == [654_321]
        kept = db.execute(text("SELECT fields, by_id FROM personal_views WHERE person_id = :id"), {"id": person}).one()
        assert (kept.fields, kept.by_id) == (["dues_base"], keeper.person_id)
        above = an_actor(("secretary", path_of(db, town)))
        with pytest.raises(Forbidden):
            dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=above, at=NOON)
        with pytest.raises(Forbidden):
            asked_of.month(
                db, DuesMonthAsked(branch, "2026-11"), actor=an_actor(("officer", path_of(db, town))), at=NOON
            )
        with pytest.raises(TokenTooOld):
            dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=keeper, at=NOON + timedelta(minutes=2))

    def test_lies_within_its_kind_and_time(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch)
        for kind, fen, month, wrong in (
            ("farmer", 101, "2026-11", rules.BaseOutOfBounds),
            ("minimum", 21, "2026-11", rules.BaseOutOfBounds),
            ("wage", 99, "2026-11", rules.BaseTooSmall),
            ("wage", 100_000, "2025-11", rules.BaseMonthTooFar),
        ):
            with pytest.raises(wrong):
                dues.set_base(
                    db, asked=SetDuesBase(person, kind, fen, month), actor=an_administrator(db, branch), at=NOON
                )

    def test_is_confirmed_once_a_year(self, db: Connection):
        branch = a_branch(db)
        persons = [a_payer(db, branch=branch), a_payer(db, branch=branch)]
        next_year = NOON + timedelta(days=60)
        keeper = an_administrator(db, branch)
        form = ConfirmDuesBases(branch, persons)
        assert [dues.confirm_bases(db, asked=form, actor=keeper, at=next_year).confirmed for _ in "ab"] == [2, 0]
        with pytest.raises(rules.NoDuesBase):
            dues.confirm_bases(
                db, asked=ConfirmDuesBases(branch, [a_registered(db, branch=branch)]), actor=keeper, at=NOON
            )
