"""What people and programs get wrong is told clearly, and changes nothing."""

import uuid
from typing import Any

import pytest

from tests.journeys.actors import Person, Preparer, Refused, Secretary, Steward, next_slot

SITE = "蒲松龄纪念馆"
NOBODY = "00000000-0000-4000-8000-000000000000"


def problem(person: Person, method: str, path: str, **how: Any) -> tuple[int, dict[str, Any]]:
    answer = person.ask(method, path, **how)
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()


def order_for(person: Secretary, **changed: Any) -> dict[str, Any]:
    body = {
        "slot_id": next_slot(person, site=SITE, seats=1)["id"],
        "branch_id": person.branch_id,
        "party_size": 5,
        "contact_name": "李书记",
        "contact_phone": "13853312345",
    }
    return {name: value for name, value in {**body, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    "path", [f"/orders/{NOBODY}", f"/claims/{NOBODY}", f"/sites/{NOBODY}", f"/organisations/{NOBODY}", "/orders/17"]
)
def test_what_does_not_exist_is_not_found(secretary: Secretary, path: str) -> None:
    assert problem(secretary, "GET", path)[0] == 404


@pytest.mark.parametrize("text", ["{", "[]", "17", '{"party_size": 1', "\x00", "{'a': 1}"])
def test_malformed_json_is_a_bad_request(secretary: Secretary, text: str) -> None:
    status, told = problem(secretary, "POST", "/orders", data=text, headers={"Content-Type": "application/json"})
    assert (status, told["code"]) == (400, "bad-request")


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "yesterday", "26-1-1", "2026-11-24T00:00:00"])
def test_malformed_dates_are_a_bad_request(secretary: Secretary, day: str) -> None:
    assert problem(secretary, "GET", "/sites", params={"on": day})[0] == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("party_size", "ten"),
        ("party_size", 0),
        ("party_size", 2.5),
        ("party_size", 10**9),
        ("slot_id", "not-a-uuid"),
        ("contact_phone", "call me"),
        ("contact_name", ""),
        ("contact_name", None),
    ],
)
def test_wrong_types_are_told_at_the_field(secretary: Secretary, field: str, value: Any) -> None:
    status, told = problem(secretary, "POST", "/orders", json=order_for(secretary, **{field: value}))
    assert (status, told["code"]) == (422, "invalid-input")
    assert list(told["errors"]) == [field]


def test_a_party_larger_than_the_seats_is_told_what_is_left(secretary: Secretary) -> None:
    slot = next_slot(secretary, site=SITE)
    status, told = problem(
        secretary, "POST", "/orders", json=order_for(secretary, slot_id=slot["id"], party_size=slot["seats"] + 1)
    )
    assert (status, told["code"]) == (409, "slot-full")
    assert str(slot["seats_left"]) in told["detail"]


def test_nobody_orders_for_a_branch_they_do_not_lead(secretary: Secretary, other_secretary: Secretary) -> None:
    body = order_for(secretary, branch_id=other_secretary.branch_id)
    assert problem(secretary, "POST", "/orders", json=body)[0] == 403


def test_without_signing_in_nothing_is_ordered(secretary: Secretary) -> None:
    body = order_for(secretary)
    del secretary.http.headers["Authorization"]
    assert problem(secretary, "POST", "/orders", json=body)[0] == 401


def test_a_voucher_that_does_not_exist(steward: Steward) -> None:
    with pytest.raises(Refused) as told:
        steward.checks_in("AAAA-AAAA", count=3)
    assert told.value.status == 404


def test_people_read_it_in_their_language(steward: Steward) -> None:
    steward.http.headers["Accept-Language"] = "zh-CN"
    _, told = problem(
        steward, "POST", "/check-ins", json={"voucher": "AAAA-AAAA", "count": 3, "check_in_id": str(uuid.uuid4())}
    )
    assert "凭证" in told["detail"]


def test_a_negative_appropriation_changes_nothing(preparer: Preparer) -> None:
    fund = preparer.fund()
    status, told = problem(
        preparer, "POST", f"/funds/{fund['id']}/appropriations", json={"amount_fen": -5, "document_number": "演示"}
    )
    assert (status, list(told["errors"])) == (422, ["amount_fen"])
    assert preparer.fund() == fund
