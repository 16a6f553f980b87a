"""Reminder talks: after two frozen red months running, due in ten days, closed by their record (A5, rule 12)."""

from collections import Counter
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from assessment.domain.months import Month
from assessment.domain.talks import EXEMPT, red_run
from assessment.operations import lights, supervision_rules, talks
from assessment.queries import notices as told
from assessment.queries import supervision_rules as shown_rules
from assessment.queries import talks as shown
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.notices import InboxAsked
from contracts.assessment.supervision import SetSupervisionRule, SupervisionRulesAsked
from contracts.assessment.talks import RecordTalk, TalkAsked, TalksAsked, TalkView
from contracts.rights import ROLES
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, an_actor, at
from tests.assessment.test_slips import BRANCH, DISTRICT, TOWN, a_town
from tests.races import at_once

FROZEN = at(12, 1, 0, 10)
HELD_ON = date(2026, 12, 2)


def all_talks(db: Connection, actor: Actor, **asked: str) -> list[TalkView]:
    return shown.talks_asked(db, asked=TalksAsked(**asked), actor=actor, at=FROZEN).items  # type: ignore[arg-type]


def a_record(talk: TalkView, *, held_on: date = HELD_ON) -> RecordTalk:
    return RecordTalk(
        talk_id=talk.id,
        held_on=held_on,
        held_by="李部长",
        with_name="王书记",
        said="连续两月红灯",
        promised="十日内补齐",
    )


def a_due_talk(db: Connection) -> TalkView:
    a_town(db)
    lights.freeze(db, at=FROZEN)  # September, October, November: all red
    (talk,) = all_talks(db, an_actor(("officer", DISTRICT)))
    return talk


def with_lights(db: Connection, branch: UUID, months: dict[str, str]) -> None:
    """Frozen lights of the branch as they are told, in place of those that were read."""
    for month, light in months.items():
        db.execute(
            text(
                "INSERT INTO lights (branch_id, month, light, readings, computed_at, frozen_at)"
                " VALUES (:branch, :month, :light, '[]', :at, :at)"
                " ON CONFLICT (branch_id, month) DO UPDATE SET light = :light, frozen_at = :at"
            ),
            {"branch": branch, "month": month, "light": light, "at": NOON},
        )


class TestRun:
    @pytest.mark.parametrize(
        ("lights", "run"),
        [
            (["red", "red"], [0, 1]),
            (["red", "red", "red"], [0, 1]),
            (["red", EXEMPT, "red"], [0, 2]),
            (["red", EXEMPT, EXEMPT, "red", "green"], [0, 3]),
            (["red"], []),
            ([], []),
            (["red", "green", "red"], []),
            (["red", "yellow", "red"], []),
            (["red", "none", "red"], []),
            (["green", "red", "red"], []),
            ([EXEMPT, "red", "red"], []),
            (["red", EXEMPT, "green", "red"], []),
        ],
    )
    def test_two_red_months_running_are_a_run(self, lights: list[str], run: list[int]) -> None:
        """The newest first, as numbers of months back."""
        assert red_run([(str(number), light) for number, light in enumerate(lights)]) == [str(one) for one in run][::-1]

    @given(lights=st.lists(st.sampled_from(["red", "green", "yellow", EXEMPT, "none"]), max_size=8))
    def test_exempt_months_neither_count_nor_break(self, lights: list[str]) -> None:
        months = list(enumerate(lights))
        without = [one for number, one in enumerate(months) if one[1] != EXEMPT or number == 0]
        assert red_run([(str(number), light) for number, light in months]) == red_run(
            [(str(number), light) for number, light in without]
        )


class TestOpening:
    def test_two_frozen_red_months_ask_for_one_talk_in_ten_days(self, db: Connection) -> None:
        talk = a_due_talk(db)
        assert (talk.months, talk.state, talk.due_on) == (["2026-10", "2026-11"], "due", date(2026, 12, 11))
        for role, path in (("secretary", BRANCH), ("officer", TOWN)):
            kinds = [one.kind for one in told.inbox(db, asked=InboxAsked(), actor=an_actor((role, path))).items]
            assert kinds.count("talk_due") == 1

    def test_a_month_that_is_not_frozen_does_not_count(self, db: Connection, officer: Actor) -> None:
        a_town(db)
        lights.freeze(db, at=at(11, 30))  # September and October; November is red and not over
        lights.light_all(db, at=at(11, 30))
        (talk,) = all_talks(db, officer)
        assert talk.months == ["2026-09", "2026-10"]

    @pytest.mark.parametrize(
        ("months", "opens"),
        [
            ({"2026-10": "red"}, False),
            ({"2026-09": "red"}, False),
            ({"2026-09": "red", "2026-10": "green"}, False),
            ({"2026-09": "red", "2026-10": "red"}, True),
        ],
    )
    def test_a_gap_or_another_colour_ends_the_run(
        self, db: Connection, officer: Actor, months: dict[str, str], opens: bool
    ) -> None:
        (branch,) = a_town(db)
        with_lights(db, branch, months)
        assert talks.open_after(db, Month(2026, 10), at=at(11, 1, 0, 10)) == opens
        assert len(all_talks(db, officer)) == opens

    def test_while_one_is_due_there_is_no_second_and_then_there_is(self, db: Connection, officer: Actor) -> None:
        talk = a_due_talk(db)
        lights.freeze(db, at=at(1, 1, 0, 10, year=2027))
        assert len(all_talks(db, officer)) == 1
        talks.record(db, asked=a_record(talk), actor=officer, at=at(1, 2, year=2027))
        lights.freeze(db, at=at(2, 1, 0, 10, year=2027))
        assert [one.months for one in all_talks(db, officer, state="due")] == [["2026-12", "2027-01"]]

    def test_two_timers_open_one(self, database: Engine, officer: Actor) -> None:
        with database.begin() as db:
            (branch,) = a_town(db)
            with_lights(db, branch, {"2026-10": "red", "2026-11": "red"})

        def begin() -> int:
            with database.begin() as db:
                return talks.open_after(db, Month(2026, 11), at=FROZEN)

        assert sum(at_once([begin] * 3)) == 1
        with database.begin() as db:
            assert len(all_talks(db, officer)) == 1


