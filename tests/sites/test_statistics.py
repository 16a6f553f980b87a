"""Statistics, a branch's costs, a site's account (S13): every figure is what the tables say, nothing counted twice."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.statistics import (
    SPLITS,
    BranchCostsAsked,
    SiteAccountAsked,
    StatisticsAsked,
    StatisticsView,
)
from sites.domain.periods import before, year_before
from sites.operations import claims
from sites.queries import accounts
from sites.queries import statistics as statistics_queries
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, Branch, Site, a_branch, a_secretary, a_site, a_steward, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    VISIT,
    a_bank_file,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_auditor,
    approved,
    brings,
    confirmed,
    fresh,
    with_reason,
)

NOVEMBER = {"from_day": date(2026, 11, 1), "to_day": date(2026, 11, 30)}
LATER = CLOSED + timedelta(days=10)
SUMS = ("visits", "bookings", "heads", "no_shows", "late_cancellations", "ended", "ratings", "claims")
MONEY = ("asked_fen", "approved_fen", "paid_fen")


def counted(db: Connection, *, actor: Actor | None = None, **asked: Any) -> StatisticsView:
    return statistics_queries.statistics(
        db, asked=StatisticsAsked(**{**NOVEMBER, **asked}), actor=actor or an_auditor(), at=LATER
    )


def a_month(db: Connection) -> tuple[list[Site], list[Branch]]:
    """Three visits at two sites by two branches, one missed, one booked by a member; one claim is approved."""
    money_in_the_fund(db)
    sites = [a_site(db), a_site(db)]
    branches = [a_branch(db), a_branch(db)]
    approved(db, a_visit(db, site=sites[0], branch=branches[0], came=20))
    a_visit(db, site=sites[1], branch=branches[1], came=10, visit_at=VISIT + timedelta(days=1))
    a_visit(db, site=sites[1], branch=branches[0], came=6, visit_at=VISIT + timedelta(days=2))
    _copied(db, id=uuid4(), state="no_show", headcount=None)
    _copied(db, id=uuid4(), branch_id=None, headcount=1, checked_in=1, is_subsidised=False, subsidy_estimate_fen=0)
    db.execute(text("UPDATE sites SET town = '昆仑镇', category = 'urban' WHERE id = :id"), {"id": sites[1].id})
    return sites, branches


def _copied(db: Connection, **columns: Any) -> None:
    """Write one of the used orders once more with other columns; what follows from orders is left out."""
    db.execute(
        text(
            "INSERT INTO orders SELECT (jsonb_populate_record(o, CAST(:columns AS jsonb))).* FROM orders o"
            " WHERE o.state = 'used' ORDER BY o.starts_at LIMIT 1"
        ),
        {"columns": _json({**columns, "voucher": None})},
    )


def _json(columns: dict[str, Any]) -> str:
    return json.dumps(columns, default=str)


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "earlier"),
        [
            (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
            (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
            (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
            (("2026-11-02", "2026-11-08"), ("2026-10-26", "2026-11-01")),
            (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        ],
    )
    def test_the_one_before(self, period: tuple[str, str], earlier: tuple[str, str]) -> None:
        assert tuple(map(str, before(*map(date.fromisoformat, period)))) == earlier

    @pytest.mark.parametrize(
        ("period", "earlier"),
        [
            (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
            (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
            (("2026-11-02", "2026-11-08"), ("2025-11-02", "2025-11-08")),
        ],
    )
    def test_the_same_of_the_year_before(self, period: tuple[str, str], earlier: tuple[str, str]) -> None:
        assert tuple(map(str, year_before(*map(date.fromisoformat, period)))) == earlier


class TestStatistics:
    def test_count_what_took_place(self, db: Connection) -> None:
        a_month(db)
        total = counted(db).total
        assert (total.visits, total.bookings, total.heads) == (3, 1, 37)
        assert (total.no_shows, total.ended, total.late_cancellations) == (1, 5, 0)
        assert (total.branches_inside, total.branches_outside) == (2, 0)
        assert total.persons == 1
        assert total.claims == 2  # the third was the branch's second of the month, and is not subsidised

    def test_money_is_what_the_claims_say(self, db: Connection) -> None:
        a_month(db)
        total = counted(db).total
        rows = db.execute(text("SELECT sum(asked_fen), sum(approved_fen), sum(paid_fen) FROM claims")).one()
        assert (total.asked_fen, total.approved_fen, total.paid_fen) == (rows[0], rows[1], 0)
        assert total.approved_fen == 400_00
        assert total.cost_per_head_fen == 20_00

    @pytest.mark.parametrize("by", SPLITS)
    def test_every_split_adds_up_to_the_total(self, db: Connection, by: str) -> None:
        a_month(db)
        view = counted(db, by=by)
        for name in (*SUMS, *MONEY, "seats"):
            assert sum(getattr(row.figures, name) for row in view.rows) == getattr(view.total, name), name
        assert sum(cell.visits for cell in view.hours) == view.total.visits + view.total.bookings
        assert sum(cell.heads for cell in view.hours) == view.total.heads
        assert sum(site.heads for site in view.sites) == view.total.heads

    def test_a_branch_that_went_to_two_sites_is_one_branch(self, db: Connection) -> None:
        a_month(db)
        view = counted(db, by="site")
        assert sum(row.figures.branches_inside for row in view.rows) == 3
        assert view.total.branches_inside == 2

    def test_branches_from_outside_are_told_apart(self, db: Connection) -> None:
        a_month(db)
        outside = a_branch(db, path="9999.outside", is_external=True)
        _copied(db, id=uuid4(), branch_id=outside.id)
        total = counted(db).total
        assert (total.branches_inside, total.branches_outside) == (2, 1)

    def test_persons_that_were_named_count_once(self, db: Connection) -> None:
        a_month(db)
        member = uuid4()
        db.execute(text("UPDATE check_ins SET member_ids = ARRAY[CAST(:id AS uuid)]"), {"id": member})
        assert counted(db).total.persons == 2

    def test_what_is_excused_is_no_no_show(self, db: Connection) -> None:
        a_month(db)
        db.execute(text("UPDATE orders SET no_show_excused = true WHERE state = 'no_show'"))
        total = counted(db).total
        assert (total.no_shows, total.ended) == (0, 4)

    def test_the_periods_it_is_compared_with(self, db: Connection) -> None:
        a_month(db)
        december = counted(db, from_day=date(2026, 12, 1), to_day=date(2026, 12, 31))
        assert (december.total.visits, december.before.visits, december.year_before.visits) == (0, 3, 0)
        assert counted(db, from_day=date(2027, 11, 1), to_day=date(2027, 11, 30)).year_before.visits == 3

    def test_a_year_is_compared_with_one_and_the_same_year(self, db: Connection) -> None:
        a_month(db)
        view = counted(db, from_day=date(2027, 1, 1), to_day=date(2027, 12, 31))
        assert view.total.visits == 0
        assert view.before == view.year_before == counted(db).total

    def test_periods_that_overlap_each_count_what_is_in_both(self, db: Connection) -> None:
        a_month(db)
        view = counted(db, from_day=date(2026, 11, 1), to_day=date(2027, 12, 31))
        assert view.total == view.year_before == counted(db).total
        assert view.before.visits == 0

    def test_nothing_is_nothing(self, db: Connection) -> None:
        view = counted(db, from_day=date(2020, 1, 1), to_day=date(2020, 1, 31))
        assert (view.total.visits, view.total.cost_per_head_fen, view.total.rating) == (0, None, None)
        assert (view.rows, view.hours, view.sites) == ([], [], [])

    def test_each_sees_their_own(self, db: Connection) -> None:
        sites, branches = a_month(db)
        steward, secretary = a_steward(sites[0]), a_secretary(branches[0])
        assert [row.key for row in counted(db, actor=steward).rows] == [str(sites[0].id)]
        assert counted(db, actor=steward).total.visits == 1
        of_branch = counted(db, actor=secretary).total
        assert (of_branch.visits, of_branch.bookings, of_branch.seats) == (2, 0, None)
        elsewhere = an_actor(("officer", "9999"), name="他县")
        assert counted(db, actor=elsewhere).total.visits == 0
        with pytest.raises(Forbidden):
            counted(db, actor=an_actor(("member", DISTRICT)))

    @pytest.mark.parametrize(
        "period",
        [(date(2026, 2, 2), date(2026, 2, 1)), (date(2000, 1, 1), date(2026, 1, 1))],
    )
    def test_a_period_has_two_ends_not_too_far_apart(self, db: Connection, period: tuple[date, date]) -> None:
        with pytest.raises(InvalidInput):
            counted(db, from_day=period[0], to_day=period[1])

    @pytest.mark.parametrize(
        ("narrowed", "visits"),
        [({"town": "昆仑镇"}, 2), ({"category": "urban"}, 2), ({"kind": "party_school_point"}, 0)],
    )
    def test_filters(self, db: Connection, narrowed: dict[str, str], visits: int) -> None:
        a_month(db)
        assert counted(db, **narrowed).total.visits == visits


class TestWhatABranchCosts:
    def test_visit_by_visit_and_month_by_month(self, db: Connection) -> None:
        _sites, branches = a_month(db)
        asked = BranchCostsAsked(branch_id=branches[0].id, year=2026)
        view = accounts.branch_costs(db, asked=asked, actor=a_secretary(branches[0]), at=LATER)
        assert [visit.headcount for visit in view.visits] == [20, 6]
        assert view.asked_fen == sum(visit.asked_fen for visit in view.visits) == 400_00
        assert (view.approved_fen, view.paid_fen) == (400_00, 0)
        assert [month.month for month in view.months] == [f"2026-{number:02d}" for number in range(1, 13)]
        november = view.months[10]
        assert (november.visits, november.heads, november.asked_fen) == (2, 26, 400_00)
        assert sum(month.asked_fen for month in view.months) == view.asked_fen
        assert november.subsidised_max == 1

    def test_another_branch_is_none_of_theirs(self, db: Connection) -> None:
        _sites, branches = a_month(db)
        asked = BranchCostsAsked(branch_id=branches[0].id, year=2026)
        with pytest.raises(Forbidden):
            accounts.branch_costs(db, asked=asked, actor=a_secretary(branches[1]), at=LATER)
        with pytest.raises(NotFound):
            accounts.branch_costs(db, asked=BranchCostsAsked(uuid4()), actor=an_auditor(), at=LATER)


class TestWhatASiteEarned:
    def test_earned_cut_paid_and_to_come(self, db: Connection, tmp_path: Any) -> None:
        money_in_the_fund(db)
        site = a_site(db)
        a_payee(db, site)
        paid, rejected, waits = (a_visit(db, site=site, visit_at=VISIT + timedelta(hours=3 * n)) for n in range(3))
        batch = an_approved_batch(db, paid, at=LATER)
        brings(db, tmp_path, batch, a_bank_file(batch))
        confirmed(db, rejected, at=LATER)
        claims.reject(db, asked=with_reason(rejected, "重复申报"), actor=fresh(a_preparer(), LATER), at=LATER)
        view = accounts.site_account(db, asked=SiteAccountAsked(site.id, 2026), actor=a_steward(site), at=LATER)
        assert (view.asked_fen, view.approved_fen, view.cut_fen) == (1200_00, 400_00, 400_00)
        assert (view.paid_fen, view.waiting_fen) == (400_00, 400_00)
        by_claim = {one.claim_id: one for one in view.claims}
        assert by_claim[paid.claim_id].batch_number == batch.number
        assert by_claim[paid.claim_id].paid_at == CLOSED
        assert by_claim[rejected.claim_id].reason == "重复申报"
        assert by_claim[waits.claim_id].due_at is not None

    def test_a_steward_sees_no_other_site(self, db: Connection) -> None:
        site, other = a_site(db), a_site(db)
        with pytest.raises(Forbidden):
            accounts.site_account(db, asked=SiteAccountAsked(site.id), actor=a_steward(other), at=LATER)
