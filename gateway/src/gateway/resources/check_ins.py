"""Check-ins: one at the door, many recorded with no network, the doubtful ones and what is decided about them."""

from contracts.sites.visits import (
    CheckIn,
    CheckInRecord,
    CheckInsAnswered,
    CheckInsAsked,
    CheckInView,
    DecideCheckIn,
    RecordCheckIns,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

check_ins = Noun("check_ins")

check_ins.act(
    "/check-ins",
    sites.visits.check_in,
    needs=("check_in",),
    takes=CheckIn,
    answers=CheckInView,
    status=201,
    refusals=(
        "voucher-unknown",
        "voucher-superseded",
        "voucher-withdrawn",
        "voucher-for-another-site",
        "voucher-used",
        "voucher-cancelled",
        "too-early",
        "too-late",
        "over-party",
    ),
)
check_ins.act(
    "/check-ins/batch",
    sites.visits.record_check_ins,
    needs=("record_check_ins",),
    takes=RecordCheckIns,
    answers=CheckInsAnswered,
)
check_ins.read(
    "/check-ins", sites.visits.check_ins, needs=("read_check_ins",), takes=CheckInsAsked, answers=Many(CheckInRecord)
)
check_ins.act(
    "/check-ins/<uuid:check_in_id>/decision",
    sites.visits.decide_check_in,
    needs=("decide_check_in",),
    takes=DecideCheckIn,
    answers=CheckInRecord,
    refusals=("not-found", "check-in-decided", "own-site-or-branch", "slot-full", "fund-exhausted", "caps-used-up"),
)
