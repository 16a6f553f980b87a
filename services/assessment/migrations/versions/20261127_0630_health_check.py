"""The health check: more checks, members' lights, exemptions, corrections, what roster tells of branches (A3, A4)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0630"
down_revision = "20261127_0625"

TABLES = r"""
ALTER TABLE organisations ADD COLUMN dissolved_since timestamptz;
UPDATE organisations SET dissolved_since = now() WHERE dissolved;
ALTER TABLE organisations
    ADD CONSTRAINT organisations_dissolved_since CHECK (dissolved = (dissolved_since IS NOT NULL));

-- What roster tells of a branch besides its roll: who owes dues for which months, which rules of R2 it breaks.
CREATE TABLE standings (
    branch_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    breaches text[] NOT NULL
);
CREATE TABLE unpaid_dues (
    branch_id uuid NOT NULL CONSTRAINT unpaid_dues_branch_id_fkey REFERENCES standings,
    person_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT unpaid_dues_month CHECK (month ~ '^\d{4}-\d{2}$'),
    PRIMARY KEY (branch_id, person_id, month)
);
CREATE INDEX unpaid_dues_person_id_idx ON unpaid_dues (person_id);

-- applied ──consent──▶ consented ──approve──▶ approved ──end──▶ ended
--    ├──refuse, withdraw──┤
CREATE TABLE exemptions (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL,
    person_id uuid,
    person_name text,
    subject_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(person_id, branch_id)) STORED,
    ground text NOT NULL CONSTRAINT exemptions_ground CHECK (ground IN ('retired', 'ill', 'abroad', 'unsuited')),
    reason text NOT NULL,
    active_from date NOT NULL,
    active_until date NOT NULL,
    state text NOT NULL CONSTRAINT exemptions_state
        CHECK (state IN ('applied', 'consented', 'approved', 'refused', 'withdrawn', 'ended')),
    renews_id uuid CONSTRAINT exemptions_renews_id_fkey REFERENCES exemptions,
    applied_by_id uuid NOT NULL,
    consented_by_id uuid,
    decided_by_id uuid,
    decided_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT exemptions_person CHECK ((person_id IS NULL) = (person_name IS NULL)),
    CONSTRAINT exemptions_months CHECK (
        extract(day FROM active_from) = 1 AND extract(day FROM active_until) = 1
        AND active_until <= active_from + interval '12 months'
        AND (active_until > active_from OR (state = 'ended' AND active_until = active_from))),
    CONSTRAINT exemptions_consent
        CHECK (state NOT IN ('consented', 'approved', 'ended') OR consented_by_id IS NOT NULL),
    CONSTRAINT exemptions_decided CHECK (
        (decided_by_id IS NULL) = (decided_at IS NULL)
        AND (state NOT IN ('approved', 'ended') OR decided_by_id IS NOT NULL)),
    -- Whoever approves neither applied, nor consented, nor is the one who is exempt.
    CONSTRAINT exemptions_another_decides
        CHECK (decided_by_id IS NULL OR (decided_by_id <> applied_by_id AND decided_by_id <> consented_by_id
                                         AND decided_by_id IS DISTINCT FROM person_id)),
    CONSTRAINT exemptions_once EXCLUDE USING gist (subject_id WITH =, daterange(active_from, active_until) WITH &&)
        WHERE (state IN ('applied', 'consented', 'approved', 'ended'))
);
CREATE INDEX exemptions_branch_id_idx ON exemptions (branch_id);
CREATE INDEX exemptions_state_active_until_idx ON exemptions (state, active_until);

CREATE TABLE exemption_steps (
    exemption_id uuid NOT NULL CONSTRAINT exemption_steps_exemption_id_fkey REFERENCES exemptions,
    version bigint NOT NULL,
    move text NOT NULL CONSTRAINT exemption_steps_move
        CHECK (move IN ('apply', 'consent', 'approve', 'refuse', 'withdraw', 'end')),
    state text NOT NULL CONSTRAINT exemption_steps_state
        CHECK (state IN ('applied', 'consented', 'approved', 'refused', 'withdrawn', 'ended')),
    at timestamptz NOT NULL,
    said text,
    said_on date,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (exemption_id, version)
);

