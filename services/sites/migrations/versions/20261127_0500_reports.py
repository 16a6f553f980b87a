"""Reports that were asked for (S13), and the index by which a period's orders are counted over all sites."""

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0500"
down_revision = "20261127_0400"

REPORTS = """
CREATE TABLE reports (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT reports_kind CHECK (kind IN (
        'settlement_statement', 'budget_execution', 'publicity_list', 'site_statement', 'branch_costs', 'claim_file',
        'statistics')),
    format text NOT NULL CONSTRAINT reports_format CHECK (format IN ('pdf', 'xlsx')),
    title text NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT reports_expires_at CHECK (expires_at > asked_at)
);
CREATE INDEX reports_asker_idx ON reports (asked_by_id, asked_at, id);
CREATE INDEX reports_expires_idx ON reports (expires_at);
CREATE INDEX orders_day_idx ON orders (visit_on);
"""


def upgrade() -> None:
    run_sql(REPORTS)
    grant_rights("sites")
