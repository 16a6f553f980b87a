"""The books: five acts, guarded by the database; entries that nobody changes (S10)."""

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg2
import pytest
from chassis.refusals import Refusal
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.ledger import (
    MOVES,
    REASONS,
    AppropriationRepeated,
    EncumbranceResolved,
    FundExhausted,
)
from sites.operations import ledger
from sites.tables.money import encumbrances
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import TestDatabase
from tests.sites.articles import NOON, fund_year, money_in_the_fund
from tests.sites.money import SITE, at_once, books, encumbered, entries, pay, post


class TestTheFiveActs:
    def test_money_goes_from_the_appropriation_to_the_site(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        order = encumbered(db, fund, 400_00)
        claim = post(db, order, 380_00)
        pay(db, fund, ledger.Payment(order, claim, SITE, 380_00))
        assert entries(db) == [
            ("appropriations", "available", 1000_00, "appropriation"),
            ("available", "encumbered", 400_00, "order_placed"),
            ("encumbered", "payable:site-a", 380_00, "claim_approved"),
            ("encumbered", "available", 20_00, "claim_remainder"),
            ("payable:site-a", "paid:site-a", 380_00, "payment"),
        ]
        assert books(db) == {
            "appropriations": -1000_00,
            "available": 620_00,
            "encumbered": 0,
            "payable:site-a": 0,
            "paid:site-a": 380_00,
        }

    @pytest.mark.parametrize("reason", ["order_cancelled", "order_refused", "order_expired", "order_no_show"])
    def test_a_release_gives_the_money_back(self, db: Connection, reason: str) -> None:
        fund = money_in_the_fund(db, amount_fen=400_00)
        order = encumbered(db, fund, 400_00)
        assert ledger.release(db, order_id=order, reason=reason, at=NOON) == 400_00
        assert books(db)["available"] == 400_00
        assert entries(db)[-1] == ("encumbered", "available", 400_00, reason)

    def test_a_second_release_gives_nothing(self, db: Connection) -> None:
        order = encumbered(db, money_in_the_fund(db, amount_fen=400_00), 400_00)
        ledger.release(db, order_id=order, reason="order_cancelled", at=NOON)
        assert ledger.release(db, order_id=order, reason="order_expired", at=NOON) == 0
        assert books(db)["available"] == 400_00

    def test_a_release_of_an_order_without_subsidy_gives_nothing(self, db: Connection) -> None:
        assert ledger.release(db, order_id=uuid4(), reason="order_cancelled", at=NOON) == 0

    def test_a_release_has_a_reason_of_the_list(self, db: Connection) -> None:
        with pytest.raises(ValueError, match="releases no encumbrance"):
            ledger.release(db, order_id=uuid4(), reason="claim_approved", at=NOON)

    def test_nothing_to_set_aside_makes_no_entry(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100)
        encumbered(db, fund, 0)
        assert len(entries(db)) == 1

    def test_a_document_grants_money_once(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        with pytest.raises(AppropriationRepeated, match="〔2026〕1号 is in the books"), db.begin_nested():
            ledger.appropriate(
                db, fund_id=fund, year=2026, amount_fen=1, document_number="〔2026〕1号", at=NOON, by=None
            )
        ledger.appropriate(
            db, fund_id=fund, year=2026, amount_fen=50_00, document_number="〔2026〕2号", at=NOON, by=None
        )
        assert books(db)["available"] == 150_00

    def test_a_year_without_money_pays_nothing(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00, year=2025)
        with pytest.raises(FundExhausted), db.begin_nested():
            encumbered(db, fund, 1)

    def test_refuses_one_fen_more_than_there_is(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=400_00)
        with pytest.raises(FundExhausted), db.begin_nested():
            encumbered(db, fund, 400_01)
        encumbered(db, fund, 400_00)
        assert fund_year(db, fund).available_fen == 0
        with pytest.raises(FundExhausted), db.begin_nested():
            encumbered(db, fund, 1)

    def test_posts_at_most_what_was_set_aside(self, db: Connection) -> None:
        order = encumbered(db, money_in_the_fund(db, amount_fen=1000_00), 400_00)
        with pytest.raises(DBAPIError, match="posted_fen"), db.begin_nested():
            post(db, order, 400_01)
        post(db, order, 400_00)
        assert books(db)["available"] == 600_00

    def test_pays_no_more_than_is_owed_to_the_site(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        first, second = encumbered(db, fund, 100_00), encumbered(db, fund, 100_00)
        claim = post(db, first, 100_00)
        post(db, second, 100_00, site_code="site-b")
        with pytest.raises(DBAPIError, match="site_balances_not_negative"), db.begin_nested():
            pay(db, fund, ledger.Payment(first, claim, SITE, 100_01))

    def test_a_batch_pays_a_claim_once(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        order = encumbered(db, fund, 100_00)
        payment = ledger.Payment(order, post(db, order, 100_00), SITE, 50_00)
        batch = uuid4()
        pay(db, fund, payment, batch_id=batch)
        with pytest.raises(DBAPIError, match="ledger_entries_payment_key"), db.begin_nested():
            pay(db, fund, payment, batch_id=batch)


class TestAnEncumbrance:
    @pytest.mark.parametrize("state", ["pending", "posted", "voided"])
    @pytest.mark.parametrize("verb", ["post", "release"])
    def test_resolves_once(self, db: Connection, state: str, verb: str) -> None:
        order = encumbered(db, money_in_the_fund(db, amount_fen=1000_00), 400_00)
        if state == "posted":
            post(db, order, 400_00)
        if state == "voided":
            ledger.release(db, order_id=order, reason="order_cancelled", at=NOON)
        before = entries(db)
        sources, target = MOVES[verb]
        if verb == "post" and state not in sources:
            with pytest.raises(EncumbranceResolved), db.begin_nested():
                post(db, order, 400_00)
        elif verb == "post":
            post(db, order, 400_00)
        else:
            released = ledger.release(db, order_id=order, reason="claim_rejected", at=NOON)
            assert released == (400_00 if state in sources else 0)
        now = db.execute(select(encumbrances).where(encumbrances.c.order_id == order)).one()
        assert now.state == (target if state in sources else state)
        assert (len(entries(db)) > len(before)) == (state in sources)
        books(db)


class TestEntries:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_entries SET amount_fen = 1",
            "DELETE FROM ledger_entries",
            "TRUNCATE ledger_entries",
        ],
    )
    def test_refuse_change_by_the_service(self, db: Connection, statement: str) -> None:
        money_in_the_fund(db)
        with pytest.raises(DBAPIError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_entries SET amount_fen = 1",
            "DELETE FROM ledger_entries",
            "TRUNCATE ledger_entries",
        ],
    )
    @pytest.mark.parametrize("role", ["owner", "superuser"])
    def test_refuse_change_by_anybody(self, clone_of: Callable[[str], TestDatabase], role: str, statement: str) -> None:
        clone = clone_of("sites")
        connection = psycopg2.connect(clone.owner_url if role == "owner" else clone.superuser_url)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, at)"
                " VALUES (gen_random_uuid(), 2026, 'available', 'encumbered', 1, 'order_placed', now())"
            )
            with pytest.raises(psycopg2.Error, match="only added, never changed or removed"):
                cursor.execute(statement)
        connection.close()

    def test_take_no_reason_that_is_no_business_event(self, db: Connection) -> None:
        with pytest.raises(DBAPIError, match="ledger_entries_reason"):
            db.execute(
                text(
                    "INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, at)"
                    " VALUES (gen_random_uuid(), 2026, 'available', 'encumbered', 1, 'correction', now())"
                )
            )
        assert "correction" not in REASONS

    @pytest.mark.parametrize(
        ("debit", "amount_fen", "constraint"),
        [("available", 0, "amount_fen"), ("available", -1, "amount_fen"), ("encumbered", 1, "two_accounts")],
    )
    def test_move_something_somewhere(self, db: Connection, debit: str, amount_fen: int, constraint: str) -> None:
        with pytest.raises(DBAPIError, match=f"ledger_entries_{constraint}"):
            db.execute(
                text(
                    "INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, at)"
                    " VALUES (gen_random_uuid(), 2026, :debit, 'encumbered', :fen, 'order_placed', now())"
                ),
                {"debit": debit, "fen": amount_fen},
            )


