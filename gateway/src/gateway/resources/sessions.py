"""Sign in, renew, sign out, who am I. Browsers use the pages' sign-in form instead and get a cookie."""

from contracts.roster.sessions import MeAsked, MeView, OpenSession, RenewToken, TokenView
from flask import Response

from gateway import browsers
from gateway.clients import roster
from gateway.identity import must
from gateway.nouns import Declared, Noun, body_fields, never_stored

sessions = Noun("sessions")


def open_session() -> Response:
    """Sign in with a user name and a password; the answer is never stored anywhere."""
    return never_stored(roster.sessions.open_session(body_fields()), status=201)


def renew_token() -> Response:
    """Return a fresh token of the same session."""
    who = must("renew_token")
    body_fields()
    return never_stored(roster.sessions.renew_token({}, who=who))


def close_session() -> Response:
    """End the session."""
    who = must("close_session")
    if who.by_cookie:
        browsers.sign_out()
    else:
        roster.sessions.close_session({}, who=who)
    return Response(status=204)


sessions.own(
    "/sessions",
    "POST",
    open_session,
    Declared(
        summary="Sign in; the answer holds an access token",
        needs=frozenset(),
        takes=OpenSession,
        answers=TokenView,
        status=201,
        refusals=("wrong-credentials", "too-many-attempts"),
    ),
)
sessions.own(
    "/sessions/current/token",
    "POST",
    renew_token,
    Declared(
        summary="Return a fresh token of the same session",
        needs=frozenset({"renew_token"}),
        takes=RenewToken,
        answers=TokenView,
        refusals=("session-ended",),
    ),
)
sessions.own(
    "/sessions/current",
    "DELETE",
    close_session,
    Declared(
        summary="Sign out",
        needs=frozenset({"close_session"}),
        takes=None,
        answers=None,
        status=204,
        refusals=("session-ended",),
    ),
)
sessions.read("/me", roster.sessions.me, needs=("me",), takes=MeAsked, answers=MeView, refusals=("not-found",))
