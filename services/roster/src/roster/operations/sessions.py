"""Signing in, completing the sign-in, renewing the token, signing out.

    password right ──▶ session ──code──▶ session with second factor ──▶ …
                          └──password changed──▶ session          each arrow: a new id, the old session has ended

A session is a row; a token is a statement about it that lives ten minutes. So a session that has ended, or a right
that was taken, counts from the next token on. What a person has to do before anything else (give the code, choose a
password, set up the second factor that their roles need) is worked out each time a token is signed, and said in it.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock, logs
from chassis.actors import Actor, Grant
from chassis.audit.records import place_of
from chassis.refusals import Refusal
from chassis.tokens import LIFETIME, Signer
from contracts.roster.sessions import EndMySessions, OpenSession, SessionsEnded, TokenView
from sqlalchemy import Connection, Row, text

from roster.domain.accounts import OPEN
from roster.domain.attempts import (
    AccountNotOpen,
    SessionEnded,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
    wait_after,
    wrong_in_a_row,
)
from roster.domain.sign_in_policies import HALF_OPEN_MAX, STILL_FOLLOWED, SignInPolicy
from roster.operations import passwords
from roster.queries.people import roles_of
from roster.queries.sign_in_policies import in_force

_RENEW: Final = text(
    """
    UPDATE sessions SET last_renewed_at = greatest(:at, last_renewed_at)
    WHERE ended_at IS NULL AND last_renewed_at > :idle AND started_at > :oldest AND person_id = :person
      AND id = coalesce((SELECT followed_by FROM sessions
                         WHERE id = :session AND person_id = :person AND ended_at > :a_moment_ago), :session)
    RETURNING id
    """
)

Fits = Callable[[str, str], bool]
Hashes = Callable[[str], str]
Told = Callable[[UUID, UUID, str | None], None]
"""Takes who signed in, with which session, and where in the tree they stand: for the audit's record of the sign-in."""


def open_session(
    db: Connection,
    asked: OpenSession,
    *,
    signer: Signer,
    at: datetime,
    fits: Fits = passwords.fits,
    hashed: Hashes = passwords.hashed,
    told: Told = lambda person_id, session_id, place: None,
) -> TokenView | Refusal:
    """Open a session for the right password, or count a wrong one.

    WrongCredentials, TooManyAttempts and AccountNotOpen are returned, not raised, for the transaction has to be
    committed with them: it keeps the count. The row of the user name is locked from the first look to the commit, so
    those who try at the same time are judged one after another. A name that nobody has is treated alike in every step.
    """
    policy = in_force(db, on=clock.today(at))
    name_hash = hash_of_name(asked.username)
    account = checked(db, asked.username, asked.password, policy=policy, at=at, fits=fits)
    if isinstance(account, Refusal):
        return account
    if passwords.is_outdated(account.password_hash):
        db.execute(
            text("UPDATE accounts SET password_hash = :new WHERE person_id = :person AND password_hash = :old"),
            {"new": hashed(asked.password), "old": account.password_hash, "person": account.person_id},
        )
    session_id = start(db, account.person_id, device=asked.device, address=asked.address, at=at)
    record(db, "opened", name_hash, person_id=account.person_id, session_id=session_id, at=at)
    told(account.person_id, session_id, _place_of(db, account.person_id, at=at))
    opened = token_of(db, signer, session_id=session_id, policy=policy, at=at)
    # With the code still to come the wrong ones still count: who knows the password must not try codes for ever.
    if opened.first != "code":
        forget_wrong(db, name_hash)
    return opened


def checked(
    db: Connection, username: str, password: str, *, policy: SignInPolicy, at: datetime, fits: Fits
) -> Row[Any] | Refusal:
    """Return the open account of a user name and its right password, or count a wrong one and return what is said."""
    name_hash = hash_of_name(username)
    waits = waiting(db, name_hash, at=at)
    if isinstance(waits, Refusal):
        return waits
    account = db.execute(
        text("SELECT person_id, username, password_hash, state, must_change FROM accounts WHERE username = :username"),
        {"username": folded(username)},
    ).one_or_none()
    is_right = fits(account.password_hash if account else passwords.NOBODYS, password)
    if account is None or not is_right:
        person_id = account.person_id if account else None
        locked = count_wrong(db, waits, name_hash, person_id=person_id, policy=policy, at=at)
        refusal: Refusal = locked or WrongCredentials()
        # Asked for a name that nobody has as well, so that both take as long.
        refusal.about, refusal.place = person_id, _place_of(db, person_id or uuid4(), at=at)
        return refusal
    return account if account.state == OPEN else AccountNotOpen()


