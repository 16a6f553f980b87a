"""At the door (S8): a voucher is used once, and the visit is closed with a headcount."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.outbox import tell
from chassis.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from contracts.rights import RIGHTS
from contracts.sites.events import VisitClosed
from contracts.sites.orders import OrderView
from contracts.sites.places import SiteRef
from contracts.sites.visits import CheckIn, CheckInView
from sqlalchemy import Connection, Row, insert, select, text, update

from sites.domain.days import said
from sites.domain.orders import CONFIRMED, OrderNotMovable, SlotFull
from sites.domain.visits import (
    HeadcountOverCheckIn,
    NotCheckedIn,
    OverParty,
    VoucherCancelled,
    VoucherForAnotherSite,
    VoucherUsed,
    refuse_unless_open,
)
from sites.domain.vouchers import VoucherUnknown, read_code
from sites.operations import claims
from sites.operations.moves import move
from sites.queries.orders import check_in_view, order, order_by_voucher, order_for
from sites.tables.orders import check_ins, orders


def check_in(db: Connection, *, check_in: CheckIn, actor: Actor, at: datetime) -> CheckInView:
    """Let the party in: use the voucher, once. The same check-in sent again gets the same answer.

    Raises VoucherUnknown, VoucherForAnotherSite, VoucherUsed, VoucherCancelled, TooEarly, TooLate, OverParty.
    """
    count = _count(check_in)
    found = order_by_voucher(db, read_code(check_in.voucher))
    if found is None:
        raise VoucherUnknown()
    _must_keep_site(actor, found, asked_at=check_in.site_id)
    if found.check_in_id == check_in.check_in_id:
        return _shown(found)
    _refuse_if_spent(found)
    # A clock that runs ahead proves nothing; one that runs behind is a check-in sent late.
    happened_at = min(check_in.happened_at or at, at)
    refuse_unless_open(happened_at=happened_at, starts_at=found.starts_at, ends_at=found.ends_at)
    used = db.execute(
        update(orders)
        .where(orders.c.id == found.id, orders.c.state == CONFIRMED, orders.c.checked_in.is_(None))
        .values(checked_in=count, seats=max(count, found.seats), version=orders.c.version + 1)
    )
    if used.rowcount == 0:
        return _beaten(db, found, check_in)
    if count > found.seats:
        _take_more_seats(db, found, count=count, at=at)
    if db.execute(select(check_ins.c.id).where(check_ins.c.id == check_in.check_in_id)).first():
        raise IdempotencyKeyReused()
    db.execute(
        insert(check_ins).values(
            id=check_in.check_in_id,
            order_id=found.id,
            site_id=found.site_id,
            count=count,
            member_ids=check_in.member_ids,
            happened_at=happened_at,
            recorded_at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            device_id=check_in.device_id,
        )
    )
    return CheckInView(
        id=check_in.check_in_id,
        order_id=found.id,
        count=count,
        happened_at=happened_at,
        recorded_at=at,
        site=SiteRef(found.site_id, found.site_name),
        party_size=found.party_size,
        branch_name=found.branch_name,
    )


def close(db: Connection, *, order_id: UUID, headcount: int, actor: Actor, at: datetime) -> OrderView:
    """Say that the visit is over and how many came; a subsidised one gets its claim drafted.

    Raises NotCheckedIn, HeadcountOverCheckIn, OrderNotMovable.
    """
    seen = order_for(db, order_id, actor=actor, action="close_order")
    closed = move(
        db, [order_id], "close", at=at, by=actor, only_when=orders.c.checked_in >= headcount, headcount=headcount
    )
    if not closed:
        now = db.execute(select(orders.c.state, orders.c.checked_in).where(orders.c.id == order_id)).one()
        if now.state != CONFIRMED:
            raise OrderNotMovable(state=now.state, move="close")
        if now.checked_in is None:
            raise NotCheckedIn()
        raise HeadcountOverCheckIn(headcount=headcount, checked_in=now.checked_in)
    visit = closed[0]
    if visit.branch_id is not None:
        tell(
            db,
            VisitClosed(
                order_id=visit.id,
                branch_id=visit.branch_id,
                site_id=visit.site_id,
                site_name=seen.site_name,
                programme=seen.programme,
                theme=seen.theme,
                visit_on=visit.visit_on,
                headcount=headcount,
            ),
            aggregate="order",
            aggregate_id=visit.id,
            version=visit.version,
            at=at,
        )
    if visit.is_subsidised:
        claims.draft(db, order_id=visit.id, headcount=headcount, checked_in=visit.checked_in, at=at, by=actor)
    return order(db, order_id, actor=actor)


def _count(check_in: CheckIn) -> int:
    named = len(set(check_in.member_ids or ()))
    if check_in.count is None and not named:
        raise InvalidInput({"count": ["Say how many came, or who."]})
    if check_in.count is not None and named and check_in.count != named:
        raise InvalidInput({"count": ["The count and the members named differ."]})
    return check_in.count or named


def _must_keep_site(actor: Actor, found: Row[Any], *, asked_at: UUID | None) -> None:
    """Raise unless the voucher is for a site that the actor keeps, and for the one they stand at if they say so."""
    keeps_it = actor.may("check_in", site=found.managing_path)
    if keeps_it and asked_at in (None, found.site_id):
        return
    if keeps_it or actor.paths(*RIGHTS["check_in"]):
        raise VoucherForAnotherSite(site=found.site_name)
    actor.must("check_in", site=found.managing_path)


def _refuse_if_spent(found: Row[Any]) -> None:
    if found.check_in_id is not None:
        raise VoucherUsed(used_at=said(found.happened_at), site=found.site_name, count=found.checked_in)
    if found.state != CONFIRMED:
        raise VoucherCancelled(state=found.state)


def _beaten(db: Connection, found: Row[Any], check_in: CheckIn) -> CheckInView:
    """Tell what somebody else did with the voucher between our read and our write."""
    now = _again(db, found)
    if now.check_in_id == check_in.check_in_id:
        return _shown(now)
    _refuse_if_spent(now)
    raise VoucherCancelled(state=now.state)


def _take_more_seats(db: Connection, found: Row[Any], *, count: int, at: datetime) -> None:
    """Take free seats for those who came beyond the party; they are not subsidised. Raises OverParty."""
    try:
        db.execute(
            text("SELECT take_seats(:slot, :more, 0, 'door', :at)"),
            {"slot": found.slot_id, "more": count - found.seats, "at": at},
        )
    except SlotFull as full:
        raise OverParty(count=count, party_size=found.party_size) from full


def _again(db: Connection, found: Row[Any]) -> Row[Any]:
    now = order_by_voucher(db, found.voucher)
    if now is None:
        raise NotFound()
    return now


def _shown(row: Row[Any]) -> CheckInView:
    view = check_in_view(row)
    assert view is not None, "an order whose check-in was found or written has one"
    return view
