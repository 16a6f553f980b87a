"""The health check of a district and of a province, and what follows from it.

`python -m tests.benchmarks.lights [province [DISTRICTS]]`

district   1 800 branches under 13 towns, 48 000 members
province   a hundred such districts (or DISTRICTS of them), only when it is asked for
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from assessment.domain.months import Month
from assessment.operations import bulletins, lights, simulations, slips, supervision_pdf
from assessment.queries import bulletins as shown
from assessment.queries import burden, cards, followers, light_board, problems, records, reviews, tasks
from assessment.queries import lights as seen_lights
from assessment.queries import slips as shown_slips
from chassis.database import connect
from contracts.assessment.bulletins import BulletinAsked, BulletinLine, BulletinView, DailyListAsked, DraftBulletin
from contracts.assessment.burden import BurdenOverviewAsked
from contracts.assessment.cards import CardBoardAsked, CardsAsked
from contracts.assessment.lights import LightAsked, LightBoardAsked, LightsAsked
from contracts.assessment.problems import ProblemCountsAsked, ProblemsAsked
from contracts.assessment.records import RecordsAsked
from contracts.assessment.reviews import ReviewsAsked
from contracts.assessment.slips import SlipCountsAsked, SlipsAsked
from contracts.assessment.tasks import TasksAsked
from local.testing import create_service_database, drop_database, test_servers
from sqlalchemy import Connection, text

from tests.benchmarks.task_lists import _TREE, _officer, _timed, analyse
from tests.conftest import _template_of

NOW: Final = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
NEXT_DAY: Final = datetime(2026, 12, 22, 1, 0, tzinfo=UTC)
OVER: Final = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)

# Two in three branches held what they hold each month; one member in twenty owes dues; six tasks a branch.
_FACTS: Final = """
INSERT INTO rolls (branch_id, version) SELECT id, 1 FROM organisations WHERE kind = 'branch';
INSERT INTO members (branch_id, person_id, name, status, state, party_group, joined_on, facts)
SELECT o.id, gen_random_uuid(), '党员', 'full', 'active', '第一党小组', '2001-07-01', '[]'
  FROM organisations o, generate_series(1, 27) g WHERE o.kind = 'branch' AND (g < 27 OR o.code LIKE '%0');
INSERT INTO standings (branch_id, version, breaches) SELECT branch_id, 1, '{}' FROM rolls;
INSERT INTO unpaid_dues (branch_id, person_id, month)
SELECT branch_id, person_id, '2026-12' FROM members WHERE get_byte(uuid_send(person_id), 0) < 13;
INSERT INTO activities (id, branch_id, kind, state, held_on, subject, attended, recorded_at, version)
SELECT gen_random_uuid(), o.id, k.kind, 'held', make_date(2026, m, 12), '活动', 20, make_date(2026, m, 13), 1
  FROM organisations o, generate_series(1, 12) m,
       unnest(ARRAY['theme_day', 'committee_meeting', 'group_meeting', 'monthly_study']) k (kind)
 WHERE o.kind = 'branch' AND get_byte(uuid_send(o.id), 1) < 170;
INSERT INTO tasks (branch_id, month, item_id, list_code, due_on, is_required, state, done_on, done_at, done_by)
SELECT o.id, '2026-12', i.id, 'basic_tasks', '2026-12-25', true, 'done', '2026-12-10', '2026-12-10', 'record'
  FROM organisations o, (SELECT id FROM list_items ORDER BY id LIMIT 6) i WHERE o.kind = 'branch';
INSERT INTO problems (id, organisation_id, kind, text, found_on, source, source_id, state, registered_at)
SELECT gen_random_uuid(), o.id, k.code, '记录不全', DATE '2026-12-01' - g * 20, 'spot_check', gen_random_uuid(), 'open',
       '2026-12-01'
  FROM organisations o, generate_series(1, 5) g, (SELECT min(code) AS code FROM problem_kinds) k
 WHERE o.kind = 'branch';
