"""The burden meter: minutes for each kind of form and the ceiling, by dated rows; what was counted by month."""

from chassis.definitions import INSTANT
from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from assessment.tables.metadata import ID, MONTH_TEXT, metadata

# Of a month counts the row that was in force on its first day.
burden_rules = Table(
    "burden_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("ceiling_minutes", Integer, nullable=False),
    Column("minutes", JSONB, nullable=False),  # by kind of form, in tenths of a minute: {form, field}
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint("ceiling_minutes BETWEEN 1 AND 100000", name="ceiling_minutes"),
    CheckConstraint(text("jsonb_typeof(minutes) = 'object'"), name="minutes"),
)

# What the platform asked of a branch in a month, by form: counted from what was really asked and filled in.
burden_months = Table(
    "burden_months",
    metadata,
    Column("month", Text, primary_key=True),
    Column("branch_id", ID, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("forms", Integer, nullable=False),
    Column("typed", Integer, nullable=False),  # fields that somebody filled in
    Column("filled", Integer, nullable=False),  # fields that were filled in from what was known
    Column("tenths", Integer, nullable=False),  # tenths of a minute
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint("forms > 0 AND typed >= 0 AND filled >= 0 AND tenths >= 0", name="numbers"),
    Index("burden_months_branch_id_month_idx", "branch_id", "month"),
)

# Up to which day a month was counted.
burden_counted = Table(
    "burden_counted",
    metadata,
    Column("month", Text, primary_key=True),
    Column("counted_on", Date, nullable=False),
    Column("counted_at", INSTANT, nullable=False),
    CheckConstraint(MONTH_TEXT, name="month"),
)
