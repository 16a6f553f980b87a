"""Allocation rounds (S6): announce, withdraw; ask for a branch, take it back. `operations.draws` gives the times."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import jobs
from chassis.actors import Actor
from chassis.draws import seed_of
from chassis.outbox import tell
from chassis.personal import seal
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.allocation import AnnounceRound, AskInRound, RequestView, RoundView
from contracts.sites.events import RequestDecided
from psycopg2.errors import ExclusionViolation
from sqlalchemy import Connection, Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from sites.domain.allocation import (
    ANNOUNCED,
    ASKED,
    COLLECTING,
    DRAWING,
    WITHDRAWN,
    DrawTooEarly,
    RequestsNotTaken,
    RequestWithdrawn,
    RoundDecided,
    RoundOverAnother,
    request_id,
    state_at,
)
from sites.domain.days import day_of, midnight, said
from sites.domain.orders import BranchUnknown, NotYourBranch
from sites.domain.training import PartyOutsideProgramme
from sites.domain.waiting import PartyOverSeats
from sites.queries import allocation as queries
from sites.tables.allocation import allocation_places, allocation_requests, allocation_rounds, allocation_wishes
from sites.tables.places import organisations, sites

JOB: Final = "draw_round"
DAYS_MAX: Final = 92

_RULE: Final = text("""
SELECT * FROM allocation_rules WHERE effective_from <= :on ORDER BY effective_from DESC LIMIT 1
""")
# Each site that is named, whole or by some of its programmes; a retired programme is none to give out.
_PLACES: Final = text("""
SELECT s.id, s.name, s.managing_path, s.id = ANY(:sites) AS is_whole,
       ARRAY(SELECT p.id FROM programmes p
              WHERE p.site_id = s.id AND p.id = ANY(:programmes) ORDER BY p.id) AS programme_ids
  FROM sites s
 WHERE s.state = 'open'
   AND (s.id = ANY(:sites) OR EXISTS (SELECT FROM programmes p WHERE p.site_id = s.id AND p.id = ANY(:programmes)))
 ORDER BY s.id
""")
_OTHER: Final = text("""
SELECT s.name, r.title
  FROM allocation_places a
  JOIN allocation_rounds r ON r.id = a.round_id
  JOIN sites s ON s.id = a.site_id
 WHERE a.is_live AND a.site_id = ANY(:sites) AND a.days && daterange(:first, :last, '[]')
 ORDER BY s.name LIMIT 1
""")
_WISHED: Final = text("""
SELECT s.id, s.seats, p.party_min, p.party_max, p.seats AS programme_seats
  FROM slots s
  JOIN programmes p ON p.id = s.programme_id
  JOIN sites site ON site.id = s.site_id AND site.state = 'open'
 CROSS JOIN LATERAL allocation_round_of(s.site_id, s.programme_id, s.visit_on) round
 WHERE s.id = ANY(:slots) AND round.id = :round AND s.closed_reason IS NULL AND s.dropped_at IS NULL
