"""The doors of places, orders and visits: each right is named, each timer and listener runs as *work* runs it."""

import inspect
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock, jobs
from chassis.inbox import Acting, act_once
from contracts.envelope import dump, load
from contracts.rights import RIGHTS
from contracts.sites.orders import OrdersAsked, PlaceOrder
from contracts.sites.slots import SlotsAsked
from contracts.sites.visits import CheckIn, CloseOrder
from marshmallow import ValidationError
from sites.service import SERVICE
from sites.work import WORK
from sqlalchemy import Engine, text

from tests.sites.articles import NOON, Branch, a_change, a_placed_order, a_site, a_slot, the_order

DOORS = {name: method.door for name, method in inspect.getmembers(SERVICE) if hasattr(method, "door")}
PUBLIC = {
    *("sites", "site", "site_rules", "navigation", "features", "feature", "extents"),
    *("programmes", "programme", "training_cases", "training_case", "case_version"),
    *("slots", "slot", "calendar_days", "holidays", "routes", "route", "trip"),
    *("subsidy_policy", "voucher_keys", "site_ratings"),
    "calendar",  # a feed's address is its secret
    *("publication", "publications"),  # what is to be paid, without anybody's data
    # whoever wants to repeat a draw
    *("allocation_rounds", "allocation_round", "allocation_slots", "allocation_export"),
}
BY_DEVICES = {"use_enrolment_code", "sync_device"}
COMMANDS = {"place_order", "confirm_order", "refuse_order", "cancel_order", "check_in", "close_order"}


class TestTheDoors:
    def test_the_catalogue_is_open_to_everybody_and_nothing_else(self) -> None:
        assert {name for name, door in DOORS.items() if door.public} == PUBLIC | BY_DEVICES

    def test_every_command_of_an_order_stands_in_the_table_of_rights(self) -> None:
        assert {name for name, door in DOORS.items() if door.kind == "command"} >= COMMANDS
        assert RIGHTS.keys() >= COMMANDS

    def test_only_the_hot_ones_and_the_devices_guard_themselves(self) -> None:
        assert {name for name, door in DOORS.items() if door.guarded_by == "function"} == {
            "place_order",
            "accept_offer",
            "check_in",
            "self_check_in",
            *BY_DEVICES,
        }

    def test_what_makes_a_secret_shows_it_once(self) -> None:
        assert {name for name, door in DOORS.items() if door.shows_once} == {
            "make_feed",
            "enrol_device",
            "open_payee_account",
        }

    def test_a_check_in_takes_a_token_a_little_past_its_time(self) -> None:
        assert DOORS["check_in"].lenient


SLOT, CALLER = str(uuid4()), str(uuid4())
ORDER = {"slot_id": SLOT, "branch_id": CALLER, "party_size": 20, "contact_name": "李", "contact_phone": "13853312345"}
COME = {"voucher": "AAAA-AAAA", "check_in_id": CALLER, "count": 5}


