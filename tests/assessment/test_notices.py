"""Notices: told once, to a person or to those who lead an organisation, and read by each for themselves (G5)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from assessment.operations import notices
from assessment.queries import notices as shown
from chassis.actors import Actor, Grant
from contracts.assessment.notices import (
    INBOX_LEADERS,
    NOTICE_KINDS,
    UNREAD_MAX,
    InboxAsked,
    InboxNoticeView,
    MarkNoticesRead,
    UnreadAsked,
)
from contracts.rights import ROLES
from gateway.pages.words.notices import SENTENCES
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, an_actor

BRANCH = "3703.370302.t1.b1"
HOUR = timedelta(hours=1)


def the_inbox(db: Connection, actor: Actor, **asked: object) -> list[InboxNoticeView]:
    return shown.inbox(db, asked=InboxAsked(**asked), actor=actor).items  # type: ignore[arg-type]


def unread(db: Connection, actor: Actor) -> int:
    return shown.unread(db, asked=UnreadAsked(), actor=actor).unread


def told(db: Connection, branch: UUID, *, subject: UUID | None = None, **how: object) -> UUID:
    subject = subject or uuid4()
    facts = {"number": "督办〔2026〕1号", "due_on": NOON.date()}
    given = {"kind": "slip_issued", "subject_id": subject, "organisation_id": branch, "at": NOON, "facts": facts, **how}
    notices.tell(db, **given)  # type: ignore[arg-type]
    return subject


@pytest.mark.parametrize("role", ROLES)
def test_an_organisations_notice_is_in_the_inbox_of_those_who_lead_just_it(db: Connection, role: str) -> None:
    subject = told(db, a_branch(db, path=BRANCH))
    found = [one.subject_id for one in the_inbox(db, an_actor((role, BRANCH)))]
    assert found == ([subject] if role in INBOX_LEADERS else [])
    for elsewhere in ("3703.370302", "3703.370302.t1", "3703.370302.t1.b2", f"{BRANCH}.g1"):
        assert the_inbox(db, an_actor((role, elsewhere))) == []


def test_a_persons_notice_is_theirs_alone(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    person = an_actor(("member", "3703.370302.t9.b9"))
    told(db, branch, organisation_id=None, person_id=person.person_id)
    (one,) = the_inbox(db, person)
    assert (one.kind, one.subject_kind, one.organisation_name) == ("slip_issued", "slip", None)
    assert one.facts == {"number": "督办〔2026〕1号", "due_on": "2026-11-12"}
    assert the_inbox(db, secretary) == []


def test_what_is_told_again_is_told_once_unless_the_occasion_is_another(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    subject = told(db, branch)
    told(db, branch, subject=subject, at=NOON + HOUR)
    assert unread(db, secretary) == 1
    told(db, branch, subject=subject, occasion="2")
    told(db, branch, subject=subject, kind="slip_overdue")
    assert unread(db, secretary) == 3


def test_each_person_reads_for_themselves(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    deputy = an_actor(("administrator", BRANCH))
    for _ in range(3):
        told(db, branch)
    first = the_inbox(db, secretary)[0]
    assert notices.mark_read(db, asked=MarkNoticesRead([first.id]), actor=secretary, at=NOON).unread == 2
    assert first.id not in [one.id for one in the_inbox(db, secretary, unread=True)]
    assert {one.id: one.read_at for one in the_inbox(db, secretary)}[first.id] == NOON
    assert unread(db, deputy) == 3
    assert notices.mark_read(db, asked=MarkNoticesRead(), actor=secretary, at=NOON + HOUR).unread == 0
    assert {one.read_at for one in the_inbox(db, secretary)} == {NOON, NOON + HOUR}
    notices.mark_read(db, asked=MarkNoticesRead([first.id]), actor=deputy, at=NOON)
    assert unread(db, deputy) == 2


def test_nobody_reads_for_another(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    told(db, branch)
    (one,) = the_inbox(db, secretary)
    notices.mark_read(db, asked=MarkNoticesRead([one.id]), actor=an_actor(("secretary", "3703.x")), at=NOON)
    assert unread(db, secretary) == 1


def test_pages_walk_all_of_them_once_the_newest_first(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    subjects = [told(db, branch, at=NOON + number // 2 * HOUR) for number in range(7)]
    walked: list[InboxNoticeView] = []
    cursor = None
    while True:
        page = shown.inbox(db, asked=InboxAsked(limit=3, cursor=cursor), actor=secretary)
        walked += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [one.told_at for one in walked] == sorted((one.told_at for one in walked), reverse=True)
    assert {one.subject_id for one in walked} == set(subjects)
    assert len(walked) == 7


def test_many_are_counted_up_to_the_most(db: Connection, secretary: Actor) -> None:
    branch = a_branch(db, path=BRANCH)
    rows = [{"organisation_id": branch, "subject_id": uuid4()} for _ in range(UNREAD_MAX + 5)]
    notices.tell_many(db, kind="talk_due", at=NOON, told=rows)
    assert unread(db, secretary) == UNREAD_MAX


def test_a_programs_token_that_does_not_reach_the_inbox_sees_no_branch(db: Connection) -> None:
    told(db, a_branch(db, path=BRANCH))
    program = Actor(uuid4(), uuid4(), "程序", (Grant("secretary", BRANCH),), NOON, only=frozenset({"read_light"}))
    with pytest.raises(Exception, match="does not reach"):
        the_inbox(db, program)


def test_neither_nobody_nor_two_are_told_nor_what_has_no_words(db: Connection) -> None:
    branch = a_branch(db, path=BRANCH)
    for wrong in ({"organisation_id": None}, {"person_id": uuid4()}, {"kind": "rumour"}):
        with pytest.raises(ValueError, match="notice"):
            told(db, branch, **wrong)


@pytest.mark.parametrize("change", ["UPDATE notices SET kind = 'x'", "DELETE FROM notices"])
def test_what_was_told_stays_told(db: Connection, change: str) -> None:
    told(db, a_branch(db, path=BRANCH))
    with pytest.raises(DBAPIError):
        db.execute(text(change))


def test_each_kind_has_its_sentence() -> None:
    assert set(SENTENCES) == set(NOTICE_KINDS)
