"""Accounts to sign in with: opened for a person, locked, unlocked, closed, given a first password anew.

An administrator does this for the people of their part of the tree, and never for somebody who may do more than they
themselves administer: whoever gives a new password could sign in with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.roster.accounts import AccountStep, AccountView, FirstPassword, OpenAccount
from contracts.roster.sessions import SessionsEnded
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.accounts import (
    CLOSED,
    MOVES,
    OPEN,
    AccountExists,
    AccountNotMovable,
    NoSecondFactor,
    OwnAccount,
    RolesElsewhere,
    UsernameTaken,
)
from roster.operations import api_tokens, own_passwords, passwords, second_factors, sessions
from roster.operations.sessions import Hashes
from roster.queries import accounts as queries
from roster.tables.identity import account_moves, accounts, grants


@dataclass(frozen=True)
class NewAccount:
    """A person's user name and first password."""

    person_id: UUID
    username: str
    password: str


@dataclass(frozen=True)
class NewGrant:
    """A role for a person at an organisation and below it."""

    person_id: UUID
    role: str
    organisation_id: UUID


def open_accounts(db: Connection, wanted: Sequence[NewAccount], *, at: datetime) -> list[UUID]:
    """Open the accounts whose person and user name have none yet; return the persons' ids."""
    held = db.execute(
        text("SELECT person_id, username FROM accounts WHERE person_id = ANY(:ids) OR username = ANY(:names)"),
        {"ids": [account.person_id for account in wanted], "names": [account.username for account in wanted]},
    ).all()
    persons, names = {row.person_id for row in held}, {row.username for row in held}
    # Looked at first, for each hash takes its time.
    rows = [
        {
            "person_id": account.person_id,
            "username": account.username,
            "password_hash": passwords.hashed(account.password),
            "created_at": at,
            "password_set_at": at,
        }
        for account in wanted
        if account.person_id not in persons and account.username not in names
    ]
    statement = insert(accounts).on_conflict_do_nothing().returning(accounts.c.person_id)
    return list(db.execute(statement, rows).scalars()) if rows else []


def grant_all(db: Connection, wanted: Sequence[NewGrant], *, at: datetime, by: UUID | None = None) -> int:
    """Grant the roles that are not held yet; return how many."""
    rows = [
        {
            "person_id": grant.person_id,
            "role": grant.role,
            "organisation_id": grant.organisation_id,
            "active_from": clock.today(at),
            "granted_at": at,
            "granted_by": by,
        }
        for grant in wanted
    ]
    statement = insert(grants).on_conflict_do_nothing().returning(grants.c.id)
    return len(db.execute(statement, rows).all()) if rows else 0


def open_account(
    db: Connection, asked: OpenAccount, *, actor: Actor, at: datetime, hashed: Hashes = passwords.hashed
) -> FirstPassword:
    """Open an account with a first password that is shown once; a closed one opens again under its old user name.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld, AccountExists, UsernameTaken.
    """
    person = administered(db, asked.person_id, action="open_account", actor=actor, at=at)
    first = passwords.first_password()
    if person.state == CLOSED:
        _move(db, person, "reopen", at=at)
        _give_password(db, person, first, at=at, hashed=hashed)
        _keep(db, person.id, "reopen", reason=asked.reason, actor=actor, at=at)
        return FirstPassword(person.id, person.username, first)
    if person.state is not None:
        raise AccountExists(name=person.name)
    username = sessions.folded(asked.username)
    opened = db.execute(
        insert(accounts)
        .values(
            person_id=person.id,
            username=username,
            password_hash=hashed(first),
            created_at=at,
            password_set_at=at,
            must_change=True,
        )
        .on_conflict_do_nothing()
    )
    if opened.rowcount == 0:
        if queries.has_account(db, person.id):
            raise AccountExists(name=person.name)
        raise UsernameTaken(username=username)
    _keep(db, person.id, "open", reason=asked.reason, actor=actor, at=at)
    return FirstPassword(person.id, username, first)


def reset_password(
    db: Connection, asked: AccountStep, *, actor: Actor, at: datetime, hashed: Hashes = passwords.hashed
) -> FirstPassword:
    """Give an open account a first password anew, and end its sessions, its programs' tokens and its bindings to
    identity providers: who got in before, by whatever they bound to it, stays outside.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld, AccountNotMovable.
    """
    person = administered(db, asked.person_id, action="administer_account", actor=actor, at=at)
    _move(db, person, "reset_password", at=at)
    first = passwords.first_password()
    _give_password(db, person, first, at=at, hashed=hashed)
    sessions.end_all(db, person.id, at=at)
    api_tokens.end_all(db, person.id, by=actor.person_id, reason=asked.reason, at=at)
    _unbind_all(db, person.id, reason=asked.reason, actor=actor, at=at)
    sessions.forget_wrong(db, sessions.hash_of_name(person.username))
    _keep(db, person.id, "reset_password", reason=asked.reason, actor=actor, at=at)
    return FirstPassword(person.id, person.username, first)


