"""The pages of arriving, with what the services would answer: what can be checked in, whose names are believed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from flask import Flask
from gateway.clients import Answer, roster, sites
from gateway.pages.self_check_ins import _can

from tests.gateway.conftest import Keys, a_browser

SITE, ORDER, BRANCH, KNOWN, STRANGER = (str(uuid4()) for _ in range(5))
NINE = datetime.fromisoformat("2026-11-24T09:00:00+08:00")


def an_arrival(**rest: Any) -> dict[str, Any]:
    return {
        "id": ORDER,
        "whom": "party",
        "state": "confirmed",
        "slot": {
            "id": str(uuid4()),
            "programme": "参观学习",
            "starts_at": "2026-11-24T09:00:00+08:00",
            "ends_at": "2026-11-24T10:00:00+08:00",
        },
        "branch_name": "第1党支部",
        "party_size": 20,
        "opens_at": "2026-11-24T08:30:00+08:00",
        "members": [],
        "checked_in": None,
        "inside_at": None,
        "by_name": None,
        **rest,
    }


def answers(**fields: Any) -> Callable[..., Answer]:
    return lambda *_, **__: Answer(orjson.dumps(fields))


class TestWhatCanBeDone:
    @pytest.mark.parametrize(
        ("moment", "can"), [("08:29", "early"), ("08:30", "check_in"), ("10:00", "check_in"), ("10:01", "late")]
    )
    def test_follows_the_clock(self, moment: str, can: str) -> None:
        assert _can(an_arrival(), datetime.fromisoformat(f"2026-11-24T{moment}:00+08:00")) == can

    @pytest.mark.parametrize("state", ["placed", "cancelled", "no_show", "refused"])
    def test_ended_orders_are_not_checked_in(self, state: str) -> None:
        assert _can(an_arrival(state=state), NINE) == "ended"

    def test_a_count_has_everybody_in_it(self) -> None:
        members = [{"member_id": KNOWN, "name": "赵一", "inside_at": None}]
        assert _can(an_arrival(members=members, checked_in=20), NINE) == "inside"

    def test_names_leave_the_others_open(self) -> None:
        first = {"member_id": KNOWN, "name": "赵一", "inside_at": "2026-11-24T08:40:00+08:00"}
        second = {"member_id": STRANGER, "name": "钱二", "inside_at": None}
        assert _can(an_arrival(members=[first, second], checked_in=1), NINE) == "check_in"
        assert _can(an_arrival(members=[first], checked_in=1), NINE) == "inside"


class TestPages:
    def test_the_qr_brings_the_code_and_the_poster_does_not(
        self, nobody_behind: Flask, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = answers(site={"id": SITE, "name": "纪念馆"}, orders=[an_arrival()])
        monkeypatch.setattr(sites.visits, "arrivals", here)
        monkeypatch.setattr("gateway.pages.self_check_ins.clock.now", lambda: NINE)
        browser = a_browser(nobody_behind, keys.token("secretary"))
        scanned = browser.client.get(f"/sites/{SITE}/check-in?code=123456").get_data(as_text=True)
        assert 'value="123456"' in scanned
        from_poster = browser.client.get(f"/sites/{SITE}/check-in").get_data(as_text=True)
        assert 'name="code"' in from_poster
        assert "123456" not in from_poster

    def test_who_is_not_signed_in_comes_back_with_the_code(self, nobody_behind: Flask) -> None:
        answer = nobody_behind.test_client().get(f"/sites/{SITE}/check-in?code=123456", headers={"Accept": "text/html"})
        assert answer.status_code == 303
        assert "123456" in answer.headers["Location"]

    def test_names_are_the_rosters(self, nobody_behind: Flask, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[Any] = []
        monkeypatch.setattr(sites.orders, "order", answers(branch_id=BRANCH))
        monkeypatch.setattr(sites.visits, "party", answers(members=[]))
        monkeypatch.setattr(roster.members, "members", answers(items=[{"id": KNOWN, "name": "赵一"}], next=None))
        monkeypatch.setattr(sites.visits, "name_party", lambda fields, **_: sent.append(fields))
        browser = a_browser(nobody_behind, keys.token("secretary"))
        form = {"member_ids": [KNOWN, STRANGER, KNOWN], "name": "别人", "csrf_token": browser.csrf}
        answer = browser.client.post(f"/orders/{ORDER}/party", data=form)
        assert answer.status_code == 303
        assert [fields["members"] for fields in sent] == [[{"member_id": KNOWN, "name": "赵一"}]]
