"""The copy of the branches' rolls: written only from roster's RollChanged events."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from assessment.tables.metadata import ID, metadata

rolls = Table(
    "rolls",
    metadata,
    Column("branch_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

# Events arrive in any order, so a member who moved may stand in two rolls for a moment.
members = Table(
    "members",
    metadata,
    Column("branch_id", ID, ForeignKey("rolls.branch_id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("party_group", Text),
    Column("joined_on", Date),
    Column("facts", JSONB, nullable=False),  # [{fact, active_from, active_until}]
    Index("members_person_id_idx", "person_id"),
)
