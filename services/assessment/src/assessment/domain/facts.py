"""What is known of a branch when its light is read."""

from dataclasses import dataclass
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
class BranchFacts:
    """One branch on one day. `activities` holds at least those of the month that is looked at."""

    today: date
    has_secretary: bool
    members_full: int
    activities: tuple[ActivityOfBranch, ...] = ()

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
