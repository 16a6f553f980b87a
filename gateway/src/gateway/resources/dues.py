"""Dues: rates, bases, a branch's months, payments and receipts, arrears, sums over the tree, documents for print."""

from typing import Final
from uuid import UUID

from chassis.files import CSV, PDF, XLSX
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
from contracts.roster.dues_arrears import (
    DuesArrearsAsked,
    DuesArrearsView,
    DuesNoted,
    DuesReminded,
    NoteDuesArrears,
    RemindDues,
)
from contracts.roster.dues_bases import (
    ConfirmDuesBases,
    DuesBaseOpened,
    DuesConfirmed,
    DuesMembersAsked,
    DuesMemberView,
    DuesReliefView,
    EndDuesRelief,
    GrantDuesRelief,
    OpenDuesBase,
    SetDuesBase,
)
from contracts.roster.dues_documents import DUES_FOLDER, DuesDocumentAsked, DuesDocumentView, MakeDuesDocument
from contracts.roster.dues_payments import (
    CloseDuesMonth,
    DuesHandedUp,
    DuesPaidView,
    DuesReceiptAsked,
    DuesReceiptsAsked,
    DuesReceiptView,
    HandUpDues,
    PayDues,
    ReverseDuesReceipt,
)
from contracts.roster.dues_sums import DuesRollupAsked, DuesRollupView
from contracts.roster.dues_tables import DuesTablesAsked, DuesTablesView, SetDuesTable
from flask import Response, request

from gateway.clients.roster import dues as doors
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.resources.settlement_batches import stored_file, uploaded

dues = Noun("dues")
DUES_FILES: Final = (CSV, XLSX)
_BRANCH: Final = "/organisations/<uuid:organisation_id>"
_MEMBER: Final = "/members/<uuid:person_id>"
PAYING: Final = (
    *("token-too-old", "not-found", "not-a-branch", "nothing-assessed", "dues-month-closed", "dues-month-ahead"),
    *("dues-not-assessed", "dues-paid-already", "dues-amount-differs"),
)

# ---- the table of rates ------------------------------------------------------------------------------------------

dues.read("/dues-tables", doors.dues_tables, needs=("read_dues_tables",), takes=DuesTablesAsked, answers=DuesTablesView)
dues.act(
    "/dues-tables",
    doors.set_dues_table,
    needs=("set_dues_table",),
    takes=SetDuesTable,
    answers=DuesTablesView,
    status=201,
    refusals=("token-too-old", "table-month-begun", "bands-not-right", "precondition-failed"),
)

# ---- what a member's dues are reckoned from ----------------------------------------------------------------------

dues.read(
    f"{_BRANCH}/dues-members",
    doors.dues_members,
    needs=("read_dues",),
    takes=DuesMembersAsked,
    answers=Many(DuesMemberView),
    refusals=("not-found",),
)
dues.act(
    f"{_BRANCH}/dues-confirmations",
    doors.confirm_dues_bases,
    needs=("set_dues_base",),
    takes=ConfirmDuesBases,
    answers=DuesConfirmed,
    refusals=("not-found", "not-a-branch", "no-dues-base"),
)
dues.read(
    f"{_MEMBER}/dues",
    doors.member_dues,
    needs=("read_dues",),
    takes=MemberDuesAsked,
    answers=MemberDuesView,
    refusals=("not-found",),
)
dues.read(
    "/me/dues", doors.my_dues, needs=("read_own_dues",), takes=MyDuesAsked, answers=MyDuesView, refusals=("not-found",)
)
dues.act(
    f"{_MEMBER}/dues-bases",
    doors.set_dues_base,
    needs=("set_dues_base",),
    takes=SetDuesBase,
    answers=MemberDuesView,
    status=201,
    refusals=("not-found", "base-out-of-bounds", "base-too-small", "base-month-too-far"),
)
dues.act(
    f"{_MEMBER}/dues-base-views",
    doors.open_dues_base,
    needs=("open_dues_base",),
    takes=OpenDuesBase,
    answers=DuesBaseOpened,
    status=201,
    refusals=("token-too-old", "not-found", "shown-once"),
)
dues.act(
    f"{_MEMBER}/dues-reliefs",
    doors.grant_dues_relief,
    needs=("assess_dues",),
    takes=GrantDuesRelief,
    answers=DuesReliefView,
    status=201,
    refusals=("not-found", "relief-already", "relief-too-long"),
)
dues.act(
    "/dues-reliefs/<uuid:relief_id>/end",
    doors.end_dues_relief,
    needs=("assess_dues",),
    takes=EndDuesRelief,
    answers=DuesReliefView,
    refusals=("not-found",),
)
dues.act(
    f"{_MEMBER}/dues-corrections",
    doors.correct_dues,
    needs=("correct_dues",),
    takes=CorrectDues,
    answers=MemberDuesView,
    status=201,
    refusals=("token-too-old", "not-found", "dues-corrected-already", "nothing-assessed"),
)
dues.act(
    f"{_MEMBER}/dues-notes",
    doors.note_dues_arrears,
    needs=("remind_dues",),
    takes=NoteDuesArrears,
    answers=DuesNoted,
    status=201,
    refusals=("not-found", "nothing-in-arrears"),
)

# ---- a branch's months -------------------------------------------------------------------------------------------

