"""Drawing a rating, by *work*: take the facts once, calculate, keep every step; and calculating it again to see.

A revision is drawn whole from the frozen facts and their corrections. Whoever draws reads first and writes last: the
rating takes the new revision only if nobody drew one meanwhile.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.jobs import Job
from chassis.refusals import NotFound
from contracts.assessment.star_ratings import StarCount, StarMove
from contracts.envelope import plain
from sqlalchemy import Connection, Row, Select, func, select, text, update

from assessment.domain.star_ratings import DRAWING, DRAWN, PUT_AWAY, days_of
from assessment.domain.stars import Formula, Result, Step, rate
from assessment.queries.star_facts import rated_in, take
from assessment.tables.stars import rated_organisations, star_formulas, star_ratings, star_results, star_steps

DRAW: Final = "draw_stars"
TRY: Final = "try_star_formula"
MOVES_TOLD: Final = 500
BATCH: Final = 2000
MOVED_BY: Final = ("missing", "not_rated", "veto", "share")

_RESULTS: Final = text(
    "INSERT INTO star_results (rating_id, revision, organisation_id, points, rank, stars, level, weak_when, moved_by)"
    " SELECT :rating_id, :revision, r.organisation_id, r.points, r.rank, r.stars, r.level,"
    " coalesce(r.weak_when, '{}'), coalesce(r.moved_by, '{}')"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (organisation_id uuid, points integer, rank integer,"
    " stars smallint, level text, weak_when smallint[], moved_by text[])"
)
_STEPS: Final = text(
    "INSERT INTO star_steps (rating_id, revision, organisation_id, position, code, measure, value, points, weight,"
    " details) SELECT :rating_id, :revision, s.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS s"
    " (organisation_id uuid, position smallint, code text, measure text, value integer, points integer,"
    " weight smallint, details jsonb)"
)


Told = Callable[[int, int], None]


class DrawnMeanwhile(Exception):
    """Another job drew a revision of this rating meanwhile; this one looks again."""


def draw(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the revision that the rating wants; one that has it, or is put away, is left as it is.

    Raises DrawnMeanwhile, so that the job is tried again.
    """
    rating_id = UUID(job.params["rating_id"])
    rating = db.execute(_with_formula(rating_id)).one()
    revision = rating.wanted_revision
    if rating.state == PUT_AWAY or rating.revision == revision:
        return {"revision": rating.revision}
    if rating.revision == 0:
        first, last = days_of(rating.period)
        take(db, rating_id=rating_id, path=rating.path, first=first, last=last)
    return {"revision": calculate(db, rating_id, at=at, told=job.progress)}


def calculate(db: Connection, rating_id: UUID, *, at: datetime, told: Told = lambda done, total: None) -> int:
    """Calculate the revision that the rating wants from its frozen facts, and keep it; returns which.

    `told` hears how many of how many are written. Raises DrawnMeanwhile.
    """
    rating = db.execute(_with_formula(rating_id)).one()
    revision: int = rating.wanted_revision
    rated = rated_in(db, rating_id=rating_id, revision=revision)
    told(0, len(rated))
    results = rate(Formula.of(rating.formula), rated)
    _keep(db, rating_id, revision, results, told=told)
    taken = db.execute(
        update(star_ratings)
        .where(
            star_ratings.c.id == rating_id,
            star_ratings.c.revision == rating.revision,
            star_ratings.c.state != PUT_AWAY,
        )
        .values(
            revision=revision,
            digest=digest_of(results),
            frozen_at=func.coalesce(star_ratings.c.frozen_at, at),
            state=func.replace(star_ratings.c.state, DRAWING, DRAWN),
        )
    )
    if taken.rowcount != 1:
        raise DrawnMeanwhile(str(rating_id))
    return revision


