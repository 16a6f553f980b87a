"""The demonstration's months before this one: frozen lights, and what the rules made of them."""

from datetime import date

import pytest
from assessment.operations import posts
from assessment.queries import bulletins, burden, exemptions, half_year_meetings, light_board, slips, talks
from assessment.tables.activities import activities
from assessment.tables.lights import lights as stored
from chassis.actors import Actor
from contracts.assessment.bulletins import BulletinsAsked
from contracts.assessment.burden import BurdenOverviewAsked
from contracts.assessment.exemptions import STATES, ExemptionsAsked
from contracts.assessment.half_year_meetings import HalfYearMeetingAsked, HalfYearMeetingsAsked
from contracts.assessment.lights import LightBoardAsked
from contracts.assessment.slips import SlipsAsked
from contracts.assessment.talks import TalksAsked
from contracts.roster.posts import PostHolder, PostsChanged
from demo import history, records, reviews
from demo.organisations import CITY, PUJIA, ZICHUAN, organisation_id
from sqlalchemy import Connection, func, select, text

from tests.assessment.articles import a_branch, an_event, at
from tests.assessment.test_handbook_records import a_person, a_roll

LATE = at(11, 27, 20)
DISTRICT = f"{CITY}.{ZICHUAN}"
TOWN = f"{DISTRICT}.{history.TOWN}"
LEADER = a_person("town")


@pytest.fixture
def officer() -> Actor:
    return history._officer("officer", at=LATE)


@pytest.fixture
def town(db: Connection) -> None:
    """A town of the branches that the stories are about, a branch with no records, and who leads the town."""
    a_branch(db, id=organisation_id(ZICHUAN), path=DISTRICT, kind="committee", name="区委")
    a_branch(
        db,
        id=organisation_id(history.TOWN),
        path=TOWN,
        kind="committee",
        name="双杨镇党委",
        parent_id=organisation_id(ZICHUAN),
    )
    told = PostsChanged(organisation_id(history.TOWN), [PostHolder(1, LEADER, "邵", "secretary", date(2024, 3, 1))])
    posts.remember(db, event=an_event(told))
    codes = [f"{history.TOWN}{number}" for number in range(101, 114)] + list(records.IDLE)
    for code in codes:
        branch = a_branch(db, id=organisation_id(code), path=f"{TOWN}.{code}", parent_id=organisation_id(history.TOWN))
        a_roll(db, branch, f"{code}a", f"{code}b")
    a_roll(db, a_branch(db, id=organisation_id(PUJIA), path=f"{DISTRICT}.t.{PUJIA}"))
    db.execute(text("UPDATE organisations SET known_since = :late"), {"late": LATE})
    db.execute(text("DELETE FROM lights"))


def test_three_months_are_frozen_and_told_of_by_the_rules(db: Connection, town: None, officer: Actor) -> None:
    records.load(db, at=LATE)
    assert history.load(db, at=LATE) == 3 * (13 + len(records.IDLE))
    assert history.load(db, at=LATE) == 0

    shown = light_board.board(db, asked=LightBoardAsked(), actor=officer, at=LATE)
    assert shown.whole
    assert (shown.whole.branches, shown.whole.exempt) == (13 + len(records.IDLE), 1)  # with the one without records
    assert shown.whole.share_bp == 10_000 * shown.whole.green // shown.whole.branches > 0
    assert [(one.month, one.frozen, one.exempt) for one in shown.months] == [
        ("2026-10", True, 1),
        ("2026-09", True, 2),  # one of them ended with its month
        ("2026-08", True, 0),
    ]
    for month in ("2026-08", "2026-09", "2026-10"):
        _the_lights_are_those_of_the_records(db, month)
    of_pujia = select(func.count()).where(stored.c.branch_id == organisation_id(PUJIA), stored.c.month < "2026-11")
    assert db.scalar(of_pujia) == 0

    held = talks.talks_asked(db, asked=TalksAsked(state="held"), actor=officer, at=LATE).items
    due = talks.talks_asked(db, asked=TalksAsked(state="due"), actor=officer, at=LATE).items
    found = {one.branch_id: one.months for one in (*held, *due)}
    assert found[organisation_id("370302116236")] == ["2026-08", "2026-09"]
    assert organisation_id(history.TALK_LEFT_OPEN) in {one.branch_id for one in due}
    assert {one.held_on for one in held} == {date(2026, 10, 7), date(2026, 11, 7)}
    assert {one.with_name for one in held} == {one.secretary_name or "支部书记" for one in held}

    answered = slips.slips_asked(db, asked=SlipsAsked(limit=100), actor=officer, at=LATE).items
    assert {one.state for one in answered if one.month in ("2026-08", "2026-09")} == {"closed"}
    assert {one.state for one in answered if one.month == "2026-10"} == {"closed", "replied"}


def test_what_people_did_stands_beside_the_lights(db: Connection, town: None, officer: Actor) -> None:
    records.load(db, at=LATE)
    history.load(db, at=LATE)

    asked = exemptions.exemptions_asked(db, asked=ExemptionsAsked(), actor=officer, at=LATE).items
    assert sorted((one.state, one.person_id is None) for one in asked) == sorted(
        (state, of_branch) for state in STATES for of_branch in (False, True)
    )

    told = bulletins.bulletins_asked(db, asked=BulletinsAsked(), actor=officer).items
    assert [(one.kind, one.period, one.state) for one in told] == [
        ("daily", "2026-11-27", "draft"),
        ("monthly", "2026-10", "sent"),
        ("monthly", "2026-09", "sent"),
    ]
    assert all(0 < one.receipts_read < one.receipts for one in told[1:])

    seen = burden.overview(db, asked=BurdenOverviewAsked(), actor=officer, at=LATE)
    assert seen.whole
    assert seen.whole.minutes > 0
    assert [one.month for one in seen.trend if one.minutes] == ["2026-08", "2026-09", "2026-10", "2026-11"]

    meetings = half_year_meetings.meetings_asked(db, asked=HalfYearMeetingsAsked(), actor=officer).items
    assert [(one.half, one.held_on) for one in meetings] == [(2, None), (1, date(2026, 7, 10))]
    meeting = half_year_meetings.meeting(db, asked=HalfYearMeetingAsked(meetings[0].id), actor=officer, at=LATE)
    assert {line.name: line.secretary_name for line in meeting.lines} == {"双杨镇党委": "邵"}
    assert reviews.load(db, at=LATE) == 2  # of the town's secretary, last year's and this year's


def _the_lights_are_those_of_the_records(db: Connection, month: str) -> None:
    held = {
        row.branch_id: row.held_on.day
        for row in db.execute(select(activities).where(activities.c.kind == "theme_day"))
        if f"{row.held_on:%Y-%m}" == month
    }
    for row in db.execute(select(stored).where(stored.c.month == month, stored.c.light != "exempt")):
        day = held.get(row.branch_id, 99)
        assert row.light == ("green" if day <= 25 else "yellow" if day <= 31 else "red"), (month, row.branch_id)
