"""Doors: vouchers and check-ins, arrivals, devices at the door, what follows a visit."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from contracts.envelope import Page
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
from contracts.sites.incidents import FollowUpIncident, IncidentsAsked, IncidentView, RecordIncident
from contracts.sites.orders import (
    OrderAsked,
    OrderView,
)
from contracts.sites.parties import NameParty, PartyAsked, PartyView, TodaysPartiesAsked
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
from contracts.sites.self_check_ins import (
    ArrivalsAsked,
    DoorCodeAsked,
    DoorCodeView,
    SelfArrivalsView,
    SelfCheckIn,
)
from contracts.sites.sheets import PrintVouchers, SheetAsked, SheetPrintsAsked, SheetView, VoucherListView
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
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone

from sites.doors.resources import Doors
from sites.operations import (
    check_in_decisions,
    check_ins,
    devices,
    door_codes,
    incidents,
    parties,
    ratings,
    self_check_ins,
    sheets,
    visits,
    voucher_keys,
    walk_ins,
)
from sites.queries import check_ins as check_in_queries
from sites.queries import devices as device_queries
from sites.queries import incidents as incident_queries
from sites.queries import inside as inside_queries
from sites.queries import parties as party_queries
from sites.queries import pictures as picture_queries
from sites.queries import ratings as rating_queries
from sites.queries import self_check_ins as self_check_in_queries
from sites.queries import sheets as sheet_queries
from sites.queries import voucher_keys as voucher_key_queries


class VisitDoors(Doors):
    """Doors: vouchers and check-ins, arrivals, devices at the door, what follows a visit."""

    # ---- vouchers and check-ins --------------------------------------------------------------------------------------

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

    @query(OrderAsked, returns=VoucherView)
    def voucher(self, asked: OrderAsked, *, actor: Actor, at: datetime) -> VoucherView:
        return voucher_keys.voucher(self.database.transaction, asked.order_id, actor=actor, at=at)

    @query(VoucherKeysAsked, returns=Page, public=True)
    def voucher_keys(self, asked: VoucherKeysAsked, *, actor: Actor | None, at: datetime) -> Page:
        return voucher_key_queries.keys(self.database.transaction, asked, at=at)

    @command(LeakVoucherKey, returns=VoucherKeyLeaked)
    def leak_voucher_key(self, asked: LeakVoucherKey, *, actor: Actor, at: datetime) -> VoucherKeyLeaked:
        return voucher_keys.leak(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- arrivals ----------------------------------------------------------------------------------------------------

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

    # ---- devices at the door -----------------------------------------------------------------------------------------

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

    # A device does it every minute; each check-in that it brings has its own row, with who and when.
    @command(SyncDevice, returns=DeviceDay, public=True, guarded_by="function", recorded=False)
    def sync_device(self, asked: SyncDevice, *, actor: Actor | None, at: datetime, command: Command) -> DeviceDay:
        return devices.sync(self.database.transaction, asked=asked, at=at)

    # ---- after a visit -----------------------------------------------------------------------------------------------

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