class TestRecord:
    def test_says_when_who_and_what_and_closes_the_talk(self, db: Connection, officer: Actor) -> None:
        talk = a_due_talk(db)
        held = talks.record(db, asked=a_record(talk), actor=officer, at=at(12, 3))
        assert (held.state, held.held_on, held.promised) == ("held", HELD_ON, "十日内补齐")
        assert (held.recorded_by, held.may_record, held.is_overdue) == (officer.name, False, False)
        with pytest.raises(talks.TalkHeld):
            talks.record(db, asked=a_record(talk), actor=officer, at=at(12, 3))
        for change in ("UPDATE talks SET said = 'x'", "DELETE FROM talks"):
            with pytest.raises(DBAPIError, match="stays"), db.begin_nested():
                db.execute(text(change))

    @pytest.mark.parametrize("held_on", [date(2026, 11, 30), date(2026, 12, 4)])
    def test_of_a_day_before_it_was_due_or_to_come_is_refused(
        self, db: Connection, officer: Actor, held_on: date
    ) -> None:
        talk = a_due_talk(db)
        with pytest.raises(InvalidInput) as refused:
            talks.record(db, asked=a_record(talk, held_on=held_on), actor=officer, at=at(12, 3))
        assert list(refused.value.errors) == ["held_on"]

    @pytest.mark.parametrize("role", ROLES)
    def test_is_written_by_those_above(self, db: Connection, role: str) -> None:
        talk = a_due_talk(db)
        actor = an_actor((role, TOWN))
        if role == "officer":
            assert talks.record(db, asked=a_record(talk), actor=actor, at=at(12, 3)).state == "held"
        else:
            with pytest.raises(Forbidden):
                talks.record(db, asked=a_record(talk), actor=actor, at=at(12, 3))

    def test_of_two_who_write_it_one_is_told(self, database: Engine) -> None:
        with database.begin() as db:
            talk = a_due_talk(db)

        def write() -> str:
            with database.begin() as db:
                return talks.record(db, asked=a_record(talk), actor=an_actor(("officer", TOWN)), at=at(12, 3)).state

        assert Counter(at_once([partial(write)] * 3)) == {"held": 1, "talk-held": 2}


class TestList:
    @pytest.mark.parametrize("role", ROLES)
    def test_is_seen_by_the_branch_and_those_above(self, db: Connection, role: str) -> None:
        talk = a_due_talk(db)
        sees = role in ("secretary", "administrator", "assessor", "officer", "auditor")
        for path in (BRANCH, TOWN):
            actor = an_actor((role, path))
            if sees:
                assert [one.id for one in all_talks(db, actor)] == [talk.id]
            else:
                with pytest.raises(Forbidden):
                    shown.talk(db, asked=TalkAsked(talk.id), actor=actor, at=NOON)
        if sees:
            assert all_talks(db, an_actor((role, f"{TOWN}.b2"))) == []

    def test_overdue_are_those_due_before_today(self, db: Connection, officer: Actor) -> None:
        talk = a_due_talk(db)
        asked = TalksAsked(state="overdue")
        for day, found in ((talk.due_on, 0), (talk.due_on + timedelta(days=1), 1)):
            now = at(day.month, day.day)
            assert len(shown.talks_asked(db, asked=asked, actor=officer, at=now).items) == found

    def test_an_unknown_one_is_not_found(self, db: Connection, officer: Actor) -> None:
        with pytest.raises(NotFound):
            shown.talk(db, asked=TalkAsked(uuid4()), actor=officer, at=NOON)


class TestNumbers:
    def test_are_dated_rows_that_count_from_their_day(self, db: Connection, officer: Actor) -> None:
        a_town(db)
        asked = SetSupervisionRule(
            effective_from=date(2026, 12, 1), slip_days=5, talk_days=15, escalate_days=2, citation="某通知"
        )
        rules = supervision_rules.set_rule(db, asked=asked, actor=officer, at=NOON)
        assert [row.talk_days for row in rules.rows] == [15, 10]
        lights.freeze(db, at=FROZEN)
        (talk,) = all_talks(db, officer)
        assert talk.due_on == date(2026, 12, 16)

    def test_begin_on_a_day_to_come_and_are_set_for_the_whole_tree(self, db: Connection, officer: Actor) -> None:
        a_town(db)
        numbers = {"slip_days": 5, "talk_days": 15, "escalate_days": 2, "citation": "某通知"}
        asked = SetSupervisionRule(effective_from=NOON.date(), **numbers)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput):
            supervision_rules.set_rule(db, asked=asked, actor=officer, at=NOON)
        later = SetSupervisionRule(effective_from=date(2027, 1, 1), **numbers)  # type: ignore[arg-type]
        with pytest.raises(Forbidden):
            supervision_rules.set_rule(db, asked=later, actor=an_actor(("officer", TOWN)), at=NOON)
        assert not shown_rules.rules(db, asked=SupervisionRulesAsked(), actor=an_actor(("officer", TOWN))).may_set
