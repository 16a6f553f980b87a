"""What is refused is told as a problem: to programs as problem+json, to people as a page, in their language."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from chassis.refusals import InvalidInput
from contracts.refusals import REFUSALS
from flask import Flask
from flask.testing import FlaskClient
from gateway.problems import Refused, problem_of

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def client(nobody_behind: Flask) -> FlaskClient:
    return nobody_behind.test_client()


def test_a_problem_has_all_its_members(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nowhere", headers={"Accept-Language": "en", "X-Request-ID": "abc-12345"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "/api/problems/not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "What you ask for does not exist, or you may not see it.",
        "code": "not-found",
        "instance": "/api/v1/nowhere",
        "request_id": "abc-12345",
    }


@pytest.mark.parametrize(
    ("languages", "spoken"),
    [
        ({}, "zh"),
        ({"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh"),
        ({"Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}, "en"),
        ({"Accept-Language": "fr"}, "zh"),
        ({"Accept-Language": "en", "Cookie": "language=zh-CN"}, "zh"),
        ({"Accept-Language": "q=;;,"}, "zh"),
    ],
)
def test_the_sentence_is_in_the_readers_language(client: FlaskClient, languages: dict[str, str], spoken: str) -> None:
    headers = dict(languages)
    if cookie := headers.pop("Cookie", ""):
        client.set_cookie(*cookie.split("="))
    answer = client.get("/api/v1/me", headers=headers)
    assert answer.json["detail"] == {"zh": "请先登录。", "en": "Sign in first."}[spoken]
    assert answer.headers["Content-Language"] == {"zh": "zh-CN", "en": "en"}[spoken]


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.put("/api/v1/orders")
    assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_who_is_not_signed_in_is_told_how(client: FlaskClient) -> None:
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic eDp5", "Bearer " + "a" * 20_000, "Bearer é", "  "])
def test_a_header_that_holds_no_token_is_refused(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize(
    ("body", "content_type", "refused"),
    [
        (b"{", "application/json", (400, "bad-request")),
        (b"\xff\xfe", "application/json", (400, "bad-request")),
        (b'{"slot_id": NaN}', "application/json", (400, "bad-request")),
        (b'{"slot_id": "\\ud800"}', "application/json", (400, "bad-request")),
        (b'{"contact_name": "a\\u0000b"}', "application/json", (400, "bad-request")),
        (b"[]", "application/json", (400, "bad-request")),
        (b'"text"', "application/json", (400, "bad-request")),
        (b"null", "application/json", (400, "bad-request")),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", (400, "bad-request")),
        (b"[" * 100_000, "application/json", (400, "bad-request")),
        (b"slot_id=1", "application/x-www-form-urlencoded", (415, "unsupported-media-type")),
        (b"{}", "text/plain", (415, "unsupported-media-type")),
        (b"{}", "", (415, "unsupported-media-type")),
        (b'{"a":"' + b"x" * 1024 * 1024 + b'"}', "application/json", (413, "payload-too-large")),
    ],
    ids=lambda value: str(value[:20]) if isinstance(value, bytes) else None,
)
def test_a_body_that_cannot_be_read(
    client: FlaskClient, bearer: Bearer, body: bytes, content_type: str, refused: tuple[int, str]
) -> None:
    answer = client.post("/api/v1/orders", data=body, content_type=content_type, headers=bearer("secretary"))
    assert (answer.status_code, answer.json["code"]) == refused
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "chinese", "english"),
    [
        (b'{"a": 1', "请求无法读取：不是有效的 JSON（第 1 行第 8 列）。", "it is not valid JSON (line 1, column 8)."),
        (b"[]", "请求无法读取：应为一个 JSON 对象。", "The request cannot be read: it is not a JSON object."),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "请求无法读取：嵌套超过 16 层。", "deeper than 16 levels."),
    ],
)
def test_the_reason_is_in_the_readers_language_too(
    client: FlaskClient, bearer: Bearer, body: bytes, chinese: str, english: str
) -> None:
    for language, detail in (("zh-CN", chinese), ("en", english)):
        headers = {**bearer("secretary"), "Accept-Language": language}
        answer = client.post("/api/v1/orders", data=body, content_type="application/json", headers=headers)
        assert answer.json["detail"].endswith(detail)


def test_a_too_large_body_says_how_large_it_may_be(client: FlaskClient, bearer: Bearer) -> None:
    answer = client.post(
        "/api/v1/orders", data=b"{" + b" " * 2**20, content_type="application/json", headers=bearer("secretary")
    )
    assert "1048576" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/orders/not-a-uuid", "/orders/123", "/sites/%00", "/claims/%F0%9F%98%80/approval"])
def test_an_id_that_is_none_is_not_found(client: FlaskClient, bearer: Bearer, path: str) -> None:
    method = "POST" if path.endswith("approval") else "GET"
    assert client.open(f"/api/v1{path}", method=method, headers=bearer("officer")).status_code == 404


def test_people_get_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert REFUSALS["not-found"].zh in answer.text


def test_programs_get_json_everywhere(client: FlaskClient) -> None:
    assert client.get("/nowhere", headers={"Accept": "*/*"}).mimetype == "application/problem+json"
    assert client.get("/api/v1/nowhere", headers={"Accept": "text/html"}).mimetype == "application/problem+json"


def test_a_fault_is_told_without_its_inside(nobody_behind: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setitem(nobody_behind.view_functions, "health.livez", breaks)
    answer = nobody_behind.test_client().get("/livez", headers={"X-Request-ID": "abc-12345"})
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "abc-12345" in answer.json["detail"]
    assert "secret" not in answer.text


def test_each_problem_type_leads_somewhere(client: FlaskClient) -> None:
    for code, told in REFUSALS.items():
        answer = client.get(f"/api/problems/{code}")
        assert (answer.status_code, answer.json["status"]) == (200, told.status)
    assert client.get("/api/problems/nix").status_code == 404


class TestARefusalOfAService:
    def test_is_told_in_chinese_with_its_parameters_by_name(self, nobody_behind: Flask) -> None:
        refused = Refused(
            "voucher-used",
            detail="The voucher was used.",
            params={"used_at": "2026-11-23 09:30", "site": "蒲松龄纪念馆", "count": 18, "by": "一号门"},
        )
        with nobody_behind.test_request_context("/x"):
            problem = problem_of(refused, language="zh-CN")
        assert problem.status == 409
        assert problem.detail == "此凭证已于 2026年11月23日 09:30 在“蒲松龄纪念馆”使用过（18 人，由一号门核验）。"

    def test_names_states_and_moves_in_chinese(self, nobody_behind: Flask) -> None:
        refused = Refused("order-not-movable", detail="-", params={"state": "cancelled", "move": "confirm"})
        with nobody_behind.test_request_context("/x"):
            assert problem_of(refused, language="zh-CN").detail == "点单当前为“已取消”，不能再确认。"

    def test_leaves_what_people_wrote_as_it_is(self, nobody_behind: Flask) -> None:
        refused = Refused("voucher-for-another-site", detail="-", params={"site": "cancelled {state}"})
        with nobody_behind.test_request_context("/x"):
            assert "“cancelled {state}”" in problem_of(refused, language="zh-CN").detail

    def test_with_a_state_that_is_not_known_here_keeps_its_own_sentence(self, nobody_behind: Flask) -> None:
        refused = Refused("order-not-movable", detail="It is sleeping.", params={"state": "asleep", "move": "close"})
        with nobody_behind.test_request_context("/x"):
            assert problem_of(refused, language="zh-CN").detail == "It is sleeping."

    def test_of_a_newer_service_keeps_its_own_sentence(self, nobody_behind: Flask) -> None:
        refused = Refused("moon-too-bright", detail="The moon is too bright.", params={})
        with nobody_behind.test_request_context("/x"):
            problem = problem_of(refused, language="zh-CN")
        assert (problem.status, problem.detail) == (409, "The moon is too bright.")

    def test_with_a_parameter_missing_keeps_its_own_sentence(self, nobody_behind: Flask) -> None:
        refused = Refused("slot-full", detail="Only 3 seats are left in this slot.", params={})
        with nobody_behind.test_request_context("/x"):
            assert problem_of(refused, language="zh-CN").detail == "Only 3 seats are left in this slot."


def test_field_faults_are_told_in_the_readers_language(nobody_behind: Flask) -> None:
    refusal = InvalidInput({"party_size": ["Must be greater than or equal to 1 and less than or equal to 500."]})
    with nobody_behind.test_request_context("/x"):
        assert problem_of(refusal, language="zh-CN").errors == {"party_size": ["应在 1 到 500 之间。"]}
        assert problem_of(refusal, language="en").errors == refusal.errors


def test_an_unknown_service_is_named(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/sites/{uuid4()}", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 503
    assert "阵地" in answer.json["detail"]
    assert answer.headers["Retry-After"] == "1"
