"""Tour routes (S7): belts that officers lay out, trips that branches order whole, how ways are reckoned."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.routes import ROUTE_STATES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

# published ──retire──▶ retired
routes = Table(
    "routes",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("path", Text, nullable=False),  # of the organisation that laid it out
    Column("state", Text, nullable=False, server_default=text("'published'")),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", UUID(as_uuid=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    UniqueConstraint("path", "name"),
    CheckConstraint(one_of("state", ROUTE_STATES), name="state"),
    Index("routes_name_idx", "name", "id"),
)

# `travel_minutes` is the operator's figure for the way from the stop before; none: it is reckoned.
route_stops = Table(
    "route_stops",
    metadata,
    Column("route_id", UUID(as_uuid=True), ForeignKey("routes.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("travel_minutes", Integer),
    CheckConstraint("position BETWEEN 1 AND 8", name="position"),
    CheckConstraint("travel_minutes BETWEEN 0 AND 600", name="travel_minutes"),
)

# A trip as it was ordered; its stops are the orders that name it. They are placed in one transaction, or none is.
route_orders = Table(
    "route_orders",
    metadata,
    key(),
    Column("route_id", UUID(as_uuid=True), ForeignKey("routes.id")),
    Column("branch_id", UUID(as_uuid=True), nullable=False),
    Column("party_size", Integer, nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    Column("placed_by_id", UUID(as_uuid=True), nullable=False),
    Column("placed_by", Text, nullable=False),
    CheckConstraint("party_size BETWEEN 1 AND 500", name="party_size"),
    Index("route_orders_branch_idx", "branch_id", "placed_at"),
)

travel_rules = Table(
    "travel_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("detour_factor", Numeric, nullable=False),
    Column("speed_kmh", Numeric, nullable=False),
    Column("pause_minutes", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("detour_factor >= 1 AND speed_kmh > 0 AND pause_minutes >= 0", name="numbers"),
)
