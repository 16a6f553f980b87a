"""Stocktakes, statistics and the register for print."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def stocktake(fields: Fields, *, who: Holder) -> Answer:
    """Return a branch's stocktake of a year (StocktakeAsked → StocktakeView)."""
    return call(SERVICE, "stocktake", fields, who=who)


def sign_stocktake(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign that the register is complete and right (SignStocktake → StocktakeView)."""
    return call(SERVICE, "sign_stocktake", fields, who=who, command_id=command_id)


def member_statistics(fields: Fields, *, who: Holder) -> Answer:
    """Count the members of a part of the tree (MemberStatisticsAsked → MemberStatistics)."""
    return call(SERVICE, "member_statistics", fields, who=who)


def make_register(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw the register for print (MakeRegister → RegisterView)."""
    return call(SERVICE, "make_register", fields, who=who, command_id=command_id)


def register(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a register is (RegisterAsked → RegisterView)."""
    return call(SERVICE, "register", fields, who=who)


def register_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a register's file (RegisterAsked → StoredFile)."""
    return call(SERVICE, "register_file", fields, who=who)
