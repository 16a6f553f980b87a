"""Placing an order: what is kept, what is refused, what a retry gets."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.personal import unseal
from chassis.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from contracts.envelope import Event
from sites.domain.ledger import FundExhausted
from sites.domain.orders import BranchUnknown, NotYourBranch, QuotaReached, SlotClosed, SlotFull, SlotPast
from sites.domain.vouchers import read_code
from sites.operations import organisations, placing
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    a_branch,
    a_change,
    a_command,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    fund_year,
    history_of,
    money_in_the_fund,
    place,
    seats_taken,
    the_order,
    told,
)


def of_a_branch(db: Connection) -> tuple[Branch, Actor]:
    branch = a_branch(db)
    return branch, a_secretary(branch)


class TestWhatAnOrderKeeps:
    def test_seats_order_history_event_and_encumbrance_stand_together(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db, seats=60)
        branch = a_branch(db)
        secretary = a_secretary(branch)
        view = place(db, an_order(slot, branch=branch, party_size=20), actor=secretary)
        order_id = UUID(view["id"])
        kept = the_order(db, order_id)
        assert seats_taken(db, slot) == 20
        assert (kept.state, kept.branch_id, kept.party_size, kept.seats) == ("confirmed", branch.id, 20, 20)
        assert kept.is_subsidised
        assert kept.subsidy_estimate_fen == 40_000  # 200.00 yuan and 20 × 10.00
        assert kept.fund_id == fund
        assert [(step.move, step.state, step.by_id) for step in history_of(db, order_id)] == [
            ("place", "confirmed", secretary.person_id)
        ]
        assert (fund_year(db, fund).encumbered_fen, fund_year(db, fund).available_fen) == (40_000, 49_960_000)
        (fact,) = told(db, order_id)
        assert (fact.event, fact.aggregate, fact.version) == ("visit_ordered", "order", 1)
        assert fact.data["branch_id"] == str(branch.id)
        assert fact.data["theme"] == "party_spirit_education"

    def test_the_answer_is_the_view_with_its_voucher(self, db: Connection) -> None:
        slot = a_slot(db)
        branch, secretary = of_a_branch(db)
        view = place(db, an_order(slot, branch=branch), actor=secretary)
        assert view["state"] == "confirmed"
        assert view["site"]["name"] == slot.site.name
        assert view["branch_name"] == branch.name
        assert view["contact_phone_masked"] == "138****2345"
        assert read_code(view["voucher"]) == view["voucher"] == the_order(db, UUID(view["id"])).voucher

    def test_the_telephone_number_is_sealed(self, db: Connection) -> None:
        order_id, _ = a_placed_order(db, slot=a_slot(db))
        sealed = bytes(the_order(db, order_id).contact_phone)
        assert b"13853312345" not in sealed
        assert unseal(sealed) == "13853312345"

    def test_where_the_site_confirms_by_hand_it_waits_without_a_voucher(self, db: Connection) -> None:
        slot = a_slot(db, confirmation="manual", starts_at=NOON + timedelta(days=10))
        order_id, _ = a_placed_order(db, slot=slot)
        kept = the_order(db, order_id)
        assert (kept.state, kept.voucher) == ("placed", None)
        assert NOON < kept.answer_by < slot.starts_at
        assert seats_taken(db, slot) == 20

    def test_a_member_books_one_seat_unsubsidised_and_nobody_else_is_told(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db)
        member = an_actor(("member", f"{DISTRICT}.town.branch"))
        view = place(db, an_order(slot, party_size=1), actor=member)
        assert (view["branch_id"], view["subsidy_estimate_fen"]) == (None, 0)
        assert view["subsidy_explanation"][0]["inputs"] == {"why": "member_booking"}
        assert fund_year(db, fund).encumbered_fen == 0
        assert told(db, UUID(view["id"])) == []

    def test_an_external_branch_is_never_subsidised(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        branch = a_branch(db, is_external=True)
        view = place(db, an_order(a_slot(db), branch=branch), actor=a_secretary(branch))
        assert view["subsidy_estimate_fen"] == 0
        assert view["subsidy_explanation"][0]["inputs"] == {"why": "external_branch"}
        assert fund_year(db, fund).encumbered_fen == 0

    def test_a_branch_that_no_fund_pays_for_orders_all_the_same(self, db: Connection) -> None:
        money_in_the_fund(db, path="3703.370303")
        branch, secretary = of_a_branch(db)
        view = place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        assert view["subsidy_explanation"][0]["inputs"] == {"why": "no_fund"}

    def test_fewer_than_the_minimum_come_unsubsidised(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        branch, secretary = of_a_branch(db)
        view = place(db, an_order(a_slot(db), branch=branch, party_size=4), actor=secretary)
        assert view["subsidy_estimate_fen"] == 0
        assert "minimum_attendance" in {line["rule"] for line in view["subsidy_explanation"]}
        assert fund_year(db, fund).encumbered_fen == 0


class TestSeats:
    def test_refuses_a_party_larger_than_the_seats_left(self, db: Connection) -> None:
        slot = a_slot(db, seats=10)
        branch, secretary = of_a_branch(db)
        with pytest.raises(SlotFull, match="Only 10 seats are left"):
            place(db, an_order(slot, branch=branch, party_size=20), actor=secretary)
        assert seats_taken(db, slot) == 0

    def test_takes_the_last_seats(self, db: Connection) -> None:
        slot = a_slot(db, seats=30)
        a_placed_order(db, slot=slot, party_size=20)
        a_placed_order(db, slot=slot, party_size=10)
        assert seats_taken(db, slot) == 30
        branch, secretary = of_a_branch(db)
        with pytest.raises(SlotFull, match="Only 0 seats"):
            place(db, an_order(slot, branch=branch, party_size=1), actor=secretary)

    @pytest.mark.parametrize(
        ("slot", "refusal"),
        [
            ({"closed_reason": "闭馆检修"}, SlotClosed),
            ({"starts_at": NOON}, SlotPast),
            ({"starts_at": NOON + timedelta(hours=2), "notice": timedelta(hours=3)}, SlotPast),
            ({"seats": 19}, SlotFull),
        ],
    )
    def test_the_write_refuses_what_the_read_did_not_see(
        self, db: Connection, monkeypatch: pytest.MonkeyPatch, slot: Any, refusal: Any
    ) -> None:
        """Between the read and the write a slot may fill, close or begin; then the SQL function says the same."""
        fund = money_in_the_fund(db)
        blind = a_slot(db, **slot)
        branch, secretary = of_a_branch(db)
        order = an_order(blind, branch=branch, party_size=20)
        command = a_command(order, actor=secretary)
        with pytest.raises(refusal) as early:
            place(db, order, actor=secretary, command=command)
        monkeypatch.setattr(placing, "_refuse_early", lambda *_, **__: None)
        with pytest.raises(refusal) as late:
            place(db, order, actor=secretary, command=command)
        assert str(late.value) == str(early.value)
        assert late.value.params == early.value.params
        # All of it is undone.
        assert seats_taken(db, blind) == 0
        assert db.execute(text("SELECT count(*) FROM orders WHERE slot_id = :id"), {"id": blind.id}).scalar_one() == 0
        assert db.execute(text("SELECT count(*) FROM commands WHERE id = :id"), {"id": command.id}).scalar_one() == 0
        assert fund_year(db, fund).encumbered_fen == 0

    def test_an_unknown_slot_or_one_of_a_closed_site_does_not_exist(self, db: Connection) -> None:
        branch, secretary = of_a_branch(db)
        for slot_id in (uuid4(), a_slot(db, site=a_site(db, state="suspended")).id):
            with pytest.raises(NotFound):
                place(db, an_order(slot_id, branch=branch), actor=secretary)


class TestWhoMay:
    def test_a_secretary_orders_for_no_other_branch(self, db: Connection) -> None:
        mine, other = a_branch(db), a_branch(db)
        with pytest.raises(NotYourBranch):
            place(db, an_order(a_slot(db), branch=other), actor=a_secretary(mine))

    def test_a_branch_whose_path_merely_begins_alike_is_another(self, db: Connection) -> None:
        branch = a_branch(db, path=f"{DISTRICT}.town.branch-x1")
        with pytest.raises(NotYourBranch):
            place(db, an_order(a_slot(db), branch=branch), actor=an_actor(("secretary", f"{DISTRICT}.town.branch-x")))

    @pytest.mark.parametrize("role", ["member", "administrator", "steward", "officer", "preparer", "admin"])
    def test_nobody_but_the_secretary_orders_for_a_branch(self, db: Connection, role: str) -> None:
        branch = a_branch(db)
        with pytest.raises(NotYourBranch):
            place(db, an_order(a_slot(db), branch=branch), actor=an_actor((role, branch.path)))

    def test_an_unknown_or_dissolved_branch_is_told(self, db: Connection) -> None:
        branch = Branch(id=uuid4(), path=f"{DISTRICT}.x", name="无")
        gone = a_branch(db)
        organisations.remember(db, a_change(gone, version=2, dissolved=True))
        for unknown in (branch, gone):
            with pytest.raises(BranchUnknown):
                place(db, an_order(a_slot(db), branch=unknown), actor=a_secretary(unknown))

    def test_a_member_books_for_nobody_but_themself(self, db: Connection) -> None:
        with pytest.raises(InvalidInput) as refused:
            place(db, an_order(a_slot(db), party_size=2), actor=an_actor(("member", DISTRICT)))
        assert "party_size" in refused.value.errors

    def test_somebody_without_any_role_books_nothing(self, db: Connection) -> None:
        with pytest.raises(Forbidden):
            place(db, an_order(a_slot(db), party_size=1), actor=an_actor())


class TestQuota:
    def test_two_open_orders_are_the_most(self, db: Connection) -> None:
        branch, secretary = of_a_branch(db)
        for _ in range(2):
            place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        slot = a_slot(db)
        with pytest.raises(QuotaReached, match="2 open orders"):
            place(db, an_order(slot, branch=branch), actor=secretary)
        assert seats_taken(db, slot) == 0

    def test_an_ended_order_counts_no_more(self, db: Connection) -> None:
        branch, secretary = of_a_branch(db)
        first, _ = a_placed_order(db, slot=a_slot(db), branch=branch)
        a_placed_order(db, slot=a_slot(db), branch=branch)
        db.execute(text("UPDATE orders SET state = 'cancelled' WHERE id = :id"), {"id": first})
        assert place(db, an_order(a_slot(db), branch=branch), actor=secretary)["state"] == "confirmed"

    def test_members_have_no_quota(self, db: Connection) -> None:
        member = an_actor(("member", DISTRICT))
        for _ in range(4):
            place(db, an_order(a_slot(db), party_size=1), actor=member)

    def test_the_rule_of_the_slots_day_counts(self, db: Connection) -> None:
        db.execute(text("INSERT INTO quota_rules VALUES ('2026-11-20', 1, 1, 'test')"))
        branch, secretary = of_a_branch(db)
        place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        with pytest.raises(QuotaReached, match="1 open orders"):
            place(db, an_order(a_slot(db, starts_at=NOON + timedelta(days=12)), branch=branch), actor=secretary)


class TestTheMonthsSubsidisedVisit:
    def test_the_second_visit_of_a_month_is_unsubsidised(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        branch, secretary = of_a_branch(db)
        first = place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        second = place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        assert (first["subsidy_estimate_fen"], second["subsidy_estimate_fen"]) == (40_000, 0)
        assert second["subsidy_explanation"] == [
            {"rule": "unsubsidised", "inputs": {"why": "month_used"}, "amount_fen": 0}
        ]
        kept = the_order(db, UUID(second["id"]))
        assert (kept.is_subsidised, kept.subsidy_estimate_fen) == (False, 0)
        assert kept.subsidy_explanation == second["subsidy_explanation"]
        assert fund_year(db, fund).encumbered_fen == 40_000

    def test_the_month_is_that_of_the_slot(self, db: Connection) -> None:
        money_in_the_fund(db)
        branch, secretary = of_a_branch(db)
        last_of_november = a_slot(db, starts_at=NOON + timedelta(days=20))
        first_of_december = a_slot(db, starts_at=NOON + timedelta(days=20, hours=12))  # 00:00 in Shanghai
        for slot in (last_of_november, first_of_december):
            view = place(db, an_order(slot, branch=branch), actor=secretary)
            assert view["subsidy_estimate_fen"] == 40_000

    @pytest.mark.parametrize(("state", "amount_fen"), [("cancelled", 40_000), ("no_show", 40_000), ("used", 0)])
    def test_what_ended_without_a_visit_gives_it_back(self, db: Connection, state: str, amount_fen: Any) -> None:
        money_in_the_fund(db)
        branch, secretary = of_a_branch(db)
        first, _ = a_placed_order(db, slot=a_slot(db), branch=branch)
        came = 20 if state == "used" else None
        db.execute(
            text("UPDATE orders SET state = :state, checked_in = :came, headcount = :came WHERE id = :id"),
            {"state": state, "came": came, "id": first},
        )
        view = place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        assert view["subsidy_estimate_fen"] == amount_fen


class TestTheFund:
    def test_an_empty_fund_refuses_and_all_is_undone(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=39_999)
        slot = a_slot(db)
        branch, secretary = of_a_branch(db)
        with pytest.raises(FundExhausted):
            place(db, an_order(slot, branch=branch, party_size=20), actor=secretary)
        assert seats_taken(db, slot) == 0
        assert fund_year(db, fund).available_fen == 39_999

    def test_a_smaller_party_is_still_paid_for(self, db: Connection) -> None:
        money_in_the_fund(db, amount_fen=39_999)
        branch, secretary = of_a_branch(db)
        assert place(db, an_order(a_slot(db), branch=branch, party_size=19), actor=secretary)["subsidy_estimate_fen"]

    def test_the_nearest_fund_above_the_branch_pays(self, db: Connection) -> None:
        money_in_the_fund(db)
        of_the_town = money_in_the_fund(db, path=f"{DISTRICT}.town")
        order_id, _ = a_placed_order(db, slot=a_slot(db))
        assert the_order(db, order_id).fund_id == of_the_town


class TestRetry:
    def test_gets_the_same_answer_and_acts_once(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        slot = a_slot(db)
        branch, secretary = of_a_branch(db)
        order = an_order(slot, branch=branch)
        command = a_command(order, actor=secretary)
        answers = [place(db, order, actor=secretary, command=command) for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert seats_taken(db, slot) == 20
        assert fund_year(db, fund).encumbered_fen == 40_000
        assert len(told(db, UUID(answers[0]["id"]))) == 1

    def test_gets_it_also_when_the_slot_is_full_or_past_by_then(self, db: Connection) -> None:
        slot = a_slot(db, seats=20)
        branch, secretary = of_a_branch(db)
        order = an_order(slot, branch=branch)
        command = a_command(order, actor=secretary)
        first = place(db, order, actor=secretary, command=command)
        assert place(db, order, actor=secretary, at=slot.ends_at, command=command) == first

    def test_of_an_unsubsidised_order_gets_the_unsubsidised_answer(self, db: Connection) -> None:
        money_in_the_fund(db)
        branch, secretary = of_a_branch(db)
        place(db, an_order(a_slot(db), branch=branch), actor=secretary)
        order = an_order(a_slot(db), branch=branch)
        command = a_command(order, actor=secretary)
        assert place(db, order, actor=secretary, command=command)["subsidy_estimate_fen"] == 0
        assert place(db, order, actor=secretary, command=command)["subsidy_estimate_fen"] == 0

    def test_with_another_body_is_refused(self, db: Connection) -> None:
        branch, secretary = of_a_branch(db)
        order = an_order(a_slot(db), branch=branch)
        command = a_command(order, actor=secretary)
        place(db, order, actor=secretary, command=command)
        other = replace(order, party_size=21)
        with pytest.raises(IdempotencyKeyReused):
            place(db, other, actor=secretary, command=a_command(other, actor=secretary, id=command.id))

    def test_after_a_refusal_is_judged_afresh(self, db: Connection) -> None:
        slot = a_slot(db, seats=10)
        branch, secretary = of_a_branch(db)
        order = an_order(slot, branch=branch, party_size=20)
        command = a_command(order, actor=secretary)
        with pytest.raises(SlotFull):
            place(db, order, actor=secretary, command=command)
        db.execute(text("UPDATE slots SET seats = 20 WHERE id = :id"), {"id": slot.id})
        assert place(db, order, actor=secretary, command=command)["seats"] == 20


def test_the_copy_of_a_branch_takes_only_later_states(db: Connection) -> None:
    branch = a_branch(db)
    for version, name in ((3, "三"), (2, "二"), (3, "又三")):
        event: Event = a_change(branch, version=version, name=name)
        organisations.remember(db, event)
    row = db.execute(text("SELECT name, version FROM organisations WHERE id = :id"), {"id": branch.id}).one()
    assert row == ("三", 3)


def test_a_site_carries_the_name_and_path_of_who_keeps_it(db: Connection) -> None:
    keeper = a_branch(db)
    site = a_site(db, keeper_id=keeper.id)
    organisations.remember(db, a_change(replace(keeper, path="3703.370302.new"), version=2, name="新管理单位"))
    row = db.execute(
        text("SELECT managing_organisation, managing_path FROM sites WHERE id = :id"), {"id": site.id}
    ).one()
    assert row == ("新管理单位", "3703.370302.new")
