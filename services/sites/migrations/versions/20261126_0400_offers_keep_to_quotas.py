"""Offers from waiting lists keep to quotas; a feed tells its maker; answers that hold a secret are stored no more."""

from importlib import resources

from chassis.migrations import run_sql

revision = "20261126_0400"
down_revision = "20261126_0300"

FEEDS = """
ALTER TABLE calendar_feeds ADD COLUMN made_by text;
CREATE INDEX calendar_feeds_branch_idx ON calendar_feeds (branch_id) WHERE revoked_at IS NULL;
"""
SECRETS = "UPDATE commands SET answer = '' WHERE door IN ('make_feed', 'enrol_device') AND answer IS NOT NULL"


def upgrade() -> None:
    run_sql(FEEDS)
    run_sql(SECRETS)
    run_sql(resources.files("sites").joinpath("sql/quota_leaves_room.sql").read_text())
