"""Attacks on the assessment: what is another's, one's own, secret, drawn by lot, frozen, or sent from a phone."""

import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from assessment.domain.samples import digest_of
from assessment.operations import (
    cards,
    exemptions,
    inspections,
    rectifications,
    reinspections,
    review_consequences,
    review_meetings,
    reviews,
    round_reports,
    round_visits,
    rounds,
    samples,
    slips,
    star_ratings,
    tasks,
    weak_organisations,
)
from assessment.operations.paper_forms import paper_form
from assessment.operations.record_docx import as_docx
from assessment.operations.record_pdf import as_pdf as record_pdf
from assessment.operations.round_report_pdf import as_pdf as round_report_pdf
from assessment.operations.supervision_pdf import slip as slip_pdf
from assessment.queries import round_visits as shown_visits
from assessment.queries import slips as shown_slips
from assessment.queries.rounds import draw_export, on_site_round
from assessment.queries.scopes import must_judge
from assessment.service import SERVICE
from chassis.actors import Actor, Forbidden
from chassis.database import connect
from chassis.made_files import MadeFiles
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.cards import DecideCardObjection, FulfilCardConsequence, ObjectToCard
from contracts.assessment.exemptions import ApplyForExemption, ApproveExemption, ConsentToExemption
from contracts.assessment.inspections import DrawSample
from contracts.assessment.record_templates import RECORD_TEMPLATES
from contracts.assessment.rectifications import AcceptRectification
from contracts.assessment.reinspections import PlanReinspections, RecordReinspection
from contracts.assessment.reviews import (
    CallReviewMeeting,
    CastReviewVote,
    CorrectGrade,
    CountReviewMeeting,
    FulfilConsequence,
    PaperVotes,
)
from contracts.assessment.round_visits import DecideItem, RoundVisitAsked, RoundVisitsAsked, SendReport
from contracts.assessment.rounds import DrawExportAsked, OnSiteRoundAsked, WithdrawOnSiteRound
from contracts.assessment.slips import AcceptReply, IssueSlip, SlipAsked, WithdrawSlip
from contracts.assessment.star_ratings import CorrectStarRating, TryStarFormula
from contracts.assessment.weak_organisations import (
    DismissWeakOrganisation,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
)
from contracts.envelope import NAMESPACE_ZHENDI, load, plain, schema_of
from docx import Document
from marshmallow import ValidationError, fields, validate
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests import articles
from tests.assessment import mending, reviewed
from tests.assessment import rounds as on_site
from tests.assessment.articles import NOON
from tests.assessment.test_handbook_records import a_lecture, a_roll, kept
from tests.assessment.test_inspections import JULY, a_district, an_announcement, an_inspection
from tests.assessment.test_star_ratings import drawn_up
from tests.conftest import TestDatabase

BRANCH, TOWN = mending.BRANCH, mending.TOWN


