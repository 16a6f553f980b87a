"""Quotas of branches and members, appeals against no-shows, calendar feeds."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261125_2040"
down_revision = "20261125_2030"

TABLES = """
CREATE TABLE quotas (
    id uuid PRIMARY KEY,
    effective_from date NOT NULL,
    effective_until date,
    holder text NOT NULL CONSTRAINT quotas_holder CHECK (holder IN ('branch', 'member')),
    counts text NOT NULL CONSTRAINT quotas_counts CHECK (counts IN ('orders', 'minutes')),
    period text NOT NULL CONSTRAINT quotas_period CHECK (period IN ('day', 'week', 'month', 'year')),
    most integer NOT NULL CONSTRAINT quotas_most CHECK (most BETWEEN 0 AND 100000),
    citation text NOT NULL,
    CONSTRAINT quotas_days CHECK (effective_from < effective_until)
);

-- filed ──excuse──▶ excused
--   └────reject──▶ rejected
CREATE TABLE no_show_appeals (
    order_id uuid PRIMARY KEY CONSTRAINT no_show_appeals_order_id_fkey REFERENCES orders,
    branch_id uuid NOT NULL,
    reason text NOT NULL,
    state text NOT NULL CONSTRAINT no_show_appeals_state CHECK (state IN ('filed', 'excused', 'rejected')),
    filed_at timestamptz NOT NULL,
    filed_by_id uuid NOT NULL,
    filed_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    decision text,
    CONSTRAINT no_show_appeals_decided CHECK ((state = 'filed') = (decided_at IS NULL))
);
CREATE INDEX no_show_appeals_filed_idx ON no_show_appeals (filed_at, order_id);

CREATE TABLE calendar_feeds (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT calendar_feeds_token_hash_key UNIQUE,
    person_id uuid NOT NULL,
    branch_id uuid,
    made_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX calendar_feeds_person_idx ON calendar_feeds (person_id) WHERE revoked_at IS NULL;
"""


def upgrade() -> None:
    run_sql(TABLES)
    for name in ("quotas_used", "keep_quotas", "place_order"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites")
