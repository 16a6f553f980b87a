"""Doors of sites: allocation rounds."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def allocation_rounds(fields: Fields) -> Answer:
    """List the allocation rounds (RoundsAsked → Page of RoundView)."""
    return call(SERVICE, "allocation_rounds", fields)


def allocation_round(fields: Fields) -> Answer:
    """Return one allocation round (RoundAsked → RoundView)."""
    return call(SERVICE, "allocation_round", fields)


def allocation_slots(fields: Fields) -> Answer:
    """List the times that a round gives out (RoundAsked → Page of RoundSlotView)."""
    return call(SERVICE, "allocation_slots", fields)


def allocation_export(fields: Fields) -> Answer:
    """Return what a draw was made from and what came of it, to be repeated by anyone (RoundAsked → JSON)."""
    return call(SERVICE, "allocation_export", fields)


def allocation_choices(fields: Fields, *, who: Holder) -> Answer:
    """List the sites a round may be opened for, with programmes (RoundChoicesAsked → Page of RoundChoiceView)."""
    return call(SERVICE, "allocation_choices", fields, who=who)


def announce_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Announce an allocation round with its seed (AnnounceRound → RoundView)."""
    return call(SERVICE, "announce_round", fields, who=who, command_id=command_id)


def withdraw_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a round up before its draw (WithdrawRound → RoundView)."""
    return call(SERVICE, "withdraw_round", fields, who=who, command_id=command_id)


def draw_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a round drawn in the background (DrawRound → RoundView)."""
    return call(SERVICE, "draw_round", fields, who=who, command_id=command_id)


def ask_in_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Ask in a round for a branch, or replace what it asked (AskInRound → RequestView)."""
    return call(SERVICE, "ask_in_round", fields, who=who, command_id=command_id)


def withdraw_request(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a request in a round back (WithdrawRequest → RequestView)."""
    return call(SERVICE, "withdraw_request", fields, who=who, command_id=command_id)


def allocation_requests(fields: Fields, *, who: Holder) -> Answer:
    """List the requests that the person may see (RequestsAsked → Page of RequestView)."""
    return call(SERVICE, "allocation_requests", fields, who=who)


def allocation_request(fields: Fields, *, who: Holder) -> Answer:
    """Return one request with what became of it (RequestAsked → RequestView)."""
    return call(SERVICE, "allocation_request", fields, who=who)
