"""Slots with times of their own for booking, change and cancellation, a limit on groups, and holds."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261125_1820"
down_revision = "20261123_0510"

SLOTS = """
ALTER TABLE slots
    ADD COLUMN bookable_from timestamptz,
    ADD COLUMN change_until timestamptz,
    ADD COLUMN cancel_until timestamptz,
    ADD COLUMN seats_held integer NOT NULL DEFAULT 0,
    ADD COLUMN groups_max integer,
    ADD COLUMN groups_taken integer NOT NULL DEFAULT 0;
UPDATE slots SET groups_taken = found.groups
  FROM (SELECT slot_id, count(*) AS groups FROM orders
         WHERE branch_id IS NOT NULL AND state IN ('placed', 'confirmed', 'used') GROUP BY slot_id) found
 WHERE found.slot_id = slots.id;
ALTER TABLE slots
    ADD CONSTRAINT slots_seats_held CHECK (0 <= seats_held AND seats_held <= seats_taken),
    ADD CONSTRAINT slots_groups_taken
        CHECK (0 <= groups_taken AND (groups_max IS NULL OR groups_taken <= groups_max));
"""

HOLDS = """
-- live ──take──▶ taken
--   ├──release──▶ released
--   └──expire───▶ expired
CREATE TABLE holds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slot_id uuid NOT NULL CONSTRAINT holds_slot_id_fkey REFERENCES slots,
    seats integer NOT NULL CONSTRAINT holds_seats CHECK (seats BETWEEN 1 AND 500),
    groups integer NOT NULL CONSTRAINT holds_groups CHECK (groups BETWEEN 0 AND 1),
    purpose text NOT NULL CONSTRAINT holds_purpose CHECK (purpose IN ('offer', 'allocation')),
    for_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'live'
        CONSTRAINT holds_state CHECK (state IN ('live', 'taken', 'released', 'expired')),
    held_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT holds_ended CHECK ((state = 'live') = (ended_at IS NULL))
);
CREATE INDEX holds_live_idx ON holds (slot_id, ends_at) WHERE state = 'live';
CREATE INDEX holds_for_idx ON holds (for_id);
"""

CHANGED = "DROP FUNCTION order_facts;"


def upgrade() -> None:
    for statements in (SLOTS, HOLDS, CHANGED):
        run_sql(statements)
    for name in ("take_seats", "order_facts", "place_order"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites")
