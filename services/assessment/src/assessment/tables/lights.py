"""Lights, the months that are frozen, and the numbers of the checks."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain.checks import LIGHTS
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

# The light of a branch in a month as it was last read; once frozen it stays.
lights = Table(
    "lights",
    metadata,
    Column("branch_id", ID, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("light", Text, nullable=False),
    Column("readings", JSONB, nullable=False),
    Column("computed_at", INSTANT, nullable=False),
    Column("frozen_at", INSTANT),
    CheckConstraint(one_of("light", LIGHTS), name="light"),
    CheckConstraint(MONTH_TEXT, name="month"),
    Index("lights_month_light_idx", "month", "light"),
)

# Months whose lights are all frozen.
frozen_months = Table(
    "frozen_months",
    metadata,
    Column("month", Text, primary_key=True),
    Column("frozen_at", INSTANT, nullable=False),
    CheckConstraint(MONTH_TEXT, name="month"),
)

# The numbers of the checks, in force from a day until a later row of the same check.
check_numbers = Table(
    "check_numbers",
    metadata,
    Column("check_code", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("numbers", JSONB, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint(text("jsonb_typeof(numbers) = 'object'"), name="numbers"),
)
