"""The compliance switch (国办函〔2026〕12号), asked at this one place by whatever it governs.

While it is on: no list is sorted by a score (`must_not_rank`), and no check-in is counted in a score (`scored_kinds`).
What is known already is filled in and not asked again whether it is on or not: no form can ask for it.
"""

from collections.abc import Iterable
from datetime import date, datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import Refusal
from contracts.assessment.compliance import ComplianceRowView, ComplianceView
from sqlalchemy import Connection, select

from assessment.queries.organisations import reaches_all
from assessment.tables.compliance import compliance_settings

CHECK_INS = frozenset({"check_in", "visit"})
"""What counts how often somebody was seen somewhere, and not what was done."""


class RankingSwitchedOff(Refusal):
    """The compliance switch is on: nothing is sorted by a score."""


def is_on(db: Connection, at: datetime) -> bool:
    """Say whether the switch is on at that moment; where nobody ever set it, it is on."""
    return is_on_day(db, clock.today(at))


def is_on_day(db: Connection, day: date) -> bool:
    """Say whether the switch is on on the day."""
    of = compliance_settings.c
    newest = select(of.is_on).where(of.active_from <= day).order_by(of.active_from.desc(), of.id.desc()).limit(1)
    return db.scalar(newest) is not False


def must_not_rank(db: Connection, at: datetime) -> None:
    """Raise RankingSwitchedOff while the switch is on: for whoever asks to have something sorted by a score."""
    if is_on(db, at):
        raise RankingSwitchedOff()


def scored_kinds(db: Connection, kinds: Iterable[str], *, at: datetime) -> list[str]:
    """Return the kinds of facts that may go into a score: while the switch is on, no check-ins."""
    without = CHECK_INS if is_on(db, at) else frozenset()
    return [kind for kind in kinds if kind not in without]


def settings(db: Connection, *, actor: Actor, at: datetime) -> ComplianceView:
    """Return the switch with all its rows, those that begin last first. Raises Forbidden."""
    if not actor.paths_for("read_compliance"):
        raise Forbidden()
    today = clock.today(at)
    of = compliance_settings.c
    rows = db.execute(select(compliance_settings).order_by(of.active_from.desc(), of.id.desc())).all()
    views: list[ComplianceRowView] = []
    seen: set[date] = set()
    is_in_force_found = False
    for row in rows:
        state = "past"
        if row.active_from in seen:
            state = "replaced"
        elif row.active_from > today:
            state = "planned"
        elif not is_in_force_found:
            state, is_in_force_found = "in_force", True
        seen.add(row.active_from)
        views.append(
            ComplianceRowView(
                active_from=row.active_from,
                is_on=row.is_on,
                reason=row.reason,
                citation=row.citation,
                state=state,
                set_at=row.set_at,
                set_by=row.set_by_name,
            )
        )
    return ComplianceView(is_on=is_on(db, at), rows=views, may_set=reaches_all(db, actor.paths_for("set_compliance")))
