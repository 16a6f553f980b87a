"""Who belongs to which branch, and who holds its posts. Each change tells the branches whose numbers it changes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.organisations import BRANCHES
from roster.operations.organisations import tell_changed
from roster.tables.members import members, posts
from roster.tables.people import people


class NotABranch(Refusal):
    """{organisation} is not a branch; members belong to branches."""


class MemberElsewhere(Refusal):
    """{name} is a member of {branch} already; nobody belongs to two branches."""


@dataclass(frozen=True)
class Person:
    """Somebody with a name."""

    id: UUID
    name: str
    synthetic: bool = False


@dataclass(frozen=True)
class Membership:
    """A person's place in a branch."""

    person_id: UUID
    branch_id: UUID
    status: str
    joined_on: date | None = None
    party_group: str | None = None
    synthetic: bool = False


@dataclass(frozen=True)
class Appointment:
    """A post and who holds it from a day on."""

    organisation_id: UUID
    person_id: UUID
    post: str
    held_from: date


def admit(db: Connection, person: Person, membership: Membership, *, at: datetime) -> None:
    """Enter a person as a member of a branch; raises MemberElsewhere, NotABranch, NotFound."""
    _must_be_a_branch(db, membership.branch_id)
    register_all(db, [person])
    if not admit_all(db, [membership]):
        elsewhere = db.execute(
            text("SELECT o.name FROM members m JOIN organisations o ON o.id = m.branch_id WHERE m.person_id = :person"),
            {"person": membership.person_id},
        ).scalar()
        raise MemberElsewhere(name=person.name, branch=elsewhere)
    tell_changed(db, [membership.branch_id], at=at)


def transfer(db: Connection, person_id: UUID, *, branch_id: UUID, at: datetime) -> None:
    """Move a member to another branch, leaving the posts of the old one; raises NotFound, NotABranch."""
    _must_be_a_branch(db, branch_id)
    was = db.execute(
        text("SELECT branch_id FROM members WHERE person_id = :person FOR UPDATE"), {"person": person_id}
    ).scalar()
    if was is None:
        raise NotFound()
    if was == branch_id:
        return
    change = {"person": person_id, "branch": branch_id, "was": was, "day": clock.today(at)}
    db.execute(text("UPDATE members SET branch_id = :branch, party_group = NULL WHERE person_id = :person"), change)
    db.execute(
        text(
            "UPDATE posts SET held_until = greatest(:day, held_from)"
            " WHERE organisation_id = :was AND person_id = :person AND held_until IS NULL"
        ),
        change,
    )
    tell_changed(db, [was, branch_id], at=at)


def appoint(db: Connection, appointment: Appointment, *, at: datetime) -> None:
    """Give a post to a person from a day on; a new secretary follows the one before. Raises NotFound."""
    held = asdict(appointment)
    if appointment.post == "secretary":
        db.execute(
            text(
                "UPDATE posts SET held_until = greatest(:held_from, held_from)"
                " WHERE organisation_id = :organisation_id AND post = 'secretary' AND held_until IS NULL"
                " AND person_id <> :person_id"
            ),
            held,
        )
    appoint_all(db, [appointment])
    tell_changed(db, [appointment.organisation_id], at=at)


def register_all(db: Connection, persons: Sequence[Person]) -> list[UUID]:
    """Enter the people who are not known yet and return their ids."""
    return _add(db, people, people.c.id, persons)


def admit_all(db: Connection, memberships: Sequence[Membership]) -> list[UUID]:
    """Enter the members who belong to no branch yet and return their ids; whoever calls this tells their branches."""
    return _add(db, members, members.c.person_id, memberships)


def appoint_all(db: Connection, appointments: Sequence[Appointment]) -> list[UUID]:
    """Give the posts that are free and return their organisations' ids; whoever calls this tells of them."""
    return _add(db, posts, posts.c.organisation_id, appointments)


def _add(db: Connection, table, returned, rows) -> list[UUID]:  # type: ignore[no-untyped-def]
    if not rows:
        return []
    statement = insert(table).on_conflict_do_nothing().returning(returned)
    return list(db.execute(statement, [asdict(row) for row in rows]).scalars())


def _must_be_a_branch(db: Connection, organisation_id: UUID) -> None:
    row = db.execute(text("SELECT name, kind FROM organisations WHERE id = :id"), {"id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound()
    if row.kind not in BRANCHES:
        raise NotABranch(organisation=row.name)
