"""How branches stand, as bulletins, slips and talks read it: here alone, set-wise, from the stored lights (A3).

A stored light is written anew when the branch's facts change and every night; `computed_at` says when. Whatever else a
light comes to hold (more readings, an exemption) is taken in here.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assessment.domain.months import Month
from assessment.domain.talks import EXEMPT, RUN, red_run

# One row for each branch with a light in a month. An exempt branch has the light `exempt`.
LIGHTS_OF_MONTH: Final = (
    "SELECT l.branch_id, l.month, l.light, l.readings, l.computed_at AS read_at,"
    " l.frozen_at IS NOT NULL AS is_frozen FROM lights l WHERE l.month = :month"
)

# Frozen months of the branches that a month froze red, the newest first: as far back as an exempt year can hide a run.
_FROZEN: Final = text("""
SELECT o.branch_id, o.month, o.light
  FROM lights n
  JOIN lights o ON o.branch_id = n.branch_id AND o.month <= n.month AND o.month > :back AND o.frozen_at IS NOT NULL
 WHERE n.month = :month AND n.light = 'red' AND n.frozen_at IS NOT NULL
 ORDER BY o.branch_id, o.month DESC
""")
MONTHS_BACK: Final = 13
"""An exemption lasts twelve months at most, so a run is found within so many before the newest."""


def red_runs(db: Connection, month: Month) -> dict[Any, list[str]]:
    """Return by branch the red months running that end with a frozen month, of those branches that have as many.

    Calendar months follow each other without a gap: a month without a light ends the run.
    """
    back = month
    for _ in range(MONTHS_BACK):
        back = back.previous
    months: dict[Any, dict[str, str]] = {}
    for row in db.execute(_FROZEN, {"month": str(month), "back": str(back)}):
        months.setdefault(row.branch_id, {})[row.month] = row.light
    return {branch_id: run for branch_id, lights in months.items() if (run := red_run(_calendar(lights, month))) != []}


def _calendar(lights: dict[str, str], month: Month) -> list[tuple[str, str]]:
    """Return a branch's months without a gap, the newest first; one without a light is `none`."""
    found = []
    for _ in range(MONTHS_BACK):
        found.append((str(month), lights.get(str(month), "none")))
        month = month.previous
    return found


def light_of(db: Connection, branch_id: Any, month: Month) -> Row[Any] | None:
    """Return a branch's stored light of a month."""
    return db.execute(
        text(f"{LIGHTS_OF_MONTH} AND l.branch_id = :branch"),
        {"month": str(month), "branch": branch_id},
    ).one_or_none()


__all__ = ["EXEMPT", "LIGHTS_OF_MONTH", "RUN", "light_of", "red_runs"]
