"""What past months would have come to under another policy (S9)."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.files import FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.policies import ReplayPolicy, ReplaysAsked
from sites.domain.replays import PastVisit, Replay
from sites.domain.subsidy import Heads
from sites.operations import policy_replays
from sites.operations.bank_files import rows_of
from sites.queries.policies import version_or_draft
from sites.queries.policy_replays import replay, replay_for, replays
from sqlalchemy import Connection, text

from tests.sites.articles import NOON, a_branch, a_site, money_in_the_fund
from tests.sites.money import VISIT, a_payee, a_preparer, a_visit, an_auditor, approved
from tests.sites.policies import a_draft


def asks(db: Connection, policy_id: UUID, first: str = "2026-11", last: str = "2026-11") -> Any:
    asked = ReplayPolicy(policy_id, first, last)
    return policy_replays.ask(db, asked=asked, actor=a_preparer(), at=NOON)


def runs(db: Connection, files: FileStore, replay_id: UUID) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """Do the job as *work* does it; returns its result and the progress that was told."""
    params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": replay_id}).scalar_one()
    told: list[tuple[int, int]] = []
    policy_replays.run(
        db, files, replay_id=replay_id, params=params, progress=lambda done, total: told.append((done, total))
    )
    result = replay(db, replay_id).result
    assert result is not None
    return result, told


class TestAMonth:
    def test_shows_what_would_change_where(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        near, far = a_site(db, town="昆仑镇", name="近处"), a_site(db, town="寨里镇", name="=远处")
        for site in (near, far):
            a_payee(db, site)
        visits = [a_visit(db, site=near, visit_at=VISIT + timedelta(hours=2 * number)) for number in range(3)]
        approved(db, visits[0])
        a_visit(db, site=far, came=4, visit_at=VISIT + timedelta(hours=8))  # too few: nothing due, before and after
        draft = a_draft(db, per_head_fen=20_00, visit_cap_fen=500_00, site_month_cap_fen=1200_00)
        result, told = runs(db, FileStore(tmp_path), asks(db, draft.id).id)
        assert told[0] == (0, 4)
        assert {name: result[name] for name in ("visits", "changed", "before_fen", "after_fen", "capped")} == {
            "visits": 4,
            "changed": 3,
            "before_fen": 1200_00,
            "after_fen": 1200_00,
            "capped": {"visit_cap": 3},
        }
        assert [(row["name"], row["visits"]) for row in result["by_month"]] == [("2026-11", 4)]
        assert {row["name"]: row["after_fen"] for row in result["by_town"]} == {"昆仑镇": 1200_00, "寨里镇": 0}

        stored = result["files"]
        with FileStore(tmp_path).open(stored["csv"]["sha256"]) as file:
            rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
        assert len(rows) == 5
        assert [row[7] for row in rows[1:4]] == ["100.00", "100.00", "-200.00"]
        assert rows[3][8] == "单次上限"
        assert rows[4][1] == "'=远处"  # never a formula
        with FileStore(tmp_path).open(stored["xlsx"]["sha256"]) as file:
            cells = rows_of(file)
        assert [float(row[6]) for row in cells[1:]] == [500, 500, 200, 0]

    def test_other_reasons_to_pay_nothing_stay(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        branch = a_branch(db)
        a_visit(db, branch=branch)
        a_visit(db, branch=branch, visit_at=VISIT + timedelta(days=1))  # the month's second
        draft = a_draft(db, per_visit_fen=300_00)
        result, _told = runs(db, FileStore(tmp_path), asks(db, draft.id).id)
        assert (result["visits"], result["after_fen"]) == (1, 500_00)

    def test_the_policy_in_force_changes_nothing(self, db: Connection, tmp_path: Path) -> None:
        money_in_the_fund(db)
        for came in (5, 20, 33):
            a_visit(db, party_size=40, came=came)
        in_force = db.execute(text("SELECT id FROM policies")).scalar_one()
        result, _told = runs(db, FileStore(tmp_path), asks(db, in_force, "2026-01", "2026-12").id)
        assert (result["visits"], result["changed"]) == (3, 0)
        assert result["before_fen"] == result["after_fen"]

    def test_no_visits_make_an_empty_answer(self, db: Connection, tmp_path: Path) -> None:
        result, _told = runs(db, FileStore(tmp_path), asks(db, a_draft(db).id).id)
        assert (result["visits"], result["by_site"]) == (0, [])


def test_a_replay_is_seen_by_those_who_weigh_policies(db: Connection, tmp_path: Path) -> None:
    draft = a_draft(db)
    asked = asks(db, draft.id)
    assert (asked.state, asked.policy_name) == ("waiting", "试行办法")
    runs(db, FileStore(tmp_path), asked.id)
    listed = replays(db, ReplaysAsked(draft.id), actor=an_auditor()).items
    assert [one.id for one in listed] == [asked.id]
    assert "by_site" not in listed[0].result
    with pytest.raises(NotFound):
        replay_for(db, uuid4(), actor=an_auditor())


@pytest.mark.parametrize(("first", "last"), [("2026-11", "2026-10"), ("2020-01", "2026-01")])
def test_a_period_that_is_none_is_told_at_its_field(db: Connection, first: str, last: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asks(db, a_draft(db).id, first, last)
    assert list(refused.value.errors) == ["last_month"]


def test_the_year_s_share_of_a_fund_runs_out(db: Connection) -> None:
    fund = uuid4()
    draft = a_draft(db, fund_share_percent=50)
    played = Replay(version_or_draft(db, draft.id), {(fund, 2026): 1000_00})
    visit = PastVisit(
        order_id=uuid4(),
        visit_on=date(2026, 11, 3),
        site_id=uuid4(),
        site_name="近处",
        town="昆仑镇",
        kind="education_base",
        category="rural",
        star=None,
        grade=None,
        branch_id=uuid4(),
        branch_name="支部",
        fund_id=fund,
        heads=Heads(20, 20, 20),
        before_fen=400_00,
    )
    assert [played.add(visit).amount_fen for _ in range(3)] == [400_00, 100_00, 0]
    assert played.result()["capped"] == {"fund_share": 2}
