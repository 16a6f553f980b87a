"""The numbers of the checks, entered as dated rows: from a month to come on, so that no month has two rules."""

from collections.abc import Mapping
from datetime import datetime

from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.check_settings import CheckSettingsView, SetCheck
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.months import Month
from assessment.operations.record_rules import RuleVersionThere
from assessment.queries.check_settings import all_checks, may_set, settings
from assessment.queries.checks import SHARE
from assessment.tables.lights import check_numbers


def set_check(db: Connection, *, asked: SetCheck, actor: Actor, at: datetime) -> CheckSettingsView:
    """Enter a check's numbers. Raises NotFound for no such check, Forbidden below the root, RuleVersionThere,
    InvalidInput."""
    if not may_set(db, actor=actor):
        raise Forbidden()
    faults = faults_in(asked.check, asked.numbers)
    month = Month.named(asked.from_month)
    if month <= Month.at(at):
        faults["from_month"] = ["Numbers hold from a month to come on."]
    if faults:
        raise InvalidInput(faults)
    new = insert(check_numbers).values(
        check_code=asked.check,
        effective_from=month.first,
        numbers=dict(asked.numbers),
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=month.first.isoformat())
    return settings(db, actor=actor, at=at)


def faults_in(check: str, numbers: Mapping[str, int]) -> dict[str, list[str]]:
    """Return what is wrong with a check's numbers, by field; none at all set it aside. Raises NotFound."""
    known = all_checks().get(check)
    if known is None:
        raise NotFound()
    if not numbers and check != SHARE:
        return {}
    limits = known[3]
    faults = {f"numbers.{name}": ["There is no such number here."] for name in numbers if name not in limits}
    for name, (least, most) in limits.items():
        if name not in numbers:
            faults[f"numbers.{name}"] = ["Missing data for required field."]
        elif not least <= numbers[name] <= most:
            faults[f"numbers.{name}"] = [f"It lies between {least} and {most}."]
    if not faults and numbers.get("yellow_from_day", 0) > numbers.get("due_day", 31):
        faults["numbers.yellow_from_day"] = ["The light turns yellow before the day is over, not after it."]
    return faults
