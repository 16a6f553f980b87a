"""The tables of the assessment service; the migrations make them, the drift check compares both."""

from chassis.definitions import INSTANT, named_metadata, one_of
from contracts.assessment import ACTIVITY_KINDS
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from assessment.domain.activities import MOVES, STATES
from assessment.domain.checks import LIGHTS

metadata = named_metadata()

ID = UUID(as_uuid=True)
PATH = Text(collation="C")  # compared byte by byte, so that "below this node" is a range of the index
MONTH_TEXT = r"month ~ '^\d{4}-\d{2}$'"


# Roster's tree as far as lights and rights need it; written only from its OrganisationChanged events.
organisations = Table(
    "organisations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("path", PATH, nullable=False),
    Column("parent_id", ID),
    Column("secretary_id", ID),
    Column("members_full", Integer, nullable=False),
    Column("members_probationary", Integer, nullable=False),
    Column("is_external", Boolean, nullable=False),
    Column("dissolved", Boolean, nullable=False),
    Column("known_since", INSTANT, nullable=False),  # no light is read for a month in which nobody told us of it
    Column("version", BigInteger, nullable=False),
    Index("organisations_path_id_idx", "path", "id"),
)

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
    CheckConstraint(one_of("kind", ACTIVITY_KINDS), name="kind"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(state = 'held') = (attended IS NOT NULL) AND attended >= 0", name="attended"),
    # Only a cancelled order that nobody told us of before has neither.
    CheckConstraint("state = 'cancelled' OR (held_on IS NOT NULL AND subject IS NOT NULL)", name="what_and_when"),
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
