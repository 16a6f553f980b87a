"""Exemptions from the health check: one with its steps, a branch's, those that wait for somebody."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.exemptions import (
    ExemptionAsked,
    ExemptionsAsked,
    ExemptionStepView,
    ExemptionView,
    MyExemptionsAsked,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, select, tuple_

from assessment.domain.exemptions import APPLIED, CONSENTED
from assessment.domain.months import Month
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.exemptions import exemption_steps, exemptions
from assessment.tables.organisations import organisations

MINE_MAX = 100

_EXEMPTIONS = select(
    exemptions, organisations.c.name.label("branch_name"), organisations.c.path, organisations.c.parent_id
).join(organisations, organisations.c.id == exemptions.c.branch_id)


def row_of(db: Connection, exemption_id: UUID) -> Row[Any] | None:
    """Return the exemption with its branch's name and path, if there is such a one."""
    return db.execute(_EXEMPTIONS.where(exemptions.c.id == exemption_id)).one_or_none()


def exemption(db: Connection, *, asked: ExemptionAsked, actor: Actor, at: datetime) -> ExemptionView:
    """Return one with its steps, to whom it is about and who reads its branch's. Raises NotFound, Forbidden."""
    row = row_of(db, asked.exemption_id)
    if row is None:
        raise NotFound()
    actor.must("read_exemptions", branch=row.path, person=row.person_id)
    return view_of(db, row)


def exemptions_asked(db: Connection, *, asked: ExemptionsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of exemptions, in the order of their first months, the newest first. Raises NotFound, Forbidden."""
    rows = _EXEMPTIONS
    if asked.branch_id or asked.organisation_id:
        organisation = organisation_named(db, asked.branch_id or asked.organisation_id)  # type: ignore[arg-type]
        if organisation is None:
            raise NotFound()
        actor.must("read_exemptions", branch=organisation.path)
        rows = rows.where(is_below([organisation.path]))
    else:
        paths = actor.paths_for("read_exemptions")
        if not paths:
            raise Forbidden()
        rows = rows.where(is_below(paths))
    if asked.state == "waiting":
        rows = rows.where(exemptions.c.state.in_((APPLIED, CONSENTED)))
    elif asked.state:
        rows = rows.where(exemptions.c.state == asked.state)
    if asked.cursor:
        after = key_in(asked.cursor, str, UUID)
        rows = rows.where(tuple_(exemptions.c.active_from, exemptions.c.id) < after)
    found = db.execute(
        rows.order_by(exemptions.c.active_from.desc(), exemptions.c.id.desc()).limit(asked.limit + 1)
    ).all()
    steps = _steps(db, found)
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: _view(row, steps[row.id]),
        key=lambda row: (row.active_from, row.id),
    )


def mine(db: Connection, *, asked: MyExemptionsAsked, actor: Actor, at: datetime) -> Page:
    """Return the actor's own exemptions, the newest first. Raises Forbidden."""
    actor.must("read_my_light", person=actor.person_id)
    found = db.execute(
        _EXEMPTIONS.where(exemptions.c.person_id == actor.person_id)
        .order_by(exemptions.c.active_from.desc())
        .limit(MINE_MAX)
    ).all()
    steps = _steps(db, found)
    return Page(items=[_view(row, steps[row.id]) for row in found])


def view_of(db: Connection, row: Row[Any]) -> ExemptionView:
    """Return a row of `row_of` with its steps."""
    return _view(row, _steps(db, [row])[row.id])


def _steps(db: Connection, rows: Sequence[Row[Any]]) -> dict[UUID, list[ExemptionStepView]]:
    found: dict[UUID, list[ExemptionStepView]] = defaultdict(list)
    of = exemption_steps.c
    for step in db.execute(
        select(exemption_steps)
        .where(of.exemption_id.in_([row.id for row in rows]))
        .order_by(of.exemption_id, of.version)
    ):
        found[step.exemption_id].append(
            ExemptionStepView(step.move, step.state, step.at, step.by_name, step.said, step.said_on)
        )
    return found


def _view(row: Row[Any], steps: list[ExemptionStepView]) -> ExemptionView:
    return ExemptionView(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        branch_path=row.path,
        person_id=row.person_id,
        person_name=row.person_name,
        ground=row.ground,
        reason=row.reason,
        from_month=str(Month.of(row.active_from)),
        until_month=str(Month.of(row.active_until)),
        state=row.state,
        renews_id=row.renews_id,
        version=row.version,
        steps=steps,
    )
