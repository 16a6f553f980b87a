"""Keys of vouchers: published before they sign, retired and still believed, leaked and never again; no two at once."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.sites.vouchers import LeakVoucherKey, VoucherKeysAsked
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.voucher_keys import MOVES, PUBLISHED_BEFORE, SIGNS_FOR, STATES, VoucherKeyNotMovable
from sites.domain.voucher_tokens import read
from sites.domain.vouchers import VoucherSuperseded, VoucherUnknown, VoucherWithdrawn
from sites.operations import orders, voucher_keys
from sites.queries import voucher_keys as queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import NOON, a_check_in, a_placed_order, a_slot, a_steward, come, the_order


def states(db: Connection) -> dict[int, str]:
    return {row.kid: row.state for row in db.execute(text("SELECT kid, state FROM voucher_keys"))}


def listed(db: Connection, *, at: datetime = NOON) -> dict[int, str]:
    return {key.kid: key.state for key in queries.keys(db, VoucherKeysAsked(), at=at).items}


def an_admin() -> Actor:
    return an_actor(("admin", "3703"), name="系统管理员")


def leak(db: Connection, kid: int, *, at: datetime = NOON) -> Any:
    return voucher_keys.leak(db, asked=LeakVoucherKey(kid=kid, reason="口令外泄"), actor=an_admin(), at=at)


@pytest.fixture
def order(db: Connection) -> Any:
    slot = a_slot(db)
    order_id, secretary = a_placed_order(db, slot=slot)

    class Ordered:
        id, by, at_slot = order_id, secretary, slot

        def token(self, *, at: datetime = NOON) -> str:
            token = voucher_keys.voucher(db, order_id, actor=secretary, at=at).token
            assert token is not None
            return token

        def comes(self, token: str) -> Any:
            return come(db, a_check_in(token), actor=a_steward(slot.site), at=slot.starts_at)

    return Ordered()


class TestToken:
    def test_says_the_order_and_opens_the_door(self, db: Connection, order: Any) -> None:
        token = order.token()
        said = read(token)[0]
        kept = the_order(db, order.id)
        assert (said.order_id, said.revision, said.party_size) == (order.id, 1, 20)
        assert (said.site_id, said.starts_at, said.ends_at) == (kept.site_id, kept.starts_at, kept.ends_at)
        assert order.comes(token).order_id == order.id

    def test_of_an_older_revision_is_refused_with_what_to_do(self, db: Connection, order: Any) -> None:
        token = order.token()
        db.execute(text("UPDATE orders SET voucher_revision = 2 WHERE id = :id"), {"id": order.id})
        with pytest.raises(VoucherSuperseded, match="newest"):
            order.comes(token)
        assert order.comes(order.token()).count == 20

    def test_with_a_forged_signature_is_unknown(self, db: Connection, order: Any) -> None:
        token = order.token()
        with pytest.raises(VoucherUnknown):
            order.comes(token[:-3] + ("000" if token[-3:] != "000" else "100"))

    def test_is_none_once_the_order_is_cancelled(self, db: Connection, order: Any) -> None:
        orders.cancel(db, order_id=order.id, reason="下雨", actor=order.by, at=NOON)
        assert voucher_keys.voucher(db, order.id, actor=order.by, at=NOON).token is None


class TestRotation:
    def test_the_next_key_is_published_fourteen_days_before_it_signs(self, db: Connection) -> None:
        voucher_keys.rotate(db, at=NOON)
        voucher_keys.rotate(db, at=NOON + SIGNS_FOR - PUBLISHED_BEFORE - timedelta(seconds=1))
        assert states(db) == {1: "signing"}
        voucher_keys.rotate(db, at=NOON + SIGNS_FOR - PUBLISHED_BEFORE)
        voucher_keys.rotate(db, at=NOON + SIGNS_FOR - timedelta(seconds=1))
        assert listed(db) == {1: "signing", 2: "next"}
        voucher_keys.rotate(db, at=NOON + SIGNS_FOR)
        assert states(db) == {1: "retired", 2: "signing"}

    def test_a_timer_that_was_away_still_gives_devices_their_fourteen_days(self, db: Connection) -> None:
        voucher_keys.rotate(db, at=NOON)
        late = NOON + SIGNS_FOR + timedelta(days=30)
        voucher_keys.rotate(db, at=late)
        voucher_keys.rotate(db, at=late + PUBLISHED_BEFORE - timedelta(seconds=1))
        assert states(db) == {1: "signing", 2: "next"}

    def test_a_retired_key_stays_until_its_last_voucher_ended(self, db: Connection, order: Any) -> None:
        token = order.token()
        ends_at = order.at_slot.ends_at
        db.execute(text("UPDATE voucher_keys SET signs_from = :at"), {"at": NOON - SIGNS_FOR})
        voucher_keys.rotate(db, at=NOON)
        voucher_keys.rotate(db, at=NOON + PUBLISHED_BEFORE)
        assert states(db) == {1: "retired", 2: "signing"}
        assert listed(db, at=ends_at) == {1: "retired", 2: "signing"}
        assert listed(db, at=ends_at + timedelta(seconds=1)) == {2: "signing"}
        assert order.comes(token).count == 20

    def test_a_new_secret_of_the_service_lets_a_new_key_sign(
        self, db: Connection, order: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = order.token()
        monkeypatch.setenv("VOUCHER_SECRET", os.environ["VOUCHER_SECRET"] + " changed")
        voucher_keys.rotate(db, at=NOON)
        assert states(db) == {1: "retired", 2: "signing"}
        assert order.comes(token).count == 20  # what was signed before still proves itself

    @given(days=st.lists(st.integers(1, 60), max_size=30))
    def test_on_any_days_one_key_signs_and_no_key_signs_unpublished(self, engine: Engine, days: list[int]) -> None:
        with engine.connect() as db:
            at = NOON
            voucher_keys.rotate(db, at=at)
            for days_later in days:
                at += timedelta(days=days_later)
                voucher_keys.rotate(db, at=at)
                assert Counter(states(db).values())["signing"] == 1
            early = "SELECT count(*) FROM voucher_keys WHERE kid > 1 AND signs_from < published_at + interval '14 days'"
            assert db.execute(text(early)).scalar_one() == 0

    def test_processes_that_begin_together_make_one_key(self, database: Engine) -> None:
        def begin() -> None:
            with database.begin() as db:
                voucher_keys.rotate(db, at=NOON)

        acts: list[Callable[[], None]] = [partial(begin) for _ in range(8)]
        at_once(acts)
        with database.connect() as db:
            assert states(db) == {1: "signing"}


class TestLeak:
    def test_its_tokens_are_refused_and_open_orders_reissued(self, db: Connection, order: Any) -> None:
        token = order.token()
        assert leak(db, 1).reissued == 1
        assert listed(db) == {1: "leaked", 2: "signing"}
        with pytest.raises(VoucherWithdrawn):
            order.comes(token)
        assert read(order.token())[0].revision == 2
        assert order.comes(order.token()).count == 20

    def test_the_short_code_still_opens_the_door(self, db: Connection, order: Any) -> None:
        order.token()
        leak(db, 1)
        assert order.comes(the_order(db, order.id).voucher).count == 20

    def test_the_key_that_waits_takes_over(self, db: Connection) -> None:
        voucher_keys.rotate(db, at=NOON - SIGNS_FOR + PUBLISHED_BEFORE)
        voucher_keys.rotate(db, at=NOON)
        assert states(db) == {1: "signing", 2: "next"}
        leak(db, 1)
        assert states(db) == {1: "leaked", 2: "signing"}

    def test_of_a_key_that_waits_reissues_nothing(self, db: Connection, order: Any) -> None:
        voucher_keys.rotate(db, at=NOON - SIGNS_FOR + PUBLISHED_BEFORE)
        voucher_keys.rotate(db, at=NOON)
        assert leak(db, 2).reissued == 0
        assert states(db) == {1: "signing", 2: "leaked"}

    def test_is_declared_once_and_by_the_administrator(self, db: Connection) -> None:
        voucher_keys.rotate(db, at=NOON)
        with pytest.raises(Forbidden):
            voucher_keys.leak(
                db, asked=LeakVoucherKey(1, "x"), actor=an_actor(("steward", "3703"), ("officer", "3703")), at=NOON
            )
        leak(db, 1)
        with pytest.raises(VoucherKeyNotMovable, match="leaked"):
            leak(db, 1)
        with pytest.raises(NotFound):
            leak(db, 99)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_the_table_of_moves_is_the_drawing(state: str, move: str) -> None:
    drawn = {("next", "sign"), ("signing", "retire"), ("next", "leak"), ("signing", "leak"), ("retired", "leak")}
    assert (state in MOVES[move][0]) == ((state, move) in drawn)
