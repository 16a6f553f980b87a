"""The register of members: personal data, periods, facts, development, transfers, stocktakes."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0500"
down_revision = "20261127_0400"

PEOPLE = """
ALTER TABLE people
    ADD COLUMN sex text CONSTRAINT people_sex CHECK (sex IN ('male', 'female')),
    ADD COLUMN ethnicity text CONSTRAINT people_ethnicity CHECK (length(ethnicity) BETWEEN 1 AND 20),
    ADD COLUMN born_on date,
    ADD COLUMN education text
        CONSTRAINT people_education CHECK (education IN ('primary', 'junior', 'senior', 'secondary_vocational',
                                                         'college', 'bachelor', 'master', 'doctor')),
    ADD COLUMN native_place text CONSTRAINT people_native_place CHECK (length(native_place) BETWEEN 1 AND 100),
    ADD COLUMN work_unit text CONSTRAINT people_work_unit CHECK (length(work_unit) BETWEEN 1 AND 200),
    ADD COLUMN identity_number bytea,
    ADD COLUMN identity_index bytea CONSTRAINT people_identity_index_key UNIQUE,
    ADD COLUMN identity_masked text,
    ADD COLUMN phone bytea,
    ADD COLUMN phone_index bytea,
    ADD COLUMN phone_masked text,
    ADD COLUMN sealed_with text,
    ADD COLUMN indexed_with text,
    ADD COLUMN file_place text CONSTRAINT people_file_place CHECK (length(file_place) BETWEEN 1 AND 200),
    ADD COLUMN file_checked_on date,
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT people_identity_number CHECK ((identity_number IS NULL) = (identity_index IS NULL)
                                             AND (identity_number IS NULL) = (identity_masked IS NULL)),
    ADD CONSTRAINT people_phone CHECK ((phone IS NULL) = (phone_index IS NULL)
                                   AND (phone IS NULL) = (phone_masked IS NULL)),
    ADD CONSTRAINT people_keys CHECK ((identity_number IS NULL AND phone IS NULL) = (sealed_with IS NULL)
                                  AND (sealed_with IS NULL) = (indexed_with IS NULL));
