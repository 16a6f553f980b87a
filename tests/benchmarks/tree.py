"""The tree, its search and its findings at the size of a district and of a province: `python -m tests.benchmarks.tree`.

    district   1 800 branches under 13 towns, 48 000 members
    province   a hundred such districts; only with `province` as an argument, it takes minutes and some gigabytes

Rows are made set-wise in SQL, with triggers off; of the province's people nothing but the membership is made.
"""

import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg2
from chassis.actors import Actor, Grant
from chassis.database import connect
from contracts.roster.findings import FindingCountsAsked, FindingsListed
from contracts.roster.organisations import OrganisationsAsked, TreeAsked
from local.testing import create_service_database, drop_database, test_servers
from roster.operations import finding_checks, findings, members
from roster.queries import findings as found
from roster.queries import organisations, tree
from sqlalchemy import Connection, text

from tests.conftest import _template_of

AT: Final = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
RUNS: Final = 7

_TREE: Final = """
SET session_replication_role = replica;
INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
VALUES (gen_random_uuid(), 'p', '中共某省委员会', 'committee', 'government', 'p', NULL);
INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
SELECT gen_random_uuid(), 'd' || d, '中共第' || d || '区委员会', 'committee', 'government', 'p.d' || d, p.id
  FROM organisations p, generate_series(1, %(districts)s) d WHERE p.code = 'p';
INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
SELECT gen_random_uuid(), p.code || 't' || t, '第' || t || '镇委员会', 'committee', 'government',
       p.path || '.' || p.code || 't' || t, p.id
  FROM organisations p, generate_series(1, 13) t WHERE p.code LIKE 'd%%';
INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
SELECT gen_random_uuid(), p.code || 'b' || b, substr(md5(p.code || b), 1, 4) || '村' || b || '党支部', 'branch',
       (ARRAY['rural', 'community', 'government', 'school', 'private'])[1 + b %% 5],
       p.path || '.' || p.code || 'b' || b, p.id
  FROM (SELECT *, row_number() OVER (PARTITION BY split_part(path, '.', 2) ORDER BY path) AS place
          FROM organisations WHERE path LIKE 'p.d%%.%%') p,
       generate_series(1, 139) b WHERE (p.place - 1) * 139 + b <= 1800;
INSERT INTO organisation_history (organisation_id, version, name, kind, field, parent_id, path, changed_at,
                                  effective_on)
SELECT id, 0, name, kind, field, parent_id, path, '2026-01-01', '2026-01-01' FROM organisations;
"""
# 26 or 27 members a branch; each tenth branch has two, each seventh has no groups, none has a committee.
_MEMBERS: Final = """
SET session_replication_role = replica;
INSERT INTO members (person_id, branch_id, status, since, party_group)
SELECT gen_random_uuid(), o.id, CASE WHEN n %% 20 = 0 THEN 'probationary' ELSE 'full' END, '2026-01-01',
       CASE WHEN o.number %% 7 <> 0 THEN (n / 9)::text || '组' END
  FROM (SELECT id, row_number() OVER (ORDER BY path) AS number FROM organisations WHERE kind = 'branch') o,
       generate_series(1, CASE WHEN o.number %% 10 = 0 THEN 2 ELSE 29 + (o.number %% 3 = 0)::int END) n;
UPDATE organisations o SET members_full = c.f, members_probationary = c.p
  FROM (SELECT branch_id, count(*) FILTER (WHERE status = 'full') f,
               count(*) FILTER (WHERE status = 'probationary') p FROM members GROUP BY branch_id) c
 WHERE c.branch_id = o.id;
"""


def main() -> int:
    """Measure the district, and the province when it is asked for; print milliseconds and the ratio."""
    # Made past the operations, everything is new to the first check, which would say so of each part.
    logging.disable(logging.ERROR)
    sizes = {"district": 1} | ({"province": 100} if "province" in sys.argv[1:] else {})
    measured = {name: _measure(districts) for name, districts in sizes.items()}
    print(f"{'median of ' + str(RUNS) + ', ms':44}" + "".join(f"{name:>12}" for name in sizes) + "       ratio")
    for row in measured["district"]:
        values = [figures[row] for figures in measured.values()]
        ratio = f"{values[-1] / values[0]:10.1f}x" if len(values) > 1 else ""
        print(f"{row:44}" + "".join(f"{value:12.1f}" for value in values) + ratio)
    return 0


def _measure(districts: int) -> dict[str, float]:
    servers = test_servers()
    name = f"roster_bench_{os.getpid()}_{districts}"
    create_service_database("roster", database=name, template=_template_of(servers, "roster"))
    try:
        _fill(servers.superuser_url_of(name), districts=districts)
        engine = connect(servers.service_url("roster", database=name), service="roster", lock_timeout_ms=30_000)
        with engine.connect() as db:
            figures = _figures(db)
        engine.dispose()
        return figures
    finally:
        drop_database(name)


