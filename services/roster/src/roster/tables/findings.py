"""The numbers of the setting rules, each with its dates and its citation."""

from sqlalchemy import CheckConstraint, Column, Date, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from roster.tables.metadata import metadata, only

setting_rules = Table(
    "setting_rules",
    metadata,
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("numbers", JSONB, nullable=False),
    Column("severity", Text, nullable=False),
    Column("citation", Text, nullable=False),
    PrimaryKeyConstraint("rule", "active_from"),
    only("severity", ("breach", "remark"), "severity"),
    CheckConstraint("active_until > active_from", name="dates"),
)
