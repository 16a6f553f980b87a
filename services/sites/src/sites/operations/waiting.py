"""The waiting list (S6): join, be offered what comes free, take it or leave it.

Whatever frees seats calls `promote` in its own transaction, so that an offer is lost with nothing less than the freed
seats themselves; the timer calls it again for slots that have free seats and somebody waiting. The slot's lock is the
queue's: it is taken before the entries and the holds.

An offer counts in its branch's or member's quota, so it is made only where there is room for it, and judged under the
lock that placing an order takes: no number of waiting lists keeps more seats than the quota. That lock is never waited
for here, because whoever frees seats may hold the fund by then, which is locked after it; a queue whose next is just
ordering elsewhere is left to the timer.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.personal import seal, unseal
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.orders import PlaceOrder
from contracts.sites.waiting import JoinWaitingList, WaitingEntryView
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from sites.domain.booking_rules import Booking, Round, refuse_breach
from sites.domain.orders import BranchUnknown, NotYourBranch
from sites.domain.waiting import (
    MOVES,
    OFFERED,
    WAITING,
    NotWaiting,
    OfferOver,
    PartyOverSeats,
    SeatsFree,
    WaitingAlready,
    offer_until,
)
from sites.operations import holds
from sites.operations.placing import place
from sites.queries.order_rules import order_rules_at
from sites.queries.waiting import entry, entry_for
from sites.tables.places import organisations, sites, slots
from sites.tables.waiting import waiting_entries

AT_ONCE_MAX: Final = 200
"""How many slots, offers or entries one run of the timer looks at; the next run takes the rest."""

_ENTRY: Final = "SELECT id, state, slot_id, branch_id, party_size, contact_name, contact_phone, hold_id"
# Slots with a hold or an offer that has ended, or with free seats that somebody waits for and may have: were those
# named whom nothing can be offered, they would fill each run and hide the others.
_CONCERNED: Final = text("""
(SELECT slot_id FROM holds WHERE state = 'live' AND ends_at <= :at LIMIT :max)
UNION
(SELECT slot_id FROM waiting_entries WHERE state = 'offered' AND offer_ends_at <= :at LIMIT :max)
UNION
(SELECT w.slot_id FROM waiting_entries w JOIN slots s ON s.id = w.slot_id
  WHERE w.state = 'waiting' AND w.party_size <= s.seats - s.seats_taken
    AND (w.branch_id IS NULL OR s.groups_max IS NULL OR s.groups_taken < s.groups_max)
    AND s.closed_reason IS NULL AND s.bookable_until > :at AND (s.bookable_from IS NULL OR s.bookable_from <= :at)
    AND NOT EXISTS (SELECT FROM allocation_round_of(s.site_id, s.programme_id, s.visit_on))
    AND quota_leaves_room(w.branch_id, w.person_id, s.id, :at)
  LIMIT :max)
ORDER BY slot_id
""")
_COVERED: Final = text("""
SELECT s.id FROM slots s
 WHERE s.id = ANY(:slots) AND EXISTS (SELECT FROM allocation_round_of(s.site_id, s.programme_id, s.visit_on))
""")
_ROUND: Final = text("SELECT * FROM allocation_round_of(:site, :programme, :visit_on)")
_LOCK_BRANCH: Final = text("SELECT 1 FROM organisations WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED")
_LOCK_MEMBER: Final = text("SELECT 1 WHERE pg_try_advisory_xact_lock(hashtextextended('quota of ' || :id, 0))")
_HAS_ROOM: Final = text("SELECT quota_leaves_room(:branch, :person, :slot, :at)")
_CLOSE: Final = text("""
UPDATE waiting_entries SET state = 'closed', ended_at = :at
 WHERE id IN (SELECT w.id FROM waiting_entries w JOIN slots s ON s.id = w.slot_id
               WHERE w.state = 'waiting' AND (s.bookable_until <= :at OR s.closed_reason IS NOT NULL)
               ORDER BY w.id LIMIT :max FOR UPDATE OF w SKIP LOCKED)
