"""The second factor: six digits of an authenticator, a new one every 30 seconds (RFC 6238), or a recovery code, once.

    nothing ──set up──▶ waits for its first code ──confirm──▶ asked for at each sign-in ──remove──▶ nothing

A code is taken within a step before and after the clock's, never twice, and none older than the last one taken: the
database holds the step. Wrong codes count as wrong passwords do.
"""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import clock, personal
from chassis.actors import Actor
from chassis.refusals import Refusal
from chassis.tokens import Signer
from contracts.roster.second_factors import (
    ConfirmSecondFactor,
    RecoveryCodesMade,
    RemoveSecondFactor,
    RenewRecoveryCodes,
    SecondFactorConfirmed,
    SecondFactorMade,
    SecondFactorView,
    SetUpSecondFactor,
)
from contracts.roster.sessions import Nothing, PassSecondFactor, TokenView
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, text

from roster.domain.accounts import NoSecondFactor, SecondFactorDemanded, SecondFactorIsSetUp
from roster.operations import passwords, sessions
from roster.operations.sessions import Fits
from roster.queries.people import roles_of
from roster.queries.sign_in_policies import in_force

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
ISSUER: Final = "Zhendi"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_COLUMN: Final = "recovery_codes.code_hash"


def view(db: Connection, *, actor: Actor, at: datetime) -> SecondFactorView:
    """Say whether the actor has a second factor and needs one."""
    row = db.execute(
        text(
            "SELECT f.confirmed_at, (SELECT count(*) FROM recovery_codes c WHERE c.person_id = f.person_id"
            " AND c.used_at IS NULL) AS codes_left FROM second_factors f WHERE f.person_id = :person"
        ),
        {"person": actor.person_id},
    ).one_or_none()
    return SecondFactorView(
        set_up_at=row.confirmed_at if row else None,
        is_demanded=_is_demanded(db, actor=actor, at=at),
        recovery_codes_left=row.codes_left if row and row.confirmed_at else 0,
    )


def set_up(
    db: Connection, asked: SetUpSecondFactor, *, actor: Actor, at: datetime, fits: Fits = passwords.fits
) -> SecondFactorMade | Refusal:
    """Make a secret that waits for its first code; one that waited before is replaced.

    A wrong password is returned, to be committed with its count. Raises SessionEnded, SecondFactorIsSetUp.
    """
    policy = in_force(db, on=clock.today(at))
    sessions.must_live(db, actor=actor, policy=policy, at=at)
    refused = sessions.proved(db, actor=actor, policy=policy, at=at, password=asked.password, fits=fits)
    if refused:
        return refused
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    made = db.execute(
        text(
            "INSERT INTO second_factors AS f (person_id, sealed_secret, made_at) VALUES (:person, :sealed, :at)"
            " ON CONFLICT (person_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, made_at = excluded.made_at"
            " WHERE f.confirmed_at IS NULL"
        ),
        {"person": actor.person_id, "sealed": personal.seal(secret), "at": at},
    )
    if made.rowcount == 0:
        raise SecondFactorIsSetUp()
    username = db.execute(
        text("SELECT username FROM accounts WHERE person_id = :person"), {"person": actor.person_id}
    ).scalar_one()
    uri = _totp(secret).get_provisioning_uri(username, ISSUER)
    return SecondFactorMade(secret=secret, uri=uri)


def confirm(
    db: Connection, asked: ConfirmSecondFactor, *, actor: Actor, signer: Signer, command_id: UUID, at: datetime
) -> SecondFactorConfirmed | Refusal:
    """Let each sign-in ask for a code from now on, and go on in a new session that has given one.

    A wrong code is returned. A retry gets new recovery codes, for nobody keeps the first ones. Raises SessionEnded,
    NoSecondFactor.
    """
    policy = in_force(db, on=clock.today(at))
    session_id = sessions.changed_by(db, actor=actor, command_id=command_id)
    if session_id is None:
        sessions.must_live(db, actor=actor, policy=policy, at=at)

        def passes() -> bool:
            return _takes_digits(db, actor.person_id, asked.code, at=at, is_confirmed=False)

        if not _waits_for_its_first_code(db, actor.person_id):
            raise NoSecondFactor()
        refused = sessions.proved(db, actor=actor, policy=policy, at=at, passes=passes)
        if refused:
            return refused
        db.execute(
            text("UPDATE second_factors SET confirmed_at = :at WHERE person_id = :person"),
            {"person": actor.person_id, "at": at},
        )
        session_id = sessions.change_for_new(db, actor=actor, command_id=command_id, at=at, with_second_factor=True)
        sessions.end_all(db, actor.person_id, at=at, but=session_id)
    codes = _new_recovery_codes(db, actor.person_id)
    token = sessions.token_of(db, signer, session_id=session_id, policy=policy, at=at)
    return SecondFactorConfirmed(recovery_codes=codes, token=token)


def pass_code(
    db: Connection, asked: PassSecondFactor, *, actor: Actor, signer: Signer, command_id: UUID, at: datetime
) -> TokenView | Refusal:
    """Complete the sign-in with a code, in a new session.

    A wrong code is returned. Raises SessionEnded, NoSecondFactor.
    """
    policy = in_force(db, on=clock.today(at))
    session_id = sessions.changed_by(db, actor=actor, command_id=command_id)
    if session_id is None:
        if actor.first != "code":
            raise NoSecondFactor()
        sessions.must_live(db, actor=actor, policy=policy, at=at)
        refused = sessions.proved(
            db, actor=actor, policy=policy, at=at, passes=lambda: takes(db, actor.person_id, asked.code, at=at)
        )
        if refused:
            return refused
        session_id = sessions.change_for_new(db, actor=actor, command_id=command_id, at=at, with_second_factor=True)
        username = db.execute(
            text("SELECT username FROM accounts WHERE person_id = :person"), {"person": actor.person_id}
        ).scalar_one()
        sessions.record(
            db,
            "passed",
            sessions.hash_of_name(username),
            person_id=actor.person_id,
            session_id=session_id,
            at=at,
        )
    return sessions.token_of(db, signer, session_id=session_id, policy=policy, at=at)


