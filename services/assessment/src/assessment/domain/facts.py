"""What is known of a branch, or of a member, when a light is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from assessment.domain.activities import HELD, PLANNED, THEME_DAY
from assessment.domain.months import Month


@dataclass(frozen=True)
class ActivityOfBranch:
    """An activity, as far as a check looks at it."""

    kind: str
    state: str
    held_on: date
    place: str | None


@dataclass(frozen=True)
class TaskOfBranch:
    """A required task of the month that counts, as far as a check looks at it."""

    text: str
    state: str
    due_on: date
    done_on: date | None = None
    is_required: bool = True


@dataclass(frozen=True)
class Held:
    """What was held of one kind in a check's period: how many, and on which day as many were as are asked for."""

    count: int = 0
    enough_on: date | None = None


@dataclass(frozen=True)
class BranchFacts:
    """One branch on one day. `activities` holds at least the theme days of the month that is looked at.

    `held` says by check what was held in its period, `known_on` since when the platform knows the branch, `groups` how
    many groups its roll has, `dues_unpaid` how many still owe dues of the month (none: nobody told us of its dues).
    """

    today: date
    has_secretary: bool
    members_full: int
    activities: tuple[ActivityOfBranch, ...] = ()
    members: int = 0
    groups: int = 0
    known_on: date = date.min
    tasks: tuple[TaskOfBranch, ...] = ()
    held: Mapping[str, Held] = field(default_factory=dict)
    dues_unpaid: int | None = None
    breaches: tuple[str, ...] | None = None

    def theme_days_in(self, month: Month, *, state: str = HELD) -> list[ActivityOfBranch]:
        """Return the month's theme days in that state, earliest first."""
        found = (
            activity
            for activity in self.activities
            if activity.kind == THEME_DAY and activity.state == state and Month.of(activity.held_on) == month
        )
        return sorted(found, key=lambda activity: activity.held_on)

    def theme_days_planned_in(self, month: Month) -> list[ActivityOfBranch]:
        """Return the month's theme days that are still to be held, earliest first."""
        return self.theme_days_in(month, state=PLANNED)


@dataclass(frozen=True)
class MemberFacts:
    """One member on one day: few enough different ones in a district, for whoever is known alike is judged once.

    `dues_unpaid` are the months whose dues they owe, up to the one looked at (none: nobody told us). `missed` is the
    first meeting of the month they missed and have not made up; `missed_months` how many months running, with that
    one, they missed what their branch held.
    """

    today: date
    state: str
    is_in_group: bool
    is_joining_known: bool
    branch_members: int
    dues_unpaid: tuple[Month, ...] | None = None
    missed: date | None = None
    missed_months: int = 0
