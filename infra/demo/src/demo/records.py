"""Records of the demonstration, all made up: what each branch wrote down in this month and the two before it, and its
theme day of the month before those.

Everything is written set-wise, a statement for a kind of record in a month, and decided by hashes, so that the same
branch writes the same in every demonstration; a few wrote nothing. The branch whose secretary walks the whole chain has
none: its handbook begins empty. The tasks of the month that these records show are completed as if they were typed.

Two lists of the district stand beside those of the platform: one that the second officer adopted and one that waits.
"""

from datetime import date, datetime
from typing import Any, Final

from assessment.domain.months import Month
from assessment.operations import lights, slips, task_lists, task_making
from chassis import clock
from chassis.actors import Actor, Grant
from contracts.assessment.record_templates import RECORD_TEMPLATES
from contracts.assessment.slips import WithdrawSlip
from contracts.assessment.task_lists import AdoptListVersion, DraftTaskList, ListItem
from contracts.envelope import dump
from sqlalchemy import Connection, text

from demo import people
from demo.organisations import CITY, ORGANS, PUJIA, ZICHUAN, organisation_id

MONTHS: Final = 4
OLDEST_KINDS: Final = ("theme_day",)
"""What is written of the oldest month: what its light was made of."""
LATE: Final = 41
"""Of so many branches one held its theme day late, in months that are over."""
FEWER: Final = 3
"""In months that are over so many times fewer branches left their theme day out."""
IDLE: Final[dict[str, tuple[int, ...]]] = {
    "370302116236": (3, 2),
    "370302116235": (2, 1),
    "370302116234": (2, 1),
}
"""Branches of 双杨, and how many months before this one they held no theme day: two running ask for a talk."""
BY: Final = "演示"
LIST_ADOPTED, LIST_DRAFTED = "淄川区党员学习清单", "淄川区冬季暖心活动清单"

# kind: the first day it may be held on, over how many days, of how many branches one leaves it out, what is written
STORIES: Final[dict[str, tuple[int, int, int, dict[str, Any]]]] = {
    "theme_day": (
        *(4, 17, 19),
        {
            "subject": "主题党日：清洁家园，我先行动",
            "minutes": "集体诵读党章，缴纳党费，之后分三组清理主要道路两侧杂物。",
            "answers": {
                "course": "诵读党章、通报上月事项、开展志愿服务。",
                "result": "清理道路两侧杂物三车，走访两户。",
            },
        },
    ),
    "monthly_study": (
        *(2, 18, 13),
        {
            "subject": "集中学习：党章和支部工作条例",
            "minutes": "先领学，再交流，会后由学习委员收齐笔记。",
            "answers": {
                "materials": "《中国共产党支部工作条例（试行）》第十五条、第十六条",
                "speakers": "书记领学，三名党员发言。",
            },
        },
    ),
    "committee_meeting": (
        *(1, 12, 7),
        {
            "subject": "研究本月任务和党务公开事项",
            "minutes": "逐项安排本月任务，确定责任人和时间；同意公开上月党费收缴情况。",
            "answers": {"agenda": "本月任务安排；上月党费收缴情况公开"},
        },
    ),
    "assembly": (
        *(8, 14, 17),
        {
            "subject": "季度党员大会：通报支部工作",
            "minutes": "书记通报季度工作，党员提出意见五条，会议逐条答复。",
            "answers": {"agenda": "通报季度工作；听取党员意见"},
        },
    ),
    "dues_collection": (
        *(10, 12, 11),
        {
            "subject": "收缴当月党费",
            "minutes": None,
            "answers": {},
        },
    ),
}

