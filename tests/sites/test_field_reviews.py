"""Claims drawn for field review: anyone repeats the draw, and nothing drawn is paid before it was looked at (S11)."""

import hashlib
import itertools
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis.actors import Actor, Forbidden
from chassis.files import FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.claims import (
    REVIEW_STATES,
    AnnounceReviewDraw,
    FieldReviewsAsked,
    MoveClaims,
    RecordFinding,
    ReviewDrawsAsked,
)
from sites.domain.claims import DrawAwaited, NothingDue, OwnSiteOrBranch, ReviewAwaited
from sites.domain.days import day_of
from sites.domain.field_reviews import MOVES, DrawAnnounced, ReviewFound, drawn_of, entries_of, stratum_of
from sites.operations import claims, field_reviews
from sites.queries import field_reviews as review_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, money_in_the_fund, numbers_of_claims
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    Visit,
    a_move,
    a_preparer,
    a_visit,
    an_auditor,
    at_once,
    confirmed,
    fresh,
    the_claim,
    the_id,
)

DRAW_AT = CLOSED + timedelta(hours=1)


@pytest.fixture
def fund(db: Connection) -> UUID:
    return money_in_the_fund(db)


@pytest.fixture
def visit(db: Connection, fund: UUID) -> Visit:
    visit = a_visit(db)
    confirmed(db, visit)
    return visit


@pytest.fixture
def drawn_visit(db: Connection, fund: UUID, visit: Visit) -> Visit:
    drawn(db, fund)
    return visit


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def an_officer(path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("officer", path), name="组织科"), CLOSED)


def an_assessor(path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("assessor", path), name="吴评估"), CLOSED)


def announced(db: Connection, fund: UUID, *, number: str = "川组〔2026〕9号", **rest: Any) -> Any:
    given = {"seed_on": day_of(CLOSED), "draw_at": DRAW_AT, "period": PERIOD, **rest}
    asked = AnnounceReviewDraw(fund_id=fund, seed_number=number, **given)
    return field_reviews.announce(db, asked=asked, actor=an_officer(), at=CLOSED)


def drawn(db: Connection, fund: UUID, *, low: int = 100) -> Any:
    """Announce and make a draw in which so many percent of the claims without doubt are drawn."""
    numbers_of_claims(db, low_percent=low)
    draw = announced(db, fund)
    assert field_reviews.draw_due(db, at=DRAW_AT) == 1
    return review_queries.draw(db, draw.id, actor=an_auditor())


def finds(db: Connection, files: FileStore, visit: Visit, finding: str, *, by: Actor | None = None, **rest: Any) -> Any:
    asked = RecordFinding(claim_id=the_id(visit), finding=finding, notes="实地查看签到簿", **rest)
    return field_reviews.record(db, files, asked=asked, actor=by or an_assessor(), at=DRAW_AT)


class TestTheDraw:
    def test_anyone_repeats_it_from_what_is_published(self, db: Connection, fund: UUID) -> None:
        site = a_site(db)
        for nth in range(5):
            confirmed(db, a_visit(db, site=site, visit_at=VISIT + timedelta(hours=nth)))
        found = drawn(db, fund, low=30)
        assert (found.draw.entries, found.draw.drawn, found.draw.shares["low"]) == (5, 2, 30)
        # By the words of the decision, without a line of ours.
        placed = sorted(
            (
                hashlib.sha256(f"{found.draw.seed}{uuid.uuid5(found.draw.id, str(one.claim_id))}".encode()).hexdigest(),
                one,
            )
            for one in found.entries
        )
        assert [one.position for _, one in placed] == [1, 2, 3, 4, 5]
        assert [digest for digest, _ in placed] == [one.digest for _, one in placed]
        assert [one.is_drawn for _, one in placed] == [True, True, False, False, False]

    def test_by_strata(self) -> None:
        scores = [(uuid.uuid4(), score) for score in (0, 29, 30, 59, 60, 100)]
        shares = {"low": 0, "medium": 50, "high": 100}
        entries = entries_of(uuid.uuid4(), "s", scores, medium_score=30, high_score=60, shares=shares)
        assert {(one.score, one.stratum) for one in entries} == {
            (score, stratum_of(score, medium_score=30, high_score=60)) for _, score in scores
        }
        assert [sum(one.is_drawn for one in entries if one.stratum == name) for name in shares] == [0, 1, 2]
        assert (drawn_of(0, percent=5), drawn_of(1, percent=5), drawn_of(21, percent=5)) == (0, 1, 2)

    def test_one_waits_at_a_time_and_a_seed_is_used_once(self, db: Connection, fund: UUID) -> None:
        announced(db, fund)
        with pytest.raises(DrawAnnounced):
            announced(db, fund, number="川组〔2026〕10号")
        field_reviews.draw_due(db, at=DRAW_AT)
        with pytest.raises(DrawAnnounced):
            announced(db, fund)
        announced(db, fund, number="川组〔2026〕10号")

    def test_a_second_draw_takes_those_who_came_later(self, db: Connection, fund: UUID, visit: Visit) -> None:
        drawn(db, fund)
        late = a_visit(db)
        confirmed(db, late)
        announced(db, fund, number="川组〔2026〕10号")
        field_reviews.draw_due(db, at=DRAW_AT)
        entries = db.execute(text("SELECT draw_id, claim_id FROM review_entries")).all()
        assert len({row.draw_id for row in entries}) == 2
        assert {row.claim_id for row in entries} == {the_id(visit), the_id(late)}

    def test_a_seed_of_tomorrow_and_a_time_gone_by_are_refused(self, db: Connection, fund: UUID) -> None:
        for wrong in ({"seed_on": day_of(CLOSED) + timedelta(days=1)}, {"draw_at": CLOSED - timedelta(seconds=1)}):
            with pytest.raises(InvalidInput) as refused:
                announced(db, fund, **wrong)
            assert set(refused.value.errors) == set(wrong)

    def test_is_the_officers(self, db: Connection, fund: UUID) -> None:
        asked = AnnounceReviewDraw(fund, PERIOD, day_of(CLOSED), "1", DRAW_AT)
        for stranger in (a_preparer(), an_officer("3703.370303")):
            with pytest.raises(Forbidden):
                field_reviews.announce(db, asked=asked, actor=stranger, at=CLOSED)
        with pytest.raises(NotFound):
            field_reviews.announce(db, asked=replace(asked, fund_id=uuid.uuid4()), actor=an_officer(), at=CLOSED)

    def test_two_workers_draw_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db)
            confirmed(db, a_visit(db))
            announced(db, fund)
        made: list[int] = []
        at_once(database, 3, lambda db, _: made.append(field_reviews.draw_due(db, at=DRAW_AT)))
        assert sorted(made) == [0, 0, 1]


