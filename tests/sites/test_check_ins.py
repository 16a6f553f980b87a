"""At the door with no network: what devices recorded is judged the same in any sequence, and nobody is paid twice."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.sites.visits import CheckInsAsked, DecideCheckIn, RecordCheckIns
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.claims import OwnSiteOrBranch
from sites.domain.visits import NotCheckedIn, OverParty, TooLate, VoucherUsed
from sites.operations import check_in_decisions, check_ins, orders, visits, voucher_keys
from sites.operations.check_in_decisions import CheckInDecided
from sites.queries import check_ins as queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Slot,
    a_check_in,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    come,
    fund_year,
    history_of,
    money_in_the_fund,
    seats_taken,
    the_order,
)
from tests.sites.test_races import figures

MINUTE = timedelta(minutes=1)
PATIENT = text("SET LOCAL lock_timeout = '60s'")  # on a busy machine the others wait for long


class Party:
    """A party of twenty with an order, and the door it comes to."""

    def __init__(self, db: Connection, *, seats: int = 60, slot: Slot | None = None) -> None:
        self.db = db
        self.slot = slot or a_slot(db, seats=seats)
        self.order_id, self.secretary = a_placed_order(db, slot=self.slot)
        self.voucher = the_order(db, self.order_id).voucher
        self.steward = a_steward(self.slot.site)

    def item(self, *, minute: int = 0, count: int = 20, **rest: Any) -> dict[str, Any]:
        """What a device notes `minute` minutes after the start."""
        return {
            "check_in_id": str(rest.pop("id", None) or uuid4()),
            "voucher": rest.pop("voucher", self.voucher),
            "count": count,
            "happened_at": (self.slot.starts_at + minute * MINUTE).isoformat(),
            **rest,
        }

    def sends(self, *items: dict[str, Any], at: datetime | None = None, **rest: Any) -> list[dict[str, Any]]:
        actor = rest.pop("actor", self.steward)
        asked = RecordCheckIns(items=list(items), **rest)
        return check_ins.record(self.db, asked=asked, actor=actor, at=at or self.slot.ends_at).items

    @property
    def kept(self) -> dict[str, str]:
        rows = self.db.execute(text("SELECT id, state FROM check_ins WHERE order_id = :id"), {"id": self.order_id})
        return {str(row.id): row.state for row in rows}

    @property
    def order(self) -> Any:
        return the_order(self.db, self.order_id)


@pytest.fixture
def party(db: Connection) -> Party:
    return Party(db)


def a_preparer() -> Actor:
    return an_actor(("preparer", DISTRICT), name="经办人")


class TestInParts:
    def test_more_of_the_same_party_is_let_in_beside_the_first(self, db: Connection, party: Party) -> None:
        come(db, a_check_in(party.voucher, count=12), actor=party.steward, at=party.slot.starts_at)
        more = a_check_in(party.voucher, count=8, is_more=True)
        assert come(db, more, actor=party.steward, at=party.slot.starts_at).is_more
        assert (party.order.checked_in, party.order.seats, seats_taken(db, party.slot)) == (20, 20, 20)

    def test_without_saying_so_it_is_a_second_use(self, db: Connection, party: Party) -> None:
        come(db, a_check_in(party.voucher, count=12), actor=party.steward, at=party.slot.starts_at)
        with pytest.raises(VoucherUsed, match="let in by 王管理员"):
            come(db, a_check_in(party.voucher, count=8), actor=party.steward, at=party.slot.starts_at)

    def test_all_parts_together_fit_into_party_and_free_seats(self, db: Connection) -> None:
        party = Party(db, seats=25)
        come(db, a_check_in(party.voucher, count=18), actor=party.steward, at=party.slot.starts_at)
        with pytest.raises(OverParty):
            come(db, a_check_in(party.voucher, count=8, is_more=True), actor=party.steward, at=party.slot.starts_at)
        come(db, a_check_in(party.voucher, count=7, is_more=True), actor=party.steward, at=party.slot.starts_at)
        assert (party.order.checked_in, seats_taken(db, party.slot)) == (25, 25)

    def test_who_comes_after_the_end_is_admitted_with_a_reason(self, db: Connection, party: Party) -> None:
        late = party.slot.ends_at + MINUTE
        with pytest.raises(TooLate, match="with a reason"):
            come(db, a_check_in(party.voucher), actor=party.steward, at=late)
        assert come(db, a_check_in(party.voucher, reason="堵车"), actor=party.steward, at=late).reason == "堵车"


class TestRecordedWithNoNetwork:
    def test_keeps_three_clocks(self, db: Connection, party: Party) -> None:
        received = party.slot.starts_at + timedelta(hours=5)
        item = party.item(minute=3, clock_offset_ms=60_000)
        (answer,) = party.sends(item, at=received, device_id="门口平板")
        assert (answer["state"], answer["checked_in"]) == ("valid", 20)
        kept = db.execute(text("SELECT * FROM check_ins WHERE id = :id"), {"id": item["check_in_id"]}).one()
        assert kept.device_at == party.slot.starts_at + 3 * MINUTE
        assert kept.happened_at == party.slot.starts_at + 4 * MINUTE
        assert (kept.clock_offset_ms, kept.recorded_at, kept.was_offline) == (60_000, received, True)

    def test_without_an_offset_of_its_own_the_one_of_the_sending_counts(self, db: Connection, party: Party) -> None:
        at = party.slot.ends_at
        item = party.item(minute=-60)
        party.sends(item, at=at, sent_at=at - timedelta(hours=1))
        assert db.execute(text("SELECT happened_at FROM check_ins")).scalar_one() == party.slot.starts_at

    def test_sent_again_is_answered_again(self, party: Party) -> None:
        item = party.item()
        first = party.sends(item)
        assert party.sends(item, at=party.slot.ends_at + timedelta(days=1)) == first
        assert list(party.kept.values()) == ["valid"]

    def test_one_bad_item_does_not_hold_up_the_others(self, db: Connection, party: Party) -> None:
        other = Party(db)
        answers = party.sends(
            {"voucher": "??"},
            party.item(voucher="AAAA-AAAA"),
            party.item(voucher="ZD1:FORGED"),
            party.item(voucher=other.voucher),
            party.item(count=0),
            party.item(),
        )
        codes = [answer["code"] for answer in answers]
        assert codes == [
            "invalid-input",
            "voucher-unknown",
            "voucher-unknown",
            "voucher-for-another-site",
            "invalid-input",
            None,
        ]
        assert answers[3]["branch_name"] is None
        assert list(party.kept.values()) == ["valid"]
        assert other.kept == {}

    @pytest.mark.parametrize(
        ("happened_at", "offset_ms"),
        [
            ("9999-12-31T23:59:59-12:00", 0),
            ("0001-01-01T00:00:00+14:00", 0),
            ("0002-01-01T00:00:00+14:00", -31_536_000_000 + 40_000_000),
            ("0031-01-01T00:00:00+14:00", -(10**12)),
        ],
    )
    def test_no_clock_makes_a_record_that_nobody_can_read(
        self, db: Connection, party: Party, happened_at: str, offset_ms: int
    ) -> None:
        party.sends({**party.item(), "happened_at": happened_at, "clock_offset_ms": offset_ms})
        asked = CheckInsAsked(order_id=party.order_id)
        assert len(queries.check_ins(db, asked, actor=party.steward).items) == len(party.kept)

    def test_what_does_not_count_lets_nobody_in(self, db: Connection, party: Party) -> None:
        party.sends(party.item(minute=-31))
        assert (list(party.kept.values()), party.order.checked_in) == (["flagged"], None)
        with pytest.raises(NotCheckedIn):
            visits.close(db, order_id=party.order_id, headcount=20, actor=party.steward, at=party.slot.ends_at)

    def test_another_sites_door_changes_nothing_and_learns_nothing(self, db: Connection, party: Party) -> None:
        other = Party(db)
        before = other.order
        mine, foreign = party.item(), party.item(voucher=other.voucher)
        party.sends(mine)
        for item in (foreign, {**mine, "voucher": other.voucher}):
            (answer,) = party.sends(item)
            assert (answer["state"], answer["code"]) == ("refused", "voucher-for-another-site")
            told = ("order_id", "order_state", "branch_name", "party_size", "checked_in", "valid", "flag")
            assert [answer[name] for name in told] == [None] * len(told)
        assert other.order == before

    def test_a_signed_token_is_believed_and_a_forged_one_is_not(self, db: Connection, party: Party) -> None:
        token = voucher_keys.voucher(db, party.order_id, actor=party.secretary, at=NOON).token
        assert token
        forged = token[:-3] + ("000" if token[-3:] != "000" else "100")
        answers = party.sends(party.item(voucher=forged), party.item(voucher=token))
        assert [answer["state"] for answer in answers] == ["refused", "valid"]

    def test_heads_beyond_the_party_take_free_seats_as_far_as_there_are(self, db: Connection) -> None:
        party = Party(db, seats=24)
        party.sends(party.item(count=30))
        assert (party.order.checked_in, party.order.seats, seats_taken(db, party.slot)) == (24, 24, 24)

    def test_is_for_stewards(self, party: Party) -> None:
        with pytest.raises(Forbidden):
            party.sends(party.item(), actor=an_actor(("secretary", DISTRICT)))


class TestUsedTwice:
    @pytest.mark.parametrize("earlier_arrives", ["first", "last"])
    def test_the_earlier_is_valid_whichever_arrives_first(self, party: Party, earlier_arrives: str) -> None:
        early, late = party.item(minute=1, count=18), party.item(minute=9, count=20)
        sequence = [early, late] if earlier_arrives == "first" else [late, early]
        answers = [party.sends(item)[0] for item in sequence]
        assert party.kept == {early["check_in_id"]: "valid", late["check_in_id"]: "duplicate"}
        assert party.order.checked_in == 18
        if earlier_arrives == "first":
            assert answers[1]["valid"]["id"] == early["check_in_id"]
            assert (answers[1]["valid"]["count"], answers[1]["valid"]["by_name"]) == (18, "王管理员")

    def test_at_equal_times_the_lower_id_is(self, party: Party) -> None:
        low, high = sorted((uuid4(), uuid4()))
        party.sends(party.item(id=high), party.item(id=low))
        assert party.kept == {str(low): "valid", str(high): "duplicate"}

    def test_an_online_use_can_turn_out_to_be_the_later_one(self, db: Connection, party: Party) -> None:
        online = a_check_in(party.voucher, count=20)
        come(db, online, actor=party.steward, at=party.slot.starts_at + 10 * MINUTE)
        earlier = party.item(minute=2, count=15)
        party.sends(earlier)
        assert party.kept == {str(online.check_in_id): "duplicate", earlier["check_in_id"]: "valid"}
        assert party.order.checked_in == 15

    def test_after_the_closing_nothing_is_counted_anew(self, db: Connection, party: Party) -> None:
        party.sends(party.item(minute=5, count=20))
        visits.close(db, order_id=party.order_id, headcount=20, actor=party.steward, at=party.slot.ends_at)
        party.sends(party.item(minute=1, count=3))
        assert sorted(party.kept.values()) == ["duplicate", "valid"]
        assert (party.order.checked_in, party.order.headcount) == (20, 20)
        assert (
            db.execute(text("SELECT count(*) FROM claims WHERE order_id = :id"), {"id": party.order_id}).scalar() == 0
        )


class TestInDoubt:
    def test_a_cancelled_order_that_was_let_in_waits_for_a_person(self, db: Connection, party: Party) -> None:
        orders.cancel(db, order_id=party.order_id, reason="下雨", actor=party.secretary, at=NOON)
        (answer,) = party.sends(party.item())
        assert (answer["state"], answer["flag"], party.order.state) == ("flagged", "cancelled", "cancelled")
        assert (party.order.checked_in, seats_taken(db, party.slot)) == (None, 0)

    @pytest.mark.parametrize(
        ("rest", "flag"),
        [
            ({"minute": -31}, "early"),
            ({"minute": 61}, "late"),
            ({"minute": 61, "reason": "堵车"}, None),
            ({"minute": -30}, None),
        ],
    )
    def test_by_the_time(self, party: Party, rest: dict[str, Any], flag: str | None) -> None:
        (answer,) = party.sends(party.item(**rest), at=party.slot.ends_at + timedelta(hours=1))
        assert answer["flag"] == flag

    def test_an_older_voucher_and_one_of_a_leaked_key(self, db: Connection, party: Party) -> None:
        token = voucher_keys.voucher(db, party.order_id, actor=party.secretary, at=NOON).token
        db.execute(text("UPDATE orders SET voucher_revision = 2 WHERE id = :id"), {"id": party.order_id})
        assert party.sends(party.item(voucher=token))[0]["flag"] == "superseded"
        db.execute(text("UPDATE voucher_keys SET state = 'leaked', leaked_at = :at, leaked_by = 'x'"), {"at": NOON})
        assert party.sends(party.item(voucher=token))[0]["flag"] == "leaked"

    def test_a_no_show_that_came_after_all_is_brought_back_with_its_money(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        party = Party(db)
        before = fund_year(db, fund).encumbered_fen
        orders.miss(db, at=party.slot.ends_at + 30 * MINUTE)
        assert (party.order.state, fund_year(db, fund).encumbered_fen, seats_taken(db, party.slot)) == ("no_show", 0, 0)
        (answer,) = party.sends(party.item(), at=party.slot.ends_at + timedelta(hours=4))
        assert (answer["state"], answer["order_state"]) == ("valid", "confirmed")
        assert (party.order.checked_in, seats_taken(db, party.slot)) == (20, 20)
        assert before == fund_year(db, fund).encumbered_fen > 0
        assert history_of(db, party.order_id)[-1].move == "restore"

    def test_a_no_show_told_of_after_days_waits_for_a_person(self, db: Connection, party: Party) -> None:
        orders.miss(db, at=party.slot.ends_at + 30 * MINUTE)
        (answer,) = party.sends(party.item(), at=party.slot.ends_at + timedelta(days=4))
        assert (answer["flag"], party.order.state) == ("no_show", "no_show")


class TestDecision:
    def decide(self, db: Connection, party: Party, decision: str, *, actor: Actor | None = None) -> Any:
        (check_in_id,) = party.kept
        asked = DecideCheckIn(check_in_id=UUID(check_in_id), decision=decision, reason="已核实")
        return check_in_decisions.decide(db, asked=asked, actor=actor or a_preparer(), at=party.slot.ends_at)

    @pytest.fixture
    def fund(self, db: Connection) -> UUID:
        return money_in_the_fund(db)

    @pytest.fixture
    def doubtful(self, db: Connection, fund: UUID) -> Party:
        party = Party(db)
        orders.cancel(db, order_id=party.order_id, reason="下雨", actor=party.secretary, at=NOON)
        party.sends(party.item(count=18))
        return party

    def test_accepted_it_counts_and_its_money_is_set_aside_again(
        self, db: Connection, doubtful: Party, fund: UUID
    ) -> None:
        assert fund_year(db, fund).encumbered_fen == 0
        record = self.decide(db, doubtful, "accept")
        assert (record.state, record.decided_by, record.decision_reason) == ("valid", "经办人", "已核实")
        assert (doubtful.order.state, doubtful.order.checked_in) == ("confirmed", 18)
        assert fund_year(db, fund).encumbered_fen == doubtful.order.subsidy_estimate_fen > 0
        visits.close(db, order_id=doubtful.order_id, headcount=18, actor=doubtful.steward, at=doubtful.slot.ends_at)
        assert db.execute(text("SELECT count(*) FROM claims")).scalar_one() == 1

    def test_accepted_unpaid_it_counts_and_no_fund_pays(self, db: Connection, doubtful: Party, fund: UUID) -> None:
        self.decide(db, doubtful, "accept_unpaid")
        order = doubtful.order
        assert (order.state, order.checked_in, order.is_subsidised) == ("confirmed", 18, False)
        assert fund_year(db, fund).encumbered_fen == 0

    def test_accepted_unpaid_while_the_order_stands_frees_its_money(self, db: Connection, fund: UUID) -> None:
        party = Party(db)
        party.sends(party.item(minute=-45))
        self.decide(db, party, "accept_unpaid")
        assert (party.order.is_subsidised, fund_year(db, fund).encumbered_fen) == (False, 0)

    def test_rejected_nothing_changes(self, db: Connection, doubtful: Party, fund: UUID) -> None:
        assert self.decide(db, doubtful, "reject").state == "rejected"
        assert (doubtful.order.state, fund_year(db, fund).encumbered_fen) == ("cancelled", 0)

    def test_is_made_once(self, db: Connection, doubtful: Party) -> None:
        self.decide(db, doubtful, "reject")
        with pytest.raises(CheckInDecided):
            self.decide(db, doubtful, "accept")

    def test_nobody_decides_on_their_own_site_or_branch(self, db: Connection, doubtful: Party) -> None:
        both = an_actor(("preparer", DISTRICT), ("steward", doubtful.slot.site.path))
        with pytest.raises(OwnSiteOrBranch):
            self.decide(db, doubtful, "accept", actor=both)
        with pytest.raises(Forbidden):
            self.decide(db, doubtful, "accept", actor=doubtful.steward)
        with pytest.raises(NotFound):
            self.decide(db, doubtful, "accept", actor=a_steward(a_site(db)))

    def test_both_stewards_and_the_preparer_see_what_is_doubtful(self, db: Connection, doubtful: Party) -> None:
        asked = CheckInsAsked(state="flagged", order_id=doubtful.order_id)
        for actor in (doubtful.steward, a_preparer(), doubtful.secretary):
            (record,) = queries.check_ins(db, asked, actor=actor).items
            assert (record.flag, record.count, record.order_state) == ("cancelled", 18, "cancelled")
        assert queries.check_ins(db, asked, actor=a_steward(a_site(db))).items == []


# ---- any sequence gives the same -----------------------------------------------------------------------------------

NOTES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 26), st.booleans()), min_size=1, max_size=5
)  # minute, heads, more of the party


@given(notes=NOTES, order=st.randoms(use_true_random=False), cuts=st.lists(st.booleans(), min_size=5, max_size=5))
def test_any_arrival_order_gives_the_same_valid_one_and_the_same_counts(
    engine: Engine, notes: list[tuple[int, int, bool]], order: Any, cuts: list[bool]
) -> None:
    with engine.connect() as db:
        ids = [uuid4() for _ in notes]
        results = []
        shuffled = list(range(len(notes)))
        order.shuffle(shuffled)
        for sequence in (list(range(len(notes))), shuffled):
            with db.begin_nested() as undone:
                party = Party(db, seats=24)
                items = [
                    party.item(
                        id=ids[number], minute=notes[number][0], count=notes[number][1], is_more=notes[number][2]
                    )
                    for number in sequence
                ]
                for batch in cut(items, cuts):
                    party.sends(*batch)
                states = {number: party.kept[item["check_in_id"]] for number, item in zip(sequence, items, strict=True)}
                results.append((states, party.order.checked_in, party.order.seats, seats_taken(db, party.slot)))
                undone.rollback()
        assert results[0] == results[1]
        states, checked_in, seats, taken = results[0]
        mains = [state for number, state in states.items() if not notes[number][2]]
        assert mains.count("valid") == min(1, len(mains))
        assert checked_in <= seats == taken <= 24


def cut(items: Sequence[dict[str, Any]], cuts: Sequence[bool]) -> list[list[dict[str, Any]]]:
    """Cut the items into batches, before each place where `cuts` says so."""
    batches: list[list[dict[str, Any]]] = [[]]
    for item, is_cut in zip(items, itertools.cycle(cuts)):
        if is_cut and batches[-1]:
            batches.append([])
        batches[-1].append(item)
    return batches


# ---- at once, on real connections ----------------------------------------------------------------------------------


class TestAtOnce:
    def send(self, database: Engine, party: Any, *items: dict[str, Any]) -> list[dict[str, Any]]:
        with database.begin() as db:
            db.execute(PATIENT)
            asked = RecordCheckIns(items=list(items))
            return check_ins.record(db, asked=asked, actor=party.steward, at=party.slot.ends_at).items

    def test_eight_devices_that_used_one_voucher_are_told_of_one_valid_use(self, database: Engine) -> None:
        with database.begin() as db:
            party = Party(db)
        items = [party.item(minute=minute, count=10 + minute) for minute in range(8)]
        results = at_once([partial(self.send, database, party, item) for item in items])
        assert all(isinstance(result, list) for result in results)
        with database.connect() as db:
            party.db = db
            assert party.kept[items[0]["check_in_id"]] == "valid"
            assert list(party.kept.values()).count("duplicate") == 7
            assert party.order.checked_in == 10
        assert figures(database, party.slot)[0] == figures(database, party.slot)[1] == 20

    def test_the_same_batch_sent_by_a_retry_at_the_same_time_is_recorded_once(self, database: Engine) -> None:
        with database.begin() as db:
            slot = a_slot(db, seats=200)
            parties = [Party(db, slot=slot) for _ in range(4)]
        items = [party.item(count=22) for party in parties]
        results = at_once([partial(self.send, database, parties[0], *items) for _ in range(4)])
        assert [len(result) for result in results] == [4, 4, 4, 4]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM check_ins WHERE state = 'valid'")).scalar_one() == 4
        assert figures(database, slot) == (88, 88, 4)

    def test_online_and_offline_uses_of_one_voucher_leave_one_valid(self, database: Engine) -> None:
        with database.begin() as db:
            party = Party(db)

        def online() -> Any:
            with database.begin() as db:
                db.execute(PATIENT)
                return come(db, a_check_in(party.voucher), actor=party.steward, at=party.slot.starts_at + 3 * MINUTE)

        acts: list[Any] = [online, online, *(partial(self.send, database, party, party.item(minute=m)) for m in (1, 5))]
        results = at_once(acts)
        refused = [result for result in results if isinstance(result, str)]
        assert set(refused) <= {"voucher-used"}
        with database.connect() as db:
            states = [row.state for row in db.execute(text("SELECT state FROM check_ins"))]
            assert states.count("valid") == 1

    def test_parts_at_once_never_exceed_party_and_free_seats(self, database: Engine) -> None:
        with database.begin() as db:
            party = Party(db, seats=26)
            come(db, a_check_in(party.voucher, count=20), actor=party.steward, at=party.slot.starts_at)

        def part() -> Any:
            with database.begin() as db:
                db.execute(PATIENT)
                more = a_check_in(party.voucher, count=2, is_more=True)
                return come(db, more, actor=party.steward, at=party.slot.starts_at)

        results = at_once([part] * 8)
        assert sorted(str(result) for result in results if isinstance(result, str)) == ["over-party"] * 5
        assert figures(database, party.slot) == (26, 26, 1)
