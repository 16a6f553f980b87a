"""Dues: rates, bases, what is owed each month, payments with receipts, the months of each branch."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0530"
down_revision = "20261127_0520"

TABLES = """
CREATE TABLE dues_tables (
    id integer GENERATED ALWAYS AS IDENTITY,
    active_from date NOT NULL,
    citation text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by_id uuid,
    set_by text,
    CONSTRAINT dues_tables_pkey PRIMARY KEY (id),
    CONSTRAINT dues_tables_active_from_first CHECK (extract(day FROM active_from) = 1)
);
CREATE INDEX dues_tables_active_from_id_idx ON dues_tables (active_from, id);

CREATE TABLE dues_bases (
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    amount_fen bigint NOT NULL,
    active_from date NOT NULL,
    ground text,
    entered_at timestamptz NOT NULL,
    entered_by_id uuid,
    entered_by text,
    CONSTRAINT dues_bases_pkey PRIMARY KEY (id),
    CONSTRAINT dues_bases_kind CHECK (kind IN ('wage', 'pension', 'farmer', 'minimum')),
    CONSTRAINT dues_bases_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT dues_bases_active_from_first CHECK (extract(day FROM active_from) = 1),
    CONSTRAINT dues_bases_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX dues_bases_person_id_active_from_id_idx ON dues_bases (person_id, active_from, id);

CREATE TABLE dues_books (
    branch_id uuid NOT NULL,
    cash_fen bigint NOT NULL DEFAULT 0,
    open_from date,
    assessed_until date,
    CONSTRAINT dues_books_pkey PRIMARY KEY (branch_id),
    CONSTRAINT dues_books_cash_fen CHECK (cash_fen >= 0),
    CONSTRAINT dues_books_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);
CREATE INDEX dues_books_assessed_until_idx ON dues_books (assessed_until);

CREATE TABLE dues_hand_ups (
    id bigint GENERATED ALWAYS AS IDENTITY,
    branch_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    handed_on date NOT NULL,
    document_number text NOT NULL,
    recorded_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT dues_hand_ups_pkey PRIMARY KEY (id),
    CONSTRAINT dues_hand_ups_branch_id_document_number_key UNIQUE (branch_id, document_number),
    CONSTRAINT dues_hand_ups_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT dues_hand_ups_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);
CREATE INDEX dues_hand_ups_branch_id_handed_on_idx ON dues_hand_ups (branch_id, handed_on);

CREATE TABLE dues_notes (
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id uuid NOT NULL,
    branch_id uuid NOT NULL,
    has_reason boolean NOT NULL,
    note text NOT NULL,
    noted_on date NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT dues_notes_pkey PRIMARY KEY (id),
    CONSTRAINT dues_notes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT dues_notes_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);
CREATE INDEX dues_notes_person_id_id_idx ON dues_notes (person_id, id);

CREATE TABLE dues_rates (
    table_id integer NOT NULL,
    kind text NOT NULL,
    above_fen bigint NOT NULL,
    rate_bp integer,
    least_fen bigint,
    most_fen bigint,
    CONSTRAINT dues_rates_pkey PRIMARY KEY (table_id, kind, above_fen),
    CONSTRAINT dues_rates_kind CHECK (kind IN ('wage', 'pension', 'farmer', 'minimum')),
    CONSTRAINT dues_rates_numbers CHECK (above_fen >= 0 AND rate_bp BETWEEN 0 AND 1000 AND least_fen >= 0),
    CONSTRAINT dues_rates_rate_or_amount CHECK ((rate_bp IS NULL) = (least_fen IS NOT NULL)
        AND (least_fen IS NULL) = (most_fen IS NULL) AND (most_fen IS NULL OR most_fen >= least_fen)),
    CONSTRAINT dues_rates_table_id_fkey FOREIGN KEY (table_id) REFERENCES dues_tables (id)
);

CREATE TABLE dues_receipts (
    id uuid NOT NULL,
    branch_id uuid NOT NULL,
    year integer NOT NULL,
    number integer NOT NULL,
    person_id uuid NOT NULL,
    method text NOT NULL,
    paid_on date NOT NULL,
    issued_on date NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by_id uuid,
    issued_by text NOT NULL,
    CONSTRAINT dues_receipts_pkey PRIMARY KEY (id),
    CONSTRAINT dues_receipts_branch_id_year_number_key UNIQUE (branch_id, year, number),
    CONSTRAINT dues_receipts_method CHECK (method IN ('cash', 'transfer', 'online')),
    CONSTRAINT dues_receipts_number CHECK (number >= 1 AND year BETWEEN 2000 AND 2199),
    CONSTRAINT dues_receipts_days CHECK (paid_on <= issued_on),
    CONSTRAINT dues_receipts_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id),
    CONSTRAINT dues_receipts_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX dues_receipts_person_id_issued_on_idx ON dues_receipts (person_id, issued_on);

CREATE TABLE dues_reliefs (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    branch_id uuid NOT NULL,
    reduced_to_fen bigint NOT NULL,
    active_from date NOT NULL,
    active_until date NOT NULL,
    decided_on date NOT NULL,
    document_number text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by_id uuid NOT NULL,
    recorded_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    ended_because text,
    CONSTRAINT dues_reliefs_pkey PRIMARY KEY (id),
    CONSTRAINT dues_reliefs_reduced_to_fen CHECK (reduced_to_fen >= 0),
    CONSTRAINT dues_reliefs_months CHECK (active_until >= active_from),
    CONSTRAINT dues_reliefs_active_from_first CHECK (extract(day FROM active_from) = 1),
    CONSTRAINT dues_reliefs_active_until_first CHECK (extract(day FROM active_until) = 1),
    CONSTRAINT dues_reliefs_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL)
        AND (ended_at IS NULL) = (ended_because IS NULL)),
    CONSTRAINT dues_reliefs_once EXCLUDE USING gist (person_id WITH =, daterange(active_from, active_until) WITH &&),
    CONSTRAINT dues_reliefs_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT dues_reliefs_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);

