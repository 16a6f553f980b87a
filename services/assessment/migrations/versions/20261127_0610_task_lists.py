"""The five lists with their first versions, and the tasks of branches (A1)."""

from typing import Final
from uuid import UUID, uuid5

from alembic import op
from chassis.migrations import forbid_changes, run_sql
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import text

revision = "20261127_0610"
down_revision = "20261127_0600"

TABLES = r"""
-- Whom a list is for: the branches at or below an organisation (all without one), of one field and level or of all.
CREATE TABLE task_lists (
    id uuid PRIMARY KEY,
    list_code text NOT NULL CONSTRAINT task_lists_list_code
        CHECK (list_code IN ('study', 'activities', 'basic_tasks', 'contact_point', 'field_specific')),
    name text NOT NULL,
    organisation_id uuid,
    field text CONSTRAINT task_lists_field
        CHECK (field IN ('rural', 'community', 'government', 'public_institution', 'state_owned', 'private',
                         'social_organisation', 'school', 'hospital')),
    level text CONSTRAINT task_lists_level CHECK (level IN ('branch', 'joint_branch'))
);

-- draft ──adopt──▶ adopted;  draft ──withdraw──▶ withdrawn
CREATE TABLE list_versions (
    id uuid PRIMARY KEY,
    list_id uuid NOT NULL CONSTRAINT list_versions_list_id_fkey REFERENCES task_lists,
    number integer,
    state text NOT NULL CONSTRAINT list_versions_state CHECK (state IN ('draft', 'adopted', 'withdrawn')),
    from_month text NOT NULL CONSTRAINT list_versions_from_month CHECK (from_month ~ '^\d{4}-\d{2}$'),
    citation text NOT NULL,
    drafted_by_id uuid,
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    reason text,
    CONSTRAINT list_versions_list_id_number_key UNIQUE (list_id, number),
    CONSTRAINT list_versions_number CHECK ((state = 'adopted') = (number IS NOT NULL)),
    CONSTRAINT list_versions_decided CHECK ((state = 'draft') = (decided_at IS NULL)),
    -- Two people: nobody adopts what they drafted. What comes with the platform nobody drafted.
    CONSTRAINT list_versions_two_people
        CHECK (state <> 'adopted' OR drafted_by_id IS NULL OR drafted_by_id <> decided_by_id)
);
CREATE UNIQUE INDEX list_versions_one_a_month ON list_versions (list_id, from_month) WHERE state = 'adopted';

-- A version is decided once, and nothing else of it ever changes.
CREATE FUNCTION keep_list_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'draft'
        OR (OLD.id, OLD.list_id, OLD.from_month, OLD.citation, OLD.drafted_by, OLD.drafted_at)
            IS DISTINCT FROM (NEW.id, NEW.list_id, NEW.from_month, NEW.citation, NEW.drafted_by, NEW.drafted_at)
        OR OLD.drafted_by_id IS DISTINCT FROM NEW.drafted_by_id
    THEN
        RAISE EXCEPTION 'a version of a list is never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_list_version BEFORE UPDATE OR DELETE ON list_versions
    FOR EACH ROW EXECUTE FUNCTION keep_list_version();

CREATE TABLE list_items (
    id uuid PRIMARY KEY,
    version_id uuid CONSTRAINT list_items_version_id_fkey REFERENCES list_versions,
    position smallint NOT NULL,
    text text NOT NULL,
    due_day smallint NOT NULL CONSTRAINT list_items_due_day CHECK (due_day BETWEEN 1 AND 31),
    months smallint[] NOT NULL,
    citation text,
    evidence text NOT NULL CONSTRAINT list_items_evidence CHECK (evidence IN ('record', 'text', 'none')),
    record_template text,
    window_months smallint NOT NULL CONSTRAINT list_items_window_months CHECK (window_months IN (1, 2, 3, 6, 12)),
    doer text NOT NULL CONSTRAINT list_items_doer
        CHECK (doer IN ('secretary', 'administrator', 'committee', 'group_leaders', 'members', 'contact_leader')),
    is_required boolean NOT NULL,
    needs_acceptance boolean NOT NULL,
    field_count smallint NOT NULL,
    minutes smallint NOT NULL,
    CONSTRAINT list_items_version_id_position_key UNIQUE (version_id, position),
    CONSTRAINT list_items_record CHECK ((evidence = 'record') = (record_template IS NOT NULL)),
    CONSTRAINT list_items_burden CHECK (field_count >= 0 AND minutes >= 0)
);

-- Whom an officer gave a task to, and until when it is to be done; made_at says that the branches have it.
CREATE TABLE added_tasks (
    item_id uuid PRIMARY KEY CONSTRAINT added_tasks_item_id_fkey REFERENCES list_items,
    list_code text NOT NULL CONSTRAINT added_tasks_list_code
        CHECK (list_code IN ('study', 'activities', 'basic_tasks', 'contact_point', 'field_specific')),
    organisation_id uuid NOT NULL,
    field text CONSTRAINT added_tasks_field
        CHECK (field IN ('rural', 'community', 'government', 'public_institution', 'state_owned', 'private',
                         'social_organisation', 'school', 'hospital')),
    level text CONSTRAINT added_tasks_level CHECK (level IN ('branch', 'joint_branch')),
    month text NOT NULL,
    due_on date NOT NULL,
    added_by_id uuid NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    made_at timestamptz,
    CONSTRAINT added_tasks_month CHECK (month = to_char(due_on, 'YYYY-MM'))
);
CREATE INDEX added_tasks_month_idx ON added_tasks (month);
CREATE INDEX added_tasks_to_make_idx ON added_tasks (item_id) WHERE made_at IS NULL;

-- open ──do──▶ done ──accept──▶ accepted;  done ──return──▶ returned ──do──▶ done
-- open, returned ──exempt──▶ exempt;  done, accepted, exempt ──reopen──▶ open
CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    branch_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT tasks_month CHECK (month ~ '^\d{4}-\d{2}$'),
    item_id uuid NOT NULL CONSTRAINT tasks_item_id_fkey REFERENCES list_items,
    list_code text NOT NULL CONSTRAINT tasks_list_code
        CHECK (list_code IN ('study', 'activities', 'basic_tasks', 'contact_point', 'field_specific')),
    due_on date NOT NULL,
    is_required boolean NOT NULL,
    state text NOT NULL DEFAULT 'open'
        CONSTRAINT tasks_state CHECK (state IN ('open', 'done', 'returned', 'accepted', 'exempt')),
    done_on date,
    done_at timestamptz,
    done_by_id uuid,
    done_by text,
    text text,
    record_id uuid,
    reason text,
    open_since timestamptz,
    fields_filled smallint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT tasks_branch_id_month_item_id_key UNIQUE (branch_id, month, item_id),
    CONSTRAINT tasks_due_on CHECK (to_char(due_on, 'YYYY-MM') = month),
    CONSTRAINT tasks_done CHECK (
        (state IN ('done', 'accepted')) = (done_on IS NOT NULL)
        AND (done_on IS NULL) = (done_at IS NULL) AND (done_on IS NULL) = (done_by IS NULL)),
    CONSTRAINT tasks_reason CHECK (state NOT IN ('returned', 'exempt') OR reason IS NOT NULL)
);
CREATE INDEX tasks_month_branch_id_idx ON tasks (month, branch_id);
CREATE INDEX tasks_item_id_idx ON tasks (item_id);
CREATE INDEX tasks_record_id_idx ON tasks (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE task_steps (
    task_id uuid NOT NULL CONSTRAINT task_steps_task_id_fkey REFERENCES tasks,
    version bigint NOT NULL,
    move text NOT NULL CONSTRAINT task_steps_move CHECK (move IN ('do', 'accept', 'return', 'reopen', 'exempt')),
    state text NOT NULL
        CONSTRAINT task_steps_state CHECK (state IN ('open', 'done', 'returned', 'accepted', 'exempt')),
    at timestamptz NOT NULL,
    done_on date,
    text text,
    record_id uuid,
    reason text,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (task_id, version)
);

CREATE TABLE task_notes (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL CONSTRAINT task_notes_task_id_fkey REFERENCES tasks,
    at timestamptz NOT NULL,
    text text NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX task_notes_task_id_at_idx ON task_notes (task_id, at);

-- For which version of a branch its tasks of a month were made.
CREATE TABLE task_months (
    month text NOT NULL CONSTRAINT task_months_month CHECK (month ~ '^\d{4}-\d{2}$'),
    branch_id uuid NOT NULL,
    branch_version bigint NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (month, branch_id)
);
"""

