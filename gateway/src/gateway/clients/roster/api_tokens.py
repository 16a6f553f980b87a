"""Access tokens of programs."""

from uuid import UUID, uuid4

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def make_api_token(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a program a token; it is shown once (MakeApiToken → ApiTokenMade)."""
    return call(SERVICE, "make_api_token", fields, who=who, command_id=command_id)


def read_my_api_tokens(fields: Fields, *, who: Holder) -> Answer:
    """List the tokens that the person gave (MyApiTokensAsked → MyApiTokensView)."""
    return call(SERVICE, "read_my_api_tokens", fields, who=who)


def end_my_api_token(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End a token of one's own (EndMyApiToken → ApiTokenView)."""
    return call(SERVICE, "end_my_api_token", fields, who=who, command_id=command_id)


def api_tokens(fields: Fields, *, who: Holder) -> Answer:
    """List the tokens of a part of the tree (ApiTokensAsked → Page of ApiTokenView)."""
    return call(SERVICE, "api_tokens", fields, who=who)


def end_api_token(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End somebody's token (EndApiToken → ApiTokenView)."""
    return call(SERVICE, "end_api_token", fields, who=who, command_id=command_id)


def exchange_api_token(fields: Fields) -> Answer:
    """Exchange a program's token for what the services take (ExchangeApiToken → ApiTokenExchanged)."""
    return call(SERVICE, "exchange_api_token", fields, command_id=uuid4())
