"""Whatever is sent to whatever call: never a fault, always an answer that the OpenAPI document names."""

import re
from typing import Any
from uuid import uuid4

import pytest
from contracts.rights import ROLES
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conformity import Conformity
from tests.gateway.conftest import STANDING, Keys, Standing

pytestmark = STANDING


def _calls() -> list[tuple[str, str]]:
    """The API's calls, read from the declarations without an app."""
    from gateway.resources import NOUNS

    app = Flask("calls")
    for noun in NOUNS:
        app.register_blueprint(noun)
    return [
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "declared")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


CALLS = _calls()
SESSION = ("DELETE", "/api/v1/sessions/current")

texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "é\u202e",
            "😀",
            "'; DROP TABLE orders --",
            "%s%(x)s{y}",
            "2026-02-30",
            "2026-11-23",
            "0000-00-00",
            "2026-11-23T09:00:00+08:00",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "2026-13",
            "NaN",
            "inf",
            "1e400",
            "-0",
            "99999999999999999999",
            "true",
            "null",
            "117,36,118,37",
            "nan,nan,nan,nan",
            "13853312345",
            str(uuid4()),
        ]
    ),
)
numbers = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.sampled_from([0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1e308, 0.5])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Idempotency-Key": st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=30),
        "Accept-Language": st.sampled_from(["en", "zh-CN", "x;q=", "*", "en;q=a"]),
        "Accept": st.sampled_from(["*/*", "image/png", "application/json", "x", "text/html"]),
        "If-None-Match": st.sampled_from(["*", '"x"', "W/", '"']),
        "X-Request-ID": st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
        "traceparent": st.sampled_from(["x", "00-0-0-0", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"]),
        "Range": st.sampled_from(["bytes=0-1", "x"]),
        "Content-Encoding": st.just("gzip"),
    },
)
bodies = st.one_of(st.binary(max_size=60), st.sampled_from([b"{}", b"[]", b"{", b"null", b"1", b'"x"', b'{"a":1}}']))


@pytest.fixture(scope="module")
def asker(app: Flask, services: Standing, document: dict[str, Any]) -> tuple[FlaskClient, Conformity]:
    return app.test_client(), Conformity(document)


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call != SESSION])
@given(data=st.data())
def test_is_answered_properly(
    asker: tuple[FlaskClient, Conformity], keys: Keys, method: str, path: str, data: st.DataObject
) -> None:
    client, conformity = asker
    token = {"Authorization": f"Bearer {keys.token(*ROLES)}"}
    operation = conformity.document["paths"][path][method.lower()]
    address = path
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            is_id = parameter["schema"].get("format") == "uuid"
            word = (
                str(uuid4()) if is_id else data.draw(st.sampled_from(["fund", "x", "%00", "%F0%9F%98%80", "a" * 300]))
            )
            address = address.replace(f"{{{parameter['name']}}}", word)
    names = st.sampled_from([p["name"] for p in operation["parameters"] if p.get("in") == "query"] or ["x"])
    query = data.draw(st.dictionaries(names, texts, max_size=4))
    how: dict[str, Any] = {"query_string": query, "headers": {**data.draw(headers), **token}}
    if method == "POST":
        how |= data.draw(_bodies_of(operation))
    answer = client.open(address, method=method, **how)
    assert answer.status_code < 500, answer.text
    faults = conformity.faults(
        method,
        address,
        status=answer.status_code,
        content_type=answer.content_type or "",
        body=answer.get_json(silent=True, force=True) if answer.data else None,
    )
    assert faults == []


def _bodies_of(operation: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    fields = content.get("application/json", {}).get("schema", {}).get("properties", {})
    likely = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, values))
    return st.one_of(
        st.builds(lambda body: {"json": body}, likely),
        st.builds(lambda body: {"json": body}, likely),
        st.builds(lambda body: {"json": body}, values),
        st.builds(
            lambda body, kind: {"data": body, "content_type": kind},
            bodies,
            st.sampled_from(["application/json", "text/csv", "multipart/form-data; boundary=x", "", "x"]),
        ),
    )
