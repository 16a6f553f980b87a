"""A branch from outside the district (precise rule 6): it orders and comes as any other, and is never paid for."""

from datetime import timedelta
from uuid import UUID

import pytest
from chassis.actors import Forbidden
from contracts.sites.explanations import BookingAsked
from contracts.sites.orders import OrdersAsked
from contracts.sites.quotas import QuotaUseAsked
from sites.domain.orders import NotYourBranch
from sites.operations import organisations, visits
from sites.queries import explanations, quotas
from sites.queries import orders as order_queries
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    a_branch,
    a_change,
    a_secretary,
    a_slot,
    a_steward,
    an_order,
    checked_in,
    fund_year,
    money_in_the_fund,
    place,
    seen,
    told,
)

ELSEWHERE = "3703.370303.visitors"


def test_its_whole_way_costs_the_fund_nothing(db: Connection) -> None:
    fund = money_in_the_fund(db, path="3703")  # even where a fund's part of the tree holds it
    slot, branch = a_slot(db), a_branch(db, path=ELSEWHERE, is_external=True, name="张店区机关党支部")
    secretary, steward = a_secretary(branch), a_steward(slot.site)

    asked = BookingAsked(slot.id, 20, branch.id)
    found = explanations.booking(db, asked, actor=secretary, at=NOON)
    notes = {rule.rule for rule in found.rules if not rule.passes}
    assert (found.bookable, notes) == (True, {"subsidised_branch"})

    placed = place(db, an_order(slot, branch=branch), actor=secretary)
    order_id = UUID(placed["id"])
    assert (placed["state"], placed["branch_is_external"], placed["subsidy_estimate_fen"]) == ("confirmed", True, 0)
    assert placed["subsidy_explanation"][0]["inputs"] == {"why": "external_branch"}

    # The site's steward sees whom to expect, and that they come from outside.
    (expected,) = order_queries.orders(db, OrdersAsked(site_id=slot.site.id), actor=steward, at=NOON).items
    assert (expected.branch_name, expected.branch_is_external) == ("张店区机关党支部", True)
    checked_in(db, order_id, slot=slot)
    visits.close(db, order_id=order_id, headcount=20, actor=steward, at=slot.ends_at)

    used = seen(db, order_id, actor=secretary, at=slot.ends_at)
    assert (used.state, used.headcount) == ("used", 20)
    assert [fact.event for fact in told(db, order_id)] == ["visit_ordered", "visit_closed"]
    assert db.execute(text("SELECT count(*) FROM claims WHERE order_id = :id"), {"id": order_id}).scalar_one() == 0
    year = fund_year(db, fund)
    assert (year.encumbered_fen, year.available_fen) == (0, 50_000_000)


def test_it_is_led_by_its_own_secretary_and_seen_by_nobody_else(db: Connection) -> None:
    branch = a_branch(db, path=ELSEWHERE, is_external=True)
    with pytest.raises(NotYourBranch):
        place(db, an_order(a_slot(db), branch=branch), actor=a_secretary(a_branch(db)))
    secretary = a_secretary(branch)
    for days in (1, 2):
        slot = a_slot(db, starts_at=NOON + timedelta(days=days))
        place(db, an_order(slot, branch=branch), actor=secretary)
    use = quotas.used(db, QuotaUseAsked(branch.id), actor=secretary, at=NOON)
    assert [(item.counts, item.used, item.most) for item in use.items] == [("open_orders", 2, 2)]
    with pytest.raises(Forbidden):
        quotas.used(db, QuotaUseAsked(branch.id), actor=a_secretary(a_branch(db)), at=NOON)


def test_it_is_external_from_the_moment_that_the_register_says_so(db: Connection) -> None:
    money_in_the_fund(db, path="3703")
    branch = a_branch(db, path=ELSEWHERE)
    before = place(db, an_order(a_slot(db), branch=branch), actor=a_secretary(branch))
    organisations.remember(db, a_change(branch, version=2, is_external=True))
    after = place(
        db, an_order(a_slot(db, starts_at=NOON + timedelta(days=40)), branch=branch), actor=a_secretary(branch)
    )
    assert (before["subsidy_estimate_fen"] > 0, after["subsidy_estimate_fen"]) == (True, 0)
