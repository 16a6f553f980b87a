"""The metadata that all tables of the roster share, and what their columns are made of."""

from uuid import UUID

from chassis.definitions import named_metadata, one_of
from sqlalchemy import CheckConstraint, Column, ForeignKey, Uuid

metadata = named_metadata()


def identifier(name: str = "id", *reference: ForeignKey, key: bool = False, nullable: bool = False) -> Column[UUID]:
    """A UUID that whoever makes the row chooses."""
    return Column(name, Uuid(), *reference, primary_key=key, nullable=nullable and not key)


def only(column: str, choices: tuple[str, ...], name: str) -> CheckConstraint:
    """A constraint: the column holds one of the choices."""
    return CheckConstraint(one_of(column, choices), name=name)
