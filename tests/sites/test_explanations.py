"""Why can't I book this? Every rule, pass or fail, and the nearest slots that pass (S6)."""

import re
from datetime import timedelta
from importlib import resources
from typing import Any
from uuid import uuid4

import pytest
from chassis.refusals import Refusal
from contracts.sites.explanations import BookingAsked
from sites.domain.booking_rules import RULES, Booking, Round
from sites.domain.orders import NotYourBranch
from sites.domain.quotas import QuotaUse
from sites.queries import explanations
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    money_in_the_fund,
    place,
)


def explained(db: Connection, slot: Slot, *, branch: Branch, party_size: int = 20, at: Any = NOON) -> Any:
    asked = BookingAsked(slot_id=slot.id, party_size=party_size, branch_id=branch.id)
    return explanations.booking(db, asked, actor=a_secretary(branch), at=at)


def test_every_rule_is_told_and_passes(db: Connection) -> None:
    money_in_the_fund(db)
    found = explained(db, a_slot(db), branch=a_branch(db))
    assert found.bookable
    not_here = {"not_too_early", "groups", "quota", "allocation"}
    assert {rule.rule for rule in found.rules} == {rule.name for rule in RULES} - not_here
    assert all(rule.passes for rule in found.rules)
    assert found.nearest == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("slot_open", "closed_reason = '布展'"),
        ("not_too_late", "bookable_until = starts_at - interval '10 days'"),
        ("not_too_early", "bookable_from = starts_at"),
        ("seats", "seats = 19"),
        ("groups", "groups_max = 0"),
    ],
)
def test_what_it_says_is_what_ordering_does(db: Connection, rule: str, change: str) -> None:
    site = a_site(db)
    slot = a_slot(db, site=site)
    other = a_slot(db, site=site, starts_at=NOON + timedelta(days=2))
    branch = a_branch(db)
    db.execute(text(f"UPDATE slots SET {change} WHERE id = :id"), {"id": slot.id})  # noqa: S608
    found = explained(db, slot, branch=branch)
    (broken,) = [judged for judged in found.rules if judged.stops]
    assert (found.bookable, broken.rule) == (False, rule)
    assert [near.slot.id for near in found.nearest] == [other.id]
    with pytest.raises(Refusal) as refused:
        place(db, an_order(slot, branch=branch), actor=a_secretary(branch))
    assert (refused.value.code, str(refused.value)) == (broken.code, broken.detail)


def test_quota_fund_and_month_are_told(db: Connection) -> None:
    money_in_the_fund(db)
    branch = a_branch(db)
    for day in (1, 2):
        a_placed_order(db, slot=a_slot(db, starts_at=NOON + timedelta(days=day)), branch=branch)
    found = explained(db, a_slot(db), branch=branch)
    by_name = {rule.rule: rule for rule in found.rules}
    assert by_name["open_orders"].code == "quota-reached"
    assert not by_name["subsidised_visit_of_month"].passes
    assert not by_name["subsidised_visit_of_month"].stops


def test_a_stranger_is_told_nothing_of_a_branch(db: Connection) -> None:
    asked = BookingAsked(slot_id=a_slot(db).id, party_size=20, branch_id=a_branch(db).id)
    with pytest.raises(NotYourBranch):
        explanations.booking(db, asked, actor=a_secretary(a_branch(db)), at=NOON)


def test_an_order_tells_what_can_still_be_done_with_it(db: Connection) -> None:
    slot = a_slot(db, starts_at=NOON + timedelta(hours=30))
    order_id, secretary = a_placed_order(db, slot=slot)

    def told(at: Any) -> dict[str, bool]:
        return {rule.rule: rule.passes for rule in explanations.order(db, order_id, actor=secretary, at=at).rules}

    assert told(NOON)["cancel_freely"]
    assert told(NOON + timedelta(hours=6)) == {
        "order_stands": True,
        "cancel": True,
        "cancel_freely": False,
        "shrink": True,
        "grow_or_move": True,
    }
    assert not any(told(slot.ends_at + timedelta(hours=1)).values())


