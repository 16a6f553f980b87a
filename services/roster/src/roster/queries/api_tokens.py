"""Tokens of programs: one's own, and those of the people of one's part of the tree."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.roster.api_tokens import ApiTokensAsked, ApiTokenView, MyApiTokensView
from sqlalchemy import Connection, text

from roster.domain.sign_in_policies import SignInPolicy
from roster.queries.accounts import WITHIN, parts_of

MINE_MAX: Final = 200

_STATE: Final = """
CASE WHEN t.ended_at IS NOT NULL THEN 'ended' WHEN t.expires_at <= :at THEN 'expired' ELSE 'in_force' END
"""
_TOKEN: Final = f"""
SELECT t.id, t.person_id, p.name AS person_name, t.name, t.ends_with, t.scope, t.organisation_id,
       part.name AS organisation_name, t.made_at, t.expires_at, {_STATE} AS state, t.last_used_at, t.last_used_from,
       t.ended_at, e.name AS ended_by_name, t.ended_reason
FROM api_tokens t JOIN people p ON p.id = t.person_id
LEFT JOIN organisations part ON part.id = t.organisation_id LEFT JOIN people e ON e.id = t.ended_by
"""  # noqa: S608 - made of constants


def mine(db: Connection, *, actor: Actor, policy: SignInPolicy, at: datetime) -> MyApiTokensView:
    """Return the actor's tokens, those in force first."""
    rows = db.execute(
        text(f"{_TOKEN} WHERE t.person_id = :person ORDER BY ({_STATE}) <> 'in_force', t.made_at DESC LIMIT :most"),
        {"person": actor.person_id, "at": at, "most": MINE_MAX},
    )
    return MyApiTokensView(
        tokens=[ApiTokenView(**row._mapping) for row in rows],
        tokens_max=policy.tokens_max,
        days_max=policy.token_days_max,
    )


def page(db: Connection, asked: ApiTokensAsked, *, actor: Actor, at: datetime) -> Page:
    """Return a page of the tokens of the actor's part of the tree, the newest first; raises Forbidden, BadRequest."""
    where = [WITHIN.format(path="o.path")]
    values: dict[str, Any] = {"parts": parts_of("read_api_tokens", actor=actor), "at": at, "limit": asked.limit + 1}
    if asked.state:
        where.append(f"({_STATE}) = :state")
        values["state"] = asked.state
    if asked.person_id:
        where.append("t.person_id = :person")
        values["person"] = asked.person_id
    if asked.cursor:
        values["after"], values["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        where.append("(t.made_at, t.id) < (:after, :id)")
    statement = f"""
        {_TOKEN} LEFT JOIN members m ON m.person_id = t.person_id LEFT JOIN organisations o ON o.id = m.branch_id
        WHERE {" AND ".join(where)} ORDER BY t.made_at DESC, t.id DESC LIMIT :limit
    """
    rows = db.execute(text(statement), values).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: ApiTokenView(**row._mapping), key=lambda row: (row.made_at, row.id)
    )


def view(db: Connection, token_id: UUID, *, at: datetime) -> ApiTokenView:
    """Return a token that there is."""
    row = db.execute(text(f"{_TOKEN} WHERE t.id = :id"), {"id": token_id, "at": at}).one()
    return ApiTokenView(**row._mapping)


def owner_of(db: Connection, token_id: UUID) -> UUID | None:
    """Return whose token it is; None when there is none."""
    owner: UUID | None = db.execute(
        text("SELECT person_id FROM api_tokens WHERE id = :id"), {"id": token_id}
    ).scalar_one_or_none()
    return owner
