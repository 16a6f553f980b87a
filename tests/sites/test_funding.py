"""Several funds bear a visit: by shares, in a sequence, and what they owe each other afterwards."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.bank_statements import ImportBankStatement, ReconciliationAsked
from contracts.sites.claims import AppealClaim, DecideClaimAppeal, MoveClaim, MoveClaims
from contracts.sites.funding import (
    FundingRulesAsked,
    FundingShare,
    MoveFunding,
    OwedAsked,
    ProposeFunding,
    RecordTransfer,
)
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.orders import AmendOrder
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.claim_appeals import NothingToAppeal
from sites.domain.funding import (
    FundingNotMovable,
    FundingTaken,
    OwnFundingRule,
    Part,
    Share,
    TransferRepeated,
    parts_of,
)
from sites.domain.ledger import FundExhausted
from sites.domain.policies import CapsUsedUp
from sites.operations import cap_proof, claim_appeals, claims, funding, orders, reconciliation
from sites.operations.moves import end
from sites.queries import funding as funding_queries
from sites.queries import ledger as ledger_queries
from sites.queries import reconciliation as reconciliation_queries
from sites.queries.reconciliation import cash_on
from sqlalchemy import Connection, Engine, text

from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    a_branch,
    a_placed_order,
    a_site,
    a_slot,
    fund_year,
    money_in_the_fund,
)
from tests.sites.money import (
    CLOSED,
    VISIT,
    Visit,
    a_bank_file,
    a_funding_rule,
    a_move,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    approved,
    at_once,
    books,
    brings,
    confirmed,
    fresh,
    makes,
    stored,
    submitted,
    the_id,
    with_reason,
)

TOWN = f"{DISTRICT}.370302001"
A, B, C = (UUID(int=number) for number in (1, 2, 3))


class TestParts:
    def test_each_bears_its_percentage_and_the_first_what_rounding_leaves(self) -> None:
        shares = [Share(A, 0), Share(B, 33), Share(C, 67)]
        assert parts_of(1001, shares) == [Part(B, 331), Part(C, 670)]

    def test_what_a_fund_has_not_is_borne_by_those_after_it_then_by_those_before(self) -> None:
        assert parts_of(100, [Share(A, 100, 30), Share(B, 0, 50), Share(C, 0, 90)]) == [
            Part(A, 30),
            Part(B, 50),
            Part(C, 20),
        ]
        assert parts_of(100, [Share(A, 0, 500), Share(B, 100, 40)]) == [Part(A, 60), Part(B, 40)]

    def test_what_nobody_has_stays_for_the_guard_to_refuse(self) -> None:
        assert parts_of(100, [Share(A, 100, 10), Share(B, 0, 20)]) == [Part(A, 80), Part(B, 20)]

    def test_nothing_is_borne_of_nothing(self) -> None:
        assert parts_of(0, [Share(A, 100)]) == []

    @given(
        amount_fen=st.integers(0, 10**9),
        cuts=st.lists(st.integers(0, 100), min_size=0, max_size=4),
        left=st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=5, max_size=5),
    )
    def test_the_parts_add_up_and_nobody_bears_more_than_it_has_while_another_has_money(
        self, amount_fen: int, cuts: list[int], left: list[int | None]
    ) -> None:
        edges = [0, *sorted(cuts), 100]
        shares = [
            Share(UUID(int=place + 1), after - before, left[place])
            for place, (before, after) in enumerate(itertools.pairwise(edges))
        ]
        parts = {part.fund_id: part.amount_fen for part in parts_of(amount_fen, shares)}
        assert sum(parts.values()) == amount_fen
        assert all(fen > 0 for fen in parts.values())
        over = [s for s in shares if s.available_fen is not None and parts.get(s.fund_id, 0) > s.available_fen]
        room = [s for s in shares if s.available_fen is None or parts.get(s.fund_id, 0) < s.available_fen]
        assert not (over and room)


def two_funds(db: Connection, *, district: int = 1_000_000_00, town: int = 1_000_000_00) -> tuple[UUID, UUID]:
    return money_in_the_fund(db, amount_fen=district), money_in_the_fund(db, amount_fen=town, path=TOWN)


a_rule = partial(a_funding_rule, path=TOWN)


def in_the_town(db: Connection) -> Branch:
    return a_branch(db, path=f"{TOWN}.b{uuid4().hex[:8]}")


def funding_on(db: Connection, path: str, on: date = date(2026, 11, 11)) -> Any:
    return db.execute(text("SELECT funding_of(:path, :on)"), {"path": path, "on": on}).scalar_one()


def money_of(db: Connection, *fund_ids: UUID) -> list[tuple[int, int, int, int, int]]:
    """(available, encumbered, payable, received, contributed) in fen, of each fund's year."""
    years = [fund_year(db, fund_id) for fund_id in fund_ids]
    return [
        (year.available_fen, year.encumbered_fen, year.payable_fen, year.received_fen, year.contributed_fen)
        for year in years
    ]