EVERY: Final = list(range(1, 13))
QUARTERLY: Final = [3, 6, 9, 12]
BRANCH_RULES = "《中国共产党支部工作条例（试行）》"
SOURCE = "池西党群发〔2022〕12号第3条：五张清单，每月25日前完成当月规定任务"
OURS = "各项具体任务为本平台默认内容，可由上级党组织另行制定版本"

# text, record (or text, none), doer, months, window, required, accepted, fields, minutes, citation
Item = tuple[str, str, str, list[int], int, bool, bool, int, int, str]

LISTS: Final[list[tuple[str, str, str | None, str, list[Item]]]] = [
    (
        "study",
        "党支部学习清单",
        None,
        f"{SOURCE}；{OURS}",
        [
            (
                "组织党员开展集体学习，缺席的补学",
                *("monthly_study", "secretary", EVERY, 1, True, False, 6, 10),
                "《中国共产党党员教育管理工作条例》",
            ),
            (
                "书记讲一次党课",
                "lecture",
                "secretary",
                [12],
                12,
                True,
                False,
                5,
                10,
                f"{BRANCH_RULES}：每年至少讲1次党课",
            ),
        ],
    ),
    (
        "activities",
        "党支部活动清单",
        None,
        f"{SOURCE}；{BRANCH_RULES}",
        [
            ("开展主题党日", "theme_day", "secretary", EVERY, 1, True, False, 5, 8, f"{BRANCH_RULES}：每月相对固定1天"),
            (
                "召开支部党员大会",
                "assembly",
                "secretary",
                QUARTERLY,
                3,
                True,
                False,
                6,
                10,
                f"{BRANCH_RULES}：一般每季度1次",
            ),
            (
                "召开支部委员会会议",
                *("committee_meeting", "committee", EVERY, 1, False, False, 6, 8),
                f"{BRANCH_RULES}：一般每月1次；不设支委会的不作要求",
            ),
            (
                "召开党小组会",
                *("group_meeting", "group_leaders", EVERY, 1, False, False, 5, 8),
                f"{BRANCH_RULES}：一般每月1次；不划分党小组的不作要求",
            ),
            (
                "召开组织生活会",
                *("organisational_life_meeting", "secretary", [12], 12, True, True, 8, 20),
                f"{BRANCH_RULES}：每年至少1次",
            ),
        ],
    ),
    (
        "basic_tasks",
        "党支部基本任务清单",
        None,
        f"{SOURCE}；{OURS}",
        [
            (
                "收缴当月党费",
                "dues_collection",
                "committee",
                EVERY,
                1,
                True,
                False,
                3,
                5,
                "《中国共产党章程》；党费按月足额交纳",
            ),
            (
                "核对党员名册和党组织信息",
                "none",
                "administrator",
                EVERY,
                1,
                True,
                False,
                0,
                3,
                "池西党群发〔2022〕12号第3条",
            ),
            (
                "公开党务",
                *("party_affairs_publicity", "administrator", QUARTERLY, 3, True, False, 4, 6),
                "《中国共产党党务公开条例（试行）》",
            ),
            (
                "开展民主评议党员",
                *("appraisal", "secretary", [12], 12, True, True, 8, 20),
                f"{BRANCH_RULES}：每年1次",
            ),
            (
                "党员之间开展谈心谈话",
                *("heart_to_heart_talk", "committee", [6, 12], 12, True, False, 4, 8),
                f"{BRANCH_RULES}：每年至少1次",
            ),
            ("制定本支部年度工作计划", "year_plan", "secretary", [1], 1, True, True, 6, 30, OURS),
        ],
    ),
    (
        "contact_point",
        "党员领导干部党支部联系点任务清单",
        None,
        f"{SOURCE}；没有联系点的支部不作要求",
        [
            (
                "联系领导到支部调研指导，写明解决了什么问题",
                *("text", "contact_leader", [6, 12], 6, False, False, 2, 5),
                "池西党群发〔2022〕12号第6条；每年至少到联系点2次、解决2个问题",
            ),
            (
                "联系领导以普通党员身份参加组织生活",
                "text",
                "contact_leader",
                [12],
                12,
                False,
                False,
                1,
                3,
                BRANCH_RULES,
            ),
        ],
    ),
]

