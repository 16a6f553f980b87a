"""Problems in each of their states and a card of each colour, all made up: what the officer's pages show.

One branch of each of nine towns; none is that of the secretary who walks the whole chain. Each problem is walked
through the operations that people use, on the days on which they would have used them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from assessment.operations import cards, inspections, problems, rectifications
from assessment.tables.organisations import organisations
from assessment.tables.problems import inspections as inspections_
from assessment.tables.problems import problem_kinds
from chassis import clock
from chassis.actors import Actor, Grant
from contracts.assessment.cards import EscalateCard, GiveCard
from contracts.assessment.inspections import InspectionFinding, RecordInspection
from contracts.assessment.problems import AssignTraining
from contracts.assessment.rectifications import (
    AcceptRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import distinct_on

from demo import people
from demo.organisations import CITY, PUJIA, ZICHUAN

TOWN_TEAM: Final = "镇（街道）党建办检查组"
SUPERIOR: Final = "市委巡察组"


@dataclass(frozen=True)
class Story:
    """One problem: its kind, what it is, where it stands now, how many days ago it was found."""

    kind: str
    text: str
    ends: str
    days_ago: int
    source: str = "spot_check"


STORIES: Final = (
    Story("publicity", "第三季度党务公开栏未更新", "open", 2),
    Story("theme_day", "十月主题党日只有签到，没有讨论记录", "planned", 6),
    Story("records", "三次党小组会的会议记录缺少出席人数", "reported", 12),
    Story("dues", "两名党员连续三个月未按时交纳党费", "returned", 20),
    Story("members", "流动党员联系登记表没有更新", "accepted", 40),
    Story("service", "联系群众台账半年没有登记", "overdue", 30),
    Story("regular_meetings", "第三季度没有召开支部党员大会", "yellow", 8),
    Story("tasks", "基层党建重点任务推进滞后，整改流于形式", "orange", 25),
    Story("committee", "支部委员会届满半年未换届", "red", 9, "superior_inspection"),
)


def load(db: Connection, *, at: datetime) -> int:
    """Load the problems; returns how many are new. Nothing when they are there already."""
    assessor, officer = _user("assessor", at), _user("officer", at)
    there = select(inspections_.c.id).where(inspections_.c.by_id == assessor.person_id).limit(1)
    if db.execute(there).first() is not None or db.execute(select(problem_kinds.c.code).limit(1)).first() is None:
        return 0
    of = organisations.c
    branches = db.execute(
        select(organisations)
        .ext(distinct_on(of.parent_id))
        .where(of.kind == "branch", of.field == "rural", of.is_external.is_(False), of.code != PUJIA)
        .order_by(of.parent_id, of.code)
    ).all()
    told = list(zip(STORIES, branches, strict=False))
    for story, branch in told:
        _Walk(db, story, branch, assessor=assessor, officer=officer, at=at).walk()
    return len(told)


class _Walk:
    """One problem on its way."""

    def __init__(
        self, db: Connection, story: Story, branch: Row[Any], *, assessor: Actor, officer: Actor, at: datetime
    ) -> None:
        self.db, self.story, self.branch = db, story, branch
        self.assessor, self.officer = assessor, officer
        self.found_at, self.at = at - timedelta(days=story.days_ago), at
        grants = (Grant("secretary", branch.path),)
        self.secretary = Actor(people.person_id(f"mending:{branch.code}"), officer.session_id, "支部书记", grants, at)

    def walk(self) -> None:
        """Take the problem as far as its story goes."""
        story, found_at = self.story, self.found_at
        inspection = inspections.record(
            self.db,
            asked=RecordInspection(
                self.branch.id,
                story.source,
                clock.today(found_at),
                SUPERIOR if story.source == "superior_inspection" else TOWN_TEAM,
                [InspectionFinding(story.kind, story.text)],
            ),
            actor=self.assessor,
            at=found_at,
        )
        problem_id = inspection.problems[0].id
        if story.ends == "open":
            return
        if story.ends in ("yellow", "orange", "red"):
            self._warn(problem_id)
            return
        days = 20 if story.ends == "overdue" else story.days_ago + 20
        deadline = clock.today(found_at) + timedelta(days=days)
        asked = OpenRectification(problem_id, deadline)
        seen = rectifications.open_item(self.db, asked=asked, actor=self.officer, at=found_at)
        if story.ends == "overdue" or seen.rectification is None:
            return
        item_id, later = seen.rectification.id, found_at + timedelta(days=2)
        plan = PlanRectification(item_id, "对照问题逐项补正，由支部委员会检查一次", "组织委员")
        rectifications.plan(self.db, asked=plan, actor=self.secretary, at=later)
        if story.ends == "planned":
            return
        report = ReportRectification(item_id, "已补正，并在支部委员会上通报")
        rectifications.report(self.db, asked=report, actor=self.secretary, at=later + timedelta(days=3))
        last = later + timedelta(days=5)
        if story.ends == "returned":
            back = ReturnRectification(item_id, "补交记录与原始凭证不一致，请核对后重报")
            rectifications.give_back(self.db, asked=back, actor=self.officer, at=last)
        if story.ends == "accepted":
            rectifications.accept(self.db, asked=AcceptRectification(item_id), actor=self.officer, at=last)
            training = AssignTraining(problem_id, "流动党员管理", "支部书记、组织委员", clock.today(self.at))
            problems.assign_training(self.db, asked=training, actor=self.officer, at=last)

    def _warn(self, problem_id: Any) -> None:
        red = self.story.ends == "red"
        asked = GiveCard(
            problem_id,
            ground="superior_finding" if red else "general_problem",
            text="巡察反馈的突出问题" if red else "首次抽查发现，限期整改",
            colour="red" if red else "yellow",
            secretary_name="支部书记",
        )
        card = cards.give(self.db, asked=asked, actor=self.officer, at=self.found_at + timedelta(days=1))
        if self.story.ends == "orange":
            raised = EscalateCard(card.id, "yellow", "perfunctory", "回头看发现整改只有材料、没有行动")
            cards.escalate(self.db, asked=raised, actor=self.officer, at=self.at - timedelta(days=4))


def _user(name: str, at: datetime) -> Actor:
    user = next(one for one in people.USERS if one.username == name)
    session = people.person_id("mending:session")
    return Actor(user.id, session, user.name, (Grant(name, f"{CITY}.{ZICHUAN}"),), at)