def agrees(db: Connection) -> bool:
    balance = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(), actor=an_auditor())
    return balance.agrees_with_balances and balance.difference_fen == 0


class TestWhoPays:
    def test_without_a_rule_the_nearest_fund_pays_alone(self, db: Connection) -> None:
        district, town = two_funds(db)
        assert [share["fund_id"] for share in funding_on(db, f"{TOWN}.1")] == [str(town)]
        assert [share["fund_id"] for share in funding_on(db, f"{DISTRICT}.370302002.1")] == [str(district)]
        assert funding_on(db, f"{DISTRICT}9.1") is None

    def test_the_newest_rule_of_the_nearest_place_counts(self, db: Connection) -> None:
        district, town = two_funds(db)
        a_rule(db, (district, 100), path=DISTRICT)
        a_rule(db, (town, 100))
        a_rule(db, (town, 60), (district, 40), since=date(2026, 11, 1))
        a_rule(db, (district, 100), since=date(2027, 1, 1))
        shares = funding_on(db, f"{TOWN}.1")
        assert [(share["fund_id"], share["percent"]) for share in shares] == [(str(town), 60), (str(district), 40)]
        assert [share["percent"] for share in funding_on(db, f"{TOWN}.1", date(2026, 10, 31))] == [100]
        assert funding_on(db, f"{DISTRICT}.370302002.1")[0]["fund_id"] == str(district)


