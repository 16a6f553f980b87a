"""Exemptions from the health check (A4); see domain/exemptions.py."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import BigInteger, CheckConstraint, Column, Computed, Date, ForeignKey, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from assessment.domain.exemptions import GROUNDS, MOVES, STANDING, STATES
from assessment.tables.metadata import ID, metadata

exemptions = Table(
    "exemptions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("person_id", ID),  # none: the branch itself
    Column("person_name", Text),
    Column("subject_id", ID, Computed("coalesce(person_id, branch_id)", persisted=True), nullable=False),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("active_from", Date, nullable=False),  # whole months, until before the last
    Column("active_until", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("renews_id", ID, ForeignKey("exemptions.id")),
    Column("applied_by_id", ID, nullable=False),
    Column("consented_by_id", ID),
    Column("decided_by_id", ID),
    Column("decided_at", INSTANT),
    Column("version", BigInteger, nullable=False),
    CheckConstraint(one_of("ground", GROUNDS), name="ground"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(person_id IS NULL) = (person_name IS NULL)", name="person"),
    CheckConstraint(
        "extract(day FROM active_from) = 1 AND extract(day FROM active_until) = 1"
        " AND active_until <= active_from + interval '12 months'"
        " AND (active_until > active_from OR (state = 'ended' AND active_until = active_from))",
        name="months",
    ),
    CheckConstraint("state NOT IN ('consented', 'approved', 'ended') OR consented_by_id IS NOT NULL", name="consent"),
    CheckConstraint(
        "(decided_by_id IS NULL) = (decided_at IS NULL)"
        " AND (state NOT IN ('approved', 'ended') OR decided_by_id IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint(
        "decided_by_id IS NULL OR (decided_by_id <> applied_by_id AND decided_by_id <> consented_by_id"
        " AND decided_by_id IS DISTINCT FROM person_id)",
        name="another_decides",
    ),
    ExcludeConstraint(
        (text("subject_id"), "="),
        (func.daterange(text("active_from"), text("active_until")), "&&"),
        name="exemptions_once",
        where=text(one_of("state", STANDING)),
    ),
    Index("exemptions_branch_id_idx", "branch_id"),
    Index("exemptions_state_active_until_idx", "state", "active_until"),
)

# Every step of an exemption. Rows are only added.
exemption_steps = Table(
    "exemption_steps",
    metadata,
    Column("exemption_id", ID, ForeignKey("exemptions.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("said", Text),  # why, or how the committee decided
    Column("said_on", Date),  # the day the committee consented
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
)
