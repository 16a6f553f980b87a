"""Settlement to full depth (S12): payees by two persons, publicity, a payer, layouts, overpayments, reconciliation."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0400"
down_revision = "20261127_0300"

FUNDS = """
-- A fund that is there keeps to the two persons it was opened with; a new one asks for three, and for publicity.
ALTER TABLE funds
    ADD COLUMN separate_payer boolean NOT NULL DEFAULT false,
    ADD COLUMN publicity_days integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT funds_publicity_days CHECK (publicity_days BETWEEN 0 AND 60);
ALTER TABLE funds
    ALTER COLUMN separate_payer SET DEFAULT true,
    ALTER COLUMN publicity_days SET DEFAULT 5;

ALTER TABLE fund_years ADD COLUMN receivable_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE fund_years DROP CONSTRAINT fund_years_balanced;
ALTER TABLE fund_years ADD CONSTRAINT fund_years_balanced
    CHECK (appropriated_fen + received_fen
        = available_fen + encumbered_fen + payable_fen + paid_fen + contributed_fen + receivable_fen);
ALTER TABLE fund_years DROP CONSTRAINT fund_years_not_negative;
ALTER TABLE fund_years ADD CONSTRAINT fund_years_not_negative
    CHECK (available_fen >= 0 AND encumbered_fen >= 0 AND payable_fen >= 0 AND paid_fen >= 0
        AND received_fen >= 0 AND contributed_fen >= 0 AND receivable_fen >= 0);
ALTER TABLE site_balances ADD COLUMN receivable_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE site_balances DROP CONSTRAINT site_balances_not_negative;
ALTER TABLE site_balances ADD CONSTRAINT site_balances_not_negative
    CHECK (payable_fen >= 0 AND paid_fen >= 0 AND receivable_fen >= 0);

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_reason;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_reason
    CHECK (reason IN ('appropriation', 'reversal', 'contribution', 'claim_restored', 'appeal_granted', 'order_placed',
            'order_restored', 'order_amended', 'order_cancelled',
           'order_refused', 'order_expired', 'order_no_show', 'nothing_due', 'claim_rejected', 'claim_lapsed',
           'claim_approved', 'claim_remainder', 'payment', 'claim_reopened', 'overpayment_found',
           'overpayment_offset', 'overpayment_repaid'));
"""

BESIDE = """
CREATE TABLE settlement_rules (
    effective_from date NOT NULL,
    payee_hold_days integer NOT NULL,
    minutes_above_fen bigint NOT NULL,
    citation text NOT NULL,
    CONSTRAINT settlement_rules_pkey PRIMARY KEY (effective_from),
    CONSTRAINT settlement_rules_numbers CHECK (payee_hold_days BETWEEN 0 AND 60 AND minutes_above_fen >= 0)
);

CREATE TABLE payee_changes (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    account bytea NOT NULL,
    account_masked text NOT NULL,
    bank text NOT NULL,
    bank_code text NOT NULL,
    credit_code text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    proposed_by_id uuid NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    refusal text,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT payee_changes_pkey PRIMARY KEY (id),
    CONSTRAINT payee_changes_state CHECK (state IN ('proposed', 'confirmed', 'refused')),
    CONSTRAINT payee_changes_kind
        CHECK (kind IN ('managing_organisation', 'public_institution', 'enterprise', 'social_organisation')),
    CONSTRAINT payee_changes_bank_code CHECK (bank_code ~ '^[0-9]{12}$'),
    CONSTRAINT payee_changes_decided CHECK ((state = 'proposed') = (decided_by_id IS NULL)),
    CONSTRAINT payee_changes_two_persons CHECK (state <> 'confirmed' OR decided_by_id <> proposed_by_id),
    CONSTRAINT payee_changes_refusal CHECK ((state = 'refused') = (refusal IS NOT NULL)),
    CONSTRAINT payee_changes_site_id_fkey FOREIGN KEY(site_id) REFERENCES sites (id)
);
CREATE UNIQUE INDEX payee_changes_open_key ON payee_changes (site_id) WHERE state = 'proposed';
CREATE INDEX payee_changes_site_idx ON payee_changes (site_id, proposed_at, id);

CREATE TABLE payee_account_views (
    id bigint GENERATED ALWAYS AS IDENTITY,
    payee_id uuid NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT payee_account_views_pkey PRIMARY KEY (id),
    CONSTRAINT payee_account_views_payee_id_fkey FOREIGN KEY(payee_id) REFERENCES payees (id)
);

