"""What a setting rule is, and what it looks at.

A breach is told, never refused. The numbers come from rows with dates and a citation (`setting_rules`). Adding a rule
is adding a class to a module here, the module to RULES, and a row of its numbers in a migration; facts that only one
module's rules need are gathered by a function of their own (`queries.facts.GATHERERS`) and stand in `Facts.told`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from roster.domain.organisations import BRANCHES

Numbers = Mapping[str, Any]
Said = Mapping[str, Any]
"""What the sentences of a broken rule are filled with: JSON-ready."""


@dataclass(frozen=True)
class Facts:
    """What the rules look at: a branch with its members, a general branch with all below it.

    The members of a committee are counted by no rule: they are 0 here.
    """

    kind: str
    members_full: int
    members_probationary: int
    committee_seats: int
    has_secretary: bool
    groups: tuple[int, ...]  # the size of each group
    name: str = ""
    ungrouped: int = 0
    units: tuple[str, ...] = ()
    overridden: frozenset[str] = frozenset()  # rules that an officer lets the present name break
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def members(self) -> int:
        """Full and probationary members together."""
        return self.members_full + self.members_probationary

    @property
    def is_branch(self) -> bool:
        """Whether members belong to it directly."""
        return self.kind in BRANCHES


class SettingRule(ABC):
    """One rule, its docstring the title; `broken` gives what its sentences say, or None when it is kept."""

    name: ClassVar[str]
    title_zh: ClassVar[str]
    why: ClassVar[Mapping[str, str]]
    mend: ClassVar[Mapping[str, str]]
    may_be_overridden: ClassVar[bool] = False
    reads: ClassVar[tuple[str, ...]] = ()
    """Rules whose numbers it is given besides its own."""
    changes_with_time: ClassVar[bool] = False
    """Whether it breaks by the passing of days alone: then only the nightly check finds it."""

    @property
    def title_en(self) -> str:
        """The docstring without its full stop."""
        return (type(self).__doc__ or "").rstrip(".")

    @abstractmethod
    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Measure the facts against the numbers."""
