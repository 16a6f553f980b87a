"""The fund with its ledger, claims and their settlement, and the default policy (S9 to S12)."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261123_0510"
down_revision = "20261123_0500"

POLICIES = """
CREATE TABLE policies (
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    active_from date NOT NULL,
    active_until date,
    per_visit_fen bigint NOT NULL,
    per_head_fen bigint NOT NULL,
    visit_cap_fen bigint NOT NULL,
    heads_min integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT policies_pkey PRIMARY KEY (id),
    CONSTRAINT policies_version_key UNIQUE (version),
    CONSTRAINT policies_amounts CHECK (per_visit_fen >= 0 AND per_head_fen >= 0 AND visit_cap_fen > 0),
    CONSTRAINT policies_heads_min CHECK (heads_min >= 1),
    CONSTRAINT policies_active_until CHECK (active_until > active_from),
    CONSTRAINT policies_one_a_day EXCLUDE USING gist (daterange(active_from, active_until) WITH &&)
);
INSERT INTO policies (id, name, version, active_from, per_visit_fen, per_head_fen, visit_cap_fen, heads_min, citation)
VALUES ('0b7d3a52-6f0e-5c1b-9a64-370302000001', 'default', 1, '2020-01-01', 20000, 1000, 100000, 5,
        '默认规则：每次 200 元，另按到场党员每人 10 元，每次最高 1000 元，到场至少 5 人（待区委组织部发文替换）');
"""

LEDGER = """
CREATE TABLE funds (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    payer_name text NOT NULL,
    payer_account bytea NOT NULL,
    payer_bank text NOT NULL,
    payer_bank_code text NOT NULL,
    CONSTRAINT funds_pkey PRIMARY KEY (id),
    CONSTRAINT funds_code CHECK (code ~ '^[A-Z0-9]{1,8}$'),
    CONSTRAINT funds_code_key UNIQUE (code),
    CONSTRAINT funds_path_key UNIQUE (path)
);

CREATE TABLE fund_years (
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    appropriated_fen bigint NOT NULL DEFAULT 0,
    available_fen bigint NOT NULL DEFAULT 0,
    encumbered_fen bigint NOT NULL DEFAULT 0,
    payable_fen bigint NOT NULL DEFAULT 0,
    paid_fen bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT fund_years_pkey PRIMARY KEY (fund_id, year),
    CONSTRAINT fund_years_balanced
        CHECK (appropriated_fen = available_fen + encumbered_fen + payable_fen + paid_fen),
    CONSTRAINT fund_years_not_negative
        CHECK (available_fen >= 0 AND encumbered_fen >= 0 AND payable_fen >= 0 AND paid_fen >= 0),
    CONSTRAINT fund_years_fund_id_fkey FOREIGN KEY (fund_id) REFERENCES funds (id)
) WITH (fillfactor = 20);

CREATE TABLE site_balances (
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    site_code text NOT NULL,
    payable_fen bigint NOT NULL,
    paid_fen bigint NOT NULL,
    CONSTRAINT site_balances_pkey PRIMARY KEY (fund_id, year, site_code),
    CONSTRAINT site_balances_not_negative CHECK (payable_fen >= 0 AND paid_fen >= 0),
    CONSTRAINT site_balances_fund_id_fkey FOREIGN KEY (fund_id) REFERENCES funds (id)
);

CREATE TABLE encumbrances (
    order_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    amount_fen bigint NOT NULL,
    posted_fen bigint,
    state text NOT NULL,
    encumbered_at timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT encumbrances_pkey PRIMARY KEY (order_id),
    CONSTRAINT encumbrances_state CHECK (state IN ('pending', 'posted', 'voided')),
    CONSTRAINT encumbrances_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT encumbrances_posted_fen CHECK (posted_fen BETWEEN 1 AND amount_fen),
    CONSTRAINT encumbrances_posted_has_amount CHECK ((state = 'posted') = (posted_fen IS NOT NULL)),
    CONSTRAINT encumbrances_pending_is_unresolved CHECK ((state = 'pending') = (resolved_at IS NULL))
);

