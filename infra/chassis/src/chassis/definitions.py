"""How a service writes down its tables: constraints that name themselves by one rule, instants, lists of choices."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import DateTime, MetaData

INSTANT: Final = DateTime(timezone=True)


def named_metadata() -> MetaData:
    """Return metadata whose constraints and indexes are named as PostgreSQL would name them."""
    return MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )


def one_of(column: str, choices: Iterable[str]) -> str:
    """Return the text of a CHECK that `column` holds one of the choices."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"{column} IN ({listed})"
