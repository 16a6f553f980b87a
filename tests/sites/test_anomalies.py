"""Marks on claims (S11): each rule with a case that it finds and one that it leaves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.sites.claims import MoveClaim, MoveClaims
from sites.domain.claims import ReasonDemanded
from sites.operations import anomalies, claims
from sites.queries.anomalies import RULES
from sqlalchemy import Connection, text

from tests.sites.articles import a_branch, a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    VISIT,
    Visit,
    a_move,
    a_preparer,
    a_visit,
    confirmed,
    submitted,
    the_claim,
    the_id,
)


@pytest.fixture(autouse=True)
def fund(db: Connection) -> UUID:
    return money_in_the_fund(db)


@pytest.fixture
def visit(db: Connection) -> Visit:
    return a_visit(db)


def check_ins(db: Connection, visit: Visit, **columns: Any) -> None:
    """Write the columns of the visit's check-ins as no operation would."""
    for name, value in columns.items():
        asked = text(f"UPDATE check_ins SET {name} = :value WHERE order_id = :id")  # noqa: S608 - names of this file
        db.execute(asked, {"value": value, "id": visit.order_id})


def marks(db: Connection, visit: Visit) -> dict[str, Any]:
    """Mark the claim; return the facts by rule."""
    anomalies.mark(db, [the_id(visit)], at=CLOSED)
    return {one.rule: one for one in the_claim(db, visit).anomalies}


# ---- each rule: plant what it finds, and something like it that is in order ------------------------------------------


def member_twice(db: Connection, visit: Visit, *, planted: bool) -> None:
    # A visit elsewhere at the same time, or an hour later, with one and the same member.
    elsewhere = a_visit(db, visit_at=VISIT if planted else VISIT + timedelta(hours=1))
    member = uuid4()
    for one in (visit, elsewhere):
        check_ins(db, one, member_ids=[member, uuid4()])


def duplicate_invoice(db: Connection, visit: Visit, *, planted: bool) -> None:
    other = a_visit(db)
    for one, number, state in (
        (other, "00000001", "live"),
        (visit, "00000001" if planted else "00000002", "duplicate"),
    ):
        db.execute(
            text(
                "INSERT INTO claim_invoices (id, claim_id, state, code, number, issuer, issued_on, amount_fen,"
                " other_claim_id, at, by_id, by_name) VALUES (:id, :claim, :state, '', :number, '某公司', '2026-11-11',"
                " 1, :other, :at, :by, '某人')"
            ),
            {
                "id": uuid4(),
                "claim": one.claim_id,
                "state": state if planted else "live",
                "number": number,
                "other": other.claim_id if one is visit and planted else None,
                "at": CLOSED,
                "by": uuid4(),
            },
        )


def duplicate_attachment(db: Connection, visit: Visit, *, planted: bool) -> None:
    for nth, one in enumerate((a_visit(db), visit)):
        db.execute(
            text(
                "INSERT INTO claim_attachments (id, claim_id, kind, sha256, media_type, name, size, at, by_id, by_name)"
                " VALUES (:id, :claim, 'invoice', :sha, 'application/pdf', '发票.pdf', 1, :at, :by, '某人')"
            ),
            {
                "id": uuid4(),
                "claim": one.claim_id,
                "sha": "same" if planted else str(nth),
                "at": CLOSED + timedelta(seconds=nth),
                "by": uuid4(),
            },
        )


def headcount_over_party(db: Connection, visit: Visit, *, planted: bool) -> None:
    db.execute(
        text("UPDATE claims SET headcount = :heads WHERE id = :id"),
        {"heads": visit_size(db, visit) + planted, "id": visit.claim_id},
    )


def headcount_over_roster(db: Connection, visit: Visit, *, planted: bool) -> None:
    db.execute(
        text("UPDATE organisations SET members = :members WHERE id = :id"),
        {"members": visit_size(db, visit) - planted, "id": visit.branch.id},
    )


def far_check_in(db: Connection, visit: Visit, *, planted: bool) -> None:
    check_ins(db, visit, distance_m=1001 if planted else 1000)


def month_end_burst(db: Connection, visit: Visit, *, planted: bool) -> None:
    last, early = VISIT + timedelta(days=18), VISIT + timedelta(days=3)
    for nth in range(8):
        day = last if planted or nth < 4 else early
        a_visit(db, site=visit.site, visit_at=day + timedelta(hours=nth - 4))
    db.execute(text("UPDATE claims SET visit_on = '2026-11-29' WHERE id = :id"), {"id": visit.claim_id})