RAISED = re.compile(r"RAISE\s+EXCEPTION\b[^;]*?MESSAGE\s*=\s*'([a-z-]+)'", re.IGNORECASE)
OF_PLACING = ("place_order", "take_seats", "keep_quotas", "encumber", "keep_to_programme")
NOT_A_RULE = {
    "idempotency-key-reused",  # about the request, not about the slot
    "busy",  # the slot changed while it was being ordered: the same request may succeed in a moment
}
ASKED_WRONGLY = {"branch-unknown", "not-your-branch"}  # what the explanation itself is refused with


def test_no_refusal_of_placing_is_missing_from_the_explanation() -> None:
    sql = resources.files("sites") / "sql"
    raised = {code for name in OF_PLACING for code in RAISED.findall((sql / f"{name}.sql").read_text())}
    assert raised >= {"slot-full", "quota-reached", "quota-full", "fund-exhausted", "party-outside-programme"}
    booking = Booking(
        party_size=1,
        at=NOON,
        closed_reason="布展",
        bookable_from=NOON,
        bookable_until=NOON,
        seats_left=0,
        quotas=[QuotaUse("orders", "day", 0, 0, 1)],
        round=Round(uuid4(), "轮", NOON),
        party_min=2,
    )
    told = {rule.refusal(booking).code for rule in RULES if rule.refusal}
    assert raised - NOT_A_RULE - ASKED_WRONGLY - told == set()


def test_a_party_outside_the_programme_is_told(db: Connection) -> None:
    slot, branch = a_slot(db), a_branch(db)
    given = {"id": slot.site.programme_id}
    db.execute(text("UPDATE programmes SET party_min = 5, party_max = 15 WHERE id = :id"), given)
    for party_size in (4, 20):
        (broken,) = [rule for rule in explained(db, slot, branch=branch, party_size=party_size).rules if rule.stops]
        with pytest.raises(Refusal) as refused:
            place(db, an_order(slot, branch=branch, party_size=party_size), actor=a_secretary(branch))
        assert (refused.value.code, str(refused.value)) == (broken.code, broken.detail)
    db.execute(text("UPDATE programmes SET party_max = NULL WHERE id = :id"), given)
    assert explained(db, slot, branch=branch, party_size=60).bookable


def test_a_suspended_site_and_a_fund_without_money_of_the_year_are_told(db: Connection) -> None:
    money_in_the_fund(db, amount_fen=0)
    slot, branch = a_slot(db), a_branch(db)
    for rule, change in (("fund", None), ("site_open", "UPDATE sites SET state = 'suspended' WHERE id = :id")):
        if change:
            db.execute(text(change), {"id": slot.site.id})
        broken = {judged.rule: judged for judged in explained(db, slot, branch=branch).rules if judged.stops}
        with pytest.raises(Refusal) as refused:
            place(db, an_order(slot, branch=branch), actor=a_secretary(branch))
        assert refused.value.code == broken[rule].code


def test_a_trip_through_several_sites_is_one_open_order(db: Connection) -> None:
    branch = a_branch(db)
    first, _ = a_placed_order(db, slot=a_slot(db, starts_at=NOON + timedelta(days=3)), branch=branch)
    second, _ = a_placed_order(db, slot=a_slot(db, starts_at=NOON + timedelta(days=4)), branch=branch)
    trip = db.execute(
        text(
            "INSERT INTO route_orders (id, branch_id, party_size, placed_at, placed_by_id, placed_by)"
            " VALUES (gen_random_uuid(), :branch, 20, :at, :branch, '李书记') RETURNING id"
        ),
        {"branch": branch.id, "at": NOON},
    ).scalar_one()
    given = {"trip": trip, "ids": [first, second]}
    db.execute(text("UPDATE orders SET route_order_id = :trip WHERE id = ANY(:ids)"), given)
    slot = a_slot(db)
    assert explained(db, slot, branch=branch).bookable
    place(db, an_order(slot, branch=branch), actor=a_secretary(branch))
