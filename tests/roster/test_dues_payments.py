"""Payments of dues, receipts, what is handed up, the months' ends; any order of acts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.roster.dues import CorrectDues, MemberDuesAsked
from contracts.roster.dues_payments import (
    CloseDuesMonth,
    DuesReceiptAsked,
    DuesReceiptsAsked,
    HandUpDues,
    ReverseDuesReceipt,
)
from contracts.roster.structure import ChangeStructure
from hypothesis import given, settings
from hypothesis import strategies as st
from roster.domain import dues as rules
from roster.domain.organisations import OrganisationDissolved
from roster.operations import dues, dues_payments, structure
from roster.queries import dues as asked_of
from roster.queries import dues_receipts
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tests.articles import NOON, an_actor, wait_until_somebody_waits
from tests.races import at_once
from tests.roster.dues import a_payer, close, month_of, pay, reckon
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import an_administrator


class TestPayment:
    def test_receipts_are_numbered_without_gaps(self, db: Connection):
        branch = a_branch(db)
        one, two = a_payer(db, branch=branch), a_payer(db, branch=branch, amount_fen=200_000)
        reckon(db, branch, "2026-10", "2026-11")
        first = pay(db, branch, (one, "2026-10", 4_000), (one, "2026-11", 4_000), (two, "2026-11", 1_000))
        assert (first.first_number, first.last_number, first.amount_fen) == ("2026-00001", "2026-00002", 9_000)
        for lines, refused in (
            ([(two, "2026-10", 1_000), (one, "2026-11", 4_000)], rules.DuesPaidAlready),
            ([(two, "2026-10", 1_001)], rules.DuesAmountDiffers),
            ([(two, "2026-09", 1_000)], rules.DuesNotAssessed),
        ):
            with pytest.raises(refused):
                pay(db, branch, *lines)
        assert pay(db, branch, (two, "2026-10", 1_000)).first_number == "2026-00003"
        keeper = an_administrator(db, branch)
        listed = dues_receipts.receipts(db, DuesReceiptsAsked(branch, limit=2), actor=keeper)
        assert [one.number for one in listed.items] == ["2026-00003", "2026-00002"]
        receipt = dues_receipts.receipt(
            db, DuesReceiptAsked(first.receipts[0]), actor=an_actor(("member", "x"), person=one)
        )
        assert (receipt.amount_in_words, len(receipt.lines)) == ("人民币捌拾元整", 2)
        with pytest.raises(NotFound):
            dues_receipts.receipt(db, DuesReceiptAsked(first.receipts[0]), actor=an_actor(("member", "x"), person=two))

    def test_a_quarter_may_be_paid_ahead(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        reckon(db, branch, "2026-11")
        pay(db, branch, *((person, month, 4_000) for month in ("2026-11", "2026-12", "2027-01", "2027-02")))
        with pytest.raises(rules.DuesMonthAhead):
            pay(db, branch, (person, "2027-03", 4_000))
        stated = month_of(db, branch, "2026-11").statement
        assert (stated.received_fen, stated.advance_fen, stated.arrears_fen) == (16_000, 12_000, 0)
        later = NOON + timedelta(days=31)
        assert reckon(db, branch, "2026-12", at=later)[0].members == 0
        assert month_of(db, branch, "2026-12", at=later).statement.members_paid == 1

    def test_a_reversal_is_a_counter_entry(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        keeper = an_administrator(db, branch)
        reckon(db, branch, "2026-10")
        paid = pay(db, branch, (person, "2026-10", 4_000), paid_on=date(2026, 10, 20))
        close(db, branch, "2026-10")
        back = ReverseDuesReceipt(paid.receipts[0], "收错人")
        assert dues_payments.reverse(db, asked=back, actor=keeper, at=NOON).reversed_because == "收错人"
        with pytest.raises(rules.ReceiptReversed):
            dues_payments.reverse(db, asked=back, actor=keeper, at=NOON)
        october, november = (month_of(db, branch, month).statement for month in ("2026-10", "2026-11"))
        assert (october.received_fen, october.arrears_fen) == (4_000, 0)
        assert (november.received_fen, november.arrears_fen, november.cash_fen) == (-4_000, 4_000, 0)
        assert pay(db, branch, (person, "2026-10", 4_000)).first_number == "2026-00002"
        amounts = db.execute(
            text("SELECT amount_fen FROM dues_payments WHERE person_id = :id ORDER BY id"), {"id": person}
        )
        assert list(amounts.scalars()) == [4_000, -4_000, 4_000]

    def test_the_branch_hands_up_no_more_than_it_holds(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        keeper = an_administrator(db, branch)
        reckon(db, branch, "2026-11")
        paid = pay(db, branch, (person, "2026-11", 4_000))
        form = HandUpDues(branch, 3_000, date(2026, 11, 10), "缴款单1")
        assert dues_payments.hand_up(db, asked=form, actor=keeper, at=NOON).cash_fen == 1_000
        with pytest.raises(InvalidInput):
            dues_payments.hand_up(db, asked=HandUpDues(branch, 1, date(2026, 11, 10), "缴款单1"), actor=keeper, at=NOON)
        for act in (
            lambda: dues_payments.hand_up(
                db, asked=HandUpDues(branch, 1_001, date(2026, 11, 10), "缴款单2"), actor=keeper, at=NOON
            ),
            lambda: dues_payments.reverse(db, asked=ReverseDuesReceipt(paid.receipts[0], "x"), actor=keeper, at=NOON),
        ):
            with pytest.raises(rules.DuesCashShort):
                act()

    def test_the_database_refuses_what_no_operation_would_write(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        reckon(db, branch, "2026-10", "2026-11")
        paid = pay(db, branch, (person, "2026-10", 4_000), paid_on=date(2026, 10, 9))
        close(db, branch, "2026-10")
        row = {"receipt": paid.receipts[0], "person": person, "branch": branch, "by": uuid4()}
        again = (
            "INSERT INTO dues_payments (receipt_id, person_id, month, branch_id, amount_fen, paid_on, recorded_at,"
            " by_id, by_name) VALUES (:receipt, :person, '{month}', :branch, {fen}, '{day}', now(), :by, 'x')"
        )
        for wrong in (
            again.format(month="2026-10-01", fen=4_000, day="2026-11-09"),  # a month paid twice
            again.format(month="2026-11-01", fen=4_001, day="2026-11-09"),  # more than is owed
            again.format(month="2026-11-01", fen=4_000, day="2026-10-31"),  # in a closed month
            "INSERT INTO dues_hand_ups (branch_id, amount_fen, handed_on, document_number, recorded_at, by_id, by_name)"
            " VALUES (:branch, 4001, '2026-11-09', 'x', now(), :by, 'x')",
            "UPDATE dues_months SET settled = members + 1 WHERE branch_id = :branch",
        ):
            with pytest.raises(IntegrityError), db.begin_nested():
                db.execute(text(wrong), row)

    def test_of_two_that_pay_one_month_together_one_is_refused(self, database: Engine):
        with database.begin() as db:
            branch = a_branch(db)
            persons = [a_payer(db, branch=branch) for _ in range(3)]
            reckon(db, branch, "2026-11")

        def paying(*chosen: UUID):
            def act() -> str:
                with database.begin() as db:
                    return pay(db, branch, *((person, "2026-11", 4_000) for person in chosen)).last_number

            return act

        ends = at_once([paying(persons[0], persons[1]), paying(persons[1], persons[2]), paying(persons[1])])
        assert ends.count("dues-paid-already") == 2
        with database.begin() as db:
            found = db.execute(
                text("SELECT count(*), max(number) FROM dues_receipts WHERE branch_id = :b"), {"b": branch}
            )
            numbers, highest = found.one()
            twice = db.execute(text("SELECT count(*) FROM dues_payments WHERE person_id = :p"), {"p": persons[1]})
            assert (numbers, twice.scalar_one()) == (highest, 1)

    def test_a_payment_and_the_closing_of_its_month_wait_for_each_other(self, database: Engine):
        with database.begin() as db:
            branch = a_branch(db)
            person = a_payer(db, branch=branch)
            reckon(db, branch, "2026-10")

        def paying() -> str:
            with database.begin() as db:
                pay(db, branch, (person, "2026-10", 4_000), paid_on=date(2026, 10, 31))
                return "paid"

        def closing() -> str:
            with database.begin() as db:
                keeper = an_administrator(db, branch)
                dues_payments.close(db, asked=CloseDuesMonth(branch, "2026-10", 4_000, 0, 4_000), actor=keeper, at=NOON)
                return "closed"

        ends = set(at_once([paying, closing]))
        assert ends in ({"paid", "dues-changed"}, {"dues-month-closed", "closed"})
        with database.begin() as db:
            kept, now = (
                asked_of.statement(db, branch, date(2026, 10, 1)),
                asked_of.reckoned(db, branch, date(2026, 10, 1)),
            )
            assert (kept.received_fen, kept.arrears_fen) == (now.received_fen, now.arrears_fen)

    @pytest.mark.parametrize(
        ("first", "second", "told"),
        [
            ("pays", "pays", "dues-paid-already"),
            ("pays", "closes", "dues-changed"),
            ("closes", "pays", "dues-month-closed"),
            ("reverses", "reverses", "receipt-reversed"),
        ],
    )
    def test_who_comes_second_waits_for_the_first_and_judges_by_what_they_did(
        self, database: Engine, first: str, second: str, told: str
    ):
        with database.begin() as db:
            branch = a_branch(db)
            person, other = (a_payer(db, branch=branch) for _ in range(2))
            keeper = an_administrator(db, branch)
            reckon(db, branch, "2026-10")
            (receipt,) = pay(db, branch, (other, "2026-10", 4_000), paid_on=date(2026, 10, 30)).receipts
        closing = CloseDuesMonth(branch, "2026-10", 8_000, 4_000, 4_000)
        acts = {
            "pays": lambda db: pay(db, branch, (person, "2026-10", 4_000), paid_on=date(2026, 10, 31)),
            "closes": lambda db: dues_payments.close(db, asked=closing, actor=keeper, at=NOON),
            "reverses": lambda db: dues_payments.reverse(
                db, asked=ReverseDuesReceipt(receipt, "录错"), actor=keeper, at=NOON
            ),
        }

        def comes_second() -> None:
            with database.begin() as db:
                acts[second](db)

        with ThreadPoolExecutor(1) as pool:
            with database.begin() as db:
                acts[first](db)
                follows = pool.submit(comes_second)
                wait_until_somebody_waits(database)
            with pytest.raises(Refusal) as refused:
                follows.result()
            assert refused.value.code == told
        with database.begin() as db:
            october = date(2026, 10, 1)
            kept, now = asked_of.statement(db, branch, october), asked_of.reckoned(db, branch, october)
            assert (kept.received_fen, kept.arrears_fen) == (now.received_fen, now.arrears_fen)

    def test_of_two_that_take_one_receipt_back_together_one_is_refused(self, database: Engine):
        with database.begin() as db:
            branch = a_branch(db)
            person = a_payer(db, branch=branch)
            reckon(db, branch, "2026-11")
            (receipt,) = pay(db, branch, (person, "2026-11", 4_000)).receipts

        def reversing() -> str:
            with database.begin() as db:
                asked = ReverseDuesReceipt(receipt, "录错")
                try:
                    dues_payments.reverse(db, asked=asked, actor=an_administrator(db, branch), at=NOON)
                except rules.ReceiptReversed:
                    return "refused"
                return "reversed"

        assert sorted(at_once([reversing, reversing])) == ["refused", "reversed"]
        with database.begin() as db:
            assert month_of(db, branch, "2026-11").statement.received_fen == 0
            assert db.execute(text("SELECT cash_fen FROM dues_books")).scalar_one() == 0

    def test_a_refusal_names_nobody_of_another_branch(self, db: Connection):
        branch = a_branch(db)
        stranger = a_payer(db, branch=a_branch(db), name="欧阳某某")
        reckon(db, branch, "2026-11")
        with pytest.raises(rules.DuesNotAssessed) as refused:
            pay(db, branch, (stranger, "2026-11", 4_000))
        assert "欧阳" not in str(refused.value)

    def test_a_branch_that_ended_is_still_paid_and_hands_up_what_it_holds(self, db: Connection):
        above = a_committee(db)
        branch, into = a_branch(db, parent=above), a_branch(db, parent=above)
        person, other = (a_payer(db, branch=branch) for _ in range(2))
        reckon(db, branch, "2026-11")
        pay(db, branch, (person, "2026-11", 4_000))
        merged = ChangeStructure("merge", "8号", "布局调整", organisation_id=into, source_ids=[branch])
        structure.change(db, asked=merged, actor=an_actor(("officer", path_of(db, above))), at=NOON)
        pay(db, branch, (other, "2026-11", 4_000))
        asked = HandUpDues(branch, 8_000, date(2026, 11, 10), "缴1号")
        handed = dues_payments.hand_up(db, asked=asked, actor=an_administrator(db, branch), at=NOON)
        assert handed.cash_fen == 0
        later = NOON + timedelta(days=30)
        assert close(db, branch, "2026-11", at=later).is_closed
        # Nothing more is reckoned in it, ahead neither.
        with pytest.raises(rules.DuesNotAssessed):
            pay(db, branch, (person, "2027-01", 4_000), at=later)
        with pytest.raises(OrganisationDissolved):
            reckon(db, branch, "2026-12", at=later)


class TestClosing:
    def test_months_close_one_after_the_other_when_they_are_over(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        reckon(db, branch, "2026-09", "2026-10", "2026-11")
        with pytest.raises(rules.DuesMonthNotNext):
            close(db, branch, "2026-10")
        with pytest.raises(rules.DuesMonthNotOver):
            close(db, branch, "2026-11")
        pay(db, branch, (person, "2026-09", 4_000), paid_on=date(2026, 9, 15))
        shown = close(db, branch, "2026-09")
        assert (shown.is_closed, shown.closes_next, shown.statement.arrears_fen) == (True, "2026-10", 0)
        with pytest.raises(rules.DuesMonthClosed):
            close(db, branch, "2026-09")
        with pytest.raises(rules.DuesMonthClosed):
            pay(db, branch, (person, "2026-10", 4_000), paid_on=date(2026, 9, 30))
        stale = CloseDuesMonth(branch, "2026-10", 4_000, 0, 0)
        with pytest.raises(rules.DuesChanged):
            dues_payments.close(db, asked=stale, actor=an_administrator(db, branch), at=NOON)
        assert close(db, branch, "2026-10").statement.arrears_fen == 4_000
        # What is paid late counts where it came in; the closed month stays as it was.
        pay(db, branch, (person, "2026-10", 4_000))
        october, november = (month_of(db, branch, month).statement for month in ("2026-10", "2026-11"))
        assert (october.arrears_fen, november.brought_forward_fen, november.received_fen) == (4_000, 4_000, 4_000)
        assert asked_of.reckoned(db, branch, date(2026, 10, 1)).arrears_fen == 4_000


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "pay_late", "reverse", "correct", "close", "hand_up", "reckon"]),
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    max_size=14,
)
MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12")


class TestAnyOrder:
    @given(acts=ACTS)
    @settings(max_examples=15)
    def test_payments_and_arrears_are_what_is_owed(self, engine: Engine, acts: list[tuple[str, int, int]]):
        with engine.connect() as db:
            branch = a_branch(db)
            persons = [a_payer(db, branch=branch, amount_fen=fen) for fen in (100_000, 400_000, 900_000)]
            reckon(db, branch, "2026-09")
            for act, who, which in acts:
                try:
                    with db.begin_nested():
                        self.do(db, branch, act, persons[who], MONTHS[which])
                except rules.Refusal:
                    pass
            self.must_agree(db, branch)

    def do(self, db: Connection, branch: UUID, act: str, person: UUID, month: str) -> None:
        keeper = an_administrator(db, branch)
        entry = {one.month: one for one in asked_of.member(db, MemberDuesAsked(person), actor=keeper, at=NOON).months}
        now = entry.get(month, SimpleNamespace(due_fen=4_000, receipt_id=uuid4()))
        if act == "reckon":
            reckon(db, branch, month)
        elif act.startswith("pay"):
            pay(db, branch, (person, month, now.due_fen), paid_on=date(2026, 10, 5) if act == "pay_late" else None)
        elif act == "reverse":
            dues_payments.reverse(db, asked=ReverseDuesReceipt(now.receipt_id or uuid4(), "x"), actor=keeper, at=NOON)
        elif act == "correct":
            right = CorrectDues(person, month, now.due_fen, now.due_fen // 2, "x")
            dues.correct(db, asked=right, actor=keeper, at=NOON)
        elif act == "hand_up":
            form = HandUpDues(branch, 1_000, date(2026, 11, 9), uuid4().hex)
            dues_payments.hand_up(db, asked=form, actor=keeper, at=NOON)
        else:
            close(db, branch, month)

    def must_agree(self, db: Connection, branch: UUID) -> None:
        rows = db.execute(
            text(
                "SELECT m.month, m.members, m.settled, m.due_fen, m.paid_fen, count(*) AS owing,"
                " count(*) FILTER (WHERE o.payment_id IS NOT NULL OR o.due_fen = 0) AS done, sum(o.due_fen) AS due,"
                " (SELECT coalesce(sum(amount_fen), 0) FROM dues_payments y"
                " WHERE y.branch_id = :b AND y.month = m.month) AS paid,"
                " coalesce(sum(o.due_fen) FILTER (WHERE o.payment_id IS NULL), 0) AS unpaid"
                " FROM dues_months m JOIN dues_obligations o ON o.branch_id = m.branch_id AND o.month = m.month"
                " WHERE m.branch_id = :b GROUP BY m.branch_id, m.month"
            ),
            {"b": branch},
        ).all()
        for row in rows:
            assert row.paid + row.unpaid == row.due
            assert (row.members, row.settled, row.due_fen, row.paid_fen) == (row.owing, row.done, row.due, row.paid)
        cash = db.execute(text("SELECT cash_fen FROM dues_books WHERE branch_id = :b"), {"b": branch}).scalar_one()
        before = 0
        for month in MONTHS[:3]:
            kept = asked_of.statement(db, branch, rules.first_of(month))
            again = asked_of.reckoned(db, branch, rules.first_of(month))
            figures = [name for name in vars(again) if name.endswith("_fen") or name.startswith("members_")]
            assert [getattr(kept, name) for name in figures] == [getattr(again, name) for name in figures]
            assert kept.brought_forward_fen == before
            before = kept.arrears_fen - kept.advance_fen
        assert again.cash_fen == cash
