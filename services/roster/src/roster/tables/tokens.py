"""Access tokens of programs, and accounts that are bound to identities elsewhere.

api_tokens            what a person gave a program; ended, never deleted
external_identities   whom an OpenID provider calls so (issuer and subject) is this person
provider_sign_ins     sign-ins that are under way at a provider:

    begun ──callback, once──▶ taken ──▶ a session
                                └──whom nobody is bound to──▶ waits with a ticket for the password ──▶ a session
"""

from chassis.definitions import INSTANT
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from roster.tables.metadata import identifier, metadata

api_tokens = Table(
    "api_tokens",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("accounts.person_id")),
    Column("name", Text, nullable=False),
    # SHA-256: there are 256 bits of chance in a token, so nobody tries them out, and a slow hash would guard nothing.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("ends_with", Text, nullable=False),
    Column("scope", ARRAY(Text), nullable=False),
    identifier("organisation_id", ForeignKey("organisations.id"), nullable=True),
    Column("made_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("last_used_at", INSTANT),
    Column("last_used_from", Text),
    Column("ended_at", INSTANT),
    identifier("ended_by", nullable=True),
    Column("ended_reason", Text),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("cardinality(scope) > 0", name="scope"),
    CheckConstraint("expires_at > made_at AND expires_at <= made_at + interval '366 days'", name="lifetime"),
    CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ended"),
    Index(None, "person_id"),
    Index(None, "made_at", "id"),
)

external_identities = Table(
    "external_identities",
    metadata,
    identifier(key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    identifier("person_id", ForeignKey("accounts.person_id")),
    Column("provider", Text, nullable=False),
    Column("bound_at", INSTANT, nullable=False),
    identifier("bound_by"),
    Column("last_used_at", INSTANT),
    UniqueConstraint("issuer", "subject"),
    UniqueConstraint("issuer", "person_id"),
    Index(None, "person_id"),
)

provider_sign_ins = Table(
    "provider_sign_ins",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    # Of a secret that stands in the browser which began it: nobody finishes in theirs what began in another's.
    Column("binding_hash", LargeBinary, nullable=False),
    Column("provider", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("code_verifier", Text, nullable=False),
    Column("begun_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("taken_at", INSTANT),
    Column("ticket_hash", LargeBinary, unique=True),
    Column("issuer", Text),
    Column("subject", Text),
    Column("vouched", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(
        "(ticket_hash IS NULL) = (issuer IS NULL) AND (ticket_hash IS NULL) = (subject IS NULL)"
        " AND (ticket_hash IS NULL OR taken_at IS NOT NULL)",
        name="proved",
    ),
    Index(None, "expires_at"),
)
