"""What stands on every answer: security headers, ids, what may be kept and for how long."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.telemetry import AccessLog

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def client(nobody_behind: Flask) -> FlaskClient:
    return nobody_behind.test_client()


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/api/v1/me", "/api/v1/nowhere", "/nowhere", "/api/docs", "/static/nix.css"]
)
def test_every_answer_is_hardened(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_scripts_need_the_nonce_of_their_answer(client: FlaskClient) -> None:
    policies = [
        client.get("/nowhere", headers={"Accept": "text/html"}).headers["Content-Security-Policy"] for _ in "12"
    ]
    nonces = [re.search(r"script-src 'self' 'nonce-([\w-]{22})'", policy) for policy in policies]
    assert all(nonces)
    assert nonces[0][1] != nonces[1][1]  # type: ignore[index]
    assert not any("unsafe" in policy for policy in policies)


def test_the_secret_in_a_feeds_address_is_not_logged(config: GatewayConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(AccessLog, "note", lambda self, message, **fields: lines.append(f"{message} {fields}"))
    create_app(replace(config, log_level="INFO")).test_client().get("/api/v1/calendar-feeds/GEHEIM/visits.ics")
    assert lines
    assert "GEHEIM" not in "".join(lines)


def test_over_tls_browsers_shall_come_back_over_tls(config: GatewayConfig) -> None:
    app = create_app(replace(config, tls_cert=config.token_public_keys, tls_key=config.token_public_keys))
    answer = app.test_client().get("/livez")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_sane_request_id_is_kept_and_another_made_anew(client: FlaskClient) -> None:
    assert client.get("/livez", headers={"X-Request-ID": "my-request.1"}).headers["X-Request-ID"] == "my-request.1"
    for unfit in ("x", "a b c d e f g h", "<script>alert</script>", "y" * 101):
        assert re.fullmatch(
            r"[0-9a-f]{16}", client.get("/livez", headers={"X-Request-ID": unfit}).headers["X-Request-ID"]
        )


class TestStaticFiles:
    def test_are_kept_for_a_year_under_their_hash(self, nobody_behind: Flask) -> None:
        with nobody_behind.test_request_context("/"):
            address = nobody_behind.url_for("static", filename="modules/api-docs.js")
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        answer = nobody_behind.test_client().get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]

    def test_are_asked_for_anew_under_another(self, client: FlaskClient) -> None:
        for address in ("/static/modules/api-docs.js", "/static/modules/api-docs.js?v=old"):
            assert client.get(address).headers["Cache-Control"] == "no-cache"

    def test_never_come_from_elsewhere(self, client: FlaskClient) -> None:
        for path in ("../app.py", "..%2fapp.py", "%2e%2e/app.py", "modules/../../app.py", "%00"):
            assert client.get(f"/static/{path}").status_code == 404


class TestEtags:
    def test_what_the_asker_has_is_not_sent_again(self, client: FlaskClient) -> None:
        first = client.get("/api/openapi.json")
        again = client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        weak = client.get("/api/openapi.json", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
        assert weak.status_code == 304
        assert client.get("/api/openapi.json", headers={"If-None-Match": '"x"'}).status_code == 200
        assert client.get("/api/openapi.json", headers={"If-None-Match": ",,="}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("192.168.1.7", 404), ("fe80::1", 404), ("0.0.0.0", 404), ("", 404)],  # noqa: S104
)
def test_counters_are_told_to_this_machine_alone(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("http_requests_total" in answer.text) == (status == 200)
