"""A role for whoever hands payments to the bank: a third person beside preparer and approver."""

from chassis.migrations import run_sql

revision = "20261127_0400"
down_revision = "20261126_0300"


def upgrade() -> None:
    run_sql(
        "ALTER TABLE grants DROP CONSTRAINT grants_role;"
        " ALTER TABLE grants ADD CONSTRAINT grants_role CHECK (role IN ('member', 'secretary', 'administrator',"
        " 'steward', 'assessor', 'officer', 'preparer', 'approver', 'payer', 'auditor', 'admin'))"
    )
