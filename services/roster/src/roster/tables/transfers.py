"""Members on their way to another branch, and what the branches are told of it.

issued ──confirm──▶ confirmed   the receiving branch; the member moves that day
   │  └──refuse──▶ refused      the receiving branch
   ├──withdraw──▶ withdrawn     the issuing branch
   └──expire──▶ expired         the letter ran out: the timer of *work*
"""

from chassis.definitions import INSTANT
from contracts.roster.transfers import TRANSFER_STATES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from roster.tables.metadata import identifier, metadata, only

transfers = Table(
    "transfers",
    metadata,
    identifier(key=True),
    identifier("person_id", ForeignKey("people.id")),
    identifier("from_branch_id", ForeignKey("organisations.id")),
    # Empty for a place that the roster does not know; then `to_name` says which.
    identifier("to_branch_id", ForeignKey("organisations.id"), nullable=True),
    Column("to_name", Text),
    Column("letter_number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    identifier("issued_by_id"),
    Column("issued_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    identifier("decided_by_id", nullable=True),
    Column("decided_by", Text),
    Column("decision", Text),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    UniqueConstraint("from_branch_id", "letter_number"),
    only("state", TRANSFER_STATES, "state"),
    CheckConstraint("(to_branch_id IS NULL) <> (to_name IS NULL)", name="to"),
    CheckConstraint("to_branch_id <> from_branch_id", name="elsewhere"),
    CheckConstraint("expires_on > issued_on", name="dates"),
    CheckConstraint("(state = 'issued') = (decided_at IS NULL)", name="decided"),
    # One letter at a time: of two that are issued together the database refuses one.
    Index("transfers_open_key", "person_id", unique=True, postgresql_where=text("state = 'issued'")),
    Index("transfers_due_idx", "expires_on", postgresql_where=text("state = 'issued'")),
    Index(None, "from_branch_id", "issued_at"),
    Index(None, "to_branch_id", "issued_at"),
    Index(None, "person_id"),
)

transfer_notices = Table(
    "transfer_notices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("transfer_id", ForeignKey("transfers.id")),
    identifier("branch_id", ForeignKey("organisations.id")),
    Column("kind", Text, nullable=False),
    Column("told_at", INSTANT, nullable=False),
    only("kind", TRANSFER_STATES, "kind"),
    UniqueConstraint("transfer_id", "branch_id", "kind"),
    Index(None, "branch_id", "id"),
)
