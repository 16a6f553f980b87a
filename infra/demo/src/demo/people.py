"""The people of the demonstration: about 12 000 members, made up from lists of names, and those who sign in.

Each branch draws from a random source of its own, begun with its code, so the same code gives the same people in every
demonstration, in any order and in part. Most branches keep the setting rules; a few do not, so that findings show: too
few full members, twenty and no groups, fifty and still a branch, seven full members and no committee.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from chassis import clock
from contracts.envelope import NAMESPACE_ZHENDI
from roster.domain.periods import months_after
from roster.domain.terms import VILLAGES
from roster.operations.accounts import NewAccount, NewGrant
from roster.operations.members import Appointment, Membership
from roster.operations.organisations import Founding
from roster.operations.people import Person
from roster.operations.sign_in_policies import add as add_policy
from roster.operations.terms import Term
from roster.queries import sign_in_policies
from sqlalchemy import Connection

from demo import registers
from demo.organisations import CITY, DAKUNLUN, FINANCE, ORGANS, PUJIA, VISITORS, ZICHUAN, organisation_id, site_code

PASSWORD: Final = "demo"  # noqa: S105 - known to everybody, for the demonstration alone
POLICY_GROUND: Final = "演示：演示账号不要求第二因素"
PUJIA_MEMBERS: Final = 26
SITE_MEMBERS: Final = 6
GROUP_MEMBERS: Final = 9
OLDEST_YEARS: Final = 50
TOWN_SECRETARIES_AGED: Final = range(36, 56)

_FAMILY: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文孟翟"
)
_GIVEN_FIRST: Final = "建国志文明德玉春秀桂金永海庆学世兴家立丽红晓爱淑凤美俊少光长新东宏传成广宝振福继思雪雅云瑞佳天子"
_GIVEN_SECOND: Final = (
    "华军平生民强伟峰勇刚杰涛斌辉林山海洋忠义信礼英芳梅兰玲霞燕娟敏静洁琴荣珍莲香萍花云霖宁安康宇轩涵怡然"
)


@dataclass(frozen=True)
class DemoUser:
    """Somebody who can sign in: their branch, their post there, and roles at nodes of the tree."""

    username: str
    name: str
    branch: str
    post: str | None = None
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> UUID:
        """The person's id."""
        return person_id(f"user:{self.username}")


USERS: Final = (
    DemoUser("secretary", "蒲志明", PUJIA, "secretary"),
    DemoUser("administrator", "孙秀兰", PUJIA, roles=(("administrator", PUJIA),)),
    DemoUser("member", "王晓燕", PUJIA),
    DemoUser("secretary2", "赵永海", DAKUNLUN, "secretary"),
    DemoUser("visitor", "孟宪法", VISITORS, "secretary"),
    DemoUser("steward", "周文静", site_code("pusongling"), roles=(("steward", site_code("pusongling")),)),
    DemoUser("steward2", "丁立强", site_code("zibomeikuang"), roles=(("steward", site_code("zibomeikuang")),)),
    DemoUser("officer", "李建平", ORGANS, roles=(("officer", ZICHUAN),)),
    DemoUser("officer2", "秦素芳", ORGANS, roles=(("officer", ZICHUAN),)),
    DemoUser("assessor", "郭海峰", ORGANS, roles=(("assessor", ZICHUAN),)),
    DemoUser("auditor", "韩玉梅", ORGANS, roles=(("auditor", ZICHUAN),)),
    DemoUser("admin", "宋宁", ORGANS, roles=(("admin", CITY),)),
    DemoUser("preparer", "吴佳怡", FINANCE, roles=(("preparer", ZICHUAN),)),
    DemoUser("approver", "陈国忠", FINANCE, roles=(("approver", ZICHUAN),)),
    DemoUser("payer", "郑丽华", FINANCE, roles=(("payer", ZICHUAN),)),
)


@dataclass
class Roll:
    """Who belongs to some branches and holds posts in them."""

    people: list[Person] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)


def person_id(key: str) -> UUID:
    """Return the id that a person has in every demonstration."""
    return uuid5(NAMESPACE_ZHENDI, f"person:{key}")


def roll_of(branches: Sequence[Founding], *, on: date) -> Roll:
    """Draw the members of the branches, as of a day: nobody joined later."""
    roll = Roll()
    for branch in branches:
        _fill(roll, branch, on=on)
    _appoint_town_secretaries(roll, branches, on=on)
    return roll


def accounts() -> list[NewAccount]:
    """Return the accounts that the demonstration signs in with."""
    return [NewAccount(user.id, user.username, PASSWORD) for user in USERS]


def grants() -> list[NewGrant]:
    """Return the roles that come neither with a post nor with being a member."""
    return [NewGrant(user.id, role, organisation_id(code)) for user in USERS for role, code in user.roles]


def set_policy(db: Connection, *, at: datetime) -> None:
    """Demand no second factor of anybody, once: who looks at the demonstration has no authenticator for its people.

    Docs/decisions/0023. Everything else is as the platform sets it, and everybody may switch the second factor on.
    """
    today = clock.today(at)
    rows = sign_in_policies.rows(db, on=today)
    if all(row.ground != POLICY_GROUND for row in rows.rows):
        numbers = replace(rows.in_force.numbers, second_factor_roles=[])
        add_policy(db, numbers, active_from=today, ground=POLICY_GROUND, at=at)