-- A frozen light was wrong: what it was, what it is, and why. Rows are only added.
CREATE TABLE light_corrections (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL,
    person_id uuid,
    month text NOT NULL CONSTRAINT light_corrections_month CHECK (month ~ '^\d{4}-\d{2}$'),
    from_light text NOT NULL
        CONSTRAINT light_corrections_from_light CHECK (from_light IN ('green', 'yellow', 'red', 'exempt')),
    to_light text NOT NULL
        CONSTRAINT light_corrections_to_light CHECK (to_light IN ('green', 'yellow', 'red', 'exempt')),
    reason text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT light_corrections_differ CHECK (from_light <> to_light)
);
CREATE INDEX light_corrections_branch_id_month_idx ON light_corrections (branch_id, month);

ALTER TABLE lights
    DROP CONSTRAINT lights_light,
    ADD CONSTRAINT lights_light CHECK (light IN ('green', 'yellow', 'red', 'exempt')),
    ADD COLUMN correction_id uuid CONSTRAINT lights_correction_id_fkey REFERENCES light_corrections,
    ADD CONSTRAINT lights_correction_id CHECK (correction_id IS NULL OR frozen_at IS NOT NULL);

-- The light of a member in a month; of the checks only those that are not green.
CREATE TABLE member_lights (
    person_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT member_lights_month CHECK (month ~ '^\d{4}-\d{2}$'),
    branch_id uuid NOT NULL,
    light text NOT NULL CONSTRAINT member_lights_light CHECK (light IN ('green', 'yellow', 'red', 'exempt')),
    readings jsonb NOT NULL,
    computed_at timestamptz NOT NULL,
    frozen_at timestamptz,
    correction_id uuid CONSTRAINT member_lights_correction_id_fkey REFERENCES light_corrections,
    PRIMARY KEY (person_id, month),
    CONSTRAINT member_lights_correction_id CHECK (correction_id IS NULL OR frozen_at IS NOT NULL)
);
CREATE INDEX member_lights_month_branch_id_idx ON member_lights (month, branch_id);

-- How many members of a branch have which light: sums over the tree read a row a branch.
CREATE TABLE member_light_counts (
    branch_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT member_light_counts_month CHECK (month ~ '^\d{4}-\d{2}$'),
    green integer NOT NULL,
    yellow integer NOT NULL,
    red integer NOT NULL,
    exempt integer NOT NULL,
    PRIMARY KEY (branch_id, month),
    CONSTRAINT member_light_counts_counts CHECK (green >= 0 AND yellow >= 0 AND red >= 0 AND exempt >= 0)
);

-- Frozen is frozen: only a correction, with its row, changes such a light, and nothing of it but the light.
CREATE FUNCTION keep_frozen_light() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (TG_OP = 'DELETE'
        OR NEW.correction_id IS NULL OR NEW.correction_id IS NOT DISTINCT FROM OLD.correction_id
        OR to_jsonb(NEW) - '{light,correction_id}'::text[] <> to_jsonb(OLD) - '{light,correction_id}'::text[]
        OR NOT EXISTS (SELECT FROM light_corrections c
                       WHERE c.id = NEW.correction_id AND c.month = OLD.month AND c.branch_id = OLD.branch_id
                         AND c.from_light = OLD.light AND c.to_light = NEW.light
                         AND coalesce(c.person_id::text, '') = coalesce(to_jsonb(OLD) ->> 'person_id', '')))
    THEN
        RAISE EXCEPTION 'the light of % is frozen; only a correction changes it', OLD.month USING ERRCODE = '42501';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_frozen_light BEFORE UPDATE OR DELETE ON lights
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION keep_frozen_light();
CREATE TRIGGER keep_frozen_light BEFORE UPDATE OR DELETE ON member_lights
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION keep_frozen_light();

