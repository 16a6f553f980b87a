"""Applications for admission, and the way each went."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.admissions import ADMISSION_STATES
from contracts.sites.places import CATEGORIES, DATUMS, SITE_KINDS
from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from sites.tables.metadata import key, metadata

admissions = Table(
    "admissions",
    metadata,
    key(),
    Column("organisation_id", UUID(as_uuid=True), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("town", Text),
    Column("address", Text, nullable=False),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Column("point_datum", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("visit_minutes", Integer, nullable=False),
    Column("statement", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("applied_at", INSTANT, nullable=False),
    Column("checklist", JSONB(none_as_null=True)),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("category", CATEGORIES), name="category"),
    CheckConstraint(one_of("kind", SITE_KINDS), name="kind"),
    CheckConstraint(one_of("point_datum", DATUMS), name="point_datum"),
    CheckConstraint(one_of("state", ADMISSION_STATES), name="state"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("visit_minutes > 0", name="visit_minutes"),
    CheckConstraint("(state = 'approved') = (site_id IS NOT NULL)", name="site"),
    CheckConstraint("state NOT IN ('checked', 'approved') OR checklist IS NOT NULL", name="checklist"),
    Index("admissions_applied_idx", "applied_at", "id"),
)

admission_history = Table(
    "admission_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("admission_id", UUID(as_uuid=True), ForeignKey("admissions.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Index("admission_history_admission_idx", "admission_id", "id"),
)
