"""What other services hear of posts: everyone who holds one or did, after each change."""

from datetime import date
from uuid import UUID

from contracts.envelope import load
from contracts.roster.posts import PostsChanged
from roster.operations import members, organisations
from roster.operations.members import Appointment
from sqlalchemy import Connection, text

from tests.articles import NOON
from tests.roster.factories import a_branch, told_of

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def posts_of(db: Connection, organisation: UUID) -> PostsChanged:
    """The posts that were told last."""
    event = told_of(db, organisation, aggregate="posts")[-1]
    assert event.pop("event") == "posts_changed"
    assert event.pop("version") == told_of(db, organisation)[-1]["version"]
    return load(PostsChanged, event)


def told(db: Connection, organisation: UUID) -> list[tuple[UUID, str, date, date | None]]:
    return [(one.person_id, one.post, one.held_from, one.held_until) for one in posts_of(db, organisation).holders]


def test_a_secretary_follows_another_and_both_are_told(db: Connection) -> None:
    branch = a_branch(db, full=2)
    one, two = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": branch}).scalars()
    members.appoint(db, Appointment(branch, one, "secretary", MARCH), at=NOON)
    assert told(db, branch) == [(one, "secretary", MARCH, None)]
    members.appoint(db, Appointment(branch, two, "secretary", MAY), at=NOON)
    assert told(db, branch) == [(one, "secretary", MARCH, MAY), (two, "secretary", MAY, None)]


def test_who_leaves_the_branch_leaves_the_post(db: Connection) -> None:
    branch, other = a_branch(db, full=1), a_branch(db)
    (one,) = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": branch}).scalars()
    members.appoint(db, Appointment(branch, one, "secretary", MARCH), at=NOON)
    members.transfer(db, one, branch_id=other, at=NOON)
    ((person, _, _, until),) = told(db, branch)
    assert (person, until) == (one, NOON.date())


def test_an_organisation_that_never_had_a_post_tells_none_and_all_are_told_again(db: Connection) -> None:
    branch = a_branch(db, full=1)
    assert told_of(db, branch, aggregate="posts") == []
    (one,) = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": branch}).scalars()
    members.appoint(db, Appointment(branch, one, "secretary", MARCH), at=NOON)
    organisations.tell_all(db, at=NOON)
    assert [event["holders"] for event in told_of(db, branch, aggregate="posts")][-1][0]["person_id"] == str(one)
    assert len(told_of(db, branch, aggregate="posts")) == 2
