"""Who comes with a branch: named until the visit begins, shown on its day, forgotten after."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.parties import NameParty, PartyMember
from sites.operations import orders, parties
from sites.operations.parties import KEPT, PartyFixed
from sites.queries import parties as party_queries
from sqlalchemy import Connection

from tests.sites.articles import (
    NOON,
    a_check_in,
    a_site,
    a_steward,
    an_order,
    come,
    place,
)
from tests.sites.parties import Party, a_member

MINUTE = timedelta(minutes=1)


class TestNaming:
    def test_is_written_anew_until_the_visit_begins(self, db: Connection, party: Party) -> None:
        party.names(*party.members[:2], needs="一辆轮椅")
        assert [member.name for member in party.names(party.members[2]).members] == ["孙三"]
        assert party.order.needs is None
        come(db, a_check_in(party.order.voucher), actor=party.steward, at=party.at - MINUTE)
        with pytest.raises(PartyFixed):
            party.names()

    def test_not_more_names_than_heads(self, db: Connection) -> None:
        party = Party(db, party_size=2)
        with pytest.raises(InvalidInput):
            party.names(*party.members)

    def test_who_may_see_them(self, db: Connection, party: Party) -> None:
        party.names(*party.members, needs="一辆轮椅")

        def seen(actor: Actor, *, at: datetime) -> Any:
            return party_queries.party(db, party.order_id, actor=actor, at=at)

        assert len(seen(party.secretary, at=NOON).members) == 3
        assert seen(party.secretary, at=NOON).may_name
        before = seen(party.steward, at=NOON)
        assert (before.members, before.names_hidden, before.needs, before.may_name) == ([], True, "一辆轮椅", False)
        assert len(seen(party.steward, at=party.at).members) == 3
        assert seen(party.steward, at=party.at + timedelta(days=1)).names_hidden
        with pytest.raises(NotFound):
            seen(a_steward(a_site(db)), at=party.at)
        with pytest.raises(NotFound):
            seen(party.members[0], at=party.at)

    def test_a_steward_names_nobody(self, db: Connection, party: Party) -> None:
        asked = NameParty(party.order_id, [PartyMember(uuid4(), "赵一")])
        with pytest.raises(Forbidden):
            parties.name(db, asked=asked, actor=party.steward, at=NOON)

    def test_one_who_books_for_themself_says_what_they_need(self, db: Connection, party: Party) -> None:
        member = a_member(party.branch)
        booked = UUID(place(db, an_order(party.slot, party_size=1), actor=member)["id"])
        assert parties.name(db, asked=NameParty(booked, [], "手语"), actor=member, at=NOON).needs == "手语"
        with pytest.raises(InvalidInput):
            parties.name(db, asked=NameParty(booked, [PartyMember(uuid4(), "赵一")]), actor=member, at=NOON)

    def test_names_are_forgotten_after_half_a_year(self, db: Connection, party: Party) -> None:
        party.names(*party.members)
        come(db, a_check_in(party.order.voucher), actor=party.steward, at=party.at)
        assert parties.forget(db, at=party.at + KEPT) == 0
        assert parties.forget(db, at=party.at + KEPT + timedelta(days=1)) == 3

    def test_names_of_a_cancelled_visit_go_the_day_after(self, db: Connection, party: Party) -> None:
        party.names(*party.members)
        orders.cancel(db, order_id=party.order_id, reason="改期", actor=party.secretary, at=NOON)
        assert parties.forget(db, at=party.at) == 0
        assert parties.forget(db, at=party.at + timedelta(days=1)) == 3
