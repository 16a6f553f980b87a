"""Waiting lists: why a slot cannot be ordered, its queue, the seats that are offered."""

from contracts.sites.explanations import BookingAsked, BookingExplanationView
from contracts.sites.orders import OrderView
from contracts.sites.waiting import (
    JoinWaitingList,
    MoveWaitingEntry,
    WaitingEntriesAsked,
    WaitingEntryAsked,
    WaitingEntryView,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

waiting = Noun("waiting_entries")

waiting.read(
    "/slots/<uuid:slot_id>/explanation",
    sites.orders.explain_booking,
    needs=("place_order", "book_seats"),
    takes=BookingAsked,
    answers=BookingExplanationView,
    refusals=("not-found", "branch-unknown", "not-your-branch"),
)
waiting.act(
    "/waiting-entries",
    sites.orders.join_waiting_list,
    needs=("place_order", "book_seats"),
    takes=JoinWaitingList,
    answers=WaitingEntryView,
    status=201,
    refusals=(
        "seats-free",
        "party-over-seats",
        "waiting-already",
        "slot-closed",
        "slot-past",
        "not-yet-bookable",
        "in-allocation-round",
        "branch-unknown",
        "not-your-branch",
        "not-found",
    ),
    located=True,
)
waiting.read(
    "/waiting-entries",
    sites.orders.waiting_entries,
    needs=("read_order",),
    takes=WaitingEntriesAsked,
    answers=Many(WaitingEntryView),
)
waiting.read(
    "/waiting-entries/<uuid:entry_id>",
    sites.orders.waiting_entry,
    needs=("read_order",),
    takes=WaitingEntryAsked,
    answers=WaitingEntryView,
    refusals=("not-found",),
)
waiting.act(
    "/waiting-entries/<uuid:entry_id>/acceptance",
    sites.orders.accept_offer,
    needs=("place_order", "book_seats"),
    takes=MoveWaitingEntry,
    answers=OrderView,
    status=201,
    refusals=("not-found", "offer-over", "slot-closed", "quota-reached", "fund-exhausted", "not-your-branch"),
)
waiting.act(
    "/waiting-entries/<uuid:entry_id>/withdrawal",
    sites.orders.leave_waiting_list,
    needs=("cancel_order",),
    takes=MoveWaitingEntry,
    answers=WaitingEntryView,
    refusals=("not-found", "not-waiting"),
)
