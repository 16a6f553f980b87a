"""The lists, their versions and the tasks they consist of."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.task_lists import DOERS, EVIDENCE, LEVELS, LISTS
from contracts.roster.organisations import FIELDS
from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY

from assessment.domain.task_lists import STATES
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

# Whom a list is for: the branches at or below an organisation (all without one), of one field and level or of all.
task_lists = Table(
    "task_lists",
    metadata,
    Column("id", ID, primary_key=True),
    Column("list_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation_id", ID),
    Column("field", Text),
    Column("level", Text),
    CheckConstraint(one_of("list_code", LISTS), name="list_code"),
    CheckConstraint(one_of("field", FIELDS), name="field"),
    CheckConstraint(one_of("level", LEVELS), name="level"),
)

# draft ──adopt──▶ adopted; ──withdraw──▶ withdrawn. Only the decision is ever written into a row that stands.
list_versions = Table(
    "list_versions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("list_id", ID, ForeignKey("task_lists.id"), nullable=False),
    Column("number", Integer),
    Column("state", Text, nullable=False),
    Column("from_month", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("drafted_by_id", ID),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_at", INSTANT, nullable=False),
    Column("decided_by_id", ID),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    Column("reason", Text),
    UniqueConstraint("list_id", "number"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint(MONTH_TEXT.replace("month", "from_month"), name="from_month"),
    CheckConstraint("(state = 'adopted') = (number IS NOT NULL)", name="number"),
    CheckConstraint("(state = 'draft') = (decided_at IS NULL)", name="decided"),
    # Two people: nobody adopts what they drafted.
    CheckConstraint("state <> 'adopted' OR drafted_by_id IS NULL OR drafted_by_id <> decided_by_id", name="two_people"),
    Index(
        "list_versions_one_a_month", "list_id", "from_month", unique=True, postgresql_where=text("state = 'adopted'")
    ),
)

# A task of a version, or one that was given to branches besides their lists. Rows are only added.
list_items = Table(
    "list_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version_id", ID, ForeignKey("list_versions.id")),
    Column("position", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_day", SmallInteger, nullable=False),
    Column("months", ARRAY(SmallInteger), nullable=False),
    Column("citation", Text),
    Column("evidence", Text, nullable=False),
    Column("record_template", Text),
    Column("window_months", SmallInteger, nullable=False),
    Column("doer", Text, nullable=False),
    Column("is_required", Boolean, nullable=False),
    Column("needs_acceptance", Boolean, nullable=False),
    Column("field_count", SmallInteger, nullable=False),
    Column("minutes", SmallInteger, nullable=False),
    UniqueConstraint("version_id", "position"),
    CheckConstraint(one_of("evidence", EVIDENCE), name="evidence"),
    CheckConstraint(one_of("doer", DOERS), name="doer"),
    CheckConstraint("(evidence = 'record') = (record_template IS NOT NULL)", name="record"),
    CheckConstraint("due_day BETWEEN 1 AND 31", name="due_day"),
    CheckConstraint("window_months IN (1, 2, 3, 6, 12)", name="window_months"),
    CheckConstraint("field_count >= 0 AND minutes >= 0", name="burden"),
)

# Whom an officer gave a task to, and until when it is to be done; made_at says that the branches have it.
added_tasks = Table(
    "added_tasks",
    metadata,
    Column("item_id", ID, ForeignKey("list_items.id"), primary_key=True),
    Column("list_code", Text, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("field", Text),
    Column("level", Text),
    Column("month", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("added_by_id", ID, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("made_at", INSTANT),
    CheckConstraint(one_of("list_code", LISTS), name="list_code"),
    CheckConstraint(one_of("field", FIELDS), name="field"),
    CheckConstraint(one_of("level", LEVELS), name="level"),
    CheckConstraint("month = to_char(due_on, 'YYYY-MM')", name="month"),
    Index("added_tasks_month_idx", "month"),
    Index("added_tasks_to_make_idx", "item_id", postgresql_where=text("made_at IS NULL")),
)
