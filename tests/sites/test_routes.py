"""Tour routes: laid out, planned, ordered whole or not at all, cancelled (S7)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import guard
from chassis.actors import Actor, Forbidden
from chassis.guard import Command
from chassis.refusals import IdempotencyKeyReused, NotFound
from contracts.envelope import dump
from contracts.sites.routes import MakeRoute, OrderRoute, RouteOrderView, RoutesAsked, TripAsked
from sites.domain.orders import NotYourBranch, OrderNotMovable, QuotaReached
from sites.domain.routes import RouteTooTight, StopRefused
from sites.operations import orders, routes
from sites.operations.routes import RouteNameTaken
from sites.queries import routes as queries
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
    a_secretary,
    a_site,
    a_slot,
    an_order,
    place,
    seats_taken,
)

TOMORROW = NOON + timedelta(days=1)
EVERYTHING = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM route_orders), (SELECT count(*) FROM outbox)"


def three_sites(db: Connection) -> list[Site]:
    """Three sites, 9 km from one to the next: 18 minutes."""
    return [a_site(db, name=f"第{number}站", lon=118 + number / 10) for number in (1, 2, 3)]


def three_slots(db: Connection, *, seats: int = 60, apart: int = 120) -> list[Slot]:
    """A slot of an hour at each, beginning `apart` minutes after the one before."""
    return [
        a_slot(db, site=site, seats=seats, starts_at=TOMORROW + timedelta(minutes=number * apart))
        for number, site in enumerate(three_sites(db))
    ]


def an_order_of(slots: list[Slot], branch: Branch, *, party_size: int = 20, route_id: UUID | None = None) -> OrderRoute:
    return OrderRoute(
        slot_ids=[slot.id for slot in slots],
        branch_id=branch.id,
        party_size=party_size,
        contact_name="李书记",
        contact_phone="13853312345",
        route_id=route_id,
    )


def order(db: Connection, asked: OrderRoute, *, actor: Actor) -> RouteOrderView:
    return routes.order(db, asked=asked, actor=actor, at=NOON)


def an_officer(path: str = DISTRICT) -> Actor:
    return an_actor(("officer", path), name="赵干事")


class TestOrdering:
    def test_takes_seats_in_every_slot(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        trip = order(db, an_order_of(slots, branch), actor=a_secretary(branch))
        assert [placed.slot.id for placed in trip.orders] == [slot.id for slot in slots]
        assert {placed.route_order_id for placed in trip.orders} == {trip.id}
        assert [seats_taken(db, slot) for slot in slots] == [20, 20, 20]
        assert trip.name == "第1站 → 第2站 → 第3站"
        assert [stop.travel_minutes for stop in trip.stops] == [None, 18, 18]

    def test_takes_none_where_one_is_full_and_says_which(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        db.execute(text("UPDATE slots SET seats_taken = 50 WHERE id = :id"), {"id": slots[1].id})
        with pytest.raises(StopRefused, match=r"Stop 2, 第2站: only 10 seats are left in this slot\. Nothing"):
            order(db, an_order_of(slots, branch), actor=a_secretary(branch))

    def test_counts_as_one_open_order_of_the_branch(self, db: Connection) -> None:
        branch = a_branch(db)
        secretary = a_secretary(branch)
        order(db, an_order_of(three_slots(db), branch), actor=secretary)
        order(db, an_order_of(three_slots(db), branch), actor=secretary)
        with pytest.raises(QuotaReached):
            order(db, an_order_of(three_slots(db), branch), actor=secretary)

    def test_keeps_the_way_and_ten_minutes_between_two_stops(self, db: Connection) -> None:
        branch = a_branch(db)
        order(db, an_order_of(three_slots(db, apart=88), branch), actor=a_secretary(branch))
        with pytest.raises(RouteTooTight) as refused:
            order(db, an_order_of(three_slots(db, apart=87), branch), actor=a_secretary(branch))
        assert refused.value.params == {
            "before": "第1站",
            "after": "第2站",
            "travel_minutes": 18,
            "pause_minutes": 10,
            "gap_minutes": 27,
        }

    def test_is_for_the_branchs_secretary(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        with pytest.raises(NotYourBranch):
            order(db, an_order_of(slots, branch), actor=a_secretary(a_branch(db)))

    def test_of_a_slot_that_is_not_there_is_not_found(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        asked = an_order_of(slots, branch)
        with pytest.raises(NotFound):
            order(db, OrderRoute(**{**asked.__dict__, "slot_ids": [slots[0].id, uuid4()]}), actor=a_secretary(branch))
        with pytest.raises(NotFound):
            order(db, an_order_of(slots, branch, route_id=uuid4()), actor=a_secretary(branch))


class TestCancelling:
    def test_gives_back_every_seat(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        secretary = a_secretary(branch)
        trip = order(db, an_order_of(slots, branch), actor=secretary)
        cancelled = routes.cancel(db, route_order_id=trip.id, reason="改期", actor=secretary, at=NOON)
        assert {placed.state for placed in cancelled.orders} == {"cancelled"}
        assert [seats_taken(db, slot) for slot in slots] == [0, 0, 0]
        with pytest.raises(OrderNotMovable):
            routes.cancel(db, route_order_id=trip.id, reason="改期", actor=secretary, at=NOON)

    def test_of_one_stop_leaves_the_others(self, db: Connection) -> None:
        slots, branch = three_slots(db), a_branch(db)
        secretary = a_secretary(branch)
        trip = order(db, an_order_of(slots, branch), actor=secretary)
        orders.cancel(db, order_id=trip.orders[1].id, reason="改期", actor=secretary, at=NOON)
        assert [seats_taken(db, slot) for slot in slots] == [20, 0, 20]

    def test_is_nobody_elses(self, db: Connection) -> None:
        branch = a_branch(db)
        trip = order(db, an_order_of(three_slots(db), branch), actor=a_secretary(branch))
        for act in (
            partial(routes.cancel, db, route_order_id=trip.id, reason="改期"),
            partial(queries.route_order, db, trip.id),
        ):
            with pytest.raises(NotFound):
                act(actor=a_secretary(a_branch(db)), at=NOON)
        with pytest.raises(NotFound):
            queries.route_order(db, uuid4(), actor=a_secretary(branch), at=NOON)


class TestPlanning:
    def test_proposes_slots_with_room_in_order(self, db: Connection) -> None:
        slots = three_slots(db, apart=120)
        a_slot(db, site=slots[1].site, starts_at=TOMORROW + timedelta(minutes=60))  # too soon after the first
        asked = TripAsked([slot.site.id for slot in slots], on=TOMORROW.date(), seats=30)
        trip = queries.trip(db, asked, at=NOON)
        assert [[planned.slot_id for planned in plan] for plan in trip.plans] == [[slot.id for slot in slots]]
        assert (trip.pause_minutes, trip.full_sites) == (10, [])
        db.execute(text("UPDATE slots SET seats_taken = 40 WHERE id = :id"), {"id": slots[2].id})
        full = queries.trip(db, asked, at=NOON)
        assert full.plans == []
        assert [site.name for site in full.full_sites] == ["第3站"]

    def test_of_a_hidden_site_is_not_found(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            queries.trip(db, TripAsked([a_site(db).id, a_site(db, state="proposed").id]), at=NOON)


class TestLayingOut:
    def test_publishes_a_route_with_the_operators_minutes(self, db: Connection) -> None:
        sites = three_sites(db)
        asked = MakeRoute("红色示范带", "三站一日", [site.id for site in sites], [None, 40])
        route = routes.make(db, asked=asked, actor=an_officer(), at=NOON)
        assert [stop.site.name for stop in route.stops] == ["第1站", "第2站", "第3站"]
        assert [stop.travel_minutes for stop in route.stops] == [None, 18, 40]
        assert queries.routes(db, RoutesAsked(), at=NOON).items == [route]
        trip = queries.trip(db, TripAsked([site.id for site in sites], route_id=route.id), at=NOON)
        assert [stop.travel_minutes for stop in trip.stops] == [None, 18, 40]
        with pytest.raises(RouteNameTaken):
            routes.make(db, asked=asked, actor=an_officer(), at=NOON)

    def test_a_retired_one_leaves_the_list(self, db: Connection) -> None:
        asked = MakeRoute("红色示范带", "三站一日", [site.id for site in three_sites(db)])
        route = routes.make(db, asked=asked, actor=an_officer(), at=NOON)
        with pytest.raises(Forbidden):
            routes.retire(db, route_id=route.id, actor=an_officer("3704"), at=NOON)
        for _ in range(2):
            assert routes.retire(db, route_id=route.id, actor=an_officer(), at=NOON).state == "retired"
        assert queries.routes(db, RoutesAsked(), at=NOON).items == []
        with pytest.raises(NotFound):
            routes.retire(db, route_id=uuid4(), actor=an_officer(), at=NOON)

    def test_is_for_officers(self, db: Connection) -> None:
        asked = MakeRoute("红色示范带", "三站一日", [site.id for site in three_sites(db)])
        with pytest.raises(Forbidden):
            routes.make(db, asked=asked, actor=a_secretary(a_branch(db)), at=NOON)
        with pytest.raises(NotFound):
            routes.make(
                db,
                asked=MakeRoute("带", "二站", [a_site(db, state="withdrawn").id, uuid4()]),
                actor=an_officer(),
                at=NOON,
            )


def in_one_command(database: Engine, asked: OrderRoute, *, actor: Actor, id: UUID) -> bytes:
    """Do it as the door does: claim, act, remember, commit."""
    this = Command(id=id, body_hash=hashlib.sha256(dump(asked)).digest(), door="order_route", caller=actor.person_id)
    with database.begin() as db:
        db.execute(text("SET LOCAL lock_timeout = '60s'"))  # on a busy machine the others wait for long
        stored = guard.claim(db, this, at=NOON)
        if stored is not None:
            return stored
        answer = dump(order(db, asked, actor=actor))
        guard.remember(db, this, answer)
        return answer


class TestRaces:
    def test_trips_in_opposite_sequence_and_single_orders_sell_no_seat_twice(self, database: Engine) -> None:
        """Six trips over four scarce slots, half of them through the same two sites the other way round."""
        with database.begin() as db:
            sites = [a_site(db, name=f"第{number}站") for number in (1, 2)]
            # Each site twice a day, so that a trip may go either way.
            early = [a_slot(db, site=site, seats=40, starts_at=TOMORROW) for site in sites]
            late = [a_slot(db, site=site, seats=40, starts_at=TOMORROW + timedelta(hours=4)) for site in sites]
            branches = [a_branch(db) for _ in range(8)]
        ways = [[early[0], late[1]], [early[1], late[0]]]
        acts: list[Callable[[], Any]] = []
        for number, branch in enumerate(branches[:6]):
            asked = an_order_of(ways[number % 2], branch)
            acts.append(partial(in_one_command, database, asked, actor=a_secretary(branch), id=uuid4()))
        for branch, slot in zip(branches[6:], (late[1], late[0]), strict=True):

            def single(branch: Branch = branch, slot: Slot = slot) -> Any:
                with database.begin() as db:
                    db.execute(text("SET LOCAL lock_timeout = '60s'"))
                    return place(db, an_order(slot, branch=branch), actor=a_secretary(branch))

            acts.append(single)
        results = at_once(acts)
        with database.connect() as db:
            for slot in (*early, *late):
                live = db.execute(
                    text("SELECT coalesce(sum(seats), 0) FROM orders WHERE slot_id = :id AND state = 'confirmed'"),
                    {"id": slot.id},
                ).scalar_one()
                assert seats_taken(db, slot) == live <= 40
            stops = db.execute(
                text("SELECT count(*) FROM orders WHERE route_order_id IS NOT NULL GROUP BY route_order_id")
            ).scalars()
            assert set(stops) <= {2}
            trips = db.execute(text("SELECT count(*) FROM route_orders")).scalar_one()
        assert trips == sum(isinstance(result, bytes) for result in results)
        assert 2 <= trips <= 4  # two of 20 fill a slot of 40
        assert "busy" not in results

    def test_a_retried_trip_is_one_trip(self, database: Engine) -> None:
        with database.begin() as db:
            slots, branch = three_slots(db), a_branch(db)
        act = partial(
            in_one_command, database, an_order_of(slots, branch), actor=(who := a_secretary(branch)), id=uuid4()
        )
        first, *others = at_once([act] * 4)
        assert isinstance(first, bytes)
        assert set(others) == {first}
        with database.connect() as db:
            assert tuple(db.execute(text(EVERYTHING)).one())[:2] == (3, 1)
        with pytest.raises(IdempotencyKeyReused):
            in_one_command(
                database,
                an_order_of(slots, branch, party_size=5),
                actor=who,
                id=act.keywords["id"],
            )

    def test_what_is_refused_leaves_nothing(self, database: Engine) -> None:
        with database.begin() as db:
            slots, branch = three_slots(db), a_branch(db)
            db.execute(text("UPDATE slots SET closed_reason = '检修' WHERE id = :id"), {"id": max(s.id for s in slots)})
        asked, who = an_order_of(slots, branch), a_secretary(branch)
        with pytest.raises(StopRefused, match="检修"):
            in_one_command(database, asked, actor=who, id=uuid4())
        with database.connect() as db:
            assert tuple(db.execute(text(EVERYTHING)).one()) == (0, 0, 0)
            assert [seats_taken(db, slot) for slot in slots] == [0, 0, 0]
