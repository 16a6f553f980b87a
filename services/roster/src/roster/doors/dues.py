"""Doors: dues, from the table of rates to a district's sums."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.roster.dues import (
    AssessDues,
    CorrectDues,
    DuesAssessed,
    DuesMonthAsked,
    DuesMonthView,
    MemberDuesAsked,
    MemberDuesView,
    MyDuesAsked,
    MyDuesView,
)
from contracts.roster.dues_arrears import DuesArrearsAsked, DuesNoted, DuesReminded, NoteDuesArrears, RemindDues
from contracts.roster.dues_bases import (
    ConfirmDuesBases,
    DuesBaseOpened,
    DuesConfirmed,
    DuesMembersAsked,
    DuesReliefView,
    EndDuesRelief,
    GrantDuesRelief,
    OpenDuesBase,
    SetDuesBase,
)
from contracts.roster.dues_documents import DuesDocumentAsked, DuesDocumentView, MakeDuesDocument
from contracts.roster.dues_payments import (
    CloseDuesMonth,
    DuesHandedUp,
    DuesPaidView,
    DuesReceiptAsked,
    DuesReceiptsAsked,
    DuesReceiptView,
    HandUpDues,
    PayDues,
    PayDuesByFile,
    ReverseDuesReceipt,
)
from contracts.roster.dues_sums import DuesRollupAsked, DuesRollupView
from contracts.roster.dues_tables import DuesTablesAsked, DuesTablesView, SetDuesTable

from roster.doors.resources import Doors
from roster.operations import dues, dues_documents, dues_files, dues_payments
from roster.queries import dues as asked_of
from roster.queries import dues_arrears, dues_receipts, dues_sums


class DuesDoors(Doors):
    """Doors: dues, from the table of rates to a district's sums."""

    @query(DuesTablesAsked, returns=DuesTablesView)
    def dues_tables(self, asked: DuesTablesAsked, *, actor: Actor, at: datetime) -> DuesTablesView:
        """The tables of rates."""
        return asked_of.tables(self.database.transaction, actor=actor, at=at)

    @command(SetDuesTable, returns=DuesTablesView)
    def set_dues_table(self, asked: SetDuesTable, *, actor: Actor, at: datetime) -> DuesTablesView:
        """Set a table of rates from a month to come on."""
        return dues.set_table(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- bases and reliefs ---------------------------------------------------------------------------------------

    @query(DuesMembersAsked, returns=Page, recorded=True)
    def dues_members(self, asked: DuesMembersAsked, *, actor: Actor, at: datetime) -> Page:
        """A branch's members with what their dues are reckoned from, without amounts."""
        return asked_of.members_page(self.database.transaction, asked, actor=actor, at=at)

    @query(MemberDuesAsked, returns=MemberDuesView, recorded=True)
    def member_dues(self, asked: MemberDuesAsked, *, actor: Actor, at: datetime) -> MemberDuesView:
        """One member's dues."""
        return asked_of.member(self.database.transaction, asked, actor=actor, at=at)

    @query(MyDuesAsked, returns=MyDuesView)
    def my_dues(self, asked: MyDuesAsked, *, actor: Actor, at: datetime) -> MyDuesView:
        """My own dues."""
        return asked_of.own(self.database.transaction, actor=actor, at=at)

    @command(SetDuesBase, returns=MemberDuesView)
    def set_dues_base(self, asked: SetDuesBase, *, actor: Actor, at: datetime) -> MemberDuesView:
        """Say what a member's dues are reckoned from."""
        return dues.set_base(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ConfirmDuesBases, returns=DuesConfirmed)
    def confirm_dues_bases(self, asked: ConfirmDuesBases, *, actor: Actor, at: datetime) -> DuesConfirmed:
        """Confirm bases for this year."""
        return dues.confirm_bases(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OpenDuesBase, returns=DuesBaseOpened, shows_once=True)
    def open_dues_base(self, asked: OpenDuesBase, *, actor: Actor, at: datetime) -> DuesBaseOpened:
        """Open what a member's dues are reckoned from, for a purpose."""
        return dues.open_base(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(GrantDuesRelief, returns=DuesReliefView)
    def grant_dues_relief(self, asked: GrantDuesRelief, *, actor: Actor, at: datetime) -> DuesReliefView:
        """Exempt a member or reduce their dues for some months."""
        return dues.grant_relief(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndDuesRelief, returns=DuesReliefView)
    def end_dues_relief(self, asked: EndDuesRelief, *, actor: Actor, at: datetime) -> DuesReliefView:
        """End a relief before its time."""
        return dues.end_relief(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- a month -------------------------------------------------------------------------------------------------

    @query(DuesMonthAsked, returns=DuesMonthView, recorded=True)
    def dues_month(self, asked: DuesMonthAsked, *, actor: Actor, at: datetime) -> DuesMonthView:
        """A branch's month."""
        return asked_of.month(self.database.transaction, asked, actor=actor, at=at)

    @command(AssessDues, returns=DuesAssessed)
    def assess_dues(self, asked: AssessDues, *, actor: Actor, at: datetime) -> DuesAssessed:
        """Reckon a branch's month."""
        return dues.assess(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CorrectDues, returns=MemberDuesView)
    def correct_dues(self, asked: CorrectDues, *, actor: Actor, at: datetime) -> MemberDuesView:
        """Correct what a member owes for a month."""
        return dues.correct(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PayDues, returns=DuesPaidView)
    def pay_dues(self, asked: PayDues, *, actor: Actor, at: datetime) -> DuesPaidView:
        """Write down who paid, with receipts."""
        return dues_payments.pay(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PayDuesByFile, returns=DuesPaidView)
    def pay_dues_by_file(self, asked: PayDuesByFile, *, actor: Actor, at: datetime) -> DuesPaidView:
        """Write down what a file says was paid."""
        return dues_files.pay_by_file(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DuesReceiptsAsked, returns=Page)
    def dues_receipts(self, asked: DuesReceiptsAsked, *, actor: Actor, at: datetime) -> Page:
        """A branch's receipts."""
        return dues_receipts.receipts(self.database.transaction, asked, actor=actor)

    @query(DuesReceiptAsked, returns=DuesReceiptView)
    def dues_receipt(self, asked: DuesReceiptAsked, *, actor: Actor, at: datetime) -> DuesReceiptView:
        """One receipt."""
        return dues_receipts.receipt(self.database.transaction, asked, actor=actor)

    @command(ReverseDuesReceipt, returns=DuesReceiptView)
    def reverse_dues_receipt(self, asked: ReverseDuesReceipt, *, actor: Actor, at: datetime) -> DuesReceiptView:
        """Take a receipt's payments back."""
        return dues_payments.reverse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HandUpDues, returns=DuesHandedUp)
    def hand_up_dues(self, asked: HandUpDues, *, actor: Actor, at: datetime) -> DuesHandedUp:
        """Write down what a branch handed up."""
        return dues_payments.hand_up(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseDuesMonth, returns=DuesMonthView)
    def close_dues_month(self, asked: CloseDuesMonth, *, actor: Actor, at: datetime) -> DuesMonthView:
        """Close a branch's month."""
        return dues_payments.close(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- arrears and sums ----------------------------------------------------------------------------------------

    @query(DuesArrearsAsked, returns=Page, recorded=True)
    def dues_arrears(self, asked: DuesArrearsAsked, *, actor: Actor, at: datetime) -> Page:
        """Who has not paid for months that are over."""
        return dues_arrears.arrears(self.database.transaction, asked, actor=actor, at=at)

    @command(RemindDues, returns=DuesReminded)
    def remind_dues(self, asked: RemindDues, *, actor: Actor, at: datetime) -> DuesReminded:
        """Remind members of their arrears."""
        return dues_payments.remind(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(NoteDuesArrears, returns=DuesNoted)
    def note_dues_arrears(self, asked: NoteDuesArrears, *, actor: Actor, at: datetime) -> DuesNoted:
        """Write down what was done about a member's arrears."""
        return dues_payments.note(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DuesRollupAsked, returns=DuesRollupView)
    def dues_rollup(self, asked: DuesRollupAsked, *, actor: Actor, at: datetime) -> DuesRollupView:
        """A month of a part of the tree in sums."""
        return dues_sums.rollup(self.database.transaction, asked, actor=actor, at=at)

    # ---- documents -----------------------------------------------------------------------------------------------

    @command(MakeDuesDocument, returns=DuesDocumentView)
    def make_dues_document(self, asked: MakeDuesDocument, *, actor: Actor, at: datetime) -> DuesDocumentView:
        """Have a document drawn, in the background."""
        return dues_documents.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DuesDocumentAsked, returns=DuesDocumentView)
    def dues_document(self, asked: DuesDocumentAsked, *, actor: Actor, at: datetime) -> DuesDocumentView:
        """How far a document is."""
        return dues_documents.document(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DuesDocumentAsked, returns=StoredFile, recorded=True)
    def dues_document_file(self, asked: DuesDocumentAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """The reference to a document's file."""
        return dues_documents.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
