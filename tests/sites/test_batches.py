"""Settlement: a batch of claims and its approval by another person (S12, precise rule 9)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Forbidden, Grant, TokenTooOld
from chassis.refusals import NotFound
from contracts.envelope import StoredFile
from contracts.sites.batches import (
    BATCH_STATES,
    BatchesAsked,
    BatchView,
    HandOverBatch,
    MakeBatch,
    MoveBatchWithReason,
)
from sites.domain.batches import (
    LINE_MOVES,
    LINE_STATES,
    MOVES,
    STATES,
    BatchNotMovable,
    ClaimInOtherBatch,
    NothingToSettle,
    PayeeMissing,
    SamePerson,
    SeveralFunds,
    ending,
)
from sites.domain.claims import OwnSiteOrBranch
from sites.operations import batches, claims
from sites.queries import batches as batch_queries
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    PERIOD,
    VISIT,
    Visit,
    a_bank_file,
    a_batch,
    a_move,
    a_payee,
    a_payer,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
    approved,
    approves,
    at_once,
    brings,
    confirmed,
    entries,
    fresh,
    makes,
    publishes,
    rejects,
    takes_file,
    the_batch,
    the_claim,
    the_id,
    with_reason,
)


@pytest.fixture
def fund(db: Connection) -> Any:
    return money_in_the_fund(db, amount_fen=10_000_00)


@pytest.mark.usefixtures("fund")
class TestMaking:
    def test_takes_the_approved_claims_of_the_month_of_the_visit(self, db: Connection) -> None:
        first, second = a_visit(db), a_visit(db, came=10)
        december = a_visit(db, visit_at=VISIT + timedelta(days=25))
        waiting = a_visit(db)
        confirmed(db, waiting)
        for visit in (first, second, december):
            approved(db, visit)
        preparer = a_preparer()
        batch = makes(db, by=preparer)
        assert (batch.state, batch.period, batch.count, batch.total_fen) == ("prepared", "2026-11", 2, 700_00)
        assert {line.claim_id for line in batch.lines} == {first.claim_id, second.claim_id}
        assert sum(line.amount_fen for line in batch.lines) == batch.total_fen
        assert (batch.prepared_by, batch.approved_by) == (preparer.name, None)
        assert {line.payee_account_masked[:5] for line in batch.lines} == {"**** "}
        assert [the_claim(db, visit).state for visit in (first, second, december, waiting)] == [
            "batched",
            "batched",
            "approved",
            "confirmed",
        ]
        assert the_claim(db, first).batch_id == batch.id
        assert makes(db, period="2026-12").count == 1

    def test_or_those_named(self, db: Connection) -> None:
        first, second = a_visit(db), a_visit(db)
        approved(db, first)
        approved(db, second)
        batch = makes(db, claim_ids=[the_id(second)])
        assert [line.claim_id for line in batch.lines] == [second.claim_id]
        assert makes(db).lines[0].claim_id == first.claim_id

    def test_numbers_them_by_fund_and_period(self, db: Connection) -> None:
        numbers = []
        for _ in range(2):
            approved(db, a_visit(db))
            numbers.append(makes(db).number)
        code = db.execute(text("SELECT code FROM funds")).scalar_one()
        assert numbers == [f"{code}-202611-01", f"{code}-202611-02"]

    def test_refuses_an_empty_one(self, db: Connection) -> None:
        confirmed(db, a_visit(db))
        with pytest.raises(NothingToSettle, match="2026-11"):
            makes(db)

    def test_refuses_a_claim_that_is_not_ready(self, db: Connection) -> None:
        ready, waiting, december = a_visit(db), a_visit(db), a_visit(db, visit_at=VISIT + timedelta(days=25))
        confirmed(db, waiting)
        for visit in (ready, december):
            approved(db, visit)
        for other in (the_id(waiting), the_id(december), uuid4()):
            with pytest.raises(ClaimInOtherBatch, match=str(other)):
                makes(db, claim_ids=[the_id(ready), other])
        assert the_claim(db, ready).state == "approved"

    def test_a_claim_is_in_one_live_batch(self, db: Connection) -> None:
        visit = a_visit(db)
        batch = a_batch(db, visit)
        with pytest.raises(ClaimInOtherBatch):
            makes(db, claim_ids=[the_id(visit)])
        with pytest.raises(DBAPIError, match="batch_lines_live_key"):
            db.execute(
                text(
                    "INSERT INTO batch_lines (id, batch_id, number, end_to_end_id, claim_id, payee_id, amount_fen,"
                    " state) SELECT gen_random_uuid(), batch_id, 2, 'x', claim_id, payee_id, amount_fen, 'waiting'"
                    " FROM batch_lines WHERE batch_id = :batch"
                ),
                {"batch": batch.id},
            )

    def test_needs_an_account_for_each_site(self, db: Connection) -> None:
        site = a_site(db, name="某纪念馆")
        approved(db, a_visit(db, site=site))
        with pytest.raises(PayeeMissing, match="某纪念馆"):
            makes(db)
        a_payee(db, site)
        assert makes(db).count == 1

    def test_is_of_one_fund(self, db: Connection) -> None:
        other = money_in_the_fund(db, path=f"{DISTRICT}.town")
        in_town = a_visit(db)
        db.execute(text("UPDATE funds SET path = '3703.370303' WHERE id = :id"), {"id": other})
        elsewhere = a_visit(db)
        for visit, path in ((in_town, "3703"), (elsewhere, "3703")):
            approved(db, visit, by=a_preparer(path=path))
        of_the_city = a_preparer(path="3703")
        with pytest.raises(SeveralFunds):
            makes(db, by=of_the_city)
        assert makes(db, by=of_the_city, fund_id=other).lines[0].claim_id == in_town.claim_id
        # The preparer of the district settles the district's alone.
        assert makes(db).lines[0].claim_id == elsewhere.claim_id

    def test_is_for_preparers_with_a_fresh_token(self, db: Connection) -> None:
        approved(db, a_visit(db))
        for other in (an_approver(), an_auditor(), an_actor(("officer", DISTRICT)), an_actor(("secretary", DISTRICT))):
            with pytest.raises(Forbidden):
                makes(db, by=other)
        with pytest.raises(TokenTooOld):
            makes(db, by=fresh(a_preparer(), CLOSED - timedelta(seconds=61)))
        with pytest.raises(NothingToSettle):
            makes(db, by=a_preparer(path="3703.370303"))

    def test_two_at_once_take_each_claim_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            for _ in range(3):
                approved(db, a_visit(db))
        ended = at_once(database, 6, lambda db, _: makes(db))
        assert ended == ["done"] + ["nothing-to-settle"] * 5
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM batch_lines")).scalar_one() == 3


@pytest.mark.usefixtures("fund")
class TestApproving:
    def test_is_by_another_person(self, db: Connection) -> None:
        batch = a_batch(db, a_visit(db))
        approver = an_approver()
        approved_batch = approves(db, batch, by=approver)
        assert (approved_batch.state, approved_batch.approved_by) == ("approved", approver.name)
        assert approved_batch.approved_at == CLOSED
        assert [(step.move, step.by) for step in approved_batch.history] == [
            ("prepare", "赵经办"),
            ("approve", "钱复核"),
        ]

    def test_never_by_who_made_it(self, db: Connection) -> None:
        both = replace(a_preparer(), grants=(Grant("preparer", DISTRICT), Grant("approver", DISTRICT)))
        batch = a_batch(db, a_visit(db), by=both)
        with pytest.raises(SamePerson):
            approves(db, batch, by=both)
        with pytest.raises(DBAPIError, match="batches_two_persons"), db.begin_nested():
            db.execute(
                text(
                    "UPDATE batches SET state = 'approved', approved_by_id = prepared_by_id, approved_by = 'x',"
                    " approved_at = now()"
                )
            )
        assert approves(db, batch).state == "approved"

    @pytest.mark.parametrize("verb", ["approve", "return"])
    def test_never_by_who_prepared_one_of_its_claims(self, db: Connection, verb: str) -> None:
        both = replace(a_preparer(), grants=(Grant("preparer", DISTRICT), Grant("approver", DISTRICT)))
        visit = a_visit(db)
        if verb == "return":
            confirmed(db, visit)
            claims.give_back(db, asked=with_reason(visit), actor=both, at=CLOSED)
            approved(db, visit)
        else:
            approved(db, visit, by=both)
        batch = makes(db)
        with pytest.raises(SamePerson):
            approves(db, batch, by=both)

    @pytest.mark.parametrize(("role", "place"), [("steward", "site"), ("secretary", "branch"), ("member", "branch")])
    def test_never_over_ones_own_site_or_branch(self, db: Connection, role: str, place: str) -> None:
        visit = a_visit(db)
        batch = a_batch(db, a_visit(db), visit)
        path = visit.site.path if place == "site" else visit.branch.path
        with pytest.raises(OwnSiteOrBranch):
            approves(db, batch, by=replace(an_approver(), grants=(Grant("approver", DISTRICT), Grant(role, path))))

    def test_takes_a_fresh_token_and_the_right(self, db: Connection) -> None:
        batch = a_batch(db, a_visit(db))
        with pytest.raises(TokenTooOld):
            approves(db, batch, by=fresh(an_approver(), CLOSED - timedelta(seconds=61)))
        for other in (a_preparer(), an_auditor()):
            with pytest.raises(Forbidden):
                approves(db, batch, by=other)
        for stranger in (an_approver(path="3703.370303"), an_actor(("secretary", DISTRICT))):
            with pytest.raises(NotFound):
                approves(db, batch, by=stranger)

    def test_a_rejection_frees_the_claims(self, db: Connection) -> None:
        visit = a_visit(db)
        batch = a_batch(db, visit)
        rejected = rejects(db, batch)
        assert (rejected.state, rejected.reason) == ("rejected", "金额有疑问")
        assert [line.state for line in rejected.lines] == ["freed"]
        claim = the_claim(db, visit)
        assert (claim.state, claim.batch_id, claim.approved_fen) == ("approved", None, 400_00)
        assert makes(db).lines[0].claim_id == visit.claim_id

    def test_approving_and_rejecting_at_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            batch = a_batch(db, a_visit(db))

        def decide(db: Connection, number: int) -> None:
            approves(db, batch) if number % 2 else rejects(db, batch)

        assert at_once(database, 6, decide) == ["batch-not-movable"] * 5 + ["done"]


class TestMoves:
    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("verb", sorted(MOVES))
    def test_every_pair_of_state_and_move(
        self, db: Connection, fund: Any, tmp_path: Path, state: str, verb: str
    ) -> None:
        batch = a_batch(db, a_visit(db), a_visit(db))
        is_approved = state in ("approved", "paying", "settled", "partly_settled")
        payer = a_payer()
        if is_approved:
            file = takes_file(db, tmp_path, approves(db, batch), by=a_preparer())
        else:
            file = StoredFile("0" * 64, 1, "text/csv", "x.csv")
        db.execute(
            text(
                "UPDATE batches SET state = :state, approved_by_id = :by, approved_by = :by_name, approved_at = :at,"
                " handed_by_id = :payer, handed_by = :payer_name, handed_at = :handed_at, file_sha256 = :sha256,"
                " published_at = :published_at, public_until = :public_until"
                " WHERE id = :id"
            ),
            {
                "payer": payer.person_id if state == "paying" else None,
                "payer_name": payer.name if state == "paying" else None,
                "handed_at": CLOSED if state == "paying" else None,
                "sha256": file.sha256 if state == "paying" else None,
                "published_at": CLOSED if state == "published" else None,
                "public_until": CLOSED.date() if state == "published" else None,
                "state": state,
                "by": uuid4() if is_approved else None,
                "by_name": "某人" if is_approved else None,
                "at": CLOSED if is_approved else None,
                "id": batch.id,
            },
        )
        sources, target = MOVES[verb]
        act: dict[str, Callable[[], BatchView]] = {
            "approve": lambda: approves(db, batch),
            "reject": lambda: rejects(db, batch),
            "publish": lambda: publishes(db, batch),
            "hand_over": lambda: batches.hand_over(
                db, asked=HandOverBatch(batch_id=batch.id, sha256=file.sha256), actor=payer, at=CLOSED
            ),
            "settle": lambda: brings(db, tmp_path, batch, a_bank_file(batch)),
            "settle_partly": lambda: brings(db, tmp_path, batch, a_bank_file(batch, failed=(1,))),
        }
        if state in sources:
            assert act[verb]().state == target
            steps = [step.move for step in the_batch(db, batch).history]
            assert steps == ["prepare", *(["approve"] if is_approved else []), verb]
        else:
            with pytest.raises(BatchNotMovable) as refused, db.begin_nested():
                act[verb]()
            assert refused.value.params["state"] == state
            assert the_batch(db, batch).state == state

    def test_the_states_are_those_of_the_contract(self) -> None:
        assert set(STATES) == set(BATCH_STATES)
        assert {state for sources, target in LINE_MOVES.values() for state in (*sources, target)} == set(LINE_STATES)

    @pytest.mark.parametrize(
        ("lines", "verb"),
        [
            (["paid", "paid"], "settle"),
            (["paid", "failed"], "settle_partly"),
            (["failed"], "settle_partly"),
            (["paid", "waiting"], None),
            (["failed", "waiting"], None),
        ],
    )
    def test_ends_when_the_bank_has_answered_for_each_line(self, lines: list[str], verb: str | None) -> None:
        assert ending(lines) == verb


@pytest.mark.usefixtures("fund")
class TestSeeing:
    def test_finance_and_audit_see_them_newest_first(self, db: Connection) -> None:
        made = []
        for hours in range(3):
            visit = a_visit(db)
            approved(db, visit)
            made.append(
                batches.make(
                    db,
                    asked=MakeBatch(period=PERIOD),
                    actor=fresh(a_preparer(), CLOSED + timedelta(hours=hours)),
                    at=CLOSED + timedelta(hours=hours),
                ).id
            )
        for reader in (a_preparer(), an_approver(), an_auditor()):
            page = batch_queries.batches(db, asked=BatchesAsked(limit=2), actor=reader)
            assert [batch.id for batch in page.items] == [made[2], made[1]]
            assert all(len(batch.lines) == 1 for batch in page.items)
            rest = batch_queries.batches(db, asked=BatchesAsked(limit=2, cursor=page.next), actor=reader)
            assert ([batch.id for batch in rest.items], rest.next) == ([made[0]], None)
        assert batch_queries.batches(db, asked=BatchesAsked(state="settled"), actor=an_auditor()).items == []
        assert batch_queries.batches(db, asked=BatchesAsked(), actor=an_auditor("3703.370303")).items == []
        with pytest.raises(Forbidden):
            batch_queries.batches(db, asked=BatchesAsked(), actor=an_actor(("officer", DISTRICT)))

    def test_an_unknown_batch_is_not_found(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            batch_queries.batch(db, uuid4(), actor=an_auditor())
        with pytest.raises(NotFound):
            batches.reject(db, asked=MoveBatchWithReason(batch_id=uuid4(), reason="x"), actor=an_approver(), at=CLOSED)


def test_a_visit_is_never_lost_between_two_batches(db: Connection, fund: Any, tmp_path: Path) -> None:
    """Approved, rejected with its batch, batched again, failed at the bank, batched again, paid: one payment."""
    visit: Visit = a_visit(db)
    rejects(db, a_batch(db, visit))
    second = approves(db, makes(db))
    brings(db, tmp_path, second, a_bank_file(second, failed=(0,)))
    third = approves(db, makes(db))
    brings(db, tmp_path, third, a_bank_file(third))
    assert [step.move for step in the_claim(db, visit).history][4:] == [
        "batch",
        "free",
        "batch",
        "free",
        "batch",
        "pay",
    ]
    assert [entry[3] for entry in entries(db)].count("payment") == 1
    assert a_move(visit).claim_id == visit.claim_id
