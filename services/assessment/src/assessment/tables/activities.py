"""Records of activities, and what each is made of."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.record_templates import RECORD_KINDS
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from assessment.domain.activities import MOVES, STATES
from assessment.tables.metadata import ID, metadata

# No foreign key leads to the branch: a visit may be heard of before its branch is.
activities = Table(
    "activities",
    metadata,
    Column("id", ID, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_on", Date),  # the planned day while it is planned
    Column("subject", Text),
    Column("place", Text),
    Column("attended", Integer),
    Column("order_id", ID, unique=True),  # the visit that writes it; none: written by hand
    Column("recorded_at", INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint(one_of("kind", RECORD_KINDS), name="kind"),
    CheckConstraint(one_of("state", STATES), name="state"),
    # What nobody attends (a profile, a ledger) has no headcount.
    CheckConstraint("attended IS NULL OR (state = 'held' AND attended >= 0)", name="attended"),
    # Only a cancelled order that nobody told us of before has neither; a draft may have no subject yet.
    CheckConstraint(
        "state = 'cancelled' OR (held_on IS NOT NULL AND (state = 'draft' OR subject IS NOT NULL))",
        name="what_and_when",
    ),
    Index("activities_branch_id_held_on_id_idx", "branch_id", "held_on", "id"),
    Index("activities_held_on_id_idx", "held_on", "id"),
)

# What an activity is made of, a row a fact; see domain/activities.py. Rows are only added.
activity_history = Table(
    "activity_history",
    metadata,
    Column("activity_id", ID, ForeignKey("activities.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("held_on", Date),
    Column("subject", Text),
    Column("place", Text),
    Column("attended", Integer),
    Column("reason", Text),
    Column("by_id", ID),
    Column("by_name", Text, nullable=False),  # a person, or the service whose event it was
    CheckConstraint(one_of("move", MOVES), name="move"),
)
