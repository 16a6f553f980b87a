"""Sign in, renew, sign out, who am I, one's own account. Browsers use the sign-in page instead and get a cookie."""

from uuid import uuid4

from contracts.roster.second_factors import (
    ConfirmSecondFactor,
    RecoveryCodesMade,
    RemoveSecondFactor,
    RenewRecoveryCodes,
    SecondFactorAsked,
    SecondFactorConfirmed,
    SecondFactorMade,
    SecondFactorView,
    SetUpSecondFactor,
)
from contracts.roster.sessions import (
    ChangePassword,
    Credentials,
    EndMySessions,
    MeAsked,
    MeView,
    MySessionsAsked,
    MySessionsView,
    Nothing,
    PassSecondFactor,
    RenewToken,
    SessionsEnded,
    TokenView,
)
from flask import Response

from gateway import browsers
from gateway.clients import roster
from gateway.identity import must
from gateway.limits import at_sign_in
from gateway.nouns import Declared, Noun, body_fields, never_stored

sessions = Noun("sessions")


@at_sign_in
def open_session() -> Response:
    """Sign in with a user name and a password; the answer is never stored anywhere."""
    return never_stored(roster.sessions.open_session(body_fields() | browsers.seen_of_asker()), status=201)


@at_sign_in
def pass_second_factor() -> Response:
    """Complete the sign-in with a code; the answer is the token of a new session."""
    who = must("pass_second_factor")
    return never_stored(roster.second_factors.pass_second_factor(body_fields(), who=who, command_id=uuid4()))


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
        takes=Credentials,
        answers=TokenView,
        status=201,
        refusals=("wrong-credentials", "too-many-attempts", "account-not-open"),
    ),
)
sessions.own(
    "/sessions/current/second-factor",
    "POST",
    pass_second_factor,
    Declared(
        summary="Complete the sign-in with a code; the answer is the token of a new session",
        needs=frozenset({"pass_second_factor"}),
        takes=PassSecondFactor,
        answers=TokenView,
        refusals=("wrong-code", "too-many-attempts", "session-ended", "no-second-factor"),
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
sessions.act(
    "/me/password",
    roster.sessions.change_password,
    needs=("change_password",),
    takes=ChangePassword,
    answers=TokenView,
    refusals=("wrong-credentials", "too-many-attempts", "session-ended"),
)
sessions.read(
    "/me/sessions",
    roster.sessions.read_my_sessions,
    needs=("read_my_sessions",),
    takes=MySessionsAsked,
    answers=MySessionsView,
)
sessions.act(
    "/me/session-ends",
    roster.sessions.end_my_sessions,
    needs=("end_my_sessions",),
    takes=EndMySessions,
    answers=SessionsEnded,
)
sessions.read(
    "/me/second-factor",
    roster.second_factors.read_second_factor,
    needs=("read_second_factor",),
    takes=SecondFactorAsked,
    answers=SecondFactorView,
)
_WRONG = ("wrong-credentials", "wrong-code", "too-many-attempts", "session-ended")
sessions.act(
    "/me/second-factor",
    roster.second_factors.set_up_second_factor,
    needs=("set_up_second_factor",),
    takes=SetUpSecondFactor,
    answers=SecondFactorMade,
    status=201,
    refusals=(*_WRONG, "second-factor-is-set-up"),
)
sessions.act(
    "/me/second-factor/confirmation",
    roster.second_factors.confirm_second_factor,
    needs=("confirm_second_factor",),
    takes=ConfirmSecondFactor,
    answers=SecondFactorConfirmed,
    refusals=(*_WRONG, "no-second-factor"),
)
sessions.act(
    "/me/second-factor/removal",
    roster.second_factors.remove_second_factor,
    needs=("remove_second_factor",),
    takes=RemoveSecondFactor,
    answers=Nothing,
    refusals=(*_WRONG, "no-second-factor", "second-factor-demanded"),
)
sessions.act(
    "/me/second-factor/recovery-codes",
    roster.second_factors.renew_recovery_codes,
    needs=("renew_recovery_codes",),
    takes=RenewRecoveryCodes,
    answers=RecoveryCodesMade,
    refusals=(*_WRONG, "no-second-factor"),
)