FIELD_TASKS: Final = {
    "rural": ("农村党支部特色载体活动清单", "围绕乡村振兴开展一项活动：人居环境、结对帮扶或产业服务"),
    "community": ("社区党支部特色载体活动清单", "与党建联盟单位共同办理一件居民需要的事"),
    "government": ("机关党支部特色载体活动清单", "结合本职工作开展一项建功实践活动"),
    "public_institution": ("事业单位党支部特色载体活动清单", "结合业务开展一项服务群众的活动"),
    "state_owned": ("国企党支部特色载体活动清单", "推进支部立项：写明本季度进展"),
    "private": ("非公企业党支部特色载体活动清单", "开展一项党员带头促生产的活动"),
    "social_organisation": ("社会组织党支部特色载体活动清单", "开展一项党员带头的公益服务"),
    "school": ("学校党支部特色载体活动清单", "开展一项师德和立德树人实践活动"),
    "hospital": ("医院党支部特色载体活动清单", "开展一项卫生健康服务活动"),
}


def _id(*names: str) -> UUID:
    return uuid5(NAMESPACE_ZHENDI, ":".join(("list", *names)))


def _write(code: str, name: str, field: str | None, citation: str, items: list[Item]) -> None:
    list_id, version_id = _id(code, field or "all"), _id(code, field or "all", "1")
    connection = op.get_bind()
    connection.execute(
        text("INSERT INTO task_lists (id, list_code, name, field) VALUES (:id, :list, :name, :field)"),
        {"id": list_id, "list": code, "name": name, "field": field},
    )
    connection.execute(
        text(
            "INSERT INTO list_versions (id, list_id, number, state, from_month, citation, drafted_by, drafted_at,"
            " decided_by, decided_at) VALUES (:id, :list_id, 1, 'adopted', '2026-01', :citation, 'platform',"
            " '2026-01-01T00:00+08:00', 'platform', '2026-01-01T00:00+08:00')"
        ),
        {"id": version_id, "list_id": list_id, "citation": citation},
    )
    for position, item in enumerate(items):
        what, shown_by, doer, months, window, is_required, needs_acceptance, fields, minutes, source = item
        evidence = shown_by if shown_by in ("text", "none") else "record"
        connection.execute(
            text(
                "INSERT INTO list_items (id, version_id, position, text, due_day, months, citation, evidence,"
                " record_template, window_months, doer, is_required, needs_acceptance, field_count, minutes)"
                " VALUES (:id, :version_id, :position, :text, 25, CAST(:months AS smallint[]), :citation, :evidence,"
                " :record_template, :window, :doer, :is_required, :needs_acceptance, :fields, :minutes)"
            ),
            {
                "id": _id(code, field or "all", "1", str(position)),
                "version_id": version_id,
                "position": position,
                "text": what,
                "months": months,
                "citation": source,
                "evidence": evidence,
                "record_template": shown_by if evidence == "record" else None,
                "window": window,
                "doer": doer,
                "is_required": is_required,
                "needs_acceptance": needs_acceptance,
                "fields": fields,
                "minutes": minutes,
            },
        )


def upgrade() -> None:
    run_sql(TABLES)
    for code, name, field, citation, items in LISTS:
        _write(code, name, field, citation, items)
    for field, (name, what) in FIELD_TASKS.items():
        item: Item = (what, "text", "secretary", QUARTERLY, 3, False, False, 1, 5, "池西党群发〔2022〕12号第4条")
        _write("field_specific", name, field, f"{SOURCE}；池西党群发〔2022〕12号第4条：分领域特色载体", [item])
    forbid_changes("list_items", "task_steps", "task_notes")
