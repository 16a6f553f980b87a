"""Exemptions from the health check (A4): applied for, consented to, approved; see domain/exemptions.py.

Every move is one compare-and-set, and that nobody has two for a month, and that another person approves, is the
database's to say. Whoever approves or ends one holds the branch as who reads its light does, and reads it anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.exemptions import (
    ApplyForExemption,
    ApproveExemption,
    ConsentToExemption,
    EndExemption,
    ExemptionView,
    RefuseExemption,
    WithdrawExemption,
)
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from assessment.domain.exemptions import APPLIED, APPROVED, CONSENTED, MOVES, ends_with
from assessment.domain.months import Month
from assessment.operations import notices
from assessment.operations.lights import light_branch, lock_branch
from assessment.operations.moves import Machine
from assessment.queries import exemptions as shown
from assessment.queries.organisations import BRANCHES, organisation_named
from assessment.queries.scopes import must_judge, superior_of
from assessment.tables.exemptions import exemption_steps, exemptions
from assessment.tables.rolls import members


class ExemptionNotMovable(Refusal):
    """This application is {state}; it cannot be {move} any more."""


class ExemptionOverlaps(Refusal):
    """There is an application or an exemption for some of these months already."""


class ExemptionOver(Refusal):
    """Its months are over; apply anew."""


class ExemptionSamePerson(Refusal):
    """Whoever applied, consented or is to be exempt does not approve; somebody else does."""


MACHINE: Final = Machine(exemptions, MOVES, ExemptionNotMovable, steps=exemption_steps, row_id="exemption_id")


def apply(db: Connection, *, asked: ApplyForExemption, actor: Actor, at: datetime) -> ExemptionView:
    """Apply for a branch, or for a member on its roll; a member applies for themselves.

    Raises NotFound, Forbidden, ExemptionOverlaps; InvalidInput for a month that is over.
    """
    branch = organisation_named(db, asked.branch_id)
    if branch is None or branch.kind not in BRANCHES or branch.is_external:
        raise NotFound()
    actor.must("apply_for_exemption", branch=branch.path, person=asked.person_id)
    name = None
    if asked.person_id is not None:
        on_roll = select(members.c.name).where(members.c.branch_id == branch.id, members.c.person_id == asked.person_id)
        name = db.scalar(on_roll)
        if name is None:
            raise NotFound()
    first = Month.named(asked.from_month)
    if first < Month.at(at):
        raise InvalidInput({"from_month": ["This month is over; begin with the current one or a later one."]})
    until = first
    for _ in range(asked.months):
        until = until.next
    if asked.renews_id is not None:
        _must_follow(db, asked, starts=first)
    exemption_id = uuid4()
    new = insert(exemptions).values(
        id=exemption_id,
        branch_id=branch.id,
        person_id=asked.person_id,
        person_name=name,
        ground=asked.ground,
        reason=asked.reason,
        active_from=first.first,
        active_until=until.first,
        state=APPLIED,
        renews_id=asked.renews_id,
        applied_by_id=actor.person_id,
        version=1,
    )
    with _guarded(db):
        db.execute(new)
    MACHINE.keep(db, exemption_id, "apply", version=1, state=APPLIED, actor=actor, at=at, said=asked.reason)
    return _told(db, exemption_id)


def consent(db: Connection, *, asked: ConsentToExemption, actor: Actor, at: datetime) -> ExemptionView:
    """Write down that the branch's committee consents.

    Raises NotFound, Forbidden, InvalidInput, ExemptionNotMovable.
    """
    row = _found(db, asked.exemption_id)
    actor.must("consent_to_exemption", branch=row.path)
    if asked.consented_on > clock.today(at):
        raise InvalidInput({"consented_on": ["This day has not come yet."]})
    said = {"said": asked.minutes, "said_on": asked.consented_on}
    _move(db, row, "consent", actor=actor, at=at, kept=said, consented_by_id=actor.person_id)
    return _told(db, row.id)


def approve(db: Connection, *, asked: ApproveExemption, actor: Actor, at: datetime) -> ExemptionView:
    """Approve at the next level; months that ended meanwhile stay as they were frozen.

    Raises NotFound, Forbidden, ExemptionNotMovable, ExemptionOver, ExemptionSamePerson.
    """
    row = _found(db, asked.exemption_id)
    must_judge(db, actor, "decide_exemption", organisation_id=row.branch_id, path=row.path)
    lock_branch(db, row.branch_id)
    begins = max(row.active_from, Month.at(at).first)
    if row.state == CONSENTED and begins >= row.active_until:
        raise ExemptionOver()
    decided = {"decided_by_id": actor.person_id, "decided_at": at, "active_from": begins}
    _move(db, row, "approve", actor=actor, at=at, **decided)
    months = {"from_month": str(Month.of(begins)), "until_month": str(Month.of(row.active_until).previous)}
    _tell(db, "exemption_approved", row, at=at, **months)
    light_branch(db, branch_id=_branch_now(db, row), at=at)
    return _told(db, row.id)


def refuse(db: Connection, *, asked: RefuseExemption, actor: Actor, at: datetime) -> ExemptionView:
    """Refuse: the branch while it has not consented, the next level at any time before it approves.

    Raises NotFound, Forbidden, ExemptionNotMovable.
    """
    row = _found(db, asked.exemption_id)
    if not (row.state == APPLIED and actor.may("consent_to_exemption", branch=row.path)):
        _must_be_above(row, actor)
    _move(db, row, "refuse", actor=actor, at=at, kept={"said": asked.reason})
    _tell(db, "exemption_refused", row, at=at, reason=asked.reason)
    return _told(db, row.id)


def withdraw(db: Connection, *, asked: WithdrawExemption, actor: Actor, at: datetime) -> ExemptionView:
    """Take an application back. Raises NotFound, Forbidden, ExemptionNotMovable."""
    row = _found(db, asked.exemption_id)
    actor.must("apply_for_exemption", branch=row.path, person=row.person_id)
    _move(db, row, "withdraw", actor=actor, at=at)
    return _told(db, row.id)


def end(db: Connection, *, asked: EndExemption, actor: Actor, at: datetime) -> ExemptionView:
    """End an exemption with this month; one that has not begun never does.

    Raises NotFound, Forbidden, ExemptionNotMovable.
    """
    row = _found(db, asked.exemption_id)
    actor.must("end_exemption", branch=row.path)
    lock_branch(db, row.branch_id)
    today = clock.today(at)
    until = ends_with(row.active_from, row.active_until, today=today)
    _move(db, row, "end", actor=actor, at=at, kept={"said": asked.reason}, active_until=until)
    light_branch(db, branch_id=_branch_now(db, row), at=at)
    return _told(db, row.id)


def _tell(db: Connection, kind: str, row: Row[Any], *, at: datetime, **facts: Any) -> None:
    """Tell the branch how its application was decided, and the member whom it is about."""
    whom = [{"organisation_id": row.branch_id}, *([{"person_id": row.person_id}] if row.person_id else [])]
    told = {"subject_id": row.id, "facts": {"who": row.person_name or row.branch_name, **facts}}
    notices.tell_many(db, kind=kind, at=at, told=[{**told, **one} for one in whom])


def _must_be_above(row: Row[Any], actor: Actor) -> None:
    actor.must("decide_exemption", organisation=superior_of(row.path))


def _must_follow(db: Connection, asked: ApplyForExemption, *, starts: Month) -> None:
    of = exemptions.c
    before = db.execute(select(exemptions).where(of.id == asked.renews_id)).one_or_none()
    if before is None or (before.branch_id, before.person_id) != (asked.branch_id, asked.person_id):
        raise NotFound()
    if before.state != APPROVED or before.active_until != starts.first:
        raise InvalidInput({"from_month": ["A renewal begins with the month in which the one before ends."]})


def _branch_now(db: Connection, row: Row[Any]) -> UUID:
    """Return the branch whose light this is: a member may have moved since."""
    if row.person_id is None:
        branch_id: UUID = row.branch_id
        return branch_id
    return db.scalar(select(members.c.branch_id).where(members.c.person_id == row.person_id)) or row.branch_id


def _found(db: Connection, exemption_id: UUID) -> Row[Any]:
    row = shown.row_of(db, exemption_id)
    if row is None:
        raise NotFound()
    return row


def _told(db: Connection, exemption_id: UUID) -> ExemptionView:
    return shown.view_of(db, _found(db, exemption_id))


@contextmanager
def _guarded(db: Connection) -> Iterator[None]:
    """Write what the database may refuse. Raises ExemptionOverlaps, ExemptionSamePerson."""
    try:
        with db.begin_nested():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name == "exemptions_once":
            raise ExemptionOverlaps() from error
        if name == "exemptions_another_decides":
            raise ExemptionSamePerson() from error
        raise


def _move(db: Connection, row: Row[Any], move: str, **how: Any) -> None:
    """Move it if its state allows that. Raises ExemptionNotMovable and what `_guarded` raises."""
    with _guarded(db):
        MACHINE.move(db, row.id, move, **how)
