"""Supervision slips with their steps, the numbers they bear, and the numbers of days that they give."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.slips import SUBJECT_KINDS
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain.bulletins import KINDS
from assessment.domain.slips import STATES, STEPS
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

SERIES = ("slip", *KINDS)

# The last number that an organisation gave in a series and year; its row is the lock of the next one.
document_numbers = Table(
    "document_numbers",
    metadata,
    Column("issuer_id", ID, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
    CheckConstraint(one_of("series", SERIES), name="series"),
    CheckConstraint("last >= 0", name="last"),
)

# How many days a red light's slip and a reminder talk give, and how many lie between two levels of escalation.
supervision_rules = Table(
    "supervision_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("slip_days", Integer, nullable=False),
    Column("talk_days", Integer, nullable=False),
    Column("escalate_days", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint(
        "slip_days BETWEEN 1 AND 60 AND talk_days BETWEEN 1 AND 60 AND escalate_days BETWEEN 1 AND 30", name="numbers"
    ),
)

slips = Table(
    "slips",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("issuer_id", ID, nullable=False),
    Column("issuer_name", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("branch_id", ID, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", ID),
    Column("subject", Text, nullable=False),
    Column("month", Text),
    Column("readings", JSONB, nullable=False),
    Column("demand", Text, nullable=False),
    Column("person_id", ID),
    Column("person_name", Text),
    Column("issued_at", INSTANT, nullable=False),
    Column("issued_by_id", ID),  # none: opened by the platform
    Column("issued_by", Text),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="issued"),
    Column("replied_by_id", ID),
    Column("replied_by", Text),
    Column("level", SmallInteger, nullable=False, server_default="0"),  # how far up it was told of
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("issuer_id", "year", "number"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint(one_of("subject_kind", SUBJECT_KINDS), name="subject_kind"),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint("subject_kind <> 'light' OR month IS NOT NULL", name="light"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("state NOT IN ('replied', 'closed') OR replied_by IS NOT NULL", name="replied"),
    CheckConstraint("(issued_by_id IS NULL) = (issued_by IS NULL)", name="issued_by"),
    Index("slips_branch_id_due_on_idx", "branch_id", "due_on"),
    Index("slips_person_id_idx", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    Index("slips_awaiting_idx", "due_on", postgresql_where=text("state IN ('issued', 'returned')")),
    # A red light opens one slip for each branch and month.
    Index(
        "slips_of_light_idx",
        "branch_id",
        "month",
        unique=True,
        postgresql_where=text("subject_kind = 'light' AND issued_by_id IS NULL"),
    ),
)

# Every step of a slip. Rows are only added.
slip_steps = Table(
    "slip_steps",
    metadata,
    Column("slip_id", ID, ForeignKey("slips.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("text", Text),
    Column("due_on", Date),
    Column("level", SmallInteger),
    Column("files", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("by_id", ID),
    Column("by_name", Text, nullable=False),  # a person, or "platform"
    CheckConstraint(one_of("move", STEPS), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
)