class TestABorneVisit:
    def test_both_funds_set_their_part_aside_and_the_first_pays_the_site(self, db: Connection) -> None:
        district, town = two_funds(db)
        a_rule(db, (town, 60), (district, 40))
        visit = a_visit(db, branch=in_the_town(db), party_size=20, came=18)  # 200.00 + 20 heads × 10.00
        assert money_of(db, town, district) == [(999_760_00, 240_00, 0, 0, 0), (999_840_00, 160_00, 0, 0, 0)]
        assert agrees(db)
        claim = approved(db, visit)
        assert (claim.encumbered_fen, claim.approved_fen) == (400_00, 380_00)
        assert money_of(db, town, district) == [
            (999_772_00, 0, 380_00, 152_00, 0),
            (999_848_00, 0, 0, 0, 152_00),
        ]
        assert agrees(db)
        order = db.execute(
            text("SELECT fund_id, subsidy_explanation FROM orders WHERE id = :id"), {"id": visit.order_id}
        ).one()
        assert order.fund_id == town
        assert order.subsidy_explanation[-1]["inputs"]["parts"] == [
            {"fund": "专项经费", "amount_fen": 240_00},
            {"fund": "专项经费", "amount_fen": 160_00},
        ]
        assert makes(db).total_fen == 380_00

    def test_rounding_never_posts_more_than_a_fund_has_set_aside(self, db: Connection) -> None:
        district, town = two_funds(db)
        third = money_in_the_fund(db, amount_fen=1_000_000_00)
        a_rule(db, (town, 1), (district, 50), (third, 49))
        visit = a_visit(db, branch=in_the_town(db), party_size=20, came=20)
        db.execute(text("UPDATE encumbrances SET amount_fen = 1"))
        db.execute(
            text("UPDATE contributions SET amount_fen = CASE fund_id WHEN :id THEN 50 ELSE 49 END"), {"id": district}
        )
        posted = db.execute(
            text(
                "SELECT post_contributions(:order, :claim, 'site-a', 99, e, :at, NULL, NULL) FROM encumbrances e"
                " WHERE order_id = :order"
            ),
            {"order": visit.order_id, "claim": uuid4(), "at": NOON},
        ).scalar_one()
        parts = db.execute(text("SELECT posted_fen FROM contributions ORDER BY amount_fen DESC")).scalars().all()
        assert posted == 1
        assert sum(parts) == 98
        assert parts[0] <= 50
        assert parts[1] <= 49

    def test_a_cancelled_order_gives_both_their_part_back(self, db: Connection) -> None:
        district, town = two_funds(db)
        a_rule(db, (town, 60), (district, 40))
        order_id, secretary = a_placed_order(db, slot=a_slot(db, starts_at=VISIT), branch=in_the_town(db), at=NOON)
        assert money_of(db, district)[0][1] > 0
        orders.cancel(db, order_id=order_id, reason="改期", actor=secretary, at=NOON)
        assert money_of(db, town, district) == [(1_000_000_00, 0, 0, 0, 0)] * 2
        assert agrees(db)

    def test_another_fund_steps_in_for_what_one_has_not(self, db: Connection) -> None:
        district, town = two_funds(db, town=100_00)
        a_rule(db, (town, 100), (district, 0))
        a_placed_order(db, slot=a_slot(db, starts_at=VISIT), branch=in_the_town(db), party_size=20, at=NOON)
        assert money_of(db, town, district) == [(0, 100_00, 0, 0, 0), (999_700_00, 300_00, 0, 0, 0)]
        a_placed_order(db, slot=a_slot(db, starts_at=VISIT), branch=in_the_town(db), party_size=20, at=NOON)
        assert money_of(db, town, district)[1][1] == 700_00

    def test_when_all_together_have_too_little_nobody_sets_anything_aside(self, db: Connection) -> None:
        district, town = two_funds(db, town=100_00, district=200_00)
        a_rule(db, (town, 50), (district, 50))
        with pytest.raises(FundExhausted), db.begin_nested():
            a_placed_order(db, slot=a_slot(db, starts_at=VISIT), branch=in_the_town(db), party_size=20, at=NOON)
        assert money_of(db, town, district) == [(100_00, 0, 0, 0, 0), (200_00, 0, 0, 0, 0)]

    def test_an_amended_party_is_borne_anew_with_what_the_order_had_itself(self, db: Connection) -> None:
        district, town = two_funds(db, town=240_00)
        a_rule(db, (town, 60), (district, 40))
        order_id, secretary = a_placed_order(
            db, slot=a_slot(db, starts_at=VISIT), branch=in_the_town(db), party_size=20, at=NOON
        )
        amend = AmendOrder(order_id=order_id, party_size=30, slot_id=None)
        orders.amend(db, asked=amend, actor=secretary, at=NOON)  # 500.00: the town would bear 300.00 and has 240.00
        assert money_of(db, town, district) == [(0, 240_00, 0, 0, 0), (999_740_00, 260_00, 0, 0, 0)]
        orders.amend(db, asked=replace(amend, party_size=10), actor=secretary, at=NOON)
        assert money_of(db, town, district) == [(60_00, 180_00, 0, 0, 0), (999_880_00, 120_00, 0, 0, 0)]
        assert agrees(db)


def appealed(db: Connection, visit: Visit) -> None:
    """The site appeals, and another person grants it."""
    claim_appeals.appeal(
        db, asked=AppealClaim(claim_id=the_id(visit), reason="签到表可证"), actor=visit.steward, at=CLOSED
    )
    grant = DecideClaimAppeal(claim_id=the_id(visit), grant=True, reason="核对属实")
    claim_appeals.decide(db, asked=grant, actor=an_approver(), at=CLOSED)


