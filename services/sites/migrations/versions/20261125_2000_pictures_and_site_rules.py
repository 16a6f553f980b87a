"""Pictures, the life of a site with its grounds, checks and evaluations, and applications for admission (S1, S14)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261125_2000"
down_revision = "20261125_1930"

PICTURES = """
CREATE TABLE pictures (
    id uuid CONSTRAINT pictures_pkey PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT pictures_site_id_fkey REFERENCES sites,
    purpose text NOT NULL CONSTRAINT pictures_purpose CHECK (purpose IN ('site', 'check', 'closure')),
    subject_id uuid NOT NULL,
    position smallint NOT NULL CONSTRAINT pictures_position CHECK (position BETWEEN 1 AND 20),
    sha256 text NOT NULL,
    thumbnail_sha256 text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    size integer NOT NULL,
    alt text NOT NULL CONSTRAINT pictures_alt CHECK (alt <> ''),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    CONSTRAINT pictures_purpose_subject_id_position_key UNIQUE (purpose, subject_id, position) DEFERRABLE
);
"""

LIFE = """
-- proposed ──▶ open ⇄ suspended ──▶ withdrawn; why and since when it is what it is.
ALTER TABLE sites
    ADD COLUMN state_reason text,
    ADD COLUMN state_since date,
    ADD COLUMN star smallint CONSTRAINT sites_star CHECK (star BETWEEN 1 AND 5),
    ADD COLUMN grade text;

CREATE TABLE site_grounds (
    move text NOT NULL CONSTRAINT site_grounds_move CHECK (move IN ('suspend', 'withdraw')),
    ground text NOT NULL,
    active_from date NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    notice_days integer NOT NULL CONSTRAINT site_grounds_notice_days CHECK (notice_days BETWEEN 0 AND 366),
    citation text NOT NULL,
    CONSTRAINT site_grounds_pkey PRIMARY KEY (move, ground, active_from)
);
INSERT INTO site_grounds (move, ground, active_from, name, name_en, notice_days, citation) VALUES
    ('suspend', 'safety', '2020-01-01', '安全隐患', 'A danger to visitors', 0,
     '默认规则：有安全隐患的立即暂停（待区委组织部发文替换）'),
    ('suspend', 'repair', '2020-01-01',
     '修缮或布展', 'Repairs or a new exhibition', 14,
     '默认规则：修缮、布展提前 14 天告知（待区委组织部发文替换）'),
    ('suspend', 'check_failed', '2020-01-01',
     '检查未达标', 'A check was not passed', 7,
     '默认规则：检查未达标的 7 天后暂停接待（待区委组织部发文替换）'),
    ('suspend', 'grade', '2020-01-01',
     '年度评价不合格', 'The yearly evaluation was failed', 7,
     '默认规则：年度评价不合格的限期整改，7 天后暂停（待区委组织部发文替换）'),
    ('withdraw', 'own_wish', '2020-01-01',
     '管理单位申请退出', 'Its keeper wishes to leave', 30,
     '默认规则：申请退出的提前 30 天告知（待区委组织部发文替换）'),
    ('withdraw', 'not_mended', '2020-01-01',
     '整改后仍不达标', 'Not mended in time', 14,
     '默认规则：整改后仍不达标的提前 14 天告知后退出（待区委组织部发文替换）'),
    ('withdraw', 'false_claims', '2020-01-01',
     '弄虚作假套取补贴', 'False claims for subsidies', 0,
     '默认规则：弄虚作假的立即退出（待区委组织部发文替换）');

CREATE TABLE site_check_terms (
    active_from date CONSTRAINT site_check_terms_pkey PRIMARY KEY,
    months integer NOT NULL CONSTRAINT site_check_terms_months CHECK (months BETWEEN 1 AND 60),
    citation text NOT NULL
);
INSERT INTO site_check_terms VALUES
    ('2020-01-01', 12, '默认规则：实训基地“三统一”每年核查一次（待区委组织部发文替换）');