CREATE TABLE file_layouts (
    id uuid NOT NULL,
    fund_id uuid NOT NULL,
    purpose text NOT NULL,
    version integer NOT NULL,
    columns jsonb NOT NULL,
    encoding text NOT NULL,
    date_format text NOT NULL,
    amount_unit text NOT NULL,
    set_by_id uuid NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT file_layouts_pkey PRIMARY KEY (id),
    CONSTRAINT file_layouts_fund_id_purpose_version_key UNIQUE (fund_id, purpose, version),
    CONSTRAINT file_layouts_purpose CHECK (purpose IN ('payment', 'statement')),
    CONSTRAINT file_layouts_encoding CHECK (encoding IN ('utf-8', 'gb18030')),
    CONSTRAINT file_layouts_date_format
        CHECK (date_format IN ('YYYY-MM-DD', 'YYYYMMDD', 'YYYY/MM/DD', 'YYYY年MM月DD日')),
    CONSTRAINT file_layouts_amount_unit CHECK (amount_unit IN ('yuan', 'fen')),
    CONSTRAINT file_layouts_columns
        CHECK (jsonb_typeof(columns) = 'array' AND jsonb_array_length(columns) BETWEEN 1 AND 30),
    CONSTRAINT file_layouts_fund_id_fkey FOREIGN KEY(fund_id) REFERENCES funds (id)
);

CREATE TABLE objections (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    line_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    reason text NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    on_paper_from text,
    made_at timestamptz NOT NULL,
    state text NOT NULL,
    decision_reason text,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    CONSTRAINT objections_pkey PRIMARY KEY (id),
    CONSTRAINT objections_state CHECK (state IN ('open', 'upheld', 'dismissed')),
    CONSTRAINT objections_decided CHECK ((state = 'open') = (decided_by_id IS NULL)),
    CONSTRAINT objections_decision_reason CHECK ((decided_by_id IS NULL) = (decision_reason IS NULL)),
    CONSTRAINT objections_two_persons CHECK (decided_by_id <> by_id),
    CONSTRAINT objections_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES batches (id),
    CONSTRAINT objections_line_id_fkey FOREIGN KEY(line_id) REFERENCES batch_lines (id),
    CONSTRAINT objections_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id)
);
CREATE INDEX objections_batch_idx ON objections (batch_id, made_at);
CREATE INDEX objections_open_idx ON objections (claim_id) WHERE state = 'open';
CREATE UNIQUE INDEX objections_open_key ON objections (line_id, by_id, on_paper_from) NULLS NOT DISTINCT
    WHERE state = 'open';

CREATE TABLE overpayments (
    id uuid NOT NULL,
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    claim_id uuid NOT NULL,
    site_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    reserved_fen bigint DEFAULT 0 NOT NULL,
    recovered_fen bigint DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    reported_by_id uuid NOT NULL,
    reported_by text NOT NULL,
    reported_at timestamptz NOT NULL,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    refusal text,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT overpayments_pkey PRIMARY KEY (id),
    CONSTRAINT overpayments_state CHECK (state IN ('proposed', 'open', 'recovered', 'refused')),
    CONSTRAINT overpayments_amounts
        CHECK (amount_fen > 0 AND reserved_fen >= 0 AND recovered_fen >= 0
            AND reserved_fen + recovered_fen <= amount_fen),
    CONSTRAINT overpayments_open_alone_recovers
        CHECK ((state IN ('open', 'recovered')) OR reserved_fen + recovered_fen = 0),
    CONSTRAINT overpayments_recovered CHECK ((state = 'recovered') = (recovered_fen = amount_fen)),
    CONSTRAINT overpayments_decided CHECK ((state = 'proposed') = (decided_by_id IS NULL)),
    CONSTRAINT overpayments_two_persons CHECK (state = 'refused' OR decided_by_id <> reported_by_id),
    CONSTRAINT overpayments_fund_id_fkey FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT overpayments_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT overpayments_site_id_fkey FOREIGN KEY(site_id) REFERENCES sites (id)
);
CREATE INDEX overpayments_claim_idx ON overpayments (claim_id);
CREATE INDEX overpayments_newest_idx ON overpayments (reported_at, id);
CREATE INDEX overpayments_open_idx ON overpayments (fund_id, site_id) WHERE state = 'open';

