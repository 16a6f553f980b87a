"""When a branch is divided into groups, and how large they are. 20 counts probationary members too."""

from typing import ClassVar, Final

from roster.domain.setting_rules.rule import Facts, Numbers, Said, SettingRule


class PartyGroups(SettingRule):
    """A branch of twenty is divided into groups."""

    name = "party-groups"
    title_zh = "党员二十人以上的党支部划分党小组"
    why: ClassVar = {
        "zh": "党员 {members} 人，达到 {from} 人而未划分党小组。",
        "en": "It has {members} members and no groups; from {from} on a branch is divided into groups.",
    }
    mend: ClassVar = {"zh": "划分党小组。", "en": "Divide it into groups."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count all members."""
        if facts.is_branch and facts.members >= numbers["from"] and not facts.groups:
            return {"members": facts.members, **numbers}
        return None


class GroupSize(SettingRule):
    """A group has usually at most ten members."""

    name = "group-size"
    title_zh = "党小组一般不超过十人"
    why: ClassVar = {
        "zh": "有 {groups} 个党小组超过 {most} 人，最大的 {largest} 人。",
        "en": "{groups} of its groups have more than {most} members, the largest {largest}.",
    }
    mend: ClassVar = {"zh": "调整党小组划分。", "en": "Divide the groups anew."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Look for groups that are too large."""
        if not facts.is_branch:
            return None
        large = [size for size in facts.groups if size > numbers["most"]]
        return {"groups": len(large), "largest": max(large), **numbers} if large else None


class OneGroupEach(SettingRule):
    """Where there are groups, each member belongs to one."""

    name = "one-group-each"
    title_zh = "划分党小组的，每名党员编入一个党小组"
    why: ClassVar = {
        "zh": "已划分 {groups} 个党小组，还有 {ungrouped} 名党员没有编入。",
        "en": "It has {groups} groups, and {ungrouped} of its members belong to none.",
    }
    mend: ClassVar = {"zh": "把未编组的党员编入党小组。", "en": "Put them into a group."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count who stands outside; nobody can stand in two, for a member has one group."""
        if facts.is_branch and facts.groups and facts.ungrouped:
            return {"groups": len(facts.groups), "ungrouped": facts.ungrouped, **numbers}
        return None


RULES: Final[tuple[SettingRule, ...]] = (PartyGroups(), GroupSize(), OneGroupEach())
