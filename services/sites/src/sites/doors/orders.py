"""Doors: orders, waiting lists, quotas, feeds."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from contracts.envelope import Page
from contracts.sites.explanations import BookingAsked, BookingExplanationView, OrderExplanationView
from contracts.sites.feeds import CalendarView, FeedAsked, FeedsAsked, FeedView, MakeFeed, RevokeFeed
from contracts.sites.orders import (
    AmendOrder,
    MoveOrder,
    MoveOrderWithReason,
    OrderAsked,
    OrdersAsked,
    OrderView,
    PlaceOrder,
)
from contracts.sites.quotas import (
    AppealNoShow,
    AppealsAsked,
    AppealView,
    DecideAppeal,
    QuotasAsked,
    QuotaUseAsked,
    QuotaUseView,
    QuotaView,
    SetQuota,
)
from contracts.sites.series import PlaceSeries, SeriesView
from contracts.sites.waiting import (
    JoinWaitingList,
    MoveWaitingEntry,
    WaitingEntriesAsked,
    WaitingEntryAsked,
    WaitingEntryView,
)

from sites.doors.resources import Doors
from sites.operations import (
    appeals,
    feeds,
    orders,
    quotas,
    series,
    waiting,
)
from sites.queries import explanations
from sites.queries import feeds as feed_queries
from sites.queries import orders as order_queries
from sites.queries import quotas as quota_queries
from sites.queries import waiting as waiting_queries


class OrderDoors(Doors):
    """Doors: orders, waiting lists, quotas, feeds."""

    # ---- orders and visits -------------------------------------------------------------------------------------------

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

    @command(AmendOrder, returns=OrderView)
    def amend_order(self, asked: AmendOrder, *, actor: Actor, at: datetime) -> OrderView:
        return orders.amend(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(JoinWaitingList, returns=WaitingEntryView)
    def join_waiting_list(self, asked: JoinWaitingList, *, actor: Actor, at: datetime) -> WaitingEntryView:
        return waiting.join(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveWaitingEntry, returns=OrderView, guarded_by="function")
    def accept_offer(self, asked: MoveWaitingEntry, *, actor: Actor, at: datetime, command: Command) -> bytes:
        return waiting.accept(self.database.direct, entry_id=asked.entry_id, actor=actor, at=at, command=command)

    @command(MoveWaitingEntry, returns=WaitingEntryView)
    def leave_waiting_list(self, asked: MoveWaitingEntry, *, actor: Actor, at: datetime) -> WaitingEntryView:
        return waiting.leave(self.database.transaction, entry_id=asked.entry_id, actor=actor, at=at)

    @query(WaitingEntriesAsked, returns=Page)
    def waiting_entries(self, asked: WaitingEntriesAsked, *, actor: Actor, at: datetime) -> Page:
        return waiting_queries.entries(self.database.transaction, asked, actor=actor, at=at)

    @query(WaitingEntryAsked, returns=WaitingEntryView)
    def waiting_entry(self, asked: WaitingEntryAsked, *, actor: Actor, at: datetime) -> WaitingEntryView:
        return waiting_queries.entry_seen(self.database.transaction, asked.entry_id, actor=actor, at=at)

    @query(BookingAsked, returns=BookingExplanationView)
    def explain_booking(self, asked: BookingAsked, *, actor: Actor, at: datetime) -> BookingExplanationView:
        return explanations.booking(self.database.transaction, asked, actor=actor, at=at)

    @query(OrderAsked, returns=OrderExplanationView)
    def explain_order(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> OrderExplanationView:
        return explanations.order(self.database.transaction, asked.order_id, actor=actor, at=at)

    @command(PlaceSeries, returns=SeriesView)
    def place_series(self, asked: PlaceSeries, *, actor: Actor, at: datetime) -> SeriesView:
        return series.place_series(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AppealNoShow, returns=AppealView)
    def appeal_no_show(self, asked: AppealNoShow, *, actor: Actor, at: datetime) -> AppealView:
        return appeals.appeal(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideAppeal, returns=AppealView)
    def decide_appeal(self, asked: DecideAppeal, *, actor: Actor, at: datetime) -> AppealView:
        return appeals.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AppealsAsked, returns=Page)
    def appeals(self, asked: AppealsAsked, *, actor: Actor, at: datetime) -> Page:
        return quota_queries.appeals(self.database.transaction, asked, actor=actor)

    @command(SetQuota, returns=QuotaView)
    def set_quota(self, asked: SetQuota, *, actor: Actor, at: datetime) -> QuotaView:
        return quotas.set_quota(self.database.transaction, asked=asked, actor=actor)

    @query(QuotasAsked, returns=Page)
    def quotas(self, asked: QuotasAsked, *, actor: Actor, at: datetime) -> Page:
        return quota_queries.quotas(self.database.transaction, asked, actor=actor)

    @query(QuotaUseAsked, returns=QuotaUseView)
    def quota_use(self, asked: QuotaUseAsked, *, actor: Actor, at: datetime) -> QuotaUseView:
        return quota_queries.used(self.database.transaction, asked, actor=actor, at=at)

    # ---- feeds -------------------------------------------------------------------------------------------------------

    @command(MakeFeed, returns=FeedView, shows_once=True)
    def make_feed(self, asked: MakeFeed, *, actor: Actor, at: datetime) -> FeedView:
        return feeds.make(self.database.transaction, branch_id=asked.branch_id, actor=actor, at=at)

    @command(RevokeFeed, returns=FeedView)
    def revoke_feed(self, asked: RevokeFeed, *, actor: Actor, at: datetime) -> FeedView:
        return feeds.revoke(self.database.transaction, feed_id=asked.feed_id, actor=actor, at=at)

    @query(FeedsAsked, returns=Page)
    def feeds(self, asked: FeedsAsked, *, actor: Actor, at: datetime) -> Page:
        return feed_queries.feeds(self.database.transaction, actor=actor, at=at)

    @query(FeedAsked, returns=CalendarView, public=True)
    def calendar(self, asked: FeedAsked, *, actor: Actor | None, at: datetime) -> CalendarView:
        return feed_queries.calendar(self.database.transaction, token=asked.token, at=at)

    @query(OrderAsked, returns=OrderView)
    def order(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> OrderView:
        return order_queries.order(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(OrdersAsked, returns=Page)
    def orders(self, asked: OrdersAsked, *, actor: Actor, at: datetime) -> Page:
        return order_queries.orders(self.database.transaction, asked, actor=actor, at=at)
