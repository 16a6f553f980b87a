"""Two on-site rounds of the town of 洪山, all made up: one that has ended, and one under way.

The villages' round of the last half-year: a sample of five, each with its report sent, one acknowledged; the village of
the demonstration's secretary is among them, with its report to be answered. The communities' round: drawn two days ago,
its days planned, one visit begun. Where the organisations are is made up as well.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID, uuid5

from assessment.domain.rounds import digest_of, prefix_of
from assessment.operations import round_reports, round_visits, rounds
from assessment.queries.round_visits import views, visit_named
from assessment.tables.rounds import round_visits as visits_table
from assessment.tables.rounds import rounds as rounds_table
from assessment.tables.rounds import team_members, visit_places
from chassis import clock
from chassis.actors import Actor, Grant
from chassis.draws import seed_of
from contracts.assessment.round_visits import (
    AcknowledgeReport,
    CloseRoundVisit,
    FinishVisit,
    GivenAnswer,
    GivenProblem,
    SendReports,
    SyncVisit,
)
from contracts.assessment.rounds import (
    AnnounceOnSiteRound,
    CloseOnSiteRound,
    MakeOnSiteRound,
    SetRoundTeams,
    Team,
    TeamMember,
)
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import Connection, func, insert, select

from demo.organisations import CITY, ORGANS, PUJIA, ZICHUAN, foundings, organisation_id
from demo.people import USERS

TOWN: Final = "370302115"
CENTRE: Final = (118.01, 36.62)
SAMPLE: Final = 24
"""Per cent of the 17 villages, so that five are visited."""
PROBLEMS: Final = ("9月未召开支委会", "手册中两次主题党日记录缺签到", "流动党员台账未更新", "换届批复未归档")
KINDS: Final = ("regular_meetings", "theme_day", "members", "records")


def load(db: Connection, *, at: datetime) -> int:
    """Load both rounds, once; returns how many visits they have."""
    if db.execute(select(func.count()).select_from(rounds_table)).scalar_one():
        return 0
    _place(db, at=at)
    past = _round(
        db, "2026年上半年村党支部现场评估", "village", field="rural", sample=SAMPLE, at=at - timedelta(days=150)
    )
    for number, visit_id in enumerate(_visits(db, past)):
        _write(db, visit_id, number=number, at=at - timedelta(days=140))
    after = at - timedelta(days=130)
    rounds.close(db, asked=CloseOnSiteRound(past), actor=_actor("officer"), at=after)
    round_reports.send_all(db, asked=SendReports(past), actor=_actor("officer"), at=after)
    told = next(row for row in _visits(db, past) if visit_named(db, row, actor=_actor("officer")).path != _path(PUJIA))
    path = visit_named(db, told, actor=_actor("officer")).path
    secretary = Actor(uuid5(NAMESPACE_ZHENDI, "demo:secretary"), told, "支部书记", (Grant("secretary", path),), after)
    word = AcknowledgeReport(told, "认可评估结果，已列出整改清单。")
    round_reports.acknowledge(db, asked=word, actor=secretary, at=after)
    now = _round(
        db, "2026年下半年社区党支部现场评估", "community", field="community", sample=60, at=at - timedelta(days=3)
    )
    begun = next(row for row in _visits(db, now) if visit_named(db, row, actor=_actor("assessor")).is_mine)
    _write(db, begun, number=2, at=at - timedelta(hours=1), items=9)
    return len(_visits(db, past)) + len(_visits(db, now))


def _path(code: str) -> str:
    return f"{CITY}.{ZICHUAN}.{code}" if code in (TOWN, ORGANS) else f"{CITY}.{ZICHUAN}.{code[:9]}.{code}"


def _actor(username: str) -> Actor:
    user = next(one for one in USERS if one.username == username)
    grants = (Grant(username, f"{CITY}.{ZICHUAN}"),)
    return Actor(user.id, uuid5(user.id, "rounds"), user.name, grants, clock.now())


def _place(db: Connection, *, at: datetime) -> None:
    """Put the organisations of the town somewhere around it."""
    chance = random.Random(TOWN)  # noqa: S311 - made-up data
    codes = [founding.code for founding in foundings() if founding.code.startswith(TOWN)]
    rows = [
        {
            "organisation_id": organisation_id(code),
            "lon": round(CENTRE[0] + chance.uniform(-0.05, 0.05), 5),
            "lat": round(CENTRE[1] + chance.uniform(-0.035, 0.035), 5),
            "is_made_up": True,
            "at": at,
            "by_name": "demo",
        }
        for code in codes
    ]
    db.execute(insert(visit_places), rows)


def _round(db: Connection, name: str, kind: str, *, field: str, sample: int, at: datetime) -> UUID:
    """Make a round with two teams, announce and draw it."""
    officer, day = _actor("officer"), clock.today(at)
    made = rounds.make(
        db,
        asked=MakeOnSiteRound(
            name=name,
            period_kind="half_year",
            period=name[:8],
            organisation_id=organisation_id(TOWN),
            version_id=uuid5(NAMESPACE_ZHENDI, f"criteria:{kind}:1"),
            fields=[field],
            starts_on=day + timedelta(days=3),
            ends_on=day + timedelta(days=16),
            sample_percent=sample,
        ),
        actor=officer,
        at=at,
    )
    teams = [
        Team(
            name=f"第{number}组",
            members=[
                TeamMember(
                    person_id=who.person_id, name=who.name, organisation_id=organisation_id(ORGANS), is_leader=True
                )
            ],
        )
        for number, who in enumerate((_actor("assessor"), officer), start=1)
    ]
    rounds.set_teams(db, asked=SetRoundTeams(made.id, teams), actor=officer, at=at)
    number, draw_at = f"川组演示〔{day.year}〕{day.month}号", at + timedelta(days=1)

    def key() -> UUID:
        """The demonstration is the same each time, and its secretary has a report: no real key is chosen."""
        listed = list(
            db.execute(select(visits_table.c.organisation_id).where(visits_table.c.round_id == made.id)).scalars()
        )
        return next(_keys(listed, seed_of(day, number), most=max(len(listed) * sample // 100, 1)))

    rounds.announce(
        db,
        asked=AnnounceOnSiteRound(round_id=made.id, seed_on=day, seed_number=number, draw_at=draw_at),
        actor=officer,
        at=at,
        keys=key,
    )
    rounds.draw_due(db, at=draw_at)
    return made.id


def _keys(listed: list[UUID], seed: str, *, most: int) -> Iterator[UUID]:
    pujia = organisation_id(PUJIA)
    for number in count():
        key = uuid5(NAMESPACE_ZHENDI, f"demo:draw:{number}")
        prefix = prefix_of(seed, key)
        first = sorted(listed, key=lambda one: digest_of(f"{prefix}{one}"))[:most]
        if pujia not in listed or pujia in first:
            yield key


def _visits(db: Connection, round_id: UUID) -> list[UUID]:
    drawn = select(visits_table.c.id).where(visits_table.c.round_id == round_id, visits_table.c.team_id.is_not(None))
    return list(db.execute(drawn.order_by(visits_table.c.position)).scalars())


def _write(db: Connection, visit_id: UUID, *, number: int, at: datetime, items: int | None = None) -> None:
    """Fill a visit in as its team's leader; with all its items finish and close it too."""
    leader = next(
        who
        for who in (_actor("assessor"), _actor("officer"))
        if db.execute(
            select(team_members.c.team_id)
            .join(visits_table, visits_table.c.team_id == team_members.c.team_id)
            .where(visits_table.c.id == visit_id, team_members.c.person_id == who.person_id)
        ).first()
    )
    (view,) = views(db, [visit_named(db, visit_id, actor=leader)], writes=True)
    chance = random.Random(f"{number}")  # noqa: S311 - made-up data
    every = [item for heading in view.criteria.headings for item in heading.items]
    answers = [
        GivenAnswer(
            id=uuid5(visit_id, f"answer:{item.id}"),
            item_id=item.id,
            points=item.full_marks - (lost := chance.choice((0, 0, 0, 0.5, 1, 2))),
            no_evidence="not_recorded" if lost >= 1 else None,
            remark="记录不全" if lost else None,
            answered_at=at,
        )
        for item in every[:items]
    ]
    place = number % len(PROBLEMS)
    problem = GivenProblem(
        id=uuid5(visit_id, "problem"), item_id=every[3].id, kind=KINDS[place], text=PROBLEMS[place], found_at=at
    )
    given = SyncVisit(visit_id=visit_id, answers=answers, problems=[problem])
    round_visits.sync(db, given=given, actor=leader, at=at)
    if items is None:
        round_visits.finish(db, asked=FinishVisit(visit_id), actor=leader, at=at)
        report = "组织健全，组织生活正常开展；个别记录不够完整，请对照扣分项和问题逐项整改。"
        round_visits.close(db, asked=CloseRoundVisit(visit_id, report), actor=leader, at=at)
