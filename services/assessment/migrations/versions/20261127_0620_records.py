"""Records of the handbook: forms, attendance, decisions, joint activities, their history and their rules."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0620"
down_revision = "20261127_0610"

KINDS = (
    "branch_profile",
    "member_register",
    "year_plan",
    "assembly",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "monthly_study",
    "theme_day",
    "organisational_life_meeting",
    "heart_to_heart_talk",
    "democratic_life_meeting",
    "appraisal",
    "self_examination",
    "member_development",
    "floating_members",
    "dues_collection",
    "dues_publicity",
    "commendation",
    "sanction",
    "election",
    "division_of_posts",
    "contact_with_masses",
    "party_affairs_publicity",
)

# The activities stay the one source of what was held; more kinds of them, and drafts, which count for nothing.
WIDEN = f"""
ALTER TABLE activities
    DROP CONSTRAINT activities_kind,
    DROP CONSTRAINT activities_state,
    DROP CONSTRAINT activities_attended,
    DROP CONSTRAINT activities_what_and_when,
    ADD CONSTRAINT activities_kind CHECK (kind IN ({", ".join(f"'{kind}'" for kind in KINDS)})),
    ADD CONSTRAINT activities_state CHECK (state IN ('draft', 'planned', 'held', 'cancelled')),
    ADD CONSTRAINT activities_attended CHECK (attended IS NULL OR (state = 'held' AND attended >= 0)),
    ADD CONSTRAINT activities_what_and_when
        CHECK (state = 'cancelled' OR (held_on IS NOT NULL AND (state = 'draft' OR subject IS NOT NULL)));
ALTER TABLE activity_history
    DROP CONSTRAINT activity_history_move,
    ADD CONSTRAINT activity_history_move CHECK (move IN ('plan', 'hold', 'cancel', 'correct'));
"""

TABLES = r"""
CREATE TABLE record_forms (
    activity_id uuid PRIMARY KEY CONSTRAINT record_forms_activity_id_fkey REFERENCES activities,
    template_version integer NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    host text,
    recorder text,
    minutes text,
    answers jsonb NOT NULL CONSTRAINT record_forms_answers CHECK (jsonb_typeof(answers) = 'object'),
    people jsonb NOT NULL CONSTRAINT record_forms_people CHECK (jsonb_typeof(people) = 'object'),
    missing integer NOT NULL CONSTRAINT record_forms_missing CHECK (missing >= 0),
    hours integer NOT NULL CONSTRAINT record_forms_hours CHECK (hours BETWEEN 0 AND 8),
    corrected boolean NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT record_forms_times CHECK (ends_at > starts_at)
);

CREATE TABLE record_attendance (
    activity_id uuid NOT NULL CONSTRAINT record_attendance_activity_id_fkey REFERENCES activities,
    person_id uuid NOT NULL,
    branch_id uuid NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    state text NOT NULL
        CONSTRAINT record_attendance_state CHECK (state IN ('present', 'leave', 'absent', 'not_expected')),
    reason text,
    make_up_by date,
    made_up_on date,
    made_up_how text,
    PRIMARY KEY (activity_id, person_id),
    CONSTRAINT record_attendance_reason CHECK (state <> 'leave' OR reason IS NOT NULL),
    CONSTRAINT record_attendance_make_up CHECK (make_up_by IS NULL OR state IN ('leave', 'absent')),
    CONSTRAINT record_attendance_made_up
        CHECK ((made_up_on IS NULL) = (made_up_how IS NULL) AND (made_up_on IS NULL OR make_up_by IS NOT NULL))
);
CREATE INDEX record_attendance_missed_idx ON record_attendance (branch_id, activity_id)
    WHERE state IN ('leave', 'absent');

CREATE TABLE record_decisions (
    activity_id uuid NOT NULL CONSTRAINT record_decisions_activity_id_fkey REFERENCES activities,
    number integer NOT NULL,
    text text NOT NULL,
    owner text,
    due_on date,
    PRIMARY KEY (activity_id, number)
);

