"""On-site rounds (A9): criteria with ours for four kinds, rounds, teams, visits and what was found on them."""

from typing import Final
from uuid import UUID, uuid5

from alembic import op
from chassis.migrations import forbid_changes, run_sql
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import text

revision = "20261127_0650"
down_revision = "20261127_0640"

TABLES = """
CREATE TABLE criteria (
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    organisation_id uuid,
    CONSTRAINT criteria_pkey PRIMARY KEY (id),
    CONSTRAINT criteria_name_key UNIQUE (name),
    CONSTRAINT criteria_kind CHECK (kind IN ('village', 'community', 'organ', 'two_new'))
);

CREATE TABLE visit_places (
    organisation_id uuid NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    is_made_up boolean DEFAULT false NOT NULL,
    at timestamptz NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT visit_places_pkey PRIMARY KEY (organisation_id),
    CONSTRAINT visit_places_point CHECK (lon BETWEEN 73 AND 136 AND lat BETWEEN 3 AND 54)
);

CREATE TABLE criteria_versions (
    id uuid NOT NULL,
    criteria_id uuid NOT NULL,
    number integer NOT NULL,
    citation text NOT NULL,
    made_at timestamptz,
    made_by_id uuid,
    made_by text,
    CONSTRAINT criteria_versions_pkey PRIMARY KEY (id),
    CONSTRAINT criteria_versions_criteria_id_number_key UNIQUE (criteria_id, number),
    CONSTRAINT criteria_versions_number CHECK (number > 0),
    CONSTRAINT criteria_versions_criteria_id_fkey FOREIGN KEY (criteria_id) REFERENCES criteria (id)
);

CREATE TABLE criteria_headings (
    version_id uuid NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    weight smallint NOT NULL,
    CONSTRAINT criteria_headings_pkey PRIMARY KEY (version_id, number),
    CONSTRAINT criteria_headings_weight CHECK (weight BETWEEN 1 AND 100),
    CONSTRAINT criteria_headings_version_id_fkey FOREIGN KEY (version_id) REFERENCES criteria_versions (id)
);

CREATE TABLE rounds (
    id uuid NOT NULL,
    name text NOT NULL,
    period_kind text NOT NULL,
    period text NOT NULL,
    organisation_id uuid NOT NULL,
    path text COLLATE "C" NOT NULL,
    version_id uuid NOT NULL,
    fields text[] NOT NULL,
    kinds text[] NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    is_cross boolean NOT NULL,
    is_stratified boolean NOT NULL,
    sample_percent smallint NOT NULL,
    departs_at time NOT NULL,
    visit_minutes smallint NOT NULL,
    visits_a_day smallint NOT NULL,
    state text DEFAULT 'planned' NOT NULL,
    seed_on date,
    seed_number text,
    draw_key uuid,
    draw_at timestamptz,
    announced_at timestamptz,
    announced_by_id uuid,
    announced_by text,
    drawn_at timestamptz,
    is_plan_due boolean DEFAULT false NOT NULL,
    closed_at timestamptz,
    reason text,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    version bigint DEFAULT '1' NOT NULL,
    CONSTRAINT rounds_pkey PRIMARY KEY (id),
    CONSTRAINT rounds_period_kind CHECK (period_kind IN ('half_year', 'quarter', 'batch')),
    CONSTRAINT rounds_state CHECK (state IN ('planned', 'announced', 'drawn', 'closed', 'withdrawn')),
    CONSTRAINT rounds_days CHECK (ends_on >= starts_on AND ends_on - starts_on < 200),
    CONSTRAINT rounds_sample_percent CHECK (sample_percent BETWEEN 1 AND 100),
    CONSTRAINT rounds_visits CHECK (visit_minutes BETWEEN 10 AND 480 AND visits_a_day BETWEEN 1 AND 20),
    CONSTRAINT rounds_kinds CHECK (cardinality(kinds) > 0),
    CONSTRAINT rounds_seed
        CHECK (state IN ('planned', 'withdrawn') OR (seed_on IS NOT NULL AND seed_number IS NOT NULL
            AND draw_key IS NOT NULL AND draw_at > announced_at)),
    CONSTRAINT rounds_drawn_at CHECK (drawn_at IS NULL OR drawn_at >= draw_at),
    CONSTRAINT rounds_drawn CHECK ((state IN ('drawn', 'closed')) = (drawn_at IS NOT NULL)),
    CONSTRAINT rounds_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT rounds_reason CHECK (state <> 'withdrawn' OR reason IS NOT NULL),
    CONSTRAINT rounds_version_id_fkey FOREIGN KEY (version_id) REFERENCES criteria_versions (id)
);
CREATE INDEX rounds_starts_on_id_idx ON rounds (starts_on, id);

CREATE TABLE criteria_items (
    id uuid NOT NULL,
    version_id uuid NOT NULL,
    heading smallint NOT NULL,
    number smallint NOT NULL,
    text text NOT NULL,
    full_marks numeric(5, 1) NOT NULL,
    evidence text NOT NULL,
    deduction text NOT NULL,
    CONSTRAINT criteria_items_pkey PRIMARY KEY (id),
    CONSTRAINT criteria_items_version_id_fkey
        FOREIGN KEY (version_id, heading) REFERENCES criteria_headings (version_id, number),
    CONSTRAINT criteria_items_version_id_heading_number_key UNIQUE (version_id, heading, number),
    CONSTRAINT criteria_items_full_marks CHECK (full_marks > 0)
);

CREATE TABLE round_teams (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    number smallint NOT NULL,
    name text NOT NULL,
    CONSTRAINT round_teams_pkey PRIMARY KEY (id),
    CONSTRAINT round_teams_round_id_number_key UNIQUE (round_id, number),
    CONSTRAINT round_teams_round_id_id_key UNIQUE (round_id, id),
    CONSTRAINT round_teams_round_id_fkey FOREIGN KEY (round_id) REFERENCES rounds (id)
);

CREATE TABLE round_exclusions (
    round_id uuid NOT NULL,
    team_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    reason text NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT round_exclusions_pkey PRIMARY KEY (team_id, organisation_id),
    CONSTRAINT round_exclusions_round_id_fkey FOREIGN KEY (round_id, team_id) REFERENCES round_teams (round_id, id),
    CONSTRAINT round_exclusions_reason CHECK (reason IN ('own', 'superior', 'own_town', 'last_round'))
);
CREATE INDEX round_exclusions_round_id_idx ON round_exclusions (round_id);

CREATE TABLE round_visits (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    round_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    name text NOT NULL,
    path text COLLATE "C" NOT NULL,
    town_id uuid,
    town text,
    digest text,
    position integer,
    team_id uuid,
    visit_on date,
    stop smallint,
    starts_at time,
    state text DEFAULT 'listed' NOT NULL,
    finished_on date,
    score numeric(5, 2),
    report text,
    word text,
    decision text,
    version bigint DEFAULT '1' NOT NULL,
    CONSTRAINT round_visits_pkey PRIMARY KEY (id),
    CONSTRAINT round_visits_round_id_organisation_id_key UNIQUE (round_id, organisation_id),
    CONSTRAINT round_visits_team_fkey FOREIGN KEY (round_id, team_id) REFERENCES round_teams (round_id, id),
    CONSTRAINT round_visits_state
        CHECK (state IN ('listed', 'not_sampled', 'unplaced', 'assigned', 'finished', 'closed', 'sent',
            'acknowledged', 'disputed', 'settled')),
    CONSTRAINT round_visits_team CHECK ((state IN ('listed', 'not_sampled', 'unplaced')) = (team_id IS NULL)),
    CONSTRAINT round_visits_times
        CHECK ((visit_on IS NULL) = (starts_at IS NULL) AND (visit_on IS NULL) = (stop IS NULL)),
    CONSTRAINT round_visits_finished
        CHECK ((state IN ('finished', 'closed', 'sent', 'acknowledged', 'disputed',
            'settled')) = (finished_on IS NOT NULL)),
    CONSTRAINT round_visits_scored
        CHECK ((state IN ('closed', 'sent', 'acknowledged', 'disputed', 'settled')) = (score IS NOT NULL)),
    CONSTRAINT round_visits_score CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT round_visits_word CHECK (state NOT IN ('acknowledged', 'disputed', 'settled') OR word IS NOT NULL),
    CONSTRAINT round_visits_decision CHECK (state <> 'settled' OR decision IS NOT NULL),
    CONSTRAINT round_visits_round_id_fkey FOREIGN KEY (round_id) REFERENCES rounds (id)
);
CREATE INDEX round_visits_organisation_id_idx ON round_visits (organisation_id);
CREATE INDEX round_visits_team_id_idx ON round_visits (team_id, visit_on, stop);

CREATE TABLE team_members (
    team_id uuid NOT NULL,
    person_id uuid NOT NULL,
    round_id uuid NOT NULL,
    name text NOT NULL,
    organisation_id uuid NOT NULL,
    is_leader boolean NOT NULL,
    CONSTRAINT team_members_pkey PRIMARY KEY (team_id, person_id),
    CONSTRAINT team_members_round_id_fkey FOREIGN KEY (round_id, team_id) REFERENCES round_teams (round_id, id),
    CONSTRAINT team_members_round_id_person_id_key UNIQUE (round_id, person_id)
);
CREATE UNIQUE INDEX team_members_leader_idx ON team_members (team_id) WHERE is_leader;
CREATE INDEX team_members_person_id_idx ON team_members (person_id);

CREATE TABLE visit_answers (
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    item_id uuid NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    points numeric(5, 1),
    no_evidence text,
    remark text,
    answered_at timestamptz NOT NULL,
    synced_at timestamptz NOT NULL,
    CONSTRAINT visit_answers_pkey PRIMARY KEY (id),
    CONSTRAINT visit_answers_points CHECK (points >= 0),
    CONSTRAINT visit_answers_remark CHECK (points IS NOT NULL OR remark IS NOT NULL),
    CONSTRAINT visit_answers_no_evidence
        CHECK (no_evidence IS NULL OR no_evidence IN ('not_done', 'not_recorded', 'not_at_hand', 'lost',
            'not_due', 'other')),
    CONSTRAINT visit_answers_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES round_visits (id),
    CONSTRAINT visit_answers_item_id_fkey FOREIGN KEY (item_id) REFERENCES criteria_items (id)
);
CREATE INDEX visit_answers_visit_id_item_id_idx ON visit_answers (visit_id, item_id, by_id, answered_at);

CREATE TABLE visit_decisions (
    visit_id uuid NOT NULL,
    item_id uuid NOT NULL,
    number smallint NOT NULL,
    points numeric(5, 1),
    reason text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT visit_decisions_pkey PRIMARY KEY (visit_id, item_id, number),
    CONSTRAINT visit_decisions_points CHECK (points >= 0),
    CONSTRAINT visit_decisions_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES round_visits (id),
    CONSTRAINT visit_decisions_item_id_fkey FOREIGN KEY (item_id) REFERENCES criteria_items (id)
);

CREATE TABLE visit_problems (
    id uuid NOT NULL,
    visit_id uuid NOT NULL,
    item_id uuid,
    kind text NOT NULL,
    text text NOT NULL,
    found_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    dropped_at timestamptz,
    CONSTRAINT visit_problems_pkey PRIMARY KEY (id),
    CONSTRAINT visit_problems_kind
        CHECK (kind IN ('setting', 'committee', 'regular_meetings', 'theme_day', 'organisational_life',
            'members', 'development', 'dues', 'records', 'place', 'service', 'other')),
    CONSTRAINT visit_problems_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES round_visits (id),
    CONSTRAINT visit_problems_item_id_fkey FOREIGN KEY (item_id) REFERENCES criteria_items (id)
);
CREATE INDEX visit_problems_visit_id_idx ON visit_problems (visit_id);

CREATE TABLE visit_steps (
    visit_id uuid NOT NULL,
    version bigint NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    text text,
    score numeric(5, 2),
    steps jsonb,
    CONSTRAINT visit_steps_pkey PRIMARY KEY (visit_id, version),
    CONSTRAINT visit_steps_move
        CHECK (move IN ('place', 'leave', 'block', 'finish', 'reopen', 'close', 'send', 'acknowledge',
            'dispute', 'settle')),
    CONSTRAINT visit_steps_state
        CHECK (state IN ('listed', 'not_sampled', 'unplaced', 'assigned', 'finished', 'closed', 'sent',
            'acknowledged', 'disputed', 'settled')),
    CONSTRAINT visit_steps_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES round_visits (id)
);

-- What a round gave each organisation, once its visit is closed.
CREATE VIEW round_scores AS
SELECT round_id, organisation_id, score, finished_on FROM round_visits WHERE score IS NOT NULL;
"""