""")


def join(db: Connection, *, asked: JoinWaitingList, actor: Actor, at: datetime) -> WaitingEntryView:
    """Stand in the queue of a full slot.

    Raises SeatsFree when the party fits now, PartyOverSeats when it never can, WaitingAlready, SlotClosed, SlotPast,
    NotYetBookable, BranchUnknown, NotYourBranch; NotFound for a slot that is not there.
    """
    _must_lead(db, asked, actor=actor)
    slot = db.execute(
        select(slots)
        .join(sites, (sites.c.id == slots.c.site_id) & (sites.c.state == "open"))
        .where(slots.c.id == asked.slot_id)
        .with_for_update(key_share=True, of=slots)
    ).one_or_none()
    if slot is None:
        raise NotFound()
    where = {"site": slot.site_id, "programme": slot.programme_id, "visit_on": slot.visit_on}
    in_round = db.execute(_ROUND, where).one_or_none()
    refuse_breach(
        Booking(
            party_size=asked.party_size,
            at=at,
            closed_reason=slot.closed_reason,
            bookable_from=slot.bookable_from,
            bookable_until=slot.bookable_until,
            seats_left=None,
            round=Round(*in_round) if in_round else None,
        )
    )
    if asked.party_size > slot.seats:
        raise PartyOverSeats(seats=slot.seats)
    seats_left = slot.seats - slot.seats_taken
    has_group = asked.branch_id is None or slot.groups_max is None or slot.groups_taken < slot.groups_max
    if asked.party_size <= seats_left and has_group:
        raise SeatsFree(seats_left=seats_left)
    entry_id = uuid4()
    try:
        with db.begin_nested():
            db.execute(
                insert(waiting_entries).values(
                    id=entry_id,
                    slot_id=slot.id,
                    site_id=slot.site_id,
                    branch_id=asked.branch_id,
                    person_id=actor.person_id,
                    person_name=actor.name,
                    party_size=asked.party_size,
                    contact_name=asked.contact_name,
                    contact_phone=seal(asked.contact_phone),
                    joined_at=at,
                    state=WAITING,
                )
            )
    except IntegrityError as error:
        raise WaitingAlready() from error
    return entry(db, entry_id, at=at)


def accept(cursor: DirectCursor, *, entry_id: UUID, actor: Actor, at: datetime, command: Command) -> bytes:
    """Take the offered seats: the hold becomes an order; returns the OrderView's JSON bytes, as placing does.

    Raises NotFound, OfferOver, and what placing raises: QuotaReached, FundExhausted, SlotClosed.
    """
    cursor.execute(f"{_ENTRY} FROM waiting_entries WHERE id = %s", (entry_id,))
    found = cursor.fetchone()
    if found is None:
        raise NotFound()
    _id, _state, slot_id, branch_id, party_size, contact_name, contact_phone, hold_id = found
    if hold_id is None:
        raise OfferOver()
    order = PlaceOrder(
        slot_id=slot_id,
        party_size=party_size,
        contact_name=contact_name,
        contact_phone=unseal(contact_phone),
        branch_id=branch_id,
    )
    # The rights are placing's own; a member's entry is taken by the member who made it.
    if branch_id is None:
        cursor.execute("SELECT person_id FROM waiting_entries WHERE id = %s", (entry_id,))
        if cursor.fetchone() != (actor.person_id,):
            raise NotFound()
    return place(cursor, order=order, actor=actor, at=at, command=command, hold_id=hold_id)


def leave(db: Connection, *, entry_id: UUID, actor: Actor, at: datetime) -> WaitingEntryView:
    """Give up one's place; an offer is declined by it and passed on at once. Raises NotWaiting."""
    found = entry_for(db, entry_id, actor=actor, action="cancel_order")
    # The slot's lock comes first, as everywhere: an offer that is being taken is taken or declined, never both.
    db.execute(select(slots.c.id).where(slots.c.id == found.slot_id).with_for_update(key_share=True))
    for verb in ("leave", "decline"):
        ended = _move(db, [entry_id], verb, at=at, ended_at=at)
        if ended:
            if verb == "decline":
                holds.release(db, [ended[0].hold_id], at=at)
                promote(db, [found.slot_id], at=at)
            return entry(db, entry_id, at=at)
    raise NotWaiting()


def promote(db: Connection, slot_ids: Iterable[UUID], *, at: datetime) -> int:
    """Offer what is free in the slots to those who wait, by the sequence of joining; returns how many offers were made.

    Who needs more than is free, or has no room for it in their quota, keeps their place and is passed over, once for
    each time that somebody behind is offered seats.
    """
    wanted = set(slot_ids)
    # What a round gives out is offered to nobody before its draw.
    covered = set(db.execute(_COVERED, {"slots": list(wanted)}).scalars()) if wanted else set()
    rest = sorted(wanted - covered)
    if len(rest) > 1:
        # Whoever places an order locks slot, then branch: no slot is waited for once a branch is locked.
        together = select(slots.c.id).where(slots.c.id.in_(rest)).order_by(slots.c.id)
        db.execute(together.with_for_update(key_share=True))
    return sum(_promote_one(db, slot_id, at=at) for slot_id in rest)


