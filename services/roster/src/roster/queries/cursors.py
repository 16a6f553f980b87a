"""Where a list goes on: the last row's name and id, as a text that the caller keeps and gives back."""

import base64
import json
from uuid import UUID

from chassis.refusals import BadRequest


def after(name: str, row_id: UUID) -> str:
    """Return the cursor of the page that follows this row."""
    return base64.urlsafe_b64encode(json.dumps([name, str(row_id)]).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[str, UUID]:
    """Return the name and id that a cursor holds; raises BadRequest."""
    try:
        name, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        # A lone surrogate or a NUL is no text for PostgreSQL.
        return str(name).replace("\x00", "").encode().decode(), UUID(row_id)
    except (ValueError, TypeError, AttributeError):
        raise BadRequest(reason="the cursor is not one of ours") from None
