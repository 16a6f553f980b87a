"""Organisations, people, sessions, and the numbers of the setting rules: the first tables of the roster."""

from chassis.migrations import chassis_tables, forbid_changes, run_sql

revision = "20261123_0500"
down_revision = None

ORGANISATIONS = """
CREATE TABLE people (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT people_name CHECK (length(name) BETWEEN 1 AND 100),
    synthetic boolean NOT NULL DEFAULT false
);

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    code text NOT NULL CONSTRAINT organisations_code_key UNIQUE
        CONSTRAINT organisations_code CHECK (code ~ '^[0-9A-Za-z_-]{1,40}$'),
    name text NOT NULL CONSTRAINT organisations_name CHECK (length(name) BETWEEN 1 AND 200),
    kind text NOT NULL
        CONSTRAINT organisations_kind CHECK (kind IN ('committee', 'working_committee', 'leading_group',
                                                      'general_branch', 'branch', 'joint_branch')),
    field text NOT NULL
        CONSTRAINT organisations_field CHECK (field IN ('rural', 'community', 'government', 'public_institution',
                                                        'state_owned', 'private', 'social_organisation', 'school',
                                                        'hospital')),
    path text COLLATE "C" NOT NULL CONSTRAINT organisations_path_key UNIQUE
        CONSTRAINT organisations_path CHECK (path = code OR right(path, length(code) + 1) = '.' || code),
    parent_id uuid CONSTRAINT organisations_parent_id_fkey REFERENCES organisations,
    division_code text,
    division_code_system text,
    synthetic boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT organisations_root CHECK ((parent_id IS NULL) = (path = code)),
    CONSTRAINT organisations_division_code_system CHECK (
        (division_code IS NULL) = (division_code_system IS NULL) AND division_code_system IN ('nbs', 'mca'))
);
CREATE INDEX organisations_parent_id_idx ON organisations (parent_id);
CREATE INDEX organisations_listed_idx ON organisations ((name COLLATE "zh-x-icu"), id);
CREATE INDEX organisations_name_trgm_idx ON organisations USING gin (name gin_trgm_ops);

CREATE TABLE organisation_history (
    organisation_id uuid NOT NULL CONSTRAINT organisation_history_organisation_id_fkey REFERENCES organisations,
    version bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    parent_id uuid,
    path text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    CONSTRAINT organisation_history_pkey PRIMARY KEY (organisation_id, version)
);

CREATE TABLE members (
    person_id uuid PRIMARY KEY CONSTRAINT members_person_id_fkey REFERENCES people,
    branch_id uuid NOT NULL CONSTRAINT members_branch_id_fkey REFERENCES organisations,
    status text NOT NULL CONSTRAINT members_status CHECK (status IN ('full', 'probationary')),
    joined_on date,
    party_group text CONSTRAINT members_party_group CHECK (length(party_group) BETWEEN 1 AND 50),
    synthetic boolean NOT NULL DEFAULT false
);
CREATE INDEX members_branch_id_status_idx ON members (branch_id, status);

CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT posts_organisation_id_fkey REFERENCES organisations,
    person_id uuid NOT NULL CONSTRAINT posts_person_id_fkey REFERENCES people,
    post text NOT NULL
        CONSTRAINT posts_post CHECK (post IN ('secretary', 'deputy_secretary', 'committee_member')),
    held_from date NOT NULL,
    held_until date,
    CONSTRAINT posts_dates CHECK (held_until >= held_from)
);
CREATE UNIQUE INDEX posts_one_secretary_key ON posts (organisation_id)
    WHERE post = 'secretary' AND held_until IS NULL;
CREATE UNIQUE INDEX posts_held_key ON posts (organisation_id, person_id, post) WHERE held_until IS NULL;
CREATE INDEX posts_person_id_idx ON posts (person_id);
"""

