"""Quotas, and appeals against no-shows, as their people see them."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.quotas import (
    AppealsAsked,
    AppealView,
    QuotasAsked,
    QuotaUseAsked,
    QuotaUsedView,
    QuotaUseView,
    QuotaView,
)
from sqlalchemy import Connection, Row, Select, select, text, tuple_

from sites.domain.days import day_of
from sites.queries.scopes import visible_to
from sites.tables.orders import orders
from sites.tables.places import organisations, sites
from sites.tables.quotas import no_show_appeals
from sites.tables.quotas import quotas as quotas_table

_APPEALS: Final[Select[Any]] = (
    select(
        *no_show_appeals.c,
        organisations.c.name.label("branch_name"),
        sites.c.name.label("site_name"),
        orders.c.starts_at,
    )
    .join(orders, orders.c.id == no_show_appeals.c.order_id)
    .join(organisations, organisations.c.id == no_show_appeals.c.branch_id)
    .join(sites, sites.c.id == orders.c.site_id)
)

_USE: Final = text("""
SELECT branch.is_external, rules.open_orders_max, rules.subsidised_a_month_max, rules.citation,
       by_hand_until(branch.id, :at) AS by_hand_until,
       count_open_orders(branch.id, NULL, NULL, :at) AS open_orders,
       (SELECT count(*) FROM orders o
         WHERE o.branch_id = branch.id AND o.is_subsidised AND o.state IN ('placed', 'confirmed', 'used')
           AND o.visit_on >= date_trunc('month', CAST(:on AS date))
           AND o.visit_on < date_trunc('month', CAST(:on AS date)) + interval '1 month') AS subsidised
  FROM organisations branch
 CROSS JOIN LATERAL (
     SELECT * FROM quota_rules WHERE effective_from <= :on ORDER BY effective_from DESC LIMIT 1
 ) rules
 WHERE branch.id = :branch
""")


def quotas(db: Connection, asked: QuotasAsked, *, actor: Actor) -> Page:
    """Return all quotas, those that begin last first."""
    actor.must("read_quotas")
    table = quotas_table.c
    wanted = select(*table)
    if asked.cursor:
        wanted = wanted.where(tuple_(table.effective_from, table.id) < key_in(asked.cursor, date.fromisoformat, UUID))
    rows = db.execute(wanted.order_by(table.effective_from.desc(), table.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=_quota, key=lambda row: (row.effective_from, row.id))


def quota(db: Connection, quota_id: UUID) -> QuotaView:
    """Return one quota to whoever has just set it."""
    return _quota(db.execute(select(*quotas_table.c).where(quotas_table.c.id == quota_id)).one())


def used(db: Connection, asked: QuotaUseAsked, *, actor: Actor, at: datetime) -> QuotaUseView:
    """Return what limits a branch's orders on a day, and how far it is used. Raises NotFound, Forbidden."""
    path = db.execute(select(organisations.c.path).where(organisations.c.id == asked.branch_id)).scalar_one_or_none()
    if path is None:
        raise NotFound()
    actor.must("read_quota_use", branch=path)
    on = asked.on or day_of(at)
    row = db.execute(_USE, {"branch": asked.branch_id, "on": on, "at": at}).one()
    items = [QuotaUsedView("open_orders", None, row.open_orders, row.open_orders_max)]
    if not row.is_external:
        items.append(QuotaUsedView("subsidised", "month", row.subsidised, row.subsidised_a_month_max))
    found = db.execute(text("SELECT * FROM quotas_used(:branch, NULL, :on)"), {"branch": asked.branch_id, "on": on})
    items += [QuotaUsedView(one.counts, one.period, one.used, one.most) for one in found]
    return QuotaUseView(asked.branch_id, on, items, row.citation, row.by_hand_until)


def appeals(db: Connection, asked: AppealsAsked, *, actor: Actor) -> Page:
    """Return the appeals that the actor may see, the oldest first."""
    condition, given = visible_to(actor, "read_appeals", branch="organisations.path")
    table = no_show_appeals.c
    wanted = _APPEALS.where(text(condition))
    if asked.state is not None:
        wanted = wanted.where(table.state == asked.state)
    if asked.cursor:
        key = key_in(asked.cursor, datetime.fromisoformat, UUID)
        wanted = wanted.where(tuple_(table.filed_at, table.order_id) > key)
    rows = db.execute(wanted.order_by(table.filed_at, table.order_id).limit(asked.limit + 1), given).all()
    return page_of(rows, limit=asked.limit, view=_appeal, key=lambda row: (row.filed_at, row.order_id))


def appeal(db: Connection, order_id: UUID) -> AppealView:
    """Return one appeal to whoever has just moved it."""
    return _appeal(db.execute(_APPEALS.where(no_show_appeals.c.order_id == order_id)).one())


def _quota(row: Row[Any]) -> QuotaView:
    return QuotaView(
        id=row.id,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        holder=row.holder,
        counts=row.counts,
        period=row.period,
        most=row.most,
        citation=row.citation,
    )


def _appeal(row: Row[Any]) -> AppealView:
    return AppealView(
        order_id=row.order_id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        site_name=row.site_name,
        starts_at=row.starts_at,
        reason=row.reason,
        state=row.state,
        filed_at=row.filed_at,
        filed_by=row.filed_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=row.decision,
    )
