"""Doors of sites: settlement."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def make_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put approved claims into one batch; needs a fresh token (MakeBatch → BatchView)."""
    return call(SERVICE, "make_batch", fields, who=who, command_id=command_id)


def approve_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve another person's batch; needs a fresh token (MoveBatch → BatchView)."""
    return call(SERVICE, "approve_batch", fields, who=who, command_id=command_id)


def reject_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reject a batch, saying why (MoveBatchWithReason → BatchView)."""
    return call(SERVICE, "reject_batch", fields, who=who, command_id=command_id)


def batches(fields: Fields, *, who: Holder) -> Answer:
    """List settlement batches (BatchesAsked → Page of BatchView)."""
    return call(SERVICE, "batches", fields, who=who)


def batch(fields: Fields, *, who: Holder) -> Answer:
    """Return one batch with its lines (BatchAsked → BatchView)."""
    return call(SERVICE, "batch", fields, who=who)


def payment_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a batch's payment file in the file store (PaymentFileAsked → StoredFile)."""
    return call(SERVICE, "payment_file", fields, who=who)


def record_bank_results(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record which lines the bank paid (RecordBankResults → BatchView)."""
    return call(SERVICE, "record_bank_results", fields, who=who, command_id=command_id)


def make_batch_of_failed(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put what the bank could not pay into a new batch; needs a fresh token (BatchAsked → BatchView)."""
    return call(SERVICE, "make_batch_of_failed", fields, who=who, command_id=command_id)


def publish_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Publish a batch for objections (MoveBatch → BatchView)."""
    return call(SERVICE, "publish_batch", fields, who=who, command_id=command_id)


def hand_over_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a payment file was handed to the bank; needs a fresh token (HandOverBatch → BatchView)."""
    return call(SERVICE, "hand_over_batch", fields, who=who, command_id=command_id)


def batch_lines(fields: Fields, *, who: Holder) -> Answer:
    """List the lines of a batch (BatchLinesAsked → Page of BatchLineView)."""
    return call(SERVICE, "batch_lines", fields, who=who)


def batch_review(fields: Fields, *, who: Holder) -> Answer:
    """Hold a batch against the last period, with what stands out (BatchAsked → BatchReviewView)."""
    return call(SERVICE, "batch_review", fields, who=who)


def file_layout(fields: Fields, *, who: Holder) -> Answer:
    """Return how a fund's files look (FileLayoutAsked → FileLayoutView)."""
    return call(SERVICE, "file_layout", fields, who=who)


def set_file_layout(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set how a fund's files look from now on (SetFileLayout → FileLayoutView)."""
    return call(SERVICE, "set_file_layout", fields, who=who, command_id=command_id)


def file_layouts(fields: Fields, *, who: Holder) -> Answer:
    """List all layouts that a fund's files had (FileLayoutAsked → Page of FileLayoutView)."""
    return call(SERVICE, "file_layouts", fields, who=who)


def preview_file_layout(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Return the first lines of a file in a layout that is not set yet (SetFileLayout → FilePreviewView)."""
    return call(SERVICE, "preview_file_layout", fields, who=who, command_id=command_id)


# ---- payees ----------------------------------------------------------------------------------------------------------


def payees(fields: Fields, *, who: Holder) -> Answer:
    """List whom the bank pays for each site (PayeesAsked → Page of PayeeView)."""
    return call(SERVICE, "payees", fields, who=who)


def payee(fields: Fields, *, who: Holder) -> Answer:
    """Return one site's payee with its history (PayeeAsked → PayeeView)."""
    return call(SERVICE, "payee", fields, who=who)


def propose_payee(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Propose to pay a site to another account (ProposePayee → PayeeChangeView)."""
    return call(SERVICE, "propose_payee", fields, who=who, command_id=command_id)


def confirm_payee(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm another person's proposal; needs a fresh token (DecidePayeeChange → PayeeChangeView)."""
    return call(SERVICE, "confirm_payee", fields, who=who, command_id=command_id)


def refuse_payee(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse a proposal, saying why (RefusePayeeChange → PayeeChangeView)."""
    return call(SERVICE, "refuse_payee", fields, who=who, command_id=command_id)


def open_payee_account(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Look at a whole account number, which is kept; needs a fresh token (OpenPayeeAccount → PayeeAccountView)."""
    return call(SERVICE, "open_payee_account", fields, who=who, command_id=command_id)


# ---- publicity -------------------------------------------------------------------------------------------------------


def publications(fields: Fields) -> Answer:
    """List published batches (PublicationsAsked → Page of PublicationView)."""
    return call(SERVICE, "publications", fields)


def publication(fields: Fields) -> Answer:
    """Return a published batch without personal data (PublicationAsked → PublicationView)."""
    return call(SERVICE, "publication", fields)


def object_to_payment(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Object to a line of a published batch (Object → ObjectionView)."""
    return call(SERVICE, "object_to_payment", fields, who=who, command_id=command_id)


def objections(fields: Fields, *, who: Holder) -> Answer:
    """List objections (ObjectionsAsked → Page of ObjectionView)."""
    return call(SERVICE, "objections", fields, who=who)


def decide_objection(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Uphold or dismiss an objection, saying why (DecideObjection → ObjectionView)."""
    return call(SERVICE, "decide_objection", fields, who=who, command_id=command_id)


# ---- overpayments ----------------------------------------------------------------------------------------------------


def overpayments(fields: Fields, *, who: Holder) -> Answer:
    """List what sites were paid too much (OverpaymentsAsked → Page of OverpaymentView)."""
    return call(SERVICE, "overpayments", fields, who=who)


def report_overpayment(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Report that a claim was paid too much (ReportOverpayment → OverpaymentView)."""
    return call(SERVICE, "report_overpayment", fields, who=who, command_id=command_id)


def confirm_overpayment(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm another person's report; needs a fresh token (MoveOverpayment → OverpaymentView)."""
    return call(SERVICE, "confirm_overpayment", fields, who=who, command_id=command_id)


def refuse_overpayment(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse a report, saying why (RefuseOverpayment → OverpaymentView)."""
    return call(SERVICE, "refuse_overpayment", fields, who=who, command_id=command_id)


def record_repayment(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record what a site paid back; needs a fresh token (RecordRepayment → OverpaymentView)."""
    return call(SERVICE, "record_repayment", fields, who=who, command_id=command_id)


# ---- the bank's statements -------------------------------------------------------------------------------------------


def import_bank_statement(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a bank statement over (ImportBankStatement → BankStatementView)."""
    return call(SERVICE, "import_bank_statement", fields, who=who, command_id=command_id)


def bank_statements(fields: Fields, *, who: Holder) -> Answer:
    """List a fund's bank statements (BankStatementsAsked → Page of BankStatementView)."""
    return call(SERVICE, "bank_statements", fields, who=who)


def reconciliation(fields: Fields, *, who: Holder) -> Answer:
    """Hold a fund's ledger against its bank (ReconciliationAsked → ReconciliationView)."""
    return call(SERVICE, "reconciliation", fields, who=who)


def explain_difference(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Explain a difference between ledger and bank (ExplainDifference → DifferenceView)."""
    return call(SERVICE, "explain_difference", fields, who=who, command_id=command_id)


def close_difference(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a difference that another person explained (ExplainDifference → DifferenceView)."""
    return call(SERVICE, "close_difference", fields, who=who, command_id=command_id)
