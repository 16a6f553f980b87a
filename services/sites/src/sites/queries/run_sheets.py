"""The run sheet of an ordered visit (S4): its steps by the clock, each with who plays the role that acts."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.places import SiteRef
from contracts.sites.programmes import CaseRef
from contracts.sites.run_sheets import PlayedRole, RunSheetView, TimedStep
from contracts.sites.training import CaseVersionView
from sqlalchemy import Connection, select

from sites.domain.orders import CONFIRMED, PLACED
from sites.domain.training import timetable, unplayed
from sites.queries.guides import guide_of_slot
from sites.queries.orders import order_for
from sites.queries.training_cases import version_view
from sites.tables.places import programmes
from sites.tables.training import order_roles


def run_sheet(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> RunSheetView:
    """Return the visit step by step, by the case's version of the order's placing. Raises NotFound, Forbidden."""
    row = order_for(db, order_id, actor=actor, action="read_run_sheet", at=at)
    offered = db.execute(select(programmes).where(programmes.c.id == row.programme_id)).one()
    case = version_view(db, row.case_version_id) if row.case_version_id else None
    names = _names(db, order_id)
    still_open = row.state in (PLACED, CONFIRMED) and row.checked_in is None and row.starts_at > at
    subject = {"branch": row.branch_path, "site": row.managing_path, "person": row.placed_by_id}
    without = unplayed([role.code for role in case.roles], names) if case else []
    return RunSheetView(
        order_id=order_id,
        state=row.state,
        site=SiteRef(row.site_id, row.site_name),
        programme_id=row.programme_id,
        programme=row.programme,
        theme=row.theme,
        description=offered.description,
        bring=offered.bring,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        branch_name=row.branch_name,
        party_size=row.party_size,
        needs_guide=offered.needs_guide,
        guide=guide_of_slot(db, row.slot_id),
        case=CaseRef(case.case_id, case.id, case.number, case.title, case.title_en) if case else None,
        citation=case.citation if case else "",
        minutes=case.minutes if case else 0,
        roles=[
            PlayedRole(role.code, role.name, role.name_en, role.colour, role.duty, names.get(role.code, []))
            for role in (case.roles if case else [])
        ],
        steps=_timed(case, starts_at=row.starts_at) if case else [],
        unplayed=without,
        is_complete=not without,
        may_assign=bool(case) and still_open and actor.may("assign_roles", **subject),
    )


def _timed(case: CaseVersionView, *, starts_at: datetime) -> list[TimedStep]:
    due = timetable((step.minutes for step in case.steps), starts_at=starts_at)
    return [
        TimedStep(
            number=number,
            starts_at=when.starts_at,
            ends_at=when.ends_at,
            role=step.role,
            title=step.title,
            title_en=step.title_en,
            minutes=step.minutes,
            key=step.key,
            does=step.does,
            says=step.says,
            materials=step.materials,
            rule=step.rule,
        )
        for number, (step, when) in enumerate(zip(case.steps, due, strict=True), start=1)
    ]


def _names(db: Connection, order_id: UUID) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(order_roles).where(order_roles.c.order_id == order_id).order_by(order_roles.c.number)
    for row in db.execute(rows):
        found[row.role].append(row.name)
    return dict(found)
