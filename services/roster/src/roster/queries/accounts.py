"""Accounts and people as an administrator sees them: within their part of the tree, and nobody else.

A person's place is their branch. Somebody who belongs to no branch is seen from the root of the tree alone.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.accounts import (
    AccountAsked,
    AccountMoveView,
    AccountRecord,
    AccountsAsked,
    AccountView,
    PeopleAsked,
    PersonView,
)
from sqlalchemy import Connection, Row, text

from roster.queries import sessions
from roster.queries.people import roles_of
from roster.queries.sign_in_policies import in_force

MOVES_SHOWN: Final = 50

# Whether a place (null: no branch) lies in one of the parts, of which those without a dot are roots.
WITHIN: Final = """
EXISTS (SELECT FROM unnest(CAST(:parts AS text[])) AS part
        WHERE CASE WHEN {path} IS NULL THEN position('.' IN part) = 0
                   ELSE {path} = part OR ({path} > part || '.' AND {path} < part || '/') END)
"""

_ACCOUNT: Final = """
SELECT a.person_id, p.name, a.username, a.state, o.id AS branch_id, o.name AS branch_name, a.must_change,
       f.confirmed_at IS NOT NULL AS has_second_factor, last.at AS last_sign_in_at
FROM accounts a JOIN people p ON p.id = a.person_id
LEFT JOIN members m ON m.person_id = a.person_id LEFT JOIN organisations o ON o.id = m.branch_id
LEFT JOIN second_factors f ON f.person_id = a.person_id
LEFT JOIN LATERAL (
    SELECT at FROM sign_ins s WHERE s.person_id = a.person_id AND s.outcome = 'opened' ORDER BY at DESC LIMIT 1
) last ON true
"""

_PEOPLE: Final = f"""
SELECT p.id, p.name, o.id AS branch_id, o.name AS branch_name, a.username, a.state AS account_state
FROM (SELECT id FROM people WHERE name LIKE :start
      UNION SELECT person_id FROM accounts WHERE username LIKE :start_of_username) found
JOIN people p ON p.id = found.id
LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations o ON o.id = m.branch_id
LEFT JOIN accounts a ON a.person_id = p.id
WHERE {WITHIN.format(path="o.path")}
  AND (CAST(:id AS uuid) IS NULL OR (p.name COLLATE "zh-x-icu", p.id) > (:name COLLATE "zh-x-icu", CAST(:id AS uuid)))
ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :limit
"""  # noqa: S608 - made of constants


def people(db: Connection, asked: PeopleAsked, *, actor: Actor) -> Page:
    """Return a page of the people whose name or user name begins so; raises Forbidden, BadRequest."""
    parts = parts_of("find_people", actor=actor)
    start = f"{_literal(asked.q.strip())}%"
    values: dict[str, Any] = {
        "parts": parts,
        "start": start,
        "start_of_username": start.lower(),
        "limit": asked.limit + 1,
        "name": None,
        "id": None,
    }
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
    rows = db.execute(text(_PEOPLE), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: PersonView(**row._mapping), key=lambda row: (row.name, row.id)
    )


def page(db: Connection, asked: AccountsAsked, *, actor: Actor) -> Page:
    """Return a page of the accounts, by user name; raises Forbidden, BadRequest."""
    where = [WITHIN.format(path="o.path")]
    values: dict[str, Any] = {"parts": parts_of("read_accounts", actor=actor), "limit": asked.limit + 1}
    if asked.state:
        where.append("a.state = :state")
        values["state"] = asked.state
    if asked.cursor:
        (values["after"],) = key_in(asked.cursor, str)
        where.append("a.username > :after")
    statement = f"{_ACCOUNT} WHERE {' AND '.join(where)} ORDER BY a.username LIMIT :limit"
    rows = db.execute(text(statement), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: AccountView(**row._mapping), key=lambda row: (row.username,)
    )


def record(db: Connection, asked: AccountAsked, *, actor: Actor, at: datetime) -> AccountRecord:
    """Return one account with its roles, sessions and history; raises NotFound."""
    person = person_of(db, asked.person_id, action="read_accounts", actor=actor)
    if person.state is None:
        raise NotFound()
    today = clock.today(at)
    moves = db.execute(
        text(
            "SELECT v.move, v.at, p.name AS by_name, v.reason FROM account_moves v LEFT JOIN people p ON p.id = v.by"
            " WHERE v.person_id = :person ORDER BY v.at DESC, v.id DESC LIMIT :most"
        ),
        {"person": person.id, "most": MOVES_SHOWN},
    )
    return AccountRecord(
        account=view(db, person.id),
        roles=roles_of(db, person.id, on=today),
        sessions=sessions.alive(db, person.id, policy=in_force(db, on=today), at=at, this=actor.session_id),
        moves=[AccountMoveView(**row._mapping) for row in moves],
        may_administer=person.id != actor.person_id
        and holds_nothing_elsewhere(db, person.id, action="administer_account", actor=actor, on=today),
    )


def view(db: Connection, person_id: UUID) -> AccountView:
    """Return an account as it is now."""
    row = db.execute(text(f"{_ACCOUNT} WHERE a.person_id = :person"), {"person": person_id}).one()
    return AccountView(**row._mapping)


def has_account(db: Connection, person_id: UUID) -> bool:
    """Say whether the person has an account."""
    return db.execute(text("SELECT FROM accounts WHERE person_id = :person"), {"person": person_id}).first() is not None


def person_of(db: Connection, person_id: UUID, *, action: str, actor: Actor) -> Row[Any]:
    """Return a person (id, name, path of their branch, username and state of their account) of the actor's part.

    Raises Forbidden for who may not do `action` anywhere, NotFound for a person who is not there or not theirs to see.
    """
    statement = f"""
        SELECT p.id, p.name, o.path, a.username, a.state FROM people p
        LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations o ON o.id = m.branch_id
        LEFT JOIN accounts a ON a.person_id = p.id
        WHERE p.id = :person AND {WITHIN.format(path="o.path")}
    """  # noqa: S608 - made of constants
    row = db.execute(text(statement), {"person": person_id, "parts": parts_of(action, actor=actor)}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def holds_nothing_elsewhere(db: Connection, person_id: UUID, *, action: str, actor: Actor, on: date) -> bool:
    """Say whether every role that the person holds, or will hold, lies in the actor's part of the tree."""
    statement = f"""
        SELECT count(*) FROM (
            SELECT organisation_id FROM grants
            WHERE person_id = :person AND ended_at IS NULL AND (active_until IS NULL OR active_until > :on)
            UNION ALL
            SELECT organisation_id FROM posts WHERE person_id = :person AND post = 'secretary' AND held_until IS NULL
        ) held JOIN organisations o ON o.id = held.organisation_id
        WHERE NOT {WITHIN.format(path="o.path")}
    """  # noqa: S608 - made of constants
    values = {"person": person_id, "on": on, "parts": parts_of(action, actor=actor)}
    return db.execute(text(statement), values).scalar_one() == 0


def parts_of(action: str, *, actor: Actor) -> list[str]:
    """Return the nodes at which the actor may do `action`; raises Forbidden when there is none."""
    actor.must(action, **_somewhere(actor, action))
    return actor.paths_for(action)


def _somewhere(actor: Actor, action: str) -> dict[str, Any]:
    return {"organisation": next(iter(actor.paths_for(action)), None)}


def _literal(part: str) -> str:
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
