"""What the demonstration remembers of the three months before this one, all made up beside the records: frozen lights,
and what came of them: slips answered, reminder talks, monthly bulletins, exemptions, half-yearly meetings, burden.

Every branch is taken to be known since the first of those months; the one whose secretary walks the whole chain, which
has no records, since the first of this one. Each month then passes as it does on a platform: it freezes ten minutes
after its end, its slips and talks are opened by that, and people answer them some days later.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from assessment.domain.months import Month
from assessment.operations import (
    bulletins,
    burden,
    exemptions,
    half_year_meetings,
    lights,
    slips,
    talks,
    task_making,
)
from assessment.queries.bulletins import lines as bulletin_lines
from assessment.queries.post_holders import secretary_on
from assessment.tables.bulletins import talks as talks_table
from assessment.tables.lights import frozen_months
from assessment.tables.organisations import organisations
from assessment.tables.slips import slips as slips_table
from chassis import clock
from chassis.actors import Actor, Grant
from chassis.files import FileStore
from contracts.assessment.bulletins import (
    AcknowledgeBulletin,
    BulletinLinesAsked,
    DraftBulletin,
    EditBulletinLine,
    SendBulletin,
    SignBulletin,
)
from contracts.assessment.exemptions import (
    ApplyForExemption,
    ApproveExemption,
    ConsentToExemption,
    EndExemption,
    RefuseExemption,
    WithdrawExemption,
)
from contracts.assessment.half_year_meetings import HoldHalfYearMeeting, PlanHalfYearMeeting
from contracts.assessment.slips import AcceptReply, ReplyToSlip
from contracts.assessment.talks import RecordTalk
from sqlalchemy import Connection, Row, select, text

from demo import people
from demo.organisations import CITY, PUJIA, ZICHUAN, organisation_id

MONTHS: Final = 3
TOWN: Final = "370302116"
"""The town of 双杨, where the exemptions and the idle branches are."""
TALK_LEFT_OPEN: Final = "370302116235"
FREEZE_AFTER: Final = lights.FREEZE_WAIT + timedelta(minutes=1)
REPLY_AFTER: Final = timedelta(days=3, hours=16)
ACCEPT_AFTER: Final = timedelta(days=1)
TALK_AFTER: Final = timedelta(days=6, hours=15)
PUBLISH_AFTER: Final = timedelta(days=8, hours=9, minutes=30)
READ_BY_BRANCHES: Final = 40
ANSWERED: Final = 40
"""So many slips of a month are answered, and so many lines of its bulletin have their words, at most."""
SATURDAY: Final = 5

# How far one goes: the ground of a member and why, why of a branch. Each is told of one member and of one branch.
STORIES: Final[dict[str, tuple[str, str, str]]] = {
    "applied": ("ill", "长期住院治疗，无法使用线上平台", "因拆迁分散居住，党员暂不便参加线上活动"),
    "consented": ("abroad", "在境外务工，合同期两年", "多数党员外出务工，线上活动难以组织"),
    "approved": ("retired", "年满八十周岁，行动不便", "党员平均年龄七十六岁，多数不使用智能手机"),
    "refused": ("unsuited", "不会使用智能手机", "办公场所正在装修"),
    "withdrawn": ("ill", "术后康复", "换届期间工作交接"),
    "ended": ("ill", "骨折静养", "村部网络改造，暂不能上传记录"),
}

_KNOWN: Final = text("UPDATE organisations SET known_since = :since WHERE known_since > :since AND code <> :left_alone")
_KNOWN_NOW: Final = text(
    "UPDATE organisations SET known_since = :since WHERE known_since > :since AND code = :left_alone"
)
_UNLIT: Final = text("DELETE FROM lights WHERE frozen_at IS NULL AND month = :month")


def load(db: Connection, *, at: datetime) -> int:
    """Load the months; returns how many lights are frozen. Nothing when a month is frozen already."""
    if db.execute(select(frozen_months.c.month).limit(1)).first() is not None:
        return 0
    months = _before(Month.at(at))
    # Their tasks of this month are due as for whoever appears now: by its end, where the day has gone by.
    while task_making.make(db, at=at) == task_making.BATCH:
        pass
    db.execute(_KNOWN, {"since": months[0].starts_at, "left_alone": PUJIA})
    db.execute(_KNOWN_NOW, {"since": Month.at(at).starts_at, "left_alone": PUJIA})
    frozen = 0
    for back, month in zip(range(MONTHS, 0, -1), months, strict=True):
        if back == 2:
            _exempt(db, ("approved", "ended", "refused"), at=month.starts_at + timedelta(days=9))
        frozen += lights.freeze(db, at=month.ends_at + FREEZE_AFTER)
        _answer(db, month, at=at)
        _talk(db, at=min(month.ends_at + TALK_AFTER, at))
        if back <= 2:
            _publish(db, month, at=at)
    _exempt(db, ("applied", "consented", "withdrawn"), at=at)
    db.execute(_UNLIT, {"month": str(Month.at(at))})
    lights.light_all(db, at=at)
    _draft(db, at=at)
    _meet(db, at=at)
    for month in (*months, Month.at(at)):
        burden.count_month(db, month, at=at)
    return frozen


def _before(month: Month) -> list[Month]:
    found: list[Month] = []
    for _ in range(MONTHS):
        month = month.previous
        found.insert(0, month)
    return found


# ---- exemptions ---------------------------------------------------------------------------------------------------


def _exempt(db: Connection, states: Sequence[str], *, at: datetime) -> None:
    """Take an exemption of a branch and one of a member as far as each of the states."""
    of = organisations.c
    branches = db.execute(
        select(organisations)
        .where(of.parent_id == organisation_id(TOWN), of.kind == "branch")
        .order_by(of.code)
        .limit(len(STORIES))
    ).all()
    others = {"town": organisation_id(TOWN), "after": branches[-1].code, "limit": len(STORIES)}
    members = db.execute(_MEMBERS, others).all()
    for number, (state, (ground, of_member, of_branch)) in enumerate(STORIES.items()):
        if state in states:
            member = members[number]
            _walk(db, state, branches[number], person_id=None, ground="unsuited", reason=of_branch, at=at)
            _walk(db, state, member, person_id=member.person_id, ground=ground, reason=of_member, at=at)


_MEMBERS: Final = text(
    """
    SELECT DISTINCT ON (b.code) m.person_id, b.* FROM organisations b JOIN members m ON m.branch_id = b.id
    WHERE b.parent_id = :town AND b.kind = 'branch' AND b.code > :after AND m.state = 'active'
      AND NOT EXISTS (SELECT FROM post_holders h WHERE h.member_id = m.person_id AND h.until_day IS NULL)
    ORDER BY b.code, m.person_id LIMIT :limit
    """
)


def _walk(
    db: Connection,
    state: str,
    branch: Row[Any],
    *,
    person_id: UUID | None,
    ground: str,
    reason: str,
    at: datetime,
) -> None:
    secretary, officer = _secretary(db, branch, at=at), _officer("officer", at=at)
    applied = exemptions.apply(
        db,
        asked=ApplyForExemption(
            branch_id=branch.id,
            person_id=person_id,
            ground=ground,
            reason=reason,
            from_month=str(Month.at(at)),
            months=12 if state == "approved" else 6,
        ),
        actor=secretary,
        at=at,
    )
    if state == "withdrawn":
        exemptions.withdraw(db, asked=WithdrawExemption(applied.id), actor=secretary, at=at)
    if state in ("applied", "withdrawn"):
        return
    consent = ConsentToExemption(applied.id, clock.today(at), "支部委员会讨论，同意申请。")
    exemptions.consent(db, asked=consent, actor=secretary, at=at)
    later = at + timedelta(days=2)
    if state == "refused":
        exemptions.refuse(db, asked=RefuseExemption(applied.id, "可由支部协助线上办理"), actor=officer, at=later)
    if state in ("approved", "ended"):
        exemptions.approve(db, asked=ApproveExemption(applied.id), actor=officer, at=later)
    if state == "ended":
        ended = EndExemption(applied.id, "情况已恢复，提前结束")
        exemptions.end(db, asked=ended, actor=secretary, at=at + timedelta(days=12))


# ---- slips, talks -------------------------------------------------------------------------------------------------


def _answer(db: Connection, month: Month, *, at: datetime) -> None:
    """Have the slips of a frozen month answered and, all but every fourth of the last month, closed."""
    officer = _officer("officer", at=at)
    of, branch = slips_table.c, organisations.c
    rows = db.execute(
        select(of.id.label("slip_id"), organisations)
        .join(organisations, branch.id == of.branch_id)
        # Those of towns: nobody judges a slip of their own branch.
        .where(of.month == str(month), of.state == "issued", branch.path.like(f"{CITY}.{ZICHUAN}.{'_' * 9}.%"))
        .order_by(branch.path)
        .limit(ANSWERED)
    ).all()
    for number, row in enumerate(rows):
        day = month.ends_at + REPLY_AFTER
        if day + ACCEPT_AFTER > at:
            return
        answer = ReplyToSlip(row.slip_id, "支部书记外出，未按时组织；已明确副书记代管，并补开主题党日。")
        slips.reply(db, FileStore(Path()), asked=answer, actor=_secretary(db, row, at=day), at=day)
        if month.next < Month.at(at) or number % 4:
            slips.accept(db, asked=AcceptReply(row.slip_id), actor=officer, at=day + ACCEPT_AFTER)


def _talk(db: Connection, *, at: datetime) -> None:
    """Record the talks that the idle branches of the town were called to, but one."""
    officer = _officer("officer", at=at)
    of, branch = talks_table.c, organisations.c
    due = db.execute(
        select(of.id, of.secretary_name, of.opened_at)
        .join(organisations, branch.id == of.branch_id)
        .where(branch.parent_id == organisation_id(TOWN), branch.code != TALK_LEFT_OPEN, of.state == "due")
    )
    for row in due.all():
        if row.opened_at > at:
            continue
        record = RecordTalk(
            talk_id=row.id,
            held_on=clock.today(at),
            held_by="镇（街道）党（工）委副书记",
            with_name=row.secretary_name or "支部书记",
            said="连续两个月未开展主题党日，提醒落实组织生活制度。",
            promised="每月15日前开展主题党日，由组织委员当天补齐记录。",
        )
        talks.record(db, asked=record, actor=officer, at=at)


# ---- bulletins ----------------------------------------------------------------------------------------------------


def _publish(db: Connection, month: Month, *, at: datetime) -> None:
    """Draft, sign and send the bulletin of a frozen month; towns and some branches of one town have read it."""
    day = month.ends_at + PUBLISH_AFTER
    while clock.today(day).weekday() >= SATURDAY:
        day += timedelta(days=1)
    day = min(day, at)
    officer, second = _officer("officer", at=day), _officer("officer2", at=day)
    drafted = bulletins.draft(db, asked=DraftBulletin("monthly", str(month)), actor=officer, at=day)
    red = BulletinLinesAsked(drafted.id, light="red", limit=ANSWERED)
    for line in bulletin_lines(db, asked=red, actor=officer).items:
        drafted = bulletins.edit_line(
            db,
            asked=EditBulletinLine(
                bulletin_id=drafted.id,
                branch_id=line.branch_id,
                cause="书记外出期间无人牵头，主题党日没有安排。",
                plan="副书记代管，补开主题党日并上传记录。",
                plan_on=clock.today(day) + timedelta(days=10),
            ),
            actor=officer,
            at=day,
        )
    bulletins.sign(db, asked=SignBulletin(drafted.id, drafted.version), actor=second, at=day)
    bulletins.send(db, asked=SendBulletin(drafted.id), actor=second, at=day)
    of = organisations.c
    towns = db.execute(select(organisations).where(of.parent_id == organisation_id(ZICHUAN), of.kind != "branch")).all()
    readers = db.execute(
        select(organisations)
        .where(of.parent_id == organisation_id(TOWN))
        .order_by(of.code)
        .limit(READ_BY_BRANCHES if month.next < Month.at(at) else READ_BY_BRANCHES // 4)
    ).all()
    for number, reader in enumerate((*towns, *readers)):
        read_at = day + timedelta(hours=1 + number)
        if read_at <= at:
            word = AcknowledgeBulletin(drafted.id)
            bulletins.acknowledge(db, asked=word, actor=_secretary(db, reader, at=read_at), at=read_at)


def _draft(db: Connection, *, at: datetime) -> None:
    """Draft the bulletin of today: it waits for the second officer's signature."""
    asked = DraftBulletin("daily", clock.today(at).isoformat())
    bulletins.draft(db, asked=asked, actor=_officer("officer", at=at), at=at)


