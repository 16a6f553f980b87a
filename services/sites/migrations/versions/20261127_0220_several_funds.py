"""Several funds bear a visit, by shares and in a sequence (S10)."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0220"
down_revision = "20261127_0200"

RULES = """
CREATE TABLE funding_rules (
    id uuid CONSTRAINT funding_rules_pkey PRIMARY KEY,
    path text NOT NULL,
    active_from date NOT NULL,
    citation text NOT NULL,
    state text NOT NULL CONSTRAINT funding_rules_state CHECK (state IN ('proposed', 'adopted', 'withdrawn')),
    proposed_by_id uuid NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    CONSTRAINT funding_rules_decided CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT funding_rules_two_persons CHECK (state <> 'adopted' OR decided_by_id <> proposed_by_id)
);
CREATE UNIQUE INDEX funding_rules_day_key ON funding_rules (path, active_from) WHERE state <> 'withdrawn';

CREATE TABLE funding_shares (
    rule_id uuid NOT NULL CONSTRAINT funding_shares_rule_id_fkey REFERENCES funding_rules (id),
    position integer NOT NULL,
    fund_id uuid NOT NULL CONSTRAINT funding_shares_fund_id_fkey REFERENCES funds (id),
    percent integer NOT NULL CONSTRAINT funding_shares_percent CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT funding_shares_pkey PRIMARY KEY (rule_id, position),
    CONSTRAINT funding_shares_rule_id_fund_id_key UNIQUE (rule_id, fund_id)
);

CREATE TABLE contributions (
    order_id uuid NOT NULL,
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT contributions_amount_fen CHECK (amount_fen > 0),
    posted_fen bigint CONSTRAINT contributions_posted_fen CHECK (posted_fen BETWEEN 0 AND amount_fen),
    state text NOT NULL CONSTRAINT contributions_state CHECK (state IN ('pending', 'posted', 'voided')),
    CONSTRAINT contributions_pkey PRIMARY KEY (order_id, fund_id),
    CONSTRAINT contributions_posted_has_amount CHECK ((state = 'posted') = (posted_fen IS NOT NULL))
);
CREATE INDEX contributions_fund_idx ON contributions (fund_id, year) WHERE state <> 'voided';

CREATE TABLE fund_transfers (
    id uuid CONSTRAINT fund_transfers_pkey PRIMARY KEY,
    from_fund_id uuid NOT NULL CONSTRAINT fund_transfers_from_fund_id_fkey REFERENCES funds (id),
    to_fund_id uuid NOT NULL CONSTRAINT fund_transfers_to_fund_id_fkey REFERENCES funds (id),
    year integer NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT fund_transfers_amount_fen CHECK (amount_fen > 0),
    document_number text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT fund_transfers_from_fund_id_document_number_key UNIQUE (from_fund_id, document_number),
    CONSTRAINT fund_transfers_two_funds CHECK (from_fund_id <> to_fund_id)
);

ALTER TABLE fund_years
    ADD COLUMN received_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN contributed_fen bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT fund_years_balanced,
    DROP CONSTRAINT fund_years_not_negative,
    ADD CONSTRAINT fund_years_balanced CHECK (appropriated_fen + received_fen
        = available_fen + encumbered_fen + payable_fen + paid_fen + contributed_fen),
    ADD CONSTRAINT fund_years_not_negative CHECK (
        available_fen >= 0 AND encumbered_fen >= 0 AND payable_fen >= 0 AND paid_fen >= 0
        AND received_fen >= 0 AND contributed_fen >= 0);

-- A place may have several: its own, and one of dues.
ALTER TABLE funds DROP CONSTRAINT funds_path_key;

ALTER TABLE ledger_entries
    DROP CONSTRAINT ledger_entries_reason,
    ADD CONSTRAINT ledger_entries_reason CHECK (reason IN (REASONS));

-- With arguments of their own they would stand beside the new ones.
DROP FUNCTION place_order;
DROP FUNCTION amend_encumbrance;
DROP FUNCTION order_facts;
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
    "claim_approved",
    "claim_remainder",
    "claim_restored",
    "appeal_granted",
    "contribution",
    "payment",
)
FUNCTIONS = (
    "lock_funds_of",
    "contribute",
    "release_contributions",
    "restore_contributions",
    "post_contributions",
    "funding_of",
    "paying_fund",
    "contributed_before",
    "order_facts",
    "place_order",
    "release_encumbrance",
    "post_encumbrance",
    "amend_encumbrance",
    "restore_order",
)


def upgrade() -> None:
    run_sql(RULES.replace("REASONS", ", ".join(f"'{reason}'" for reason in REASONS)))
    for name in FUNCTIONS:
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("fund_transfers",))