@pytest.fixture(scope="module")
def engine(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    made = connect(clone_of("assessment").url, service="assessment")
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


def refused(db: Connection, statement: str, **given: Any) -> None:
    """What the service's own role is refused when it writes past the doors."""
    with pytest.raises(DBAPIError), db.begin_nested():
        assert db.execute(text(statement), given).rowcount, statement


# ---- nobody judges their own --------------------------------------------------------------------------------------


def its_own_people(db: Connection, branch: UUID) -> dict[str, Actor]:
    """Everybody who holds an officer's role and is one of the branch's own."""
    member, deputy = uuid4(), uuid4()
    db.execute(text("INSERT INTO rolls (branch_id, version) VALUES (:id, 1)"), {"id": branch})
    db.execute(
        text(
            "INSERT INTO members (branch_id, person_id, name, status, state, facts)"
            " VALUES (:branch, :person, '蒲一', 'full', 'active', '[]')"
        ),
        {"branch": branch, "person": member},
    )
    db.execute(text("INSERT INTO posts_told VALUES (:id, 1) ON CONFLICT DO NOTHING"), {"id": branch})
    db.execute(
        text(
            "INSERT INTO post_holders (organisation_id, post_id, post, member_id, name, from_day)"
            " VALUES (:id, 1, 'deputy_secretary', :who, '蒲二', '2026-01-01')"
        ),
        {"id": branch, "who": deputy},
    )
    above = ("officer", "3703.370302")
    return {
        "an officer of the branch itself": articles.an_actor(("officer", BRANCH), at=NOON),
        "its secretary with another role": articles.an_actor(above, ("secretary", BRANCH), at=NOON),
        "its administrator with another role": articles.an_actor(above, ("administrator", BRANCH), at=NOON),
        "one of its members": articles.an_actor(above, person=member, at=NOON),
        "its deputy secretary": articles.an_actor(above, person=deputy, at=NOON),
    }


def test_nobody_judges_what_their_own_branch_has_done(db: Connection) -> None:
    branch = mending.a_tree(db)
    officer, typist = mending.an_officer(), articles.an_actor(("administrator", BRANCH), at=NOON)
    secretary = mending.SECRETARY

    reported = mending.a_report(db, mending.an_item(db, branch), secretary=typist)
    assert reported.rectification is not None
    item_id = reported.rectification.id
    card = mending.a_card(db, mending.a_problem(db, branch, source_id=uuid4()), officer=officer)
    cards.object_to(db, asked=ObjectToCard(card.id, "我们整改了"), actor=secretary, at=NOON)
    applied = exemptions.apply(
        db,
        asked=ApplyForExemption(branch_id=branch, ground="unsuited", reason="村庄搬迁", from_month="2026-11", months=2),
        actor=typist,
        at=NOON,
    )
    exemptions.consent(
        db, asked=ConsentToExemption(applied.id, consented_on=NOON.date(), minutes="同意"), actor=secretary, at=NOON
    )
    slip = slips.issue(
        db,
        asked=IssueSlip(
            branch_id=branch, subject_kind="other", subject="台账", demand="补齐", due_on=date(2026, 11, 30)
        ),
        actor=officer,
        at=NOON,
    )
    asked = ProposeWeakOrganisation(branch, "班子不团结")
    entry = weak_organisations.propose(db, asked=asked, actor=officer, at=NOON)
    refusal = {"actor": None, "at": NOON}
    attempts: dict[str, Callable[[Actor], Any]] = {
        "accept the mending": lambda who: rectifications.accept(
            db, asked=AcceptRectification(item_id, "很好"), **{**refusal, "actor": who}
        ),
        "uphold the objection": lambda who: cards.decide(
            db, asked=DecideCardObjection(card.id, "upheld", "有理"), **{**refusal, "actor": who}
        ),
        "approve the exemption": lambda who: exemptions.approve(
            db, asked=ApproveExemption(applied.id), **{**refusal, "actor": who}
        ),
        "close the slip": lambda who: slips.accept(db, asked=AcceptReply(slip.id), **{**refusal, "actor": who}),
        "withdraw the slip": lambda who: slips.withdraw(
            db, asked=WithdrawSlip(slip.id, "误发"), **{**refusal, "actor": who}
        ),
        "dismiss the entry": lambda who: weak_organisations.dismiss(
            db, asked=DismissWeakOrganisation(entry.id, "不属实"), **{**refusal, "actor": who}
        ),
        "inspect it": lambda who: inspections.record(db, asked=an_inspection(branch), **{**refusal, "actor": who}),
        "release it from the list": lambda who: weak_organisations.release(
            db, asked=ReleaseWeakOrganisation(entry.id, "已转化"), **{**refusal, "actor": who}
        ),
    }
    none_may(db, attempts, its_own_people(db, branch))
    rectifications.accept(db, asked=AcceptRectification(item_id, "很好"), actor=officer, at=NOON)


def none_may(db: Connection, attempts: dict[str, Callable[[Actor], Any]], people: dict[str, Actor]) -> None:
    done = []
    for who, actor in people.items():
        for what, attempt in attempts.items():
            with pytest.raises(Refusal) as told, db.begin_nested():
                attempt(actor)
            if not isinstance(told.value, Forbidden):
                done.append(f"{who}: {what}: {told.value!r}")
    assert done == []


def test_nobody_of_a_branch_decides_what_its_secretary_or_its_rating_gets(db: Connection) -> None:
    town = reviewed.a_town(db, branches=3)
    branch = town.branches[1]
    town.grade(1, "poor")
    town.open()
    graded = town.review(1)
    due = UUID(str(db.scalar(text("SELECT id FROM review_consequences WHERE kind <> 'replacement' LIMIT 1"))))
    reinspections.plan(db, asked=PlanReinspections(town.id, 2026), actor=town.officer, at=NOON)
    again = text("SELECT id FROM reinspections WHERE organisation_id = :id")
    looked = UUID(str(db.scalar(again, {"id": branch})))
    rating = drawn_up(db)
    mending.raised(db, mending.a_card(db, mending.a_problem(db, branch)), ground="perfunctory")
    above = text("SELECT id FROM card_consequences WHERE kind = 'superior_talk'")
    talk = UUID(str(db.scalar(above)))
    today = NOON.date()
    attempts: dict[str, Callable[[Actor], Any]] = {
        "correct the grade": lambda who: reviews.correct(
            db, asked=CorrectGrade(graded, "average", "改正"), actor=who, at=NOON
        ),
        "vouch for what follows": lambda who: review_consequences.fulfil(
            db, asked=FulfilConsequence(due, today, "已办"), actor=who, at=NOON
        ),
        "look at it again": lambda who: reinspections.record(
            db, asked=RecordReinspection(looked, today, "没有反弹"), actor=who, at=NOON
        ),
        "correct a fact": lambda who: star_ratings.correct(
            db,
            asked=CorrectStarRating(
                rating_id=rating.id, organisation_id=branch, measure="round_score", value=100, reason="漏报"
            ),
            actor=who,
            at=NOON,
        ),
        "say that the superior talked": lambda who: cards.fulfil(
            db, asked=FulfilCardConsequence(talk, today, "已谈话"), actor=who, at=NOON
        ),
    }
    none_may(db, attempts, its_own_people(db, branch))
    for attempt in attempts.values():
        attempt(town.officer)


def test_only_who_sees_a_whole_rating_tries_another_formula_on_it(db: Connection) -> None:
    """The answer names every organisation that was rated, with its points."""
    reviewed.a_town(db, branches=2)
    rating = drawn_up(db)
    asked = TryStarFormula(rating_id=rating.id)
    with pytest.raises(Forbidden):
        star_ratings.ask_trial(db, asked=asked, actor=mending.an_officer(TOWN), at=NOON)
    star_ratings.ask_trial(db, asked=asked, actor=mending.an_officer(), at=NOON)


@pytest.mark.parametrize(
    "action", ["judge_task", "exempt_task", "record_talk", "correct_light", "answer_star_objection", "release_weak"]
)
def test_what_a_superior_does_is_asked_for_at_its_node(db: Connection, action: str) -> None:
    branch = mending.a_tree(db)
    for actor in its_own_people(db, branch).values():
        with pytest.raises(Forbidden):
            must_judge(db, actor, action, organisation_id=branch, path=BRANCH)
    must_judge(db, mending.an_officer(TOWN), action, organisation_id=branch, path=BRANCH)


def test_these_operations_ask_for_it() -> None:
    """Each of them names what the one before tests."""
    for module in (tasks, star_ratings, weak_organisations, slips, cards, exemptions):
        assert module.must_judge is must_judge


# ---- secrecy ------------------------------------------------------------------------------------------------------


def test_no_row_joins_a_vote_to_who_cast_it(engine: Engine) -> None:
    """Each vote is a transaction of its own here, as it is at the door: PostgreSQL keeps which one wrote a row."""
    connection = engine.connect()
    with connection.begin() as outer, connection as db:
        town = reviewed.a_town(db, branches=1)
        town.open()
        review_id = town.hand_in(0)
        people = town.voters(4)
        review_meetings.call(
            db,
            asked=CallReviewMeeting(
                organisation_id=town.id, year=2026, held_on=NOON.date(), review_ids=[review_id], person_ids=people
            ),
            actor=town.officer,
            at=NOON,
        )
        for person, vote in zip(people, ("good", "poor", "average", "good"), strict=True):
            with db.begin_nested():
                reviewed.casts(db, town, person, review_id, vote)
            writers = db.scalars(text("SELECT xmin::text FROM review_votes WHERE review_id = :id"), {"id": review_id})
            assert len(set(writers)) == 1
        columns = text("SELECT column_name FROM information_schema.columns WHERE table_name = 'review_ballots'")
        kept = set(db.scalars(columns))
        assert kept == {"review_id", "person_id", "meeting_id"}
        outer.rollback()


def test_a_vote_comes_with_chance_so_that_no_digest_tells_it() -> None:
    for salt in ({}, {"salt": ""}, {"salt": "x"}, {"salt": "x" * 65}):
        with pytest.raises(ValidationError):
            load(CastReviewVote, {"review_id": str(uuid4()), "vote": "good", **salt})


def test_nobody_votes_twice_for_another_or_after_the_count(db: Connection) -> None:
    town = reviewed.a_town(db, branches=2)
    town.open()
    review_id = town.hand_in(0)
    people = town.voters(4)
    meeting = review_meetings.call(
        db,
        asked=CallReviewMeeting(
            organisation_id=town.id, year=2026, held_on=NOON.date(), review_ids=[review_id], person_ids=people
        ),
        actor=town.officer,
        at=NOON,
    )
    reviewed.casts(db, town, people[0], review_id, "poor")
    with pytest.raises(review_meetings.AlreadyVoted):
        reviewed.casts(db, town, people[0], review_id, "good")
    for stranger in (uuid4(), town.officer.person_id):
        with pytest.raises(Forbidden):
            reviewed.casts(db, town, stranger, review_id)
    stuffed = CountReviewMeeting(meeting_id=meeting.id, paper=[PaperVotes(review_id=review_id, good=4)])
    with pytest.raises(review_meetings.TooManyVotes), db.begin_nested():
        review_meetings.count(db, asked=stuffed, actor=town.officer, at=NOON)
    with pytest.raises(Forbidden):
        review_meetings.count(db, asked=stuffed, actor=town.secretary(0), at=NOON)
    right = CountReviewMeeting(meeting_id=meeting.id, paper=[PaperVotes(review_id=review_id, good=3)])
    review_meetings.count(db, asked=right, actor=town.officer, at=NOON)
    for again in (
        lambda: review_meetings.count(db, asked=right, actor=town.officer, at=NOON),
        lambda: reviewed.casts(db, town, people[1], review_id),
    ):
        with pytest.raises(review_meetings.MeetingOver):
            again()
    refused(db, "UPDATE review_votes SET number = number + 1 WHERE review_id = :id", id=review_id)
    refused(db, "DELETE FROM review_votes WHERE review_id = :id", id=review_id)


def test_a_branch_learns_of_no_assessor(db: Connection) -> None:
    drawn = on_site_round_of(db)
    visit_id = on_site.visit_ids(db, drawn)[0]
    leader, other = drawn.team_of(db, visit_id)
    view = shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=leader, at=NOON)
    on_site.sync(db, visit_id, other, answers=on_site.answers_to(view), problems=[on_site.a_problem(view)])
    decided = DecideItem(visit_id=visit_id, item_id=view.items[0].item_id, points=1, reason="现场只见到一份")
    round_visits.decide(db, asked=decided, actor=leader, at=on_site.AFTER)
    on_site.a_closed_visit(db, drawn, visit_id)
    path = shown_visits.visit_named(db, visit_id, actor=leader).path
    secretary = articles.an_actor(("secretary", path), at=NOON)
    with pytest.raises(NotFound):  # nothing of it before it is sent
        shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=secretary, at=NOON)
    round_reports.send(db, asked=SendReport(visit_id), actor=on_site.OFFICER, at=on_site.AFTER)
    told = json.dumps(
        plain(shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=secretary, at=NOON)),
        ensure_ascii=False,
    )
    assert "现场只见到一份" in told
    for person in (leader, other):
        assert person.name not in told
        assert str(person.person_id) not in told
    with pytest.raises(Forbidden):
        on_site_round(db, asked=OnSiteRoundAsked(drawn.round.id), actor=secretary, at=NOON)
    with pytest.raises(Forbidden):
        shown_visits.round_visits_asked(db, asked=RoundVisitsAsked(), actor=secretary, at=NOON)


