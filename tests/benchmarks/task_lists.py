"""The month's tasks of a district and of a province, made and counted: `python -m tests.benchmarks.task_lists`.

district   1 800 branches under 13 towns
province   a hundred such districts; only with `province` as an argument
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from assessment.operations import task_making
from assessment.queries import tasks
from chassis.actors import Actor, Grant
from chassis.database import connect
from contracts.assessment.tasks import TaskOverviewAsked, TasksAsked
from local.testing import create_service_database, drop_database, test_servers
from sqlalchemy import Connection, Engine, text

from tests.conftest import _template_of

AT: Final = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)

_TREE: Final = """
INSERT INTO organisations (id, code, name, kind, field, path, parent_id, members_full, members_probationary,
                           is_external, dissolved, known_since, version)
SELECT gen_random_uuid(), p.code, p.code, p.kind, 'rural', p.path, NULL, 20, 1, false, false, '2026-01-01', 1
  FROM (SELECT 'p' AS code, 'committee' AS kind, 'p' AS path
        UNION ALL SELECT 'd' || d, 'committee', 'p.d' || d FROM generate_series(1, :districts) d
        UNION ALL SELECT 't' || t, 'committee', 'p.d' || d || '.t' || t
          FROM generate_series(1, :districts) d, generate_series(1, 13) t
        UNION ALL SELECT 'b' || b, 'branch', 'p.d' || d || '.t' || (1 + b % 13) || '.b' || b
          FROM generate_series(1, :districts) d, generate_series(1, 1800) b) p;
UPDATE organisations o SET parent_id = p.id FROM organisations p
 WHERE o.path <> 'p' AND p.path = substr(o.path, 1, length(o.path) - length(o.code) - 1);
"""


def main() -> int:
    """Measure the district, and the province when it is asked for; print milliseconds."""
    sizes = {"district": 1} | ({"province": 100} if "province" in sys.argv[1:] else {})
    measured = {name: _measure(districts) for name, districts in sizes.items()}
    print(f"{'ms':44}" + "".join(f"{name:>12}" for name in sizes))
    for row in measured["district"]:
        print(f"{row:44}" + "".join(f"{figures[row]:12.1f}" for figures in measured.values()))
    return 0


def _measure(districts: int) -> dict[str, float]:
    servers = test_servers()
    name = f"bench_tasks_{os.getpid()}"
    create_service_database("assessment", database=name, template=_template_of(servers, "assessment"))
    engine = connect(servers.service_url("assessment", database=name), service="assessment", lock_timeout_ms=30_000)
    owner = connect(servers.owner_url("assessment", database=name), service="assessment")
    district = _officer("p.d1")
    try:
        with engine.begin() as db:
            db.execute(text("SET LOCAL statement_timeout = 0"))
            for statement in filter(str.strip, _TREE.split(";")):
                db.execute(text(statement), {"districts": districts} if ":districts" in statement else {})
        analyse(owner)
        with engine.connect() as db:
            return {
                "make the tasks of a month": _timed(lambda: _make_all(db)),
                "let the planner know of them": _timed(lambda: analyse(owner)),
                "find that there is nothing to make": _timed(lambda: task_making.make(db, at=AT)),
                "overview of a district by town": _timed(
                    lambda: tasks.overview(db, asked=TaskOverviewAsked(), actor=district, at=AT)
                ),
                "a page of what is open in a district": _timed(
                    lambda: tasks.tasks_asked(db, asked=TasksAsked(state="open"), actor=district, at=AT)
                ),
            }
    finally:
        engine.dispose()
        owner.dispose()
        drop_database(name)


def _make_all(db: Connection) -> None:
    while task_making.make(db, at=AT):
        db.commit()
    db.commit()


def analyse(owner: Engine) -> None:
    """Do what autovacuum does within minutes: only the tables' owner may, anybody else is passed over in silence."""
    with owner.connect() as db:
        db.execute(text("SET statement_timeout = 0"))
        db.execute(text("ANALYZE"))
        db.commit()


def _officer(path: str) -> Actor:
    return Actor(uuid4(), uuid4(), "officer", (Grant("officer", path),), AT)


def _timed(do: Callable[[], Any]) -> float:
    began_at = time.perf_counter()
    do()
    return (time.perf_counter() - began_at) * 1000


if __name__ == "__main__":
    sys.exit(main())
