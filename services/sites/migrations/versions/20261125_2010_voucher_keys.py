"""Vouchers that verify with no network: the keys that sign them, and which revision of a voucher is the last."""

from chassis.migrations import grant_rights, run_sql

revision = "20261125_2010"
down_revision = "20261125_2000"

VOUCHERS = """
-- A voucher names the revision of its order; an amendment or a leaked key makes the next one, and older ones invalid.
ALTER TABLE orders
    ADD COLUMN voucher_revision integer NOT NULL DEFAULT 1
        CONSTRAINT orders_voucher_revision CHECK (voucher_revision BETWEEN 1 AND 65535);

-- next ──sign──▶ signing ──retire──▶ retired
--   └─────────leak──┴─────────leak────┴──▶ leaked
-- The private half is made from the service's secret and the salt, and stands nowhere.
CREATE TABLE voucher_keys (
    kid integer PRIMARY KEY CONSTRAINT voucher_keys_kid CHECK (kid BETWEEN 1 AND 65535),
    salt bytea NOT NULL,
    public_key bytea NOT NULL CONSTRAINT voucher_keys_public_key CHECK (length(public_key) = 32),
    state text NOT NULL
        CONSTRAINT voucher_keys_state CHECK (state IN ('next', 'signing', 'retired', 'leaked')),
    published_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    retired_at timestamptz,
    last_voucher_ends_at timestamptz,
    leaked_at timestamptz,
    leaked_by text,
    leak_reason text,
    CONSTRAINT voucher_keys_leaked_says_why CHECK ((state = 'leaked') = (leaked_at IS NOT NULL))
);
CREATE UNIQUE INDEX voucher_keys_one_signs_idx ON voucher_keys (state) WHERE state IN ('next', 'signing');
"""


def upgrade() -> None:
    run_sql(VOUCHERS)
    grant_rights("sites")