# ---- the draw -----------------------------------------------------------------------------------------------------


def on_site_round_of(db: Connection) -> on_site.Drawn:
    on_site.a_district(db)
    return on_site.a_drawn_round(db)


def test_nobody_knows_a_draw_before_it_is_drawn(db: Connection) -> None:
    """Who knew the key could give the round up, and make another, until one suits."""
    on_site.a_district(db)
    planned = on_site.a_round(db)
    home = uuid5(NAMESPACE_ZHENDI, f"{on_site.DISTRICT}.t1")
    on_site.set_teams(db, planned.id, [[(on_site.an_assessor("组长"), home)]])
    announced = on_site.announce(db, planned.id)
    key = str(db.scalar(text("SELECT draw_key FROM rounds WHERE id = :id"), {"id": planned.id}))
    export = draw_export(db, asked=DrawExportAsked(planned.id), actor=on_site.OFFICER, at=NOON)
    for told in (announced, export):
        assert key not in json.dumps(plain(told))
    assert db.scalar(text("SELECT count(*) FROM round_exclusions WHERE round_id = :id"), {"id": planned.id})
    for change in (
        "DELETE FROM round_exclusions WHERE round_id = :id",
        "UPDATE rounds SET draw_key = gen_random_uuid() WHERE id = :id",
        "UPDATE rounds SET seed_number = '另一号' WHERE id = :id",
        "UPDATE rounds SET draw_at = draw_at + interval '1 day' WHERE id = :id",
        "UPDATE rounds SET state = 'planned' WHERE id = :id",
        "UPDATE team_members SET organisation_id = gen_random_uuid() WHERE round_id = :id",
        "DELETE FROM rounds WHERE id = :id",
    ):
        refused(db, change, id=planned.id)
    assert rounds.draw_due(db, at=on_site.AFTER) == 1
    export = draw_export(db, asked=DrawExportAsked(planned.id), actor=on_site.OFFICER, at=NOON)
    assert key in (export.prefix or "")
    with pytest.raises(rounds.OnSiteRoundNotMovable):
        rounds.withdraw(db, asked=WithdrawOnSiteRound(planned.id, "重抽"), actor=on_site.OFFICER, at=on_site.AFTER)
    assert rounds.draw_due(db, at=on_site.AFTER + timedelta(days=1)) == 0
    refused(db, "UPDATE round_visits SET digest = 'x' WHERE round_id = :id", id=planned.id)


