"""A year ends with carry-over or return, budgets are compared with fiscal growth, vouchers have a layout (S10)."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0600"
down_revision = "20261127_0500"

YEAR_ENDS = """
ALTER TABLE fund_years
    ADD COLUMN brought_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN carried_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN returned_fen bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT fund_years_balanced,
    DROP CONSTRAINT fund_years_not_negative,
    ADD CONSTRAINT fund_years_balanced CHECK (appropriated_fen + received_fen + brought_fen
        = available_fen + encumbered_fen + payable_fen + paid_fen + receivable_fen + contributed_fen + carried_fen
            + returned_fen),
    ADD CONSTRAINT fund_years_not_negative CHECK (
        available_fen >= 0 AND encumbered_fen >= 0 AND payable_fen >= 0 AND paid_fen >= 0
        AND received_fen >= 0 AND contributed_fen >= 0 AND receivable_fen >= 0 AND brought_fen >= 0
        AND carried_fen >= 0 AND returned_fen >= 0);

CREATE TABLE year_ends (
    id uuid CONSTRAINT year_ends_pkey PRIMARY KEY,
    fund_id uuid NOT NULL CONSTRAINT year_ends_fund_id_fkey REFERENCES funds (id),
    year integer NOT NULL,
    use text NOT NULL CONSTRAINT year_ends_use CHECK (use IN ('carry_over', 'give_back')),
    amount_fen bigint NOT NULL CONSTRAINT year_ends_amount_fen CHECK (amount_fen > 0),
    document_number text NOT NULL,
    state text NOT NULL CONSTRAINT year_ends_state CHECK (state IN ('proposed', 'done', 'withdrawn')),
    checklist jsonb NOT NULL,
    proposed_at timestamptz NOT NULL,
    proposed_by_id uuid NOT NULL,
    proposed_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    CONSTRAINT year_ends_decided CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT year_ends_two_persons CHECK (state <> 'done' OR decided_by_id <> proposed_by_id)
);
CREATE UNIQUE INDEX year_ends_open_key ON year_ends (fund_id, year) WHERE state = 'proposed';
CREATE INDEX year_ends_fund_idx ON year_ends (fund_id, year);

ALTER TABLE ledger_entries
    DROP CONSTRAINT ledger_entries_reason,
    ADD CONSTRAINT ledger_entries_reason CHECK (reason IN (REASONS));

-- A statement goes by the day on which entries count.
DROP INDEX ledger_entries_debit_idx;
DROP INDEX ledger_entries_credit_idx;
CREATE INDEX ledger_entries_debit_idx ON ledger_entries (fund_id, debit, booked_on, sequence);
CREATE INDEX ledger_entries_credit_idx ON ledger_entries (fund_id, credit, booked_on, sequence);
"""
BUDGETS = """
CREATE TABLE fiscal_growths (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT fiscal_growths_pkey PRIMARY KEY,
    fund_id uuid NOT NULL CONSTRAINT fiscal_growths_fund_id_fkey REFERENCES funds (id),
    year integer NOT NULL,
    growth_bp integer NOT NULL CONSTRAINT fiscal_growths_growth_bp CHECK (growth_bp BETWEEN -10000 AND 100000),
    source text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX fiscal_growths_fund_idx ON fiscal_growths (fund_id, year);

CREATE TABLE voucher_layouts (
    fund_id uuid CONSTRAINT voucher_layouts_pkey PRIMARY KEY
        CONSTRAINT voucher_layouts_fund_id_fkey REFERENCES funds (id),
    columns jsonb NOT NULL,
    codes jsonb NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL
);

ALTER TABLE reports
    DROP CONSTRAINT reports_kind,
    DROP CONSTRAINT reports_format,
    ADD CONSTRAINT reports_kind CHECK (kind IN ('settlement_statement', 'budget_execution', 'publicity_list',
        'site_statement', 'branch_costs', 'claim_file', 'statistics', 'ledger_book', 'vouchers')),
    ADD CONSTRAINT reports_format CHECK (format IN ('pdf', 'xlsx', 'csv'));
"""
REASONS = (
    "appropriation",
    "reversal",
    "order_placed",
    "order_restored",
    "order_amended",
    "order_cancelled",
    "order_refused",
    "order_expired",
    "order_no_show",
    "nothing_due",
    "claim_rejected",
    "claim_lapsed",
    "claim_restored",
    "claim_approved",
    "claim_remainder",
    "appeal_granted",
    "contribution",
    "payment",
    "claim_reopened",
    "overpayment_found",
    "overpayment_offset",
    "overpayment_repaid",
    "year_end_carried",
    "year_end_brought",
    "year_end_returned",
)


def upgrade() -> None:
    run_sql(YEAR_ENDS.replace("REASONS", ", ".join(f"'{reason}'" for reason in REASONS)))
    run_sql(BUDGETS)
    for name in ("end_year", "caps_used", "keep_fund_share"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("fiscal_growths",))
