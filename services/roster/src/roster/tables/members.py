"""Members of branches, what became of them, and who holds which post.

members              who is a member today: in one branch, full or probationary, active, floating or lost
membership_periods   where each member stood from when until when; triggers on `members` write it
member_moves         each change with who, why and by which document, added and never changed
member_facts         retired, ill, abroad, exempt: dated, beside the standing
member_rules         the regulation's periods, each with its dates and its citation
"""

from chassis.definitions import INSTANT
from contracts.roster.members import ENDINGS, FACTS, STANDINGS, STATES
from contracts.roster.terms import MADE_BY, POST_ENDINGS, POSTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from roster.tables.metadata import identifier, metadata, only

# The person is the key: nobody is a member of two branches. Whoever changes branch, status or state says in `since`
# from which day on that holds; the row's trigger ends the period before and begins the next one on that day.
members = Table(
    "members",
    metadata,
    identifier("person_id", ForeignKey("people.id"), key=True),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("status", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    Column("since", Date, nullable=False, server_default=text("((now() AT TIME ZONE 'Asia/Shanghai'::text))::date")),
    Column("joined_on", Date),
    Column("full_on", Date),
    Column("party_group", Text),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    only("status", STANDINGS, "status"),
    only("state", STATES, "state"),
    CheckConstraint("full_on >= joined_on AND (full_on IS NULL OR status = 'full')", name="full_on"),
    CheckConstraint("length(party_group) BETWEEN 1 AND 50", name="party_group"),
    Index(None, "branch_id", "status"),
)

membership_periods = Table(
    "membership_periods",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("people.id")),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("status", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("ended_by", Text),
    only("status", STANDINGS, "status"),
    only("state", STATES, "state"),
    only("ended_by", ENDINGS, "ended_by"),
    # A period of no days is one that another ended on the day it began: it never overlaps, and is kept.
    CheckConstraint("active_until >= active_from", name="dates"),
    CheckConstraint("ended_by IS NULL OR active_until IS NOT NULL", name="ended"),
    ExcludeConstraint(
        (text("person_id"), "="),
        (func.daterange(text("active_from"), text("active_until")), "&&"),
        name="membership_periods_one_branch",
    ),
    Index("membership_periods_as_at_idx", "branch_id", "active_from", "active_until"),
    Index("membership_periods_ended_idx", "active_until", postgresql_where=text("ended_by IS NOT NULL")),
    Index("membership_periods_open_key", "person_id", unique=True, postgresql_where=text("active_until IS NULL")),
)

member_moves = Table(
    "member_moves",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("people.id")),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("verb", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("reason", Text),
    Column("document_number", Text),
    Column("at", INSTANT, nullable=False),
    identifier("by_id", nullable=True),
    Column("by_name", Text),
    CheckConstraint("verb ~ '^[a-z_]{1,40}$'", name="verb"),
    Index(None, "person_id", "id"),
    Index(None, "branch_id", "id"),
)

member_facts = Table(
    "member_facts",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("fact", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("note", Text),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    only("fact", FACTS, "fact"),
    CheckConstraint("active_until >= active_from", name="dates"),
    CheckConstraint("length(note) BETWEEN 1 AND 200", name="note"),
    ExcludeConstraint(
        (text("person_id"), "="),
        (text("fact"), "="),
        (func.daterange(text("active_from"), text("active_until")), "&&"),
        name="member_facts_once",
    ),
)

member_rules = Table(
    "member_rules",
    metadata,
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("numbers", JSONB, nullable=False),
    Column("citation", Text, nullable=False),
    PrimaryKeyConstraint("rule", "active_from"),
    CheckConstraint("active_until > active_from", name="dates"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("organisation_id", ForeignKey("organisations.id")),
    identifier("person_id", ForeignKey("people.id")),
    Column("post", Text, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_until", Date),
    Column("made_by", Text),
    Column("document_number", Text),
    identifier("election_id", ForeignKey("elections.id"), nullable=True),
    Column("ended_by", Text),
    Column("end_document_number", Text),
    only("post", POSTS, "post"),
    only("made_by", MADE_BY, "made_by"),
    only("ended_by", POST_ENDINGS, "ended_by"),
    CheckConstraint("held_until >= held_from", name="dates"),
    CheckConstraint("ended_by IS NULL OR held_until IS NOT NULL", name="ended"),
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
    Index("posts_ended_idx", "organisation_id", "held_until", postgresql_where=text("held_until IS NOT NULL")),
)