def pass_on(db: Connection, *, at: datetime) -> int:
    """Let expired offers lapse, offer free seats to those who wait, end the queues of slots that are over."""
    concerned = db.execute(_CONCERNED, {"at": at, "max": AT_ONCE_MAX}).scalars().all()
    # All of them at once and by id, before anything else, so that nobody waits in a ring.
    db.execute(select(slots.c.id).where(slots.c.id.in_(concerned)).order_by(slots.c.id).with_for_update(key_share=True))
    holds.give_back_expired(db, at=at, slot_ids=concerned)
    over = select(waiting_entries.c.id).where(
        waiting_entries.c.slot_id.in_(concerned),
        waiting_entries.c.state == OFFERED,
        waiting_entries.c.offer_ends_at <= at,
    )
    _move(db, list(db.execute(over).scalars()), "lapse", at=at, ended_at=at)
    offered = promote(db, concerned, at=at)
    db.execute(_CLOSE, {"at": at, "max": AT_ONCE_MAX})
    return offered


def _promote_one(db: Connection, slot_id: UUID, *, at: datetime) -> int:
    waiting = db.execute(
        select(waiting_entries)
        .where(waiting_entries.c.slot_id == slot_id, waiting_entries.c.state == WAITING)
        .order_by(waiting_entries.c.number)
        .limit(AT_ONCE_MAX)
    ).all()
    if not waiting:
        return 0
    slot = db.execute(select(slots).where(slots.c.id == slot_id).with_for_update(key_share=True)).one()
    is_early = slot.bookable_from is not None and slot.bookable_from > at
    if slot.closed_reason is not None or slot.bookable_until <= at or is_early:
        return 0
    left = slot.seats - slot.seats_taken
    groups = None if slot.groups_max is None else slot.groups_max - slot.groups_taken
    until = offer_until(at, offer_hours=order_rules_at(db, at).offer_hours, bookable_until=slot.bookable_until)
    offered = 0
    passed: list[UUID] = []
    behind: list[UUID] = []
    for one in waiting:
        group = int(one.branch_id is not None)
        if one.party_size > left or (groups is not None and group > groups):
            behind.append(one.id)
            continue
        if not _lock_quota(db, one):
            break
        given = {"branch": one.branch_id, "person": one.person_id, "slot": slot_id, "at": at}
        if not db.execute(_HAS_ROOM, given).scalar_one():
            behind.append(one.id)
            continue
        if not _offer(db, one, groups=group, until=until, at=at):
            continue
        left -= one.party_size
        groups = None if groups is None else groups - group
        offered += 1
        passed, behind = [*passed, *behind], []
        if left == 0:
            break
    if passed:
        db.execute(
            update(waiting_entries)
            .where(waiting_entries.c.id.in_(passed))
            .values(passed_over=waiting_entries.c.passed_over + 1)
        )
    return offered


def _lock_quota(db: Connection, one: Row[Any]) -> bool:
    """Let nobody else use up the quota of the entry's branch or member until the end; False when somebody is at it."""
    if one.branch_id is not None:
        return db.execute(_LOCK_BRANCH, {"id": one.branch_id}).first() is not None
    return db.execute(_LOCK_MEMBER, {"id": str(one.person_id)}).first() is not None


def _offer(db: Connection, one: Row[Any], *, groups: int, until: datetime, at: datetime) -> bool:
    """Keep the seats for the entry; False when it left the queue meanwhile."""
    still = select(waiting_entries.c.id).where(waiting_entries.c.id == one.id, waiting_entries.c.state == WAITING)
    if db.execute(still.with_for_update()).first() is None:
        return False
    hold_id = holds.hold(
        db,
        slot_id=one.slot_id,
        seats=one.party_size,
        groups=groups,
        purpose="offer",
        for_id=one.id,
        until=until,
        at=at,
    )
    _move(db, [one.id], "offer", at=at, hold_id=hold_id, offer_ends_at=until)
    return True


def _move(db: Connection, entry_ids: list[UUID], verb: str, *, at: datetime, **fields: Any) -> list[Row[Any]]:
    """Move the entries that the verb can move, judged by time too; return them as they are now."""
    sources, target = MOVES[verb]
    moving = (
        update(waiting_entries)
        .where(waiting_entries.c.id.in_(entry_ids), waiting_entries.c.state.in_(sorted(sources)))
        .values(state=target, **fields)
        .returning(*waiting_entries.c)
    )
    if verb == "decline":
        moving = moving.where(waiting_entries.c.offer_ends_at > at)
    return list(db.execute(moving)) if entry_ids else []


def _must_lead(db: Connection, asked: JoinWaitingList, *, actor: Actor) -> None:
    if asked.branch_id is None:
        actor.must("book_seats", person=actor.person_id)
        if asked.party_size != 1:
            raise InvalidInput({"party_size": ["A member books one seat; a branch orders for a party."]})
        return
    path = db.execute(
        select(organisations.c.path).where(organisations.c.id == asked.branch_id, ~organisations.c.dissolved)
    ).scalar_one_or_none()
    if path is None:
        raise BranchUnknown()
    if not actor.may("place_order", branch=path):
        raise NotYourBranch()
