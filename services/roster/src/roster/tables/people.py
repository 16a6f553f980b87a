"""People: whoever a member, a post or an account belongs to."""

from sqlalchemy import Boolean, CheckConstraint, Column, Table, Text, text

from roster.tables.metadata import identifier, metadata

people = Table(
    "people",
    metadata,
    identifier(key=True),
    Column("name", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
)
