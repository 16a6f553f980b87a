"""The doors of sites: places, slots, orders, visits, claims, settlement, the fund."""

from uuid import UUID, uuid4

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def sites(fields: Fields) -> Answer:
    """List open sites for the map and the list (SitesAsked → a GeoJSON FeatureCollection)."""
    return call(SERVICE, "sites", fields)


def site(fields: Fields) -> Answer:
    """Return one site (SiteAsked → SiteView)."""
    return call(SERVICE, "site", fields)


def programmes(fields: Fields) -> Answer:
    """List a site's menu (SiteAsked → Page of ProgrammeDetailView)."""
    return call(SERVICE, "programmes", fields)


def programme(fields: Fields) -> Answer:
    """Return one programme (ProgrammeAsked → ProgrammeDetailView)."""
    return call(SERVICE, "programme", fields)


def menu(fields: Fields, *, who: Holder) -> Answer:
    """List a site's whole menu for its keepers (MenuAsked → Page of ProgrammeDetailView)."""
    return call(SERVICE, "menu", fields, who=who)


def programme_history(fields: Fields, *, who: Holder) -> Answer:
    """List what was done with a programme (ProgrammeHistoryAsked → Page of ProgrammeMoveView)."""
    return call(SERVICE, "programme_history", fields, who=who)


def add_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a programme on a site's menu (AddProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "add_programme", fields, who=who, command_id=command_id)


def edit_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a programme anew (EditProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "edit_programme", fields, who=who, command_id=command_id)


def retire_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a programme off the menu; orders stand (MoveProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "retire_programme", fields, who=who, command_id=command_id)


def offer_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a retired programme on the menu again (MoveProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "offer_programme", fields, who=who, command_id=command_id)


def training_cases(fields: Fields) -> Answer:
    """List the training cases (CasesAsked → Page of CaseSummaryView)."""
    return call(SERVICE, "training_cases", fields)


def training_case(fields: Fields) -> Answer:
    """Return a training case's newest version with roles and steps (CaseAsked → CaseVersionView)."""
    return call(SERVICE, "training_case", fields)


def case_version(fields: Fields) -> Answer:
    """Return one published version of a training case (CaseVersionAsked → CaseVersionView)."""
    return call(SERVICE, "case_version", fields)


def case_draft(fields: Fields, *, who: Holder) -> Answer:
    """Return a training case's draft (CaseAsked → CaseVersionView)."""
    return call(SERVICE, "case_draft", fields, who=who)


def case_history(fields: Fields, *, who: Holder) -> Answer:
    """Return a training case's versions and editors (CaseAsked → CaseHistoryView)."""
    return call(SERVICE, "case_history", fields, who=who)


def create_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin a training case with an empty draft (CreateCase → CaseVersionView)."""
    return call(SERVICE, "create_case", fields, who=who, command_id=command_id)


def draft_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin a draft from the newest version (DraftCase → CaseVersionView)."""
    return call(SERVICE, "draft_case", fields, who=who, command_id=command_id)


