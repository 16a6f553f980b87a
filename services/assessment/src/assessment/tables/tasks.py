"""The tasks of branches, their steps and notes, and for which branches they have been made."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.task_lists import LISTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from assessment.domain.tasks import MOVES, STATES
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

tasks = Table(
    "tasks",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("branch_id", ID, nullable=False),
    Column("month", Text, nullable=False),
    Column("item_id", ID, ForeignKey("list_items.id"), nullable=False),
    Column("list_code", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("is_required", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("done_on", Date),
    Column("done_at", INSTANT),
    Column("done_by_id", ID),
    Column("done_by", Text),
    Column("text", Text),
    Column("record_id", ID),
    Column("reason", Text),  # why it is returned, open again or exempt
    Column("open_since", INSTANT),  # when it was opened again: an older record does not complete it
    Column("fields_filled", SmallInteger, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("branch_id", "month", "item_id"),
    CheckConstraint(one_of("list_code", LISTS), name="list_code"),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint("to_char(due_on, 'YYYY-MM') = month", name="due_on"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint(
        "(state IN ('done', 'accepted')) = (done_on IS NOT NULL)"
        " AND (done_on IS NULL) = (done_at IS NULL) AND (done_on IS NULL) = (done_by IS NULL)",
        name="done",
    ),
    CheckConstraint("state NOT IN ('returned', 'exempt') OR reason IS NOT NULL", name="reason"),
    Index("tasks_month_branch_id_idx", "month", "branch_id"),
    Index("tasks_item_id_idx", "item_id"),
    Index("tasks_record_id_idx", "record_id", postgresql_where=text("record_id IS NOT NULL")),
)

# Every step of a task but its beginning. Rows are only added.
task_steps = Table(
    "task_steps",
    metadata,
    Column("task_id", ID, ForeignKey("tasks.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("done_on", Date),
    Column("text", Text),
    Column("record_id", ID),
    Column("reason", Text),
    Column("by_id", ID),
    Column("by_name", Text, nullable=False),  # a person, "record" or "timer"
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
)

task_notes = Table(
    "task_notes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("task_id", ID, ForeignKey("tasks.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("text", Text, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Index("task_notes_task_id_at_idx", "task_id", "at"),
)

# For which version of a branch its tasks of a month were made; a newer one, or none, is what the timer looks for.
task_months = Table(
    "task_months",
    metadata,
    Column("month", Text, primary_key=True),
    Column("branch_id", ID, primary_key=True),
    Column("branch_version", BigInteger, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    CheckConstraint(MONTH_TEXT, name="month"),
)
