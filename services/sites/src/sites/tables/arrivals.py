"""What arriving needs: the secret behind a door's code, who guesses it, whom a branch named, what was printed."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.sheets import SHEET_KINDS
from sqlalchemy import (
    BigInteger,
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
)
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import metadata

# Sealed: who reads the table cannot show a door's code. Nothing gives it out.
door_secrets = Table(
    "door_secrets",
    metadata,
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", INSTANT, nullable=False),
)

# How often a person typed a code at a site's door since an instant; a right one forgets it.
door_code_tries = Table(
    "door_code_tries",
    metadata,
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), primary_key=True),
    Column("person_id", UUID(as_uuid=True), primary_key=True),
    Column("since", INSTANT, nullable=False),
    Column("tries", Integer, nullable=False),
    CheckConstraint("tries >= 1", name="tries"),
    Index("door_code_tries_since_idx", "since"),
)

# The members that a branch named with its order: the roster's id and the name that is shown, nothing else.
order_members = Table(
    "order_members",
    metadata,
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), primary_key=True),
    Column("member_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Index("order_members_member_idx", "member_id"),
)

# Append-only: sheets that were drawn with whole telephone numbers or with codes that let somebody in.
sheet_prints = Table(
    "sheet_prints",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("drawn_at", INSTANT, nullable=False),
    Column("drawn_by_id", UUID(as_uuid=True), nullable=False),
    Column("drawn_by", Text, nullable=False),
    CheckConstraint(one_of("kind", SHEET_KINDS), name="kind"),
    Index("sheet_prints_site_idx", "site_id", "id"),
)
