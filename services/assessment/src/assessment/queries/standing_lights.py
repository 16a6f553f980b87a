"""How branches stand, as bulletins, slips and talks read it: here alone, set-wise, from the stored lights (A3).

A stored light is written anew when the branch's facts change and every night; `computed_at` says when. A frozen one
that was corrected has the light that it was corrected to, for the reason of the correction; an exempt branch has the
light `exempt`, is never yellow or red and has nothing to give reasons for.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assessment.domain.months import Month
from assessment.domain.talks import EXEMPT, RUN, red_run

# Why a light `l` is what it is: what the checks read, and of a corrected one, which they do not bear out, why it was
# corrected. Shapes are those of ReadingView.
READINGS: Final = """
CASE WHEN l.light = 'exempt' THEN '[]'
     WHEN l.correction_id IS NULL THEN l.readings
     ELSE (SELECT jsonb_build_array(jsonb_build_object(
                  'check', 'correction', 'title_zh', '更正', 'title_en', 'Correction', 'light', l.light,
                  'why_zh', '经更正：' || c.reason, 'why_en', 'Corrected: ' || c.reason,
                  'mend_zh', '', 'mend_en', '', 'yellow_on', NULL, 'red_on', NULL))
             FROM light_corrections c WHERE c.id = l.correction_id) END"""

# One row for each branch with a light in a month.
LIGHTS_OF_MONTH: Final = f"""
SELECT l.branch_id, l.month, l.light, {READINGS} AS readings, l.computed_at AS read_at,
       l.frozen_at IS NOT NULL AS is_frozen FROM lights l WHERE l.month = :month"""  # noqa: S608 - a constant

# Who leads an organisation `b` on the day `:today`, as roster told of its posts; where it told of none, of itself.
SECRETARY: Final = """
SELECT coalesce(h.member_id, b.secretary_id) AS id,
       coalesce(h.name, (SELECT m.name FROM members m WHERE m.person_id = b.secretary_id LIMIT 1)) AS name
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT p.member_id, p.name FROM post_holders p
                      WHERE p.organisation_id = b.id AND p.post = 'secretary' AND p.from_day <= :today
                        AND (p.until_day IS NULL OR p.until_day > :today)
                      ORDER BY p.from_day DESC, p.post_id DESC LIMIT 1) h ON true"""

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


__all__ = ["EXEMPT", "LIGHTS_OF_MONTH", "READINGS", "RUN", "SECRETARY", "light_of", "red_runs"]