def start(
    db: Connection,
    person_id: UUID,
    *,
    device: str,
    address: str,
    at: datetime,
    provider: str | None = None,
    vouched: bool = False,
    with_second_factor: bool = False,
) -> UUID:
    """Begin a session and return its id; `vouched` says that the provider answers for a second factor of its own."""
    session_id = uuid4()
    db.execute(
        text(
            "INSERT INTO sessions"
            " (id, person_id, started_at, last_renewed_at, device, address, provider, vouched, with_second_factor)"
            " VALUES (:id, :person, :at, :at, :device, :address, :provider, :vouched, :with_second_factor)"
        ),
        {
            "id": session_id,
            "person": person_id,
            "at": at,
            "device": device,
            "address": address,
            "provider": provider,
            "vouched": vouched,
            "with_second_factor": with_second_factor,
        },
    )
    return session_id


def renew(db: Connection, *, actor: Actor, signer: Signer, at: datetime) -> TokenView:
    """Sign a fresh token, with the grants of now, for a session that lives; raises SessionEnded.

    For one that was changed for a new session a moment ago, whose token may have got lost on its way, the new one's.
    """
    policy = in_force(db, on=clock.today(at))
    asked = {
        "session": actor.session_id,
        "person": actor.person_id,
        "at": at,
        "idle": at - policy.idle_max,
        "oldest": at - policy.session_max,
        "a_moment_ago": at - STILL_FOLLOWED,
    }
    # Twice, for one that waited while the session was changed has only then seen which one follows.
    session_id = db.execute(_RENEW, asked).scalar() or db.execute(_RENEW, asked).scalar()
    if session_id is None:
        raise SessionEnded()
    return token_of(db, signer, session_id=session_id, policy=policy, at=at)


def close(db: Connection, *, actor: Actor, at: datetime) -> str | None:
    """End the actor's session; one that has ended stays so. Return the provider that it came by, if it did."""
    db.execute(
        text("UPDATE sessions SET ended_at = greatest(:at, started_at) WHERE id = :session AND ended_at IS NULL"),
        {"session": actor.session_id, "at": at},
    )
    provider: str | None = db.execute(
        text("SELECT provider FROM sessions WHERE id = :session"), {"session": actor.session_id}
    ).scalar_one_or_none()
    return provider


def end_mine(db: Connection, asked: EndMySessions, *, actor: Actor, at: datetime) -> SessionsEnded:
    """End one of the actor's sessions, or all but the one that asks."""
    if asked.session_id is None:
        return SessionsEnded(end_all(db, actor.person_id, at=at, but=actor.session_id))
    ended = db.execute(
        text(
            "UPDATE sessions SET ended_at = greatest(:at, started_at)"
            " WHERE id = :session AND person_id = :person AND ended_at IS NULL"
        ),
        {"session": asked.session_id, "person": actor.person_id, "at": at},
    )
    return SessionsEnded(ended.rowcount)


def end_all(db: Connection, person_id: UUID, *, at: datetime, but: UUID | None = None) -> int:
    """End all sessions of a person, perhaps but one; return how many."""
    return db.execute(
        text(
            "UPDATE sessions SET ended_at = greatest(:at, started_at)"
            " WHERE person_id = :person AND ended_at IS NULL AND id IS DISTINCT FROM CAST(:but AS uuid)"
        ),
        {"person": person_id, "at": at, "but": but},
    ).rowcount


