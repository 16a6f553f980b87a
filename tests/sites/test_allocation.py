"""Allocation rounds (S6): what they cover, who asks, the draw that anyone can repeat, killed and repeated, at once."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.allocation import AnnounceRound, AskInRound, RequestsAsked, RequestView, RoundView
from contracts.sites.explanations import BookingAsked
from contracts.sites.orders import AmendOrder
from contracts.sites.slots import SlotsAsked
from sites.domain import allocation as rules
from sites.domain.allocation import (
    DrawTooEarly,
    Entrant,
    InAllocationRound,
    RequestsNotTaken,
    RequestWithdrawn,
    RoundDecided,
    RoundOverAnother,
)
from sites.domain.orders import NotYourBranch
from sites.domain.waiting import PartyOverSeats
from sites.operations import allocation, draws, orders, seat_proof, waiting
from sites.queries import allocation as queries
from sites.queries import explanations, slots
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    Site,
    Slot,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    fund_year,
    money_in_the_fund,
    place,
    seats_taken,
    told,
)
from tests.sites.test_waiting import joined

DAY = timedelta(days=1)
DATE = NOON + 10 * DAY
DRAW = NOON + 3 * DAY
OFFICER = an_actor(("officer", DISTRICT), name="赵干事")


def a_round(db: Connection, site: Site | None = None, **changed: Any) -> RoundView:
    """A round over a site's tenth day from now; requests are taken for two days, drawn on the third."""
    asked: dict[str, Any] = {
        "title": "七一活动周",
        "first_on": date(2026, 11, 20),
        "last_on": date(2026, 11, 20),
        "opens_at": NOON,
        "closes_at": NOON + 2 * DAY,
        "draw_at": DRAW,
        "seed_on": date(2026, 11, 9),
        "seed_number": "川组发〔2026〕31号",
        "site_ids": [site.id] if site else [],
    }
    return allocation.announce(db, asked=AnnounceRound(**{**asked, **changed}), actor=OFFICER, at=NOON)


def asks(
    db: Connection,
    round: RoundView,
    branch: Branch,
    *wishes: Slot,
    party_size: int = 20,
    at: datetime = NOON,
    **rest: Any,
) -> RequestView:
    asked = AskInRound(
        round_id=round.id,
        branch_id=branch.id,
        party_size=party_size,
        slot_ids=[slot.id for slot in wishes],
        contact_name="李书记",
        contact_phone="13853312345",
        **rest,
    )
    return allocation.ask(db, asked=asked, actor=a_secretary(branch), at=at)


def now(db: Connection, request: RequestView) -> RequestView:
    return queries.request(db, request.id)


@pytest.fixture
def drawn_here(db: Connection) -> Callable[..., dict[str, int]]:
    """Draw in the test's own transaction: what the draw commits becomes a savepoint's."""

    class Inside:
        def __init__(self) -> None:
            self.execute, self.begin_nested, self.connection = db.execute, db.begin_nested, db.connection

        def commit(self) -> None: ...

    def draw(round: RoundView, *, at: datetime = DRAW) -> dict[str, int]:
        return draws.draw_round(Inside(), round_id=round.id, at=at)  # type: ignore[arg-type]

    return draw


class TestTheDraw:
    def test_is_what_anyone_computes_with_sha256_alone(self) -> None:
        entrants = [Entrant(uuid4(), unvisited=bool(number % 3)) for number in range(200)]
        drawn = rules.draw("2026-06-01 川组发〔2026〕12号", entrants, unvisited_first=True)
        digests = {
            one.id: hashlib.sha256("2026-06-01 川组发〔2026〕12号".encode() + str(one.id).encode()).hexdigest()
            for one in entrants
        }
        first = sorted((one.id for one in entrants if one.unvisited), key=digests.__getitem__)
        then = sorted((one.id for one in entrants if not one.unvisited), key=digests.__getitem__)
        assert [one.id for one in drawn] == first + then
        assert [one.position for one in drawn] == list(range(1, 201))

    def test_takes_all_alike_where_the_rule_says_so(self) -> None:
        entrants = [Entrant(uuid4(), unvisited=bool(number % 2)) for number in range(50)]
        drawn = rules.draw("seed", entrants, unvisited_first=False)
        assert [one.digest for one in drawn] == sorted(one.digest for one in drawn)

    def test_nobody_finds_a_better_place_by_asking_again(self) -> None:
        round_id, branch_id = uuid4(), uuid4()
        assert rules.request_id(round_id, branch_id) == rules.request_id(round_id, branch_id)
        assert rules.request_id(uuid4(), branch_id) != rules.request_id(round_id, branch_id)


