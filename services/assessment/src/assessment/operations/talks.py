"""Reminder talks: opened when the second red month running is frozen, closed by their record (A5)."""

import json
from datetime import datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, Refusal
from contracts.assessment.talks import RecordTalk, TalkAsked, TalkView
from sqlalchemy import Connection, text, update

from assessment.domain.bulletins import talk_due
from assessment.domain.months import Month
from assessment.domain.talks import DUE, HELD
from assessment.operations import notices
from assessment.queries import talks as shown
from assessment.queries.scopes import must_judge
from assessment.queries.standing_lights import SECRETARY, red_runs
from assessment.queries.supervision_rules import rules_on
from assessment.tables.bulletins import talks


class TalkHeld(Refusal):
    """The record of this talk is written already."""


# One for each branch and last month, and none beside one that is still due.
_OPEN: Final = text(f"""
INSERT INTO talks (branch_id, months, last_month, secretary_id, secretary_name, opened_at, due_on)
SELECT b.id, r.months, :month, y.id, y.name, :at, :due_on
  FROM (SELECT (e.value ->> 'branch')::uuid AS branch_id,
               ARRAY(SELECT jsonb_array_elements_text(e.value -> 'months')) AS months
          FROM jsonb_array_elements(CAST(:runs AS jsonb)) e) r
  JOIN organisations b ON b.id = r.branch_id
  LEFT JOIN LATERAL ({SECRETARY}) y ON true
 WHERE NOT b.dissolved
 ORDER BY b.id
ON CONFLICT DO NOTHING
RETURNING id, branch_id, months, due_on,
          (SELECT o.name FROM organisations o WHERE o.id = talks.branch_id) AS branch_name,
          (SELECT o.parent_id FROM organisations o WHERE o.id = talks.branch_id) AS parent_id
""")  # noqa: S608 - constants


def open_after(db: Connection, month: Month, *, at: datetime) -> int:
    """Open the talks that the freezing of a month asks for; returns how many. One long past opens none."""
    runs = red_runs(db, month) if month >= Month.at(at).previous else {}
    if not runs:
        return 0
    today = clock.today(at)
    opened = db.execute(
        _OPEN,
        {
            "runs": json.dumps([{"branch": str(branch_id), "months": months} for branch_id, months in runs.items()]),
            "month": str(month),
            "at": at,
            "today": today,
            "due_on": talk_due(today, days=rules_on(db, today).talk_days),
        },
    ).all()
    told: list[dict[str, Any]] = []
    for row in opened:
        facts = {"branch": row.branch_name, "months": row.months, "due_on": row.due_on}
        told += [
            {"subject_id": row.id, "facts": facts, "organisation_id": one}
            for one in (row.branch_id, row.parent_id)
            if one is not None
        ]
    notices.tell_many(db, kind="talk_due", at=at, told=told)
    return len(opened)


def record(db: Connection, *, asked: RecordTalk, actor: Actor, at: datetime) -> TalkView:
    """Write the record of a talk that was held, which closes it. Raises NotFound, Forbidden, InvalidInput, TalkHeld."""
    row = shown.talk_for(db, asked.talk_id, "record_talk", actor=actor)
    must_judge(db, actor, "record_talk", organisation_id=row.branch_id, path=row.path)
    today = clock.today(at)
    if not clock.today(row.opened_at) <= asked.held_on <= today:
        raise InvalidInput({"held_on": ["The day lies between the talk's beginning and today."]})
    held = db.execute(
        update(talks)
        .where(talks.c.id == row.id, talks.c.state == DUE)
        .values(
            state=HELD,
            held_on=asked.held_on,
            held_by=asked.held_by,
            with_name=asked.with_name,
            said=asked.said,
            promised=asked.promised,
            recorded_by_id=actor.person_id,
            recorded_by=actor.name,
            recorded_at=at,
        )
    )
    if held.rowcount == 0:
        raise TalkHeld()
    facts = {"branch": row.branch_name, "held_on": asked.held_on}
    notices.tell(db, kind="talk_held", subject_id=row.id, organisation_id=row.branch_id, facts=facts, at=at)
    return shown.talk(db, asked=TalkAsked(row.id), actor=actor, at=at)