-- The "three same" of a training base: sign, area, equipment. Append-only.
CREATE TABLE site_checks (
    id uuid CONSTRAINT site_checks_pkey PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT site_checks_site_id_fkey REFERENCES sites,
    checked_on date NOT NULL,
    sign boolean NOT NULL,
    area boolean NOT NULL,
    equipment boolean NOT NULL,
    note text,
    due_on date NOT NULL CONSTRAINT site_checks_due_on CHECK (due_on > checked_on),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX site_checks_site_idx ON site_checks (site_id, checked_on, id);
"""

EVALUATION = """
CREATE TABLE site_criteria (
    kind text NOT NULL CONSTRAINT site_criteria_kind CHECK (kind IN ('evaluation', 'field_check')),
    code text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    position smallint NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    weight integer NOT NULL CONSTRAINT site_criteria_weight CHECK (weight BETWEEN 0 AND 100),
    citation text NOT NULL,
    CONSTRAINT site_criteria_pkey PRIMARY KEY (kind, code, active_from),
    CONSTRAINT site_criteria_active_until CHECK (active_until > active_from)
);
INSERT INTO site_criteria (kind, code, active_from, position, name, name_en, weight, citation) VALUES
    ('evaluation', 'reception', '2020-01-01', 1,
     '接待情况：开放天数、接待支部和人次', 'Visits received: days open, branches, heads', 30,
     '默认评价办法第 1 项（待区委组织部发文替换）'),
    ('evaluation', 'programmes', '2020-01-01', 2,
     '活动菜单：主题、内容更新、讲解质量', 'Programmes: themes, renewal, guiding', 25,
     '默认评价办法第 2 项（待区委组织部发文替换）'),
    ('evaluation', 'feedback', '2020-01-01', 3,
     '支部评价与意见办理', 'Ratings by branches, and answers to them', 20,
     '默认评价办法第 3 项（待区委组织部发文替换）'),
    ('evaluation', 'upkeep', '2020-01-01', 4,
     '阵地建设：标识、场地、设备、无障碍', 'The place: sign, rooms, equipment, accessibility', 15,
     '默认评价办法第 4 项（待区委组织部发文替换）'),
    ('evaluation', 'records', '2020-01-01', 5,
     '资料与用单、补单规范', 'Records, check-ins and claims in order', 10,
     '默认评价办法第 5 项（待区委组织部发文替换）'),
    ('field_check', 'theme', '2020-01-01', 1,
     '主题鲜明，内容与开放式组织生活相符', 'Its theme fits open organisational life', 0,
     '默认准入清单第 1 项（待区委组织部发文替换）'),
    ('field_check', 'room', '2020-01-01', 2,
     '场地可容纳一个支部（不少于 20 人）', 'There is room for a branch (20 heads or more)', 0,
     '默认准入清单第 2 项（待区委组织部发文替换）'),
    ('field_check', 'safety', '2020-01-01', 3,
     '消防、疏散通道和应急预案齐备', 'Fire safety, ways out and an emergency plan', 0,
     '默认准入清单第 3 项（待区委组织部发文替换）'),
    ('field_check', 'guide', '2020-01-01', 4,
     '有讲解员或讲解设备', 'There is a guide or an audio guide', 0,
     '默认准入清单第 4 项（待区委组织部发文替换）'),
    ('field_check', 'keeper', '2020-01-01', 5,
     '有专人管理，联系电话畅通', 'Somebody keeps it and answers the telephone', 0,
     '默认准入清单第 5 项（待区委组织部发文替换）'),
    ('field_check', 'access', '2020-01-01', 6,
     '大巴可到达，有停车位置', 'A coach can come and park', 0,
     '默认准入清单第 6 项（待区委组织部发文替换）');

CREATE TABLE site_grades (
    grade text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    name text NOT NULL,
    name_en text NOT NULL,
    points_min integer NOT NULL CONSTRAINT site_grades_points_min CHECK (points_min BETWEEN 0 AND 100),
    star smallint NOT NULL CONSTRAINT site_grades_star CHECK (star BETWEEN 1 AND 5),
    citation text NOT NULL,
    CONSTRAINT site_grades_pkey PRIMARY KEY (grade, active_from),
    CONSTRAINT site_grades_points_min_active_from_key UNIQUE (points_min, active_from),
    CONSTRAINT site_grades_active_until CHECK (active_until > active_from)
);
INSERT INTO site_grades (grade, active_from, name, name_en, points_min, star, citation) VALUES
    ('excellent', '2020-01-01', '优秀', 'Excellent', 90, 5, '默认评价办法：90 分以上（待区委组织部发文替换）'),
    ('good', '2020-01-01', '良好', 'Good', 80, 4, '默认评价办法：80 分以上（待区委组织部发文替换）'),
    ('sound', '2020-01-01', '合格', 'Sound', 60, 3, '默认评价办法：60 分以上（待区委组织部发文替换）'),
    ('failed', '2020-01-01', '不合格', 'Failed', 0, 1, '默认评价办法：不足 60 分（待区委组织部发文替换）');

CREATE TABLE site_evaluations (
    id uuid CONSTRAINT site_evaluations_pkey PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT site_evaluations_site_id_fkey REFERENCES sites,
    year integer NOT NULL,
    lines jsonb NOT NULL,
    total numeric(5, 2) NOT NULL CONSTRAINT site_evaluations_total CHECK (total BETWEEN 0 AND 100),
    grade text NOT NULL,
    star smallint NOT NULL CONSTRAINT site_evaluations_star CHECK (star BETWEEN 1 AND 5),
    active_from date NOT NULL,
    note text,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT site_evaluations_site_id_year_key UNIQUE (site_id, year)
);
"""

ADMISSION = """
-- applied ──▶ checked ──▶ approved; refused or retracted on the way
CREATE TABLE admissions (
    id uuid CONSTRAINT admissions_pkey PRIMARY KEY,
    organisation_id uuid NOT NULL,
    organisation text NOT NULL,
    path text NOT NULL,
    name text NOT NULL,
    category text NOT NULL CONSTRAINT admissions_category
        CHECK (category IN ('rural', 'urban', 'new_economy_and_social', 'comprehensive')),
    kind text NOT NULL CONSTRAINT admissions_kind
        CHECK (kind IN ('education_base', 'demonstration_site', 'party_school_teaching_point', 'service_centre',
                        'check_up_centre', 'training_base')),
    district text NOT NULL,
    town text,
    address text NOT NULL,
    point geometry(Point, 4326) NOT NULL,
    point_datum text NOT NULL
        CONSTRAINT admissions_point_datum CHECK (point_datum IN ('WGS-84', 'GCJ-02', 'BD-09', 'CGCS2000')),
    capacity integer NOT NULL CONSTRAINT admissions_capacity CHECK (capacity > 0),
    visit_minutes integer NOT NULL CONSTRAINT admissions_visit_minutes CHECK (visit_minutes > 0),
    statement text NOT NULL,
    state text NOT NULL CONSTRAINT admissions_state
        CHECK (state IN ('applied', 'checked', 'approved', 'refused', 'retracted')),
    applied_at timestamptz NOT NULL,
    checklist jsonb,
    site_id uuid CONSTRAINT admissions_site_id_fkey REFERENCES sites,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT admissions_site CHECK ((state = 'approved') = (site_id IS NOT NULL)),
    CONSTRAINT admissions_checklist CHECK (state NOT IN ('checked', 'approved') OR checklist IS NOT NULL)
);
CREATE INDEX admissions_applied_idx ON admissions (applied_at, id);

CREATE TABLE admission_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT admission_history_pkey PRIMARY KEY,
    admission_id uuid NOT NULL CONSTRAINT admission_history_admission_id_fkey REFERENCES admissions,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reason text
);
CREATE INDEX admission_history_admission_idx ON admission_history (admission_id, id);
"""


def upgrade() -> None:
    for statements in (PICTURES, LIFE, EVALUATION, ADMISSION):
        run_sql(statements)
    forbid_changes("site_checks", "site_evaluations", "admission_history")
