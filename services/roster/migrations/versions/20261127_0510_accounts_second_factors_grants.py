"""Accounts that are administered, second factors, roles with days and grounds, the policy of signing in."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0510"
down_revision = "20261127_0500"

ACCOUNTS = """
ALTER TABLE accounts
    ADD COLUMN state text NOT NULL DEFAULT 'open'
        CONSTRAINT accounts_state CHECK (state IN ('open', 'locked', 'closed')),
    ADD COLUMN must_change boolean NOT NULL DEFAULT false,
    ADD COLUMN password_set_at timestamptz;
UPDATE accounts SET password_set_at = created_at;
ALTER TABLE accounts ALTER COLUMN password_set_at SET NOT NULL;

CREATE TABLE account_moves (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT account_moves_person_id_fkey REFERENCES people,
    move text NOT NULL
        CONSTRAINT account_moves_move CHECK (move IN ('open', 'reopen', 'lock', 'unlock', 'close', 'reset_password',
                                                      'remove_second_factor', 'end_sessions')),
    at timestamptz NOT NULL,
    by uuid,
    reason text NOT NULL
);
CREATE INDEX account_moves_person_id_at_idx ON account_moves (person_id, at);

CREATE TABLE password_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT password_history_person_id_fkey REFERENCES accounts,
    password_hash text NOT NULL
);
CREATE INDEX password_history_person_id_id_idx ON password_history (person_id, id);

CREATE TABLE second_factors (
    person_id uuid PRIMARY KEY CONSTRAINT second_factors_person_id_fkey REFERENCES accounts,
    sealed_secret bytea NOT NULL,
    made_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    code_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL
        CONSTRAINT recovery_codes_person_id_fkey REFERENCES second_factors ON DELETE CASCADE,
    used_at timestamptz
);
CREATE INDEX recovery_codes_person_id_idx ON recovery_codes (person_id);

CREATE INDEX people_name_start_idx ON people (name text_pattern_ops);
"""

# What was granted before has no day of its own: it holds since the day it was written down.
GRANTS = """
ALTER TABLE grants DROP CONSTRAINT grants_person_id_role_organisation_id_key;
ALTER TABLE grants DROP COLUMN id;
ALTER TABLE grants
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    ADD COLUMN active_from date,
    ADD COLUMN active_until date,
    ADD COLUMN ground text NOT NULL DEFAULT '',
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by uuid,
    ADD COLUMN ended_reason text;
UPDATE grants SET active_from = (granted_at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE grants
    ALTER COLUMN active_from SET NOT NULL,
    ADD CONSTRAINT grants_days CHECK (active_until > active_from),
    ADD CONSTRAINT grants_not_to_oneself CHECK (granted_by <> person_id),
    ADD CONSTRAINT grants_ended CHECK (
        (ended_at IS NULL) = (ended_reason IS NULL) AND (ended_at IS NOT NULL OR ended_by IS NULL)),
    ADD CONSTRAINT grants_once EXCLUDE USING gist (
        person_id WITH =, role WITH =, organisation_id WITH =, daterange(active_from, active_until) WITH &&
    ) WHERE (ended_at IS NULL);
CREATE INDEX grants_organisation_id_idx ON grants (organisation_id);
"""

SESSIONS = """
ALTER TABLE sessions
    ADD COLUMN device text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN with_second_factor boolean NOT NULL DEFAULT false,
    ADD COLUMN followed_by uuid,
    ADD COLUMN changed_by_command uuid,
    ADD CONSTRAINT sessions_changed CHECK ((followed_by IS NULL) = (changed_by_command IS NULL)),
    ADD CONSTRAINT sessions_followed_by CHECK (followed_by IS NULL OR ended_at IS NOT NULL);
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome
    CHECK (outcome IN ('opened', 'wrong', 'locked', 'wrong_code', 'passed'));
"""

# The numbers of GB/T 22239-2019 are a unit's own to set; these were the platform's constants until now.
POLICY = """
CREATE TABLE sign_in_policies (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    active_from date NOT NULL,
    length_min integer NOT NULL CONSTRAINT sign_in_policies_length_min CHECK (length_min BETWEEN 8 AND 64),
    remembered integer NOT NULL CONSTRAINT sign_in_policies_remembered CHECK (remembered BETWEEN 1 AND 10),
    expires_after_days integer
        CONSTRAINT sign_in_policies_expires_after_days CHECK (expires_after_days BETWEEN 30 AND 3650),
    wrong_max integer NOT NULL CONSTRAINT sign_in_policies_wrong_max CHECK (wrong_max BETWEEN 3 AND 20),
    first_wait_s integer NOT NULL,
    longest_wait_s integer NOT NULL,
    forgotten_after_s integer NOT NULL,
    idle_max_s integer NOT NULL,
    session_max_s integer NOT NULL,
    second_factor_roles text[] NOT NULL,
    ground text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by uuid,
    CONSTRAINT sign_in_policies_waits CHECK (
        first_wait_s BETWEEN 10 AND longest_wait_s AND longest_wait_s <= 86400
        AND forgotten_after_s BETWEEN longest_wait_s AND 604800),
    CONSTRAINT sign_in_policies_sessions CHECK (
        idle_max_s BETWEEN 900 AND session_max_s AND session_max_s <= 2592000)
);
CREATE INDEX sign_in_policies_active_from_id_idx ON sign_in_policies (active_from, id);
INSERT INTO sign_in_policies (active_from, length_min, remembered, wrong_max, first_wait_s, longest_wait_s,
                              forgotten_after_s, idle_max_s, session_max_s, second_factor_roles, ground, set_at)
VALUES ('2020-01-01', 10, 5, 5, 60, 900, 3600, 43200, 604800, '{preparer,approver,payer,admin}',
        '平台初始设置；参照 GB/T 22239-2019 身份鉴别', now());
"""


def upgrade() -> None:
    """Extend what there is, and set the policy that the constants were."""
    run_sql(ACCOUNTS)
    run_sql(GRANTS)
    run_sql(SESSIONS)
    run_sql(POLICY)
    forbid_changes("account_moves", "sign_in_policies")
