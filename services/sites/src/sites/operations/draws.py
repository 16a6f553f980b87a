"""The draw of an allocation round (S6), a job that may be killed anywhere and repeated: each step is one transaction.

    begin ──▶ turn ──▶ turn ──▶ … ──▶ finish

`begin` writes every request's digest and position and what is free in the slots. A turn is decided by what is written
alone, and writes its outcome together with the order that it placed; so the next step is always the first that is not
written yet, and two draws at once, which queue for the round's row, do each step once. Everything is judged by the
instant at which the draw began.

Orders are placed as all others are (`operations.placing`): seats are held and taken over, quotas and fund are guarded.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from chassis.actors import Actor, Grant
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.personal import unseal
from chassis.refusals import Refusal
from contracts.envelope import dump
from contracts.sites.orders import PlaceOrder
from sqlalchemy import Connection, Row, insert, select, text, update

from sites.domain.allocation import (
    ANNOUNCED,
    ASKED,
    DRAWING,
    DRAWN,
    GIVEN,
    NOT_GIVEN,
    WAITING,
    Entrant,
    draw,
)
from sites.domain.days import day_of
from sites.domain.orders import BranchUnknown
from sites.operations import holds
from sites.operations.allocation import locked, tell_branch, uncover
from sites.operations.placing import place
from sites.tables.allocation import allocation_requests, allocation_rounds, allocation_turns
from sites.tables.places import organisations

AGAINST_A_WISH: Final = frozenset(
    {
        *("slot-full", "groups-full", "slot-closed", "slot-past", "not-found", "branch-unknown"),
        *("party-outside-programme", "quota-reached", "quota-full", "fund-exhausted"),
    }
)
"""Refusals that are an outcome of the draw. Any other, such as busy, is none: the turn is taken again."""
FULL: Final = frozenset({"slot-full", "groups-full"})
HOLD: Final = timedelta(minutes=5)

# A branch has visited when an order of its was used in the days before the end of the collection.
_ENTRANTS: Final = text("""
SELECT r.id, NOT EXISTS (
           SELECT FROM orders o
            WHERE o.branch_id = r.branch_id AND o.state = 'used' AND o.visit_on BETWEEN :since AND :until
       ) AS unvisited
  FROM allocation_requests r
 WHERE r.round_id = :round AND r.state = 'asked'
""")
_PLACED: Final = text("""
UPDATE allocation_requests r SET digest = d.digest, position = d.position, unvisited = d.unvisited
  FROM jsonb_to_recordset(CAST(:drawn AS jsonb)) AS d (id uuid, digest text, position integer, unvisited boolean)
 WHERE r.id = d.id
""")
_FREE: Final = text("""
UPDATE allocation_rounds SET state = 'drawing', drawn_at = :at, slots_before = (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'slot_id', s.id, 'seats_free', s.seats - s.seats_taken,
               'groups_free', s.groups_max - s.groups_taken) ORDER BY s.starts_at, s.id), '[]'::jsonb)
      FROM slots s
      JOIN allocation_places a ON a.site_id = s.site_id AND a.days @> s.visit_on AND a.round_id = :round
     WHERE (a.programme_ids IS NULL OR s.programme_id = ANY(a.programme_ids)) AND s.dropped_at IS NULL
)
 WHERE id = :round
""")
_NEXT: Final = text("""
SELECT r.*, turn.number AS turn
  FROM allocation_requests r
 CROSS JOIN LATERAL generate_series(1, r.visits) AS turn (number)
  LEFT JOIN allocation_turns before ON before.request_id = r.id AND before.turn = turn.number - 1
 WHERE r.round_id = :round AND r.position IS NOT NULL
   AND NOT EXISTS (SELECT FROM allocation_turns done WHERE done.request_id = r.id AND done.turn = turn.number)
   AND (turn.number = 1 OR before.order_id IS NOT NULL)
 ORDER BY turn.number, r.position
 LIMIT 1
""")
_WISHES: Final = text("""
SELECT w.slot_id FROM allocation_wishes w
 WHERE w.request_id = :request AND NOT EXISTS (
     SELECT FROM allocation_turns t
      WHERE t.request_id = w.request_id AND t.order_id IS NOT NULL AND t.tried->-1->>'slot_id' = w.slot_id::text)
 ORDER BY w.number
""")
_WAIT: Final = text("""
INSERT INTO waiting_entries (id, slot_id, site_id, branch_id, person_id, person_name, party_size, contact_name,
                             contact_phone, joined_at, state)
SELECT :id, s.id, s.site_id, :branch, :person, :name, :party_size, :contact_name, :contact_phone, :at, 'waiting'
  FROM slots s WHERE s.id = :slot
ON CONFLICT DO NOTHING
""")
_WAITS: Final = text("""
SELECT id FROM waiting_entries WHERE slot_id = :slot AND branch_id = :branch AND state IN ('waiting', 'offered')
""")


def draw_round(
    db: Connection, *, round_id: UUID, at: datetime, told: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Draw a round, or go on where an earlier attempt ended; returns how many requests and orders there are.

    Commits each step; `told` hears after each how many turns are taken, of how many requests. One that was drawn
    already, or whose time has not come, is left as it is.
    """
    total = _begin(db, round_id, at=at)
    db.commit()
    taken = 0
    while _take_turn(db, round_id):
        db.commit()
        taken += 1
        if told:
            told(taken, max(total, taken))
    db.commit()
    orders = (
        select(allocation_turns.c.order_id)
        .join(allocation_requests)
        .where(allocation_requests.c.round_id == round_id, allocation_turns.c.order_id.is_not(None))
    )
    return {"requests": total, "orders": len(db.execute(orders).all())}


