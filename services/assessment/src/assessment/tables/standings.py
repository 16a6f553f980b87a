"""What roster tells of a branch besides its roll: written only from its BranchStanding events."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from assessment.tables.metadata import ID, MONTH_TEXT, metadata

standings = Table(
    "standings",
    metadata,
    Column("branch_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("breaches", ARRAY(Text), nullable=False),  # the setting rules (R2) that the branch breaks
)

unpaid_dues = Table(
    "unpaid_dues",
    metadata,
    Column("branch_id", ID, ForeignKey("standings.branch_id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("month", Text, primary_key=True),
    CheckConstraint(MONTH_TEXT, name="month"),
    Index("unpaid_dues_person_id_idx", "person_id"),
)