class TestBadInput:
    @pytest.mark.parametrize(
        ("message", "body", "field"),
        [
            (PlaceOrder, {**ORDER, "party_size": 0}, "party_size"),
            (PlaceOrder, {**ORDER, "party_size": -1}, "party_size"),
            (PlaceOrder, {**ORDER, "party_size": 501}, "party_size"),
            (PlaceOrder, {**ORDER, "party_size": "20"}, "party_size"),
            (PlaceOrder, {**ORDER, "party_size": 2.5}, "party_size"),
            (PlaceOrder, {**ORDER, "party_size": None}, "party_size"),
            (PlaceOrder, {**ORDER, "slot_id": "蒲松龄"}, "slot_id"),
            (PlaceOrder, {**ORDER, "branch_id": 7}, "branch_id"),
            (PlaceOrder, {**ORDER, "contact_name": "  "}, "contact_name"),
            (PlaceOrder, {**ORDER, "contact_name": "李" * 201}, "contact_name"),
            (PlaceOrder, {**ORDER, "contact_phone": "call me"}, "contact_phone"),
            (PlaceOrder, {key: ORDER[key] for key in ORDER if key != "slot_id"}, "slot_id"),
            (CheckIn, {**COME, "count": 0}, "count"),
            (CheckIn, {**COME, "count": 501}, "count"),
            (CheckIn, {**COME, "member_ids": []}, "member_ids"),
            (CheckIn, {**COME, "member_ids": ["x"]}, "member_ids"),
            (CheckIn, {**COME, "happened_at": "2026-11-11"}, "happened_at"),
            (CheckIn, {**COME, "happened_at": "2026-11-11T12:00:00"}, "happened_at"),
            (CheckIn, {**COME, "voucher": "A"}, "voucher"),
            (CloseOrder, {"order_id": CALLER, "headcount": -1}, "headcount"),
            (SlotsAsked, {"site_id": CALLER, "from_day": "2026-13-01"}, "from_day"),
            (SlotsAsked, {"site_id": CALLER, "from_day": "yesterday"}, "from_day"),
            (OrdersAsked, {"state": "lost"}, "state"),
            (OrdersAsked, {"on": "2026-02-30"}, "on"),
        ],
    )
    def test_names_its_field(self, message: type, body: dict[str, Any], field: str) -> None:
        with pytest.raises(ValidationError) as refused:
            load(message, body)
        assert field in refused.value.messages

    def test_a_long_list_is_cut_not_refused(self) -> None:
        assert load(OrdersAsked, {"limit": 10**6}).limit == 1000


class TestWork:
    def test_hears_of_a_branch_through_its_inbox(self, database: Engine) -> None:
        branch = Branch(id=uuid4(), path="3703.370302.x.y", name="某党支部")
        event = a_change(branch, version=2)
        with database.begin() as db:
            db.execute(
                text(
                    "INSERT INTO inbox (event_id, source, event, aggregate, aggregate_id, version, data, occurred_at)"
                    " VALUES (:id, 'roster', 'organisation_changed', 'organisation', :aggregate_id, 2,"
                    " CAST(:data AS jsonb), now())"
                ),
                {"id": event.event_id, "aggregate_id": event.aggregate_id, "data": dump(event.data).decode()},
            )
        assert act_once(database, Acting(SERVICE, attempts_max=1, first_pause_s=0.1))
        with database.connect() as db:
            row = db.execute(text("SELECT name, version FROM organisations WHERE id = :id"), {"id": branch.id}).one()
            assert row == (branch.name, 2)

    def test_the_timers_end_what_time_has_ended(self, database: Engine) -> None:
        now = clock.now()
        with database.begin() as db:
            missed, _ = a_placed_order(
                db, slot=a_slot(db, starts_at=now - timedelta(hours=2)), at=now - timedelta(days=1)
            )
            late, _ = a_placed_order(
                db,
                slot=a_slot(db, starts_at=now - timedelta(minutes=1), confirmation="manual"),
                at=now - timedelta(days=9),
            )
        for name in ("miss_orders", "expire_orders"):
            with database.begin() as db:
                WORK.timers[name].run(db, at=now)
        with database.connect() as db:
            assert the_order(db, missed).state == "no_show"
            assert the_order(db, late).state == "expired"

    def test_slots_are_made_ahead_by_a_job_that_says_how_far_it_is(self, database: Engine) -> None:
        with database.begin() as db:
            a_site(db, hours=((1, 480, 720),))
            WORK.timers["ask_for_slots"].run(db, at=NOON)
        assert jobs.run_one(database, WORK.jobs)
        with database.connect() as db:
            job = db.execute(text("SELECT * FROM jobs")).one()
            made = db.execute(text("SELECT count(*) FROM slots")).scalar_one()
            assert (job.state, job.done, job.total) == ("done", 1, 1)
            assert json.loads(json.dumps(job.result)) == {"made": made}
            assert made >= 16