CREATE TABLE dues_reminders (
    person_id uuid NOT NULL,
    reminded_on date NOT NULL,
    branch_id uuid NOT NULL,
    months integer NOT NULL,
    amount_fen bigint NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT dues_reminders_pkey PRIMARY KEY (person_id, reminded_on),
    CONSTRAINT dues_reminders_amounts CHECK (months > 0 AND amount_fen > 0),
    CONSTRAINT dues_reminders_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT dues_reminders_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);

CREATE TABLE dues_confirmations (
    person_id uuid NOT NULL,
    year integer NOT NULL,
    base_id bigint NOT NULL,
    confirmed_at timestamptz NOT NULL,
    confirmed_by_id uuid NOT NULL,
    confirmed_by text NOT NULL,
    CONSTRAINT dues_confirmations_pkey PRIMARY KEY (person_id, year),
    CONSTRAINT dues_confirmations_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT dues_confirmations_base_id_fkey FOREIGN KEY (base_id) REFERENCES dues_bases (id)
);

CREATE TABLE dues_months (
    branch_id uuid NOT NULL,
    month date NOT NULL,
    members integer NOT NULL,
    settled integer NOT NULL,
    due_fen bigint NOT NULL,
    paid_fen bigint NOT NULL,
    CONSTRAINT dues_months_pkey PRIMARY KEY (branch_id, month),
    CONSTRAINT dues_months_counts CHECK (settled BETWEEN 0 AND members AND paid_fen BETWEEN 0 AND due_fen
        AND (settled < members OR paid_fen = due_fen)),
    CONSTRAINT dues_months_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES dues_books (branch_id)
);
CREATE INDEX dues_months_unpaid_idx ON dues_months (branch_id, month) WHERE paid_fen < due_fen;

CREATE TABLE dues_obligations (
    person_id uuid NOT NULL,
    month date NOT NULL,
    branch_id uuid NOT NULL,
    base_id bigint NOT NULL,
    table_id integer NOT NULL,
    relief_id uuid,
    assessed_fen bigint NOT NULL,
    due_fen bigint NOT NULL,
    payment_id bigint,
    assessed_at timestamptz NOT NULL,
    CONSTRAINT dues_obligations_pkey PRIMARY KEY (person_id, month),
    CONSTRAINT dues_obligations_payment_id_key UNIQUE (payment_id),
    CONSTRAINT dues_obligations_amounts CHECK (assessed_fen >= 0 AND due_fen >= 0),
    CONSTRAINT dues_obligations_month_first CHECK (extract(day FROM month) = 1),
    CONSTRAINT dues_obligations_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT dues_obligations_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id),
    CONSTRAINT dues_obligations_base_id_fkey FOREIGN KEY (base_id) REFERENCES dues_bases (id),
    CONSTRAINT dues_obligations_table_id_fkey FOREIGN KEY (table_id) REFERENCES dues_tables (id),
    CONSTRAINT dues_obligations_relief_id_fkey FOREIGN KEY (relief_id) REFERENCES dues_reliefs (id)
);
CREATE INDEX dues_obligations_branch_id_month_idx ON dues_obligations (branch_id, month);
CREATE INDEX dues_obligations_unpaid_idx ON dues_obligations (branch_id, month) WHERE payment_id IS NULL
    AND due_fen > 0;

CREATE TABLE dues_statements (
    branch_id uuid NOT NULL,
    month date NOT NULL,
    brought_forward_fen bigint NOT NULL,
    due_fen bigint NOT NULL,
    corrected_fen bigint NOT NULL,
    received_fen bigint NOT NULL,
    arrears_fen bigint NOT NULL,
    advance_fen bigint NOT NULL,
    handed_up_fen bigint NOT NULL,
    cash_fen bigint NOT NULL,
    members_due integer NOT NULL,
    members_paid integer NOT NULL,
    members_in_arrears integer NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by_id uuid,
    closed_by text NOT NULL,
    CONSTRAINT dues_statements_pkey PRIMARY KEY (branch_id, month),
    CONSTRAINT dues_statements_adds_up
        CHECK (brought_forward_fen + due_fen + corrected_fen - received_fen = arrears_fen - advance_fen),
    CONSTRAINT dues_statements_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES dues_books (branch_id)
);

