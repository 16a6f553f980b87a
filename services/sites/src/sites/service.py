"""The doors of the sites service: each makes one call into operations or queries."""

from datetime import datetime
from typing import Any

from chassis.actors import Actor
from chassis.database import Database
from chassis.doors import command, listen, query
from chassis.files import FileStore
from chassis.guard import Command
from contracts.envelope import Event, Page, StoredFile
from contracts.roster import OrganisationChanged
from contracts.sites.admissions import (
    AdmissionAsked,
    AdmissionsAsked,
    AdmissionView,
    ApplyForAdmission,
    CheckAdmission,
    DecideAdmission,
    RetractAdmission,
)
from contracts.sites.allocation import (
    AnnounceRound,
    AskInRound,
    DrawRound,
    RequestAsked,
    RequestsAsked,
    RequestView,
    RoundAsked,
    RoundChoicesAsked,
    RoundsAsked,
    RoundView,
    WithdrawRequest,
    WithdrawRound,
)
from contracts.sites.batches import (
    BatchAsked,
    BatchesAsked,
    BatchView,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    PaymentFileAsked,
    RecordBankResults,
)
from contracts.sites.calendars import (
    AnnounceHolidays,
    ApplyCalendar,
    CalendarAppliedView,
    CalendarAsked,
    CalendarDaysAsked,
    CalendarDaysView,
    CalendarPreviewView,
    CalendarRulesView,
    CloseSite,
    ClosuresAsked,
    ClosureView,
    HolidaysAsked,
    HolidayYearView,
    LiftClosure,
    NoticesAsked,
    PreviewAsked,
    PreviewCalendar,
)
from contracts.sites.claims import (
    AnnounceReviewDraw,
    AppealClaim,
    AttachmentAsked,
    AttachmentView,
    AttachPaper,
    ClaimAppealsAsked,
    ClaimAppealView,
    ClaimAsked,
    ClaimsAnswered,
    ClaimsAsked,
    ClaimSumsAsked,
    ClaimView,
    DecideClaimAppeal,
    DisputeHeadcount,
    EnterInvoice,
    EvidenceView,
    FieldReviewsAsked,
    FieldReviewView,
    InvoiceAsked,
    InvoiceView,
    MissingPapersAsked,
    MoveClaim,
    MoveClaims,
    MoveClaimWithReason,
    QueueAsked,
    QueueCountsView,
    RecordFinding,
    ReviewDrawAsked,
    ReviewDrawDetail,
    ReviewDrawsAsked,
    ReviewDrawView,
)
from contracts.sites.devices import (
    DeviceDay,
    DeviceEnrolled,
    DeviceMade,
    DevicesAsked,
    DeviceView,
    DoorSitesAsked,
    EnrolDevice,
    MakeDevice,
    RemoveShiftPin,
    RevokeDevice,
    SetShiftPin,
    ShiftPinRemoved,
    ShiftPinsAsked,
    ShiftPinSet,
    SyncDevice,
)
from contracts.sites.explanations import BookingAsked, BookingExplanationView, OrderExplanationView
from contracts.sites.features import ExtentsAsked, ExtentsView, FeatureAsked, FeaturesAsked
from contracts.sites.feeds import CalendarView, FeedAsked, FeedsAsked, FeedView, MakeFeed, RevokeFeed
from contracts.sites.funds import AppropriateFund, FundsAsked, FundView
from contracts.sites.guides import (
    AddGuide,
    AssignGuide,
    EditGuide,
    GuideAsked,
    GuideChangeView,
    GuidesAsked,
    GuideView,
    ReportAbsence,
    RotaAsked,
    RotaView,
    SetRota,
)
from contracts.sites.imports import (
    ApplySiteImport,
    PreviewSiteImport,
    SiteExportAsked,
    SiteImportAsked,
    SiteImportView,
)
from contracts.sites.incidents import FollowUpIncident, IncidentsAsked, IncidentView, RecordIncident
from contracts.sites.ledger import StatementAsked, TrialBalanceAsked, TrialBalanceView
from contracts.sites.lifecycles import (
    AffectedOrdersAsked,
    EvaluateSite,
    EvaluationsAsked,
    EvaluationView,
    MoveSite,
    RecordSiteCheck,
    SiteChecksAsked,
    SiteCheckView,
    SiteMovedView,
    SiteRulesAsked,
    SiteRulesView,
)
from contracts.sites.orders import (
    AmendOrder,
    MoveOrder,
    MoveOrderWithReason,
    OrderAsked,
    OrdersAsked,
    OrderView,
    PlaceOrder,
)
from contracts.sites.parties import NameParty, PartyAsked, PartyView, TodaysPartiesAsked
from contracts.sites.pictures import AddPicture, OrderPictures, PicturesView, RemovePicture
from contracts.sites.places import NavigationView, SiteAsked, SitesAsked, SiteView
from contracts.sites.policies import PolicyAsked, PolicyView
from contracts.sites.programmes import (
    AddProgramme,
    EditProgramme,
    MenuAsked,
    MoveProgramme,
    ProgrammeAsked,
    ProgrammeDetailView,
    ProgrammeHistoryAsked,
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
from contracts.sites.ratings import (
    JudgeRating,
    OrderRatingView,
    RateVisit,
    RatingRecord,
    RatingsAsked,
    ReplyToRating,
    SiteRatingsAsked,
    SiteRatingsView,
)
from contracts.sites.records import (
    ArrivalAsked,
    ArrivalView,
    EditSite,
    KeptSitesAsked,
    SiteHistoryAsked,
    SiteRecordAsked,
    SiteRecordView,
)
from contracts.sites.routes import (
    CancelRoute,
    MakeRoute,
    OrderRoute,
    RetireRoute,
    RouteAsked,
    RouteOrderAsked,
    RouteOrderView,
    RoutesAsked,
    RouteView,
    TripAsked,
    TripView,
)
from contracts.sites.run_sheets import AssignRoles, RunSheetAsked, RunSheetView
from contracts.sites.self_check_ins import (
    ArrivalsAsked,
    DoorCodeAsked,
    DoorCodeView,
    SelfArrivalsView,
    SelfCheckIn,
)
from contracts.sites.series import PlaceSeries, SeriesView
from contracts.sites.sheets import PrintVouchers, SheetAsked, SheetPrintsAsked, SheetView, VoucherListView
from contracts.sites.slots import SlotAsked, SlotsAsked, SlotView
from contracts.sites.training import (
    CaseAsked,
    CaseHistoryView,
    CasesAsked,
    CaseVersionAsked,
    CaseVersionView,
    CreateCase,
    DraftCase,
    NameCaseEditor,
    PublishCase,
    RemoveCaseEditor,
    SaveDraft,
)
from contracts.sites.visits import (
    CheckIn,
    CheckInRecord,
    CheckInsAnswered,
    CheckInsAsked,
    CheckInView,
    CloseOrder,
    DecideCheckIn,
    InsideAsked,
    RecordCheckIns,
    VisitPicturesView,
    VoucherView,
)
from contracts.sites.vouchers import LeakVoucherKey, VoucherKeyLeaked, VoucherKeysAsked
from contracts.sites.waiting import (
    JoinWaitingList,
    MoveWaitingEntry,
    WaitingEntriesAsked,
    WaitingEntryAsked,
    WaitingEntryView,
)
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone
from eventlet import tpool
from nameko.extensions import DependencyProvider

from sites.operations import (
    admissions,
    allocation,
    appeals,
    batches,
    calendars,
    check_in_decisions,
    check_ins,
    claim_appeals,
    claim_papers,
    claims,
    closures,
    devices,
    door_codes,
    feeds,
    field_reviews,
    funds,
    guides,
    holidays,
    incidents,
    lifecycles,
    orders,
    organisations,
    parties,
    payment_files,
    pictures,
    programmes,
    quotas,
    ratings,
    roles,
    routes,
    self_check_ins,
    series,
    sheets,
    site_exports,
    site_imports,
    site_records,
    site_rules,
    training_cases,
    visits,
    voucher_keys,
    waiting,
    walk_ins,
)
from sites.queries import admissions as admission_queries
from sites.queries import allocation as allocation_queries
from sites.queries import batches as batch_queries
from sites.queries import calendar_days, explanations, previews
from sites.queries import calendars as calendar_queries
from sites.queries import check_ins as check_in_queries
from sites.queries import claim_evidence as claim_evidence_queries
from sites.queries import claim_queue as claim_queue_queries
from sites.queries import claims as claim_queries
from sites.queries import closures as closure_queries
from sites.queries import devices as device_queries
from sites.queries import features as feature_queries
from sites.queries import feeds as feed_queries
from sites.queries import field_reviews as field_review_queries
from sites.queries import funds as fund_queries
from sites.queries import guides as guide_queries
from sites.queries import holidays as holiday_queries
from sites.queries import incidents as incident_queries
from sites.queries import inside as inside_queries
from sites.queries import ledger as ledger_queries
from sites.queries import orders as order_queries
from sites.queries import parties as party_queries
from sites.queries import pictures as picture_queries
from sites.queries import policies as policy_queries
from sites.queries import programmes as programme_queries
from sites.queries import quotas as quota_queries
from sites.queries import ratings as rating_queries
from sites.queries import routes as route_queries
from sites.queries import run_sheets as run_sheet_queries
from sites.queries import self_check_ins as self_check_in_queries
from sites.queries import sheets as sheet_queries
from sites.queries import site_records as site_record_queries
from sites.queries import site_rules as site_rule_queries
from sites.queries import sites as site_queries
from sites.queries import slots as slot_queries
from sites.queries import training_cases as case_queries
from sites.queries import voucher_keys as voucher_key_queries
from sites.queries import waiting as waiting_queries


class Files(DependencyProvider):
    """Gives the doors the file store; the gateway streams from and into the same one."""

    def setup(self) -> None:
        """Find the store's folder in the settings."""
        self.store = FileStore(self.container.config["FILE_STORE"])

    def get_dependency(self, worker_ctx: Any) -> FileStore:
        """Return the store that all calls share."""
        return self.store


class SitesService:
    """The sites service, as the gateway and the other services see it."""

    name = "sites"
    database = Database()
    files = Files()

    # ---- places --------------------------------------------------------------------------------------------------

    @query(SitesAsked, public=True)
    def sites(self, asked: SitesAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return site_queries.sites(self.database.transaction, asked, at=at)

    @query(SiteAsked, returns=SiteView, public=True)
    def site(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> SiteView:
        return site_queries.site(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=Page, public=True)
    def programmes(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> Page:
        return programme_queries.offered(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=NavigationView, public=True)
    def navigation(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> NavigationView:
        return site_queries.navigation(self.database.transaction, asked.site_id)

    @query(SlotsAsked, returns=Page, public=True)
    def slots(self, asked: SlotsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return slot_queries.slots(self.database.transaction, asked, at=at)

    @query(SlotAsked, returns=SlotView, public=True)
    def slot(self, asked: SlotAsked, *, actor: Actor | None, at: datetime) -> SlotView:
        return slot_queries.slot(self.database.transaction, asked.slot_id, at=at)

    @query(FeaturesAsked, public=True)
    def features(self, asked: FeaturesAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return feature_queries.features(self.database.transaction, asked, at=at)

    @query(FeatureAsked, public=True)
    def feature(self, asked: FeatureAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return feature_queries.feature(self.database.transaction, asked, at=at)

    @query(ExtentsAsked, returns=ExtentsView, public=True)
    def extents(self, asked: ExtentsAsked, *, actor: Actor | None, at: datetime) -> ExtentsView:
        return feature_queries.extents(self.database.transaction)

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event)

    # ---- the catalogue, as its keepers see it -----------------------------------------------------------------------

    @query(KeptSitesAsked, returns=Page)
    def kept_sites(self, asked: KeptSitesAsked, *, actor: Actor, at: datetime) -> Page:
        return site_record_queries.kept(self.database.transaction, asked, actor=actor)

    @query(SiteRecordAsked, returns=SiteRecordView)
    def site_record(self, asked: SiteRecordAsked, *, actor: Actor, at: datetime) -> SiteRecordView:
        return site_record_queries.record(self.database.transaction, asked.site_id, actor=actor)

    @query(SiteHistoryAsked, returns=Page)
    def site_history(self, asked: SiteHistoryAsked, *, actor: Actor, at: datetime) -> Page:
        return site_record_queries.history(self.database.transaction, asked, actor=actor)

    @command(EditSite, returns=SiteRecordView)
    def edit_site(self, asked: EditSite, *, actor: Actor, at: datetime) -> SiteRecordView:
        return site_records.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ArrivalAsked, returns=ArrivalView)
    def arrival(self, asked: ArrivalAsked, *, actor: Actor, at: datetime) -> ArrivalView:
        return site_record_queries.arrival(self.database.transaction, asked.order_id, actor=actor, at=at)

    # ---- calendars -----------------------------------------------------------------------------------------------

    @query(CalendarDaysAsked, returns=CalendarDaysView, public=True)
    def calendar_days(self, asked: CalendarDaysAsked, *, actor: Actor | None, at: datetime) -> CalendarDaysView:
        return calendar_days.calendar_days(self.database.transaction, asked, at=at)

    @query(HolidaysAsked, returns=Page, public=True)
    def holidays(self, asked: HolidaysAsked, *, actor: Actor | None, at: datetime) -> Page:
        return holiday_queries.holidays(self.database.transaction, asked, at=at)

    @command(AnnounceHolidays, returns=HolidayYearView)
    def announce_holidays(self, asked: AnnounceHolidays, *, actor: Actor, at: datetime) -> HolidayYearView:
        return holidays.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CalendarAsked, returns=CalendarRulesView)
    def calendar_rules(self, asked: CalendarAsked, *, actor: Actor, at: datetime) -> CalendarRulesView:
        return calendar_queries.rules(self.database.transaction, asked.site_id, actor=actor)

    @command(PreviewCalendar, returns=CalendarPreviewView)
    def preview_calendar(self, asked: PreviewCalendar, *, actor: Actor, at: datetime) -> CalendarPreviewView:
        return calendars.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PreviewAsked, returns=CalendarPreviewView)
    def calendar_preview(self, asked: PreviewAsked, *, actor: Actor, at: datetime) -> CalendarPreviewView:
        return previews.preview(self.database.transaction, asked.site_id, asked.preview_id, actor=actor, at=at)

    @command(ApplyCalendar, returns=CalendarAppliedView)
    def apply_calendar(self, asked: ApplyCalendar, *, actor: Actor, at: datetime) -> CalendarAppliedView:
        return calendars.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseSite, returns=ClosureView)
    def close_site(self, asked: CloseSite, *, actor: Actor, at: datetime) -> ClosureView:
        return closures.close(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(LiftClosure, returns=ClosureView)
    def lift_closure(self, asked: LiftClosure, *, actor: Actor, at: datetime) -> ClosureView:
        return closures.lift(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClosuresAsked, returns=Page)
    def closures(self, asked: ClosuresAsked, *, actor: Actor, at: datetime) -> Page:
        return closure_queries.closures(self.database.transaction, asked, actor=actor)

    @query(NoticesAsked, returns=Page)
    def order_notices(self, asked: NoticesAsked, *, actor: Actor, at: datetime) -> Page:
        return closure_queries.notices(self.database.transaction, asked, actor=actor, at=at)

    @command(MoveSite, returns=SiteMovedView)
    def move_site(self, asked: MoveSite, *, actor: Actor, at: datetime) -> SiteMovedView:
        return lifecycles.move(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AffectedOrdersAsked, returns=Page)
    def affected_orders(self, asked: AffectedOrdersAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.affected(self.database.transaction, asked, actor=actor, at=at)

    @command(AddPicture, returns=PicturesView)
    def add_picture(self, asked: AddPicture, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OrderPictures, returns=PicturesView)
    def order_pictures(self, asked: OrderPictures, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.order(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RemovePicture, returns=PicturesView)
    def remove_picture(self, asked: RemovePicture, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.remove(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- the district's rules for sites ------------------------------------------------------------------------------

    @query(SiteRulesAsked, returns=SiteRulesView, public=True)
    def site_rules(self, asked: SiteRulesAsked, *, actor: Actor | None, at: datetime) -> SiteRulesView:
        return site_rule_queries.rules_in_force(self.database.transaction, asked.on, at=at)

    @command(RecordSiteCheck, returns=SiteCheckView)
    def record_site_check(self, asked: RecordSiteCheck, *, actor: Actor, at: datetime) -> SiteCheckView:
        return site_rules.record_check(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(SiteChecksAsked, returns=Page)
    def site_checks(self, asked: SiteChecksAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.checks_page(self.database.transaction, asked, actor=actor)

    @command(EvaluateSite, returns=EvaluationView)
    def evaluate_site(self, asked: EvaluateSite, *, actor: Actor, at: datetime) -> EvaluationView:
        return site_rules.evaluate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(EvaluationsAsked, returns=Page)
    def evaluations(self, asked: EvaluationsAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.evaluations_page(self.database.transaction, asked, actor=actor)

    @command(ApplyForAdmission, returns=AdmissionView)
    def apply_for_admission(self, asked: ApplyForAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CheckAdmission, returns=AdmissionView)
    def check_admission(self, asked: CheckAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.check(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideAdmission, returns=AdmissionView)
    def decide_admission(self, asked: DecideAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RetractAdmission, returns=AdmissionView)
    def retract_admission(self, asked: RetractAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.retract(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AdmissionAsked, returns=AdmissionView)
    def admission(self, asked: AdmissionAsked, *, actor: Actor, at: datetime) -> AdmissionView:
        return admission_queries.admission(self.database.transaction, asked.admission_id, actor=actor)

    @query(AdmissionsAsked, returns=Page)
    def admissions(self, asked: AdmissionsAsked, *, actor: Actor, at: datetime) -> Page:
        return admission_queries.admissions(self.database.transaction, asked, actor=actor)

    # ---- sites as files ----------------------------------------------------------------------------------------------

    @command(PreviewSiteImport, returns=SiteImportView)
    def preview_site_import(self, asked: PreviewSiteImport, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApplySiteImport, returns=SiteImportView)
    def apply_site_import(self, asked: ApplySiteImport, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.take_over(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SiteImportAsked, returns=SiteImportView)
    def site_import(self, asked: SiteImportAsked, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.progress_of(self.database.transaction, asked.import_id, actor=actor)

    @query(SiteExportAsked, returns=StoredFile)
    def export_sites(self, asked: SiteExportAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return site_exports.export(self.database.transaction, self.files, asked=asked, actor=actor, aside=tpool.execute)

    # ---- menus and training cases ----------------------------------------------------------------------------------

    @query(ProgrammeAsked, returns=ProgrammeDetailView, public=True)
    def programme(self, asked: ProgrammeAsked, *, actor: Actor | None, at: datetime) -> ProgrammeDetailView:
        return programme_queries.programme_shown(self.database.transaction, asked.programme_id)

    @query(MenuAsked, returns=Page)
    def menu(self, asked: MenuAsked, *, actor: Actor, at: datetime) -> Page:
        return programme_queries.menu(self.database.transaction, asked, actor=actor)

    @query(ProgrammeHistoryAsked, returns=Page)
    def programme_history(self, asked: ProgrammeHistoryAsked, *, actor: Actor, at: datetime) -> Page:
        return programme_queries.history(self.database.transaction, asked, actor=actor)

    @command(AddProgramme, returns=ProgrammeDetailView)
    def add_programme(self, asked: AddProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditProgramme, returns=ProgrammeDetailView)
    def edit_programme(self, asked: EditProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveProgramme, returns=ProgrammeDetailView)
    def retire_programme(self, asked: MoveProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.retire(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveProgramme, returns=ProgrammeDetailView)
    def offer_programme(self, asked: MoveProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.offer(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CasesAsked, returns=Page, public=True)
    def training_cases(self, asked: CasesAsked, *, actor: Actor | None, at: datetime) -> Page:
        return case_queries.cases(self.database.transaction, asked)

    @query(CaseAsked, returns=CaseVersionView, public=True)
    def training_case(self, asked: CaseAsked, *, actor: Actor | None, at: datetime) -> CaseVersionView:
        return case_queries.newest(self.database.transaction, asked.case_id)

    @query(CaseVersionAsked, returns=CaseVersionView, public=True)
    def case_version(self, asked: CaseVersionAsked, *, actor: Actor | None, at: datetime) -> CaseVersionView:
        return case_queries.version(self.database.transaction, asked)

    @query(CaseAsked, returns=CaseVersionView)
    def case_draft(self, asked: CaseAsked, *, actor: Actor, at: datetime) -> CaseVersionView:
        return case_queries.draft(self.database.transaction, asked.case_id, actor=actor)

    @query(CaseAsked, returns=CaseHistoryView)
    def case_history(self, asked: CaseAsked, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return case_queries.case_history(self.database.transaction, asked.case_id, actor=actor)

    @command(CreateCase, returns=CaseVersionView)
    def create_case(self, asked: CreateCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.create(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftCase, returns=CaseVersionView)
    def draft_case(self, asked: DraftCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.begin_draft(self.database.transaction, case_id=asked.case_id, actor=actor)

    @command(SaveDraft, returns=CaseVersionView)
    def save_draft(self, asked: SaveDraft, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.save_draft(self.database.transaction, asked=asked, actor=actor)

    @command(PublishCase, returns=CaseVersionView)
    def publish_case(self, asked: PublishCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.publish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(NameCaseEditor, returns=CaseHistoryView)
    def name_case_editor(self, asked: NameCaseEditor, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return training_cases.name_editor(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RemoveCaseEditor, returns=CaseHistoryView)
    def remove_case_editor(self, asked: RemoveCaseEditor, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return training_cases.remove_editor(self.database.transaction, asked=asked, actor=actor)

    @command(AssignRoles, returns=RunSheetView)
    def assign_roles(self, asked: AssignRoles, *, actor: Actor, at: datetime) -> RunSheetView:
        return roles.assign(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RunSheetAsked, returns=RunSheetView)
    def run_sheet(self, asked: RunSheetAsked, *, actor: Actor, at: datetime) -> RunSheetView:
        return run_sheet_queries.run_sheet(self.database.transaction, asked.order_id, actor=actor, at=at)

    # ---- guides --------------------------------------------------------------------------------------------------

    @query(GuidesAsked, returns=Page)
    def guides(self, asked: GuidesAsked, *, actor: Actor, at: datetime) -> Page:
        return guide_queries.guides_of(self.database.transaction, asked, actor=actor, at=at)

    @query(GuideAsked, returns=GuideView)
    def guide(self, asked: GuideAsked, *, actor: Actor, at: datetime) -> GuideView:
        return guide_queries.guide(self.database.transaction, asked.guide_id, actor=actor, at=at)

    @query(RotaAsked, returns=RotaView)
    def rota(self, asked: RotaAsked, *, actor: Actor, at: datetime) -> RotaView:
        return guide_queries.rota(self.database.transaction, asked, actor=actor, at=at)

    @command(AddGuide, returns=GuideChangeView)
    def add_guide(self, asked: AddGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditGuide, returns=GuideChangeView)
    def edit_guide(self, asked: EditGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetRota, returns=GuideChangeView)
    def set_rota(self, asked: SetRota, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.set_rota(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReportAbsence, returns=GuideChangeView)
    def report_absence(self, asked: ReportAbsence, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.report_absence(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AssignGuide, returns=GuideChangeView)
    def assign_guide(self, asked: AssignGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.assign(self.database.transaction, asked=asked, actor=actor, at=at)

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

    # ---- allocation rounds ------------------------------------------------------------------------------------------

    @query(RoundsAsked, returns=Page, public=True)
    def allocation_rounds(self, asked: RoundsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return allocation_queries.rounds(self.database.transaction, asked, at=at)

    @query(RoundAsked, returns=RoundView, public=True)
    def allocation_round(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> RoundView:
        return allocation_queries.round(self.database.transaction, asked.round_id, at=at)

    @query(RoundAsked, returns=Page, public=True)
    def allocation_slots(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> Page:
        return allocation_queries.slots(self.database.transaction, asked.round_id)

    @query(RoundAsked, public=True)
    def allocation_export(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return allocation_queries.export(self.database.transaction, asked.round_id, at=at)

    @query(RoundChoicesAsked, returns=Page)
    def allocation_choices(self, asked: RoundChoicesAsked, *, actor: Actor, at: datetime) -> Page:
        return allocation_queries.choices(self.database.transaction, actor=actor)

    @command(AnnounceRound, returns=RoundView)
    def announce_round(self, asked: AnnounceRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRound, returns=RoundView)
    def withdraw_round(self, asked: WithdrawRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.withdraw(
            self.database.transaction, round_id=asked.round_id, reason=asked.reason, actor=actor, at=at
        )

    @command(DrawRound, returns=RoundView)
    def draw_round(self, asked: DrawRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.start_draw(self.database.transaction, round_id=asked.round_id, actor=actor, at=at)

    @command(AskInRound, returns=RequestView)
    def ask_in_round(self, asked: AskInRound, *, actor: Actor, at: datetime) -> RequestView:
        return allocation.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRequest, returns=RequestView)
    def withdraw_request(self, asked: WithdrawRequest, *, actor: Actor, at: datetime) -> RequestView:
        return allocation.take_back(self.database.transaction, request_id=asked.request_id, actor=actor, at=at)

    @query(RequestsAsked, returns=Page)
    def allocation_requests(self, asked: RequestsAsked, *, actor: Actor, at: datetime) -> Page:
        return allocation_queries.requests(self.database.transaction, asked, actor=actor)

    @query(RequestAsked, returns=RequestView)
    def allocation_request(self, asked: RequestAsked, *, actor: Actor, at: datetime) -> RequestView:
        return allocation_queries.request_seen(self.database.transaction, asked.request_id, actor=actor)

    # ---- feeds ----------------------------------------------------------------------------------------------------

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

    @command(CheckIn, returns=CheckInView, lenient=True, guarded_by="function")
    def check_in(self, check_in: CheckIn, *, actor: Actor, at: datetime, command: Command) -> bytes:
        return check_ins.check_in(self.database.direct, check_in=check_in, actor=actor, at=at, command=command)

    @command(RecordCheckIns, returns=CheckInsAnswered, lenient=True)
    def record_check_ins(self, asked: RecordCheckIns, *, actor: Actor, at: datetime) -> CheckInsAnswered:
        return check_ins.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideCheckIn, returns=CheckInRecord)
    def decide_check_in(self, asked: DecideCheckIn, *, actor: Actor, at: datetime) -> CheckInRecord:
        return check_in_decisions.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CheckInsAsked, returns=Page)
    def check_ins(self, asked: CheckInsAsked, *, actor: Actor, at: datetime) -> Page:
        return check_in_queries.check_ins(self.database.transaction, asked, actor=actor)

    @command(CloseOrder, returns=OrderView)
    def close_order(self, asked: CloseOrder, *, actor: Actor, at: datetime) -> OrderView:
        return visits.close(
            self.database.transaction,
            order_id=asked.order_id,
            headcount=asked.headcount,
            pictures=asked.pictures,
            files=self.files,
            actor=actor,
            at=at,
        )

    @query(OrderAsked, returns=OrderView)
    def order(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> OrderView:
        return order_queries.order(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(OrdersAsked, returns=Page)
    def orders(self, asked: OrdersAsked, *, actor: Actor, at: datetime) -> Page:
        return order_queries.orders(self.database.transaction, asked, actor=actor, at=at)

    @query(OrderAsked, returns=VoucherView)
    def voucher(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> VoucherView:
        return voucher_keys.voucher(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(VoucherKeysAsked, returns=Page, public=True)
    def voucher_keys(self, asked: VoucherKeysAsked, *, actor: Actor | None, at: datetime) -> Page:
        return voucher_key_queries.keys(self.database.transaction, asked, at=at)

    @command(LeakVoucherKey, returns=VoucherKeyLeaked)
    def leak_voucher_key(self, asked: LeakVoucherKey, *, actor: Actor, at: datetime) -> VoucherKeyLeaked:
        return voucher_keys.leak(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- after a visit -------------------------------------------------------------------------------------------

    @query(OrderAsked, returns=VisitPicturesView)
    def visit_pictures(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> VisitPicturesView:
        return picture_queries.of_visit(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(InsideAsked, returns=Page)
    def inside(self, asked: InsideAsked, *, actor: Actor, at: datetime) -> Page:
        return inside_queries.inside(self.database.transaction, asked, actor=actor, at=at)

    @command(RateVisit, returns=OrderRatingView)
    def rate_visit(self, asked: RateVisit, *, actor: Actor, at: datetime) -> OrderRatingView:
        return ratings.rate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(OrderAsked, returns=OrderRatingView)
    def order_rating(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> OrderRatingView:
        return rating_queries.of_order(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(SiteRatingsAsked, returns=SiteRatingsView, public=True)
    def site_ratings(self, asked: SiteRatingsAsked, *, actor: Actor | None, at: datetime) -> SiteRatingsView:
        return rating_queries.of_site(self.database.transaction, asked, at=at)

    @query(RatingsAsked, returns=Page)
    def ratings(self, asked: RatingsAsked, *, actor: Actor, at: datetime) -> Page:
        return rating_queries.records(self.database.transaction, asked, actor=actor)

    @command(ReplyToRating, returns=RatingRecord)
    def reply_to_rating(self, asked: ReplyToRating, *, actor: Actor, at: datetime) -> RatingRecord:
        return ratings.reply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(JudgeRating, returns=RatingRecord)
    def judge_rating(self, asked: JudgeRating, *, actor: Actor, at: datetime) -> RatingRecord:
        return ratings.judge(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordIncident, returns=IncidentView)
    def record_incident(self, asked: RecordIncident, *, actor: Actor, at: datetime) -> IncidentView:
        return incidents.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(FollowUpIncident, returns=IncidentView)
    def follow_up_incident(self, asked: FollowUpIncident, *, actor: Actor, at: datetime) -> IncidentView:
        return incidents.follow_up(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(IncidentsAsked, returns=Page)
    def incidents(self, asked: IncidentsAsked, *, actor: Actor, at: datetime) -> Page:
        return incident_queries.incidents(self.database.transaction, asked, actor=actor)

    # ---- arrivals ------------------------------------------------------------------------------------------------

    @query(DoorCodeAsked, returns=DoorCodeView)
    def door_code(self, asked: DoorCodeAsked, *, actor: Actor, at: datetime) -> DoorCodeView:
        return door_codes.show(self.database.transaction, asked.site_id, actor=actor, at=at)

    @query(ArrivalsAsked, returns=SelfArrivalsView, lenient=True)
    def arrivals(self, asked: ArrivalsAsked, *, actor: Actor, at: datetime) -> SelfArrivalsView:
        return self_check_in_queries.arrivals(self.database.transaction, asked.site_id, actor=actor, at=at)

    @command(SelfCheckIn, returns=CheckInView, lenient=True, guarded_by="function")
    def self_check_in(self, asked: SelfCheckIn, *, actor: Actor, at: datetime, command: Command) -> bytes:
        return self_check_ins.check_in(self.database.direct, asked=asked, actor=actor, at=at, command=command)

    @command(NameParty, returns=PartyView)
    def name_party(self, asked: NameParty, *, actor: Actor, at: datetime) -> PartyView:
        return parties.name(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PartyAsked, returns=PartyView)
    def party(self, asked: PartyAsked, *, actor: Actor, at: datetime) -> PartyView:
        return party_queries.party(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(TodaysPartiesAsked, returns=Page)
    def todays_parties(self, asked: TodaysPartiesAsked, *, actor: Actor, at: datetime) -> Page:
        return party_queries.todays_parties(self.database.transaction, actor=actor, at=at)

    @command(BookByTelephone, returns=OrderView)
    def book_by_telephone(self, asked: BookByTelephone, *, actor: Actor, at: datetime) -> OrderView:
        return walk_ins.book(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdmitWalkIn, returns=OrderView)
    def admit_walk_in(self, asked: AdmitWalkIn, *, actor: Actor, at: datetime) -> OrderView:
        return walk_ins.admit_walk_in(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SheetAsked, returns=SheetView)
    def sheet(self, asked: SheetAsked, *, actor: Actor, at: datetime) -> SheetView:
        return sheets.sheet(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintVouchers, returns=VoucherListView)
    def print_vouchers(self, asked: PrintVouchers, *, actor: Actor, at: datetime) -> VoucherListView:
        return sheets.print_vouchers(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SheetPrintsAsked, returns=Page)
    def sheet_prints(self, asked: SheetPrintsAsked, *, actor: Actor, at: datetime) -> Page:
        return sheet_queries.prints(self.database.transaction, asked, actor=actor)

    # ---- devices at the door -------------------------------------------------------------------------------------

    @command(MakeDevice, returns=DeviceMade, shows_once=True)
    def enrol_device(self, asked: MakeDevice, *, actor: Actor, at: datetime) -> DeviceMade:
        return devices.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RevokeDevice, returns=DeviceView)
    def revoke_device(self, asked: RevokeDevice, *, actor: Actor, at: datetime) -> DeviceView:
        return devices.revoke(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetShiftPin, returns=ShiftPinSet)
    def set_shift_pin(self, asked: SetShiftPin, *, actor: Actor, at: datetime) -> ShiftPinSet:
        return devices.set_pin(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ShiftPinsAsked, returns=Page)
    def shift_pins(self, asked: ShiftPinsAsked, *, actor: Actor, at: datetime) -> Page:
        return device_queries.pins(self.database.transaction, asked, actor=actor, at=at)

    @command(RemoveShiftPin, returns=ShiftPinRemoved)
    def remove_shift_pin(self, asked: RemoveShiftPin, *, actor: Actor, at: datetime) -> ShiftPinRemoved:
        return devices.remove_pin(self.database.transaction, asked=asked, actor=actor)

    @query(DoorSitesAsked, returns=Page)
    def door_sites(self, asked: DoorSitesAsked, *, actor: Actor, at: datetime) -> Page:
        return device_queries.door_sites(self.database.transaction, asked, actor=actor)

    @query(DevicesAsked, returns=Page)
    def devices(self, asked: DevicesAsked, *, actor: Actor, at: datetime) -> Page:
        return device_queries.devices(self.database.transaction, asked, actor=actor, at=at)

    # A device proves itself by what it was given, not by a person's token: whoever calls is judged in the operation.

    # Neither answer is stored: the one holds a credential, the other is asked for anew at each sync.

    @command(EnrolDevice, returns=DeviceEnrolled, public=True, guarded_by="function")
    def use_enrolment_code(
        self, asked: EnrolDevice, *, actor: Actor | None, at: datetime, command: Command
    ) -> DeviceEnrolled:
        return devices.enrol(self.database.transaction, asked=asked, at=at)

    @command(SyncDevice, returns=DeviceDay, public=True, guarded_by="function")
    def sync_device(self, asked: SyncDevice, *, actor: Actor | None, at: datetime, command: Command) -> DeviceDay:
        return devices.sync(self.database.transaction, asked=asked, at=at)

    # ---- routes ---------------------------------------------------------------------------------------------------

    @query(RoutesAsked, returns=Page, public=True)
    def routes(self, asked: RoutesAsked, *, actor: Actor | None, at: datetime) -> Page:
        return route_queries.routes(self.database.transaction, asked, at=at)

    @query(RouteAsked, returns=RouteView, public=True)
    def route(self, asked: RouteAsked, *, actor: Actor | None, at: datetime) -> RouteView:
        return route_queries.route(self.database.transaction, asked.route_id, at=at)

    @query(TripAsked, returns=TripView, public=True)
    def trip(self, asked: TripAsked, *, actor: Actor | None, at: datetime) -> TripView:
        return route_queries.trip(self.database.transaction, asked, at=at)

    @command(MakeRoute, returns=RouteView)
    def make_route(self, asked: MakeRoute, *, actor: Actor, at: datetime) -> RouteView:
        return routes.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RetireRoute, returns=RouteView)
    def retire_route(self, asked: RetireRoute, *, actor: Actor, at: datetime) -> RouteView:
        return routes.retire(self.database.transaction, route_id=asked.route_id, actor=actor, at=at)

    @command(OrderRoute, returns=RouteOrderView)
    def order_route(self, asked: OrderRoute, *, actor: Actor, at: datetime) -> RouteOrderView:
        return routes.order(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CancelRoute, returns=RouteOrderView)
    def cancel_route(self, asked: CancelRoute, *, actor: Actor, at: datetime) -> RouteOrderView:
        return routes.cancel(
            self.database.transaction, route_order_id=asked.route_order_id, reason=asked.reason, actor=actor, at=at
        )

    @query(RouteOrderAsked, returns=RouteOrderView)
    def route_order(self, asked: RouteOrderAsked, *, actor: Actor, at: datetime) -> RouteOrderView:
        return route_queries.route_order(self.database.transaction, asked.route_order_id, actor=actor, at=at)

    # ---- claims ---------------------------------------------------------------------------------------------------

    @command(MoveClaim, returns=ClaimView)
    def submit_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.submit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaim, returns=ClaimView)
    def confirm_headcount(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.confirm_headcount(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DisputeHeadcount, returns=ClaimView)
    def dispute_headcount(self, asked: DisputeHeadcount, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.dispute_headcount(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaim, returns=ClaimView)
    def approve_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaimWithReason, returns=ClaimView)
    def return_claim(self, asked: MoveClaimWithReason, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaimWithReason, returns=ClaimView)
    def reject_claim(self, asked: MoveClaimWithReason, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.reject(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClaimsAsked, returns=Page)
    def claims(self, asked: ClaimsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queries.claims(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimAsked, returns=ClaimView)
    def claim(self, asked: ClaimAsked, *, actor: Actor, at: datetime) -> ClaimView:
        return claim_queries.claim(self.database.transaction, asked.claim_id, actor=actor)

    @command(MoveClaim, returns=ClaimView)
    def countersign_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.countersign(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaims, returns=ClaimsAnswered)
    def approve_claims(self, asked: MoveClaims, *, actor: Actor, at: datetime) -> ClaimsAnswered:
        return claims.approve_many(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaims, returns=ClaimsAnswered)
    def confirm_headcounts(self, asked: MoveClaims, *, actor: Actor, at: datetime) -> ClaimsAnswered:
        return claims.confirm_many(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(QueueAsked, returns=Page)
    def claim_queue(self, asked: QueueAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.queue(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(QueueAsked, returns=QueueCountsView)
    def claim_queue_counts(self, asked: QueueAsked, *, actor: Actor, at: datetime) -> QueueCountsView:
        return claim_queue_queries.queue_counts(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MissingPapersAsked, returns=Page)
    def missing_papers(self, asked: MissingPapersAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.missing_papers(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimSumsAsked, returns=Page)
    def claim_sums(self, asked: ClaimSumsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.claim_sums(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimAsked, returns=EvidenceView)
    def claim_evidence(self, asked: ClaimAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_evidence_queries.evidence(self.database.transaction, asked.claim_id, actor=actor, at=at)

    @query(AttachmentAsked, returns=StoredFile)
    def claim_attachment(self, asked: AttachmentAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return claim_evidence_queries.attachment_file(self.database.transaction, asked=asked, actor=actor)

    @command(AttachPaper, returns=AttachmentView)
    def attach_paper(self, asked: AttachPaper, *, actor: Actor, at: datetime) -> AttachmentView:
        return claim_papers.attach(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @command(AttachmentAsked, returns=EvidenceView)
    def detach_paper(self, asked: AttachmentAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_papers.detach(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EnterInvoice, returns=InvoiceView)
    def enter_invoice(self, asked: EnterInvoice, *, actor: Actor, at: datetime) -> InvoiceView:
        return claim_papers.enter_invoice(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(InvoiceAsked, returns=EvidenceView)
    def take_back_invoice(self, asked: InvoiceAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_papers.take_back_invoice(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AppealClaim, returns=ClaimAppealView)
    def appeal_claim(self, asked: AppealClaim, *, actor: Actor, at: datetime) -> ClaimAppealView:
        return claim_appeals.appeal(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideClaimAppeal, returns=ClaimAppealView)
    def decide_claim_appeal(self, asked: DecideClaimAppeal, *, actor: Actor, at: datetime) -> ClaimAppealView:
        return claim_appeals.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClaimAppealsAsked, returns=Page)
    def claim_appeals(self, asked: ClaimAppealsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_appeals.appeals(self.database.transaction, asked=asked, actor=actor)

    # ---- field reviews --------------------------------------------------------------------------------------------

    @command(AnnounceReviewDraw, returns=ReviewDrawView)
    def announce_review_draw(self, asked: AnnounceReviewDraw, *, actor: Actor, at: datetime) -> ReviewDrawView:
        return field_reviews.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewDrawsAsked, returns=Page)
    def review_draws(self, asked: ReviewDrawsAsked, *, actor: Actor, at: datetime) -> Page:
        return field_review_queries.draws(self.database.transaction, asked=asked, actor=actor)

    @query(ReviewDrawAsked, returns=ReviewDrawDetail)
    def review_draw(self, asked: ReviewDrawAsked, *, actor: Actor, at: datetime) -> ReviewDrawDetail:
        return field_review_queries.draw(self.database.transaction, asked.draw_id, actor=actor)

    @query(FieldReviewsAsked, returns=Page)
    def field_reviews(self, asked: FieldReviewsAsked, *, actor: Actor, at: datetime) -> Page:
        return field_review_queries.reviews(self.database.transaction, asked=asked, actor=actor)

    @command(RecordFinding, returns=FieldReviewView)
    def record_finding(self, asked: RecordFinding, *, actor: Actor, at: datetime) -> FieldReviewView:
        return field_reviews.record(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    # ---- settlement -----------------------------------------------------------------------------------------------

    @command(MakeBatch, returns=BatchView)
    def make_batch(self, asked: MakeBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatch, returns=BatchView)
    def approve_batch(self, asked: MoveBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatchWithReason, returns=BatchView)
    def reject_batch(self, asked: MoveBatchWithReason, *, actor: Actor, at: datetime) -> BatchView:
        return batches.reject(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PaymentFileAsked, returns=StoredFile)
    def payment_file(self, asked: PaymentFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return payment_files.payment_file(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @command(RecordBankResults, returns=BatchView)
    def record_bank_results(self, asked: RecordBankResults, *, actor: Actor, at: datetime) -> BatchView:
        return batches.record_bank_results(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(BatchesAsked, returns=Page)
    def batches(self, asked: BatchesAsked, *, actor: Actor, at: datetime) -> Page:
        return batch_queries.batches(self.database.transaction, asked=asked, actor=actor)

    @query(BatchAsked, returns=BatchView)
    def batch(self, asked: BatchAsked, *, actor: Actor, at: datetime) -> BatchView:
        return batch_queries.batch(self.database.transaction, asked.batch_id, actor=actor)

    # ---- fund and ledger ------------------------------------------------------------------------------------------

    @command(AppropriateFund, returns=FundView)
    def appropriate(self, asked: AppropriateFund, *, actor: Actor, at: datetime) -> FundView:
        return funds.appropriate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PolicyAsked, returns=PolicyView, public=True)
    def subsidy_policy(self, asked: PolicyAsked, *, actor: Actor | None, at: datetime) -> PolicyView:
        return policy_queries.policy_in_force(self.database.transaction, asked, at=at)

    @query(FundsAsked, returns=Page)
    def funds(self, asked: FundsAsked, *, actor: Actor, at: datetime) -> Page:
        return fund_queries.funds(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TrialBalanceAsked, returns=TrialBalanceView)
    def trial_balance(self, asked: TrialBalanceAsked, *, actor: Actor, at: datetime) -> TrialBalanceView:
        return ledger_queries.trial_balance(self.database.transaction, asked=asked, actor=actor)

    @query(StatementAsked, returns=Page)
    def statement(self, asked: StatementAsked, *, actor: Actor, at: datetime) -> Page:
        return ledger_queries.statement(self.database.transaction, asked=asked, actor=actor)


SERVICE = SitesService