CITATION: Final = (
    "《中国共产党支部工作条例（试行）》（2018年10月28日）；淄川“现场评估—结果反馈—业务培训—问题整改—成效验收”体系；"
    "权重、分值与扣分办法为本平台默认值"
)
# Heading, weight, items: text, full marks, evidence, how points are deducted.
Item = tuple[str, float, str, str]
COMMON: Final[tuple[tuple[str, int, tuple[Item, ...]], ...]] = (
    (
        "组织设置与班子建设",
        15,
        (
            (
                "组织设置、名称和隶属关系规范，与正式党员人数相符",
                5,
                "党员名册、成立（调整）批复",
                "每有一处不规范扣1分",
            ),
            ("按期换届，班子成员齐全、分工明确", 6, "换届请示与批复、分工记录", "逾期未换届不得分；缺职未补每人扣1分"),
            ("党员20人以上的划分党小组，每组一般不超过10人", 4, "党小组名单", "应划未划不得分；每组超员扣0.5分"),
        ),
    ),
    (
        "组织生活",
        30,
        (
            (
                "支部党员大会每季度、支委会和党小组会每月召开",
                8,
                "《党支部工作手册》会议记录",
                "每少一次扣1分；记录不全每次扣0.5分",
            ),
            ("按期上党课，书记每年至少讲一次", 5, "党课记录、课件", "每少一次扣1分；书记未讲扣2分"),
            ("每月开展一次主题党日，主题明确、有签到", 8, "主题党日记录", "每少一次扣1分；以娱乐活动代替的该次不得分"),
            (
                "每年召开组织生活会，开展民主评议党员和谈心谈话",
                6,
                "组织生活会、评议与谈话记录",
                "未召开不得分；程序缺项每项扣1分",
            ),
            ("因故缺席的党员及时补学", 3, "请假与补学记录", "每有一人次未补学扣0.5分"),
        ),
    ),
    (
        "党员教育管理",
        20,
        (
            ("党员名册准确完整，年度盘点已签字", 5, "党员名册、盘点表", "信息错漏每人扣0.5分；未盘点扣2分"),
            ("发展党员程序规范，材料齐全", 6, "发展党员档案", "程序倒置不得分；材料缺项每项扣1分"),
            ("党费按月足额收缴并公示", 5, "党费台账、公示", "每有一人次漏缴扣0.5分；未公示扣1分"),
            ("流动党员有联系、有管理", 4, "流动党员台账、联系记录", "失去联系未上报每人扣1分"),
        ),
    ),
    (
        "纪实与档案",
        15,
        (
            ("《党支部工作手册》填写及时、真实、完整", 8, "《党支部工作手册》", "补记、代签每处扣1分；造假不得分"),
            ("档案分类保管，交接有手续", 4, "档案目录、交接单", "缺目录扣1分；无法提供每件扣0.5分"),
            ("上次评估发现的问题已整改", 3, "整改台账与佐证", "每有一项未整改扣1分；虚假整改不得分"),
        ),
    ),
    (
        "阵地与服务",
        10,
        (
            ("有固定的活动场所，党旗、制度、承诺上墙", 5, "现场查看", "每缺一项扣1分"),
            ("联系服务群众有安排、有结果", 5, "走访记录、办理结果", "无安排扣2分；无结果每件扣0.5分"),
        ),
    ),
)
SPECIFIC: Final[dict[str, tuple[str, str, tuple[Item, ...]]]] = {
    "village": (
        "现场评估标准·村",
        "抓党建促乡村振兴",
        (
            ("村级重大事项实行“四议两公开”", 5, "决策记录、公示", "应议未议每件扣1分；未公开每件扣1分"),
            ("党组织领办的乡村振兴事项有进展", 5, "项目清单、台账", "无清单扣2分；无进展每项扣1分"),
        ),
    ),
    "community": (
        "现场评估标准·社区",
        "党建引领基层治理",
        (
            ("网格设党组织，与物业、业委会议事协商", 5, "网格名单、议事记录", "每有一个网格未覆盖扣1分"),
            ("与辖区单位共建，有项目、有结果", 5, "共建协议、项目清单", "无项目扣2分；无结果每项扣1分"),
        ),
    ),
    "organ": (
        "现场评估标准·机关事业单位",
        "建设模范机关",
        (
            ("支部设在处（科）室，书记由负责人担任", 5, "任职文件", "不符合的每个扣2分"),
            ("党建与业务一同部署、一同检查", 5, "工作要点、会议记录", "未同部署扣2分；未同检查扣2分"),
        ),
    ),
    "two_new": (
        "现场评估标准·“两新”组织",
        "“双强六好”",
        (
            ("党建工作要求写入章程，出资人（负责人）支持", 5, "章程、谈话", "未写入扣3分"),
            ("党员亮身份、设岗位，推动发展有实例", 5, "岗位清单、实例材料", "无岗位扣2分；无实例扣2分"),
        ),
    ),
}
SPECIFIC_WEIGHT: Final = 10


