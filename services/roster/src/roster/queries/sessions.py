"""The living sessions of a person."""

from datetime import datetime
from uuid import UUID

from chassis.actors import Actor
from contracts.roster.sessions import MySessionsView, SessionView
from sqlalchemy import Connection, text

from roster.domain.sign_in_policies import SignInPolicy


def alive(
    db: Connection, person_id: UUID, *, policy: SignInPolicy, at: datetime, this: UUID | None = None
) -> list[SessionView]:
    """Return the sessions that have not ended, the newest first."""
    rows = db.execute(
        text(
            "SELECT id, started_at, last_renewed_at, device, address, with_second_factor FROM sessions"
            " WHERE person_id = :person AND ended_at IS NULL AND last_renewed_at > :idle AND started_at > :oldest"
            " ORDER BY last_renewed_at DESC, id LIMIT 100"
        ),
        {"person": person_id, "idle": at - policy.idle_max, "oldest": at - policy.session_max},
    )
    return [SessionView(**row._mapping, is_this_one=row.id == this) for row in rows]


def mine(db: Connection, *, actor: Actor, policy: SignInPolicy, at: datetime) -> MySessionsView:
    """Return where the actor is signed in."""
    return MySessionsView(alive(db, actor.person_id, policy=policy, at=at, this=actor.session_id))