CREATE TABLE line_offsets (
    line_id uuid NOT NULL,
    overpayment_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT line_offsets_pkey PRIMARY KEY (line_id, overpayment_id),
    CONSTRAINT line_offsets_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT line_offsets_line_id_fkey FOREIGN KEY(line_id) REFERENCES batch_lines (id),
    CONSTRAINT line_offsets_overpayment_id_fkey FOREIGN KEY(overpayment_id) REFERENCES overpayments (id)
);

CREATE TABLE repayments (
    id uuid NOT NULL,
    overpayment_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    reference text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT repayments_pkey PRIMARY KEY (id),
    CONSTRAINT repayments_overpayment_id_reference_key UNIQUE (overpayment_id, reference),
    CONSTRAINT repayments_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT repayments_overpayment_id_fkey FOREIGN KEY(overpayment_id) REFERENCES overpayments (id)
);

CREATE TABLE bank_statements (
    id uuid NOT NULL,
    fund_id uuid NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    opening_fen bigint NOT NULL,
    closing_fen bigint NOT NULL,
    imported_by_id uuid NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    CONSTRAINT bank_statements_pkey PRIMARY KEY (id),
    CONSTRAINT bank_statements_fund_id_sha256_key UNIQUE (fund_id, sha256),
    CONSTRAINT bank_statements_days CHECK (first_on <= last_on),
    CONSTRAINT bank_statements_one_a_day
        EXCLUDE USING gist (fund_id WITH =, daterange(first_on, last_on, '[]') WITH &&),
    CONSTRAINT bank_statements_fund_id_fkey FOREIGN KEY(fund_id) REFERENCES funds (id)
);

CREATE TABLE bank_statement_lines (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    number integer NOT NULL,
    booked_on date NOT NULL,
    amount_fen bigint NOT NULL,
    reference text,
    end_to_end_id text,
    counterparty text,
    note text,
    CONSTRAINT bank_statement_lines_pkey PRIMARY KEY (id),
    CONSTRAINT bank_statement_lines_statement_id_number_key UNIQUE (statement_id, number),
    CONSTRAINT bank_statement_lines_amount_fen CHECK (amount_fen <> 0),
    CONSTRAINT bank_statement_lines_statement_id_fkey FOREIGN KEY(statement_id) REFERENCES bank_statements (id)
);

CREATE TABLE bank_matches (
    movement text NOT NULL,
    bank_line_id uuid NOT NULL,
    how text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT bank_matches_pkey PRIMARY KEY (movement),
    CONSTRAINT bank_matches_how CHECK (how IN ('end_to_end_id', 'batch', 'reference', 'amount_and_day')),
    CONSTRAINT bank_matches_bank_line_id_fkey FOREIGN KEY(bank_line_id) REFERENCES bank_statement_lines (id)
);
CREATE INDEX bank_matches_line_idx ON bank_matches (bank_line_id);

CREATE TABLE bank_differences (
    id uuid NOT NULL,
    fund_id uuid NOT NULL,
    statement_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    day date NOT NULL,
    amount_fen bigint NOT NULL,
    what text NOT NULL,
    state text NOT NULL,
    found_at timestamptz NOT NULL,
    explanation text,
    explained_by_id uuid,
    explained_by text,
    explained_at timestamptz,
    closing_note text,
    closed_by_id uuid,
    closed_by text,
    closed_at timestamptz,
    CONSTRAINT bank_differences_pkey PRIMARY KEY (id),
    CONSTRAINT bank_differences_fund_id_kind_subject_key UNIQUE (fund_id, kind, subject),
    CONSTRAINT bank_differences_kind
        CHECK (kind IN ('not_on_statement', 'not_in_ledger', 'amount_differs', 'opening_balance',
            'closing_balance')),
    CONSTRAINT bank_differences_state CHECK (state IN ('open', 'explained', 'closed', 'resolved')),
    CONSTRAINT bank_differences_amount_fen CHECK (amount_fen <> 0),
    CONSTRAINT bank_differences_two_persons CHECK (state <> 'closed' OR closed_by_id <> explained_by_id),
    CONSTRAINT bank_differences_closed
        CHECK (state <> 'closed' OR (closed_by_id IS NOT NULL AND explained_by_id IS NOT NULL)),
    CONSTRAINT bank_differences_explained CHECK (state <> 'explained' OR explained_by_id IS NOT NULL),
    CONSTRAINT bank_differences_fund_id_fkey FOREIGN KEY(fund_id) REFERENCES funds (id),
    CONSTRAINT bank_differences_statement_id_fkey FOREIGN KEY(statement_id) REFERENCES bank_statements (id)
);
INSERT INTO settlement_rules VALUES
    ('2020-01-01', 3, 10000000,
     '默认规则：收款账户变更后停付 3 天；单批超过 10 万元须经集体研究（待区财政局发文替换）');
