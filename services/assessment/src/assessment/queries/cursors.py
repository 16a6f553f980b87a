"""Where a list's next page begins: the sort key of the last row shown, opaque to who carries it."""

import base64
import json
from collections.abc import Callable
from typing import Any

from chassis.refusals import BadRequest


def cursor_after(*key: Any) -> str:
    """Return the cursor of the page that follows the row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode().rstrip("=")


def key_in(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """Return the sort key in the cursor, each part read by its kind; raises BadRequest for what we did not write."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        parts = [kind(part) for kind, part in zip(kinds, json.loads(text), strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadRequest(reason="the cursor is none of ours") from None
    if any("\x00" in str(part) for part in parts):  # no database takes it
        raise BadRequest(reason="the cursor is none of ours")
    return tuple(parts)
