"""The metadata that all tables of the sites service share, and how their keys are written."""

from typing import Any

from chassis.definitions import named_metadata
from sqlalchemy import Column, Uuid
from sqlalchemy.dialects.postgresql import UUID

metadata = named_metadata()


def key(name: str = "id", **how: Any) -> Column[Uuid[Any]]:
    """A primary key that whoever makes the row chooses."""
    return Column(name, UUID(as_uuid=True), primary_key=True, **how)
