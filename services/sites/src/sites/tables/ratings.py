"""What visitors said of a site, what it replied, and what was decided about it."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.ratings import RATING_STATES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from sites.tables.metadata import key, metadata

# What visitors give stars on, from a day on.
rating_criteria = Table(
    "rating_criteria",
    metadata,
    Column("code", Text, primary_key=True),
    Column("active_from", Date, primary_key=True),
    Column("active_until", Date),
    Column("position", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("active_until > active_from", name="active_until"),
)

# For how many days after it was closed a visit may be rated and the rating changed.
rating_terms = Table(
    "rating_terms",
    metadata,
    Column("active_from", Date, primary_key=True),
    Column("days", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("days BETWEEN 1 AND 366", name="days"),
)

# One for each order. `version` counts changes of the rating and of the reply, so that nobody writes over what they
# have not read.
ratings = Table(
    "ratings",
    metadata,
    key(),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False, unique=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("branch_id", UUID(as_uuid=True)),  # none: a member's own booking
    Column("visit_on", Date, nullable=False),
    Column("stars", JSONB, nullable=False),  # {criterion: 1 to 5}
    Column("average", Numeric(3, 2), nullable=False),
    Column("feedback", Text),
    Column("summary", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reply", Text),
    Column("replied_at", INSTANT),
    Column("replied_by", Text),
    Column("state", Text, nullable=False, server_default=text("'shown'")),
    Column("state_reason", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("state", RATING_STATES), name="state"),
    CheckConstraint("average BETWEEN 1 AND 5", name="average"),
    CheckConstraint("(reply IS NULL) = (replied_at IS NULL) AND (reply IS NULL) = (replied_by IS NULL)", name="reply"),
    CheckConstraint("state = 'shown' OR state_reason IS NOT NULL", name="state_reason"),
    Index("ratings_site_idx", "site_id", "made_at", "id"),
)

# Append-only: who rated, replied or decided, when and why, and what was said then.
rating_history = Table(
    "rating_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rating_id", UUID(as_uuid=True), ForeignKey("ratings.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Column("said", JSONB(none_as_null=True)),
    CheckConstraint(one_of("state", RATING_STATES), name="state"),
    Index("rating_history_rating_idx", "rating_id", "id"),
)
