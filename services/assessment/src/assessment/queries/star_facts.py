"""What a rating is made of: the facts of a period for a part of the tree, taken set-wise, and their corrections."""

from collections import defaultdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from assessment.domain.cards import COLOURS
from assessment.domain.months import Month
from assessment.domain.stars import Rated

_RATED: Final = text("""
INSERT INTO rated_organisations (rating_id, organisation_id, name, path, field, kind)
SELECT :rating_id, id, name, path, field, kind FROM organisations
 WHERE kind IN ('branch', 'joint_branch') AND NOT is_external AND NOT dissolved AND known_since < :ends_at
   AND (path = :path OR (path >= :path || '.' AND path < :path || '/'))
""")

# Each measure has a row for each organisation; one without a value says that it is missing. Values in hundredths.
_TAKEN: Final = text("""
INSERT INTO star_inputs (rating_id, organisation_id, measure, value)
WITH rated AS MATERIALIZED (
    SELECT organisation_id FROM rated_organisations WHERE rating_id = :rating_id
), months AS (
    SELECT branch_id, count(*) FILTER (WHERE light = 'green') AS green, count(*) FILTER (WHERE light = 'red') AS red,
           count(*) AS read
      FROM lights WHERE month BETWEEN :first_month AND :last_month AND frozen_at IS NOT NULL
       AND light IN ('green', 'yellow', 'red')
     GROUP BY branch_id
), held AS (
    SELECT branch_id, count(*) AS held FROM branch_activities
     WHERE state = 'held' AND held_on BETWEEN :first_day AND :last_day GROUP BY branch_id
), done AS (
    SELECT branch_id, count(*) FILTER (WHERE state IN ('done', 'accepted')) AS done, count(*) AS asked FROM tasks
     WHERE month BETWEEN :first_month AND :last_month AND is_required AND state <> 'exempt' GROUP BY branch_id
), scores AS (
    SELECT organisation_id, avg(score) AS score FROM round_scores
     WHERE finished_on BETWEEN :first_day AND :last_day GROUP BY organisation_id
), found AS (
    SELECT organisation_id, count(*) FILTER (WHERE found_on >= :first_day) AS found,
           count(*) FILTER (WHERE state IN ('open', 'mending')) AS open
      FROM problems WHERE found_on <= :last_day AND state <> 'withdrawn' GROUP BY organisation_id
), reached AS (  -- as the view card_years counts, for the days of the period
    SELECT c.organisation_id, max(array_position(:colours, s.colour)) AS highest
      FROM card_steps s JOIN cards c ON c.id = s.card_id
     WHERE s.move IN ('give', 'escalate') AND c.state <> 'lifted' AND s.on_day BETWEEN :first_day AND :last_day
       AND NOT EXISTS (SELECT FROM card_objections o
                        WHERE o.card_id = s.card_id AND o.version = s.version AND o.decision = 'upheld')
     GROUP BY c.organisation_id
), standing AS (
    SELECT organisation_id, max(array_position(:colours, colour)) AS highest FROM cards
     WHERE state = 'standing' AND given_on <= :last_day GROUP BY organisation_id
)
SELECT :rating_id, r.organisation_id, m.measure, m.value FROM rated r
  JOIN organisations o ON o.id = r.organisation_id
  LEFT JOIN months ON months.branch_id = o.id
  LEFT JOIN held ON held.branch_id = o.id
  LEFT JOIN done ON done.branch_id = o.id
  LEFT JOIN scores ON scores.organisation_id = o.id
  LEFT JOIN found ON found.organisation_id = o.id
  LEFT JOIN reached ON reached.organisation_id = o.id
  LEFT JOIN standing ON standing.organisation_id = o.id
 CROSS JOIN LATERAL (VALUES
    ('round_score', round(100 * scores.score)),
    ('green_share', round(10000.0 * months.green / months.read)),
    ('red_months', 100 * months.red),
    ('records_held', round(100.0 * coalesce(held.held, 0) / :months)),
    ('tasks_done', round(10000.0 * done.done / done.asked)),
    ('problems_found', 100 * coalesce(found.found, 0)),
    ('problems_open', 100 * coalesce(found.open, 0)),
    ('card_highest', 100 * coalesce(reached.highest, 0)),
    ('card_open', 100 * coalesce(standing.highest, 0)),
    ('has_secretary', CASE WHEN o.secretary_id IS NULL THEN 0 ELSE 10000 END)
 ) m (measure, value)
""")

_VALUES: Final = text("""
SELECT o.organisation_id, o.field, o.kind, i.measure,
       coalesce(c.value, CASE WHEN c.id IS NULL THEN i.value END) AS value
  FROM rated_organisations o JOIN star_inputs i USING (rating_id, organisation_id)
  LEFT JOIN LATERAL (
      SELECT id, value FROM star_corrections c WHERE c.rating_id = i.rating_id
         AND c.organisation_id = i.organisation_id AND c.measure = i.measure AND c.revision <= :revision
       ORDER BY c.revision DESC LIMIT 1
  ) c ON true
 WHERE o.rating_id = :rating_id
""")


def take(db: Connection, *, rating_id: UUID, path: str, first: date, last: date) -> int:
    """Freeze who is rated and what is known of each for the days from `first` to `last`; returns how many."""
    ends_at: datetime = Month.of(last).ends_at
    given = {"rating_id": rating_id, "path": path, "ends_at": ends_at}
    count = db.execute(_RATED, given).rowcount
    first_month, last_month = Month.of(first), Month.of(last)
    months = (last_month.year - first_month.year) * 12 + last_month.number - first_month.number + 1
    db.execute(
        _TAKEN,
        {
            "rating_id": rating_id,
            "first_day": first,
            "last_day": last,
            "first_month": str(first_month),
            "last_month": str(last_month),
            "months": months,
            "colours": list(COLOURS),
        },
    )
    return count


def rated_in(db: Connection, *, rating_id: UUID, revision: int) -> list[Rated]:
    """Return the organisations of a rating with their facts as the corrections up to a revision have them."""
    values: dict[UUID, dict[str, int | None]] = defaultdict(dict)
    about = {}
    for row in db.execute(_VALUES, {"rating_id": rating_id, "revision": revision}):
        values[row.organisation_id][row.measure] = row.value
        about[row.organisation_id] = (row.field, row.kind)
    return [Rated(one, field, kind, values[one]) for one, (field, kind) in about.items()]
