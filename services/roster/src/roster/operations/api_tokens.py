"""Giving a program a token, exchanging it for what the services take, and ending it.

The token is shown once and kept as its SHA-256. A program's call brings it to the gateway, which has it exchanged here
for a signed token of 90 seconds, made of what the person may at this moment, and keeps that for half a minute.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden, SecondFactorSetupNeeded
from chassis.refusals import InvalidInput, NotFound
from chassis.tokens import Signer
from contracts.roster.api_tokens import (
    ApiTokenExchanged,
    ApiTokenMade,
    ApiTokenView,
    EndApiToken,
    EndMyApiToken,
    ExchangeApiToken,
    MakeApiToken,
    new_token,
)
from sqlalchemy import Connection, insert, text

from roster.domain.accounts import OPEN
from roster.domain.api_tokens import LIFETIME, NOTED_EVERY, TokenRefused, TooManyTokens, narrowed
from roster.domain.sign_in_policies import SignInPolicy
from roster.queries import api_tokens as queries
from roster.queries.accounts import person_of
from roster.queries.people import roles_of
from roster.queries.sign_in_policies import in_force
from roster.tables.tokens import api_tokens

ENDED_BY_OWNER: Final = "ended by its owner"

_FIND: Final = text(
    """
    SELECT t.id, t.person_id, t.scope, t.expires_at, t.ended_at, t.organisation_id, o.path, p.name, a.state,
           a.must_change, f.confirmed_at IS NOT NULL AS has_second_factor
    FROM api_tokens t JOIN people p ON p.id = t.person_id JOIN accounts a ON a.person_id = t.person_id
    LEFT JOIN organisations o ON o.id = t.organisation_id
    LEFT JOIN second_factors f ON f.person_id = t.person_id
    WHERE t.token_hash = :hash
    """
)
_NOTE: Final = text(
    """
    UPDATE api_tokens SET last_used_at = :at, last_used_from = :address
    WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :a_while_ago)
    """
)
_END: Final = text(
    """
    UPDATE api_tokens SET ended_at = greatest(:at, made_at), ended_by = :by, ended_reason = :reason
    WHERE id = :id AND ended_at IS NULL
    """
)


def make(db: Connection, asked: MakeApiToken, *, actor: Actor, policy: SignInPolicy, at: datetime) -> ApiTokenMade:
    """Make a token for the actor; whoever calls this has checked the password, and holds the lock that goes with it.

    Raises TokenTooOld, InvalidInput for more days than the policy allows or a part of the tree where the actor holds
    no role, TooManyTokens.
    """
    actor.must_be_fresh(at)
    if asked.days > policy.token_days_max:
        raise InvalidInput({"days": [f"A token lives at most {policy.token_days_max} days."]})
    if asked.organisation_id is not None:
        path = db.execute(
            text("SELECT path FROM organisations WHERE id = :id"), {"id": asked.organisation_id}
        ).scalar_one_or_none()
        held = [(role.role, role.path) for role in roles_of(db, actor.person_id, on=clock.today(at))]
        if path is None or not narrowed(held, within=path):
            raise InvalidInput({"organisation_id": ["None of your roles reaches there."]})
    # Locked before they are counted: two made at once would each count without the other.
    db.execute(text("SELECT FROM accounts WHERE person_id = :person FOR NO KEY UPDATE"), {"person": actor.person_id})
    in_force_now = db.execute(
        text("SELECT count(*) FROM api_tokens WHERE person_id = :person AND ended_at IS NULL AND expires_at > :at"),
        {"person": actor.person_id, "at": at},
    ).scalar_one()
    if in_force_now >= policy.tokens_max:
        raise TooManyTokens(most=policy.tokens_max)
    token, token_id = new_token(), uuid4()
    db.execute(
        insert(api_tokens).values(
            id=token_id,
            person_id=actor.person_id,
            name=asked.name,
            token_hash=hash_of(token),
            ends_with=token[-4:],
            scope=asked.scope,
            organisation_id=asked.organisation_id,
            made_at=at,
            expires_at=at + timedelta(days=asked.days),
        )
    )
    return ApiTokenMade(token=token, kept=queries.view(db, token_id, at=at))


def exchange(db: Connection, asked: ExchangeApiToken, *, signer: Signer, at: datetime) -> ApiTokenExchanged:
    """Sign what the services take for a token, with the grants its person has now, and note that it was used.

    Raises TokenRefused for one that is unknown, expired or ended, or whose account is not open: nobody learns which.
    Raises SecondFactorSetupNeeded when the person's roles need a second factor that they do not have.
    """
    found = db.execute(_FIND, {"hash": hash_of(asked.token)}).one_or_none()
    if (
        found is None
        or found.ended_at is not None
        or found.expires_at <= at
        or found.state != OPEN
        or found.must_change
    ):
        raise TokenRefused()
    today = clock.today(at)
    held = [(role.role, role.path) for role in roles_of(db, found.person_id, on=today)]
    roles = frozenset(role for role, _ in held)
    if not found.has_second_factor and in_force(db, on=today).demands_second_factor(roles):
        raise SecondFactorSetupNeeded()
    db.execute(_NOTE, {"id": found.id, "at": at, "address": asked.address or None, "a_while_ago": at - NOTED_EVERY})
    lifetime = min(LIFETIME, found.expires_at - at)
    signed = signer.sign(
        person_id=found.person_id,
        session_id=found.id,
        name=found.name,
        grants=narrowed(held, within=found.path),
        scope=found.scope,
        within=found.path,
        lifetime=lifetime,
        at=at,
    )
    return ApiTokenExchanged(access_token=signed, expires_in=int(lifetime.total_seconds()))


def end_mine(db: Connection, asked: EndMyApiToken, *, actor: Actor, at: datetime) -> ApiTokenView:
    """End a token of the actor's; one that has ended stays as it is. Raises NotFound."""
    if queries.owner_of(db, asked.token_id) != actor.person_id:
        raise NotFound()
    db.execute(_END, {"id": asked.token_id, "at": at, "by": actor.person_id, "reason": ENDED_BY_OWNER})
    return queries.view(db, asked.token_id, at=at)


def end(db: Connection, asked: EndApiToken, *, actor: Actor, at: datetime) -> ApiTokenView:
    """End the token of somebody of the actor's part of the tree; raises NotFound, Forbidden."""
    owner = queries.owner_of(db, asked.token_id)
    if not actor.paths("admin"):
        raise Forbidden()
    if owner is None:
        raise NotFound()
    person_of(db, owner, action="end_api_token", actor=actor)
    db.execute(_END, {"id": asked.token_id, "at": at, "by": actor.person_id, "reason": asked.reason})
    return queries.view(db, asked.token_id, at=at)


def end_all(db: Connection, person_id: UUID, *, by: UUID | None, reason: str, at: datetime) -> int:
    """End all tokens of a person whose account is closed or no longer trusted; return how many."""
    return db.execute(
        text(
            "UPDATE api_tokens SET ended_at = greatest(:at, made_at), ended_by = :by, ended_reason = :reason"
            " WHERE person_id = :person AND ended_at IS NULL"
        ),
        {"person": person_id, "at": at, "by": by, "reason": reason},
    ).rowcount


def hash_of(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
