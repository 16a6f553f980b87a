"""Activity records, the lights of the health check with the numbers of its checks, and the copy of the tree."""

from chassis.migrations import chassis_tables, forbid_changes, run_sql

revision = "20261123_0520"
down_revision = None

TABLES = r"""
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    path text COLLATE "C" NOT NULL,
    parent_id uuid,
    secretary_id uuid,
    members_full integer NOT NULL,
    members_probationary integer NOT NULL,
    is_external boolean NOT NULL,
    dissolved boolean NOT NULL,
    known_since timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX organisations_path_id_idx ON organisations (path, id);

-- planned ──hold──▶ held;  planned ──cancel──▶ cancelled;  by hand: held at once
CREATE TABLE activities (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL,
    kind text NOT NULL
        CONSTRAINT activities_kind CHECK (kind IN ('theme_day', 'assembly', 'committee_meeting', 'group_meeting',
                                                   'lecture', 'organisational_life_meeting')),
    state text NOT NULL CONSTRAINT activities_state CHECK (state IN ('planned', 'held', 'cancelled')),
    held_on date,
    subject text,
    place text,
    attended integer,
    order_id uuid CONSTRAINT activities_order_id_key UNIQUE,
    recorded_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT activities_attended CHECK ((state = 'held') = (attended IS NOT NULL) AND attended >= 0),
    CONSTRAINT activities_what_and_when
        CHECK (state = 'cancelled' OR (held_on IS NOT NULL AND subject IS NOT NULL))
);
CREATE INDEX activities_branch_id_held_on_id_idx ON activities (branch_id, held_on, id);
CREATE INDEX activities_held_on_id_idx ON activities (held_on, id);

CREATE TABLE activity_history (
    activity_id uuid NOT NULL CONSTRAINT activity_history_activity_id_fkey REFERENCES activities,
    version bigint NOT NULL,
    move text NOT NULL CONSTRAINT activity_history_move CHECK (move IN ('plan', 'hold', 'cancel')),
    at timestamptz NOT NULL,
    held_on date,
    subject text,
    place text,
    attended integer,
    reason text,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (activity_id, version)
);

CREATE TABLE lights (
    branch_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT lights_month CHECK (month ~ '^\d{4}-\d{2}$'),
    light text NOT NULL CONSTRAINT lights_light CHECK (light IN ('green', 'yellow', 'red')),
    readings jsonb NOT NULL,
    computed_at timestamptz NOT NULL,
    frozen_at timestamptz,
    PRIMARY KEY (branch_id, month)
);
CREATE INDEX lights_month_light_idx ON lights (month, light);

CREATE TABLE frozen_months (
    month text PRIMARY KEY CONSTRAINT frozen_months_month CHECK (month ~ '^\d{4}-\d{2}$'),
    frozen_at timestamptz NOT NULL
);

CREATE TABLE check_numbers (
    check_code text NOT NULL,
    effective_from date NOT NULL,
    numbers jsonb NOT NULL CONSTRAINT check_numbers_numbers CHECK (jsonb_typeof(numbers) = 'object'),
    citation text NOT NULL,
    PRIMARY KEY (check_code, effective_from)
);
"""

# The 25th is the source's; the 20th is ours, as is the colour of a register that is not complete.
NUMBERS = """
INSERT INTO check_numbers (check_code, effective_from, numbers, citation) VALUES
    ('MonthlyThemeDay', '2022-03-01', '{"due_day": 25, "yellow_from_day": 20}',
     '《中国共产党支部工作条例（试行）》：每月相对固定1天开展主题党日；池西党群发〔2022〕12号第3条：每月25日前完成当月规定任务；20日起亮黄灯为本平台默认值'),
    ('RegisterComplete', '2018-10-28', '{"members_full_min": 3}',
     '《中国共产党支部工作条例（试行）》：正式党员3人以上成立党支部；亮灯颜色为本平台默认值');
"""


def upgrade() -> None:
    chassis_tables()
    run_sql(TABLES)
    forbid_changes("activity_history")
    run_sql(NUMBERS)
