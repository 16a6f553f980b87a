"""What somebody with bad intent tries on claims, payees, batches, the bank's files and the books, and does not get."""

import io
import resource
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from chassis.actors import Actor, Forbidden, Grant, TokenTooOld
from chassis.refusals import Refusal
from contracts.envelope import load
from contracts.sites.batches import MoveBatch
from contracts.sites.claims import AppealClaim, ClaimsAsked, EnterInvoice, MoveClaim, MoveClaims, MoveClaimWithReason
from contracts.sites.overpayments import RecordRepayment, RefuseOverpayment, ReportOverpayment
from contracts.sites.payees import ProposePayee
from contracts.sites.policies import ReplayPolicy
from contracts.sites.proofs import VerifyLedger
from contracts.sites.publicity import Object
from marshmallow import ValidationError
from sites.domain.bank_results import BankAmountDiffers, BankCellInvalid
from sites.domain.bank_statements import TableLayout, statement_in_camt, statement_in_table
from sites.domain.batches import NothingToSettle
from sites.domain.claim_appeals import NothingToAppeal
from sites.domain.claims import OwnSiteOrBranch
from sites.domain.file_layouts import DEFAULT_STATEMENT
from sites.operations import bank_files, claim_appeals, claim_papers, claims, overpayments, policy_replays, proofs
from sites.operations.bank_files import BankFileUnreadable
from sites.operations.policy_replays import TooManyReplays
from sites.queries import claims as claim_queries
from sites.queries.policy_replays import replay_for
from sqlalchemy import Connection, Engine, text

from tests.articles import wait_until_somebody_waits
from tests.sites.articles import DISTRICT, NOON, a_steward, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_bank_file,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_auditor,
    books,
    brings,
    confirmed,
    confirms,
    decides,
    makes,
    objects,
    overpaid,
    proposes,
    publishes,
    submitted,
    takes_file,
    the_claim,
    the_id,
)
from tests.sites.policies import a_draft


def with_hats(actor: Actor, *roles: str) -> Actor:
    """The same person with more roles, in the whole district, and a token signed just now."""
    return replace(actor, grants=(*actor.grants, *(Grant(role, DISTRICT) for role in roles)), issued_at=CLOSED)


@pytest.fixture
def fund(db: Connection) -> UUID:
    """A fund of which two persons pay, with money."""
    return money_in_the_fund(db)


class TestWhoKeepsTheSite:
    """By person and not by role: whoever keeps a site decides nothing about its money (precise rule 9)."""

    def test_confirms_no_account_for_it(self, db: Connection, fund: UUID) -> None:
        visit = a_visit(db)
        change = proposes(db, visit.site)
        for role in ("preparer", "approver"):
            with pytest.raises(OwnSiteOrBranch):
                confirms(db, change, by=with_hats(a_steward(visit.site), role))
        assert confirms(db, change).state == "confirmed"

    def test_turns_no_report_of_an_overpayment_down_and_records_no_repayment(
        self, db: Connection, fund: UUID, tmp_path: Path
    ) -> None:
        visit = a_visit(db)
        batch = an_approved_batch(db, visit)
        brings(db, tmp_path, batch, a_bank_file(batch))
        keeper = with_hats(visit.steward, "preparer", "payer")
        reported = overpaid(db, visit.claim_id, confirmed=False)
        with pytest.raises(OwnSiteOrBranch):
            overpayments.refuse(db, asked=RefuseOverpayment(reported, "没有多付"), actor=keeper, at=CLOSED)
        owed = overpaid(db, visit.claim_id)
        with pytest.raises(OwnSiteOrBranch):
            overpayments.repay(db, asked=RecordRepayment(owed, 20_00, "BANK9"), actor=keeper, at=CLOSED)

    def test_takes_their_own_report_back(self, db: Connection, fund: UUID, tmp_path: Path) -> None:
        visit = a_visit(db)
        batch = an_approved_batch(db, visit)
        brings(db, tmp_path, batch, a_bank_file(batch))
        keeper = with_hats(visit.steward, "preparer")
        asked = ReportOverpayment(claim_id=the_id(visit), amount_fen=1, reason="自查")
        made = overpayments.report(db, asked=asked, actor=keeper, at=CLOSED)
        refused = overpayments.refuse(db, asked=RefuseOverpayment(made.id, "算错了"), actor=keeper, at=CLOSED)
        assert refused.state == "refused"


