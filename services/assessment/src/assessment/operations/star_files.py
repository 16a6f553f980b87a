"""Files of a rating: an organisation's sheet as PDF, and the whole rating so that anyone can repeat it.

The whole is a JSON text {rating, formula, organisations, inputs, results, digest}; values and points are hundredths.
`verify_rating.py`, which the platform serves, calculates it again with nothing but Python.
"""

import io
import json
from collections import defaultdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.files import PDF, TEXT, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import NotFound, Refusal
from contracts.assessment.star_ratings import (
    STAR_FILES_FOLDER,
    MakeStarFile,
    StarFileAsked,
    StarFileView,
    StarResultAsked,
    StarResultView,
)
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection, select

from assessment.operations.star_ratings import StarRatingBeingDrawn
from assessment.queries import star_ratings as ratings
from assessment.queries.star_facts import rated_in
from assessment.queries.star_formulas import formula_with
from assessment.tables.stars import rated_organisations, star_ratings, star_results

JOB: Final = "make_star_file"
SHEET_MAX_BYTES: Final = 4 * 1024 * 1024
WHOLE_MAX_BYTES: Final = 256 * 1024 * 1024


class StarFileNotReady(Refusal):
    """This file is not made yet."""


class TooManyStarFiles(Refusal):
    """{most} files of ratings are being made for you; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyStarFiles, ("read_own_stars", "read_star_ratings"))


def store() -> FileStore:
    """Return the folder of the file store in which files of ratings stand."""
    return store_in(STAR_FILES_FOLDER)


def ask(db: Connection, *, asked: MakeStarFile, actor: Actor, at: datetime) -> StarFileView:
    """Have an organisation's sheet drawn, or (for whoever sees all of it) the whole rating written down.

    Raises StarRatingBeingDrawn, TooManyStarFiles, NotFound, Forbidden.
    """
    if asked.organisation_id is not None:
        of = StarResultAsked(asked.rating_id, asked.organisation_id)
        params = {"result": plain(ratings.result(db, asked=of, actor=actor, at=at)), "by_name": actor.name}
    else:
        rating = ratings.rating_the_actor_may(db, "read_star_ratings", asked.rating_id, actor=actor)
        if not actor.may("read_star_ratings", organisation=rating.path):
            raise Forbidden()
        if rating.revision == 0:
            raise StarRatingBeingDrawn()
        params = {"rating_id": str(rating.id), "revision": rating.revision}
    return StarFileView(**FILES.ask(db, params=params, actor=actor, at=at))


def make(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make the file of a job; returns the reference to it."""
    from assessment.operations.star_sheets import sheet_pdf  # here, for the process that answers calls never draws

    if "result" in job.params:
        result: StarResultView = load(StarResultView, job.params["result"])
        drawn = sheet_pdf(result, by_name=job.params["by_name"], at=at, told=lambda page: job.progress(page, None))
        name = f"星级评定计算表-{result.organisation_name}-{result.period}.pdf"
        stored = files.put(io.BytesIO(drawn), name=name, media_types={PDF}, max_bytes=SHEET_MAX_BYTES)
    else:
        whole = written_down(db, UUID(job.params["rating_id"]), job.params["revision"])
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        name = f"星级评定-{whole['rating']['period']}-{whole['rating']['revision']}.json"
        stored = files.put(io.BytesIO(text), name=name, media_types={TEXT}, max_bytes=WHOLE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def written_down(db: Connection, rating_id: UUID, revision: int) -> dict[str, Any]:
    """Return a rating's revision with all that it was calculated from."""
    rating = db.execute(select(star_ratings).where(star_ratings.c.id == rating_id)).one_or_none()
    if rating is None:
        raise NotFound()
    formula = formula_with(db, rating.formula_id)
    rated = rated_organisations.c
    names = db.execute(select(rated_organisations).where(rated.rating_id == rating_id)).all()
    values: dict[str, dict[str, int | None]] = defaultdict(dict)
    for one in rated_in(db, rating_id=rating_id, revision=revision):
        values[str(one.id)] = dict(one.values)
    of = star_results.c
    results = db.execute(
        select(star_results).where(of.rating_id == rating_id, of.revision == revision).order_by(of.organisation_id)
    )
    return {
        "rating": {
            "id": str(rating.id),
            "period": rating.period,
            "revision": revision,
            "frozen_at": rating.frozen_at.isoformat(),
        },
        "formula": {"number": formula.number, "citation": formula.citation, **plain(formula.formula)},
        "organisations": [
            {
                "id": str(row.organisation_id),
                "name": row.name,
                "field": row.field,
                "kind": row.kind,
                "values": values[str(row.organisation_id)],
            }
            for row in sorted(names, key=lambda row: row.organisation_id)
        ],
        "results": [[str(row.organisation_id), row.points, row.rank, row.stars, row.level] for row in results],
        "digest": rating.digest if revision == rating.revision else None,
    }


def star_file(db: Connection, *, asked: StarFileAsked, actor: Actor, at: datetime) -> StarFileView:
    """Return how far one of one's own files is. Raises NotFound."""
    return StarFileView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: StarFileAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to one's own file. Raises NotFound, StarFileNotReady."""
    view = star_file(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise StarFileNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the files whose week is over, and remove those that nothing names; returns how many."""
    return FILES.forget(db, files, at=at)