class TestAtOnce:
    def test_the_last_yuan_of_a_fund_is_spent_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=3_00)
        ended = at_once(database, 16, lambda db, _: encumbered(db, fund, 1_00))
        assert ended == ["done"] * 3 + ["fund-exhausted"] * 13
        with database.connect() as db:
            assert fund_year(db, fund).available_fen == 0
            assert books(db)["encumbered"] == 3_00

    def test_an_encumbrance_is_posted_or_released_never_both(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=100_00)
            orders = [encumbered(db, fund, 10_00) for _ in range(4)]

        def resolve(db: Connection, number: int) -> None:
            order = orders[number % 4]
            if number % 8 < 4:
                post(db, order, 10_00)
            else:
                ledger.release(db, order_id=order, reason="order_cancelled", at=NOON)

        at_once(database, 16, resolve)
        with database.connect() as db:
            states = db.execute(select(encumbrances.c.state)).scalars().all()
            posted = states.count("posted") * 10_00
            assert "pending" not in states
            assert books(db)["available"] == 100_00 - posted
            assert fund_year(db, fund).payable_fen == posted

    def test_a_document_is_appropriated_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=0)

        def grant(db: Connection, _: int) -> None:
            ledger.appropriate(db, fund_id=fund, year=2026, amount_fen=7, document_number="X", at=NOON, by=None)

        assert at_once(database, 8, grant) == ["appropriation-repeated"] * 7 + ["done"]
        with database.connect() as db:
            assert books(db)["available"] == 7


