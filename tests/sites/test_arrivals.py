"""Arriving: the door's code, checking oneself in, named parties, who is entered by the steward, what is printed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.database import direct
from chassis.guard import Command
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import dump, load
from contracts.sites.orders import OrdersAsked
from contracts.sites.parties import NameParty, PartyMember
from contracts.sites.self_check_ins import SelfCheckIn
from contracts.sites.sheets import PrintVouchers, SheetAsked, SheetPrintsAsked
from contracts.sites.visits import CheckInView, RecordCheckIns
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.door_codes import (
    STEP,
    TRIES_MAX,
    TRIES_WITHIN,
    AlreadyInside,
    DoorCodeWrong,
    NoOrderToday,
    TooManyDoorCodes,
    code_at,
    is_shown,
)
from sites.domain.orders import BranchUnknown, GroupsFull, QuotaReached, SlotClosed, SlotFull, SlotPast
from sites.domain.visits import OverParty, TooEarly, TooLate, VoucherCancelled, VoucherUsed
from sites.operations import check_ins, door_codes, orders, parties, self_check_ins, sheets, visits, walk_ins
from sites.operations.parties import KEPT, PartyFixed
from sites.operations.seat_proof import slots_differing
from sites.queries import orders as order_queries
from sites.queries import parties as party_queries
from sites.queries import self_check_ins as arrival_queries
from sites.queries import sheets as sheet_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_check_in,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    come,
    cursor_in,
    history_of,
    place,
    seats_taken,
    the_order,
    told,
)

MINUTE = timedelta(minutes=1)
SECRET = b"\x01" * 32


def a_member(branch: Branch, *, name: str = "赵党员") -> Actor:
    return an_actor(("member", branch.path), name=name)


class Party:
    """A branch's order of twenty, the site's door, and the code it shows at the visit's start."""

    def __init__(self, db: Connection, *, seats: int = 60, party_size: int = 20) -> None:
        self.db = db
        self.slot = a_slot(db, seats=seats)
        self.branch = a_branch(db)
        self.order_id, self.secretary = a_placed_order(db, slot=self.slot, branch=self.branch, party_size=party_size)
        self.steward = a_steward(self.slot.site)
        self.at = self.slot.starts_at
        self.members = [a_member(self.branch, name=name) for name in ("赵一", "钱二", "孙三")]

    def names(self, *members: Actor, needs: str | None = None) -> Any:
        asked = NameParty(self.order_id, [PartyMember(each.person_id, each.name) for each in members], needs)
        return parties.name(self.db, asked=asked, actor=self.secretary, at=NOON)

    def code(self, at: datetime | None = None) -> str:
        return door_codes.show(self.db, self.slot.site.id, actor=self.steward, at=at or self.at).code

    def self_check_in(self, actor: Actor, *, at: datetime | None = None, **rest: Any) -> CheckInView:
        at = at or self.at
        asked = a_self_check_in(self.slot, self.order_id, code=rest.pop("code", None) or self.code(at), **rest)
        return checks_in_themself(self.db, asked, actor=actor, at=at)

    @property
    def order(self) -> Any:
        return the_order(self.db, self.order_id)

    @property
    def kept(self) -> list[Any]:
        wanted = text("SELECT * FROM check_ins WHERE order_id = :id ORDER BY recorded_at, is_more, id")
        return list(self.db.execute(wanted, {"id": self.order_id}))


def a_self_check_in(slot: Slot, order_id: UUID, *, code: str, **rest: Any) -> SelfCheckIn:
    return SelfCheckIn(slot.site.id, order_id, code, rest.pop("check_in_id", None) or uuid4(), **rest)


def a_command(asked: Any, *, actor: Actor, id: UUID | None = None) -> Command:
    hashed = hashlib.sha256(dump(asked)).digest()
    return Command(id=id or uuid4(), body_hash=hashed, door="self_check_in", caller=actor.person_id)


def checks_in_themself(
    db: Connection, asked: SelfCheckIn, *, actor: Actor, at: datetime, command: Command | None = None
) -> CheckInView:
    with cursor_in(db) as cursor:
        command = command or a_command(asked, actor=actor)
        answer = self_check_ins.check_in(cursor, asked=asked, actor=actor, at=at, command=command)
    return load(CheckInView, json.loads(answer))


@pytest.fixture
def party(db: Connection) -> Party:
    return Party(db)


