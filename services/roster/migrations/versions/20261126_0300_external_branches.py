"""Organisations outside the district, whose branches order visits and are never subsidised."""

from chassis.migrations import run_sql

revision = "20261126_0300"
down_revision = "20261123_0500"


def upgrade() -> None:
    run_sql("ALTER TABLE organisations ADD COLUMN is_external boolean NOT NULL DEFAULT false")