# ---- half-yearly meetings -----------------------------------------------------------------------------------------


def _meet(db: Connection, *, at: datetime) -> None:
    """Hold the meeting of town secretaries of the half-year that is over, and plan the next one."""
    officer, today = _officer("officer", at=at), clock.today(at)
    half = 1 if today.month <= 6 else 2
    last = (today.year, 1) if half == 2 else (today.year - 1, 2)
    held_on = min(today.replace(month=half * 6 - 5, day=10), today)
    for year, number in (last, (today.year, half)):
        told = "一、通报{}半年现场评估和智能体检情况；二、镇（街道）党（工）委书记述职；三、部署下步工作。"
        agenda = told.format("上" if number == 1 else "下")
        is_over = (year, number) == last
        planned_on = held_on if is_over else today + timedelta(days=20)
        then = at - (today - held_on) if is_over else at
        asked = PlanHalfYearMeeting(
            organisation_id=organisation_id(ZICHUAN), year=year, half=number, planned_on=planned_on, agenda=agenda
        )
        planned = half_year_meetings.plan(db, asked=asked, actor=officer, at=then)
        if is_over:
            minutes = "会议通报了半年体检和现场评估情况，各镇（街道）作了发言，明确逐项整改的责任人和时限。"
            held = HoldHalfYearMeeting(planned.id, held_on, minutes)
            half_year_meetings.hold(db, asked=held, actor=officer, at=then)


# ---- who acts -----------------------------------------------------------------------------------------------------


def _secretary(db: Connection, organisation: Row[Any], *, at: datetime) -> Actor:
    """Return who leads an organisation, as its secretary."""
    holder = secretary_on(db, organisation.id, clock.today(at))
    person_id = holder.member_id if holder else people.person_id(f"history:{organisation.code}")
    name = holder.name if holder else "书记"
    session = people.person_id("history:session")
    return Actor(person_id, session, name, (Grant("secretary", organisation.path),), at)


def _officer(name: str, *, at: datetime) -> Actor:
    user = next(one for one in people.USERS if one.username == name)
    session = people.person_id("history:session")
    return Actor(user.id, session, user.name, (Grant("officer", f"{CITY}.{ZICHUAN}"),), at)
