"""A record of what never took place is withdrawn, with its reason."""

from chassis.migrations import run_sql

revision = "20261127_0621"
down_revision = "20261127_0620"

WIDEN = """
ALTER TABLE activity_history
    DROP CONSTRAINT activity_history_move,
    ADD CONSTRAINT activity_history_move CHECK (move IN ('plan', 'hold', 'cancel', 'correct', 'withdraw'));
ALTER TABLE record_history
    DROP CONSTRAINT record_history_move,
    DROP CONSTRAINT record_history_reason,
    ADD CONSTRAINT record_history_move CHECK (move IN ('record', 'complete', 'correct', 'withdraw')),
    ADD CONSTRAINT record_history_reason CHECK (move NOT IN ('correct', 'withdraw') OR reason IS NOT NULL);
"""


def upgrade() -> None:
    run_sql(WIDEN)
