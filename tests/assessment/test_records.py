"""Records that a branch writes by hand."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from assessment.operations.activities import ActivityInFuture, MonthFrozen, record
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.assessment.activities import RecordActivity
from contracts.rights import ROLES
from sqlalchemy import Connection, text

from tests.assessment.articles import NOON, a_branch, an_actor, at, the_light, the_reading

TODAY = NOON.date()


def a_record(branch_id: UUID, *, held_on: date = TODAY, kind: str = "theme_day") -> RecordActivity:
    return RecordActivity(branch_id=branch_id, kind=kind, held_on=held_on, subject="学习党章", attended=17)


class TestRecord:
    def test_keeps_what_was_written_and_mends_the_light(self, db: Connection, secretary: Actor) -> None:
        now = at(11, 22)
        branch = a_branch(db, at=now)
        assert the_light(db, branch, at=now).light == "yellow"
        view = record(db, record=a_record(branch), actor=secretary, at=now)
        assert (view.kind, view.state, view.subject, view.attended) == ("theme_day", "held", "学习党章", 17)
        assert (view.order_id, view.place, view.recorded_at) == (None, None, now)
        light = the_light(db, branch, at=now)
        assert the_reading(light, "MonthlyThemeDay").why_en == "The theme day was held on 12 November."
        kept = db.execute(text("SELECT move, by_id, by_name FROM activity_history")).one()
        assert tuple(kept) == ("hold", secretary.person_id, secretary.name)

    def test_another_kind_is_no_theme_day(self, db: Connection, secretary: Actor) -> None:
        branch = a_branch(db)
        record(db, record=a_record(branch, kind="lecture"), actor=secretary, at=NOON)
        assert "No theme day" in the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").why_en

    def test_refuses_a_day_to_come(self, db: Connection, secretary: Actor) -> None:
        branch = a_branch(db)
        tomorrow = NOON.date() + timedelta(days=1)
        with pytest.raises(ActivityInFuture):
            record(db, record=a_record(branch, held_on=tomorrow), actor=secretary, at=NOON)

    @pytest.mark.parametrize(
        ("minute_before_midnight", "refused"), [(1, False), (0, True)], ids=["23:59 on the 30th", "00:00 on the 1st"]
    )
    def test_refuses_a_month_that_is_over_in_shanghai(
        self, db: Connection, secretary: Actor, minute_before_midnight: int, refused: bool
    ) -> None:
        branch = a_branch(db)
        now = at(12, 1, 0) - timedelta(minutes=minute_before_midnight)
        asked = a_record(branch, held_on=date(2026, 11, 30))
        if refused:
            with pytest.raises(MonthFrozen, match="2026-11 is frozen"):
                record(db, record=asked, actor=secretary, at=now)
        else:
            assert record(db, record=asked, actor=secretary, at=now).held_on == date(2026, 11, 30)

    def test_today_in_shanghai_is_not_the_future(self, db: Connection, secretary: Actor) -> None:
        branch = a_branch(db)
        now = at(11, 13, 0, 5)  # still the 12th in UTC
        assert record(db, record=a_record(branch, held_on=date(2026, 11, 13)), actor=secretary, at=now)

    @pytest.mark.parametrize("role", ROLES)
    def test_only_the_branchs_secretary_and_administrator_write(self, db: Connection, role: str) -> None:
        branch = a_branch(db)
        actor = an_actor((role, "3703.370302.t1.b1"))
        if role in ("secretary", "administrator"):
            assert record(db, record=a_record(branch), actor=actor, at=NOON)
        else:
            with pytest.raises(Forbidden):
                record(db, record=a_record(branch), actor=actor, at=NOON)

    @pytest.mark.parametrize("path", ["3703.370302.t1.b2", "3703.370302.t1.b", "3703.370302.t1.b1.g1"])
    def test_a_neighbour_may_not(self, db: Connection, path: str) -> None:
        branch = a_branch(db)
        with pytest.raises(Forbidden):
            record(db, record=a_record(branch), actor=an_actor(("secretary", path)), at=NOON)

    def test_an_unknown_branch_is_not_found(self, db: Connection, secretary: Actor) -> None:
        with pytest.raises(NotFound):
            record(db, record=a_record(uuid4()), actor=secretary, at=NOON)