# Whom a record is of: branches of the district that have a roll, and those who lead them.
_WRITE: Final = text(
    """
WITH drawn AS (
    SELECT b.id AS branch_id, b.name, md5('record:' || b.id || :kind || :month)::uuid AS id,
           hashtext(b.id::text || :kind || :month) & 2147483647 AS draw, b.code = ANY (:idle) AS is_idle,
           (SELECT count(*) FROM members m WHERE m.branch_id = b.id AND m.state = 'active') AS people
    FROM organisations b
    WHERE b.kind IN ('branch', 'joint_branch') AND NOT b.is_external AND NOT b.dissolved AND b.id <> :left_alone
), day AS (
    SELECT *, CAST(:first AS date)
              + CASE WHEN :late > 0 AND draw % :late = 5 THEN 26 ELSE :begins - 1 + draw % :days END AS held_on
    FROM drawn
    WHERE people > 0 AND draw % :left_out > 0 AND NOT is_idle AND (:of <> 'committee' OR EXISTS (
        SELECT FROM post_holders h
        WHERE h.organisation_id = branch_id AND h.post = 'committee_member' AND h.until_day IS NULL))
), written AS (
    INSERT INTO activities (id, branch_id, kind, state, held_on, subject, place, recorded_at, version)
    SELECT id, branch_id, :kind, 'held', held_on, :subject, '党员活动室',
           (held_on + time '18:00') AT TIME ZONE 'Asia/Shanghai', 1
    FROM day WHERE held_on < :today
    ON CONFLICT DO NOTHING
    RETURNING *
), forms AS (
    INSERT INTO record_forms (activity_id, template_version, starts_at, ends_at, host, recorder, minutes, answers,
                              people, missing, hours, corrected, version)
    SELECT w.id, :template_version,
           CASE WHEN :is_held THEN (w.held_on + time '09:00') AT TIME ZONE 'Asia/Shanghai' END,
           CASE WHEN :is_held THEN (w.held_on + time '10:30') AT TIME ZONE 'Asia/Shanghai' END,
           h.name, h.name, :minutes,
           CASE WHEN :kind = 'dues_collection'
                THEN CAST(:answers AS jsonb)
                     || jsonb_build_object('members_due', d.people, 'members_paid', d.people - d.draw % 2,
                                           'amount', to_char((d.people - d.draw % 2) * 3, 'FM999990.00'))
                ELSE CAST(:answers AS jsonb) END,
           '{}', 0, :hours, false, 1
    FROM written w JOIN day d ON d.id = w.id
    LEFT JOIN post_holders h ON h.organisation_id = w.branch_id AND h.post = 'secretary' AND h.until_day IS NULL
)
SELECT id FROM written"""
)

# One in nine is on leave, one in forty was not there; of the months before most have made it up.
_ATTEND: Final = text(
    """
INSERT INTO record_attendance (activity_id, person_id, branch_id, name, status, state, reason, make_up_by, made_up_on,
                               made_up_how)
SELECT a.id, m.person_id, a.branch_id, m.name, m.status, s.state,
       CASE s.state WHEN 'leave' THEN (ARRAY['外出务工', '生病住院', '照顾家人'])[1 + s.draw % 3] END,
       CASE WHEN s.state <> 'present' AND :makes_up THEN a.held_on + 30 END,
       CASE WHEN s.is_made_up THEN a.held_on + 7 END, CASE WHEN s.is_made_up THEN '送学上门' END
FROM activities a
JOIN members m ON m.branch_id = a.branch_id AND m.state = 'active'
CROSS JOIN LATERAL (SELECT hashtext(m.person_id::text || a.id) & 2147483647 AS draw) d
CROSS JOIN LATERAL (
    SELECT d.draw, k.state, k.state <> 'present' AND :makes_up AND a.held_on + 7 < :today AND d.draw % 3 > 0
           AS is_made_up
    FROM (SELECT CASE WHEN d.draw % 9 = 4 THEN 'leave' WHEN d.draw % 40 = 7 THEN 'absent' ELSE 'present' END AS state) k
) s
WHERE a.id = ANY (:ids) AND (:of <> 'committee' OR EXISTS (
    SELECT FROM post_holders h
    WHERE h.organisation_id = a.branch_id AND h.member_id = m.person_id AND h.until_day IS NULL))"""
)

_COUNT: Final = text(
    """
UPDATE activities a SET attended = c.came
FROM (SELECT activity_id, count(*) FILTER (WHERE state = 'present') AS came
      FROM record_attendance WHERE activity_id = ANY (:ids) GROUP BY activity_id) c
WHERE a.id = c.activity_id"""
)

_HISTORY: Final = text(
    """
WITH facts AS (
    INSERT INTO activity_history (activity_id, version, move, at, held_on, subject, place, attended, by_name)
    SELECT id, 1, 'hold', recorded_at, held_on, subject, place, attended, :by
    FROM activities WHERE id = ANY (:ids)
)
INSERT INTO record_history (activity_id, version, move, at, by_name, content)
SELECT a.id, 1, 'record', a.recorded_at, :by,
       jsonb_build_object(
           'held_on', a.held_on, 'subject', a.subject, 'place', a.place, 'attended', a.attended,
           'starts_at', f.starts_at, 'ends_at', f.ends_at, 'host', f.host, 'recorder', f.recorder,
           'minutes', f.minutes, 'answers', f.answers, 'people', f.people, 'decisions', '[]'::jsonb,
           'attendance', coalesce((
               SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'branch_id', p.branch_id, 'person_id', p.person_id, 'name', p.name, 'state', p.state,
                   'reason', p.reason)))
               FROM record_attendance p WHERE p.activity_id = a.id), '[]'))
FROM activities a JOIN record_forms f ON f.activity_id = a.id WHERE a.id = ANY (:ids)"""
)