def _begin(db: Connection, round_id: UUID, *, at: datetime) -> int:
    """Write the positions down, once; returns how many requests there are."""
    found = locked(db, round_id)
    if found.state == ANNOUNCED and found.draw_at <= at:
        until = day_of(found.closes_at)
        days = {"since": until - timedelta(days=found.no_visit_days), "until": until}
        entrants = [Entrant(row.id, row.unvisited) for row in db.execute(_ENTRANTS, {"round": round_id, **days})]
        unvisited = {entrant.id: entrant.unvisited for entrant in entrants}
        drawn = [
            {"id": str(one.id), "digest": one.digest, "position": one.position, "unvisited": unvisited[one.id]}
            for one in draw(found.seed, entrants, unvisited_first=found.unvisited_first)
        ]
        db.execute(_PLACED, {"drawn": json.dumps(drawn)})
        db.execute(_FREE, {"round": round_id, "at": at})
    count = select(allocation_requests.c.id).where(
        allocation_requests.c.round_id == round_id, allocation_requests.c.position.is_not(None)
    )
    return len(db.execute(count).all())


def _take_turn(db: Connection, round_id: UUID) -> bool:
    """Take the first turn that is not taken, or finish; False when the round is not being drawn (any more)."""
    found = locked(db, round_id)
    if found.state != DRAWING:
        return False
    request = db.execute(_NEXT, {"round": round_id}).first()
    if request is None:
        db.execute(update(allocation_rounds).where(allocation_rounds.c.id == round_id).values(state=DRAWN))
        uncover(db, round_id)
        return False
    tried, order_id = _try_wishes(db, request, at=found.drawn_at)
    db.execute(
        insert(allocation_turns).values(
            request_id=request.id, turn=request.turn, tried=tried, order_id=order_id, done_at=found.drawn_at
        )
    )
    if request.turn == 1:
        _decide(db, request, tried, is_given=order_id is not None, title=found.title, at=found.drawn_at)
    return True


def _try_wishes(db: Connection, request: Row[Any], *, at: datetime) -> tuple[list[dict[str, Any]], UUID | None]:
    """Place the first wish that can be ordered; returns what was tried, the last with the order when there is one."""
    tried: list[dict[str, Any]] = []
    for slot_id in db.execute(_WISHES, {"request": request.id}).scalars().all():
        point = db.begin_nested()
        try:
            order_id = _place(db, request, slot_id, at=at)
        except Refusal as refusal:
            point.rollback()
            if refusal.code not in AGAINST_A_WISH:
                # To a job a refusal is the end; this one is to be tried again.
                raise RuntimeError(f"a turn of the draw met {refusal.code}") from refusal
            params = json.loads(json.dumps(refusal.params, default=str))
            tried.append({"slot_id": str(slot_id), "code": refusal.code, "params": params})
            continue
        point.commit()
        tried.append({"slot_id": str(slot_id), "code": None, "params": {}})
        return tried, order_id
    return tried, None


def _place(db: Connection, request: Row[Any], slot_id: UUID, *, at: datetime) -> UUID:
    """Order for the branch as it asked, as the person who asked; the branch's word counts, whoever leads it now."""
    known = select(organisations.c.path).where(organisations.c.id == request.branch_id, ~organisations.c.dissolved)
    path = db.execute(known).scalar_one_or_none()
    if path is None:
        raise BranchUnknown()
    actor = Actor(request.asked_by_id, request.id, request.asked_by, (Grant("secretary", path),), at)
    order = PlaceOrder(
        slot_id=slot_id,
        party_size=request.party_size,
        contact_name=request.contact_name,
        contact_phone=unseal(request.contact_phone),
        branch_id=request.branch_id,
    )
    hold_id = holds.hold(
        db,
        slot_id=slot_id,
        seats=request.party_size,
        groups=1,
        purpose="allocation",
        for_id=request.id,
        until=at + HOLD,
        at=at,
    )
    command = Command(
        id=uuid5(request.id, f"{request.turn} {slot_id}"),
        body_hash=hashlib.sha256(dump(order)).digest(),
        door="draw_round",
        caller=request.asked_by_id,
    )
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = "sites"
        answer = json.loads(place(cursor, order=order, actor=actor, at=at, command=command, hold_id=hold_id))
    return UUID(answer["id"])


def _decide(
    db: Connection, request: Row[Any], tried: list[dict[str, Any]], *, is_given: bool, title: str, at: datetime
) -> None:
    """Write what became of the request, and tell its branch."""
    full = next((UUID(one["slot_id"]) for one in tried if one["code"] in FULL), None)
    entry_id = None
    if not is_given and request.waits and full is not None:
        entry_id = _wait(db, request, full, at=at)
    state = GIVEN if is_given else WAITING if entry_id else NOT_GIVEN
    requests = allocation_requests.c
    decided = (
        update(allocation_requests)
        .where(requests.id == request.id, requests.state == ASKED)
        .values(state=state, waiting_entry_id=entry_id, version=requests.version + 1)
        .returning(*requests)
    )
    tell_branch(db, db.execute(decided).one(), title=title, at=at)


def _wait(db: Connection, request: Row[Any], slot_id: UUID, *, at: datetime) -> UUID | None:
    """Stand on the waiting list of a full slot, by the sequence of the draw; who stands there already stays."""
    held_by = {"slot": slot_id, "branch": request.branch_id}
    db.execute(
        _WAIT,
        {
            **held_by,
            "id": uuid4(),
            "person": request.asked_by_id,
            "name": request.asked_by,
            "party_size": request.party_size,
            "contact_name": request.contact_name,
            "contact_phone": request.contact_phone,
            "at": at,
        },
    )
    return db.execute(_WAITS, held_by).scalar_one_or_none()