class TestTheCode:
    @pytest.mark.parametrize(("counter", "code"), [(0x1, "119246"), (0x23523EC, "084774"), (0x27BC86AA, "737706")])
    def test_is_that_of_rfc_6238(self, counter: int, code: str) -> None:
        """The last six of the eight digits of its appendix B, by the counter."""
        assert code_at(b"12345678901234567890123456789012", datetime.fromtimestamp(counter * 60, UTC)) == code

    @given(st.binary(min_size=16, max_size=64), st.integers(0, 10**8))
    def test_lives_its_minute_and_the_next(self, secret: bytes, minute: int) -> None:
        at = datetime.fromtimestamp(minute * 60, UTC)
        code = code_at(secret, at)
        assert code_at(secret, at + STEP - timedelta(seconds=1)) == code
        assert is_shown(secret, code, at)
        assert is_shown(secret, f" {code[:3]} {code[3:]} ", at + 2 * STEP - timedelta(seconds=1))
        codes_later = {code_at(secret, at + 2 * STEP), code_at(secret, at + STEP)}
        assert is_shown(secret, code, at + 2 * STEP) == (code in codes_later)

    def test_wide_digits_are_digits(self) -> None:
        wide = "".join(chr(ord("０") + int(digit)) for digit in code_at(SECRET, NOON))
        assert is_shown(SECRET, wide, NOON)

    def test_nothing_is_no_code(self) -> None:
        assert not is_shown(SECRET, "", NOON)

    def test_each_site_shows_its_own(self, db: Connection, party: Party) -> None:
        other = Party(db)
        shown = door_codes.show(db, party.slot.site.id, actor=party.steward, at=NOON)
        assert shown.changes_at - shown.shown_at <= STEP
        assert shown == door_codes.show(db, party.slot.site.id, actor=party.steward, at=NOON)
        assert [party.code(NOON + n * STEP) for n in range(4)] != [other.code(NOON + n * STEP) for n in range(4)]

    def test_only_for_the_steward_of_the_site(self, db: Connection, party: Party) -> None:
        with pytest.raises(Forbidden):
            door_codes.show(db, party.slot.site.id, actor=a_steward(a_site(db)), at=NOON)
        with pytest.raises(NotFound):
            door_codes.show(db, uuid4(), actor=party.steward, at=NOON)

    def test_the_secret_stands_sealed(self, db: Connection, party: Party) -> None:
        party.code()
        kept = bytes(db.execute(text("SELECT secret FROM door_secrets")).scalar_one())
        assert door_codes.secret_of(kept) not in kept


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


