"""Files of members and organisations that are imported, compared and exported."""

from chassis.migrations import run_sql

revision = "20261127_0550"
down_revision = "20261127_0540"

IMPORTS = """
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    subject text NOT NULL CONSTRAINT imports_subject CHECK (subject IN ('members', 'organisations')),
    purpose text NOT NULL CONSTRAINT imports_purpose CHECK (purpose IN ('take_over', 'compare')),
    platform text CONSTRAINT imports_platform
        CHECK (platform IN ('dengta', 'e_branch', 'party_building_e_home', 'other')),
    organisation_id uuid NOT NULL CONSTRAINT imports_organisation_id_fkey REFERENCES organisations,
    paths text[] NOT NULL,
    file jsonb NOT NULL,
    state text NOT NULL DEFAULT 'reading' CONSTRAINT imports_state
        CHECK (state IN ('reading', 'mapping', 'checking', 'checked', 'applying', 'applied', 'cancelled', 'failed')),
    stage text,
    done integer NOT NULL DEFAULT 0,
    total integer,
    sheets jsonb NOT NULL DEFAULT '[]',
    counts jsonb NOT NULL DEFAULT '{}',
    shown text,
    skips_bad boolean NOT NULL DEFAULT false,
    errors_file jsonb,
    report_file jsonb,
    error jsonb,
    job_id uuid,
    version bigint NOT NULL DEFAULT 0,
    asked_at timestamptz NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_by text NOT NULL,
    ended_at timestamptz,
    forgotten_at timestamptz,
    CONSTRAINT imports_platform_of_comparison CHECK ((purpose = 'compare') = (platform IS NOT NULL)),
    CONSTRAINT imports_ended CHECK ((state IN ('applied', 'cancelled', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX imports_organisation_id_asked_at_idx ON imports (organisation_id, asked_at);
CREATE INDEX imports_due_idx ON imports (asked_at) WHERE forgotten_at IS NULL;

CREATE TABLE import_rows (
    import_id uuid NOT NULL CONSTRAINT import_rows_import_id_fkey REFERENCES imports ON DELETE CASCADE,
    line integer NOT NULL,
    sheet text NOT NULL,
    row integer NOT NULL,
    name text NOT NULL,
    key bytea,
    branch_id uuid,
    fields jsonb NOT NULL,
    is_bad boolean NOT NULL,
    verdict text CONSTRAINT import_rows_verdict CHECK (verdict IN ('bad', 'new', 'changed', 'unchanged')),
    target_id uuid,
    new_id uuid NOT NULL,
    changes jsonb,
    CONSTRAINT import_rows_pkey PRIMARY KEY (import_id, line)
) WITH (fillfactor = 50);  -- each row is judged twice after it was written
CREATE INDEX import_rows_import_id_key_idx ON import_rows (import_id, key);

CREATE TABLE import_faults (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id uuid NOT NULL CONSTRAINT import_faults_import_id_fkey REFERENCES imports ON DELETE CASCADE,
    line integer NOT NULL,
    sheet text NOT NULL,
    row integer NOT NULL,
    place integer,
    heading text NOT NULL,
    field text NOT NULL,
    found text NOT NULL,
    code text NOT NULL,
    params jsonb NOT NULL DEFAULT '{}',
    is_warning boolean NOT NULL,
    by_register boolean NOT NULL DEFAULT false
);
CREATE INDEX import_faults_import_id_line_id_idx ON import_faults (import_id, line, id);
CREATE INDEX import_faults_import_id_code_line_id_idx ON import_faults (import_id, code, line, id);

CREATE TABLE import_mappings (
    organisation_id uuid NOT NULL CONSTRAINT import_mappings_organisation_id_fkey REFERENCES organisations,
    subject text NOT NULL CONSTRAINT import_mappings_subject CHECK (subject IN ('members', 'organisations')),
    signature text NOT NULL,
    columns jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL,
    CONSTRAINT import_mappings_pkey PRIMARY KEY (organisation_id, subject, signature)
);

CREATE TABLE entered_marks (
    platform text NOT NULL CONSTRAINT entered_marks_platform
        CHECK (platform IN ('dengta', 'e_branch', 'party_building_e_home', 'other')),
    person_id uuid NOT NULL CONSTRAINT entered_marks_person_id_fkey REFERENCES people,
    marked_at timestamptz NOT NULL,
    marked_by_id uuid NOT NULL,
    marked_by text NOT NULL,
    CONSTRAINT entered_marks_pkey PRIMARY KEY (platform, person_id)
);
CREATE INDEX entered_marks_person_id_idx ON entered_marks (person_id);
"""


def upgrade() -> None:
    """Make the tables."""
    run_sql(IMPORTS)
