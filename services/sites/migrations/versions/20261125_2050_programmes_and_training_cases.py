"""What a programme is in full; training cases in versions; who plays what in an order."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261125_2050"
down_revision = "20261125_2040"

CASES = """
CREATE TABLE training_cases (
    id uuid PRIMARY KEY,
    code text NOT NULL CONSTRAINT training_cases_code_key UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE case_editors (
    case_id uuid CONSTRAINT case_editors_case_id_fkey REFERENCES training_cases,
    person_id uuid,
    name text NOT NULL,
    named_at timestamptz NOT NULL,
    named_by text NOT NULL,
    CONSTRAINT case_editors_pkey PRIMARY KEY (case_id, person_id)
);

-- draft ──publish──▶ published
CREATE TABLE case_versions (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT case_versions_case_id_fkey REFERENCES training_cases,
    number integer NOT NULL,
    state text NOT NULL CONSTRAINT case_versions_state CHECK (state IN ('draft', 'published')),
    kind text NOT NULL CONSTRAINT case_versions_kind CHECK (kind IN (
        'assembly', 'committee_meeting', 'group_meeting', 'lecture', 'theme_day', 'organisational_life_meeting',
        'appraisal')),
    title text NOT NULL,
    title_en text NOT NULL DEFAULT '',
    summary text NOT NULL DEFAULT '',
    summary_en text NOT NULL DEFAULT '',
    citation text NOT NULL DEFAULT '',
    minutes integer NOT NULL DEFAULT 0,
    published_at timestamptz,
    published_by_id uuid,
    published_by text,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT case_versions_case_id_number_key UNIQUE (case_id, number),
    CONSTRAINT case_versions_minutes CHECK (minutes >= 0 AND number >= 1),
    CONSTRAINT case_versions_published CHECK (
        (state = 'published') = (published_at IS NOT NULL AND published_by IS NOT NULL AND reason IS NOT NULL))
);
CREATE UNIQUE INDEX case_versions_draft_idx ON case_versions (case_id) WHERE state = 'draft';

CREATE TABLE case_roles (
    version_id uuid CONSTRAINT case_roles_version_id_fkey REFERENCES case_versions,
    code text,
    number smallint NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL DEFAULT '',
    colour text NOT NULL CONSTRAINT case_roles_colour
        CHECK (colour IN ('crimson', 'blue', 'green', 'amber', 'violet', 'teal')),
    duty text NOT NULL DEFAULT '',
    CONSTRAINT case_roles_pkey PRIMARY KEY (version_id, code),
    CONSTRAINT case_roles_version_id_number_key UNIQUE (version_id, number)
);

CREATE TABLE case_steps (
    version_id uuid,
    number smallint,
    role text NOT NULL,
    title text NOT NULL,
    title_en text NOT NULL DEFAULT '',
    does text NOT NULL DEFAULT '',
    says text NOT NULL DEFAULT '',
    materials text[] NOT NULL DEFAULT '{}',
    minutes smallint NOT NULL CONSTRAINT case_steps_minutes CHECK (minutes BETWEEN 1 AND 240),
    key boolean NOT NULL DEFAULT false,
    rule text NOT NULL DEFAULT '',
    CONSTRAINT case_steps_pkey PRIMARY KEY (version_id, number),
    CONSTRAINT case_steps_version_id_fkey FOREIGN KEY (version_id, role) REFERENCES case_roles (version_id, code)
);
"""

FROZEN = """
CREATE TRIGGER freeze_published_case BEFORE UPDATE OR DELETE ON case_versions
    FOR EACH ROW EXECUTE FUNCTION freeze_published_case();
CREATE TRIGGER freeze_published_case BEFORE INSERT OR UPDATE OR DELETE ON case_roles
    FOR EACH ROW EXECUTE FUNCTION freeze_published_case();
CREATE TRIGGER freeze_published_case BEFORE INSERT OR UPDATE OR DELETE ON case_steps
    FOR EACH ROW EXECUTE FUNCTION freeze_published_case();
"""

PROGRAMMES = """
UPDATE programmes SET theme = CASE theme
    WHEN '党性教育' THEN 'party_spirit_education' WHEN 'party_spirit' THEN 'party_spirit_education'
    WHEN '教育培训' THEN 'training' WHEN '志愿服务' THEN 'volunteering' WHEN '听取民意' THEN 'hearing_people_out'
    WHEN '走访慰问' THEN 'visiting' ELSE 'party_spirit_education' END;
ALTER TABLE programmes
    ADD COLUMN kind text NOT NULL DEFAULT 'tour',
    ADD COLUMN case_version_id uuid CONSTRAINT programmes_case_version_id_fkey REFERENCES case_versions,
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN bring text NOT NULL DEFAULT '',
    ADD COLUMN languages text[] NOT NULL DEFAULT '{zh}',
    ADD COLUMN audience text NOT NULL DEFAULT 'everyone',
    ADD COLUMN party_min integer NOT NULL DEFAULT 1,
    ADD COLUMN party_max integer,
    ADD COLUMN needs_guide boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT programmes_theme CHECK (theme IN (
        'party_spirit_education', 'training', 'volunteering', 'hearing_people_out', 'visiting')),
    ADD CONSTRAINT programmes_kind CHECK (kind IN (
        'tour', 'talk', 'activity', 'training_case', 'on_the_spot_meeting')),
    ADD CONSTRAINT programmes_case_version CHECK ((kind = 'training_case') = (case_version_id IS NOT NULL)),
    ADD CONSTRAINT programmes_languages CHECK (
        cardinality(languages) > 0 AND languages <@ ARRAY['zh', 'dialect', 'sign', 'en', 'ja', 'ko', 'ru', 'fr']),
    ADD CONSTRAINT programmes_audience CHECK (audience IN (
        'everyone', 'members', 'applicants', 'secretaries', 'workers')),
    ADD CONSTRAINT programmes_party CHECK (1 <= party_min AND party_min <= coalesce(party_max, party_min)
        AND coalesce(party_max, party_min) <= 500);

CREATE TABLE programme_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id uuid NOT NULL CONSTRAINT programme_history_programme_id_fkey REFERENCES programmes,
    move text NOT NULL CONSTRAINT programme_history_move CHECK (move IN ('add', 'edit', 'retire', 'offer')),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reason text
);
CREATE INDEX programme_history_programme_idx ON programme_history (programme_id, id);
"""

ORDERS = """
ALTER TABLE orders ADD COLUMN case_version_id uuid;
CREATE TRIGGER keep_to_programme BEFORE INSERT OR UPDATE OF programme_id, party_size ON orders
    FOR EACH ROW EXECUTE FUNCTION keep_to_programme();

CREATE TABLE order_roles (
    order_id uuid CONSTRAINT order_roles_order_id_fkey REFERENCES orders,
    role text,
    name text CONSTRAINT order_roles_name CHECK (length(name) BETWEEN 1 AND 40),
    number smallint NOT NULL,
    CONSTRAINT order_roles_pkey PRIMARY KEY (order_id, role, name)
);
"""


def upgrade() -> None:
    run_sql(CASES)
    for name in ("freeze_published_case", "keep_to_programme"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    for statements in (FROZEN, PROGRAMMES, ORDERS):
        run_sql(statements)
    forbid_changes("programme_history")