CREATE TABLE ledger_entries (
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    amount_fen bigint NOT NULL,
    reason text NOT NULL,
    order_id uuid,
    claim_id uuid,
    batch_id uuid,
    document_number text,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (sequence),
    CONSTRAINT ledger_entries_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT ledger_entries_two_accounts CHECK (debit <> credit),
    CONSTRAINT ledger_entries_reason
        CHECK (reason IN ('appropriation', 'order_placed', 'order_cancelled', 'order_refused', 'order_expired',
               'order_no_show', 'nothing_due', 'claim_rejected', 'claim_lapsed', 'claim_approved',
               'claim_remainder', 'payment')),
    CONSTRAINT ledger_entries_document_number CHECK ((reason = 'appropriation') = (document_number IS NOT NULL))
);
CREATE INDEX ledger_entries_credit_idx ON ledger_entries (fund_id, credit, sequence);
CREATE INDEX ledger_entries_debit_idx ON ledger_entries (fund_id, debit, sequence);
CREATE UNIQUE INDEX ledger_entries_document_key ON ledger_entries (fund_id, document_number)
    WHERE reason = 'appropriation';
CREATE UNIQUE INDEX ledger_entries_payment_key ON ledger_entries (batch_id, claim_id) WHERE reason = 'payment';
"""

SETTLEMENT = """
CREATE TABLE payees (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    account bytea NOT NULL,
    account_masked text NOT NULL,
    bank text NOT NULL,
    bank_code text NOT NULL,
    credit_code text,
    is_synthetic boolean NOT NULL DEFAULT false,
    active_from timestamptz NOT NULL,
    active_until timestamptz,
    CONSTRAINT payees_pkey PRIMARY KEY (id),
    CONSTRAINT payees_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id)
);
CREATE UNIQUE INDEX payees_active_key ON payees (site_id) WHERE active_until IS NULL;

