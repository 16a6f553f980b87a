"""Cursors: what a list wrote comes back as the key it was; whatever else is refused, at the field."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from chassis.cursors import cursor_after, key_in, page_of
from chassis.refusals import BadRequest
from hypothesis import example, given
from hypothesis import strategies as st

ID = UUID("0191d5a0-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 23, 4, 30, 0, 120, tzinfo=UTC)
KINDS: dict[Callable[[str], Any], st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_characters="\x00", codec="utf-8")),
    int: st.integers(-(2**63) + 1, 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    UUID: st.uuids(),
    date.fromisoformat: st.dates(),
    datetime.fromisoformat: st.datetimes(timezones=st.just(UTC)),
}


def written(*parts: Any) -> str:
    """A cursor made by somebody who knows how we write them."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


@given(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3).flatmap(
    lambda kinds: st.tuples(st.just(kinds), st.tuples(*(KINDS[kind] for kind in kinds)))
))  # fmt: skip
def test_a_key_comes_back_as_it_was(kinds_and_key: tuple[list[Any], tuple[Any, ...]]) -> None:
    kinds, key = kinds_and_key
    assert key_in(cursor_after(*key), *kinds) == key


@pytest.mark.parametrize(
    ("cursor", "kinds"),
    [
        ("x", (str,)),
        ("%%%", (str,)),
        ("蒲松龄", (str,)),
        ("e30", (str,)),
        ("W10", (str,)),
        (written(None), (str,)),
        (written(1), (int,)),
        (written("1", "2"), (int,)),
        (written("1"), (int, UUID)),
        (written("1_0"), (int,)),
        (written(" 7"), (int,)),
        (written(str(2**63)), (int,)),
        (written("9" * 5000), (int,)),
        (written("nan"), (float,)),
        (written("inf"), (float,)),
        (written("-inf"), (float,)),
        (written("a\x00b"), (str,)),
        (written("\ud800"), (str,)),
        (written(str(ID).upper()), (UUID,)),
        (written("2026-11-23T12:30:00"), (datetime.fromisoformat,)),
        (written("2026-13-01"), (date.fromisoformat,)),
        (cursor_after("a") + "=", (str,)),
        (cursor_after(NOON, ID), (date.fromisoformat, UUID)),
        (base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("="), (str,)),
    ],
)
def test_what_no_list_wrote_is_refused_at_its_field(cursor: str, kinds: tuple[Callable[[str], Any], ...]) -> None:
    with pytest.raises(BadRequest) as refused:
        key_in(cursor, *kinds)
    assert refused.value.status == 400
    assert refused.value.errors == {"cursor": ["Not a cursor of this list."]}
    assert str(refused.value) == "The request cannot be read: the cursor is not one of this list."


@given(st.text(), st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))
@example("", [str])
def test_any_text_is_a_key_or_refused(cursor: str, kinds: list[Callable[[str], Any]]) -> None:
    try:
        key = key_in(cursor, *kinds)
    except BadRequest:
        return
    assert cursor_after(*key) == cursor


@pytest.mark.parametrize(
    ("rows", "shown", "goes_on"), [([], [], False), ([1, 2], [1, 2], False), ([1, 2, 3], [1, 2], True)]
)
def test_a_row_more_than_a_page_shows_says_that_another_follows(
    rows: list[int], shown: list[int], goes_on: bool
) -> None:
    page = page_of(rows, limit=2, view=lambda row: row, key=lambda row: (row,))
    assert page.items == shown
    assert page.next == (cursor_after(shown[-1]) if goes_on else None)
