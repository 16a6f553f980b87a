"""Pictures: of a site, of its check for a training base, of a visit. The files stand in the file store."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.pictures import PICTURE_PURPOSES, PICTURES_MAX
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

pictures = Table(
    "pictures",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("subject_id", UUID(as_uuid=True), nullable=False),  # the site's, the check's or the order's
    Column("position", SmallInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("thumbnail_sha256", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("alt", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("purpose", "subject_id", "position", deferrable=True),
    CheckConstraint(one_of("purpose", PICTURE_PURPOSES), name="purpose"),
    CheckConstraint(f"position BETWEEN 1 AND {PICTURES_MAX}", name="position"),
    CheckConstraint("alt <> ''", name="alt"),
)
