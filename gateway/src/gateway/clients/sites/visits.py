"""Doors of sites: vouchers and check-ins, arrivals, devices at the door, what follows a visit."""

from uuid import UUID, uuid4

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def check_in(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record that a voucher's holder came (CheckIn → CheckInView)."""
    return call(SERVICE, "check_in", fields, who=who, command_id=command_id)


def record_check_ins(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take check-ins recorded with no network, an answer for each (RecordCheckIns → CheckInsAnswered)."""
    return call(SERVICE, "record_check_ins", fields, who=who, command_id=command_id)


def check_ins(fields: Fields, *, who: Holder) -> Answer:
    """List check-ins, also the doubtful ones (CheckInsAsked → Page of CheckInRecord)."""
    return call(SERVICE, "check_ins", fields, who=who)


def decide_check_in(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide whether a doubtful check-in counts (DecideCheckIn → CheckInRecord)."""
    return call(SERVICE, "decide_check_in", fields, who=who, command_id=command_id)


def enrol_device(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Prepare a device for a site's door (MakeDevice → DeviceMade)."""
    return call(SERVICE, "enrol_device", fields, who=who, command_id=command_id)


def revoke_device(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Believe a device no more (RevokeDevice → DeviceView)."""
    return call(SERVICE, "revoke_device", fields, who=who, command_id=command_id)


def devices(fields: Fields, *, who: Holder) -> Answer:
    """List a site's devices (DevicesAsked → Page of DeviceView)."""
    return call(SERVICE, "devices", fields, who=who)


def door_sites(fields: Fields, *, who: Holder) -> Answer:
    """List the sites whose door the person keeps (DoorSitesAsked → Page of SiteRef)."""
    return call(SERVICE, "door_sites", fields, who=who)


def shift_pins(fields: Fields, *, who: Holder) -> Answer:
    """Return who has a PIN at a site (ShiftPinsAsked → Page of ShiftPinView)."""
    return call(SERVICE, "shift_pins", fields, who=who)


def remove_shift_pin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a person's PIN at a site away (RemoveShiftPin → ShiftPinRemoved)."""
    return call(SERVICE, "remove_shift_pin", fields, who=who, command_id=command_id)


def set_shift_pin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Choose the PIN with which one takes over a shared device (SetShiftPin → ShiftPinSet)."""
    return call(SERVICE, "set_shift_pin", fields, who=who, command_id=command_id)


def use_enrolment_code(fields: Fields) -> Answer:
    """Turn an enrolment code into a device's credential (EnrolDevice → DeviceEnrolled)."""
    return call(SERVICE, "use_enrolment_code", fields, command_id=uuid4())


def sync_device(fields: Fields) -> Answer:
    """Take what a device recorded and return what it needs (SyncDevice → DeviceDay)."""
    return call(SERVICE, "sync_device", fields, command_id=uuid4())


def close_order(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a visit with its headcount; drafts the claim (CloseOrder → OrderView)."""
    return call(SERVICE, "close_order", fields, who=who, command_id=command_id)


def visit_pictures(fields: Fields, *, who: Holder) -> Answer:
    """Return the pictures of a visit that was closed (OrderAsked → VisitPicturesView)."""
    return call(SERVICE, "visit_pictures", fields, who=who)


def inside(fields: Fields, *, who: Holder) -> Answer:
    """List how many are inside now, against the capacity (InsideAsked → Page of InsideView)."""
    return call(SERVICE, "inside", fields, who=who)


def rate_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Rate a visit that was closed, or change the rating (RateVisit → OrderRatingView)."""
    return call(SERVICE, "rate_visit", fields, who=who, command_id=command_id)


def order_rating(fields: Fields, *, who: Holder) -> Answer:
    """Return the rating of an order's visit (OrderAsked → OrderRatingView)."""
    return call(SERVICE, "order_rating", fields, who=who)


def site_ratings(fields: Fields) -> Answer:
    """Return what visitors said of a site (SiteRatingsAsked → SiteRatingsView)."""
    return call(SERVICE, "site_ratings", fields)


def ratings(fields: Fields, *, who: Holder) -> Answer:
    """List a site's ratings for its keepers, hidden ones too (RatingsAsked → Page of RatingRecord)."""
    return call(SERVICE, "ratings", fields, who=who)


def reply_to_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reply to a rating for the site, or change the reply (ReplyToRating → RatingRecord)."""
    return call(SERVICE, "reply_to_rating", fields, who=who, command_id=command_id)


def judge_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Flag, hide or show a rating, saying why (JudgeRating → RatingRecord)."""
    return call(SERVICE, "judge_rating", fields, who=who, command_id=command_id)


def record_incident(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down what happened at a site (RecordIncident → IncidentView)."""
    return call(SERVICE, "record_incident", fields, who=who, command_id=command_id)


def follow_up_incident(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add to an incident what was done since (FollowUpIncident → IncidentView)."""
    return call(SERVICE, "follow_up_incident", fields, who=who, command_id=command_id)


def incidents(fields: Fields, *, who: Holder) -> Answer:
    """List a site's incidents (IncidentsAsked → Page of IncidentView)."""
    return call(SERVICE, "incidents", fields, who=who)


def voucher(fields: Fields, *, who: Holder) -> Answer:
    """Return the proof shown at the door (OrderAsked → VoucherView)."""
    return call(SERVICE, "voucher", fields, who=who)


def voucher_keys(fields: Fields) -> Answer:
    """List the public keys that verify vouchers with no network (VoucherKeysAsked → Page of VoucherKeyView)."""
    return call(SERVICE, "voucher_keys", fields)


def leak_voucher_key(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Declare that strangers know a voucher key (LeakVoucherKey → VoucherKeyLeaked)."""
    return call(SERVICE, "leak_voucher_key", fields, who=who, command_id=command_id)


def door_code(fields: Fields, *, who: Holder) -> Answer:
    """Return the code that the screen at a site's door shows now (DoorCodeAsked → DoorCodeView)."""
    return call(SERVICE, "door_code", fields, who=who)


def arrivals(fields: Fields, *, who: Holder) -> Answer:
    """Return what the asker can check in at a site today (ArrivalsAsked → SelfArrivalsView)."""
    return call(SERVICE, "arrivals", fields, who=who)


def self_check_in(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Check in by the code on the screen at the door (SelfCheckIn → CheckInView)."""
    return call(SERVICE, "self_check_in", fields, who=who, command_id=command_id)


def party(fields: Fields, *, who: Holder) -> Answer:
    """Return who comes with an order, and what they need (PartyAsked → PartyView)."""
    return call(SERVICE, "party", fields, who=who)


def todays_parties(fields: Fields, *, who: Holder) -> Answer:
    """List today's parties with names at the asker's doors (TodaysPartiesAsked → Page of PartyView)."""
    return call(SERVICE, "todays_parties", fields, who=who)


def name_party(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write anew who comes with an order, and what they need (NameParty → PartyView)."""
    return call(SERVICE, "name_party", fields, who=who, command_id=command_id)


def book_by_telephone(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Order for somebody who calls the site (BookByTelephone → OrderView)."""
    return call(SERVICE, "book_by_telephone", fields, who=who, command_id=command_id)


def admit_walk_in(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Let in a party that stands at the door with no order (AdmitWalkIn → OrderView)."""
    return call(SERVICE, "admit_walk_in", fields, who=who, command_id=command_id)


def sheet(fields: Fields, *, who: Holder) -> Answer:
    """Return who comes to a site on a day or in a week, to be printed (SheetAsked → SheetView)."""
    return call(SERVICE, "sheet", fields, who=who)


def print_vouchers(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """List a day's vouchers with their codes; who asked is kept (PrintVouchers → VoucherListView)."""
    return call(SERVICE, "print_vouchers", fields, who=who, command_id=command_id)


def sheet_prints(fields: Fields, *, who: Holder) -> Answer:
    """List who drew which sheets of a site (SheetPrintsAsked → Page of SheetPrintView)."""
    return call(SERVICE, "sheet_prints", fields, who=who)
