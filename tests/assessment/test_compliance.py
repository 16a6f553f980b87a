"""The compliance switch: on by default, dated, asked in one place."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from assessment.operations import compliance as setting
from assessment.queries import compliance
from assessment.queries.compliance import RankingSwitchedOff
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.compliance import SetCompliance
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, an_actor, at

AT_THE_ROOT = an_actor(("officer", "3703"))
OFF = SetCompliance(date(2026, 12, 1), is_on=False, reason="试点：另有专项考评", citation="区委〔2026〕9号")


def test_it_is_on_until_somebody_says_otherwise_and_then_from_that_day(db: Connection) -> None:
    assert compliance.is_on(db, NOON)
    view = setting.set_compliance(db, asked=OFF, actor=AT_THE_ROOT, at=NOON)
    assert [(row.state, row.is_on) for row in view.rows] == [("planned", False), ("in_force", True)]
    # The first of December begins at midnight in Shanghai.
    assert compliance.is_on(db, at(11, 30, 23, 59))
    assert not compliance.is_on(db, at(12, 1, 0, 0))


def test_of_one_day_the_last_row_counts(db: Connection) -> None:
    setting.set_compliance(db, asked=OFF, actor=AT_THE_ROOT, at=NOON)
    view = setting.set_compliance(db, asked=replace(OFF, is_on=True), actor=AT_THE_ROOT, at=NOON)
    assert [row.state for row in view.rows] == ["planned", "replaced", "in_force"]
    assert compliance.is_on(db, at(12, 2))


def test_what_it_does(db: Connection) -> None:
    with pytest.raises(RankingSwitchedOff):
        compliance.must_not_rank(db, NOON)
    assert compliance.scored_kinds(db, ["lights", "visit"], at=NOON) == ["lights"]
    setting.set_compliance(db, asked=OFF, actor=AT_THE_ROOT, at=NOON)
    later = NOON + timedelta(days=60)
    compliance.must_not_rank(db, later)
    assert compliance.scored_kinds(db, ["lights", "visit"], at=later) == ["lights", "visit"]


def test_it_is_set_for_days_to_come_by_whoever_stands_at_the_root(db: Connection) -> None:
    a_branch(db)
    with pytest.raises(InvalidInput):
        setting.set_compliance(db, asked=replace(OFF, active_from=date(2026, 11, 12)), actor=AT_THE_ROOT, at=NOON)
    for actor in (an_actor(("officer", "3703.370302.t1.b2")), an_actor(("secretary", "3703"))):
        with pytest.raises(Forbidden):
            setting.set_compliance(db, asked=OFF, actor=actor, at=NOON)
    with pytest.raises(Forbidden):
        compliance.settings(db, actor=an_actor(("member", "3703")), at=NOON)


def test_a_row_is_never_changed(db: Connection) -> None:
    with pytest.raises(DBAPIError, match="compliance_settings"):
        db.execute(text("UPDATE compliance_settings SET is_on = false"))
