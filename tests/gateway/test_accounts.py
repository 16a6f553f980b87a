"""An account from the first password on, by the API and by the pages, with the real roster behind the gateway."""

import base64
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Flask
from flask.testing import FlaskClient
from gateway.browsers import network_of
from roster.operations.accounts import NewGrant, grant_all
from sqlalchemy import text

from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_member, an_account, path_of

pytestmark = STANDING

PASSWORD = "山水之间 有座老城 看看风景"


class Town:
    """A branch of its own with a person, and an administrator of it."""

    def __init__(self, services: Standing, keys: Keys) -> None:
        with services.engines["roster"].begin() as db:
            self.branch = a_branch(db)
            self.path = path_of(db, self.branch)
            self.person = a_member(db, branch=self.branch, name="欧阳晓")
        self.services, self.keys = services, keys
        self.username = f"u{uuid4().hex[:10]}"

    def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys.token('admin', path=self.path)}", "Accept-Language": "en"}

    def opened(self, client: FlaskClient) -> str:
        body = {"person_id": str(self.person), "username": self.username, "reason": "new clerk"}
        answer = client.post("/api/v1/accounts", json=body, headers=self.admin())
        assert answer.status_code == 201, answer.json
        return str(answer.json["first_password"])


@pytest.fixture
def town(services: Standing, keys: Keys) -> Town:
    return Town(services, keys)


def sign_in(client: FlaskClient, username: str, password: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/sessions", json={"username": username, "password": password, **more})
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


def digits(secret: str, *, steps: int = 0) -> str:
    at = int(clock.now().timestamp()) + 30 * steps
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(at).decode()  # noqa: S303


def test_from_the_first_password_to_a_second_factor(client: FlaskClient, town: Town) -> None:
    first = town.opened(client)
    token = sign_in(client, town.username, first)
    assert token["first"] == "password"
    refused = client.get("/api/v1/organisations", headers=bearer(token["access_token"]))
    assert (refused.status_code, refused.json["code"]) == (403, "password-change-needed")

    weak = client.post(
        "/api/v1/me/password",
        json={"password": first, "new_password": "ouyangxiao2026"},
        headers=bearer(token["access_token"]),
    )
    assert weak.status_code == 422
    assert weak.json["errors"]["new_password"] == ["The password holds your name or user name."]
    change = {"password": first, "new_password": PASSWORD}
    changed = client.post("/api/v1/me/password", json=change, headers=bearer(token["access_token"])).json
    assert changed["first"] is None
    who = bearer(changed["access_token"])
    assert client.get("/api/v1/me", headers=who).json["username"] == town.username

    made = client.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=who)
    assert made.headers["Cache-Control"] == "no-store"
    secret = made.json["secret"]
    code = digits(secret)
    confirmed = client.post("/api/v1/me/second-factor/confirmation", json={"code": code}, headers=who).json
    assert len(confirmed["recovery_codes"]) == 10

    half = sign_in(client, town.username, PASSWORD)
    assert half["first"] == "code"
    asked = client.get("/api/v1/me", headers=bearer(half["access_token"]))
    assert (asked.status_code, asked.json["code"]) == (403, "second-factor-needed")
    used = client.post(
        "/api/v1/sessions/current/second-factor", json={"code": code}, headers=bearer(half["access_token"])
    )
    assert (used.status_code, used.json["code"]) == (401, "wrong-code")
    passed = client.post(
        "/api/v1/sessions/current/second-factor",
        json={"code": confirmed["recovery_codes"][3]},
        headers=bearer(half["access_token"]),
    ).json
    assert passed["first"] is None
    found = client.get("/api/v1/me/sessions", headers=bearer(passed["access_token"])).json["sessions"]
    assert [one["is_this_one"] for one in found].count(True) == 1