def _fill(roll: Roll, branch: Founding, *, on: date) -> None:
    draw = random.Random(f"members of {branch.code}")  # noqa: S311 - made-up people
    users = [user for user in USERS if user.branch == branch.code]
    number = _size(draw, branch)
    named = [(user.id, user.name) for user in users]
    while len(named) < number:
        named.append((person_id(f"{branch.code}:{len(named)}"), _name(draw)))
    is_exemplary = bool(users)
    undivided = number < 20 or (not is_exemplary and draw.random() < 0.05)
    groups = 0 if undivided else -(-number // GROUP_MEMBERS)
    full = 0
    persons: list[Person] = []
    # A source of its own: what is known of a person changes nothing of who they are and when they joined.
    known = random.Random(f"register of {branch.code}")  # noqa: S311 - made-up people
    for place, (one, name) in enumerate(named):
        # Who signs in, and the first three, have long been members.
        is_probationary = place >= len(users) + 3 and draw.random() < 0.05
        full += not is_probationary
        joined_on = _joined_on(draw, on=on, is_probationary=is_probationary)
        persons.append(registers.person(known, one, name, branch=branch, place=place, joined_on=joined_on, on=on))
        roll.people.append(persons[-1])
        roll.memberships.append(
            Membership(
                person_id=one,
                branch_id=branch.id,
                status="probationary" if is_probationary else "full",
                joined_on=joined_on,
                party_group=f"第{place % groups + 1}党小组" if groups else None,
                synthetic=True,
                full_on=None if is_probationary else months_after(joined_on, 12),
                since=joined_on,
            )
        )
    # A source of its own. Of a hundred terms most run on, some end within half a year, a few are over already.
    held_from = _in_office_since(random.Random(f"term of {branch.code}"), branch, on=on)  # noqa: S311 - made up
    secretary = next((user.id for user in users if user.post == "secretary"), None)
    others = [person.id for person in persons[len(users) :]]
    if secretary is None:
        secretary = others.pop(0) if others else persons[0].id
    roll.appointments.append(Appointment(branch.id, secretary, "secretary", held_from))
    has_committee = full >= 7 and (is_exemplary or draw.random() > 0.03)
    seats = (4 if full >= 30 else 2) if has_committee else 0
    for place, holder in enumerate(others[:seats]):
        post = "deputy_secretary" if place == 0 and seats == 4 else "committee_member"
        roll.appointments.append(Appointment(branch.id, holder, post, held_from))
    roll.terms.append(Term(branch.id, held_from, seats=1 + len(others[:seats])))


def _appoint_town_secretaries(roll: Roll, branches: Sequence[Founding], *, on: date) -> None:
    """Have one member of each town lead its committee: the first one of middle age who holds no post yet."""
    held_from = date(on.year - 2, 3, 1)
    shown = {user.branch for user in USERS}
    towns = {
        branch.id: branch.parent_id
        for branch in branches
        if branch.division_code and branch.parent_id and branch.code not in shown
    }
    holders = {appointment.person_id for appointment in roll.appointments}
    led: set[UUID] = set()
    for person, membership in zip(roll.people, roll.memberships, strict=True):
        town = towns.get(membership.branch_id)
        if town is None or town in led or person.id in holders or person.born_on is None:
            continue
        if (
            membership.joined_on
            and membership.joined_on < held_from
            and on.year - person.born_on.year in TOWN_SECRETARIES_AGED
        ):
            roll.appointments.append(Appointment(town, person.id, "secretary", held_from))
            led.add(town)


def _in_office_since(draw: random.Random, branch: Founding, *, on: date) -> date:
    """Draw the day since which a branch's committee is in office, by how long its term lasts."""
    years = 5 if branch.field in VILLAGES else 3
    if branch.code == PUJIA:
        return months_after(on, 3 - 12 * years)
    if branch.code == DAKUNLUN:
        return months_after(on, -1 - 12 * years)
    chance = draw.random()
    if chance < 0.03:
        return months_after(on, -draw.randint(1, 8) - 12 * years)
    if chance < 0.12:
        return months_after(on, draw.randint(1, 5) - 12 * years)
    return date(on.year - 2, 3, 1)


def _size(draw: random.Random, branch: Founding) -> int:
    if branch.code == PUJIA:
        return PUJIA_MEMBERS
    if branch.division_code is None:
        return SITE_MEMBERS
    chance = draw.random()
    if branch.code != DAKUNLUN and chance < 0.012:
        return draw.randint(1, 2)
    if branch.code != DAKUNLUN and chance < 0.03:
        return draw.randint(50, 60)
    return round(draw.triangular(4, 49, 20))


def _name(draw: random.Random) -> str:
    second = draw.choice(_GIVEN_SECOND)
    return draw.choice(_FAMILY) + (draw.choice(_GIVEN_FIRST) + second if draw.random() < 0.8 else second)


def _joined_on(draw: random.Random, *, on: date, is_probationary: bool) -> date:
    """Draw a day in the last year for a probationary member, else one between fifty years and a year and a day ago."""
    days = draw.randint(10, 350) if is_probationary else draw.randint(367, OLDEST_YEARS * 365)
    return on - timedelta(days=days)