INSERT INTO cards (id, problem_id, source, organisation_id, first_colour, colour, state, secretary_name, given_on,
                   deadline)
SELECT gen_random_uuid(), id, source, organisation_id, 'yellow', 'yellow', 'standing', '张三', found_on, found_on + 30
  FROM problems WHERE get_byte(uuid_send(id), 0) < 26
"""
"""Five problems a branch, one in ten with a card."""


def main() -> int:
    """Measure the district, and the province when it is asked for; print milliseconds."""
    asked = sys.argv[1:]
    sizes = {"district": 1}
    if "province" in asked:
        sizes["province"] = next((int(word) for word in asked if word.isdecimal()), 100)
    measured = {name: _measure(districts) for name, districts in sizes.items()}
    print(f"{'ms':52}" + "".join(f"{f'{name} ({sizes[name]})':>16}" for name in sizes))
    for row in measured["district"]:
        print(f"{row:52}" + "".join(f"{figures[row]:16.1f}" for figures in measured.values()))
    return 0


def _measure(districts: int) -> dict[str, float]:
    servers = test_servers()
    name = f"bench_lights_{os.getpid()}"
    create_service_database("assessment", database=name, template=_template_of(servers, "assessment"))
    engine = connect(servers.service_url("assessment", database=name), service="assessment", lock_timeout_ms=30_000)
    owner = connect(servers.owner_url("assessment", database=name), service="assessment")
    try:
        with engine.begin() as db:
            db.execute(text("SET LOCAL statement_timeout = 0"))
            for statement in filter(str.strip, f"{_TREE};{_FACTS}".split(";")):
                db.execute(text(statement), {"districts": districts} if ":districts" in statement else {})
        analyse(owner)
        with engine.connect() as db:
            db.execute(text("SET statement_timeout = 0"))
            db.commit()
            branch = db.execute(text("SELECT id FROM organisations WHERE kind = 'branch' LIMIT 1")).scalar_one()
            return {
                "read and store every light, the first time": _timed(lambda: _light_all(db, NOW)),
                "let the planner know of them": _timed(lambda: analyse(owner)),
                "read and store every light, the next night": _timed(lambda: _light_all(db, NEXT_DAY)),
                **_pages(db, branch),
                "find that there is nothing to read": _timed(lambda: lights.light_all(db, at=NEXT_DAY)),
                "one branch after a fact, its members too": _timed(
                    lambda: lights.light_branch(db, branch_id=branch, at=NEXT_DAY)
                ),
                "fifty branches that are told of together": _timed(lambda: _told(db, NEXT_DAY)),
                "the board of a district by town": _timed(
                    lambda: light_board.board(db, asked=LightBoardAsked(), actor=_officer("p.d1"), at=NEXT_DAY)
                ),
                "the board of everything": _timed(
                    lambda: light_board.board(db, asked=LightBoardAsked(), actor=_officer("p"), at=NEXT_DAY)
                ),
                "other numbers tried on a district": _timed(lambda: _simulate(db)),
                "freeze the month": _timed(lambda: _freeze(_known_since_december(db))),
                "tell of the slips that nobody answered": _timed(lambda: _escalate(db)),
                "draft the month's bulletin of a district": _timed(lambda: _draft(db)),
                "draw it as PDF": _timed(lambda: supervision_pdf.bulletin(*_drafted(db))),
            }
    finally:
        engine.dispose()
        owner.dispose()
        drop_database(name)


def _pages(db: Connection, branch_id: UUID) -> dict[str, float]:
    """Measure what a page of fifty costs an officer of one district, and a branch's own pages."""
    officer, at = _officer("p.d1"), NEXT_DAY
    pages: dict[str, Callable[[], Any]] = {
        "a page of lights": lambda: seen_lights.lights_below(db, asked=LightsAsked(limit=50), actor=officer, at=at),
        "a page of red lights": lambda: seen_lights.lights_below(
            db, asked=LightsAsked(light="red", limit=50), actor=officer, at=at
        ),
        "a branch's own light": lambda: seen_lights.light(db, asked=LightAsked(branch_id), actor=_officer("p"), at=at),
        "a page of the daily list": lambda: followers.daily_list(
            db, asked=DailyListAsked(limit=50), actor=officer, at=at
        ),
        "a page of slips": lambda: shown_slips.slips_asked(db, asked=SlipsAsked(state="open"), actor=officer, at=at),
        "the counts of slips": lambda: shown_slips.counts(db, asked=SlipCountsAsked(), actor=officer, at=at),
        "a page of problems": lambda: problems.problems_asked(db, asked=ProblemsAsked(), actor=officer, at=at),
        "the counts of problems": lambda: problems.counts(db, asked=ProblemCountsAsked(), actor=officer, at=at),
        "a page of cards": lambda: cards.cards_asked(db, asked=CardsAsked(), actor=officer, at=at),
        "the board of cards": lambda: cards.board(db, asked=CardBoardAsked(), actor=officer, at=at),
        "a page of tasks": lambda: tasks.tasks_asked(db, asked=TasksAsked(limit=50), actor=officer, at=at),
        "a page of a branch's records": lambda: records.records_of(
            db, asked=RecordsAsked(branch_id, limit=50), actor=_officer("p"), at=at
        ),
        "the burden of a district": lambda: burden.overview(db, asked=BurdenOverviewAsked(), actor=officer, at=at),
        "a page of reviews": lambda: reviews.reviews_asked(db, asked=ReviewsAsked(limit=50), actor=officer, at=at),
    }
    for page in pages.values():
        page()  # its statement is compiled once in a process
    return {name: _timed(page) for name, page in pages.items()}


