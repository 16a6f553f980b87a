"""Signing in by an OpenID provider that really runs, as a browser does it, with the real roster behind the gateway."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from chassis import clock
from flask import Flask
from flask.testing import FlaskClient
from gateway.config import GatewayConfig
from roster.operations.accounts import NewAccount, open_accounts
from werkzeug.test import TestResponse

from tests.gateway.conftest import STANDING, Keys, Standing
from tests.roster.factories import a_branch, a_member, path_of
from tests.roster.oidc import OpenIdProvider

pytestmark = [STANDING, pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")]

BEGIN = "/sign-in/with/gov?next=/me"


@pytest.fixture
def provider(openid_provider: OpenIdProvider) -> OpenIdProvider:
    openid_provider.straighten()
    return openid_provider


@pytest.fixture
def username(services: Standing) -> str:
    name = f"u{uuid4().hex[:12]}"
    with services.engines["roster"].begin() as db:
        person = a_member(db, branch=a_branch(db), name="李明")
        open_accounts(db, [NewAccount(person, name, "right")], at=clock.now())
    return name


def there_and_back(client: FlaskClient, provider: OpenIdProvider, subject: str) -> TestResponse:
    begun = client.get(BEGIN)
    assert begun.status_code == 303, begun.text
    back = provider.signs_in(begun.headers["Location"], subject)
    return client.get("/sign-in/with/gov/callback", query_string=back)


def proves(client: FlaskClient, username: str, password: str = "right") -> TestResponse:  # noqa: S107
    page = client.get("/sign-in/link").text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post("/sign-in/link", data={"csrf_token": csrf, "username": username, "password": password})


def test_first_with_the_password_then_without_and_out_again(
    app: Flask, provider: OpenIdProvider, username: str, services: Standing
) -> None:
    subject, client = f"g-{uuid4()}", app.test_client()
    assert "用统一身份平台登录" in client.get("/sign-in").text
    came = there_and_back(client, provider, subject)
    assert (came.status_code, came.headers["Location"]) == (303, "/sign-in/link")
    assert client.get("/me", headers={"Accept": "text/html"}).status_code == 303  # not signed in yet
    assert proves(client, username, "wrong").status_code == 401
    proved = proves(client, username)
    assert (proved.status_code, proved.headers["Location"]) == (303, "/me")
    assert "统一身份登录" in client.get("/me").text
    assert subject in client.get("/me/identities").text

    another = app.test_client()
    again = there_and_back(another, provider, subject)
    assert (again.status_code, again.headers["Location"]) == (303, "/me")
    assert "李明" in another.get("/me").text
    page = another.get("/me").text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    out = another.post("/sign-out", data={"csrf_token": csrf})
    assert f'href="{provider.issuer}/oauth2/end_session?client_id=zhendi' in out.text
    assert another.get("/me", headers={"Accept": "text/html"}).status_code == 303


def test_the_cookie_of_the_way_is_sealed_and_short(config: GatewayConfig, app: Flask, provider: OpenIdProvider) -> None:
    cookie = app.test_client().get(BEGIN).headers["Set-Cookie"]
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/sign-in", "Max-Age=600"):
        assert flag in cookie
    assert "state" not in cookie


def test_headers_of_the_pages(app: Flask, provider: OpenIdProvider) -> None:
    client = app.test_client()
    came = there_and_back(client, provider, f"g-{uuid4()}")
    for answer in (came, client.get("/sign-in/link")):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "RateLimit" in answer.headers
    assert came.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("what", ["another browser", "forged state", "no cookie"])
def test_what_did_not_begin_here_signs_nobody_in(app: Flask, provider: OpenIdProvider, what: str) -> None:
    """Login CSRF: the attacker's code and state in the victim's browser."""
    attacker, victim = app.test_client(), app.test_client()
    back = provider.signs_in(attacker.get(BEGIN).headers["Location"], f"g-{uuid4()}")
    if what == "another browser":
        victim.get(BEGIN)
    if what == "forged state":
        victim.get(BEGIN)
        back["state"] = "x" * 43
    answer = victim.get("/sign-in/with/gov/callback", query_string=back)
    assert answer.status_code == 400
    assert "请重新开始" in answer.text
    assert victim.get("/sign-in/link").status_code == 303


def test_come_back_twice(app: Flask, provider: OpenIdProvider) -> None:
    client = app.test_client()
    begun = client.get(BEGIN)
    cookie = client.get_cookie("zhendi_provider", path="/sign-in")
    back = provider.signs_in(begun.headers["Location"], f"g-{uuid4()}")
    assert client.get("/sign-in/with/gov/callback", query_string=back).status_code == 303
    client.set_cookie("zhendi_provider", cookie.value, path="/sign-in")
    replayed = client.get("/sign-in/with/gov/callback", query_string=back)
    assert (replayed.status_code, "请重新开始" in replayed.text) == (403, True)


def test_refused_there_or_unknown_here(app: Flask, provider: OpenIdProvider) -> None:
    client = app.test_client()
    state = urlsplit(client.get(BEGIN).headers["Location"]).query.partition("state=")[2].partition("&")[0]
    refused = client.get("/sign-in/with/gov/callback", query_string={"error": "access_denied", "state": state})
    assert (refused.status_code, "没有登录成功" in refused.text) == (400, True)
    assert client.get("/sign-in/with/nobody").status_code == 404


def test_a_provider_that_lies_or_is_away(app: Flask, provider: OpenIdProvider) -> None:
    provider.alters = lambda claims: {**claims, "aud": "somebody-else"}
    answer = there_and_back(app.test_client(), provider, "g-1")
    assert (answer.status_code, "无法核实" in answer.text) == (403, True)
    provider.straighten()
    client = app.test_client()
    back = provider.signs_in(client.get(BEGIN).headers["Location"], "g-1")
    provider.is_away = True
    away = client.get("/sign-in/with/gov/callback", query_string=back)
    provider.straighten()
    assert away.status_code in (403, 503)


def test_never_on_to_another_host(app: Flask, provider: OpenIdProvider, username: str) -> None:
    subject, client = f"g-{uuid4()}", app.test_client()
    there_and_back(client, provider, subject)
    proves(client, username)
    elsewhere = app.test_client()
    begun = elsewhere.get("/sign-in/with/gov?next=//evil.example/x")
    back = provider.signs_in(begun.headers["Location"], subject)
    assert elsewhere.get("/sign-in/with/gov/callback", query_string=back).headers["Location"] == "/"


def test_an_administrator_binds_and_ends(client: FlaskClient, services: Standing, keys: Keys) -> None:
    with services.engines["roster"].begin() as db:
        branch = a_branch(db)
        person, path = a_member(db, branch=branch), path_of(db, branch)
        open_accounts(db, [NewAccount(person, f"u{uuid4().hex[:12]}", "x")], at=clock.now())
    admin = {"Authorization": f"Bearer {keys.token('admin', path=path)}", "Accept-Language": "en"}
    at = f"/api/v1/accounts/{person}/identities"
    body = {"provider": "gov", "subject": f"g-{uuid4()}", "reason": "x"}
    bound = client.post(at, json=body, headers=admin)
    assert bound.status_code == 200, bound.json
    assert client.post(at, json=body, headers=admin).json["code"] == "identity-bound"
    assert client.post(at, json=body | {"provider": "nobody"}, headers=admin).json["code"] == "provider-unknown"
    (identity,) = client.get(at, headers=admin).json["identities"]
    ended = client.post(f"{at}/{identity['id']}/removal", json={"reason": "x"}, headers=admin)
    assert ended.json["identities"] == []


def test_none_are_offered_while_roster_is_away(config: GatewayConfig, nobody_behind: Flask) -> None:
    page = nobody_behind.test_client().get("/sign-in")
    assert (page.status_code, "/sign-in/with/" in page.text) == (200, False)
