"""The setting rules (R2), a module for each thing they are about. A part that adds rules adds its module to RULES."""

from typing import Final

from roster.domain.setting_rules import groups, names, sizes, terms
from roster.domain.setting_rules.rule import Facts, Numbers, Said, SettingRule

__all__ = ["RULES", "RULES_BY_NAME", "Facts", "Numbers", "Said", "SettingRule"]

RULES: Final[tuple[SettingRule, ...]] = (
    *sizes.RULES,
    *groups.RULES,
    *names.RULES,
    *terms.RULES,
)
RULES_BY_NAME: Final[dict[str, SettingRule]] = {rule.name: rule for rule in RULES}