def change_for_new(
    db: Connection, *, actor: Actor, command_id: UUID, at: datetime, with_second_factor: bool | None = None
) -> UUID:
    """End the actor's session and return the id of the new one that follows it; raises SessionEnded.

    Whoever held the old session's token, and is not who did this, is left behind with it.
    """
    new = uuid4()
    changed = db.execute(
        text(
            """
            WITH old AS (
                UPDATE sessions SET ended_at = greatest(:at, started_at), followed_by = :new,
                                    changed_by_command = :command
                WHERE id = :session AND person_id = :person AND ended_at IS NULL
                RETURNING device, address, with_second_factor, provider, vouched
            )
            INSERT INTO sessions (id, person_id, started_at, last_renewed_at, device, address, with_second_factor,
                                  provider, vouched)
            SELECT :new, :person, :at, :at, device, address, coalesce(:with_second_factor, with_second_factor),
                   provider, vouched FROM old
            """
        ),
        {
            "session": actor.session_id,
            "person": actor.person_id,
            "new": new,
            "command": command_id,
            "at": at,
            "with_second_factor": with_second_factor,
        },
    )
    if changed.rowcount == 0:
        raise SessionEnded()
    return new


def changed_by(db: Connection, *, actor: Actor, command_id: UUID) -> UUID | None:
    """Return the living session for which the same command changed the actor's one before: the command is a retry."""
    return db.execute(
        text(
            "SELECT new.id FROM sessions old JOIN sessions new ON new.id = old.followed_by"
            " WHERE old.id = :session AND old.person_id = :person AND old.changed_by_command = :command"
            " AND new.ended_at IS NULL"
        ),
        {"session": actor.session_id, "person": actor.person_id, "command": command_id},
    ).scalar()


def must_live(db: Connection, *, actor: Actor, policy: SignInPolicy, at: datetime) -> None:
    """Raise SessionEnded unless the actor's session lives: what changes an account asks here, not the token alone."""
    lives = db.execute(
        text(
            "SELECT FROM sessions WHERE id = :session AND person_id = :person AND ended_at IS NULL"
            " AND last_renewed_at > :idle AND started_at > :oldest"
        ),
        {
            "session": actor.session_id,
            "person": actor.person_id,
            "idle": at - policy.idle_max,
            "oldest": at - policy.session_max,
        },
    ).one_or_none()
    if lives is None:
        raise SessionEnded()


def sweep(db: Connection, *, at: datetime) -> int:
    """End the sessions that nobody renewed, forget those long ended and old wrong passwords; return how many rows."""
    policy = in_force(db, on=clock.today(at))
    moments = {
        "at": at,
        "idle": at - policy.idle_max,
        "oldest": at - policy.session_max,
        "forgotten": at - policy.forgotten_after,
    }
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


def waiting(db: Connection, name_hash: bytes, *, at: datetime) -> Row[Any] | TooManyAttempts:
    """Return the name's row of wrong passwords, locked and made when it is not there; or how long the name waits."""
    # The update changes nothing; it locks the row that is there, and ON CONFLICT waits for one just being made.
    attempt = db.execute(
        text(
            "INSERT INTO sign_in_attempts AS a (username_hash, wrong, last_wrong_at) VALUES (:hash, 0, :at)"
            " ON CONFLICT (username_hash) DO UPDATE SET wrong = a.wrong"
            " RETURNING a.wrong, a.last_wrong_at, a.locked_until"
        ),
        {"hash": name_hash, "at": at},
    ).one()
    if attempt.locked_until is not None and at < attempt.locked_until:
        return TooManyAttempts(wait_s=_seconds(attempt.locked_until - at))
    return attempt


def count_wrong(
    db: Connection,
    attempt: Row[Any],
    name_hash: bytes,
    *,
    person_id: UUID | None,
    policy: SignInPolicy,
    at: datetime,
    outcome: str = "wrong",
) -> TooManyAttempts | None:
    """Count a wrong password or code; return how long the name waits now, if it does."""
    wrong = wrong_in_a_row(attempt.wrong, last_wrong_at=attempt.last_wrong_at, at=at, policy=policy) + 1
    wait = wait_after(wrong, policy)
    db.execute(
        text(
            "UPDATE sign_in_attempts SET wrong = :wrong, last_wrong_at = :at, locked_until = :until"
            " WHERE username_hash = :hash"
        ),
        {"wrong": wrong, "at": at, "until": at + wait if wait else None, "hash": name_hash},
    )
    record(db, "locked" if wait else outcome, name_hash, person_id=person_id, session_id=None, at=at)
    return TooManyAttempts(wait_s=_seconds(wait)) if wait else None


def forget_wrong(db: Connection, name_hash: bytes) -> None:
    """Forget the wrong ones of a name: its holder has signed in completely."""
    db.execute(text("DELETE FROM sign_in_attempts WHERE username_hash = :hash"), {"hash": name_hash})


