"""A tree, people and actors for tests: name only what the test is about."""

from datetime import date, datetime
from uuid import UUID, uuid4

from roster.operations import members, organisations
from roster.operations.accounts import NewAccount, open_accounts
from roster.operations.members import Appointment, Membership, Person
from roster.operations.organisations import Founding
from sqlalchemy import Connection, text

from tests.articles import NOON

ENDINGS = {
    "committee": "党委",
    "working_committee": "党工委",
    "leading_group": "党组",
    "general_branch": "党总支",
    "branch": "党支部",
    "joint_branch": "联合党支部",
}


def an_organisation(
    db: Connection,
    *,
    parent: UUID | None = None,
    code: str | None = None,
    name: str | None = None,
    kind: str = "branch",
    at: datetime = NOON,
) -> UUID:
    organisation_id = uuid4()
    code = code or organisation_id.hex[:8]
    name = name or f"{code}村{ENDINGS[kind]}"
    organisations.found(db, Founding(organisation_id, code, name, kind, "rural", parent), at=at)
    return organisation_id


def a_committee(db: Connection, *, parent: UUID | None = None, code: str | None = None) -> UUID:
    return an_organisation(db, parent=parent, code=code, kind="committee")


def a_branch(
    db: Connection,
    *,
    parent: UUID | None = None,
    full: int = 0,
    probationary: int = 0,
    secretary: bool = False,
    seats: int = 0,
    groups: tuple[int, ...] = (),
) -> UUID:
    """A branch under a committee of its own; its members are put into `groups` of these sizes as far as they go."""
    branch = an_organisation(db, parent=parent or a_committee(db))
    names = [f"{number + 1}组" for number, size in enumerate(groups) for _ in range(size)]
    persons = []
    for number in range(full + probationary):
        status = "full" if number < full else "probationary"
        group = names[number] if number < len(names) else None
        persons.append(a_member(db, branch=branch, status=status, party_group=group))
    posts = (["secretary"] if secretary else []) + ["committee_member"] * seats
    for post, person in zip(posts, persons, strict=False):
        members.appoint(db, Appointment(branch, person, post, date(2026, 1, 1)), at=NOON)
    return branch


def a_member(
    db: Connection, *, branch: UUID, name: str = "王建国", status: str = "full", party_group: str | None = None
) -> UUID:
    person = Person(uuid4(), name)
    members.admit(db, person, Membership(person.id, branch, status, party_group=party_group), at=NOON)
    return person.id


def an_account(db: Connection, *, username: str = "wang", password: str = "right", name: str = "王建国") -> UUID:  # noqa: S107
    person = Person(uuid4(), name)
    members.register_all(db, [person])
    open_accounts(db, [NewAccount(person.id, username, password)], at=NOON)
    return person.id


def path_of(db: Connection, organisation_id: UUID) -> str:
    return db.execute(text("SELECT path FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar_one()


def version_of(db: Connection, organisation_id: UUID) -> int:
    return db.execute(text("SELECT version FROM organisations WHERE id = :id"), {"id": organisation_id}).scalar_one()


def told_of(db: Connection, organisation_id: UUID, *, aggregate: str = "organisation") -> list[dict]:
    """Return the events of an organisation (or of its roll), oldest first, each with its version."""
    rows = db.execute(
        text(
            "SELECT version, data, event FROM outbox WHERE aggregate_id = :id AND aggregate = :aggregate"
            " ORDER BY outbox.id"
        ),
        {"id": str(organisation_id), "aggregate": aggregate},
    )
    return [{"event": row.event, "version": row.version, **row.data} for row in rows]
