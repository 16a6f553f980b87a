"""Settlement beside batches: payees, publicity with objections, overpayments, layouts of files, bank statements."""

from uuid import UUID

from contracts.sites.bank_statements import (
    BankStatementsAsked,
    BankStatementView,
    DifferenceView,
    ExplainDifference,
    ReconciliationAsked,
    ReconciliationView,
)
from contracts.sites.file_layouts import FileLayoutAsked, FileLayoutView, SetFileLayout
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
from flask import Response

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.resources.settlement_batches import BANK_FILES, uploaded

payees = Noun("payees")
publicity = Noun("publicity")
overpayments = Noun("overpayments")
bank = Noun("bank")

# ---- payees ----------------------------------------------------------------------------------------------------------

payees.read("/payees", sites.settlement.payees, needs=("read_payees",), takes=PayeesAsked, answers=Many(PayeeView))
payees.read(
    "/sites/<uuid:site_id>/payee",
    sites.settlement.payee,
    needs=("read_payees",),
    takes=PayeeAsked,
    answers=PayeeView,
    refusals=("not-found",),
)
payees.act(
    "/sites/<uuid:site_id>/payee-changes",
    sites.settlement.propose_payee,
    needs=("propose_payee",),
    takes=ProposePayee,
    answers=PayeeChangeView,
    status=201,
    refusals=("not-found", "same-account", "change-proposed-already"),
)
payees.act(
    "/payee-changes/<uuid:change_id>/confirmation",
    sites.settlement.confirm_payee,
    needs=("confirm_payee",),
    takes=DecidePayeeChange,
    answers=PayeeChangeView,
    refusals=("token-too-old", "not-found", "change-decided", "same-person-confirms", "own-site-or-branch"),
)
payees.act(
    "/payee-changes/<uuid:change_id>/refusal",
    sites.settlement.refuse_payee,
    needs=("refuse_payee",),
    takes=RefusePayeeChange,
    answers=PayeeChangeView,
    refusals=("not-found", "change-decided"),
)
payees.act(
    "/sites/<uuid:site_id>/payee-account",
    sites.settlement.open_payee_account,
    needs=("open_payee_account",),
    takes=OpenPayeeAccount,
    answers=PayeeAccountView,
    refusals=("token-too-old", "not-found", "shown-once"),
)

# ---- publicity -------------------------------------------------------------------------------------------------------

publicity.read("/publicity", sites.settlement.publications, takes=PublicationsAsked, answers=Many(PublicationView))
publicity.read(
    "/publicity/<uuid:batch_id>",
    sites.settlement.publication,
    takes=PublicationAsked,
    answers=PublicationView,
    refusals=("not-found",),
)
publicity.act(
    "/objections",
    sites.settlement.object_to_payment,
    needs=("object_to_payment", "enter_paper_objection"),
    takes=Object,
    answers=ObjectionView,
    status=201,
    refusals=("not-found", "not-public", "objected-already"),
)
publicity.read(
    "/objections",
    sites.settlement.objections,
    needs=("read_objections",),
    takes=ObjectionsAsked,
    answers=Many(ObjectionView),
)
publicity.act(
    "/objections/<uuid:objection_id>/decision",
    sites.settlement.decide_objection,
    needs=("decide_objection",),
    takes=DecideObjection,
    answers=ObjectionView,
    refusals=(
        *(
            "token-too-old",
            "not-found",
            "objection-decided",
            "own-objection",
            "own-site-or-branch",
            "claim-not-movable",
        ),
        *("encumbrance-resolved", "batch-not-movable"),
    ),
)

# ---- overpayments ----------------------------------------------------------------------------------------------------

