"""The audit: who did or saw what, sealed into a chain."""

from importlib import resources

from chassis.migrations import audit_tables, grant_rights, run_sql

revision = "20261127_0710"
down_revision = "20261127_0700"


def upgrade() -> None:
    audit_tables()
    # With an argument more they would stand beside the new ones.
    run_sql("DROP FUNCTION place_order; DROP FUNCTION check_in;")
    for name in ("place_order", "check_in"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites")
