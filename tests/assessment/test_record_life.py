"""Whatever is done to a record, in whatever sequence: it moves as MOVES says, and nothing that stood is lost."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from assessment.domain.records import CORRECTED, DRAFT, MOVES, RECORDED
from assessment.operations import records
from assessment.operations.records import AlreadyWritten, RecordNotMovable
from assessment.queries import records as queries
from chassis.actors import Actor
from chassis.refusals import Refusal
from contracts.assessment.records import (
    CorrectRecord,
    DiscardRecord,
    KeepRecord,
    RecordAsked,
    RecordView,
    WithdrawRecord,
    WriteRecord,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from tests.assessment.articles import NOON, a_branch
from tests.assessment.test_handbook_records import a_lecture, a_roll, content_of

ACTS = ("write", "record", "complete", "correct", "withdraw", "discard")


@pytest.fixture
def branch(db: Connection) -> UUID:
    branch_id = a_branch(db)
    a_roll(db, branch_id)
    return branch_id


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from("甲乙")), max_size=7))
def test_any_sequence_of_acts(db: Connection, branch: UUID, secretary: Actor, acts: list[tuple[str, str]]) -> None:
    content = a_lecture(branch)
    view = records.draft(db, given=content, actor=secretary, at=NOON)
    state, steps, standing = DRAFT, 0, content.subject
    for act, subject in acts:
        # A record that stands takes a write as its completion, and a draft a completion as a write.
        move = {"write": "complete", "complete": "complete"}.get(act, act) if state != DRAFT else _of_a_draft(act)
        allowed, after = MOVES[move]
        version = queries.record(db, asked=RecordAsked(view.id), actor=secretary, at=NOON).version
        changed = content_of(replace(content, subject=subject))
        refusal: Refusal | None = None
        try:
            with db.begin_nested():
                _do(db, act, view.id, version, changed, actor=secretary)
        except (RecordNotMovable, AlreadyWritten) as told:
            refusal = told
        is_retyped = move == "complete" and state in allowed and subject != standing
        assert isinstance(refusal, AlreadyWritten) == is_retyped
        assert isinstance(refusal, RecordNotMovable) == (state not in allowed)
        if refusal:
            continue
        state = after or state
        steps += move in ("record", "complete", "correct", "withdraw")
        standing = subject if act in ("write", "complete", "correct") else standing
    now = db.execute(text("SELECT state, subject, version FROM activities WHERE id = :id"), {"id": view.id}).one()
    assert now.state == {RECORDED: "held", CORRECTED: "held"}.get(state, state)
    assert now.subject == standing
    kept = db.execute(
        text("SELECT version, content ->> 'subject' AS subject FROM record_history WHERE activity_id = :id ORDER BY 1"),
        {"id": view.id},
    ).all()
    assert [row.version for row in kept] == [*range(1, steps + 1)]
    assert not kept or kept[-1].subject == standing
    facts = db.execute(
        text("SELECT version FROM activity_history WHERE activity_id = :id ORDER BY 1"), {"id": view.id}
    ).all()
    assert [row.version for row in facts] == [*range(1, now.version + 1)]


def _of_a_draft(act: str) -> str:
    return "write" if act == "complete" else act


def _do(
    db: Connection, act: str, record_id: UUID, version: int, content: dict[str, Any], *, actor: Actor
) -> RecordView:
    if act == "record":
        return records.keep(db, asked=KeepRecord(record_id), actor=actor, at=NOON)
    if act == "discard":
        return records.discard(db, asked=DiscardRecord(record_id), actor=actor, at=NOON)
    if act == "withdraw":
        return records.withdraw(db, asked=WithdrawRecord(record_id, "没有开展"), actor=actor, at=NOON)
    if act == "correct":
        given = CorrectRecord(record_id=record_id, version=version, reason="写错", **content)
        return records.correct(db, given=given, actor=actor, at=NOON)
    return records.write(db, given=WriteRecord(record_id=record_id, version=version, **content), actor=actor, at=NOON)