_BRANCHES: Final = text("SELECT DISTINCT branch_id FROM activities WHERE id = ANY (:ids) ORDER BY 1")
_NEEDLESS: Final = text(
    "SELECT s.id FROM slips s JOIN lights l ON l.branch_id = s.branch_id AND l.month = s.month"
    " JOIN organisations b ON b.id = s.branch_id WHERE s.state = 'issued' AND s.subject_kind = 'light'"
    " AND l.light <> 'red' AND b.path LIKE :district || '.%' AND s.branch_id <> :own ORDER BY s.id"
)
_UNLIT: Final = text("DELETE FROM lights WHERE frozen_at IS NULL AND branch_id = ANY (:ids)")


def load(db: Connection, *, at: datetime) -> int:
    """Load the records of all branches that the assessment knows; returns how many are new."""
    today = clock.today(at)
    month, ids = Month.at(at), []
    for back in range(MONTHS):
        for kind in STORIES if back < MONTHS - 1 else OLDEST_KINDS:
            if kind != "assembly" or month.number % 3 == 1:
                ids += _load(db, kind, month, back=back, today=today)
        month = month.previous
    if ids:
        db.execute(_HISTORY, {"ids": ids, "by": BY})
        branch_ids = list(db.scalars(_BRANCHES, {"ids": ids}))
        task_making.complete(db, branch_ids=branch_ids, month=Month.at(at), at=at)
        db.execute(_UNLIT, {"ids": branch_ids})
        lights.light_all(db, at=at)
        _withdraw_needless(db, at=at)
    return len(ids)


def _withdraw_needless(db: Connection, *, at: datetime) -> None:
    """Withdraw the slips of branches that were red only until their records were loaded, late in a month."""
    officer = _officer("officer", at=at)
    for slip_id in db.scalars(_NEEDLESS, {"own": organisation_id(ORGANS), "district": f"{CITY}.{ZICHUAN}"}).all():
        asked = WithdrawSlip(slip_id, "补录本月活动记录后，红灯已解除。")
        slips.withdraw(db, asked=asked, actor=officer, at=at)


def load_lists(db: Connection, *, at: datetime) -> int:
    """Have the officer draft two lists of the district for the coming month and the second one adopt the first."""
    if db.scalar(text("SELECT count(*) FROM task_lists WHERE name = :name"), {"name": LIST_ADOPTED}):
        return 0
    month = Month.at(at)
    coming = str(Month.at(month.ends_at))
    zichuan = organisation_id(ZICHUAN)
    study = ListItem(
        text="每名党员读一本书，在党小组会上交流一次",
        evidence="record",
        record_template="group_meeting",
        doer="group_leaders",
        is_required=False,
        field_count=2,
        minutes=10,
    )
    warmth = ListItem(text="走访困难党员和群众，写明解决了什么", evidence="text", doer="committee", is_required=False)
    officer, second = _officer("officer", at=at), _officer("officer2", at=at)
    for name, code, item, is_adopted in (
        (LIST_ADOPTED, "study", study, True),
        (LIST_DRAFTED, "activities", warmth, False),
    ):
        asked = DraftTaskList(
            list_code=code,
            name=name,
            organisation_id=zichuan,
            from_month=coming,
            citation="演示数据",
            items=[item],
        )
        drafted = task_lists.draft(db, asked=asked, actor=officer, at=at)
        if is_adopted:
            task_lists.adopt(db, asked=AdoptListVersion(drafted.versions[0].id), actor=second, at=at)
    return 2


def _load(db: Connection, kind: str, month: Month, *, back: int, today: date) -> list[Any]:
    begins, days, left_out, content = STORIES[kind]
    is_theme_day = kind == "theme_day"
    template = RECORD_TEMPLATES[kind]
    whose = {"of": template.attendance or "nobody", "makes_up": template.makes_up, "today": today}
    written = {
        "kind": kind,
        "month": str(month),
        "first": month.first,
        "begins": begins,
        "days": days,
        "left_out": left_out * FEWER if back and is_theme_day else left_out,
        "late": LATE if back and is_theme_day else 0,
        "idle": [code for code, months in IDLE.items() if back in months and is_theme_day],
        "left_alone": organisation_id(PUJIA),
        "subject": content["subject"],
        "minutes": content["minutes"],
        "answers": dump(content["answers"]).decode(),
        "template_version": template.version,
        "is_held": template.is_held,
        "hours": 2 if template.gives_hours else 0,
    }
    ids = list(db.scalars(_WRITE, {**written, **whose}))
    if template.attendance and ids:
        db.execute(_ATTEND, {"ids": ids, **whose})
        db.execute(_COUNT, {"ids": ids})
    return ids


def _officer(name: str, *, at: datetime) -> Actor:
    user = next(one for one in people.USERS if one.username == name)
    return Actor(user.id, people.person_id("records:session"), user.name, (Grant("officer", f"{CITY}.{ZICHUAN}"),), at)
