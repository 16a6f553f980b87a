"""The setting rules as they hold on a day, and all their versions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from chassis.actors import Actor
from contracts.roster.findings import SettingRuleRow, SettingRulesView, SettingRuleView
from sqlalchemy import Connection, Row, text

from roster.domain.setting_rules import RULES, RULES_BY_NAME, Numbers, SettingRule

_ROWS: Final = text("SELECT * FROM setting_rules ORDER BY rule, active_from DESC")
_IN_FORCE: Final = text(
    "SELECT DISTINCT ON (rule) rule, active_from, numbers, severity, citation, applies FROM setting_rules"
    " WHERE active_from <= :day ORDER BY rule, active_from DESC"
)
_ROOTS: Final = text("SELECT path FROM organisations WHERE parent_id IS NULL AND NOT is_external")


@dataclass(frozen=True)
class RuleInForce:
    """A rule with the version of it that holds on a day; `numbers` are its own and those of the rules it reads."""

    rule: SettingRule
    active_from: date
    numbers: Numbers
    severity: str
    citation: str


def in_force(db: Connection, *, on: date) -> list[RuleInForce]:
    """Return the rules that apply on a day, in the order in which they are told."""
    rows = {row.rule: row for row in db.execute(_IN_FORCE, {"day": on}) if row.applies}
    return [
        RuleInForce(
            rule=rule,
            active_from=rows[rule.name].active_from,
            numbers=_numbers(rule, rows),
            severity=rows[rule.name].severity,
            citation=rows[rule.name].citation,
        )
        for rule in RULES
        if rule.name in rows
    ]


def _numbers(rule: SettingRule, rows: dict[str, Row[Any]]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name in (*rule.reads, rule.name):
        if name in rows:
            numbers |= rows[name].numbers
    return numbers


def all_rows(db: Connection, *, actor: Actor, on: date) -> SettingRulesView:
    """Return every rule with all its versions; raises Forbidden."""
    actor.must("read_setting_rules")
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(_ROWS):
        rows[row.rule].append(row)
    shown = tuple(SettingRuleRow.__dataclass_fields__)
    return SettingRulesView(
        rules=[
            SettingRuleView(
                rule=rule.name,
                title_zh=rule.title_zh,
                title_en=rule.title_en,
                in_force=next((row.active_from for row in rows[rule.name] if row.active_from <= on), None),
                rows=[SettingRuleRow(**{name: getattr(row, name) for name in shown}) for row in rows[rule.name]],
            )
            for rule in RULES
        ],
        may_set=may_set(db, actor=actor),
    )


def may_set(db: Connection, *, actor: Actor) -> bool:
    """Say whether the actor may enter a version: the rules are everybody's, so it is done at the root of the tree."""
    return any(actor.may("set_setting_rule", organisation=root) for root in db.execute(_ROOTS).scalars())


def newest(db: Connection, rule: str) -> Row[Any] | None:
    """Return the newest version of a rule that there is code for."""
    if rule not in RULES_BY_NAME:
        return None
    return db.execute(
        text("SELECT * FROM setting_rules WHERE rule = :rule ORDER BY active_from DESC LIMIT 1"), {"rule": rule}
    ).one_or_none()
