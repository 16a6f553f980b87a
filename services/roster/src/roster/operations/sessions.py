"""Signing in, renewing the token, signing out.

A session is a row; a token is a statement about it that lives ten minutes. So a session that has ended, or a right
that was taken, counts from the next token on.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import logs
from chassis.actors import Actor
from chassis.refusals import Refusal
from chassis.tokens import LIFETIME, Signer
from contracts.roster.sessions import Nothing, OpenSession, TokenView
from sqlalchemy import Connection, Row, text

from roster.domain.attempts import (
    FORGOTTEN_AFTER,
    IDLE_MAX,
    SESSION_MAX,
    SessionEnded,
    TooManyAttempts,
    WrongCredentials,
    wait_after,
    wrong_in_a_row,
)
from roster.operations import passwords
from roster.queries.people import roles_of

Fits = Callable[[str, str], bool]


def open_session(
    db: Connection, asked: OpenSession, *, signer: Signer, at: datetime, fits: Fits = passwords.fits
) -> TokenView | Refusal:
    """Open a session for the right password, or count a wrong one.

    WrongCredentials and TooManyAttempts are returned, not raised, for the transaction has to be committed with them:
    it keeps the count. The row of the user name is locked from the first look to the commit, so those who try at the
    same time are judged one after another. A name that nobody has is treated alike in every step.
    """
    username = _folded(asked.username)
    name_hash = hashlib.sha256(username.encode()).digest()
    attempt = _attempt(db, name_hash, at=at)
    if attempt.locked_until is not None and at < attempt.locked_until:
        return TooManyAttempts(wait_s=_seconds(attempt.locked_until - at))
    account = db.execute(
        text(
            "SELECT a.person_id, a.password_hash, p.name FROM accounts a JOIN people p ON p.id = a.person_id"
            " WHERE a.username = :username"
        ),
        {"username": username},
    ).one_or_none()
    is_right = fits(account.password_hash if account else passwords.NOBODYS, asked.password)
    if account is None or not is_right:
        person_id = account.person_id if account else None
        return _count_wrong(db, attempt, name_hash, person_id=person_id, at=at)
    db.execute(text("DELETE FROM sign_in_attempts WHERE username_hash = :hash"), {"hash": name_hash})
    session_id = uuid4()
    db.execute(
        text("INSERT INTO sessions (id, person_id, started_at, last_renewed_at) VALUES (:id, :person, :at, :at)"),
        {"id": session_id, "person": account.person_id, "at": at},
    )
    _record(db, "opened", name_hash, person_id=account.person_id, session_id=session_id, at=at)
    return _token(db, signer, person_id=account.person_id, session_id=session_id, name=account.name, at=at)


def renew(db: Connection, *, actor: Actor, signer: Signer, at: datetime) -> TokenView:
    """Sign a fresh token, with the grants of now, for a session that lives; raises SessionEnded."""
    name = db.execute(
        text(
            "UPDATE sessions s SET last_renewed_at = greatest(:at, s.last_renewed_at) FROM people p"
            " WHERE s.id = :session AND s.person_id = :person AND p.id = s.person_id AND s.ended_at IS NULL"
            " AND s.last_renewed_at > :idle AND s.started_at > :oldest RETURNING p.name"
        ),
        {
            "session": actor.session_id,
            "person": actor.person_id,
            "at": at,
            "idle": at - IDLE_MAX,
            "oldest": at - SESSION_MAX,
        },
    ).scalar()
    if name is None:
        raise SessionEnded()
    return _token(db, signer, person_id=actor.person_id, session_id=actor.session_id, name=name, at=at)


def close(db: Connection, *, actor: Actor, at: datetime) -> Nothing:
    """End the actor's session; one that has ended stays so."""
    db.execute(
        text("UPDATE sessions SET ended_at = greatest(:at, started_at) WHERE id = :session AND ended_at IS NULL"),
        {"session": actor.session_id, "at": at},
    )
    return Nothing()


def sweep(db: Connection, *, at: datetime) -> int:
    """End the sessions that nobody renewed, forget those long ended and old wrong passwords; return how many rows."""
    moments = {"at": at, "idle": at - IDLE_MAX, "oldest": at - SESSION_MAX, "forgotten": at - FORGOTTEN_AFTER}
    swept = 0
    for statement in (
        "UPDATE sessions SET ended_at = greatest(:at, started_at)"
        " WHERE ended_at IS NULL AND (last_renewed_at <= :idle OR started_at <= :oldest)",
        "DELETE FROM sessions WHERE ended_at <= :oldest",
        "DELETE FROM sign_in_attempts"
        " WHERE last_wrong_at <= :forgotten AND (locked_until IS NULL OR locked_until <= :at)",
    ):
        swept += db.execute(text(statement), moments).rowcount
    return swept


def _attempt(db: Connection, name_hash: bytes, *, at: datetime) -> Row[Any]:
    """Return the name's row of wrong passwords, locked; made when it is not there."""
    # The update changes nothing; it locks the row that is there, and ON CONFLICT waits for one just being made.
    return db.execute(
        text(
            "INSERT INTO sign_in_attempts AS a (username_hash, wrong, last_wrong_at) VALUES (:hash, 0, :at)"
            " ON CONFLICT (username_hash) DO UPDATE SET wrong = a.wrong"
            " RETURNING a.wrong, a.last_wrong_at, a.locked_until"
        ),
        {"hash": name_hash, "at": at},
    ).one()


def _count_wrong(
    db: Connection, attempt: Row[Any], name_hash: bytes, *, person_id: UUID | None, at: datetime
) -> Refusal:
    wrong = wrong_in_a_row(attempt.wrong, last_wrong_at=attempt.last_wrong_at, at=at) + 1
    wait = wait_after(wrong)
    db.execute(
        text(
            "UPDATE sign_in_attempts SET wrong = :wrong, last_wrong_at = :at, locked_until = :until"
            " WHERE username_hash = :hash"
        ),
        {"wrong": wrong, "at": at, "until": at + wait if wait else None, "hash": name_hash},
    )
    _record(db, "locked" if wait else "wrong", name_hash, person_id=person_id, session_id=None, at=at)
    return TooManyAttempts(wait_s=_seconds(wait)) if wait else WrongCredentials()


def _record(
    db: Connection, outcome: str, name_hash: bytes, *, person_id: UUID | None, session_id: UUID | None, at: datetime
) -> None:
    db.execute(
        text(
            "INSERT INTO sign_ins (at, outcome, username_hash, person_id, session_id, request_id)"
            " VALUES (:at, :outcome, :hash, :person, :session, :request)"
        ),
        {
            "at": at,
            "outcome": outcome,
            "hash": name_hash,
            "person": person_id,
            "session": session_id,
            "request": logs.request_id.get() or None,
        },
    )


def _token(db: Connection, signer: Signer, *, person_id: UUID, session_id: UUID, name: str, at: datetime) -> TokenView:
    grants = [(role.role, role.path) for role in roles_of(db, person_id)]
    token = signer.sign(person_id=person_id, session_id=session_id, name=name, grants=grants, at=at)
    return TokenView(access_token=token, token_type="Bearer", expires_in=int(LIFETIME.total_seconds()))  # noqa: S106


def _folded(username: str) -> str:
    """Return the name as accounts hold it: however it was typed, wide letters and capitals included."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def _seconds(wait: Any) -> int:
    return max(1, -int(-wait.total_seconds() // 1))
