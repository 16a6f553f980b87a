"""People: whoever a member, a post or an account belongs to."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text, text

from roster.tables.metadata import identifier, metadata

people = Table(
    "people",
    metadata,
    identifier(key=True),
    Column("name", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
    # Found by the beginning of the name, whatever the database's collation.
    Index("people_name_start_idx", "name", postgresql_ops={"name": "text_pattern_ops"}),
)
