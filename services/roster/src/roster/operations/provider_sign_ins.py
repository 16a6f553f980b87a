"""Signing in by an identity provider, and binding what it calls somebody to their account.

    begin ─▶ the browser goes to the provider ─▶ take, once ─▶ the provider proves whom ─▶ bound: a session
                                                                 └─▶ nobody: a ticket ─▶ password (and code): bound

Whoever the provider names is bound by `sub` alone: by the person, who proves the account by its password and second
factor, or by an administrator. Nothing is bound by a name or an e-mail address. The provider is asked between two
transactions, never inside one.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, PasswordChangeNeeded, SecondFactorNeeded
from chassis.refusals import NotFound, Refusal
from chassis.tokens import Signer
from contracts.roster.identity_providers import (
    BindByPassword,
    BindIdentity,
    FinishProviderSignIn,
    IdentitiesView,
    ProviderSignInBegun,
    ProviderSignInFinished,
    UnbindIdentity,
    UnbindMyIdentity,
)
from contracts.roster.sessions import TokenView
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.accounts import OPEN
from roster.domain.attempts import AccountNotOpen, WrongCode
from roster.domain.identity_providers import SIGN_IN_WITHIN, IdentityBound, Proof, Provider, SignInNotBegun
from roster.operations import accounts, passwords, second_factors, sessions
from roster.operations.sessions import Fits
from roster.queries import identity_providers as queries
from roster.queries.sign_in_policies import in_force
from roster.tables.identity import account_moves
from roster.tables.tokens import external_identities, provider_sign_ins

if TYPE_CHECKING:
    from roster.relying_party import RelyingParty

_TAKE: Final = text(
    """
    UPDATE provider_sign_ins SET taken_at = :at
    WHERE state_hash = :state AND binding_hash = :binding AND taken_at IS NULL AND expires_at > :at
    RETURNING provider, nonce, code_verifier
    """
)
_BOUND: Final = text(
    """
    SELECT e.id, e.person_id, a.username, a.state FROM external_identities e
    JOIN accounts a ON a.person_id = e.person_id WHERE e.issuer = :issuer AND e.subject = :subject
    """
)


@dataclass(frozen=True)
class Taken:
    """A sign-in that came back from its provider, for the first time."""

    provider: str
    nonce: str
    code_verifier: str


def addressed(party: "RelyingParty") -> tuple[ProviderSignInBegun, dict[str, Any]]:
    """Return where the browser goes, and the row that waits for it; raises ProviderAway."""
    state, binding, nonce, code_verifier = (secrets.token_urlsafe(32) for _ in range(4))
    address = party.address(state=state, nonce=nonce, code_verifier=code_verifier)
    row = {
        "state_hash": _hash(state),
        "binding_hash": _hash(binding),
        "provider": party.provider.name,
        "nonce": nonce,
        "code_verifier": code_verifier,
    }
    return ProviderSignInBegun(address=address, state=state, binding=binding), row


def keep(db: Connection, row: dict[str, Any], *, at: datetime) -> None:
    """Write down that a sign-in has begun."""
    db.execute(insert(provider_sign_ins).values(**row, begun_at=at, expires_at=at + SIGN_IN_WITHIN))


def take(db: Connection, asked: FinishProviderSignIn, *, at: datetime) -> Taken:
    """Take a sign-in that came back; nobody takes it again. Raises SignInNotBegun."""
    row = db.execute(_TAKE, {"state": _hash(asked.state), "binding": _hash(asked.binding), "at": at}).one_or_none()
    if row is None:
        raise SignInNotBegun()
    return Taken(**row._mapping)


def settle(
    db: Connection, asked: FinishProviderSignIn, proof: Proof, provider: Provider, *, signer: Signer, at: datetime
) -> ProviderSignInFinished:
    """Open a session for the account that is bound; for nobody's identity make a ticket. Raises AccountNotOpen."""
    bound = db.execute(_BOUND, {"issuer": proof.issuer, "subject": proof.subject}).one_or_none()
    if bound is None:
        ticket = secrets.token_urlsafe(32)
        db.execute(
            text(
                "UPDATE provider_sign_ins SET ticket_hash = :ticket, issuer = :issuer, subject = :subject,"
                " vouched = :vouched, expires_at = :until WHERE state_hash = :state"
            ),
            {
                "ticket": _hash(ticket),
                "issuer": proof.issuer,
                "subject": proof.subject,
                "vouched": proof.vouched,
                "until": at + SIGN_IN_WITHIN,
                "state": _hash(asked.state),
            },
        )
        return ProviderSignInFinished(None, ticket, provider.name, provider.title)
    if bound.state != OPEN:
        raise AccountNotOpen()
    db.execute(text("UPDATE external_identities SET last_used_at = :at WHERE id = :id"), {"id": bound.id, "at": at})
    token = _opened(
        db, bound.person_id, bound.username, asked, provider=provider.name, vouched=proof.vouched, signer=signer, at=at
    )
    return ProviderSignInFinished(token, None, provider.name, provider.title)


