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
