"""Reports that were asked for; the job of the same id makes the file and says how far it is."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.reports import REPORT_FORMATS, REPORT_KINDS
from sqlalchemy import CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from sites.tables.metadata import key, metadata

reports = Table(
    "reports",
    metadata,
    key(),  # the job's
    Column("kind", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("asked_by_id", UUID(as_uuid=True), nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    CheckConstraint(one_of("kind", REPORT_KINDS), name="kind"),
    CheckConstraint(one_of("format", REPORT_FORMATS), name="format"),
    CheckConstraint("expires_at > asked_at", name="expires_at"),
    Index("reports_asker_idx", "asked_by_id", "asked_at", "id"),
    Index("reports_expires_idx", "expires_at"),
)
