"""Quotas of orders and minutes, appeals against no-shows, recurring orders, calendar feeds (S6)."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.explanations import BookingAsked
from contracts.sites.quotas import AppealNoShow, AppealsAsked, DecideAppeal, QuotasAsked, QuotaUseAsked, SetQuota
from contracts.sites.series import PlaceSeries
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.claims import OwnSiteOrBranch
from sites.domain.quotas import AppealDecided, AppealFiled, NotANoShow, QuotaFull
from sites.domain.series import occurrences
from sites.operations import appeals, feeds, orders, quotas, seat_proof
from sites.operations.series import place_series
from sites.queries import explanations
from sites.queries import feeds as feed_queries
from sites.queries import quotas as quota_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    money_in_the_fund,
    place,
    seats_taken,
)

DAY = timedelta(days=1)
OFFICER = an_actor(("officer", DISTRICT), name="组织部")


def a_quota(db: Connection, **changed: Any) -> Any:
    asked = {
        "effective_from": date(2026, 1, 1),
        "holder": "branch",
        "counts": "orders",
        "period": "week",
        "most": 1,
        "citation": "〔2026〕9号",
    }
    return quotas.set_quota(db, asked=SetQuota(**{**asked, **changed}), actor=OFFICER)


A_QUOTA = SetQuota(date(2026, 1, 1), "branch", "orders", "week", 1, "〔2026〕9号")


def missed(db: Connection, branch: Branch, *, days: int) -> Any:
    slot = a_slot(db, starts_at=NOON + days * DAY)
    return a_placed_order(db, slot=slot, branch=branch)[0]


class TestQuota:
    def test_is_set_by_who_oversees_all_whom_it_binds(self, db: Connection) -> None:
        branch = a_branch(db)
        a_branch(db, path="3701.370102.branch", is_external=True)
        with pytest.raises(Forbidden):
            quotas.set_quota(db, asked=A_QUOTA, actor=an_actor(("officer", f"{DISTRICT}.other-town")))
        with pytest.raises(Forbidden):
            quotas.set_quota(db, asked=A_QUOTA, actor=a_secretary(branch))
        assert quotas.set_quota(db, asked=A_QUOTA, actor=OFFICER).most == A_QUOTA.most

    def test_counts_the_orders_of_a_week(self, db: Connection) -> None:
        a_quota(db)
        branch = a_branch(db)  # NOON is a Tuesday
        a_placed_order(db, slot=a_slot(db, starts_at=NOON + 1 * DAY), branch=branch)
        with pytest.raises(QuotaFull) as refused:
            a_placed_order(db, slot=a_slot(db, starts_at=NOON + 5 * DAY), branch=branch)
        assert refused.value.params == {"most": 1, "counts": "orders", "period": "week"}
        a_placed_order(db, slot=a_slot(db, starts_at=NOON + 6 * DAY), branch=branch)

    def test_counts_minutes_and_only_of_its_days(self, db: Connection) -> None:
        a_quota(db, counts="minutes", period="month", most=119, effective_until=date(2026, 12, 1))
        branch = a_branch(db)
        a_placed_order(db, slot=a_slot(db), branch=branch)
        slot = a_slot(db, starts_at=NOON + 2 * DAY)
        found = explanations.booking(db, BookingAsked(slot.id, 20, branch.id), actor=a_secretary(branch), at=NOON)
        (rule,) = [rule for rule in found.rules if rule.rule == "quota"]
        assert (rule.passes, rule.code, rule.inputs["used"], rule.inputs["wanted"]) == (False, "quota-full", 60, 60)
        with pytest.raises(QuotaFull):
            a_placed_order(db, slot=slot, branch=branch)
        a_placed_order(db, slot=a_slot(db, starts_at=NOON + 30 * DAY), branch=branch)

    def test_binds_members_where_one_is_set_for_them(self, db: Connection) -> None:
        member = an_actor(("member", DISTRICT))
        a_quota(db, holder="member", period="day")
        place(db, an_order(a_slot(db), party_size=1), actor=member)
        with pytest.raises(QuotaFull):
            place(db, an_order(a_slot(db, starts_at=NOON + DAY + timedelta(hours=2)), party_size=1), actor=member)

    def test_is_set_by_an_officer_with_its_source(self, db: Connection) -> None:
        made = a_quota(db)
        assert made in quota_queries.quotas(db, QuotasAsked(), actor=OFFICER).items
        with pytest.raises(Forbidden):
            quotas.set_quota(
                db,
                asked=SetQuota(date(2026, 1, 1), "branch", "orders", "day", 1, "x"),
                actor=a_secretary(a_branch(db)),
            )
        with pytest.raises(InvalidInput):
            a_quota(db, effective_until=date(2026, 1, 1))


class TestAppeal:
    def test_that_is_granted_ends_confirmation_by_hand(self, db: Connection) -> None:
        branch = a_branch(db)
        secretary = a_secretary(branch)
        first, _second = missed(db, branch, days=1), missed(db, branch, days=2)
        then = NOON + 3 * DAY
        slot = a_slot(db, starts_at=then + DAY)
        assert place(db, an_order(slot, branch=branch), actor=secretary, at=then)["state"] == "placed"
        filed = appeals.appeal(db, asked=AppealNoShow(first, "大雪封路"), actor=secretary, at=then)
        assert (filed.state, filed.branch_name) == ("filed", branch.name)
        with pytest.raises(AppealFiled):
            appeals.appeal(db, asked=AppealNoShow(first, "再次申诉"), actor=secretary, at=then)
        (seen,) = quota_queries.appeals(db, AppealsAsked(state="filed"), actor=OFFICER).items
        assert seen == filed
        with pytest.raises(Forbidden):
            appeals.decide(db, asked=DecideAppeal(first, True, "自批"), actor=secretary, at=then)
        decided = appeals.decide(db, asked=DecideAppeal(first, True, "属实"), actor=OFFICER, at=then)
        assert (decided.state, decided.decision) == ("excused", "属实")
        with pytest.raises(AppealDecided):
            appeals.decide(db, asked=DecideAppeal(first, False, "改判"), actor=OFFICER, at=then)
        slot = a_slot(db, starts_at=then + 2 * DAY)
        assert place(db, an_order(slot, branch=branch), actor=secretary, at=then)["state"] == "confirmed"

    def test_that_is_granted_after_the_party_turned_out_to_have_come_changes_nothing(self, db: Connection) -> None:
        branch = a_branch(db)
        order_id = missed(db, branch, days=1)
        then = NOON + 2 * DAY
        appeals.appeal(db, asked=AppealNoShow(order_id, "到了，设备没有网络"), actor=a_secretary(branch), at=then)
        db.execute(text("UPDATE orders SET state = 'confirmed', checked_in = 20 WHERE id = :id"), {"id": order_id})
        assert appeals.decide(db, asked=DecideAppeal(order_id, True, "属实"), actor=OFFICER, at=then).state == "excused"

    @pytest.mark.parametrize("hat", ["member", "secretary", "steward"])
    def test_is_not_decided_by_who_belongs_to_the_branch_or_keeps_the_site(self, db: Connection, hat: str) -> None:
        branch = a_branch(db)
        slot = a_slot(db, starts_at=NOON + DAY)
        order_id, secretary = a_placed_order(db, slot=slot, branch=branch)
        appeals.appeal(db, asked=AppealNoShow(order_id, "大雪封路"), actor=secretary, at=NOON + 2 * DAY)
        own = slot.site.path if hat == "steward" else branch.path
        both = an_actor(("officer", DISTRICT), (hat, own))
        with pytest.raises(OwnSiteOrBranch):
            appeals.decide(db, asked=DecideAppeal(order_id, True, "属实"), actor=both, at=NOON + 2 * DAY)

    def test_needs_a_no_show(self, db: Connection) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        with pytest.raises(NotANoShow):
            appeals.appeal(db, asked=AppealNoShow(order_id, "没有"), actor=secretary, at=NOON)


class TestSeries:
    def a_series(self, db: Connection, branch: Branch, slot: Any, **changed: Any) -> Any:
        asked = {"every": "week", "times": 4, "dry_run": False, **changed}
        series = PlaceSeries(slot.id, branch.id, 20, "李书记", "13853312345", **asked)
        return place_series(db, asked=series, actor=a_secretary(branch), at=NOON)

    def test_answers_for_each_date_and_skips_conflicts(self, db: Connection) -> None:
        db.execute(text("UPDATE quota_rules SET open_orders_max = 10"))
        site = a_site(db)
        slots = [a_slot(db, site=site, starts_at=NOON + DAY + timedelta(weeks=week)) for week in (0, 1, 3)]
        other, others = a_placed_order(db, slot=slots[1], party_size=50)
        branch = a_branch(db)
        dry = self.a_series(db, branch, slots[0], dry_run=True)
        assert [item.status for item in dry.items] == [201, 409, 404, 201]
        assert seats_taken(db, slots[0]) == 0
        done = self.a_series(db, branch, slots[0])
        assert [item.code for item in done.items] == [None, "slot-full", "not-found", None]
        assert (done.placed, [seats_taken(db, slot) for slot in slots]) == (2, [20, 50, 20])
        assert orders.cancel(db, order_id=other, reason="x", actor=others, at=NOON).state == "cancelled"
        assert seat_proof.slots_differing(db) == []

    def test_ends_where_the_quota_does(self, db: Connection) -> None:
        site = a_site(db)
        slots = [a_slot(db, site=site, starts_at=NOON + DAY + timedelta(weeks=week)) for week in range(4)]
        done = self.a_series(db, a_branch(db), slots[0])
        assert [item.code for item in done.items] == [None, None, "quota-reached", "quota-reached"]

    def test_takes_all_its_slots_before_branch_and_fund(self, database: Engine) -> None:
        with database.begin() as db:
            db.execute(text("UPDATE quota_rules SET open_orders_max = 10"))
            money_in_the_fund(db)
            site = a_site(db)
            slots = [
                a_slot(db, site=site, seats=200, starts_at=NOON + DAY + timedelta(weeks=week)) for week in range(4)
            ]
            branches = [a_branch(db) for _ in range(8)]

        def series(branch: Branch) -> Any:
            with database.begin() as db:
                return {item.code for item in self.a_series(db, branch, slots[0]).items}

        def single(number: int, branch: Branch) -> Any:
            with database.begin() as db:
                return {place(db, an_order(slots[number], branch=branch), actor=a_secretary(branch)) and None}

        acts = [partial(series, branch) for branch in branches[:4]]
        acts += [partial(single, number, branch) for number, branch in enumerate(branches[4:])]
        assert at_once(acts) == [{None}] * 8

    @given(st.dates(date(2000, 1, 1), date(2150, 1, 1)), st.integers(2, 53))
    def test_keeps_weekday_and_week_of_the_month(self, first: date, times: int) -> None:
        days = list(occurrences(first, every="month", times=times))
        assert days[0] == first
        assert all(day.weekday() == first.weekday() and (day.day - 1) // 7 == (first.day - 1) // 7 for day in days)
        assert len({(day.year, day.month) for day in days}) == len(days) <= times


class TestFeed:
    def test_shows_the_branchs_visits_under_a_secret_until_revoked(self, db: Connection) -> None:
        branch = a_branch(db)
        order_id, secretary = a_placed_order(db, slot=a_slot(db), branch=branch)
        a_placed_order(db, slot=a_slot(db))
        feed = feeds.make(db, branch_id=branch.id, actor=secretary, at=NOON)
        assert feed.token is not None
        (event,) = feed_queries.calendar(db, token=feed.token, at=NOON).events
        assert (event.order_id, event.state, round(event.lon, 2)) == (order_id, "confirmed", 117.97)
        orders.cancel(db, order_id=order_id, reason="雨", actor=secretary, at=NOON)
        (cancelled,) = feed_queries.calendar(db, token=feed.token, at=NOON).events
        assert cancelled.state == "cancelled"
        assert cancelled.version > event.version
        assert [one.token for one in feed_queries.feeds(db, actor=secretary, at=NOON).items] == [None]
        stranger = a_secretary(a_branch(db))
        with pytest.raises(NotFound):
            feeds.revoke(db, feed_id=feed.id, actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            feeds.make(db, branch_id=branch.id, actor=stranger, at=NOON)
        feeds.revoke(db, feed_id=feed.id, actor=secretary, at=NOON)
        with pytest.raises(NotFound):
            feed_queries.calendar(db, token=feed.token, at=NOON)

    def test_of_a_branch_is_seen_and_revoked_by_whoever_may_make_one(self, db: Connection) -> None:
        branch = a_branch(db)
        feed = feeds.make(db, branch_id=branch.id, actor=a_secretary(branch), at=NOON)
        own = feeds.make(db, branch_id=None, actor=a_secretary(branch), at=NOON)
        successor = an_actor(("administrator", branch.path))
        (seen,) = feed_queries.feeds(db, actor=successor, at=NOON).items
        assert (seen.id, seen.made_by, seen.token) == (feed.id, "李书记", None)
        with pytest.raises(NotFound):
            feeds.revoke(db, feed_id=own.id, actor=successor, at=NOON)
        assert feeds.revoke(db, feed_id=feed.id, actor=successor, at=NOON).revoked_at == NOON
        with pytest.raises(NotFound):
            feed_queries.calendar(db, token=feed.token or "", at=NOON)

    def test_lapses_after_a_year_and_is_told_so_a_while(self, db: Connection) -> None:
        branch = a_branch(db)
        secretary = a_secretary(branch)
        feed = feeds.make(db, branch_id=branch.id, actor=secretary, at=NOON)
        assert feed.lapses_at == NOON + timedelta(days=365)
        assert feed_queries.calendar(db, token=feed.token or "", at=feed.lapses_at - timedelta(seconds=1)).events == []
        with pytest.raises(NotFound):
            feed_queries.calendar(db, token=feed.token or "", at=feed.lapses_at)
        assert [one.id for one in feed_queries.feeds(db, actor=secretary, at=feed.lapses_at).items] == [feed.id]
        assert feed_queries.feeds(db, actor=secretary, at=feed.lapses_at + 93 * DAY).items == []


def test_an_external_branch_orders_unsubsidised(db: Connection) -> None:
    branch = a_branch(db, path="3701.370102.branch", is_external=True)
    view = place(db, an_order(a_slot(db), branch=branch), actor=a_secretary(branch))
    assert (view["state"], view["subsidy_estimate_fen"]) == ("confirmed", 0)
    found = explanations.booking(db, BookingAsked(a_slot(db).id, 20, branch.id), actor=a_secretary(branch), at=NOON)
    by_name = {rule.rule: rule.passes for rule in found.rules}
    assert found.bookable
    assert not by_name["subsidised_branch"]


def test_what_a_branch_has_used_is_told_as_placing_counts_it(db: Connection) -> None:
    money_in_the_fund(db)
    branch = a_branch(db)
    a_quota(db, counts="minutes", period="month", most=180)
    a_placed_order(db, slot=a_slot(db), branch=branch)
    use = quota_queries.used(db, QuotaUseAsked(branch.id), actor=a_secretary(branch), at=NOON)
    assert [(item.counts, item.period, item.used, item.most) for item in use.items] == [
        ("open_orders", None, 1, 2),
        ("subsidised", "month", 1, 1),
        ("minutes", "month", 60, 180),
    ]
    assert use.by_hand_until is None