""")
_PENDING: Final = text("""
SELECT 1 FROM jobs WHERE kind = 'draw_round' AND state IN ('waiting', 'running') AND params->>'round_id' = :round
""")


def announce(db: Connection, *, asked: AnnounceRound, actor: Actor, at: datetime) -> RoundView:
    """Open a round: from now on its times are ordered by nobody, and given out by its draw.

    Orders that stand already stay as they are. Raises InvalidInput, RoundOverAnother, Forbidden.
    """
    places = db.execute(_PLACES, {"sites": asked.site_ids, "programmes": asked.programme_ids}).all()
    for place in places:
        actor.must("open_round", site=place.managing_path)
    named = {place.id for place in places if place.is_whole}, {one for place in places for one in place.programme_ids}
    if faults := _faults(asked, *named, at=at):
        raise InvalidInput(faults)
    rule = db.execute(_RULE, {"on": day_of(at)}).one()
    round_id = uuid4()
    db.execute(
        insert(allocation_rounds).values(
            id=round_id,
            title=asked.title,
            first_on=asked.first_on,
            last_on=asked.last_on,
            opens_at=asked.opens_at,
            closes_at=asked.closes_at,
            draw_at=asked.draw_at,
            seed=seed_of(asked.seed_on, asked.seed_number),
            wishes_max=asked.wishes_max or rule.wishes_max,
            visits_max=asked.visits_max or rule.visits_max,
            unvisited_first=rule.unvisited_first,
            no_visit_days=rule.no_visit_days,
            citation=rule.citation,
            state=ANNOUNCED,
            announced_at=at,
            announced_by_id=actor.person_id,
            announced_by=actor.name,
        )
    )
    try:
        with db.begin_nested():
            db.execute(
                insert(allocation_places),
                [
                    {
                        "round_id": round_id,
                        "site_id": place.id,
                        "programme_ids": None if place.is_whole else place.programme_ids,
                        "days": Range(asked.first_on, asked.last_on + timedelta(days=1)),
                    }
                    for place in places
                ],
            )
    except IntegrityError as error:
        if not isinstance(error.orig, ExclusionViolation):
            raise
        given = {"sites": [place.id for place in places], "first": asked.first_on, "last": asked.last_on}
        other = db.execute(_OTHER, given).one()
        raise RoundOverAnother(site=other.name, title=other.title) from error
    return queries.round(db, round_id, at=at)


def withdraw(db: Connection, *, round_id: UUID, reason: str, actor: Actor, at: datetime) -> RoundView:
    """Give a round up; its times are ordered by whoever comes first again, and all who asked are told.

    Raises RoundDecided; NotFound, Forbidden.
    """
    _must_keep(db, round_id, actor=actor)
    found = locked(db, round_id)
    if found.state != ANNOUNCED:
        raise RoundDecided()
    end = update(allocation_rounds).where(allocation_rounds.c.id == round_id)
    db.execute(end.values(state=WITHDRAWN, reason=reason))
    uncover(db, round_id)
    requests = allocation_requests.c
    given_up = (
        update(allocation_requests)
        .where(requests.round_id == round_id, requests.state == ASKED)
        .values(state=WITHDRAWN, version=requests.version + 1)
        .returning(*requests)
    )
    for request in db.execute(given_up).all():
        tell_branch(db, request, title=found.title, at=at)
    return queries.round(db, round_id, at=at)


def start_draw(db: Connection, *, round_id: UUID, actor: Actor, at: datetime) -> RoundView:
    """Have the draw done now that its time has come; asked twice it is done once. Raises DrawTooEarly, RoundDecided."""
    _must_keep(db, round_id, actor=actor)
    found = locked(db, round_id)
    if found.state not in (ANNOUNCED, DRAWING):
        raise RoundDecided()
    if found.draw_at > at:
        raise DrawTooEarly(draw_at=said(found.draw_at))
    ask_for_draw(db, round_id, at=at, by=actor.person_id)
    return queries.round(db, round_id, at=at)


def ask_for_due_draws(db: Connection, *, at: datetime) -> int:
    """Ask for the draws whose time has come and that nobody does; returns how many."""
    table = allocation_rounds.c
    due = select(table.id).where(table.state.in_((ANNOUNCED, DRAWING)), table.draw_at <= at).order_by(table.draw_at)
    return sum(ask_for_draw(db, round_id, at=at) for round_id in db.execute(due).scalars().all())


def ask_for_draw(db: Connection, round_id: UUID, *, at: datetime, by: UUID | None = None) -> bool:
    """Ask for the job that draws a round, unless it is asked for; says whether it was not."""
    if db.execute(_PENDING, {"round": str(round_id)}).first() is not None:
        return False
    jobs.ask(db, JOB, params={"round_id": round_id}, at=at, asked_by=by)
    return True


def ask(db: Connection, *, asked: AskInRound, actor: Actor, at: datetime) -> RequestView:
    """Ask for a branch, or replace what it asked.

    Raises RequestsNotTaken, PartyOverSeats, PartyOutsideProgramme, BranchUnknown, NotYourBranch, InvalidInput;
    NotFound for no such round.
    """
    _must_lead(db, asked.branch_id, actor=actor)
    # Shared with other requests, not with the draw: whoever has asked in time is in it.
    found = locked(db, asked.round_id, shared=True)
    _must_be_taken(found, at=at)
    slots = {row.id: row for row in db.execute(_WISHED, {"slots": asked.slot_ids, "round": asked.round_id})}
    if faults := _faults_of_request(asked, found, known=set(slots)):
        raise InvalidInput(faults)
    fewest = min(row.seats for row in slots.values())
    if asked.party_size > fewest:
        raise PartyOverSeats(seats=fewest)
    for row in slots.values():
        if not row.party_min <= asked.party_size <= (row.party_max or asked.party_size):
            raise PartyOutsideProgramme(party_min=row.party_min, party_max=row.party_max or row.programme_seats)
    made_id = request_id(asked.round_id, asked.branch_id)
    fields = {
        "party_size": asked.party_size,
        "visits": asked.visits,
        "waits": asked.waits,
        "contact_name": asked.contact_name,
        "contact_phone": seal(asked.contact_phone),
        "asked_at": at,
        "asked_by_id": actor.person_id,
        "asked_by": actor.name,
        "state": ASKED,
    }
    made = upsert(allocation_requests).values(id=made_id, round_id=asked.round_id, branch_id=asked.branch_id, **fields)
    # The first row waits here for the second, so one set of wishes stands at the end.
    db.execute(
        made.on_conflict_do_update(index_elements=["id"], set_={**fields, "version": allocation_requests.c.version + 1})
    )
    db.execute(delete(allocation_wishes).where(allocation_wishes.c.request_id == made_id))
    db.execute(
        insert(allocation_wishes),
        [
            {"request_id": made_id, "number": number, "slot_id": slot_id}
            for number, slot_id in enumerate(asked.slot_ids, start=1)
        ],
    )
    return queries.request(db, made_id)


def take_back(db: Connection, *, request_id: UUID, actor: Actor, at: datetime) -> RequestView:
    """Take a request back. Raises RequestsNotTaken, RequestWithdrawn; NotFound."""
    request = queries.request_for(db, request_id, actor=actor)
    _must_lead(db, request.branch_id, actor=actor)
    _must_be_taken(locked(db, request.round_id, shared=True), at=at)
    requests = allocation_requests.c
    back = (
        update(allocation_requests)
        .where(requests.id == request_id, requests.state == ASKED)
        .values(state=WITHDRAWN, version=requests.version + 1)
    )
    if not db.execute(back).rowcount:
        raise RequestWithdrawn()
    return queries.request(db, request_id)


def locked(db: Connection, round_id: UUID, *, shared: bool = False) -> Row[Any]:
    """Return the round, locked against its draw. Raises NotFound."""
    found = select(allocation_rounds).where(allocation_rounds.c.id == round_id)
    row = db.execute(found.with_for_update(read=shared, key_share=not shared)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def uncover(db: Connection, round_id: UUID) -> None:
    """Open the round's times to everybody."""
    db.execute(update(allocation_places).where(allocation_places.c.round_id == round_id).values(is_live=False))