def remove(
    db: Connection, asked: RemoveSecondFactor, *, actor: Actor, at: datetime, fits: Fits = passwords.fits
) -> Nothing | Refusal:
    """Ask for no codes any more. Raises SecondFactorDemanded, NoSecondFactor, SessionEnded; a wrong one is returned."""
    policy = in_force(db, on=clock.today(at))
    sessions.must_live(db, actor=actor, policy=policy, at=at)
    if _is_demanded(db, actor=actor, at=at):
        raise SecondFactorDemanded()
    refused = _proved_by_code(db, asked.code, actor=actor, at=at, password=asked.password, fits=fits)
    if refused:
        return refused
    drop(db, actor.person_id)
    return Nothing()


def renew_codes(
    db: Connection, asked: RenewRecoveryCodes, *, actor: Actor, at: datetime
) -> RecoveryCodesMade | Refusal:
    """Replace the recovery codes. Raises NoSecondFactor, SessionEnded; a wrong code is returned."""
    sessions.must_live(db, actor=actor, policy=in_force(db, on=clock.today(at)), at=at)
    refused = _proved_by_code(db, asked.code, actor=actor, at=at)
    return refused or RecoveryCodesMade(_new_recovery_codes(db, actor.person_id))


def is_set_up(db: Connection, person_id: UUID) -> bool:
    """Say whether the person's sign-in asks for a code."""
    found = db.execute(
        text("SELECT FROM second_factors WHERE person_id = :person AND confirmed_at IS NOT NULL"), {"person": person_id}
    )
    return found.first() is not None


def drop(db: Connection, person_id: UUID) -> bool:
    """Forget a person's second factor with its recovery codes; say whether there was one."""
    return db.execute(text("DELETE FROM second_factors WHERE person_id = :person"), {"person": person_id}).rowcount == 1


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the 30-second step, of now or one beside it, whose code this is; None for a wrong code."""
    totp, now = _totp(secret), int(at.timestamp()) // STEP_S
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate(step * STEP_S), code.encode()):
            found = step
    return found


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)  # noqa: S303 - what authenticators compute with


def _proved_by_code(
    db: Connection,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    password: str | None = None,
    fits: Fits = passwords.fits,
) -> Refusal | None:
    confirmed = db.execute(
        text("SELECT true FROM second_factors WHERE person_id = :person AND confirmed_at IS NOT NULL"),
        {"person": actor.person_id},
    ).scalar()
    if not confirmed:
        raise NoSecondFactor()
    return sessions.proved(
        db,
        actor=actor,
        policy=in_force(db, on=clock.today(at)),
        at=at,
        password=password,
        fits=fits,
        passes=lambda: takes(db, actor.person_id, code, at=at),
    )


def takes(db: Connection, person_id: UUID, code: str, *, at: datetime) -> bool:
    """Use up a code of either kind; say whether it was right."""
    plain = code.replace(" ", "").replace("-", "").lower()
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        return _takes_digits(db, person_id, plain, at=at, is_confirmed=True)
    used = db.execute(
        text(
            "UPDATE recovery_codes SET used_at = :at"
            " WHERE code_hash = :hash AND person_id = :person AND used_at IS NULL"
        ),
        {"hash": _hash(person_id, plain), "person": person_id, "at": at},
    )
    return used.rowcount == 1


def _takes_digits(db: Connection, person_id: UUID, code: str, *, at: datetime, is_confirmed: bool) -> bool:
    sealed = db.execute(
        text(
            "SELECT sealed_secret FROM second_factors"
            " WHERE person_id = :person AND (confirmed_at IS NOT NULL) = :confirmed"
        ),
        {"person": person_id, "confirmed": is_confirmed},
    ).scalar()
    step = step_of(personal.unseal(sealed), code.replace(" ", ""), at=at) if sealed is not None else None
    if step is None:
        return False
    taken = db.execute(
        text("UPDATE second_factors SET last_step = :step WHERE person_id = :person AND last_step < :step"),
        {"person": person_id, "step": step},
    )
    return taken.rowcount == 1


def _waits_for_its_first_code(db: Connection, person_id: UUID) -> bool:
    return (
        db.execute(
            text("SELECT FROM second_factors WHERE person_id = :person AND confirmed_at IS NULL"),
            {"person": person_id},
        ).first()
        is not None
    )


def _new_recovery_codes(db: Connection, person_id: UUID) -> list[str]:
    db.execute(text("DELETE FROM recovery_codes WHERE person_id = :person"), {"person": person_id})
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    db.execute(
        text("INSERT INTO recovery_codes (code_hash, person_id) VALUES (:hash, :person)"),
        [{"hash": _hash(person_id, code), "person": person_id} for code in codes],
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _hash(person_id: UUID, code: str) -> bytes:
    return personal.blind_index(f"{person_id}:{code}", column=_COLUMN)


def _is_demanded(db: Connection, *, actor: Actor, at: datetime) -> bool:
    today = clock.today(at)
    roles = frozenset(role.role for role in roles_of(db, actor.person_id, on=today))
    return in_force(db, on=today).demands_second_factor(roles)
