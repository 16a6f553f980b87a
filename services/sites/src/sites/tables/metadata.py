"""The metadata that all tables of the sites service share; constraints and indexes name themselves by one rule."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Uuid
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

INSTANT = DateTime(timezone=True)


def key(name: str = "id", **how: Any) -> Column[Uuid[Any]]:
    """A primary key that whoever makes the row chooses."""
    return Column(name, UUID(as_uuid=True), primary_key=True, **how)


def one_of(column: str, choices: tuple[str, ...]) -> str:
    """The text of a CHECK that `column` holds one of the choices."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"{column} IN ({listed})"
