"""Members who go to another branch."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def transfers(fields: Fields, *, who: Holder) -> Answer:
    """List letters of members who go to another branch (TransfersAsked → Page of TransferView)."""
    return call(SERVICE, "transfers", fields, who=who)


def transfer(fields: Fields, *, who: Holder) -> Answer:
    """Return one letter (TransferAsked → TransferView)."""
    return call(SERVICE, "transfer", fields, who=who)


def transfer_notices(fields: Fields, *, who: Holder) -> Answer:
    """List what branches were told of letters (TransferNoticesAsked → Page of TransferNoticeView)."""
    return call(SERVICE, "transfer_notices", fields, who=who)


def issue_transfer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Issue a member's letter (IssueTransfer → TransferView)."""
    return call(SERVICE, "issue_transfer", fields, who=who, command_id=command_id)


def confirm_transfer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the member in (ConfirmTransfer → TransferView)."""
    return call(SERVICE, "confirm_transfer", fields, who=who, command_id=command_id)


def refuse_transfer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse to take the member in (RefuseTransfer → TransferView)."""
    return call(SERVICE, "refuse_transfer", fields, who=who, command_id=command_id)


def withdraw_transfer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the letter back (WithdrawTransfer → TransferView)."""
    return call(SERVICE, "withdraw_transfer", fields, who=who, command_id=command_id)