def test_what_the_gateway_saw_is_not_what_the_asker_says(client: FlaskClient, town: Town) -> None:
    first = town.opened(client)
    sign_in(client, town.username, first, device="a bank's terminal", address="198.51.100.0/24", first="x")
    with town.services.engines["roster"].connect() as db:
        kept = db.execute(
            text("SELECT device, address FROM sessions WHERE person_id = :person"), {"person": town.person}
        ).one()
    assert kept.address == "127.0.0.0/24"
    assert "bank" not in kept.device


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_of_an_address_the_network_alone_is_kept(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_an_account_elsewhere_is_not_there(client: FlaskClient, town: Town, services: Standing, keys: Keys) -> None:
    """IDOR: an administrator of one branch with the ids of another's people."""
    other = Town(services, keys)
    other.opened(client)
    for path in (f"/accounts/{other.person}", f"/grants?person_id={other.person}"):
        answer = client.get(f"/api/v1{path}", headers=town.admin())
        assert answer.status_code == 404 or answer.json["items"] == []
    for step in ("lock", "unlock", "closure", "password-reset", "second-factor-removal", "session-ends"):
        answer = client.post(f"/api/v1/accounts/{other.person}/{step}", json={"reason": "x"}, headers=town.admin())
        assert (answer.status_code, answer.json["code"]) == (404, "not-found"), step


def test_the_policy_is_read_with_its_version_and_set_at_the_root_alone(client: FlaskClient, town: Town) -> None:
    read = client.get("/api/v1/sign-in-policy", headers=town.admin())
    body = {"numbers": read.json["in_force"]["numbers"], "ground": "x"}
    missing = client.put("/api/v1/sign-in-policy", json=body, headers=town.admin())
    assert missing.status_code == 428
    sent = {**town.admin(), "If-Match": read.headers["ETag"]}
    assert client.put("/api/v1/sign-in-policy", json=body, headers=sent).status_code == 403


@pytest.fixture
def pages(app: Flask, town: Town) -> Callable[[str, str], Browser]:
    """Give a function that signs in by the form and returns the browser."""

    def sit_down(username: str, password: str) -> Browser:
        browser = a_browser(app, None)
        answer = browser.client.post(
            "/sign-in", data={"csrf_token": browser.csrf, "username": username, "password": password}
        )
        assert answer.status_code == 303, answer.text
        return browser

    return sit_down


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


class TestPages:
    def test_a_first_password_leads_to_its_change_wherever_one_goes(
        self, client: FlaskClient, town: Town, pages: Callable[[str, str], Browser]
    ) -> None:
        browser = pages(town.username, town.opened(client)).client
        for path in ("/", "/map", "/orders", "/me", "/administration/roles"):
            answer = browser.get(path)
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/me/password"), path
        page = browser.get("/me/password")
        assert "请先设置您自己的密码" in page.text
        assert "<nav" in page.text
        assert "/administration" not in page.text

    def test_who_has_a_second_factor_is_asked_for_it_and_then_goes_where_they_wanted(
        self, client: FlaskClient, town: Town, pages: Callable[[str, str], Browser]
    ) -> None:
        with town.services.engines["roster"].begin() as db:
            person = an_account(db, username=town.username, password="right")
            grant_all(db, [NewGrant(person, "auditor", town.branch)], at=clock.now())
        who = bearer(sign_in(client, town.username, "right")["access_token"])
        secret = client.post("/api/v1/me/second-factor", json={"password": "right"}, headers=who).json["secret"]
        client.post("/api/v1/me/second-factor/confirmation", json={"code": digits(secret)}, headers=who)
        browser = pages(town.username, "right").client
        asked = browser.get("/me/sessions")
        assert asked.headers["Location"].startswith("/sign-in/code?next=/me/sessions")
        page = browser.get(asked.headers["Location"])
        sent = {"csrf_token": csrf_in(page.text), "code": digits(secret, steps=1), "next": "/me/sessions"}
        wrong = browser.post("/sign-in/code", data={**sent, "code": "000000x"})
        assert wrong.status_code == 401
        assert "验证码不正确" in wrong.text
        passed = browser.post("/sign-in/code", data=sent)
        assert (passed.status_code, passed.headers["Location"]) == (303, "/me/sessions")
        assert "本次登录" in browser.get("/me/sessions").text

    def test_an_administrator_opens_an_account_grants_a_role_and_ends_it(self, app: Flask, town: Town) -> None:
        browser = a_browser(app, town.keys.token("admin", path=town.path))
        found = browser.client.get("/administration/accounts?q=欧阳")
        assert "欧阳晓" in found.text
        sent = {"csrf_token": browser.csrf, "person_id": str(town.person), "q": "欧阳"}
        refused = browser.client.post("/administration/accounts", data={**sent, "username": "x y", "reason": "x"})
        assert refused.status_code == 422
        assert "用户名应为 2 至 40 个" in refused.text
        opened = browser.client.post(
            "/administration/accounts", data={**sent, "username": town.username, "reason": "新任"}
        )
        assert opened.headers["Cache-Control"]
        assert re.search(r"<code>[a-z2-9]{5}(-[a-z2-9]{5}){2}</code>", opened.text)
        record = browser.client.get(f"/administration/accounts/{town.person}")
        assert "初始密码，尚未修改" in record.text
        locked = browser.client.post(
            f"/administration/accounts/{town.person}/lock", data={"csrf_token": browser.csrf, "reason": "离岗"}
        )
        assert locked.status_code == 303
        assert "已锁定" in browser.client.get(f"/administration/accounts/{town.person}").text


def test_a_person_id_of_nobody_is_not_found(client: FlaskClient, town: Town) -> None:
    nobody: UUID = uuid4()
    assert client.get(f"/api/v1/accounts/{nobody}", headers=town.admin()).status_code == 404
