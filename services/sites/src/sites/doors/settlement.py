"""Doors: settlement."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.sites.bank_statements import (
    BankStatementsAsked,
    BankStatementView,
    DifferenceView,
    ExplainDifference,
    ImportBankStatement,
    ReconciliationAsked,
    ReconciliationView,
)
from contracts.sites.batches import (
    BatchAsked,
    BatchesAsked,
    BatchLinesAsked,
    BatchReviewView,
    BatchView,
    HandOverBatch,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    PaymentFileAsked,
    RecordBankResults,
)
from contracts.sites.file_layouts import FileLayoutAsked, FileLayoutView, FilePreviewView, SetFileLayout
from contracts.sites.overpayments import (
    MoveOverpayment,
    OverpaymentsAsked,
    OverpaymentView,
    RecordRepayment,
    RefuseOverpayment,
    ReportOverpayment,
)
from contracts.sites.payees import (
    DecidePayeeChange,
    OpenPayeeAccount,
    PayeeAccountView,
    PayeeAsked,
    PayeeChangeView,
    PayeesAsked,
    PayeeView,
    ProposePayee,
    RefusePayeeChange,
)
from contracts.sites.publicity import (
    DecideObjection,
    Object,
    ObjectionsAsked,
    ObjectionView,
    PublicationAsked,
    PublicationsAsked,
    PublicationView,
)

from sites.doors.resources import Doors
from sites.operations import (
    batches,
    file_layouts,
    file_previews,
    objections,
    overpayments,
    payees,
    payment_files,
    reconciliation,
)
from sites.queries import batch_reviews, publicity
from sites.queries import batches as batch_queries
from sites.queries import overpayments as overpayment_queries
from sites.queries import payees as payee_queries
from sites.queries import reconciliation as reconciliation_queries


class SettlementDoors(Doors):
    """Doors: settlement."""

    @command(MakeBatch, returns=BatchView)
    def make_batch(self, asked: MakeBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatch, returns=BatchView)
    def approve_batch(self, asked: MoveBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatchWithReason, returns=BatchView)
    def reject_batch(self, asked: MoveBatchWithReason, *, actor: Actor, at: datetime) -> BatchView:
        return batches.reject(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(BatchAsked, returns=BatchView)
    def make_batch_of_failed(self, asked: BatchAsked, *, actor: Actor, at: datetime) -> BatchView:
        return batches.make_of_failed(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatch, returns=BatchView)
    def publish_batch(self, asked: MoveBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.publish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HandOverBatch, returns=BatchView)
    def hand_over_batch(self, asked: HandOverBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.hand_over(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PaymentFileAsked, returns=StoredFile)
    def payment_file(self, asked: PaymentFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return payment_files.payment_file(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @command(RecordBankResults, returns=BatchView)
    def record_bank_results(self, asked: RecordBankResults, *, actor: Actor, at: datetime) -> BatchView:
        return batches.record_bank_results(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(BatchesAsked, returns=Page)
    def batches(self, asked: BatchesAsked, *, actor: Actor, at: datetime) -> Page:
        return batch_queries.batches(self.database.transaction, asked=asked, actor=actor)

    @query(BatchAsked, returns=BatchView)
    def batch(self, asked: BatchAsked, *, actor: Actor, at: datetime) -> BatchView:
        return batch_queries.batch(self.database.transaction, asked.batch_id, actor=actor)

    @query(BatchLinesAsked, returns=Page)
    def batch_lines(self, asked: BatchLinesAsked, *, actor: Actor, at: datetime) -> Page:
        return batch_queries.batch_lines(self.database.transaction, asked=asked, actor=actor)

    @query(BatchAsked, returns=BatchReviewView)
    def batch_review(self, asked: BatchAsked, *, actor: Actor, at: datetime) -> BatchReviewView:
        return batch_reviews.review(self.database.transaction, asked.batch_id, actor=actor)

    # ---- layouts of files --------------------------------------------------------------------------------------------

    @query(FileLayoutAsked, returns=FileLayoutView)
    def file_layout(self, asked: FileLayoutAsked, *, actor: Actor, at: datetime) -> FileLayoutView:
        return file_previews.file_layout(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetFileLayout, returns=FileLayoutView)
    def set_file_layout(self, asked: SetFileLayout, *, actor: Actor, at: datetime) -> FileLayoutView:
        return file_layouts.set_layout(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(FileLayoutAsked, returns=Page)
    def file_layouts(self, asked: FileLayoutAsked, *, actor: Actor, at: datetime) -> Page:
        return file_layouts.file_layouts_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetFileLayout, returns=FilePreviewView)
    def preview_file_layout(self, asked: SetFileLayout, *, actor: Actor, at: datetime) -> FilePreviewView:
        return file_previews.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- payees ------------------------------------------------------------------------------------------------------

    @query(PayeesAsked, returns=Page)
    def payees(self, asked: PayeesAsked, *, actor: Actor, at: datetime) -> Page:
        return payee_queries.payees(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PayeeAsked, returns=PayeeView)
    def payee(self, asked: PayeeAsked, *, actor: Actor, at: datetime) -> PayeeView:
        return payee_queries.payee(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ProposePayee, returns=PayeeChangeView)
    def propose_payee(self, asked: ProposePayee, *, actor: Actor, at: datetime) -> PayeeChangeView:
        return payees.propose(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecidePayeeChange, returns=PayeeChangeView)
    def confirm_payee(self, asked: DecidePayeeChange, *, actor: Actor, at: datetime) -> PayeeChangeView:
        return payees.confirm(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RefusePayeeChange, returns=PayeeChangeView)
    def refuse_payee(self, asked: RefusePayeeChange, *, actor: Actor, at: datetime) -> PayeeChangeView:
        return payees.refuse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OpenPayeeAccount, returns=PayeeAccountView, shows_once=True)
    def open_payee_account(self, asked: OpenPayeeAccount, *, actor: Actor, at: datetime) -> PayeeAccountView:
        return payees.open_account(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- publicity ---------------------------------------------------------------------------------------------------

    @query(PublicationsAsked, returns=Page, public=True)
    def publications(self, asked: PublicationsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return publicity.publications(self.database.transaction, asked=asked, at=at)

    @query(PublicationAsked, returns=PublicationView, public=True)
    def publication(self, asked: PublicationAsked, *, actor: Actor | None, at: datetime) -> PublicationView:
        return publicity.publication(self.database.transaction, asked=asked, at=at)

    @command(Object, returns=ObjectionView)
    def object_to_payment(self, asked: Object, *, actor: Actor, at: datetime) -> ObjectionView:
        return objections.object_to(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ObjectionsAsked, returns=Page)
    def objections(self, asked: ObjectionsAsked, *, actor: Actor, at: datetime) -> Page:
        return publicity.objections(self.database.transaction, asked=asked, actor=actor)

    @command(DecideObjection, returns=ObjectionView)
    def decide_objection(self, asked: DecideObjection, *, actor: Actor, at: datetime) -> ObjectionView:
        return objections.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- overpayments ------------------------------------------------------------------------------------------------

    @query(OverpaymentsAsked, returns=Page)
    def overpayments(self, asked: OverpaymentsAsked, *, actor: Actor, at: datetime) -> Page:
        return overpayment_queries.overpayments(self.database.transaction, asked=asked, actor=actor)

    @command(ReportOverpayment, returns=OverpaymentView)
    def report_overpayment(self, asked: ReportOverpayment, *, actor: Actor, at: datetime) -> OverpaymentView:
        return overpayments.report(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveOverpayment, returns=OverpaymentView)
    def confirm_overpayment(self, asked: MoveOverpayment, *, actor: Actor, at: datetime) -> OverpaymentView:
        return overpayments.confirm(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RefuseOverpayment, returns=OverpaymentView)
    def refuse_overpayment(self, asked: RefuseOverpayment, *, actor: Actor, at: datetime) -> OverpaymentView:
        return overpayments.refuse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordRepayment, returns=OverpaymentView)
    def record_repayment(self, asked: RecordRepayment, *, actor: Actor, at: datetime) -> OverpaymentView:
        return overpayments.repay(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- the bank's statements ---------------------------------------------------------------------------------------

    @command(ImportBankStatement, returns=BankStatementView)
    def import_bank_statement(self, asked: ImportBankStatement, *, actor: Actor, at: datetime) -> BankStatementView:
        return reconciliation.import_statement(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(BankStatementsAsked, returns=Page)
    def bank_statements(self, asked: BankStatementsAsked, *, actor: Actor, at: datetime) -> Page:
        return reconciliation_queries.statements(self.database.transaction, asked=asked, actor=actor)

    @query(ReconciliationAsked, returns=ReconciliationView)
    def reconciliation(self, asked: ReconciliationAsked, *, actor: Actor, at: datetime) -> ReconciliationView:
        return reconciliation_queries.reconciliation(self.database.transaction, asked=asked, actor=actor)

    @command(ExplainDifference, returns=DifferenceView)
    def explain_difference(self, asked: ExplainDifference, *, actor: Actor, at: datetime) -> DifferenceView:
        return reconciliation.explain(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ExplainDifference, returns=DifferenceView)
    def close_difference(self, asked: ExplainDifference, *, actor: Actor, at: datetime) -> DifferenceView:
        return reconciliation.close(self.database.transaction, asked=asked, actor=actor, at=at)
