"""The roster's tables. The database is the referee: what must never be true is a constraint here.

organisations ─┬─ organisation_history   each name, kind and place it had, added and never changed
               ├─ members ── people      a person stands in one branch or in none
               ├─ posts ──── people      who is secretary now, and who was
               └─ grants ─── people ─── accounts ─── sessions
sign_in_attempts   wrong passwords in a row, by user name, known or not
sign_ins           every checked sign-in, added and never changed
setting_rules      the numbers of the setting rules, each with its dates and its citation
"""

from uuid import UUID

from chassis.definitions import INSTANT, named_metadata, one_of
from contracts.rights import ROLES
from contracts.roster import FIELDS, KINDS
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
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = named_metadata()

POSTS = ("secretary", "deputy_secretary", "committee_member")
SIGN_IN_OUTCOMES = ("opened", "wrong", "locked")


def _id(name: str = "id", *reference: ForeignKey, key: bool = False, nullable: bool = False) -> Column[UUID]:
    return Column(name, Uuid(), *reference, primary_key=key, nullable=nullable and not key)


def _one_of(column: str, choices: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(one_of(column, choices), name=name)


people = Table(
    "people",
    metadata,
    _id(key=True),
    Column("name", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
)

organisations = Table(
    "organisations",
    metadata,
    _id(key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    # Compared byte by byte: what lies below a path lies between `path.` and `path/`, and an index finds it.
    Column("path", Text(collation="C"), nullable=False, unique=True),
    _id("parent_id", ForeignKey("organisations.id"), nullable=True),
    # The Statistics Bureau (nbs) and the Ministry of Civil Affairs (mca) number the same town differently.
    Column("division_code", Text),
    Column("division_code_system", Text),
    Column("is_external", Boolean, nullable=False, server_default=text("false")),  # outside: never paid for
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    _one_of("kind", KINDS, "kind"),
    _one_of("field", FIELDS, "field"),
    CheckConstraint("code ~ '^[0-9A-Za-z_-]{1,40}$'", name="code"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("path = code OR right(path, length(code) + 1) = '.' || code", name="path"),
    CheckConstraint("(parent_id IS NULL) = (path = code)", name="root"),
    CheckConstraint(
        "(division_code IS NULL) = (division_code_system IS NULL) AND division_code_system IN ('nbs', 'mca')",
        name="division_code_system",
    ),
    Index(None, "parent_id"),
    # In the collation zh-x-icu, as the list is sorted; the database tells the drift check of the column alone.
    Index("organisations_listed_idx", "name", "id"),
    Index("organisations_name_trgm_idx", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
)

organisation_history = Table(
    "organisation_history",
    metadata,
    _id("organisation_id", ForeignKey("organisations.id")),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _id("parent_id", nullable=True),
    Column("path", Text, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    _id("changed_by", nullable=True),
    PrimaryKeyConstraint("organisation_id", "version"),
)

# The person is the key: nobody is a member of two branches.
members = Table(
    "members",
    metadata,
    _id("person_id", ForeignKey("people.id"), key=True),
    _id("branch_id", ForeignKey("organisations.id")),
    Column("status", Text, nullable=False),
    Column("joined_on", Date),
    Column("party_group", Text),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    _one_of("status", ("full", "probationary"), "status"),
    CheckConstraint("length(party_group) BETWEEN 1 AND 50", name="party_group"),
    Index(None, "branch_id", "status"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _id("organisation_id", ForeignKey("organisations.id")),
    _id("person_id", ForeignKey("people.id")),
    Column("post", Text, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_until", Date),
    _one_of("post", POSTS, "post"),
    CheckConstraint("held_until >= held_from", name="dates"),
    Index(
        "posts_one_secretary_key",
        "organisation_id",
        unique=True,
        postgresql_where=text("post = 'secretary' AND held_until IS NULL"),
    ),
    Index(
        "posts_held_key",
        "organisation_id",
        "person_id",
        "post",
        unique=True,
        postgresql_where=text("held_until IS NULL"),
    ),
    Index(None, "person_id"),
)

accounts = Table(
    "accounts",
    metadata,
    _id("person_id", ForeignKey("people.id"), key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("username = lower(username) AND length(username) BETWEEN 1 AND 200", name="username"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _id("person_id", ForeignKey("people.id")),
    Column("role", Text, nullable=False),
    # The node, not its path: when the node moves, the right moves with it.
    _id("organisation_id", ForeignKey("organisations.id")),
    Column("granted_at", INSTANT, nullable=False),
    _id("granted_by", nullable=True),
    UniqueConstraint("person_id", "role", "organisation_id"),
    _one_of("role", ROLES, "role"),
)

sessions = Table(
    "sessions",
    metadata,
    _id(key=True),
    _id("person_id", ForeignKey("people.id")),
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
    _id("person_id", nullable=True),
    _id("session_id", nullable=True),
    Column("request_id", Text),
    _one_of("outcome", SIGN_IN_OUTCOMES, "outcome"),
    Index(None, "person_id", "at"),
)

setting_rules = Table(
    "setting_rules",
    metadata,
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("numbers", JSONB, nullable=False),
    Column("severity", Text, nullable=False),
    Column("citation", Text, nullable=False),
    PrimaryKeyConstraint("rule", "active_from"),
    _one_of("severity", ("breach", "remark"), "severity"),
    CheckConstraint("active_until > active_from", name="dates"),
)
