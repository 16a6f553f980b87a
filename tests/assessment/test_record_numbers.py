"""The numbers of records: dated rows, entered at the root of the tree for days to come."""

from dataclasses import replace
from datetime import date

import pytest
from assessment.operations import record_rules
from assessment.operations.record_rules import RuleVersionThere
from assessment.queries.record_rules import all_rules, rules_on
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.record_rules import SetRecordRule
from sqlalchemy import Connection

from tests.assessment.articles import NOON, a_branch, an_actor

NEXT = SetRecordRule(date(2027, 1, 1), confirm_days=7, make_up_days=14, lesson_minutes=40, citation="区委〔2026〕9号")


@pytest.fixture
def at_the_root(db: Connection) -> Actor:
    a_branch(db, path="3703", kind="committee", name="区委")
    return an_actor(("officer", "3703"))


def test_a_version_holds_from_its_day_on(db: Connection, at_the_root: Actor) -> None:
    view = record_rules.set_rule(db, asked=NEXT, actor=at_the_root, at=NOON)
    assert [version.state for version in view.versions] == ["to_come", "in_force"]
    assert (view.versions[0].set_by, view.may_set) == (at_the_root.name, True)
    assert rules_on(db, date(2026, 12, 31)).confirm_days == 5
    assert rules_on(db, date(2027, 1, 1)).confirm_days == 7
    assert rules_on(db, date(2000, 1, 1)).lesson_minutes == 45
    with pytest.raises(RuleVersionThere):
        record_rules.set_rule(db, asked=NEXT, actor=at_the_root, at=NOON)


def test_it_begins_on_a_day_to_come(db: Connection, at_the_root: Actor) -> None:
    with pytest.raises(InvalidInput):
        record_rules.set_rule(db, asked=replace(NEXT, effective_from=NOON.date()), actor=at_the_root, at=NOON)


def test_who_stands_below_the_root_reads_and_enters_nothing(db: Connection, at_the_root: Actor, officer: Actor) -> None:
    assert not all_rules(db, actor=officer, at=NOON).may_set
    with pytest.raises(Forbidden):
        record_rules.set_rule(db, asked=NEXT, actor=officer, at=NOON)
    with pytest.raises(Forbidden):
        all_rules(db, actor=an_actor(("member", "3703")), at=NOON)
