"""Many at once, on real connections with real commits: a record is kept once, a part is decided once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from assessment.operations import joint_activities, records
from chassis.actors import Actor
from contracts.assessment.records import (
    ConfirmPart,
    DeclinePart,
    KeepRecord,
    MakeUp,
    RecordView,
    WriteRecord,
)
from sqlalchemy import Connection, Engine, text

from tests.assessment.articles import NOON, a_branch, an_actor, at
from tests.assessment.test_handbook_records import (
    OTHER,
    TODAY,
    ZHAO,
    a_lecture,
    a_roll,
    a_theme_day_with,
    content_of,
)
from tests.races import at_once

SILENT_FROM = at(11, 18, 0)


def alone(database: Engine, act: Callable[..., Any], **given: Any) -> Any:
    with database.begin() as db:
        return act(db, **given)


@pytest.fixture
def branch(database: Engine) -> UUID:
    with database.begin() as db:
        branch_id = a_branch(db)
        a_roll(db, branch_id)
        return branch_id


@pytest.fixture
def joint(database: Engine, branch: UUID, secretary: Actor) -> tuple[RecordView, UUID]:
    with database.begin() as db:
        other = a_branch(db, path=OTHER, name="第二党支部")
        view = records.draft(db, given=a_theme_day_with(branch, other), actor=secretary, at=NOON)
        return records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON), other


def counted(db: Connection, table: str) -> int:
    return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def test_a_draft_is_recorded_once(database: Engine, branch: UUID, secretary: Actor) -> None:
    with database.begin() as db:
        view = records.draft(db, given=a_lecture(branch), actor=secretary, at=NOON)
    keep = partial(alone, database, records.keep, asked=KeepRecord(view.id), actor=secretary, at=NOON)
    told = Counter(result if isinstance(result, str) else "kept" for result in at_once([keep] * 6))
    assert told == {"kept": 1, "record-not-movable": 5}
    with database.connect() as db:
        assert (counted(db, "activity_history"), counted(db, "record_history")) == (1, 1)


def test_of_two_who_write_the_same_version_one_is_told(database: Engine, branch: UUID, secretary: Actor) -> None:
    given = a_lecture(branch)
    with database.begin() as db:
        view = records.draft(db, given=given, actor=secretary, at=NOON)
    acts = [
        partial(
            alone,
            database,
            records.write,
            given=WriteRecord(record_id=view.id, version=1, **content_of(given, subject=subject)),
            actor=secretary,
            at=NOON,
        )
        for subject in ("甲", "乙")
    ]
    told = Counter(result if isinstance(result, str) else "written" for result in at_once(acts))
    assert told == {"written": 1, "precondition-failed": 1}


def test_what_was_missed_is_made_up_once(database: Engine, branch: UUID, secretary: Actor) -> None:
    with database.begin() as db:
        view = records.draft(db, given=a_lecture(branch), actor=secretary, at=NOON)
        records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
    acts = [
        partial(
            alone,
            database,
            records.make_up,
            made=MakeUp(view.id, ZHAO, TODAY, how),
            actor=secretary,
            at=NOON,
        )
        for how in ("自学", "补课", "送学")
    ]
    told = Counter(result if isinstance(result, str) else "made up" for result in at_once(acts))
    assert told == {"made up": 1, "already-made-up": 2}


class TestAPart:
    def decided(self, database: Engine) -> list[tuple[Any, ...]]:
        with database.connect() as db:
            return [tuple(row) for row in db.execute(text("SELECT state, attended, by_name FROM joint_parts"))]

    def test_two_confirmations_are_one(self, database: Engine, joint: tuple[RecordView, UUID]) -> None:
        view, other = joint
        acts = [
            partial(
                alone,
                database,
                joint_activities.confirm,
                given=ConfirmPart(view.id, other, number),
                actor=an_actor((role, OTHER)),
                at=NOON,
            )
            for number, role in ((1, "secretary"), (2, "administrator"))
        ]
        results = at_once(acts)
        told = Counter(result if isinstance(result, str) else "confirmed" for result in results)
        assert told == {"confirmed": 1, "part-decided": 1}
        won = next(number for number, result in enumerate(results, 1) if not isinstance(result, str))
        assert [row[:2] for row in self.decided(database)] == [("confirmed", won)]

    def test_silence_and_a_last_word_are_one(self, database: Engine, joint: tuple[RecordView, UUID]) -> None:
        """The word comes in the last second, the timer's clock has passed it: one of the two counts, and one alone."""
        view, other = joint
        decline = partial(
            alone,
            database,
            joint_activities.decline,
            given=DeclinePart(view.id, other, "没有参加"),
            actor=an_actor(("secretary", OTHER)),
            at=SILENT_FROM - timedelta(seconds=1),
        )
        silence = [partial(alone, database, joint_activities.confirm_silent, at=SILENT_FROM)] * 2
        word, *confirmed = at_once([decline, *silence])
        ((state, attended, by_name),) = self.decided(database)
        if isinstance(word, str):
            assert (word, sum(confirmed)) == ("part-decided", 1)
            assert (state, attended, by_name) == ("confirmed", 2, None)
        else:
            assert sum(confirmed) == 0
            assert (state, attended) == ("declined", None)