def test_no_number_of_a_document_chooses_whom_a_sample_draws(db: Connection) -> None:
    officer = mending.an_officer()
    announced = samples.announce(db, asked=an_announcement(a_district(db)), actor=officer, at=JULY)
    drawn = samples.draw(db, asked=DrawSample(announced.id), actor=officer, at=JULY + timedelta(days=2))
    assert drawn.seed.startswith(f"{announced.seed} ")
    UUID(drawn.seed.removeprefix(f"{announced.seed} "))
    rows = db.execute(
        text("SELECT organisation_id, digest FROM sample_entries WHERE sample_id = :id"), {"id": drawn.id}
    )
    digests = {row.organisation_id: row.digest for row in rows}
    assert all(digest == digest_of(drawn.seed, one) for one, digest in digests.items())
    assert not any(digest == digest_of(announced.seed, one) for one, digest in digests.items())
    for change in (
        "UPDATE samples SET draw_key = gen_random_uuid() WHERE id = :id",
        "UPDATE samples SET seed_number = 'x' WHERE id = :id",
        "DELETE FROM samples WHERE id = :id",
        "UPDATE sample_entries SET is_drawn = NOT is_drawn WHERE sample_id = :id",
    ):
        refused(db, change, id=announced.id)


# ---- what is frozen -----------------------------------------------------------------------------------------------


