"""The copy of the branches' rolls."""

from chassis.migrations import run_sql

revision = "20261127_0600"
down_revision = "20261127_0570"

TABLES = r"""
-- The rolls of branches as roster last told them.
CREATE TABLE rolls (
    branch_id uuid PRIMARY KEY,
    version bigint NOT NULL
);

-- Who belongs to a branch. Events arrive in any order: a member who moved may stand in two rolls for a moment.
CREATE TABLE members (
    branch_id uuid NOT NULL CONSTRAINT members_branch_id_fkey REFERENCES rolls,
    person_id uuid NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    state text NOT NULL,
    party_group text,
    joined_on date,
    facts jsonb NOT NULL,
    PRIMARY KEY (branch_id, person_id)
);
CREATE INDEX members_person_id_idx ON members (person_id);
"""


def upgrade() -> None:
    run_sql(TABLES)
