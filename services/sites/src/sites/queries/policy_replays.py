"""Replays of past months under a policy, as whoever weighs it sees them."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.policies import ReplaysAsked, ReplayView
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import must_oversee_funds

KEPT_MAX: Final = 20

_SELECT: Final = """
SELECT r.id, r.policy_id, coalesce(p.name, d.rules ->> 'name') AS policy_name, r.first_month, r.last_month, j.state,
       j.done, j.total, r.asked_by, r.asked_at, {result} AS result, j.error
  FROM policy_replays r
  JOIN jobs j ON j.id = r.id
  LEFT JOIN policies p ON p.id = r.policy_id
  LEFT JOIN policy_drafts d ON d.id = r.policy_id
"""
_SUMS: Final = "r.result - 'by_month' - 'by_town' - 'by_site' - 'files'"


def replays(db: Connection, asked: ReplaysAsked, *, actor: Actor) -> Page:
    """Return the newest replays of a version or a draft, with their sums alone. Raises Forbidden."""
    actor.must("read_policies")
    newest = f"{_SELECT.format(result=_SUMS)} WHERE r.policy_id = :policy ORDER BY r.asked_at DESC, r.id LIMIT :most"
    rows = db.execute(text(newest), {"policy": asked.policy_id, "most": KEPT_MAX})
    return Page([_view(row) for row in rows])


def replay_for(db: Connection, replay_id: UUID, *, actor: Actor) -> ReplayView:
    """Return a replay, with what each site gets, to whoever oversees all funds. Raises Forbidden, NotFound."""
    must_oversee_funds(db, "read_policies", actor=actor)
    return replay(db, replay_id)


def replay(db: Connection, replay_id: UUID) -> ReplayView:
    """Return a replay. Raises NotFound."""
    row = db.execute(text(f"{_SELECT.format(result='r.result')} WHERE r.id = :id"), {"id": replay_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def _view(row: Row[Any]) -> ReplayView:
    return ReplayView(**row._mapping)
