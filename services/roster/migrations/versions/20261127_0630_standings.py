"""Which branches stand otherwise than was told: dues that are owed, setting rules that are broken."""

from importlib import resources

from chassis.migrations import run_sql

revision = "20261127_0630"
down_revision = "20261127_0580"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE standings (
    branch_id uuid PRIMARY KEY CONSTRAINT standings_branch_id_fkey REFERENCES organisations,
    version bigint NOT NULL DEFAULT 1,
    is_told boolean NOT NULL DEFAULT false
);
CREATE INDEX standings_untold_idx ON standings (branch_id) WHERE NOT is_told;

-- Nobody was told anything yet.
INSERT INTO standings (branch_id)
SELECT branch_id FROM dues_books
UNION SELECT o.id FROM findings f JOIN organisations o ON o.id = f.organisation_id
       WHERE f.closed_on IS NULL AND o.kind IN ('branch', 'joint_branch');
"""


def upgrade() -> None:
    run_sql(TABLES)
    run_sql(resources.files("roster").joinpath("sql/dues.sql").read_text())