CREATE INDEX people_alike_idx ON people (name, born_on);
CREATE INDEX people_phone_index_idx ON people (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX people_sealed_with_idx ON people (sealed_with, id) WHERE sealed_with IS NOT NULL;
CREATE INDEX people_name_trgm_idx ON people USING gin (name gin_trgm_ops);

CREATE TABLE likely_duplicates (
    person_id uuid NOT NULL CONSTRAINT likely_duplicates_person_id_fkey REFERENCES people,
    other_id uuid NOT NULL CONSTRAINT likely_duplicates_other_id_fkey REFERENCES people,
    told_apart_at timestamptz,
    told_apart_by_id uuid,
    told_apart_by text,
    reason text,
    CONSTRAINT likely_duplicates_pkey PRIMARY KEY (person_id, other_id),
    CONSTRAINT likely_duplicates_order CHECK (person_id < other_id),
    CONSTRAINT likely_duplicates_told_apart CHECK ((told_apart_at IS NULL) = (told_apart_by_id IS NULL)
        AND (told_apart_at IS NULL) = (told_apart_by IS NULL) AND (told_apart_at IS NULL) = (reason IS NULL))
);
CREATE INDEX likely_duplicates_other_id_idx ON likely_duplicates (other_id);

CREATE TABLE personal_views (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT personal_views_person_id_fkey REFERENCES people,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    fields text[] NOT NULL
        CONSTRAINT personal_views_fields CHECK (fields <@ ARRAY['identity_number', 'phone'] AND fields <> '{}'),
    purpose text NOT NULL,
    reason text,
    request_id text
);
CREATE INDEX personal_views_person_id_id_idx ON personal_views (person_id, id);
CREATE INDEX personal_views_by_id_id_idx ON personal_views (by_id, id);
"""

MEMBERS = """
ALTER TABLE members
    ADD COLUMN state text NOT NULL DEFAULT 'active'
        CONSTRAINT members_state CHECK (state IN ('active', 'floating', 'lost')),
    ADD COLUMN since date,
    ADD COLUMN full_on date,
    ADD CONSTRAINT members_full_on CHECK (full_on >= joined_on AND (full_on IS NULL OR status = 'full'));
UPDATE members SET since = coalesce(joined_on, current_date);
ALTER TABLE members ALTER COLUMN since SET DEFAULT (now() AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE members ALTER COLUMN since SET NOT NULL;

CREATE TABLE membership_periods (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT membership_periods_person_id_fkey REFERENCES people,
    branch_id uuid NOT NULL CONSTRAINT membership_periods_branch_id_fkey REFERENCES organisations,
    status text NOT NULL CONSTRAINT membership_periods_status CHECK (status IN ('full', 'probationary')),
    state text NOT NULL CONSTRAINT membership_periods_state CHECK (state IN ('active', 'floating', 'lost')),
    active_from date NOT NULL,
    active_until date,
    ended_by text CONSTRAINT membership_periods_ended_by
        CHECK (ended_by IN ('moved_away', 'left', 'deceased', 'expelled', 'removed', 'cancelled')),
    CONSTRAINT membership_periods_dates CHECK (active_until >= active_from),
    CONSTRAINT membership_periods_ended CHECK (ended_by IS NULL OR active_until IS NOT NULL),
    CONSTRAINT membership_periods_one_branch
        EXCLUDE USING gist (person_id WITH =, daterange(active_from, active_until) WITH &&)
);
CREATE INDEX membership_periods_as_at_idx ON membership_periods (branch_id, active_from, active_until);
CREATE UNIQUE INDEX membership_periods_open_key ON membership_periods (person_id) WHERE active_until IS NULL;
INSERT INTO membership_periods (person_id, branch_id, status, state, active_from)
SELECT person_id, branch_id, status, state, since FROM members;

CREATE TABLE member_moves (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT member_moves_person_id_fkey REFERENCES people,
    branch_id uuid NOT NULL CONSTRAINT member_moves_branch_id_fkey REFERENCES organisations,
    verb text NOT NULL CONSTRAINT member_moves_verb CHECK (verb ~ '^[a-z_]{1,40}$'),
    happened_on date NOT NULL,
    reason text,
    document_number text,
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text
);
CREATE INDEX member_moves_person_id_id_idx ON member_moves (person_id, id);
CREATE INDEX member_moves_branch_id_id_idx ON member_moves (branch_id, id);

CREATE TABLE member_facts (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT member_facts_person_id_fkey REFERENCES people,
    fact text NOT NULL CONSTRAINT member_facts_fact CHECK (fact IN ('retired', 'ill', 'abroad', 'exempt')),
    active_from date NOT NULL,
    active_until date,
    note text CONSTRAINT member_facts_note CHECK (length(note) BETWEEN 1 AND 200),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT member_facts_dates CHECK (active_until >= active_from),
    CONSTRAINT member_facts_once
        EXCLUDE USING gist (person_id WITH =, fact WITH =, daterange(active_from, active_until) WITH &&)
);

-- 《中国共产党发展党员工作细则》 gives the periods; a district closes a row and adds the next when the text changes.
CREATE TABLE member_rules (
    rule text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    numbers jsonb NOT NULL,
    citation text NOT NULL,
    CONSTRAINT member_rules_pkey PRIMARY KEY (rule, active_from),
    CONSTRAINT member_rules_dates CHECK (active_until > active_from)
);
INSERT INTO member_rules (rule, active_from, numbers, citation) VALUES
    ('applicant-age', '2014-05-28', '{"years": 18}', '《中国共产党章程》第一条'),
    ('talk', '2014-05-28', '{"months": 1}', '《中国共产党发展党员工作细则》第七条'),
    ('mentors', '2014-05-28', '{"least": 1}', '《中国共产党发展党员工作细则》第九条'),
    ('inspection', '2014-05-28', '{"months": 6}', '《中国共产党发展党员工作细则》第十一条'),
    ('activist-period', '2014-05-28', '{"months": 12}', '《中国共产党发展党员工作细则》第十三条'),
    ('introducers', '2014-05-28', '{"least": 2}', '《中国共产党发展党员工作细则》第十四条'),
    ('training', '2014-05-28', '{"hours": 24}', '《中国共产党发展党员工作细则》第十七条'),
    ('approval', '2014-05-28', '{"months": 3, "most": 6}', '《中国共产党发展党员工作细则》第二十五条'),
    ('probation', '2014-05-28', '{"months": 12}', '《中国共产党发展党员工作细则》第三十二条'),
    ('extension', '2014-05-28', '{"least": 6, "most": 12}', '《中国共产党发展党员工作细则》第三十二条'),
    ('transfer-letter', '2014-05-28', '{"months": 3}', '党员组织关系介绍信有效期一般不超过3个月');
"""

DEVELOPMENT = """
CREATE TABLE developments (
    person_id uuid PRIMARY KEY CONSTRAINT developments_person_id_fkey REFERENCES people,
    branch_id uuid NOT NULL CONSTRAINT developments_branch_id_fkey REFERENCES organisations,
    stage text NOT NULL CONSTRAINT developments_stage
        CHECK (stage IN ('applicant', 'activist', 'object', 'probationary', 'full', 'ended')),
    applied_on date,
    activist_on date,
    object_on date,
    probationary_on date,
    probation_until date,
    extended_until date,
    full_on date,
    ended_on date,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT developments_stage_day CHECK (
        CASE stage WHEN 'applicant' THEN applied_on IS NOT NULL WHEN 'activist' THEN activist_on IS NOT NULL
                   WHEN 'object' THEN object_on IS NOT NULL
                   WHEN 'probationary' THEN probationary_on IS NOT NULL AND probation_until IS NOT NULL
                   WHEN 'full' THEN full_on IS NOT NULL ELSE ended_on IS NOT NULL END),
    CONSTRAINT developments_order CHECK (activist_on >= applied_on AND object_on >= activist_on
                                     AND probationary_on >= object_on AND full_on >= probationary_on),
    CONSTRAINT developments_probation CHECK (probation_until > probationary_on AND extended_until > probation_until)
);
CREATE INDEX developments_branch_id_stage_idx ON developments (branch_id, stage);

CREATE TABLE development_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT development_steps_person_id_fkey REFERENCES developments,
    step text NOT NULL CONSTRAINT development_steps_step
        CHECK (step IN ('talk', 'recommendation', 'committee_decision', 'filed_above', 'mentors_named', 'inspection',
                        'opinions_heard', 'object_decision', 'object_filed', 'introducers_named', 'political_review',
                        'training', 'committee_review', 'pre_review', 'application_form', 'assembly_vote', 'talk_above',
                        'approval_above', 'oath', 'full_application', 'full_opinions', 'full_vote', 'full_approval')),
    done_on date NOT NULL,
    hours integer CONSTRAINT development_steps_hours CHECK (hours BETWEEN 1 AND 1000),
    note text CONSTRAINT development_steps_note CHECK (length(note) BETWEEN 1 AND 500),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    struck_at timestamptz,
    struck_by text,
    struck_because text,
    CONSTRAINT development_steps_struck CHECK ((struck_at IS NULL) = (struck_by IS NULL)
                                           AND (struck_at IS NULL) = (struck_because IS NULL))
);
CREATE INDEX development_steps_person_id_id_idx ON development_steps (person_id, id);
"""

TRANSFERS = """
CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT transfers_person_id_fkey REFERENCES people,
    from_branch_id uuid NOT NULL CONSTRAINT transfers_from_branch_id_fkey REFERENCES organisations,
    to_branch_id uuid CONSTRAINT transfers_to_branch_id_fkey REFERENCES organisations,
    to_name text,
    letter_number text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL CONSTRAINT transfers_state
        CHECK (state IN ('issued', 'confirmed', 'refused', 'withdrawn', 'expired')),
    issued_on date NOT NULL,
    expires_on date NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by_id uuid NOT NULL,
    issued_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    decision text,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT transfers_from_branch_id_letter_number_key UNIQUE (from_branch_id, letter_number),
    CONSTRAINT transfers_to CHECK ((to_branch_id IS NULL) <> (to_name IS NULL)),
    CONSTRAINT transfers_elsewhere CHECK (to_branch_id <> from_branch_id),
    CONSTRAINT transfers_dates CHECK (expires_on > issued_on),
    CONSTRAINT transfers_decided CHECK ((state = 'issued') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX transfers_open_key ON transfers (person_id) WHERE state = 'issued';
CREATE INDEX transfers_due_idx ON transfers (expires_on) WHERE state = 'issued';
CREATE INDEX transfers_from_branch_id_issued_at_idx ON transfers (from_branch_id, issued_at);
CREATE INDEX transfers_to_branch_id_issued_at_idx ON transfers (to_branch_id, issued_at);
CREATE INDEX transfers_person_id_idx ON transfers (person_id);

CREATE TABLE transfer_notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer_id uuid NOT NULL CONSTRAINT transfer_notices_transfer_id_fkey REFERENCES transfers,
    branch_id uuid NOT NULL CONSTRAINT transfer_notices_branch_id_fkey REFERENCES organisations,
    kind text NOT NULL CONSTRAINT transfer_notices_kind
        CHECK (kind IN ('issued', 'confirmed', 'refused', 'withdrawn', 'expired')),
    told_at timestamptz NOT NULL,
    CONSTRAINT transfer_notices_transfer_id_branch_id_kind_key UNIQUE (transfer_id, branch_id, kind)
);
CREATE INDEX transfer_notices_branch_id_id_idx ON transfer_notices (branch_id, id);

CREATE TABLE stocktakes (
    branch_id uuid NOT NULL CONSTRAINT stocktakes_branch_id_fkey REFERENCES organisations,
    year integer NOT NULL,
    number integer NOT NULL,
    counted_on date NOT NULL,
    members_full integer NOT NULL,
    members_probationary integer NOT NULL,
    floating integer NOT NULL,
    lost integer NOT NULL,
    digest bytea NOT NULL CONSTRAINT stocktakes_digest CHECK (length(digest) = 32),
    remarks text,
    signed_at timestamptz NOT NULL,
    signed_by_id uuid NOT NULL,
    signed_by text NOT NULL,
    CONSTRAINT stocktakes_pkey PRIMARY KEY (branch_id, year, number),
    CONSTRAINT stocktakes_year CHECK (year BETWEEN 2000 AND 2199 AND number >= 1),
    CONSTRAINT stocktakes_counts CHECK (members_full >= 0 AND members_probationary >= 0 AND floating >= 0 AND lost >= 0)
);
"""

TRIGGERS = """
CREATE TRIGGER members_begin AFTER INSERT ON members
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION begin_membership_periods();
CREATE TRIGGER members_change AFTER UPDATE ON members
    REFERENCING OLD TABLE AS gone NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION change_membership_periods();
CREATE TRIGGER members_end AFTER DELETE ON members
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION end_membership_periods();
CREATE TRIGGER people_alike_new AFTER INSERT ON people
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION find_likely_duplicates();
CREATE TRIGGER people_alike_changed AFTER UPDATE ON people
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION find_likely_duplicates();
"""


def upgrade() -> None:
    """Make the tables, then the functions that keep what follows from them."""
    for statements in (PEOPLE, MEMBERS, DEVELOPMENT, TRANSFERS):
        run_sql(statements)
    for name in ("membership_periods", "likely_duplicates"):
        run_sql(resources.files("roster").joinpath(f"sql/{name}.sql").read_text())
    run_sql(TRIGGERS)
    forbid_changes("personal_views", "member_moves", "stocktakes")
