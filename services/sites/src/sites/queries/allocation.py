"""Allocation rounds, their times, the requests of those who may see them, and the export that anyone can repeat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page, dump
from contracts.sites.allocation import (
    RequestsAsked,
    RequestView,
    RoundChoiceView,
    RoundPlaceView,
    RoundsAsked,
    RoundSlotView,
    RoundView,
    TriedView,
    TurnView,
    WishView,
)
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, text

from sites.domain.allocation import state_at
from sites.queries.scopes import visible_to

SLOTS_MAX: Final = 2000
ALGORITHM: Final = 1
"""The version of the draw that `domain.allocation` describes; it stands in the export."""

_ROUNDS: Final = """
SELECT r.*, counted.*, places.places
  FROM allocation_rounds r
 CROSS JOIN LATERAL (
     SELECT count(*) FILTER (WHERE q.state <> 'withdrawn') AS requests,
            count(*) FILTER (WHERE q.state = 'given') AS given,
            count(*) FILTER (WHERE q.state = 'waiting') AS waiting,
            count(*) FILTER (WHERE q.state = 'not_given') AS not_given
       FROM allocation_requests q WHERE q.round_id = r.id
 ) counted
 CROSS JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'programmes', ARRAY(
                SELECT p.name FROM programmes p WHERE p.id = ANY(a.programme_ids) ORDER BY p.name
            )) ORDER BY s.pinyin, s.id) AS places
       FROM allocation_places a JOIN sites s ON s.id = a.site_id WHERE a.round_id = r.id
 ) places
"""
_CHOICES: Final = """
SELECT s.id, s.name, (
           SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) ORDER BY p.name)
             FROM programmes p WHERE p.site_id = s.id AND p.is_offered
       ) AS programmes
  FROM sites s
 WHERE s.state = 'open' AND {seen}
 ORDER BY s.pinyin, s.id LIMIT 1000
"""
_SLOT: Final = """
s.id AS slot_id, s.starts_at, s.ends_at, s.seats, s.seats - s.seats_taken AS seats_left, s.site_id,
       site.name AS site_name, p.name AS programme
"""
_SLOTS: Final = text(f"""
SELECT {_SLOT}
  FROM slots s
  JOIN allocation_places a ON a.round_id = :round AND a.site_id = s.site_id AND a.days @> s.visit_on
  JOIN sites site ON site.id = s.site_id
  JOIN programmes p ON p.id = s.programme_id
 WHERE (a.programme_ids IS NULL OR s.programme_id = ANY(a.programme_ids))
   AND s.closed_reason IS NULL AND s.dropped_at IS NULL
 ORDER BY site.pinyin, site.id, s.starts_at, s.id
 LIMIT :most
""")  # noqa: S608 - constants of this module
_REQUESTS: Final = """
SELECT q.*, r.title, branch.name AS branch_name, branch.path AS branch_path,
       (SELECT count(*) FROM allocation_requests o WHERE o.round_id = q.round_id AND o.position IS NOT NULL) AS drawn
  FROM allocation_requests q
  JOIN allocation_rounds r ON r.id = q.round_id
  JOIN organisations branch ON branch.id = q.branch_id
"""
_WISHES: Final = text(f"""
SELECT w.request_id, {_SLOT}
  FROM allocation_wishes w
  JOIN slots s ON s.id = w.slot_id
  JOIN sites site ON site.id = s.site_id
  JOIN programmes p ON p.id = s.programme_id
 WHERE w.request_id = ANY(:requests)
 ORDER BY w.request_id, w.number
""")  # noqa: S608
_TURNS: Final = text("SELECT * FROM allocation_turns WHERE request_id = ANY(:requests) ORDER BY request_id, turn")
_BEFORE: Final = text(f"""
SELECT {_SLOT}, before.seats_free, before.groups_free
  FROM allocation_rounds r
 CROSS JOIN LATERAL jsonb_to_recordset(r.slots_before) AS before (slot_id uuid, seats_free integer, groups_free integer)
  JOIN slots s ON s.id = before.slot_id
  JOIN sites site ON site.id = s.site_id
  JOIN programmes p ON p.id = s.programme_id
 WHERE r.id = :round
 ORDER BY s.starts_at, s.id
