"""The keys of vouchers (S8): who signs now, who signs next, and what happens when a key is known to strangers.

One row is changed under one lock (`_ALONE`), so that two processes never make two keys for the same time.
"""

import secrets
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from chassis.signatures import derived_key, public_half
from contracts.sites.visits import VoucherView
from contracts.sites.vouchers import LeakVoucherKey, VoucherKeyLeaked
from sqlalchemy import Connection, Row, func, insert, select, text, update

from sites.domain import voucher_tokens
from sites.domain.voucher_keys import (
    LEAKED,
    MOVES,
    NEXT,
    PUBLISHED_BEFORE,
    RETIRED,
    SALT_BYTES,
    SIGNING,
    Key,
    VoucherKeyNotMovable,
    is_due,
    successor_signs_from,
)
from sites.domain.voucher_tokens import Voucher, payload_of
from sites.queries import orders as order_queries
from sites.tables.orders import orders
from sites.tables.vouchers import voucher_keys

_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('voucher_keys', 0))")
_REISSUE: Final = text(
    "UPDATE orders SET voucher_revision = voucher_revision + 1, version = version + 1"
    " WHERE state = 'confirmed' AND ends_at > :at AND placed_at <= :until AND checked_in IS NULL"
)


def token_of(db: Connection, order: Row[Any], *, at: datetime) -> str:
    """Return the signed token of a confirmed order's voucher; the first one ever makes the first key."""
    signing = _signing(db)
    if signing is None:
        rotate(db, at=at)
        signing = _signing(db)
        assert signing is not None, "a rotation leaves a key that signs"
    voucher = Voucher(
        kid=signing.kid,
        order_id=order.id,
        revision=order.voucher_revision,
        site_id=order.site_id,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        party_size=order.party_size,
    )
    payload = payload_of(voucher)
    return voucher_tokens.token_of(payload, _private_key(bytes(signing.salt)).sign(payload))


def voucher(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> VoucherView:
    """Return the proof to show at the door, signed now. Raises NotFound, Forbidden."""
    return order_queries.voucher(db, order_id, actor=actor, at=at, token=partial(token_of, db, at=at))


def rotate(db: Connection, *, at: datetime) -> None:
    """Publish the next key 14 days before it signs, let it sign when its time has come, retire the one before."""
    db.execute(_ALONE)
    keys = {row.state: row for row in db.execute(select(voucher_keys).where(voucher_keys.c.state.in_((NEXT, SIGNING))))}
    signing, waiting = keys.get(SIGNING), keys.get(NEXT)
    if signing is not None and _public_key(bytes(signing.salt)) != bytes(signing.public_key):
        # The service's secret was changed: nobody can sign with this key any more, but it still verifies.
        _retire(db, signing, at=at)
        signing = None
    if waiting is not None and _public_key(bytes(waiting.salt)) != bytes(waiting.public_key):
        db.execute(voucher_keys.delete().where(voucher_keys.c.kid == waiting.kid))
        waiting = None
    if signing is None:
        _let_sign(db, waiting, at=at)
        return
    if waiting is None:
        signs_from = successor_signs_from(_as_key(signing), at=at)
        if signs_from is not None:
            _make(db, NEXT, signs_from=signs_from, at=at)
    elif is_due(_as_key(waiting), at=at):
        _retire(db, signing, at=at)
        _let_sign(db, waiting, at=at)


def leak(db: Connection, *, asked: LeakVoucherKey, actor: Actor, at: datetime) -> VoucherKeyLeaked:
    """Declare that strangers know a key: its tokens are refused, open orders get a new revision of their voucher.

    Another key signs at once. Raises VoucherKeyNotMovable for one that is leaked already, NotFound.
    """
    actor.must("leak_voucher_key")
    db.execute(_ALONE)
    found = db.execute(select(voucher_keys).where(voucher_keys.c.kid == asked.kid)).one_or_none()
    if found is None:
        raise NotFound()
    if found.state not in MOVES["leak"][0]:
        raise VoucherKeyNotMovable(state=found.state, move="leak")
    db.execute(
        update(voucher_keys)
        .where(voucher_keys.c.kid == asked.kid)
        .values(state=LEAKED, leaked_at=at, leaked_by=actor.name, leak_reason=asked.reason)
    )
    reissued = 0
    if found.state != NEXT:  # a key that waits has signed nothing
        reissued = db.execute(_REISSUE, {"at": at, "until": found.retired_at or at}).rowcount
    if found.state == SIGNING:
        rotate(db, at=at)
    return VoucherKeyLeaked(kid=asked.kid, reissued=reissued)


def _private_key(salt: bytes) -> Any:
    return derived_key("VOUCHER_SECRET", salt=salt, purpose="zhendi voucher key")


def _public_key(salt: bytes) -> bytes:
    return public_half(_private_key(salt))


def _signing(db: Connection) -> Row[Any] | None:
    return db.execute(select(voucher_keys).where(voucher_keys.c.state == SIGNING)).one_or_none()


def _as_key(row: Row[Any]) -> Key:
    return Key(row.kid, row.state, row.signs_from)


def _let_sign(db: Connection, waiting: Row[Any] | None, *, at: datetime) -> None:
    """Let the key that waits sign; without one, a new one signs at once: no voucher is signed with nothing."""
    if waiting is None:
        _make(db, SIGNING, signs_from=at, at=at)
    else:
        db.execute(update(voucher_keys).where(voucher_keys.c.kid == waiting.kid).values(state=SIGNING, signs_from=at))


def _retire(db: Connection, signing: Row[Any], *, at: datetime) -> None:
    """Let the key sign no more; it verifies until the last order that it may have signed has ended."""
    last = select(func.max(orders.c.ends_at)).where(orders.c.state == "confirmed").scalar_subquery()
    db.execute(
        update(voucher_keys)
        .where(voucher_keys.c.kid == signing.kid)
        .values(state=RETIRED, retired_at=at, last_voucher_ends_at=func.coalesce(last, at + PUBLISHED_BEFORE))
    )


def _make(db: Connection, state: str, *, signs_from: datetime, at: datetime) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    newest = db.execute(select(func.coalesce(func.max(voucher_keys.c.kid), 0))).scalar_one()
    db.execute(
        insert(voucher_keys).values(
            kid=newest + 1,
            salt=salt,
            public_key=_public_key(salt),
            state=state,
            published_at=at,
            signs_from=signs_from,
        )
    )
