"""Doors of sites: orders, waiting lists, quotas, feeds."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def place_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Order a visit for a branch, or book seats for oneself (PlaceOrder → OrderView)."""
    return call(SERVICE, "place_order", fields, who=who, command_id=command_id)


def confirm_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm an order by hand (MoveOrder → OrderView)."""
    return call(SERVICE, "confirm_order", fields, who=who, command_id=command_id)


def refuse_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse an order, saying why (MoveOrderWithReason → OrderView)."""
    return call(SERVICE, "refuse_order", fields, who=who, command_id=command_id)


def cancel_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Cancel an order, saying why (MoveOrderWithReason → OrderView)."""
    return call(SERVICE, "cancel_order", fields, who=who, command_id=command_id)


def amend_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Change an order's party, its slot or both (AmendOrder → OrderView)."""
    return call(SERVICE, "amend_order", fields, who=who, command_id=command_id)


def explain_order(fields: Fields, *, who: Holder) -> Answer:
    """Say what can still be done with an order, and until when (OrderAsked → OrderExplanationView)."""
    return call(SERVICE, "explain_order", fields, who=who)


def explain_booking(fields: Fields, *, who: Holder) -> Answer:
    """Say by every rule why a slot can or cannot be ordered (BookingAsked → BookingExplanationView)."""
    return call(SERVICE, "explain_booking", fields, who=who)


def join_waiting_list(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Wait for seats of a full slot (JoinWaitingList → WaitingEntryView)."""
    return call(SERVICE, "join_waiting_list", fields, who=who, command_id=command_id)


def accept_offer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the seats that the waiting list offers (MoveWaitingEntry → OrderView)."""
    return call(SERVICE, "accept_offer", fields, who=who, command_id=command_id)


def leave_waiting_list(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give up a place on a waiting list, or decline its offer (MoveWaitingEntry → WaitingEntryView)."""
    return call(SERVICE, "leave_waiting_list", fields, who=who, command_id=command_id)


def waiting_entries(fields: Fields, *, who: Holder) -> Answer:
    """List the waiting entries that the person may see (WaitingEntriesAsked → Page of WaitingEntryView)."""
    return call(SERVICE, "waiting_entries", fields, who=who)


def waiting_entry(fields: Fields, *, who: Holder) -> Answer:
    """Return one waiting entry (WaitingEntryAsked → WaitingEntryView)."""
    return call(SERVICE, "waiting_entry", fields, who=who)


def place_series(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Order the same time on many dates, date by date (PlaceSeries → SeriesView)."""
    return call(SERVICE, "place_series", fields, who=who, command_id=command_id)


def appeal_no_show(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say why a no-show should not count (AppealNoShow → AppealView)."""
    return call(SERVICE, "appeal_no_show", fields, who=who, command_id=command_id)


def decide_appeal(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Excuse a no-show or reject the appeal (DecideAppeal → AppealView)."""
    return call(SERVICE, "decide_appeal", fields, who=who, command_id=command_id)


def appeals(fields: Fields, *, who: Holder) -> Answer:
    """List the appeals that the person may see (AppealsAsked → Page of AppealView)."""
    return call(SERVICE, "appeals", fields, who=who)


def quota_use(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a branch has used what it may order (QuotaUseAsked → QuotaUseView)."""
    return call(SERVICE, "quota_use", fields, who=who)


def set_quota(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set a quota with its days and citation (SetQuota → QuotaView)."""
    return call(SERVICE, "set_quota", fields, who=who, command_id=command_id)


def quotas(fields: Fields, *, who: Holder) -> Answer:
    """List the quotas (QuotasAsked → Page of QuotaView)."""
    return call(SERVICE, "quotas", fields, who=who)


def make_feed(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Make a calendar feed with a secret address (MakeFeed → FeedView)."""
    return call(SERVICE, "make_feed", fields, who=who, command_id=command_id)


def revoke_feed(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Let a calendar feed's address answer no more (RevokeFeed → FeedView)."""
    return call(SERVICE, "revoke_feed", fields, who=who, command_id=command_id)


def feeds(fields: Fields, *, who: Holder) -> Answer:
    """List one's calendar feeds (FeedsAsked → Page of FeedView)."""
    return call(SERVICE, "feeds", fields, who=who)


def calendar(fields: Fields) -> Answer:
    """Return the visits under a feed's secret address (FeedAsked → CalendarView)."""
    return call(SERVICE, "calendar", fields)


def order(fields: Fields, *, who: Holder) -> Answer:
    """Return one order (OrderAsked → OrderView)."""
    return call(SERVICE, "order", fields, who=who)


def orders(fields: Fields, *, who: Holder) -> Answer:
    """List the orders that the person may see (OrdersAsked → Page of OrderView)."""
    return call(SERVICE, "orders", fields, who=who)