"""

BATCHES = """
ALTER TABLE payees
    ADD COLUMN kind text NOT NULL DEFAULT 'managing_organisation',
    ADD COLUMN held_until timestamptz,
    ADD COLUMN proposed_by text,
    ADD COLUMN confirmed_by text,
    ADD CONSTRAINT payees_kind CHECK (kind IN
        ('managing_organisation', 'public_institution', 'enterprise', 'social_organisation')),
    ADD CONSTRAINT payees_bank_code CHECK (bank_code ~ '^[0-9]{12}$');

ALTER TABLE batches
    ADD COLUMN offset_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN left_out jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN separate_payer boolean NOT NULL DEFAULT false,
    ADD COLUMN publicity_days integer NOT NULL DEFAULT 0,
    ADD COLUMN published_at timestamptz,
    ADD COLUMN public_until date,
    ADD COLUMN minutes_number text,
    ADD COLUMN layout_id uuid CONSTRAINT batches_layout_id_fkey REFERENCES file_layouts (id),
    ADD COLUMN handed_by_id uuid,
    ADD COLUMN handed_by text,
    ADD COLUMN handed_at timestamptz,
    ADD COLUMN file_sha256 text,
    DROP CONSTRAINT batches_state,
    DROP CONSTRAINT batches_totals,
    DROP CONSTRAINT batches_approved_has_person,
    ADD CONSTRAINT batches_state CHECK (state IN
        ('prepared', 'published', 'approved', 'paying', 'rejected', 'settled', 'partly_settled')),
    ADD CONSTRAINT batches_totals CHECK (count > 0 AND total_fen > 0 AND offset_fen BETWEEN 0 AND total_fen),
    ADD CONSTRAINT batches_three_persons CHECK (handed_by_id <> prepared_by_id AND handed_by_id <> approved_by_id),
    ADD CONSTRAINT batches_approved_has_person CHECK
        ((state IN ('approved', 'paying', 'settled', 'partly_settled'))
         = (approved_by_id IS NOT NULL AND approved_by IS NOT NULL AND approved_at IS NOT NULL)),
    ADD CONSTRAINT batches_handed_over CHECK
        ((handed_by_id IS NULL) = (handed_at IS NULL) AND (handed_by_id IS NULL) = (file_sha256 IS NULL)
         AND (state <> 'paying' OR handed_by_id IS NOT NULL)),
    ADD CONSTRAINT batches_published CHECK
        ((published_at IS NULL) = (public_until IS NULL) AND (state <> 'published' OR published_at IS NOT NULL));
CREATE INDEX batches_published_idx ON batches (published_at, id) WHERE published_at IS NOT NULL;
ALTER TABLE batch_history DROP CONSTRAINT batch_history_state;
ALTER TABLE batch_history ADD CONSTRAINT batch_history_state CHECK (state IN
    ('prepared', 'published', 'approved', 'paying', 'rejected', 'settled', 'partly_settled'));

ALTER TABLE batch_lines
    ADD COLUMN offset_fen bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT batch_lines_offset_fen CHECK (offset_fen BETWEEN 0 AND amount_fen);
ALTER TABLE bank_result_files ADD COLUMN pending integer NOT NULL DEFAULT 0;
"""

GUARDS = """
CREATE CONSTRAINT TRIGGER batches_totals_agree AFTER INSERT OR UPDATE ON batches
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION batch_totals_agree();
CREATE TRIGGER batch_lines_keep_amounts BEFORE UPDATE ON batch_lines
    FOR EACH ROW EXECUTE FUNCTION keep_line_amounts();
"""


def upgrade() -> None:
    for statements in (FUNDS, BESIDE, BATCHES):
        run_sql(statements)
    for name in ("batch_totals_agree", "reopen_encumbrance", "move_overpayment"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    run_sql(GUARDS)
    forbid_changes("payee_account_views", "file_layouts", "line_offsets", "repayments", "bank_statement_lines")
