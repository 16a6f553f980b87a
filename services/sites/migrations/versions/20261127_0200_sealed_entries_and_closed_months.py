"""Entries are sealed into a chain once committed, months close, an appropriation can be reversed (S10)."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0200"
down_revision = "20261127_0100"

ENTRIES = """
ALTER TABLE ledger_entries DISABLE TRIGGER refuse_change;
ALTER TABLE ledger_entries ADD COLUMN booked_on date, ADD COLUMN reverses bigint, ADD COLUMN note text;
UPDATE ledger_entries SET booked_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE ledger_entries ENABLE TRIGGER refuse_change;
ALTER TABLE ledger_entries
    ALTER COLUMN booked_on SET NOT NULL,
    DROP CONSTRAINT ledger_entries_reason,
    ADD CONSTRAINT ledger_entries_reason CHECK (reason IN (REASONS)),
    ADD CONSTRAINT ledger_entries_reversal
        CHECK ((reason = 'reversal') = (reverses IS NOT NULL) AND (reason = 'reversal') <= (note IS NOT NULL)),
    ADD CONSTRAINT ledger_entries_reverses_fkey FOREIGN KEY (reverses) REFERENCES ledger_entries (sequence);
CREATE UNIQUE INDEX ledger_entries_reverses_key ON ledger_entries (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX ledger_entries_booked_idx ON ledger_entries (fund_id, booked_on);

-- The documents by which a fund has had money; one of a reversed entry may be entered again.
CREATE TABLE appropriation_documents (
    fund_id uuid NOT NULL,
    document_number text NOT NULL,
    sequence bigint,
    CONSTRAINT appropriation_documents_pkey PRIMARY KEY (fund_id, document_number)
);
INSERT INTO appropriation_documents
    SELECT fund_id, document_number, sequence FROM ledger_entries WHERE reason = 'appropriation';
DROP INDEX ledger_entries_document_key;
"""

CHAIN = """
CREATE TABLE ledger_unsealed (sequence bigint CONSTRAINT ledger_unsealed_pkey PRIMARY KEY);
INSERT INTO ledger_unsealed SELECT sequence FROM ledger_entries;

CREATE TABLE ledger_seals (
    fund_id uuid NOT NULL,
    number bigint NOT NULL CONSTRAINT ledger_seals_number CHECK (number > 0),
    sequence bigint NOT NULL,
    hash bytea NOT NULL CONSTRAINT ledger_seals_hash CHECK (length(hash) = 32),
    CONSTRAINT ledger_seals_pkey PRIMARY KEY (fund_id, number),
    CONSTRAINT ledger_seals_sequence_key UNIQUE (sequence)
);

-- What the sealed entries of a day add up to on each account, so that a balance is not added up from all of them.
CREATE TABLE ledger_days (
    fund_id uuid NOT NULL,
    year integer NOT NULL,
    account text NOT NULL,
    booked_on date NOT NULL,
    debits_fen bigint NOT NULL,
    credits_fen bigint NOT NULL,
    CONSTRAINT ledger_days_pkey PRIMARY KEY (fund_id, account, year, booked_on)
);

CREATE TABLE ledger_checkpoints (
    fund_id uuid NOT NULL,
    day date NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    balances jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT ledger_checkpoints_pkey PRIMARY KEY (fund_id, day)
);

CREATE TABLE ledger_closings (
    fund_id uuid CONSTRAINT ledger_closings_pkey PRIMARY KEY
        CONSTRAINT ledger_closings_fund_id_fkey REFERENCES funds (id),
    closed_until date NOT NULL
        CONSTRAINT ledger_closings_closed_until CHECK (extract(day FROM closed_until) = 1)
);

CREATE TABLE ledger_periods (
    fund_id uuid NOT NULL CONSTRAINT ledger_periods_fund_id_fkey REFERENCES funds (id),
    period text NOT NULL,
    number bigint NOT NULL,
    hash bytea,
    balances jsonb NOT NULL,
    checklist jsonb NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by_id uuid NOT NULL,
    closed_by text NOT NULL,
    CONSTRAINT ledger_periods_pkey PRIMARY KEY (fund_id, period)
);

CREATE FUNCTION ledger_month(p_fund uuid, p_on date) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended(p_fund::text || to_char(p_on::timestamp, 'YYYY-MM'), 20261127);
"""
TRIGGERS = """
CREATE TRIGGER enter_on_an_open_day BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION enter_on_an_open_day();
CREATE TRIGGER queue_for_the_seal AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION queue_for_the_seal();
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
    "payment",
)


def upgrade() -> None:
    run_sql(ENTRIES.replace("REASONS", ", ".join(f"'{reason}'" for reason in REASONS)))
    run_sql(CHAIN)
    for name in ("enter", "appropriate", "reverse_entry"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    run_sql(TRIGGERS)
    grant_rights("sites", append_only=("ledger_seals", "ledger_checkpoints", "ledger_periods"))
