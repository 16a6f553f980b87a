"""Arrivals: the door's code and checking oneself in, who comes, parties entered by the steward, sheets to print."""

from contracts.sites.orders import OrderView
from contracts.sites.parties import NameParty, PartyAsked, PartyView, TodaysPartiesAsked
from contracts.sites.self_check_ins import ArrivalsAsked, DoorCodeAsked, DoorCodeView, SelfArrivalsView, SelfCheckIn
from contracts.sites.sheets import (
    PrintVouchers,
    SheetAsked,
    SheetPrintsAsked,
    SheetPrintView,
    SheetView,
    VoucherListView,
)
from contracts.sites.visits import CheckInView
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone

from gateway.clients import sites
from gateway.nouns import Many, Noun

arrivals = Noun("arrivals")

NO_SEATS = ("slot-full", "slot-closed", "slot-past", "groups-full", "branch-unknown", "not-found")

arrivals.read(
    "/sites/<uuid:site_id>/door-code",
    sites.visits.door_code,
    needs=("show_door_code",),
    takes=DoorCodeAsked,
    answers=DoorCodeView,
    refusals=("not-found",),
)
arrivals.read(
    "/sites/<uuid:site_id>/arrivals",
    sites.visits.arrivals,
    needs=("self_check_in",),
    takes=ArrivalsAsked,
    answers=SelfArrivalsView,
    refusals=("not-found",),
)
arrivals.act(
    "/sites/<uuid:site_id>/self-check-ins",
    sites.visits.self_check_in,
    needs=("self_check_in",),
    takes=SelfCheckIn,
    answers=CheckInView,
    status=201,
    refusals=(
        "no-order-today",
        "door-code-wrong",
        "too-many-door-codes",
        "already-inside",
        "voucher-cancelled",
        "too-early",
        "too-late",
        "over-party",
    ),
)
arrivals.read(
    "/orders/<uuid:order_id>/party",
    sites.visits.party,
    needs=("read_party",),
    takes=PartyAsked,
    answers=PartyView,
    refusals=("not-found",),
)
arrivals.act(
    "/orders/<uuid:order_id>/party",
    sites.visits.name_party,
    needs=("name_party",),
    takes=NameParty,
    answers=PartyView,
    refusals=("not-found", "party-fixed"),
)
arrivals.read(
    "/parties/today",
    sites.visits.todays_parties,
    needs=("check_in",),
    takes=TodaysPartiesAsked,
    answers=Many(PartyView),
)
arrivals.act(
    "/telephone-bookings",
    sites.visits.book_by_telephone,
    needs=("book_for_others",),
    takes=BookByTelephone,
    answers=OrderView,
    status=201,
    refusals=(*NO_SEATS, "not-yet-bookable", "quota-reached", "quota-full"),
)
arrivals.act(
    "/walk-ins",
    sites.visits.admit_walk_in,
    needs=("book_for_others",),
    takes=AdmitWalkIn,
    answers=OrderView,
    status=201,
    refusals=(*NO_SEATS, "too-early"),
)
arrivals.read(
    "/sites/<uuid:site_id>/sheet",
    sites.visits.sheet,
    needs=("read_sheet",),
    takes=SheetAsked,
    answers=SheetView,
    refusals=("not-found",),
)
arrivals.act(
    "/sites/<uuid:site_id>/voucher-lists",
    sites.visits.print_vouchers,
    needs=("print_vouchers",),
    takes=PrintVouchers,
    answers=VoucherListView,
    status=201,
    refusals=("not-found",),
)
arrivals.read(
    "/sites/<uuid:site_id>/sheet-prints",
    sites.visits.sheet_prints,
    needs=("print_vouchers",),
    takes=SheetPrintsAsked,
    answers=Many(SheetPrintView),
    refusals=("not-found",),
)
