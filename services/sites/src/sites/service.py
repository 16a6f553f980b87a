"""The doors of the sites service: each makes one call into operations or queries."""

from datetime import datetime

from chassis.actors import Actor
from chassis.database import Database
from chassis.doors import command, listen, query
from chassis.guard import Command
from contracts.envelope import Event, Page
from contracts.roster import OrganisationChanged
from contracts.sites import (
    CheckIn,
    CheckInView,
    CloseOrder,
    MoveOrder,
    MoveOrderWithReason,
    NavigationView,
    OrderAsked,
    OrdersAsked,
    OrderView,
    PlaceOrder,
    SiteAsked,
    SitesAsked,
    SiteView,
    SlotAsked,
    SlotsAsked,
    SlotView,
    VoucherView,
)

from sites.operations import orders, organisations, visits
from sites.queries import orders as order_queries
from sites.queries import sites as site_queries
from sites.queries import slots as slot_queries


class SitesService:
    """The sites service, as the gateway and the other services see it."""

    name = "sites"
    database = Database()

    # ---- places --------------------------------------------------------------------------------------------------

    @query(SitesAsked, public=True)
    def sites(self, asked: SitesAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return site_queries.sites(self.database.transaction, asked, at=at)

    @query(SiteAsked, returns=SiteView, public=True)
    def site(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> SiteView:
        return site_queries.site(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=Page, public=True)
    def programmes(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> Page:
        return site_queries.programmes(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=NavigationView, public=True)
    def navigation(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> NavigationView:
        return site_queries.navigation(self.database.transaction, asked.site_id)

    @query(SlotsAsked, returns=Page, public=True)
    def slots(self, asked: SlotsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return slot_queries.slots(self.database.transaction, asked, at=at)

    @query(SlotAsked, returns=SlotView, public=True)
    def slot(self, asked: SlotAsked, *, actor: Actor | None, at: datetime) -> SlotView:
        return slot_queries.slot(self.database.transaction, asked.slot_id, at=at)

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event)

    # ---- orders and visits ---------------------------------------------------------------------------------------

    @command(PlaceOrder, returns=OrderView, guarded_by="function")
    def place_order(self, order: PlaceOrder, *, actor: Actor, at: datetime, command: Command) -> bytes:
        return orders.place(self.database.direct, order=order, actor=actor, at=at, command=command)

    @command(MoveOrder, returns=OrderView)
    def confirm_order(self, asked: MoveOrder, *, actor: Actor, at: datetime) -> OrderView:
        return orders.confirm(self.database.transaction, order_id=asked.order_id, actor=actor, at=at)

    @command(MoveOrderWithReason, returns=OrderView)
    def refuse_order(self, asked: MoveOrderWithReason, *, actor: Actor, at: datetime) -> OrderView:
        return orders.refuse(
            self.database.transaction, order_id=asked.order_id, reason=asked.reason, actor=actor, at=at
        )

    @command(MoveOrderWithReason, returns=OrderView)
    def cancel_order(self, asked: MoveOrderWithReason, *, actor: Actor, at: datetime) -> OrderView:
        return orders.cancel(
            self.database.transaction, order_id=asked.order_id, reason=asked.reason, actor=actor, at=at
        )

    @command(CheckIn, returns=CheckInView, lenient=True)
    def check_in(self, check_in: CheckIn, *, actor: Actor, at: datetime) -> CheckInView:
        return visits.check_in(self.database.transaction, check_in=check_in, actor=actor, at=at)

    @command(CloseOrder, returns=OrderView)
    def close_order(self, asked: CloseOrder, *, actor: Actor, at: datetime) -> OrderView:
        return visits.close(
            self.database.transaction, order_id=asked.order_id, headcount=asked.headcount, actor=actor, at=at
        )

    @query(OrderAsked, returns=OrderView)
    def order(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> OrderView:
        return order_queries.order(self.database.transaction, asked.order_id, actor=actor)

    @query(OrdersAsked, returns=Page)
    def orders(self, asked: OrdersAsked, *, actor: Actor, at: datetime) -> Page:
        return order_queries.orders(self.database.transaction, asked, actor=actor)

    @query(OrderAsked, returns=VoucherView)
    def voucher(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> VoucherView:
        return order_queries.voucher(self.database.transaction, asked.order_id, actor=actor)


SERVICE = SitesService
