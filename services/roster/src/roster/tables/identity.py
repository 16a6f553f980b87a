"""Accounts, roles in a part of the tree, sessions, the second factor, and the policy of signing in.

account_moves      what was done to an account, added and never changed
password_history   the hashes of the last passwords, so that none comes again at once
grants             roles by hand; ended, never deleted
sign_in_attempts   wrong passwords and codes in a row, by user name, known or not
sign_ins           every checked sign-in, added and never changed
sign_in_policies   the numbers of signing in; of the rows of a day the last one holds
"""

from chassis.definitions import INSTANT
from contracts.rights import ROLES
from contracts.roster.accounts import ACCOUNT_MOVES, ACCOUNT_STATES
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
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from roster.tables.metadata import identifier, metadata, only

SIGN_IN_OUTCOMES = ("opened", "wrong", "locked", "wrong_code", "passed")

accounts = Table(
    "accounts",
    metadata,
    identifier("person_id", ForeignKey("people.id"), key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    # The password is one that an administrator saw: nothing else is done before it is changed.
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    Column("password_set_at", INSTANT, nullable=False),
    only("state", ACCOUNT_STATES, "state"),
    CheckConstraint("username = lower(username) AND length(username) BETWEEN 1 AND 200", name="username"),
)

account_moves = Table(
    "account_moves",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("move", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    identifier("by", nullable=True),
    Column("reason", Text, nullable=False),
    only("move", ACCOUNT_MOVES, "move"),
    Index(None, "person_id", "at"),
)

password_history = Table(
    "password_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("accounts.person_id")),
    Column("password_hash", Text, nullable=False),
    Index(None, "person_id", "id"),
)

second_factors = Table(
    "second_factors",
    metadata,
    identifier("person_id", ForeignKey("accounts.person_id"), key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("confirmed_at", INSTANT),
    # The newest 30-second step whose code was taken: no code is taken twice, nor an older one after it.
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    identifier("person_id", ForeignKey("second_factors.person_id", ondelete="CASCADE")),
    Column("used_at", INSTANT),
    Index(None, "person_id"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", Uuid(), primary_key=True, server_default=text("gen_random_uuid()")),
    identifier("person_id", ForeignKey("people.id")),
    Column("role", Text, nullable=False),
    # The node, not its path: when the node moves, the right moves with it.
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("ground", Text, nullable=False, server_default=text("''")),
    Column("granted_at", INSTANT, nullable=False),
    identifier("granted_by", nullable=True),
    Column("ended_at", INSTANT),
    identifier("ended_by", nullable=True),
    Column("ended_reason", Text),
    only("role", ROLES, "role"),
    CheckConstraint("active_until > active_from", name="days"),
    CheckConstraint("granted_by <> person_id", name="not_to_oneself"),
    CheckConstraint(
        "(ended_at IS NULL) = (ended_reason IS NULL) AND (ended_at IS NOT NULL OR ended_by IS NULL)", name="ended"
    ),
    ExcludeConstraint(
        ("person_id", "="),
        ("role", "="),
        ("organisation_id", "="),
        (literal_column("daterange(active_from, active_until)"), "&&"),
        name="grants_once",
        using="gist",
        where=text("ended_at IS NULL"),
    ),
    Index("grants_organisation_id_idx", "organisation_id"),
)

sessions = Table(
    "sessions",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("started_at", INSTANT, nullable=False),
    Column("last_renewed_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("device", Text, nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("with_second_factor", Boolean, nullable=False, server_default=text("false")),
    # A session that was changed for a new one, by which command: a retry of that gets the same new one.
    identifier("followed_by", nullable=True),
    identifier("changed_by_command", nullable=True),
    CheckConstraint("ended_at >= started_at", name="ended_at"),
    CheckConstraint("(followed_by IS NULL) = (changed_by_command IS NULL)", name="changed"),
    # The identity provider that the person came by, and whether it vouched for a second factor of its own.
    Column("provider", Text),
    Column("vouched", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("followed_by IS NULL OR ended_at IS NOT NULL", name="followed_by"),
    CheckConstraint("NOT vouched OR provider IS NOT NULL", name="vouched"),
    Index(None, "person_id"),
    Index("sessions_alive_idx", "last_renewed_at", postgresql_where=text("ended_at IS NULL")),
    Index("sessions_ended_idx", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("username_hash", LargeBinary, primary_key=True),
    Column("wrong", Integer, nullable=False, server_default=text("0")),
    Column("last_wrong_at", INSTANT, nullable=False),
    Column("locked_until", INSTANT),
    CheckConstraint("wrong >= 0", name="wrong"),
    Index(None, "last_wrong_at"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("outcome", Text, nullable=False),
    # A name nobody has is kept as its hash alone: people type their password into the wrong field.
    Column("username_hash", LargeBinary, nullable=False),
    identifier("person_id", nullable=True),
    identifier("session_id", nullable=True),
    Column("request_id", Text),
    only("outcome", SIGN_IN_OUTCOMES, "outcome"),
    Index(None, "person_id", "at"),
)

sign_in_policies = Table(
    "sign_in_policies",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("active_from", Date, nullable=False),
    Column("length_min", Integer, nullable=False),
    Column("remembered", Integer, nullable=False),
    Column("expires_after_days", Integer),
    Column("wrong_max", Integer, nullable=False),
    Column("first_wait_s", Integer, nullable=False),
    Column("longest_wait_s", Integer, nullable=False),
    Column("forgotten_after_s", Integer, nullable=False),
    Column("idle_max_s", Integer, nullable=False),
    Column("session_max_s", Integer, nullable=False),
    Column("second_factor_roles", ARRAY(Text()), nullable=False),
    Column("token_days_max", Integer, nullable=False, server_default=text("365")),
    Column("tokens_max", Integer, nullable=False, server_default=text("10")),
    Column("ground", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
    identifier("set_by", nullable=True),
    CheckConstraint("token_days_max BETWEEN 1 AND 365", name="token_days_max"),
    CheckConstraint("tokens_max BETWEEN 0 AND 100", name="tokens_max"),
    CheckConstraint("length_min BETWEEN 8 AND 64", name="length_min"),
    CheckConstraint("remembered BETWEEN 1 AND 10", name="remembered"),
    CheckConstraint("expires_after_days BETWEEN 30 AND 3650", name="expires_after_days"),
    CheckConstraint("wrong_max BETWEEN 3 AND 20", name="wrong_max"),
    CheckConstraint(
        "first_wait_s BETWEEN 10 AND longest_wait_s AND longest_wait_s <= 86400"
        " AND forgotten_after_s BETWEEN longest_wait_s AND 604800",
        name="waits",
    ),
    CheckConstraint("idle_max_s BETWEEN 900 AND session_max_s AND session_max_s <= 2592000", name="sessions"),
    Index(None, "active_from", "id"),
)
