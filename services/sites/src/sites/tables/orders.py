"""Orders with their history, what happened at the door, and the numbers of the quota rules.

No foreign key leads from an order to its slot, site, branch or fund: such a key would take a lock on a row that
every order of the same slot or branch updates. They are read in the transaction that writes the order.
"""

from chassis.definitions import INSTANT, one_of
from contracts.sites.orders import ORDER_STATES
from contracts.sites.visits import CHECK_IN_FLAGS, CHECK_IN_STATES, CHECK_IN_WAYS
from contracts.sites.walk_ins import ORDER_SOURCES
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from sites.tables.metadata import key, metadata
from sites.tables.places import CONFIRMATIONS

orders = Table(
    "orders",
    metadata,
    key(),
    Column("slot_id", UUID(as_uuid=True), nullable=False),
    Column("site_id", UUID(as_uuid=True), nullable=False),
    Column("programme_id", UUID(as_uuid=True), nullable=False),
    Column("branch_id", UUID(as_uuid=True)),  # none: a member's own booking, or a group that a steward entered
    Column("group_name", Text),
    Column("source", Text, nullable=False, server_default=text("'online'")),  # or entered by the steward
    Column("needs", Text),  # as the branch said: wheelchairs, an interpreter …
    Column("placed_by_id", UUID(as_uuid=True), nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    Column("party_size", Integer, nullable=False),
    Column("seats", Integer, nullable=False),  # what this order holds of the slot; over party takes more
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("visit_on", Date, nullable=False),
    Column("case_version_id", UUID(as_uuid=True)),  # what the programme offered at placing; a trigger keeps it
    Column("confirmation", Text, nullable=False),
    Column("answer_by", INSTANT),  # confirmed by hand: unanswered until then, it expires
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("voucher", Text, unique=True),
    Column("voucher_revision", Integer, nullable=False, server_default=text("1")),  # older tokens are not valid
    Column("contact_name", Text, nullable=False),
    Column("contact_phone", LargeBinary, nullable=False),  # sealed
    Column("contact_phone_masked", Text, nullable=False),
    Column("policy_id", UUID(as_uuid=True)),
    Column("fund_id", UUID(as_uuid=True)),
    Column("is_subsidised", Boolean, nullable=False),
    Column("subsidy_estimate_fen", BigInteger, nullable=False),
    Column("subsidy_explanation", JSONB, nullable=False),
    Column("cancelled_late", Boolean, nullable=False, server_default=text("false")),
    Column("no_show_excused", Boolean, nullable=False, server_default=text("false")),
    Column("checked_in", Integer),
    Column("headcount", Integer),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("route_order_id", UUID(as_uuid=True), ForeignKey("route_orders.id")),  # none: ordered by itself
    CheckConstraint(one_of("state", ORDER_STATES), name="state"),
    CheckConstraint(one_of("confirmation", CONFIRMATIONS), name="confirmation"),
    CheckConstraint(one_of("source", ORDER_SOURCES), name="source"),
    CheckConstraint(
        "CASE WHEN group_name IS NULL THEN source = 'online' OR branch_id IS NOT NULL"
        " ELSE source <> 'online' AND branch_id IS NULL END",
        name="group_is_entered",
    ),
    CheckConstraint("source = 'online' OR NOT is_subsidised", name="entered_is_unsubsidised"),
    CheckConstraint("party_size BETWEEN 1 AND 500", name="party_size"),
    CheckConstraint("seats >= party_size", name="seats"),
    CheckConstraint("voucher_revision BETWEEN 1 AND 65535", name="voucher_revision"),
    CheckConstraint("subsidy_estimate_fen >= 0", name="subsidy_estimate_fen"),
    CheckConstraint("is_subsidised = (subsidy_estimate_fen > 0)", name="is_subsidised"),
    CheckConstraint("headcount BETWEEN 0 AND checked_in", name="headcount"),
    CheckConstraint("(state = 'used') = (headcount IS NOT NULL)", name="used_has_headcount"),
    CheckConstraint("NOT cancelled_late OR state = 'cancelled'", name="cancelled_late"),
    CheckConstraint("NOT no_show_excused OR state = 'no_show'", name="no_show_excused"),
    CheckConstraint("state <> 'confirmed' OR voucher IS NOT NULL", name="confirmed_has_voucher"),
    Index("orders_branch_idx", "branch_id", "visit_on"),
    Index("orders_day_idx", "visit_on"),
    Index("orders_open_idx", "branch_id", postgresql_where=text("state IN ('placed', 'confirmed')")),
    Index("orders_no_show_idx", "branch_id", "ends_at", postgresql_where=text("state = 'no_show'")),
    Index("orders_slot_idx", "slot_id"),
    Index("orders_route_order_idx", "route_order_id", postgresql_where=text("route_order_id IS NOT NULL")),
    Index("orders_site_idx", "site_id", "visit_on"),
    Index(
        "orders_replay_idx",
        "visit_on",
        "placed_at",
        "id",
        postgresql_where=text("state = 'used' AND branch_id IS NOT NULL"),
    ),
    Index("orders_person_idx", "placed_by_id"),
    Index("orders_unanswered_idx", "answer_by", postgresql_where=text("state = 'placed'")),
    Index("orders_awaited_idx", "ends_at", postgresql_where=text("state = 'confirmed' AND checked_in IS NULL")),
)

# Append-only: every move of an order, with who, when and why.
order_history = Table(
    "order_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),  # none: a timer
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint(one_of("state", ORDER_STATES), name="state"),
    Index("order_history_order_idx", "order_id", "id"),
)

# The device makes the id, so that a check-in sent twice is one. `happened_at` is its clock, `recorded_at` ours.
check_ins = Table(
    "check_ins",
    metadata,
    key(),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False),
    Column("site_id", UUID(as_uuid=True), nullable=False),
    Column("count", Integer, nullable=False),
    Column("member_ids", ARRAY(UUID(as_uuid=True))),
    Column("happened_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("device_id", Text),
    Column("state", Text, nullable=False, server_default=text("'valid'")),
    Column("flag", Text),  # why it is in doubt
    Column("is_more", Boolean, nullable=False, server_default=text("false")),  # more of a party already inside
    Column("reason", Text),  # why somebody was admitted late
    Column("way", Text, nullable=False, server_default=text("'code'")),
    Column("was_offline", Boolean, nullable=False, server_default=text("false")),
    Column("device_at", INSTANT),  # the device's own clock; with the offset it makes `happened_at`
    Column("clock_offset_ms", BigInteger),
    Column("revision", Integer),
    Column("decided_at", INSTANT),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decision_reason", Text),
    Column("distance_m", Integer),  # from the site, where the device told it
    CheckConstraint("count BETWEEN 1 AND 500", name="count"),
    CheckConstraint("distance_m >= 0", name="distance_m"),
    CheckConstraint(one_of("state", CHECK_IN_STATES), name="state"),
    CheckConstraint(one_of("flag", CHECK_IN_FLAGS), name="flag"),
    CheckConstraint(one_of("way", CHECK_IN_WAYS), name="way"),
    CheckConstraint("state <> 'flagged' OR flag IS NOT NULL", name="flagged_says_why"),
    CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
    Index("check_ins_order_idx", "order_id"),
    Index("check_ins_site_idx", "site_id", "recorded_at", "id"),
    Index("check_ins_member_ids_idx", "member_ids", postgresql_using="gin", postgresql_where=text("state = 'valid'")),
    Index("check_ins_device_idx", "device_id", "happened_at", postgresql_where=text("device_id IS NOT NULL")),
    # One use of a voucher is the valid one, whatever arrives in whichever sequence.
    Index("check_ins_one_valid_idx", "order_id", unique=True, postgresql_where=text("state = 'valid' AND NOT is_more")),
    Index("check_ins_doubtful_idx", "recorded_at", "id", postgresql_where=text("state IN ('duplicate', 'flagged')")),
)

# How many orders a branch may hold open, and how many of a month's visits are subsidised, from a day on.
quota_rules = Table(
    "quota_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("open_orders_max", Integer, nullable=False),
    Column("subsidised_a_month_max", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("open_orders_max >= 0 AND subsidised_a_month_max >= 0", name="maxima"),
)
