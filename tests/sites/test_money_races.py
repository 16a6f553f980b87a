"""Many at once on one fund: the last money goes to exactly as many as it is enough for, and nobody waits in a ring."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis.actors import Actor
from chassis.database import direct
from contracts.sites.claims import MoveClaims
from contracts.sites.orders import AmendOrder
from sites.operations import claims, ledger, orders, seals
from sites.queries.ledger import disagree
from sqlalchemy import Connection, Engine

from tests.conftest import IS_LONG
from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_command,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    fund_year,
    money_in_the_fund,
)
from tests.sites.money import (
    CLOSED,
    VISIT,
    Visit,
    a_bank_file,
    a_move,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    brings,
    confirmed,
    with_reason,
)

PARTY_FEN = 400_00
"""What a party of twenty costs; one of three is below the minimum and costs nothing."""
ROUNDS = 40 if IS_LONG else 2

Act = Callable[[], Any]


def in_a_transaction(database: Engine, act: Callable[[Connection], object]) -> str:
    with database.begin() as db:
        act(db)
    return "done"


def places(database: Engine, slot: Slot, branch: Branch) -> Act:
    def place() -> str:
        asked, actor = an_order(slot, branch=branch), a_secretary(branch)
        with direct(database, service="sites") as cursor:
            orders.place(cursor, order=asked, actor=actor, at=NOON, command=a_command(asked, actor=actor))
        return "done"

    return place


def amends(database: Engine, order: tuple[UUID, Actor]) -> Act:
    asked = AmendOrder(order[0], party_size=20)
    return partial(in_a_transaction, database, lambda db: orders.amend(db, asked=asked, actor=order[1], at=NOON))


def cancels(database: Engine, order: tuple[UUID, Actor]) -> Act:
    given: dict[str, Any] = {"order_id": order[0], "reason": "雨", "actor": order[1], "at": NOON}
    return partial(in_a_transaction, database, lambda db: orders.cancel(db, **given))


def restores(database: Engine, visit: Visit) -> Act:
    assert visit.claim_id is not None
    given: dict[str, Any] = {"order_id": visit.order_id, "claim_id": visit.claim_id, "at": CLOSED, "by": None}
    return partial(in_a_transaction, database, lambda db: ledger.restore(db, **given))


def rejects(database: Engine, visit: Visit) -> Act:
    given: dict[str, Any] = {"asked": with_reason(visit), "actor": a_preparer(), "at": CLOSED}
    return partial(in_a_transaction, database, lambda db: claims.reject(db, **given))


def approves(database: Engine, visit: Visit) -> Act:
    given: dict[str, Any] = {"asked": a_move(visit), "actor": a_preparer(), "at": CLOSED}
    return partial(in_a_transaction, database, lambda db: claims.approve(db, **given))


def approves_all(database: Engine, visits: list[Visit]) -> Act:
    asked = MoveClaims([visit.claim_id for visit in visits if visit.claim_id])
    return partial(
        in_a_transaction, database, lambda db: claims.approve_many(db, asked=asked, actor=a_preparer(), at=CLOSED)
    )


def seals_what_there_is(database: Engine) -> Act:
    return partial(in_a_transaction, database, seals.seal)


def ready_to_spend(database: Engine, *, each: int) -> tuple[UUID, list[Act], list[Visit]]:
    """A fund whose money is all spent or given back, `each` of three ways to ask for a party's money, and as many
    claims that are waiting to be decided."""
    with database.begin() as db:
        fund = money_in_the_fund(db, amount_fen=2 * each * PARTY_FEN)
        site = a_site(db, seats=500)
        a_payee(db, site)
        slot = a_slot(db, site=site, seats=500, starts_at=VISIT + timedelta(hours=3))
        small = [a_placed_order(db, slot=slot, party_size=3) for _ in range(each)]
        waiting = []
        rejected = []
        for number in range(2 * each):
            visit = a_visit(db, site=site, visit_at=VISIT + timedelta(minutes=number))
            confirmed(db, visit)
            (rejected if number % 2 else waiting).append(visit)
        for visit in rejected:
            claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        branches = [a_branch(db) for _ in range(each)]
    acts = [
        *(places(database, slot, branch) for branch in branches),
        *(amends(database, order) for order in small),
        *(restores(database, visit) for visit in rejected),
    ]
    return fund, acts, waiting


class TestTheLastYuan:
    @pytest.mark.parametrize("enough_for", [1, 5])
    def test_goes_to_exactly_as_many_as_it_is_enough_for(self, database: Engine, enough_for: int) -> None:
        """Orders placed, orders made larger and claims set aside for again all want the same money at once."""
        fund, acts, _ = ready_to_spend(database, each=4)
        spare = 4 - enough_for
        with database.begin() as db:
            # What the rejected claims gave back is enough for four.
            if spare > 0:
                ledger.encumber(
                    db, fund_id=fund, year=2026, order_id=fund, amount_fen=spare * PARTY_FEN, at=NOON, by=None
                )
            else:
                granted: dict[str, Any] = {"amount_fen": -spare * PARTY_FEN + PARTY_FEN - 1, "document_number": "增"}
                ledger.appropriate(db, fund_id=fund, year=2026, at=NOON, by=None, **granted)
        told = Counter(at_once(acts))
        assert told == {"done": enough_for, "fund-exhausted": 12 - enough_for}
        with database.connect() as db:
            assert fund_year(db, fund).available_fen == (PARTY_FEN - 1 if spare < 0 else 0)
            assert not disagree(db, fund)

    def test_what_is_given_back_meanwhile_is_spent_once(self, database: Engine) -> None:
        """Four rejections give money for four more while twelve ask for what there is; then the refused ask again."""
        fund, acts, waiting = ready_to_spend(database, each=4)
        told = at_once([*acts, *(rejects(database, visit) for visit in waiting)])
        assert told[12:] == ["done"] * 4
        assert set(told[:12]) <= {"done", "fund-exhausted"}
        assert 4 <= told[:12].count("done") <= 8
        refused = [act for act, ended in zip(acts, told, strict=False) if ended != "done"]
        again = at_once(refused)
        assert told[:12].count("done") + again.count("done") == 8
        with database.connect() as db:
            assert fund_year(db, fund).available_fen == 0
            assert not disagree(db, fund)


def test_nobody_waits_in_a_ring(database: Engine, tmp_path: Path) -> None:
    """Placing, cancelling, amending, approving one and many, rejecting, sealing, paying: one fund, the same two sites.

    Whoever is told `busy` was chosen by the server to break a ring.
    """
    with database.begin() as db:
        fund = money_in_the_fund(db)
        sites = [a_site(db, seats=500), a_site(db, seats=500)]
        for site in sites:
            a_payee(db, site)
    for number in range(ROUNDS):
        with database.begin() as db:
            day = timedelta(minutes=20 * number)
            slots = [a_slot(db, site=site, seats=500, starts_at=VISIT + day + timedelta(hours=5)) for site in sites]
            visits = [
                a_visit(db, site=sites[place % 2], visit_at=VISIT + day + timedelta(minutes=place))
                for place in range(8)
            ]
            to_pay = an_approved_batch(db, *visits[6:])
            for visit in visits[:6]:
                confirmed(db, visit)
            placed = [a_placed_order(db, slot=slot, party_size=size) for slot in slots for size in (20, 3)]
            branches = [a_branch(db) for _ in range(4)]
        told = at_once(
            [
                *(places(database, slots[place % 2], branch) for place, branch in enumerate(branches)),
                cancels(database, placed[2]),
                cancels(database, placed[0]),
                amends(database, placed[1]),
                amends(database, placed[3]),
                approves_all(database, list(reversed(visits[:3]))),
                approves_all(database, visits[1:4]),
                approves(database, visits[4]),
                rejects(database, visits[5]),
                seals_what_there_is(database),
                partial(
                    in_a_transaction,
                    database,
                    lambda db, batch=to_pay: brings(db, tmp_path, batch, a_bank_file(batch)),
                ),
            ]
        )
        assert told == ["done"] * len(told)
        with database.connect() as db:
            assert not disagree(db, fund)