def _light_all(db: Connection, at: datetime) -> None:
    while lights.light_all(db, at=at) == lights.BATCH:
        db.commit()
    db.commit()


def _freeze(db: Connection) -> None:
    """Freeze December alone: nobody is known to have been there before."""
    while lights.freeze(db, at=OVER) == lights.BATCH:
        db.commit()
    db.commit()


def _told(db: Connection, at: datetime) -> None:
    """Hear of fifty branches in one transaction: of the tree, the roll and the standing of each."""
    with lights.lit_together(db):
        fifty = list(db.scalars(text("SELECT id FROM organisations WHERE kind = 'branch' LIMIT 50")))
        for branch_id in fifty * 3:
            lights.light_branch(db, branch_id=branch_id, at=at)
    db.commit()


def _escalate(db: Connection) -> None:
    while slips.escalate(db, at=OVER) == slips.BATCH:
        db.commit()
    db.commit()


def _draft(db: Connection) -> None:
    district = db.execute(text("SELECT id FROM organisations WHERE path = 'p.d1'")).scalar_one()
    asked = DraftBulletin(kind="monthly", period="2026-12", organisation_id=district)
    bulletins.draft(db, asked=asked, actor=_officer("p.d1"), at=OVER)
    db.commit()


def _drafted(db: Connection) -> tuple[BulletinView, list[BulletinLine]]:
    bulletin_id = db.execute(text("SELECT id FROM bulletins")).scalar_one()
    view = shown.bulletin(db, asked=BulletinAsked(bulletin_id), actor=_officer("p.d1"))
    return view, shown.all_lines(db, bulletin_id)


def _known_since_december(db: Connection) -> Connection:
    db.execute(text("UPDATE organisations SET known_since = '2026-12-01T00:00+08:00'"))
    db.commit()
    return db


def _simulate(db: Connection) -> None:
    simulations.simulate(
        db,
        check="MonthlyThemeDay",
        numbers={"due_day": 10, "yellow_from_day": 5},
        month=Month(2026, 12),
        paths=["p.d1"],
        at=NEXT_DAY,
    )


if __name__ == "__main__":
    sys.exit(main())