class TestEnteredBySomebodyElse:
    def calls(self, db: Connection, slot: Slot, *, at: datetime = NOON, **rest: Any) -> Any:
        asked = BookByTelephone(slot.id, rest.pop("party_size", 12), "周主任", "13853312345", **rest)
        with db.begin_nested():  # a refusal undoes what was done with it and nothing else
            return walk_ins.book(db, asked=asked, actor=a_steward(slot.site), at=at)

    def stands_there(self, db: Connection, slot: Slot, *, at: datetime | None = None, **rest: Any) -> Any:
        asked = AdmitWalkIn(slot.id, rest.pop("party_size", 12), "周主任", uuid4(), **rest)
        with db.begin_nested():
            return walk_ins.admit_walk_in(db, asked=asked, actor=a_steward(slot.site), at=at or slot.starts_at)

    def test_a_call_makes_a_confirmed_order_that_the_branch_sees(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual")
        branch = a_branch(db)
        order = self.calls(db, slot, branch_id=branch.id, needs="一辆轮椅")
        assert (order.state, order.source, order.needs, order.branch_name) == (
            "confirmed",
            "telephone",
            "一辆轮椅",
            branch.name,
        )
        assert (order.subsidy_estimate_fen, order.subsidy_explanation[0]["inputs"]) == (0, {"why": "telephone"})
        secretary = a_secretary(branch)
        seen = order_queries.orders(db, OrdersAsked(branch_id=branch.id), actor=secretary, at=NOON)
        assert [(each.id, bool(each.voucher)) for each in seen.items] == [(order.id, True)]
        orders.cancel(db, order_id=order.id, reason="来不了", actor=secretary, at=NOON)
        assert seats_taken(db, slot) == 0

    def test_it_is_told_to_the_others_as_every_order_is(self, db: Connection) -> None:
        slot = a_slot(db)
        order = self.calls(db, slot, branch_id=a_branch(db).id)
        assert [event.event for event in told(db, order.id)] == ["visit_ordered"]
        assert [row.move for row in history_of(db, order.id)] == ["place"]

    def test_it_is_not_among_the_stewards_own_bookings(self, db: Connection) -> None:
        slot = a_slot(db)
        steward = a_steward(slot.site)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="退休教师参观团")
        order = walk_ins.book(db, asked=asked, actor=steward, at=NOON)
        assert order.branch_name == "退休教师参观团"
        assert order_queries.orders(db, OrdersAsked(mine=True), actor=steward, at=NOON).items == []

    def test_refused_as_everywhere(self, db: Connection) -> None:
        branch = a_branch(db)
        with pytest.raises(SlotFull, match="Only 10 seats"):
            self.calls(db, a_slot(db, seats=10), branch_id=branch.id)
        with pytest.raises(SlotClosed):
            self.calls(db, a_slot(db, closed_reason="布展"), branch_id=branch.id)
        with pytest.raises(SlotPast):
            self.calls(db, a_slot(db, notice=timedelta(days=2)), branch_id=branch.id)
        with pytest.raises(BranchUnknown):
            self.calls(db, a_slot(db), branch_id=uuid4())
        with pytest.raises(NotFound):
            self.calls(db, replace(a_slot(db), id=uuid4()), branch_id=branch.id)
        for whom in ({}, {"branch_id": branch.id, "group_name": "参观团"}):
            with pytest.raises(InvalidInput):
                self.calls(db, a_slot(db), **whom)
        for _ in range(2):
            self.calls(db, a_slot(db), branch_id=branch.id)
        with pytest.raises(QuotaReached):
            self.calls(db, a_slot(db), branch_id=branch.id)

    def test_a_group_takes_a_place_among_the_groups_and_gives_it_back(self, db: Connection) -> None:
        slot = a_slot(db)
        db.execute(text("UPDATE slots SET groups_max = 1 WHERE id = :id"), {"id": slot.id})
        steward = a_steward(slot.site)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="退休教师参观团")
        order = walk_ins.book(db, asked=asked, actor=steward, at=NOON)
        with pytest.raises(GroupsFull):
            self.calls(db, slot, branch_id=a_branch(db).id)
        assert slots_differing(db) == []
        orders.cancel(db, order_id=order.id, reason="来不了", actor=steward, at=NOON)
        assert slots_differing(db) == []
        self.calls(db, slot, branch_id=a_branch(db).id)

    def test_a_party_at_the_door_is_let_in_at_once(self, db: Connection) -> None:
        slot = a_slot(db, notice=timedelta(days=2))
        branch = a_branch(db)
        order = self.stands_there(db, slot, branch_id=branch.id)
        assert (order.source, order.check_in.way, order.check_in.count) == ("walk_in", "walk_in", 12)
        assert seats_taken(db, slot) == 12
        closed = visits.close(db, order_id=order.id, headcount=12, actor=a_steward(slot.site), at=slot.ends_at)
        assert (closed.state, closed.claim_id) == ("used", None)

    def test_at_the_door_only_seats_and_hours_bind(self, db: Connection) -> None:
        slot = a_slot(db, seats=20)
        group = {"group_name": "退休教师参观团"}
        with pytest.raises(TooEarly):
            self.stands_there(db, slot, at=slot.starts_at - 31 * MINUTE, **group)
        with pytest.raises(SlotPast):
            self.stands_there(db, slot, at=slot.ends_at, **group)
        self.stands_there(db, slot, at=slot.starts_at + MINUTE, **group)
        with pytest.raises(SlotFull, match="Only 8 seats"):
            self.stands_there(db, slot, **group)
        with pytest.raises(SlotClosed):
            self.stands_there(db, a_slot(db, closed_reason="布展"), **group)

    def test_only_the_steward_of_the_site(self, db: Connection) -> None:
        slot = a_slot(db)
        asked = BookByTelephone(slot.id, 3, "周主任", "13853312345", group_name="参观团")
        for actor in (a_steward(a_site(db)), a_secretary(a_branch(db))):
            with pytest.raises(Forbidden):
                walk_ins.book(db, asked=asked, actor=actor, at=NOON)

    def test_the_last_seats_go_to_a_call_or_to_a_walk_in(self, database: Engine) -> None:
        with database.begin() as db:
            slot = a_slot(db, seats=20)
            at = slot.starts_at - 5 * MINUTE
            branches = [a_branch(db) for _ in range(4)]

        def enters(branch: Branch, act: Callable[..., Any]) -> str:
            with database.begin() as db:
                act(db, slot, at=at, branch_id=branch.id)
            return "entered"

        acts = [self.calls, self.stands_there, self.calls, self.stands_there]
        answers = at_once([partial(enters, branch, act) for branch, act in zip(branches, acts, strict=True)])
        assert sorted(answers) == ["entered", "slot-full", "slot-full", "slot-full"]
        with database.begin() as db:
            assert seats_taken(db, slot) == 12
            assert slots_differing(db) == []


