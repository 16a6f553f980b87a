"""Browser sessions: the cookie, its renewal, and the secret against forged forms."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.actors import Actor
from flask import Flask, Response
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.identity import PUBLIC, current, must, rights_of
from werkzeug.routing import AnyConverter, BaseConverter

from gateway import browsers
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import an_account

pytestmark = STANDING


@pytest.fixture
def account(services: Standing) -> str:
    with services.engines["roster"].begin() as db:
        username = f"user{clock.now():%H%M%S%f}"
        an_account(db, username=username, password="right")
    return username


def signed_in(app: Flask, username: str) -> Browser:
    """Sign in as the sign-in page does."""
    with app.test_request_context("/", method="POST"):
        browsers.sign_in(username, "right")
        token, csrf = browsers.kept().token, browsers.kept().csrf
    return a_browser(app, token, csrf=csrf)


def cookie_of(response: Response) -> SimpleCookie:
    return SimpleCookie(response.headers.get("Set-Cookie", ""))


class TestTheCookie:
    def test_is_closed_to_scripts_and_to_other_sites(self, app: Flask, account: str, services: Standing) -> None:
        with app.test_request_context("/", method="POST"):
            browsers.sign_in(account, "right")
            response = app.process_response(Response("ok"))
        morsel = cookie_of(response)["zhendi_session"]
        assert morsel["httponly"]
        assert morsel["samesite"] == "Lax"
        assert morsel["path"] == "/"
        assert not morsel["secure"]
        assert response.headers["Cache-Control"] == "no-store"

    def test_says_nothing_to_who_reads_it(self, app: Flask, account: str, services: Standing) -> None:
        with app.test_request_context("/", method="POST"):
            browsers.sign_in(account, "right")
            token = browsers.kept().token
            response = app.process_response(Response("ok"))
        assert token
        assert token not in response.headers["Set-Cookie"]

    def test_is_bound_to_the_host_over_tls(self, config: GatewayConfig, account: str, services: Standing) -> None:
        app = create_app(replace(config, tls_cert=config.token_public_keys, tls_key=config.token_public_keys))
        with app.test_request_context("/", method="POST"):
            browsers.sign_in(account, "right")
            response = app.process_response(Response("ok"))
        morsel = cookie_of(response)["__Host-zhendi_session"]
        assert morsel["secure"]
        assert not morsel["domain"]

    @pytest.mark.parametrize("value", ["", "x", "gAAAAAB", "é", "=" * 5000])
    def test_that_is_not_ours_is_nothing(self, app: Flask, value: str) -> None:
        client = app.test_client()
        client.set_cookie("zhendi_session", value)
        assert client.get("/api/v1/me").status_code == 401

    def test_of_another_gateway_is_nothing(self, app: Flask, config: GatewayConfig, keys: Keys) -> None:
        other = create_app(replace(config, secret_key="the key of somebody else entirely"))
        sealed = other.extensions["zhendi.browsers"].fernet.encrypt(b'{"token": "x", "csrf": "y"}').decode()
        client = app.test_client()
        client.set_cookie("zhendi_session", sealed)
        assert client.get("/api/v1/me").status_code == 401


def _something(kind: BaseConverter) -> Any:
    """Return what an address may hold at a place of this kind."""
    return next(iter(kind.items)) if isinstance(kind, AnyConverter) else uuid4()


class TestForgedRequests:
    def test_a_browser_without_its_secret_is_refused(self, app: Flask, keys: Keys) -> None:
        browser = a_browser(app, keys.token("secretary"))
        answer = browser.client.post("/api/v1/orders", json={})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf-failed")

    @pytest.mark.parametrize("sent", ["", "x", "the secret of another browser", "é"])
    def test_a_wrong_secret_is_refused(self, app: Flask, keys: Keys, sent: str) -> None:
        browser = a_browser(app, keys.token("secretary"))
        answer = browser.client.post("/api/v1/orders", json={}, headers={"X-CSRF-Token": sent})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf-failed")

    def test_an_empty_secret_in_the_cookie_opens_nothing(self, app: Flask, keys: Keys) -> None:
        browser = a_browser(app, keys.token("secretary"), csrf="")
        answer = browser.client.post("/api/v1/orders", json={}, headers={"X-CSRF-Token": ""})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf-failed")

    def test_the_right_secret_is_taken(self, app: Flask, keys: Keys, services: Standing) -> None:
        browser = a_browser(app, keys.token("secretary"))
        answer = browser.client.post("/api/v1/orders", json={}, headers={"X-CSRF-Token": browser.csrf})
        assert (answer.status_code, answer.json["code"]) == (422, "invalid-input")

    def test_a_program_with_a_token_needs_none(
        self, app: Flask, bearer: Callable[..., dict[str, str]], services: Standing
    ) -> None:
        answer = app.test_client().post("/api/v1/orders", json={}, headers=bearer("secretary"))
        assert answer.json["code"] == "invalid-input"

    def test_a_page_takes_no_form_without_it(self, app: Flask) -> None:
        answer = app.test_client().post("/sign-in", data={"username": "x", "password": "y"})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf-failed")

    def test_no_address_takes_an_unsafe_request_without_it(self, app: Flask, keys: Keys) -> None:
        browser = a_browser(app, keys.token("admin"))
        addresses = app.url_map.bind("localhost")
        taken = []
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith("/api/") and rights_of(app.view_functions[rule.endpoint]) == PUBLIC:
                continue  # a password or a device's secret says who it is: they look at no cookie
            ids = {name: _something(kind) for name, kind in rule._converters.items()}
            for method in (rule.methods or set()) - browsers.SAFE_METHODS:
                address = addresses.build(rule.endpoint, ids, method=method)
                answer = browser.client.open(address, method=method, data={"reason": "x"})
                if (answer.status_code, (answer.json or {}).get("code")) != (403, "csrf-failed"):
                    taken.append(f"{method} {rule.rule}: {answer.status_code}")
        assert taken == []

    def test_signing_in_changes_the_secret(self, app: Flask, account: str, services: Standing) -> None:
        with app.test_request_context("/", method="POST"):
            before = browsers.csrf_token()
            browsers.sign_in(account, "right")
            assert browsers.csrf_token() != before


class TestRenewal:
    def test_a_token_that_expires_soon_is_renewed(
        self, app: Flask, keys: Keys, account: str, services: Standing
    ) -> None:
        actor = _actor(app, signed_in(app, account))
        browser = a_browser(app, _aged(keys, actor, timedelta(minutes=9)))
        answer = browser.client.get("/api/v1/me")
        assert answer.status_code == 200
        assert "zhendi_session" in cookie_of(answer)
        assert "Set-Cookie" not in browser.client.get("/api/v1/me").headers

    def test_a_token_long_expired_is_forgotten(self, app: Flask, keys: Keys, account: str, services: Standing) -> None:
        actor = _actor(app, signed_in(app, account))
        browser = a_browser(app, _aged(keys, actor, timedelta(minutes=45)))
        assert browser.client.get("/api/v1/me").status_code == 401

    def test_an_ended_session_is_not_renewed(self, app: Flask, keys: Keys, account: str, services: Standing) -> None:
        browser = signed_in(app, account)
        actor = _actor(app, browser)
        answer = browser.client.delete("/api/v1/sessions/current", headers={"X-CSRF-Token": browser.csrf})
        assert answer.status_code == 204
        assert browser.client.get("/api/v1/me").status_code == 401
        stale = a_browser(app, _aged(keys, actor, timedelta(minutes=9)))
        assert stale.client.get("/api/v1/me").status_code == 401

    def test_an_action_on_money_gets_a_fresh_token(
        self, app: Flask, keys: Keys, account: str, services: Standing
    ) -> None:
        actor = _actor(app, signed_in(app, account))
        token = _aged(keys, actor, timedelta(minutes=2), "preparer")
        browser = a_browser(app, token)
        with app.test_request_context(
            "/", method="POST", headers={"Cookie": _cookie(browser), "X-CSRF-Token": browser.csrf}
        ):
            fresh = must("approve_claim")
            assert fresh.token != token
            assert current() is fresh
            assert fresh.actor
            assert clock.now() - fresh.actor.issued_at < timedelta(seconds=30)

    def test_without_roster_reading_goes_on(self, nobody_behind: Flask, keys: Keys) -> None:
        browser = a_browser(nobody_behind, keys.token("secretary", at=clock.now() - timedelta(minutes=12)))
        with nobody_behind.test_request_context("/", headers={"Cookie": _cookie(browser)}):
            assert current().is_signed_in


def _actor(app: Flask, browser: Browser) -> Actor:
    with app.test_request_context("/", headers={"Cookie": _cookie(browser)}):
        actor = current().actor
    assert actor
    return actor


def _cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie("zhendi_session")
    assert cookie
    return f"zhendi_session={cookie.value}"


def _aged(keys: Keys, actor: Actor, age: timedelta, *roles: str) -> str:
    """The token that roster gave for the actor's session, as it was `age` ago."""
    return keys.token(
        *(roles or ("secretary",)), at=clock.now() - age, person_id=actor.person_id, session_id=actor.session_id
    )
