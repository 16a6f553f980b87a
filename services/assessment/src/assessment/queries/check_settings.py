"""Every check with its numbers and their dates."""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from chassis.actors import Actor, Forbidden
from contracts.assessment.check_settings import CheckRow, CheckSetting, CheckSettingsView, NumberLimits
from sqlalchemy import Connection, Row, exists, not_, select

from assessment.domain.checks import Check
from assessment.domain.member_checks import MemberCheck
from assessment.domain.months import Month
from assessment.queries.checks import SHARE
from assessment.queries.organisations import is_below
from assessment.tables.lights import check_numbers
from assessment.tables.organisations import organisations

SHARE_LIMITS: Final = {"percent": (1, 100)}


def all_checks() -> dict[str, tuple[str, str, str, dict[str, tuple[int, int]]]]:
    """Return by code whom a check is of, its titles, and the limits of its numbers."""
    found = {
        check.code(): ("branch", check.title_zh, check.title_en(), dict(check.limits))
        for check in Check.__subclasses__()
    }
    for check in MemberCheck.__subclasses__():
        found[check.code()] = ("member", check.title_zh, check.title_en(), dict(check.limits))
    found[SHARE] = ("goal", "绿灯率目标", "The goal for the share of green", SHARE_LIMITS)
    return found


def settings(db: Connection, *, actor: Actor, at: datetime) -> CheckSettingsView:
    """Return every check with its rows. Raises Forbidden."""
    if not actor.paths_for("read_checks"):
        raise Forbidden()
    month = Month.at(at)
    rows = defaultdict(list)
    for row in db.execute(select(check_numbers).order_by(check_numbers.c.effective_from.desc())):
        rows[row.check_code].append(row)
    return CheckSettingsView(
        checks=[
            CheckSetting(
                check=code,
                of=of,
                title_zh=zh,
                title_en=en,
                limits=[NumberLimits(name, least, most) for name, (least, most) in limits.items()],
                rows=_rows(rows[code], month),
            )
            for code, (of, zh, en, limits) in all_checks().items()
        ],
        may_set=may_set(db, actor=actor),
    )


def may_set(db: Connection, *, actor: Actor) -> bool:
    """Say whether the actor's part of the tree is the whole of it: the numbers are everybody's."""
    paths = actor.paths_for("set_check")
    outside = (organisations.c.is_external.is_(False), not_(is_below(paths)))
    return bool(paths) and not db.scalar(select(exists().where(*outside)))


def _rows(rows: list[Row[Any]], month: Month) -> list[CheckRow]:
    now = next((row.effective_from for row in rows if row.effective_from <= month.first), None)
    return [
        CheckRow(
            effective_from=row.effective_from,
            numbers=row.numbers,
            citation=row.citation,
            state="in_force"
            if row.effective_from == now
            else "to_come"
            if row.effective_from > month.first
            else "past",
            set_at=row.set_at,
            set_by=row.set_by_name,
        )
        for row in rows
    ]
