"""Records of the handbook: the form of an activity, who came, what was decided, who took part, who made it up."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.records import MOVES
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    column,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain.records import ATTENDANCE, PART_STATES
from assessment.tables.metadata import ID, metadata

# What is written of an activity besides day, place, subject and headcount, which stand in `activities` alone.
record_forms = Table(
    "record_forms",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("template_version", Integer, nullable=False),
    Column("starts_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("host", Text),
    Column("recorder", Text),
    Column("minutes", Text),
    Column("answers", JSONB, nullable=False),
    Column("people", JSONB, nullable=False),  # the names that those in the answers bore then, by id
    Column("missing", Integer, nullable=False),  # how many required fields are still empty
    Column("hours", Integer, nullable=False),  # training hours, by the rule of the day it was written
    Column("corrected", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("ends_at > starts_at", name="times"),
    CheckConstraint("hours BETWEEN 0 AND 8", name="hours"),
    CheckConstraint("missing >= 0", name="missing"),
    CheckConstraint(text("jsonb_typeof(answers) = 'object'"), name="answers"),
    CheckConstraint(text("jsonb_typeof(people) = 'object'"), name="people"),
)

# How each person attended, with the name they bore then; what is missed on some templates is made up later.
record_attendance = Table(
    "record_attendance",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("make_up_by", Date),
    Column("made_up_on", Date),
    Column("made_up_how", Text),
    CheckConstraint(one_of("state", ATTENDANCE), name="state"),
    CheckConstraint("state <> 'leave' OR reason IS NOT NULL", name="reason"),
    CheckConstraint("make_up_by IS NULL OR state IN ('leave', 'absent')", name="make_up"),
    CheckConstraint(
        "(made_up_on IS NULL) = (made_up_how IS NULL) AND (made_up_on IS NULL OR make_up_by IS NOT NULL)",
        name="made_up",
    ),
    Index(
        "record_attendance_missed_idx",
        "branch_id",
        "activity_id",
        postgresql_where=text("state IN ('leave', 'absent')"),
    ),
)

record_decisions = Table(
    "record_decisions",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("owner", Text),
    Column("due_on", Date),
)

# The other branches of a joint activity. A row is decided once; credit is its key: one branch, one record.
joint_parts = Table(
    "joint_parts",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("branch_id", ID, primary_key=True),
    Column("state", Text, nullable=False),
    Column("told", Integer, nullable=False),  # how many came by what the leading branch saw
    Column("attended", Integer),
    Column("silent_from", INSTANT),  # from then on silence has confirmed
    Column("decided_at", INSTANT),
    Column("by_id", ID),
    Column("by_name", Text),  # none: silence
    Column("reason", Text),
    CheckConstraint(one_of("state", PART_STATES), name="state"),
    CheckConstraint("told > 0", name="told"),
    CheckConstraint("(state = 'confirmed') = (attended IS NOT NULL)", name="attended"),
    CheckConstraint("(state = 'named') = (silent_from IS NULL)", name="silent_from"),
    CheckConstraint("(state IN ('confirmed', 'declined')) = (decided_at IS NOT NULL)", name="decided"),
    CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name="reason"),
    Index("joint_parts_branch_id_idx", "branch_id"),
    Index("joint_parts_silent_from_idx", "silent_from", postgresql_where=text("state = 'asked'")),
)

# Never asked for. The files stand in the file store; a picture stands once in a record.
record_pictures = Table(
    "record_pictures",
    metadata,
    Column("id", ID, primary_key=True),
    Column("activity_id", ID, ForeignKey("activities.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("thumbnail_sha256", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("alt", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("activity_id", "sha256"),
)

# The view of what counts for which branch: its own activities, and the joint ones in which it confirmed its part.
branch_activities = table(
    "branch_activities",
    column("id", ID),
    column("branch_id", ID),
    column("kind", Text),
    column("state", Text),
    column("held_on", Date),
    column("subject", Text),
    column("place", Text),
    column("order_id", ID),
    column("recorded_at", INSTANT),  # of a joint one, when both had been said
)

# A record as it stood after each step since it was recorded. Rows are only added.
record_history = Table(
    "record_history",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Column("content", JSONB, nullable=False),
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint("move NOT IN ('correct', 'withdraw') OR reason IS NOT NULL", name="reason"),
)

# The numbers of records, in force from a day until a later row.
record_rules = Table(
    "record_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("confirm_days", Integer, nullable=False),
    Column("make_up_days", Integer, nullable=False),
    Column("lesson_minutes", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint(
        "confirm_days BETWEEN 1 AND 60 AND make_up_days BETWEEN 1 AND 365 AND lesson_minutes BETWEEN 1 AND 240",
        name="numbers",
    ),
)
