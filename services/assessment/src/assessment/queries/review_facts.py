"""What is counted of a secretary for the annual review, in the part of the year in which they held the post.

Counted of the organisation and all below it, from what is there; nothing of it is typed (A13, rule 14).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from contracts.assessment.reviews import FactCountView, ReviewFactsView, RoundScoreView
from contracts.envelope import load, plain
from sqlalchemy import Connection, text

from assessment.domain.problems import SIMILAR

_BELOW: Final = """
below AS (
    SELECT id, kind FROM organisations
    WHERE (path = CAST(:path AS text) COLLATE "C" OR (path >= (:path || '.') COLLATE "C"
           AND path < (:path || '/') COLLATE "C")) AND NOT is_external
)"""

_FACTS: Final = text(
    f"""
WITH {_BELOW}, held AS (
    SELECT a.kind, a.order_id, a.held_on FROM branch_activities a JOIN below b ON b.id = a.branch_id
    WHERE a.state = 'held' AND a.held_on BETWEEN :from_day AND :until_day
), done AS (
    SELECT t.state, t.due_on, t.done_on FROM tasks t JOIN below b ON b.id = t.branch_id
    WHERE t.due_on BETWEEN :from_day AND :until_day AND t.state <> 'exempt'
), month_lights AS (
    SELECT l.light FROM lights l JOIN below b ON b.id = l.branch_id
    WHERE l.frozen_at IS NOT NULL AND l.month BETWEEN to_char(CAST(:from_day AS date), 'YYYY-MM')
          AND to_char(CAST(:until_day AS date), 'YYYY-MM')
), scored AS (
    SELECT s.round_id, r.name, max(s.finished_on) AS finished_on, round(avg(s.score), 1) AS score
    FROM round_scores s JOIN below b ON b.id = s.organisation_id JOIN rounds r ON r.id = s.round_id
    WHERE s.finished_on BETWEEN :from_day AND :until_day GROUP BY s.round_id, r.name
), found AS (
    SELECT p.* FROM problems p JOIN below b ON b.id = p.organisation_id
    WHERE p.found_on BETWEEN :from_day AND :until_day AND p.state <> 'withdrawn'
), asked AS (
    SELECT m.typed, m.filled FROM burden_months m JOIN below b ON b.id = m.branch_id
    WHERE m.month BETWEEN to_char(CAST(:from_day AS date), 'YYYY-MM')
          AND to_char(CAST(:until_day AS date), 'YYYY-MM')
)
SELECT (SELECT count(*) FROM below WHERE kind IN ('branch', 'joint_branch')) AS branches,
       (SELECT coalesce(jsonb_object_agg(kind, number), '{{}}') FROM
            (SELECT kind, count(*) AS number FROM held GROUP BY kind) k) AS records,
       (SELECT count(*) FROM held WHERE order_id IS NOT NULL) AS visits,
       (SELECT count(DISTINCT to_char(held_on, 'YYYY-MM')) FROM held WHERE order_id IS NOT NULL) AS visit_months,
       (SELECT count(*) FROM done) AS tasks,
       (SELECT count(*) FROM done WHERE state IN ('done', 'accepted') AND done_on <= due_on) AS tasks_done,
       (SELECT count(*) FROM done WHERE state IN ('done', 'accepted') AND done_on > due_on) AS tasks_late,
       (SELECT count(*) FROM done WHERE state IN ('open', 'returned') AND due_on <= :until_day) AS tasks_open,
       (SELECT coalesce(jsonb_object_agg(light, number), '{{}}') FROM
            (SELECT light, count(*) AS number FROM month_lights GROUP BY light) k) AS lights,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'finished_on', finished_on, 'score', score)
                                  ORDER BY finished_on, name), '[]') FROM scored) AS rounds,
       (SELECT round(avg(score), 1) FROM scored) AS round_score,
       (SELECT count(*) FROM found) AS problems,
       (SELECT count(*) FROM found WHERE state = 'mended') AS problems_mended,
       (SELECT count(*) FROM found f WHERE EXISTS (
            SELECT FROM problems e WHERE e.organisation_id = f.organisation_id AND e.id <> f.id
              AND (e.found_on, e.registered_at) <= (f.found_on, f.registered_at) AND e.source_id <> f.source_id
              AND e.state <> 'withdrawn' AND (e.kind = f.kind OR similarity(e.text, f.text) >= :similar)
       )) AS problems_again,
       (SELECT coalesce(sum(typed), 0) FROM asked) AS fields_typed,
       (SELECT coalesce(sum(filled), 0) FROM asked) AS fields_filled