def own_branch(db: Connection, visit: Visit, *, planted: bool) -> None:
    if planted:
        db.execute(
            text("UPDATE sites SET managing_path = :path WHERE id = :id"),
            {"path": visit.branch.path, "id": visit.site.id},
        )


def device_at_many_sites(db: Connection, visit: Visit, *, planted: bool) -> None:
    elsewhere = a_visit(db, visit_at=VISIT + timedelta(hours=5 if planted else 24))
    for one in (visit, elsewhere):
        check_ins(db, one, device_id="phone-1")


def check_in_outside_slot(db: Connection, visit: Visit, *, planted: bool) -> None:
    check_ins(db, visit, happened_at=VISIT - timedelta(minutes=31 if planted else 30))


def always_same_headcount(db: Connection, visit: Visit, *, planted: bool) -> None:
    for nth in range(1, 6):
        a_visit(db, site=visit.site, visit_at=VISIT - timedelta(days=nth), came=20 if planted or nth < 5 else 19)


def visit_size(db: Connection, visit: Visit) -> int:
    return the_claim(db, visit).party_size


PLANTS: dict[str, Callable[..., None]] = {
    plant.__name__: plant
    for plant in (
        member_twice,
        duplicate_invoice,
        duplicate_attachment,
        headcount_over_party,
        headcount_over_roster,
        far_check_in,
        month_end_burst,
        own_branch,
        device_at_many_sites,
        check_in_outside_slot,
        always_same_headcount,
    )
}


def test_each_rule_has_a_case_a_title_and_its_numbers(db: Connection) -> None:
    numbered = set(db.execute(text("SELECT rule FROM anomaly_rules")).scalars())
    assert set(PLANTS) == set(RULES) == numbered
    assert all(rule.title() for rule in RULES.values())


@pytest.mark.parametrize("rule", sorted(PLANTS))
def test_what_is_planted_is_found_with_its_evidence(db: Connection, visit: Visit, rule: str) -> None:
    PLANTS[rule](db, visit, planted=True)
    found = marks(db, visit)
    assert rule in found
    assert found[rule].facts
    assert the_claim(db, visit).score == sum(one.score for one in found.values())


@pytest.mark.parametrize("rule", sorted(PLANTS))
def test_what_is_in_order_is_left_alone(db: Connection, visit: Visit, rule: str) -> None:
    PLANTS[rule](db, visit, planted=False)
    assert rule not in marks(db, visit)


def test_many_at_once_are_marked_as_each_by_itself(
    db: Connection, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rule in ("member_twice", "duplicate_attachment", "far_check_in", "own_branch"):
        PLANTS[rule](db, visit, planted=True)
    one_by_one = marks(db, visit)
    assert len(one_by_one) >= 4
    db.execute(text("DELETE FROM claim_anomalies WHERE rule = 'own_branch'"))  # one to add, the others to write again
    monkeypatch.setattr(anomalies, "FEW", 0)
    assert marks(db, visit) == one_by_one


def test_a_plain_claim_has_no_mark(db: Connection, visit: Visit) -> None:
    assert marks(db, visit) == {}


def test_who_bills_for_their_own_branch_is_marked(db: Connection) -> None:
    site = a_site(db)
    visit = a_visit(db, site=site, branch=a_branch(db))
    both = Visit(visit.order_id, visit.claim_id, visit.branch, site, visit.secretary, visit.steward)
    db.execute(text("UPDATE claims SET is_own_branch = true WHERE id = :id"), {"id": both.claim_id})
    assert marks(db, both)["own_branch"].facts["is_biller"] is True


class TestWhatComesOfThem:
    def test_they_are_found_at_submission_and_again_before_approval(self, db: Connection, visit: Visit) -> None:
        check_ins(db, visit, distance_m=5000)
        assert submitted(db, visit).score == 50
        claims.confirm_headcount(db, asked=a_move(visit), actor=visit.secretary, at=CLOSED)
        check_ins(db, visit, distance_m=5)
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).score == 0

    def test_many_points_demand_a_reason(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        member_twice(db, visit, planted=True)
        with pytest.raises(ReasonDemanded, match="80 points"):
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)
        (item,) = claims.approve_many(db, asked=MoveClaims([the_id(visit)]), actor=a_preparer(), at=CLOSED).items
        assert (item.code, item.params) == ("reason-demanded", {"score": 80})
        asked = MoveClaim(claim_id=the_id(visit), reason="同名不同人，已核实")
        claim = claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED)
        assert (claim.state, claim.reason) == ("approved", "同名不同人，已核实")
