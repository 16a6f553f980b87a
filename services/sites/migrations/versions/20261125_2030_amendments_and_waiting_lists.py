"""Late cancellations, amendments, waiting lists, and the numbers of the rules that orders follow."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261125_2030"
down_revision = "20261125_2020"

ORDERS = """
ALTER TABLE orders
    ADD COLUMN cancelled_late boolean NOT NULL DEFAULT false,
    ADD COLUMN no_show_excused boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT orders_cancelled_late CHECK (NOT cancelled_late OR state = 'cancelled'),
    ADD CONSTRAINT orders_no_show_excused CHECK (NOT no_show_excused OR state = 'no_show');
CREATE INDEX orders_no_show_idx ON orders (branch_id, ends_at) WHERE state = 'no_show';
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_reason;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_reason
    CHECK (reason IN ('appropriation', 'order_placed', 'order_amended', 'order_restored', 'order_cancelled',
           'order_refused', 'order_expired', 'order_no_show', 'nothing_due', 'claim_rejected', 'claim_lapsed',
           'claim_approved', 'claim_remainder', 'payment'));
"""

WAITING = """
-- waiting ──offer──▶ offered ──accept──▶ ordered
--   │ └──close──▶ closed │ └──lapse──▶ lapsed
--   └──leave──▶ left     └──decline──▶ declined
CREATE TABLE waiting_entries (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    slot_id uuid NOT NULL CONSTRAINT waiting_entries_slot_id_fkey REFERENCES slots,
    site_id uuid NOT NULL,
    branch_id uuid,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    party_size integer NOT NULL CONSTRAINT waiting_entries_party_size CHECK (party_size BETWEEN 1 AND 500),
    contact_name text NOT NULL,
    contact_phone bytea NOT NULL,
    joined_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT waiting_entries_state
        CHECK (state IN ('waiting', 'offered', 'ordered', 'declined', 'lapsed', 'left', 'closed')),
    passed_over integer NOT NULL DEFAULT 0,
    hold_id uuid CONSTRAINT waiting_entries_hold_id_fkey REFERENCES holds,
    offer_ends_at timestamptz,
    order_id uuid,
    ended_at timestamptz,
    CONSTRAINT waiting_entries_offered_held
        CHECK (state <> 'offered' OR (hold_id IS NOT NULL AND offer_ends_at IS NOT NULL)),
    CONSTRAINT waiting_entries_ordered CHECK ((state = 'ordered') = (order_id IS NOT NULL)),
    CONSTRAINT waiting_entries_ended CHECK ((state IN ('waiting', 'offered')) = (ended_at IS NULL))
);
CREATE INDEX waiting_entries_open_idx ON waiting_entries (slot_id, number) WHERE state IN ('waiting', 'offered');
CREATE UNIQUE INDEX waiting_entries_once_key ON waiting_entries (slot_id, coalesce(branch_id, person_id))
    WHERE state IN ('waiting', 'offered');
CREATE INDEX waiting_entries_offered_idx ON waiting_entries (branch_id) WHERE state = 'offered';
CREATE INDEX waiting_entries_branch_idx ON waiting_entries (branch_id, number);
CREATE INDEX waiting_entries_person_idx ON waiting_entries (person_id, number);
CREATE INDEX waiting_entries_site_idx ON waiting_entries (site_id, number);

CREATE TABLE order_rules (
    effective_from date PRIMARY KEY,
    late_cancel_hours integer NOT NULL,
    no_shows_max integer NOT NULL,
    no_show_days integer NOT NULL,
    by_hand_days integer NOT NULL,
    offer_hours integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT order_rules_numbers CHECK (
        late_cancel_hours BETWEEN 0 AND 720 AND no_shows_max BETWEEN 1 AND 100 AND no_show_days BETWEEN 1 AND 366
        AND by_hand_days BETWEEN 0 AND 366 AND offer_hours BETWEEN 1 AND 720)
);
INSERT INTO order_rules
    (effective_from, late_cancel_hours, no_shows_max, no_show_days, by_hand_days, offer_hours, citation)
VALUES ('2020-01-01', 24, 2, 90, 60, 24,
        '默认规则：开始前 24 小时内取消为临时取消；90 天内未到场 2 次，60 天内的点单由活动点人工确认；'
        '候补名额保留 24 小时（待区委组织部发文替换）');
"""

CHANGED = "DROP FUNCTION order_facts; DROP FUNCTION place_order;"


def upgrade() -> None:
    for statements in (ORDERS, WAITING, CHANGED):
        run_sql(statements)
    for name in ("by_hand_until", "order_facts", "take_hold", "place_order", "amend_encumbrance"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites")