def calculate_again(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Calculate a rating from its frozen facts by a formula, and return what is not as it is kept."""
    rating = db.execute(_with_formula(UUID(job.params["rating_id"]))).one()
    formula = db.execute(
        select(star_formulas.c.formula).where(star_formulas.c.id == UUID(job.params["formula_id"]))
    ).scalar_one_or_none()
    if formula is None:
        raise NotFound()
    rated = rated_in(db, rating_id=rating.id, revision=rating.revision)
    results = rate(Formula.of(formula), rated)
    kept = {row.organisation_id: row for row in db.execute(_kept(rating.id, rating.revision))}
    names = {one.organisation_id: one for one in kept.values()}
    moves = [
        StarMove(
            one.id,
            names[one.id].name,
            as_points(kept[one.id].points),
            as_points(results[one.id].sum),
            kept[one.id].stars,
            results[one.id].stars,
            kept[one.id].level,
            results[one.id].level,
        )
        for one in sorted(rated, key=lambda one: (names[one.id].name, one.id))
        if _grades(results[one.id]) != (kept[one.id].stars, kept[one.id].level)
    ]
    told: dict[str, Any] = {
        "organisations": len(rated),
        "digest": digest_of(results),
        "is_same": digest_of(results) == rating.digest and _steps_are(db, rating, results),
        "moved": len(moves),
        "counts_before": plain(counted((row.stars, row.level) for row in kept.values())),
        "counts": plain(counted(map(_grades, results.values()))),
        "moves": plain(moves[:MOVES_TOLD]),
    }
    return told


def digest_of(results: Mapping[UUID, Result]) -> str:
    """Return the SHA-256 of the results: a JSON list, by id, of [id, points in hundredths, rank, stars, level]."""
    rows = sorted([str(one), result.sum, result.rank, result.stars, result.level] for one, result in results.items())
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def counted(grades: Iterable[tuple[int | None, str | None]]) -> list[StarCount]:
    """Return how many have each number of stars and each level; "unrated" those that have none."""
    counts: Counter[str] = Counter()
    for stars, level in grades:
        counts.update([str(stars), str(level)] if level else ["unrated"])
    order = ("5", "4", "3", "2", "1", "0", "advanced", "middle", "lagging", "unrated")
    return [StarCount(grade, counts[grade]) for grade in order]


def as_points(hundredths: int | None) -> float | None:
    """Return hundredths as people read them."""
    return None if hundredths is None else hundredths / 100


def _grades(result: Result) -> tuple[int | None, str | None]:
    return result.stars, result.level


def _with_formula(rating_id: UUID) -> Select[Any]:
    return (
        select(star_ratings, star_formulas.c.formula)
        .join(star_formulas, star_formulas.c.id == star_ratings.c.formula_id)
        .where(star_ratings.c.id == rating_id)
    )


def _kept(rating_id: UUID, revision: int) -> Select[Any]:
    return (
        select(star_results, rated_organisations.c.name)
        .join_from(
            star_results,
            rated_organisations,
            (rated_organisations.c.rating_id == star_results.c.rating_id)
            & (rated_organisations.c.organisation_id == star_results.c.organisation_id),
        )
        .where(star_results.c.rating_id == rating_id, star_results.c.revision == revision)
    )


def _steps_are(db: Connection, rating: Row[Any], results: Mapping[UUID, Result]) -> bool:
    kept = db.execute(
        select(star_steps).where(star_steps.c.rating_id == rating.id, star_steps.c.revision == rating.revision)
    )
    found = {(row.organisation_id, row.position): _plain_step(row) for row in kept}
    return found == {
        (one, position): _plain_step(step)
        for one, result in results.items()
        for position, step in enumerate(result.steps)
    }


def _plain_step(step: Row[Any] | Step) -> tuple[Any, ...]:
    return step.code, step.measure, step.value, step.points, step.weight, dict(step.details)


def _keep(db: Connection, rating_id: UUID, revision: int, results: Mapping[UUID, Result], *, told: Told) -> None:
    """Write the results with their steps, some thousand rows a statement."""
    for_all = {"rating_id": rating_id, "revision": revision}
    ids = sorted(results)
    for begin in range(0, len(ids), BATCH):
        some = ids[begin : begin + BATCH]
        rows = [_result_row(one, results[one]) for one in some]
        db.execute(_RESULTS, {**for_all, "rows": json.dumps(rows)})
        steps = [
            {
                "organisation_id": str(one),
                "position": position,
                "code": step.code,
                "measure": step.measure,
                "value": step.value,
                "points": step.points,
                "weight": step.weight,
                "details": dict(step.details),
            }
            for one in some
            for position, step in enumerate(results[one].steps)
        ]
        db.execute(_STEPS, {**for_all, "rows": json.dumps(steps)})
        told(begin + len(some), len(ids))


def _result_row(one: UUID, result: Result) -> dict[str, Any]:
    codes = {step.code for step in result.steps}
    return {
        "organisation_id": str(one),
        "points": result.sum,
        "rank": result.rank,
        "stars": result.stars,
        "level": result.level,
        "weak_when": result.weak_when,
        "moved_by": [code for code in MOVED_BY if code in codes],
    }
