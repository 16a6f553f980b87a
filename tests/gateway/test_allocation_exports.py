"""A draw as a table: what a spreadsheet reads is what was drawn."""

import csv
import io
from typing import Any

from gateway.allocation_exports import COLUMNS, as_csv

REQUEST: dict[str, Any] = {
    "request_id": "b025503e-e62d-5331-ac65-747004f53f3a",
    "branch": "蒲家村党支部",
    "unvisited": True,
    "digest": "ab" * 32,
    "position": 1,
    "party_size": 12,
    "visits": 1,
    "wishes": ["one", "two"],
    "state": "given",
    "turns": [{"turn": 1, "tried": [{"slot_id": "one", "code": "slot-full"}, {"slot_id": "two", "code": None}]}],
}


def rows(*requests: dict[str, Any], seed: str = "2026-06-01 川组发〔2026〕12号") -> list[dict[str, str]]:
    body = as_csv({"round": {"seed": seed}, "requests": list(requests)})
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_each_request_is_a_row_with_what_its_digest_is_made_of() -> None:
    (row,) = rows(REQUEST)
    assert tuple(row) == COLUMNS
    assert (row["position"], row["request_id"], row["unvisited"], row["given"]) == (
        "1",
        REQUEST["request_id"],
        "1",
        "two",
    )
    assert (row["seed"], row["branch"]) == ("2026-06-01 川组发〔2026〕12号", "蒲家村党支部")


def test_a_name_is_no_formula() -> None:
    (row,) = rows({**REQUEST, "branch": "=HYPERLINK(1)"})
    assert row["branch"] == "'=HYPERLINK(1)"


def test_before_the_draw_there_are_the_columns_alone() -> None:
    assert rows() == []
