"""A member books for themself; a branch shrinks, another waits and moves up; a guest comes (S6, S8)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from chassis import clock
from local.testing import Platform

from tests.journeys.actors import Json, Person, Refused, Secretary, Steward, next_slot, site_named
from tests.journeys.strangers import a_member, village_secretaries

BY_ITSELF, BY_HAND = "蒲松龄纪念馆", "淄博煤矿博物馆"


def books(member: Person, slot: Json) -> Json:
    body = {"slot_id": slot["id"], "party_size": 1, "contact_name": "某党员", "contact_phone": "13853312345"}
    return member.post("/orders", body)


def slots_in_days(person: Person, stack: Platform, *, site: str, first: int, last: int, seats: int) -> list[Json]:
    """Return the site's bookable slots from the `first` to the `last` day from now that have the seats."""
    today = clock.today(stack.now())
    days = {"from": today + timedelta(days=first), "to": today + timedelta(days=last)}
    slots = person.get(f"/sites/{site_named(person, site)['id']}/slots", **days)["items"]
    return [slot for slot in slots if slot["bookable"] and slot["seats_left"] >= seats]


def seats_left(person: Person, slot: Json) -> int:
    day = clock.today(datetime.fromisoformat(slot["starts_at"]))
    slots = person.get(f"/sites/{slot['site_id']}/slots", **{"from": day, "to": day})["items"]
    return next(int(each["seats_left"]) for each in slots if each["id"] == slot["id"])


def test_a_member_books_a_seat_cancels_in_time_books_again_and_comes(stack: Platform, steward: Steward) -> None:
    member, somebody_else = a_member(stack), a_member(stack)
    slot = slots_in_days(member, stack, site=BY_ITSELF, first=3, last=6, seats=1)[0]

    order = books(member, slot)
    assert (order["state"], order["party_size"], order["subsidy_estimate_fen"]) == ("confirmed", 1, 0)
    assert seats_left(member, slot) == slot["seats_left"] - 1
    voucher = member.get(f"/orders/{order['id']}/voucher")
    assert voucher["voucher"] == order["voucher"]
    assert voucher["token"].startswith("ZD1:")
    calendar = member.ask("GET", f"/orders/{order['id']}/calendar.ics").text
    assert "STATUS:CONFIRMED" in calendar
    assert BY_ITSELF in calendar
    with pytest.raises(Refused) as unknown:
        somebody_else.get(f"/orders/{order['id']}/voucher")
    assert unknown.value.status == 404

    cancelled = member.post(f"/orders/{order['id']}/cancellation", {"reason": "临时有事"})
    assert (cancelled["state"], cancelled["cancelled_late"]) == ("cancelled", False)
    assert seats_left(member, slot) == slot["seats_left"]
    assert "STATUS:CANCELLED" in member.ask("GET", f"/orders/{order['id']}/calendar.ics").text

    again = books(member, next_slot(member, site=BY_ITSELF))
    with pytest.raises(Refused) as old:
        steward.checks_in(order["voucher"], count=1)
    assert old.value.code == "voucher-cancelled"
    came = steward.checks_in(member.get(f"/orders/{again['id']}/voucher")["token"], count=1)
    assert (came["order_id"], came["count"], came["way"]) == (again["id"], 1, "token")
    closed = steward.post(f"/orders/{again['id']}/closure", {"headcount": 1})
    assert (closed["state"], closed["claim_id"]) == ("used", None)  # nobody is paid for a member's own visit


def test_a_branch_shrinks_and_stays_confirmed_and_another_moves_up(stack: Platform, other_steward: Steward) -> None:
    first, second = village_secretaries(stack, count=2)
    slots = slots_in_days(first, stack, site=BY_HAND, first=3, last=20, seats=20)
    slot = next(slot for slot in slots if slot["confirmation"] == "manual")
    everything = slot["seats_left"]

    order = first.orders(site=BY_HAND, party_size=everything, slot_id=slot["id"])
    assert order["state"] == "placed"  # this site answers by hand
    assert other_steward.post(f"/orders/{order['id']}/confirmation")["state"] == "confirmed"
    with pytest.raises(Refused) as full:
        second.orders(site=BY_HAND, party_size=8, slot_id=slot["id"])
    assert full.value.code == "slot-full"
    why = second.get(f"/slots/{slot['id']}/explanation", branch_id=second.branch_id, party_size=8)
    assert "seats" in {rule["rule"] for rule in why["rules"] if not rule["passes"]}

    asked: dict[str, Any] = {"slot_id": slot["id"], "party_size": 8, "branch_id": second.branch_id}
    entry = second.post("/waiting-entries", {**asked, "contact_name": "李书记", "contact_phone": "13853312345"})
    assert (entry["state"], entry["position"]) == ("waiting", 1)

    # Five places are too few for eight; the smaller party needs nobody's answer a second time.
    smaller = first.post(f"/orders/{order['id']}/amendment", {"party_size": everything - 5})
    assert (smaller["state"], smaller["party_size"]) == ("confirmed", everything - 5)
    waiting = second.get(f"/waiting-entries/{entry['id']}")
    assert (waiting["state"], waiting["position"]) == ("waiting", 1)

    first.post(f"/orders/{order['id']}/cancellation", {"reason": "时间有变"})
    offered = second.get(f"/waiting-entries/{entry['id']}")
    assert offered["state"] == "offered"
    assert offered["offer_ends_at"]
    assert seats_left(first, slot) == everything - 8  # kept for who was waiting
    promoted = second.post(f"/waiting-entries/{entry['id']}/acceptance")
    assert (promoted["state"], promoted["party_size"]) == ("placed", 8)
    assert second.get(f"/waiting-entries/{entry['id']}")["order_id"] == promoted["id"]
    assert seats_left(first, slot) == everything - 8
    assert second.post(f"/orders/{promoted['id']}/cancellation", {"reason": "时间有变"})["state"] == "cancelled"
    assert seats_left(first, slot) == everything


def test_a_branch_of_another_district_comes_and_no_fund_pays_for_it(stack: Platform, steward: Steward) -> None:
    visitor = Secretary(stack.base_url, "visitor")
    order = visitor.orders(site=BY_ITSELF, party_size=3)
    assert (order["state"], order["branch_is_external"], order["subsidy_estimate_fen"]) == ("confirmed", True, 0)
    expected = steward.get("/orders", site_id=order["site"]["id"], state="confirmed")["items"]
    assert [each["branch_is_external"] for each in expected if each["id"] == order["id"]] == [True]
    steward.checks_in(visitor.get(f"/orders/{order['id']}/voucher")["voucher"], count=3)
    closed = steward.post(f"/orders/{order['id']}/closure", {"headcount": 3})
    assert (closed["state"], closed["claim_id"]) == ("used", None)
