"""The first administrator of a platform, whom nobody could appoint, and the way back in when the last one is lost.

Only the operator of the machine comes here, by `python -m roster.first_administrator`; no door does. What was done
stands in `account_moves` without a person: the operator is none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.passwords import faults_of
from roster.operations import api_tokens, own_passwords, passwords, second_factors, sessions
from roster.operations.accounts import NewGrant, grant_all
from roster.operations.organisations import Founding, found
from roster.operations.people import Person, register_all
from roster.queries.sign_in_policies import in_force
from roster.tables.identity import account_moves, accounts

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('roster: the first administrator'))")
_IN_FORCE: Final = text(
    """
    SELECT count(DISTINCT g.person_id) FROM grants g JOIN accounts a ON a.person_id = g.person_id
    WHERE g.role = 'admin' AND g.ended_at IS NULL AND g.active_from <= :on
      AND (g.active_until IS NULL OR g.active_until > :on)
    """
)


class CannotAppoint(Exception):
    """The administrator cannot be appointed; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Wanted:
    """Who shall administer; `organisation` is the root's code, with its name where it is to be founded."""

    name: str
    username: str
    password: str
    reason: str
    organisation: str | None = None
    organisation_name: str | None = None
    is_recovery: bool = False


@dataclass(frozen=True)
class Appointed:
    """What was done: for whom, at which root, and whether the policy asks them for a second factor."""

    person_id: UUID
    organisation: str
    was_there: bool
    needs_second_factor: bool


def appoint(db: Connection, wanted: Wanted, *, at: datetime) -> Appointed:
    """Make somebody administrator of the root, with a password to be changed at the first sign-in.

    With `is_recovery` an account of that user name is opened again: new password, no second factor, its sessions and
    tokens ended. Raises CannotAppoint when there is an administrator and it is no recovery.
    """
    db.execute(_ONE_AT_A_TIME)
    today = clock.today(at)
    there = db.execute(_IN_FORCE, {"on": today}).scalar_one()
    if there and not wanted.is_recovery:
        raise CannotAppoint(f"There are {there} administrators already; they appoint others. See --recover.")
    policy = in_force(db, on=today)
    username = sessions.folded(wanted.username)
    known = [username, *own_passwords.ways_to_write(wanted.name)]
    if faults := faults_of(wanted.password, length_min=policy.length_min, known=known, on=today):
        raise CannotAppoint(" ".join(faults))
    root = _root(db, wanted, at=at)
    held = db.execute(
        text("SELECT person_id, password_hash FROM accounts WHERE username = :username FOR UPDATE"),
        {"username": username},
    ).one_or_none()
    if held is not None and not wanted.is_recovery:
        raise CannotAppoint(f"The user name {username} is taken.")
    person_id = held.person_id if held else _entered(db, wanted, username=username, at=at)
    if held is not None:
        _reopen(db, held, username=username, password=wanted.password, reason=wanted.reason, at=at)
    grant_all(db, [NewGrant(person_id, "admin", root.id)], at=at)
    db.execute(
        insert(account_moves).values(
            person_id=person_id,
            move="recover" if wanted.is_recovery else "open",
            at=at,
            by=None,
            reason=wanted.reason,
        )
    )
    return Appointed(
        person_id,
        root.name,
        was_there=held is not None,
        needs_second_factor=policy.demands_second_factor(frozenset({"admin"})),
    )


def _root(db: Connection, wanted: Wanted, *, at: datetime) -> Row[Any]:
    roots = text("SELECT id, code, name FROM organisations WHERE parent_id IS NULL ORDER BY code")
    found_roots = db.execute(roots).all()
    if not found_roots:
        if not (wanted.organisation and wanted.organisation_name):
            raise CannotAppoint("There is no organisation yet: give the root's --organisation and --organisation-name.")
        founding = Founding(
            id=uuid4(),
            code=wanted.organisation,
            name=wanted.organisation_name,
            kind="committee",
            field="government",
            parent_id=None,
        )
        found(db, founding, at=at)
        found_roots = db.execute(roots).all()
    fitting = [root for root in found_roots if wanted.organisation in (None, root.code)]
    if len(fitting) != 1:
        codes = ", ".join(root.code for root in found_roots)
        raise CannotAppoint(f"Say with --organisation at which root: {codes}.")
    return fitting[0]


def _entered(db: Connection, wanted: Wanted, *, username: str, at: datetime) -> UUID:
    person_id = uuid4()
    register_all(db, [Person(person_id, wanted.name)])
    db.execute(
        insert(accounts).values(
            person_id=person_id,
            username=username,
            password_hash=passwords.hashed(wanted.password),
            created_at=at,
            password_set_at=at,
            must_change=True,
        )
    )
    return person_id


def _reopen(db: Connection, held: Row[Any], *, username: str, password: str, reason: str, at: datetime) -> None:
    db.execute(text("UPDATE accounts SET state = 'open' WHERE person_id = :person"), {"person": held.person_id})
    own_passwords.replace(
        db,
        held.person_id,
        old_hash=held.password_hash,
        new_hash=passwords.hashed(password),
        must_change=True,
        at=at,
    )
    second_factors.drop(db, held.person_id)
    sessions.end_all(db, held.person_id, at=at)
    api_tokens.end_all(db, held.person_id, by=None, reason=reason, at=at)
    sessions.forget_wrong(db, sessions.hash_of_name(username))