IDENTITY = """
CREATE TABLE accounts (
    person_id uuid PRIMARY KEY CONSTRAINT accounts_person_id_fkey REFERENCES people,
    username text NOT NULL CONSTRAINT accounts_username_key UNIQUE
        CONSTRAINT accounts_username CHECK (username = lower(username) AND length(username) BETWEEN 1 AND 200),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE grants (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT grants_person_id_fkey REFERENCES people,
    role text NOT NULL
        CONSTRAINT grants_role CHECK (role IN ('member', 'secretary', 'administrator', 'steward', 'assessor', 'officer',
                                               'preparer', 'approver', 'auditor', 'admin')),
    organisation_id uuid NOT NULL CONSTRAINT grants_organisation_id_fkey REFERENCES organisations,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    CONSTRAINT grants_person_id_role_organisation_id_key UNIQUE (person_id, role, organisation_id)
);

-- started ──renew──▶ renewed … ──▶ ended (signed out, or swept)
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT sessions_person_id_fkey REFERENCES people,
    started_at timestamptz NOT NULL,
    last_renewed_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT sessions_ended_at CHECK (ended_at >= started_at)
);
CREATE INDEX sessions_person_id_idx ON sessions (person_id);
CREATE INDEX sessions_alive_idx ON sessions (last_renewed_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended_idx ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE sign_in_attempts (
    username_hash bytea PRIMARY KEY,
    wrong integer NOT NULL DEFAULT 0 CONSTRAINT sign_in_attempts_wrong CHECK (wrong >= 0),
    last_wrong_at timestamptz NOT NULL,
    locked_until timestamptz
);
CREATE INDEX sign_in_attempts_last_wrong_at_idx ON sign_in_attempts (last_wrong_at);

CREATE TABLE sign_ins (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT sign_ins_outcome CHECK (outcome IN ('opened', 'wrong', 'locked')),
    username_hash bytea NOT NULL,
    person_id uuid,
    session_id uuid,
    request_id text
);
CREATE INDEX sign_ins_person_id_at_idx ON sign_ins (person_id, at);
"""

# The numbers that no source fixes in law are a district's to change: close a row (active_until) and add the next.
SETTING_RULES = """
CREATE TABLE setting_rules (
    rule text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    numbers jsonb NOT NULL,
    severity text NOT NULL CONSTRAINT setting_rules_severity CHECK (severity IN ('breach', 'remark')),
    citation text NOT NULL,
    CONSTRAINT setting_rules_pkey PRIMARY KEY (rule, active_from),
    CONSTRAINT setting_rules_dates CHECK (active_until > active_from)
);
INSERT INTO setting_rules (rule, active_from, numbers, severity, citation) VALUES
    ('enough-full-members', '2018-10-28', '{"least": 3}', 'breach', '《中国共产党支部工作条例（试行）》（2018年）'),
    ('has-a-secretary', '2018-10-28', '{}', 'breach', '《中国共产党支部工作条例（试行）》（2018年）'),
    ('branch-committee', '2018-10-28', '{"from": 7, "least": 3, "most": 7}', 'breach',
     '《中国共产党支部工作条例（试行）》（2018年）'),
    ('party-groups', '2022-01-01', '{"from": 20}', 'breach', '《关于开展党支部基本建设年的工作方案》（2022年）'),
    ('group-size', '2022-01-01', '{"most": 10}', 'remark', '《关于开展党支部基本建设年的工作方案》（2022年）'),
    ('general-branch', '2022-01-01', '{"from": 50, "below": 100}', 'breach',
     '《关于开展党支部基本建设年的工作方案》（2022年）'),
    ('committee', '2022-01-01', '{"from": 100}', 'breach', '《关于开展党支部基本建设年的工作方案》（2022年）');
"""


def upgrade() -> None:
    """Make the chassis' tables and ours."""
    chassis_tables()
    run_sql(ORGANISATIONS)
    run_sql(IDENTITY)
    run_sql(SETTING_RULES)
    forbid_changes("organisation_history", "sign_ins")