acts = st.lists(
    st.tuples(
        st.sampled_from(["encumber", "release", "post", "pay", "appropriate"]),
        st.integers(0, 5),
        st.integers(1, 500),
    ),
    max_size=40,
)


@given(acts=acts)
def test_the_books_balance_after_any_sequence_of_acts(engine: Engine, acts: list[tuple[str, int, int]]) -> None:
    """Six orders, any act on any of them in any sequence, sensible or not."""
    with engine.connect() as db:
        fund = money_in_the_fund(db, amount_fen=1000)
        orders = [uuid4() for _ in range(6)]
        posted: dict[UUID, tuple[UUID, int]] = {}
        resolved: dict[UUID, int] = dict.fromkeys(orders, 0)
        granted, paid = 1000, 0
        for number, (act, which, amount_fen) in enumerate(acts):
            order = orders[which]
            try:
                with db.begin_nested():
                    match act:
                        case "encumber":
                            encumbered(db, fund, amount_fen, order_id=order)
                        case "release":
                            resolved[order] += ledger.release(db, order_id=order, reason="order_expired", at=NOON) > 0
                        case "post":
                            posted[order] = (post(db, order, amount_fen), amount_fen)
                            resolved[order] += 1
                        case "pay" if order in posted:
                            claim, owed_fen = posted[order]
                            pay(db, fund, ledger.Payment(order, claim, SITE, owed_fen))
                            paid += owed_fen
                            del posted[order]
                        case "appropriate":
                            ledger.appropriate(
                                db,
                                fund_id=fund,
                                year=2026,
                                amount_fen=amount_fen,
                                document_number=str(number),
                                at=NOON,
                                by=None,
                            )
                            granted += amount_fen
            except (Refusal, DBAPIError):
                pass
            balances = books(db)
            assert balances["available"] >= 0
            assert balances["appropriations"] == -granted
            assert balances.get(f"paid:{SITE}", 0) == paid
            assert all(times <= 1 for times in resolved.values())