overpayments.read(
    "/overpayments",
    sites.settlement.overpayments,
    needs=("read_overpayments",),
    takes=OverpaymentsAsked,
    answers=Many(OverpaymentView),
)
overpayments.act(
    "/claims/<uuid:claim_id>/overpayments",
    sites.settlement.report_overpayment,
    needs=("report_overpayment",),
    takes=ReportOverpayment,
    answers=OverpaymentView,
    status=201,
    refusals=("not-found", "claim-not-paid", "more-than-paid"),
)
overpayments.act(
    "/overpayments/<uuid:overpayment_id>/confirmation",
    sites.settlement.confirm_overpayment,
    needs=("confirm_overpayment",),
    takes=MoveOverpayment,
    answers=OverpaymentView,
    refusals=("token-too-old", "not-found", "overpayment-not-movable", "same-person", "own-site-or-branch"),
)
overpayments.act(
    "/overpayments/<uuid:overpayment_id>/refusal",
    sites.settlement.refuse_overpayment,
    needs=("refuse_overpayment",),
    takes=RefuseOverpayment,
    answers=OverpaymentView,
    refusals=("not-found", "overpayment-not-movable", "own-site-or-branch"),
)
overpayments.act(
    "/overpayments/<uuid:overpayment_id>/repayments",
    sites.settlement.record_repayment,
    needs=("record_repayment",),
    takes=RecordRepayment,
    answers=OverpaymentView,
    refusals=("token-too-old", "not-found", "overpayment-not-movable", "more-than-owed", "own-site-or-branch"),
)

# ---- the bank --------------------------------------------------------------------------------------------------------

bank.read(
    "/funds/<uuid:fund_id>/file-layout",
    sites.settlement.file_layout,
    needs=("read_file_layout",),
    takes=FileLayoutAsked,
    answers=FileLayoutView,
    refusals=("not-found",),
)
bank.act(
    "/funds/<uuid:fund_id>/file-layout",
    sites.settlement.set_file_layout,
    needs=("set_file_layout",),
    takes=SetFileLayout,
    answers=FileLayoutView,
    status=201,
    refusals=("token-too-old", "not-found"),
)
bank.read(
    "/funds/<uuid:fund_id>/bank-statements",
    sites.settlement.bank_statements,
    needs=("read_reconciliation",),
    takes=BankStatementsAsked,
    answers=Many(BankStatementView),
    refusals=("not-found",),
)
bank.read(
    "/funds/<uuid:fund_id>/reconciliation",
    sites.settlement.reconciliation,
    needs=("read_reconciliation",),
    takes=ReconciliationAsked,
    answers=ReconciliationView,
    refusals=("not-found",),
)
for _verb, _door, _refusals in (
    ("explanation", sites.settlement.explain_difference, ()),
    ("closure", sites.settlement.close_difference, ("same-person-closes",)),
):
    bank.act(
        f"/bank-differences/<uuid:difference_id>/{_verb}",
        _door,
        needs=("explain_difference",) if _verb == "explanation" else ("close_difference",),
        takes=ExplainDifference,
        answers=DifferenceView,
        refusals=("not-found", "difference-not-movable", *_refusals),
    )


def bank_statement(fund_id: UUID) -> Response:
    """Take the bank's statement into the file store and hold the ledger against it."""
    who = must("import_bank_statement")
    fields = {"fund_id": fund_id, "file": uploaded(BANK_FILES)}
    answer = sites.settlement.import_bank_statement(fields, who=who, command_id=command_id())
    return never_stored(answer, status=201)


bank.own(
    "/funds/<uuid:fund_id>/bank-statements",
    "POST",
    takes_files(bank_statement),
    Declared(
        summary="Take over a statement of the fund's bank account",
        needs=frozenset({"import_bank_statement"}),
        takes=None,
        answers=BankStatementView,
        status=201,
        refusals=(
            *("not-found", "bank-file-unreadable", "bank-cells-merged", "statement-column-missing"),
            *("statement-cell-invalid", "statement-empty", "statement-balance-broken", "statement-overlaps"),
            *("statement-totals-differ", "statement-row-repeated", "statement-several"),
            *("payload-too-large", "unsupported-media-type"),
        ),
        takes_key=True,
        takes_file=BANK_FILES,
    ),
)
