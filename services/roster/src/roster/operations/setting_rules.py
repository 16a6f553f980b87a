"""Entering a version of a setting rule, from a day to come on: a row is added, none is changed.

The rules are the whole tree's, so they are set at its root. The nightly check of the version's first day measures
everybody by it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.findings import SetSettingRule, SettingRulesView
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from roster.domain.findings import RuleVersionThere
from roster.queries.setting_rules import all_rows, may_set, newest
from roster.tables.findings import setting_rules

NUMBER_MAX: Final = 100_000
WORDS_MAX: Final = 60
WORD_MAX: Final = 20


def set_rule(db: Connection, *, asked: SetSettingRule, actor: Actor, at: datetime) -> SettingRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, NotFound, RuleVersionThere, InvalidInput."""
    if not may_set(db, actor=actor):
        raise Forbidden()
    before = newest(db, asked.rule)
    if before is None:
        raise NotFound()
    today = clock.today(at)
    if asked.active_from <= today:
        raise InvalidInput({"active_from": ["A version begins on a day to come."]})
    faults = _faults(before.numbers, asked.numbers)
    if faults:
        raise InvalidInput(faults)
    entered = (
        insert(setting_rules)
        .values(
            rule=asked.rule,
            active_from=asked.active_from,
            numbers=dict(asked.numbers),
            severity=asked.severity,
            citation=asked.citation.strip(),
            applies=asked.applies,
            set_at=at,
            set_by=actor.person_id,
            set_by_name=actor.name,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(entered).rowcount == 0:
        raise RuleVersionThere(active_from=asked.active_from.isoformat())
    return all_rows(db, actor=actor, on=today)


def _faults(before: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Compare the numbers with those of the version before: the same names, and of the same sort."""
    if set(before) != set(numbers):
        return {"numbers": ["A version has the same numbers as the one before."]}
    faults: dict[str, list[str]] = {}
    for name, value in numbers.items():
        if isinstance(before[name], int):
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
                faults[f"numbers.{name}"] = ["A whole number from 0 to 100000 is needed."]
        elif isinstance(before[name], list):
            if not _are_words(value):
                faults[f"numbers.{name}"] = ["Words of 1 to 20 characters are needed, at most 60 of them."]
        elif not (isinstance(value, dict) and set(value) == set(before[name]) and all(map(_are_words, value.values()))):
            faults[f"numbers.{name}"] = ["Each kind needs its words of 1 to 20 characters, at most 60 of them."]
    if not faults and {"least", "most"} <= set(numbers) and numbers["least"] > numbers["most"]:
        faults["numbers.most"] = ["The most cannot be less than the least."]
    return faults


def _are_words(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= WORDS_MAX
        and all(isinstance(word, str) and 1 <= len(word) <= WORD_MAX and word == word.strip() for word in value)
    )
