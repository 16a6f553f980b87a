"""Numbers of claims and settings of funds are entered from a day on, never changed; a year keeps back for appeals."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261127_0700"
down_revision = "20261127_0600"

RULES = """
ALTER TABLE claim_rules
    DROP CONSTRAINT claim_rules_pkey,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT claim_rules_pkey PRIMARY KEY,
    ADD COLUMN set_by_id uuid,
    ADD COLUMN set_by text,
    ADD COLUMN set_at timestamptz,
    ADD CONSTRAINT claim_rules_set
        CHECK ((set_at IS NULL) = (set_by_id IS NULL) AND (set_at IS NULL) = (set_by IS NULL)),
    ADD CONSTRAINT claim_rules_ahead CHECK (active_from > (set_at AT TIME ZONE 'Asia/Shanghai')::date);

ALTER TABLE anomaly_rules
    DROP CONSTRAINT anomaly_rules_pkey,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT anomaly_rules_pkey PRIMARY KEY,
    ADD COLUMN set_by_id uuid,
    ADD COLUMN set_by text,
    ADD COLUMN set_at timestamptz,
    ADD CONSTRAINT anomaly_rules_set
        CHECK ((set_at IS NULL) = (set_by_id IS NULL) AND (set_at IS NULL) = (set_by IS NULL)),
    ADD CONSTRAINT anomaly_rules_ahead CHECK (active_from > (set_at AT TIME ZONE 'Asia/Shanghai')::date);
"""

FUNDS = """
CREATE TABLE fund_settings (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT fund_settings_pkey PRIMARY KEY,
    fund_id uuid NOT NULL CONSTRAINT fund_settings_fund_id_fkey REFERENCES funds (id),
    active_from date NOT NULL,
    separate_payer boolean NOT NULL,
    publicity_days integer NOT NULL,
    citation text NOT NULL,
    set_by_id uuid,
    set_by text,
    set_at timestamptz,
    CONSTRAINT fund_settings_publicity_days CHECK (publicity_days BETWEEN 0 AND 60),
    CONSTRAINT fund_settings_set
        CHECK ((set_at IS NULL) = (set_by_id IS NULL) AND (set_at IS NULL) = (set_by IS NULL)),
    CONSTRAINT fund_settings_ahead CHECK (active_from > (set_at AT TIME ZONE 'Asia/Shanghai')::date)
);
CREATE INDEX fund_settings_fund_idx ON fund_settings (fund_id, active_from, id);
INSERT INTO fund_settings (fund_id, active_from, separate_payer, publicity_days, citation)
SELECT id, '2000-01-01', separate_payer, publicity_days, '设立经费时的设置' FROM funds;
ALTER TABLE funds DROP COLUMN separate_payer, DROP COLUMN publicity_days;
"""

APPEALS = """
ALTER TABLE year_ends ADD COLUMN kept_fen bigint NOT NULL DEFAULT 0
    CONSTRAINT year_ends_kept_fen CHECK (kept_fen >= 0);
"""


def upgrade() -> None:
    run_sql(RULES)
    run_sql(FUNDS)
    run_sql(APPEALS)
    for name in (
        "kept_for_appeals",
        "end_year",
        "funding_of",
        "place_order",
        "raise_encumbrance",
        "restore_encumbrance",
        "restore_order",
    ):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("claim_rules", "anomaly_rules", "fund_settings"))
