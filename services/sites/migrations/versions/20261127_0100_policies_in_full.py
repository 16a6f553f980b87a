"""Policies in full (S9): modes, tiers, factors, caps by counters, drafts that another person adopts, and replays."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0100"
down_revision = "20261126_0500"

POLICIES = """
ALTER TABLE policies
    ADD COLUMN mode text NOT NULL DEFAULT 'per_head'
        CONSTRAINT policies_mode CHECK (mode IN ('per_visit', 'per_head', 'tiered', 'invoice_actual')),
    ADD COLUMN head_tiers jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN category_factors jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN grade_factors jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN site_kinds text[] NOT NULL DEFAULT '{}',
    ADD COLUMN site_month_cap_fen bigint,
    ADD COLUMN site_year_cap_fen bigint,
    ADD COLUMN branch_year_cap_fen bigint,
    ADD COLUMN fund_share_percent integer,
    ADD COLUMN last_spending_day text,
    ADD COLUMN carries_over boolean NOT NULL DEFAULT false,
    ADD COLUMN collective_from_fen bigint,
    ADD COLUMN second_signature_from_fen bigint,
    ADD CONSTRAINT policies_tiers CHECK ((mode = 'tiered') = (head_tiers <> '[]')),
    ADD CONSTRAINT policies_rates CHECK (
        (mode NOT IN ('per_visit', 'tiered') OR per_head_fen = 0)
        AND (mode <> 'invoice_actual' OR (per_visit_fen = 0 AND per_head_fen = 0))
    ),
    ADD CONSTRAINT policies_caps CHECK (
        site_month_cap_fen > 0 AND site_year_cap_fen > 0 AND branch_year_cap_fen > 0
        AND fund_share_percent BETWEEN 1 AND 100
    ),
    ADD CONSTRAINT policies_last_spending_day CHECK (last_spending_day ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'),
    ADD CONSTRAINT policies_thresholds CHECK (collective_from_fen > 0 AND second_signature_from_fen > 0);

CREATE TABLE policy_drafts (
    id uuid PRIMARY KEY,
    state text NOT NULL CONSTRAINT policy_drafts_state CHECK (state IN ('draft', 'adopted', 'superseded', 'withdrawn')),
    active_from date NOT NULL,
    rules jsonb NOT NULL,
    drafted_at timestamptz NOT NULL,
    drafted_by_id uuid NOT NULL,
    drafted_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT policy_drafts_two_persons CHECK (state = 'withdrawn' OR decided_by_id <> drafted_by_id),
    CONSTRAINT policy_drafts_decided
        CHECK ((state = 'draft') = (decided_at IS NULL) AND (state = 'draft') = (decided_by_id IS NULL))
);
CREATE INDEX policy_drafts_state_idx ON policy_drafts (state, active_from);
CREATE TABLE policy_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy_id uuid NOT NULL,
    move text NOT NULL,
    state text NOT NULL
        CONSTRAINT policy_history_state CHECK (state IN ('draft', 'adopted', 'superseded', 'withdrawn')),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text
);
CREATE INDEX policy_history_policy_idx ON policy_history (policy_id, id);

CREATE TABLE cap_counters (
    kind text NOT NULL
        CONSTRAINT cap_counters_kind CHECK (kind IN ('site_month', 'site_year', 'branch_year')),
    subject_id uuid NOT NULL,
    period text NOT NULL,
    used_fen bigint NOT NULL CONSTRAINT cap_counters_used_fen CHECK (used_fen >= 0),
    CONSTRAINT cap_counters_pkey PRIMARY KEY (kind, subject_id, period)
) WITH (fillfactor = 50);
CREATE TABLE cap_takes (
    order_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    period text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT cap_takes_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT cap_takes_pkey PRIMARY KEY (order_id, kind, subject_id, period),
    CONSTRAINT cap_takes_kind_subject_id_period_fkey FOREIGN KEY (kind, subject_id, period) REFERENCES cap_counters
);
CREATE INDEX cap_takes_counter_idx ON cap_takes (kind, subject_id, period);

CREATE TABLE policy_replays (
    id uuid PRIMARY KEY,
    policy_id uuid NOT NULL,
    first_month text NOT NULL,
    last_month text NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    result jsonb
);
CREATE INDEX policy_replays_policy_idx ON policy_replays (policy_id, asked_at);
CREATE INDEX orders_replay_idx ON orders (visit_on, placed_at, id) WHERE state = 'used' AND branch_id IS NOT NULL;
"""
FUNCTIONS = (
    *("policy_for", "cap_counters_of", "caps_used", "lock_caps", "take_caps", "give_back_caps", "keep_fund_share"),
    "raise_caps",
    *("order_facts", "place_order", "release_encumbrance", "post_encumbrance", "restore_order", "record_check_ins"),
)


def upgrade() -> None:
    run_sql(POLICIES)
    run_sql("DROP FUNCTION place_order; DROP FUNCTION star_factor;")
    for name in FUNCTIONS:
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=["policy_history"])
