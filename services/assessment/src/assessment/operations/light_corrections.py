"""A frozen light that was wrong is corrected, with its reason (A3); the database lets nothing else change one."""

from datetime import datetime
from uuid import uuid4

from chassis.actors import Actor
from chassis.refusals import NotFound, Refusal
from contracts.assessment.lights import CorrectedLightView, CorrectLight
from sqlalchemy import Connection, exists, insert, select, text, update

from assessment.domain.checks import RED
from assessment.domain.months import Month
from assessment.operations import slips, talks
from assessment.queries.organisations import organisation_named
from assessment.queries.scopes import must_judge
from assessment.tables.lights import frozen_months, light_corrections, lights, member_lights


class LightNotFrozen(Refusal):
    """This month is not frozen yet; its light follows the facts."""


class LightSame(Refusal):
    """The light of this month is that already."""


def correct(db: Connection, *, asked: CorrectLight, actor: Actor, at: datetime) -> CorrectedLightView:
    """Correct the frozen light of a branch or a member; the branch's superiors do that.

    What becomes red by it opens its slip, and the talk if it is the second month running.

    Raises NotFound, Forbidden, LightNotFrozen, LightSame.
    """
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    must_judge(db, actor, "correct_light", organisation_id=branch.id, path=branch.path)
    kept = member_lights if asked.person_id else lights
    this = [kept.c.branch_id == asked.branch_id, kept.c.month == asked.month]
    if asked.person_id:
        this.append(kept.c.person_id == asked.person_id)
    row = db.execute(select(kept.c.light, kept.c.frozen_at).where(*this).with_for_update()).one_or_none()
    if row is None or row.frozen_at is None:
        is_frozen = db.scalar(select(exists().where(frozen_months.c.month == asked.month)))
        raise NotFound() if row is None and is_frozen else LightNotFrozen()
    if row.light == asked.light:
        raise LightSame()
    correction_id = uuid4()
    db.execute(
        insert(light_corrections).values(
            id=correction_id,
            branch_id=asked.branch_id,
            person_id=asked.person_id,
            month=asked.month,
            from_light=row.light,
            to_light=asked.light,
            reason=asked.reason,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    db.execute(update(kept).where(*this).values(light=asked.light, correction_id=correction_id))
    if asked.person_id is None and asked.light == RED:
        slips.open_for_red(db, [asked.branch_id], month=Month.named(asked.month), at=at)
        talks.open_after(db, Month.at(at).previous, at=at)
    if asked.person_id:
        names = {"branch_id": asked.branch_id, "month": asked.month}
        db.execute(text(_MOVE_COUNT.format(gone=row.light, come=asked.light)), names)
    return CorrectedLightView(asked.branch_id, asked.person_id, asked.month, row.light, asked.light, asked.reason)


# The lights' names are those of a constraint, never what somebody typed.
_MOVE_COUNT = (
    "UPDATE member_light_counts SET {gone} = {gone} - 1, {come} = {come} + 1"
    " WHERE branch_id = :branch_id AND month = :month"
)
