"""The tree's history by days, its changes with their grounds, setting rules by versions, findings that are kept."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0520"
down_revision = "20261127_0510"

ORGANISATIONS = """
ALTER TABLE organisations
    ADD COLUMN dissolved_on date,
    ADD COLUMN members_full integer NOT NULL DEFAULT 0,
    ADD COLUMN members_probationary integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT organisations_counts CHECK (members_full >= 0 AND members_probationary >= 0);
UPDATE organisations o SET members_full = c.members_full, members_probationary = c.members_probationary
  FROM (SELECT branch_id, count(*) FILTER (WHERE status = 'full') AS members_full,
               count(*) FILTER (WHERE status = 'probationary') AS members_probationary
          FROM members GROUP BY branch_id) c
 WHERE c.branch_id = o.id;
CREATE INDEX organisations_division_code_idx ON organisations (division_code);
CREATE INDEX organisations_code_start_idx ON organisations (code text_pattern_ops);
CREATE INDEX organisations_counted_idx ON organisations (path) INCLUDE (members_full, members_probationary);

CREATE TABLE joint_units (
    organisation_id uuid NOT NULL CONSTRAINT joint_units_organisation_id_fkey REFERENCES organisations,
    name text NOT NULL CONSTRAINT joint_units_name CHECK (length(name) BETWEEN 1 AND 200),
    active_from date NOT NULL,
    active_until date,
    recorded_by text,
    CONSTRAINT joint_units_pkey PRIMARY KEY (organisation_id, name, active_from),
    CONSTRAINT joint_units_dates CHECK (active_until > active_from)
);
CREATE UNIQUE INDEX joint_units_open_key ON joint_units (organisation_id, name) WHERE active_until IS NULL;

CREATE TABLE division_crosswalk (
    nbs_code text PRIMARY KEY,
    mca_code text NOT NULL CONSTRAINT division_crosswalk_mca_code_key UNIQUE,
    name text NOT NULL,
    CONSTRAINT division_crosswalk_codes CHECK (nbs_code ~ '^[0-9]{2,12}$' AND mca_code ~ '^[0-9]{2,12}$')
);
"""

# What is on record has no day of its own: it holds from the day it was written down.
HISTORY = """
ALTER TABLE organisation_history
    ALTER COLUMN path TYPE text COLLATE "C",
    ADD COLUMN effective_on date,
    ADD COLUMN field text,
    ADD COLUMN dissolved boolean NOT NULL DEFAULT false,
    ADD COLUMN formerly text,
    ADD COLUMN change_id uuid;
ALTER TABLE organisation_history DISABLE TRIGGER USER;
UPDATE organisation_history h
   SET effective_on = (h.changed_at AT TIME ZONE 'Asia/Shanghai')::date, field = o.field,
       formerly = (SELECT b.name FROM organisation_history b
                    WHERE b.organisation_id = h.organisation_id AND b.version < h.version AND b.name <> h.name
                    ORDER BY b.version DESC LIMIT 1)
  FROM organisations o WHERE o.id = h.organisation_id;
ALTER TABLE organisation_history ENABLE TRIGGER USER;
ALTER TABLE organisation_history ALTER COLUMN effective_on SET NOT NULL, ALTER COLUMN field SET NOT NULL;
CREATE INDEX organisation_history_under_idx ON organisation_history (parent_id, effective_on);
CREATE INDEX organisation_history_formerly_idx ON organisation_history USING gin (formerly gin_trgm_ops)
    WHERE formerly IS NOT NULL;

CREATE TABLE structure_changes (
    id uuid PRIMARY KEY,
    verb text NOT NULL CONSTRAINT structure_changes_verb
        CHECK (verb IN ('found', 'rename', 'change_kind', 'move', 'merge', 'split', 'dissolve')),
    effective_on date NOT NULL,
    document_number text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    counts jsonb NOT NULL
);
CREATE TABLE structure_change_parts (
    change_id uuid NOT NULL CONSTRAINT structure_change_parts_change_id_fkey REFERENCES structure_changes,
    organisation_id uuid NOT NULL CONSTRAINT structure_change_parts_organisation_id_fkey REFERENCES organisations,
    part text NOT NULL CONSTRAINT structure_change_parts_part
        CHECK (part IN ('changed', 'founded', 'moved', 'ended', 'took_in', 'gave_out')),
    name text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT structure_change_parts_pkey PRIMARY KEY (change_id, organisation_id, part)
);
CREATE INDEX structure_change_parts_of_idx ON structure_change_parts (organisation_id, at, change_id);
"""

FINDINGS = """
ALTER TABLE setting_rules
    DROP CONSTRAINT setting_rules_dates,
    ADD COLUMN applies boolean NOT NULL DEFAULT true,
    ADD COLUMN set_at timestamptz,
    ADD COLUMN set_by uuid,
    ADD COLUMN set_by_name text;
