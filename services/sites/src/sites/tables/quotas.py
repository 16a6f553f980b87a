"""Quotas of branches and members beyond the open orders, the appeals against a no-show, and calendar feeds."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.quotas import APPEAL_STATES, QUOTA_COUNTS, QUOTA_HOLDERS, QUOTA_PERIODS
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

# At most so many orders, or minutes, in a period of the visits' days; valid for visits on the days of the row.
quotas = Table(
    "quotas",
    metadata,
    key(),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),  # the first day on which it is over
    Column("holder", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("most", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint(one_of("holder", QUOTA_HOLDERS), name="holder"),
    CheckConstraint(one_of("counts", QUOTA_COUNTS), name="counts"),
    CheckConstraint(one_of("period", QUOTA_PERIODS), name="period"),
    CheckConstraint("most BETWEEN 0 AND 100000", name="most"),
    CheckConstraint("effective_from < effective_until", name="days"),
)

# filed ──excuse──▶ excused      the no-show counts no more
#   └────reject──▶ rejected
no_show_appeals = Table(
    "no_show_appeals",
    metadata,
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), primary_key=True),
    Column("branch_id", UUID(as_uuid=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("filed_at", INSTANT, nullable=False),
    Column("filed_by_id", UUID(as_uuid=True), nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decision", Text),
    CheckConstraint(one_of("state", APPEAL_STATES), name="state"),
    CheckConstraint("(state = 'filed') = (decided_at IS NULL)", name="decided"),
    Index("no_show_appeals_filed_idx", "filed_at", "order_id"),
)

# A secret address under which a calendar programme fetches the visits of a branch or a person; only its hash is kept.
calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    key(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("branch_id", UUID(as_uuid=True)),
    Column("made_at", INSTANT, nullable=False),
    Column("revoked_at", INSTANT),
    Column("made_by", Text),  # not known of the oldest
    Index("calendar_feeds_branch_idx", "branch_id", postgresql_where=text("revoked_at IS NULL")),
    Index("calendar_feeds_person_idx", "person_id", postgresql_where=text("revoked_at IS NULL")),
)
