"""The setting rules: how large a branch is, who leads it, when it divides into groups or becomes something larger.

A breach is told, never refused: it opens on the day of the change and closes by itself, since findings are computed
from the facts each time they are asked for. The numbers come from rows with dates and a citation (`setting_rules`).
3 and 7 count full members; 20, 50 and 100 count probationary members too. Adding a rule is adding a class here and a
row of its numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from roster.domain.organisations import BRANCHES, COMMITTEE, GENERAL_BRANCH
from roster.domain.terms import TermFacts

Numbers = Mapping[str, int]
Said = Mapping[str, int]


@dataclass(frozen=True)
class Facts:
    """What the rules look at: an organisation with everything below it."""

    kind: str
    members_full: int
    members_probationary: int
    committee_seats: int
    has_secretary: bool
    groups: tuple[int, ...]  # the size of each group
    term: TermFacts | None = None  # what `domain.term_rules` measures; None where no committee is elected

    @property
    def members(self) -> int:
        """Full and probationary members together."""
        return self.members_full + self.members_probationary

    @property
    def is_branch(self) -> bool:
        """Whether members belong to it directly."""
        return self.kind in BRANCHES


class SettingRule:
    """One rule, its docstring the title; `broken` gives what its sentences say, or None when it is kept."""

    name: ClassVar[str]
    title_zh: ClassVar[str]
    why: ClassVar[Mapping[str, str]]
    mend: ClassVar[Mapping[str, str]]

    @property
    def title_en(self) -> str:
        """The docstring without its full stop."""
        return (type(self).__doc__ or "").rstrip(".")

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Measure the facts against the numbers."""
        raise NotImplementedError


class EnoughFullMembers(SettingRule):
    """A branch has at least three full members."""

    name = "enough-full-members"
    title_zh = "党支部正式党员不少于三人"
    why: ClassVar = {
        "zh": "现有正式党员 {full} 人，不足 {least} 人。",
        "en": "It has {full} full members; a branch needs at least {least}.",
    }
    mend: ClassVar = {
        "zh": "与业务相近或联系较多的单位成立联合党支部，或转入正式党员。",
        "en": "Form a joint branch with a unit of similar business or close contact, or take in full members.",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count full members."""
        if facts.is_branch and facts.members_full < numbers["least"]:
            return {"full": facts.members_full, **numbers}
        return None


class HasASecretary(SettingRule):
    """A branch has a secretary."""

    name = "has-a-secretary"
    title_zh = "党支部设书记"
    why: ClassVar = {"zh": "党支部书记空缺。", "en": "It has no secretary."}
    mend: ClassVar = {"zh": "选举或任命书记。", "en": "Elect or appoint a secretary."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Look for one."""
        return {} if facts.is_branch and not facts.has_secretary else None


class BranchCommittee(SettingRule):
    """A branch with seven full members has a committee of three to five, at most seven."""

    name = "branch-committee"
    title_zh = "正式党员七人以上的党支部设支部委员会"
    why: ClassVar = {
        "zh": "正式党员 {full} 人，应设支部委员会（{least} 至 {most} 人），现有委员 {seats} 人。",
        "en": "With {full} full members it needs a committee of {least} to {most}; it has {seats}.",
    }
    mend: ClassVar = {"zh": "选举支部委员会。", "en": "Elect the branch committee."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count the seats once there are members enough."""
        if not facts.is_branch or facts.members_full < numbers["from"]:
            return None
        if numbers["least"] <= facts.committee_seats <= numbers["most"]:
            return None
        return {"full": facts.members_full, "seats": facts.committee_seats, **numbers}


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
        large = [size for size in facts.groups if size > numbers["most"]]
        return {"groups": len(large), "largest": max(large), **numbers} if large else None


class BecomesGeneralBranch(SettingRule):
    """A branch of fifty to ninety-nine becomes a general branch."""

    name = "general-branch"
    title_zh = "党员五十人以上设党总支"
    why: ClassVar = {
        "zh": "党员 {members} 人，达到 {from} 人以上、{below} 人以下，应升格为党总支。",
        "en": "With {members} members it should be a general branch (from {from}, below {below}).",
    }
    mend: ClassVar = {"zh": "报上级批准成立党总支。", "en": "Apply to the superior to become a general branch."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count all members of a branch."""
        if facts.is_branch and numbers["from"] <= facts.members < numbers["below"]:
            return {"members": facts.members, **numbers}
        return None


class BecomesCommittee(SettingRule):
    """A branch or general branch of a hundred becomes a committee."""

    name = COMMITTEE
    title_zh = "党员一百人以上设党的基层委员会"
    why: ClassVar = {
        "zh": "党员 {members} 人，达到 {from} 人，应设立党的基层委员会。",
        "en": "With {members} members, {from} or more, it should be a committee.",
    }
    mend: ClassVar = {"zh": "报上级批准成立党委。", "en": "Apply to the superior to become a committee."}

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count all members of a branch, or of a general branch with its branches."""
        if (facts.is_branch or facts.kind == GENERAL_BRANCH) and facts.members >= numbers["from"]:
            return {"members": facts.members, **numbers}
        return None


RULES: Final[tuple[SettingRule, ...]] = (
    EnoughFullMembers(),
    HasASecretary(),
    BranchCommittee(),
    PartyGroups(),
    GroupSize(),
    BecomesGeneralBranch(),
    BecomesCommittee(),
)
