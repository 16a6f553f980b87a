"""How an organisation is called: it begins with the place or the unit, and ends with what it is.

The table of endings stands in the rule's row (`endings`: kind → endings), so a district adds one without code. Of all
endings that fit, the longest says what the name calls itself: 蒲家村党支部委员会 ends in 支部委员会, not in 委员会.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from roster.domain.setting_rules.rule import Facts, Numbers, Said, SettingRule

HONORIFICS: Final = ("中国共产党", "中共")
_ORDINAL: Final = frozenset("第零一二三四五六七八九十百〇0123456789")


def ending_of(name: str, endings: Mapping[str, Sequence[str]]) -> tuple[str | None, str]:
    """Return the kind that a name's longest ending stands for, with that ending; None and nothing for none."""
    fitting = [(len(each), kind, each) for kind, many in endings.items() for each in many if name.endswith(each)]
    if not fitting:
        return None, ""
    _, kind, ending = max(fitting)
    return kind, ending


def beginning_of(name: str, endings: Mapping[str, Sequence[str]]) -> str:
    """Return what a name says before its ending, without 中共: the place or the unit."""
    _, ending = ending_of(name, endings)
    stem = name.removesuffix(ending)
    for honorific in HONORIFICS:
        stem = stem.removeprefix(honorific)
    return stem.strip()


class NameEndsWithKind(SettingRule):
    """A name ends with what the organisation is."""

    name = "name-ending"
    title_zh = "名称以党组织类别结尾"
    why: ClassVar = {
        "zh": "名称“{called}”没有以本类党组织的规范结尾（{endings}）结束。",
        "en": "The name “{called}” does not end as this kind of organisation is called ({endings}).",
    }
    mend: ClassVar = {
        "zh": "改为规范名称；确有理由的，由组织部门写明理由予以保留。",
        "en": "Give it a proper name; where there is a reason, an officer lets the name stand and writes why.",
    }
    may_be_overridden = True

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Compare the kind that the name tells with what it is."""
        endings = numbers["endings"]
        wanted = endings.get(facts.kind, ())
        if self.name in facts.overridden or not wanted or ending_of(facts.name, endings)[0] == facts.kind:
            return None
        return {"called": facts.name, "endings": "、".join(wanted)}


class NameBeginsWithPlace(SettingRule):
    """A name begins with the place or the unit."""

    name = "name-beginning"
    title_zh = "名称以所在地或单位名称开头"
    why: ClassVar = {
        "zh": "名称“{called}”没有写明所在地或单位。",
        "en": "The name “{called}” does not say of which place or unit.",
    }
    mend: ClassVar = {
        "zh": "在名称前加上所在地或单位名称；确有理由的，由组织部门写明理由予以保留。",
        "en": "Put the place or the unit before it; where there is a reason, an officer lets the name stand.",
    }
    may_be_overridden = True
    reads = (NameEndsWithKind.name,)

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Look at what stands before the ending: too little, a number alone, or a word that any unit has."""
        stem = beginning_of(facts.name, numbers.get("endings", {}))
        while generic := next((word for word in numbers["generic"] if stem.endswith(word)), None):
            stem = stem.removesuffix(generic)
        if self.name in facts.overridden or (len(stem) >= numbers["least"] and not _ORDINAL.issuperset(stem)):
            return None
        return {"called": facts.name}


RULES: Final[tuple[SettingRule, ...]] = (NameEndsWithKind(), NameBeginsWithPlace())
