"""The lights of branches and members, how they were corrected, and the numbers of the checks."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain.checks import SHOWN
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

_CORRECTED = "correction_id IS NULL OR frozen_at IS NOT NULL"

# The light of a branch in a month as it was last read; once frozen only a correction changes it.
lights = Table(
    "lights",
    metadata,
    Column("branch_id", ID, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("light", Text, nullable=False),
    Column("readings", JSONB, nullable=False),
    Column("computed_at", INSTANT, nullable=False),
    Column("frozen_at", INSTANT),
    Column("correction_id", ID, ForeignKey("light_corrections.id")),
    CheckConstraint(one_of("light", SHOWN), name="light"),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint(_CORRECTED, name="correction_id"),
    Index("lights_month_light_idx", "month", "light"),
)

# The light of a member in a month; of the checks only those that are not green.
member_lights = Table(
    "member_lights",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("light", Text, nullable=False),
    Column("readings", JSONB, nullable=False),
    Column("computed_at", INSTANT, nullable=False),
    Column("frozen_at", INSTANT),
    Column("correction_id", ID, ForeignKey("light_corrections.id")),
    CheckConstraint(one_of("light", SHOWN), name="light"),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint(_CORRECTED, name="correction_id"),
    Index("member_lights_month_branch_id_idx", "month", "branch_id"),
)

# How many members of a branch have which light: sums over the tree read a row a branch.
member_light_counts = Table(
    "member_light_counts",
    metadata,
    Column("branch_id", ID, primary_key=True),
    Column("month", Text, primary_key=True),
    *(Column(light, Integer, nullable=False) for light in SHOWN),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint("green >= 0 AND yellow >= 0 AND red >= 0 AND exempt >= 0", name="counts"),
)

# A frozen light was wrong: what it was, what it is, and why. Rows are only added.
light_corrections = Table(
    "light_corrections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("person_id", ID),
    Column("month", Text, nullable=False),
    Column("from_light", Text, nullable=False),
    Column("to_light", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint(one_of("from_light", SHOWN), name="from_light"),
    CheckConstraint(one_of("to_light", SHOWN), name="to_light"),
    CheckConstraint("from_light <> to_light", name="differ"),
    Index("light_corrections_branch_id_month_idx", "branch_id", "month"),
)

# Months whose lights are all frozen.
frozen_months = Table(
    "frozen_months",
    metadata,
    Column("month", Text, primary_key=True),
    Column("frozen_at", INSTANT, nullable=False),
    CheckConstraint(MONTH_TEXT, name="month"),
)

# The numbers of the checks, in force from a day until a later row of the same check; without any it is not in force.
check_numbers = Table(
    "check_numbers",
    metadata,
    Column("check_code", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("numbers", JSONB, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint(text("jsonb_typeof(numbers) = 'object'"), name="numbers"),
)