def test_the_service_itself_changes_nothing_that_is_published(db: Connection) -> None:
    town = reviewed.a_town(db, branches=1)
    town.grade(0, "average")
    review_id = town.review(0)
    for change in (
        "UPDATE reviews SET grade = 'good' WHERE id = :id",
        "UPDATE reviews SET decided_by_id = gen_random_uuid() WHERE id = :id",
        "UPDATE reviews SET score = 99 WHERE id = :id",
        "UPDATE reviews SET state = 'decided' WHERE id = :id",
        "UPDATE reviews SET report = 'x' WHERE id = :id",
        "DELETE FROM reviews WHERE id = :id",
    ):
        refused(db, change, id=review_id)
    refused(db, "DELETE FROM review_steps WHERE review_id = :id", id=review_id)


def test_the_score_of_a_visit_changes_by_a_step_alone(db: Connection) -> None:
    drawn = on_site_round_of(db)
    visit_id = on_site.visit_ids(db, drawn)[0]
    on_site.a_closed_visit(db, drawn, visit_id)
    for change in (
        "UPDATE round_visits SET score = 50 WHERE id = :id",
        "UPDATE round_visits SET report = 'x' WHERE id = :id",
        "UPDATE round_visits SET team_id = NULL, state = 'listed' WHERE id = :id",
        "DELETE FROM round_visits WHERE id = :id",
        "UPDATE visit_answers SET points = 0 WHERE visit_id = :id",
        "UPDATE visit_steps SET score = 0 WHERE visit_id = :id",
    ):
        refused(db, change, id=visit_id)