class TestABorneClaim:
    """What becomes of a claim whose visit two funds bear, under a policy whose caps it counts on."""

    @pytest.fixture
    def funds(self, db: Connection) -> Iterator[tuple[UUID, UUID]]:
        district, town = two_funds(db)
        a_rule(db, (town, 60), (district, 40))
        db.execute(text("UPDATE policies SET site_month_cap_fen = 100000"))
        yield town, district
        assert cap_proof.caps_differing(db) == []

    @pytest.fixture
    def visit(self, db: Connection, funds: tuple[UUID, UUID]) -> Visit:
        return a_visit(db, branch=in_the_town(db), party_size=20, came=20)  # 400.00: 240.00 and 160.00

    def counted(self, db: Connection) -> list[tuple[int, int]]:
        """(on the counter, of the order) in fen."""
        rows = db.execute(
            text("SELECT c.used_fen, t.amount_fen FROM cap_counters c JOIN cap_takes t USING (kind, subject_id)")
        )
        return [tuple(row) for row in rows]

    def test_approved_with_others_it_is_posted_to_both_funds(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        alone = a_visit(db, branch=a_branch(db, path=f"{DISTRICT}.370302009.b1"))
        for each in (visit, alone):
            confirmed(db, each)
        ids = [the_id(visit), the_id(alone)]
        told = claims.approve_many(db, asked=MoveClaims(claim_ids=ids, reason=None), actor=a_preparer(), at=CLOSED)
        assert [answer.state for answer in told.items] == ["approved", "approved"]
        assert money_of(db, *funds) == [
            (999_760_00, 0, 400_00, 160_00, 0),
            (999_440_00, 0, 400_00, 0, 160_00),
        ]
        assert self.counted(db) == [(400_00, 400_00)] * 2
        assert agrees(db)

    def test_approved_for_less_it_frees_the_cap_and_raised_it_takes_it_again(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        confirmed(db, visit)
        lower = MoveClaim(claim_id=the_id(visit), reason="少两人", approved_fen=300_00, code="other")
        claims.approve(db, asked=lower, actor=a_preparer(), at=CLOSED)
        assert money_of(db, *funds) == [(999_820_00, 0, 300_00, 120_00, 0), (999_880_00, 0, 0, 0, 120_00)]
        assert self.counted(db) == [(300_00, 300_00)]
        appealed(db, visit)
        assert money_of(db, *funds) == [(999_760_00, 0, 400_00, 160_00, 0), (999_840_00, 0, 0, 0, 160_00)]
        assert self.counted(db) == [(400_00, 400_00)]
        assert agrees(db)

    def test_rejected_and_brought_back_both_funds_set_their_part_aside_again(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        confirmed(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        assert money_of(db, *funds) == [(1_000_000_00, 0, 0, 0, 0)] * 2
        assert self.counted(db) == []
        appealed(db, visit)
        assert money_of(db, *funds) == [(999_760_00, 240_00, 0, 0, 0), (999_840_00, 160_00, 0, 0, 0)]
        assert self.counted(db) == [(400_00, 400_00)]
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).approved_fen == 400_00
        assert agrees(db)

    def test_sent_back_by_an_objection_both_funds_hold_what_they_bore(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        approved(db, visit)
        site_code = db.execute(text("SELECT code FROM sites WHERE id = :id"), {"id": visit.site.id}).scalar_one()
        claims.reopen(db, the_id(visit), site_code=site_code, reason="人数不实", at=CLOSED, by=a_preparer())
        assert money_of(db, *funds) == [(999_760_00, 240_00, 0, 0, 0), (999_840_00, 160_00, 0, 0, 0)]
        assert agrees(db)
        submitted(db, visit)
        claims.confirm_headcount(db, asked=a_move(visit), actor=visit.secretary, at=CLOSED)
        assert claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED).approved_fen == 400_00
        assert money_of(db, *funds) == [(999_760_00, 0, 400_00, 160_00, 0), (999_840_00, 0, 0, 0, 160_00)]
        assert agrees(db)

    def test_sent_back_and_approved_in_full_there_is_nothing_left_to_appeal_against(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        confirmed(db, visit)
        lower = MoveClaim(claim_id=the_id(visit), reason="少两人", approved_fen=300_00, code="other")
        claims.approve(db, asked=lower, actor=a_preparer(), at=CLOSED)
        site_code = db.execute(text("SELECT code FROM sites WHERE id = :id"), {"id": visit.site.id}).scalar_one()
        claims.reopen(db, the_id(visit), site_code=site_code, reason="人数不实", at=CLOSED, by=a_preparer())
        confirmed(db, visit)
        told = claims.approve_many(db, asked=MoveClaims([the_id(visit)]), actor=a_preparer(), at=CLOSED)
        assert [answer.approved_fen for answer in told.items] == [300_00]
        with pytest.raises(NothingToAppeal):
            appealed(db, visit)
        assert agrees(db)

    def test_an_appeal_for_which_a_cap_leaves_nothing_is_told_so(
        self, db: Connection, funds: tuple[UUID, UUID], visit: Visit
    ) -> None:
        confirmed(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        for hour in (1, 2):
            slot = a_slot(db, site=visit.site, starts_at=VISIT + timedelta(hours=hour))
            a_placed_order(db, slot=slot, branch=in_the_town(db), party_size=20, at=NOON)
        with pytest.raises(CapsUsedUp), db.begin_nested():
            appealed(db, visit)
        assert money_of(db, *funds) == [(999_520_00, 480_00, 0, 0, 0), (999_680_00, 320_00, 0, 0, 0)]

    def test_a_party_that_came_after_all_is_cut_to_what_the_cap_leaves_in_both_funds(
        self, db: Connection, funds: tuple[UUID, UUID]
    ) -> None:
        site = a_site(db)
        slots = [a_slot(db, site=site, starts_at=VISIT + timedelta(hours=hour)) for hour in range(3)]
        missed, _ = a_placed_order(db, slot=slots[0], branch=in_the_town(db), party_size=20, at=NOON)
        end(db, [missed], "miss", at=CLOSED, reason="未到")
        for slot in slots[1:]:
            a_placed_order(db, slot=slot, branch=in_the_town(db), party_size=20, at=NOON)
        back = text("SELECT restore_order(:order, true, '补传', '[]', :at, NULL, 'timer')")
        db.execute(back, {"order": missed, "at": CLOSED})  # 200.00 of 400.00 are left
        assert money_of(db, *funds) == [(999_400_00, 600_00, 0, 0, 0), (999_600_00, 400_00, 0, 0, 0)]
        assert agrees(db)


class TestTheShareOfAFund:
    """The policy gives a share of each fund's year to subsidies; none gives more, also where several bear a visit."""

    def test_what_is_above_one_funds_share_is_borne_by_the_next_and_the_last_visit_is_cut(self, db: Connection) -> None:
        district, town = two_funds(db, town=500_00, district=1_000_00)
        a_rule(db, (town, 50), (district, 50))
        db.execute(text("UPDATE policies SET fund_share_percent = 60"))

        def order(hour: int) -> tuple[UUID, Actor]:
            slot = a_slot(db, starts_at=VISIT + timedelta(hours=hour))
            return a_placed_order(db, slot=slot, branch=in_the_town(db), party_size=20, at=NOON)

        order(0)
        assert money_of(db, town, district) == [(300_00, 200_00, 0, 0, 0), (800_00, 200_00, 0, 0, 0)]
        order(1)
        assert money_of(db, town, district) == [(200_00, 300_00, 0, 0, 0), (500_00, 500_00, 0, 0, 0)]
        last, secretary = order(2)
        assert money_of(db, town, district) == [(200_00, 300_00, 0, 0, 0), (400_00, 600_00, 0, 0, 0)]
        found = db.execute(text("SELECT * FROM orders WHERE id = :id"), {"id": last}).one()
        cut = next(line for line in found.subsidy_explanation if line["rule"] == "fund_share")
        assert (found.subsidy_estimate_fen, cut["inputs"]["left_fen"]) == (100_00, 100_00)
        # What the order has set aside itself is free for it when it changes.
        more = AmendOrder(order_id=last, party_size=25, slot_id=None)
        assert orders.amend(db, asked=more, actor=secretary, at=NOON).subsidy_estimate_fen == 100_00
        assert order(3)
        assert money_of(db, town, district) == [(200_00, 300_00, 0, 0, 0), (400_00, 600_00, 0, 0, 0)]
        assert agrees(db)

    def test_an_appeal_does_not_go_beyond_it(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1_000_00)
        db.execute(text("UPDATE policies SET fund_share_percent = 60"))
        visit = a_visit(db, party_size=20, came=20)
        confirmed(db, visit)
        claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        a_placed_order(db, slot=a_slot(db, starts_at=VISIT), branch=a_branch(db), party_size=20, at=NOON)
        with pytest.raises(CapsUsedUp), db.begin_nested():
            appealed(db, visit)
        assert money_of(db, fund) == [(600_00, 400_00, 0, 0, 0)]


class TestTheRule:
    def asked(self, db: Connection, *shares: tuple[UUID, int], on: date = date(2027, 1, 1)) -> ProposeFunding:
        place = UUID(int=370302001)
        db.execute(
            text(
                "INSERT INTO organisations (id, code, name, kind, field, path, version) VALUES"
                " (:id, '370302001', '将军路街道党工委', 'working_committee', 'rural', :path, 1) ON CONFLICT DO NOTHING"
            ),
            {"id": place, "path": TOWN},
        )
        return ProposeFunding(
            organisation_id=place,
            active_from=on,
            shares=[FundingShare(fund_id, percent) for fund_id, percent in shares],
            citation="川组〔2026〕9号",
        )

    def test_is_proposed_by_one_person_and_adopted_by_another(self, db: Connection) -> None:
        district, town = two_funds(db)
        preparer, approver = fresh(a_preparer(), NOON), fresh(an_approver(), NOON)
        rule = funding.propose(db, asked=self.asked(db, (town, 70), (district, 30)), actor=preparer, at=NOON)
        assert (rule.state, rule.organisation_name) == ("proposed", "将军路街道党工委")
        assert [(share.fund_id, share.percent) for share in rule.shares] == [(town, 70), (district, 30)]
        assert funding_on(db, f"{TOWN}.1", date(2027, 2, 1))[0]["percent"] == 100
        both = replace(preparer, grants=(*preparer.grants, *approver.grants))
        move = MoveFunding(rule_id=rule.id)
        with pytest.raises(OwnFundingRule):
            funding.adopt(db, asked=move, actor=both, at=NOON)
        with pytest.raises(Forbidden):
            funding.adopt(db, asked=move, actor=fresh(a_preparer("别人"), NOON), at=NOON)
        assert funding.adopt(db, asked=move, actor=approver, at=NOON).state == "adopted"
        assert funding_on(db, f"{TOWN}.1", date(2027, 2, 1))[0]["percent"] == 70
        with pytest.raises(FundingNotMovable):
            funding.withdraw(db, asked=move, actor=preparer, at=NOON)
        listed = funding_queries.rules(db, FundingRulesAsked(), actor=an_auditor()).items
        assert [each.id for each in listed] == [rule.id]

    @pytest.mark.parametrize(
        ("shares", "field"),
        [([50, 49], "shares"), ([], "shares"), ([101], "shares"), ([20] * 6, "shares")],
    )
    def test_shares_are_a_hundred_percent_of_few_funds(self, db: Connection, shares: Sequence[int], field: str) -> None:
        preparer = fresh(a_preparer(), NOON)
        funds = [
            (money_in_the_fund(db, amount_fen=0, path=f"{DISTRICT}.{number}"), percent)
            for number, percent in enumerate(shares)
        ]
        with pytest.raises(InvalidInput) as refused:
            funding.propose(db, asked=self.asked(db, *funds), actor=preparer, at=NOON)
        assert list(refused.value.errors) == [field]

    def test_a_fund_stands_once_and_must_be_the_proposers_and_the_day_must_come(self, db: Connection) -> None:
        district, town = two_funds(db)
        preparer = fresh(a_preparer(), NOON)
        for shares in ([(town, 50), (town, 50)], [(uuid4(), 100)]):
            with pytest.raises(InvalidInput):
                funding.propose(db, asked=self.asked(db, *shares), actor=preparer, at=NOON)
        with pytest.raises(InvalidInput) as refused:
            funding.propose(db, asked=self.asked(db, (town, 100), on=NOON.date()), actor=preparer, at=NOON)
        assert list(refused.value.errors) == ["active_from"]
        of_the_town = fresh(a_preparer(path=TOWN), NOON)
        with pytest.raises(InvalidInput):
            funding.propose(db, asked=self.asked(db, (district, 100)), actor=of_the_town, at=NOON)
        with pytest.raises(NotFound):
            funding.propose(db, asked=self.asked(db, (town, 100)), actor=fresh(a_preparer(path="9"), NOON), at=NOON)

    def test_one_rule_a_day_for_a_place_until_it_is_withdrawn(self, db: Connection) -> None:
        _, town = two_funds(db)
        preparer = fresh(a_preparer(), NOON)
        first = funding.propose(db, asked=self.asked(db, (town, 100)), actor=preparer, at=NOON)
        with pytest.raises(FundingTaken):
            funding.propose(db, asked=self.asked(db, (town, 100)), actor=preparer, at=NOON)
        funding.withdraw(db, asked=MoveFunding(rule_id=first.id), actor=preparer, at=NOON)
        assert funding.propose(db, asked=self.asked(db, (town, 100)), actor=preparer, at=NOON).id != first.id


class TestWhatIsOwed:
    def test_the_others_owe_the_paying_fund_until_it_is_passed_on(self, db: Connection) -> None:
        district, town = two_funds(db)
        a_rule(db, (town, 60), (district, 40))
        visit = a_visit(db, branch=in_the_town(db), party_size=20, came=20)
        approved(db, visit)
        auditor: Actor = an_auditor()
        one = funding_queries.owed(db, OwedAsked(), actor=auditor, at=NOON).items[0]
        assert (one.from_fund_id, one.to_fund_id, one.borne_fen, one.owed_fen) == (district, town, 160_00, 160_00)
        preparer = fresh(a_preparer(), NOON)
        passed = RecordTransfer(
            from_fund_id=district, to_fund_id=town, year=2026, amount_fen=100_00, document_number="转〔2026〕1号"
        )
        assert funding.record_transfer(db, asked=passed, actor=preparer, at=NOON).owed_fen == 60_00
        with pytest.raises(TransferRepeated), db.begin_nested():
            funding.record_transfer(db, asked=passed, actor=preparer, at=NOON)
        more = replace(passed, amount_fen=60_01, document_number="转〔2026〕2号")
        with pytest.raises(InvalidInput), db.begin_nested():
            funding.record_transfer(db, asked=more, actor=preparer, at=NOON)
        assert funding_queries.owed(db, OwedAsked(), actor=auditor, at=NOON).items[0].transferred_fen == 100_00
        with pytest.raises(NotFound):
            funding.record_transfer(db, asked=more, actor=fresh(a_preparer(path=TOWN), NOON), at=NOON)

    def test_what_was_passed_on_for_a_claim_that_was_sent_back_is_not_lost(self, db: Connection) -> None:
        district, town = two_funds(db)
        a_rule(db, (town, 60), (district, 40))
        visit = a_visit(db, branch=in_the_town(db), party_size=20, came=20)
        approved(db, visit)
        preparer = fresh(a_preparer(), NOON)
        passed = RecordTransfer(
            from_fund_id=district, to_fund_id=town, year=2026, amount_fen=160_00, document_number="转〔2026〕1号"
        )
        assert funding.record_transfer(db, asked=passed, actor=preparer, at=NOON).owed_fen == 0
        site_code = db.execute(text("SELECT code FROM sites WHERE id = :id"), {"id": visit.site.id}).scalar_one()
        claims.reopen(db, the_id(visit), site_code=site_code, reason="人数不实", at=CLOSED, by=a_preparer())
        (one,) = funding_queries.owed(db, OwedAsked(), actor=an_auditor(), at=NOON).items
        assert (one.borne_fen, one.transferred_fen, one.owed_fen) == (0, 160_00, -160_00)

    def test_what_is_owed_is_in_the_account_of_the_one_until_it_is_passed_on(
        self, db: Connection, tmp_path: Path
    ) -> None:
        """Each fund's books say at each day what its bank says, with what funds owe each other where it is."""
        district, town = two_funds(db, town=1_000_00, district=1_000_00)
        a_rule(db, (town, 60), (district, 40))
        visit = a_visit(db, branch=in_the_town(db), party_size=20, came=20)
        batch = an_approved_batch(db, visit)
        assert [cash_on(db, fund, CLOSED.date()) for fund in (town, district)] == [1_000_00, 1_000_00]
        brings(db, tmp_path, batch, a_bank_file(batch))
        assert [cash_on(db, fund, CLOSED.date()) for fund in (town, district)] == [600_00, 1_000_00]
        passed = RecordTransfer(
            from_fund_id=district, to_fund_id=town, year=2026, amount_fen=160_00, document_number="转1"
        )
        funding.record_transfer(db, asked=passed, actor=a_preparer(), at=CLOSED)
        for fund, rows in (
            (town, ["1000.00,,1000.00", f"-400.00,{batch.number}-00001,600.00", "160.00,,760.00"]),
            (district, ["1000.00,,1000.00", "-160.00,,840.00"]),
        ):
            lines = ["交易日期,支出,收入,余额,流水号,端到端标识"]
            for row in rows:
                amount, end_to_end_id, balance = row.split(",")
                out, into = (amount[1:], "") if amount.startswith("-") else ("", amount)
                lines.append(f"{CLOSED:%Y-%m-%d},{out},{into},{balance},,{end_to_end_id}")
            files, file = stored(tmp_path, "\n".join(lines))
            asked = ImportBankStatement(fund_id=fund, file=file)
            taken = reconciliation.import_statement(db, files, asked=asked, actor=a_preparer(), at=CLOSED)
            assert (taken.ledger_fen, taken.matched) == (taken.closing_fen, len(rows))
            view = reconciliation_queries.reconciliation(db, asked=ReconciliationAsked(fund), actor=an_auditor())
            assert view.differences == []


class TestAtOnce:
    def test_orders_that_share_two_funds_both_ways_round_never_take_more_than_there_is(self, database: Engine) -> None:
        with database.begin() as db:
            district, town = two_funds(db, district=1_200_00, town=1_200_00)
            other = f"{DISTRICT}.370302002"
            a_rule(db, (town, 50), (district, 50))
            a_rule(db, (district, 50), (town, 50), path=other)
            site = a_site(db)
            a_payee(db, site)
            places = [
                (a_slot(db, site=site, starts_at=VISIT + timedelta(hours=n)), a_branch(db, path=f"{path}.x{n}"))
                for n, path in enumerate([TOWN, other] * 4)
            ]

        def order(db: Connection, number: int) -> None:
            slot, branch = places[number]
            a_placed_order(db, slot=slot, branch=branch, party_size=20, at=NOON)

        ended = at_once(database, len(places), order)
        assert sorted(ended) == ["done"] * 6 + ["fund-exhausted"] * 2
        with database.connect() as db:
            assert money_of(db, town, district) == [(0, 1_200_00, 0, 0, 0)] * 2
            assert agrees(db)
            assert books(db)["encumbered"] == 2_400_00