def tell_branch(db: Connection, request: Row[Any], *, title: str, at: datetime) -> None:
    """Tell what became of a request."""
    fact = RequestDecided(
        request_id=request.id,
        round_id=request.round_id,
        title=title,
        branch_id=request.branch_id,
        state=request.state,
        position=request.position,
    )
    tell(db, fact, aggregate="allocation_request", aggregate_id=request.id, version=request.version, at=at)


def _must_keep(db: Connection, round_id: UUID, *, actor: Actor) -> None:
    """Raise NotFound; Forbidden unless the actor may open rounds for every site of this one."""
    paths = select(sites.c.managing_path).join(allocation_places, allocation_places.c.site_id == sites.c.id)
    found = db.execute(paths.where(allocation_places.c.round_id == round_id)).scalars().all()
    if not found:
        raise NotFound()
    for path in found:
        actor.must("open_round", site=path)


def _must_lead(db: Connection, branch_id: UUID, *, actor: Actor) -> None:
    known = select(organisations.c.path).where(organisations.c.id == branch_id, ~organisations.c.dissolved)
    path = db.execute(known).scalar_one_or_none()
    if path is None:
        raise BranchUnknown()
    if not actor.may("ask_in_round", branch=path):
        raise NotYourBranch()


def _must_be_taken(found: Row[Any], *, at: datetime) -> None:
    if state_at(found.state, opens_at=found.opens_at, closes_at=found.closes_at, at=at) != COLLECTING:
        raise RequestsNotTaken(opens_at=said(found.opens_at), closes_at=said(found.closes_at))


def _faults(asked: AnnounceRound, sites: set[UUID], programmes: set[UUID], *, at: datetime) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = defaultdict(list)
    if not asked.site_ids and not asked.programme_ids:
        faults["site_ids"].append("Choose at least one site or programme.")
    if set(asked.site_ids) - sites or set(asked.programme_ids) - programmes:
        faults["site_ids"].append("One of them is no open site, or no programme of one.")
    if asked.last_on < asked.first_on or (asked.last_on - asked.first_on).days >= DAYS_MAX:
        faults["last_on"].append("A round gives out 1 to 92 days.")
    if asked.closes_at <= max(asked.opens_at, at):
        faults["closes_at"].append("Requests are taken for a time that is still to come.")
    if asked.draw_at < asked.closes_at:
        faults["draw_at"].append("The draw is not before the end of the requests.")
    elif asked.draw_at >= midnight(asked.first_on):
        faults["draw_at"].append("The draw is before the first day that it gives out.")
    if asked.seed_on > day_of(at):
        faults["seed_on"].append("The document has to be published before the round is announced.")
    return dict(faults)


def _faults_of_request(asked: AskInRound, found: Row[Any], *, known: set[UUID]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = defaultdict(list)
    if set(asked.slot_ids) - known:
        faults["slot_ids"].append("One of these times is not given out in this round.")
    if len(asked.slot_ids) > found.wishes_max:
        faults["slot_ids"].append(f"Longer than maximum length {found.wishes_max}.")
    if asked.visits > min(found.visits_max, len(asked.slot_ids)):
        most = min(found.visits_max, len(asked.slot_ids))
        faults["visits"].append(f"Must be greater than or equal to 1 and less than or equal to {most}.")
    return dict(faults)
