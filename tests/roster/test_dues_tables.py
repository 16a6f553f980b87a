"""The table of rates, and what is due by it."""

from datetime import date, timedelta

import pytest
from chassis.actors import Forbidden
from chassis.refusals import PreconditionFailed
from contracts.roster.dues import MemberDuesAsked
from contracts.roster.dues_tables import DuesRate, SetDuesTable
from hypothesis import given
from hypothesis import strategies as st
from roster.domain import dues as rules
from roster.operations import dues
from roster.queries import dues as asked_of
from sqlalchemy import Connection

from tests.articles import NOON, an_actor
from tests.roster.dues import NATIONAL, a_payer, month_of, reckon
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import an_administrator


class TestRates:
    @pytest.mark.parametrize(
        ("kind", "amount_fen", "due_fen"),
        [
            ("wage", 300_000, 1_500),
            ("wage", 300_001, 3_000),
            ("wage", 500_000, 5_000),
            ("wage", 500_001, 7_500),
            ("wage", 1_000_000, 15_000),
            ("wage", 1_000_001, 20_000),
            ("pension", 500_000, 2_500),
            ("pension", 500_001, 5_000),
            ("farmer", 20, 20),
            ("farmer", 100, 100),
            ("minimum", 20, 20),
            ("wage", 100, 1),  # half a fen is one
            ("wage", 99_900, 500),  # 499.5 fen
            ("wage", 99_899, 499),
        ],
    )
    def test_the_rate_of_the_band_is_due_of_the_whole(self, kind: str, amount_fen: int, due_fen: int):
        assert rules.dues_of(NATIONAL, kind, amount_fen) == due_fen

    @given(kind=st.sampled_from(["wage", "pension"]), amounts=st.tuples(*[st.integers(100, 3_000_000)] * 2))
    def test_who_has_more_never_pays_less(self, kind: str, amounts: tuple[int, int]):
        less, more = sorted(amounts)
        assert rules.dues_of(NATIONAL, kind, less) <= rules.dues_of(NATIONAL, kind, more)

    @given(amount=st.integers(100, 3_000_000))
    def test_it_is_the_rate_to_within_half_a_fen(self, amount: int):
        rate = rules.rate_of(NATIONAL, "wage", amount).rate_bp
        assert -1 < 2 * (rules.dues_of(NATIONAL, "wage", amount) * 10_000 - amount * rate) / 10_000 <= 1

    def test_the_table_of_the_migration_is_the_national_one(self, db: Connection):
        assert asked_of.table_on(db, date(2026, 11, 1)).rates == NATIONAL

    def test_the_database_reckons_as_the_rule_says(self, db: Connection):
        branch = a_branch(db)
        given_ = {
            a_payer(db, branch=branch, kind=kind, amount_fen=fen): rules.dues_of(NATIONAL, kind, fen)
            for kind, fen in (
                *(("wage", fen) for fen in (100, 99_900, 300_000, 300_001, 500_001, 1_000_000, 1_000_001, 1_234_567)),
                *(("pension", fen) for fen in (500_000, 500_001)),
                *(("farmer", 60), ("minimum", 20)),
            )
        }
        reckon(db, branch, "2026-11")
        assert {line.person_id: line.due_fen for line in month_of(db, branch, "2026-11").lines} == given_


class TestTable:
    def test_is_set_ahead_and_changes_nothing_that_was_reckoned(self, db: Connection):
        district = a_committee(db)
        branch = a_branch(db, parent=district)
        person = a_payer(db, branch=branch)
        officer = an_actor(("officer", path_of(db, district)))
        reckon(db, branch, "2026-11")
        now = asked_of.tables(db, actor=officer, at=NOON)
        assert now.can_set
        dearer = [rate if rate.kind != "wage" else DuesRate("wage", rate.above_fen, 500) for rate in NATIONAL]
        form = SetDuesTable(now.in_force, "2026-12", dearer, "淄党组〔2026〕9号")
        with pytest.raises(rules.TableMonthBegun):
            dues.set_table(db, asked=SetDuesTable(now.in_force, "2026-11", dearer, "x"), actor=officer, at=NOON)
        set_ = dues.set_table(db, asked=form, actor=officer, at=NOON)
        assert (set_.in_force, len(set_.tables)) == (now.in_force, 2)
        with pytest.raises(PreconditionFailed):
            dues.set_table(db, asked=form, actor=officer, at=NOON)
        december = NOON + timedelta(days=31)
        reckon(db, branch, "2026-11", "2026-12", at=december)
        entries = asked_of.member(db, MemberDuesAsked(person), actor=an_administrator(db, branch), at=december)
        assert {entry.month: entry.due_fen for entry in entries.months} == {"2026-11": 4_000, "2026-12": 20_000}

    @pytest.mark.parametrize(
        "wage",
        [
            [],
            [DuesRate("wage", 1, 50)],
            [DuesRate("wage", 0, 100), DuesRate("wage", 300_000, 50)],
            [DuesRate("wage", 0, 50), DuesRate("wage", 0, 60)],
            [DuesRate("wage", 0)],
            [DuesRate("wage", 0, None, 30, 20)],
            [DuesRate("wage", 0, 50, 1, 2)],
        ],
    )
    def test_refuses_bands_that_leave_a_gap_or_fall(self, wage: list[DuesRate]):
        with pytest.raises(rules.BandsNotRight):
            rules.check_table([*wage, *NATIONAL[4:]], ("wage",))

    def test_only_the_districts_officer_sets_it(self, db: Connection):
        town = a_committee(db, parent=a_committee(db, parent=a_committee(db)))
        officer = an_actor(("officer", path_of(db, town)))
        with pytest.raises(Forbidden):
            dues.set_table(db, asked=SetDuesTable(1, "2026-12", NATIONAL, "x"), actor=officer, at=NOON)
