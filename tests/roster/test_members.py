"""Members: in one branch or in none, whatever happens at the same time; listed by name; counted in what is told."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from contracts.roster.members import MembersAsked
from roster.operations import members
from roster.operations.members import Appointment, MemberElsewhere, Membership, NotABranch, Person
from roster.queries import members as asked
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tests.articles import NOON, an_actor, wait_until_somebody_waits
from tests.roster.factories import a_branch, a_committee, a_member, path_of, told_of


class TestAdmit:
    def test_is_counted_and_told(self, db: Connection):
        branch = a_branch(db, full=2)
        a_member(db, branch=branch, status="probationary")
        last = told_of(db, branch)[-1]
        assert (last["members_full"], last["members_probationary"], last["version"]) == (2, 1, 4)

    def test_nobody_is_in_two_branches(self, db: Connection):
        person = Person(uuid4(), "李梅")
        here, there = a_branch(db), a_branch(db)
        members.admit(db, person, Membership(person.id, here, "full"), at=NOON)
        with pytest.raises(MemberElsewhere, match="李梅 is a member of"):
            members.admit(db, person, Membership(person.id, there, "full"), at=NOON)
        with pytest.raises(IntegrityError):
            db.execute(
                text("INSERT INTO members (person_id, branch_id, status) VALUES (:person, :branch, 'full')"),
                {"person": person.id, "branch": there},
            )

    def test_a_committee_has_no_members_of_its_own(self, db: Connection):
        with pytest.raises(NotABranch, match="is not a branch"):
            a_member(db, branch=a_committee(db))

    def test_two_branches_that_admit_somebody_at_the_same_time(self, database: Engine):
        person = Person(uuid4(), "李梅")
        with database.begin() as db:
            branches = [a_branch(db), a_branch(db)]
            members.register_all(db, [person])
        barrier, ends = threading.Barrier(2), []

        def admit(branch):
            with database.connect() as db:
                barrier.wait()
                try:
                    members.admit(db, person, Membership(person.id, branch, "full"), at=NOON)
                    db.commit()
                    ends.append("admitted")
                except MemberElsewhere:
                    ends.append("elsewhere")

        run_all([lambda branch=branch: admit(branch) for branch in branches])
        assert sorted(ends) == ["admitted", "elsewhere"]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM members")).scalar_one() == 1
            told = [told_of(db, branch)[-1]["members_full"] for branch in branches]
        assert sorted(told) == [0, 1]

    def test_the_last_of_many_parallel_admissions_tells_them_all(self, database: Engine):
        with database.begin() as db:
            branch = a_branch(db)

        def admit():
            with database.begin() as db:
                a_member(db, branch=branch)

        run_all([admit] * 8)
        with database.connect() as db:
            events = {event["version"]: event["members_full"] for event in told_of(db, branch)}
        assert events == {version: version - 1 for version in range(1, 10)}


class TestTransfer:
    def test_changes_both_branches_and_leaves_the_posts(self, db: Connection):
        here, there = a_branch(db), a_branch(db)
        person = a_member(db, branch=here)
        members.appoint(db, Appointment(here, person, "secretary", date(2026, 1, 1)), at=NOON)
        assert told_of(db, here)[-1]["secretary_id"] == str(person)
        members.transfer(db, person, branch_id=there, at=NOON)
        left, entered = told_of(db, here)[-1], told_of(db, there)[-1]
        assert (left["members_full"], left["secretary_id"], entered["members_full"]) == (0, None, 1)

    def test_a_second_transfer_waits_for_the_first_and_leaves_from_where_it_led(self, database: Engine):
        with database.begin() as db:
            branches = [a_branch(db) for _ in range(3)]
            person = a_member(db, branch=branches[0])

        def transfer_again():
            with database.begin() as db:
                members.transfer(db, person, branch_id=branches[2], at=NOON)

        second = threading.Thread(target=transfer_again)
        with database.begin() as db:
            members.transfer(db, person, branch_id=branches[1], at=NOON)
            second.start()
            wait_until_somebody_waits(database)
        second.join(timeout=240)
        with database.connect() as db:
            assert [told_of(db, branch)[-1]["members_full"] for branch in branches] == [0, 0, 1]

    def test_of_somebody_who_is_no_member(self, db: Connection):
        with pytest.raises(NotFound):
            members.transfer(db, uuid4(), branch_id=a_branch(db), at=NOON)


class TestAppoint:
    def test_a_new_secretary_follows_the_old_one(self, db: Connection):
        branch = a_branch(db)
        first, second = a_member(db, branch=branch), a_member(db, branch=branch)
        for person, day in ((first, date(2026, 1, 1)), (second, date(2026, 6, 1))):
            members.appoint(db, Appointment(branch, person, "secretary", day), at=NOON)
        posts = db.execute(
            text("SELECT person_id, held_from, held_until FROM posts WHERE organisation_id = :id ORDER BY id"),
            {"id": branch},
        )
        assert [tuple(row) for row in posts] == [
            (first, date(2026, 1, 1), date(2026, 6, 1)),
            (second, date(2026, 6, 1), None),
        ]
        assert told_of(db, branch)[-1]["secretary_id"] == str(second)

    def test_the_database_knows_one_secretary(self, db: Connection):
        branch = a_branch(db, full=2, secretary=True)
        with pytest.raises(IntegrityError, match="posts_one_secretary_key"):
            db.execute(
                text(
                    "INSERT INTO posts (organisation_id, person_id, post, held_from)"
                    " SELECT branch_id, person_id, 'secretary', '2026-01-01' FROM members"
                    " WHERE branch_id = :id AND person_id NOT IN (SELECT person_id FROM posts) LIMIT 1"
                ),
                {"id": branch},
            )


class TestAsked:
    def test_names_and_posts_in_the_order_of_the_dictionary(self, db: Connection):
        branch = a_branch(db)
        names = ["周强", "安平", "聂丽", "聂丽", "白云"]
        persons = [a_member(db, branch=branch, name=name) for name in names]
        members.appoint(db, Appointment(branch, persons[0], "secretary", date(2026, 1, 1)), at=NOON)
        actor = an_actor(("secretary", path_of(db, branch)))
        listed, cursor = [], None
        for _ in range(3):
            page = asked.page(db, MembersAsked(branch, limit=2, cursor=cursor), actor=actor, at=NOON)
            listed += [(view.name, view.post) for view in page.items]
            cursor = page.next
        assert listed == [("安平", None), ("白云", None), ("聂丽", None), ("聂丽", None), ("周强", "secretary")]
        assert cursor is None

    def test_an_officer_lists_all_below(self, db: Connection):
        town = a_committee(db)
        a_branch(db, parent=town, full=2)
        a_branch(db, parent=town, full=1)
        a_branch(db, full=1)
        page = asked.page(db, MembersAsked(town), actor=an_actor(("officer", path_of(db, town))), at=NOON)
        assert len(page.items) == 3

    def test_a_members_list_is_not_for_members(self, db: Connection):
        branch = a_branch(db)
        for actor in (an_actor(("member", path_of(db, branch))), an_actor(("secretary", path_of(db, a_branch(db))))):
            with pytest.raises(Forbidden):
                asked.page(db, MembersAsked(branch), actor=actor, at=NOON)


def run_all(runs):
    """Run at the same time; what one raises is raised here."""
    faults = []

    def guarded(run):
        try:
            run()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=timedelta(seconds=240).total_seconds())
    assert not any(thread.is_alive() for thread in threads)
    if faults:
        raise faults[0]