class TestAnnouncing:
    def test_fixes_the_numbers_of_the_rule_and_the_seed(self, db: Connection) -> None:
        found = a_round(db, a_site(db))
        assert (found.seed, found.wishes_max, found.visits_max) == ("2026-11-09 川组发〔2026〕31号", 5, 1)
        assert (found.unvisited_first, found.no_visit_days, found.state) == (True, 365, "collecting")
        assert "默认" in found.citation

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"closes_at": NOON}, "closes_at"),
            ({"draw_at": NOON + DAY}, "draw_at"),
            ({"draw_at": DATE}, "draw_at"),
            ({"last_on": date(2026, 11, 19)}, "last_on"),
            ({"seed_on": date(2026, 11, 11)}, "seed_on"),
            ({"site_ids": []}, "site_ids"),
            ({"site_ids": [uuid4()]}, "site_ids"),
        ],
    )
    def test_says_what_is_wrong(self, db: Connection, changed: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            a_round(db, a_site(db), **changed)
        assert list(refused.value.errors) == [field]

    def test_a_site_is_in_one_round_on_a_day(self, db: Connection) -> None:
        site = a_site(db)
        first = a_round(db, site)
        with pytest.raises(RoundOverAnother, match="七一活动周"):
            a_round(db, site, title="又一轮")
        allocation.withdraw(db, round_id=first.id, reason="改期", actor=OFFICER, at=NOON)
        assert a_round(db, site, title="又一轮").title == "又一轮"

    def test_is_for_the_officer_of_the_site(self, db: Connection) -> None:
        site = a_site(db)
        asked = {"first_on": date(2026, 11, 20), "last_on": date(2026, 11, 20), "opens_at": NOON}
        of_elsewhere = an_actor(("officer", "3703.370303"))
        with pytest.raises(Forbidden):
            allocation.announce(
                db,
                asked=AnnounceRound(
                    title="轮",
                    closes_at=NOON + DAY,
                    draw_at=DRAW,
                    seed_on=NOON.date(),
                    seed_number="1",
                    site_ids=[site.id],
                    **asked,  # type: ignore[arg-type]
                ),
                actor=of_elsewhere,
                at=NOON,
            )


class TestWhatARoundCovers:
    def test_is_not_ordered_by_whoever_comes_first(self, db: Connection) -> None:
        site = a_site(db)
        slot, other = a_slot(db, site=site, starts_at=DATE), a_slot(db, site=site, starts_at=DATE + DAY)
        order_id, secretary = a_placed_order(db, slot=slot, party_size=10)
        elsewhere, mover = a_placed_order(db, slot=other)
        round = a_round(db, site)
        branch = a_branch(db)
        with pytest.raises(InAllocationRound, match="七一活动周") as refused:
            place(db, an_order(slot, branch=branch), actor=a_secretary(branch))
        assert refused.value.params["round_id"] == str(round.id)
        for order, changed, by in (
            (order_id, {"party_size": 12}, secretary),
            (elsewhere, {"slot_id": slot.id}, mover),
        ):
            with pytest.raises(InAllocationRound), db.begin_nested():
                orders.amend(db, asked=AmendOrder(order, **changed), actor=by, at=NOON)
        with pytest.raises(InAllocationRound):
            joined(db, slot)
        orders.amend(db, asked=AmendOrder(order_id, party_size=5), actor=secretary, at=NOON)  # shrinking is welcome
        place(db, an_order(other, branch=branch), actor=a_secretary(branch))  # the next day is as always

    def test_is_told_by_the_explanation_and_the_slots(self, db: Connection) -> None:
        site = a_site(db)
        slot, other = a_slot(db, site=site, starts_at=DATE), a_slot(db, site=site, starts_at=DATE + DAY)
        twin = a_slot(db, site=site, starts_at=DATE + timedelta(hours=2))
        round = a_round(db, site)
        branch = a_branch(db)
        found = explanations.booking(db, BookingAsked(slot.id, 20, branch.id), actor=a_secretary(branch), at=NOON)
        (broken,) = [rule for rule in found.rules if rule.stops]
        assert (broken.rule, broken.code) == ("allocation", "in-allocation-round")
        assert broken.inputs["round_id"] == str(round.id)
        assert [near.slot.id for near in found.nearest] == [other.id]
        days = SlotsAsked(site.id, from_day=date(2026, 11, 20), to_day=date(2026, 11, 21))
        page = slots.slots(db, days, at=NOON)
        assert [(view.id, view.bookable, view.round_id) for view in page.items] == [
            (slot.id, False, round.id),
            (twin.id, False, round.id),
            (other.id, True, None),
        ]

    def test_is_single_programmes_where_they_are_named(self, db: Connection) -> None:
        site = a_site(db)
        slot = a_slot(db, site=site, starts_at=DATE)
        other = db.execute(
            text(
                "INSERT INTO programmes (id, site_id, name, theme, minutes, every_minutes, seats, notice_minutes,"
                " confirmation) SELECT gen_random_uuid(), site_id, '讲座', theme, minutes, every_minutes, seats,"
                " notice_minutes, confirmation FROM programmes WHERE id = :id RETURNING id"
            ),
            {"id": site.programme_id},
        ).scalar_one()
        round = a_round(db, programme_ids=[other])
        assert round.places[0].programmes == ["讲座"]
        branch = a_branch(db)
        place(db, an_order(slot, branch=branch), actor=a_secretary(branch))

    def test_goes_to_nobody_who_waits_before_the_draw(self, db: Connection) -> None:
        slot = a_slot(db, seats=20, starts_at=DATE)
        order_id, secretary = a_placed_order(db, slot=slot)
        entry, _ = joined(db, slot)
        a_round(db, slot.site)
        orders.cancel(db, order_id=order_id, reason="有事", actor=secretary, at=NOON)
        waiting.pass_on(db, at=NOON)
        state = db.execute(text("SELECT state FROM waiting_entries WHERE id = :id"), {"id": entry.id}).scalar_one()
        assert state == "waiting"


class TestAsking:
    def test_replaces_what_was_asked_and_can_be_taken_back(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=DATE)
        later = a_slot(db, site=slot.site, starts_at=DATE + timedelta(hours=2))
        round, branch = a_round(db, slot.site), a_branch(db)
        first = asks(db, round, branch, slot)
        again = asks(db, round, branch, later, slot, party_size=9)
        assert (again.id, again.party_size) == (first.id, 9)
        assert [wish.slot.id for wish in again.wishes] == [later.id, slot.id]
        secretary = a_secretary(branch)
        assert allocation.take_back(db, request_id=first.id, actor=secretary, at=NOON).state == "withdrawn"
        with pytest.raises(RequestWithdrawn):
            allocation.take_back(db, request_id=first.id, actor=secretary, at=NOON)
        assert asks(db, round, branch, slot).state == "asked"

    def test_is_for_the_time_in_which_requests_are_taken(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=DATE)
        round, branch = a_round(db, slot.site, opens_at=NOON + DAY), a_branch(db)
        for at in (NOON, NOON + 2 * DAY):
            with pytest.raises(RequestsNotTaken):
                asks(db, round, branch, slot, at=at)
        request = asks(db, round, branch, slot, at=NOON + DAY)
        with pytest.raises(RequestsNotTaken):
            allocation.take_back(db, request_id=request.id, actor=a_secretary(branch), at=NOON + 2 * DAY)

    def test_is_for_times_of_the_round_and_within_its_numbers(self, db: Connection) -> None:
        slot, stranger = a_slot(db, starts_at=DATE), a_slot(db, starts_at=DATE)
        round, branch = a_round(db, slot.site, wishes_max=1), a_branch(db)
        for wishes, rest, field in (((stranger,), {}, "slot_ids"), ((slot,), {"visits": 2}, "visits")):
            with pytest.raises(InvalidInput) as refused:
                asks(db, round, branch, *wishes, **rest)
            assert field in refused.value.errors
        with pytest.raises(PartyOverSeats):
            asks(db, round, branch, slot, party_size=61)

    def test_is_for_the_branch_s_own_secretary(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=DATE)
        round, branch = a_round(db, slot.site), a_branch(db)
        asked = AskInRound(round.id, branch.id, 5, [slot.id], "李书记", "13853312345")
        with pytest.raises(NotYourBranch):
            allocation.ask(db, asked=asked, actor=a_secretary(a_branch(db)), at=NOON)
        request = asks(db, round, branch, slot)
        with pytest.raises(NotFound):
            queries.request_seen(db, request.id, actor=a_secretary(a_branch(db)))
        seen = queries.requests(db, RequestsAsked(round_id=round.id), actor=OFFICER)
        assert [view.id for view in seen.items] == [request.id]


class TestDrawing:
    def test_gives_by_position_and_explains(self, db: Connection, drawn_here: Any) -> None:
        money_in_the_fund(db)
        slot = a_slot(db, seats=40, starts_at=DATE)
        round = a_round(db, slot.site)
        asked = [asks(db, round, a_branch(db), slot, waits=bool(number)) for number in range(4)]
        result = drawn_here(round)
        assert result == {"requests": 4, "orders": 2}
        found = sorted((now(db, request) for request in asked), key=lambda request: request.position or 0)
        assert [request.position for request in found] == [1, 2, 3, 4]
        assert {request.drawn for request in found} == {4}
        assert [request.state == "given" for request in found] == [True, True, False, False]
        for request in found[2:]:
            (tried,) = request.turns[0].tried
            assert (tried.code, tried.params["seats_left"]) == ("slot-full", 0)
            assert request.state == ("waiting" if request.waits else "not_given")
            assert (request.waiting_entry_id is not None) == request.waits
        order = found[0].turns[0].order_id
        placed = db.execute(text("SELECT * FROM orders WHERE id = :id"), {"id": order}).one()
        assert (placed.branch_id, placed.state, placed.is_subsidised) == (found[0].branch_id, "confirmed", True)
        assert [fact.event for fact in told(db, order)] == ["visit_ordered"]
        assert [fact.data["state"] for fact in told(db, found[0].id)] == ["given"]
        assert queries.round(db, round.id, at=DRAW).state == "drawn"
        seat_proof.prove(db)

    def test_branches_without_a_visit_come_first(self, db: Connection, drawn_here: Any) -> None:
        slot = a_slot(db, starts_at=DATE)
        round = a_round(db, slot.site)
        visited = [a_branch(db) for _ in range(3)]
        for number, branch in enumerate(visited):
            used, _ = a_placed_order(db, slot=a_slot(db, starts_at=NOON + timedelta(hours=number + 1)), branch=branch)
            db.execute(
                text(
                    "UPDATE orders SET state = 'used', checked_in = 20, headcount = 20,"
                    " visit_on = visit_on - CAST(:ago AS int) WHERE id = :id"
                ),
                {"id": used, "ago": 400 if number == 0 else 30},
            )
        everybody = [*visited, *(a_branch(db) for _ in range(4))]
        asked = {branch.id: asks(db, round, branch, slot, party_size=1) for branch in everybody}
        drawn_here(round)
        last = {branch for branch, request in asked.items() if (now(db, request).position or 0) > 5}
        assert last == {visited[1].id, visited[2].id}

    def test_nobody_is_served_twice_before_all_were_served_once(self, db: Connection, drawn_here: Any) -> None:
        early = a_slot(db, seats=60, starts_at=DATE)
        late = a_slot(db, site=early.site, seats=60, starts_at=DATE + timedelta(hours=2))
        round = a_round(db, early.site, visits_max=2)
        asked = [asks(db, round, a_branch(db), early, late, party_size=30, visits=2) for _ in range(3)]
        drawn_here(round)
        found = sorted((now(db, request) for request in asked), key=lambda request: request.position or 0)
        assert [request.state for request in found] == ["given"] * 3
        assert [[turn.order_id is not None for turn in request.turns] for request in found] == [
            [True, True],
            [True, False],
            [True, False],
        ]
        assert [tried.slot.id for tried in found[0].turns[1].tried] == [late.id]

    def test_left_over_seats_are_open_to_everybody_afterwards(self, db: Connection, drawn_here: Any) -> None:
        slot = a_slot(db, starts_at=DATE)
        round = a_round(db, slot.site)
        request = asks(db, round, a_branch(db), slot)
        drawn_here(round)
        branch = a_branch(db)
        place(db, an_order(slot, branch=branch), actor=a_secretary(branch), at=DRAW)
        assert seats_taken(db, slot) == 40
        with pytest.raises(RequestsNotTaken):
            allocation.take_back(db, request_id=request.id, actor=a_secretary(branch_of(db, request)), at=DRAW)

    def test_what_was_against_a_wish_is_told(self, db: Connection, drawn_here: Any) -> None:
        slot = a_slot(db, starts_at=DATE)
        round, branch, gone = a_round(db, slot.site), a_branch(db), a_branch(db)
        for number in (1, 2):  # as many open orders as a branch may have
            a_placed_order(db, slot=a_slot(db, starts_at=DRAW + number * DAY), branch=branch)
        request, other = asks(db, round, branch, slot), asks(db, round, gone, slot)
        db.execute(text("UPDATE organisations SET dissolved = true WHERE id = :id"), {"id": gone.id})
        drawn_here(round)
        assert [one.code for one in now(db, request).turns[0].tried] == ["quota-reached"]
        assert now(db, request).state == "not_given"
        assert [one.code for one in now(db, other).turns[0].tried] == ["branch-unknown"]

    def test_is_not_done_before_its_time_nor_twice(self, db: Connection, drawn_here: Any) -> None:
        slot = a_slot(db, starts_at=DATE)
        round = a_round(db, slot.site)
        asks(db, round, a_branch(db), slot)
        with pytest.raises(DrawTooEarly):
            allocation.start_draw(db, round_id=round.id, actor=OFFICER, at=NOON)
        assert drawn_here(round, at=NOON) == {"requests": 0, "orders": 0}
        allocation.start_draw(db, round_id=round.id, actor=OFFICER, at=DRAW)
        assert allocation.ask_for_due_draws(db, at=DRAW) == 0  # it is asked for
        assert drawn_here(round) == drawn_here(round, at=DRAW + DAY) == {"requests": 1, "orders": 1}
        for refused in (
            lambda: allocation.start_draw(db, round_id=round.id, actor=OFFICER, at=DRAW),
            lambda: allocation.withdraw(db, round_id=round.id, reason="改期", actor=OFFICER, at=DRAW),
        ):
            with pytest.raises(RoundDecided):
                refused()

    def test_all_who_asked_are_told_of_a_withdrawn_round(self, db: Connection) -> None:
        slot = a_slot(db, starts_at=DATE)
        round = a_round(db, slot.site)
        request = asks(db, round, a_branch(db), slot)
        allocation.withdraw(db, round_id=round.id, reason="场馆维修", actor=OFFICER, at=NOON)
        assert now(db, request).state == "withdrawn"
        assert [fact.event for fact in told(db, request.id)] == ["request_decided"]
        branch = a_branch(db)
        place(db, an_order(slot, branch=branch), actor=a_secretary(branch))


def branch_of(db: Connection, request: RequestView) -> Branch:
    path = db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": request.branch_id}).scalar_one()
    return Branch(request.branch_id, path, request.branch_name)


# ---- killed, repeated, at once, and by strangers: real commits -------------------------------------------------------


def a_rush(database: Engine, *, branches: int = 12) -> tuple[RoundView, list[Slot], UUID]:
    """A round with more wishes than seats: three slots, requests of different sizes, two visits wished by some."""
    with database.begin() as db:
        fund = money_in_the_fund(db)
        site = a_site(db)
        times = [a_slot(db, site=site, seats=50, starts_at=DATE + number * timedelta(hours=2)) for number in range(3)]
        round = a_round(db, site, visits_max=2)
        for number in range(branches):
            wishes = [times[(number + step) % 3] for step in range(1 + number % 3)]
            visits = 2 if len(wishes) > 1 and number % 2 else 1
            asks(db, round, a_branch(db), *wishes, party_size=10 + number % 4 * 7, visits=visits)
    return round, times, fund


def repeated(told: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    """Repeat a draw from its export with hashlib alone: (request, turn, slot given) in the order of the turns."""
    free = {slot["slot_id"]: slot["seats_free"] for slot in told["slots"]}
    seed, first = told["round"]["seed"], told["round"]["unvisited_first"]
    digest = {r["request_id"]: hashlib.sha256((seed + r["request_id"]).encode()).hexdigest() for r in told["requests"]}
    by_place = sorted(told["requests"], key=lambda r: (first and not r["unvisited"], digest[r["request_id"]]))
    had: dict[str, list[str]] = {r["request_id"]: [] for r in by_place}
    outcome: list[tuple[str, int, str | None]] = []
    for turn in range(1, 6):
        for request in by_place:
            mine = had[request["request_id"]]
            if request["visits"] < turn or len(mine) < turn - 1:
                continue
            wishes = [wish for wish in request["wishes"] if wish not in mine]
            found = next((wish for wish in wishes if free[wish] >= request["party_size"]), None)
            if found:
                free[found] -= request["party_size"]
                mine.append(found)
            outcome.append((request["request_id"], turn, found))
    return outcome


def as_drawn(told: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    turns = [
        (turn["turn"], request["position"], request["request_id"], turn["tried"][-1])
        for request in told["requests"]
        for turn in request["turns"]
    ]
    return [
        (request, turn, None if last["code"] else last["slot_id"])
        for turn, _position, request, last in sorted(turns, key=lambda one: one[:2])
    ]


def exported(database: Engine, round: RoundView) -> dict[str, Any]:
    with database.connect() as db:
        told: dict[str, Any] = json.loads(queries.export(db, round.id, at=DRAW))
    return told


def draw(database: Engine, round: RoundView, *, at: datetime = DRAW, told: Any = None) -> dict[str, int]:
    with database.connect() as db:
        return draws.draw_round(db, round_id=round.id, at=at, told=told)


def must_be_whole(database: Engine, round: RoundView, times: list[Slot], fund: UUID) -> None:
    """Every turn once, every order once, seats and money as the orders say, and anyone gets the same."""
    told = exported(database, round)
    assert as_drawn(told) == repeated(told)
    with database.connect() as db:
        placed = db.execute(text("SELECT count(*), sum(subsidy_estimate_fen) FROM orders")).one()
        turned = db.execute(text("SELECT count(order_id), count(DISTINCT order_id) FROM allocation_turns")).one()
        live = db.execute(text("SELECT count(*) FROM holds WHERE state = 'live'")).scalar_one()
        sums = db.execute(text("SELECT slot_id, sum(seats) AS seats FROM orders GROUP BY slot_id"))
        seats = {row.slot_id: row.seats for row in sums}
        assert (placed[0], placed[0], live) == (*turned, 0)
        assert {slot.id: seats.get(slot.id, 0) for slot in times} == {slot.id: seats_taken(db, slot) for slot in times}
        assert fund_year(db, fund).encumbered_fen == placed[1]
        seat_proof.prove(db)


class Killed(Exception):
    pass


def test_anyone_repeats_the_draw_from_its_export(database: Engine) -> None:
    round, times, fund = a_rush(database)
    assert exported(database, round)["requests"] == []  # before the draw nobody's wishes are told
    draw(database, round)
    must_be_whole(database, round, times, fund)
    told = exported(database, round)
    assert [request["position"] for request in told["requests"]] == list(range(1, 13))
    assert {request["state"] for request in told["requests"]} == {"given", "waiting"}
    assert "李书记" not in json.dumps(told, ensure_ascii=False)


def test_a_draw_that_is_killed_anywhere_is_repeated_with_the_same_result(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    round, times, fund = a_rush(database)
    real, steps = draws._decide, iter(range(1000))

    def killed_within_a_turn(*args: Any, **rest: Any) -> None:
        real(*args, **rest)
        if next(steps) % 3 == 1:
            raise Killed()  # seats, order, money and entry are written, and not committed

    def killed_between(taken: int, _total: int) -> None:
        if taken % 2 == 0:
            raise Killed()

    monkeypatch.setattr(draws, "_decide", killed_within_a_turn)
    attempts = 0
    while True:
        attempts += 1
        try:
            draw(database, round, at=DRAW + attempts * timedelta(minutes=1), told=killed_between)
            break
        except Killed:
            assert attempts < 60
    assert attempts > 5
    must_be_whole(database, round, times, fund)
    with database.connect() as db:
        instants = db.execute(text("SELECT DISTINCT placed_at FROM orders")).scalars().all()
    assert instants == [DRAW + timedelta(minutes=1)]  # judged by the instant at which it began


def test_two_draws_at_once_are_one(database: Engine) -> None:
    round, times, fund = a_rush(database)
    results = at_once([lambda: draw(database, round) for _ in range(4)])
    assert {result["requests"] for result in results} == {12}
    must_be_whole(database, round, times, fund)


def test_requests_and_the_draw_at_once_leave_nobody_halfway(database: Engine) -> None:
    round, times, fund = a_rush(database)
    with database.begin() as db:
        late = [a_branch(db) for _ in range(6)]

    def ask_late(branch: Branch) -> Any:
        with database.begin() as db:
            return asks(db, round, branch, times[0], party_size=3, at=NOON + DAY)

    at_once([*(lambda branch=branch: ask_late(branch) for branch in late), lambda: draw(database, round)])
    with database.connect() as db:
        halfway = db.execute(text("SELECT count(*) FROM allocation_requests WHERE state = 'asked'")).scalar_one()
    assert halfway == 0
    must_be_whole(database, round, times, fund)