def save_draft(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a draft anew (SaveDraft → CaseVersionView)."""
    return call(SERVICE, "save_draft", fields, who=who, command_id=command_id)


def publish_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Publish a draft as the next version, saying why (PublishCase → CaseVersionView)."""
    return call(SERVICE, "publish_case", fields, who=who, command_id=command_id)


def name_case_editor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Name a person who may edit a training case (NameCaseEditor → CaseHistoryView)."""
    return call(SERVICE, "name_case_editor", fields, who=who, command_id=command_id)


def remove_case_editor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the right to edit a training case from a person (RemoveCaseEditor → CaseHistoryView)."""
    return call(SERVICE, "remove_case_editor", fields, who=who, command_id=command_id)


def guides(fields: Fields, *, who: Holder) -> Answer:
    """List a site's guides (GuidesAsked → Page of GuideView)."""
    return call(SERVICE, "guides", fields, who=who)


def guide(fields: Fields, *, who: Holder) -> Answer:
    """Return one guide with the rota (GuideAsked → GuideView)."""
    return call(SERVICE, "guide", fields, who=who)


def rota(fields: Fields, *, who: Holder) -> Answer:
    """Return a site's week: guides' hours, slots and who leads them (RotaAsked → RotaView)."""
    return call(SERVICE, "rota", fields, who=who)


def add_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a guide of a site (AddGuide → GuideChangeView)."""
    return call(SERVICE, "add_guide", fields, who=who, command_id=command_id)


def edit_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a guide anew (EditGuide → GuideChangeView)."""
    return call(SERVICE, "edit_guide", fields, who=who, command_id=command_id)


def set_rota(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a guide's rota anew (SetRota → GuideChangeView)."""
    return call(SERVICE, "set_rota", fields, who=who, command_id=command_id)


def report_absence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Note that a guide drops out; their slots move or close (ReportAbsence → GuideChangeView)."""
    return call(SERVICE, "report_absence", fields, who=who, command_id=command_id)


def assign_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a slot a guide by hand, or take it off (AssignGuide → GuideChangeView)."""
    return call(SERVICE, "assign_guide", fields, who=who, command_id=command_id)


def assign_roles(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say who plays what in an ordered visit (AssignRoles → RunSheetView)."""
    return call(SERVICE, "assign_roles", fields, who=who, command_id=command_id)


def run_sheet(fields: Fields, *, who: Holder) -> Answer:
    """Return the run sheet of an ordered visit (RunSheetAsked → RunSheetView)."""
    return call(SERVICE, "run_sheet", fields, who=who)


def slots(fields: Fields) -> Answer:
    """List a site's slots with their free seats (SlotsAsked → Page of SlotView)."""
    return call(SERVICE, "slots", fields)


def slot(fields: Fields) -> Answer:
    """Return one slot (SlotAsked → SlotView)."""
    return call(SERVICE, "slot", fields)


def navigation(fields: Fields) -> Answer:
    """Return links that open map programmes at the site (SiteAsked → NavigationView)."""
    return call(SERVICE, "navigation", fields)


def kept_sites(fields: Fields, *, who: Holder) -> Answer:
    """List the sites that the person keeps or oversees (KeptSitesAsked → Page of KeptSiteView)."""
    return call(SERVICE, "kept_sites", fields, who=who)


def site_record(fields: Fields, *, who: Holder) -> Answer:
    """Return a site's whole record (SiteRecordAsked → SiteRecordView)."""
    return call(SERVICE, "site_record", fields, who=who)


def site_history(fields: Fields, *, who: Holder) -> Answer:
    """List what was changed of a site (SiteHistoryAsked → Page of SiteChangeView)."""
    return call(SERVICE, "site_history", fields, who=who)


def edit_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a site's record anew (EditSite → SiteRecordView)."""
    return call(SERVICE, "edit_site", fields, who=who, command_id=command_id)


def arrival(fields: Fields, *, who: Holder) -> Answer:
    """Return what a confirmed order's party needs to arrive (ArrivalAsked → ArrivalView)."""
    return call(SERVICE, "arrival", fields, who=who)


def features(fields: Fields) -> Answer:
    """List a collection's features for OGC API (FeaturesAsked → GeoJSON behind `next` and `numberReturned`)."""
    return call(SERVICE, "features", fields)


def feature(fields: Fields) -> Answer:
    """Return one feature of a collection (FeatureAsked → a GeoJSON Feature)."""
    return call(SERVICE, "feature", fields)


def extents(fields: Fields) -> Answer:
    """Return where and when the collections' features are (ExtentsAsked → ExtentsView)."""
    return call(SERVICE, "extents", fields)


def move_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open, suspend, resume or withdraw a site, saying why (MoveSite → SiteMovedView)."""
    return call(SERVICE, "move_site", fields, who=who, command_id=command_id)


def affected_orders(fields: Fields, *, who: Holder) -> Answer:
    """List the orders that stand at a site (AffectedOrdersAsked → Page of StandingOrderView)."""
    return call(SERVICE, "affected_orders", fields, who=who)


def add_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add a picture to a site (AddPicture → PicturesView)."""
    return call(SERVICE, "add_picture", fields, who=who, command_id=command_id)


def order_pictures(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a site's pictures into a sequence (OrderPictures → PicturesView)."""
    return call(SERVICE, "order_pictures", fields, who=who, command_id=command_id)


def remove_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a picture away from a site (RemovePicture → PicturesView)."""
    return call(SERVICE, "remove_picture", fields, who=who, command_id=command_id)


def record_site_check(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a check of the "three same" of a site (RecordSiteCheck → SiteCheckView)."""
    return call(SERVICE, "record_site_check", fields, who=who, command_id=command_id)


def site_checks(fields: Fields, *, who: Holder) -> Answer:
    """List the checks of a site (SiteChecksAsked → Page of SiteCheckView)."""
    return call(SERVICE, "site_checks", fields, who=who)


def evaluate_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Evaluate a site for a year (EvaluateSite → EvaluationView)."""
    return call(SERVICE, "evaluate_site", fields, who=who, command_id=command_id)


def evaluations(fields: Fields, *, who: Holder) -> Answer:
    """List the evaluations of a site (EvaluationsAsked → Page of EvaluationView)."""
    return call(SERVICE, "evaluations", fields, who=who)


def apply_for_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Apply for a place to become a site (ApplyForAdmission → AdmissionView)."""
    return call(SERVICE, "apply_for_admission", fields, who=who, command_id=command_id)


def check_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record the field check of an application (CheckAdmission → AdmissionView)."""
    return call(SERVICE, "check_admission", fields, who=who, command_id=command_id)


def decide_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve or refuse an application (DecideAdmission → AdmissionView)."""
    return call(SERVICE, "decide_admission", fields, who=who, command_id=command_id)


def retract_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take one's application back (RetractAdmission → AdmissionView)."""
    return call(SERVICE, "retract_admission", fields, who=who, command_id=command_id)


def admission(fields: Fields, *, who: Holder) -> Answer:
    """Return one application (AdmissionAsked → AdmissionView)."""
    return call(SERVICE, "admission", fields, who=who)


def admissions(fields: Fields, *, who: Holder) -> Answer:
    """List applications for admission (AdmissionsAsked → Page of AdmissionView)."""
    return call(SERVICE, "admissions", fields, who=who)


def preview_site_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Look a file of sites through, in the background (PreviewSiteImport → SiteImportView)."""
    return call(SERVICE, "preview_site_import", fields, who=who, command_id=command_id)


def apply_site_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take over a file that was looked through (ApplySiteImport → SiteImportView)."""
    return call(SERVICE, "apply_site_import", fields, who=who, command_id=command_id)


def site_import(fields: Fields, *, who: Holder) -> Answer:
    """Return how far an import is (SiteImportAsked → SiteImportView)."""
    return call(SERVICE, "site_import", fields, who=who)


def export_sites(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a file of sites in the file store (SiteExportAsked → StoredFile)."""
    return call(SERVICE, "export_sites", fields, who=who)


def site_rules(fields: Fields) -> Answer:
    """Return the district's rules for sites in force on a day (SiteRulesAsked → SiteRulesView)."""
    return call(SERVICE, "site_rules", fields)


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


def order(fields: Fields, *, who: Holder) -> Answer:
    """Return one order (OrderAsked → OrderView)."""
    return call(SERVICE, "order", fields, who=who)


def orders(fields: Fields, *, who: Holder) -> Answer:
    """List the orders that the person may see (OrdersAsked → Page of OrderView)."""
    return call(SERVICE, "orders", fields, who=who)


def voucher(fields: Fields, *, who: Holder) -> Answer:
    """Return the proof shown at the door (OrderAsked → VoucherView)."""
    return call(SERVICE, "voucher", fields, who=who)


def routes(fields: Fields) -> Answer:
    """List the published tour routes (RoutesAsked → Page of RouteView)."""
    return call(SERVICE, "routes", fields)


def route(fields: Fields) -> Answer:
    """Return one tour route (RouteAsked → RouteView)."""
    return call(SERVICE, "route", fields)


def trip(fields: Fields) -> Answer:
    """Plan a day's trip through several sites (TripAsked → TripView)."""
    return call(SERVICE, "trip", fields)


def make_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Lay out a tour route (MakeRoute → RouteView)."""
    return call(SERVICE, "make_route", fields, who=who, command_id=command_id)


def retire_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a tour route from the list (RetireRoute → RouteView)."""
    return call(SERVICE, "retire_route", fields, who=who, command_id=command_id)


def order_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Order several slots in one step, all or none (OrderRoute → RouteOrderView)."""
    return call(SERVICE, "order_route", fields, who=who, command_id=command_id)


def cancel_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Cancel all stops of a trip that have not begun (CancelRoute → RouteOrderView)."""
    return call(SERVICE, "cancel_route", fields, who=who, command_id=command_id)


def route_order(fields: Fields, *, who: Holder) -> Answer:
    """Return a trip that was ordered, with its orders (RouteOrderAsked → RouteOrderView)."""
    return call(SERVICE, "route_order", fields, who=who)


def voucher_keys(fields: Fields) -> Answer:
    """List the public keys that verify vouchers with no network (VoucherKeysAsked → Page of VoucherKeyView)."""
    return call(SERVICE, "voucher_keys", fields)


def leak_voucher_key(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Declare that strangers know a voucher key (LeakVoucherKey → VoucherKeyLeaked)."""
    return call(SERVICE, "leak_voucher_key", fields, who=who, command_id=command_id)


def claims(fields: Fields, *, who: Holder) -> Answer:
    """List the claims that the person may see (ClaimsAsked → Page of ClaimView)."""
    return call(SERVICE, "claims", fields, who=who)


def claim(fields: Fields, *, who: Holder) -> Answer:
    """Return one claim (ClaimAsked → ClaimView)."""
    return call(SERVICE, "claim", fields, who=who)


def submit_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Hand the site's claim in (MoveClaim → ClaimView)."""
    return call(SERVICE, "submit_claim", fields, who=who, command_id=command_id)


def confirm_headcount(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm for the branch how many came (MoveClaim → ClaimView)."""
    return call(SERVICE, "confirm_headcount", fields, who=who, command_id=command_id)


def dispute_headcount(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say for the branch that another number came (DisputeHeadcount → ClaimView)."""
    return call(SERVICE, "dispute_headcount", fields, who=who, command_id=command_id)


def approve_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve a claim; needs a fresh token (MoveClaim → ClaimView)."""
    return call(SERVICE, "approve_claim", fields, who=who, command_id=command_id)


def return_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Send a claim back to the site, saying why (MoveClaimWithReason → ClaimView)."""
    return call(SERVICE, "return_claim", fields, who=who, command_id=command_id)


def reject_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reject a claim, saying why; needs a fresh token (MoveClaimWithReason → ClaimView)."""
    return call(SERVICE, "reject_claim", fields, who=who, command_id=command_id)


def countersign_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve a claim as the second of two; needs a fresh token (MoveClaim → ClaimView)."""
    return call(SERVICE, "countersign_claim", fields, who=who, command_id=command_id)


def approve_claims(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve many claims, each on its own; needs a fresh token (MoveClaims → ClaimsAnswered)."""
    return call(SERVICE, "approve_claims", fields, who=who, command_id=command_id)


def confirm_headcounts(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm for the branch many headcounts, each on its own (MoveClaims → ClaimsAnswered)."""
    return call(SERVICE, "confirm_headcounts", fields, who=who, command_id=command_id)


def claim_queue(fields: Fields, *, who: Holder) -> Answer:
    """List the claims that wait for finance, filtered and sorted (QueueAsked → Page of ClaimView)."""
    return call(SERVICE, "claim_queue", fields, who=who)


def claim_queue_counts(fields: Fields, *, who: Holder) -> Answer:
    """Count the claims of the queue by each filter (QueueAsked → QueueCountsView)."""
    return call(SERVICE, "claim_queue_counts", fields, who=who)


def missing_papers(fields: Fields, *, who: Holder) -> Answer:
    """List the sites whose claims miss papers (MissingPapersAsked → Page of MissingPapersView)."""
    return call(SERVICE, "missing_papers", fields, who=who)


def claim_sums(fields: Fields, *, who: Holder) -> Answer:
    """List what the person's sites earned, by month (ClaimSumsAsked → Page of ClaimSumsView)."""
    return call(SERVICE, "claim_sums", fields, who=who)


def claim_evidence(fields: Fields, *, who: Holder) -> Answer:
    """Return all that stands behind a claim (ClaimAsked → EvidenceView)."""
    return call(SERVICE, "claim_evidence", fields, who=who)


def claim_attachment(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to an attachment in the file store (AttachmentAsked → StoredFile)."""
    return call(SERVICE, "claim_attachment", fields, who=who)


def attach_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Attach a file to a claim (AttachPaper → AttachmentView)."""
    return call(SERVICE, "attach_paper", fields, who=who, command_id=command_id)


def detach_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an attachment back (AttachmentAsked → EvidenceView)."""
    return call(SERVICE, "detach_paper", fields, who=who, command_id=command_id)


def enter_invoice(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter an invoice or receipt of a claim (EnterInvoice → InvoiceView)."""
    return call(SERVICE, "enter_invoice", fields, who=who, command_id=command_id)


def take_back_invoice(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an invoice back (InvoiceAsked → EvidenceView)."""
    return call(SERVICE, "take_back_invoice", fields, who=who, command_id=command_id)


def appeal_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Appeal against a rejection or a lowered amount (AppealClaim → ClaimAppealView)."""
    return call(SERVICE, "appeal_claim", fields, who=who, command_id=command_id)


def decide_claim_appeal(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Grant or refuse an appeal; needs a fresh token (DecideClaimAppeal → ClaimAppealView)."""
    return call(SERVICE, "decide_claim_appeal", fields, who=who, command_id=command_id)


def claim_appeals(fields: Fields, *, who: Holder) -> Answer:
    """List the appeals against decisions on claims (ClaimAppealsAsked → Page of ClaimAppealView)."""
    return call(SERVICE, "claim_appeals", fields, who=who)


def announce_review_draw(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Announce a draw of claims for field review (AnnounceReviewDraw → ReviewDrawView)."""
    return call(SERVICE, "announce_review_draw", fields, who=who, command_id=command_id)


def review_draws(fields: Fields, *, who: Holder) -> Answer:
    """List the draws for field review (ReviewDrawsAsked → Page of ReviewDrawView)."""
    return call(SERVICE, "review_draws", fields, who=who)


def review_draw(fields: Fields, *, who: Holder) -> Answer:
    """Return a draw with all that repeats it (ReviewDrawAsked → ReviewDrawDetail)."""
    return call(SERVICE, "review_draw", fields, who=who)


def field_reviews(fields: Fields, *, who: Holder) -> Answer:
    """List the claims drawn for field review (FieldReviewsAsked → Page of FieldReviewRow)."""
    return call(SERVICE, "field_reviews", fields, who=who)


def record_finding(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record what a field review found (RecordFinding → FieldReviewView)."""
    return call(SERVICE, "record_finding", fields, who=who, command_id=command_id)


def make_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put approved claims into one batch; needs a fresh token (MakeBatch → BatchView)."""
    return call(SERVICE, "make_batch", fields, who=who, command_id=command_id)


def approve_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve another person's batch; needs a fresh token (MoveBatch → BatchView)."""
    return call(SERVICE, "approve_batch", fields, who=who, command_id=command_id)


def reject_batch(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reject a batch, saying why (MoveBatchWithReason → BatchView)."""
    return call(SERVICE, "reject_batch", fields, who=who, command_id=command_id)


def batches(fields: Fields, *, who: Holder) -> Answer:
    """List settlement batches (BatchesAsked → Page of BatchView)."""
    return call(SERVICE, "batches", fields, who=who)


def batch(fields: Fields, *, who: Holder) -> Answer:
    """Return one batch with its lines (BatchAsked → BatchView)."""
    return call(SERVICE, "batch", fields, who=who)


def payment_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a batch's payment file in the file store (PaymentFileAsked → StoredFile)."""
    return call(SERVICE, "payment_file", fields, who=who)


def record_bank_results(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record which lines the bank paid (RecordBankResults → BatchView)."""
    return call(SERVICE, "record_bank_results", fields, who=who, command_id=command_id)


def subsidy_policy(fields: Fields) -> Answer:
    """Return the subsidy policy in force on a day (PolicyAsked → PolicyView)."""
    return call(SERVICE, "subsidy_policy", fields)


def funds(fields: Fields, *, who: Holder) -> Answer:
    """List funds with the year's balances (FundsAsked → Page of FundView)."""
    return call(SERVICE, "funds", fields, who=who)


def appropriate(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Grant money to a fund by a document; needs a fresh token (AppropriateFund → FundView)."""
    return call(SERVICE, "appropriate", fields, who=who, command_id=command_id)


def trial_balance(fields: Fields, *, who: Holder) -> Answer:
    """Return the trial balance (TrialBalanceAsked → TrialBalanceView)."""
    return call(SERVICE, "trial_balance", fields, who=who)


def statement(fields: Fields, *, who: Holder) -> Answer:
    """List the entries of one account (StatementAsked → Page of EntryView)."""
    return call(SERVICE, "statement", fields, who=who)


def calendar_days(fields: Fields) -> Answer:
    """List a site's days with their free seats (CalendarDaysAsked → CalendarDaysView)."""
    return call(SERVICE, "calendar_days", fields)


def calendar_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return what a site's slots are made from (CalendarAsked → CalendarRulesView)."""
    return call(SERVICE, "calendar_rules", fields, who=who)


def preview_calendar(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """See what a change of the calendar would do (PreviewCalendar → CalendarPreviewView)."""
    return call(SERVICE, "preview_calendar", fields, who=who, command_id=command_id)


def calendar_preview(fields: Fields, *, who: Holder) -> Answer:
    """Look at a preview again, worked out anew (PreviewAsked → CalendarPreviewView)."""
    return call(SERVICE, "calendar_preview", fields, who=who)


def apply_calendar(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Make a previewed change (ApplyCalendar → CalendarAppliedView)."""
    return call(SERVICE, "apply_calendar", fields, who=who, command_id=command_id)


def closures(fields: Fields, *, who: Holder) -> Answer:
    """List a site's closures (ClosuresAsked → Page of ClosureView)."""
    return call(SERVICE, "closures", fields, who=who)


def close_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a site or a part of it at once (CloseSite → ClosureView)."""
    return call(SERVICE, "close_site", fields, who=who, command_id=command_id)


def lift_closure(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a closure back (LiftClosure → ClosureView)."""
    return call(SERVICE, "lift_closure", fields, who=who, command_id=command_id)


def order_notices(fields: Fields, *, who: Holder) -> Answer:
    """List the orders whose slot was closed, with slots to move to (NoticesAsked → Page of NoticeView)."""
    return call(SERVICE, "order_notices", fields, who=who)


def holidays(fields: Fields) -> Answer:
    """List the public holidays by year, announced or not (HolidaysAsked → Page of HolidayYearView)."""
    return call(SERVICE, "holidays", fields)


def announce_holidays(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a year's public holidays (AnnounceHolidays → HolidayYearView)."""
    return call(SERVICE, "announce_holidays", fields, who=who, command_id=command_id)


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


def allocation_rounds(fields: Fields) -> Answer:
    """List the allocation rounds (RoundsAsked → Page of RoundView)."""
    return call(SERVICE, "allocation_rounds", fields)


def allocation_round(fields: Fields) -> Answer:
    """Return one allocation round (RoundAsked → RoundView)."""
    return call(SERVICE, "allocation_round", fields)


def allocation_slots(fields: Fields) -> Answer:
    """List the times that a round gives out (RoundAsked → Page of RoundSlotView)."""
    return call(SERVICE, "allocation_slots", fields)


def allocation_export(fields: Fields) -> Answer:
    """Return what a draw was made from and what came of it, to be repeated by anyone (RoundAsked → JSON)."""
    return call(SERVICE, "allocation_export", fields)


def allocation_choices(fields: Fields, *, who: Holder) -> Answer:
    """List the sites a round may be opened for, with programmes (RoundChoicesAsked → Page of RoundChoiceView)."""
    return call(SERVICE, "allocation_choices", fields, who=who)


def announce_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Announce an allocation round with its seed (AnnounceRound → RoundView)."""
    return call(SERVICE, "announce_round", fields, who=who, command_id=command_id)


def withdraw_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a round up before its draw (WithdrawRound → RoundView)."""
    return call(SERVICE, "withdraw_round", fields, who=who, command_id=command_id)


def draw_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a round drawn in the background (DrawRound → RoundView)."""
    return call(SERVICE, "draw_round", fields, who=who, command_id=command_id)


def ask_in_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Ask in a round for a branch, or replace what it asked (AskInRound → RequestView)."""
    return call(SERVICE, "ask_in_round", fields, who=who, command_id=command_id)


def withdraw_request(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a request in a round back (WithdrawRequest → RequestView)."""
    return call(SERVICE, "withdraw_request", fields, who=who, command_id=command_id)


def allocation_requests(fields: Fields, *, who: Holder) -> Answer:
    """List the requests that the person may see (RequestsAsked → Page of RequestView)."""
    return call(SERVICE, "allocation_requests", fields, who=who)


def allocation_request(fields: Fields, *, who: Holder) -> Answer:
    """Return one request with what became of it (RequestAsked → RequestView)."""
    return call(SERVICE, "allocation_request", fields, who=who)
