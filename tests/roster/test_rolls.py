"""What other services hear of a branch's members: the whole roll, after each change that they have to know of."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.envelope import load
from contracts.roster.members import ChangeState, EditMember, EndFact, EndMembership, StateFact
from contracts.roster.rolls import RollChanged, RollFact
from roster.operations import member_records, members
from sqlalchemy import Connection, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, path_of, told_of
from tests.roster.registers import a_registered, an_administrator, an_identity_number

TODAY = date(2026, 11, 10)


def roll_of(db: Connection, branch: UUID) -> RollChanged:
    """The roll that was told last."""
    event = told_of(db, branch, aggregate="roll")[-1]
    assert event.pop("event") == "roll_changed"
    assert event.pop("version") == told_of(db, branch)[-1]["version"]
    return load(RollChanged, event)


def the_only(roll: RollChanged) -> Any:
    (member,) = roll.members
    return member


def test_each_change_of_a_member_is_told(db: Connection):
    branch = a_branch(db)
    person = a_registered(db, branch=branch, identity_number=an_identity_number(), phone="13805331234")
    actor = an_administrator(db, branch)
    assert the_only(roll_of(db, branch)).person_id == person

    form = EditMember(person_id=person, version=0, name="王建军", party_group="第一党小组")
    member_records.edit(db, asked=form, actor=actor, at=NOON)
    assert (the_only(roll_of(db, branch)).name, the_only(roll_of(db, branch)).party_group) == ("王建军", "第一党小组")

    member_records.change_state(db, asked=ChangeState(person, "floating", TODAY, "外出务工"), actor=actor, at=NOON)
    assert the_only(roll_of(db, branch)).state == "floating"

    stated = StateFact(person, "ill", TODAY)
    member_records.state_fact(db, asked=stated, actor=actor, at=NOON)
    fact = db.execute(text("SELECT id FROM member_facts WHERE person_id = :id"), {"id": person}).scalar_one()
    member_records.end_fact(db, asked=EndFact(person, fact, TODAY), actor=actor, at=NOON)
    assert the_only(roll_of(db, branch)).facts == [RollFact("ill", TODAY, TODAY)]

    officer = an_actor(("officer", path_of(db, branch)))
    member_records.end(db, asked=EndMembership(person, "left", TODAY, "本人要求"), actor=officer, at=NOON)
    assert roll_of(db, branch).members == []


def test_who_is_transferred_leaves_one_roll_for_another(db: Connection):
    was, now = a_branch(db, full=1), a_branch(db)
    person = the_only(roll_of(db, was)).person_id
    members.transfer(db, person, branch_id=now, at=NOON)
    assert roll_of(db, was).members == []
    assert the_only(roll_of(db, now)).person_id == person


def test_a_committee_has_no_roll(db: Connection):
    committee = a_committee(db)
    assert told_of(db, committee)
    assert told_of(db, committee, aggregate="roll") == []


def test_nothing_sealed_is_told(db: Connection):
    branch, number = a_branch(db), an_identity_number()
    a_registered(db, branch=branch, identity_number=number, phone="13805331234")
    said = "\n".join(db.execute(text("SELECT data::text FROM outbox")).scalars())
    assert "王建国" in said
    assert number not in said
    assert "13805331234" not in said