class TestSheets:
    def sheet(self, party: Party, *, on: date | None = None, days: int = 1, at: datetime | None = None) -> Any:
        on = on or party.order.visit_on
        asked = SheetAsked(party.slot.site.id, on, days)
        return sheets.sheet(party.db, asked=asked, actor=party.steward, at=at or party.at)

    def prints(self, party: Party) -> list[Any]:
        asked = SheetPrintsAsked(party.slot.site.id)
        return sheet_queries.prints(party.db, asked, actor=party.steward).items

    def test_on_the_day_it_has_numbers_and_names_and_is_noted(self, party: Party) -> None:
        party.names(party.members[0], needs="一辆轮椅")
        sheet = self.sheet(party)
        (row,) = sheet.rows
        assert (row.contact_phone, row.names, row.needs) == ("13853312345", ["赵一"], "一辆轮椅")
        assert (sheet.parties, sheet.heads, sheet.has_phones) == (1, 20, True)
        assert [(each.kind, each.drawn_by) for each in self.prints(party)] == [("day", "王管理员")]

    def test_on_another_day_numbers_are_masked_and_names_left_out(self, party: Party) -> None:
        party.names(party.members[0])
        (row,) = self.sheet(party, at=NOON).rows
        assert (row.contact_phone, row.names) == ("138****2345", [])
        assert self.prints(party) == []

    def test_a_week_has_the_numbers_of_today_alone(self, party: Party) -> None:
        tomorrow = a_slot(party.db, site=party.slot.site, starts_at=party.at + timedelta(days=1))
        a_placed_order(party.db, slot=tomorrow)
        sheet = self.sheet(party, days=7)
        assert [row.contact_phone for row in sheet.rows] == ["13853312345", "138****2345"]
        assert sheet.last_day - sheet.first_day == timedelta(days=6)

    def test_the_list_of_vouchers_is_noted(self, party: Party) -> None:
        asked = PrintVouchers(party.slot.site.id, party.order.visit_on)
        listed = sheets.print_vouchers(party.db, asked=asked, actor=party.steward, at=NOON)
        assert [voucher.code for voucher in listed.vouchers] == [party.order.voucher]
        assert [(each.kind, each.on) for each in self.prints(party)] == [("vouchers", party.order.visit_on)]

    def test_only_for_the_steward_of_the_site(self, db: Connection, party: Party) -> None:
        stranger = a_steward(a_site(db))
        on = party.order.visit_on
        with pytest.raises(Forbidden):
            sheets.sheet(db, asked=SheetAsked(party.slot.site.id, on), actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            sheets.print_vouchers(db, asked=PrintVouchers(party.slot.site.id, on), actor=stranger, at=NOON)
        with pytest.raises(NotFound):
            sheets.sheet(db, asked=SheetAsked(uuid4(), on), actor=stranger, at=NOON)

    def test_prints_go_on_page_after_page(self, db: Connection, party: Party) -> None:
        for _ in range(3):
            self.sheet(party)
        asked = SheetPrintsAsked(party.slot.site.id, limit=2)
        first = sheet_queries.prints(db, asked, actor=party.steward)
        rest = sheet_queries.prints(db, replace(asked, cursor=first.next), actor=party.steward)
        assert (len(first.items), len(rest.items), rest.next) == (2, 1, None)

    def test_what_was_printed_is_never_changed(self, db: Connection, party: Party) -> None:
        self.sheet(party)
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            db.execute(text("DELETE FROM sheet_prints"))
