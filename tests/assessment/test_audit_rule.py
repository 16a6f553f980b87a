"""For how long the audit is kept: who may say so, from when on, and never for less than the law asks."""

from datetime import date, timedelta

import pytest
from chassis.actors import Forbidden, TokenTooOld
from chassis.audit import retention
from chassis.refusals import InvalidInput
from contracts.audit import SetAuditRule
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.articles import NOON, an_actor

LONGER = SetAuditRule(kept_months=48, citation="某办法第三条")
ADMIN = an_actor(("admin", "3703"))
TOMORROW = date(2026, 11, 11)


def in_force(db: Connection, on: date) -> int:
    wanted = text("SELECT kept_months FROM audit_rules WHERE active_from <= :on ORDER BY active_from DESC LIMIT 1")
    return int(db.execute(wanted, {"on": on}).scalar_one())


def test_a_longer_time_holds_from_tomorrow_on(db: Connection) -> None:
    today = in_force(db, TOMORROW - timedelta(days=1))
    retention.set_rule(db, asked=LONGER, actor=ADMIN, at=NOON)
    assert (in_force(db, TOMORROW - timedelta(days=1)), in_force(db, TOMORROW)) == (today, 48)


def test_only_who_administers_all_and_has_just_proved_it_says_so(db: Connection) -> None:
    for other in (an_actor(("admin", "3703.370302")), an_actor(("auditor", "3703"))):
        with pytest.raises(Forbidden):
            retention.set_rule(db, asked=LONGER, actor=other, at=NOON)
    with pytest.raises(TokenTooOld):
        retention.set_rule(db, asked=LONGER, actor=ADMIN, at=NOON + timedelta(seconds=61))


def test_not_for_today(db: Connection) -> None:
    asked = SetAuditRule(kept_months=48, citation="某办法", active_from=TOMORROW - timedelta(days=1))
    with pytest.raises(InvalidInput):
        retention.set_rule(db, asked=asked, actor=ADMIN, at=NOON)


def test_less_than_six_months_the_database_refuses(db: Connection) -> None:
    asked = SetAuditRule(kept_months=5, citation="某办法")
    with pytest.raises(DBAPIError, match="kept_months"):
        retention.set_rule(db, asked=asked, actor=ADMIN, at=NOON)