def _fill(url: str, *, districts: int) -> None:
    began = time.monotonic()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statements in (_TREE, _MEMBERS):
            cursor.execute(statements, {"districts": districts})
        cursor.execute("VACUUM ANALYZE organisations, organisation_history, members")
        cursor.execute("SELECT count(*) FILTER (WHERE kind = 'branch'), sum(members_full + members_probationary)"
                       " FROM organisations")  # fmt: skip
        branches, total = cursor.fetchone() or (0, 0)
    connection.close()
    print(f"{branches} branches, {total} members, made in {time.monotonic() - began:.0f} s", flush=True)


def _vacuum(db: Connection) -> None:
    """Do at once what autovacuum does within minutes of such a load."""
    connection = psycopg2.connect(test_servers().superuser_url_of(str(db.engine.url.database)))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE findings, organisations, members")
    connection.close()


def _figures(db: Connection) -> dict[str, float]:
    ids: dict[str, UUID] = dict(
        tuple(row)
        for row in db.execute(text("SELECT code, id FROM organisations WHERE code IN ('p', 'd1', 'd1t1', 'd1t2')"))
    )
    officer = Actor(uuid4(), uuid4(), "x", (Grant("officer", "p"),), AT)
    today = AT.date()
    figures: dict[str, float] = {}

    def row(name: str, act: Callable[[], Any], runs: int = RUNS) -> Any:
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            answer = act()
            times.append((time.perf_counter() - began) * 1000)
        figures[name] = statistics.median(times)
        print(f"  {name:44}{figures[name]:12.1f}", flush=True)
        return answer

    db.commit()
    row("check of everything, all findings new", lambda: finding_checks.check_all(db, at=AT), runs=1)
    db.commit()
    _vacuum(db)
    row("check of everything again", lambda: finding_checks.check_all(db, at=AT), runs=1)
    district = list(
        db.execute(text("SELECT id FROM organisations WHERE path LIKE 'p.d1.%' AND kind = 'branch'")).scalars()
    )
    row("re-check of one district (1 800 branches)", lambda: findings.recheck(db, district, at=AT), runs=3)
    db.rollback()
    person, elsewhere = db.execute(
        text(
            "SELECT m.person_id, (SELECT id FROM organisations WHERE code = 'd1t2b1') FROM members m"
            " JOIN organisations o ON o.id = m.branch_id WHERE o.code = 'd1t1b1' LIMIT 1"
        )
    ).one()
    db.execute(text("INSERT INTO people (id, name) VALUES (:id, '某人')"), {"id": person})
    db.commit()
    one = [db.execute(text("SELECT id FROM organisations WHERE code = 'd1t1b1'")).scalar_one()]
    row("re-check of one branch", lambda: findings.recheck(db, one, at=AT))

    def move_and_back() -> None:
        members.transfer(db, person, branch_id=elsewhere, at=AT)
        db.rollback()

    row("one move, told and re-checked", move_and_back)
    row("tree: the root's page", lambda: tree.under(db, TreeAsked(ids["p"]), actor=officer, today=today))
    row("tree: a district's page", lambda: tree.under(db, TreeAsked(ids["d1"]), actor=officer, today=today))
    row(
        "tree: a town's page (139 branches)", lambda: tree.under(db, TreeAsked(ids["d1t1"]), actor=officer, today=today)
    )
    row(
        "tree: a town's page as at another day",
        lambda: tree.under(db, TreeAsked(ids["d1t1"], on=today.replace(month=6)), actor=officer, today=today),
    )
    for name, q in (
        ("a word that all have", "党支部"),
        ("two letters", "a7"),
        ("a code", "d1t1b7"),
        ("nothing", "无此村"),
    ):
        row(
            f"search: {name}",
            lambda q=q: organisations.page(db, OrganisationsAsked(q=q, limit=50), actor=officer),  # type: ignore[misc]
        )
    row(
        "search: with findings",
        lambda: organisations.page(db, OrganisationsAsked(finding="any", limit=50), actor=officer),
    )
    row("findings: first page of a district", lambda: found.page(db, FindingsListed(ids["d1"]), actor=officer))
    page = found.page(db, FindingsListed(ids["p"]), actor=officer)
    row("findings: first page of everything", lambda: found.page(db, FindingsListed(ids["p"]), actor=officer))
    row(
        "findings: second page of everything",
        lambda: found.page(db, FindingsListed(ids["p"], cursor=page.next), actor=officer),
    )
    row(
        "findings: of one rule",
        lambda: found.page(db, FindingsListed(ids["p"], rule="enough-full-members"), actor=officer),
    )
    row("findings: counts of a district", lambda: found.counts(db, FindingCountsAsked(ids["d1"]), actor=officer))
    row("findings: counts of everything", lambda: found.counts(db, FindingCountsAsked(ids["p"]), actor=officer))
    return figures


if __name__ == "__main__":
    sys.exit(main())
