"""The assessment's doors: warning cards."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def cards(fields: Fields, *, who: Holder) -> Answer:
    """List cards (CardsAsked → Page of CardView)."""
    return call(SERVICE, "cards", fields, who=who)


def card(fields: Fields, *, who: Holder) -> Answer:
    """Return a card with what turns it back (CardAsked → CardView)."""
    return call(SERVICE, "card", fields, who=who)


def card_board(fields: Fields, *, who: Holder) -> Answer:
    """Count the standing cards by part and colour (CardBoardAsked → CardBoardView)."""
    return call(SERVICE, "card_board", fields, who=who)


def give_card(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a card for a problem (GiveCard → CardView)."""
    return call(SERVICE, "give_card", fields, who=who, command_id=command_id)


def escalate_card(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Raise a card by one colour (EscalateCard → CardView)."""
    return call(SERVICE, "escalate_card", fields, who=who, command_id=command_id)


def step_card_down(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a card back by one colour (StepCardDown → CardView)."""
    return call(SERVICE, "step_card_down", fields, who=who, command_id=command_id)


def clear_card(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Clear a card (ClearCard → CardView)."""
    return call(SERVICE, "clear_card", fields, who=who, command_id=command_id)


def fulfil_card_consequence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a consequence of a card is done (FulfilCardConsequence → CardView)."""
    return call(SERVICE, "fulfil_card_consequence", fields, who=who, command_id=command_id)


def object_to_card(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Object to a card's last step (ObjectToCard → CardView)."""
    return call(SERVICE, "object_to_card", fields, who=who, command_id=command_id)


def decide_card_objection(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide on an objection against a card (DecideCardObjection → CardView)."""
    return call(SERVICE, "decide_card_objection", fields, who=who, command_id=command_id)
