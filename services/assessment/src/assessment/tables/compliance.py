"""The compliance switch: a row holds from its day until a later one; of those of one day the last entered counts."""

from chassis.definitions import INSTANT
from sqlalchemy import BigInteger, Boolean, Column, Date, Identity, Index, Table, Text

from assessment.tables.metadata import ID, metadata

compliance_settings = Table(
    "compliance_settings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("active_from", Date, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    Index("compliance_settings_active_from_id_idx", "active_from", "id"),
)
