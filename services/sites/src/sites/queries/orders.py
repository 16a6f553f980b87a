"""Orders as their people see them: one, a list, the voucher. What an actor may not see does not exist for them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.prepared import execute_prepared, in_words
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.orders import OrdersAsked, OrderView
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from contracts.sites.visits import CheckInView, VoucherView
from sqlalchemy import ColumnElement, Connection, Date, Row, Select, Uuid, and_, bindparam, func, or_, select, tuple_

from sites.domain.days import day_of
from sites.domain.orders import CONFIRMED, EXPIRED, MISSED_AFTER, NO_SHOW, ONLINE, PLACED, REMIND_BEFORE, state_at
from sites.queries.scopes import seen_by
from sites.tables.money import claims, funds
from sites.tables.orders import check_ins
from sites.tables.orders import orders as orders_table
from sites.tables.places import organisations, programmes, sites, slots
from sites.tables.waiting import order_rules

_late_hours = (
    select(order_rules.c.late_cancel_hours)
    .where(order_rules.c.effective_from <= bindparam("today", type_=Date()))
    .order_by(order_rules.c.effective_from.desc())
    .limit(1)
    .scalar_subquery()
)
_ORDERS: Final[Select[Any]] = (
    select(
        *orders_table.c,
        sites.c.name.label("site_name"),
        sites.c.managing_path,
        programmes.c.name.label("programme"),
        programmes.c.theme,
        func.coalesce(organisations.c.name, orders_table.c.group_name).label("branch_name"),
        organisations.c.is_external.label("branch_is_external"),
        organisations.c.path.label("branch_path"),
        funds.c.path.label("fund_path"),
        claims.c.id.label("claim_id"),
        check_ins.c.id.label("check_in_id"),
        check_ins.c.happened_at,
        check_ins.c.recorded_at,
        check_ins.c.by_name.label("let_in_by"),
        check_ins.c.device_id,
        check_ins.c.way,
        check_ins.c.reason.label("late_reason"),
        func.coalesce(
            slots.c.cancel_until, orders_table.c.starts_at - func.make_interval(0, 0, 0, 0, _late_hours)
        ).label("cancel_free_until"),
    )
    .join(sites, sites.c.id == orders_table.c.site_id)
    .join(slots, slots.c.id == orders_table.c.slot_id)
    .join(programmes, programmes.c.id == orders_table.c.programme_id)
    .outerjoin(organisations, organisations.c.id == orders_table.c.branch_id)
    .outerjoin(funds, funds.c.id == orders_table.c.fund_id)
    .outerjoin(claims, claims.c.order_id == orders_table.c.id)
    .outerjoin(
        check_ins, and_(check_ins.c.order_id == orders_table.c.id, check_ins.c.state == "valid", ~check_ins.c.is_more)
    )
)

_ORDER: Final = in_words(_ORDERS.where(orders_table.c.id == bindparam("order", type_=Uuid())))


def order(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> OrderView:
    """Return one order. Raises NotFound."""
    return _view(order_for(db, order_id, actor=actor, at=at), actor=actor, at=at)


def voucher(
    db: Connection, order_id: UUID, *, actor: Actor, at: datetime, token: Callable[[Row[Any]], str]
) -> VoucherView:
    """Return the proof to show at the door, signed by `token` while it is good for anything.

    Raises NotFound, also while the order has none; Forbidden.
    """
    row = order_for(db, order_id, actor=actor, action="read_voucher", at=at)
    if row.voucher is None:
        raise NotFound()
    return VoucherView(
        order_id=row.id,
        voucher=row.voucher,
        token=token(row) if row.state == CONFIRMED else None,
        revision=row.voucher_revision,
        site=SiteRef(row.site_id, row.site_name),
        slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
        party_size=row.party_size,
        state=_state(row, at=at),
    )


def orders(db: Connection, asked: OrdersAsked, *, actor: Actor, at: datetime) -> Page:
    """Return the orders that the actor may see and asks for, newest first."""
    table = orders_table.c
    wanted = _ORDERS.where(
        seen_by(
            actor,
            "read_order",
            person=orders_table.c.placed_by_id,
            branch=organisations.c.path,
            site=sites.c.managing_path,
            fund=funds.c.path,
        )
    )
    for column, value in (
        (table.branch_id, asked.branch_id),
        (table.site_id, asked.site_id),
        (table.visit_on, asked.on),
        (table.placed_by_id, actor.person_id if asked.mine else None),
        (table.source, ONLINE if asked.mine else None),  # what a steward entered for others is not theirs
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if asked.state is not None:
        wanted = wanted.where(_is_in(asked.state, at=at))
    if asked.cursor:
        wanted = wanted.where(tuple_(table.placed_at, table.id) < key_in(asked.cursor, datetime.fromisoformat, UUID))
    in_order = wanted.order_by(table.placed_at.desc(), table.id.desc()).limit(asked.limit + 1)
    rows = db.execute(in_order, {"today": day_of(at)}).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, actor=actor, at=at),
        key=lambda row: (row.placed_at, row.id),
    )


def order_for(db: Connection, order_id: UUID, *, actor: Actor, at: datetime, action: str = "read_order") -> Row[Any]:
    """Return the order with its places when the actor may do `action` with it.

    Raises NotFound when they may not even see it, Forbidden when they see it but may not do this.
    """
    row = execute_prepared(db, _ORDER, {"order": order_id, "today": day_of(at)}).one_or_none()
    if row is None or not actor.may("read_order", **_subject(row)):
        raise NotFound()
    if action != "read_order":
        actor.must(action, **_subject(row))
    return row


def check_in_view(row: Row[Any]) -> CheckInView | None:
    """Return how the order's party came in, from a row of this module, or None."""
    if row.check_in_id is None:
        return None
    return CheckInView(
        id=row.check_in_id,
        order_id=row.id,
        count=row.checked_in,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        site=SiteRef(row.site_id, row.site_name),
        party_size=row.party_size,
        branch_name=row.branch_name,
        way=row.way,
        by_name=row.let_in_by,
        device_id=row.device_id,
        reason=row.late_reason,
    )