ALTER TABLE check_numbers ADD COLUMN set_at timestamptz, ADD COLUMN set_by_id uuid, ADD COLUMN set_by_name text;
"""

RULES = "《中国共产党支部工作条例（试行）》"
COLOURS = "亮灯日期和颜色为本平台默认值"

# They begin with a month of their own: nobody is measured by a rule that was not there when the month began.
NUMBERS = f"""
INSERT INTO check_numbers (check_code, effective_from, numbers, citation) VALUES
    ('TasksDone', '2026-12-01', '{{"yellow_days": 5}}',
     '池西党群发〔2022〕12号第3条：每月25日前完成当月规定任务，逾期亮红灯；{COLOURS}'),
    ('QuarterlyAssembly', '2026-12-01', '{{"months": 3, "least": 1, "due_day": 25, "yellow_from_day": 20}}',
     '{RULES}：支部党员大会一般每季度召开1次；{COLOURS}'),
    ('MonthlyCommitteeMeeting', '2026-12-01',
     '{{"months": 1, "least": 1, "due_day": 25, "yellow_from_day": 20, "members_full_min": 7}}',
     '{RULES}：支部委员会会议一般每月召开1次，正式党员7人以上设支部委员会；{COLOURS}'),
    ('MonthlyGroupMeeting', '2026-12-01', '{{"months": 1, "least": 1, "due_day": 25, "yellow_from_day": 20}}',
     '{RULES}：党小组会一般每月召开1次；{COLOURS}'),
    ('QuarterlyLecture', '2026-12-01', '{{"months": 3, "least": 1, "due_day": 25, "yellow_from_day": 20}}',
     '{RULES}：党课应当定期开展；每季度1次和{COLOURS}'),
    ('YearlyOrganisationalLife', '2026-12-01', '{{"months": 12, "least": 1, "due_day": 25, "yellow_from_day": 20}}',
     '{RULES}：组织生活会每年至少召开1次；{COLOURS}'),
    ('YearlyAppraisal', '2026-12-01', '{{"months": 12, "least": 1, "due_day": 25, "yellow_from_day": 20}}',
     '{RULES}：每年开展1次民主评议党员；{COLOURS}'),
    ('DuesCollected', '2026-12-01', '{{"due_day": 25, "yellow_from_day": 20}}',
     '《中国共产党章程》第三条；《关于中国共产党党费收缴、使用和管理的规定》：按月交纳党费；{COLOURS}'),
    ('SettingRulesKept', '2026-12-01', '{{"yellow_from": 1}}', '{RULES}第二章：党支部设置；亮灯颜色为本平台默认值'),
    ('MemberDuesPaid', '2026-12-01', '{{"due_day": 25, "yellow_from_day": 20, "red_months": 6}}',
     '《中国共产党章程》第九条：连续6个月不交纳党费按自行脱党处理；{COLOURS}'),
    ('MemberTakesPart', '2026-12-01', '{{"red_missed": 6}}',
     '《中国共产党章程》第九条：连续6个月不参加组织生活按自行脱党处理；缺席未补亮黄灯为本平台默认值'),
    ('MemberDataComplete', '2026-12-01', '{{"groups_from_members": 20}}',
     '《中国共产党党员教育管理工作条例》：党员应当编入党的一个支部、小组；亮灯颜色为本平台默认值'),
    ('ShareOfGreen', '2022-03-01', '{{"percent": 99}}', '池西党群发〔2022〕12号：每月25日党支部绿灯率达到99%以上');
"""  # noqa: S608 - made of constants


def upgrade() -> None:
    run_sql(TABLES)
    forbid_changes("exemption_steps", "light_corrections")
    run_sql(NUMBERS)
