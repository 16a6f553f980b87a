"""The tables of the counters."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData()

counters = Table("counters", metadata, Column("name", Text, primary_key=True), Column("total", Integer, nullable=False))

heard = Table(
    "heard",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID(as_uuid=True), nullable=False),
    Column("counter", Text, nullable=False),
    Column("amount", Integer, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("process", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
