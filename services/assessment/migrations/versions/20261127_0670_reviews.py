"""The compliance switch."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0670"
down_revision = "20261127_0655"

COMPLIANCE = r"""
CREATE TABLE compliance_settings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    active_from date NOT NULL,
    is_on boolean NOT NULL,
    reason text NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text
);
CREATE INDEX compliance_settings_active_from_id_idx ON compliance_settings (active_from, id);
INSERT INTO compliance_settings (active_from, is_on, reason, citation) VALUES
    ('2026-01-01', true, '默认开启：不以打卡留痕计分，不搞排名通报，不重复填报', '国办函〔2026〕12号');
"""


def upgrade() -> None:
    run_sql(COMPLIANCE)
    forbid_changes("compliance_settings")