class TestAClaim:
    def test_lowered_once_and_sent_back_is_not_raised_by_that_again(self, db: Connection) -> None:
        money_in_the_fund(db, publicity_days=5)
        visit = a_visit(db)
        confirmed(db, visit)
        lowered = MoveClaim(claim_id=the_id(visit), approved_fen=300_00, code="amount_wrong")
        claims.approve(db, asked=lowered, actor=a_preparer(), at=CLOSED)
        batch = publishes(db, makes(db))
        objection = objects(db, batch.lines[0].id, by=visit.secretary)
        decides(db, objection, "upheld")
        confirmed(db, visit)
        many = claims.approve_many(db, asked=MoveClaims(claim_ids=[the_id(visit)]), actor=a_preparer(), at=CLOSED)
        assert [item.approved_fen for item in many.items] == [300_00]
        assert the_claim(db, visit).lowered_fen == 0
        with pytest.raises(NothingToAppeal):
            claim_appeals.appeal(db, asked=AppealClaim(the_id(visit), "请补足"), actor=visit.steward, at=CLOSED)
        assert sum(fen for account, fen in books(db).items() if account.startswith("payable")) == 300_00

    def test_under_appeal_is_not_put_into_a_batch_meanwhile(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db)
            visit = a_visit(db)
            confirmed(db, visit)
            lowered = MoveClaim(claim_id=the_id(visit), approved_fen=300_00, code="amount_wrong")
            claims.approve(db, asked=lowered, actor=a_preparer(), at=CLOSED)
        appealing = database.connect()
        claim_appeals.appeal(appealing, asked=AppealClaim(the_id(visit), "请补足"), actor=visit.steward, at=CLOSED)
        said: list[str] = []

        def batches() -> None:
            try:
                with database.begin() as db:
                    makes(db)
            except NothingToSettle:
                said.append("nothing to settle")

        other = threading.Thread(target=batches)
        other.start()
        wait_until_somebody_waits(database)
        appealing.commit()
        appealing.close()
        other.join()
        assert said == ["nothing to settle"]

    def test_tells_its_site_and_branch_nothing_of_others(self, db: Connection, fund: UUID) -> None:
        first, second = a_visit(db), a_visit(db)
        for visit in (first, second):
            invoice = EnterInvoice(the_id(visit), "12345678", "某公司", NOON.date(), 400_00)
            claim_papers.enter_invoice(db, asked=invoice, actor=visit.steward, at=CLOSED)
            submitted(db, visit)
        (mark,) = [one for one in the_claim(db, second).anomalies if one.rule == "duplicate_invoice"]
        assert (mark.facts["site"], mark.other_claim_id) == (first.site.name, first.claim_id)
        for actor in (second.steward, second.secretary):
            listed = claim_queries.claims(db, asked=ClaimsAsked(), actor=actor).items
            for view in (claim_queries.claim(db, the_id(second), actor=actor), *listed):
                (told,) = [one for one in view.anomalies if one.rule == "duplicate_invoice"]
                assert (told.facts, told.other_claim_id) == ({}, None)

    @pytest.mark.parametrize("blank", ["", " ", "\u3000\u3000"])
    def test_takes_no_reason_without_a_word(self, blank: str) -> None:
        told = {"claim_id": str(uuid4()), "reason": blank}
        for message in (MoveClaim, MoveClaimWithReason):
            with pytest.raises(ValidationError, match="reason"):
                load(message, told)
        with pytest.raises(ValidationError, match="minutes_number"):
            load(MoveBatch, {"batch_id": str(uuid4()), "minutes_number": blank})
        with pytest.raises(ValidationError, match="on_paper_from"):
            load(Object, {"line_id": str(uuid4()), "reason": "x", "on_paper_from": blank})


class TestThePaymentFile:
    def test_shows_all_account_numbers_to_a_fresh_token_alone(self, db: Connection, fund: UUID, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db))
        stale = replace(a_preparer(), issued_at=CLOSED - timedelta(seconds=61))
        with pytest.raises(TokenTooOld):
            takes_file(db, tmp_path, batch, by=stale)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("sign", ["\x01", "\x1b", "\x7f", "\n", "\u2028", "\u202e", "\ufffe"])
    def test_has_no_payee_whose_name_no_bank_can_read(self, sign: str) -> None:
        wanted = {"site_id": str(uuid4()), "account": "6222000000000001", "bank": "银行", "bank_code": "102453000001"}
        wanted |= {"credit_code": "91350100M000100Y43", "reason": "换行"}
        assert load(ProposePayee, {**wanted, "name": "某单位"})
        with pytest.raises(ValidationError, match="name"):
            load(ProposePayee, {**wanted, "name": f"某{sign}单位"})