CREATE TABLE dues_corrections (
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id uuid NOT NULL,
    month date NOT NULL,
    branch_id uuid NOT NULL,
    from_fen bigint NOT NULL,
    to_fen bigint NOT NULL,
    reason text NOT NULL,
    corrected_on date NOT NULL,
    corrected_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT dues_corrections_pkey PRIMARY KEY (id),
    CONSTRAINT dues_corrections_person_id_fkey FOREIGN KEY (person_id, month)
        REFERENCES dues_obligations (person_id, month),
    CONSTRAINT dues_corrections_amounts CHECK (from_fen >= 0 AND to_fen >= 0 AND from_fen <> to_fen),
    CONSTRAINT dues_corrections_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id)
);
CREATE INDEX dues_corrections_branch_id_corrected_on_idx ON dues_corrections (branch_id, corrected_on);
CREATE INDEX dues_corrections_person_id_id_idx ON dues_corrections (person_id, id);

CREATE TABLE dues_payments (
    id bigint GENERATED ALWAYS AS IDENTITY,
    receipt_id uuid NOT NULL,
    person_id uuid NOT NULL,
    month date NOT NULL,
    branch_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    paid_on date NOT NULL,
    reverses bigint,
    reason text,
    recorded_at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    CONSTRAINT dues_payments_pkey PRIMARY KEY (id),
    CONSTRAINT dues_payments_reverses_key UNIQUE (reverses),
    CONSTRAINT dues_payments_person_id_fkey FOREIGN KEY (person_id, month)
        REFERENCES dues_obligations (person_id, month),
    CONSTRAINT dues_payments_amount_fen CHECK ((reverses IS NULL) = (amount_fen > 0) AND amount_fen <> 0
        AND (reverses IS NULL) = (reason IS NULL)),
    CONSTRAINT dues_payments_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES dues_receipts (id),
    CONSTRAINT dues_payments_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES organisations (id),
    CONSTRAINT dues_payments_reverses_fkey FOREIGN KEY (reverses) REFERENCES dues_payments (id)
);
CREATE INDEX dues_payments_branch_id_paid_on_idx ON dues_payments (branch_id, paid_on);
CREATE INDEX dues_payments_person_id_month_idx ON dues_payments (person_id, month);
CREATE INDEX dues_payments_receipt_id_idx ON dues_payments (receipt_id);
"""

VIEWS = """
ALTER TABLE personal_views DROP CONSTRAINT personal_views_fields;
ALTER TABLE personal_views ADD CONSTRAINT personal_views_fields
    CHECK (fields <@ ARRAY['identity_number', 'phone', 'dues_base'] AND fields <> '{}');
"""

# 《关于中国共产党党费收缴、使用和管理的规定》: the rate of the band is due of the whole amount.
RATES = """
INSERT INTO dues_tables (active_from, citation, set_at)
VALUES ('2008-04-01', '《关于中国共产党党费收缴、使用和管理的规定》（中组发〔2008〕3号）', now());
INSERT INTO dues_rates (table_id, kind, above_fen, rate_bp, least_fen, most_fen)
SELECT t.id, r.* FROM dues_tables t, (VALUES
    ('wage', 0, 50, NULL::bigint, NULL::bigint), ('wage', 300000, 100, NULL, NULL), ('wage', 500000, 150, NULL, NULL),
    ('wage', 1000000, 200, NULL, NULL), ('pension', 0, 50, NULL, NULL), ('pension', 500000, 100, NULL, NULL),
    ('farmer', 0, NULL, 20, 100), ('minimum', 0, NULL, 20, 20)
) r;
"""

TRIGGERS = """
CREATE TRIGGER dues_obligations_add AFTER INSERT ON dues_obligations
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION add_dues_obligations();
CREATE TRIGGER dues_obligations_change AFTER UPDATE ON dues_obligations
    REFERENCING OLD TABLE AS gone NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION change_dues_obligations();
CREATE TRIGGER dues_payments_enter AFTER INSERT ON dues_payments
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION enter_dues_payments();
CREATE TRIGGER dues_corrections_enter AFTER INSERT ON dues_corrections
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION enter_dues_corrections();
CREATE TRIGGER dues_hand_ups_enter AFTER INSERT ON dues_hand_ups
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION enter_dues_hand_ups();
"""

APPEND_ONLY = (
    "dues_tables",
    "dues_rates",
    "dues_bases",
    "dues_confirmations",
    "dues_corrections",
    "dues_receipts",
    "dues_payments",
    "dues_hand_ups",
    "dues_statements",
    "dues_reminders",
    "dues_notes",
)


def upgrade() -> None:
    """Make the tables, the national rates, and the triggers that keep the balances."""
    run_sql(TABLES)
    run_sql(VIEWS)
    run_sql(RATES)
    run_sql(resources.files("roster").joinpath("sql/dues.sql").read_text())
    run_sql(TRIGGERS)
    forbid_changes(*APPEND_ONLY)
