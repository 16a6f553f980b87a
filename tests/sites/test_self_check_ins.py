"""Checking oneself in by the code at the door: alone, in a crowd, beside the steward's device."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor
from chassis.database import direct
from chassis.refusals import InvalidInput
from contracts.sites.self_check_ins import SelfCheckIn
from contracts.sites.visits import RecordCheckIns
from sites.domain.door_codes import (
    STEP,
    TRIES_MAX,
    TRIES_WITHIN,
    AlreadyInside,
    DoorCodeWrong,
    NoOrderToday,
    TooManyDoorCodes,
)
from sites.domain.visits import OverParty, TooEarly, TooLate, VoucherCancelled, VoucherUsed
from sites.operations import check_ins, door_codes, orders, self_check_ins
from sites.queries import parties as party_queries
from sites.queries import self_check_ins as arrival_queries
from sqlalchemy import Connection, Engine, text

from tests.races import at_once
from tests.sites.articles import (
    NOON,
    a_check_in,
    an_order,
    come,
    place,
    the_order,
)
from tests.sites.parties import Party, a_command, a_member, a_self_check_in, checks_in_themself

MINUTE = timedelta(minutes=1)


class TestCheckingOneselfIn:
    def test_a_members_own_booking(self, db: Connection, party: Party) -> None:
        member = a_member(party.branch)
        booked = place(db, an_order(party.slot, party_size=1), actor=member)
        asked = a_self_check_in(party.slot, UUID(booked["id"]), code=party.code())
        done = checks_in_themself(db, asked, actor=member, at=party.at)
        assert (done.count, done.way, done.by_name, done.branch_name) == (1, "self", member.name, None)

    def test_the_secretary_for_the_party(self, party: Party) -> None:
        assert party.self_check_in(party.secretary, count=18).way == "self"
        assert party.order.checked_in == 18

    def test_named_members_one_after_another(self, party: Party) -> None:
        first, second, stranger = party.members
        party.names(first, second)
        party.self_check_in(first)
        party.self_check_in(second)
        assert [(row.way, row.is_more, row.member_ids) for row in party.kept] == [
            ("self", False, [first.person_id]),
            ("self", True, [second.person_id]),
        ]
        assert (party.order.checked_in, party.order.seats) == (2, 20)
        with pytest.raises(NoOrderToday):
            party.self_check_in(stranger)

    def test_who_is_inside_is_told_when_and_by_whom(self, party: Party) -> None:
        first, second, _ = party.members
        party.names(first, second)
        party.self_check_in(second)
        party.self_check_in(first, at=party.at + MINUTE)
        with pytest.raises(AlreadyInside, match=r"12:01 .*1 people, let in by 赵一"):
            party.self_check_in(first, at=party.at + 2 * MINUTE)
        assert party.order.checked_in == 2

    def test_ticked_names_count_once_however_often(self, party: Party) -> None:
        first, second, third = (member.person_id for member in party.members)
        party.names(*party.members)
        party.self_check_in(party.members[0])
        assert party.self_check_in(party.secretary, member_ids=[first, second, third]).count == 2
        assert party.order.checked_in == 3
        with pytest.raises(AlreadyInside):
            party.self_check_in(party.secretary, member_ids=[first, second])

    def test_a_name_that_was_not_given_is_refused(self, party: Party) -> None:
        party.names(party.members[0])
        with pytest.raises(InvalidInput):
            party.self_check_in(party.secretary, member_ids=[party.members[1].person_id])
        with pytest.raises(InvalidInput):
            party.self_check_in(party.secretary)

    def test_a_count_stands_for_all(self, party: Party) -> None:
        party.names(party.members[0])
        come(party.db, a_check_in(party.order.voucher), actor=party.steward, at=party.at)
        with pytest.raises(AlreadyInside, match="20 people, let in by 王管理员"):
            party.self_check_in(party.members[0])

    def test_after_names_a_count_is_a_second_use(self, party: Party) -> None:
        party.names(party.members[0])
        party.self_check_in(party.members[0])
        with pytest.raises(VoucherUsed, match="1 people, let in by 赵一"):
            come(party.db, a_check_in(party.order.voucher), actor=party.steward, at=party.at)
        come(party.db, a_check_in(party.order.voucher, count=19, is_more=True), actor=party.steward, at=party.at)
        assert party.order.checked_in == 20

    def test_the_steward_ticks_names_too(self, party: Party) -> None:
        first, second, third = (member.person_id for member in party.members)
        party.names(*party.members)
        for ticked in ([first], [second, third]):
            named = a_check_in(party.order.voucher, count=None, member_ids=ticked)
            come(party.db, named, actor=party.steward, at=party.at)
        assert party.order.checked_in == 3
        again = a_check_in(party.order.voucher, count=None, member_ids=[third], is_more=True)
        with pytest.raises(VoucherUsed):
            come(party.db, again, actor=party.steward, at=party.at)
        (seen,) = party_queries.todays_parties(party.db, actor=party.steward, at=party.at).items
        assert all(member.inside_at for member in seen.members)

    def test_too_early_too_late_cancelled_over_party(self, db: Connection, party: Party) -> None:
        with pytest.raises(TooEarly, match="starts at"):
            party.self_check_in(party.secretary, count=20, at=party.at - 31 * MINUTE)
        with pytest.raises(TooLate):
            party.self_check_in(party.secretary, count=20, at=party.slot.ends_at + MINUTE)
        full = Party(db, seats=20)
        with pytest.raises(OverParty):
            full.self_check_in(full.secretary, count=21)
        orders.cancel(db, order_id=party.order_id, reason="改期", actor=party.secretary, at=NOON)
        with pytest.raises(VoucherCancelled):
            party.self_check_in(party.secretary, count=20)

    def test_not_on_another_day_and_not_at_another_site(self, db: Connection, party: Party) -> None:
        with pytest.raises(NoOrderToday):
            party.self_check_in(party.secretary, count=20, at=party.at - timedelta(days=1))
        other = Party(db)
        asked = a_self_check_in(other.slot, party.order_id, code=other.code())
        with pytest.raises(NoOrderToday):
            checks_in_themself(db, replace(asked, count=20), actor=party.secretary, at=party.at)
        with pytest.raises(NoOrderToday):
            party.self_check_in(other.secretary, count=20)

    def test_a_wrong_code_and_a_door_that_shows_none(self, party: Party) -> None:
        with pytest.raises(DoorCodeWrong):
            party.self_check_in(party.secretary, count=20, code="000000")
        wrong = f"{(int(party.code()) + 1) % 10**6:06d}"
        with pytest.raises(DoorCodeWrong):
            party.self_check_in(party.secretary, count=20, code=wrong, at=party.at)
        with pytest.raises(DoorCodeWrong):
            party.self_check_in(party.secretary, count=20, code=party.code(), at=party.at + 2 * STEP)

    def test_done_again_it_is_answered_again_when_the_code_is_long_over(self, party: Party) -> None:
        asked = a_self_check_in(party.slot, party.order_id, code=party.code(), count=20)
        command = a_command(asked, actor=party.secretary)
        done = partial(checks_in_themself, party.db, asked, actor=party.secretary, command=command)
        assert done(at=party.at) == done(at=party.at + timedelta(hours=1))
        assert len(party.kept) == 1

    def test_who_sees_what_before_checking_in(self, db: Connection, party: Party) -> None:
        first, second, stranger = party.members
        party.names(first, second)
        party.self_check_in(first)

        def seen(actor: Actor) -> list[Any]:
            return arrival_queries.arrivals(db, party.slot.site.id, actor=actor, at=party.at).orders

        (of_first,), (of_second,), (of_secretary,) = seen(first), seen(second), seen(party.secretary)
        assert (of_first.whom, [member.name for member in of_first.members]) == ("named", ["赵一"])
        assert of_first.members[0].inside_at == party.at
        assert of_second.members[0].inside_at is None
        assert (of_secretary.whom, len(of_secretary.members), of_secretary.checked_in) == ("party", 2, 1)
        assert of_secretary.opens_at == party.at - 30 * MINUTE
        assert seen(stranger) == []


class TestGuessing:
    def test_is_stopped_also_for_many_at_once(self, database: Engine) -> None:
        with database.begin() as db:
            party = Party(db)
            code = party.code()

        def tries(code: str, *, minutes: int = 0) -> Any:
            at = party.at + minutes * MINUTE
            asked = a_self_check_in(party.slot, party.order_id, code=code, count=20)
            with direct(database, service="sites") as cursor:
                command = a_command(asked, actor=party.secretary)
                return self_check_ins.check_in(cursor, asked=asked, actor=party.secretary, at=at, command=command)

        guesses = [partial(tries, f"{(int(code) + n) % 10**6:06d}") for n in range(1, 9)]
        assert sorted(at_once(guesses)) == ["door-code-wrong"] * TRIES_MAX + ["too-many-door-codes"] * 3
        with pytest.raises(TooManyDoorCodes, match="12:10"):
            tries(code)
        with database.begin() as db:
            later = party.slot.starts_at + TRIES_WITHIN
            fresh = door_codes.show(db, party.slot.site.id, actor=party.steward, at=later).code
        assert tries(fresh, minutes=10)
        with database.begin() as db:
            assert db.execute(text("SELECT count(*) FROM door_code_tries")).scalar_one() == 0

    def test_old_tries_are_forgotten(self, db: Connection, party: Party) -> None:
        given = {"site": party.slot.site.id, "person": uuid4(), "at": NOON}
        db.execute(text("INSERT INTO door_code_tries VALUES (:site, :person, :at, 3)"), given)
        assert door_codes.forget_tries(db, at=NOON + TRIES_WITHIN - MINUTE) == 0
        assert door_codes.forget_tries(db, at=NOON + TRIES_WITHIN) == 1


class TestAtTheSameInstant:
    def test_the_poster_and_the_stewards_device_let_the_party_in_once(self, database: Engine) -> None:
        for _ in range(3):
            with database.begin() as db:
                party = Party(db)
                voucher, code = party.order.voucher, party.code()
            check_in = a_check_in(voucher)
            asked = a_self_check_in(party.slot, party.order_id, code=code, count=20)

            def by_device(check_in: Any = check_in, party: Party = party) -> str:
                with direct(database, service="sites") as cursor:
                    command = a_command(check_in, actor=party.steward)
                    check_ins.check_in(cursor, check_in=check_in, actor=party.steward, at=party.at, command=command)
                return "valid"

            def by_poster(asked: SelfCheckIn = asked, party: Party = party) -> str:
                with direct(database, service="sites") as cursor:
                    command = a_command(asked, actor=party.secretary)
                    self_check_ins.check_in(cursor, asked=asked, actor=party.secretary, at=party.at, command=command)
                return "valid"

            answers: list[Callable[[], str]] = [by_device, by_poster]
            assert at_once(list(answers)) in (["valid", "already-inside"], ["voucher-used", "valid"])
            with database.begin() as db:
                (kept,) = db.execute(text("SELECT * FROM check_ins WHERE order_id = :id"), {"id": party.order_id})
                assert (kept.state, kept.count, the_order(db, party.order_id).checked_in) == ("valid", 20, 20)

    def test_two_phones_of_one_member_count_one(self, database: Engine) -> None:
        with database.begin() as db:
            party = Party(db)
            party.names(*party.members)
            code = party.code()

        def comes(member: Actor) -> str:
            asked = a_self_check_in(party.slot, party.order_id, code=code)
            with direct(database, service="sites") as cursor:
                command = a_command(asked, actor=member)
                self_check_ins.check_in(cursor, asked=asked, actor=member, at=party.at, command=command)
            return "valid"

        answers = at_once([partial(comes, member) for member in party.members for _ in range(2)])
        assert sorted(answers) == ["already-inside"] * 3 + ["valid"] * 3
        with database.begin() as db:
            assert the_order(db, party.order_id).checked_in == 3

    def test_a_device_without_network_and_the_poster_are_settled_by_the_clock(self, party: Party) -> None:
        """Who was counted first counts; names that came after a count are in it, whichever is told first."""
        party.names(*party.members)
        for number, member in enumerate(party.members):
            party.self_check_in(member, at=party.at + number * MINUTE)
        item = {
            "check_in_id": str(uuid4()),
            "voucher": party.order.voucher,
            "count": 20,
            "happened_at": (party.at - MINUTE).isoformat(),
        }
        asked = RecordCheckIns(items=[item])
        (answer,) = check_ins.record(party.db, asked=asked, actor=party.steward, at=party.at + 9 * MINUTE).items
        assert answer["state"] == "valid"
        assert sorted(row.state for row in party.kept) == ["duplicate"] * 3 + ["valid"]
        assert (party.order.checked_in, party.order.seats) == (20, 20)
