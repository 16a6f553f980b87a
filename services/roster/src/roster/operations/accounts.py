"""Accounts to sign in with, and roles in a part of the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.operations import passwords
from roster.tables.identity import accounts, grants


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
            "granted_at": at,
            "granted_by": by,
        }
        for grant in wanted
    ]
    statement = insert(grants).on_conflict_do_nothing().returning(grants.c.id)
    return len(db.execute(statement, rows).all()) if rows else 0
