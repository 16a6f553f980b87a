"""Access tokens of programs: one's own, and those of a part of the tree."""

from contracts.roster.api_tokens import (
    ApiTokenMade,
    ApiTokensAsked,
    ApiTokenView,
    EndApiToken,
    EndMyApiToken,
    MakeApiToken,
    MyApiTokensAsked,
    MyApiTokensView,
)

from gateway.clients import roster
from gateway.nouns import Many, Noun

api_tokens = Noun("api_tokens")

api_tokens.read(
    "/me/tokens",
    roster.api_tokens.read_my_api_tokens,
    needs=("read_my_api_tokens",),
    takes=MyApiTokensAsked,
    answers=MyApiTokensView,
)
api_tokens.act(
    "/me/tokens",
    roster.api_tokens.make_api_token,
    needs=("make_api_token",),
    takes=MakeApiToken,
    answers=ApiTokenMade,
    status=201,
    refusals=("wrong-credentials", "too-many-attempts", "too-many-tokens", "shown-once"),
)
api_tokens.act(
    "/me/tokens/<uuid:token_id>/end",
    roster.api_tokens.end_my_api_token,
    needs=("end_my_api_token",),
    takes=EndMyApiToken,
    answers=ApiTokenView,
    refusals=("not-found",),
)
api_tokens.read(
    "/tokens",
    roster.api_tokens.api_tokens,
    needs=("read_api_tokens",),
    takes=ApiTokensAsked,
    answers=Many(ApiTokenView),
)
api_tokens.act(
    "/tokens/<uuid:token_id>/end",
    roster.api_tokens.end_api_token,
    needs=("end_api_token",),
    takes=EndApiToken,
    answers=ApiTokenView,
    refusals=("not-found",),
)
