"""Three persons make, approve and pay a batch; it is published before; what was overpaid comes back (S12)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Actor, Forbidden, Grant
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.batches import BatchAsked, HandOverBatch, MoveBatch
from contracts.sites.overpayments import MoveOverpayment, RecordRepayment, RefuseOverpayment, ReportOverpayment
from contracts.sites.publicity import ObjectionsAsked, PublicationAsked, PublicationsAsked
from sites.domain.batches import (
    FileNotTaken,
    MinutesMissing,
    NotHandedOver,
    NothingFailed,
    NotPublished,
    PayerOnly,
    PublicityRuns,
    SamePerson,
)
from sites.domain.claims import OwnSiteOrBranch
from sites.domain.overpayments import ClaimNotPaid, MoreThanOwed, MoreThanPaid, OverpaymentNotMovable
from sites.domain.publicity import NotPublic, ObjectedAlready, ObjectionDecided, OwnObjection
from sites.operations import batches, overpayments
from sites.queries import batch_reviews, publicity
from sites.queries import overpayments as overpayment_queries
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, money_in_the_fund, pays
from tests.sites.money import (
    CLOSED,
    VISIT,
    a_bank_file,
    a_batch,
    a_payee,
    a_payer,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    approved,
    approves,
    at_once,
    books,
    brings,
    confirmed,
    decides,
    entries,
    fresh,
    hands_over,
    makes,
    objects,
    overpaid,
    publishes,
    submitted,
    takes_file,
    the_batch,
    the_claim,
)

DAY = timedelta(days=1)


@pytest.fixture
def strict(db: Connection) -> Any:
    """A fund that asks for three persons, without publicity."""
    return money_in_the_fund(db, separate_payer=True)


def with_grant(actor: Actor, *grants: tuple[str, str]) -> Actor:
    return Actor(
        person_id=actor.person_id,
        session_id=actor.session_id,
        name=actor.name,
        grants=(*actor.grants, *(Grant(role, path) for role, path in grants)),
        issued_at=actor.issued_at,
    )


@pytest.mark.usefixtures("strict")
class TestThePayer:
    def test_takes_the_file_and_hands_it_to_the_bank(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        assert batch.separate_payer
        payer = a_payer()
        paying = hands_over(db, tmp_path, batch, by=payer)
        assert (paying.state, paying.handed_by, paying.handed_at) == ("paying", payer.name, CLOSED)
        assert [file.sha256 for file in paying.files] == [paying.file_sha256]
        settled = brings(db, tmp_path, paying, a_bank_file(paying), by=payer)
        assert [step.move for step in settled.history] == ["prepare", "approve", "hand_over", "settle"]
        assert [(answer.paid, answer.failed) for answer in settled.answers] == [(1, 0)]

    def test_alone_takes_it(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        with pytest.raises(PayerOnly):
            takes_file(db, tmp_path, batch, by=a_preparer())
        for other in (an_approver(), an_auditor()):
            with pytest.raises(Forbidden):
                takes_file(db, tmp_path, batch, by=other)
        assert not list(tmp_path.iterdir())

    def test_comes_before_the_banks_answer(self, db: Connection, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        with pytest.raises(NotHandedOver):
            brings(db, tmp_path, batch, a_bank_file(batch))
        hands_over(db, tmp_path, batch)
        assert brings(db, tmp_path, batch, a_bank_file(batch)).state == "settled"

    @pytest.mark.parametrize("part", ["prepared", "approved"])
    def test_is_a_third_person_whatever_roles_they_hold(self, db: Connection, tmp_path: Path, part: str) -> None:
        visit = a_visit(db)
        preparer, approver = a_preparer(), an_approver()
        approved(db, visit)
        batch = makes(db, by=preparer)
        approves(db, batch, by=approver)
        taken = takes_file(db, tmp_path, batch)
        two_hats = with_grant(preparer if part == "prepared" else approver, ("payer", DISTRICT))
        with pytest.raises(PayerOnly):
            takes_file(db, tmp_path, batch, by=two_hats)
        asked = HandOverBatch(batch_id=batch.id, sha256=taken.sha256)
        with pytest.raises(PayerOnly):
            batches.hand_over(db, asked=asked, actor=two_hats, at=CLOSED)
        with pytest.raises(DBAPIError, match="three_persons"):
            db.execute(
                text(
                    "UPDATE batches SET state = 'paying', handed_by_id = :who, handed_by = 'x', handed_at = :at,"
                    " file_sha256 = 'x' WHERE id = :id"
                ),
                {"who": two_hats.person_id, "at": CLOSED, "id": batch.id},
            )

    def test_has_no_part_in_the_claims(self, db: Connection, tmp_path: Path) -> None:
        visit = a_visit(db)
        checker = a_preparer("审核人")
        approved(db, visit, by=checker)
        batch = approves(db, makes(db, by=a_preparer("制单人")))
        taken = takes_file(db, tmp_path, batch)
        asked = HandOverBatch(batch_id=batch.id, sha256=taken.sha256)
        for payer, refusal in (
            (with_grant(checker, ("payer", DISTRICT)), SamePerson),
            (with_grant(a_payer(), ("steward", visit.site.path)), OwnSiteOrBranch),
            (with_grant(a_payer(), ("secretary", visit.branch.path)), OwnSiteOrBranch),
        ):
            with pytest.raises(refusal):
                batches.hand_over(db, asked=asked, actor=payer, at=CLOSED)

    def test_names_a_file_of_this_batch_and_a_time_that_was(self, db: Connection, tmp_path: Path) -> None:
        batch, other = an_approved_batch(db, a_visit(db)), an_approved_batch(db, a_visit(db))
        foreign = takes_file(db, tmp_path, other).sha256
        mine = takes_file(db, tmp_path, batch).sha256
        for sha256 in (foreign, "0" * 64):
            asked = HandOverBatch(batch_id=batch.id, sha256=sha256)
            with pytest.raises(FileNotTaken):
                batches.hand_over(db, asked=asked, actor=a_payer(), at=CLOSED)
        for handed_at in (CLOSED - DAY, CLOSED + DAY):
            asked = HandOverBatch(batch_id=batch.id, sha256=mine, handed_at=handed_at)
            with pytest.raises(InvalidInput):
                batches.hand_over(db, asked=asked, actor=a_payer(), at=CLOSED)

    def test_many_hand_it_over_at_once_and_it_is_handed_over_once(self, database: Engine, tmp_path: Path) -> None:
        with database.begin() as db:
            money_in_the_fund(db, separate_payer=True)
            batch = an_approved_batch(db, a_visit(db))
        ends = at_once(database, 5, lambda db, _: hands_over(db, tmp_path, batch))
        assert ends == ["batch-not-movable"] * 4 + ["done"]


class TestMinutes:
    def test_a_large_batch_names_the_minutes_of_the_meeting(self, db: Connection) -> None:
        money_in_the_fund(db)
        db.execute(text("INSERT INTO settlement_rules VALUES ('2026-11-01', 3, 70000, '测试')"))
        small, large = a_batch(db, a_visit(db)), a_batch(db, a_visit(db), a_visit(db))
        assert approves(db, small).minutes_number is None
        with pytest.raises(MinutesMissing, match=r"800\.00 yuan; above 700\.00"):
            approves(db, large)
        asked = MoveBatch(batch_id=large.id, minutes_number="会议纪要〔2026〕7号")
        done = batches.approve(db, asked=asked, actor=an_approver(), at=CLOSED)
        assert (done.state, done.minutes_number) == ("approved", "会议纪要〔2026〕7号")

    def test_from_which_sum_on_the_policy_says_before_the_rules(self, db: Connection) -> None:
        money_in_the_fund(db)
        db.execute(text("UPDATE policies SET collective_from_fen = 40000"))
        batch = a_batch(db, a_visit(db))
        with pytest.raises(MinutesMissing):
            approves(db, batch)
        db.execute(text("UPDATE policies SET collective_from_fen = 40001"))
        assert approves(db, batch).state == "approved"


class TestPublicity:
    @pytest.fixture
    def published(self, db: Connection) -> Any:
        """A published batch of two visits of 400.00 yuan; 5 days for objections."""
        money_in_the_fund(db, publicity_days=5)
        return publishes(db, a_batch(db, a_visit(db), a_visit(db)))

    def test_comes_before_the_approval_for_the_days_of_the_fund(self, db: Connection) -> None:
        money_in_the_fund(db, publicity_days=5)
        batch = a_batch(db, a_visit(db))
        with pytest.raises(NotPublished):
            approves(db, batch)
        published = publishes(db, batch)
        assert published.public_until == (CLOSED + 5 * DAY).date()
        last = CLOSED + 5 * DAY
        with pytest.raises(PublicityRuns):
            batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=fresh(an_approver(), last), at=last)
        after = CLOSED + 6 * DAY
        done = batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=fresh(an_approver(), after), at=after)
        assert done.state == "approved"

    def test_shows_sites_heads_and_amounts_and_nobody(self, db: Connection, published: Any) -> None:
        page = publicity.publications(db, asked=PublicationsAsked(), at=CLOSED)
        assert [each.batch_id for each in page.items] == [published.id]
        view = publicity.publication(db, asked=PublicationAsked(batch_id=published.id), at=CLOSED)
        assert (view.is_open, view.count, view.total_fen) == (True, 2, 800_00)
        assert [(site.visits, site.heads, site.amount_fen) for site in view.sites] == [(1, 20, 400_00)] * 2
        assert [(line.heads, line.amount_fen) for line in view.lines] == [(20, 400_00)] * 2
        assert "支部" not in str(view)
        assert "****" not in str(view)
        asked = PublicationAsked(batch_id=a_batch(db, a_visit(db)).id)
        with pytest.raises(NotFound):
            publicity.publication(db, asked=asked, at=CLOSED)

    def test_an_objection_holds_its_line_alone(self, db: Connection, published: Any) -> None:
        held, free = published.lines
        someone = an_actor(("member", f"{DISTRICT}.town.else"), name="群众")
        made = objects(db, held.id, by=someone)
        assert (made.state, made.by, made.entered_by) == ("open", "群众", None)
        with pytest.raises(ObjectedAlready):
            objects(db, held.id, by=someone)
        after = CLOSED + 6 * DAY
        done = batches.approve(db, asked=MoveBatch(batch_id=published.id), actor=fresh(an_approver(), after), at=after)
        assert (done.state, done.count, done.total_fen) == ("approved", 1, 400_00)
        assert {line.id: line.state for line in done.lines} == {held.id: "freed", free.id: "waiting"}
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        db.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        # Its claim is held until the decision, and is paid by another batch then.
        with pytest.raises(Exception, match="held"):
            makes(db)
        decides(db, made, "dismissed")
        assert [line.claim_id for line in makes(db).lines] == [held.claim_id]

    def test_an_upheld_one_sends_the_claim_back_to_its_site(self, db: Connection, published: Any) -> None:
        wrong = published.lines[0]
        done = decides(db, objects(db, wrong.id, by=an_actor(("member", DISTRICT))), "upheld")
        assert (done.state, done.decided_by, done.decision_reason) == ("upheld", "核实人", "已核实")
        batch = the_batch(db, published)
        assert (batch.state, batch.count, batch.total_fen) == ("published", 1, 400_00)
        claim = db.execute(text("SELECT * FROM claims WHERE id = :id"), {"id": wrong.claim_id}).one()
        assert (claim.state, claim.approved_fen, claim.encumbered_fen) == ("returned", None, 400_00)
        balances = books(db)
        assert (balances["encumbered"], sum(v for k, v in balances.items() if k.startswith("payable"))) == (
            400_00,
            400_00,
        )
        assert entries(db)[-1][3] == "claim_reopened"
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        with pytest.raises(ObjectionDecided):
            decides(db, done, "dismissed")

    def test_when_all_lines_go_the_batch_is_rejected(self, db: Connection, published: Any) -> None:
        for line in published.lines:
            decides(db, objects(db, line.id, by=an_actor(("member", DISTRICT))), "upheld")
        assert the_batch(db, published).state == "rejected"
        assert books(db)["encumbered"] == 800_00
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    def test_a_claim_that_was_sent_back_can_be_paid_after_all(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db, publicity_days=5)
        visit = a_visit(db)
        published = publishes(db, a_batch(db, visit))
        decides(db, objects(db, published.lines[0].id, by=an_actor(("member", DISTRICT))), "upheld")
        confirmed(db, visit)
        approved_again = approves_claim(db, visit)
        assert approved_again.approved_fen == 400_00
        pays(db, published.fund_id, publicity_days=0)
        batch = approves(db, makes(db))
        assert brings(db, tmp_path, batch, a_bank_file(batch)).state == "settled"
        assert sum(v for k, v in books(db).items() if k.startswith("paid:")) == 400_00

    def test_one_on_paper_is_entered_by_an_officer(self, db: Connection, published: Any) -> None:
        officer = an_actor(("officer", DISTRICT), name="李干事")
        made = objects(db, published.lines[0].id, by=officer, on_paper_from="村民某某")
        assert (made.by, made.entered_by) == ("村民某某", "李干事")
        with pytest.raises(Forbidden):
            objects(db, published.lines[1].id, by=an_actor(("member", DISTRICT)), on_paper_from="某某")

    def test_who_objects_does_not_decide(self, db: Connection, published: Any) -> None:
        preparer = a_preparer()
        made = objects(db, published.lines[0].id, by=preparer)
        with pytest.raises(OwnObjection):
            decides(db, made, "dismissed", by=preparer)
        keeper = with_grant(a_preparer(), ("steward", DISTRICT))
        with pytest.raises(OwnSiteOrBranch):
            decides(db, made, "dismissed", by=keeper)

    def test_its_time_has_an_end(self, db: Connection, published: Any) -> None:
        someone = an_actor(("member", DISTRICT))
        with pytest.raises(NotPublic):
            objects(db, published.lines[0].id, by=someone, at=CLOSED + 6 * DAY)
        objects(db, published.lines[0].id, by=someone, at=CLOSED + 5 * DAY)
        with pytest.raises(NotFound):
            objects(db, uuid4(), by=someone)

    def test_one_sees_ones_own_and_finance_sees_all(self, db: Connection, published: Any) -> None:
        first, second = an_actor(("member", DISTRICT)), an_actor(("member", DISTRICT))
        for line, who in zip(published.lines, (first, second), strict=True):
            objects(db, line.id, by=who)
        for reader, number in ((first, 1), (second, 1), (a_preparer(), 2), (an_auditor(), 2)):
            assert len(publicity.objections(db, asked=ObjectionsAsked(), actor=reader).items) == number

    def test_an_objection_and_the_approval_at_once(self, database: Engine) -> None:
        """Either the objection is there and its line left, or the approval was first and the objection is refused."""
        with database.begin() as db:
            money_in_the_fund(db, publicity_days=1)
            batch = publishes(db, a_batch(db, a_visit(db), a_visit(db)), at=CLOSED - 2 * DAY)
            db.execute(text("UPDATE batches SET publicity_days = 0, public_until = '2026-12-31'"))

        def act(db: Connection, number: int) -> None:
            if number:
                objects(db, batch.lines[0].id, by=an_actor(("member", DISTRICT)))
            else:
                approves(db, batch)

        ends = at_once(database, 2, act)
        with database.connect() as db:
            done = the_batch(db, batch)
            assert (ends, done.count) in ((["done", "done"], 1), (["done", "not-public"], 2))


def approves_claim(db: Connection, visit: Any) -> Any:
    from contracts.sites.claims import MoveClaim
    from sites.operations import claims

    return claims.approve(db, asked=MoveClaim(claim_id=visit.claim_id), actor=a_preparer(), at=CLOSED)


class TestFailed:
    def test_go_to_a_new_batch_by_one_act(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        batch = an_approved_batch(db, a_visit(db), a_visit(db), a_visit(db))
        partly = brings(db, tmp_path, batch, a_bank_file(batch, failed=(0, 2)))
        asked = BatchAsked(batch_id=partly.id)
        again = batches.make_of_failed(db, asked=asked, actor=a_preparer(), at=CLOSED)
        failed = {line.claim_id for line in partly.lines if line.state == "failed"}
        assert {line.claim_id for line in again.lines} == failed
        with pytest.raises(NothingFailed):
            batches.make_of_failed(db, asked=asked, actor=a_preparer(), at=CLOSED)


class TestOverpaid:
    def test_is_owed_by_the_site_and_kept_back_from_its_next_payment(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db, amount_fen=10_000_00)
        site = a_site(db)
        a_payee(db, site)
        first, second = a_visit(db, site=site), a_visit(db, site=site, visit_at=VISIT + timedelta(hours=3))
        batch = an_approved_batch(db, first)
        brings(db, tmp_path, batch, a_bank_file(batch))
        overpaid(db, first.claim_id, amount_fen=150_00)
        (receivable,) = (value for account, value in books(db).items() if account.startswith("receivable:"))
        assert receivable == 150_00
        again = an_approved_batch(db, second)
        (line,) = again.lines
        assert (line.amount_fen, line.offset_fen, line.net_fen) == (400_00, 150_00, 250_00)
        assert (again.total_fen, again.offset_fen, again.net_fen) == (400_00, 150_00, 250_00)
        taken = takes_file(db, tmp_path, again, by=a_preparer())
        content = (tmp_path / taken.sha256[:2] / taken.sha256).read_text("utf-8-sig")
        assert "250.00" in content
        assert "400.00" not in content
        said = f"line_id,result,amount,reference,reason\n{line.id},paid,250.00,B1,\n"
        assert brings(db, tmp_path, again, said).state == "settled"
        balances = books(db)
        assert sum(v for k, v in balances.items() if k.startswith("receivable")) == 0
        # The bank paid 400 and 250: what is left of 10 000 is available again, with what was kept back.
        assert (balances["available"], sum(v for k, v in balances.items() if k.startswith("paid"))) == (
            9_350_00,
            650_00,
        )
        (view,) = overpayment_queries.overpayments(db, asked=_all(), actor=an_auditor()).items
        assert (view.state, view.recovered_fen, view.reserved_fen) == ("recovered", 150_00, 0)

    def test_a_line_with_nothing_left_needs_no_bank(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        site = a_site(db)
        a_payee(db, site)
        first = a_visit(db, site=site)
        second = a_visit(db, site=site, party_size=10, came=10, visit_at=VISIT + timedelta(hours=3))
        batch = an_approved_batch(db, first)
        brings(db, tmp_path, batch, a_bank_file(batch))
        overpaid(db, first.claim_id, amount_fen=400_00)
        again = an_approved_batch(db, second)
        assert (again.state, again.net_fen, again.lines[0].state) == ("settled", 0, "paid")
        assert the_claim(db, second).state == "paid"
        (view,) = overpayment_queries.overpayments(db, asked=_all(), actor=an_auditor()).items
        assert (view.state, view.recovered_fen) == ("open", 300_00)
        assert sum(v for k, v in books(db).items() if k.startswith("receivable")) == 100_00

    @pytest.mark.parametrize("end", ["rejected", "failed"])
    def test_what_a_line_keeps_back_is_free_again_when_it_is_not_paid(
        self, db: Connection, tmp_path: Path, end: str
    ) -> None:
        money_in_the_fund(db)
        site = a_site(db)
        a_payee(db, site)
        first, second = a_visit(db, site=site), a_visit(db, site=site, visit_at=VISIT + timedelta(hours=3))
        batch = an_approved_batch(db, first)
        brings(db, tmp_path, batch, a_bank_file(batch))
        overpaid(db, first.claim_id)
        again = a_batch(db, second)
        if end == "rejected":
            from tests.sites.money import rejects

            rejects(db, again)
        else:
            again = approves(db, again)
            said = f"line_id,result,amount,reference,reason\n{again.lines[0].id},failed,380.00,,账号不存在\n"
            brings(db, tmp_path, again, said)
        (view,) = overpayment_queries.overpayments(db, asked=_all(), actor=an_auditor()).items
        assert (view.state, view.reserved_fen, view.recovered_fen) == ("open", 0, 0)
        assert makes(db).offset_fen == 20_00

    def test_is_written_down_by_two_persons_and_never_more_than_was_paid(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        visit, unpaid = a_visit(db), a_visit(db)
        submitted(db, unpaid)
        batch = an_approved_batch(db, visit)
        brings(db, tmp_path, batch, a_bank_file(batch))
        preparer = a_preparer()

        def report(claim_id: Any, amount_fen: int) -> Any:
            asked = ReportOverpayment(claim_id=claim_id, amount_fen=amount_fen, reason="多算")
            return overpayments.report(db, asked=asked, actor=preparer, at=CLOSED)

        with pytest.raises(ClaimNotPaid):
            report(unpaid.claim_id, 1)
        with pytest.raises(MoreThanPaid):
            report(visit.claim_id, 400_01)
        found = report(visit.claim_id, 300_00)
        with pytest.raises(MoreThanPaid):
            report(visit.claim_id, 100_01)
        with pytest.raises(SamePerson):
            overpayments.confirm(db, asked=MoveOverpayment(found.id), actor=preparer, at=CLOSED)
        assert "receivable" not in str(books(db))
        asked = RefuseOverpayment(overpayment_id=found.id, reason="无误")
        assert overpayments.refuse(db, asked=asked, actor=preparer, at=CLOSED).state == "refused"
        with pytest.raises(OverpaymentNotMovable):
            overpayments.confirm(db, asked=MoveOverpayment(found.id), actor=an_approver(), at=CLOSED)

    def test_is_paid_back_once_for_each_reference(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        visit = a_visit(db)
        batch = an_approved_batch(db, visit)
        brings(db, tmp_path, batch, a_bank_file(batch))
        found = overpaid(db, visit.claim_id, amount_fen=100_00)

        def repay(amount_fen: int, reference: str) -> Any:
            asked = RecordRepayment(overpayment_id=found, amount_fen=amount_fen, reference=reference)
            return overpayments.repay(db, asked=asked, actor=a_payer(), at=CLOSED)

        with pytest.raises(MoreThanOwed), db.begin_nested():
            repay(100_01, "B0")
        assert repay(60_00, "B1").recovered_fen == 60_00
        assert repay(60_00, "B1").recovered_fen == 60_00
        assert repay(40_00, "B2").state == "recovered"
        assert sum(v for k, v in books(db).items() if k.startswith("receivable")) == 0

    def test_two_batches_at_once_keep_it_back_once(self, database: Engine, tmp_path: Path) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            site = a_site(db)
            a_payee(db, site)
            visits = [a_visit(db, site=site, visit_at=VISIT + timedelta(hours=3 * number)) for number in range(3)]
            batch = an_approved_batch(db, visits[0])
            brings(db, tmp_path, batch, a_bank_file(batch))
            overpaid(db, visits[0].claim_id, amount_fen=300_00)
            for visit in visits[1:]:
                approved(db, visit)

        def make(db: Connection, number: int) -> None:
            makes(db, claim_ids=[visits[1 + number].claim_id])

        assert at_once(database, 2, make) == ["done", "done"]
        with database.connect() as db:
            kept = db.execute(text("SELECT sum(offset_fen) FROM batches")).scalar_one()
            assert kept == db.execute(text("SELECT reserved_fen FROM overpayments")).scalar_one() == 300_00


class TestTheApproversPage:
    def test_holds_the_batch_against_the_month_before_and_asks(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        grows, is_new, gone = a_site(db, name="涨馆"), a_site(db, name="新馆"), a_site(db, name="停馆")
        for site in (grows, is_new, gone):
            a_payee(db, site)
        october = VISIT - timedelta(days=31)
        before = [a_visit(db, site=site, visit_at=october) for site in (grows, gone)]
        for visit in before:
            approved(db, visit)
        last = approves(db, makes(db, period="2026-10"))
        brings(db, tmp_path, last, a_bank_file(last))
        now = [
            *(a_visit(db, site=grows, visit_at=VISIT + timedelta(hours=2 * number)) for number in range(5)),
            a_visit(db, site=is_new),
        ]
        for visit in now:
            approved(db, visit)
        batch = makes(db)
        review = batch_reviews.review(db, batch.id, actor=an_approver())
        assert (review.last_period, review.amount_fen, review.last_amount_fen) == ("2026-10", 2_400_00, 800_00)
        assert {question.code: question.site.name for question in review.questions if question.site} == {
            "amount_up": "涨馆",
            "site_new": "新馆",
            "site_gone": "停馆",
            "many_a_day": "涨馆",
        }
        shares = {share.site.name: (share.count, share.amount_fen, share.last_amount_fen) for share in review.sites}
        assert shares["涨馆"] == (5, 2_000_00, 400_00)


class TestTheDatabaseIsTheReferee:
    def test_a_control_sum_that_is_not_the_lines_is_not_committed(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            batch = a_batch(db, a_visit(db))
        for change in ("total_fen = total_fen + 1", "count = count + 1", "offset_fen = 1"):
            with pytest.raises(DBAPIError, match="its lines are"), database.begin() as db:
                db.execute(text(f"UPDATE batches SET {change} WHERE id = :id"), {"id": batch.id})  # noqa: S608

    @pytest.mark.parametrize("change", ["amount_fen = 1", "payee_id = gen_random_uuid()", "offset_fen = 1"])
    def test_a_line_keeps_what_it_was_made_with(self, db: Connection, change: str) -> None:
        money_in_the_fund(db)
        a_batch(db, a_visit(db))
        with pytest.raises(DBAPIError, match="rewritten"):
            db.execute(text(f"UPDATE batch_lines SET {change}"))  # noqa: S608

    def test_two_preparers_batch_the_same_claims_at_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            for _ in range(3):
                approved(db, a_visit(db))
        ends = at_once(database, 4, lambda db, _: makes(db))
        assert ends == ["done", *["nothing-to-settle"] * 3]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM batch_lines")).scalar_one() == 3


def _all() -> Any:
    from contracts.sites.overpayments import OverpaymentsAsked

    return OverpaymentsAsked()
