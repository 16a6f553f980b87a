"""Accounts, and the people they are opened for."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def find_people(fields: Fields, *, who: Holder) -> Answer:
    """List people whose name or user name begins so (PeopleAsked → Page of PersonView)."""
    return call(SERVICE, "find_people", fields, who=who)


def accounts(fields: Fields, *, who: Holder) -> Answer:
    """List the accounts of a part of the tree (AccountsAsked → Page of AccountView)."""
    return call(SERVICE, "accounts", fields, who=who)


def account(fields: Fields, *, who: Holder) -> Answer:
    """Return one account with its roles, sessions and history (AccountAsked → AccountRecord)."""
    return call(SERVICE, "account", fields, who=who)


def open_account(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open an account; the first password is shown once (OpenAccount → FirstPassword)."""
    return call(SERVICE, "open_account", fields, who=who, command_id=command_id)


def reset_password(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a first password anew; it is shown once (AccountStep → FirstPassword)."""
    return call(SERVICE, "reset_password", fields, who=who, command_id=command_id)


def lock_account(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Lock an account and end its sessions (AccountStep → AccountView)."""
    return call(SERVICE, "lock_account", fields, who=who, command_id=command_id)


def unlock_account(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Unlock an account (AccountStep → AccountView)."""
    return call(SERVICE, "unlock_account", fields, who=who, command_id=command_id)


def close_account(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close an account and end its sessions (AccountStep → AccountView)."""
    return call(SERVICE, "close_account", fields, who=who, command_id=command_id)


def take_second_factor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Forget the second factor of somebody who lost it (AccountStep → AccountView)."""
    return call(SERVICE, "take_second_factor", fields, who=who, command_id=command_id)


def end_sessions(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign a person out everywhere (AccountStep → SessionsEnded)."""
    return call(SERVICE, "end_sessions", fields, who=who, command_id=command_id)
