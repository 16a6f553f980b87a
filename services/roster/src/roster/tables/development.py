"""Who is on the way to becoming a full member, in which stage, and what was done on which day.

development_steps are added; one entered by mistake is struck out with who and why, never taken away.
"""

from chassis.definitions import INSTANT
from contracts.roster.development import STAGES, STEPS
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from roster.tables.metadata import identifier, metadata, only

developments = Table(
    "developments",
    metadata,
    identifier("person_id", ForeignKey("people.id"), key=True),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("stage", Text, nullable=False),
    Column("applied_on", Date),
    Column("activist_on", Date),
    Column("object_on", Date),
    Column("probationary_on", Date),
    Column("probation_until", Date),
    Column("extended_until", Date),
    Column("full_on", Date),
    Column("ended_on", Date),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    only("stage", STAGES, "stage"),
    # Each stage has its day, and the days stand in the order of the stages.
    CheckConstraint(
        "CASE stage WHEN 'applicant' THEN applied_on IS NOT NULL WHEN 'activist' THEN activist_on IS NOT NULL"
        " WHEN 'object' THEN object_on IS NOT NULL WHEN 'probationary' THEN probationary_on IS NOT NULL"
        " AND probation_until IS NOT NULL WHEN 'full' THEN full_on IS NOT NULL ELSE ended_on IS NOT NULL END",
        name="stage_day",
    ),
    CheckConstraint(
        "activist_on >= applied_on AND object_on >= activist_on AND probationary_on >= object_on"
        " AND full_on >= probationary_on",
        name="order",
    ),
    CheckConstraint("probation_until > probationary_on AND extended_until > probation_until", name="probation"),
    Index(None, "branch_id", "stage"),
)

development_steps = Table(
    "development_steps",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("developments.person_id")),
    Column("step", Text, nullable=False),
    Column("done_on", Date, nullable=False),
    Column("hours", Integer),
    Column("note", Text),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("struck_at", INSTANT),
    Column("struck_by", Text),
    Column("struck_because", Text),
    only("step", STEPS, "step"),
    CheckConstraint("hours BETWEEN 1 AND 1000", name="hours"),
    CheckConstraint("length(note) BETWEEN 1 AND 500", name="note"),
    CheckConstraint(
        "(struck_at IS NULL) = (struck_by IS NULL) AND (struck_at IS NULL) = (struck_because IS NULL)", name="struck"
    ),
    Index(None, "person_id", "id"),
)
