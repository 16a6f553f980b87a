"""The devices at a site's door, and who may take over one for a shift."""

from chassis.definitions import INSTANT
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

# Codes and credentials stand here as their SHA-256: who reads the table cannot pass for a device.
devices = Table(
    "devices",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("code_hash", LargeBinary, unique=True),
    Column("code_expires_at", INSTANT, nullable=False),
    Column("credential_hash", LargeBinary, unique=True),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", UUID(as_uuid=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("enrolled_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("revoked_by", Text),
    Column("last_sync_at", INSTANT),
    Column("clock_offset_ms", BigInteger),
    CheckConstraint("(enrolled_at IS NULL) = (credential_hash IS NULL)", name="enrolled_has_credential"),
    CheckConstraint("code_hash IS NULL OR credential_hash IS NULL", name="code_is_used_once"),
    Index("devices_site_idx", "site_id", "made_at"),
)

shift_pins = Table(
    "shift_pins",
    metadata,
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), primary_key=True),
    Column("person_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("set_at", INSTANT, nullable=False),
)