def move(db: Connection, asked: AccountStep, move_: str, *, actor: Actor, at: datetime) -> AccountView:
    """Lock, unlock or close an account; locking and closing end its sessions.

    While an account is locked its programs' tokens are not taken; closing it ends them, and its bindings to identity
    providers, for good.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld, AccountNotMovable.
    """
    person = administered(db, asked.person_id, action="administer_account", actor=actor, at=at)
    _move(db, person, move_, at=at)
    if MOVES[move_][1] != OPEN:
        sessions.end_all(db, person.id, at=at)
    if MOVES[move_][1] == CLOSED:
        api_tokens.end_all(db, person.id, by=actor.person_id, reason=asked.reason, at=at)
        _unbind_all(db, person.id, reason=asked.reason, actor=actor, at=at)
    _keep(db, person.id, move_, reason=asked.reason, actor=actor, at=at)
    return queries.view(db, person.id)


def remove_second_factor(db: Connection, asked: AccountStep, *, actor: Actor, at: datetime) -> AccountView:
    """Forget the second factor of somebody who lost it, and end their sessions.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld, NoSecondFactor.
    """
    person = administered(db, asked.person_id, action="administer_account", actor=actor, at=at)
    if not second_factors.drop(db, person.id):
        raise NoSecondFactor()
    sessions.end_all(db, person.id, at=at)
    _keep(db, person.id, "remove_second_factor", reason=asked.reason, actor=actor, at=at)
    return queries.view(db, person.id)


def end_sessions(db: Connection, asked: AccountStep, *, actor: Actor, at: datetime) -> SessionsEnded:
    """Sign a person out everywhere, and end their programs' tokens.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld.
    """
    person = administered(db, asked.person_id, action="administer_account", actor=actor, at=at)
    if person.state is None:
        raise NotFound()
    ended = sessions.end_all(db, person.id, at=at)
    api_tokens.end_all(db, person.id, by=actor.person_id, reason=asked.reason, at=at)
    _keep(db, person.id, "end_sessions", reason=asked.reason, actor=actor, at=at)
    return SessionsEnded(ended)


def administered(db: Connection, person_id: UUID, *, action: str, actor: Actor, at: datetime) -> Row[Any]:
    """Return the person whose account the actor may administer, with their account; raises what stands against it."""
    person = queries.person_of(db, person_id, action=action, actor=actor)
    actor.must_be_fresh(at)
    if person_id == actor.person_id:
        raise OwnAccount()
    if not queries.holds_nothing_elsewhere(db, person_id, action=action, actor=actor, on=clock.today(at)):
        raise RolesElsewhere(name=person.name)
    return person


def _move(db: Connection, person: Row[Any], move_: str, *, at: datetime) -> None:
    if person.state is None:
        raise NotFound()
    sources, target = MOVES[move_]
    moved = db.execute(
        text("UPDATE accounts SET state = :to WHERE person_id = :person AND state = ANY(:from)"),
        {"person": person.id, "to": target, "from": [*sources]},
    )
    if moved.rowcount == 0:
        state = db.execute(text("SELECT state FROM accounts WHERE person_id = :person"), {"person": person.id})
        raise AccountNotMovable(state=state.scalar_one())


def _give_password(db: Connection, person: Row[Any], first: str, *, at: datetime, hashed: Hashes) -> None:
    # The row is locked by the move before, so this is the hash that is replaced.
    old = db.execute(text("SELECT password_hash FROM accounts WHERE person_id = :person"), {"person": person.id})
    own_passwords.replace(db, person.id, old_hash=old.scalar_one(), new_hash=hashed(first), must_change=True, at=at)


def _unbind_all(db: Connection, person_id: UUID, *, reason: str, actor: Actor, at: datetime) -> None:
    bound = db.execute(text("DELETE FROM external_identities WHERE person_id = :person"), {"person": person_id})
    if bound.rowcount:
        _keep(db, person_id, "unbind_identity", reason=reason, actor=actor, at=at)


def _keep(db: Connection, person_id: UUID, move_: str, *, reason: str, actor: Actor, at: datetime) -> None:
    db.execute(insert(account_moves).values(person_id=person_id, move=move_, at=at, by=actor.person_id, reason=reason))
