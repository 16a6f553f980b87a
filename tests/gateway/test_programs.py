"""A program with its access token, from the page that makes it to its end, with the real roster behind the gateway."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.caller import Caller
from chassis.refusals import ServiceUnavailable
from contracts.roster.api_tokens import new_token
from contracts.token_scopes import BY_TOKEN
from flask import Flask
from flask.testing import FlaskClient
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.identity import rights_of
from gateway.nouns import Declared
from roster.operations.accounts import NewAccount, NewGrant, grant_all, open_accounts
from sqlalchemy import text

from gateway import programs
from tests.gateway.conftest import STANDING, Keys, Standing, a_browser
from tests.gateway.test_rights import address, calls
from tests.roster.factories import a_branch, a_committee, a_member, path_of

pytestmark = STANDING

PASSWORD = "right"


class Clerk:
    """An officer of a committee with one branch, who has signed in."""

    def __init__(self, services: Standing, client: FlaskClient) -> None:
        self.engine, self.client, self.username = services.engines["roster"], client, f"u{uuid4().hex[:12]}"
        with self.engine.begin() as db:
            self.committee = a_committee(db, parent=a_committee(db))
            self.branch = a_branch(db, parent=self.committee)
            self.path = path_of(db, self.committee)
            self.person = a_member(db, branch=self.branch, name="李明")
            open_accounts(db, [NewAccount(self.person, self.username, PASSWORD)], at=clock.now())
            grant_all(db, [NewGrant(self.person, "officer", self.committee)], at=clock.now())
        opened = client.post("/api/v1/sessions", json={"username": self.username, "password": PASSWORD})
        self.token = opened.json["access_token"]
        self.headers = bearer(self.token)

    def makes(self, *, status: int = 201, headers: dict[str, str] | None = None, **more: Any) -> Any:
        body = {"password": PASSWORD, "name": "月报表格", "scope": ["all.read"], "days": 30, **more}
        answer = self.client.post("/api/v1/me/tokens", json=body, headers=self.headers | (headers or {}))
        assert answer.status_code == status, answer.json
        return answer.json


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


@pytest.fixture
def clerk(services: Standing, client: FlaskClient) -> Clerk:
    return Clerk(services, client)


def forget(app: Flask) -> None:
    """Half a minute passes for the gateway."""
    app.extensions["zhendi.programs"]._answers.clear()


def test_made_once_whatever_is_sent_again(clerk: Clerk) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    made = clerk.makes(headers=key)
    again = clerk.makes(headers=key, status=409)
    assert again["code"] == "shown-once"
    assert clerk.makes(headers=key, name="other", status=422)["code"] == "idempotency-key-reused"
    found = clerk.client.get("/api/v1/me/tokens", headers=clerk.headers).json
    assert [token["id"] for token in found["tokens"]] == [made["kept"]["id"]]
    assert made["token"] not in str(found)
    with clerk.engine.connect() as db:
        stored = db.execute(text("SELECT string_agg(encode(answer, 'escape'), '') FROM commands")).scalar()
    assert made["token"] not in (stored or "")


def test_a_wrong_password_is_counted_and_makes_nothing(clerk: Clerk) -> None:
    told = [clerk.makes(password="wrong", status=status)["code"] for status in (401, 401, 401, 401, 429)]
    assert told == ["wrong-credentials"] * 4 + ["too-many-attempts"]
    assert clerk.client.get("/api/v1/me/tokens", headers=clerk.headers).json["tokens"] == []


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"scope": []}, "scope"),
        ({"scope": ["everything"]}, "scope.0"),
        ({"scope": ["approve_claim"]}, "scope.0"),
        ({"scope": ["visits", "visits"]}, "scope"),
        ({"days": 366}, "days"),
        ({"days": 0}, "days"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_token(clerk: Clerk, fields: dict[str, Any], at: str) -> None:
    assert at in clerk.makes(status=422, **fields)["errors"]


def test_reads_within_its_scope_and_no_further(clerk: Clerk) -> None:
    made = clerk.makes(scope=["members.read"])
    who, client = bearer(made["token"]), clerk.client
    assert client.get("/api/v1/me", headers=who).json["person_id"] == str(clerk.person)
    assert client.get(f"/api/v1/organisations/{clerk.branch}/members", headers=who).status_code == 200
    outside = client.get(f"/api/v1/organisations/{clerk.branch}/findings", headers=who)
    assert (outside.status_code, outside.json["code"]) == (403, "token-outside")
    assert 'error="insufficient_scope"' in outside.headers["WWW-Authenticate"]
    found = client.get("/api/v1/me/tokens", headers=clerk.headers).json["tokens"][0]
    assert found["last_used_from"] == "127.0.0.0/24"


def test_what_no_token_does_is_refused_at_every_address(clerk: Clerk, app: Flask) -> None:
    """Of the widest token there is: money, accounts, second factors, sealed numbers, other keys."""
    who = bearer(clerk.makes(scope=["all"])["token"])
    wrong = []
    for rule, method in calls(app):
        view = app.view_functions[rule.endpoint]
        declared: Declared | None = getattr(view, "declared", None)
        needs = rights_of(view) or frozenset()
        if declared is None or not needs or not needs.isdisjoint(BY_TOKEN):
            continue
        answer = clerk.client.open(address(app, rule), method=method, headers=who)
        if (answer.status_code, answer.json["code"]) != (403, "token-outside"):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_its_part_of_the_tree(clerk: Clerk, services: Standing) -> None:
    with services.engines["roster"].begin() as db:
        other = a_branch(db, parent=clerk.committee)
    who = bearer(clerk.makes(organisation_id=str(clerk.branch))["token"])
    assert clerk.client.get(f"/api/v1/organisations/{clerk.branch}/members", headers=who).status_code == 200
    assert clerk.client.get(f"/api/v1/organisations/{other}/members", headers=who).status_code in (403, 404)


def test_pages_take_none(clerk: Clerk) -> None:
    made = clerk.makes()
    answer = clerk.client.get("/me", headers=bearer(made["token"]) | {"Accept": "text/html"})
    assert answer.status_code in (303, 401)


def test_ended_it_is_not_taken_after_half_a_minute(clerk: Clerk, app: Flask) -> None:
    made = clerk.makes()
    who = bearer(made["token"])
    assert clerk.client.get("/api/v1/me", headers=who).status_code == 200
    path = f"/api/v1/me/tokens/{made['kept']['id']}/end"
    assert clerk.client.post(path, headers=clerk.headers).json["state"] == "ended"
    assert clerk.client.post(path, headers=who).json["code"] == "token-outside"
    forget(app)
    refused = clerk.client.get("/api/v1/me", headers=who)
    assert (refused.status_code, refused.json["code"]) == (401, "token-refused")
    assert refused.content_type == "application/problem+json"
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="zhendi", error="invalid_token"'


@pytest.mark.parametrize("what", ["unknown", "mistyped", "long", "expired"])
def test_what_is_not_taken(clerk: Clerk, what: str) -> None:
    made = clerk.makes(days=1)
    token = {"unknown": new_token(), "mistyped": made["token"][:-1], "long": "zhd_" + "x" * 5000}.get(what)
    if what == "expired":
        with clerk.engine.begin() as db:
            db.execute(
                text("UPDATE api_tokens SET made_at = :before, expires_at = :now WHERE id = :id"),
                {"id": made["kept"]["id"], "now": clock.now(), "before": clock.now() - timedelta(days=1)},
            )
    refused = clerk.client.get("/api/v1/me", headers=bearer(token or made["token"]))
    assert (refused.status_code, refused.json["code"]) == (401, "token-refused")


def test_roster_is_asked_once_and_not_missed_for_a_minute(
    clerk: Clerk, config: GatewayConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(config.amqp_url)
    app = create_app(config, caller=caller)
    client, who = app.test_client(), bearer(clerk.makes()["token"])
    asked: list[str] = []
    really = caller.call

    def call(service: str, method: str, *given: Any, **more: Any) -> Any:
        asked.append(method)
        if method == "exchange_api_token" and roster_is_away:
            raise ServiceUnavailable(service="roster")
        return really(service, method, *given, **more)

    roster_is_away = False
    monkeypatch.setattr(caller, "call", call)
    assert [client.get("/api/v1/me", headers=who).status_code for _ in range(3)] == [200] * 3
    assert asked.count("exchange_api_token") == 1
    roster_is_away, began = True, time.monotonic()
    monkeypatch.setattr(programs.time, "monotonic", lambda: began + programs.KEPT_S + 1)
    assert client.get("/api/v1/me", headers=who).status_code == 200
    monkeypatch.setattr(programs.time, "monotonic", lambda: began + programs.LEFT_S + 1)
    assert client.get("/api/v1/me", headers=who).status_code == 503
    caller.close()


def test_an_administrator_sees_and_ends_those_of_their_part(clerk: Clerk, keys: Keys) -> None:
    made = clerk.makes()
    here = bearer(keys.token("admin", path=clerk.path))
    there = bearer(keys.token("admin", path="elsewhere"))
    found = clerk.client.get("/api/v1/tokens?state=in_force", headers=here).json["items"]
    assert [token["id"] for token in found] == [made["kept"]["id"]]
    assert clerk.client.get("/api/v1/tokens", headers=there).json["items"] == []
    path = f"/api/v1/tokens/{made['kept']['id']}/end"
    assert clerk.client.post(path, json={"reason": "离岗"}, headers=there).status_code == 404
    ended = clerk.client.post(path, json={"reason": "离岗"}, headers=here)
    assert (ended.status_code, ended.json["state"], ended.json["ended_reason"]) == (200, "ended", "离岗")


class TestPages:
    def test_made_shown_once_and_ended(self, clerk: Clerk, app: Flask) -> None:
        browser = a_browser(app, clerk.token)
        page = browser.client.get("/me/tokens")
        assert page.status_code == 200
        form = {
            **{"csrf_token": browser.csrf, "name": "月报表格", "reach": "areas", "area.visits": "all"},
            **{"area.members": "read", "days": "30", "organisation": "", "password": PASSWORD},
        }
        wrong = browser.client.post("/me/tokens", data=form | {"password": "wrong"})
        assert (wrong.status_code, "密码不正确" in wrong.text) == (422, True)
        nothing = browser.client.post("/me/tokens", data=form | {"area.visits": "", "area.members": ""})
        assert nothing.status_code == 422
        made = browser.client.post("/me/tokens", data=form)
        assert made.status_code == 200
        assert "zhd_" in made.text
        assert made.headers["Cache-Control"] == "no-store"
        (token,) = clerk.client.get("/api/v1/me/tokens", headers=clerk.headers).json["tokens"]
        assert token["scope"] == ["members.read", "visits"]
        ended = browser.client.post(f"/me/tokens/{token['id']}/end", data={"csrf_token": browser.csrf})
        assert ended.status_code == 303
        assert "zhd_" not in browser.client.get("/me/tokens").text

    def test_of_the_administration(self, clerk: Clerk, app: Flask, keys: Keys) -> None:
        made = clerk.makes()
        browser = a_browser(app, keys.token("admin", path=clerk.path))
        assert "月报表格" in browser.client.get("/administration/tokens").text
        data = {"csrf_token": browser.csrf, "reason": "离岗"}
        ended = browser.client.post(f"/administration/tokens/{made['kept']['id']}/end", data=data)
        assert ended.status_code == 303
        assert "离岗" in browser.client.get("/administration/tokens?state=ended").text
