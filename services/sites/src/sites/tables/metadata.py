"""The metadata that all tables of the sites service share, and how their keys are written."""

from typing import Any

from chassis.definitions import INSTANT, named_metadata
from sqlalchemy import CheckConstraint, Column, Text, Uuid
from sqlalchemy.dialects.postgresql import UUID

metadata = named_metadata()


def key(name: str = "id", **how: Any) -> Column[Uuid[Any]]:
    """A primary key that whoever makes the row chooses."""
    return Column(name, UUID(as_uuid=True), primary_key=True, **how)


def set_by() -> tuple[Column[Any] | CheckConstraint, ...]:
    """Who entered a row that holds from `active_from` on, and when; a person's row begins after the day of entering."""
    return (
        Column("set_by_id", UUID(as_uuid=True)),
        Column("set_by", Text),
        Column("set_at", INSTANT),
        CheckConstraint("(set_at IS NULL) = (set_by_id IS NULL) AND (set_at IS NULL) = (set_by IS NULL)", name="set"),
        CheckConstraint("active_from > (set_at AT TIME ZONE 'Asia/Shanghai')::date", name="ahead"),
    )