def bind_by_password(
    db: Connection, asked: BindByPassword, *, signer: Signer, at: datetime, fits: Fits = passwords.fits
) -> TokenView | Refusal:
    """Bind the identity of a ticket to the account whose password, and code, is right, and open a session.

    Who knows a password but not the code binds nothing, or they could go round the second factor from then on.
    WrongCredentials, WrongCode, TooManyAttempts, AccountNotOpen are returned, to be committed with their count.
    Raises SignInNotBegun, SecondFactorNeeded, PasswordChangeNeeded, IdentityBound.
    """
    policy = in_force(db, on=clock.today(at))
    waiting = db.execute(
        text("SELECT * FROM provider_sign_ins WHERE ticket_hash = :ticket AND expires_at > :at FOR UPDATE"),
        {"ticket": _hash(asked.ticket), "at": at},
    ).one_or_none()
    if waiting is None:
        raise SignInNotBegun()
    account = sessions.checked(db, asked.username, asked.password, policy=policy, at=at, fits=fits)
    if isinstance(account, Refusal):
        return account
    if account.must_change:
        raise PasswordChangeNeeded()
    with_second_factor = second_factors.is_set_up(db, account.person_id)
    if with_second_factor:
        if not asked.code:
            raise SecondFactorNeeded()
        if not second_factors.takes(db, account.person_id, asked.code, at=at):
            name_hash = sessions.hash_of_name(account.username)
            attempt = sessions.waiting(db, name_hash, at=at)
            if isinstance(attempt, Refusal):
                return attempt
            locked = sessions.count_wrong(
                db, attempt, name_hash, person_id=account.person_id, policy=policy, at=at, outcome="wrong_code"
            )
            return locked or WrongCode()
    sessions.forget_wrong(db, sessions.hash_of_name(account.username))
    _bind(
        db,
        account.person_id,
        Proof(waiting.issuer, waiting.subject, waiting.vouched),
        provider=waiting.provider,
        by=account.person_id,
        reason=waiting.provider,
        at=at,
    )
    db.execute(text("DELETE FROM provider_sign_ins WHERE state_hash = :state"), {"state": waiting.state_hash})
    return _opened(
        db,
        account.person_id,
        account.username,
        asked,
        provider=waiting.provider,
        vouched=waiting.vouched,
        with_second_factor=with_second_factor,
        signer=signer,
        at=at,
    )


def bind(db: Connection, asked: BindIdentity, provider: Provider, *, actor: Actor, at: datetime) -> IdentitiesView:
    """Bind what a provider calls somebody to their account.

    Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld, IdentityBound.
    """
    person = accounts.administered(db, asked.person_id, action="bind_identity", actor=actor, at=at)
    if person.state is None:
        raise NotFound()
    proof = Proof(provider.issuer, asked.subject, vouched=False)
    _bind(db, person.id, proof, provider=provider.name, by=actor.person_id, reason=asked.reason, at=at)
    return queries.of(db, person.id)


def unbind(db: Connection, asked: UnbindIdentity, *, actor: Actor, at: datetime) -> IdentitiesView:
    """End that somebody signs in by a provider. Raises NotFound, OwnAccount, RolesElsewhere, TokenTooOld."""
    person = accounts.administered(db, asked.person_id, action="bind_identity", actor=actor, at=at)
    _unbind(db, person.id, asked.identity_id, by=actor.person_id, reason=asked.reason, at=at)
    return queries.of(db, person.id)


def unbind_mine(db: Connection, asked: UnbindMyIdentity, *, actor: Actor, at: datetime) -> IdentitiesView:
    """Sign in by a provider no more. Raises NotFound."""
    _unbind(db, actor.person_id, asked.identity_id, by=actor.person_id, reason="-", at=at)
    return queries.of(db, actor.person_id)


def sweep(db: Connection, *, at: datetime) -> int:
    """Forget the sign-ins that nobody came back from; return how many."""
    return db.execute(text("DELETE FROM provider_sign_ins WHERE expires_at <= :at"), {"at": at}).rowcount


def _opened(
    db: Connection,
    person_id: UUID,
    username: str,
    asked: FinishProviderSignIn | BindByPassword,
    *,
    provider: str,
    vouched: bool,
    signer: Signer,
    at: datetime,
    with_second_factor: bool = False,
) -> TokenView:
    policy = in_force(db, on=clock.today(at))
    session_id = sessions.start(
        db,
        person_id,
        device=asked.device,
        address=asked.address,
        provider=provider,
        vouched=vouched,
        with_second_factor=with_second_factor,
        at=at,
    )
    name_hash = sessions.hash_of_name(username)
    sessions.record(db, "opened", name_hash, person_id=person_id, session_id=session_id, at=at)
    return sessions.token_of(db, signer, session_id=session_id, policy=policy, at=at)


def _bind(db: Connection, person_id: UUID, proof: Proof, *, provider: str, by: UUID, reason: str, at: datetime) -> None:
    bound = db.execute(
        insert(external_identities)
        .values(
            id=uuid4(),
            issuer=proof.issuer,
            subject=proof.subject,
            person_id=person_id,
            provider=provider,
            bound_at=at,
            bound_by=by,
            last_used_at=at if by == person_id else None,
        )
        .on_conflict_do_nothing()
    )
    if bound.rowcount == 0:
        raise IdentityBound()
    _note(db, person_id, "bind_identity", by=by, reason=reason, at=at)


def _unbind(db: Connection, person_id: UUID, identity_id: UUID, *, by: UUID, reason: str, at: datetime) -> None:
    provider = db.execute(
        text("DELETE FROM external_identities WHERE id = :id AND person_id = :person RETURNING provider"),
        {"id": identity_id, "person": person_id},
    ).scalar_one_or_none()
    if provider is None:
        raise NotFound()
    db.execute(
        text(
            "UPDATE sessions SET ended_at = greatest(:at, started_at)"
            " WHERE person_id = :person AND provider = :provider AND ended_at IS NULL"
        ),
        {"person": person_id, "provider": provider, "at": at},
    )
    _note(db, person_id, "unbind_identity", by=by, reason=provider if reason == "-" else reason, at=at)


def _note(db: Connection, person_id: UUID, move: str, *, by: UUID, reason: str, at: datetime) -> None:
    db.execute(insert(account_moves).values(person_id=person_id, move=move, at=at, by=by, reason=reason))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