""")  # noqa: S608


def rounds(db: Connection, asked: RoundsAsked, *, at: datetime) -> Page:
    """Return the rounds, those announced last first."""
    given: dict[str, Any] = {"limit": asked.limit + 1}
    after = ""
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        after = "WHERE (r.announced_at, r.id) < (:after_at, :after_id)"
    rows = db.execute(text(f"{_ROUNDS} {after} ORDER BY r.announced_at DESC, r.id DESC LIMIT :limit"), given).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: _round(row, at=at), key=lambda row: (row.announced_at, row.id)
    )


def round(db: Connection, round_id: UUID, *, at: datetime) -> RoundView:
    """Return one round. Raises NotFound."""
    row = db.execute(text(f"{_ROUNDS} WHERE r.id = :id"), {"id": round_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _round(row, at=at)


def choices(db: Connection, *, actor: Actor) -> Page:
    """Return the open sites that the actor may open a round for, with their programmes. Raises Forbidden."""
    seen, given = visible_to(actor, "open_round", site="s.managing_path")
    rows = db.execute(text(_CHOICES.format(seen=seen)), given)
    items = [RoundChoiceView(SiteRef(row.id, row.name), row.programmes or []) for row in rows]
    return Page(items=items, next=None)


def slots(db: Connection, round_id: UUID) -> Page:
    """Return the times that a round gives out, by site and time. Raises NotFound."""
    if db.execute(text("SELECT 1 FROM allocation_rounds WHERE id = :id"), {"id": round_id}).first() is None:
        raise NotFound()
    rows = db.execute(_SLOTS, {"round": round_id, "most": SLOTS_MAX})
    return Page(items=[RoundSlotView(_slot(row), _site(row), row.seats, row.seats_left) for row in rows], next=None)


def requests(db: Connection, asked: RequestsAsked, *, actor: Actor) -> Page:
    """Return the requests that the actor may see, by position once drawn, else those asked last first."""
    seen, given = visible_to(actor, "read_requests", branch="branch.path")
    conditions = seen
    for name in ("round_id", "branch_id"):
        if getattr(asked, name) is not None:
            conditions += f" AND q.{name} = :{name}"
            given[name] = getattr(asked, name)
    sequence = "coalesce(q.position, 0), q.asked_at DESC, q.id"
    offset = 0
    if asked.cursor:
        (offset,) = key_in(asked.cursor, int)
    given |= {"limit": asked.limit + 1, "offset": offset}
    rows = db.execute(
        text(f"{_REQUESTS} WHERE {conditions} ORDER BY {sequence} LIMIT :limit OFFSET :offset"), given
    ).all()
    views = dict(zip((row.id for row in rows), _requests(db, rows), strict=True))
    return page_of(rows, limit=asked.limit, view=lambda row: views[row.id], key=lambda _row: (offset + asked.limit,))


def request(db: Connection, request_id: UUID) -> RequestView:
    """Return one request to whoever has just moved it."""
    rows = db.execute(text(f"{_REQUESTS} WHERE q.id = :id"), {"id": request_id}).all()
    return _requests(db, rows)[0]


def request_seen(db: Connection, request_id: UUID, *, actor: Actor) -> RequestView:
    """Return one request. Raises NotFound."""
    request_for(db, request_id, actor=actor)
    return request(db, request_id)


def request_for(db: Connection, request_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the request's row when the actor may see it. Raises NotFound."""
    row = db.execute(text(f"{_REQUESTS} WHERE q.id = :id"), {"id": request_id}).one_or_none()
    if row is None or not actor.may("read_requests", branch=row.branch_path):
        raise NotFound()
    return row


