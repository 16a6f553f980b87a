"""How many members a branch has, who leads it, and when it becomes something larger.

3 and 7 count full members; 50 and 100 count probationary members too.
"""

from typing import ClassVar, Final

from roster.domain.organisations import COMMITTEE, GENERAL_BRANCH, JOINT_BRANCH
from roster.domain.setting_rules.rule import Facts, Numbers, Said, SettingRule


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


class JointUnits(SettingRule):
    """A joint branch has two to five units."""

    name = "joint-units"
    title_zh = "联合党支部覆盖单位一般不超过五个"
    why: ClassVar = {
        "zh": "登记的覆盖单位 {units} 个，应为 {least} 至 {most} 个。",
        "en": "{units} units are recorded; a joint branch has {least} to {most}.",
    }
    mend: ClassVar = {
        "zh": "登记全部覆盖单位；超过的，按业务相近、联系较多分设。",
        "en": "Record all its units; where there are too many, divide it by business or contact.",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count the units of a joint branch."""
        if facts.kind == JOINT_BRANCH and not numbers["least"] <= len(facts.units) <= numbers["most"]:
            return {"units": len(facts.units), **numbers}
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


class UsualCommittee(SettingRule):
    """A branch committee has usually at most five members."""

    name = "usual-committee"
    title_zh = "支部委员会一般不超过五人"
    why: ClassVar = {
        "zh": "支部委员会 {seats} 人，一般为 {most} 人以下。",
        "en": "Its committee has {seats} members; usually it has at most {most}.",
    }
    mend: ClassVar = {
        "zh": "换届时按三至五人设置；确需超过的报上级党组织同意。",
        "en": "Set three to five seats at the next election, or have the superior agree to more.",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count the seats above what is usual and below what is too many."""
        if facts.is_branch and numbers["most"] < facts.committee_seats <= numbers["at_all"]:
            return {"seats": facts.committee_seats, **numbers}
        return None


class NoCommittee(SettingRule):
    """A branch of fewer than seven full members has a secretary, a deputy if needed, and no committee."""

    name = "no-committee"
    title_zh = "正式党员不足七人的党支部设一名书记，必要时设一名副书记"
    why: ClassVar = {
        "zh": "正式党员 {full} 人，不足 {below} 人，却有 {seats} 人任支部职务。",
        "en": "With {full} full members, fewer than {below}, {seats} people hold posts in it.",
    }
    mend: ClassVar = {
        "zh": "只设书记，必要时增设副书记。",
        "en": "Keep a secretary, and a deputy if needed.",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Count the seats while there are too few members for a committee."""
        if facts.is_branch and facts.members_full < numbers["below"] and facts.committee_seats > numbers["most"]:
            return {"full": facts.members_full, "seats": facts.committee_seats, **numbers}
        return None


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
    JointUnits(),
    HasASecretary(),
    BranchCommittee(),
    UsualCommittee(),
    NoCommittee(),
    BecomesGeneralBranch(),
    BecomesCommittee(),
)
