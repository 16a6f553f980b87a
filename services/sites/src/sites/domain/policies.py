"""A subsidy policy as PostgreSQL writes its row in JSON, with the factor of the site that is asked about."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sites.domain import subsidy


def factor_of(row: dict[str, Any]) -> Decimal:
    """Return the factor of the site's star under the policy."""
    return Decimal(row["factor"])


def policy_of(row: dict[str, Any]) -> subsidy.Policy:
    """Return the policy that PostgreSQL wrote as JSON."""
    until = row["active_until"]
    return subsidy.Policy(
        **{
            **{name: value for name, value in row.items() if name != "factor"},
            "id": UUID(row["id"]),
            "active_from": date.fromisoformat(row["active_from"]),
            "active_until": date.fromisoformat(until) if until else None,
        }
    )