def record(
    db: Connection, outcome: str, name_hash: bytes, *, person_id: UUID | None, session_id: UUID | None, at: datetime
) -> None:
    """Keep that a sign-in was checked, and how it ended."""
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


def proved(
    db: Connection,
    *,
    actor: Actor,
    policy: SignInPolicy,
    at: datetime,
    password: str | None = None,
    fits: Fits = passwords.fits,
    passes: Callable[[], bool] | None = None,
) -> Refusal | None:
    """Check the actor's own password, and what else `passes` checks, before something about the account changes.

    A wrong one counts as one at the sign-in does, so a stolen session finds out neither. Returns WrongCredentials,
    WrongCode, TooManyAttempts for the caller to commit with; None when all is right.
    """
    account = db.execute(
        text("SELECT username, password_hash FROM accounts WHERE person_id = :person"), {"person": actor.person_id}
    ).one_or_none()
    if account is None:
        return SessionEnded()
    name_hash = hash_of_name(account.username)
    waits = waiting(db, name_hash, at=at)
    if isinstance(waits, Refusal):
        return waits
    wrong: Refusal | None = None
    if password is not None and not fits(account.password_hash, password):
        wrong, outcome = WrongCredentials(), "wrong"
    elif passes is not None and not passes():
        wrong, outcome = WrongCode(), "wrong_code"
    if wrong is not None:
        locked = count_wrong(db, waits, name_hash, person_id=actor.person_id, policy=policy, at=at, outcome=outcome)
        return locked or wrong
    forget_wrong(db, name_hash)
    return None


def token_of(db: Connection, signer: Signer, *, session_id: UUID, policy: SignInPolicy, at: datetime) -> TokenView:
    """Sign a token of a living session, with the grants of now and what has to be done first; raises SessionEnded."""
    row = db.execute(
        text(
            "SELECT s.person_id, s.started_at, s.with_second_factor, s.provider, s.vouched, p.name, a.state,"
            " a.must_change, a.password_set_at,"
            " f.confirmed_at IS NOT NULL AS has_second_factor"
            " FROM sessions s JOIN people p ON p.id = s.person_id JOIN accounts a ON a.person_id = s.person_id"
            " LEFT JOIN second_factors f ON f.person_id = s.person_id WHERE s.id = :session"
        ),
        {"session": session_id},
    ).one_or_none()
    if row is None or row.state != OPEN:
        raise SessionEnded()
    grants = [(role.role, role.path) for role in roles_of(db, row.person_id, on=clock.today(at))]
    first = _first(row, roles=frozenset(role for role, _ in grants), policy=policy, at=at)
    if first == "code" and at - row.started_at > HALF_OPEN_MAX:
        raise SessionEnded()
    token = signer.sign(
        person_id=row.person_id, session_id=session_id, name=row.name, grants=grants, first=first, at=at
    )
    return TokenView(
        access_token=token,
        token_type="Bearer",  # noqa: S106
        expires_in=int(LIFETIME.total_seconds()),
        first=first,
    )


def _place_of(db: Connection, person_id: UUID, *, at: datetime) -> str | None:
    return place_of(tuple(Grant(role.role, role.path) for role in roles_of(db, person_id, on=clock.today(at))))


def _first(row: Row[Any], *, roles: frozenset[str], policy: SignInPolicy, at: datetime) -> str | None:
    if row.has_second_factor and not (row.with_second_factor or row.vouched):
        return "code"
    # Who comes by a provider has used no password; it is asked for anew when they sign in with it.
    is_expired = policy.expires_after is not None and at - row.password_set_at >= policy.expires_after
    if (row.must_change or is_expired) and row.provider is None:
        return "password"
    if not (row.has_second_factor or row.vouched) and policy.demands_second_factor(roles):
        return "second_factor"
    return None


def hash_of_name(username: str) -> bytes:
    """Return the key under which wrong passwords of a user name are counted."""
    return hashlib.sha256(folded(username).encode()).digest()


def folded(username: str) -> str:
    """Return the name as accounts hold it: however it was typed, wide letters and capitals included."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def _seconds(wait: Any) -> int:
    return max(1, -int(-wait.total_seconds() // 1))
