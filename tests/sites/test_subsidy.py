"""What a visit is worth (S9, precise rule 7)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.subsidy import CAPS, MODES, Cap, Heads, Place, Policy, amount_due, estimate

POLICY = Policy(
    id=UUID(int=1),
    name="default",
    version=1,
    active_from=date(2020, 1, 1),
    active_until=None,
    per_visit_fen=200_00,
    per_head_fen=10_00,
    visit_cap_fen=1_000_00,
    heads_min=5,
    citation="〔2020〕1号",
)
numbers = st.integers(0, 500)


def rules(explanation: list) -> list[str]:
    return [line["rule"] for line in explanation]


@pytest.mark.parametrize(
    ("headcount", "amount_fen"),
    [(0, 0), (4, 0), (5, 250_00), (20, 400_00), (79, 990_00), (80, 1_000_00), (81, 1_000_00), (500, 1_000_00)],
)
def test_pays_200_yuan_and_10_a_head_up_to_1000_from_5_heads_on(headcount: int, amount_fen: int) -> None:
    assert estimate(POLICY, headcount=headcount).amount_fen == amount_fen


def test_names_the_policy_the_heads_and_every_amount() -> None:
    explained = estimate(POLICY, headcount=20)
    assert rules(explained.explanation) == ["policy", "heads_paid", "base", "heads"]
    assert explained.explanation[0]["inputs"] == {
        "id": str(POLICY.id),
        "name": "default",
        "version": 1,
        "citation": "〔2020〕1号",
    }
    assert [line["amount_fen"] for line in explained.explanation] == [0, 0, 200_00, 200_00]


def test_names_the_cap_only_when_it_binds() -> None:
    assert "visit_cap" not in rules(estimate(POLICY, headcount=80).explanation)
    cap = estimate(POLICY, headcount=81).explanation[-1]
    assert cap == {"rule": "visit_cap", "inputs": {"cap_fen": 1_000_00, "before_fen": 1_010_00}, "amount_fen": -10_00}


def test_says_that_too_few_came() -> None:
    short = estimate(POLICY, headcount=4)
    assert short.explanation[-1] == {
        "rule": "minimum_attendance",
        "inputs": {"heads": 4, "heads_min": 5},
        "amount_fen": 0,
    }


@pytest.mark.parametrize(
    ("heads", "paid"),
    [
        (Heads(ordered=20, checked_in=18, closed=17, confirmed=16), 16),
        (Heads(ordered=20, checked_in=18, closed=15, confirmed=16), 15),
        (Heads(ordered=20, checked_in=14, closed=14, confirmed=16), 14),
        (Heads(ordered=12, checked_in=18, closed=17, confirmed=17), 12),
        (Heads(ordered=20, checked_in=18, closed=17), 17),
        (Heads(ordered=20, checked_in=18, closed=17, confirmed=0), 0),
    ],
)
def test_pays_for_the_lowest_count(heads: Heads, paid: int) -> None:
    assert heads.paid == paid
    assert amount_due(POLICY, heads=heads).amount_fen == estimate(POLICY, headcount=paid).amount_fen


def test_never_pays_more_than_was_set_aside() -> None:
    heads = Heads(ordered=20, checked_in=20, closed=20)
    due = amount_due(POLICY, heads=heads, encumbered_fen=399_99)
    assert due.amount_fen == 399_99
    assert due.explanation[-1]["rule"] == "encumbrance"


@pytest.mark.parametrize(
    ("per_visit_fen", "factor", "amount_fen"),
    [(1, "0.5", 1), (3, "0.5", 2), (1, "0.49", 0), (5, "1.5", 8), (100, "1.155", 116), (100, "1.145", 115)],
)
def test_rounds_half_up_once_after_the_factor(per_visit_fen: int, factor: str, amount_fen: int) -> None:
    policy = replace(POLICY, per_visit_fen=per_visit_fen, per_head_fen=0)
    assert estimate(policy, headcount=5, factor=Decimal(factor)).amount_fen == amount_fen


def test_caps_after_the_factor() -> None:
    assert estimate(POLICY, headcount=80, factor=Decimal("1.2")).amount_fen == 1_000_00


@given(
    ordered=numbers,
    checked_in=numbers,
    closed=numbers,
    confirmed=st.none() | numbers,
    factor=st.decimals("0.10", "3.00", places=2),
    encumbered_fen=st.integers(0, 200_000),
)
def test_the_lines_add_up_to_the_amount(
    *, ordered: int, checked_in: int, closed: int, confirmed: int | None, factor: Decimal, encumbered_fen: int
) -> None:
    heads = Heads(ordered=ordered, checked_in=checked_in, closed=closed, confirmed=confirmed)
    due = amount_due(POLICY, heads=heads, encumbered_fen=encumbered_fen, factor=factor)
    assert due.amount_fen == sum(line["amount_fen"] for line in due.explanation)
    assert 0 <= due.amount_fen <= min(encumbered_fen, POLICY.visit_cap_fen)
    assert due.amount_fen == 0 or heads.paid >= POLICY.heads_min


class TestModes:
    def test_by_visit_heads_make_no_difference(self) -> None:
        policy = replace(POLICY, mode="per_visit", per_head_fen=0)
        assert {estimate(policy, headcount=heads).amount_fen for heads in (5, 20, 500)} == {200_00}

    @pytest.mark.parametrize(("heads", "amount_fen"), [(19, 390_00), (20, 400_00), (21, 405_00), (60, 600_00)])
    def test_by_tiers_each_head_has_the_rate_of_its_tier(self, heads: int, amount_fen: int) -> None:
        tiers = [{"heads_to": 20, "per_head_fen": 10_00}, {"heads_to": None, "per_head_fen": 5_00}]
        policy = replace(POLICY, mode="tiered", per_head_fen=0, head_tiers=tiers)
        told = estimate(policy, headcount=heads)
        assert told.amount_fen == amount_fen
        assert rules(told.explanation).count("tier") == (2 if heads > 20 else 1)

    def test_by_invoice_the_most_is_set_aside_and_the_invoice_is_paid(self) -> None:
        policy = replace(POLICY, mode="invoice_actual", per_visit_fen=0, per_head_fen=0)
        heads = Heads(ordered=20, checked_in=20, closed=20)
        place = Place(factor=Decimal("1.20"))
        assert estimate(policy, headcount=20, place=place).amount_fen == 1_000_00
        assert amount_due(policy, heads=heads, place=place, invoice_fen=321_09).amount_fen == 321_09
        over = amount_due(policy, heads=heads, invoice_fen=5_000_00)
        assert (over.amount_fen, over.cap) == (1_000_00, "visit_cap")

    def test_nothing_after_the_last_day_and_for_other_kinds(self) -> None:
        policy = replace(POLICY, last_spending_day="12-20", site_kinds=["training_base"])
        before, after = (Place(visit_on=date(2026, 12, day)) for day in (20, 21))
        assert estimate(policy, headcount=20, place=before).amount_fen == 400_00
        assert rules(estimate(policy, headcount=20, place=after).explanation)[-1] == "last_spending_day"
        other = estimate(policy, headcount=20, place=Place(applies=False))
        assert (other.amount_fen, rules(other.explanation)[-1]) == (0, "site_kind")

    def test_factors_multiply_and_round_once(self) -> None:
        policy = replace(
            POLICY, per_head_fen=0, per_visit_fen=33, star_factors={"5": "1.50"}, category_factors={"rural": "1.10"}
        )
        factor = policy.factor_for(star=5, category="rural", grade=None)
        assert estimate(policy, headcount=5, factor=factor).amount_fen == 54  # 33 x 1.65 = 54.45, not 50 x 1.10 = 55


class TestCaps:
    def test_the_first_that_binds_is_named(self) -> None:
        caps = [Cap("site_month_cap", 5_000_00, 4_700_00), Cap("branch_year_cap", 900_00, 800_00)]
        told = estimate(POLICY, headcount=20, place=Place(caps=caps))
        assert (told.amount_fen, told.cap) == (100_00, "site_month_cap")
        assert told.explanation[-2]["inputs"] == {
            "cap_fen": 5_000_00,
            "used_fen": 4_700_00,
            "left_fen": 300_00,
            "before_fen": 400_00,
        }

    def test_a_cap_that_is_used_up_leaves_nothing(self) -> None:
        assert estimate(POLICY, headcount=20, place=Place(caps=[Cap("fund_share", 10, 12)])).amount_fen == 0


@given(
    heads=numbers,
    mode=st.sampled_from(MODES),
    first=st.integers(1, 50),
    rates=st.tuples(st.integers(0, 50_00), st.integers(0, 50_00)),
    factor=st.decimals("0.10", "2.99", places=2),
    caps=st.lists(
        st.builds(Cap, st.sampled_from(CAPS[1:]), st.integers(0, 3_000_00), st.integers(0, 3_000_00)), max_size=4
    ),
    invoice_fen=st.none() | st.integers(1, 3_000_00),
)
def test_whatever_the_policy_the_lines_add_up_and_no_cap_is_passed(
    *,
    heads: int,
    mode: str,
    first: int,
    rates: tuple[int, int],
    factor: Decimal,
    caps: list[Cap],
    invoice_fen: int | None,
) -> None:
    tiers = [{"heads_to": first, "per_head_fen": rates[0]}, {"heads_to": None, "per_head_fen": rates[1]}]
    policy = replace(POLICY, mode=mode, head_tiers=tiers if mode == "tiered" else [])
    counted = Heads(ordered=heads, checked_in=heads, closed=heads)
    due = amount_due(policy, heads=counted, place=Place(factor=factor, caps=caps), invoice_fen=invoice_fen)
    assert due.amount_fen == sum(line["amount_fen"] for line in due.explanation)
    assert 0 <= due.amount_fen <= min([policy.visit_cap_fen, *(cap.left_fen for cap in caps)])
    assert (due.cap is None) == (not set(CAPS) & set(rules(due.explanation)))
