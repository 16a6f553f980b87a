"""Dues, from the table of rates to a district's sums."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def dues_tables(fields: Fields, *, who: Holder) -> Answer:
    """List the tables of rates of dues (DuesTablesAsked → DuesTablesView)."""
    return call(SERVICE, "dues_tables", fields, who=who)


def set_dues_table(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set a table of rates from a month to come on (SetDuesTable → DuesTablesView)."""
    return call(SERVICE, "set_dues_table", fields, who=who, command_id=command_id)


def dues_members(fields: Fields, *, who: Holder) -> Answer:
    """List a branch's members with what their dues are reckoned from (DuesMembersAsked → Page of DuesMemberView)."""
    return call(SERVICE, "dues_members", fields, who=who)


def member_dues(fields: Fields, *, who: Holder) -> Answer:
    """Return one member's dues (MemberDuesAsked → MemberDuesView)."""
    return call(SERVICE, "member_dues", fields, who=who)


def my_dues(fields: Fields, *, who: Holder) -> Answer:
    """Return one's own dues (MyDuesAsked → MyDuesView)."""
    return call(SERVICE, "my_dues", fields, who=who)


def set_dues_base(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say what a member's dues are reckoned from (SetDuesBase → MemberDuesView)."""
    return call(SERVICE, "set_dues_base", fields, who=who, command_id=command_id)


def confirm_dues_bases(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm for this year that bases are right (ConfirmDuesBases → DuesConfirmed)."""
    return call(SERVICE, "confirm_dues_bases", fields, who=who, command_id=command_id)


def open_dues_base(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open what a member's dues are reckoned from (OpenDuesBase → DuesBaseOpened)."""
    return call(SERVICE, "open_dues_base", fields, who=who, command_id=command_id)


def grant_dues_relief(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Exempt a member from dues, or reduce them, for some months (GrantDuesRelief → DuesReliefView)."""
    return call(SERVICE, "grant_dues_relief", fields, who=who, command_id=command_id)


def end_dues_relief(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End a relief before its time (EndDuesRelief → DuesReliefView)."""
    return call(SERVICE, "end_dues_relief", fields, who=who, command_id=command_id)


def dues_month(fields: Fields, *, who: Holder) -> Answer:
    """Return a branch's month of dues (DuesMonthAsked → DuesMonthView)."""
    return call(SERVICE, "dues_month", fields, who=who)


def assess_dues(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reckon a branch's month (AssessDues → DuesAssessed)."""
    return call(SERVICE, "assess_dues", fields, who=who, command_id=command_id)


def correct_dues(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Correct what a member owes for a month (CorrectDues → MemberDuesView)."""
    return call(SERVICE, "correct_dues", fields, who=who, command_id=command_id)


def pay_dues(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down who paid dues, with receipts (PayDues → DuesPaidView)."""
    return call(SERVICE, "pay_dues", fields, who=who, command_id=command_id)


def pay_dues_by_file(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down what a file says was paid (PayDuesByFile → DuesPaidView)."""
    return call(SERVICE, "pay_dues_by_file", fields, who=who, command_id=command_id)


def dues_receipts(fields: Fields, *, who: Holder) -> Answer:
    """List a branch's receipts of dues (DuesReceiptsAsked → Page of DuesReceiptView)."""
    return call(SERVICE, "dues_receipts", fields, who=who)


def dues_receipt(fields: Fields, *, who: Holder) -> Answer:
    """Return one receipt of dues (DuesReceiptAsked → DuesReceiptView)."""
    return call(SERVICE, "dues_receipt", fields, who=who)


def reverse_dues_receipt(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a receipt's payments back (ReverseDuesReceipt → DuesReceiptView)."""
    return call(SERVICE, "reverse_dues_receipt", fields, who=who, command_id=command_id)


def hand_up_dues(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down what a branch handed up (HandUpDues → DuesHandedUp)."""
    return call(SERVICE, "hand_up_dues", fields, who=who, command_id=command_id)


def close_dues_month(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a branch's month of dues (CloseDuesMonth → DuesMonthView)."""
    return call(SERVICE, "close_dues_month", fields, who=who, command_id=command_id)


def dues_arrears(fields: Fields, *, who: Holder) -> Answer:
    """List who has not paid for months that are over (DuesArrearsAsked → Page of DuesArrearsView)."""
    return call(SERVICE, "dues_arrears", fields, who=who)


def remind_dues(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Remind members of their arrears (RemindDues → DuesReminded)."""
    return call(SERVICE, "remind_dues", fields, who=who, command_id=command_id)


def note_dues_arrears(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down what was done about a member's arrears (NoteDuesArrears → DuesNoted)."""
    return call(SERVICE, "note_dues_arrears", fields, who=who, command_id=command_id)


def dues_rollup(fields: Fields, *, who: Holder) -> Answer:
    """Return a month of dues of a part of the tree in sums (DuesRollupAsked → DuesRollupView)."""
    return call(SERVICE, "dues_rollup", fields, who=who)


def make_dues_document(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a document of dues drawn (MakeDuesDocument → DuesDocumentView)."""
    return call(SERVICE, "make_dues_document", fields, who=who, command_id=command_id)


def dues_document(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a document of dues is (DuesDocumentAsked → DuesDocumentView)."""
    return call(SERVICE, "dues_document", fields, who=who)


def dues_document_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to the file of a document of dues (DuesDocumentAsked → StoredFile)."""
    return call(SERVICE, "dues_document_file", fields, who=who)
