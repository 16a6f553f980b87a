"""Arrivals: codes at the door, named parties, parties entered by the steward, printed sheets."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261126_0100"
down_revision = "20261125_2100"

ARRIVALS = """
CREATE TABLE door_secrets (
    site_id uuid PRIMARY KEY CONSTRAINT door_secrets_site_id_fkey REFERENCES sites,
    secret bytea NOT NULL,
    made_at timestamptz NOT NULL
);

CREATE TABLE door_code_tries (
    site_id uuid CONSTRAINT door_code_tries_site_id_fkey REFERENCES sites,
    person_id uuid,
    since timestamptz NOT NULL,
    tries integer NOT NULL CONSTRAINT door_code_tries_tries CHECK (tries >= 1),
    CONSTRAINT door_code_tries_pkey PRIMARY KEY (site_id, person_id)
);
CREATE INDEX door_code_tries_since_idx ON door_code_tries (since);

CREATE TABLE order_members (
    order_id uuid CONSTRAINT order_members_order_id_fkey REFERENCES orders,
    member_id uuid,
    name text NOT NULL,
    CONSTRAINT order_members_pkey PRIMARY KEY (order_id, member_id)
);
CREATE INDEX order_members_member_idx ON order_members (member_id);

CREATE TABLE sheet_prints (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT sheet_prints_site_id_fkey REFERENCES sites,
    kind text NOT NULL CONSTRAINT sheet_prints_kind CHECK (kind IN ('day', 'week', 'vouchers')),
    "on" date NOT NULL,
    drawn_at timestamptz NOT NULL,
    drawn_by_id uuid NOT NULL,
    drawn_by text NOT NULL
);
CREATE INDEX sheet_prints_site_idx ON sheet_prints (site_id, id);

ALTER TABLE orders
    ADD COLUMN source text NOT NULL DEFAULT 'online'
        CONSTRAINT orders_source CHECK (source IN ('online', 'telephone', 'walk_in')),
    ADD COLUMN group_name text,
    ADD COLUMN needs text,
    ADD CONSTRAINT orders_group_is_entered
        CHECK (CASE WHEN group_name IS NULL THEN source = 'online' OR branch_id IS NOT NULL
               ELSE source <> 'online' AND branch_id IS NULL END),
    ADD CONSTRAINT orders_entered_is_unsubsidised CHECK (source = 'online' OR NOT is_subsidised);
"""
CHANGED = (
    "count_open_orders",
    "place_order",
    "take_seats",
    "quotas_used",
    "restore_order",
    "settle_check_ins",
    "check_in",
    "record_check_ins",
)


def upgrade() -> None:
    run_sql(ARRIVALS)
    for name in CHANGED:
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("sheet_prints",))
