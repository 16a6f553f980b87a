"""Cursors: the sort key of a page's last row, unreadable enough that nobody builds on it."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from chassis.refusals import BadRequest
from contracts.envelope import Page


def cursor_after(*key: Any) -> str:
    """Return the cursor of the page that follows the row with this sort key."""
    written = json.dumps([str(part) for part in key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def key_in(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """Return the sort key in a cursor, each part read by its kind. Raises BadRequest for what we did not write."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError):
        raise BadRequest(reason="the cursor is not one of ours") from None


def page_of(
    rows: Sequence[Any], *, limit: int, view: Callable[[Any], Any], key: Callable[[Any], tuple[Any, ...]]
) -> Page:
    """Return a page of at most `limit` views; a row more than that says that another page follows."""
    shown = rows[:limit]
    return Page(
        items=[view(row) for row in shown], next=cursor_after(*key(shown[-1])) if len(rows) > len(shown) else None
    )
