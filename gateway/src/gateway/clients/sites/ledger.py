"""Doors of sites: the chain of sealed entries, its proof, closed months, the journal."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def ledger_proof(fields: Fields, *, who: Holder) -> Answer:
    """Return what an export of the books is held against (ProofAsked → ProofView)."""
    return call(SERVICE, "ledger_proof", fields, who=who)


def verify_ledger(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have the books proved in the background (VerifyLedger → ProofJobView)."""
    return call(SERVICE, "verify_ledger", fields, who=who, command_id=command_id)


def ledger_verification(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a proof is, or what it found (ProofJobAsked → ProofJobView)."""
    return call(SERVICE, "ledger_verification", fields, who=who)


def journal(fields: Fields, *, who: Holder) -> Answer:
    """Return a part of the journal (JournalAsked → JournalPart)."""
    return call(SERVICE, "journal", fields, who=who)


def open_period(fields: Fields, *, who: Holder) -> Answer:
    """Return a fund's first open month with what to look at before it closes (PeriodAsked → PeriodView)."""
    return call(SERVICE, "open_period", fields, who=who)


def close_period(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a month for good; needs a fresh token (ClosePeriod → PeriodView)."""
    return call(SERVICE, "close_period", fields, who=who, command_id=command_id)


def reverse_entry(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reverse an appropriation; needs a fresh token (ReverseEntry → EntryView)."""
    return call(SERVICE, "reverse_entry", fields, who=who, command_id=command_id)
