"""Sessions.

They are opened, renewed and closed by commands of their own each time: an answer with a token is never repeated.
"""

from uuid import UUID, uuid4

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def open_session(fields: Fields) -> Answer:
    """Sign in; the answer holds an access token (OpenSession → TokenView)."""
    return call(SERVICE, "open_session", fields, command_id=uuid4())


def renew_token(fields: Fields, *, who: Holder) -> Answer:
    """Get a fresh access token of the session that the token of `who` names (RenewToken → TokenView)."""
    return call(SERVICE, "renew_token", fields, who=who, command_id=uuid4())


def close_session(fields: Fields, *, who: Holder) -> Answer:
    """End the session that the token of `who` names (CloseSession → Nothing)."""
    return call(SERVICE, "close_session", fields, who=who, command_id=uuid4())


def me(fields: Fields, *, who: Holder) -> Answer:
    """Say who the person is, with their roles and their branch (MeAsked → MeView)."""
    return call(SERVICE, "me", fields, who=who)


def change_password(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Choose a new password; the answer is the token of a new session (ChangePassword → TokenView)."""
    return call(SERVICE, "change_password", fields, who=who, command_id=command_id)


def read_my_sessions(fields: Fields, *, who: Holder) -> Answer:
    """List where the person is signed in (MySessionsAsked → MySessionsView)."""
    return call(SERVICE, "read_my_sessions", fields, who=who)


def end_my_sessions(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign out of one session, or of all others (EndMySessions → SessionsEnded)."""
    return call(SERVICE, "end_my_sessions", fields, who=who, command_id=command_id)
