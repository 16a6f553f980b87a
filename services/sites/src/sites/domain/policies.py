"""A subsidy policy as PostgreSQL writes its row in JSON."""

from datetime import date
from typing import Any
from uuid import UUID

from sites.domain import subsidy


def policy_of(row: dict[str, Any]) -> subsidy.Policy:
    """Return the policy that PostgreSQL wrote as JSON."""
    until = row["active_until"]
    return subsidy.Policy(
        **{
            **row,
            "id": UUID(row["id"]),
            "active_from": date.fromisoformat(row["active_from"]),
            "active_until": date.fromisoformat(until) if until else None,
        }
    )
