"""Files pass as streams: bounded, judged by their content, and never through AMQP."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.files import CSV, FileStore
from contracts.envelope import plain
from flask import Flask
from gateway.config import GatewayConfig
from gateway.edge import FILE_MAX_BYTES
from gateway.resources.settlement_batches import stored_file

from tests.gateway.conftest import STANDING, Standing

pytestmark = STANDING
ROWS = "line_id,result,amount,reference,reason\n"


@pytest.fixture
def send(app: Flask, bearer: Callable[..., dict[str, str]], services: Standing) -> Callable[..., Any]:
    """Give a function that hands in a bank's file for a batch that nobody knows."""

    def send(**how: Any) -> Any:
        return app.test_client().post(
            f"/api/v1/settlement-batches/{uuid4()}/bank-results", headers=bearer("preparer"), **how
        )

    return send


def part(content: bytes, name: str = "results.csv") -> dict[str, Any]:
    return {"data": {"file": (io.BytesIO(content), name)}, "content_type": "multipart/form-data"}


def test_a_file_comes_as_a_forms_part_or_as_the_body(send: Callable[..., Any]) -> None:
    for how in (part(ROWS.encode()), {"data": ROWS.encode(), "content_type": "text/csv"}):
        answer = send(**how)
        assert (answer.status_code, answer.json["code"]) == (404, "not-found")  # the service was asked


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"data": b"", "content_type": "text/csv"},
        {"data": {"other": "x"}, "content_type": "multipart/form-data"},
        {"data": {"file": "x"}, "content_type": "multipart/form-data"},
    ],
    ids=["nothing", "empty body", "no part", "a text"],
)
def test_no_file_is_told_at_its_field(send: Callable[..., Any], how: dict[str, Any]) -> None:
    answer = send(**how)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid-input")
    assert set(answer.json["errors"]) == {"file"}


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00\x03", b"%PDF-1.7", b"PK\x03\x04junk", b"\x89PNG\r\n\x1a\n", b"a\x00b"]
)
def test_another_kind_of_file_is_refused_whatever_its_name(send: Callable[..., Any], content: bytes) -> None:
    answer = send(**part(content))
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported-media-type")


def test_too_large_a_file_is_refused_and_not_kept(send: Callable[..., Any], config: GatewayConfig) -> None:
    before = _kept(config.file_store)
    for how in (
        part(b"x" * (FILE_MAX_BYTES + 1)),
        {"data": b"x" * (FILE_MAX_BYTES + 1), "content_type": "text/csv"},
        part(b"x" * (FILE_MAX_BYTES * 2)),
    ):
        answer = send(**how)
        assert (answer.status_code, answer.json["code"]) == (413, "payload-too-large")
        assert answer.json["detail"]
    assert _kept(config.file_store) == before


def test_a_stored_file_is_streamed_under_its_name(app: Flask, config: GatewayConfig) -> None:
    content = "收款人,金额\n".encode() * 1000
    stored = FileStore(config.file_store).put(
        io.BytesIO(content), name="2026-11 付款.csv", media_types=(CSV,), max_bytes=FILE_MAX_BYTES
    )
    with app.test_request_context("/"):
        response = stored_file(plain(stored))
        assert b"".join(response.iter_encoded()) == content
    assert response.content_length == len(content)
    assert response.mimetype == CSV
    assert "attachment" in response.headers["Content-Disposition"]
    assert "filename*=UTF-8''" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "private, no-cache"


def _kept(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
