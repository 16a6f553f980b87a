"""The demonstration's records: the same in every load, none for the branch that walks the whole chain itself."""

from uuid import UUID

import pytest
from assessment.operations import lights, posts, task_making
from assessment.queries.records import record, records_of
from assessment.tables.activities import activities
from assessment.tables.slips import slips
from chassis.actors import Actor
from contracts.assessment.records import RecordAsked, RecordsAsked
from contracts.roster.posts import PostHolder, PostsChanged
from demo import records
from demo.organisations import PUJIA, ZICHUAN, organisation_id
from sqlalchemy import Connection, func, select

from tests.assessment.articles import EARLY, a_branch, an_event, at, the_light
from tests.assessment.test_handbook_records import WANG, a_roll
from tests.assessment.test_tasks import named

EVENING = at(11, 22, 20)


@pytest.fixture
def branch(db: Connection) -> UUID:
    a_branch(db, id=organisation_id(ZICHUAN), path="3703.370302", kind="committee")
    a_roll(db, a_branch(db, id=organisation_id(PUJIA), path="3703.370302.t.pujia"))
    branch_id = UUID(int=1)
    a_roll(db, a_branch(db, id=branch_id))
    leads = [
        PostHolder(1, WANG, "王", "secretary", EARLY.date()),
        PostHolder(2, WANG, "王", "committee_member", EARLY.date()),
    ]
    posts.remember(db, event=an_event(PostsChanged(branch_id, leads)))
    task_making.make(db, at=EVENING)
    return branch_id


def test_a_branch_has_written_its_months_and_its_tasks_are_done(db: Connection, branch: UUID, secretary: Actor) -> None:
    new = records.load(db, at=EVENING)
    listed = records_of(db, asked=RecordsAsked(branch), actor=secretary, at=EVENING).items
    assert len(listed) == new > 8
    assert {line.missing for line in listed} == {0}
    for line in listed:
        whole = record(db, asked=RecordAsked(line.id), actor=secretary, at=EVENING)
        assert (whole.missing, whole.state, len(whole.changes)) == ([], "recorded", 1)
        assert whole.held_on < EVENING.date()
    assert named(db, branch, "主题党日", at=EVENING).state == "done"
    assert the_light(db, branch, at=EVENING).light == "green"
    assert records.load(db, at=EVENING) == 0
    assert db.scalar(select(func.count()).where(activities.c.branch_id == organisation_id(PUJIA))) == 0


def test_who_was_red_only_until_its_records_came_has_no_slip_to_answer(db: Connection, branch: UUID) -> None:
    late = at(11, 27, 20)
    lights.light_all(db, at=late)
    records.load(db, at=late)
    found = db.execute(select(slips.c.branch_id, slips.c.state)).all()
    assert {tuple(row) for row in found} == {(branch, "withdrawn"), (organisation_id(PUJIA), "issued")}


def test_the_second_officer_adopts_what_the_first_drafted(db: Connection, branch: UUID) -> None:
    assert records.load_lists(db, at=EVENING) == 2
    assert records.load_lists(db, at=EVENING) == 0