"""  # noqa: S608 - made of constants
)
# A card names that day's secretary: who led when the step was taken answers for it, whoever leads now.
_CARDS: Final = text(
    """
SELECT c.organisation_id, c.secretary_id, extract(year FROM s.on_day)::integer AS year, s.colour
FROM card_steps s JOIN cards c ON c.id = s.card_id
WHERE c.organisation_id = ANY(:ids) AND s.move IN ('give', 'escalate') AND c.state <> 'lifted'
  AND extract(year FROM s.on_day) BETWEEN :first AND :last
  AND NOT EXISTS (SELECT FROM card_objections o
                  WHERE o.card_id = s.card_id AND o.version = s.version AND o.decision = 'upheld')
"""
)
COLOURS: Final = ("yellow", "orange", "red")


def facts_of(
    db: Connection, *, organisation_id: UUID, path: str, member_id: UUID, year: int, from_day: date, until_day: date
) -> ReviewFactsView:
    """Return what is counted of the organisation at this path, and of its secretary's cards."""
    days = {"path": path, "from_day": from_day, "until_day": until_day, "similar": SIMILAR}
    row = db.execute(_FACTS, days).one()
    colours = cards_of(db, {(organisation_id, year): member_id}).get((organisation_id, year), [])
    return ReviewFactsView(
        from_day=from_day,
        until_day=until_day,
        records=[FactCountView(kind, number) for kind, number in sorted(row.records.items())],
        lights=[FactCountView(light, row.lights[light]) for light in ("green", "yellow", "red") if light in row.lights],
        rounds=[
            RoundScoreView(one["name"], date.fromisoformat(one["finished_on"]), float(one["score"]))
            for one in row.rounds
        ],
        round_score=None if row.round_score is None else float(row.round_score),
        cards=[FactCountView(colour, colours.count(colour)) for colour in COLOURS if colour in colours],
        card=highest(colours),
        **{
            name: int(getattr(row, name))
            for name in (
                *("branches", "visits", "visit_months", "tasks", "tasks_done", "tasks_late", "tasks_open"),
                *("problems", "problems_mended", "problems_again", "fields_typed", "fields_filled"),
            )
        },
    )


def frozen_facts(kept: Mapping[str, Any]) -> ReviewFactsView:
    """Return the facts as they were kept with the report."""
    return load(ReviewFactsView, dict(kept))


def kept(facts: ReviewFactsView) -> dict[str, Any]:
    """Return the facts as they are kept with the report."""
    found: dict[str, Any] = plain(facts)
    return found


def cards_of(db: Connection, secretaries: Mapping[tuple[UUID, int], UUID]) -> dict[tuple[UUID, int], list[str]]:
    """Return the colours that each secretary's cards reached, by organisation and year; those that an objection undid,
    and those that were lifted, are none."""
    if not secretaries:
        return {}
    years = [year for _, year in secretaries]
    asked = {"ids": sorted({one for one, _ in secretaries}), "first": min(years), "last": max(years)}
    found: dict[tuple[UUID, int], list[str]] = {}
    for row in db.execute(_CARDS, asked):
        key = (row.organisation_id, row.year)
        if row.secretary_id in (None, secretaries.get(key)) and key in secretaries:
            found.setdefault(key, []).append(row.colour)
    return found


def highest(colours: list[str]) -> str | None:
    """Return the highest of some colours."""
    return max(colours, key=COLOURS.index) if colours else None
