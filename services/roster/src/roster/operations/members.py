"""Who belongs to which branch, and who holds its posts. Each change tells the branches whose numbers it changes.

Triggers on `members` write the periods: whoever changes branch, status or state sets `since` with it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.organisations import BRANCHES
from roster.operations.organisations import keep_the_tree, stands, tell_changed
from roster.operations.people import Person, register_all
from roster.tables.members import members, posts

__all__ = [
    "Appointment",
    "MemberElsewhere",
    "Membership",
    "NotABranch",
    "Person",
    "admit",
    "admit_all",
    "appoint",
    "appoint_all",
    "leave_posts",
    "must_be_a_branch",
    "register_all",
    "transfer",
]


class NotABranch(Refusal):
    """{organisation} is not a branch; members belong to branches."""


class MemberElsewhere(Refusal):
    """{name} is a member of {branch} already; nobody belongs to two branches."""


@dataclass(frozen=True)
class Membership:
    """A person's place in a branch, from `since` on (the day it is entered when nobody says which)."""

    person_id: UUID
    branch_id: UUID
    status: str
    joined_on: date | None = None
    party_group: str | None = None
    synthetic: bool = False
    full_on: date | None = None
    since: date | None = None
    state: str = "active"


@dataclass(frozen=True)
class Appointment:
    """A post and who holds it from a day on."""

    organisation_id: UUID
    person_id: UUID
    post: str
    held_from: date


def admit(db: Connection, person: Person, membership: Membership, *, at: datetime) -> None:
    """Enter a person as a member of a branch; raises MemberElsewhere, NotABranch, NotFound, OrganisationDissolved."""
    keep_the_tree(db)
    must_be_a_branch(db, membership.branch_id)
    register_all(db, [person])
    if not admit_all(db, [membership], on=clock.today(at)):
        elsewhere = db.execute(
            text("SELECT o.name FROM members m JOIN organisations o ON o.id = m.branch_id WHERE m.person_id = :person"),
            {"person": membership.person_id},
        ).scalar()
        raise MemberElsewhere(name=person.name, branch=elsewhere)
    tell_changed(db, [membership.branch_id], at=at)


def transfer(db: Connection, person_id: UUID, *, branch_id: UUID, at: datetime) -> None:
    """Move a member to another branch, leaving the posts of the old one; raises NotFound, NotABranch,
    OrganisationDissolved."""
    keep_the_tree(db)
    must_be_a_branch(db, branch_id)
    was = db.execute(
        text("SELECT branch_id FROM members WHERE person_id = :person FOR UPDATE"), {"person": person_id}
    ).scalar()
    if was is None:
        raise NotFound()
    if was == branch_id:
        return
    change = {"person": person_id, "branch": branch_id, "day": clock.today(at)}
    db.execute(
        text(
            "UPDATE members SET branch_id = :branch, party_group = NULL, since = greatest(:day, since)"
            " WHERE person_id = :person"
        ),
        change,
    )
    db.execute(text("UPDATE developments SET branch_id = :branch WHERE person_id = :person"), change)
    left = leave_posts(db, person_id, on=clock.today(at), ended_by="moved", was=was, now=branch_id)
    tell_changed(db, {was, branch_id, *left}, at=at)


def leave_posts(
    db: Connection, person_id: UUID, *, on: date, ended_by: str, was: UUID | None = None, now: UUID | None = None
) -> list[UUID]:
    """End all posts that a person holds, or those of the organisations that they leave by moving from one branch to
    another, and return the organisations: whoever calls this tells of them."""
    ended = db.execute(
        text(
            """
            UPDATE posts h SET held_until = greatest(:day, h.held_from), ended_by = :ended_by
            FROM organisations o
            WHERE o.id = h.organisation_id AND h.person_id = :person AND h.held_until IS NULL
              AND (CAST(:was AS uuid) IS NULL
                   OR EXISTS (SELECT FROM organisations b WHERE b.id = CAST(:was AS uuid)
                              AND starts_with(b.path || '.', o.path || '.'))
                      AND NOT EXISTS (SELECT FROM organisations b WHERE b.id = CAST(:now AS uuid)
                                      AND starts_with(b.path || '.', o.path || '.')))
            RETURNING h.organisation_id
            """
        ),
        {"day": on, "ended_by": ended_by, "person": person_id, "was": was, "now": now},
    )
    return list(ended.scalars())


def appoint(db: Connection, appointment: Appointment, *, at: datetime) -> None:
    """Give a post to a person from a day on; a new secretary follows the one before. Raises NotFound."""
    keep_the_tree(db)
    held = asdict(appointment)
    if appointment.post == "secretary":
        db.execute(
            text(
                "UPDATE posts SET held_until = greatest(:held_from, held_from), ended_by = 'replaced'"
                " WHERE organisation_id = :organisation_id AND post = 'secretary' AND held_until IS NULL"
                " AND person_id <> :person_id"
            ),
            held,
        )
    appoint_all(db, [appointment])
    tell_changed(db, [appointment.organisation_id], at=at)


def admit_all(db: Connection, memberships: Sequence[Membership], *, on: date | None = None) -> list[UUID]:
    """Enter the members who belong to no branch yet and return their ids; whoever calls this tells their branches.

    One without `since` is a member from `on`, else from the day the database writes it down.
    """
    keep_the_tree(db)
    entered: list[UUID] = []
    for has_day in (True, False):
        rows = [asdict(membership) for membership in memberships]
        for row in rows:
            row["since"] = row["since"] or on
        chosen = [row for row in rows if (row["since"] is not None) == has_day]
        if not has_day:
            for row in chosen:
                del row["since"]
        entered += _insert(db, members, members.c.person_id, chosen)
    return entered


def appoint_all(db: Connection, appointments: Sequence[Appointment]) -> list[UUID]:
    """Give the posts that are free and return their organisations' ids; whoever calls this tells of them."""
    return _insert(db, posts, posts.c.organisation_id, [asdict(appointment) for appointment in appointments])


def _insert(db: Connection, table: Table, returned: Column[UUID], rows: Sequence[dict[str, Any]]) -> list[UUID]:
    if not rows:
        return []
    return list(db.execute(insert(table).on_conflict_do_nothing().returning(returned), rows).scalars())


def must_be_a_branch(db: Connection, organisation_id: UUID) -> None:
    """Raise NotFound, NotABranch for an organisation that has no members of its own, or OrganisationDissolved.

    The branch stays one until the transaction ends: who would end it waits for this lock.
    """
    row = db.execute(
        text("SELECT name, kind, dissolved_on FROM organisations WHERE id = :id FOR KEY SHARE"),
        {"id": organisation_id},
    ).one_or_none()
    if row is None:
        raise NotFound()
    if row.kind not in BRANCHES:
        raise NotABranch(organisation=row.name)
    stands(row)
