"""Terms of committees: recorded, begun, ended; posts given and taken by document.

Locks are taken in one order: the application or the election, the organisation's term, the members, the organisations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.terms import (
    AppointCommittee,
    AppointToPost,
    CommitteeView,
    EndPost,
    RecordTerm,
)
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.members import check_day
from roster.domain.organisations import OrganisationDissolved
from roster.domain.terms import (
    VILLAGES,
    WITH_TERMS,
    NotByOneself,
    NoTerm,
    NotHere,
    PostNotHeld,
    PostTaken,
    SeatsFull,
    TermRunning,
    last_day,
    term_rule,
)
from roster.operations.organisations import keep_the_tree, tell_changed
from roster.queries.elections import full_members
from roster.queries.terms import Organ, committee_of, organ, rules_on
from roster.tables.members import posts
from roster.tables.terms import terms

_TERM: Final = text("SELECT * FROM terms WHERE organisation_id = :id AND ended_on IS NULL FOR UPDATE")


def standing(db: Connection, organisation_id: UUID) -> Organ:
    """Return an organisation that stands, and goes on standing until the transaction ends; called before the first row
    is locked. Raises NotFound, OrganisationDissolved."""
    keep_the_tree(db)
    found = organ(db, organisation_id)
    if found.dissolved_on is not None:
        raise OrganisationDissolved(organisation=found.name, on=found.dissolved_on.isoformat())
    return found


def warn(db: Connection, *, at: datetime) -> int:
    """Write down which terms end within the months of the rule and which are over, once for each end; returns how
    many notices that were. Organisation and superior read them."""
    today = clock.today(at)
    told = db.execute(
        text(
            """
            INSERT INTO term_notices (term_id, kind, ends_on, told_at)
            SELECT t.id, CASE WHEN t.ends_on < :today THEN 'overdue' ELSE 'ending' END, t.ends_on, :at
            FROM terms t
            WHERE t.ended_on IS NULL AND t.ends_on <= CAST(:today AS date) + make_interval(months => :months)
              AND t.ends_on - make_interval(months => :months) <= :today
            ON CONFLICT DO NOTHING
            """
        ),
        {"today": today, "at": at, "months": rules_on(db, today)["warning"].numbers["months"]},
    )
    return int(told.rowcount)


# ---- terms and posts by document ---------------------------------------------------------------------------------


def record(db: Connection, *, asked: RecordTerm, actor: Actor, at: datetime) -> CommitteeView:
    """Write down the term of a committee that is in office already. Raises NotFound, Forbidden, NoFixedTerm,
    TermRunning, NotYet."""
    found = standing(db, asked.organisation_id)
    actor.must("manage_posts", organisation=found.superior_path)
    today = clock.today(at)
    check_day(asked.active_from, since=None, today=today)
    begin(
        db,
        found,
        active_from=asked.active_from,
        seats=asked.seats,
        made_by="recorded",
        document_number=asked.document_number,
        today=today,
    )
    return committee_of(db, found, on=today, actor=actor, today=today)


def appoint_committee(db: Connection, *, asked: AppointCommittee, actor: Actor, at: datetime) -> CommitteeView:
    """Put a whole committee into office by a document of the superior; its term begins anew.

    Raises NotFound, Forbidden, NotByOneself, NoFixedTerm, NotYet, BeforeItBegan, NotHere, InvalidInput.
    """
    found = standing(db, asked.organisation_id)
    actor.must("manage_posts", organisation=found.superior_path)
    today = clock.today(at)
    holders = {asked.secretary_id: "secretary"}
    for post, ids in (("deputy_secretary", asked.deputy_ids), ("committee_member", asked.member_ids)):
        for person in ids:
            if person in holders:
                raise InvalidInput({"member_ids": ["One stands twice."]})
            holders[person] = post
    if actor.person_id in holders:
        raise NotByOneself()
    check_day(asked.active_from, since=None, today=today)
    term = _open_term(db, found.id)
    if term is not None:
        check_day(asked.active_from, since=term.active_from, today=today)
    _must_be_members(db, list(holders), path=found.path.partition(".")[0])
    install(
        db,
        found,
        holders,
        on=asked.active_from,
        seats=len(holders),
        made_by="appointed",
        document_number=asked.document_number,
        election_id=None,
        at=at,
    )
    tell_changed(db, [found.id], at=at)
    return committee_of(db, found, on=today, actor=actor, today=today)


def appoint_to_post(db: Connection, *, asked: AppointToPost, actor: Actor, at: datetime) -> CommitteeView:
    """Give one post by a document of the superior; the term goes on. A new secretary follows the one before.

    Raises NotFound, Forbidden, NotByOneself, NotYet, NotHere, SeatsFull, PostTaken.
    """
    found = standing(db, asked.organisation_id)
    actor.must("manage_posts", organisation=found.superior_path)
    if actor.person_id == asked.person_id:
        raise NotByOneself()
    today = clock.today(at)
    check_day(asked.held_from, since=None, today=today)
    term = _open_term(db, found.id)
    if term is not None:
        check_day(asked.held_from, since=term.active_from, today=today)
    _must_be_members(db, [asked.person_id], path=found.path.partition(".")[0])
    give_posts(
        db,
        found.id,
        {asked.person_id: asked.post},
        on=asked.held_from,
        made_by="appointed",
        document_number=asked.document_number,
        election_id=None,
    )
    if term is not None:
        must_fit(db, found.id, seats=term.seats)
    tell_changed(db, [found.id], at=at)
    return committee_of(db, found, on=today, actor=actor, today=today)


def end_post(db: Connection, *, asked: EndPost, actor: Actor, at: datetime) -> CommitteeView:
    """Say that somebody holds a post no longer. Raises NotFound, Forbidden, PostNotHeld, NotYet, BeforeItBegan."""
    found = organ(db, asked.organisation_id)
    actor.must("manage_posts", organisation=found.superior_path)
    today = clock.today(at)
    held = db.execute(
        text("SELECT held_from, held_until FROM posts WHERE id = :id AND organisation_id = :organisation FOR UPDATE"),
        {"id": asked.post_id, "organisation": found.id},
    ).one_or_none()
    if held is None:
        raise NotFound()
    if held.held_until is not None:
        raise PostNotHeld()
    check_day(asked.held_until, since=held.held_from, today=today)
    db.execute(
        text("UPDATE posts SET held_until = :day, ended_by = :ended_by, end_document_number = :number WHERE id = :id"),
        {
            "day": asked.held_until,
            "ended_by": asked.ended_by,
            "number": asked.document_number,
            "id": asked.post_id,
        },
    )
    tell_changed(db, [found.id], at=at)
    return committee_of(db, found, on=today, actor=actor, today=today)


@dataclass(frozen=True)
class Term:
    """A term that runs already, from a day on."""

    organisation_id: UUID
    active_from: date
    seats: int


_RECORD_ALL: Final = text(
    """
    INSERT INTO terms (id, organisation_id, active_from, ends_on, regular_ends_on, years, seats, made_by)
    SELECT gen_random_uuid(), o.id, n.active_from, e.ends_on, e.ends_on, r.years, n.seats, 'recorded'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[]), CAST(:seats AS integer[]))
        AS n(organisation_id, active_from, seats)
    JOIN organisations o ON o.id = n.organisation_id
    JOIN (SELECT rule, CAST(numbers ->> 'years' AS integer) AS years FROM term_rules
          WHERE active_from <= :on AND (active_until IS NULL OR :on < active_until)) r
      ON r.rule = CASE WHEN o.kind = 'committee' THEN 'term-committee'
                       WHEN o.field = ANY(:villages) THEN 'term-village' ELSE 'term-other' END
    CROSS JOIN LATERAL (
        SELECT CAST(n.active_from + make_interval(years => r.years) AS date) - 1 AS ends_on
    ) e
    WHERE o.kind = ANY(:kinds)
    ON CONFLICT DO NOTHING
    """
)


def record_all(db: Connection, running: Sequence[Term], *, on: date) -> int:
    """Write down the terms of organisations that have none, in one statement; returns how many that were."""
    written = db.execute(
        _RECORD_ALL,
        {
            "ids": [term.organisation_id for term in running],
            "days": [term.active_from for term in running],
            "seats": [term.seats for term in running],
            "on": on,
            "villages": sorted(VILLAGES),
            "kinds": list(WITH_TERMS),
        },
    )
    return int(written.rowcount)


# ---- what an election does too -----------------------------------------------------------------------------------


def term_of(db: Connection, organisation_id: UUID) -> Row[Any]:
    """Return the running term, locked; raises NoTerm."""
    term = _open_term(db, organisation_id)
    if term is None:
        raise NoTerm()
    return term


def begin(
    db: Connection,
    found: Organ,
    *,
    active_from: date,
    seats: int,
    made_by: str,
    document_number: str | None,
    today: date,
    election_id: UUID | None = None,
) -> None:
    """Begin a term where none runs; the database refuses a second one. Raises NoFixedTerm, TermRunning."""
    years = rules_on(db, today)[term_rule(kind=found.kind, field=found.field)].numbers["years"]
    ends_on = last_day(active_from, years)
    made = (
        insert(terms)
        .values(
            id=uuid4(),
            organisation_id=found.id,
            active_from=active_from,
            ends_on=ends_on,
            regular_ends_on=ends_on,
            years=years,
            seats=seats,
            made_by=made_by,
            document_number=document_number,
            election_id=election_id,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(made).rowcount == 0:
        since = db.execute(
            text("SELECT max(active_from) FROM terms WHERE organisation_id = :id"), {"id": found.id}
        ).scalar_one()
        raise TermRunning(active_from=since.isoformat())


def install(
    db: Connection,
    found: Organ,
    holders: dict[UUID, str],
    *,
    on: date,
    seats: int,
    made_by: str,
    document_number: str,
    election_id: UUID | None,
    at: datetime,
) -> None:
    """End the term with all its posts and begin the next with the new holders, on one day. Raises NoFixedTerm.

    The members were locked before: nobody is put into a post who has just left.
    """
    wanted = {"id": found.id, "day": on}
    db.execute(
        text(
            "UPDATE posts SET held_until = greatest(:day, held_from), ended_by = 'term_ended'"
            " WHERE organisation_id = :id AND held_until IS NULL"
        ),
        wanted,
    )
    db.execute(
        text(
            "UPDATE terms SET ended_on = greatest(:day, active_from) WHERE organisation_id = :id AND ended_on IS NULL"
        ),
        wanted,
    )
    db.execute(
        text(
            "UPDATE term_shifts SET state = 'withdrawn', decided_at = :at"
            " WHERE state = 'asked' AND term_id IN (SELECT id FROM terms WHERE organisation_id = :id)"
        ),
        {**wanted, "at": at},
    )
    begin(
        db,
        found,
        active_from=on,
        seats=seats,
        made_by=made_by,
        document_number=document_number,
        today=clock.today(at),
        election_id=election_id,
    )
    give_posts(
        db,
        found.id,
        holders,
        on=on,
        made_by=made_by,
        document_number=document_number,
        election_id=election_id,
    )


def give_posts(
    db: Connection,
    organisation_id: UUID,
    holders: dict[UUID, str],
    *,
    on: date,
    made_by: str,
    document_number: str,
    election_id: UUID | None,
) -> None:
    """Give posts from a day on; who held another post here leaves it, and so does a secretary who is followed.

    Raises PostTaken.
    """
    secretaries = [person for person, post in holders.items() if post == "secretary"]
    taken = db.execute(
        text(
            "SELECT EXISTS (SELECT FROM posts h JOIN unnest(CAST(:persons AS uuid[]), CAST(:posts AS text[]))"
            " AS n(person_id, post) ON n.person_id = h.person_id AND n.post = h.post"
            " WHERE h.organisation_id = :id AND h.held_until IS NULL)"
        ),
        {"id": organisation_id, "persons": list(holders), "posts": list(holders.values())},
    ).scalar_one()
    if taken:
        raise PostTaken()
    db.execute(
        text(
            "UPDATE posts SET held_until = greatest(:day, held_from), ended_by = 'replaced'"
            " WHERE organisation_id = :id AND held_until IS NULL"
            " AND (person_id = ANY(:persons) OR (post = 'secretary' AND :has_secretary))"
        ),
        {"id": organisation_id, "day": on, "persons": list(holders), "has_secretary": bool(secretaries)},
    )
    rows = [
        {
            "organisation_id": organisation_id,
            "person_id": person,
            "post": post,
            "held_from": on,
            "made_by": made_by,
            "document_number": document_number,
            "election_id": election_id,
        }
        for person, post in holders.items()
    ]
    # Somebody who gave one of these posts at the same time was first.
    if db.execute(insert(posts).values(rows).on_conflict_do_nothing()).rowcount < len(rows):
        raise PostTaken()


def must_fit(db: Connection, organisation_id: UUID, *, seats: int) -> None:
    """Raise SeatsFull when more people hold posts than the term has seats."""
    held = db.execute(
        text("SELECT count(DISTINCT person_id) FROM posts WHERE organisation_id = :id AND held_until IS NULL"),
        {"id": organisation_id},
    ).scalar_one()
    if held > seats:
        raise SeatsFull(seats=seats)


def _open_term(db: Connection, organisation_id: UUID) -> Row[Any] | None:
    return db.execute(_TERM, {"id": organisation_id}).one_or_none()


def _must_be_members(db: Connection, persons: Sequence[UUID], *, path: str) -> None:
    there = full_members(db, list(persons), path=path, lock=True)
    for person in persons:
        if person not in there:
            name = db.execute(text("SELECT name FROM people WHERE id = :id"), {"id": person}).scalar()
            if name is None:
                raise NotFound()
            raise NotHere(name=name)
