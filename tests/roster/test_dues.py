"""Dues (R4): the national rates, what is owed each month, payments, arrears, closing."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from chassis import clock, jobs
from chassis.actors import Forbidden, TokenTooOld
from chassis.files import CSV, XLSX, FileStore
from chassis.jobs import Kind
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed, Refusal
from contracts.envelope import load
from contracts.roster.dues import (
    AssessDues,
    CloseDuesMonth,
    ConfirmDuesBases,
    CorrectDues,
    DuesArrearsAsked,
    DuesDocumentAsked,
    DuesMembersAsked,
    DuesMonthAsked,
    DuesPaid,
    DuesRate,
    DuesReceiptAsked,
    DuesReceiptsAsked,
    DuesRollupAsked,
    EndDuesRelief,
    GrantDuesRelief,
    HandUpDues,
    MakeDuesDocument,
    MemberDuesAsked,
    NoteDuesArrears,
    OpenDuesBase,
    PayDues,
    PayDuesByFile,
    RemindDues,
    ReverseDuesReceipt,
    SetDuesBase,
    SetDuesTable,
)
from contracts.roster.members import ChangeState, EndMembership
from contracts.roster.structure import ChangeStructure
from hypothesis import given, settings
from hypothesis import strategies as st
from roster.domain import dues as rules
from roster.domain.organisations import OrganisationDissolved
from roster.operations import dues, dues_documents, dues_files, dues_payments, member_records, members, structure
from roster.queries import dues as asked_of
from roster.queries import dues_arrears, dues_receipts, dues_sums
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tests.articles import NOON, an_actor, wait_until_somebody_waits
from tests.races import at_once
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import a_registered, an_administrator, an_identity_number

NATIONAL = [
    *(DuesRate("wage", above, rate) for above, rate in ((0, 50), (300_000, 100), (500_000, 150), (1_000_000, 200))),
    *(DuesRate("pension", above, rate) for above, rate in ((0, 50), (500_000, 100))),
    DuesRate("farmer", 0, None, 20, 100),
    DuesRate("minimum", 0, None, 20, 20),
]


def a_payer(db: Connection, *, branch: UUID, kind: str = "wage", amount_fen: int = 400_000, **fields) -> UUID:
    """Somebody of the branch since 2010 whose base holds since June."""
    person = a_registered(db, branch=branch, **fields)
    form = SetDuesBase(person, kind, amount_fen, "2026-05")
    dues.set_base(db, asked=form, actor=an_administrator(db, branch), at=NOON)
    return person


def reckon(db: Connection, branch: UUID, *months: str, at=NOON):
    return [
        dues.assess(db, asked=AssessDues(branch, month), actor=an_administrator(db, branch, at=at), at=at)
        for month in months
    ]


def pay(db: Connection, branch: UUID, *lines: tuple[UUID, str, int], at=NOON, paid_on: date | None = None):
    asked = PayDues(branch, [DuesPaid(*line) for line in lines], "cash", paid_on)
    return dues_payments.pay(db, asked=asked, actor=an_administrator(db, branch, at=at), at=at)


def close(db: Connection, branch: UUID, month: str, *, at=NOON):
    now = asked_of.reckoned(db, branch, rules.first_of(month))
    asked = CloseDuesMonth(branch, month, now.due_fen, now.received_fen, now.arrears_fen)
    return dues_payments.close(db, asked=asked, actor=an_administrator(db, branch, at=at), at=at)


def month_of(db: Connection, branch: UUID, month: str, *, at=NOON):
    return asked_of.month(db, DuesMonthAsked(branch, month), actor=an_administrator(db, branch), at=at)


class TestRates:
    @pytest.mark.parametrize(
        ("kind", "amount_fen", "due_fen"),
        [
            ("wage", 300_000, 1_500),
            ("wage", 300_001, 3_000),
            ("wage", 500_000, 5_000),
            ("wage", 500_001, 7_500),
            ("wage", 1_000_000, 15_000),
            ("wage", 1_000_001, 20_000),
            ("pension", 500_000, 2_500),
            ("pension", 500_001, 5_000),
            ("farmer", 20, 20),
            ("farmer", 100, 100),
            ("minimum", 20, 20),
            ("wage", 100, 1),  # half a fen is one
            ("wage", 99_900, 500),  # 499.5 fen
            ("wage", 99_899, 499),
        ],
    )
    def test_the_rate_of_the_band_is_due_of_the_whole(self, kind: str, amount_fen: int, due_fen: int):
        assert rules.dues_of(NATIONAL, kind, amount_fen) == due_fen

    @given(kind=st.sampled_from(["wage", "pension"]), amounts=st.tuples(*[st.integers(100, 3_000_000)] * 2))
    def test_who_has_more_never_pays_less(self, kind: str, amounts: tuple[int, int]):
        less, more = sorted(amounts)
        assert rules.dues_of(NATIONAL, kind, less) <= rules.dues_of(NATIONAL, kind, more)

    @given(amount=st.integers(100, 3_000_000))
    def test_it_is_the_rate_to_within_half_a_fen(self, amount: int):
        rate = rules.rate_of(NATIONAL, "wage", amount).rate_bp
        assert -1 < 2 * (rules.dues_of(NATIONAL, "wage", amount) * 10_000 - amount * rate) / 10_000 <= 1

    def test_the_table_of_the_migration_is_the_national_one(self, db: Connection):
        assert asked_of.table_on(db, date(2026, 11, 1)).rates == NATIONAL

    def test_the_database_reckons_as_the_rule_says(self, db: Connection):
        branch = a_branch(db)
        given_ = {
            a_payer(db, branch=branch, kind=kind, amount_fen=fen): rules.dues_of(NATIONAL, kind, fen)
            for kind, fen in (
                *(("wage", fen) for fen in (100, 99_900, 300_000, 300_001, 500_001, 1_000_000, 1_000_001, 1_234_567)),
                *(("pension", fen) for fen in (500_000, 500_001)),
                *(("farmer", 60), ("minimum", 20)),
            )
        }
        reckon(db, branch, "2026-11")
        assert {line.person_id: line.due_fen for line in month_of(db, branch, "2026-11").lines} == given_


class TestTable:
    def test_is_set_ahead_and_changes_nothing_that_was_reckoned(self, db: Connection):
        district = a_committee(db)
        branch = a_branch(db, parent=district)
        person = a_payer(db, branch=branch)
        officer = an_actor(("officer", path_of(db, district)))
        reckon(db, branch, "2026-11")
        now = asked_of.tables(db, actor=officer, at=NOON)
        assert now.can_set
        dearer = [rate if rate.kind != "wage" else DuesRate("wage", rate.above_fen, 500) for rate in NATIONAL]
        form = SetDuesTable(now.in_force, "2026-12", dearer, "淄党组〔2026〕9号")
        with pytest.raises(rules.TableMonthBegun):
            dues.set_table(db, asked=SetDuesTable(now.in_force, "2026-11", dearer, "x"), actor=officer, at=NOON)
        set_ = dues.set_table(db, asked=form, actor=officer, at=NOON)
        assert (set_.in_force, len(set_.tables)) == (now.in_force, 2)
        with pytest.raises(PreconditionFailed):
            dues.set_table(db, asked=form, actor=officer, at=NOON)
        december = NOON + timedelta(days=31)
        reckon(db, branch, "2026-11", "2026-12", at=december)
        entries = asked_of.member(db, MemberDuesAsked(person), actor=an_administrator(db, branch), at=december)
        assert {entry.month: entry.due_fen for entry in entries.months} == {"2026-11": 4_000, "2026-12": 20_000}

    @pytest.mark.parametrize(
        "wage",
        [
            [],
            [DuesRate("wage", 1, 50)],
            [DuesRate("wage", 0, 100), DuesRate("wage", 300_000, 50)],
            [DuesRate("wage", 0, 50), DuesRate("wage", 0, 60)],
            [DuesRate("wage", 0)],
            [DuesRate("wage", 0, None, 30, 20)],
            [DuesRate("wage", 0, 50, 1, 2)],
        ],
    )
    def test_refuses_bands_that_leave_a_gap_or_fall(self, wage: list[DuesRate]):
        with pytest.raises(rules.BandsNotRight):
            rules.check_table([*wage, *NATIONAL[4:]], ("wage",))

    def test_only_the_districts_officer_sets_it(self, db: Connection):
        town = a_committee(db, parent=a_committee(db, parent=a_committee(db)))
        officer = an_actor(("officer", path_of(db, town)))
        with pytest.raises(Forbidden):
            dues.set_table(db, asked=SetDuesTable(1, "2026-12", NATIONAL, "x"), actor=officer, at=NOON)


class TestBase:
    def test_the_amount_is_opened_for_a_purpose_and_that_is_kept(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town)
        person = a_payer(db, branch=branch, amount_fen=654_321)
        keeper = an_administrator(db, branch)
        seen = asked_of.member(db, MemberDuesAsked(person), actor=keeper, at=NOON)
        (listed,) = asked_of.members_page(db, DuesMembersAsked(branch), actor=keeper, at=NOON).items
        assert (listed.monthly_fen, listed.confirmed_for, seen.can_open) == (9_815, 2026, True)
        assert "654321" not in f"{seen}{listed}"
        opened = dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=keeper, at=NOON)
        assert [base.amount_fen for base in opened.bases] == [654_321]
        kept = db.execute(text("SELECT fields, by_id FROM personal_views WHERE person_id = :id"), {"id": person}).one()
        assert (kept.fields, kept.by_id) == (["dues_base"], keeper.person_id)
        above = an_actor(("secretary", path_of(db, town)))
        with pytest.raises(Forbidden):
            dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=above, at=NOON)
        with pytest.raises(Forbidden):
            asked_of.month(
                db, DuesMonthAsked(branch, "2026-11"), actor=an_actor(("officer", path_of(db, town))), at=NOON
            )
        with pytest.raises(TokenTooOld):
            dues.open_base(db, asked=OpenDuesBase(person, "file_check"), actor=keeper, at=NOON + timedelta(minutes=2))

    def test_lies_within_its_kind_and_time(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch)
        for kind, fen, month, wrong in (
            ("farmer", 101, "2026-11", rules.BaseOutOfBounds),
            ("minimum", 21, "2026-11", rules.BaseOutOfBounds),
            ("wage", 99, "2026-11", rules.BaseTooSmall),
            ("wage", 100_000, "2025-11", rules.BaseMonthTooFar),
        ):
            with pytest.raises(wrong):
                dues.set_base(
                    db, asked=SetDuesBase(person, kind, fen, month), actor=an_administrator(db, branch), at=NOON
                )

    def test_is_confirmed_once_a_year(self, db: Connection):
        branch = a_branch(db)
        persons = [a_payer(db, branch=branch), a_payer(db, branch=branch)]
        next_year = NOON + timedelta(days=60)
        keeper = an_administrator(db, branch)
        form = ConfirmDuesBases(branch, persons)
        assert [dues.confirm_bases(db, asked=form, actor=keeper, at=next_year).confirmed for _ in "ab"] == [2, 0]
        with pytest.raises(rules.NoDuesBase):
            dues.confirm_bases(
                db, asked=ConfirmDuesBases(branch, [a_registered(db, branch=branch)]), actor=keeper, at=NOON
            )


class TestReckoning:
    def test_once_for_whoever_stands_here_on_the_first(self, db: Connection):
        branch, other = a_branch(db), a_branch(db)
        keeper = an_administrator(db, branch)
        stays, moves, leaves, floats, lost, exempt, reduced = (a_payer(db, branch=branch) for _ in range(7))
        without = a_registered(db, branch=branch, name="无基数")
        late = a_payer(db, branch=branch, since=date(2026, 11, 2))
        on_time = a_payer(db, branch=branch, since=date(2026, 11, 1))
        for person, state in ((floats, "floating"), (lost, "lost")):
            form = ChangeState(person, state, date(2026, 10, 20), "外出务工")
            member_records.change_state(db, asked=form, actor=keeper, at=NOON)
        secretary = an_actor(("secretary", path_of(db, branch)))
        form = EndMembership(leaves, "deceased", date(2026, 10, 31), "病故")
        member_records.end(db, asked=form, actor=secretary, at=NOON)
        members.transfer(db, moves, branch_id=other, at=NOON)
        for person, fen in ((exempt, 0), (reduced, 150)):
            form = GrantDuesRelief(person, fen, "2026-11", "2027-01", date(2026, 10, 30), "批复1号", "家庭困难")
            dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        (first,) = reckon(db, branch, "2026-11")
        owed = {line.person_id: line.due_fen for line in month_of(db, branch, "2026-11").lines}
        assert owed == {stays: 4_000, moves: 4_000, floats: 4_000, reduced: 150, on_time: 4_000}
        assert (first.members, first.due_fen) == (5, 16_150)
        why = {one.person_id: one.why for one in month_of(db, branch, "2026-11").not_owing}
        assert why == {lost: "lost", exempt: "exempt", without: "no_base"}
        assert reckon(db, branch, "2026-11")[0].members == 0
        assert reckon(db, other, "2026-11")[0].members == 0  # who moved pays where they stood on the first
        assert late not in owed

    def test_who_is_entered_later_is_reckoned_by_hand_until_the_month_closes(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch)
        reckon(db, branch, "2026-10")
        a_payer(db, branch=branch)
        assert reckon(db, branch, "2026-10")[0].members == 1
        close(db, branch, "2026-10")
        with pytest.raises(rules.DuesMonthClosed):
            reckon(db, branch, "2026-10")
        with pytest.raises(rules.DuesMonthAhead):
            reckon(db, branch, "2026-12")

    def test_the_timer_takes_every_branch_once_a_month(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch)
        while dues.assess_due(db, at=NOON, part=100):
            pass
        assert len(month_of(db, branch, "2026-11").lines) == 1
        assert dues.assess_due(db, at=NOON) == 0
        assert dues.assess_due(db, at=NOON + timedelta(days=30)) > 0

    def test_only_a_correction_with_its_reason_changes_it(self, db: Connection):
        branch = a_branch(db)
        person = a_payer(db, branch=branch)
        keeper = an_administrator(db, branch)
        reckon(db, branch, "2026-11")
        form = SetDuesBase(person, "wage", 300_000, "2026-11")
        dues.set_base(db, asked=form, actor=keeper, at=NOON)
        reckon(db, branch, "2026-11")
        assert month_of(db, branch, "2026-11").lines[0].due_fen == 4_000
        right = CorrectDues(person, "2026-11", 4_000, 1_500, "工资调整后重新核定")
        changed = dues.correct(db, asked=right, actor=keeper, at=NOON)
        assert (changed.months[0].due_fen, changed.corrections[0].reason) == (1_500, "工资调整后重新核定")
        with pytest.raises(rules.DuesCorrectedAlready):
            dues.correct(db, asked=right, actor=keeper, at=NOON)
        pay(db, branch, (person, "2026-11", 1_500))
        with pytest.raises(rules.DuesCorrectedAlready):
            dues.correct(db, asked=CorrectDues(person, "2026-11", 1_500, 0, "x"), actor=keeper, at=NOON)

    def test_a_relief_is_for_its_months_alone(self, db: Connection):
        branch = a_branch(db)
        person, keeper = a_payer(db, branch=branch), an_administrator(db, branch)
        form = GrantDuesRelief(person, 0, "2026-08", "2026-11", date(2026, 7, 30), "批复1号", "患病")
        relief = dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        with pytest.raises(rules.ReliefAlready):
            dues.grant_relief(db, asked=form, actor=keeper, at=NOON)
        ended = dues.end_relief(db, asked=EndDuesRelief(relief.id, "2026-10", "痊愈"), actor=keeper, at=NOON)
        assert ended.ended_because == "痊愈"
        assert [row.members for row in reckon(db, branch, "2026-07", "2026-08", "2026-10", "2026-11")] == [1, 0, 1, 1]
        longer = GrantDuesRelief(person, 0, "2026-11", "2027-12", date(2026, 7, 30), "批复2号", "患病")
        with pytest.raises(rules.ReliefTooLong):
            dues.grant_relief(db, asked=longer, actor=keeper, at=NOON)


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


class TestFile:
    def rows_of(self, db: Connection, branch: UUID, *rows: list[str]):
        return dues_files.lines_in(db, branch, [["姓名", "月份", "金额", "身份证号"], *rows], at=NOON)

    def test_every_bad_cell_is_told_and_nothing_is_done(self, db: Connection):
        branch = a_branch(db)
        a_payer(db, branch=branch, name="蒲一")
        paid = a_payer(db, branch=branch, name="蒲二")
        numbers = [an_identity_number(sequence=sequence) for sequence in (11, 13)]
        twins = [a_payer(db, branch=branch, name="蒲三", identity_number=number) for number in numbers]
        reckon(db, branch, "2026-11")
        pay(db, branch, (paid, "2026-11", 4_000))
        with pytest.raises(dues_files.DuesFileFaulty) as told:
            self.rows_of(
                db,
                branch,
                ["蒲一", "2026年11月", "40.00", ""],
                ["蒲一", "202611", "¥40", ""],
                ["蒲二", "2026-11", "40", ""],
                ["蒲三", "2026-11", "40", ""],
                ["蒲三", "2026-11", "39", numbers[0]],
                ["=cmd()", "2026-11", "40", ""],
                ["蒲一", "13月", "四十", ""],
                ["合计", "", "100", ""],
            )
        assert sorted(told.value.errors) == [
            *("rows.3.name", "rows.4.month", "rows.5.identity_number", "rows.6.amount", "rows.7.name"),
            *("rows.8.amount", "rows.8.month", "rows.9.amount"),
        ]
        assert told.value.errors["rows.6.amount"] == ["Exactly 40.00 yuan are owed."]
        found = self.rows_of(
            db, branch, ["蒲三", "2026/11", "40.0", numbers[1]], ["", "", "", ""], ["合计", "", "40", ""]
        )
        assert found == [DuesPaid(twins[1], "2026-11", 4_000)]
        with pytest.raises(dues_files.DuesFileFaulty) as told:
            dues_files.lines_in(db, branch, [["姓名", "金额"]], at=NOON)
        assert list(told.value.errors) == ["rows.1.month"]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
    def test_is_read_as_text_of_either_encoding(self, encoding: str, tmp_path: Path):
        (tmp_path / "x.csv").write_bytes("姓名,金额\n\n 蒲一 ,40\n".encode(encoding))
        with (tmp_path / "x.csv").open("rb") as file:
            assert dues_files.read(file) == [["姓名", "金额"], [], ["蒲一", "40"]]

    def test_may_not_be_longer_than_a_branch_needs(self, tmp_path: Path):
        (tmp_path / "x.csv").write_text("姓名\n" + "蒲一\n" * (dues_files.ROWS_MAX + 2))
        with (tmp_path / "x.csv").open("rb") as file, pytest.raises(dues_files.DuesFileUnreadable):
            dues_files.read(file)

    def test_pays_what_a_workbook_says(self, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        branch = a_branch(db)
        a_payer(db, branch=branch, name="蒲一")
        reckon(db, branch, "2026-11")
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        store, keeper = dues_documents.store(), an_administrator(db, branch)

        def a_file(*, merged: bool = False):
            out = io.BytesIO()
            with xlsxwriter.Workbook(out) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate((("姓名", "月份", "金额"), ("蒲一", "2026-11", 40.0))):
                    sheet.write_row(number, 0, row)
                if merged:
                    sheet.merge_range(3, 0, 3, 2, "合计")
            return store.put(io.BytesIO(out.getvalue()), name="x.xlsx", media_types={XLSX}, max_bytes=10**6)

        with pytest.raises(dues_files.DuesFileMerged):
            dues_files.pay_by_file(db, asked=PayDuesByFile(branch, a_file(merged=True)), actor=keeper, at=NOON)
        done = dues_files.pay_by_file(db, asked=PayDuesByFile(branch, a_file()), actor=keeper, at=NOON)
        assert done.amount_fen == 4_000
        broken = store.put(io.BytesIO(b'"'), name="x.csv", media_types={CSV}, max_bytes=10)
        with pytest.raises(dues_files.DuesFileUnreadable):
            dues_files.pay_by_file(db, asked=PayDuesByFile(branch, broken), actor=keeper, at=NOON)

    def test_what_was_sent_does_not_stay(self, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        sent = "姓名,月份,金额,身份证号\n蒲一,2026-11,40,370302198005179003\n".encode()
        stored = dues_documents.store().put(io.BytesIO(sent), name="x.csv", media_types={CSV}, max_bytes=10**6)
        branch = a_branch(db)
        asked, keeper = PayDuesByFile(branch, stored), an_administrator(db, branch)
        with pytest.raises(dues_files.DuesFileFaulty):
            dues_files.pay_by_file(db, asked=asked, actor=keeper, at=NOON)
        later = clock.now() + timedelta(days=2)
        assert dues_documents.forget(db, dues_documents.store(), at=later) == 1
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class TestArrears:
    def test_six_months_in_a_row_are_marked_until_a_reason_is_accepted(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town)
        person, other = a_payer(db, branch=branch, name="甲"), a_payer(db, branch=branch, name="乙")
        keeper = an_administrator(db, branch)
        months = [f"2026-{number:02}" for number in range(5, 12)]
        reckon(db, branch, *months)
        pay(db, branch, (other, "2026-08", 4_000))
        asked = DuesArrearsAsked(branch)
        found = {row.name: row for row in dues_arrears.arrears(db, asked, actor=keeper, at=NOON).items}
        assert {name: (row.months, row.in_a_row, row.is_marked) for name, row in found.items()} == {
            "甲": (6, 6, True),  # November is not over
            "乙": (5, 3, False),
        }
        officer = an_actor(("officer", path_of(db, town)))
        above = dues_sums.rollup(db, DuesRollupAsked(town, "2026-11"), actor=officer, at=NOON)
        assert (above.total.members_in_arrears, above.total.members_marked) == (2, 1)
        assert above.total.arrears_fen == 11 * 4_000
        assert dues_payments.remind(db, asked=RemindDues(branch), actor=keeper, at=NOON).reminded == 2
        assert dues_payments.remind(db, asked=RemindDues(branch), actor=keeper, at=NOON).reminded == 0
        mine = asked_of.own(db, actor=an_actor(("member", path_of(db, branch)), person=person), at=NOON)
        assert (mine.dues.reminders[0].months, mine.dues.is_marked, mine.bases[0].amount_fen) == (6, True, 400_000)
        noted = dues_payments.note(db, asked=NoteDuesArrears(person, False, "已谈话"), actor=keeper, at=NOON)
        assert noted.is_marked
        noted = dues_payments.note(db, asked=NoteDuesArrears(person, True, "住院治疗"), actor=keeper, at=NOON)
        assert not noted.is_marked
        marked = DuesArrearsAsked(branch, marked=True)
        assert dues_arrears.arrears(db, marked, actor=keeper, at=NOON).items == []

    def test_pages_go_on_where_the_last_one_ended(self, db: Connection):
        branch = a_branch(db)
        for name in "甲乙丙":
            a_payer(db, branch=branch, name=name)
        reckon(db, branch, "2026-10")
        keeper, names, cursor = an_administrator(db, branch), [], None
        while True:
            page = dues_arrears.arrears(db, DuesArrearsAsked(branch, limit=2, cursor=cursor), actor=keeper, at=NOON)
            names += [row.name for row in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert sorted(names) == sorted("甲乙丙")


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


class TestDocuments:
    @pytest.mark.parametrize(
        ("document", "form"), [("receipts", "pdf"), ("statement", "pdf"), ("statement", "xlsx"), ("rollup", "xlsx")]
    )
    def test_are_drawn_by_work_for_whoever_asked(self, database: Engine, tmp_path: Path, document: str, form: str):
        with database.begin() as db:
            branch = a_branch(db)
            person = a_payer(db, branch=branch, name="=蒲志明", amount_fen=777_700)
            reckon(db, branch, "2026-11")
            paid = pay(db, branch, (person, "2026-11", 11_666))
            keeper = an_administrator(db, branch)
            asked = MakeDuesDocument(document, form, branch, "2026-11", paid.receipts)
            made = dues_documents.ask(db, asked=asked, actor=keeper, at=NOON)
            assert "777700" not in db.execute(text("SELECT string_agg(params::text, '') FROM jobs")).scalar_one()
        files = FileStore(tmp_path)
        kinds = {
            dues_documents.JOB: Kind(
                dues_documents.JOB, lambda db, job, *, at: dues_documents.draw(db, files, job, at=at)
            )
        }
        assert jobs.run_one(database, kinds)
        with database.begin() as db:
            view = dues_documents.document(db, asked=DuesDocumentAsked(made.id), actor=keeper, at=NOON)
            assert (view.state, view.error) == ("done", None)
            drawn = files.open(view.file.sha256).read()
            assert drawn.startswith(b"%PDF-" if form == "pdf" else b"PK")
            with pytest.raises(NotFound):
                dues_documents.document(
                    db, asked=DuesDocumentAsked(made.id), actor=an_administrator(db, branch), at=NOON
                )

    def test_a_bounded_form_is_loaded_at_the_door(self):
        asked = load(MakeDuesDocument, {"document": "receipts", "format": "pdf"})
        assert (asked.receipt_ids, asked.month) == ([], None)


# ---- any order of acts -------------------------------------------------------------------------------------------

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