def _id(text: str) -> UUID:
    return uuid5(NAMESPACE_ZHENDI, f"criteria:{text}")


def _write(kind: str) -> None:
    name, heading, items = SPECIFIC[kind]
    db = op.get_bind()
    db.execute(
        text("INSERT INTO criteria (id, name, kind) VALUES (:id, :name, :kind)"),
        {"id": _id(kind), "name": name, "kind": kind},
    )
    version = _id(f"{kind}:1")
    db.execute(
        text("INSERT INTO criteria_versions (id, criteria_id, number, citation) VALUES (:id, :criteria, 1, :citation)"),
        {"id": version, "criteria": _id(kind), "citation": CITATION},
    )
    for number, (title, weight, inside) in enumerate((*COMMON, (heading, SPECIFIC_WEIGHT, items)), start=1):
        db.execute(
            text("INSERT INTO criteria_headings (version_id, number, name, weight) VALUES (:v, :n, :name, :weight)"),
            {"v": version, "n": number, "name": title, "weight": weight},
        )
        rows = [
            {
                "id": _id(f"{kind}:1:{number}:{place}"),
                "v": version,
                "h": number,
                "n": place,
                "text": said,
                "full": full,
                "evidence": evidence,
                "deduction": deduction,
            }
            for place, (said, full, evidence, deduction) in enumerate(inside, start=1)
        ]
        db.execute(
            text(
                "INSERT INTO criteria_items (id, version_id, heading, number, text, full_marks, evidence, deduction)"
                " VALUES (:id, :v, :h, :n, :text, :full, :evidence, :deduction)"
            ),
            rows,
        )


def upgrade() -> None:
    run_sql(TABLES)
    for kind in SPECIFIC:
        _write(kind)
    forbid_changes(
        *("criteria_versions", "criteria_headings", "criteria_items"),
        *("visit_answers", "visit_decisions", "visit_steps"),
    )
