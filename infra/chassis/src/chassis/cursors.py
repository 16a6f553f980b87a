"""Where a list goes on: the sort key of the last row shown, as a text that the asker keeps and gives back.

A list asks for one row more than it shows, `ORDER BY` its key, and begins after the key in the cursor:

    after = key_in(asked.cursor, date.fromisoformat, UUID)
    rows = db.execute(… WHERE (visit_on, id) > after ORDER BY visit_on, id LIMIT limit + 1)
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.visit_on, row.id))

The text is unreadable enough that nobody builds on it. What we did not write is refused: never a fault, never an
empty page that looks like the end of the list.
"""

import base64
import json
import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from contracts.envelope import Page

from chassis.refusals import BadRequest

_BIGINT_MAX: Final = 2**63 - 1


def cursor_after(*key: Any) -> str:
    """Return the cursor of the page that follows the row with this sort key."""
    parts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in key]
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def key_in(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """Return the sort key in a cursor, each part read by its kind; raises BadRequest for what we did not write."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        key = tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
        is_ours = cursor_after(*key) == cursor and all(map(_has_its_place, key))
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_ours = False
    if not is_ours:
        raise BadRequest({"cursor": ["Not a cursor of this list."]}, reason="cursor")
    return key


def page_of(
    rows: Sequence[Any], *, limit: int, view: Callable[[Any], Any], key: Callable[[Any], tuple[Any, ...]]
) -> Page:
    """Return a page of at most `limit` views; a row more than that says that another page follows."""
    shown = rows[:limit]
    return Page(
        items=[view(row) for row in shown], next=cursor_after(*key(shown[-1])) if len(rows) > len(shown) else None
    )


def _has_its_place(part: Any) -> bool:
    """Say whether PostgreSQL can hold the part beside others of its kind."""
    if isinstance(part, str):
        return "\x00" not in part
    if isinstance(part, datetime):
        return part.tzinfo is not None
    if isinstance(part, float):
        return math.isfinite(part)  # nothing comes after NaN
    return not isinstance(part, int) or abs(part) <= _BIGINT_MAX
