"""At the door: devices and shifts, parties that come in parts, what was recorded with no network or is in doubt."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261125_2020"
down_revision = "20261125_2010"

DOOR = """
-- made ──enrol──▶ enrolled ──revoke──▶ revoked; a code that nobody used in time is as good as revoked
CREATE TABLE devices (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT devices_site_id_fkey REFERENCES sites,
    name text NOT NULL,
    code_hash bytea CONSTRAINT devices_code_hash_key UNIQUE,
    code_expires_at timestamptz NOT NULL,
    credential_hash bytea CONSTRAINT devices_credential_hash_key UNIQUE,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    enrolled_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    last_sync_at timestamptz,
    clock_offset_ms bigint,
    CONSTRAINT devices_enrolled_has_credential CHECK ((enrolled_at IS NULL) = (credential_hash IS NULL)),
    CONSTRAINT devices_code_is_used_once CHECK (code_hash IS NULL OR credential_hash IS NULL)
);
CREATE INDEX devices_site_idx ON devices (site_id, made_at);

-- Who may take over a site's shared device, with a PIN that the device can check with no network.
CREATE TABLE shift_pins (
    site_id uuid NOT NULL CONSTRAINT shift_pins_site_id_fkey REFERENCES sites,
    person_id uuid NOT NULL,
    name text NOT NULL,
    salt bytea NOT NULL,
    verifier bytea NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT shift_pins_pkey PRIMARY KEY (site_id, person_id)
);

ALTER TABLE check_ins DROP CONSTRAINT check_ins_order_id_key;
ALTER TABLE check_ins
    ADD COLUMN state text NOT NULL DEFAULT 'valid'
        CONSTRAINT check_ins_state CHECK (state IN ('valid', 'duplicate', 'flagged', 'rejected')),
    ADD COLUMN flag text
        CONSTRAINT check_ins_flag
        CHECK (flag IN ('cancelled', 'superseded', 'leaked', 'early', 'late', 'no_show')),
    ADD COLUMN is_more boolean NOT NULL DEFAULT false,
    ADD COLUMN reason text,
    ADD COLUMN way text NOT NULL DEFAULT 'code'
        CONSTRAINT check_ins_way CHECK (way IN ('code', 'token', 'list', 'self', 'walk_in')),
    ADD COLUMN was_offline boolean NOT NULL DEFAULT false,
    ADD COLUMN device_at timestamptz,
    ADD COLUMN clock_offset_ms bigint,
    ADD COLUMN revision integer,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_by_id uuid,
    ADD COLUMN decided_by text,
    ADD COLUMN decision_reason text,
    ADD CONSTRAINT check_ins_flagged_says_why CHECK (state <> 'flagged' OR flag IS NOT NULL),
    ADD CONSTRAINT check_ins_decided_by_somebody CHECK ((decided_at IS NULL) = (decided_by_id IS NULL));
CREATE INDEX check_ins_order_idx ON check_ins (order_id);
-- One use of a voucher is the valid one, whatever arrives in whichever sequence.
CREATE UNIQUE INDEX check_ins_one_valid_idx ON check_ins (order_id) WHERE state = 'valid' AND NOT is_more;
CREATE INDEX check_ins_site_idx ON check_ins (site_id, recorded_at, id);
CREATE INDEX check_ins_doubtful_idx ON check_ins (recorded_at, id) WHERE state IN ('duplicate', 'flagged');

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_reason;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_reason
    CHECK (reason IN ('appropriation', 'order_placed', 'order_restored', 'order_cancelled', 'order_refused',
           'order_expired', 'order_no_show', 'nothing_due', 'claim_rejected', 'claim_lapsed', 'claim_approved',
           'claim_remainder', 'payment'));
"""


def upgrade() -> None:
    run_sql(DOOR)
    for name in ("settle_check_ins", "restore_order", "check_in", "record_check_ins"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites")