# ---- what comes from phones ---------------------------------------------------------------------------------------


def test_a_phone_writes_for_its_team_alone_and_once(db: Connection) -> None:
    drawn = on_site_round_of(db)
    visits = on_site.visit_ids(db, drawn)
    visit_id = visits[0]
    leader, other = drawn.team_of(db, visit_id)
    stranger = next(who for team in drawn.people for who in team if who not in (leader, other))
    view = shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=leader, at=NOON)
    answers = on_site.answers_to(view)
    for who in (stranger, on_site.an_assessor("外人"), articles.an_actor(("assessor", "3703"), at=NOON)):
        with pytest.raises(round_visits.NotOfTeam):
            on_site.sync(db, visit_id, who, answers=answers)
    ahead = [dataclasses.replace(one, answered_at=NOON + timedelta(days=3650)) for one in answers]
    on_site.sync(db, visit_id, leader, answers=ahead)
    times = list(db.scalars(text("SELECT answered_at FROM visit_answers WHERE visit_id = :id"), {"id": visit_id}))
    assert times
    assert max(times) <= on_site.AFTER
    # The same ids with other bodies, by the same person, by another, for another visit: nothing of it is taken.
    other_bodies = [dataclasses.replace(one, points=0, remark="x") for one in answers]
    before = db.execute(text("SELECT * FROM visit_answers ORDER BY id")).all()
    on_site.sync(db, visit_id, leader, answers=other_bodies)
    on_site.sync(db, visit_id, other, answers=other_bodies)
    for another in visits[1:]:
        if drawn.team_of(db, another) == [leader, other]:
            on_site.sync(db, another, leader, answers=other_bodies)
    assert db.execute(text("SELECT * FROM visit_answers ORDER BY id")).all() == before
    beyond = [dataclasses.replace(one, id=uuid4(), points=99.5) for one in answers[:1]]
    alien = [dataclasses.replace(one, id=uuid4(), item_id=uuid4()) for one in answers[:1]]
    for wrong in (beyond, alien):
        with pytest.raises(InvalidInput), db.begin_nested():
            on_site.sync(db, visit_id, leader, answers=wrong)


