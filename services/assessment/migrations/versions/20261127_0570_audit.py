"""The audit: who did or saw what, sealed into a chain."""

from chassis.migrations import audit_tables, grant_rights

revision = "20261127_0570"
down_revision = "20261123_0520"


def upgrade() -> None:
    audit_tables()
    grant_rights("assessment")
