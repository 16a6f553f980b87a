"""The list of weak organisations: why, what has to be mended, who sees to it, and each step."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
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

from assessment.domain.weak_organisations import ENTRY_STATES, ITEM_STATES, STEPS
from assessment.tables.metadata import ID, metadata

weak_organisations = Table(
    "weak_organisations",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("organisation_id", ID, nullable=False),
    Column("rating_id", ID, ForeignKey("star_ratings.id")),  # whose rules proposed it; none: a person did
    Column("reasons", JSONB, nullable=False),  # [{measure, comparison, number, value} | {level}] by rule
    Column("text", Text),  # why, in the words of whoever proposed it
    Column("state", Text, nullable=False),
    Column("proposed_by_id", ID, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", INSTANT, nullable=False),
    Column("plan", Text),
    Column("in_charge", Text),
    Column("contact", Text),
    Column("due_on", Date),
    Column("listed_at", INSTANT),
    Column("ended_by_id", ID),
    Column("ended_by", Text),
    Column("ended_at", INSTANT),
    Column("ended_reason", Text),
    CheckConstraint(one_of("state", ENTRY_STATES), name="state"),
    CheckConstraint("rating_id IS NOT NULL OR text IS NOT NULL", name="why"),
    CheckConstraint(
        "state NOT IN ('listed', 'released') OR (plan IS NOT NULL AND in_charge IS NOT NULL AND contact IS NOT NULL"
        " AND due_on IS NOT NULL AND listed_at IS NOT NULL)",
        name="listed",
    ),
    CheckConstraint(
        "(state IN ('released', 'dismissed')) = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_reason IS NULL)",
        name="ended",
    ),
    Index(
        "weak_organisations_one_open",
        "organisation_id",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'listed')"),
    ),
    Index("weak_organisations_state_idx", "state", "organisation_id"),
)

weak_items = Table(
    "weak_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("entry_id", ID, ForeignKey("weak_organisations.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("evidence", Text),
    Column("record_id", ID, ForeignKey("activities.id")),
    Column("done_by_id", ID),
    Column("done_by", Text),
    Column("done_at", INSTANT),
    Column("accepted_by_id", ID),
    Column("accepted_by", Text),
    Column("accepted_at", INSTANT),
    Column("reason", Text),  # why it was given back
    UniqueConstraint("entry_id", "position"),
    CheckConstraint(one_of("state", ITEM_STATES), name="state"),
    CheckConstraint(
        "(state = 'open') = (done_at IS NULL) AND (done_at IS NULL) = (evidence IS NULL)",
        name="done",
    ),
    CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted"),
    CheckConstraint("accepted_by_id IS NULL OR accepted_by_id <> done_by_id", name="two_people"),
)

# Every step of an entry and of its items. Rows are only added.
weak_steps = Table(
    "weak_steps",
    metadata,
    Column("entry_id", ID, ForeignKey("weak_organisations.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("item_id", ID, ForeignKey("weak_items.id")),
    Column("step", Text, nullable=False),
    Column("text", Text),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("step", STEPS), name="step"),
)
