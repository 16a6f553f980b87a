"""Many at once, on real connections: an answer is taken once, a visit is closed once, a round is drawn once."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import pytest
from assessment.operations import criteria, round_reports, round_visits, rounds
from contracts.assessment.round_visits import (
    AcknowledgeReport,
    CloseRoundVisit,
    DisputeReport,
    FinishVisit,
    OpenVisitAnew,
    SendReport,
    SyncVisit,
)
from contracts.assessment.rounds import (
    AdoptCriteriaVersion,
    CloseOnSiteRound,
    CriteriaHeading,
    MakeCriteria,
    MakeCriteriaVersion,
    RoundCriterion,
)
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import Engine, text

from tests.assessment.articles import an_actor
from tests.assessment.rounds import (
    AFTER,
    DISTRICT,
    OFFICER,
    SECOND,
    Drawn,
    a_closed_visit,
    a_district,
    a_drawn_round,
    a_problem,
    a_round,
    an_assessor,
    announce,
    answers_to,
    set_teams,
    sync,
    visit_ids,
)
from tests.races import at_once


def alone(database: Engine, act: Callable[..., Any], **given: Any) -> Any:
    with database.begin() as db:
        return act(db, **given)


@pytest.fixture
def drawn(database: Engine) -> Drawn:
    with database.begin() as db:
        a_district(db, towns=1, villages=2)
        return a_drawn_round(db, teams=1)


@pytest.fixture
def visit(database: Engine, drawn: Drawn) -> UUID:
    with database.connect() as db:
        return visit_ids(db, drawn)[0]


def counted(database: Engine, what: str) -> int:
    with database.connect() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608


def test_one_sync_sent_many_times_is_taken_once(database: Engine, drawn: Drawn, visit: UUID) -> None:
    leader = drawn.people[0][0]
    with database.begin() as db:
        view = sync(db, visit, leader)
    given = SyncVisit(visit_id=visit, answers=answers_to(view), problems=[a_problem(view)])
    act = partial(alone, database, round_visits.sync, given=given, actor=leader, at=AFTER)
    told = at_once([act] * 5)
    assert {len(one.problems) for one in told} == {1}
    assert (counted(database, "visit_answers"), counted(database, "visit_problems")) == (len(given.answers), 1)


def test_two_assessors_who_sync_at_once_are_both_kept(database: Engine, drawn: Drawn, visit: UUID) -> None:
    with database.begin() as db:
        view = sync(db, visit, drawn.people[0][0])
    acts = [
        partial(
            alone,
            database,
            round_visits.sync,
            given=SyncVisit(visit_id=visit, answers=answers_to(view, less={0: less})),
            actor=who,
            at=AFTER,
        )
        for who, less in zip(drawn.people[0], (0.0, 1.0), strict=True)
    ]
    at_once(acts)
    with database.begin() as db:
        told = sync(db, visit, drawn.people[0][0])
    assert [item.is_conflict for item in told.items].count(True) == 1
    assert len(told.items[0].answers) == 2


def test_of_a_sync_and_a_finish_the_second_sees_the_first(database: Engine, drawn: Drawn, visit: UUID) -> None:
    leader, other = drawn.people[0]
    with database.begin() as db:
        view = sync(db, visit, leader)
        sync(db, visit, leader, answers=answers_to(view))
    differing = SyncVisit(visit_id=visit, answers=answers_to(view, less={0: 1})[:1])
    told = at_once(
        [
            partial(alone, database, round_visits.finish, asked=FinishVisit(visit), actor=leader, at=AFTER),
            partial(alone, database, round_visits.sync, given=differing, actor=other, at=AFTER),
        ]
    )
    # Either it was finished and the answer waits on the phone, or the difference is there and it is not finished.
    refused = [one for one in told if isinstance(one, str)]
    assert refused in (["visit-finished"], ["visit-incomplete"])


def test_of_many_closings_one_gives_the_score(database: Engine, drawn: Drawn, visit: UUID) -> None:
    leader = drawn.people[0][0]
    with database.begin() as db:
        view = sync(db, visit, leader)
        sync(db, visit, leader, answers=answers_to(view))
        round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=AFTER)
    act = partial(alone, database, round_visits.close, asked=CloseRoundVisit(visit, "好"), actor=leader, at=AFTER)
    told = Counter(one if isinstance(one, str) else "closed" for one in at_once([act] * 5))
    assert told == {"closed": 1, "round-visit-not-movable": 4}
    assert counted(database, "round_scores") == 1
    assert counted(database, "visit_steps WHERE move = 'close'") == 1


def test_a_branch_says_one_thing(database: Engine, drawn: Drawn, visit: UUID) -> None:
    with database.begin() as db:
        a_closed_visit(db, drawn, visit)
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
    secretary = an_actor(("secretary", f"{DISTRICT}.t1"))
    accepts = AcknowledgeReport(visit, "认可")
    acts = [
        partial(
            alone,
            database,
            round_reports.acknowledge,
            asked=accepts,
            actor=secretary,
            at=AFTER,
        ),
        partial(alone, database, round_reports.dispute, asked=DisputeReport(visit, "不服"), actor=secretary, at=AFTER),
    ]
    told = at_once(acts)
    assert [one for one in told if isinstance(one, str)] == ["round-visit-not-movable"]


def test_a_visit_is_opened_anew_once_or_its_round_is_ended(database: Engine, drawn: Drawn, visit: UUID) -> None:
    with database.begin() as db:
        for one in visit_ids(db, drawn):
            a_closed_visit(db, drawn, one)
    again = partial(
        alone, database, round_visits.open_anew, asked=OpenVisitAnew(visit, "漏看"), actor=OFFICER, at=AFTER
    )
    ends = partial(alone, database, rounds.close, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=AFTER)
    *opened, ended = at_once([again, again, ends])
    told = Counter(one if isinstance(one, str) else "opened" for one in opened)
    if isinstance(ended, str):
        assert (ended, told) == ("visits-open", {"opened": 1, "round-visit-not-movable": 1})
    else:
        assert told == {"round-ended": 2}
    assert counted(database, "visit_reports") == counted(database, "round_visits WHERE state = 'assigned'")
    assert counted(database, "round_scores") == 2 - told["opened"]


def test_of_two_who_adopt_drafts_of_criteria_each_gets_a_number(database: Engine) -> None:
    with database.begin() as db:
        a_district(db, towns=1, villages=1)
        item = RoundCriterion(text="主题党日", full_marks=10, evidence="记录", deduction="每次1分")
        headings = [CriteriaHeading(name="组织生活", weight=100, items=[item])]
        whose = {"kind": "village", "organisation_id": uuid5(NAMESPACE_ZHENDI, DISTRICT)}
        made = criteria.make(
            db, asked=MakeCriteria(name="标准", citation="文", headings=headings, **whose), actor=OFFICER, at=AFTER
        )
        more = MakeCriteriaVersion(criteria_id=made.id, citation="文二", headings=headings)
        drafts = [one.id for one in criteria.make_version(db, asked=more, actor=OFFICER, at=AFTER).versions]
    acts = [
        partial(alone, database, criteria.adopt, asked=AdoptCriteriaVersion(one), actor=SECOND, at=AFTER)
        for one in (*drafts, drafts[0])
    ]
    told = Counter(one if isinstance(one, str) else "adopted" for one in at_once(acts))
    assert told == {"adopted": 2, "criteria-not-movable": 1}
    assert counted(database, "criteria_versions WHERE number = 2 AND state = 'adopted'") == 1


def test_a_round_is_drawn_once_by_two_workers(database: Engine) -> None:
    with database.begin() as db:
        ids = a_district(db, towns=1, villages=2)
        planned = a_round(db)
        set_teams(db, planned.id, [[(an_assessor("甲"), ids[f"{DISTRICT}.o1"])]])
        announce(db, planned.id)
    act = partial(alone, database, rounds.draw_due, at=AFTER)
    assert sum(at_once([act] * 3)) == 1
