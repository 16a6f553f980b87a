"""A part that is down is told within the deadline, the rest goes on, and it comes back by itself."""

import requests
from local.testing import Platform

from tests.journeys.actors import Person, Secretary, Steward, eventually

SITE = "蒲松龄纪念馆"
ANSWERED_WITHIN_S = 300


def status_of_sites(stack: Platform) -> int:
    return requests.get(f"{stack.base_url}/api/v1/sites", timeout=ANSWERED_WITHIN_S).status_code


def test_without_the_broker_callers_are_told_in_time(stack: Platform) -> None:
    with stack.without("rabbitmq"):
        answer = requests.get(f"{stack.base_url}/api/v1/sites", timeout=ANSWERED_WITHIN_S)
        assert answer.status_code in (503, 504)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json()["code"] in ("service-unavailable", "deadline-passed")
        assert requests.get(f"{stack.base_url}/livez", timeout=ANSWERED_WITHIN_S).status_code == 200
        assert requests.get(f"{stack.base_url}/readyz", timeout=ANSWERED_WITHIN_S).status_code == 503
    stack.wait_until_ready()
    assert status_of_sites(stack) == 200


def test_without_one_service_the_others_answer(stack: Platform, member: Person) -> None:
    with stack.without("sites-serve"):
        stack.wait_until_missed("sites")
        assert status_of_sites(stack) == 503
        assert member.get("/organisations", limit=1)["items"]
        ready = requests.get(f"{stack.base_url}/readyz", timeout=ANSWERED_WITHIN_S)
        assert ready.status_code == 503
        assert "sites" in ready.text
    stack.wait_until_ready()
    assert status_of_sites(stack) == 200


def test_what_happens_while_assessment_is_down_reaches_it_later(stack: Platform, secretary: Secretary) -> None:
    steward = Steward(stack.base_url, "steward")
    with stack.without("assessment-serve"), stack.without("assessment-work"):
        order = secretary.orders(site=SITE, party_size=6)
        steward.checks_in(order["voucher"], count=6)
        closed = steward.post(f"/orders/{order['id']}/closure", {"headcount": 6})
        assert closed["state"] == "used"
    stack.wait_until_ready()
    assert eventually(lambda: order["id"] in [record["order_id"] for record in secretary.theme_days()])


def test_a_killed_work_process_loses_no_event(stack: Platform, secretary: Secretary) -> None:
    steward = Steward(stack.base_url, "steward")
    order = secretary.orders(site=SITE, party_size=5)
    steward.checks_in(order["voucher"], count=5)
    stack.kill("sites-work")
    steward.post(f"/orders/{order['id']}/closure", {"headcount": 5})
    stack.kill("assessment-work")
    assert eventually(lambda: [record for record in secretary.theme_days() if record["order_id"] == order["id"]])
