"""A rating of a district, drawn, calculated again and tried by another formula: `python -m tests.benchmarks.stars`.

district   1 800 branches under 13 towns, twelve frozen months and some records each
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from assessment.operations import star_drawings, star_files, star_ratings
from assessment.queries import star_ratings as shown
from chassis.database import connect
from contracts.assessment.star_ratings import DrawUpStarRating, StarResultsAsked
from local.testing import create_service_database, drop_database, test_servers
from sqlalchemy import text

from tests.benchmarks.task_lists import _TREE, _officer, analyse
from tests.conftest import _template_of

AT: Final = datetime(2027, 1, 10, 1, 0, tzinfo=UTC)

_LIGHTS: Final = """
INSERT INTO lights (branch_id, month, light, readings, computed_at, frozen_at)
SELECT id, '2026-' || to_char(m, 'FM00'), (ARRAY['green', 'green', 'green', 'yellow', 'red'])[1 + abs(hashtext(id::text
       || m)) % 5], '[]', now(), now() FROM organisations, generate_series(1, 12) m WHERE kind = 'branch'
"""


class _Job:
    def __init__(self, **params: str) -> None:
        self.params = params

    def progress(self, done: int, total: int | None = None) -> None: ...


def main() -> int:
    """Measure the district; print milliseconds."""
    servers = test_servers()
    name = f"bench_stars_{os.getpid()}"
    create_service_database("assessment", database=name, template=_template_of(servers, "assessment"))
    engine = connect(servers.service_url("assessment", database=name), service="assessment", lock_timeout_ms=30_000)
    owner = connect(servers.owner_url("assessment", database=name), service="assessment")
    officer = _officer("p.d1")
    try:
        with engine.begin() as db:
            for statement in filter(str.strip, _TREE.split(";")):
                db.execute(text(statement), {"districts": 1} if ":districts" in statement else {})
            db.execute(text(_LIGHTS))
        analyse(owner)
        with engine.connect() as db:
            district = db.execute(text("SELECT id FROM organisations WHERE path = 'p.d1'")).scalar_one()
            asked = DrawUpStarRating(organisation_id=district, year=2026)
            rating = star_ratings.draw_up(db, asked=asked, actor=officer, at=AT)
            one = {"rating_id": str(rating.id), "formula_id": str(rating.formula_id)}
            results = StarResultsAsked(rating_id=rating.id)
            acts: dict[str, Callable[[], Any]] = {
                "take the facts, draw and keep every step": lambda: star_drawings.draw(db, _Job(**one), at=AT),  # type: ignore[arg-type]
                "calculate again and compare every step": lambda: star_drawings.calculate_again(db, _Job(**one), at=AT),  # type: ignore[arg-type]
                "write the whole down": lambda: star_files.written_down(db, rating.id, 1),
                "the rating with its counts": lambda: shown.rating_view(db, rating.id, actor=officer),
                "a page of results": lambda: shown.results(db, asked=results, actor=officer, at=AT),
            }
            for title, act in acts.items():
                began_at = time.perf_counter()
                act()
                print(f"{title:44}{(time.perf_counter() - began_at) * 1000:12.1f} ms")
            print(db.execute(text("SELECT count(*) FROM star_steps")).scalar_one(), "steps")
    finally:
        engine.dispose()
        owner.dispose()
        drop_database(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