def _subject(row: Row[Any]) -> dict[str, Any]:
    return {
        "branch": row.branch_path,
        "site": row.managing_path,
        "fund": row.fund_path,
        "person": row.placed_by_id,
    }


def _state(row: Row[Any], *, at: datetime) -> str:
    return state_at(row.state, answer_by=row.answer_by, checked_in=row.checked_in, ends_at=row.ends_at, at=at)


def _is_in(state: str, *, at: datetime) -> ColumnElement[bool]:
    """Return the condition under which `state_at` gives the state, for many rows at once."""
    table = orders_table.c
    expired = and_(table.state == PLACED, table.answer_by <= at)
    missed = and_(table.state == CONFIRMED, table.checked_in.is_(None), table.ends_at <= at - MISSED_AFTER)
    if state == PLACED:
        return and_(table.state == PLACED, ~func.coalesce(table.answer_by <= at, False))
    if state == CONFIRMED:
        return and_(table.state == CONFIRMED, ~missed)
    if state == EXPIRED:
        return or_(table.state == EXPIRED, expired)
    if state == NO_SHOW:
        return or_(table.state == NO_SHOW, missed)
    return table.state == state


def _view(row: Row[Any], *, actor: Actor, at: datetime) -> OrderView:
    state = _state(row, at=at)
    return OrderView(
        id=row.id,
        state=state,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        branch_is_external=bool(row.branch_is_external),
        party_size=row.party_size,
        seats=row.seats,
        slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
        site=SiteRef(row.site_id, row.site_name),
        subsidy_estimate_fen=row.subsidy_estimate_fen,
        subsidy_explanation=row.subsidy_explanation,
        # Whoever shows the code is let in, so those who only look after the money do not see it.
        voucher=row.voucher if actor.may("read_voucher", **_subject(row)) else None,
        contact_name=row.contact_name,
        contact_phone_masked=row.contact_phone_masked,
        placed_at=row.placed_at,
        placed_by=row.placed_by,
        check_in=check_in_view(row),
        headcount=row.headcount,
        claim_id=row.claim_id,
        reason=row.reason,
        version=row.version,
        route_order_id=row.route_order_id,
        cancelled_late=row.cancelled_late,
        cancel_free_until=row.cancel_free_until,
        answer_by=row.answer_by,
        answer_is_due=state == PLACED and row.answer_by is not None and row.answer_by - at <= REMIND_BEFORE,
        source=row.source,
        needs=row.needs,
    )