# ---- bodies -------------------------------------------------------------------------------------------------------


def messages() -> list[tuple[str, type]]:
    doors = {name: getattr(getattr(SERVICE, name), "door", None) for name in dir(SERVICE)}
    return [(name, door.message) for name, door in doors.items() if door is not None]


JUDGED_BY_ITS_FORM = ("answers",)
"""Fields whose parts a declared form bounds: the record's template."""


def checks_of(one: fields.Field) -> Iterator[Any]:
    for check in one.validators:
        yield from check.validators if isinstance(check, validate.And) else (check,)


def unbounded(name: str, one: fields.Field) -> Iterator[str]:
    """Name what in a field may be of any size."""
    most = [check for check in checks_of(one) if getattr(check, "max", None) is not None]
    closed = [check for check in checks_of(one) if isinstance(check, validate.OneOf | validate.Regexp)]
    own = [check for check in checks_of(one) if not isinstance(check, validate.Validator)]
    if isinstance(one, fields.Nested):
        for inner, field in one.schema.fields.items():
            yield from unbounded(f"{name}.{inner}", field)
    elif isinstance(one, fields.List):
        if not (most or own):
            yield f"{name}: a list"
        yield from unbounded(f"{name}[]", one.inner)
    elif isinstance(one, fields.UUID) or most or closed or own:
        return
    elif isinstance(one, fields.Number | fields.String):
        yield f"{name}: {type(one).__name__}"


COMPARED_ALONE = ("edit_bulletin.version", "sign_bulletin.version")
"""Numbers that go nowhere but into a comparison."""


def test_every_text_list_and_number_that_is_sent_is_bounded() -> None:
    assert len(messages()) > 150
    found = [
        fault
        for door, message in messages()
        for name, one in schema_of(message).fields.items()
        if name not in ("cursor", *JUDGED_BY_ITS_FORM)
        for fault in unbounded(f"{door}.{name}", one)
    ]
    assert [fault for fault in found if not fault.startswith(COMPARED_ALONE)] == []


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e400, -1e9, 10**30])
def test_no_number_that_is_none_is_taken(number: float) -> None:
    def numbers(one: fields.Field) -> Iterator[fields.Field]:
        if isinstance(one, fields.Nested):
            for inner in one.schema.fields.values():
                yield from numbers(inner)
        elif isinstance(one, fields.List):
            yield from numbers(one.inner)
        elif isinstance(one, fields.Float):
            yield one

    found = [one for _, message in messages() for field in schema_of(message).fields.values() for one in numbers(field)]
    assert len(found) > 3
    for one in found:
        with pytest.raises(ValidationError):
            one.deserialize(number)


# ---- what people write, on paper ----------------------------------------------------------------------------------

MARKUP = "</b><para><img src='file:///etc/passwd'/><font size=9999>&lt;&#0;<a href='javascript:1'>=1+1"
UNPRINTABLE = f"\x0b\x1f\u202e\ufffe{'W' * 150}"
"""What is pasted out of other programs: control characters, marks that turn the writing, a word without an end."""
ENDLESS = ("一\n" * 120, "整改" * 300)
"""Longer than a page, by its lines or in a narrow column."""


def poisoned(view: Any, poison: str = MARKUP + UNPRINTABLE) -> Any:
    """The view with markup in every text that a person may have written: those with a letter that no code has."""
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        names = [one.name for one in dataclasses.fields(view)]
        return dataclasses.replace(view, **{name: poisoned(getattr(view, name), poison) for name in names})
    if isinstance(view, list):
        return [poisoned(one, poison) for one in view]
    if isinstance(view, dict):
        return {name: poisoned(one, poison) for name, one in view.items()}
    if isinstance(view, str) and any(ord(letter) > 0x2000 for letter in view):
        return f"{view}{poison}"
    return view