class TestApproval:
    def test_waits_for_an_announced_draw(self, db: Connection, fund: UUID, visit: Visit) -> None:
        announced(db, fund)
        with pytest.raises(DrawAwaited, match="2026-11"):
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)

    def test_waits_for_the_finding(self, db: Connection, fund: UUID, visit: Visit, files: FileStore) -> None:
        drawn(db, fund)
        with pytest.raises(ReviewAwaited):
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)
        (item,) = claims.approve_many(db, asked=MoveClaims([the_id(visit)]), actor=a_preparer(), at=CLOSED).items
        assert item.code == "review-awaited"
        finds(db, files, visit, "confirmed")
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).approved_fen == 400_00

    def test_of_one_that_was_not_drawn_does_not(self, db: Connection, fund: UUID, visit: Visit) -> None:
        drawn(db, fund, low=0)
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).state == "approved"

    def test_pays_no_more_heads_than_were_found(
        self, db: Connection, fund: UUID, visit: Visit, files: FileStore
    ) -> None:
        drawn(db, fund)
        finds(db, files, visit, "corrected", headcount=15)
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).approved_fen == 350_00

    def test_of_a_visit_that_left_no_trace_is_refused(
        self, db: Connection, fund: UUID, visit: Visit, files: FileStore
    ) -> None:
        drawn(db, fund)
        finds(db, files, visit, "not_found")
        with pytest.raises(NothingDue):
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)


FINDINGS = {"confirm": "confirmed", "correct": "corrected", "miss": "not_found"}


class TestFindings:
    @pytest.mark.parametrize(("verb", "state"), list(itertools.product(sorted(MOVES), REVIEW_STATES)))
    def test_every_pair_of_state_and_move(
        self, db: Connection, drawn_visit: Visit, files: FileStore, verb: str, state: str
    ) -> None:
        visit = drawn_visit
        if state != "awaited":
            finds(db, files, visit, state, **({"headcount": 9} if state == "corrected" else {}))
        sources, target = MOVES[verb]
        heads = {"headcount": 10} if verb == "correct" else {}
        if state in sources:
            assert finds(db, files, visit, FINDINGS[verb], **heads).state == target
        else:
            with pytest.raises(ReviewFound):
                finds(db, files, visit, FINDINGS[verb], **heads)
        assert the_claim(db, visit).review == (target if state in sources else state)

    @pytest.mark.parametrize(("finding", "heads"), [("corrected", None), ("confirmed", 20), ("not_found", 0)])
    def test_a_number_belongs_to_a_correction(
        self, db: Connection, drawn_visit: Visit, files: FileStore, finding: str, heads: int | None
    ) -> None:
        with pytest.raises(InvalidInput):
            finds(db, files, drawn_visit, finding, headcount=heads)

    def test_are_recorded_by_others(self, db: Connection, fund: UUID, visit: Visit, files: FileStore) -> None:
        drawn(db, fund)
        both = fresh(an_actor(("assessor", DISTRICT), ("steward", visit.site.path)), CLOSED)
        with pytest.raises(OwnSiteOrBranch):
            finds(db, files, visit, "confirmed", by=both)
        with pytest.raises(Forbidden):
            finds(db, files, visit, "confirmed", by=visit.steward)
        finds(db, files, visit, "confirmed", by=a_preparer())

    def test_of_what_was_not_drawn_there_is_none(self, db: Connection, visit: Visit, files: FileStore) -> None:
        with pytest.raises(NotFound):
            finds(db, files, visit, "confirmed")

    def test_what_waits_is_listed_for_the_assessor(self, db: Connection, fund: UUID, visit: Visit) -> None:
        drawn(db, fund)
        (row,) = review_queries.reviews(db, asked=FieldReviewsAsked(state="awaited"), actor=an_assessor()).items
        assert (row.claim_id, row.headcount) == (the_id(visit), 20)
        (draw,) = review_queries.draws(db, asked=ReviewDrawsAsked(), actor=an_officer()).items
        assert (draw.state, draw.awaited) == ("drawn", 1)