CREATE TABLE batches (
    id uuid NOT NULL,
    number text NOT NULL,
    fund_id uuid NOT NULL,
    period text NOT NULL,
    state text NOT NULL,
    count integer NOT NULL,
    total_fen bigint NOT NULL,
    prepared_by_id uuid NOT NULL,
    prepared_by text NOT NULL,
    prepared_at timestamptz NOT NULL,
    approved_by_id uuid,
    approved_by text,
    approved_at timestamptz,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT batches_pkey PRIMARY KEY (id),
    CONSTRAINT batches_state CHECK (state IN ('prepared', 'approved', 'rejected', 'settled', 'partly_settled')),
    CONSTRAINT batches_totals CHECK (count > 0 AND total_fen > 0),
    CONSTRAINT batches_two_persons CHECK (approved_by_id <> prepared_by_id),
    CONSTRAINT batches_approved_has_person
        CHECK ((state IN ('approved', 'settled', 'partly_settled')) = (approved_by_id IS NOT NULL AND
               approved_by IS NOT NULL AND approved_at IS NOT NULL)),
    CONSTRAINT batches_number_key UNIQUE (number),
    CONSTRAINT batches_fund_id_fkey FOREIGN KEY (fund_id) REFERENCES funds (id)
);
CREATE INDEX batches_made_idx ON batches (prepared_at, id);
"""

CLAIMS = """
CREATE TABLE claims (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    site_id uuid NOT NULL,
    branch_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    state text NOT NULL,
    period text NOT NULL,
    visit_on date NOT NULL,
    party_size integer NOT NULL,
    checked_in integer NOT NULL,
    headcount integer NOT NULL,
    headcount_confirmed integer,
    headcount_disputed integer,
    encumbered_fen bigint NOT NULL,
    asked_fen bigint NOT NULL,
    approved_fen bigint,
    paid_fen bigint,
    explanation jsonb NOT NULL,
    submit_by timestamptz,
    confirm_by timestamptz,
    approved_by_id uuid,
    batch_id uuid,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT claims_pkey PRIMARY KEY (id),
    CONSTRAINT claims_state
        CHECK (state IN ('drafted', 'submitted', 'disputed', 'confirmed', 'approved', 'batched', 'paid',
               'returned', 'rejected', 'lapsed')),
    CONSTRAINT claims_period CHECK (period = to_char(visit_on::timestamp, 'YYYY-MM')),
    CONSTRAINT claims_asked_fen CHECK (asked_fen BETWEEN 1 AND encumbered_fen),
    CONSTRAINT claims_approved_fen CHECK (approved_fen BETWEEN 1 AND encumbered_fen),
    CONSTRAINT claims_approved_is_complete
        CHECK ((state IN ('approved', 'batched', 'paid')) = (approved_fen IS NOT NULL AND approved_by_id IS NOT
               NULL AND headcount_confirmed IS NOT NULL)),
    CONSTRAINT claims_paid_has_amount CHECK ((state = 'paid') = (paid_fen IS NOT NULL)),
    CONSTRAINT claims_paid_fen CHECK (paid_fen = approved_fen),
    CONSTRAINT claims_batched_has_batch CHECK ((state IN ('batched', 'paid')) = (batch_id IS NOT NULL)),
    CONSTRAINT claims_submitted_has_clock CHECK ((state = 'submitted') = (confirm_by IS NOT NULL)),
    CONSTRAINT claims_drafted_has_clock CHECK ((state IN ('drafted', 'returned')) = (submit_by IS NOT NULL)),
    CONSTRAINT claims_order_id_key UNIQUE (order_id),
    CONSTRAINT claims_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT claims_fund_id_fkey FOREIGN KEY (fund_id) REFERENCES funds (id),
    CONSTRAINT claims_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT claims_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies (id),
    CONSTRAINT claims_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches (id)
);
CREATE INDEX claims_approved_idx ON claims (fund_id, period) WHERE state = 'approved';
CREATE INDEX claims_batch_idx ON claims (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX claims_branch_idx ON claims (branch_id, visit_on);
CREATE INDEX claims_confirm_by_idx ON claims (confirm_by) WHERE state = 'submitted';
CREATE INDEX claims_day_idx ON claims (visit_on, id);
CREATE INDEX claims_site_idx ON claims (site_id, visit_on);
CREATE INDEX claims_submit_by_idx ON claims (submit_by) WHERE state IN ('drafted', 'returned');

CREATE TABLE claim_history (
    id bigint GENERATED ALWAYS AS IDENTITY,
    claim_id uuid NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text,
    CONSTRAINT claim_history_pkey PRIMARY KEY (id),
    CONSTRAINT claim_history_state
        CHECK (state IN ('drafted', 'submitted', 'disputed', 'confirmed', 'approved', 'batched', 'paid',
               'returned', 'rejected', 'lapsed')),
    CONSTRAINT claim_history_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES claims (id)
);
CREATE INDEX claim_history_claim_idx ON claim_history (claim_id, id);
"""

LINES = """
CREATE TABLE batch_lines (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    end_to_end_id text NOT NULL,
    claim_id uuid NOT NULL,
    payee_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    state text NOT NULL,
    bank_reference text,
    reason text,
    CONSTRAINT batch_lines_pkey PRIMARY KEY (id),
    CONSTRAINT batch_lines_batch_id_number_key UNIQUE (batch_id, number),
    CONSTRAINT batch_lines_state CHECK (state IN ('waiting', 'paid', 'failed', 'freed')),
    CONSTRAINT batch_lines_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT batch_lines_end_to_end_id CHECK (char_length(end_to_end_id) <= 35),
    CONSTRAINT batch_lines_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches (id),
    CONSTRAINT batch_lines_end_to_end_id_key UNIQUE (end_to_end_id),
    CONSTRAINT batch_lines_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES claims (id),
    CONSTRAINT batch_lines_payee_id_fkey FOREIGN KEY (payee_id) REFERENCES payees (id)
);
CREATE UNIQUE INDEX batch_lines_live_key ON batch_lines (claim_id) WHERE state IN ('waiting', 'paid');

CREATE TABLE batch_history (
    id bigint GENERATED ALWAYS AS IDENTITY,
    batch_id uuid NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text,
    CONSTRAINT batch_history_pkey PRIMARY KEY (id),
    CONSTRAINT batch_history_state
        CHECK (state IN ('prepared', 'approved', 'rejected', 'settled', 'partly_settled')),
    CONSTRAINT batch_history_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches (id)
);
CREATE INDEX batch_history_batch_idx ON batch_history (batch_id, id);

CREATE TABLE payment_files (
    id bigint GENERATED ALWAYS AS IDENTITY,
    batch_id uuid NOT NULL,
    format text NOT NULL,
    sha256 text NOT NULL,
    size integer NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT payment_files_pkey PRIMARY KEY (id),
    CONSTRAINT payment_files_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches (id)
);
CREATE INDEX payment_files_batch_idx ON payment_files (batch_id, id);

CREATE TABLE bank_result_files (
    batch_id uuid NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    paid integer NOT NULL,
    failed integer NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT bank_result_files_pkey PRIMARY KEY (batch_id, sha256),
    CONSTRAINT bank_result_files_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches (id)
);
"""


def upgrade() -> None:
    for statements in (POLICIES, LEDGER, SETTLEMENT, CLAIMS, LINES):
        run_sql(statements)
    forbid_changes("ledger_entries", "claim_history", "batch_history", "payment_files", "bank_result_files")
    for name in ("encumber", "release_encumbrance", "post_encumbrance", "pay_lines", "appropriate"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