def test_markup_on_a_report_is_text(db: Connection) -> None:
    drawn = on_site_round_of(db)
    visit_id = on_site.visit_ids(db, drawn)[0]
    leader = drawn.team_of(db, visit_id)[0]
    view = shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=leader, at=NOON)
    on_site.sync(db, visit_id, leader, problems=[on_site.a_problem(view)])
    on_site.a_closed_visit(db, drawn, visit_id)
    view = shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=leader, at=NOON)
    for text_ in ENDLESS:
        longest = 2 * [dataclasses.replace(one, text=text_) for one in view.problems]  # a text may stand twice
        longest_view = dataclasses.replace(view, problems=longest, report=text_)
        assert round_report_pdf(longest_view, drawn_at=NOON, drawn_by="x", told=lambda _: None).startswith(b"%PDF")
    made = round_report_pdf(poisoned(view), drawn_at=NOON, drawn_by=MARKUP, told=lambda _: None)
    assert made.startswith(b"%PDF")
    assert b"/URI" not in made


def test_markup_on_a_slip_is_text(db: Connection) -> None:
    branch = mending.a_tree(db)
    for demand in ("补齐", *ENDLESS):
        asked = IssueSlip(
            branch_id=branch, subject_kind="other", subject="台账", demand=demand, due_on=mending.DEADLINE
        )
        slip = slips.issue(db, asked=asked, actor=mending.an_officer(), at=NOON)
        view = shown_slips.slip(db, asked=SlipAsked(slip.id), actor=mending.an_officer(), at=NOON)
        made = slip_pdf(poisoned(view) if demand == "补齐" else view, drawn_at=NOON)
        assert made.startswith(b"%PDF")
        assert b"/URI" not in made


def test_a_record_is_printed_whatever_was_pasted_into_it(db: Connection) -> None:
    branch = mending.a_tree(db)
    a_roll(db, branch)
    with pytest.raises(InvalidInput), db.begin_nested():  # what the database cannot hold is told, and no fault
        kept(db, a_lecture(branch, answers={"lecturer_kind": "secretary", "points": "a\x00"}), mending.SECRETARY)
    view = kept(db, a_lecture(branch), mending.SECRETARY)
    form = paper_form(poisoned(view), RECORD_TEMPLATES["lecture"], drawn_at=NOON, drawn_by=UNPRINTABLE)
    document = Document(io.BytesIO(as_docx(form)))
    assert not any("etc/passwd" in relation.target_ref for relation in document.part.rels.values())
    assert record_pdf(form).startswith(b"%PDF")


# ---- jobs ---------------------------------------------------------------------------------------------------------


class TooMany(Refusal):
    """{most} at once."""


def test_a_file_is_given_to_its_asker_while_they_hold_the_role(db: Connection) -> None:
    made = MadeFiles("attack", TooMany, ("read_slips",))
    person = uuid4()
    officer = articles.an_actor(("officer", "3703.370302"), person=person, at=NOON)
    job_id = made.ask(db, params={}, actor=officer, at=NOON)["id"]
    assert made.own(db, job_id, actor=officer, at=NOON).id == job_id
    for thief in (
        articles.an_actor(("officer", "3703.370302"), at=NOON),
        articles.an_actor(("member", "3703.370302"), person=person, at=NOON),
        articles.an_actor(("officer", "3703.370303"), person=person, at=NOON),
    ):
        with pytest.raises(NotFound):
            made.own(db, job_id, actor=thief, at=NOON)


def test_nobody_keeps_work_busy_for_all_others(db: Connection) -> None:
    officer = mending.an_officer()
    for made in (star_ratings.TRIALS, round_reports.FILES):
        for _ in range(3):
            made.ask(db, params={}, actor=officer, at=NOON)
        with pytest.raises(Refusal) as told:
            made.ask(db, params={}, actor=officer, at=NOON)
        assert isinstance(told.value, made.too_many)
