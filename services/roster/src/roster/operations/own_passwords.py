"""Choosing a password of one's own."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, Refusal
from chassis.tokens import Signer
from contracts.roster.sessions import ChangePassword, TokenView
from sqlalchemy import Connection, text

from roster.domain.attempts import WrongCredentials
from roster.domain.passwords import faults_of
from roster.operations import passwords, sessions
from roster.operations.sessions import Fits, Hashes
from roster.queries.sign_in_policies import in_force

USED_BEFORE: Final = "You used this password before; choose another."
FitsOneOf = Callable[[list[str], str], bool]


def change(
    db: Connection,
    asked: ChangePassword,
    *,
    actor: Actor,
    signer: Signer,
    command_id: UUID,
    at: datetime,
    fits: Fits = passwords.fits,
    fits_one_of: FitsOneOf = passwords.fits_one_of,
    hashed: Hashes = passwords.hashed,
) -> TokenView | Refusal:
    """Change the actor's password, end all their sessions, and go on in a new one.

    A wrong old password is returned, to be committed with its count. Raises SessionEnded, and InvalidInput at
    `new_password` for one that the policy does not take.
    """
    today = clock.today(at)
    policy = in_force(db, on=today)
    if retried := sessions.changed_by(db, actor=actor, command_id=command_id):
        return sessions.token_of(db, signer, session_id=retried, policy=policy, at=at)
    sessions.must_live(db, actor=actor, policy=policy, at=at)
    account = db.execute(
        text(
            "SELECT a.username, a.password_hash, p.name FROM accounts a JOIN people p ON p.id = a.person_id"
            " WHERE a.person_id = :person"
        ),
        {"person": actor.person_id},
    ).one()
    known = [account.username, *ways_to_write(account.name)]
    if faults := faults_of(asked.new_password, length_min=policy.length_min, known=known, on=today):
        raise InvalidInput({"new_password": faults})
    refused = sessions.proved(db, actor=actor, policy=policy, at=at, password=asked.password, fits=fits)
    if refused:
        return refused
    before = db.execute(
        text("SELECT password_hash FROM password_history WHERE person_id = :person ORDER BY id DESC LIMIT :most"),
        {"person": actor.person_id, "most": policy.remembered - 1},
    ).scalars()
    if fits_one_of([account.password_hash, *before], asked.new_password):
        raise InvalidInput({"new_password": [USED_BEFORE]})
    if not replace(
        db,
        actor.person_id,
        old_hash=account.password_hash,
        new_hash=hashed(asked.new_password),
        must_change=False,
        at=at,
    ):
        return WrongCredentials()
    session_id = sessions.change_for_new(db, actor=actor, command_id=command_id, at=at)
    sessions.end_all(db, actor.person_id, at=at, but=session_id)
    return sessions.token_of(db, signer, session_id=session_id, policy=policy, at=at)


def replace(db: Connection, person_id: UUID, *, old_hash: str, new_hash: str, must_change: bool, at: datetime) -> bool:
    """Put a new hash in the place of the old one, which is remembered; false when another had replaced it meanwhile."""
    replaced = db.execute(
        text(
            "UPDATE accounts SET password_hash = :new, must_change = :must_change, password_set_at = :at"
            " WHERE person_id = :person AND password_hash = :old"
        ),
        {"person": person_id, "old": old_hash, "new": new_hash, "must_change": must_change, "at": at},
    )
    if replaced.rowcount == 0:
        return False
    db.execute(
        text("INSERT INTO password_history (person_id, password_hash) VALUES (:person, :old)"),
        {"person": person_id, "old": old_hash},
    )
    db.execute(
        text(
            "DELETE FROM password_history WHERE person_id = :person AND id NOT IN"
            " (SELECT id FROM password_history WHERE person_id = :person ORDER BY id DESC LIMIT 10)"
        ),
        {"person": person_id},
    )
    return True


def ways_to_write(name: str) -> list[str]:
    """Return the name as it stands and as pinyin: family name first, last, and the given name alone."""
    from pypinyin import lazy_pinyin  # takes a moment to load, and only who changes a password waits for it

    spelled = lazy_pinyin(name)
    ways = [name, "".join(spelled), "".join([*spelled[1:], *spelled[:1]])]
    return [*ways, "".join(spelled[1:])] if len(spelled) > 2 else ways