class TestTheBanksFile:
    @pytest.mark.parametrize(
        "cell",
        ["-400.00", "1e9999999", "4e2", "NaN", "Infinity", "４００", "4_00", "0x190", "=1+1", "9" * 40, "400.001"],
    )
    def test_has_amounts_as_banks_write_them(self, db: Connection, fund: UUID, tmp_path: Path, cell: str) -> None:
        batch = an_approved_batch(db, a_visit(db))
        content = f"line_id,result,amount,reference,reason\n{batch.lines[0].id},paid,{cell},B1,\n"
        with pytest.raises((BankCellInvalid, BankAmountDiffers)):
            brings(db, tmp_path, batch, content)

    @pytest.mark.parametrize("amount", ["1e9999999", "-1e9999999", "1e-9999999", "NaN", "sNaN", "Infinity", "", "--5"])
    def test_has_a_statement_s_amounts_refused_and_never_counted(self, amount: str) -> None:
        heading = [column.heading for column in DEFAULT_STATEMENT.columns]
        layout = TableLayout({column.field: column.heading for column in DEFAULT_STATEMENT.columns})
        row = {"booked_on": "2026-11-12", "amount_out": amount, "balance": "5"}
        cells = [row.get(column.field, "") for column in DEFAULT_STATEMENT.columns]
        with pytest.raises(Refusal):
            statement_in_table([heading, cells], layout)
        head = {"first_on": None, "last_on": None, "opening": "0", "closing": "0"}
        names = ["booked_on", "amount", "reference", "end_to_end_id", "counterparty", "note"]
        with pytest.raises(Refusal):
            statement_in_camt(head, [names, ["2026-11-12", amount, "", "", "", ""]])
        with pytest.raises(Refusal):
            statement_in_camt({**head, "opening": amount}, [names, ["2026-11-12", "1", "", "", "", ""]])

    def test_is_answered_shortly_whatever_stands_in_its_cells(self, db: Connection, fund: UUID, tmp_path: Path) -> None:
        batch = an_approved_batch(db, a_visit(db), a_visit(db))
        long = "x" * 100_000
        rows = [f"{line.id},{long},{line.amount_fen // 100},B1," for line in batch.lines]
        with pytest.raises(BankCellInvalid) as refused:
            brings(db, tmp_path, batch, "\n".join(["line_id,result,amount,reference,reason", *rows]))
        assert len(str(refused.value)) + len(str(refused.value.params)) < 2000

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(lambda: ("一" * 100_000 + ",b\n") * 300, id="long cells"),
            pytest.param(lambda: "a\x00b,c\n", id="NUL"),
            pytest.param(lambda: a_shared_string("x" * 30_000, rows=8_000), id="a workbook that repeats one string"),
        ],
    )
    def test_brings_no_more_text_than_a_bank_writes(self, content: Any) -> None:
        made = content()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(BankFileUnreadable):
            bank_files.rows_of(io.BytesIO(made if isinstance(made, bytes) else made.encode()))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024

    @pytest.mark.parametrize(
        "content",
        [
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
            '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><Document>&y;</Document>',
            '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><Document/>',
            "<a>" * 200_000,
            "<Document><CstmrPmtStsRpt/></Document",
            "<Document/>",
        ],
    )
    def test_is_no_xml_that_reaches_out_or_grows(self, content: str) -> None:
        with pytest.raises(BankFileUnreadable):
            bank_files.read(io.BytesIO(content.encode()))


class TestHeavyWork:
    def test_a_replay_waits_for_one_s_last(self, db: Connection, fund: UUID) -> None:
        preparer, other = a_preparer(), a_preparer("另一人")
        draft = a_draft(db)
        asked = ReplayPolicy(draft.id, "2026-01", "2026-11")
        for _ in range(policy_replays.AT_ONCE_MAX):
            policy_replays.ask(db, asked=asked, actor=preparer, at=NOON)
        with pytest.raises(TooManyReplays):
            policy_replays.ask(db, asked=asked, actor=preparer, at=NOON)
        policy_replays.ask(db, asked=asked, actor=other, at=NOON)
        db.execute(text("UPDATE jobs SET state = 'done'"))
        policy_replays.ask(db, asked=asked, actor=preparer, at=NOON)

    def test_a_proof_that_runs_is_not_asked_for_twice(self, db: Connection, fund: UUID) -> None:
        auditor = an_auditor()
        first = proofs.ask(db, asked=VerifyLedger(), actor=auditor, at=NOON)
        assert proofs.ask(db, asked=VerifyLedger(), actor=auditor, at=NOON).id == first.id
        assert proofs.ask(db, asked=VerifyLedger(), actor=an_auditor(), at=NOON).id != first.id
        db.execute(text("UPDATE jobs SET state = 'done'"))
        assert proofs.ask(db, asked=VerifyLedger(), actor=auditor, at=NOON).id != first.id


def test_a_replay_of_all_funds_is_read_by_who_oversees_them_all(db: Connection, fund: UUID) -> None:
    draft = a_draft(db)
    made = policy_replays.ask(db, asked=ReplayPolicy(draft.id, "2026-11", "2026-11"), actor=a_preparer(), at=NOON)
    assert replay_for(db, made.id, actor=an_auditor()).id == made.id
    with pytest.raises(Forbidden):
        replay_for(db, made.id, actor=an_auditor(f"{DISTRICT}.2"))


def a_shared_string(content: str, *, rows: int) -> bytes:
    """A small workbook that says one long string in each of its rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(rows):
            sheet.write_string(row, 0, content)
    return out.getvalue()