dues.read(
    f"{_BRANCH}/dues-month",
    doors.dues_month,
    needs=("read_dues",),
    takes=DuesMonthAsked,
    answers=DuesMonthView,
    refusals=("not-found",),
)
dues.act(
    f"{_BRANCH}/dues-assessments",
    doors.assess_dues,
    needs=("assess_dues",),
    takes=AssessDues,
    answers=DuesAssessed,
    status=201,
    refusals=("not-found", "not-a-branch", "dues-month-ahead", "dues-month-closed"),
)
dues.act(
    f"{_BRANCH}/dues-payments",
    doors.pay_dues,
    needs=("collect_dues",),
    takes=PayDues,
    answers=DuesPaidView,
    status=201,
    refusals=PAYING,
)
dues.read(
    f"{_BRANCH}/dues-receipts",
    doors.dues_receipts,
    needs=("read_dues",),
    takes=DuesReceiptsAsked,
    answers=Many(DuesReceiptView),
    refusals=("not-found",),
)
dues.read(
    "/dues-receipts/<uuid:receipt_id>",
    doors.dues_receipt,
    needs=("read_dues", "read_own_dues"),
    takes=DuesReceiptAsked,
    answers=DuesReceiptView,
    refusals=("not-found",),
)
dues.act(
    "/dues-receipts/<uuid:receipt_id>/reversal",
    doors.reverse_dues_receipt,
    needs=("reverse_dues",),
    takes=ReverseDuesReceipt,
    answers=DuesReceiptView,
    refusals=("token-too-old", "not-found", "receipt-reversed", "dues-cash-short"),
)
dues.act(
    f"{_BRANCH}/dues-hand-ups",
    doors.hand_up_dues,
    needs=("collect_dues",),
    takes=HandUpDues,
    answers=DuesHandedUp,
    status=201,
    refusals=(
        *("token-too-old", "not-found", "not-a-branch", "nothing-assessed", "dues-month-closed", "dues-cash-short"),
    ),
)
dues.act(
    f"{_BRANCH}/dues-closings",
    doors.close_dues_month,
    needs=("close_dues_month",),
    takes=CloseDuesMonth,
    answers=DuesMonthView,
    status=201,
    refusals=(
        *("token-too-old", "not-found", "not-a-branch", "nothing-assessed", "dues-month-closed"),
        *("dues-month-not-over", "dues-month-not-next", "dues-changed"),
    ),
)

# ---- arrears, sums -----------------------------------------------------------------------------------------------

dues.read(
    f"{_BRANCH}/dues-arrears",
    doors.dues_arrears,
    needs=("read_dues",),
    takes=DuesArrearsAsked,
    answers=Many(DuesArrearsView),
    refusals=("not-found",),
)
dues.act(
    f"{_BRANCH}/dues-reminders",
    doors.remind_dues,
    needs=("remind_dues",),
    takes=RemindDues,
    answers=DuesReminded,
    status=201,
    refusals=("not-found", "not-a-branch"),
)
dues.read(
    f"{_BRANCH}/dues-sums",
    doors.dues_rollup,
    needs=("read_dues_sums",),
    takes=DuesRollupAsked,
    answers=DuesRollupView,
    refusals=("not-found",),
)

# ---- documents ---------------------------------------------------------------------------------------------------

dues.act(
    "/dues-documents",
    doors.make_dues_document,
    needs=("read_dues", "read_dues_sums", "read_own_dues"),
    takes=MakeDuesDocument,
    answers=DuesDocumentView,
    status=202,
    refusals=("not-found", "too-many-dues-documents"),
    located=True,
)
dues.read(
    "/dues-documents/<uuid:job_id>",
    doors.dues_document,
    needs=("read_dues", "read_dues_sums", "read_own_dues"),
    takes=DuesDocumentAsked,
    answers=DuesDocumentView,
    refusals=("not-found",),
)


def payment_file(organisation_id: UUID) -> Response:
    """Take a file of payments into the file store and write down what it says."""
    who = must("collect_dues")
    fields = {
        "organisation_id": organisation_id,
        "file": uploaded(DUES_FILES, folder=DUES_FOLDER),
        **{name: text for name in ("method", "paid_on") if (text := request.form.get(name))},
    }
    return never_stored(doors.pay_dues_by_file(fields, who=who, command_id=command_id()), status=201)


def document_file(job_id: UUID) -> Response:
    """Stream a document's file out of the file store."""
    who = must("read_dues", "read_dues_sums", "read_own_dues")
    stored = doors.dues_document_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=DUES_FOLDER)


dues.own(
    f"{_BRANCH}/dues-payment-files",
    "POST",
    takes_files(payment_file),
    Declared(
        summary="Write down what a file says was paid",
        needs=frozenset({"collect_dues"}),
        takes=None,
        answers=DuesPaidView,
        status=201,
        refusals=(
            *PAYING,
            *("dues-file-unreadable", "dues-file-merged", "dues-file-faulty"),
            *("payload-too-large", "unsupported-media-type"),
        ),
        takes_key=True,
        takes_file=DUES_FILES,
    ),
)
dues.own(
    "/dues-documents/<uuid:job_id>/file",
    "GET",
    document_file,
    Declared(
        summary="Return the file of a document of dues",
        needs=frozenset({"read_dues", "read_dues_sums", "read_own_dues"}),
        takes=DuesDocumentAsked,
        answers=None,
        refusals=("not-found", "dues-document-not-ready"),
        media_types=(PDF, XLSX),
    ),
)
