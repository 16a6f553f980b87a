"""Members of branches, and who holds which post."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from roster.tables.metadata import identifier, metadata, only

POSTS = ("secretary", "deputy_secretary", "committee_member")

# The person is the key: nobody is a member of two branches.
members = Table(
    "members",
    metadata,
    identifier("person_id", ForeignKey("people.id"), key=True),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("status", Text, nullable=False),
    Column("joined_on", Date),
    Column("party_group", Text),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    only("status", ("full", "probationary"), "status"),
    CheckConstraint("length(party_group) BETWEEN 1 AND 50", name="party_group"),
    Index(None, "branch_id", "status"),
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
    only("post", POSTS, "post"),
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
