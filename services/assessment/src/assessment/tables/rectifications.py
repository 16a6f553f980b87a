"""Rectification items, their steps, the rounds they were carried through; files as evidence of these and others."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.evidence import EVIDENCE_SUBJECTS
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from assessment.domain.rectifications import MOVES, REMARKS, STATES
from assessment.tables.metadata import ID, metadata

# One item of one problem, whatever comes of it.
rectifications = Table(
    "rectifications",
    metadata,
    Column("id", ID, primary_key=True),
    Column("problem_id", ID, nullable=False, unique=True),
    Column("organisation_id", ID, nullable=False),
    Column("state", Text, nullable=False),
    Column("measures", Text),
    Column("in_charge", Text),
    Column("deadline", Date, nullable=False),
    Column("report", Text),
    Column("reported_on", Date),
    Column("reported_by_id", ID),
    Column("accepted_on", Date),
    Column("accepted_by_id", ID),
    Column("opened_at", INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="1"),
    ForeignKeyConstraint(
        ["problem_id", "organisation_id"],
        ["problems.id", "problems.organisation_id"],
        name="rectifications_problem_id_fkey",
    ),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint(
        "state NOT IN ('reported', 'accepted') OR (report IS NOT NULL AND reported_on IS NOT NULL"
        " AND reported_by_id IS NOT NULL AND measures IS NOT NULL AND in_charge IS NOT NULL)",
        name="reported",
    ),
    CheckConstraint(
        "(state = 'accepted') = (accepted_on IS NOT NULL) AND (accepted_on IS NULL) = (accepted_by_id IS NULL)",
        name="accepted",
    ),
    CheckConstraint("accepted_by_id <> reported_by_id", name="two_people"),
    Index("rectifications_organisation_id_idx", "organisation_id"),
    Index(
        "rectifications_deadline_idx",
        "deadline",
        postgresql_where=text("state IN ('open', 'reported', 'returned')"),
    ),
)

# Every step of an item. Rows are only added.
rectification_steps = Table(
    "rectification_steps",
    metadata,
    Column("rectification_id", ID, ForeignKey("rectifications.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("text", Text),
    Column("deadline", Date),
    Column("by_id", ID),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("move", (*MOVES, *REMARKS)), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("move NOT IN ('return', 'extend', 'withdraw') OR text IS NOT NULL", name="reason"),
)

# The rounds (or inspections) an item was open in, from the one that found it. Rows are only added.
rectification_rounds = Table(
    "rectification_rounds",
    metadata,
    Column("rectification_id", ID, ForeignKey("rectifications.id"), primary_key=True),
    Column("source_id", ID, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    UniqueConstraint("rectification_id", "position"),
    Index("rectification_rounds_source_id_idx", "source_id"),
)

# Files that show something: how a problem was mended, what an inspection found, that a task or a consequence is done.
evidence_files = Table(
    "evidence_files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("rectification_id", ID, ForeignKey("rectifications.id")),
    Column("inspection_id", ID, ForeignKey("inspections.id")),
    Column("consequence_id", ID, ForeignKey("card_consequences.id")),
    Column("task_id", ID, ForeignKey("tasks.id")),
    Column("weak_item_id", ID, ForeignKey("weak_items.id")),
    Column("review_consequence_id", ID, ForeignKey("review_consequences.id")),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(f"num_nonnulls({', '.join(EVIDENCE_SUBJECTS)}) = 1", name="subject"),
    *(UniqueConstraint(subject, "sha256") for subject in EVIDENCE_SUBJECTS),
)
