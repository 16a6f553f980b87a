"""Accounts, roles in a part of the tree, sessions.

sign_in_attempts   wrong passwords in a row, by user name, known or not
sign_ins           every checked sign-in, added and never changed
"""

from chassis.definitions import INSTANT
from contracts.rights import ROLES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from roster.tables.metadata import identifier, metadata, only

SIGN_IN_OUTCOMES = ("opened", "wrong", "locked")

accounts = Table(
    "accounts",
    metadata,
    identifier("person_id", ForeignKey("people.id"), key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("username = lower(username) AND length(username) BETWEEN 1 AND 200", name="username"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("role", Text, nullable=False),
    # The node, not its path: when the node moves, the right moves with it.
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("granted_at", INSTANT, nullable=False),
    identifier("granted_by", nullable=True),
    UniqueConstraint("person_id", "role", "organisation_id"),
    only("role", ROLES, "role"),
)

sessions = Table(
    "sessions",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("started_at", INSTANT, nullable=False),
    Column("last_renewed_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    CheckConstraint("ended_at >= started_at", name="ended_at"),
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