-- A version held until a day of its own; from now on it holds until the next one, so what ended is set aside by one.
INSERT INTO setting_rules (rule, active_from, numbers, severity, citation, applies)
SELECT rule, active_until, numbers, severity, citation, false FROM setting_rules WHERE active_until IS NOT NULL
ON CONFLICT DO NOTHING;
ALTER TABLE setting_rules DROP COLUMN active_until;

CREATE TABLE findings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT findings_organisation_id_fkey REFERENCES organisations,
    rule text NOT NULL,
    rule_from date NOT NULL,
    severity text NOT NULL CONSTRAINT findings_severity CHECK (severity IN ('breach', 'remark')),
    said jsonb NOT NULL,
    opened_on date NOT NULL,
    closed_on date,
    path text COLLATE "C" NOT NULL,
    field text NOT NULL,
    CONSTRAINT findings_dates CHECK (closed_on > opened_on)
);
CREATE UNIQUE INDEX findings_open_key ON findings (organisation_id, rule) WHERE closed_on IS NULL;
CREATE INDEX findings_listed_idx ON findings (path, rule) INCLUDE (severity, field, organisation_id)
    WHERE closed_on IS NULL;
CREATE INDEX findings_of_rule_idx ON findings (rule, path) WHERE closed_on IS NULL;
CREATE INDEX findings_closed_idx ON findings (organisation_id, closed_on) WHERE closed_on IS NOT NULL;

CREATE TABLE finding_checks (
    checked_on date PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    organisations integer NOT NULL DEFAULT 0,
    opened integer NOT NULL DEFAULT 0,
    closed integer NOT NULL DEFAULT 0,
    drifted integer NOT NULL DEFAULT 0
);

CREATE TABLE name_overrides (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT name_overrides_organisation_id_fkey REFERENCES organisations,
    rule text NOT NULL,
    name text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by_id uuid,
    withdrawn_by text,
    withdrawn_because text,
    CONSTRAINT name_overrides_withdrawn CHECK (
        (withdrawn_at IS NULL) = (withdrawn_by_id IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_by IS NULL)
        AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL))
);
CREATE UNIQUE INDEX name_overrides_in_force_key ON name_overrides (organisation_id, rule, name)
    WHERE withdrawn_at IS NULL;
"""

RULES = """
INSERT INTO setting_rules (rule, active_from, numbers, severity, citation) VALUES
    ('joint-units', '2018-10-28', '{"least": 2, "most": 5}', 'breach',
     '《中国共产党支部工作条例（试行）》（2018年）'),
    ('usual-committee', '2018-10-28', '{"most": 5, "at_all": 7}', 'remark',
     '《中国共产党支部工作条例（试行）》（2018年）'),
    ('no-committee', '2018-10-28', '{"below": 7, "most": 2}', 'remark', '《中国共产党支部工作条例（试行）》（2018年）'),
    ('one-group-each', '2022-01-01', '{}', 'breach', '《关于开展党支部基本建设年的工作方案》（2022年）'),
    ('name-ending', '2018-10-28',
     '{"endings": {"committee": ["党委", "委员会"], "working_committee": ["党工委", "工作委员会"],
       "leading_group": ["党组"], "general_branch": ["党总支", "党总支部", "总支部委员会"],
       "branch": ["党支部", "支部委员会"], "joint_branch": ["联合党支部", "联合支部委员会"]}}',
     'remark', '《中国共产党支部工作条例（试行）》（2018年）；结尾用语表由本级组织部门确定'),
    ('name-beginning', '2018-10-28',
     '{"least": 2, "generic": ["机关", "离退休", "退休", "在职", "临时", "流动", "直属", "基层"]}',
     'remark', '《中国共产党支部工作条例（试行）》（2018年）；开头用语由本级组织部门确定');
"""

TRIGGERS = """
CREATE TRIGGER members_in_branches_new AFTER INSERT ON members
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION members_belong_to_branches();
CREATE TRIGGER members_in_branches_moved AFTER UPDATE ON members
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION members_belong_to_branches();
CREATE TRIGGER organisations_emptied AFTER UPDATE OF dissolved_on, kind ON organisations
    FOR EACH ROW WHEN (OLD.dissolved_on IS DISTINCT FROM NEW.dissolved_on OR OLD.kind <> NEW.kind)
    EXECUTE FUNCTION ended_organisations_are_empty();
"""


def upgrade() -> None:
    """Extend the tree and its history, make the tables of findings, then what holds them true."""
    for statements in (ORGANISATIONS, HISTORY, FINDINGS, RULES):
        run_sql(statements)
    run_sql(resources.files("roster").joinpath("sql/members_in_branches.sql").read_text())
    run_sql(TRIGGERS)
    forbid_changes("setting_rules", "structure_changes", "structure_change_parts")