-- named ──(the record is kept)──▶ asked ──confirm, silence──▶ confirmed;  asked ──decline──▶ declined
CREATE TABLE joint_parts (
    activity_id uuid NOT NULL CONSTRAINT joint_parts_activity_id_fkey REFERENCES activities,
    branch_id uuid NOT NULL,
    state text NOT NULL CONSTRAINT joint_parts_state CHECK (state IN ('named', 'asked', 'confirmed', 'declined')),
    told integer NOT NULL CONSTRAINT joint_parts_told CHECK (told > 0),
    attended integer,
    silent_from timestamptz,
    decided_at timestamptz,
    by_id uuid,
    by_name text,
    reason text,
    PRIMARY KEY (activity_id, branch_id),
    CONSTRAINT joint_parts_attended CHECK ((state = 'confirmed') = (attended IS NOT NULL)),
    CONSTRAINT joint_parts_silent_from CHECK ((state = 'named') = (silent_from IS NULL)),
    CONSTRAINT joint_parts_decided CHECK ((state IN ('confirmed', 'declined')) = (decided_at IS NOT NULL)),
    CONSTRAINT joint_parts_reason CHECK (state <> 'declined' OR reason IS NOT NULL)
);
CREATE INDEX joint_parts_branch_id_idx ON joint_parts (branch_id);
CREATE INDEX joint_parts_silent_from_idx ON joint_parts (silent_from) WHERE state = 'asked';

-- What counts for which branch: its own activities, and those of others in which it confirmed its part; these count
-- from the confirmation on. Whoever asks what a branch did reads this, so that a joint activity counts once for each.
CREATE VIEW branch_activities AS
SELECT id, branch_id, kind, state, held_on, subject, place, order_id, recorded_at FROM activities
UNION ALL
SELECT a.id, p.branch_id, a.kind, a.state, a.held_on, a.subject, a.place, a.order_id,
       greatest(a.recorded_at, p.decided_at)
FROM joint_parts p JOIN activities a ON a.id = p.activity_id
WHERE p.state = 'confirmed';

CREATE TABLE record_pictures (
    id uuid PRIMARY KEY,
    activity_id uuid NOT NULL CONSTRAINT record_pictures_activity_id_fkey REFERENCES activities,
    sha256 text NOT NULL,
    thumbnail_sha256 text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    alt text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT record_pictures_activity_id_sha256_key UNIQUE (activity_id, sha256)
);

CREATE TABLE record_history (
    activity_id uuid NOT NULL CONSTRAINT record_history_activity_id_fkey REFERENCES activities,
    version bigint NOT NULL,
    move text NOT NULL
        CONSTRAINT record_history_move CHECK (move IN ('record', 'complete', 'correct')),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text,
    content jsonb NOT NULL,
    PRIMARY KEY (activity_id, version),
    CONSTRAINT record_history_reason CHECK (move <> 'correct' OR reason IS NOT NULL)
);

CREATE TABLE record_rules (
    effective_from date PRIMARY KEY,
    confirm_days integer NOT NULL,
    make_up_days integer NOT NULL,
    lesson_minutes integer NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    CONSTRAINT record_rules_numbers CHECK (confirm_days BETWEEN 1 AND 60 AND make_up_days BETWEEN 1 AND 365
                                           AND lesson_minutes BETWEEN 1 AND 240)
);
"""

NUMBERS = """
INSERT INTO record_rules (effective_from, confirm_days, make_up_days, lesson_minutes, citation) VALUES
    ('2018-10-28', 5, 30, 45,
     '池西党群发〔2022〕12号第3条：统一开展的活动只在牵头党支部录入；5日内确认（逾期视为确认）、30日内补学、45分钟为1学时均为本平台默认值');
"""


def upgrade() -> None:
    run_sql(WIDEN)
    run_sql(TABLES)
    forbid_changes("record_history")
    run_sql(NUMBERS)