def export(db: Connection, round_id: UUID, *, at: datetime) -> bytes:
    """Return as JSON all that a draw was made from and all that came of it; no person stands in it. Raises NotFound.

    Before the draw it holds the seed and no request: what others wish is nobody's to plan by.
    """
    view = round(db, round_id, at=at)
    rows = db.execute(
        text(f"{_REQUESTS} WHERE q.round_id = :round AND q.position IS NOT NULL ORDER BY q.position"),
        {"round": round_id},
    ).all()
    ids = [row.id for row in rows]
    wishes = _by_request(db.execute(_WISHES, {"requests": ids}))
    turns = _by_request(db.execute(_TURNS, {"requests": ids}))
    told = {
        "algorithm": ALGORITHM,
        "round": {
            **{name: getattr(view, name) for name in ("id", "title", "state", "seed", "first_on", "last_on")},
            **{name: getattr(view, name) for name in ("closes_at", "draw_at", "drawn_at")},
            **{name: getattr(view, name) for name in ("unvisited_first", "no_visit_days", "citation")},
        },
        "slots": [
            {
                "slot_id": row.slot_id,
                "site": row.site_name,
                "programme": row.programme,
                "starts_at": row.starts_at,
                "seats_free": row.seats_free,
                "groups_free": row.groups_free,
            }
            for row in db.execute(_BEFORE, {"round": round_id})
        ],
        "requests": [
            {
                "request_id": row.id,
                "branch_id": row.branch_id,
                "branch": row.branch_name,
                "unvisited": row.unvisited,
                "digest": row.digest,
                "position": row.position,
                "party_size": row.party_size,
                "visits": row.visits,
                "wishes": [wish.slot_id for wish in wishes.get(row.id, [])],
                "state": row.state,
                "turns": [{"turn": turn.turn, "tried": turn.tried} for turn in turns.get(row.id, [])],
            }
            for row in rows
        ],
    }
    return dump(told)


def _round(row: Row[Any], *, at: datetime) -> RoundView:
    shown = {
        *("id", "title", "first_on", "last_on", "opens_at", "closes_at", "draw_at", "seed", "wishes_max", "visits_max"),
        *("unvisited_first", "no_visit_days", "citation", "requests", "given", "waiting", "not_given"),
        *("announced_at", "announced_by", "drawn_at", "reason"),
    }
    return RoundView(
        **{name: value for name, value in row._mapping.items() if name in shown},
        state=state_at(row.state, opens_at=row.opens_at, closes_at=row.closes_at, at=at),
        places=[RoundPlaceView(SiteRef(UUID(place["id"]), place["name"]), place["programmes"]) for place in row.places],
    )


def _requests(db: Connection, rows: Sequence[Row[Any]]) -> list[RequestView]:
    ids = [row.id for row in rows]
    wishes = _by_request(db.execute(_WISHES, {"requests": ids}))
    turns = _by_request(db.execute(_TURNS, {"requests": ids}))
    return [_request(row, wishes.get(row.id, []), turns.get(row.id, [])) for row in rows]


def _request(row: Row[Any], wishes: list[Row[Any]], turns: list[Row[Any]]) -> RequestView:
    by_slot = {str(wish.slot_id): wish for wish in wishes}
    return RequestView(
        id=row.id,
        round_id=row.round_id,
        round_title=row.title,
        state=row.state,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        party_size=row.party_size,
        visits=row.visits,
        waits=row.waits,
        wishes=[WishView(_slot(wish), _site(wish)) for wish in wishes],
        contact_name=row.contact_name,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        position=row.position,
        drawn=row.drawn if row.position else None,
        unvisited=row.unvisited,
        digest=row.digest,
        turns=[
            TurnView(
                turn=turn.turn,
                tried=[
                    TriedView(
                        slot=_slot(by_slot[one["slot_id"]]),
                        site=_site(by_slot[one["slot_id"]]),
                        given=one["code"] is None,
                        code=one["code"],
                        params=one["params"],
                    )
                    for one in turn.tried
                ],
                order_id=turn.order_id,
            )
            for turn in turns
        ],
        waiting_entry_id=row.waiting_entry_id,
    )


def _by_request(rows: Any) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.request_id, []).append(row)
    return found


def _slot(row: Row[Any]) -> SlotRef:
    return SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at)


def _site(row: Row[Any]) -> SiteRef:
    return SiteRef(row.site_id, row.site_name)
