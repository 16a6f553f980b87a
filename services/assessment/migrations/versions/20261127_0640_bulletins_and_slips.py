"""Notices, bulletins, supervision slips and reminder talks (A5)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0640"
down_revision = "20261127_0620"

NOTICES = r"""
-- What was told, once for each occasion of a subject, to a person or to those who lead an organisation.
CREATE TABLE notices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CONSTRAINT notices_kind CHECK (kind ~ '^[a-z_]+$'),
    organisation_id uuid,
    person_id uuid,
    subject_id uuid NOT NULL,
    occasion text NOT NULL,
    facts jsonb NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT notices_to_whom CHECK (num_nonnulls(organisation_id, person_id) = 1),
    CONSTRAINT notices_once UNIQUE NULLS NOT DISTINCT (subject_id, kind, occasion, organisation_id, person_id)
);
CREATE INDEX notices_organisation_id_told_at_idx ON notices (organisation_id, told_at);
CREATE INDEX notices_person_id_told_at_idx ON notices (person_id, told_at);

CREATE TABLE notice_reads (
    notice_id uuid NOT NULL CONSTRAINT notice_reads_notice_id_fkey REFERENCES notices,
    person_id uuid NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (notice_id, person_id)
);
"""


def upgrade() -> None:
    run_sql(NOTICES)
    forbid_changes("notices", "notice_reads")
