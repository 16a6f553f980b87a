"""Reasons, lowered amounts, many claims at once, two signatures and appeals (S11, precise rules 7 to 9)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.sites.batches import MoveBatch
from contracts.sites.claims import (
    AppealClaim,
    ClaimAppealsAsked,
    ClaimSumsAsked,
    DecideClaimAppeal,
    MoveClaims,
    MoveClaimWithReason,
    QueueAsked,
)
from sites.domain.batches import NothingToSettle, SamePerson
from sites.domain.claim_appeals import (
    AppealFindsNoMoney,
    AppealOver,
    ClaimAppealDecided,
    ClaimAppealed,
    NothingToAppeal,
    appeal_until,
)
from sites.domain.claims import AboveDue, ClaimNotMovable, SameDecider, submit_until
from sites.operations import batches, claim_appeals, claims
from sites.queries import claim_queue
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, Site, a_site, fund_year, money_in_the_fund, numbers_of_claims
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    Visit,
    a_move,
    a_payee,
    a_preparer,
    a_visit,
    an_approver,
    approved,
    at_once,
    books,
    confirmed,
    disputed,
    entries,
    fresh,
    makes,
    put_in,
    submitted,
    the_batch,
    the_claim,
    the_id,
    with_reason,
)


@pytest.fixture
def visit(db: Connection) -> Visit:
    """20 ordered, 20 came; 400.00 yuan are set aside."""
    money_in_the_fund(db, amount_fen=1000_00)
    return a_visit(db)


def another(db: Connection, site: Site, nth: int = 1, **rest: Any) -> Visit:
    """A further visit of another branch to the site, so many hours after the first."""
    return a_visit(db, site=site, visit_at=VISIT + timedelta(hours=nth), **rest)


class TestReasons:
    def test_free_text_alone_is_other(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        claim = claims.reject(db, asked=with_reason(visit, "重复申报"), actor=a_preparer(), at=CLOSED)
        assert (claim.reason_code, claim.reason) == ("other", "重复申报")
        assert (claim.history[-1].code, claim.history[-1].reason) == ("other", "重复申报")

    def test_a_code_needs_no_words(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        asked = MoveClaimWithReason(claim_id=the_id(visit), code="papers_missing")
        claim = claims.give_back(db, asked=asked, actor=a_preparer(), at=CLOSED)
        assert (claim.state, claim.reason_code, claim.reason) == ("returned", "papers_missing", None)
        assert submitted(db, visit).reason_code is None

    @pytest.mark.parametrize("code", [None, "other"])
    def test_other_is_said_in_words(self, db: Connection, visit: Visit, code: str | None) -> None:
        confirmed(db, visit)
        with pytest.raises(InvalidInput) as refused:
            claims.reject(
                db, asked=MoveClaimWithReason(claim_id=the_id(visit), code=code), actor=a_preparer(), at=CLOSED
            )
        assert set(refused.value.errors) == {"reason"}


class TestALoweredAmount:
    def lowers(self, db: Connection, visit: Visit, fen: int = 300_00, code: str | None = "amount_wrong") -> object:
        asked = replace(a_move(visit), approved_fen=fen, code=code, reason="扣除讲解费")
        return claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED)

    def test_is_explained_and_the_rest_is_free(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        self.lowers(db, visit)
        claim = the_claim(db, visit)
        assert (claim.asked_fen, claim.approved_fen, claim.lowered_fen) == (400_00, 300_00, 100_00)
        assert claim.explanation[-1]["rule"] == "lowered"
        assert sum(line["amount_fen"] for line in claim.explanation) == 300_00
        assert (claim.reason_code, claim.reason) == ("amount_wrong", "扣除讲解费")
        assert books(db)["available"] == 700_00

    def test_is_never_above_what_is_due(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        with pytest.raises(AboveDue, match=r"400\.00 yuan"):
            self.lowers(db, visit, 400_01)
        assert books(db)["encumbered"] == 400_00

    def test_needs_its_code(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        with pytest.raises(InvalidInput) as refused:
            self.lowers(db, visit, code=None)
        assert set(refused.value.errors) == {"code"}


class TestInTime:
    def test_by_the_tenth_of_the_next_month(self) -> None:
        assert submit_until(date(2026, 11, 11), by_day=10) == date(2026, 12, 10)
        assert submit_until(date(2026, 12, 31), by_day=10) == date(2027, 1, 10)

    @pytest.mark.parametrize(
        ("at", "is_late"),
        [
            (datetime.fromisoformat("2026-12-10T23:59:59+08:00"), False),
            (datetime.fromisoformat("2026-12-11T00:00:00+08:00"), True),
        ],
    )
    def test_a_later_one_is_marked(self, db: Connection, visit: Visit, at: datetime, is_late: bool) -> None:
        claim = submitted(db, visit, at=at)
        assert (claim.submit_until, claim.is_late) == (date(2026, 12, 10), is_late)

    def test_a_returned_one_keeps_its_first_day(self, db: Connection, visit: Visit) -> None:
        submitted(db, visit)
        claims.give_back(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        assert not submitted(db, visit, at=CLOSED + timedelta(days=50)).is_late


class TestManyAtOnce:
    def test_each_claim_has_its_own_answer(self, db: Connection, visit: Visit) -> None:
        also = another(db, visit.site)
        confirmed(db, visit)
        disputed(db, also, headcount=18)
        unknown = uuid4()
        asked = MoveClaims(claim_ids=[unknown, the_id(also), the_id(visit)])
        answer = claims.approve_many(db, asked=asked, actor=a_preparer(), at=CLOSED)
        assert answer.done == 1
        assert [(item.claim_id, item.state, item.code) for item in answer.items] == [
            (unknown, None, "not-found"),
            (the_id(also), None, "invalid-input"),
            (the_id(visit), "approved", None),
        ]
        assert answer.items[2].approved_fen == 400_00
        assert "reason" in (answer.items[1].detail or "")
        claim = the_claim(db, visit)
        assert (claim.state, claim.approved_fen, claim.history[-1].move) == ("approved", 400_00, "approve")
        assert books(db) == {"appropriations": -1000_00, "available": 200_00, "encumbered": 400_00} | {
            name: fen for name, fen in books(db).items() if name.startswith("payable")
        }
        assert entries(db)[-1][2:] == (400_00, "claim_approved")

    def test_many_are_what_one_by_one_would_be(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=10_000_00)
        site = a_site(db)
        visits = [another(db, site, nth, came=came) for nth, came in enumerate((20, 18, 12))]
        for one in visits:
            confirmed(db, one)
        asked = MoveClaims(claim_ids=[the_id(one) for one in visits])
        assert claims.approve_many(db, asked=asked, actor=a_preparer(), at=CLOSED).done == 3
        assert [the_claim(db, one).approved_fen for one in visits] == [400_00, 380_00, 320_00]
        kept = fund_year(db, fund)
        assert (kept.available_fen, kept.encumbered_fen, kept.payable_fen) == (10_000_00 - 1100_00, 0, 1100_00)
        books(db)

    def test_nobody_decides_on_what_is_theirs(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        both = fresh(an_actor(("preparer", DISTRICT), ("member", visit.branch.path)), CLOSED)
        (item,) = claims.approve_many(db, asked=MoveClaims(claim_ids=[the_id(visit)]), actor=both, at=CLOSED).items
        assert item.code == "own-site-or-branch"

    def test_a_branch_confirms_several(self, db: Connection, visit: Visit) -> None:
        other = another(db, visit.site)
        for one in (visit, other):
            submitted(db, one)
        asked = MoveClaims(claim_ids=[the_id(visit), the_id(other)])
        answer = claims.confirm_many(db, asked=asked, actor=visit.secretary, at=CLOSED)
        assert [(item.state, item.code) for item in answer.items] == [("confirmed", None), (None, "not-found")]
        again = claims.confirm_many(db, asked=MoveClaims([the_id(visit)]), actor=visit.secretary, at=CLOSED)
        assert [item.code for item in again.items] == ["claim-not-movable"]

    def test_two_at_once_approve_each_claim_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=10_000_00)
            site = a_site(db)
            visits = [another(db, site, nth) for nth in range(5)]
            for one in visits:
                confirmed(db, one)
        ids = [the_id(one) for one in visits]
        done: list[int] = []

        def act(db: Connection, number: int) -> None:
            asked = MoveClaims(claim_ids=ids if number % 2 else ids[::-1])
            done.append(claims.approve_many(db, asked=asked, actor=a_preparer(), at=CLOSED).done)

        at_once(database, 4, act)
        with database.connect() as db:
            assert sorted(done) == [0, 0, 0, 5]
            assert fund_year(db, fund).payable_fen == 2000_00
            assert [entry[3] for entry in entries(db)].count("claim_approved") == 5
            books(db)

    def test_one_approves_while_another_rejects(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db, amount_fen=1000_00)
            visit = a_visit(db)
            confirmed(db, visit)

        def act(db: Connection, number: int) -> None:
            if number % 2:
                claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
            elif not claims.approve_many(db, asked=MoveClaims([the_id(visit)]), actor=a_preparer(), at=CLOSED).done:
                raise ClaimNotMovable(state="rejected", move="approve")

        assert at_once(database, 4, act) == ["claim-not-movable"] * 3 + ["done"]
        with database.connect() as db:
            books(db)


class TestTwoSignatures:
    @pytest.fixture(autouse=True)
    def from_300_yuan_on(self, db: Connection) -> None:
        numbers_of_claims(db, second_signature_fen=300_00)

    def test_the_first_signs_the_second_approves(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        first, second = a_preparer(), an_approver()
        signed = claims.approve(db, asked=a_move(visit), actor=first, at=CLOSED)
        assert (signed.state, signed.signed_fen, signed.approved_fen) == ("signed", 400_00, None)
        assert books(db)["encumbered"] == 400_00
        for again in (claims.approve, claims.countersign):
            with pytest.raises((SameDecider, Forbidden)):
                again(db, asked=a_move(visit), actor=first, at=CLOSED)
        claim = claims.countersign(db, asked=a_move(visit), actor=second, at=CLOSED)
        assert (claim.state, claim.approved_fen, claim.signed_by) == ("approved", 400_00, "赵经办")
        assert books(db)["encumbered"] == 0

    def test_the_policy_s_number_counts_before_that_of_the_rules(self, db: Connection, visit: Visit) -> None:
        db.execute(text("UPDATE policies SET second_signature_from_fen = 40001"))
        confirmed(db, visit)
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).state == "approved"

    def test_below_it_one_is_enough(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        asked = replace(a_move(visit), approved_fen=299_99, code="amount_wrong")
        assert claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED).state == "approved"

    def test_many_at_once_do_not_sign(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        (item,) = claims.approve_many(db, asked=MoveClaims([the_id(visit)]), actor=a_preparer(), at=CLOSED).items
        assert item.code == "second-signature-needed"

    def test_a_returned_one_is_signed_anew(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        first = a_preparer()
        claims.approve(db, asked=a_move(visit), actor=first, at=CLOSED)
        claims.give_back(db, asked=with_reason(visit), actor=a_preparer("李经办"), at=CLOSED)
        confirmed(db, visit)
        assert claims.approve(db, asked=a_move(visit), actor=first, at=CLOSED).state == "signed"

    def test_neither_signer_approves_the_batch(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        first, second = a_preparer(), fresh(an_actor(("approver", DISTRICT), name="钱复核"), CLOSED)
        claims.approve(db, asked=a_move(visit), actor=first, at=CLOSED)
        claims.countersign(db, asked=a_move(visit), actor=second, at=CLOSED)
        batch = makes(db, by=a_preparer("李经办"))
        also_first = replace(first, grants=an_approver().grants)
        for signer in (second, also_first):
            with pytest.raises(SamePerson):
                batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=signer, at=CLOSED)
        assert the_batch(db, batch).state == "prepared"


class TestAppeals:
    def appeals(self, db: Connection, visit: Visit, at: datetime = CLOSED) -> object:
        asked = AppealClaim(claim_id=the_id(visit), reason="签到表可证")
        return claim_appeals.appeal(db, asked=asked, actor=visit.steward, at=at)

    def decides(self, db: Connection, visit: Visit, *, grant: bool, by: Actor | None = None) -> object:
        asked = DecideClaimAppeal(claim_id=the_id(visit), grant=grant, reason="核对属实")
        return claim_appeals.decide(db, asked=asked, actor=by or an_approver(), at=CLOSED)

    @pytest.fixture
    def rejected(self, db: Connection, visit: Visit) -> tuple[Visit, Actor]:
        confirmed(db, visit)
        preparer = a_preparer()
        claims.reject(db, asked=with_reason(visit), actor=preparer, at=CLOSED)
        return visit, preparer

    def test_a_granted_one_brings_claim_and_money_back(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, _ = rejected
        self.appeals(db, visit)
        self.decides(db, visit, grant=True)
        claim = the_claim(db, visit)
        assert (claim.state, claim.appeal, claim.appeal_until) == ("confirmed", "granted", None)
        assert entries(db)[-1] == ("available", "encumbered", 400_00, "claim_restored")
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).approved_fen == 400_00
        books(db)

    def test_one_whose_branch_was_not_heard_goes_to_the_branch(self, db: Connection, visit: Visit) -> None:
        submitted(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        self.appeals(db, visit)
        self.decides(db, visit, grant=True)
        claim = the_claim(db, visit)
        assert claim.state == "submitted"
        assert claim.confirm_by is not None

    def test_an_exhausted_fund_is_told_and_nothing_changes(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, _ = rejected
        for nth in (1, 2):
            another(db, visit.site, nth)  # 800 of the 1000 yuan
        self.appeals(db, visit)
        held = db.begin_nested()
        with pytest.raises(AppealFindsNoMoney, match="2026"):
            self.decides(db, visit, grant=True)
        held.rollback()
        assert (the_claim(db, visit).state, the_claim(db, visit).appeal) == ("rejected", "filed")

    def test_a_refused_one_is_the_end(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, _ = rejected
        self.appeals(db, visit)
        self.decides(db, visit, grant=False)
        assert the_claim(db, visit).state == "rejected"
        with pytest.raises(ClaimAppealed):
            self.appeals(db, visit)
        with pytest.raises(ClaimAppealDecided):
            self.decides(db, visit, grant=True)

    def test_another_person_decides(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, preparer = rejected
        self.appeals(db, visit)
        with pytest.raises(SameDecider):
            self.decides(db, visit, grant=True, by=preparer)

    def test_the_time_ends(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, _ = rejected
        until = the_claim(db, visit).appeal_until
        assert until == appeal_until(CLOSED, days=15) == datetime.fromisoformat("2026-11-27T00:00:00+08:00")
        with pytest.raises(AppealOver):
            self.appeals(db, visit, at=until)
        self.appeals(db, visit, at=until - timedelta(microseconds=1))

    def test_a_lowered_amount_is_raised(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        asked = replace(a_move(visit), approved_fen=300_00, code="amount_wrong")
        claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED)
        self.appeals(db, visit)
        a_payee(db, visit.site)
        with pytest.raises(NothingToSettle):  # an open appeal keeps it out of batches
            makes(db)
        self.decides(db, visit, grant=True)
        claim = the_claim(db, visit)
        assert (claim.state, claim.approved_fen, claim.lowered_fen) == ("approved", 400_00, 0)
        assert entries(db)[-1][2:] == (100_00, "appeal_granted")
        assert sum(line["amount_fen"] for line in claim.explanation) == 400_00
        books(db)
        assert makes(db).total_fen == 400_00

    @pytest.mark.parametrize("state", ["drafted", "submitted", "confirmed", "approved", "paid", "lapsed"])
    def test_nothing_else_is_appealed_against(self, db: Connection, visit: Visit, state: str) -> None:
        put_in(db, visit, state)
        with pytest.raises(NothingToAppeal):
            self.appeals(db, visit)

    def test_they_are_listed_for_those_who_decide(self, db: Connection, rejected: tuple[Visit, Actor]) -> None:
        visit, _ = rejected
        self.appeals(db, visit)
        page = claim_appeals.appeals(db, asked=ClaimAppealsAsked(state="filed"), actor=an_approver())
        assert [one.claim_id for one in page.items] == [the_id(visit)]

    def test_two_deciders_at_once_decide_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=1000_00)
            visit = a_visit(db)
            confirmed(db, visit)
            claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
            self.appeals(db, visit)
        ended = at_once(database, 4, lambda db, number: self.decides(db, visit, grant=number % 2 == 0))
        assert ended == ["claim-appeal-decided"] * 3 + ["done"]
        with database.connect() as db:
            assert fund_year(db, fund).encumbered_fen in (0, 400_00)
            books(db)


class TestTheQueue:
    def test_filters_sorts_and_counts(self, db: Connection) -> None:
        money_in_the_fund(db, amount_fen=10_000_00)
        site, other = a_site(db, town="洪山镇"), a_site(db, town="昆仑镇")
        visits = [another(db, one, nth) for nth, one in enumerate((site, site, other))]
        for number, one in enumerate(visits):
            confirmed(db, one, at=CLOSED + timedelta(days=number))
        disputed_one = another(db, other, 3)
        disputed(db, disputed_one, headcount=18, at=CLOSED + timedelta(days=5))
        at = CLOSED + timedelta(days=9)

        def asked(**filters: object) -> list[UUID]:
            page = claim_queue.queue(db, asked=QueueAsked(**filters), actor=a_preparer(), at=at)  # type: ignore[arg-type]
            return [claim.id for claim in page.items]

        ids = [the_id(one) for one in (*visits, disputed_one)]
        assert asked() == ids
        assert asked(town="昆仑镇") == ids[2:]
        assert asked(site_id=site.id) == ids[:2]
        assert asked(waiting_days=8) == ids[:2]
        assert asked(is_disputed=True) == [ids[3]]
        assert asked(state="disputed") == [ids[3]]
        assert asked(misses_papers=False) == []
        assert asked(period="2026-10") == []
        first = claim_queue.queue(db, asked=QueueAsked(limit=3), actor=a_preparer(), at=at)
        rest = claim_queue.queue(db, asked=QueueAsked(limit=3, cursor=first.next), actor=a_preparer(), at=at)
        assert [claim.id for claim in (*first.items, *rest.items)] == ids
        for sort in ("score", "amount", "visit"):
            half = claim_queue.queue(db, asked=QueueAsked(limit=2, sort=sort), actor=a_preparer(), at=at)
            more = claim_queue.queue(
                db, asked=QueueAsked(limit=2, sort=sort, cursor=half.next), actor=a_preparer(), at=at
            )
            assert sorted(claim.id for claim in (*half.items, *more.items)) == sorted(ids)

        counts = claim_queue.queue_counts(db, asked=QueueAsked(town="昆仑镇"), actor=a_preparer(), at=at)
        assert (counts.count, counts.asked_fen, counts.disputed, counts.missing_papers) == (2, 800_00, 1, 2)
        assert {one.value: one.count for one in counts.towns} == {"洪山镇": 2, "昆仑镇": 2}
        assert {one.value: one.count for one in counts.states} == {"confirmed": 1, "disputed": 1}
        assert [one.name for one in counts.sites] == [other.name]
        assert [(one.value, one.count) for one in counts.anomalies] == [("none", 1)]
        assert asked(anomaly="none") == ids[:3]
        assert asked(anomaly="far_check_in") == []

    def test_is_for_finance(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        with pytest.raises(Forbidden):
            claim_queue.queue(db, asked=QueueAsked(), actor=visit.steward, at=CLOSED)
        elsewhere = a_preparer(path="3703.370303")
        assert claim_queue.queue(db, asked=QueueAsked(), actor=elsewhere, at=CLOSED).items == []

    def test_a_site_sees_what_it_earned(self, db: Connection, visit: Visit) -> None:
        approved(db, visit)
        another(db, visit.site)
        (month,) = claim_queue.claim_sums(db, asked=ClaimSumsAsked(), actor=visit.steward).items
        assert (month.period, month.claims, month.asked_fen, month.approved_fen) == (PERIOD, 2, 800_00, 400_00)
        assert (month.waiting, month.to_submit, month.missing_papers) == (2, 1, 2)
